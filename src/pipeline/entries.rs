//! The entries of a directory, one after the other: looked at, compared, decided, applied. Directories become jobs.

use std::io;
use std::os::fd::AsFd;
use std::rc::Rc;
use std::sync::Arc;

use rsync_compat::filter::Match;
use rsync_compat::options::Recursion;
use rsync_compat::output::itemize::{Changes, Update};

use super::apply::file::Transfer;
use super::apply::{Told, delete, tell, tell_recorded};
use super::at::At;
use super::decide::{self, Why};
use super::dir::{Before, Dir, DirJob, Remote, Through};
use super::jobs::Job;
use super::links::Spot;
use super::name::Name;
use super::paths::{source_path, target_path_in};
use super::record::{self, Notes};
use super::regular::{self, File, Next};
use super::state::Phase;
use super::walk::{self, Crossing};
use super::worker::Worker;
use super::{
    attributes, compare, devices, directories, fake, finish, munge, nodes, prune, replay, tally, told,
};
use crate::entry::{Entry, Kind, Meta};
use crate::failure::{Failure, Severity, Side, What};
use crate::given::Rank;
use crate::plan::{Plan, Power};
use crate::report::{Notice, Place};

/// Not a directory: the same number on every Linux.
const ENOTDIR: i32 = 20;
/// A link where none is followed: likewise.
const ELOOP: i32 = 40;

/// Works on names of one directory, in order. Files whose data moves go on as tasks of their own.
pub async fn run(worker: &Rc<Worker>, dir: &Arc<Dir>, names: Vec<Name>) {
    let mut walked = Walked { children: Vec::new(), group_spot: None, notes: Notes::of(worker, dir) };
    for name in names {
        if worker.run.state.stopping() {
            break;
        }
        worker.run.state.beat();
        // Nearly all of a run in which little changed is in here, so nothing of it is kept across a wait.
        if let Some(job) = one(worker, dir, name, &mut walked) {
            move_data(worker, dir, job).await;
        }
    }
    walked.notes.keep(worker);
    // The stack gives the last one pushed first.
    for child in walked.children.into_iter().rev() {
        worker.push(Job::Dir(Box::new(child)));
    }
}

/// What the names of a directory gave so far.
struct Walked {
    children: Vec<DirJob>,
    group_spot: Option<Arc<Spot>>,
    notes: Notes,
}

/// One name: all that is done about it but the moving of data, which is returned.
fn one(worker: &Worker, dir: &Arc<Dir>, name: Name, walked: &mut Walked) -> Option<Box<Transfer>> {
    if !is_needed(worker, &name) {
        return None;
    }
    if name.given().is_some_and(|given| given.rank == Rank::Missing) {
        walked.notes.missing(worker, &name);
        missing(worker, dir, &name);
        return None;
    }
    let meta = look(worker, dir, &name)?;
    let lists = worker.run.plan.options.output.list_only && worker.run.state.phase() == Phase::Transfer;
    if meta.kind() == Kind::Dir {
        let entry = listed_dir(worker, dir, &name, meta, &mut walked.notes)?;
        if lists {
            list(worker, dir, &entry);
        }
        walked.children.extend(directory(worker, dir, entry, &name));
        return None;
    }
    let entry = listed_other(worker, dir, name, meta, &mut walked.notes)?;
    if lists {
        list(worker, dir, &entry);
    }
    if worker.run.state.phase() != Phase::Transfer || worker.run.plan.options.output.list_only {
        return None;
    }
    let file = other(worker, dir, entry, &mut walked.group_spot)?;
    if is_long_comparison(worker, &file) {
        let File { entry, there, .. } = file;
        worker.push(Job::File(Box::new(FileJob { dir: dir.hold(), entry, there })));
        return None;
    }
    match regular::settle(worker, &file) {
        Next::Move(job) => Some(job),
        Next::Settled(_) => None,
    }
}

/// An operand that the source lacks (`--delete-missing-args`).
fn missing(worker: &Worker, dir: &Dir, name: &Name) {
    if worker.run.state.phase() != Phase::Transfer {
        return;
    }
    if worker.run.plan.options.output.list_only {
        let rel = dir.rel_of(&name.name);
        worker.run.report.notice(&dir.node, Place::Slot(name.slot), &Notice::Missing(&rel));
        return;
    }
    delete::missing(worker, dir, name.dst_name());
}

/// A pass that only scans for unreadable directories looks at nothing else.
fn is_needed(worker: &Worker, name: &Name) -> bool {
    let all = worker.run.plan.nested || worker.run.report.wants().totals();
    let is_dir = name.kind.is_none_or(|kind| kind == Kind::Dir);
    // What leads nowhere stops deletions, and fails now or never in a directory that is pruned later.
    worker.run.state.phase() != Phase::Scan || all || is_dir || prune::leads_nowhere(name)
}

/// Where the destination lies within the source, what this run made is none of its names, and directories keep the
/// times they had before.
fn as_before(worker: &Worker, dir: &Dir, name: &Name, meta: Meta) -> Option<Meta> {
    let (plan, state) = (&worker.run.plan, &worker.run.state);
    if !plan.nested {
        return Some(meta);
    }
    let rel = dir.rel_of(&name.name);
    if state.phase() == Phase::Scan {
        let made = plan.target.made_inode == Some((meta.dev, meta.ino));
        if !made {
            state.note_seen(rel, meta.mtime);
        }
        return (!made).then_some(meta);
    }
    state.seen(&rel).map(|mtime| Meta { mtime, ..meta })
}

/// The transfer's own top, when an operand means the contents of a directory.
pub fn top(worker: &Worker, dir: &Dir, job: &DirJob) {
    let plan = &worker.run.plan;
    if worker.run.state.stopping() {
        return;
    }
    if plan.options.select.recursion == Recursion::None && plan.top.rank > Rank::Passage {
        if worker.run.state.phase() == Phase::Transfer {
            worker.run.report.notice(&dir.node, Place::Own, &Notice::SkippingDirectory(b"."));
        }
        return;
    }
    let (Some(wanted), Some(&source)) = (job.wanted, job.sources.first()) else { return };
    // A listing shows what the source says.
    let listed = Meta { mode: job.told_mode, ..wanted };
    let meta = if worker.run.plan.options.output.list_only { listed } else { wanted };
    let entry = Entry { name: c".".into(), slot: 0, source, meta, remote: None };
    for _ in 0..job.listed.len().max(1) {
        tally::entry(worker, dir, &entry);
    }
    if worker.run.state.phase() != Phase::Transfer {
        return;
    }
    let prepared = directories::prepare_top(worker, dir, &entry);
    if prepared.changes.contains(Changes::NEW) && !worker.run.plan.options.output.list_only {
        super::apply::count_created(worker, Kind::Dir);
    }
    super::apply::tell_at(
        worker,
        (dir, &dir.node, Place::Own),
        (b"", &entry),
        &Told::letters(prepared.update, prepared.changes),
    );
}

/// One name, looked at, as the sending side tells of it; `None` when that failed, or it is not in the list.
fn look(worker: &Worker, dir: &Dir, name: &Name) -> Option<Meta> {
    let plan = &worker.run.plan;
    let mut meta = match walk::look(plan, dir, name) {
        Ok(meta) => meta,
        // An operand whose entry arrived is gone by now.
        Err(_) if worker.run.state.was_removed(&dir.dst_rel_of(name.dst_name())) => return None,
        Err(failure) if failure.severity == Severity::ListingError => {
            worker.fail_listing(&dir.rel, failure);
            return None;
        }
        Err(failure) => {
            worker.fail(failure);
            return None;
        }
    };
    // Most runs want none of these, and what is not copied about is fast.
    if plan.identity.sender == Power::Fake {
        meta = behind(worker, dir, name, meta)?;
    }
    if plan.nested {
        meta = as_before(worker, dir, name, meta)?;
    }
    if plan.options.write.copy_devices {
        meta = devices::as_source(plan, dir, name, meta);
    }
    if plan.chmod.is_some() {
        meta = told::as_sent(plan, meta);
    }
    Some(meta)
}

/// Anything but a directory, counted; `None` when the destination cannot have it.
fn listed_other(worker: &Worker, dir: &Dir, name: Name, meta: Meta, notes: &mut Notes) -> Option<Entry> {
    let rank = record::rank(&name);
    let is_listed = walk::is_listed(name.given());
    if is_listed {
        tally::doubles(worker, dir, &name);
    }
    let (remote, refused) = (name.remote().map(Box::from), name.refused().is_some());
    let Name { name, slot, source, .. } = name;
    let mut entry = Entry { name, slot, source, meta, remote };
    if is_listed {
        tally::entry(worker, dir, &entry);
    }
    notes.name(worker, dir, rank, &entry);
    map_owners(worker, &mut entry);
    (!refused).then_some(entry)
}

/// A directory, counted; `None` when it is not in the list.
fn listed_dir(worker: &Worker, dir: &Dir, name: &Name, meta: Meta, notes: &mut Notes) -> Option<Entry> {
    let plan = &worker.run.plan;
    let remote = name.remote().map(Box::from);
    let mut entry = Entry { name: name.name.clone(), slot: name.slot, source: name.source, meta, remote };
    match (plan.options.select.recursion, walk::crossing(plan, dir, name, &meta)) {
        (Recursion::None, _) if name.given().is_none_or(|given| given.rank >= Rank::Named) => {
            skipped_dir(worker, dir, &entry);
            return None;
        }
        (_, Crossing::Omit) => return None,
        _ => {}
    }
    if walk::is_listed(name.given()) {
        tally::entry(worker, dir, &entry);
        tally::doubles(worker, dir, name);
    }
    notes.name(worker, dir, record::rank(name), &entry);
    map_owners(worker, &mut entry);
    Some(entry)
}

fn map_owners(worker: &Worker, entry: &mut Entry) {
    let ids = &worker.run.plan.ids;
    if ids.users.is_some() || ids.groups.is_some() {
        entry.meta = told::mapped(&worker.run.plan, entry.meta);
    }
}

/// A name as `--fake-super` sees it; a link without a text is told of and left out.
fn behind(worker: &Worker, dir: &Dir, name: &Name, meta: Meta) -> Option<Meta> {
    let plan = &worker.run.plan;
    let handle = dir.source(name.source).filter(|_| plan.identity.sender == Power::Fake);
    let Some(handle) = handle else { return Some(meta) };
    let path = || source_path(plan, name.source, &dir.rel_of(&name.name));
    let seen = |at| fake::seen(worker, at, meta, Side::Sender, path);
    let meta = match name.through() {
        Through::Itself => seen(At::Name(handle.as_fd(), &name.name)),
        Through::Link => match fake::open_followed(handle, &name.name) {
            Ok(file) => seen(At::Fd(file.as_fd())),
            Err(_) => meta,
        },
    };
    if Kind::of_mode(meta.mode).is_none() {
        worker.run.state.abort(&fake::impossible(meta.mode, &dir.rel_of(&name.name)));
    }
    if meta.kind() == Kind::Symlink && meta.size == 0 {
        let error = io::Error::other("");
        worker.fail(Failure { errno: None, ..Failure::new(Side::Sender, What::EmptyLink, path(), &error) });
        return None;
    }
    (!worker.run.state.stopping()).then_some(meta)
}

/// One line of `--list-only`; a link's text is shown with `-l`.
fn list(worker: &Worker, dir: &Dir, entry: &Entry) {
    let shows_target = entry.kind() == Kind::Symlink && worker.run.plan.options.links.keep;
    let links = &worker.run.plan.options.links;
    let target = if shows_target { munge::read(&worker.run.plan, dir, entry).ok() } else { None };
    let target = target.map(|target| munge::to_write(links, &target));
    tell(
        worker,
        dir,
        entry,
        &Told { target: target.as_deref(), ..Told::letters(Update::Attributes, Changes::NONE) },
    );
    replay::listed_only(worker, dir, entry);
}

fn skipped_dir(worker: &Worker, dir: &Dir, entry: &Entry) {
    if worker.run.state.phase() == Phase::Transfer {
        let rel = dir.rel_of(&entry.name);
        worker.run.report.notice(&dir.node, Place::Slot(entry.slot), &Notice::SkippingDirectory(&rel));
    }
}

/// What the destination has; a failure to look was told.
fn there(worker: &Worker, dir: &Dir, entry: &Entry) -> Result<Option<Meta>, ()> {
    match compare::look(dir, entry) {
        // A dry run does not open up what is closed.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied && is_dry(worker) => {
            return Ok(None);
        }
        other => other,
    }
    .map(
        |there| {
            if shows_otherwise(worker) {
                there.map(|there| as_shown(worker, dir, entry, there))
            } else {
                there
            }
        },
    )
    .map_err(|error| {
        let path = target_path_in(&worker.run.plan, dir, dir.dst_name(entry));
        worker.fail(Failure::new(Side::Generator, What::StatDestination, path, &error));
    })
    .and_then(|there| if worker.run.state.stopping() { Err(()) } else { Ok(there) })
}

/// Whether what the destination has stands for something else.
fn shows_otherwise(worker: &Worker) -> bool {
    worker.run.plan.identity.receiver == Power::Fake || worker.run.plan.options.write.write_devices
}

fn as_shown(worker: &Worker, dir: &Dir, entry: &Entry, there: Meta) -> Meta {
    devices::as_target(&worker.run.plan, dir, entry, seen_there(worker, dir, entry, there))
}

fn seen_there(worker: &Worker, dir: &Dir, entry: &Entry, there: Meta) -> Meta {
    let (Some(dst), name) = (&dir.dst, dir.dst_name(entry)) else { return there };
    let path = || target_path_in(&worker.run.plan, dir, name);
    fake::seen(worker, At::Name(dst.as_fd(), name), there, Side::Generator, path)
}

fn is_dry(worker: &Worker) -> bool {
    worker.run.plan.options.write.dry_run
}

/// A directory: made sure of now, worked on as a job.
fn directory(worker: &Worker, dir: &Arc<Dir>, entry: Entry, name: &Name) -> Option<DirJob> {
    let plan = &worker.run.plan;
    let rank = name.given().map_or(Rank::Named, |given| given.rank);
    let there = there(worker, dir, &entry).ok()?;
    let mut wanted = Some(opened_up(plan, attributes::wanted(plan, dir, &entry.meta, there.as_ref())));
    let before = if plan.options.output.list_only {
        Before::Absent
    } else if dir.before == Before::Left {
        Before::Left
    } else if let Before::Blocked(errno) = dir.before {
        blocked(worker, dir, &entry, (What::Mkdir, errno));
        tell(worker, dir, &entry, &Told::letters(Update::Local, Changes::NEW));
        Before::Left
    } else if worker.run.state.phase() != Phase::Transfer {
        match there {
            Some(there) if there.kind() == Kind::Dir => Before::Existing(there),
            Some(there) if directories::is_kept_link(worker, dir, &entry, &there) => {
                directories::linked(worker, dir, &entry).before
            }
            _ if worker.run.state.phase() == Phase::Scan => Before::Absent,
            _ => return None,
        }
    } else if rank == Rank::Passage {
        wanted = None;
        directories::passage(worker, dir, &entry, there.as_ref())
    } else {
        if decide::skip(&plan.options, &plan.identity, &entry.meta, there.as_ref()).is_some() {
            skip(worker, dir, &entry, (Why::NotCreating, ""));
            Before::Left
        } else if plan.options.compare.ignore_existing && there.is_some_and(|there| there.kind() != Kind::Dir)
        {
            // What is there stays, and names below it cannot be.
            Before::Blocked(blocking(there))
        } else {
            let prepared = directories::prepare(worker, dir, &entry, there.as_ref());
            directories::tell(worker, dir, &entry, &prepared);
            prepared.before
        }
    };
    let listed = match (plan.options.select.recursion, walk::crossing(plan, dir, name, &entry.meta)) {
        (_, Crossing::Stop | Crossing::Omit) => Vec::new(),
        (Recursion::Full, _) if rank >= Rank::Named || name.given().is_none() => name.listed(),
        (Recursion::Dirs, _) if rank == Rank::Contents => name.listed(),
        _ => Vec::new(),
    };
    Some(DirJob {
        parent: Some(Arc::clone(dir)),
        through: name.through(),
        sources: sources(name, &listed),
        listed,
        given: name.given().map(|given| given.children.clone()).unwrap_or_default(),
        wanted,
        told_mode: entry.meta.mode,
        before,
        node: worker.run.report.child(&dir.node, entry.slot),
        dev: if rank >= Rank::Named && name.given().is_some() { Some(entry.meta.dev) } else { dir.dev },
        rel: dir.rel_of(&entry.name),
        remote: remote(dir, &entry),
        // Kept until its turn comes.
        name: entry.name.detached(),
    })
}

/// What a directory is at the destination, where that is something else or lies below something else.
fn remote(dir: &Dir, entry: &Entry) -> Option<Remote> {
    let differs = entry.remote.is_some() || dir.remote.is_some();
    let name = entry.remote_name();
    differs.then(|| Remote { name: name.to_owned(), rel: dir.dst_rel_of(name) })
}

/// Tells that a name cannot be below something that is no directory.
fn blocked(worker: &Worker, dir: &Dir, entry: &Entry, why: (What, i32)) {
    let path = target_path_in(&worker.run.plan, dir, dir.dst_name(entry));
    worker.fail(Failure::new(Side::Generator, why.0, path, &std::io::Error::from_raw_os_error(why.1)));
}

/// What the kernel says of names below something that is no directory.
fn blocking(there: Option<Meta>) -> i32 {
    if there.is_some_and(|there| there.kind() == Kind::Symlink) { ELOOP } else { ENOTDIR }
}

/// A directory that may be written to is opened up to get at its contents, and stays so, as in rsync; one that could
/// not be written to gets its mode.
fn opened_up(plan: &Plan, mut wanted: Meta) -> Meta {
    let stays_open = wanted.mode & 0o200 != 0 && wanted.mode & 0o500 != 0o500;
    if stays_open && !plan.identity.passes_permissions {
        wanted.mode |= 0o700;
    }
    wanted
}

/// The source with the attributes first, then all others that are read or lead on.
fn sources(name: &Name, listed: &[u16]) -> Vec<u16> {
    let mut sources = vec![name.source];
    let given = name.given().map(|given| given.sources.as_slice()).unwrap_or_default();
    for &source in listed.iter().chain(given) {
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    sources
}

/// Anything but a directory. Returns the file whose data may have to move.
fn other<'a>(
    worker: &Worker,
    dir: &'a Arc<Dir>,
    entry: Entry,
    group_spot: &mut Option<Arc<Spot>>,
) -> Option<File<'a>> {
    let plan = &worker.run.plan;
    match dir.before {
        Before::Left => {
            tell_recorded(worker, dir, &entry);
            return None;
        }
        Before::Blocked(errno) => {
            blocked(worker, dir, &entry, (What::StatDestination, errno));
            return None;
        }
        Before::Absent | Before::Made | Before::Existing(_) => {}
    }
    let there = there(worker, dir, &entry).ok()?;
    if let Some(why) = decide::skip(&plan.options, &plan.identity, &entry.meta, there.as_ref()) {
        let told = plan.options.output.info.skip > 1 && why == Why::Exists;
        let otherwise =
            there.filter(|_| told).map_or("", |there| nodes::otherwise(worker, dir, &entry, &there));
        skip(worker, dir, &entry, (why, otherwise));
        return None;
    }
    if plan.options.preserve.hard_links && entry.meta.nlink > 1 {
        let spot = group_spot.get_or_insert_with(|| Spot::of(dir));
        if let Some(group) = worker.run.links.collect(spot, entry, there) {
            worker.push(Job::Group(Box::new(group)));
        }
        return None;
    }
    match entry.kind() {
        Kind::File => return Some(File { dir, entry, there }),
        Kind::Symlink | Kind::Dir | Kind::Char | Kind::Block | Kind::Fifo | Kind::Socket => {
            nodes::apply(worker, dir, &entry, there.as_ref());
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
}

/// Does such a job.
pub async fn run_file(worker: &Rc<Worker>, job: FileJob) {
    let FileJob { dir, entry, there } = job;
    regular::bring_up_to_date(worker, File { dir: &dir, entry, there }).await;
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
async fn move_data(worker: &Rc<Worker>, dir: &Arc<Dir>, mut job: Box<Transfer>) {
    let permit = worker.room_for_a_file().await;
    let dir = dir.hold();
    let tasks = Rc::clone(worker);
    worker.spawn(async move {
        super::apply::file::transfer(&tasks, &mut job).await;
        drop(job);
        drop(permit);
        finish::release(&tasks, &dir);
    });
}

/// Tells why an entry is left alone, and what would have become of it.
fn skip(worker: &Worker, dir: &Dir, entry: &Entry, (why, otherwise): (Why, &'static str)) {
    tell_recorded(worker, dir, entry);
    let (rel, there) = (dir.rel_of(&entry.name), dir.rel_of(dir.dst_name_shown(entry)));
    let notice = match why {
        Why::NotRegular => Notice::NonRegular(&rel),
        Why::NotCreating => Notice::NotCreating { kind: entry.kind(), rel: &there },
        Why::Exists => Notice::Exists { rel: &there, otherwise },
        Why::OverMaxSize => Notice::OverMaxSize(&rel),
        Why::UnderMinSize => Notice::UnderMinSize(&rel),
        Why::Newer => Notice::Newer(&there),
    };
    worker.run.report.notice(&dir.node, Place::Slot(entry.slot), &notice);
    worker.run.report.passed(&dir.node, Place::Slot(entry.slot));
}

/// Tells about a name that rules hide or show.
pub fn matched(worker: &Worker, dir: &Dir, name: &Name, rel: &[u8], found: &Match<'_>) {
    tracing::debug!(target: "filter", name = %String::from_utf8_lossy(rel), action = ?found.action(), "a rule matched");
    if worker.run.plan.options.output.debug.filter > 0 && worker.run.state.phase() == Phase::Transfer {
        let kind = if name.kind == Some(Kind::Dir) { Kind::Dir } else { Kind::File };
        worker.run.report.notice(&dir.node, Place::Deletion, &Notice::Matched { kind, rel, found });
    }
}
