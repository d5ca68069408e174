//! Obstacles: what has the name of an entry and is of another kind is removed first (rsync(1), `--force`, `--delete`).

use std::ffi::CStr;
use std::os::fd::{AsFd, OwnedFd};

use rsync_compat::filter::Deletion;
use rsync_compat::options::Recursion;
use uring_ext::mode::errno::{EEXIST, ENOTEMPTY};
use uring_ext::plain::{self, Unlink};

use super::extraneous::{barred, is_protected, list, unlisted};
use super::{backup, delete, unlock};
use crate::entry::{Entry, Kind, Meta, join};
use crate::failure::{Failure, Severity, Side, What};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::dir::Dir;
use crate::report::{Notice, Place};

/// Removes what is in the way of an entry that is to be `wanted`; false when it stays, which was told.
///
/// Only directories have to go before their successor comes; everything else is replaced by a rename, so it is left
/// in place unless the successor is a directory.
pub fn clear(worker: &Worker, dir: &Dir, entry: &Entry, there: &Meta, wanted: Kind) -> bool {
    if there.kind() == Kind::Dir {
        return clear_dir(worker, dir, entry, wanted);
    }
    let name = dir.dst_name(entry);
    let Some(dst) = &dir.dst else { return true };
    if worker.run.plan.options.write.dry_run {
        tell_backup(worker, dir, name, wanted);
        return true;
    }
    let takes_its_place = there.kind() == Kind::File || wanted != Kind::File || !is_fixed(worker, dst);
    if wanted != Kind::Dir && takes_its_place {
        return true;
    }
    if remove(worker, dir, dst, name) {
        return true;
    }
    stays(worker, dir.dst_rel_of(name), wanted);
    false
}

/// Tries anew to remove what is in the way of a directory, and tells anew that it stays.
pub fn clear_again(worker: &Worker, dir: &Dir, name: &CStr) -> bool {
    let Some(dst) = &dir.dst else { return true };
    if remove(worker, dir, dst, name) {
        return true;
    }
    let (what, path) = (What::MakeWayAgain, dir.dst_rel_of(name));
    worker.fail(Failure::without_errno(Side::Generator, what, path));
    false
}

/// Removes what is no directory; false when it stays, and the reason was told.
fn remove(worker: &Worker, dir: &Dir, dst: &OwnedFd, name: &CStr) -> bool {
    unlock::writable(worker, dst, name);
    let removed = backup::keep(worker, dir, name, backup::For::Deletion).and_then(|kept| match kept {
        backup::Kept::Moved | backup::Kept::Left => Ok(()),
        backup::Kept::InPlace => plain::unlinkat(dst, name, Unlink::File),
    });
    match removed {
        Ok(()) => dir.touch(),
        Err(ref error) => {
            worker.fail(Failure::new(Side::Generator, What::Unlink, dir.dst_rel_of(name), error));
        }
    }
    removed.is_ok()
}

/// Tells of the backup that there would be. A directory is met again when its contents come, and what is in its way is
/// still there then; beside it, in a backup's name, it would not be tried again.
fn tell_backup(worker: &Worker, dir: &Dir, name: &CStr, wanted: Kind) {
    let options = &worker.run.plan.options;
    let elsewhere = options.backup.as_ref().is_some_and(|backup| backup.dir.is_some());
    let again = wanted == Kind::Dir
        && elsewhere
        && options.select.incremental
        && options.select.recursion == Recursion::Full;
    for _ in 0..=usize::from(again) {
        backup::would_keep(worker, &dir.node, &dir.dst_rel_of(name));
    }
}

/// Whether names of a directory cannot be taken away: then what has one is not replaced either.
fn is_fixed(worker: &Worker, dst: &OwnedFd) -> bool {
    !worker.run.plan.identity.passes_permissions && !plain::may_change_names(dst)
}

fn clear_dir(worker: &Worker, dir: &Dir, entry: &Entry, wanted: Kind) -> bool {
    let name = dir.dst_name(entry);
    let force = if worker.run.plan.options.delete.force { Force::WithContents } else { Force::EmptyOnly };
    let rel = dir.dst_rel_of(name);
    if let (Kind::File, Some(dst)) = (wanted, &dir.dst) {
        // For what is no file rsync leaves it closed.
        unlock::writable(worker, dst, name);
    }
    if let (Force::EmptyOnly, Some(dst)) = (force, &dir.dst) {
        tell_unseen(worker, dir, dst, name);
        delete::tell_protected(worker, dir, dst, name);
    }
    let cleared = remove_dir(worker, dir, name, force);
    if cleared != Cleared::Gone && worker.run.state.stopping() {
        return false;
    }
    if cleared == Cleared::NotEmpty {
        let place = Place::Slot(entry.slot);
        worker.run.report.notice(&dir.node, place, &Notice::CannotDeleteNonEmpty(&rel));
    }
    if cleared != Cleared::Gone {
        stays(worker, rel, wanted);
    }
    if cleared == Cleared::Gone {
        dir.touch();
    }
    cleared == Cleared::Gone
}

/// How far making way may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Force {
    /// Neither `--force` nor `--delete`.
    EmptyOnly,
    /// One of them.
    WithContents,
}

/// What became of a directory in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cleared {
    /// It went.
    Gone,
    /// It holds something.
    NotEmpty,
    /// It cannot be removed, which was told.
    Refused,
}

/// Removes a directory: its contents too where that is forced, otherwise only when it is empty. It gets no line itself.
fn remove_dir(worker: &Worker, dir: &Dir, name: &CStr, force: Force) -> Cleared {
    let Some(dst) = &dir.dst else { return Cleared::Gone };
    let is_dry = worker.run.plan.options.write.dry_run;
    if is_dry && force == Force::EmptyOnly {
        return if seems_empty(worker, dir, dst, name) { Cleared::Gone } else { Cleared::NotEmpty };
    }
    if force == Force::WithContents && !delete::empty(worker, dir, dst, name) {
        return Cleared::NotEmpty;
    }
    if is_dry {
        return Cleared::Gone;
    }
    match plain::unlinkat(dst, name, Unlink::Dir) {
        Ok(()) => Cleared::Gone,
        Err(error) if matches!(error.raw_os_error(), Some(ENOTEMPTY | EEXIST)) => Cleared::NotEmpty,
        // That it holds something matters more than what else is in the way of removing it.
        Err(_) if force == Force::EmptyOnly && delete::is_empty(worker, dst.as_fd(), name) == Some(false) => {
            Cleared::NotEmpty
        }
        Err(error) => {
            let path = dir.dst_rel_of(name);
            worker.fail(Failure::new(Side::Generator, What::Rmdir, path, &error).severity(Severity::Error));
            Cleared::Refused
        }
    }
}

/// To a dry run what it cannot look at is nothing.
fn seems_empty(worker: &Worker, dir: &Dir, dst: &OwnedFd, name: &CStr) -> bool {
    let Ok(handle) = delete::opened(dst.as_fd(), name) else {
        return !worker.run.plan.identity.passes_permissions;
    };
    barred(worker, handle.as_fd()).is_some()
        || list(worker, &dir.rel, handle.as_fd(), dir.dst_rel()).is_some_and(|found| found.is_empty())
}

/// A directory in the way is looked into, as one that is deleted is, and what cannot be looked at is told.
fn tell_unseen(worker: &Worker, dir: &Dir, dst: &OwnedFd, name: &CStr) {
    if worker.run.plan.identity.passes_permissions {
        return;
    }
    let rel = dir.dst_rel_of(name);
    let handle = match delete::opened(dst.as_fd(), name) {
        Ok(handle) => handle,
        Err(error) => return unlisted(worker, &dir.rel, What::OpendirDestination, &rel, &error),
    };
    let Some(error) = barred(worker, handle.as_fd()) else { return };
    for one in list(worker, &dir.rel, handle.as_fd(), &rel).unwrap_or_default() {
        let rel = join(&rel, one.name.to_bytes());
        if !is_protected(&dir.receiver, &rel, one.kind, Deletion::Doomed) {
            unlisted(worker, &dir.rel, What::ReadlinkStat, &rel, &error);
        }
    }
}

/// Tells that what is in the way of something stays.
fn stays(worker: &Worker, rel: Vec<u8>, wanted: Kind) {
    let what = What::MakeWay(kind_words(wanted));
    worker.fail(Failure::without_errno(Side::Generator, what, rel));
}

fn kind_words(kind: Kind) -> &'static str {
    match kind {
        Kind::File => "regular file",
        Kind::Dir => "directory",
        Kind::Symlink => "symlink",
        Kind::Char | Kind::Block => "device file",
        Kind::Fifo | Kind::Socket => "special file",
    }
}
