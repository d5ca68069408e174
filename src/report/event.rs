//! What a person may be told: items, notices, and their place in rsync's order.

use rsync_compat::delta::Moved;
use rsync_compat::filter::Match;
use rsync_compat::output::itemize::{Changes, Update};

use crate::entry::{Kind, Meta, Owners};

/// Where a line stands among those of its directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Of the list, before anything is done.
    Listed,
    /// When the transfer begins.
    Begun,
    /// With the deletions, which come before the directory's own line.
    Deletion,
    /// The directory's own line; only the transfer's top needs it, others have a slot in their parent.
    Own,
    /// An entry, by its slot among the directory's names.
    Slot(u32),
    /// After everything below the directory (`--delete-after`).
    After,
    /// After everything, whatever directory it is in: names linked to what has arrived.
    Late,
}

/// Which pass over the tree it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// The one that counts the list.
    Counts,
    /// The one that transfers.
    Transfers,
}

/// One entry of the list and what became of it.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// The path from the transfer root, without trailing slash; empty for the top.
    pub rel: &'a [u8],
    /// The same at the destination, where a single entry may get another name.
    pub there: &'a [u8],
    /// What it is.
    pub kind: Kind,
    /// What happens to it.
    pub update: Update,
    /// What differs.
    pub changes: Changes,
    /// Its metadata.
    pub meta: &'a Meta,
    /// Owner and group as the source has them.
    pub owners: Owners,
    /// What a symbolic link says.
    pub target: Option<&'a [u8]>,
    /// The name that a hard link was made to.
    pub leader: Option<&'a [u8]>,
    /// What its data came to; `None` while it is still to move.
    pub moved: Option<Moved>,
    /// Something is set that no letter tells of.
    pub silent: bool,
    /// The digits of its checksum, where somebody wants them (`%C`).
    pub checksum: Option<&'a [u8]>,
    /// What stands before the path where an item is named: a slash, or nothing.
    pub lead: &'a [u8],
    /// The path as `%f` shows it.
    pub source: &'a [u8],
}

/// Something to be said on standard output that is no item.
#[derive(Debug, Clone, Copy)]
pub enum Notice<'a> {
    /// A missing operand in a listing (`--delete-missing-args`, `--list-only`).
    Missing(&'a [u8]),
    /// A device, FIFO, socket or link that the options leave out.
    NonRegular(&'a [u8]),
    /// No backup is made of a name of that kind, which stays.
    NoBackup(&'a [u8]),
    /// A directory, when neither `-r` nor `-d` was given.
    SkippingDirectory(&'a [u8]),
    /// A directory that keeps protected entries.
    CannotDeleteNonEmpty(&'a [u8]),
    /// A directory of the operands is cleaned, in a pass of its own.
    Cleaning(&'a [u8]),
    /// Nothing is deleted after a failed listing.
    IoErrorSkipsDeletion,
    /// The destination's file is newer (`-u`).
    Newer(&'a [u8]),
    /// The destination has it (`--ignore-existing`).
    Exists {
        /// Its path from the transfer root.
        rel: &'a [u8],
        /// What would have become of it, when somebody asked.
        otherwise: &'static str,
    },
    /// The destination lacks it (`--existing`).
    NotCreating {
        /// What it is.
        kind: Kind,
        /// Its path from the transfer root.
        rel: &'a [u8],
    },
    /// A batch has data for a file that needs none (`--read-batch`).
    SkippingBatched(&'a [u8]),
    /// `--max-size`.
    OverMaxSize(&'a [u8]),
    /// `--min-size`.
    UnderMinSize(&'a [u8]),
    /// `--safe-links`.
    UnsafeSymlink {
        /// The link.
        rel: &'a [u8],
        /// What it says.
        target: &'a [u8],
    },
    /// `--copy-unsafe-links`.
    CopyingUnsafeSymlink {
        /// The link.
        rel: &'a [u8],
        /// What it says.
        target: &'a [u8],
    },
    /// The destination was made.
    CreatedDirectory(&'a [u8]),
    /// The destination and what leads to it were made (`--mkpath`).
    CreatedDirectories {
        /// How many.
        count: usize,
        /// The last of them, as typed.
        path: &'a [u8],
    },
    /// A file is copied since it cannot be linked (`--link-dest`).
    NotLinked {
        /// The whole path of the link.
        path: &'a [u8],
        /// That of the file.
        to: &'a [u8],
        /// Why.
        errno: i32,
    },
    /// Where backups go (`--backup-dir`).
    BackupDir {
        /// As typed.
        path: &'a [u8],
        /// Whether it is there already.
        exists: bool,
    },
    /// A link that leads out of the transfer has no backup (`--safe-links`).
    UnsafeBackup {
        /// Path from the transfer root.
        rel: &'a [u8],
        /// The link's text.
        target: &'a [u8],
    },
    /// A backup was made.
    BackedUp {
        /// The file.
        rel: &'a [u8],
        /// Where its old contents are now.
        to: &'a [u8],
    },
    /// A source file went after it was sent.
    RemovedSource(&'a [u8]),
    /// A source file was gone by then, as one is that is met on several ways.
    AlreadyRemoved(&'a [u8]),
    /// A filter rule matched on the sending side.
    Matched {
        /// What it is.
        kind: Kind,
        /// Its path from the transfer root.
        rel: &'a [u8],
        /// The rule.
        found: &'a Match<'a>,
    },
    /// A filter rule matched among what could be deleted.
    Protected {
        /// What it is.
        kind: Kind,
        /// Its path from the transfer root.
        rel: &'a [u8],
        /// The rule.
        found: &'a Match<'a>,
    },
    /// A mount point that `-xx` leaves out.
    MountPoint(&'a [u8]),
}
