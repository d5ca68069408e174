//! The entries of a directory, one after the other: looked at, compared, decided, applied. Directories become jobs.

pub mod existing;
pub mod regular;
pub mod directories;
pub mod descend;
mod link_text;
pub mod nodes;
pub mod links;

use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rsync_compat::filter::Match;
use rsync_compat::options::Recursion;
use rsync_compat::output::itemize::{Changes, Update};
use uring_ext::Kept;
use uring_ext::mode::errno::ENOENT;

use self::regular::{File, Next};
use super::apply::delete;
use super::apply::file::{Outcome, Transfer};
use super::apply::finish;
use super::batch::record::Notes;
use super::batch::replay;
use super::compare::decide;
use super::engine::jobs::Job;
use super::engine::state::Phase;
use super::engine::worker::Worker;
use super::handles::closed::ClosedDir;
use super::handles::dir::{Before, Dir, DirJob};
use super::handles::name::Name;
use super::handles::swaps::SourceDir;
use super::translate::munge;
use super::walk::{self, listing, tally};
use crate::entry::{Entry, Kind, Meta, Owners};
use crate::failure::What;
use crate::operands::tree::Rank;
use crate::pipeline::itemize::{self, Itemized, Subject, tell, tell_recorded};
use crate::report::{Meter, Names, Notice, Place};

/// Works on names of one directory, in order. Files whose data moves go on as tasks of their own.
pub async fn run(worker: &Rc<Worker>, dir: &Arc<Dir>, names: Vec<Name>, order: Names) {
    let notes = Notes::of(worker, dir);
    let mut walked = Walked { children: Vec::new(), group_dir: None, notes, order };
    let _inside = worker.thread_cwd.enter(dir, names.len());
    for name in names {
        if worker.run.state.stopping() {
            break;
        }
        worker.run.state.beat();
        // Nearly all of a run in which little changed is in here, so nothing of it is kept across a wait.
        if let Some(job) = one(worker, dir, name, &mut walked) {
            let (slot, size) = (job.entry.slot, job.entry.meta.size);
            let meter = worker.run.report.started(&dir.node, slot, size, order);
            move_data(worker, dir, job, meter).await;
        }
        if walked.children.len() >= CHILDREN_SHARED_MIN && worker.run.jobs.wanted() {
            share(worker, dir, &mut walked.children);
        }
    }
    walked.notes.keep(worker);
    share(worker, dir, &mut walked.children);
}

/// So many directories are handed on before all names are done, when somebody waits for work.
const CHILDREN_SHARED_MIN: usize = 16;

/// However the names came, directories are gone through in rsync's order. The stack gives the last one pushed first.
fn share(worker: &Worker, dir: &Arc<Dir>, children: &mut Vec<(u32, DirJob)>) {
    children.sort_by_key(|(slot, _)| *slot);
    if worker.handles_are_few() && !children.is_empty() {
        // They open it again, by its path, each in its turn.
        let closed = ClosedDir::of(dir);
        for (_, child) in children.iter_mut() {
            (child.parent, child.closed) = (None, Some(Arc::clone(&closed)));
        }
    } else {
        children.iter().for_each(|_| finish::wait_for_child(worker, dir));
    }
    worker.run.prefetch.announce(children.iter_mut().map(|(_, child)| child));
    for (_, child) in children.drain(..).rev() {
        worker.push(Job::Dir(Box::new(child)));
    }
}

/// What the names of a directory gave so far.
struct Walked {
    /// Directories below, with their places.
    children: Vec<(u32, DirJob)>,
    group_dir: Option<Arc<ClosedDir>>,
    notes: Notes,
    order: Names,
}

/// One name: all that is done about it but the moving of data, which is returned.
fn one(worker: &Worker, dir: &Arc<Dir>, name: Name, walked: &mut Walked) -> Option<Kept<Transfer>> {
    if !listing::is_needed(worker, dir, &name) {
        return None;
    }
    if let Some(operand) = name.operand().filter(|operand| operand.rank <= Rank::Missing) {
        walked.notes.missing(worker, &name);
        if operand.rank == Rank::Missing {
            missing(worker, dir, &name);
        }
        walked.children.extend(descend::absent(worker, dir, &name).map(|child| (name.slot, child)));
        return None;
    }
    let meta = listing::look(worker, dir, &name)?;
    let lists = worker.run.plan.options.output.list_only && worker.run.state.phase() == Phase::Transfer;
    if meta.kind() == Kind::Dir {
        let entry = listing::directory(worker, dir, &name, meta, &mut walked.notes)?;
        if lists && walk::is_listed(name.operand()) {
            list(worker, dir, &entry);
        }
        let slot = entry.slot;
        walked.children.extend(descend::job(worker, dir, entry, &name).map(|child| (slot, child)));
        return None;
    }
    let entry = listing::other(worker, dir, name, meta, &mut walked.notes)?;
    if lists {
        list(worker, dir, &entry);
    }
    if worker.run.state.phase() != Phase::Transfer || worker.run.plan.options.output.list_only {
        return None;
    }
    let file = other(worker, dir, entry, &mut walked.group_dir)?;
    if is_long_comparison(worker, &file) && !dir.flags.in_turn.load(Ordering::Acquire) {
        let File { entry, there, .. } = file;
        let meter = worker.run.report.started(&dir.node, entry.slot, entry.meta.size, walked.order);
        worker.push(Job::File(Box::new(FileJob { dir: dir.hold(), entry, there, meter })));
        return None;
    }
    match regular::settle(worker, &file) {
        Next::Move(job) => Some(job),
        Next::Settled(_) => None,
    }
}

/// An operand that the source lacks (`--delete-missing-args`).
fn missing(worker: &Worker, dir: &Dir, name: &Name) {
    if worker.run.state.phase() == Phase::Scan {
        // It is in the list.
        worker.run.state.source.scanned(0);
    }
    if worker.run.state.phase() != Phase::Transfer {
        return;
    }
    worker.run.report.passed(&dir.node, Place::Slot(name.slot));
    for _ in 0..=name.doubles().len() {
        worker.summary.borrow_mut().listed.count(Kind::File);
    }
    if worker.run.plan.options.output.list_only {
        let rel = dir.rel_of(&name.name);
        worker.run.report.notice(&dir.node, Place::Slot(name.slot), &Notice::Missing(&rel));
        return;
    }
    // A single operand may have another name at the destination.
    delete::missing(worker, dir, dir.rename.as_deref().unwrap_or_else(|| name.dst_name()));
}

/// The transfer's own top, when an operand means the contents of a directory.
pub fn top(worker: &Worker, dir: &Dir, job: &DirJob) {
    let plan = &worker.run.plan;
    if worker.run.state.stopping() {
        return;
    }
    if plan.options.select.recursion == Recursion::None && plan.top.rank > Rank::Passage {
        // Which was told.
        return;
    }
    let (Some(wanted), Some(&source)) = (job.wanted, job.sources.first()) else { return };
    // Whoever is told hears what the source says.
    let told = job.as_listed.unwrap_or_else(|| SourceDir::of(&wanted));
    let listed = Meta { mode: told.mode, uid: told.uid, gid: told.gid, ..wanted };
    let owners =
        plan.sources.get(usize::from(source)).map_or(Owners::from(&listed), |root| (&root.meta).into());
    let entry = Entry { name: c".".into(), slot: 0, source, meta: listed, owners, remote: None };
    let doubles = job.listed.len().saturating_sub(1) + plan.top.doubles.len();
    for _ in 0..=doubles {
        tally::entry(worker, dir, &entry);
    }
    tally::tell_doubles(worker, dir, Place::Own, b".", doubles);
    if worker.run.state.phase() != Phase::Transfer {
        return;
    }
    let lists = plan.options.output.list_only;
    let lacks = matches!(dir.before, Before::Absent | Before::Left);
    if lacks && plan.options.compare.existing && !lists {
        existing::skip(worker, dir, &entry, decide::Why::NotCreating, "");
        // It has a number of its own, ahead of the first name in it.
        worker.run.report.passed(&dir.node, Place::Own);
        return;
    }
    let prepared = directories::prepare_top(worker, dir, &listed);
    if prepared.changes.contains(Changes::NEW) && !lists {
        itemize::count_created(worker, Kind::Dir);
    }
    let subject = Subject { dir, node: &dir.node, place: Place::Own, rel: b"", entry: &entry };
    itemize::tell_at(worker, &subject, &Itemized::letters(prepared.update, prepared.changes));
}

/// One line of `--list-only`; a link's text is shown with `-l`.
fn list(worker: &Worker, dir: &Dir, entry: &Entry) {
    let shows_target = entry.kind() == Kind::Symlink && worker.run.plan.options.links.keep;
    let links = &worker.run.plan.options.links;
    let target = if shows_target { munge::read(&worker.run.plan, dir, entry).ok() } else { None };
    let target = target.as_deref().map(|target| munge::to_write(links, target));
    tell(
        worker,
        dir,
        entry,
        &Itemized { target: target.as_deref(), ..Itemized::letters(Update::Attributes, Changes::NONE) },
    );
    replay::listed_only(worker, dir, entry);
}

/// Anything but a directory. Returns the file whose data may have to move.
fn other<'a>(
    worker: &Worker,
    dir: &'a Arc<Dir>,
    entry: Entry,
    group_dir: &mut Option<Arc<ClosedDir>>,
) -> Option<File<'a>> {
    let plan = &worker.run.plan;
    match dir.before {
        Before::Left => {
            worker.run.report.passed(&dir.node, Place::Slot(entry.slot));
            tell_recorded(worker, dir, &entry);
            return None;
        }
        // Of others it does not count why they cannot be seen: they fail as they are made.
        Before::Blocked(errno) if entry.kind() == Kind::File && errno != ENOENT => {
            descend::blocked(worker, dir, &entry, What::StatDestination, errno);
            worker.run.report.passed(&dir.node, Place::Slot(entry.slot));
            return None;
        }
        Before::Absent | Before::Made | Before::Existing(_) | Before::Blocked(_) => {}
    }
    let Ok(there) = existing::look(worker, dir, &entry) else {
        worker.run.report.passed(&dir.node, Place::Slot(entry.slot));
        return None;
    };
    let is_missing = || existing::is_missing(dir, &entry);
    let is_blocked = matches!(dir.before, Before::Blocked(_));
    let joins = plan.options.preserve.hard_links && entry.meta.nlink > 1 && !is_blocked;
    // What of a group is newer may be linked all the same.
    let why = decide::skip(&plan.options, &plan.identity, &entry.meta, there.as_ref(), is_missing)
        .filter(|why| !joins || *why != decide::Why::Newer);
    if let Some(why) = why {
        let told = plan.options.output.info.skip > 1 && why == decide::Why::Exists;
        let otherwise =
            there.filter(|_| told).map_or("", |there| existing::otherwise(worker, dir, &entry, &there));
        existing::skip(worker, dir, &entry, why, otherwise);
        return None;
    }
    if joins {
        let closed = group_dir.get_or_insert_with(|| ClosedDir::of(dir));
        worker.run.report.hold(&dir.node, Place::Slot(entry.slot));
        if let Some(group) = worker.run.links.collect(closed, entry, there) {
            worker.push(Job::Group(Box::new(group)));
        }
        return None;
    }
    match entry.kind() {
        Kind::File => return Some(File { dir, entry, there }),
        Kind::Symlink | Kind::Dir | Kind::Char | Kind::Block | Kind::Fifo | Kind::Socket => {
            if nodes::apply(worker, dir, &entry, there.as_ref()) == Outcome::Failed {
                worker.run.report.passed(&dir.node, Place::Slot(entry.slot));
            }
        }
    }
    None
}

/// A file that any worker may bring up to date.
#[derive(Debug)]
pub struct FileJob {
    dir: Arc<Dir>,
    entry: Entry,
    there: Option<Meta>,
    meter: Option<Meter>,
}

/// Does such a job.
pub async fn run_file(worker: &Rc<Worker>, job: FileJob) {
    let FileJob { dir, entry, there, meter } = job;
    let slot = entry.slot;
    worker.metered(meter, regular::bring_up_to_date(worker, File { dir: &dir, entry, there })).await;
    worker.run.report.settled(&dir.node, slot);
    finish::release(worker, &dir);
}

/// Files from this size on are compared by whichever worker is free, in bytes.
const COMPARED_APART_BYTES_MIN: u64 = 4 << 20;

/// Whether contents are to be compared that keep a worker busy for long.
fn is_long_comparison(worker: &Worker, file: &File<'_>) -> bool {
    let compare = &worker.run.plan.options.compare;
    worker.run.plan.workers > 1
        && file.entry.meta.size >= COMPARED_APART_BYTES_MIN
        && file.there.is_some_and(|there| decide::needs_contents(compare, &file.entry.meta, &there))
}

/// Moves data in a task of its own, once there is room for one more.
async fn move_data(worker: &Rc<Worker>, dir: &Arc<Dir>, mut job: Kept<Transfer>, meter: Option<Meter>) {
    let permit = worker.room_for_a_file().await;
    let dir = dir.hold();
    let tasks = Rc::clone(worker);
    worker.spawn(async move {
        let turn = tasks.in_turn(&dir).await;
        // Pinned here, so that the task has room for it once.
        {
            let transfer = pin!(regular::move_data(&tasks, &mut job));
            tasks.metered(meter, transfer).await;
        }
        tasks.run.report.settled(&dir.node, job.entry.slot);
        drop(job);
        drop((turn, permit));
        finish::release(&tasks, &dir);
    });
}

/// Tells about a name that rules hide or show.
pub fn matched(worker: &Worker, dir: &Dir, name: &Name, rel: &[u8], found: &Match<'_>) {
    tracing::debug!(target: "filter", name = %String::from_utf8_lossy(rel), action = ?found.action(), "a rule matched");
    if worker.run.plan.options.output.debug.filter > 0 && worker.run.tells_list() {
        let kind = if name.kind == Some(Kind::Dir) { Kind::Dir } else { Kind::File };
        // Of each operand that has it.
        for _ in 0..=name.doubles().len() {
            worker.run.report.notice(&dir.node, Place::Listed, &Notice::Matched { kind, rel, found });
        }
    }
}
