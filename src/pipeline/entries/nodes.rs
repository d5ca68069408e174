//! Links, devices, FIFOs and sockets from look to act: what the destination and its alternates have, the decision.

use std::io;
use std::os::fd::AsFd;

use rsync_compat::options::BasisKind;
use rsync_compat::output::itemize::{Changes, Update};
use rsync_compat::unsafe_link::is_unsafe;

use crate::entry::{Entry, Kind, Meta};
use crate::failure::{Failure, Severity, Side, What};
use crate::pipeline::apply::file::Outcome;
use crate::pipeline::apply::metadata::{self, Now, Subject};
use crate::pipeline::apply::remove_source::Arrival;
use crate::pipeline::apply::{node, remove_source, special, symlink};
use crate::pipeline::attributes;
use crate::pipeline::attributes::extended::{self, Compared};
use crate::pipeline::compare::basis::{self, Grade};
use crate::pipeline::compare::decide::{Decision, decide, needs_contents};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::contents::{self, Contents};
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::paths::{source_path, target_path_in};
use crate::pipeline::handles::swaps;
use crate::pipeline::itemize::{self, Itemized, tell};
use crate::pipeline::translate::{charset, munge};
use crate::plan::Power;
use crate::report::{Notice, Place};

/// Brings one link, device, FIFO or socket up to date.
pub fn apply(worker: &Worker, dir: &Dir, entry: &Entry, there: Option<&Meta>) -> Outcome {
    let arrived = match entry.kind() {
        Kind::Symlink => symlink(worker, dir, entry, there),
        Kind::File | Kind::Dir | Kind::Char | Kind::Block | Kind::Fifo | Kind::Socket => {
            special(worker, dir, entry, there)
        }
    };
    match arrived {
        Ok(arrival) => {
            remove_source::remove(worker, dir, entry, arrival);
            Outcome::Done
        }
        Err(outcome) => outcome,
    }
}

fn symlink(worker: &Worker, dir: &Dir, entry: &Entry, there: Option<&Meta>) -> Result<Arrival, Outcome> {
    let plan = &worker.run.plan;
    let target = match munge::read(plan, dir, entry) {
        Ok(target) => target,
        Err(error) => {
            read_failed(worker, dir, entry, &error);
            return Err(Outcome::Failed);
        }
    };
    let there_text = match charset::text(plan, target.clone()) {
        Ok(text) => text,
        Err(error) => {
            read_failed(worker, dir, entry, &error);
            return Err(Outcome::Failed);
        }
    };
    let written = munge::to_write(&plan.options.links, &there_text);
    if plan.options.links.safe && is_unsafe(&written, &dir.rel_of(&entry.name)) {
        let rel = dir.rel_of(&entry.name);
        let notice = Notice::UnsafeSymlink { rel: &rel, target: &target };
        worker.run.report.notice(&dir.node, Place::Slot(entry.slot), &notice);
        return Err(Outcome::Left);
    }
    let contents = match there {
        Some(there) if there.kind() == Kind::Symlink => same_target(worker, dir, entry, &there_text),
        _ => Contents::Unknown,
    };
    match decide(&plan.options.compare, &entry.meta, there, contents) {
        Decision::Same => settle(worker, dir, entry, there, Some(&target)),
        Decision::Update | Decision::Create => {
            let times = match (plan.options.preserve.times, attributes::keeps_time(plan, Kind::Symlink)) {
                (true, true) => Times::Kept,
                (true, false) => Times::Left,
                (false, _) => Times::New,
            };
            let changes = match there {
                Some(_) => changes(worker, dir, entry, there) | changed_value(there, times),
                None => match stand_in(worker, dir, entry, Some(&target)) {
                    Stand::New => Changes::NEW,
                    // What an alternate destination has did not arrive.
                    Stand::Settled => return Err(Outcome::Done),
                    Stand::Differs(changes) if changes.contains(Changes::CHECKSUM) => {
                        changes | changed_text(times)
                    }
                    Stand::Differs(changes) => changes,
                },
            };
            let told = Itemized { target: Some(&target), ..Itemized::letters(Update::Local, changes) };
            if !symlink::make(worker, dir, entry, &written, there) {
                not_made(worker, dir, entry, &told);
                return Err(Outcome::Failed);
            }
            node::made(worker, dir, entry, there, &told);
            return Ok(Arrival::Sent);
        }
    }
    Ok(Arrival::Other)
}

/// What an alternate destination has just like this is told before it is made here (`-ii`), so also where that fails.
fn not_made(worker: &Worker, dir: &Dir, entry: &Entry, told: &Itemized<'_>) {
    if told.changes.is_empty() {
        tell(worker, dir, entry, told);
    }
}

/// Whether the link gets the source's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Times {
    Kept,
    /// `-J`, which is told as if it got it.
    Left,
    New,
}

fn changed_value(there: Option<&Meta>, times: Times) -> Changes {
    match there {
        Some(there) if there.kind() == Kind::Symlink => changed_text(times),
        _ => Changes::NONE,
    }
}

fn changed_text(times: Times) -> Changes {
    match times {
        Times::Kept => Changes::CHECKSUM,
        Times::Left => Changes::CHECKSUM | Changes::TIME,
        Times::New => Changes::CHECKSUM | Changes::TIME_NOW,
    }
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
    let wanted = attributes::wanted_over(plan, &entry.meta, there);
    match decide(&plan.options.compare, &entry.meta, Some(there), contents) {
        Decision::Same if attributes::changes(plan, &wanted, there).is_empty() => " (uptodate)",
        Decision::Same => " (attr change)",
        _ if plan.options.compare.checksum => " (sum change)",
        Decision::Update | Decision::Create => " (file change)",
    }
}

fn same_target(worker: &Worker, dir: &Dir, entry: &Entry, target: &[u8]) -> Contents {
    let Some(dst) = &dir.dst else { return Contents::Unknown };
    match munge::read_target(&worker.run.plan, dst, dir.dst_name(entry)) {
        Ok(there) if there == target => Contents::Equal,
        _ => Contents::Differ,
    }
}

fn read_failed(worker: &Worker, dir: &Dir, entry: &Entry, error: &io::Error) {
    let path = source_path(&worker.run.plan, entry.source, &dir.rel_of(&entry.name));
    worker.fail(if error.kind() == io::ErrorKind::NotFound {
        Failure::new(Side::Sender, What::Vanished, path, error).severity(Severity::Vanished)
    } else {
        Failure::new(Side::Sender, What::Readlink, path, error).severity(Severity::ListingError)
    });
}

fn special(worker: &Worker, dir: &Dir, entry: &Entry, there: Option<&Meta>) -> Result<Arrival, Outcome> {
    let plan = &worker.run.plan;
    match decide(&plan.options.compare, &entry.meta, there, Contents::Unknown) {
        Decision::Same => settle(worker, dir, entry, there, None),
        Decision::Update | Decision::Create => {
            let changes = match there {
                Some(there) if same_class(there, entry) => {
                    let time = if plan.options.preserve.times { Changes::NONE } else { Changes::TIME_NOW };
                    changes(worker, dir, entry, Some(there)) | Changes::CHECKSUM | time
                }
                Some(_) => Changes::NEW,
                None => match stand_in(worker, dir, entry, None) {
                    Stand::New => Changes::NEW,
                    // What an alternate destination has did not arrive.
                    Stand::Settled => return Err(Outcome::Done),
                    Stand::Differs(changes) => changes,
                },
            };
            let told = Itemized::letters(Update::Local, changes);
            if !special::make(worker, dir, entry, there) {
                not_made(worker, dir, entry, &told);
                return Err(Outcome::Failed);
            }
            node::made(worker, dir, entry, there, &told);
        }
    }
    Ok(Arrival::Other)
}

/// What alternate destinations have to say about an entry that is no regular file.
#[derive(Debug)]
enum Stand {
    /// Nothing: it is new.
    New,
    /// It was linked, or left to them.
    Settled,
    /// It is made here, and differs from theirs in this.
    Differs(Changes),
}

/// Asks the alternate destinations about an entry that the destination lacks.
fn stand_in(worker: &Worker, dir: &Dir, entry: &Entry, target: Option<&[u8]>) -> Stand {
    if dir.basis.is_empty() {
        return Stand::New;
    }
    let Some(found) = basis::find(worker, dir, entry) else { return Stand::New };
    let told = |update, changes| Itemized { target, ..Itemized::letters(update, changes) };
    match (found.grade, worker.run.plan.basis_kind) {
        (Grade::Exact, Some(BasisKind::Compare)) => {
            tell(worker, dir, entry, &told(Update::Attributes, Changes::NONE));
            Stand::Settled
        }
        (Grade::Exact, Some(BasisKind::Link)) if node::link(worker, dir, entry, &found.alternate()) => {
            itemize::count_linked(worker);
            tell(worker, dir, entry, &told(Update::HardLink, found.changes));
            Stand::Settled
        }
        (Grade::Exact, _) => Stand::Differs(found.changes.without(Changes::ATIME)),
        _ => Stand::Differs(found.changes | Changes::CHECKSUM),
    }
}

/// The letters for an entry that is made: new, or what differs from the one of its kind that it replaces.
fn changes(worker: &Worker, dir: &Dir, entry: &Entry, there: Option<&Meta>) -> Changes {
    let plan = &worker.run.plan;
    match there {
        Some(there) if same_class(there, entry) => {
            let wanted = attributes::wanted_over(plan, &entry.meta, there);
            let mut changes = attributes::changes(plan, &wanted, there);
            if let Some(mut pair) = extended::both(worker, dir, entry, &wanted, there) {
                if !plan.options.write.dry_run {
                    // It is told once it was made, and what is new has none.
                    pair.have.xattrs.clear();
                }
                changes |= pair.changes();
            }
            changes
        }
        _ => Changes::NEW,
    }
}

/// Whether one can be told as a change of the other: devices are one class, FIFOs and sockets another.
fn same_class(there: &Meta, entry: &Entry) -> bool {
    let (there, here) = (there.kind(), entry.kind());
    there == here || (there.is_device() && here.is_device()) || (there.is_special() && here.is_special())
}

/// Attributes and the line of an entry whose value is right already.
fn settle(worker: &Worker, dir: &Dir, entry: &Entry, there: Option<&Meta>, target: Option<&[u8]>) {
    let plan = &worker.run.plan;
    let Some(there) = there else { return };
    let compared = extended::compare(worker, dir, entry, there);
    let shown = attributes::shown(plan, &compared, there);
    let Compared { wanted, extended, changes } = compared;
    // No letter tells of a link's access time.
    let silent = entry.kind() == Kind::Symlink
        && attributes::keeps_access_time(plan, Kind::Symlink)
        && !attributes::same_time(&plan.options.compare, wanted.atime, there.atime);
    tell(worker, dir, entry, &Itemized { target, silent, ..Itemized::letters(Update::Attributes, shown) });
    // What a file stands for is kept true in silence.
    let stands = plan.identity.receiver == Power::Fake;
    let Some(dst) = dir.dst.as_ref().filter(|_| !plan.options.write.dry_run) else { return };
    if changes.is_empty() && !stands && !silent {
        return;
    }
    let extended = extended.as_deref();
    let wanted = &attributes::with_xattrs(plan, wanted, &entry.meta, extended);
    let name = dir.dst_name(entry);
    let path = || target_path_in(plan, dir, name);
    let held = match swaps::hold(worker, dir, name, |now| now.same_inode(there)) {
        Ok(held) => held,
        Err(error) => {
            return worker.fail(Failure::new(Side::Generator, What::StatDestination, path(), &error));
        }
    };
    let at = swaps::at(held.as_ref(), dst.as_fd(), name);
    let now = Now::from(there);
    metadata::settle(worker, &Subject { at, wanted, now, extended, side: Side::Generator }, path);
}
