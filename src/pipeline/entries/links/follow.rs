//! The other names of a hard-link group: linked to the one that leads, and told against what they replace.

use std::ffi::CStr;

use rsync_compat::options::{BasisKind, RemoveSources};
use rsync_compat::output::itemize::{Changes, Update};

use super::table::Member;
use super::{Data, Leader, Replaces, enter, leave};
use crate::entry::{Entry, Kind, Meta};
use crate::failure::{Failure, Side, What};
use crate::pipeline::apply::remove_source::Arrival;
use crate::pipeline::apply::{node, obstacle, remove_source};
use crate::pipeline::attributes::{self, extended, xattr};
use crate::pipeline::compare::basis::{self, Grade};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::paths::target_path_in;
use crate::pipeline::handles::swaps;
use crate::pipeline::itemize::{self, Itemized, Subject, tell_at};
use crate::pipeline::translate::munge;
use crate::report::{Node, Place};

/// Whether there is anything to do about a name that is linked already.
fn wants_word(worker: &Worker) -> bool {
    worker.run.report.wants().item(Update::HardLink, Changes::NONE)
        || worker.run.plan.options.write.remove_source_files == RemoveSources::All
}

/// Brings one of the other names up to date: it is linked to the one that leads, unless it is already. Its line stands
/// at this place.
pub(super) fn follow(worker: &Worker, leader: &Leader<'_>, member: &Member, node: &Node, place: Place) {
    let entry = &member.entry;
    let linked = match (&leader.now, member.there()) {
        (Some(now), Some(there)) => now.same_inode(there),
        _ => false,
    };
    // A dry run has not given the one inode what all of its names are to have.
    let dry = worker.run.plan.options.write.dry_run;
    let mut left = match member.there() {
        Some(there) if linked && dry => changes_against(worker, entry, there),
        _ => leader.xattrs,
    };
    let asks = dry && xattr::wanted(&worker.run.plan);
    if linked && left.is_empty() && !asks && !wants_word(worker) {
        return;
    }
    let Some(dir) = enter(worker, member) else { return };
    if let Some(there) = member.there().filter(|_| linked && asks) {
        left |= extended_changes(worker, &dir, entry, there);
    }
    let rel = dir.rel_of(&entry.name);
    let subject = Subject { dir: &dir, node, place, rel: &rel, entry };
    if linked {
        stay_linked(worker, &subject, left);
    } else {
        be_linked(worker, &subject, leader, member);
    }
    leave(worker, &dir);
}

/// Tells of a name that was linked already, and of what differs all the same.
fn stay_linked(worker: &Worker, subject: &Subject<'_>, left: Changes) {
    let Subject { dir, entry, .. } = *subject;
    let is_link = entry.kind() == Kind::Symlink;
    let target = if is_link { munge::read(&worker.run.plan, dir, entry).ok() } else { None };
    let told = Itemized { target: target.as_deref(), ..Itemized::letters(Update::HardLink, left) };
    tell_at(worker, subject, &told);
    remove_source::remove(worker, dir, entry, Arrival::Other);
}

/// Links a name to the one that leads, and tells of it.
fn be_linked(worker: &Worker, subject: &Subject<'_>, leader: &Leader<'_>, member: &Member) {
    let Subject { dir, entry, .. } = *subject;
    let timed = attributes::time_when_made(&worker.run.plan, entry.kind());
    let changes = match member.there() {
        // What is no file is compared with whatever has its name.
        Some(there)
            if there.kind() == entry.kind()
                || entry.kind() != Kind::File
                || leader.replaces == Replaces::Anything =>
        {
            let changes = changes_against(worker, entry, there) | timed;
            // A dry run alone tells of what the file has that goes.
            let is_dry = worker.run.plan.options.write.dry_run;
            let extended = is_dry.then(|| extended_changes(worker, dir, entry, there));
            changes | extended.unwrap_or(Changes::NONE) | leader.xattrs
        }
        _ => stand_in(worker, dir, entry, leader),
    };
    let links = worker.run.plan.basis_kind == Some(BasisKind::Link);
    let wants = worker.run.report.wants();
    let stands = links && changes.without(timed).is_empty() && member.there().is_none();
    if !make(worker, dir, leader, member) {
        return;
    }
    itemize::count_linked(worker);
    tracing::debug!(
        target: "hlink",
        name = %String::from_utf8_lossy(subject.rel),
        leader = %String::from_utf8_lossy(&leader.rel),
        "linked"
    );
    if changes.contains(Changes::NEW) {
        itemize::count_created(worker, entry.kind());
    }
    if !stands || wants.all_lines {
        let leader =
            Some(leader.called.as_deref().unwrap_or(&leader.rel)).filter(|_| !stands || wants.letters);
        tell_at(worker, subject, &Itemized { leader, ..Itemized::letters(Update::HardLink, changes) });
    }
    remove_source::remove(worker, dir, entry, Arrival::Other);
}

/// What differs between an entry and what the destination has under its name. rsync compares the permissions of a
/// symbolic link too where that is no link.
fn changes_against(worker: &Worker, entry: &Entry, there: &Meta) -> Changes {
    let plan = &worker.run.plan;
    let mut changes = attributes::changes(plan, &attributes::wanted_over(plan, &entry.meta, there), there);
    if entry.kind() == Kind::File && entry.meta.size != there.size {
        changes |= Changes::SIZE;
    }
    let differs = entry.meta.permissions() != there.permissions();
    if entry.kind() == Kind::Symlink
        && there.kind() != Kind::Symlink
        && plan.options.preserve.perms
        && differs
    {
        changes |= Changes::PERMS;
    }
    changes
}

/// The letters of extended attributes and ACLs, where it replaces one of its kind.
fn extended_changes(worker: &Worker, dir: &Dir, entry: &Entry, there: &Meta) -> Changes {
    if there.kind() != entry.kind() {
        return Changes::NONE;
    }
    let wanted = attributes::wanted_over(&worker.run.plan, &entry.meta, there);
    extended::both(worker, dir, entry, &wanted, there).map_or(Changes::NONE, |pair| pair.changes())
}

/// The letters of a name that the destination lacks, against the file of an alternate destination: none when that is
/// just this file, with `--link-dest` linked to the one that leads.
fn stand_in(worker: &Worker, dir: &Dir, entry: &Entry, leader: &Leader<'_>) -> Changes {
    if leader.data == Data::Moves {
        return Changes::NEW;
    }
    let time = attributes::time_when_made(&worker.run.plan, entry.kind());
    match worker.run.plan.basis_kind {
        Some(BasisKind::Link) if leader.now.is_some_and(|now| basis::is_linked(dir, entry, &now)) => time,
        Some(BasisKind::Compare | BasisKind::Copy) if entry.kind() == Kind::File => {
            match basis::find(worker, dir, entry) {
                Some(found) if found.grade == Grade::Exact => time,
                Some(found) if found.grade == Grade::OtherAttributes => found.changes | time,
                Some(_) | None => Changes::NEW,
            }
        }
        Some(_) | None => Changes::NEW,
    }
}

/// Makes the link, for whatever had the name before; false when it could not be, which was told.
fn make(worker: &Worker, dir: &Dir, leader: &Leader<'_>, member: &Member) -> bool {
    let name = dir.dst_name(&member.entry);
    if let Some(there) = member.there()
        && !obstacle::clear(worker, dir, &member.entry, there, Kind::File)
    {
        return false;
    }
    if worker.run.plan.options.write.dry_run {
        return true;
    }
    let (Some(from), Some(to)) = (&leader.dir.dst, &dir.dst) else { return false };
    let link = |new: &CStr| swaps::link(leader.held.as_ref(), from, leader.name, to, new);
    let still_there = member.there().copied().filter(|there| there.kind() != Kind::Dir);
    match node::place(worker, dir, name, still_there.as_ref(), &link) {
        Ok(()) => true,
        Err(error) => {
            let path = target_path_in(&worker.run.plan, dir, name);
            let both = [path.as_slice(), b"\" => ", &leader.rel].concat();
            worker.fail(Failure::new(Side::Generator, What::Link, both, &error));
            false
        }
    }
}
