//! What links, devices, FIFOs and sockets have in common: one system call makes them, whole.

use std::ffi::CStr;
use std::io;
use std::os::fd::AsFd;

use rsync_compat::output::itemize::Changes;
use uring_ext::plain::{self, AtFlags, STATX_ALL};

use super::metadata::{Now, Subject, settle};
use super::symlink::replace;
use crate::entry::{Entry, Kind, Meta};
use crate::failure::{Failure, Side, What};
use crate::pipeline::attributes::{self, extended};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::paths::target_path_in;
use crate::pipeline::handles::swaps;
use crate::pipeline::itemize::{Itemized, count_created, tell};
use crate::plan::Power;

/// One more name for an alternate destination's node; `false` when that cannot be.
pub fn link(worker: &Worker, dir: &Dir, entry: &Entry, found: &swaps::Alternate) -> bool {
    if worker.run.plan.options.write.dry_run {
        return true;
    }
    let (Some(Some(basis)), Some(dst)) = (dir.basis.get(found.index), &dir.dst) else { return false };
    let name = dir.dst_name(entry);
    let Ok(held) = swaps::hold_basis(worker, dir, basis, name, found) else { return false };
    let make = |new: &CStr| swaps::link(held.as_ref(), basis, name, dst, new);
    place(worker, dir, name, None, &make).is_ok()
}

/// Puts what `make` makes under `name`: at once where nothing is, else under a hidden name first.
///
/// # Errors
/// Those of `make` and rename(2).
pub fn place(
    worker: &Worker,
    dir: &Dir,
    name: &CStr,
    there: Option<&Meta>,
    make: &dyn Fn(&CStr) -> io::Result<()>,
) -> io::Result<()> {
    dir.touch();
    if there.is_some() {
        return replace(worker, dir, name, make);
    }
    match make(name) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => replace(worker, dir, name, make),
        other => other,
    }
}

/// Attributes, counters and the line of an entry that was just made.
pub fn made(worker: &Worker, dir: &Dir, entry: &Entry, there: Option<&Meta>, told: &Itemized<'_>) {
    if told.changes.contains(Changes::NEW) {
        count_created(worker, entry.kind());
    }
    tell(worker, dir, entry, told);
    settle_made(worker, dir, entry, there);
}

fn settle_made(worker: &Worker, dir: &Dir, entry: &Entry, there: Option<&Meta>) {
    let plan = &worker.run.plan;
    let (Some(dst), false) = (&dir.dst, plan.options.write.dry_run) else { return };
    let name = dir.dst_name(entry);
    let fail = |error: &io::Error| {
        let path = target_path_in(plan, dir, name);
        worker.fail(Failure::new(Side::Generator, What::StatDestination, path, error));
    };
    let meta = match plain::statx(dst, name, AtFlags::SYMLINK_NOFOLLOW, STATX_ALL) {
        Ok(st) => Meta::from(&st),
        Err(error) => return fail(&error),
    };
    let fakes = plan.identity.receiver == Power::Fake;
    let is_it = |now: &Meta| {
        fakes && now.kind() == Kind::File || now.kind() == entry.kind() && now.rdev == entry.meta.rdev
    };
    let held = match swaps::hold(worker, dir, name, is_it) {
        Ok(held) => held,
        Err(error) => return fail(&error),
    };
    let wanted = attributes::wanted(plan, dir, &entry.meta, there);
    let pair = extended::both(worker, dir, entry, &wanted, &meta);
    let wanted = attributes::with_xattrs(plan, wanted, &entry.meta, pair.as_ref());
    let now = Now { mtime: None, atime: None, ..Now::from(&meta) };
    let at = swaps::at(held.as_ref(), dst.as_fd(), name);
    let subject = Subject { at, wanted: &wanted, now, extended: pair.as_ref(), side: Side::Generator };
    settle(worker, &subject, || target_path_in(plan, dir, name));
}
