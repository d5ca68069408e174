//! One directory: made where there is none, opened on both sides, and given its attributes once its contents are done.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use rsync_compat::fake::real_permissions;
use rsync_compat::options::RemoveSources;
use uring_ext::mode::errno::{EACCES, ENOENT};
use uring_ext::plain::{self, AtFlags, TimeSet, TimesSet};

use super::metadata::{self, Now, Subject, settle};
use super::obstacle;
use crate::entry::{Entry, Kind, Meta};
use crate::failure::{Failure, Side, What};
use crate::pipeline::attributes::{self, extended};
use crate::pipeline::attributes::{keeps_time, same_time};
use crate::pipeline::engine::state::Phase;
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::at::{At, bits_below};
use crate::pipeline::handles::dir::{Before, Dir};
use crate::pipeline::handles::paths::{target_path, target_path_in};
use crate::pipeline::handles::swaps;
use crate::plan::Power;

/// Makes the directory that the destination lacks, or has something else in the place of; what cannot be made is told
/// and left out, with all below it. `None` when something stays in its way.
pub fn make(worker: &Worker, dir: &Dir, entry: &Entry, there: Option<&Meta>) -> Option<Before> {
    let plan = &worker.run.plan;
    if plan.options.write.dry_run {
        if let Some(there) = there {
            obstacle::clear(worker, dir, entry, there, Kind::Dir);
        }
        return Some(Before::Absent);
    }
    if dir.dst.is_none() {
        return Some(Before::Left);
    }
    let name = dir.dst_name(entry);
    // rsync tries it anew as it gives directories their times, where it does that at the end of many lists.
    let again = keeps_time(plan, Kind::Dir) && plan.options.select.incremental;
    if let Some(there) = there
        && !obstacle::clear(worker, dir, entry, there, Kind::Dir)
        && !(again && obstacle::clear_again(worker, dir, name))
    {
        return None;
    }
    let wanted = attributes::wanted(plan, dir, &entry.meta, None);
    let fakes = plan.identity.receiver == Power::Fake;
    let is_right = |wanted: u32, ours: u32| wanted == attributes::KEEP_OWNER || wanted == ours;
    let identity = &plan.identity;
    // Closed to others until its owner and group are right; to us open until its contents are done.
    let is_ours = || is_right(wanted.uid, identity.uid) && is_right(wanted.gid, identity.gid);
    // Who tries what only root may opens nothing up, and keeps what it is made with where its owner cannot be set.
    let opens = identity.opens_up() || identity.passes_permissions;
    let mode = match (fakes || is_ours(), opens) {
        (false, true) => 0o700,
        (true, true) => real_permissions(wanted.mode),
        (false, false) if plan.options.preserve.perms => wanted.mode & 0o700,
        (_, false) => wanted.mode & 0o777,
    };
    // One that is opened up for its user passes nothing on that it inherited, nor does one that stands for another,
    // where it could not be mended.
    let opened = identity.opens_up() && wanted.mode & 0o700 != 0o700;
    let inherits = if fakes || opened { Inherits::Nothing } else { Inherits::Bits };
    Some(make_here(worker, dir, name, mode, inherits).unwrap_or_else(|error| {
        not_made(worker, dir, name, What::Mkdir, &error);
        Before::Left
    }))
}

/// A directory that is only a way to deeper names, with the permissions that everybody's directories get.
pub fn make_passage(worker: &Worker, dir: &Dir, entry: &Entry) -> Before {
    if worker.run.plan.options.write.dry_run {
        return Before::Absent;
    }
    let Some(dst) = &dir.dst else { return Before::Left };
    let bits = bits_below(dst, worker.run.plan.identity.umask);
    let name = dir.dst_name(entry);
    make_here(worker, dir, name, bits, Inherits::Bits).unwrap_or_else(|error| {
        not_made(worker, dir, name, What::MakeWayThrough, &error);
        Before::Blocked(ENOENT)
    })
}

fn not_made(worker: &Worker, dir: &Dir, name: &CStr, what: What, error: &io::Error) {
    let path = target_path_in(&worker.run.plan, dir, name);
    worker.fail(Failure::new(Side::Generator, what, path, error));
}

/// What a new directory passes on of what it inherited from the one above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inherits {
    /// The set-gid bit.
    Bits,
    /// Nothing.
    Nothing,
}

fn make_here(worker: &Worker, dir: &Dir, name: &CStr, mode: u32, inherits: Inherits) -> io::Result<Before> {
    let plan = &worker.run.plan;
    let Some(dst) = &dir.dst else { return Ok(Before::Left) };
    match plain::mkdirat(dst, name, mode) {
        Ok(()) if inherits == Inherits::Nothing => {
            let is_it = |now: &Meta| now.kind() == Kind::Dir && now.uid == plan.identity.uid;
            // It fails where somebody put another one in its place, which is theirs.
            let _ = swaps::chmod(worker, dst, name, mode, is_it);
        }
        Ok(()) => give_back(worker, dst, name, mode),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    dir.touch();
    Ok(Before::Made)
}

/// Where permissions bind us, gives us the rights to a new directory that a default ACL took away.
fn give_back(worker: &Worker, dst: &OwnedFd, name: &CStr, mode: u32) {
    let identity = &worker.run.plan.identity;
    if identity.passes_permissions || !identity.opens_up() {
        return;
    }
    let is_it = |now: &Meta| now.kind() == Kind::Dir && now.uid == identity.uid;
    let Ok(made) = Meta::at(dst.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW) else { return };
    let missing = mode & 0o700 & !made.permissions();
    if missing != 0 && is_it(&made) {
        // What fails shows in what follows.
        let _ = swaps::chmod(worker, dst, name, made.permissions() | missing, is_it);
    }
}

/// The transfer's top gets its mode at once. Without the right to search it, its owner can neither open it up again nor
/// get at anything in it, and rsync says so of each name.
pub fn shut(worker: &Worker, dir: Arc<Dir>) -> Arc<Dir> {
    let plan = &worker.run.plan;
    if dir.dst.is_none() || !shuts(worker, &dir) || worker.run.state.phase() != Phase::Transfer {
        return dir;
    }
    finish(worker, &dir);
    let (path, error) = (target_path(plan, dir.dst_rel()), io::Error::from_raw_os_error(EACCES));
    worker.fail(Failure::new(Side::Generator, What::OpenUp, path, &error));
    dir.flags.shut.store(true, Ordering::Release);
    let there = dir.dst.as_ref().and_then(|dst| plain::statx_fd(dst).ok());
    let mut shut = dir;
    if let (Some(dir), Some(st)) = (Arc::get_mut(&mut shut), there) {
        // Even what is new is looked at, which fails.
        dir.facts.before = Before::Existing(Meta::from(&st));
    }
    shut
}

/// Whether its mode keeps its owner out of the transfer's top.
pub fn shuts(worker: &Worker, dir: &Dir) -> bool {
    let plan = &worker.run.plan;
    let bound = !plan.identity.passes_permissions && plan.identity.receiver != Power::Fake;
    bound && !plan.options.write.dry_run && dir.wanted.is_some_and(|wanted| wanted.mode & 0o100 == 0)
}

/// Gives a directory its attributes, once everything in it is done, or leaves that to the last of those who are at work
/// on hard-link groups in it ([`end_visit`]).
pub fn finish(worker: &Worker, dir: &Dir) {
    if worker.run.plan.identity.passes_permissions {
        return settle_own(worker, dir);
    }
    let visits = dir.flags.visits.lock().unwrap_or_else(PoisonError::into_inner);
    if *visits == 0 || !is_ours(worker, dir) {
        settle_own(worker, dir);
    }
    dir.flags.finished.store(true, Ordering::Release);
}

/// Notes that a hard-link group is worked on here: where permissions bind us, a directory of ours is open meanwhile.
pub fn begin_visit(worker: &Worker, dir: &Dir) {
    let plan = &worker.run.plan;
    if plan.identity.passes_permissions {
        return;
    }
    let mut visits = dir.flags.visits.lock().unwrap_or_else(PoisonError::into_inner);
    *visits += 1;
    // One that is no part of the transfer stays as it is.
    let opens = plan.identity.opens_up() && !plan.options.write.dry_run && dir.wanted.is_some();
    let Some(dst) = dir.dst.as_ref().filter(|_| opens) else {
        return;
    };
    if let Ok(st) = plain::statx_fd(dst)
        && st.permissions() & 0o300 != 0o300
    {
        // Told by what follows, if it fails.
        let _ = plain::fchmod(dst, st.permissions() | 0o700);
    }
}

/// Ends such work. A directory that was changed, or opened up, gets its attributes back, unless that is still to come.
pub fn end_visit(worker: &Worker, dir: &Dir) {
    let changed = dir.touched_here.swap(false, Ordering::AcqRel);
    if worker.run.plan.identity.passes_permissions {
        if changed && dir.flags.finished.load(Ordering::Acquire) {
            settle_own(worker, dir);
        }
        return;
    }
    let mut visits = dir.flags.visits.lock().unwrap_or_else(PoisonError::into_inner);
    *visits = visits.saturating_sub(1);
    // What others own was told when it could not be changed.
    if *visits == 0 && dir.flags.finished.load(Ordering::Acquire) && is_ours(worker, dir) {
        settle_own(worker, dir);
    }
}

/// Whether the user owns a directory of the destination.
fn is_ours(worker: &Worker, dir: &Dir) -> bool {
    let st = dir.dst.as_ref().and_then(|dst| plain::statx_fd(dst).ok());
    st.is_some_and(|st| st.uid == worker.run.plan.identity.uid)
}

fn settle_own(worker: &Worker, dir: &Dir) {
    let plan = &worker.run.plan;
    let (Some(dst), Some(wanted)) = (&dir.dst, &dir.wanted) else { return };
    if plan.options.write.dry_run {
        return;
    }
    let path = || target_path(plan, dir.dst_rel());
    dir.flags.finished.store(true, Ordering::Release);
    let st = match as_it_was(worker, dir).map_or_else(|| plain::statx_fd(dst).map(|st| Meta::from(&st)), Ok) {
        Ok(st) => st,
        Err(error) => {
            return worker.fail(Failure::new(Side::Generator, What::StatDestination, path(), &error));
        }
    };
    let refused_before = refuses_owner(worker, dir, wanted, &st);
    let wanted = wanted_at_last(worker, dir, refused_before.unwrap_or(*wanted), &st);
    let mut now = Now::from(&st);
    let had_time = |before: Meta| same_time(&plan.options.compare, before.mtime, wanted.mtime);
    let put_back = matches!(dir.before, Before::Existing(before) if had_time(before))
        && !metadata::counts_as_new(&plan.options.compare, &wanted);
    if put_back {
        now.mtime = Some(wanted.mtime);
    } else if dir.flags.touched.load(Ordering::Acquire) || matches!(dir.before, Before::Made) {
        now.mtime = None;
    }
    let pair = extended::of_dir(worker, dir, dst);
    // The handle of one of others may be only good for names, where nothing can be changed anyway.
    let is_of_others = is_of_others(worker, &st);
    let above = dir.parent.as_ref().and_then(|parent| parent.dst.as_ref()).filter(|_| is_of_others);
    let named = above.map(|above| (above, dir.own_name()));
    let at = named.as_ref().map_or(At::Fd(dst.as_fd()), |(above, name)| At::Name(above.as_fd(), name));
    settle(
        worker,
        &Subject { at, wanted: &wanted, now, extended: pair.as_ref(), side: Side::Generator },
        path,
    );
    if put_back && dir.flags.touched.load(Ordering::Acquire) && keeps_time(plan, Kind::Dir) {
        // It had this time before its contents changed. Who cannot give it back has not promised to.
        let times = TimesSet { atime: TimeSet::Omit, mtime: TimeSet::from(wanted.mtime) };
        worker.gave_back(at.set_times(plan, times), path);
    }
    worker.run.late_times.note(plan, dir, &st, &wanted);
}

/// Notes the mode of a directory whose owner is to change. Where it still is when the attributes are settled once more,
/// the owner was refused, which was told: then it is to have what it has, and the mode of the first time.
fn refuses_owner(worker: &Worker, dir: &Dir, wanted: &Meta, now: &Meta) -> Option<Meta> {
    // An owner that is only kept in an attribute is never refused.
    if worker.run.plan.identity.receiver == Power::Fake || !metadata::changes_owner(wanted, now) {
        return None;
    }
    let before = dir.flags.unowned.get();
    dir.flags.unowned.get_or_init(|| now.mode);
    before.map(|&mode| Meta { uid: now.uid, gid: now.gid, mode, ..*wanted })
}

/// The attributes that a directory gets once everything in it is done.
fn wanted_at_last(worker: &Worker, dir: &Dir, mut wanted: Meta, now: &Meta) -> Meta {
    let plan = &worker.run.plan;
    if plan.options.preserve.perms {
        return wanted;
    }
    // One that was opened up for its user gets its own mode in the end.
    let opened = plan.identity.opens_up() && wanted.mode & 0o700 != 0o700;
    match dir.before {
        // Inherited from the directory above it.
        Before::Made if !opened => wanted.mode |= now.mode & 0o2000,
        // It was not opened up either.
        Before::Existing(before) if is_of_others(worker, now) => wanted.mode = before.mode,
        Before::Made | Before::Existing(_) | Before::Absent | Before::Left | Before::Blocked(_) => {}
    }
    wanted
}

/// Whether a directory belongs to somebody else, so that permissions bind us there.
fn is_of_others(worker: &Worker, now: &Meta) -> bool {
    let identity = &worker.run.plan.identity;
    !identity.passes_permissions && now.uid != identity.uid
}

/// What the directory had before, where nothing can have changed since.
fn as_it_was(worker: &Worker, dir: &Dir) -> Option<Meta> {
    let identity = &worker.run.plan.identity;
    let untouched = !dir.flags.touched.load(Ordering::Acquire)
        && identity.passes_permissions
        && identity.receiver != Power::Fake;
    match dir.before {
        Before::Existing(before) if untouched && before.kind() == Kind::Dir => Some(before),
        _ => None,
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
    let identity = &worker.run.plan.identity;
    if !identity.passes_permissions && st.uid != identity.uid {
        // What could not be given to one of others was told when it was finished.
        return;
    }
    if dir.flags.touched.load(Ordering::Acquire) {
        now.mtime = None;
    }
    // The source's time anew, of which only the seconds may have been compared; unless files were taken out of it.
    let told =
        dir.wanted.filter(|_| worker.run.plan.options.write.remove_source_files == RemoveSources::None);
    let wanted = Meta { mtime: told.map_or(before.mtime, |wanted| wanted.mtime), ..before };
    let at = At::Fd(dst.as_fd());
    let subject = Subject { at, wanted: &wanted, now, extended: None, side: Side::Generator };
    settle(worker, &subject, || target_path(&worker.run.plan, dir.dst_rel()));
}

/// After a pass that deletes before the transfer: the mode that the directory had. Its time stays as deleting left it,
/// and is told as changed, as in rsync.
pub fn restore_mode(worker: &Worker, dir: &Dir) {
    let (Some(dst), Before::Existing(before)) = (&dir.dst, dir.before) else { return };
    if worker.run.plan.options.write.dry_run {
        return;
    }
    let Ok(st) = plain::statx_fd(dst) else { return };
    let permissions = match worker.run.plan.identity.receiver {
        Power::Fake => real_permissions(before.mode),
        Power::Ordinary | Power::Full => before.permissions(),
    };
    if st.permissions() != permissions
        && let Err(error) = plain::fchmod(dst, permissions)
    {
        let path = target_path(&worker.run.plan, dir.dst_rel());
        worker.fail(Failure::new(Side::Generator, What::Chmod, path, &error));
    }
}
