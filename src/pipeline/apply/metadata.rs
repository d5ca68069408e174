//! Mode, owner, times, extended attributes and ACLs, in the one order that works: owner (which clears set-id bits
//! and capabilities), extended attributes, ACLs (which change group bits), mode, times.

use std::io;

use uring_ext::plain::Time;
use uring_ext::plain::{TimeSet, TimesSet};

use super::super::at::At;
use super::super::attributes::{KEEP_OWNER, keeps_time, same_time};
use super::super::worker::Worker;
use super::super::xattr::{self, Extras};
use super::xattr::{set_acls, set_xattrs};
use crate::entry::{Kind, Meta};
use crate::failure::{Failure, Side, What};
use crate::plan::Plan;

/// What a file has before its attributes are settled.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Permission bits; `None` when they must be set whatever they are.
    pub permissions: Option<u32>,
    /// Modification time; `None` when it must be set whatever it is.
    pub mtime: Option<Time>,
    /// Access time; `None` when it must be set whatever it is.
    pub atime: Option<Time>,
}

impl From<&Meta> for Now {
    fn from(meta: &Meta) -> Self {
        Now {
            uid: meta.uid,
            gid: meta.gid,
            permissions: Some(meta.permissions()),
            mtime: Some(meta.mtime),
            atime: Some(meta.atime),
        }
    }
}

/// What a file is to have, and what it has, of extended attributes and ACLs.
#[derive(Debug, Clone, Copy)]
pub struct ExtrasPair<'a> {
    /// To have.
    pub want: &'a Extras,
    /// Has.
    pub have: &'a Extras,
}

/// One file whose attributes are to be settled.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The file.
    pub at: At<'a>,
    /// What it is to have.
    pub wanted: &'a Meta,
    /// What it has.
    pub now: Now,
    /// The same for extended attributes and ACLs, when they are kept.
    pub extras: Option<ExtrasPair<'a>>,
    /// Whose work it is, for messages.
    pub side: Side,
}

/// Gives a file the attributes it is to have. Each failure is told, with the path that `path` makes; a failed chown
/// leaves the rest alone, so that set-id bits never meet the wrong owner.
pub fn settle(worker: &Worker, subject: &Subject<'_>, path: impl Fn() -> Vec<u8>) {
    let fail = |what: What, error: &io::Error| worker.fail(Failure::new(subject.side, what, path(), error));
    let Subject { at, wanted, now, .. } = *subject;
    let mut permissions = now.permissions;
    let (uid, gid) = (changed(wanted.uid, now.uid), changed(wanted.gid, now.gid));
    if uid != KEEP_OWNER || gid != KEEP_OWNER {
        if let Err(error) = at.chown(uid, gid) {
            let what = if uid == KEEP_OWNER { What::Chgrp } else { What::Chown };
            return fail(what, &error);
        }
        // The kernel may have dropped set-id bits.
        permissions = permissions.filter(|bits| bits & 0o6000 == 0);
    }
    if let Some(extras) = &subject.extras {
        let chowned = uid != KEEP_OWNER || gid != KEEP_OWNER;
        let left = chowned.then(|| xattr::after_chown(extras.have));
        if let Err((what, error)) = set_xattrs(at, extras.want, left.as_ref().unwrap_or(extras.have)) {
            fail(what, &error);
        }
        match set_acls(at, wanted.mode, extras.want, extras.have) {
            Ok(()) if extras.want.access == extras.have.access => {}
            Ok(()) => permissions = None,
            Err((what, error)) => fail(what, &error),
        }
    }
    if wanted.kind() != Kind::Symlink
        && permissions != Some(wanted.permissions())
        && let Err(error) = at.chmod(wanted.permissions())
    {
        fail(What::Chmod, &error);
    }
    set_times(worker, subject, &path);
}

fn changed(want: u32, now: u32) -> u32 {
    if want == now { KEEP_OWNER } else { want }
}

fn set_times(worker: &Worker, subject: &Subject<'_>, path: &impl Fn() -> Vec<u8>) {
    let times = times_to_set(&worker.run.plan, subject.wanted, &subject.now);
    if times.atime == TimeSet::Omit && times.mtime == TimeSet::Omit {
        return;
    }
    if let Err(error) = subject.at.set_times(times) {
        worker.fail(Failure::new(subject.side, What::SetTimes, path(), &error));
    }
}

fn times_to_set(plan: &Plan, wanted: &Meta, now: &Now) -> TimesSet {
    let differs =
        |want: Time, now: Option<Time>| now.is_none_or(|now| !same_time(&plan.options.compare, want, now));
    let mtime = keeps_time(plan, wanted.kind()) && differs(wanted.mtime, now.mtime);
    let atime = plan.options.preserve.atimes > 0
        && !matches!(wanted.kind(), Kind::Dir | Kind::Symlink)
        && differs(wanted.atime, now.atime);
    let set = |on: bool, time: Time| if on { TimeSet::from(time) } else { TimeSet::Omit };
    TimesSet { atime: set(atime, wanted.atime), mtime: set(mtime, wanted.mtime) }
}
