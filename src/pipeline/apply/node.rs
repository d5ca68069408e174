//! What links, devices, FIFOs and sockets have in common: one system call makes them, whole.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rsync_compat::output::itemize::Changes;
use uring_ext::plain::{self, AtFlags, RenameFlags, STATX_ALL, Unlink};

use super::metadata::{Now, Subject, settle};
use super::{backup, obstacle, temp};
use crate::entry::{Entry, Kind, Meta};
use crate::failure::{Failure, Side, What};
use crate::path_text::c_name;
use crate::pipeline::attributes::{self, extended};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::paths::target_path_in;
use crate::pipeline::handles::swaps;
use crate::pipeline::itemize::{Itemized, count_created, tell};
use crate::plan::Power;

/// What makes one of them.
pub struct Recipe<'a> {
    /// Makes it in a directory, under this name.
    pub make: &'a dyn Fn(&OwnedFd, &CStr) -> io::Result<()>,
    /// What has failed when that fails.
    pub what: What,
    /// Where a link leads to, which messages show behind its name.
    pub leads_to: Option<&'a [u8]>,
}

/// Makes an entry in place of what has its name; false when that failed, which was told.
pub fn make(worker: &Worker, dir: &Dir, entry: &Entry, there: Option<&Meta>, recipe: &Recipe<'_>) -> bool {
    let name = dir.dst_name(entry);
    if let Some(there) = there
        && !obstacle::clear(worker, dir, entry, there, entry.kind())
    {
        return false;
    }
    if worker.run.plan.options.write.dry_run {
        return true;
    }
    let fail = |error: &io::Error| {
        let shown = if there.is_some() { c_name(&temp::numbered(name)) } else { name.to_owned() };
        let mut path = target_path_in(&worker.run.plan, dir, &shown);
        if let Some(target) = recipe.leads_to {
            path.extend_from_slice(&[b"\" -> \"", target].concat());
        }
        worker.fail(Failure::new(Side::Generator, recipe.what, path, error));
        false
    };
    let Some(dst) = &dir.dst else { return dir.before.blocked().is_some_and(|error| fail(&error)) };
    match place(worker, dir, name, there, &|name| (recipe.make)(dst, name)) {
        Ok(()) => true,
        Err(error) => fail(&error),
    }
}

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

/// Replaces `name` by a rename when something is there, or makes it at once when nothing is.
///
/// # Errors
/// Those of `make` and rename(2).
fn replace(
    worker: &Worker,
    dir: &Dir,
    name: &CStr,
    make: &dyn Fn(&CStr) -> io::Result<()>,
) -> io::Result<()> {
    if dir.dst.is_some() {
        backup::keep(worker, dir, name, backup::For::Node)?;
    }
    swap(dir, name, make)
}

/// Makes something under a hidden name and renames it over `name`; no backup is made of what has the name.
///
/// # Errors
/// Those of `make` and rename(2).
pub fn swap(dir: &Dir, name: &CStr, make: &dyn Fn(&CStr) -> io::Result<()>) -> io::Result<()> {
    let Some(dst) = &dir.dst else { return Ok(()) };
    let (hidden, ()) = temp::with_name(name, |temp| make(temp))?;
    plain::renameat2(dst, &hidden, dst, name, RenameFlags::empty()).inspect_err(|_| {
        // The rename's failure is what is told.
        let _ = plain::unlinkat(dst, &hidden, Unlink::File);
    })
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
