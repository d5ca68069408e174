//! The old file that an update starts from, open (rsync(1), `--no-whole-file`, `--partial-dir`, `--fuzzy`).

use std::ffi::CStr;
use std::io;
use std::os::fd::OwnedFd;

use rsync_compat::delta::Described;
use rsync_compat::filter::Side as RuleSide;
use uring_ext::plain::{self, AtFlags, How, OFlags, STATX_ALL};

use crate::entry::join;
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
    let opened = open_untold(worker, dst, path);
    worker.tell_refusals();
    opened
}

/// The same to look for what an earlier run left there of a name: a link that is not trusted matters only where it
/// leads to that.
///
/// # Errors
/// Those of openat2(2).
pub fn find_partial_dir(worker: &Worker, dst: &OwnedFd, path: &[u8], name: &CStr) -> io::Result<OwnedFd> {
    let opened = open_untold(worker, dst, path);
    let left = || plain::statx(dst, &c_name(&join(path, name.to_bytes())), AtFlags::empty(), STATX_ALL);
    if opened.is_err() && left().is_err() {
        // Nothing is lost by it.
        let _ = worker.run.plan.resolver.take_refusals();
    }
    worker.tell_refusals();
    opened
}

fn open_untold(worker: &Worker, dst: &OwnedFd, path: &[u8]) -> io::Result<OwnedFd> {
    if path.starts_with(b"/") {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        return worker.run.plan.resolver.open_within(RuleSide::Receiver, dst, &c_name(path), flags);
    }
    plain::openat2(dst, &c_name(path), How::DIR)
}
