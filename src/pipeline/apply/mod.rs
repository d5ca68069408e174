//! Applying: one entry and what was decided about it become system calls, dispatched by kind.

pub mod appended;
pub mod backup;
pub mod data;
pub mod delayed;
pub mod delete;
pub mod dir;
pub mod doomed;
pub mod fake;
pub mod file;
pub mod inplace;
pub mod metadata;
pub mod node;
pub mod partial;
pub mod range;
pub mod sent;
pub mod special;
pub mod sum;
pub mod symlink;
pub mod temp;
pub mod unlock;
pub mod unnamed;
pub mod way;
pub mod xattr;

use rsync_compat::output::itemize::{Changes, Update};

use super::dir::Dir;
use super::worker::Worker;
use crate::entry::{Entry, Kind};
use crate::report::{Item, Node, Place};

/// What is told about an entry.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The first letter.
    pub update: Update,
    /// The other letters.
    pub changes: Changes,
    /// The text of a symbolic link.
    pub target: Option<&'a [u8]>,
    /// The name a hard link shares its file with.
    pub leader: Option<&'a [u8]>,
    /// Bytes of data that moved.
    pub transferred: u64,
}

impl Told<'_> {
    /// Letters alone.
    #[must_use]
    pub const fn letters(update: Update, changes: Changes) -> Told<'static> {
        Told { update, changes, target: None, leader: None, transferred: 0 }
    }
}

/// Tells about an entry, if anybody wants to know.
pub fn tell(worker: &Worker, dir: &Dir, entry: &Entry, told: &Told<'_>) {
    tracing::trace!(
        target: "genr",
        name = %String::from_utf8_lossy(&dir.rel_of(&entry.name)),
        update = ?told.update,
        changes = ?told.changes,
        "decided"
    );
    if wanted(worker, told) {
        let place = (dir, &*dir.node, Place::Slot(entry.slot));
        tell_at(worker, place, (&dir.rel_of(&entry.name), entry), told);
    }
}

fn wanted(worker: &Worker, told: &Told<'_>) -> bool {
    worker.run.report.wants().item(told.update, told.changes)
}

/// As [`tell`], at a place of its own and under a path of its own.
pub fn tell_at(worker: &Worker, place: (&Dir, &Node, Place), named: (&[u8], &Entry), told: &Told<'_>) {
    if !wanted(worker, told) {
        return;
    }
    let (rel, entry) = named;
    let sum = sum::shown(worker, place.0, entry, told.update);
    let source = super::paths::source_typed(&worker.run.plan, entry.source, rel);
    let item = Item {
        rel,
        kind: entry.kind(),
        update: told.update,
        changes: told.changes,
        meta: &entry.meta,
        target: told.target,
        leader: told.leader,
        transferred: told.transferred,
        lead: super::paths::source_lead(&worker.run.plan, entry.source, rel),
        source: &source,
        checksum: sum.as_deref(),
    };
    worker.run.report.item(place.1, place.2, &item);
}

/// Counts a regular file whose data arrived, and tells about it.
pub fn moved(worker: &Worker, job: &file::Transfer, bytes: u64) {
    tracing::debug!(
        target: "recv",
        name = %String::from_utf8_lossy(&job.dir.rel_of(&job.entry.name)),
        bytes,
        "copied"
    );
    if job.update == Update::Transfer {
        worker.summary.borrow_mut().literal_bytes += bytes;
    }
    tell(
        worker,
        &job.dir,
        &job.entry,
        &Told { transferred: bytes, ..Told::letters(job.update, job.changes) },
    );
}

/// Counts a regular file whose data is to move, whatever comes of it.
pub fn count_transfer(worker: &Worker, size: u64) {
    let mut summary = worker.summary.borrow_mut();
    summary.transferred += 1;
    summary.transferred_bytes += size;
}

/// Counts a hard link that was made.
pub fn count_linked(worker: &Worker) {
    worker.summary.borrow_mut().linked += 1;
}

/// Counts what the destination did not have.
pub fn count_created(worker: &Worker, kind: Kind) {
    worker.summary.borrow_mut().created.count(kind);
}
