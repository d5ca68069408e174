//! Mode, owner, times, extended attributes and ACLs, in the one order that works: owner (which clears set-id bits
//! and capabilities), extended attributes, ACLs (which change group bits), times, mode.

use std::ffi::CStr;
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use rsync_compat::options::Compare;
use uring_ext::mode::errno::EPERM;
use uring_ext::plain::Time;
use uring_ext::plain::{TimeSet, TimesSet};

use super::fake;
use super::xattr::{Unset, set_acls, set_xattrs};
use crate::entry::{Kind, Meta};
use crate::failure::{Failure, Side, What};
use crate::pipeline::attributes::xattr::{self, Extended, ExtendedPair, Xattr};
use crate::pipeline::attributes::{KEEP_OWNER, impossible, keeps_access_time, keeps_time, same_time};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::at::{At, is_good_for_names_only};
use crate::plan::{Plan, Power};

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
    pub extended: Option<&'a ExtendedPair>,
    /// Whose work it is, for messages.
    pub side: Side,
}

/// Gives a file the attributes it is to have. Each failure is told, with the path that `path` makes; a failed chown
/// leaves the rest alone, so that set-id bits never meet the wrong owner.
pub fn settle(worker: &Worker, subject: &Subject<'_>, path: impl Fn() -> Vec<u8>) {
    if worker.run.plan.identity.receiver == Power::Fake {
        return settle_fake(worker, subject, &path);
    }
    let fail = |what: What, error: &io::Error| fail_setting(worker, subject, what, path(), error);
    let Subject { at, wanted, now, .. } = *subject;
    let (mut permissions, mut renewed) = (now.permissions, false);
    let impossible = impossible(&worker.run.plan, wanted);
    for (_, what) in [(impossible.0, What::NoOwner), (impossible.1, What::NoGroup)].iter().filter(|of| of.0) {
        fail(*what, &io::Error::from_raw_os_error(0));
    }
    let (uid, gid) = (changed(wanted.uid, now.uid), changed(wanted.gid, now.gid));
    if uid != KEEP_OWNER || gid != KEEP_OWNER {
        if let Err(error) = at.chown(uid, gid) {
            let what = if uid == KEEP_OWNER { What::Chgrp } else { What::Chown };
            fail(what, &error);
            return settle_refused(worker, subject, &path);
        }
        tracing::debug!(target: "own", path = %shown(&path()), uid = wanted.uid, gid = wanted.gid, "set");
        // The kernel may have dropped set-id bits.
        permissions = permissions.filter(|bits| bits & 0o6000 == 0);
    }
    if let Some(extended) = subject.extended {
        let chowned = uid != KEEP_OWNER || gid != KEEP_OWNER;
        let left = chowned.then(|| xattr::after_chown(&extended.have));
        let have = &left.as_ref().unwrap_or(&extended.have).xattrs;
        if opens_for(worker, wanted, permissions, &extended.want.xattrs, have) {
            // What fails shows in what follows.
            let _ = at.chmod(wanted.permissions() | 0o200);
            permissions = None;
        }
        renewed = set_xattrs(at, &extended.want.xattrs, have, &unset(worker, &path));
        if xattr::changes_acl(&extended.want.xattrs, have) {
            permissions = None;
        }
        let acls = set_acls(at, wanted.permissions(), &extended.want, &extended.have);
        tracing::trace!(
            target: "acl",
            path = %shown(&path()),
            access = extended.want.access != extended.have.access,
            default = extended.want.default != extended.have.default,
            ok = acls.is_ok(),
            "made equal"
        );
        match acls {
            Ok(()) if extended.want.access == extended.have.access => {}
            Ok(()) => permissions = permissions.and_then(|bits| left_by_acl(bits, wanted, &extended.want)),
            Err(error) => fail_acl(worker, subject.side, &path(), &error),
        }
    }
    let timed = if renewed { exact(subject) } else { *subject };
    if !set_times(worker, &timed, &path) {
        // The permissions of somebody else's file could not be set either, and rsync leaves it at that.
        return;
    }
    if wanted.kind() != Kind::Symlink
        && permissions != Some(wanted.permissions())
        && let Err(error) = at.chmod(wanted.permissions())
    {
        fail(What::Chmod, &error);
    }
}

/// Whether a file has to be made writable for its extended attributes: the kernel asks for that, if not of everybody.
fn opens_for(worker: &Worker, wanted: &Meta, now: Option<u32>, want: &[Xattr], have: &[Xattr]) -> bool {
    let identity = &worker.run.plan.identity;
    let is_closed = wanted.kind() != Kind::Symlink && now.is_some_and(|bits| bits & 0o200 == 0);
    is_closed && !identity.passes_permissions && identity.opens_up() && !xattr::same(want, have)
}

/// As in rsync, where extended attributes changed even a time that counts as equal is made exact.
fn exact<'a>(subject: &Subject<'a>) -> Subject<'a> {
    Subject { now: Now { mtime: None, ..subject.now }, ..*subject }
}

/// The permission bits once the wanted access ACL was set on a file of these bits; `None` where nobody knows.
fn left_by_acl(bits: u32, wanted: &Meta, extended: &Extended) -> Option<u32> {
    // Without a mask the group's bits are another entry's, and the kernel drops the set-group-id bit of other groups.
    let known = extended.access.as_ref().is_some_and(|access| access.mask.is_some()) && bits & 0o2000 == 0;
    known.then_some(bits & 0o5000 | wanted.permissions() & 0o777)
}

/// Tells of an attribute that could not be set. A handle that is only good for names stands for a directory of others.
fn fail_setting(worker: &Worker, subject: &Subject<'_>, what: What, path: Vec<u8>, error: &io::Error) {
    let refused = io::Error::from_raw_os_error(EPERM);
    let why = if is_good_for_names_only(error) { &refused } else { error };
    let failure = Failure::new(subject.side, what, path, why);
    worker.fail(Failure { of_directory: subject.wanted.kind() == Kind::Dir, ..failure });
}

/// What is left to do for a file whose owner cannot be set (`--super` as an ordinary user): directories get their
/// times, new nodes what permissions they may have, new files stay closed.
fn settle_refused(worker: &Worker, subject: &Subject<'_>, path: &impl Fn() -> Vec<u8>) {
    let Subject { at, wanted, now, .. } = *subject;
    let new = now.mtime.is_none() && now.atime.is_none();
    let permissions = match wanted.kind() {
        Kind::Dir => {
            // Others' directories refuse this too, for the reason that was told.
            let _ = at.set_times(&worker.run.plan, times_to_set(&worker.run.plan, wanted, &now));
            return;
        }
        Kind::Symlink => return,
        // Not its owner's: nobody else's either.
        Kind::File => wanted.permissions() & 0o700 | 0o200,
        Kind::Char | Kind::Block | Kind::Fifo | Kind::Socket => {
            wanted.permissions() & !worker.run.plan.identity.umask
        }
    };
    if new && let Err(error) = at.chmod(permissions) {
        worker.fail(Failure::new(subject.side, What::Chmod, path(), &error));
    }
}

/// Settles a file under `--fake-super`, where owner, mode and type go into an extended attribute of the user's.
/// Permissions come first, since they let the owner set the rest.
fn settle_fake(worker: &Worker, subject: &Subject<'_>, path: &impl Fn() -> Vec<u8>) {
    let Subject { at, wanted, extended, side, .. } = *subject;
    if let Err((what, error)) = fake::set_stat(at, wanted) {
        worker.fail(Failure::new(side, what, path(), &error));
    }
    let mut renewed = false;
    if let Some(ExtendedPair { want, have }) = extended {
        let removable = fake::removable(&worker.run.plan, &have.xattrs);
        renewed = set_xattrs(at, &want.xattrs, &removable, &unset(worker, path));
        if let Err(error) = fake::set_acls(at, wanted.permissions(), want, have) {
            fail_acl(worker, side, &path(), &error);
        }
    }
    let timed = if renewed { exact(subject) } else { *subject };
    set_times(worker, &timed, path);
}

/// Tells of an extended attribute that could not be set, behind the path that it belongs to.
fn unset(worker: &Worker, path: &impl Fn() -> Vec<u8>) -> impl Fn(What, &CStr, &io::Error) {
    move |what, name, error| {
        let path = [&path(), b"\",\"".as_slice(), name.to_bytes()].concat();
        worker.fail(Failure::new(Side::Receiver, what, path, error));
    }
}

/// Tells of an ACL that could not be set; rsync names its file from the transfer root on.
fn fail_acl(worker: &Worker, side: Side, path: &[u8], unset: &Unset) {
    let (what, word, error) = unset;
    let top = &worker.run.plan.target.display;
    let rel = path.strip_prefix(top.as_slice()).and_then(|rest| rest.strip_prefix(b"/")).unwrap_or(path);
    worker.fail(Failure::new(side, *what, [rel, b", ", word].concat(), error));
}

/// For the log.
fn shown(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

/// Whether a file of that metadata is to have another owner or group.
#[must_use]
pub fn changes_owner(wanted: &Meta, now: &Meta) -> bool {
    [changed(wanted.uid, now.uid), changed(wanted.gid, now.gid)] != [KEEP_OWNER; 2]
}

fn changed(want: u32, now: u32) -> u32 {
    if want == now { KEEP_OWNER } else { want }
}

/// False when the times could not be set, which was told.
fn set_times(worker: &Worker, subject: &Subject<'_>, path: &impl Fn() -> Vec<u8>) -> bool {
    let times = times_to_set(&worker.run.plan, subject.wanted, &subject.now);
    if times.atime == TimeSet::Omit && times.mtime == TimeSet::Omit {
        return true;
    }
    let done = subject.at.set_times(&worker.run.plan, times);
    tracing::debug!(target: "time", path = %shown(&path()), ?times, ok = done.is_ok(), "set");
    if let Err(error) = &done {
        fail_setting(worker, subject, What::SetTimes, path(), error);
    }
    done.is_ok()
}

/// Whether what was made or changed just now has its time within the window: as in rsync, all but files stay so then.
#[must_use]
pub fn counts_as_new(compare: &Compare, wanted: &Meta) -> bool {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let is_near = || {
        let sec = i64::try_from(now().as_secs()).unwrap_or(i64::MAX);
        same_time(compare, wanted.mtime, Time { sec, ..wanted.mtime })
    };
    compare.modify_window > 0 && wanted.kind() != Kind::File && is_near()
}

fn times_to_set(plan: &Plan, wanted: &Meta, now: &Now) -> TimesSet {
    let compare = &plan.options.compare;
    let differs = |want: Time, now: Option<Time>| now.is_none_or(|now| !same_time(compare, want, now));
    // What is new and only stands for a link is a file, which `-J` is not about.
    let stands = plan.identity.receiver == Power::Fake && plan.options.preserve.times && now.mtime.is_none();
    let keeps = keeps_time(plan, wanted.kind()) || stands && wanted.kind() == Kind::Symlink;
    let is_near = || now.mtime.is_none() && counts_as_new(compare, wanted);
    let mtime = keeps && differs(wanted.mtime, now.mtime) && !is_near();
    let atime = keeps_access_time(plan, wanted.kind()) && differs(wanted.atime, now.atime);
    let set = |on: bool, time: Time| if on { TimeSet::from(time) } else { TimeSet::Omit };
    // rsync keeps whole seconds of access times.
    let atime = set(atime, Time { nsec: 0, ..wanted.atime });
    TimesSet { atime, mtime: set(mtime, wanted.mtime) }
}
