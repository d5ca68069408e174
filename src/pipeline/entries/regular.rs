//! One regular file from look to act: contents compared where `-c` asks, alternate destinations, the decision.

mod alternate;

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;
use std::sync::Arc;

use rsync_compat::delta::Described;
use rsync_compat::options::{Append, BasisKind, RemoveSources};
use rsync_compat::output::itemize::{Changes, Update};
use uring_ext::Kept;
use uring_ext::plain::{self};

use crate::entry::{Entry, Kind, Meta};
use crate::failure::{Failure, Side, What};
use crate::pipeline::apply::file::{self, Outcome, Transfer};
use crate::pipeline::apply::remove_source::Arrival;
use crate::pipeline::apply::{obstacle, partial, remove_source};
use crate::pipeline::attributes;
use crate::pipeline::attributes::extended::{self, Compared};
use crate::pipeline::batch::record;
use crate::pipeline::batch::replay;
use crate::pipeline::compare::basis::start::{self, Start};
use crate::pipeline::compare::basis::{self, Grade, Match};
use crate::pipeline::compare::decide::{Decision, decide, needs_contents};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::at::At;
use crate::pipeline::handles::basis_file::{Basis, Origin};
use crate::pipeline::handles::contents::{self, Contents, Unreadable};
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::paths::target_path_in;
use crate::pipeline::itemize::{self, Itemized, tell};
use crate::plan::{Plan, Power};
use crate::report::Place;

/// A regular file and what the destination has under its name.
#[derive(Debug)]
pub struct File<'a> {
    /// Its directory.
    pub dir: &'a Arc<Dir>,
    /// The entry.
    pub entry: Entry,
    /// What is there.
    pub there: Option<Meta>,
}

/// What is left to do about a file once it was looked at.
#[derive(Debug)]
pub enum Next {
    /// Nothing.
    Settled(Outcome),
    /// Its data has to move.
    Move(Kept<Transfer>),
}

/// Does all about a file that needs no data to move, and says what else there is.
pub fn settle(worker: &Worker, file: &File<'_>) -> Next {
    let removes = worker.run.plan.options.write.remove_source_files == RemoveSources::All;
    let sent = removes.then(|| (file.dir, file.entry.clone()));
    let next = look(worker, file);
    if let (Next::Settled(Outcome::Done), Some((dir, entry))) = (&next, sent) {
        remove_source::remove(worker, dir, &entry, Arrival::Other);
    }
    next
}

fn look(worker: &Worker, file: &File<'_>) -> Next {
    let compare = &worker.run.plan.options.compare;
    if !file.dir.basis.is_empty()
        && let Some(found) = basis::find(worker, file.dir, &file.entry)
        && stands_in(worker, file, &found)
    {
        return alternate::take(worker, file, &found);
    }
    let mut contents = Contents::Unknown;
    if let Some(there) = &file.there
        && needs_contents(compare, &file.entry.meta, there)
    {
        match contents::compare(worker, file.dir, &file.entry) {
            Ok(answer) => contents = answer,
            // Whoever comes to open it, to send it, says why.
            Err(Unreadable::Source(_)) => contents = Contents::Differ,
            Err(Unreadable::Destination(error)) => return Next::Settled(unread(worker, file, &error)),
        }
    }
    match decide(compare, &file.entry.meta, file.there.as_ref(), contents) {
        Decision::Same => {
            partial::sweep_unneeded(worker, file.dir, file.dir.dst_name(&file.entry));
            same(worker, file, contents)
        }
        Decision::Update if is_long_enough(worker, &file.entry, file.there.as_ref()) => {
            long_enough(worker, file)
        }
        Decision::Update | Decision::Create => {
            let changes = changes(worker, file);
            begin(worker, file, file.there, None, changes)
        }
    }
}

/// `--append`: a file that is not shorter than the source is taken to be complete, or none of ours; one of an alternate
/// destination counts like the destination's own.
pub fn is_long_enough(worker: &Worker, entry: &Entry, there: Option<&Meta>) -> bool {
    let appends = worker.run.plan.options.write.append != Append::Off && entry.kind() == Kind::File;
    appends && there.is_some_and(|there| there.kind() == Kind::File && there.size >= entry.meta.size)
}

fn long_enough(worker: &Worker, file: &File<'_>) -> Next {
    itemize::tell_recorded(worker, file.dir, &file.entry);
    worker.run.report.passed(&file.dir.node, Place::Slot(file.entry.slot));
    Next::Settled(Outcome::Left)
}

/// Beside a file that the destination has, only an exact match counts, to link to or to leave it to
/// (`compat-tests/tests/alternate_destinations.rs`).
fn stands_in(worker: &Worker, file: &File<'_>, found: &Match) -> bool {
    match &file.there {
        Some(there) if there.kind() == Kind::File => {
            // To compare with, it may be the very same: it goes all the same.
            let takes = match worker.run.plan.basis_kind {
                Some(BasisKind::Compare) => true,
                Some(BasisKind::Link) | None => !there.same_inode(&found.meta),
                Some(BasisKind::Copy) => false,
            };
            takes && found.grade == Grade::Exact
        }
        _ => true,
    }
}

fn unread(worker: &Worker, file: &File<'_>, error: &io::Error) -> Outcome {
    let path = target_path_in(&worker.run.plan, file.dir, file.dir.dst_name(&file.entry));
    worker.fail(Failure::new(Side::Generator, What::StatDestination, path, error));
    Outcome::Failed
}

/// The letters of a file whose data moves.
#[must_use]
pub fn changes(worker: &Worker, file: &File<'_>) -> Changes {
    match &file.there {
        Some(there) if there.kind() == Kind::File => {
            extended::compare(worker, file.dir, &file.entry, there).changes
                | of_data(&worker.run.plan, &file.entry.meta, there)
        }
        _ => Changes::NEW,
    }
}

/// The letters of a file whose data moves, against the one it replaces.
#[must_use]
pub fn against(worker: &Worker, entry: &Meta, there: &Meta) -> Changes {
    let plan = &worker.run.plan;
    let wanted = attributes::wanted_over(plan, entry, there);
    attributes::changes(plan, &wanted, there) | of_data(plan, entry, there)
}

/// The letters that moving data adds to those of attributes that differ.
fn of_data(plan: &Plan, entry: &Meta, there: &Meta) -> Changes {
    let mut changes = Changes::NONE;
    if entry.size != there.size {
        changes |= Changes::SIZE;
    }
    if plan.options.compare.checksum {
        changes |= Changes::CHECKSUM;
    }
    if !plan.options.preserve.times {
        changes |= Changes::TIME_NOW;
    }
    changes
}

fn same(worker: &Worker, file: &File<'_>, contents: Contents) -> Next {
    let plan = &worker.run.plan;
    let Some(there) = file.there else { return Next::Settled(Outcome::Done) };
    let compared = extended::compare(worker, file.dir, &file.entry, &there);
    let shown = attributes::shown(plan, &compared, &there);
    let Compared { wanted, extended, changes } = compared;
    // Where contents were compared, even a time that counts as equal is made exact.
    let exact_time = contents == Contents::Equal && there.mtime != wanted.mtime;
    let atime = contents == Contents::Equal && plan.options.preserve.atimes > 0;
    let silent = exact_time && attributes::keeps_time(plan, Kind::File) || atime;
    tell(worker, file.dir, &file.entry, &Itemized { silent, ..Itemized::letters(Update::Attributes, shown) });
    // Set-id bits and owners that a file really has are kept apart from now on, in silence.
    let stands = plan.identity.receiver == Power::Fake;
    if (!changes.is_empty() || exact_time || atime || stands) && !plan.options.write.dry_run {
        let job = Transfer {
            dir: Arc::clone(file.dir),
            entry: file.entry.clone(),
            there: Some(there),
            model: Some(there),
            changes,
            update: Update::Attributes,
            basis: None,
            alternate: None,
            described: Described::Not,
        };
        file::attributes_only(worker, &job, &there, extended.as_deref());
    }
    Next::Settled(Outcome::Done)
}

/// What an update starts from, and what it is told against.
struct Beginning {
    /// The old file that the data is compared with.
    basis: Option<Basis>,
    /// How rsync would name it.
    described: Described,
    /// The file that permissions are taken from without `-p`.
    model: Option<Meta>,
    /// The letters.
    changes: Changes,
}

/// Finds what an update starts from, where `model` is the file that it would take its permissions from otherwise.
fn beginning(
    worker: &Worker,
    file: &File<'_>,
    model: Option<Meta>,
    found: Option<usize>,
    changes: Changes,
) -> Beginning {
    let whole = |described| Beginning { basis: None, described, model, changes };
    match start::open(worker, file.dir, &file.entry, file.there.as_ref(), found) {
        Start::At(basis) => {
            let described = basis.origin.described();
            let of_basis = || plain::statx_fd(&basis.handle).ok().map(|st| Meta::from(&st));
            let is_model = matches!(described, Described::ByName(_)) || basis.origin == Origin::Partial;
            let model = if is_model { of_basis() } else { model };
            Beginning { basis: Some(basis), model, ..whole(described) }
        }
        Start::Like(described, similar) => Beginning { model: Some(similar), ..whole(described) },
        Start::Whole(described) if is_closed(worker, file, found) => {
            Beginning { model: None, ..whole(described) }
        }
        Start::Whole(described) => whole(described),
        Start::Unreadable => Beginning { model: None, changes: Changes::NEW, ..whole(Described::Not) },
    }
}

/// Makes way and counts; then the data can move. An update's model is the file that it is compared with: the
/// destination's own, or that of the alternate destination number `found`.
fn begin(
    worker: &Worker,
    file: &File<'_>,
    model: Option<Meta>,
    found: Option<usize>,
    changes: Changes,
) -> Next {
    if replay::lacks(worker, file.dir, &file.entry) {
        tell(worker, file.dir, &file.entry, &Itemized::letters(Update::Transfer, changes));
        return Next::Settled(Outcome::Failed);
    }
    let model = model.map(|model| as_it_is(worker, file, found, model));
    let Beginning { basis, described, model, changes } = beginning(worker, file, model, found, changes);
    if let Some(there) = &file.there
        && there.kind() != Kind::File
        && !obstacle::clear(worker, file.dir, &file.entry, there, Kind::File)
    {
        worker.run.report.passed(&file.dir.node, Place::Slot(file.entry.slot));
        return Next::Settled(Outcome::Failed);
    }
    if changes.contains(Changes::NEW) {
        itemize::count_created(worker, Kind::File);
    }
    itemize::count_transfer(worker, file.entry.meta.size);
    if worker.run.plan.options.write.dry_run {
        record::sent_only(worker, file.dir, &file.entry, changes);
        tell(worker, file.dir, &file.entry, &Itemized::letters(Update::Transfer, changes));
        return Next::Settled(Outcome::Done);
    }
    let gone = file.there.is_some_and(|there| there.kind() == Kind::Dir);
    let there = if gone { None } else { file.there };
    Next::Move(worker.spares.keep(Transfer {
        dir: Arc::clone(file.dir),
        entry: file.entry.clone(),
        there,
        model,
        changes,
        update: Update::Transfer,
        basis,
        alternate: None,
        described,
    }))
}

/// The file that is a model for permissions, with those that it has itself: what it stands for (`--fake-super`) is not
/// asked where data moves.
fn as_it_is(worker: &Worker, file: &File<'_>, found: Option<usize>, model: Meta) -> Meta {
    let plan = &worker.run.plan;
    if plan.identity.receiver != Power::Fake || plan.options.preserve.perms || model.kind() != Kind::File {
        return model;
    }
    let dir = found.map_or(file.dir.dst.as_ref(), |index| file.dir.basis.get(index).and_then(Option::as_ref));
    let look = |dir: &OwnedFd| At::Name(dir.as_fd(), file.dir.dst_name(&file.entry)).look().ok();
    dir.and_then(look)
        .filter(|there| there.kind() == Kind::File)
        .map_or(model, |there| Meta { mode: there.mode, ..model })
}

/// Whether the file that is there, or the alternate one in its place, may not be read: then it is no model for
/// permissions either, as in rsync.
fn is_closed(worker: &Worker, file: &File<'_>, found: Option<usize>) -> bool {
    let own = || file.dir.dst.as_ref().filter(|_| file.there.is_some_and(|there| there.kind() == Kind::File));
    let dir = found.map_or_else(own, |index| file.dir.basis.get(index).and_then(Option::as_ref));
    let bound = !worker.run.plan.options.preserve.perms && !worker.run.plan.identity.passes_permissions;
    bound && dir.is_some_and(|dir| is_refused(dir, file))
}

/// Whether permissions keep us from reading what has a file's name in a directory.
fn is_refused(dir: &OwnedFd, file: &File<'_>) -> bool {
    let flags = plain::OFlags::RDONLY | plain::OFlags::NOFOLLOW | plain::OFlags::NONBLOCK;
    plain::openat(dir, file.dir.dst_name(&file.entry), flags, 0)
        .is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
}

/// Settles a file, and moves its data when there is need.
pub async fn bring_up_to_date(worker: &Rc<Worker>, file: File<'_>) -> Outcome {
    match settle(worker, &file) {
        Next::Settled(outcome) => outcome,
        Next::Move(mut job) => move_data(worker, &mut job).await,
    }
}

/// Moves a file's data. What cannot be copied on this side is sent, as if no alternate destination had it.
pub async fn move_data(worker: &Rc<Worker>, job: &mut Transfer) -> Outcome {
    let outcome = file::transfer(worker, job).await;
    if outcome != Outcome::NotCopied || worker.run.state.stopping() {
        return outcome;
    }
    let file = File { dir: &job.dir, entry: job.entry.clone(), there: job.there };
    match begin(worker, &file, file.there, None, changes(worker, &file)) {
        Next::Settled(outcome) => outcome,
        Next::Move(mut sent) => Box::pin(file::transfer(worker, &mut sent)).await,
    }
}
