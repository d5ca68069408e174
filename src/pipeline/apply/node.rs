//! What links, devices, FIFOs and sockets have in common: one system call makes them, whole.

use std::ffi::CStr;
use std::io;
use std::os::fd::AsFd;

use rsync_compat::options::BasisKind;
use rsync_compat::output::itemize::{Changes, Update};
use uring_ext::plain::{self, AtFlags, STATX_ALL};

use super::super::basis::{self, Grade};
use super::super::dir::Dir;
use super::super::walk::target_path_in;
use super::super::worker::Worker;
use super::super::{compare, extras};
use super::metadata::{At, ExtrasPair, Now, Subject, settle};
use super::symlink::replace;
use super::xattr::{self, Extras};
use super::{Told, count_created, tell};
use crate::entry::{Entry, Meta};
use crate::failure::Side;

/// What alternate destinations have to say about an entry that is no regular file.
#[derive(Debug)]
pub enum Stand {
    /// Nothing: it is new.
    New,
    /// It was linked, or left to them.
    Settled,
    /// It is made here, and differs from theirs in this.
    Differs(Changes),
}

/// Asks the alternate destinations about an entry that the destination lacks.
pub fn stand_in(worker: &Worker, dir: &Dir, entry: &Entry, target: Option<&[u8]>) -> Stand {
    if dir.basis.is_empty() {
        return Stand::New;
    }
    let Some(found) = basis::find(worker, dir, entry) else { return Stand::New };
    let told = |update| Told { target, ..Told::letters(update, Changes::NONE) };
    match (found.grade, worker.run.plan.basis_kind) {
        (Grade::Exact, Some(BasisKind::Compare)) => {
            tell(worker, dir, entry, &told(Update::Attributes));
            Stand::Settled
        }
        (Grade::Exact, Some(BasisKind::Link)) if link(worker, dir, entry, found.index) => {
            tell(worker, dir, entry, &told(Update::HardLink));
            Stand::Settled
        }
        (Grade::Exact, _) => Stand::Differs(found.changes),
        _ => Stand::Differs(found.changes | Changes::CHECKSUM),
    }
}

fn link(worker: &Worker, dir: &Dir, entry: &Entry, index: usize) -> bool {
    if worker.run.plan.options.write.dry_run {
        return true;
    }
    let (Some(Some(basis)), Some(dst)) = (dir.basis.get(index), &dir.dst) else { return false };
    let make = |to: &CStr| plain::linkat(basis, &entry.name, dst, to, AtFlags::empty());
    place(worker, dir, dir.dst_name(entry), None, &make).is_ok()
}

/// The letters for an entry that is made: new, or what differs from the one of its kind that it replaces.
#[must_use]
pub fn changes(worker: &Worker, dir: &Dir, entry: &Entry, there: Option<&Meta>) -> Changes {
    let plan = &worker.run.plan;
    match there {
        Some(there) if same_class(there, entry) => {
            let wanted = compare::wanted_beside(plan, &entry.meta, there);
            let mut changes = compare::attributes(plan, &wanted, there);
            if xattr::wanted(plan)
                && let Some((want, have)) = extras::both(worker, dir, entry)
            {
                changes |= xattr::changes(&want, &have);
            }
            changes
        }
        _ => Changes::NEW,
    }
}

/// Whether one can be told as a change of the other: devices are one class, FIFOs and sockets another.
#[must_use]
pub fn same_class(there: &Meta, entry: &Entry) -> bool {
    let (there, here) = (there.kind(), entry.kind());
    there == here || (there.is_device() && here.is_device()) || (there.is_special() && here.is_special())
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
pub fn made(worker: &Worker, dir: &Dir, entry: &Entry, there: Option<&Meta>, told: &Told<'_>) {
    if told.changes.contains(Changes::NEW) && there.is_none() {
        count_created(worker, entry.kind());
    }
    tell(worker, dir, entry, told);
    settle_made(worker, dir, entry, there);
}

fn settle_made(worker: &Worker, dir: &Dir, entry: &Entry, there: Option<&Meta>) {
    let plan = &worker.run.plan;
    let (Some(dst), false) = (&dir.dst, plan.options.write.dry_run) else { return };
    let name = dir.dst_name(entry);
    let Ok(st) = plain::statx(dst, name, AtFlags::SYMLINK_NOFOLLOW, STATX_ALL) else { return };
    let meta = Meta::from(&st);
    let wanted = compare::wanted(plan, dir, &entry.meta, there);
    let pair = if xattr::wanted(plan) { extras::both(worker, dir, entry) } else { None };
    let now = Now { mtime: None, atime: None, ..Now::from(&meta) };
    finish(worker, dir, (name, &wanted), now, pair.as_ref());
}

/// Attributes and the line of an entry whose value is right already.
pub fn attributes(worker: &Worker, dir: &Dir, entry: &Entry, there: Option<&Meta>, target: Option<&[u8]>) {
    let plan = &worker.run.plan;
    let Some(there) = there else { return };
    let wanted = compare::wanted_beside(plan, &entry.meta, there);
    let pair = if xattr::wanted(plan) { extras::both(worker, dir, entry) } else { None };
    let mut changes = compare::attributes(plan, &wanted, there);
    if let Some((want, have)) = &pair {
        changes |= xattr::changes(want, have);
    }
    let shown = compare::shown(plan, changes, (&wanted, there), pair.as_ref());
    tell(worker, dir, entry, &Told { target, ..Told::letters(Update::Attributes, shown) });
    if changes.is_empty() || plan.options.write.dry_run || dir.dst.is_none() {
        return;
    }
    finish(worker, dir, (dir.dst_name(entry), &wanted), Now::from(there), pair.as_ref());
}

fn finish(worker: &Worker, dir: &Dir, named: (&CStr, &Meta), now: Now, pair: Option<&(Extras, Extras)>) {
    let Some(dst) = &dir.dst else { return };
    let (name, wanted) = named;
    let extras = pair.map(|(want, have)| ExtrasPair { want, have });
    let at = At::Name(dst.as_fd(), name);
    settle(worker, &Subject { at, wanted, now, extras, side: Side::Generator }, || {
        target_path_in(&worker.run.plan, dir, name)
    });
}
