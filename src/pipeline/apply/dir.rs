//! One directory: made where there is none, opened on both sides, and given its attributes once its contents are done.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rsync_compat::filter::Side as RuleSide;
use rsync_compat::options::Recursion;
use rsync_compat::output::itemize::{Changes, Update};
use uring_ext::plain::{self, AtFlags, OFlags};

use super::super::dir::{Before, Dir};
use super::super::walk::{source_path, target_path, target_path_in};
use super::super::worker::Worker;
use super::super::{basis, compare};
use super::metadata::{At, ExtrasPair, Now, Subject, settle};
use super::xattr::{self, Extras};
use super::{Told, way};
use crate::entry::{Entry, Kind, Meta};
use crate::failure::{Failure, Side, What};

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
        _ => make(worker, dir, entry, there),
    }
}

/// The same for the transfer's top, which is open already.
pub fn prepare_top(worker: &Worker, dir: &Dir, entry: &Entry) -> Prepared {
    let plan = &worker.run.plan;
    let Before::Existing(there) = dir.before else {
        let basis = dir.basis.iter().flatten().next().and_then(|basis| plain::statx_fd(basis).ok());
        let changes = basis.map_or(Changes::NEW, |st| {
            let there = Meta::from(&st);
            compare::attributes(plan, &compare::wanted_beside(plan, &entry.meta, &there), &there)
        });
        return Prepared { before: dir.before, update: Update::Local, changes };
    };
    let wanted = compare::wanted_beside(plan, &entry.meta, &there);
    let mut changes = compare::attributes(plan, &wanted, &there);
    if let Some(dst) = &dir.dst
        && let Some((want, have)) = extras(worker, dir, dst)
    {
        changes |= xattr::changes(&want, &have);
    }
    Prepared { before: dir.before, update: Update::Attributes, changes }
}

fn existing(worker: &Worker, dir: &Dir, entry: &Entry, there: &Meta) -> Prepared {
    let plan = &worker.run.plan;
    let wanted = compare::wanted_beside(plan, &entry.meta, there);
    let mut changes = compare::attributes(plan, &wanted, there);
    if xattr::wanted(plan)
        && let Some((want, have)) = super::super::extras::both(worker, dir, entry)
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

fn make(worker: &Worker, dir: &Dir, entry: &Entry, there: Option<&Meta>) -> Prepared {
    let plan = &worker.run.plan;
    let changes = made_changes(worker, dir, entry);
    if plan.options.write.dry_run {
        if let Some(there) = there {
            way::clear(worker, dir, dir.dst_name(entry), there, Kind::Dir);
        }
        return Prepared { before: Before::Absent, update: Update::Local, changes };
    }
    let left = Prepared { before: Before::Left, update: Update::Local, changes };
    let Some(dst) = &dir.dst else { return left };
    let name = dir.dst_name(entry);
    if let Some(there) = there
        && !way::clear(worker, dir, name, there, Kind::Dir)
    {
        return left;
    }
    let wanted = compare::wanted(plan, dir, &entry.meta, None);
    // Closed to others until its owner is right; to us open until its contents are done.
    let mode = if wanted.uid == compare::KEEP_OWNER || plan.identity.uid == wanted.uid {
        wanted.mode & 0o777 | 0o700
    } else {
        0o700
    };
    match plain::mkdirat(dst, name, mode) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => {
            let path = target_path_in(plan, dir, name);
            worker.fail(Failure::new(Side::Generator, What::Mkdir, path, &error));
            return left;
        }
    }
    dir.touch();
    Prepared { before: Before::Made, update: Update::Local, changes }
}

/// Tells about a directory, at its own place in the order.
pub fn tell(worker: &Worker, dir: &Dir, entry: &Entry, prepared: &Prepared) {
    if prepared.changes.contains(Changes::NEW) && prepared.before != Before::Left {
        super::count_created(worker, Kind::Dir);
    }
    super::tell(worker, dir, entry, &Told::letters(prepared.update, prepared.changes));
}

/// Opens a destination directory, made accessible to us for the time of the work, root or not.
///
/// # Errors
/// Those of open(2).
pub fn open(
    worker: &Worker,
    parent: impl AsFd,
    name: &std::ffi::CStr,
    before: Before,
) -> io::Result<OwnedFd> {
    let mut flags = OFlags::RDONLY | OFlags::DIRECTORY;
    if !worker.run.plan.options.links.keep_dirlinks {
        flags |= OFlags::NOFOLLOW;
    }
    let locked = matches!(before, Before::Existing(meta) if meta.mode & 0o700 != 0o700);
    if locked && !worker.run.plan.options.write.dry_run && !worker.run.plan.identity.passes_permissions {
        let Before::Existing(meta) = before else { return plain::openat(parent, name, flags, 0) };
        // Fails for directories of others, which the open then tells.
        let _ = plain::fchmodat(&parent, name, meta.permissions() | 0o700);
    }
    plain::openat(parent, name, flags, 0)
}

/// Gives a directory its attributes, once everything in it is done.
pub fn finish(worker: &Worker, dir: &Dir) {
    let plan = &worker.run.plan;
    let (Some(dst), Some(wanted)) = (&dir.dst, &dir.wanted) else { return };
    if plan.options.write.dry_run || plan.options.select.recursion == Recursion::None {
        return;
    }
    let path = || target_path(plan, &dir.rel);
    dir.flags.finished.store(true, Ordering::Release);
    let st = match plain::statx_fd(dst) {
        Ok(st) => Meta::from(&st),
        Err(error) => {
            return worker.fail(Failure::new(Side::Generator, What::StatDestination, path(), &error));
        }
    };
    let mut wanted = *wanted;
    if !plan.options.preserve.perms && matches!(dir.before, Before::Made) {
        // Inherited from the directory above it.
        wanted.mode |= st.mode & 0o2000;
    }
    let mut now = Now::from(&st);
    if dir.flags.touched.load(Ordering::Acquire) || matches!(dir.before, Before::Made) {
        now.mtime = None;
    }
    let extras = extras(worker, dir, dst);
    let pair = extras.as_ref().map(|(want, have)| ExtrasPair { want, have });
    let at = At::Fd(dst.as_fd());
    settle(worker, &Subject { at, wanted: &wanted, now, extras: pair, side: Side::Generator }, path);
}

fn extras(worker: &Worker, dir: &Dir, dst: &OwnedFd) -> Option<(Extras, Extras)> {
    let plan = &worker.run.plan;
    if !xattr::wanted(plan) {
        return None;
    }
    let (source, handle) = dir.src.first()?;
    let want = xattr::read(plan, At::Fd(handle.as_fd()), RuleSide::Sender).map_err(|(what, error)| {
        worker.fail(Failure::new(Side::Sender, what, source_path(plan, *source, &dir.rel), &error));
    });
    let have = xattr::read(plan, At::Fd(dst.as_fd()), RuleSide::Receiver).unwrap_or_default();
    Some((want.ok()?, have))
}

/// A directory that is only a way to deeper names (`--no-implied-dirs`): made when missing, otherwise left alone.
pub fn passage(worker: &Worker, dir: &Arc<Dir>, entry: &Entry, there: Option<&Meta>) -> Before {
    match there {
        Some(there) => Before::Existing(*there),
        None => make(worker, dir, entry, None).before,
    }
}

/// After a pass that only deletes: the time and mode that the directory had before.
pub fn restore(worker: &Worker, dir: &Dir) {
    let (Some(dst), Before::Existing(before)) = (&dir.dst, dir.before) else { return };
    if worker.run.plan.options.write.dry_run {
        return;
    }
    let Ok(st) = plain::statx_fd(dst) else { return };
    let mut now = Now::from(&Meta::from(&st));
    if dir.flags.touched.load(Ordering::Acquire) {
        now.mtime = None;
    }
    let at = At::Fd(dst.as_fd());
    let subject = Subject { at, wanted: &before, now, extras: None, side: Side::Generator };
    settle(worker, &subject, || target_path(&worker.run.plan, &dir.rel));
}

/// After a pass that deletes before the transfer: the mode that the directory had. Its time stays as deleting left it,
/// and is told as changed, as in rsync.
pub fn restore_mode(worker: &Worker, dir: &Dir) {
    let (Some(dst), Before::Existing(before)) = (&dir.dst, dir.before) else { return };
    if worker.run.plan.options.write.dry_run {
        return;
    }
    let Ok(st) = plain::statx_fd(dst) else { return };
    if st.permissions() != before.permissions()
        && let Err(error) = plain::fchmod(dst, before.permissions())
    {
        let path = target_path(&worker.run.plan, &dir.rel);
        worker.fail(Failure::new(Side::Generator, What::Chmod, path, &error));
    }
}
