//! Directories where somebody else may swap names while we work: there a file is only what it was listed as if it is
//! still the same inode.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::OnceLock;

use uring_ext::plain::{self, OFlags};

use super::at::At;
use super::dir::Dir;
use super::worker::Worker;
use crate::entry::Meta;

/// What is known of both sides of a directory.
#[derive(Debug, Default)]
pub struct Hands {
    source: OnceLock<bool>,
    target: OnceLock<bool>,
}

/// The name leads to something else by now: the same number on every Linux.
const ESTALE: i32 = 116;

/// Whether others may rename what lies in this source directory.
pub fn of_source(worker: &Worker, dir: &Dir, source: u16) -> bool {
    let handle = || dir.source(source).is_some_and(|handle| is_shared(worker, handle));
    *dir.hands.source.get_or_init(handle)
}

/// The same on the destination's side.
pub fn of_target(worker: &Worker, dir: &Dir) -> bool {
    *dir.hands.target.get_or_init(|| dir.dst.as_ref().is_some_and(|handle| is_shared(worker, handle)))
}

/// A directory belongs to its owner and to root; and to others who may write to it, unless it is sticky.
fn is_shared(worker: &Worker, dir: &OwnedFd) -> bool {
    let Ok(st) = plain::statx_fd(dir) else { return true };
    let meta = Meta::from(&st);
    let of_others = meta.uid != 0 && meta.uid != worker.run.plan.identity.uid;
    of_others || meta.mode & 0o022 != 0 && meta.mode & 0o1000 == 0
}

/// Holds a name of the destination that `is_it` recognizes, where others may swap it.
///
/// # Errors
/// ESTALE when it is something else by now; those of open(2).
pub fn hold(
    worker: &Worker,
    dir: &Dir,
    name: &CStr,
    is_it: impl Fn(&Meta) -> bool,
) -> io::Result<Option<OwnedFd>> {
    let Some(dst) = dir.dst.as_ref().filter(|_| of_target(worker, dir)) else { return Ok(None) };
    let held = plain::openat(dst, name, OFlags::PATH | OFlags::NOFOLLOW, 0)?;
    if is_it(&Meta::from(&plain::statx_fd(&held)?)) {
        return Ok(Some(held));
    }
    Err(io::Error::from_raw_os_error(ESTALE))
}

/// A name of the destination, or what is held of it.
#[must_use]
pub fn at<'a>(held: Option<&'a OwnedFd>, dst: BorrowedFd<'a>, name: &'a CStr) -> At<'a> {
    held.map_or(At::Name(dst, name), |held| At::Held(held.as_fd()))
}

/// Checks that an open file of the destination is the one that was looked at, where others may swap it.
///
/// # Errors
/// ESTALE when it is not.
pub fn check(worker: &Worker, dir: &Dir, open: &Meta, looked_at: Option<&Meta>) -> io::Result<()> {
    let swapped = looked_at.is_some_and(|there| !there.same_inode(open));
    if swapped && of_target(worker, dir) { Err(io::Error::from_raw_os_error(ESTALE)) } else { Ok(()) }
}
