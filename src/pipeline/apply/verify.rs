//! `--verify`: what was written is read back, past the page cache where the file system lets go of it, and compared
//! with the source.

use std::io;
use std::os::fd::OwnedFd;

use uring_ext::plain::{self, Advice};

use super::file::Transfer;
use crate::failure::{Failure, Side, What};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::contents::{Contents, Unreadable, same_bytes};
use crate::pipeline::handles::paths::{source_path, target_path_in};

/// What becomes of a file that is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// It never gets its name.
    Discard,
    /// It has it already.
    Retain,
}

/// Compares a file that was written with its source, if that is wanted; false when it differs or cannot be read, which
/// was told.
pub fn holds(worker: &Worker, job: &Transfer, source: &OwnedFd, copy: &OwnedFd, then: Then) -> bool {
    if !worker.run.plan.options.write.verify {
        return true;
    }
    match read_back(worker, source, copy) {
        Ok(Contents::Equal) => {
            worker.summary.borrow_mut().verified += 1;
            true
        }
        Ok(Contents::Unknown | Contents::Differ) => {
            let what = match then {
                Then::Discard => What::Unverified,
                Then::Retain => What::UnverifiedInPlace,
            };
            let path = job.dir.rel_of(&job.entry.name);
            worker.fail(Failure::without_errno(Side::Receiver, what, path));
            false
        }
        Err(Unreadable::Source(error)) => {
            let path = source_path(&worker.run.plan, job.entry.source, &job.dir.rel_of(&job.entry.name));
            worker.fail(Failure::new(Side::Sender, What::ReadSource, path, &error));
            false
        }
        Err(Unreadable::Destination(error)) => {
            cannot_read(worker, job, &error);
            false
        }
    }
}

/// The copy must come from the device: it is written out, and its pages are dropped.
fn read_back(worker: &Worker, source: &OwnedFd, copy: &OwnedFd) -> Result<Contents, Unreadable> {
    let size = |file: &OwnedFd| plain::statx_fd(file).map(|st| st.size);
    plain::write_out(copy).map_err(Unreadable::Destination)?;
    // Memory has no device to read from, and is read as it is.
    let _ = plain::fadvise(copy, 0, 0, Advice::DontNeed);
    let bytes = size(copy).map_err(Unreadable::Destination)?;
    let from = size(source).map_err(Unreadable::Source)?;
    // A device has no size.
    if from != bytes && plain::statx_fd(source).is_ok_and(|st| st.is_file()) {
        return Ok(Contents::Differ);
    }
    same_bytes(worker, source, copy, bytes)
}

/// Opens a file that was written in place once more and compares it with its source, as [`holds`] does.
pub fn holds_in_place(worker: &Worker, job: &Transfer, source: &OwnedFd) -> bool {
    if !worker.run.plan.options.write.verify {
        return true;
    }
    match reopened(job) {
        Ok(copy) => holds(worker, job, source, &copy, Then::Retain),
        Err(error) => {
            cannot_read(worker, job, &error);
            false
        }
    }
}

fn cannot_read(worker: &Worker, job: &Transfer, error: &io::Error) {
    let path = target_path_in(&worker.run.plan, &job.dir, job.dir.dst_name(&job.entry));
    worker.fail(Failure::new(Side::Receiver, What::ReadBack, path, error));
}

fn reopened(job: &Transfer) -> io::Result<OwnedFd> {
    let flags = plain::OFlags::RDONLY | plain::OFlags::NOFOLLOW | plain::OFlags::NONBLOCK;
    let dst = job.dir.dst.as_ref().ok_or(io::ErrorKind::NotFound)?;
    plain::openat(dst, job.dir.dst_name(&job.entry), flags, 0)
}
