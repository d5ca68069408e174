//! What became of an entry: told to the report, counted in the summary, recorded in a batch (rsync(1),
//! `--itemize-changes`).

pub mod checksum;

use rsync_compat::delta::Moved;
use rsync_compat::output::itemize::{Changes, Update};

use super::batch::record::{self, Changed};
use super::batch::replay;
use super::engine::worker::Worker;
use super::handles::dir::Dir;
use super::handles::paths;
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
    /// Something is set that no letter tells of: who is told plain names has this one.
    pub silent: bool,
}

impl Itemized<'_> {
    /// Letters alone.
    #[must_use]
    pub const fn letters(update: Update, changes: Changes) -> Itemized<'static> {
        Itemized { update, changes, target: None, leader: None, moved: Some(NOTHING), silent: false }
    }
}

/// An entry that is told about: under which path, and at which place in the order of reports.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The directory that holds it.
    pub dir: &'a Dir,
    /// The directory at whose place the line stands.
    pub node: &'a Node,
    /// Where it stands there.
    pub place: Place,
    /// The entry's path from the transfer root.
    pub rel: &'a [u8],
    /// The entry itself.
    pub entry: &'a Entry,
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
        count_told(worker, dir, entry, told);
        report.count(entry.kind(), entry.meta.size, &told.moved.unwrap_or_default());
    } else if wanted(worker, told) || worker.run.plan.batch.is_some() {
        let rel = dir.rel_of(&entry.name);
        let place = Place::Slot(entry.slot);
        tell_at(worker, &Subject { dir, node: &dir.node, place, rel: &rel, entry }, told);
    } else {
        count_told(worker, dir, entry, told);
    }
}

/// Counts what rsync's processes would have told each other of an entry beside its data.
fn count_told(worker: &Worker, dir: &Dir, entry: &Entry, told: &Itemized<'_>) {
    /// A number that goes back in the list, and the length of the name.
    const LEADER_BYTES: usize = 5;
    if !worker.run.report.wants().traffic {
        return;
    }
    let wire = &mut worker.summary.borrow_mut().wire;
    let is_transfer = told.update == Update::Transfer;
    match entry.kind() {
        Kind::Dir => {}
        _ if !dir.rel.is_empty() => wire.sent_below |= is_transfer,
        _ => wire.changed_first |= is_transfer || !told.changes.is_empty(),
    }
    match (told.update, told.leader) {
        (Update::Attributes, _) if !told.changes.is_empty() => {
            wire.retouched += 1;
            wire.retouched_dirs += u64::from(entry.kind() == Kind::Dir);
        }
        (Update::HardLink, Some(leader)) => wire.leader_bytes += (LEADER_BYTES + leader.len()) as u64,
        _ => {}
    }
}

fn wanted(worker: &Worker, told: &Itemized<'_>) -> bool {
    worker.run.report.wants().item(told.update, told.changes)
}

/// As [`tell`], at a place of its own and under a path of its own.
pub fn tell_at(worker: &Worker, subject: &Subject<'_>, told: &Itemized<'_>) {
    let Subject { dir, node, place, rel, entry } = *subject;
    count_told(worker, dir, entry, told);
    let changed = Changed { rel, entry, update: told.update, changes: told.changes };
    record::change(worker, &changed, told.leader);
    let Some(told) = as_recorded(worker, subject, told).filter(|told| wanted(worker, told)) else {
        return;
    };
    let sum = checksum::shown(worker, dir, entry, told.update);
    let leader = told.leader.map(|leader| charset::path(&worker.run.plan, leader));
    let source = paths::source_typed(&worker.run.plan, entry.source, rel);
    let renamed = dir.rename.as_ref().map(|name| dir.rel_of(name));
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
        silent: told.silent,
        lead: paths::source_lead(&worker.run.plan, entry.source),
        source: &source,
        checksum: sum.as_deref(),
    };
    worker.run.report.item(node, place, &item);
}

/// No data.
const NOTHING: Moved = Moved::whole(0);

/// So many pieces of a file's data go in one part; each one more has a part of its own.
const PIECES_TOGETHER: u64 = 2;

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
    summary.wire.sums_bytes += moved.sums_bytes;
    if moved.matches == 0 && moved.tokens > PIECES_TOGETHER {
        summary.wire.large_bytes += moved.literal_bytes;
        summary.wire.large_parts += moved.tokens - PIECES_TOGETHER;
    }
}

/// What there is to tell: when a batch is replayed, that is what was told before.
fn as_recorded<'a>(worker: &'a Worker, subject: &Subject<'a>, told: &Itemized<'a>) -> Option<Itemized<'a>> {
    let Subject { dir, rel, entry, .. } = *subject;
    let plan = &worker.run.plan;
    if plan.batch.recorded().is_none() || plan.options.output.list_only {
        return Some(*told);
    }
    let recorded = replay::letters(worker, rel, told.update, told.changes);
    if recorded.is_some_and(|(_, changes, _)| changes.contains(Changes::NEW)) {
        worker.summary.borrow_mut().created.count(entry.kind());
    }
    if replay::passed_over(worker, dir, entry, told.update) {
        // rsync has read its data by then.
        count_transfer(worker, entry.meta.size);
        count_moved(worker, &Moved::whole(entry.meta.size));
        return None;
    }
    let (update, changes, leader) = recorded?;
    let recorded = dir.recorded.as_ref().and_then(|listing| listing.link_text(&entry.name));
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

/// Counts what the destination did not have; of a batch that is replayed what the first destination did not have counts,
/// as in rsync, whatever this one lacks.
pub fn count_created(worker: &Worker, kind: Kind) {
    if worker.run.plan.batch.recorded().is_none() {
        worker.summary.borrow_mut().created.count(kind);
    }
}

/// Counts a name that was deleted, under its path.
pub fn count_deleted(worker: &Worker, rel_len: usize, kind: Kind) {
    /// What stands in front of each message of rsync's.
    const HEAD_BYTES: usize = 4;
    let mut summary = worker.summary.borrow_mut();
    summary.deleted.count(kind);
    // The name of a directory has a zero behind it.
    summary.wire.deletion_bytes += (HEAD_BYTES + rel_len + usize::from(kind == Kind::Dir)) as u64;
}
