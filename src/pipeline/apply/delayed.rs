//! `--delay-updates`: complete files wait beside their place, and all get their names at the end (rsync(1)).

use std::ffi::CString;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use uring_ext::plain::{self, RenameFlags};

use super::file::Transfer;
use super::pending_file::{Expect, PendingFile};
use super::{backup, partial, temp};
use crate::entry::{Entry, join};
use crate::failure::{Failure, Side, What};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::basis_file::{find_partial_dir, open_partial_dir};
use crate::pipeline::handles::reopen;
use crate::report::Node;

/// The files of one directory that wait.
#[derive(Debug)]
pub struct UpdatesJob {
    /// The directory's path from the transfer root at the destination.
    pub rel: Vec<u8>,
    /// Its place in the order of reports.
    pub node: Arc<Node>,
    /// Their names.
    pub names: Vec<CString>,
}

/// Whether a file waits. One with several names does not: they are linked to it while the run goes on.
#[must_use]
pub fn waits(worker: &Worker, entry: &Entry) -> bool {
    let options = &worker.run.plan.options;
    options.write.delay_updates && !(options.preserve.hard_links && entry.meta.nlink > 1)
}

/// Puts a complete file where it waits.
///
/// # Errors
/// Those of mkdir(2), link(2) and rename(2), with what failed.
pub fn hold(
    worker: &Worker,
    job: &Transfer,
    dst: &OwnedFd,
    file: &PendingFile<'_>,
) -> Result<(), (What, io::Error)> {
    let Some(path) = &worker.run.plan.options.write.partial_dir else { return Ok(()) };
    let name = job.dir.dst_name(&job.entry);
    if path.starts_with(b"/") {
        // What an earlier run left is looked for first, which may have to be told.
        let _ = find_partial_dir(worker, dst, path, name);
    }
    let to = partial::make(worker, dst, path).map_err(|error| (What::PartialDir, error))?;
    let placed = file.place(&to, name, Expect::Taken).or_else(|error| {
        if error.kind() != io::ErrorKind::NotFound {
            return Err(error);
        }
        // It was empty for a moment, and somebody removed it (`partial::sweep_unneeded`).
        file.place(&partial::make(worker, dst, path)?, name, Expect::Taken)
    });
    placed.map_err(|error| (What::Rename, error))?;
    worker.run.hold_update(job.dir.dst_rel(), &job.dir.node, name.to_owned());
    Ok(())
}

/// Gives the waiting files of one directory their names.
pub fn run(worker: &Worker, job: &UpdatesJob) {
    let plan = &worker.run.plan;
    let Some(path) = &plan.options.write.partial_dir else { return };
    let Some((dst, before)) = reopen::target(worker, &job.rel) else { return };
    let from = match open_partial_dir(worker, &dst, path) {
        Ok(from) => from,
        Err(error) => {
            let path = join(&plan.target.display, &join(&job.rel, path));
            return worker.fail(Failure::new(Side::Receiver, What::OpendirDestination, path, &error));
        }
    };
    for name in &job.names {
        let rel = join(&job.rel, name.to_bytes());
        let moved = backup::keep_delayed(worker, &dst, name, &rel, &job.node)
            .and_then(|_| plain::renameat2(&from, name, &dst, name, RenameFlags::empty()));
        if let Err(error) = moved {
            let path = temp::shown(What::Rename, &join(&plan.target.display, &rel), name, None);
            worker.fail(Failure::new(Side::Receiver, What::Rename, path, &error));
        }
    }
    partial::remove_empty(&dst, path);
    reopen::restore(worker, &dst, &before, &job.rel);
}
