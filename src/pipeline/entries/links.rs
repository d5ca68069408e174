//! Hard-link groups across directories (rsync(1), `--hard-links`). The names of a group are collected while the
//! directories are worked on; when all are known, one name gets the data and the others are linked to it.

mod follow;
mod table;

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub use table::{GroupJob, Links};

use rsync_compat::options::BasisKind;
use rsync_compat::output::itemize::{Changes, Update};

use super::existing;
use super::nodes;
use super::regular::{self, File, Next};
use crate::entry::{self, Kind, Meta, list_order};
use crate::failure::{Failure, Side, What};
use crate::pipeline::apply;
use crate::pipeline::apply::file::Outcome;
use crate::pipeline::attributes::{self, extended};
use crate::pipeline::compare::basis::{self, Grade, similar};
use crate::pipeline::compare::decide::{self, Why};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::at::At;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::paths::target_path_in;
use crate::pipeline::handles::swaps;
use crate::plan::Plan;
use crate::report::{Node, Place};
use follow::follow;
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
    while !job.members.is_empty() {
        let first = job.members.iter().position(|member| !is_newer(worker, member) && leads(worker, member));
        let newer = leave_newer(worker, &mut job.members, first);
        let Some(at) = first.map(|at| at - newer).or(job.members.len().checked_sub(1)) else { return };
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

/// Whether `-u` leaves a name alone, as long as it is not linked to another one.
fn is_newer(worker: &Worker, member: &Member) -> bool {
    let Plan { options, identity, .. } = &*worker.run.plan;
    decide::skip(options, identity, &member.entry.meta, member.there(), || true) == Some(Why::Newer)
}

/// Leaves newer names alone that stand before the first one to lead, or all where none does, since only what rsync
/// comes upon behind that one is linked to it. Returns how many there are.
fn leave_newer(worker: &Worker, members: &mut Vec<Member>, first: Option<usize>) -> usize {
    let before = ..first.unwrap_or(members.len());
    let newer: Vec<Member> = members.extract_if(before, |member| is_newer(worker, member)).collect();
    for member in &newer {
        if let Some(dir) = enter(worker, member) {
            existing::skip(worker, &dir, &member.entry, Why::Newer, "");
            leave(worker, &dir);
        }
    }
    newer.len()
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
        // A dry run made no link to the alternate file, but counts as if it had; not of what is no file.
        Some((found, BasisKind::Link)) if member.entry.kind() == Kind::File => Some(found.meta),
        Some((_, BasisKind::Compare)) => return None,
        Some((_, BasisKind::Link | BasisKind::Copy)) | None => there,
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

/// Whether a name may lead: the destination or an alternate one has it, or a file that is similar (`--fuzzy`), or it is
/// no file, so that no data has to arrive first. Where no name of a group may, the last one does, since rsync's data arrives after it has looked at all names.
fn leads(worker: &Worker, member: &Member) -> bool {
    if member.there().is_some_and(|there| there.kind() == member.entry.kind())
        || member.entry.kind() != Kind::File
    {
        return true;
    }
    if worker.run.plan.basis.is_empty() && !similar::wanted(worker) {
        return false;
    }
    let Some(dir) = enter(worker, member) else { return false };
    let is_found = basis::find(worker, &dir, &member.entry).is_some()
        || similar::find(worker, &dir, &member.entry).is_some();
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
