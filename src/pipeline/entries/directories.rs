//! A directory before its contents: which attributes differ from what the destination has, and one made where missing.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use rsync_compat::output::itemize::{Changes, Update};
use uring_ext::mode::S_IFMT;
use uring_ext::mode::errno::{ELOOP, ENOENT, EXDEV};
use uring_ext::plain::{self, AtFlags, OFlags};

use crate::entry::{Entry, Kind, Meta};
use crate::failure::{Failure, Side, What};
use crate::pipeline::apply::dir as apply_dir;
use crate::pipeline::attributes::{self, extended, fake};
use crate::pipeline::compare::basis;
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::at::At;
use crate::pipeline::handles::dir::{Before, Dir};
use crate::pipeline::handles::open;
use crate::pipeline::handles::paths::{target_path, target_path_in};
use crate::pipeline::itemize::{self, Itemized};
use crate::plan::Plan;
use crate::report::Place;

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
        Some(there) if is_kept_link(worker, dir, entry, there) => linked(worker, dir, entry),
        _ => {
            let beside = if dir.basis.is_empty() { None } else { basis::find(worker, dir, entry) };
            let changes = match beside {
                None if there.is_none() && is_own_alternate(&worker.run.plan) => {
                    changes_since(worker, dir, entry)
                }
                _ => made_changes(worker, entry, beside.as_ref()),
            };
            if beside.is_some() && there.is_none() {
                misses_its_attributes(worker, dir, entry);
            }
            match apply_dir::make(worker, dir, entry, there) {
                Some(before) => Prepared { before, update: Update::Local, changes },
                None => Prepared { before: Before::Left, update: Update::Local, changes: Changes::NONE },
            }
        }
    }
}

/// What differs in the transfer's top, which is open already.
pub fn prepare_top(worker: &Worker, dir: &Dir, told: &Meta) -> Prepared {
    let plan = &worker.run.plan;
    let Before::Existing(there) = dir.before else {
        let look = |basis: &OwnedFd| {
            let at = At::Fd(basis.as_fd());
            let path = || target_path(plan, b"");
            at.look().ok().map(|there| fake::seen(worker, at, there, Side::Generator, path))
        };
        // One outside of `--confine-root` is told against all the same.
        let outside = worker.run.plan.basis.iter().find_map(|root| root.outside.as_ref());
        let beside = |there: Meta| {
            let wanted = attributes::wanted_over(plan, told, &there);
            let changes = attributes::changes(plan, &wanted, &there);
            changes | time_change(plan, changes, told, &there)
        };
        let seen = dir.basis.iter().flatten().chain(outside).filter_map(look).map(beside);
        let seen: Vec<Changes> = seen.collect();
        let just_it = seen.iter().find(|changes| changes.without(Changes::ATIME).is_empty());
        let changes = *just_it.or(seen.first()).unwrap_or(&Changes::NEW);
        return Prepared { before: dir.before, update: Update::Local, changes };
    };
    let wanted = attributes::wanted_over(plan, told, &there);
    let mut changes = attributes::changes(plan, &wanted, &there);
    if let Some(dst) = &dir.dst
        && let Some(pair) = extended::of_dir(worker, dir, dst)
    {
        changes |= pair.changes();
    }
    Prepared { before: dir.before, update: Update::Attributes, changes }
}

fn existing(worker: &Worker, dir: &Dir, entry: &Entry, there: &Meta) -> Prepared {
    let changes = extended::compare(worker, dir, entry, there).changes;
    Prepared { before: Before::Existing(*there), update: Update::Attributes, changes }
}

/// What a kept link leads to is the directory, as long as it lies in the destination: nothing can be made below others.
pub fn linked(worker: &Worker, dir: &Dir, entry: &Entry) -> Prepared {
    let plan = &worker.run.plan;
    let inside = open::linked_target(plan, &dir.dst_rel_of(entry.remote_name()), OFlags::PATH)
        .and_then(|handle| At::Fd(handle.as_fd()).look());
    let there = match (&inside, &dir.dst) {
        (Ok(there), _) => Some(*there),
        (Err(_), None) => None,
        (Err(_), Some(dst)) => {
            let through = plain::statx(dst, dir.dst_name(entry), AtFlags::empty(), plain::STATX_ALL);
            through.ok().map(|st| Meta::from(&st))
        }
    };
    let changes = there.map_or(Changes::NONE, |there| {
        attributes::changes(plan, &attributes::wanted_over(plan, &entry.meta, &there), &there)
    });
    let before = inside.map_or(Before::Blocked(ELOOP), Before::Existing);
    Prepared { before, update: Update::Attributes, changes }
}

/// `-K`: a link to a directory stands in for one.
pub fn is_kept_link(worker: &Worker, dir: &Dir, entry: &Entry, there: &Meta) -> bool {
    let Some(dst) = &dir.dst else { return false };
    worker.run.plan.options.links.keep_dirlinks
        && there.kind() == Kind::Symlink
        && plain::statx(dst, dir.dst_name(entry), AtFlags::empty(), plain::STATX_ALL)
            .is_ok_and(|st| st.is_dir())
}

/// A directory that is made is told against the first alternate one, by its time even where `-O` leaves that alone.
fn made_changes(worker: &Worker, entry: &Entry, found: Option<&basis::Match>) -> Changes {
    found.map_or(Changes::NEW, |found| {
        found.changes | time_change(&worker.run.plan, found.changes, &entry.meta, &found.meta)
    })
}

/// Whether the destination is its own alternate one, and rsync tells of directories when it has made them, closed to
/// all others: where it gives them times at the end of many lists.
fn is_own_alternate(plan: &Plan) -> bool {
    if plan.options.write.dry_run
        || !plan.options.select.incremental
        || !attributes::keeps_time(plan, Kind::Dir)
    {
        return false;
    }
    let inode = |handle: &OwnedFd| plain::statx_fd(handle).ok().map(|st| (st.dev, st.ino));
    let target = plan.target.handle.as_ref().and_then(inode);
    plan.basis.iter().any(|root| target.is_some() && root.handle.as_ref().and_then(inode) == target)
}

/// What differs from the directory that was made just now.
fn changes_since(worker: &Worker, dir: &Dir, entry: &Entry) -> Changes {
    let (plan, identity) = (&worker.run.plan, &worker.run.plan.identity);
    let inherited =
        dir.dst.as_ref().and_then(|dst| plain::statx_fd(dst).ok()).filter(|st| st.mode & 0o2000 != 0);
    let gid = inherited.map_or(identity.gid, |st| st.gid);
    let made = Meta { mode: entry.meta.mode & S_IFMT | 0o700, uid: identity.uid, gid, ..entry.meta };
    let changes = attributes::changes(plan, &attributes::wanted_over(plan, &entry.meta, &made), &made);
    let named = if extended::has_xattrs(worker, dir, entry) { Changes::XATTR } else { Changes::NONE };
    changes | named | Changes::TIME
}

/// In a dry run rsync wants to give what it has not made the extended attributes of the alternate directory, and fails.
fn misses_its_attributes(worker: &Worker, dir: &Dir, entry: &Entry) {
    let plan = &worker.run.plan;
    if !plan.options.write.dry_run || plan.options.preserve.xattrs == 0 {
        return;
    }
    let is_open = dir.dst.is_some() || dir.parent.is_none();
    let what = if is_open { What::OpenMissing } else { What::ReachMissing };
    let path = target_path_in(plan, dir, dir.dst_name(entry));
    worker.fail(Failure::new(Side::Generator, what, path, &io::Error::from_raw_os_error(ENOENT)));
}

/// The time of a directory that is made beside an alternate one; where none is given, it changes with everything else.
fn time_change(plan: &Plan, others: Changes, told: &Meta, basis: &Meta) -> Changes {
    let kept = attributes::keeps_time(plan, Kind::Dir);
    let same = attributes::same_time(&plan.options.compare, told.mtime, basis.mtime);
    match (plan.options.preserve.times, !kept && !others.is_empty()) {
        (true, changes) if changes || !same => Changes::TIME,
        (false, true) => Changes::TIME_NOW,
        (true, _) | (false, false) => Changes::NONE,
    }
}

/// Tells about a directory, at its own place in the order.
pub fn tell(worker: &Worker, dir: &Dir, entry: &Entry, prepared: &Prepared) {
    if prepared.before == Before::Left && prepared.changes.is_empty() {
        // Something stands in its way.
        itemize::tell_recorded(worker, dir, entry);
        return worker.run.report.passed(&dir.node, Place::Slot(entry.slot));
    }
    if prepared.changes.contains(Changes::NEW) {
        itemize::count_created(worker, Kind::Dir);
    }
    itemize::tell(worker, dir, entry, &Itemized::letters(prepared.update, prepared.changes));
}

/// A directory that is only a way to deeper names (`--no-implied-dirs`): made when missing, otherwise left alone.
pub fn passage(worker: &Worker, dir: &Arc<Dir>, entry: &Entry, there: Option<&Meta>) -> Before {
    let plan = &worker.run.plan;
    match (there, dir.before) {
        (None, Before::Blocked(_)) if plan.options.write.dry_run => return Before::Absent,
        (_, Before::Blocked(errno)) => {
            let path = target_path_in(plan, dir, dir.dst_name(entry));
            // rsync begins with the first that is missing.
            let error = if errno == ENOENT { refusal_above(dir) } else { None };
            let error = error.unwrap_or_else(|| io::Error::from_raw_os_error(errno));
            worker.fail(Failure::new(Side::Generator, What::MakeWayThrough, path, &error));
            return dir.before;
        }
        _ => {}
    }
    let is_link = there.is_some_and(|there| there.kind() == Kind::Symlink);
    if is_link && let Some(errno) = leads_astray(worker, dir, entry) {
        return Before::Blocked(errno);
    }
    match there {
        Some(there) => Before::Existing(*there),
        // Nothing below it is going to be made.
        None if worker.run.plan.options.compare.existing => Before::Absent,
        None => apply_dir::make_passage(worker, dir, entry),
    }
}

/// Why the first directory that is missing above cannot be made.
fn refusal_above(dir: &Arc<Dir>) -> Option<io::Error> {
    let parent = dir.parent.as_ref()?;
    match &parent.dst {
        // Unless it is a link that leads nowhere.
        Some(dst) => plain::mkdirat(dst, &dir.own_name(), 0o700)
            .err()
            .filter(|error| error.kind() != io::ErrorKind::AlreadyExists),
        None => refusal_above(parent),
    }
}

/// Why a link in its place leads nowhere that is followed, so that nothing below it can be looked at.
fn leads_astray(worker: &Worker, dir: &Dir, entry: &Entry) -> Option<i32> {
    let opened = open::linked_target(&worker.run.plan, &dir.dst_rel_of(entry.remote_name()), OFlags::PATH);
    match opened.err()?.raw_os_error()? {
        EXDEV | ELOOP => Some(ELOOP),
        ENOENT => Some(ENOENT),
        _ => None,
    }
}
