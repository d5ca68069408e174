//! What the run needs to know, looked up once: [`Plan`] is [`Options`] plus facts, shared by reference and never
//! changed while the stages run.

use std::ffi::CString;
use std::os::fd::OwnedFd;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rsync_compat::chmod::Chmod;
use rsync_compat::filter::{Chain, RuleList};
use rsync_compat::idmap::IdMap;
use rsync_compat::options::{BasisKind, DeleteWhen, Options};

use crate::batch::Batch;
use crate::charsets::Charsets;
use crate::entry::Meta;
use crate::operands::resolve::Resolver;
use crate::operands::roots::SourceRoot;
use crate::operands::tree::{OperandTree, Rank};
use crate::pipeline::handles::dir::Inherited;

/// Whether owners, devices and protected attributes are a side's to read and set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Power {
    /// They are not: an ordinary user, or `--no-super`.
    Ordinary,
    /// They are: root, or `--super`.
    Full,
    /// They are kept in extended attributes (`--fake-super`).
    Fake,
}

impl Power {
    /// Whether they are, really or not.
    #[must_use]
    pub const fn is_super(self) -> bool {
        !matches!(self, Power::Ordinary)
    }
}

/// Who runs us, and what that allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Effective user.
    pub uid: u32,
    /// Effective group.
    pub gid: u32,
    /// Supplementary groups, with the effective one.
    pub groups: Vec<u32>,
    /// What reading the source may reach.
    pub sender: Power,
    /// What writing the destination may.
    pub receiver: Power,
    /// Whether permission bits do not bind us.
    pub passes_permissions: bool,
    /// The umask that was in force; the process itself runs with 0, so that modes are given exactly.
    pub umask: u32,
}

impl Identity {
    /// Whether directories that are closed to their owner are opened up for the time of the work: by whoever does not
    /// count as the super-user, root under `--no-super` too.
    #[must_use]
    pub const fn opens_up(&self) -> bool {
        match self.receiver {
            Power::Full => false,
            Power::Ordinary => true,
            Power::Fake => !self.passes_permissions,
        }
    }
}

/// Descriptors that are open all the time: standard streams, roots, rings, and what watches for signals.
const HANDLES_FIXED: usize = 20;
/// One more worker is worth it from so many descriptors on: each holds the directories on its way open.
const HANDLES_PER_WORKER: u64 = 64;

/// How many workers so many descriptors are enough for.
#[must_use]
pub fn workers_max(descriptors: u64) -> usize {
    usize::try_from(descriptors / HANDLES_PER_WORKER).unwrap_or(usize::MAX).max(1)
}

/// How many of what may be under way in one worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Files being copied at once, each with up to two descriptors.
    pub in_flight_max: usize,
    /// Descriptors of open directories, of all workers, beyond which no worker opens another one beside those it has.
    pub dir_handles_max: usize,
    /// Bytes of data buffers.
    pub buffer_bytes_max: usize,
    /// Entries in the submission queue of the ring.
    pub ring_entries: u32,
    /// Entries of one directory that one job takes on.
    pub batch_entries_max: usize,
    /// Bytes of one file that one job copies.
    pub range_bytes: u64,
}

impl Limits {
    /// For `workers` workers that share `descriptors` file descriptors.
    #[must_use]
    pub fn for_workers(workers: usize, descriptors: u64) -> Limits {
        let left = usize::try_from(descriptors).unwrap_or(usize::MAX).saturating_sub(HANDLES_FIXED);
        // A file being copied has two; the rest is for directories, which few descriptors are needed for most of all.
        let files = if descriptors < 1024 { left / 8 } else { left / 4 };
        let in_flight_max = (files / workers.max(1)).clamp(1, 128);
        Limits {
            in_flight_max,
            dir_handles_max: left.saturating_sub(in_flight_max * 2 * workers) / 2,
            buffer_bytes_max: 16 << 20,
            ring_entries: 256,
            batch_entries_max: 2048,
            range_bytes: 16 << 20,
        }
    }
}

/// What becomes of modes.
#[derive(Debug, Clone)]
pub struct Chmods {
    /// `--chmod`: of those that are sent.
    pub sent: Option<Chmod>,
    /// `-M--chmod`: of those that were sent.
    pub received: Option<Chmod>,
}

/// How the source's owners become the destination's.
#[derive(Debug, Clone)]
pub struct Ids {
    /// `--usermap`, `--chown`.
    pub users: Option<IdMap>,
    /// `--groupmap`, `--chown`.
    pub groups: Option<IdMap>,
}

/// An alternate destination.
#[derive(Debug)]
pub struct BasisRoot {
    /// The directory where it lies elsewhere than `--confine-root` allows; then no file of it is taken.
    pub outside: Option<OwnedFd>,
    /// The directory; `None` when it does not exist, which is only a warning.
    pub handle: Option<OwnedFd>,
    /// Its path, for messages.
    pub display: Vec<u8>,
}

/// A directory for temporary files.
#[derive(Debug)]
pub enum Home {
    /// It is open.
    Open(OwnedFd),
    /// No file can be made there.
    Shut(Shut),
}

/// Why a directory is shut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shut {
    /// Its path leads upwards, where rsync 3.5.0 makes no file, or out of `--confine-root`.
    Outside,
    /// It lies behind a link that is not trusted.
    Distrusted,
}

impl TempDir {
    /// The directory, if it is open.
    #[must_use]
    pub const fn handle(&self) -> Option<&OwnedFd> {
        match &self.home {
            Home::Open(handle) => Some(handle),
            Home::Shut(_) => None,
        }
    }
}

/// `--temp-dir`.
#[derive(Debug)]
pub struct TempDir {
    /// The open directory.
    pub home: Home,
    /// Its path below the destination, or from the root, for messages.
    pub display: Vec<u8>,
    /// Its file system, and the mount that leads there: files can only be renamed within both.
    pub mount: (u64, u64),
    /// Owner, group and mode of files that are made there, asked of the first one.
    pub inherited: OnceLock<Inherited>,
    /// Whether others may change what it passes on, once that was asked.
    pub shared: OnceLock<bool>,
}

/// What the entries of the list become at the destination.
#[derive(Debug, Default)]
pub enum Takes {
    /// Names in it.
    #[default]
    Names,
    /// There is one, which takes on this name in it: the destination is a new name or a file.
    One(CString),
    /// There is one, a directory, which becomes the destination itself.
    Itself,
}

/// The destination.
#[derive(Debug, Default)]
pub struct Target {
    /// The directory that names are relative to; `None` when a dry run finds none.
    pub handle: Option<OwnedFd>,
    /// Its absolute path, for messages.
    pub display: Vec<u8>,
    /// What the entries of the list become.
    pub takes: Takes,
    /// Whether this run made the directory, which is thus known to be empty.
    pub fresh: bool,
    /// Device and inode of the directory, when this run made it.
    pub made_inode: Option<(u64, u64)>,
    /// What the directory was that a missing destination was made in, which may be one of the source.
    pub made_in: Option<Meta>,
}

/// The directory whose parents are looked through for merge files (`-F`).
#[derive(Debug)]
pub struct FirstEntered {
    /// Its name at the top of the transfer, or that of the way to it.
    pub name: Vec<u8>,
    /// The rules above it, as the source side sees them.
    pub sender: Chain,
    /// The rules above it, as the destination side sees them.
    pub receiver: Chain,
}

/// Everything that is settled before the first directory is read.
#[derive(Debug)]
pub struct Plan {
    /// What the user wants.
    pub options: Options,
    /// Who runs us.
    pub identity: Identity,
    /// Bounds.
    pub limits: Limits,
    /// The CPUs that workers are pinned to, one each; none when pinning is off.
    pub cpus: Vec<usize>,
    /// How many workers.
    pub workers: usize,
    /// Backups come to lie where files of the transfer do. Then these get their names in the order of the list: what is
    /// kept of one must not come after another one that has the name.
    pub backs_up_among: bool,
    /// Sources, in the order typed.
    pub sources: Vec<SourceRoot>,
    /// What the operands name, merged into one tree.
    pub top: OperandTree,
    /// The destination.
    pub target: Target,
    /// Whether the destination is on a FUSE file system.
    pub fuse: bool,
    /// Whether the destination lies within a source, so that what is made there must not be copied in turn.
    pub nested: bool,
    /// Alternate destinations, in order.
    pub basis: Vec<BasisRoot>,
    /// What an exact match there leads to.
    pub basis_kind: Option<BasisKind>,
    /// Filter rules as the source side sees them.
    pub sender: Chain,
    /// Filter rules as the destination side sees them.
    pub receiver: Chain,
    /// The first directory that is entered, below the top, which alone inherits the rules of merge files above it.
    pub first: Option<FirstEntered>,
    /// All rules, those for names of extended attributes among them.
    pub rules: RuleList,
    /// `--temp-dir`.
    pub temp_dir: Option<TempDir>,
    /// How long the run may last (`--stop-after`, `--stop-at`).
    pub remaining: Option<Duration>,
    /// How typed paths are opened.
    pub resolver: Arc<Resolver>,
    /// What becomes of modes.
    pub chmods: Chmods,
    /// Owner maps.
    pub ids: Ids,
    /// `--iconv`.
    pub charsets: Option<Arc<Charsets>>,
    /// The batch that is written or replayed.
    pub batch: Batch,
}

impl Plan {
    /// Whether deletions happen as directories come up, so that each depends only on what was listed before: rsync
    /// knows the rest of the list later.
    #[must_use]
    pub fn deletes_in_turn(&self) -> bool {
        self.cleans_as_listed() && !self.options.preserve.hard_links
    }

    /// Whether directories are looked into for deletions as the list comes in.
    #[must_use]
    pub fn cleans_as_listed(&self) -> bool {
        let when = self.options.delete.when;
        matches!(when, Some(DeleteWhen::During | DeleteWhen::Delay)) && self.options.select.incremental
    }

    /// Whether what a directory of the source holds is in rsync's first list; with a single entry there, the next list
    /// follows at once.
    #[must_use]
    pub fn is_in_first_list(&self, rel: &[u8]) -> bool {
        if rel.is_empty() || !self.options.select.is_piecemeal() {
            return true;
        }
        let mut names = self.top.children.iter();
        self.top.rank <= Rank::Passage
            && names.next().is_some_and(|(name, _)| name == rel)
            && names.next().is_none()
    }
}
