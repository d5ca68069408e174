//! What the destination has under an entry's name, and entries that are left alone for it.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use uring_ext::mode::errno::{EACCES, ELOOP, ENOENT, ENOTDIR};
use uring_ext::plain::{self, AtFlags, OFlags, TimeSet, TimesSet};

use super::link_text::same_target;
use crate::entry::{Entry, Kind, Meta};
use crate::failure::{Failure, Severity, Side, What};
use crate::path_text::c_name;
use crate::pipeline::apply::extraneous::is_allowed_at;
use crate::pipeline::attributes::{self, extended, fake};
use crate::pipeline::compare;
use crate::pipeline::compare::decide::{Decision, Why, decide, needs_contents};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::at::At;
use crate::pipeline::handles::contents::{self, Contents};
use crate::pipeline::handles::dir::{Before, Dir};
use crate::pipeline::handles::name::Name;
use crate::pipeline::handles::open;
use crate::pipeline::handles::paths::target_path_in;
use crate::pipeline::itemize::tell_recorded;
use crate::pipeline::translate::{charset, devices, munge};
use crate::plan::Power;
use crate::report::{Notice, Place};

/// What the destination has; a failure to look was told.
pub(super) fn look(worker: &Worker, dir: &Dir, entry: &Entry) -> Result<Option<Meta>, ()> {
    let there = match compare::look(dir, entry) {
        Ok(there) => there,
        // In a directory that is closed to us all but files count as missing.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied && entry.kind() != Kind::File => {
            return Ok(None);
        }
        Err(error) => {
            let path = target_path_in(&worker.run.plan, dir, dir.dst_name(entry));
            worker.fail(Failure::new(Side::Generator, What::StatDestination, path, &error));
            return Err(());
        }
    };
    let shown =
        there.map(|there| if shows_otherwise(worker) { as_shown(worker, dir, entry, there) } else { there });
    if worker.run.state.stopping() { Err(()) } else { Ok(shown) }
}

/// Whether the destination is known to lack a name: in a directory that is closed to us nobody can tell.
pub fn is_missing(dir: &Dir, entry: &Entry) -> bool {
    !matches!(dir.before, Before::Blocked(errno) if errno != ENOENT) && compare::look(dir, entry).is_ok()
}

/// Whether what the destination has stands for something else.
fn shows_otherwise(worker: &Worker) -> bool {
    worker.run.plan.identity.receiver == Power::Fake || worker.run.plan.options.write.write_devices
}

fn as_shown(worker: &Worker, dir: &Dir, entry: &Entry, there: Meta) -> Meta {
    devices::as_target(&worker.run.plan, dir, entry, seen_there(worker, dir, entry, there))
}

fn seen_there(worker: &Worker, dir: &Dir, entry: &Entry, there: Meta) -> Meta {
    let (Some(dst), name) = (&dir.dst, dir.dst_name(entry)) else { return there };
    let path = || target_path_in(&worker.run.plan, dir, name);
    fake::seen(worker, At::Name(dst.as_fd(), name), there, Side::Generator, path)
}

fn is_dry(worker: &Worker) -> bool {
    worker.run.plan.options.write.dry_run
}

/// Tells why an entry is left alone, and what would have become of it.
pub fn skip(worker: &Worker, dir: &Dir, entry: &Entry, why: Why, otherwise: &'static str) {
    tell_recorded(worker, dir, entry);
    let (rel, there) = (dir.rel_of(&entry.name), dir.rel_of(dir.dst_name_shown(entry)));
    let notice = match why {
        Why::NotRegular => Notice::NonRegular(&rel),
        Why::NotCreating => Notice::NotCreating { kind: entry.kind(), rel: &there },
        Why::Exists => Notice::Exists { rel: &there, otherwise },
        Why::OverMaxSize => Notice::OverMaxSize(&rel),
        Why::UnderMinSize => Notice::UnderMinSize(&rel),
        Why::Newer => Notice::Newer(&there),
    };
    worker.run.report.notice(&dir.node, Place::Slot(entry.slot), &notice);
    worker.run.report.passed(&dir.node, Place::Slot(entry.slot));
}

/// What would have become of an entry that is left alone because its name is there (`--info=skip2`).
pub fn otherwise(worker: &Worker, dir: &Dir, entry: &Entry, there: &Meta) -> &'static str {
    let plan = &worker.run.plan;
    if there.kind() != entry.kind() {
        return " (type change)";
    }
    let contents = match entry.kind() {
        // What its target is does not matter then, nor is it known to be the same.
        Kind::Symlink if !plan.options.links.keep => Contents::Differ,
        Kind::Symlink => dir
            .source(entry.source)
            .and_then(|source| munge::read_source(plan, source, &entry.name).ok())
            .and_then(|text| charset::text(plan, text).ok())
            .map_or(Contents::Unknown, |target| same_target(worker, dir, entry, &target)),
        _ if needs_contents(&plan.options.compare, &entry.meta, there) => {
            contents::compare(worker, dir, entry).unwrap_or(Contents::Differ)
        }
        _ => Contents::Unknown,
    };
    let changed = if plan.options.compare.checksum { " (sum change)" } else { " (file change)" };
    match decide(&plan.options.compare, &entry.meta, Some(there), contents) {
        // Nor does rsync know of devices then.
        Decision::Same if there.kind().is_device() && !plan.options.preserve.devices => changed,
        Decision::Same if extended::compare(worker, dir, entry, there).changes.is_empty() => " (uptodate)",
        Decision::Same => " (attr change)",
        Decision::Update | Decision::Create => changed,
    }
}

/// Tells that something stays where a directory should be (`--ignore-existing`). It gets the directory's time, as in
/// rsync, and what is extraneous below it cannot be found out. Returns what names below it meet with.
pub fn stay(worker: &Worker, dir: &Dir, entry: &Entry, there: &Meta) -> Before {
    let (plan, name) = (&worker.run.plan, dir.dst_name(entry));
    let otherwise = if plan.options.output.info.skip > 1 { " (type change)" } else { "" };
    skip(worker, dir, entry, Why::Exists, otherwise);
    let Some(dst) = &dir.dst else { return Before::Blocked(ENOTDIR) };
    let rel = dir.rel_of(&entry.name);
    if let Some(errno) = unlisted(dst, name)
        && plan.cleans_as_listed()
        && is_allowed_at(worker, dir, &rel)
    {
        let error = io::Error::from_raw_os_error(errno);
        let path = target_path_in(plan, dir, name);
        let failure = Failure::new(Side::Generator, What::OpendirDestination, path, &error);
        worker.fail_cleaning(&rel, failure);
    }
    let same = attributes::same_time(&plan.options.compare, entry.meta.mtime, there.mtime);
    if attributes::keeps_time(plan, Kind::Dir) && !same && !is_dry(worker) {
        let times = TimesSet { atime: TimeSet::Omit, mtime: TimeSet::from(entry.meta.mtime) };
        // Who does not own it has not promised a time.
        let _ = At::Name(dst.as_fd(), name).set_times(plan, times);
    }
    if there.kind() != Kind::Symlink {
        return Before::Blocked(ENOTDIR);
    }
    let inside = open::linked_target(plan, &dir.dst_rel_of(entry.remote_name()), OFlags::PATH);
    match inside.and_then(|handle| At::Fd(handle.as_fd()).look()) {
        Ok(there) => Before::Existing(there),
        Err(error) => match error.raw_os_error() {
            Some(errno @ (ENOENT | ENOTDIR)) => Before::Blocked(errno),
            _ => Before::Blocked(ELOOP),
        },
    }
}

/// Why a name cannot be listed as a directory, links followed; what is not there has nothing to list.
fn unlisted(dst: &OwnedFd, name: &CStr) -> Option<i32> {
    match plain::statx(dst, name, AtFlags::empty(), plain::STATX_ALL) {
        Ok(st) => (!st.is_dir()).then_some(ENOTDIR),
        Err(error) => error.raw_os_error().filter(|errno| *errno != ENOENT),
    }
}

/// Tells that the permissions of what is made in a directory do not come from its default ACL, since something else
/// stands in its place; one behind a link has such an ACL all the same. Twice where files are tried.
pub fn lacks_default_acl(worker: &Worker, dir: &Dir, names: &[Name]) {
    let Before::Blocked(blocked) = dir.before else { return };
    let (Some(parent), Some(root)) = (&dir.parent, &worker.run.plan.target.handle) else { return };
    if worker.run.plan.options.preserve.perms || names.is_empty() {
        return;
    }
    let look = |at: &OwnedFd, name: &CStr| plain::statx(at, name, AtFlags::empty(), plain::STATX_ALL);
    let there = match &parent.dst {
        Some(dst) => look(dst, &dir.own_name()),
        None => look(root, &c_name(dir.dst_rel())),
    };
    let errno = match there {
        Ok(st) if st.is_dir() => return,
        Ok(_) => EACCES,
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_dry(worker) => return,
        Err(error) => error.raw_os_error().unwrap_or(ENOENT),
    };
    let tries_files = blocked == ENOENT && names.iter().any(|name| name.kind == Some(Kind::File));
    for _ in 0..1 + usize::from(tries_files) {
        let error = io::Error::from_raw_os_error(errno);
        let failure = Failure::new(Side::Generator, What::DefaultAcl, dir.dst_rel().to_vec(), &error);
        worker.fail(failure.severity(Severity::Warning));
    }
}
