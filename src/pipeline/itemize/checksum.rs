//! The checksum that `%C` shows (rsync(1), `--checksum-choice`): of what was transferred, and with `-c` of every file.

use std::io;

use rsync_compat::digest::Algorithm;
use rsync_compat::output::itemize::Update;
use uring_ext::plain;

use crate::entry::{Entry, Kind};
use crate::pipeline::batch::replay;
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::contents;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::source::source_how;

/// The digits for an entry, if somebody wants to see them. A dry run that compared no contents shows zeros.
pub fn shown(worker: &Worker, dir: &Dir, entry: &Entry, update: Update) -> Option<Vec<u8>> {
    let options = &worker.run.plan.options;
    let all = options.compare.checksum;
    if !worker.run.report.wants().checksums
        || options.output.sum == Algorithm::None
        || entry.kind() != Kind::File
        || !(all || update == Update::Transfer)
    {
        return None;
    }
    if options.write.dry_run && !all {
        return Some(vec![b'0'; options.output.sum.digits()]);
    }
    // Who cannot be read was told already, and has none.
    compute(worker, dir, entry).ok()
}

fn compute(worker: &Worker, dir: &Dir, entry: &Entry) -> io::Result<Vec<u8>> {
    let file = match (replay::open(worker, dir, entry), dir.source(entry.source)) {
        (Some(opened), _) => opened?,
        (None, Some(source)) => {
            plain::openat(source, &entry.name, source_how(&worker.run.plan.options).flags, 0)?
        }
        (None, None) => return Err(io::ErrorKind::NotFound.into()),
    };
    // Some devices have no end.
    let end = if worker.run.plan.options.write.copy_devices { entry.meta.size } else { u64::MAX };
    contents::digest(worker, &file, end, worker.run.plan.options.output.sum)
}
