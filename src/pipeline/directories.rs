//! Directories from look to act, before their contents: what the destination has, the letters, one made where missing.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use rsync_compat::output::itemize::{Changes, Update};
use uring_ext::plain::{self, AtFlags};

use super::apply::{self, Told, dir as apply_dir};
use super::at::At;
use super::dir::{Before, Dir};
use super::paths::target_path;
use super::worker::Worker;
use super::{attributes, basis, extras, fake, xattr};
use crate::entry::{Entry, Kind, Meta};
use crate::failure::Side;

/// What came of preparing a directory.
#[derive(Debug)]
pub struct Prepared {
    /// What the destination had, or has now.
    pub before: Before,
    /// What to tell about it.
    pub update: Update,
    /// The letters.
    pub changes: Changes,
}

/// Makes sure that the destination has the directory; one that cannot be made is left out, with all below it.
pub fn prepare(worker: &Worker, dir: &Dir, entry: &Entry, there: Option<&Meta>) -> Prepared {
    match there {
        Some(there) if there.kind() == Kind::Dir => existing(worker, dir, entry, there),
        Some(there) if there.kind() == Kind::Symlink && leads_to_dir(worker, dir, entry) => {
            Prepared { before: Before::Existing(*there), update: Update::Attributes, changes: Changes::NONE }
        }
        _ => {
            let changes = made_changes(worker, dir, entry);
            let before = apply_dir::make(worker, dir, entry, there);
            Prepared { before, update: Update::Local, changes }
        }
    }
}

/// The same for the transfer's top, which is open already.
pub fn prepare_top(worker: &Worker, dir: &Dir, entry: &Entry) -> Prepared {
    let plan = &worker.run.plan;
    let Before::Existing(there) = dir.before else {
        let look = |basis: &OwnedFd| {
            let at = At::Fd(basis.as_fd());
            let path = || target_path(plan, b"");
            at.look().ok().map(|there| fake::seen(worker, at, there, Side::Generator, path))
        };
        let changes = dir.basis.iter().flatten().next().and_then(look).map_or(Changes::NEW, |there| {
            attributes::changes(plan, &attributes::wanted_beside(plan, &entry.meta, &there), &there)
        });
        return Prepared { before: dir.before, update: Update::Local, changes };
    };
    let wanted = attributes::wanted_beside(plan, &entry.meta, &there);
    let mut changes = attributes::changes(plan, &wanted, &there);
    if let Some(dst) = &dir.dst
        && let Some((want, have)) = extras::of_dir(worker, dir, dst)
    {
        changes |= xattr::changes(&want, &have);
    }
    Prepared { before: dir.before, update: Update::Attributes, changes }
}

fn existing(worker: &Worker, dir: &Dir, entry: &Entry, there: &Meta) -> Prepared {
    let plan = &worker.run.plan;
    let wanted = attributes::wanted_beside(plan, &entry.meta, there);
    let mut changes = attributes::changes(plan, &wanted, there);
    if xattr::wanted(plan)
        && let Some((want, have)) = extras::both(worker, dir, entry, (&wanted, there))
    {
        changes |= xattr::changes(&want, &have);
    }
    Prepared { before: Before::Existing(*there), update: Update::Attributes, changes }
}

/// `-K`: a link to a directory stands in for one.
fn leads_to_dir(worker: &Worker, dir: &Dir, entry: &Entry) -> bool {
    let Some(dst) = &dir.dst else { return false };
    worker.run.plan.options.links.keep_dirlinks
        && plain::statx(dst, dir.dst_name(entry), AtFlags::empty(), plain::STATX_ALL)
            .is_ok_and(|st| st.is_dir())
}

/// A directory that is made is told against the first alternate one.
fn made_changes(worker: &Worker, dir: &Dir, entry: &Entry) -> Changes {
    if dir.basis.is_empty() {
        return Changes::NEW;
    }
    basis::find(worker, dir, entry).map_or(Changes::NEW, |found| found.changes)
}

/// Tells about a directory, at its own place in the order.
pub fn tell(worker: &Worker, dir: &Dir, entry: &Entry, prepared: &Prepared) {
    if prepared.changes.contains(Changes::NEW) && prepared.before != Before::Left {
        apply::count_created(worker, Kind::Dir);
    }
    apply::tell(worker, dir, entry, &Told::letters(prepared.update, prepared.changes));
}

/// A directory that is only a way to deeper names (`--no-implied-dirs`): made when missing, otherwise left alone.
pub fn passage(worker: &Worker, dir: &Arc<Dir>, entry: &Entry, there: Option<&Meta>) -> Before {
    match there {
        Some(there) => Before::Existing(*there),
        None => apply_dir::make_passage(worker, dir, entry),
    }
}
