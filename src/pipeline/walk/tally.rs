//! Counting the list (rsync(1), `--stats`): what several operands name alike is told once, but counts each time.

use uring_ext::plain::{self, AtFlags, STATX_ALL};

use super::prune;
use super::traffic;
use crate::entry::{Entry, Kind, Meta};
use crate::pipeline::engine::state::Phase;
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::name::{Double, Name};
use crate::report::{Pass, Place};

/// An entry that is in the list.
pub fn entry(worker: &Worker, dir: &Dir, entry: &Entry) {
    count(worker, entry.kind(), entry.kind(), entry.meta.size);
    traffic::attributes(worker, dir, entry);
    if worker.run.state.phase() == Phase::Scan {
        let is_top = dir.rel.is_empty() && entry.name.to_bytes() == b".";
        let place = if is_top { Place::Own } else { Place::Slot(entry.slot) };
        worker.run.report.numbered(&dir.node, place);
    }
}

/// The entries of the same name that other operands have, which are dropped from the list.
pub fn doubles(worker: &Worker, dir: &Dir, name: &Name) {
    for double in name.doubles() {
        if let Some((kind, size)) = look(dir, name, double) {
            count(worker, name.kind.unwrap_or(kind), kind, size);
        }
    }
    let mut beside = 0;
    for double in name.doubles() {
        match double.behind {
            Some(place) => tell_doubles(worker, dir, place, &dir.rel_of(&name.name), 1),
            None => beside += 1,
        }
    }
    if beside > 0 {
        tell_doubles(worker, dir, Place::Slot(name.slot), &dir.rel_of(&name.name), beside);
    }
}

/// Tells of names that are dropped from the list.
pub fn tell_doubles(worker: &Worker, dir: &Dir, place: Place, rel: &[u8], count: usize) {
    let pass = match worker.run.state.phase() {
        Phase::Scan => Pass::Counts,
        Phase::Transfer => Pass::Transfers,
        _ => return,
    };
    worker.run.report.doubles(&dir.node, place, rel, count, pass);
}

/// What a double is. Only the sizes of files count, so nothing else is looked at.
fn look(dir: &Dir, name: &Name, double: &Double) -> Option<(Kind, u64)> {
    if let Some(kind) = double.kind
        && !matches!(kind, Kind::File | Kind::Symlink)
    {
        return Some((kind, 0));
    }
    let handle = dir.source(double.source)?;
    // What counts as a file may be a link that is followed.
    let flags = if double.kind == Some(Kind::File) { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
    let meta = Meta::from(&plain::statx(handle, &name.name, flags, STATX_ALL).ok()?);
    Some((meta.kind(), meta.size))
}

/// Counts an entry of this kind and size; `winner` is the kind of what has its name in the end.
fn count(worker: &Worker, winner: Kind, kind: Kind, size: u64) {
    let bytes = if matches!(kind, Kind::File | Kind::Symlink) { size } else { 0 };
    let phase = worker.run.state.phase();
    if phase == Phase::Scan {
        worker.run.state.source.scanned(bytes);
    }
    // Pruned directories count like others, in the pass that still sees them, and so do files dropped for them.
    let prunes = winner == Kind::Dir && prune::wanted(&worker.run.plan.options);
    if phase == if prunes { Phase::Scan } else { Phase::Transfer } {
        let mut summary = worker.summary.borrow_mut();
        summary.listed.count(kind);
        summary.total_bytes += bytes;
    }
}
