//! Extended attributes and ACLs of an entry on both sides, by name.

use std::os::fd::{AsFd, OwnedFd};

use rsync_compat::filter::Side as RuleSide;

use super::at::At;
use super::dir::{Before, Dir};
use super::paths::{source_path, target_path_in};
use super::worker::Worker;
use super::xattr::{self, Extras, Unread};
use super::{hands, told};
use crate::entry::{Entry, Meta};
use crate::failure::Side;

/// Source and destination of an entry that is to have the first of these attributes and has the second; `None` when one
/// of them cannot be read, which was told.
pub fn both(worker: &Worker, dir: &Dir, entry: &Entry, sides: (&Meta, &Meta)) -> Option<(Extras, Extras)> {
    let plan = &worker.run.plan;
    let (wanted, there) = sides;
    let want = of_source(worker, dir, entry)?.beside(&entry.meta, wanted);
    let dst = dir.dst.as_ref()?;
    let name = dir.dst_name(entry);
    match xattr::read(plan, At::Name(dst.as_fd(), name), (RuleSide::Receiver, there.permissions())) {
        Ok(have) => Some((want, have)),
        Err(unread) => {
            worker.fail(unread.failure(Side::Generator, &target_path_in(plan, dir, name)));
            None
        }
    }
}

/// The source alone.
pub fn of_source(worker: &Worker, dir: &Dir, entry: &Entry) -> Option<Extras> {
    let plan = &worker.run.plan;
    if let Some(listing) = &dir.recorded {
        return Some(told::mapped_acls(plan, listing.extras(&entry.name)?));
    }
    let handle = dir.source(entry.source)?;
    let read = hands::hold_source(worker, dir, entry).map_err(Unread::list).and_then(|held| {
        let at = hands::at(held.as_ref(), handle.as_fd(), &entry.name);
        xattr::read(plan, at, (RuleSide::Sender, entry.meta.permissions()))
    });
    match read {
        Ok(want) => Some(told::mapped_acls(plan, want)),
        Err(unread) => {
            let path = source_path(plan, entry.source, &dir.rel_of(&entry.name));
            worker.fail(unread.failure(Side::Sender, &path));
            None
        }
    }
}

/// Both sides of an open directory; `None` when none are kept, or the source cannot be read, which was told.
pub fn of_dir(worker: &Worker, dir: &Dir, dst: &OwnedFd) -> Option<(Extras, Extras)> {
    let plan = &worker.run.plan;
    if !xattr::wanted(plan) {
        return None;
    }
    let told = dir.wanted.map_or(0, |wanted| wanted.permissions());
    let there = if let Before::Existing(there) = dir.before { there.permissions() } else { told };
    if let Some(listing) = &dir.recorded {
        let have = xattr::read(plan, At::Fd(dst.as_fd()), (RuleSide::Receiver, there)).unwrap_or_default();
        return Some((told::mapped_acls(plan, listing.own_extras()?), have));
    }
    let (source, handle) = dir.src.first()?;
    let want = xattr::read(plan, At::Fd(handle.as_fd()), (RuleSide::Sender, told)).map_err(|unread| {
        worker.fail(unread.failure(Side::Sender, &source_path(plan, *source, &dir.rel)));
    });
    let have = xattr::read(plan, At::Fd(dst.as_fd()), (RuleSide::Receiver, there)).unwrap_or_default();
    Some((told::mapped_acls(plan, want.ok()?), have))
}
