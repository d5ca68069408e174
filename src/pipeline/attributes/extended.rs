//! Extended attributes and ACLs of an entry on both sides, by name.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use rsync_compat::filter::Side as RuleSide;
use rsync_compat::output::itemize::Changes;
use uring_ext::plain::{self, OFlags};

use super::xattr::{self, Extended, ExtendedPair, Unread, Xattr};
use crate::entry::{Entry, Kind, Meta};
use crate::failure::Side;
use crate::pipeline::attributes;
use crate::pipeline::engine::state::Phase;
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::at::At;
use crate::pipeline::handles::dir::{Before, Dir, DirJob, Through};
use crate::pipeline::handles::paths::{source_path, target_path_in};
use crate::pipeline::handles::source::follows_links;
use crate::pipeline::handles::swaps;
use crate::pipeline::translate::mapping;
use crate::plan::Plan;

/// An entry compared with what the destination has under its name.
#[derive(Debug)]
pub struct Compared {
    /// The attributes that it is to have.
    pub wanted: Meta,
    /// Extended attributes and ACLs, where they are kept, could be read, and one side has any. Few entries have: a
    /// pointer is all that is moved for the others.
    pub extended: Option<Box<ExtendedPair>>,
    /// The letters of all attributes that differ; data is not looked at.
    pub changes: Changes,
}

/// Compares the attributes that an entry is to have with those of what is there. What cannot be read is told. Always
/// inlined: most entries have not changed, and this is half of what is done about them, not to be spent on moving
/// results.
#[inline(always)]
pub fn compare(worker: &Worker, dir: &Dir, entry: &Entry, there: &Meta) -> Compared {
    let plan = &worker.run.plan;
    let wanted = attributes::wanted_over(plan, &entry.meta, there);
    let mut changes = attributes::changes(plan, &wanted, there);
    let extended = both(worker, dir, entry, &wanted, there).filter(|pair| !pair.is_empty()).map(Box::new);
    if let Some(pair) = &extended {
        changes |= pair.changes();
    }
    Compared { wanted, extended, changes }
}

/// Extended attributes and ACLs of an entry on both sides; `None` where none are kept, or one side cannot be read,
/// which was told.
#[inline]
pub fn both(worker: &Worker, dir: &Dir, entry: &Entry, wanted: &Meta, there: &Meta) -> Option<ExtendedPair> {
    // Most runs keep none, and need no call to find out.
    if xattr::wanted(&worker.run.plan) { read_both(worker, dir, entry, wanted, there) } else { None }
}

fn read_both(worker: &Worker, dir: &Dir, entry: &Entry, wanted: &Meta, there: &Meta) -> Option<ExtendedPair> {
    let plan = &worker.run.plan;
    let want = of_source(worker, dir, entry)?.fitted(&entry.meta, wanted);
    let dst = dir.dst.as_ref()?;
    let name = dir.dst_name(entry);
    match xattr::read(plan, At::Name(dst.as_fd(), name), RuleSide::Receiver, there.permissions()) {
        Ok(have) => Some(ExtendedPair { want, have }),
        Err(unread) => {
            worker.fail(unread.failure(Side::Generator, &target_path_in(plan, dir, name)));
            None
        }
    }
}

/// Whether extended attributes differ that can be read on both sides; what cannot is told by whoever sets them.
pub fn differ(worker: &Worker, dir: &Dir, entry: &Entry, there: &Meta) -> bool {
    let plan = &worker.run.plan;
    if plan.options.preserve.xattrs == 0 {
        return false;
    }
    let have = |dst: &OwnedFd| {
        let at = At::Name(dst.as_fd(), dir.dst_name(entry));
        xattr::read(plan, at, RuleSide::Receiver, there.permissions()).ok()
    };
    let want = read_source(worker, dir, entry).and_then(Result::ok);
    let pair = want.zip(dir.dst.as_ref().and_then(have)).map(|(want, have)| ExtendedPair { want, have });
    pair.is_some_and(|pair| pair.changes().contains(Changes::XATTR))
}

/// The source alone.
pub fn of_source(worker: &Worker, dir: &Dir, entry: &Entry) -> Option<Extended> {
    let plan = &worker.run.plan;
    match read_source(worker, dir, entry)? {
        Ok(want) => Some(mapping::mapped_acls(plan, want)),
        Err(unread) => {
            let path = source_path(plan, entry.source, &dir.rel_of(&entry.name));
            worker.fail(unread.failure(Side::Sender, &path));
            None
        }
    }
}

fn read_source(worker: &Worker, dir: &Dir, entry: &Entry) -> Option<Result<Extended, Unread>> {
    if let Some(listing) = &dir.recorded {
        return listing.extended(&entry.name).map(Ok);
    }
    let handle = dir.source(entry.source)?;
    Some(swaps::hold_source(worker, dir, entry).map_err(Unread::list).and_then(|held| {
        let at = swaps::at(held.as_ref(), handle.as_fd(), &entry.name);
        match read_listed(&worker.run.plan, handle, entry, at) {
            Err(unread) if held.is_some() && unread.error.kind() == io::ErrorKind::NotFound => {
                // Without /proc there is no way from the handle to them: by name, if that is still the same file.
                let by_name = At::Name(handle.as_fd(), &entry.name);
                let read = read_listed(&worker.run.plan, handle, entry, by_name)?;
                swaps::hold_source(worker, dir, entry).map_err(Unread::list)?;
                Ok(read)
            }
            read => read,
        }
    }))
}

/// An entry of this source directory, which is at `at`, opened or by its name. Of one that a link leads to the ACLs are
/// kept, and of the link itself the extended attributes: against the manual, measured (acls.rs,
/// `what_is_kept_behind_a_followed_link`).
///
/// # Errors
/// What could not be read, as messages name it.
pub fn read_listed(plan: &Plan, source: &OwnedFd, entry: &Entry, at: At<'_>) -> Result<Extended, Unread> {
    let read = |at: At<'_>| xattr::read(plan, at, RuleSide::Sender, entry.meta.permissions());
    let link = At::Name(source.as_fd(), &entry.name);
    // Operands may lead through links to directories without any option.
    let may_be_followed = match entry.kind() {
        Kind::Symlink => false,
        Kind::Dir => true,
        Kind::File | Kind::Char | Kind::Block | Kind::Fifo | Kind::Socket => {
            follows_links(&plan.options.links)
        }
    };
    let is_followed = may_be_followed && link.look().is_ok_and(|there| there.kind() == Kind::Symlink);
    if !is_followed {
        return read(at);
    }
    let behind = match at {
        At::Name(..) => {
            let held = plain::openat(source, &entry.name, OFlags::PATH, 0).map_err(Unread::list)?;
            read(At::PathFd(held.as_fd()))
        }
        At::Fd(_) | At::PathFd(_) => read(at),
    };
    // Without `-X` a link has nothing that is kept.
    let xattrs = if plan.options.preserve.xattrs > 0 { read(link)?.xattrs } else { Vec::new() };
    Ok(Extended { xattrs, ..behind? })
}

/// The extended attributes that are kept of a directory which is reached through a link: those of the link.
#[must_use]
pub fn of_followed(worker: &Worker, job: &DirJob) -> Option<Arc<[Xattr]>> {
    let plan = &worker.run.plan;
    let is_link = job.through == Through::Link && plan.options.preserve.xattrs > 0;
    let source = job.parent.as_ref().filter(|_| is_link)?.source(*job.sources.first()?)?;
    // One that cannot be read was told when it was listed.
    let read = xattr::read(plan, At::Name(source.as_fd(), &job.name), RuleSide::Sender, 0).ok()?;
    Some(read.xattrs.into())
}

/// Whether a source entry has extended attributes that are kept.
pub fn has_xattrs(worker: &Worker, dir: &Dir, entry: &Entry) -> bool {
    let kept = worker.run.plan.options.preserve.xattrs > 0;
    kept && of_source(worker, dir, entry).is_some_and(|read| !read.xattrs.is_empty())
}

/// A source directory that cannot be listed, held for what is kept of it: who may search the one above can read that.
pub fn hold_unlisted(worker: &Worker, job: &DirJob) -> Option<(u16, OwnedFd)> {
    let source = *job.sources.first().filter(|_| xattr::wanted(&worker.run.plan))?;
    let above = match &job.parent {
        Some(parent) => parent.source(source)?,
        None => &worker.run.plan.sources.get(usize::from(source))?.handle,
    };
    let links = if job.through == Through::Itself { OFlags::NOFOLLOW } else { OFlags::empty() };
    let held = plain::openat(above, &job.name, OFlags::PATH | OFlags::DIRECTORY | links, 0).ok()?;
    swaps::check_listed(worker, job, source, &held).ok().map(|()| (source, held))
}

/// Both sides of an open directory; `None` when none are kept, or the source cannot be read, which was told.
pub fn of_dir(worker: &Worker, dir: &Dir, dst: &OwnedFd) -> Option<ExtendedPair> {
    let plan = &worker.run.plan;
    if !xattr::wanted(plan) {
        return None;
    }
    let told = dir.wanted.map_or(0, |wanted| wanted.permissions());
    let there = if let Before::Existing(there) = dir.before { there.permissions() } else { told };
    if let Some(listing) = &dir.recorded {
        let have = xattr::read(plan, At::Fd(dst.as_fd()), RuleSide::Receiver, there).unwrap_or_default();
        return Some(ExtendedPair { want: mapping::mapped_acls(plan, listing.own_extended()?), have });
    }
    let (source, at) = match dir.src.first() {
        Some((source, handle)) => (source, At::Fd(handle.as_fd())),
        None => dir.unlisted.as_ref().map(|(source, handle)| (source, At::PathFd(handle.as_fd())))?,
    };
    let want = read_own(plan, dir, at, told).map_err(|unread| {
        worker.fail(unread.failure(Side::Sender, &source_path(plan, *source, &dir.rel)));
    });
    let have = xattr::read(plan, At::Fd(dst.as_fd()), RuleSide::Receiver, there).unwrap_or_default();
    Some(ExtendedPair { want: mapping::mapped_acls(plan, want.ok()?), have })
}

/// A source directory of these permission bits.
///
/// # Errors
/// What could not be read, as messages name it.
pub fn read_own(plan: &Plan, dir: &Dir, at: At<'_>, permissions: u32) -> Result<Extended, Unread> {
    let read = xattr::read(plan, at, RuleSide::Sender, permissions)?;
    let xattrs = dir.link_xattrs.as_ref().map_or(read.xattrs, |link| link.to_vec());
    Ok(Extended { xattrs, ..read })
}

/// The attributes to give in the end, where extended ones change: without `-p` a set-gid bit stays, and what would stay
/// opened up does not.
pub fn wanted_of_dir(worker: &Worker, job: &DirJob, dir: &Dir) -> Option<Meta> {
    let preserve = &worker.run.plan.options.preserve;
    let (Some(wanted), Some(dst)) = (dir.wanted, &dir.dst) else { return dir.wanted };
    let told = job.as_listed.map_or(0, |told| told.mode);
    let is_told = preserve.perms && told == wanted.mode;
    if is_told || preserve.xattrs == 0 || worker.run.state.phase() != Phase::Transfer {
        return Some(wanted);
    }
    let there = if preserve.perms { 0 } else { plain::statx_fd(dst).map_or(0, |st| Meta::from(&st).mode) };
    let told = Meta { mode: told | there & 0o2000, ..wanted };
    let pair = of_dir(worker, dir, dst);
    Some(attributes::with_xattrs(&worker.run.plan, wanted, &told, pair.as_ref()))
}
