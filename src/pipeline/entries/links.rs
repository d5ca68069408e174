//! Hard-link groups across directories (rsync(1), `--hard-links`). The names of a group are collected while the
//! directories are worked on; when all are known, one name gets the data and the others are linked to it.

mod table;

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub use table::{GroupJob, Links};

use rsync_compat::options::{BasisKind, RemoveSources};
use rsync_compat::output::itemize::{Changes, Update};

use super::nodes;
use super::regular::{self, File, Next};
use crate::entry::{self, Entry, Kind, Meta, list_order};
use crate::failure::{Failure, Side, What};
use crate::pipeline::apply::file::Outcome;
use crate::pipeline::apply::remove_source::Arrival;
use crate::pipeline::apply::{self, node, obstacle, remove_source};
use crate::pipeline::attributes::{self, extended, xattr};
use crate::pipeline::compare::basis::{self, Grade};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::at::At;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::paths::target_path_in;
use crate::pipeline::handles::swaps;
use crate::pipeline::itemize::{self, Itemized, Subject, tell_at};
use crate::pipeline::translate::munge;
use crate::plan::Plan;
use crate::report::{Node, Place};
use table::Member;

/// Works on a group: the first name that the destination has leads, or the last one where it has none. One that fails
/// gives the lead to another.
pub async fn run(worker: &Rc<Worker>, job: GroupJob) {
    let held: Vec<Arc<Node>> = job.members.iter().map(|member| Arc::clone(&member.dir.facts.node)).collect();
    bring_together(worker, job).await;
    held.iter().for_each(|node| worker.run.report.release(node));
}

async fn bring_together(worker: &Rc<Worker>, mut job: GroupJob) {
    let plan = &worker.run.plan;
    let mut sorted: Vec<_> = job.members.drain(..).map(|member| (member.sorted_by(plan), member)).collect();
    sorted.sort_by(|(a, _), (b, _)| list_order(a, b));
    job.members = sorted.into_iter().map(|(_, member)| member).collect();
    while let Some(last) = job.members.len().checked_sub(1) {
        let at = job.members.iter().position(|member| leads(worker, member)).unwrap_or(last);
        let leader = job.members.remove(at);
        let Some(dir) = enter(worker, &leader) else { continue };
        let led = lead(worker, &dir, &leader).await;
        // What `--append` takes to be complete, or none of ours, is nothing to link to.
        let is_passed =
            led.outcome == Outcome::Left && regular::is_long_enough(worker, &leader.entry, leader.there());
        if led.outcome != Outcome::Failed && !is_passed {
            return match look(worker, &dir, &leader, led) {
                Some(found) => {
                    let (earlier, later) = job.members.split_at(at);
                    join(worker, found, earlier, later);
                }
                None => apart(worker, &dir, &job.members).await,
            };
        }
        leave(worker, &dir);
    }
}

/// Looks at what the other names are going to be linked to; `None` where there is nothing: then each of them is worked
/// on as if it were no hard link.
fn look<'a>(worker: &Worker, dir: &'a Dir, member: &'a Member, led: Led) -> Option<Leader<'a>> {
    let Led { data, xattrs, .. } = led;
    let name = dir.dst_name(&member.entry);
    let there = dir.dst.as_ref().and_then(|dst| At::Name(dst.as_fd(), name).look().ok());
    let is_dry = worker.run.plan.options.write.dry_run;
    // Nothing is asked of the leader's source any more, which may be gone by now (`--remove-source-files`).
    let found = if is_dry { basis::find(worker, dir, &member.entry) } else { None };
    let alternate = found.filter(|found| found.grade == Grade::Exact).zip(worker.run.plan.basis_kind);
    let now = match &alternate {
        // A dry run made no link to the alternate file, but counts as if it had.
        Some((found, BasisKind::Link)) => Some(found.meta),
        Some((_, BasisKind::Compare)) => return None,
        Some((_, BasisKind::Copy)) | None => there,
    };
    if now.is_none() && !is_dry {
        // Left to an alternate destination (`--compare-dest`), or it went away.
        return None;
    }
    match now.map(|_| hold(worker, dir, member)).transpose() {
        Ok(held) => {
            let (rel, replaces) = (member.rel(), Replaces::Anything);
            let stand_in =
                stand_in_path(&worker.run.plan, &rel, alternate.as_ref().map(|(found, _)| found.index));
            let held = held.flatten();
            Some(Leader { dir, member, name, rel, stand_in, called: None, data, xattrs, now, held, replaces })
        }
        Err(error) => {
            // The name leads to something else by now.
            let path = target_path_in(&worker.run.plan, dir, name);
            worker.fail(Failure::new(Side::Generator, What::StatDestination, path, &error));
            None
        }
    }
}

/// The path of the alternate file that a dry run would have linked the name to. With incremental recursion rsync, which
/// misses the name, comes upon that file in later directories.
fn stand_in_path(plan: &Plan, rel: &[u8], alternate: Option<usize>) -> Option<Vec<u8>> {
    let links = plan.basis_kind == Some(BasisKind::Link) && plan.options.select.incremental;
    let root = plan.basis.get(alternate.filter(|_| links)?)?;
    Some(entry::join(&root.display, rel))
}

/// Links the other names of a group to the one that leads, in the order in which rsync comes to them: those that stand
/// after it in the file list, then those before it, backwards.
fn join(worker: &Worker, mut leader: Leader<'_>, earlier: &[Member], later: &[Member]) {
    let mut is_known_elsewhere = false;
    for member in later {
        let is_elsewhere = !Arc::ptr_eq(&member.dir.facts.node, &leader.member.dir.facts.node);
        if is_elsewhere && std::mem::replace(&mut is_known_elsewhere, true) {
            leader.called = leader.stand_in.take().or(leader.called);
        }
        let place = leader.data.place_or(Place::Slot(member.entry.slot));
        follow(worker, &leader, member, &member.dir.facts.node, place);
    }
    leader.called = None;
    if !worker.run.plan.options.write.dry_run {
        leader.replaces = Replaces::Files;
    }
    let place = leader.data.place_or(Place::Slot(leader.member.entry.slot));
    for member in earlier.iter().rev() {
        follow(worker, &leader, member, &leader.dir.node, place);
    }
    leave(worker, leader.dir);
}

/// Brings each name of a group up to date as if it had no other one.
async fn apart(worker: &Rc<Worker>, led: &Dir, members: &[Member]) {
    leave(worker, led);
    for member in members {
        if let Some(dir) = enter(worker, member) {
            lead(worker, &dir, member).await;
            leave(worker, &dir);
        }
    }
}

/// Holds the file that the others are going to be linked to, by an `O_PATH` handle where others may rename in its
/// directory. It is the one that was there, or has the owner, size and time of the one that was made just now.
///
/// # Errors
/// ESTALE when it is another one.
fn hold(worker: &Worker, dir: &Dir, leader: &Member) -> io::Result<Option<OwnedFd>> {
    let (plan, entry, there) = (&worker.run.plan, &leader.entry, leader.there());
    let wanted = attributes::wanted(plan, dir, &entry.meta, there);
    swaps::hold(worker, dir, dir.dst_name(entry), |now| {
        // Nobody else can make files of these owners. Root can set any time.
        let owner = now.uid == plan.identity.uid || now.uid == wanted.uid;
        let timed = !attributes::keeps_time(plan, entry.kind()) || !plan.identity.passes_permissions;
        let time = timed || attributes::same_time(&plan.options.compare, wanted.mtime, now.mtime);
        let size = entry.kind() != Kind::File || now.size == entry.meta.size;
        owner && time && size || there.is_some_and(|there| there.same_inode(now))
    })
}

/// Whether a name may lead: the destination or an alternate one has it, or it is no file, so that no data has to arrive
/// first. Where no name of a group may, the last one does, since rsync's data arrives after it has looked at all names.
fn leads(worker: &Worker, member: &Member) -> bool {
    if member.there().is_some_and(|there| there.kind() == member.entry.kind())
        || member.entry.kind() != Kind::File
    {
        return true;
    }
    if worker.run.plan.basis.is_empty() {
        return false;
    }
    let Some(dir) = enter(worker, member) else { return false };
    let is_found = basis::find(worker, &dir, &member.entry).is_some();
    leave(worker, &dir);
    is_found
}

/// The name that the others are linked to.
struct Leader<'a> {
    dir: &'a Dir,
    member: &'a Member,
    /// Its name at the destination.
    name: &'a CStr,
    /// Its path from the transfer root.
    rel: Vec<u8>,
    /// The alternate file, as it is told in its place in a dry run.
    stand_in: Option<Vec<u8>>,
    /// What it is called, if not by its path.
    called: Option<Vec<u8>>,
    data: Data,
    /// The letter of its extended attributes, which rsync tells of all names that it has settled with this one.
    xattrs: Changes,
    /// The file that has the name now.
    now: Option<Meta>,
    /// The file itself, where others may swap its name.
    held: Option<OwnedFd>,
    replaces: Replaces,
}

/// What the letters of a file that is linked are told against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Replaces {
    /// Whatever has its name.
    Anything,
    /// A file that has its name; over anything else it is told as new. That is rsync's way with files that stand before
    /// the one that leads, which it comes back to, but for a dry run.
    Files,
}

/// Whether the data of a group's file moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Data {
    Stays,
    Moves,
}

impl Data {
    /// Where the line of a linked name stands: at its own place, or behind all others where it has to wait for data.
    const fn place_or(self, own: Place) -> Place {
        match self {
            Data::Stays => own,
            Data::Moves => Place::Late,
        }
    }
}

/// What came of the name that leads.
#[derive(Debug, Clone, Copy)]
struct Led {
    outcome: Outcome,
    data: Data,
    /// The letter of its extended attributes, as long as its data stays; none in a dry run.
    xattrs: Changes,
}

async fn lead(worker: &Rc<Worker>, dir: &Arc<Dir>, leader: &Member) -> Led {
    let there = leader.there();
    let differs = |there: &Meta| {
        let sets = !worker.run.plan.options.write.dry_run && there.kind() == leader.entry.kind();
        sets && extended::differ(worker, dir, &leader.entry, there)
    };
    let xattrs = if there.is_some_and(differs) { Changes::XATTR } else { Changes::NONE };
    let settled = |outcome| Led { outcome, data: Data::Stays, xattrs };
    if leader.entry.kind() != Kind::File {
        return settled(nodes::apply(worker, dir, &leader.entry, there));
    }
    match regular::settle(worker, &File { dir, entry: leader.entry.clone(), there: there.copied() }) {
        Next::Settled(outcome) => settled(outcome),
        Next::Move(mut job) => {
            // What an alternate destination has is copied at once.
            let data = if job.update == Update::Transfer { Data::Moves } else { Data::Stays };
            let outcome = regular::move_data(worker, &mut job).await;
            if dir.flags.touched.load(Ordering::Acquire) {
                // Another group's task may have given it its time back before this one was done.
                dir.touch();
            }
            Led { outcome, data, xattrs: Changes::NONE }
        }
    }
}

/// Whether there is anything to do about a name that is linked already.
fn wants_word(worker: &Worker) -> bool {
    worker.run.report.wants().item(Update::HardLink, Changes::NONE)
        || worker.run.plan.options.write.remove_source_files == RemoveSources::All
}

/// Brings one of the other names up to date: it is linked to the one that leads, unless it is already. Its line stands
/// at this place.
fn follow(worker: &Worker, leader: &Leader<'_>, member: &Member, node: &Node, place: Place) {
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
    let changes = match member.there() {
        // What is no file is compared with whatever has its name.
        Some(there)
            if there.kind() == entry.kind()
                || entry.kind() != Kind::File
                || leader.replaces == Replaces::Anything =>
        {
            let changes = changes_against(worker, entry, there) | time_left(worker, entry.kind());
            let untold = if worker.run.plan.options.write.dry_run { Changes::NONE } else { Changes::XATTR };
            changes | extended_changes(worker, dir, entry, there).without(untold) | leader.xattrs
        }
        _ => stand_in(worker, dir, entry, leader),
    };
    let links = worker.run.plan.basis_kind == Some(BasisKind::Link);
    let wants = worker.run.report.wants();
    let stands = links && changes.is_empty() && member.there().is_none();
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

/// The time among the letters of a name that is linked: it counts as changed where times are not kept.
fn time_left(worker: &Worker, kind: Kind) -> Changes {
    let plan = &worker.run.plan;
    match (plan.options.preserve.times, attributes::keeps_time(plan, kind)) {
        (true, true) => Changes::NONE,
        (true, false) => Changes::TIME,
        (false, _) => Changes::TIME_NOW,
    }
}

/// The letters of a name that the destination lacks, against the file of an alternate destination: none when that is
/// just this file, with `--link-dest` linked to the one that leads.
fn stand_in(worker: &Worker, dir: &Dir, entry: &Entry, leader: &Leader<'_>) -> Changes {
    if leader.data == Data::Moves {
        return Changes::NEW;
    }
    match worker.run.plan.basis_kind {
        Some(BasisKind::Link) if leader.now.is_some_and(|now| basis::is_linked(dir, entry, &now)) => {
            Changes::NONE
        }
        Some(BasisKind::Compare | BasisKind::Copy) if entry.kind() == Kind::File => {
            match basis::find(worker, dir, entry) {
                Some(found) if found.grade == Grade::Exact => Changes::NONE,
                Some(found) if found.grade == Grade::OtherAttributes => found.changes,
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
        && !obstacle::clear(worker, dir, name, there, member.entry.kind())
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

/// Opens a member's directory again, to work on the group in it until [`leave`].
fn enter(worker: &Worker, member: &Member) -> Option<Arc<Dir>> {
    let dir = open(worker, member)?;
    apply::dir::begin_visit(worker, &dir);
    Some(dir)
}

fn leave(worker: &Worker, dir: &Dir) {
    apply::dir::end_visit(worker, dir);
}

fn open(worker: &Worker, member: &Member) -> Option<Arc<Dir>> {
    let (closed, source) = (&member.dir, member.entry.source);
    if let Some(dir) = worker.reopened.find(&closed.facts.flags, source) {
        return Some(dir);
    }
    // The directory's own attributes may come from another source.
    let first = closed.sources.first().copied().filter(|first| *first != source);
    let sources: Vec<u16> = first.into_iter().chain([source]).collect();
    let dir = Arc::new(closed.open(worker, &sources)?.0);
    worker.reopened.keep(&dir);
    Some(dir)
}
