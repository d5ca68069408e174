//! What a run did, in numbers, and the exit status that follows.

use std::time::Duration;

use crate::entry::Kind;

/// Numbers by kind, as `--stats` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ByKind {
    /// Regular files.
    pub files: u64,
    /// Directories.
    pub dirs: u64,
    /// Symbolic links.
    pub symlinks: u64,
    /// Devices.
    pub devices: u64,
    /// FIFOs and sockets.
    pub specials: u64,
}

impl ByKind {
    /// Counts one more.
    pub fn count(&mut self, kind: Kind) {
        *match kind {
            Kind::File => &mut self.files,
            Kind::Dir => &mut self.dirs,
            Kind::Symlink => &mut self.symlinks,
            Kind::Char | Kind::Block => &mut self.devices,
            Kind::Fifo | Kind::Socket => &mut self.specials,
        } += 1;
    }

    /// All kinds together.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.files + self.dirs + self.symlinks + self.devices + self.specials
    }

    fn add(&mut self, other: &ByKind) {
        self.files += other.files;
        self.dirs += other.dirs;
        self.symlinks += other.symlinks;
        self.devices += other.devices;
        self.specials += other.specials;
    }
}

/// Where the time of a run went, by what its passes are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Times {
    /// Looking at the source beforehand.
    pub scanning: Duration,
    /// The transfer, with deletions that happen in it.
    pub copying: Duration,
    /// Passes that only delete.
    pub deleting: Duration,
    /// Hard links and names that waited.
    pub finishing: Duration,
}

/// What rsync's processes would have told each other, as far as it has to be counted on the way; all but the sums of
/// blocks only where somebody wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wire {
    /// The entries of all lists, in bytes.
    pub list_bytes: u64,
    /// Directories whose names come as a list of their own.
    pub lists: u64,
    /// The sums of all blocks of old files, in bytes.
    pub sums_bytes: u64,
    /// The data of files that go in several parts, in bytes.
    pub large_bytes: u64,
    /// Those parts, but for the first of each file.
    pub large_parts: u64,
    /// Entries whose attributes alone change.
    pub retouched: u64,
    /// Those of them that are directories.
    pub retouched_dirs: u64,
    /// What says to which name another one is linked, in bytes.
    pub leader_bytes: u64,
    /// Files that were asked for and cannot be opened.
    pub unopened: u64,
    /// What says that a name was deleted, in bytes.
    pub deletion_bytes: u64,
    /// Files of the source that may go, as the destination has them.
    pub arrivals: u64,
    /// Something in the first list changes that is no directory.
    pub changed_first: bool,
    /// A file of a further list is transferred.
    pub sent_below: bool,
}

impl Wire {
    fn add(&mut self, other: &Wire) {
        self.list_bytes += other.list_bytes;
        self.lists += other.lists;
        self.sums_bytes += other.sums_bytes;
        self.large_bytes += other.large_bytes;
        self.large_parts += other.large_parts;
        self.retouched += other.retouched;
        self.retouched_dirs += other.retouched_dirs;
        self.leader_bytes += other.leader_bytes;
        self.unopened += other.unopened;
        self.deletion_bytes += other.deletion_bytes;
        self.arrivals += other.arrivals;
        self.changed_first |= other.changed_first;
        self.sent_below |= other.sent_below;
    }
}

/// Counters of a run, or of one worker's part in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Everything in the file list.
    pub listed: ByKind,
    /// What the destination did not have.
    pub created: ByKind,
    /// What was deleted.
    pub deleted: ByKind,
    /// Regular files whose data moved.
    pub transferred: u64,
    /// Bytes of all regular files and symbolic link texts in the list.
    pub total_bytes: u64,
    /// Bytes of the regular files whose data moved.
    pub transferred_bytes: u64,
    /// Bytes written that came from the source.
    pub literal_bytes: u64,
    /// Bytes that were found in a basis file.
    pub matched_bytes: u64,
    /// Regular files whose data was looked at on the way, whatever came of it.
    pub sent: u64,
    /// Blocks that were found in a basis file.
    pub matches: u64,
    /// Places whose weak sum led to some block.
    pub hash_hits: u64,
    /// Blocks that only their weak sum spoke for.
    pub false_alarms: u64,
    /// Blocks that were found, and pieces of data beside them: what rsync sends one after the other.
    pub tokens: u64,
    /// What rsync's processes would have told each other.
    pub wire: Wire,
    /// Hard links made.
    pub linked: u64,
    /// Bytes that share their place on the disk with the source's.
    pub cloned_bytes: u64,
    /// Files whose data a ring read.
    pub ring_files: u64,
    /// Files that `--verify` read back and found to be right.
    pub verified: u64,
    /// Where the time went.
    pub times: Times,
    /// Deletions refused by `--max-delete`.
    pub deletions_skipped: u64,
    /// The first list of the source lacks something: that more is missing later is no news to rsync's receiving side.
    pub first_list_failed: bool,
    /// A later listing failed, or a file could not be read, which outweighs refused deletions.
    pub reading_failed: bool,
    /// Something failed: exit 23.
    pub failed: bool,
    /// It failed at the destination, which outweighs refused deletions.
    pub failed_receiving: bool,
    /// Something vanished: exit 24.
    pub vanished: bool,
}

impl Summary {
    /// Adds another worker's part.
    pub fn add(&mut self, other: &Summary) {
        self.listed.add(&other.listed);
        self.created.add(&other.created);
        self.deleted.add(&other.deleted);
        self.transferred += other.transferred;
        self.total_bytes += other.total_bytes;
        self.transferred_bytes += other.transferred_bytes;
        self.literal_bytes += other.literal_bytes;
        self.matched_bytes += other.matched_bytes;
        self.sent += other.sent;
        self.matches += other.matches;
        self.hash_hits += other.hash_hits;
        self.false_alarms += other.false_alarms;
        self.tokens += other.tokens;
        self.wire.add(&other.wire);
        self.linked += other.linked;
        self.cloned_bytes += other.cloned_bytes;
        self.ring_files += other.ring_files;
        self.verified += other.verified;
        self.deletions_skipped += other.deletions_skipped;
        self.first_list_failed |= other.first_list_failed;
        self.reading_failed |= other.reading_failed;
        self.failed |= other.failed;
        self.failed_receiving |= other.failed_receiving;
        self.vanished |= other.vanished;
    }
}
