//! Applying: one entry and what was decided about it become system calls, dispatched by kind.

pub mod appended;
pub mod backup;
pub mod backup_copy;
pub mod checksum;
pub mod data;
pub mod delayed;
pub mod delete;
pub mod delta;
pub mod dir;
pub mod extraneous;
pub mod fake;
pub mod file;
pub mod finish;
pub mod fsync;
pub mod inplace;
pub mod late_times;
pub mod metadata;
pub mod node;
pub mod obstacle;
pub mod partial;
pub mod range;
pub mod remove_source;
pub mod remove_tree;
pub mod retry;
pub mod source;
pub mod special;
pub mod symlink;
pub mod temp;
pub mod unlock;
pub mod pending_file;
pub mod verify;
pub mod xattr;

use rsync_compat::delta::Moved;
use rsync_compat::output::itemize::{Changes, Update};

use super::batch::{record, replay};
use super::engine::worker::Worker;
use super::handles::dir::Dir;
use super::translate::charset;
use crate::entry::{Entry, Kind};
use crate::report::{Item, Node, Place};

/// What became of an entry, as its line of output says it.
#[derive(Debug, Clone, Copy)]
pub struct Itemized<'a> {
    /// The first letter.
    pub update: Update,
    /// The other letters.
    pub changes: Changes,
    /// The text of a symbolic link.
    pub target: Option<&'a [u8]>,
    /// The name a hard link shares its file with.
    pub leader: Option<&'a [u8]>,
    /// What its data came to; `None` while it is still to move.
    pub moved: Option<Moved>,
}

impl Itemized<'_> {
    /// Letters alone.
    #[must_use]
    pub const fn letters(update: Update, changes: Changes) -> Itemized<'static> {
        Itemized { update, changes, target: None, leader: None, moved: Some(NOTHING) }
    }
}

/// Tells about an entry, if anybody wants to know.
pub fn tell(worker: &Worker, dir: &Dir, entry: &Entry, told: &Itemized<'_>) {
    tracing::trace!(
        target: "genr",
        name = %String::from_utf8_lossy(&dir.rel_of(&entry.name)),
        update = ?told.update,
        changes = ?told.changes,
        "decided"
    );
    let report = &worker.run.report;
    if report.wants().only_counts() && !worker.run.plan.batch.is_some() {
        report.count(entry.kind(), entry.meta.size, &told.moved.unwrap_or_default());
    } else if wanted(worker, told) || worker.run.plan.batch.is_some() {
        let place = (dir, &*dir.node, Place::Slot(entry.slot));
        tell_at(worker, place, (&dir.rel_of(&entry.name), entry), told);
    }
}

fn wanted(worker: &Worker, told: &Itemized<'_>) -> bool {
    worker.run.report.wants().item(told.update, told.changes)
}

/// As [`tell`], at a place of its own and under a path of its own.
pub fn tell_at(worker: &Worker, place: (&Dir, &Node, Place), named: (&[u8], &Entry), told: &Itemized<'_>) {
    let (rel, entry) = named;
    record::change(worker, named, (told.update, told.changes), told.leader);
    let Some(told) = as_recorded(worker, place.0, named, told).filter(|told| wanted(worker, told)) else {
        return;
    };
    let sum = checksum::shown(worker, place.0, entry, told.update);
    let leader = told.leader.map(|leader| charset::path(&worker.run.plan, leader));
    let source = super::handles::paths::source_typed(&worker.run.plan, entry.source, rel);
    let renamed = place.0.rename.as_ref().map(|name| place.0.rel_of(name));
    let item = Item {
        rel,
        there: renamed.as_deref().unwrap_or(rel),
        kind: entry.kind(),
        update: told.update,
        changes: told.changes,
        meta: &entry.meta,
        owners: entry.owners,
        target: told.target,
        leader: leader.as_deref(),
        moved: told.moved,
        lead: super::handles::paths::source_lead(&worker.run.plan, entry.source, rel),
        source: &source,
        checksum: sum.as_deref(),
    };
    worker.run.report.item(place.1, place.2, &item);
}

/// No data.
const NOTHING: Moved = Moved::whole(0);

/// Whether a file's line is told before its data moves, as rsync does unless the line says what the data came to.
/// A file that is written in place has none when its backup cannot be made.
fn tells_first(worker: &Worker) -> bool {
    let plan = &worker.run.plan;
    let may_stay = plan.options.write.inplace && plan.options.backup.is_some();
    worker.run.report.wants().lines_first && !plan.batch.is_some() && !may_stay
}

/// Tells about a regular file whose data begins to move.
pub fn moving(worker: &Worker, job: &file::Transfer) {
    if tells_first(worker) {
        tell(
            worker,
            &job.dir,
            &job.entry,
            &Itemized { moved: None, ..Itemized::letters(job.update, job.changes) },
        );
    }
}

/// Counts a regular file whose data arrived, and tells about it.
pub fn moved(worker: &Worker, job: &file::Transfer, moved: Moved) {
    tracing::debug!(
        target: "recv",
        name = %String::from_utf8_lossy(&job.dir.rel_of(&job.entry.name)),
        literal_bytes = moved.literal_bytes,
        matched_bytes = moved.matched_bytes,
        "copied"
    );
    if job.update == Update::Transfer {
        count_moved(worker, &moved);
    }
    if tells_first(worker) {
        let data = (job.update == Update::Transfer).then_some(job.entry.meta.size);
        return worker.run.report.arrived(&job.dir.node, Place::Slot(job.entry.slot), data);
    }
    let told = Itemized { moved: Some(moved), ..Itemized::letters(job.update, job.changes) };
    tell(worker, &job.dir, &job.entry, &told);
}

/// Counts data that arrived.
pub fn count_moved(worker: &Worker, moved: &Moved) {
    let mut summary = worker.summary.borrow_mut();
    summary.sent += 1;
    summary.literal_bytes += moved.literal_bytes;
    summary.matched_bytes += moved.matched_bytes;
    summary.matches += moved.matches;
    summary.hash_hits += moved.hash_hits;
    summary.false_alarms += moved.false_alarms;
    summary.tokens += moved.tokens;
    summary.sums_bytes += moved.sums_bytes;
}

/// What there is to tell: when a batch is replayed, that is what was told before.
fn as_recorded<'a>(
    worker: &'a Worker,
    dir: &'a Dir,
    named: (&[u8], &Entry),
    told: &Itemized<'a>,
) -> Option<Itemized<'a>> {
    let plan = &worker.run.plan;
    if plan.batch.recorded().is_none() || plan.options.output.list_only {
        return Some(*told);
    }
    if replay::passed_over(worker, dir, named.1, told.update) {
        return None;
    }
    let (update, changes, leader) = replay::letters(worker, named.0, (told.update, told.changes))?;
    let recorded = dir.recorded.as_ref().and_then(|listing| listing.link_text(&named.1.name));
    Some(Itemized { update, changes, leader, target: told.target.or(recorded), ..*told })
}

/// Tells what a batch says of an entry that nothing is done about.
pub fn tell_recorded(worker: &Worker, dir: &Dir, entry: &Entry) {
    if replay::has_told(worker, dir, entry) {
        tell(worker, dir, entry, &Itemized::letters(Update::Attributes, Changes::NONE));
    }
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
