//! The old file that an update starts from, open (rsync(1), `--no-whole-file`, `--partial-dir`, `--fuzzy`).

use std::io;
use std::os::fd::OwnedFd;

use rsync_compat::delta::Described;
use rsync_compat::filter::Side as RuleSide;
use uring_ext::plain::{self, How, OFlags};

use crate::path_text::c_name;
use crate::pipeline::engine::worker::Worker;

/// Whose file an update starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The destination's own, of the same name.
    Own,
    /// The copy of it that `--backup` has just made.
    Backup,
    /// What an earlier run left in `--partial-dir`, which rsync goes on writing.
    Partial,
    /// An alternate destination's.
    Alternate,
    /// Another one that looks alike, with a name of so many bytes (`--fuzzy`).
    Similar(usize),
}

/// The file that an update starts from.
#[derive(Debug)]
pub struct Basis {
    /// It, open.
    pub handle: OwnedFd,
    /// Its size.
    pub bytes: u64,
    /// Whose it is.
    pub origin: Origin,
}

impl Origin {
    /// How rsync names it.
    #[must_use]
    pub const fn described(self) -> Described {
        match self {
            Origin::Own => Described::Not,
            Origin::Backup | Origin::Partial | Origin::Alternate => Described::ByKind,
            Origin::Similar(bytes) => Described::ByName(bytes),
        }
    }
}

/// Opens the partial directory of `dst`: below it no link is followed; an absolute one is an operand.
///
/// # Errors
/// Those of openat2(2).
pub fn open_partial_dir(worker: &Worker, dst: &OwnedFd, path: &[u8]) -> io::Result<OwnedFd> {
    if path.starts_with(b"/") {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let opened = worker.run.plan.resolver.open_within(RuleSide::Receiver, dst, &c_name(path), flags);
        worker.tell_refusals();
        return opened;
    }
    plain::openat2(dst, &c_name(path), How::DIR)
}
