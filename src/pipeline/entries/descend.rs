//! A directory among the entries of another: decided about, made, and handed on as a job of its own.

use std::os::fd::AsFd;
use std::sync::Arc;

use rsync_compat::options::Recursion;
use rsync_compat::output::itemize::{Changes, Update};
use uring_ext::plain::AtFlags;

use super::directories;
use super::existing;
use crate::entry::{Entry, Kind, Meta};
use crate::failure::{Failure, Side, What};
use crate::operands::tree::Rank;
use crate::pipeline::attributes::{self, extended};
use crate::pipeline::compare::decide::Why;
use crate::pipeline::compare::directory::{self, Found, Step};
use crate::pipeline::engine::state::Phase;
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::dir::{Before, Dir, DirJob, Remote};
use crate::pipeline::handles::name::Name;
use crate::pipeline::handles::paths::target_path_in;
use crate::pipeline::handles::swaps::SourceDir;
use crate::pipeline::itemize::{Itemized, count_created, tell};
use crate::pipeline::walk::{self, Crossing};
use crate::plan::{Plan, Power, Takes};
use crate::report::Place;

/// The job that reads a directory and brings it up to date; its own entry is made sure of now. `None` where this pass
/// has nothing to do in it.
pub fn job(worker: &Worker, dir: &Arc<Dir>, entry: Entry, name: &Name) -> Option<DirJob> {
    let plan = &worker.run.plan;
    let rank = name.operand().map_or(Rank::Named, |operand| operand.rank);
    let there = existing::look(worker, dir, &entry).ok()?;
    let found = match &there {
        None if plan.options.compare.existing && !existing::is_missing(dir, &entry) => Found::Unseen,
        there => Found::of(there.as_ref(), |there| directories::is_kept_link(worker, dir, &entry, there)),
    };
    let facts = directory::Facts {
        options: &plan.options,
        phase: worker.run.state.phase(),
        above: dir.before,
        rank,
        found,
    };
    let (before, wanted) = enact(worker, dir, &entry, there.as_ref(), directory::step(&facts))?;
    let listed = match (plan.options.select.recursion, walk::crossing(plan, dir, name, &entry.meta)) {
        (_, Crossing::Stop | Crossing::Omit) => Vec::new(),
        (Recursion::Full, _) if rank >= Rank::Named || name.operand().is_none() => name.listed(),
        (Recursion::Dirs, _) if rank == Rank::Contents => name.listed(),
        _ => Vec::new(),
    };
    Some(DirJob {
        parent: Some(Arc::clone(dir)),
        closed: None,
        through: name.through(),
        sources: sources(name, &listed),
        listed,
        operands: name.operand().map(|operand| operand.children.clone()).unwrap_or_default(),
        wanted,
        as_listed: Some(SourceDir::of(&entry.meta)),
        before,
        node: worker.run.report.child(&dir.node, entry.slot),
        dev: if rank >= Rank::Named && name.operand().is_some() { Some(entry.meta.dev) } else { dir.dev },
        rel: dir.rel_of(&entry.name),
        remote: remote(dir, &entry),
        upcoming: None,
        // Kept until its turn comes.
        name: entry.name.detached(),
    })
}

/// The job that deletes names in a directory that the source lacks like them (`--delete-missing-args`); the
/// destination's stays as it is.
pub fn absent(worker: &Worker, dir: &Arc<Dir>, name: &Name) -> Option<DirJob> {
    let operand = name.operand().filter(|operand| !operand.children.is_empty())?;
    if !matches!(worker.run.state.phase(), Phase::Scan | Phase::Transfer) {
        return None;
    }
    if operand.rank == Rank::Absent {
        worker.run.report.passed(&dir.node, Place::Slot(name.slot));
        let names_missing = operand.children.iter().any(|(_, child)| child.rank == Rank::Missing);
        let lists = worker.run.plan.options.output.list_only;
        if names_missing && worker.run.state.phase() == Phase::Transfer && !lists {
            let rel = dir.rel_of(&name.name);
            worker.run.report.warning(&[b"WARNING: parent dir is absent in the file list: ", &*rel].concat());
        }
    }
    let dst_name = name.dst_name();
    let there =
        dir.dst.as_ref().and_then(|dst| Meta::at(dst.as_fd(), dst_name, AtFlags::SYMLINK_NOFOLLOW).ok());
    let before = there.filter(|there| there.kind() == Kind::Dir).map_or(Before::Left, Before::Existing);
    let differs = name.remote().is_some() || dir.remote.is_some();
    Some(DirJob {
        parent: Some(Arc::clone(dir)),
        closed: None,
        through: name.through(),
        sources: Vec::new(),
        listed: Vec::new(),
        operands: operand.children.clone(),
        wanted: None,
        as_listed: None,
        before,
        node: worker.run.report.child(&dir.node, name.slot),
        dev: dir.dev,
        rel: dir.rel_of(&name.name),
        remote: differs.then(|| Remote { name: dst_name.to_owned(), rel: dir.dst_rel_of(dst_name) }),
        upcoming: None,
        name: name.name.detached(),
    })
}

/// Does what was decided. Returns what the destination had and which attributes the directory gets in the end; `None`
/// where this pass has nothing to do in it.
fn enact(
    worker: &Worker,
    dir: &Arc<Dir>,
    entry: &Entry,
    there: Option<&Meta>,
    step: Step,
) -> Option<(Before, Option<Meta>)> {
    let wanted = Some(wanted(&worker.run.plan, dir, entry, there));
    Some(match step {
        Step::ListOnly => (Before::Absent, wanted),
        Step::LeaveOut => {
            worker.run.report.passed(&dir.node, Place::Slot(entry.slot));
            (Before::Left, wanted)
        }
        Step::NotCreate => {
            existing::skip(worker, dir, entry, Why::NotCreating, "");
            (Before::Left, wanted)
        }
        Step::OutOfReach(errno) => {
            not_made(worker, dir, entry, errno);
            tell(worker, dir, entry, &Itemized::letters(Update::Local, Changes::NEW));
            (Before::Left, wanted)
        }
        Step::Use(there) => (Before::Existing(there), wanted),
        Step::UseLinked => (directories::linked(worker, dir, entry).before, wanted),
        Step::Pass => return None,
        Step::LeadThrough => (directories::passage(worker, dir, entry, there), None),
        Step::KeepOther(there) => (existing::stay(worker, dir, entry, &there), None),
        Step::Prepare => prepare(worker, dir, entry, there, wanted),
    })
}

/// Makes sure that the destination has the directory, and tells about it.
fn prepare(
    worker: &Worker,
    dir: &Dir,
    entry: &Entry,
    there: Option<&Meta>,
    wanted: Option<Meta>,
) -> (Before, Option<Meta>) {
    let prepared = directories::prepare(worker, dir, entry, there);
    directories::tell(worker, dir, entry, &prepared);
    match (prepared.before, there.map(Meta::kind)) {
        // What a kept link leads to keeps what it has.
        (Before::Existing(led_to), Some(Kind::Symlink)) => {
            (prepared.before, Some(self::wanted(&worker.run.plan, dir, entry, Some(&led_to))))
        }
        _ => (prepared.before, wanted),
    }
}

/// A directory that cannot be made below something else fails, and counts as made; its extended attributes are set all
/// the same, which fails too.
fn not_made(worker: &Worker, dir: &Dir, entry: &Entry, errno: i32) {
    blocked(worker, dir, entry, What::Mkdir, errno);
    if extended::has_xattrs(worker, dir, entry) {
        let path = target_path_in(&worker.run.plan, dir, dir.dst_name(entry));
        let error = std::io::Error::from_raw_os_error(errno);
        worker.fail(Failure::new(Side::Receiver, What::StatForXattrs, path, &error));
    }
    count_created(worker, Kind::Dir);
}

/// What a directory is at the destination, where that is something else or lies below something else.
fn remote(dir: &Dir, entry: &Entry) -> Option<Remote> {
    let differs = entry.remote.is_some() || dir.remote.is_some();
    let name = entry.remote_name();
    differs.then(|| Remote { name: name.to_owned(), rel: dir.dst_rel_of(name) })
}

/// Tells that a name cannot be below something that is no directory.
pub fn blocked(worker: &Worker, dir: &Dir, entry: &Entry, what: What, errno: i32) {
    let path = target_path_in(&worker.run.plan, dir, dir.dst_name(entry));
    worker.fail(Failure::new(Side::Generator, what, path, &std::io::Error::from_raw_os_error(errno)));
}

/// The attributes that a directory gets; one of others is not opened up, unless by root, who only acts as an ordinary
/// user (`--no-super`).
fn wanted(plan: &Plan, dir: &Dir, entry: &Entry, there: Option<&Meta>) -> Meta {
    let wanted = attributes::wanted(plan, dir, &entry.meta, there);
    let user = plan.identity.uid;
    let may = there.is_none_or(|there| there.kind() != Kind::Dir || there.uid == user || user == 0);
    if may { opened_up(plan, wanted) } else { wanted }
}

/// A directory that may be written to is opened up to get at its contents, and stays so, as in rsync; one that could
/// not be written to gets its mode, and so does one that stands alone and takes the destination's name.
#[must_use]
pub fn opened_up(plan: &Plan, mut wanted: Meta) -> Meta {
    let is_one_of_many = matches!(plan.target.takes, Takes::Names);
    let stays_open = is_one_of_many && wanted.mode & 0o200 != 0 && wanted.mode & 0o500 != 0o500;
    // What stands for it is open to its user anyway (`--fake-super`).
    if stays_open && plan.identity.opens_up() && plan.identity.receiver != Power::Fake {
        wanted.mode |= 0o700;
    }
    wanted
}

/// The source with the attributes first, then all others that are read or lead on.
fn sources(name: &Name, listed: &[u16]) -> Vec<u16> {
    let mut sources = vec![name.source];
    let operand = name.operand().map(|operand| operand.sources.as_slice()).unwrap_or_default();
    for &source in listed.iter().chain(operand) {
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    sources
}
