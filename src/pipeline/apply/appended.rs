//! `--append-verify`: once the end of a file was written, its beginning is compared, and written too where it differs.

use std::os::fd::OwnedFd;
use std::rc::Rc;

use rsync_compat::options::Append;
use rsync_compat::output::itemize::{Changes, Update};
use uring_ext::SharedFd;
use uring_ext::plain::{self, OFlags};

use super::file::{Outcome, Transfer};
use super::inplace::{self, Pass};
use crate::failure::{Failure, Severity, Side, What};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::contents::{Contents, same_bytes};
use crate::pipeline::itemize::{Itemized, Subject, count_moved, count_transfer, tell_at};
use crate::report::Place;

/// Checks a file that was appended to, and mends it. That is a transfer of its own, told after all others.
pub async fn verify(worker: &Rc<Worker>, job: &Transfer, source: &SharedFd) -> Outcome {
    let kept = inplace::kept_bytes(worker, job);
    if worker.run.plan.options.write.append != Append::Verify || kept == 0 {
        return Outcome::Done;
    }
    if is_sound(worker, job, source, kept) {
        return Outcome::Done;
    }
    let rel = job.dir.rel_of(&job.entry.name);
    let failure =
        Failure::without_errno(Side::Receiver, What::Verify, rel.clone()).severity(Severity::Warning);
    let output = &worker.run.plan.options.output;
    // The side that writes says so itself, and is not quiet.
    if output.info.name > 0 || !output.quiet && output.itemize > 0 || output.quiet && output.names_there {
        worker.fail(failure);
    }
    count_transfer(worker, job.entry.meta.size);
    let moved = Box::pin(inplace::transfer(worker, job, source, Pass::Again)).await;
    let bytes = moved.unwrap_or_default();
    count_moved(worker, &bytes);
    let time = if worker.run.plan.options.preserve.times { Changes::TIME } else { Changes::TIME_NOW };
    let told = Itemized { moved: Some(bytes), ..Itemized::letters(Update::Transfer, time) };
    let node = job.dir.top();
    let subject = Subject { dir: &job.dir, node, place: Place::Late, rel: &rel, entry: &job.entry };
    tell_at(worker, &subject, &told);
    if moved.is_some() { Outcome::Done } else { Outcome::Failed }
}

/// Whether the first `bytes` bytes of the destination are the source's. What cannot be read is written anew.
fn is_sound(worker: &Worker, job: &Transfer, source: &OwnedFd, bytes: u64) -> bool {
    let Some(dst) = &job.dir.dst else { return true };
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let opened = plain::openat(dst, job.dir.dst_name(&job.entry), flags, 0);
    let same = opened.map(|there| same_bytes(worker, source, &there, bytes));
    matches!(same, Ok(Ok(Contents::Equal)))
}
