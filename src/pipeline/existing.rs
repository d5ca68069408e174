//! What the destination has of an entry, and what is said where that decides it.

use std::io;
use std::os::fd::AsFd;

use uring_ext::plain::{TimeSet, TimesSet};

use super::apply::extraneous::is_allowed_at;
use super::apply::tell_recorded;
use super::at::At;
use super::decide::Why;
use super::dir::Dir;
use super::paths::target_path_in;
use super::worker::Worker;
use super::{attributes, compare, devices, fake};
use crate::entry::{Entry, Kind, Meta};
use crate::failure::{Failure, Side, What};
use crate::plan::Power;
use crate::report::{Notice, Place};

/// What the destination has; a failure to look was told.
pub(super) fn look(worker: &Worker, dir: &Dir, entry: &Entry) -> Result<Option<Meta>, ()> {
    let there = match compare::look(dir, entry) {
        Ok(there) => there,
        // A dry run does not open up what is closed; all but files count as missing then.
        Err(error)
            if error.kind() == io::ErrorKind::PermissionDenied
                && is_dry(worker)
                && entry.kind() != Kind::File =>
        {
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
pub fn skip(worker: &Worker, dir: &Dir, entry: &Entry, (why, otherwise): (Why, &'static str)) {
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

/// Tells that something stays where a directory should be (`--ignore-existing`). It gets the directory's time, as in
/// rsync, and what is extraneous below it cannot be found out.
pub fn stay(worker: &Worker, dir: &Dir, entry: &Entry, there: &Meta) {
    let (plan, name) = (&worker.run.plan, dir.dst_name(entry));
    skip(
        worker,
        dir,
        entry,
        (Why::Exists, if plan.options.output.info.skip > 1 { " (type change)" } else { "" }),
    );
    let Some(dst) = dir.dst.as_ref().filter(|_| !plan.options.write.dry_run) else { return };
    let rel = dir.rel_of(&entry.name);
    if there.kind() == Kind::File && plan.deletes_in_turn() && is_allowed_at(worker, dir, &rel) {
        let error = io::Error::from_raw_os_error(ENOTDIR);
        let path = target_path_in(plan, dir, name);
        let failure = Failure::new(Side::Generator, What::OpendirDestination, path, &error);
        worker.fail_listing(&rel, failure);
    }
    let same = attributes::same_time(&plan.options.compare, entry.meta.mtime, there.mtime);
    if attributes::keeps_time(plan, Kind::Dir) && !same {
        let times = TimesSet { atime: TimeSet::Omit, mtime: TimeSet::from(entry.meta.mtime) };
        // Who does not own it has not promised a time.
        let _ = At::Name(dst.as_fd(), name).set_times(plan, times);
    }
}

/// Not a directory: the same number on every Linux.
const ENOTDIR: i32 = 20;
