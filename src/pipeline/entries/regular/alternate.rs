//! What an alternate destination has of a file: linked, copied from there, or left alone (rsync(1), `--compare-dest`,
//! `--copy-dest`, `--link-dest`).

use std::cell::Cell;
use std::ffi::CStr;
use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;

use rsync_compat::delta::Described;
use rsync_compat::options::BasisKind;
use rsync_compat::output::itemize::{Changes, Update};
use uring_ext::mode::errno::{EACCES, EPERM};
use uring_ext::plain::{self, Time, TimeSet, TimesSet};

use super::{File, Next, against, begin, changes as changes_of, is_long_enough, is_refused, long_enough};
use crate::entry::{Kind, Meta, join};
use crate::failure::{Failure, Side, What};
use crate::pipeline::apply::file::{Outcome, Transfer};
use crate::pipeline::apply::{node, obstacle};
use crate::pipeline::compare::basis::{Grade, Match};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::at::At;
use crate::pipeline::handles::paths::target_path_in;
use crate::pipeline::handles::swaps;
use crate::pipeline::itemize::{Itemized, count_linked, tell};
use crate::report::{Notice, Place};

/// What becomes of a file that the source does not have to send, or that an alternate one resembles.
pub(super) fn take(worker: &Worker, file: &File<'_>, found: &Match) -> Next {
    let kind = worker.run.plan.basis_kind;
    match (found.grade, kind) {
        (Grade::Exact, Some(BasisKind::Link)) => match link(worker, file, found) {
            Linked::Done => Next::Settled(Outcome::Done),
            // Another file system, or too many links: copied instead.
            Linked::Cannot => local_copy(worker, file, found, Changes::NONE),
            Linked::Occupied => begin(worker, file, file.there, None, changes_of(worker, file)),
            Linked::Blocked => Next::Settled(Outcome::Failed),
        },
        (Grade::Exact, Some(BasisKind::Compare)) => {
            if drop_existing(worker, file) == Dropped::Stays {
                return begin(worker, file, file.there, None, changes_of(worker, file));
            }
            tell(worker, file.dir, &file.entry, &Itemized::letters(Update::Attributes, found.changes));
            Next::Settled(Outcome::Done)
        }
        (Grade::Exact | Grade::OtherAttributes, _) => local_copy(worker, file, found, found.changes),
        (Grade::OtherData, _) if is_long_enough(worker, &file.entry, Some(&found.meta)) => {
            long_enough(worker, file)
        }
        (Grade::OtherData, _) => {
            let changes = against(worker, &file.entry.meta, &found.meta) | found.changes;
            begin(worker, file, Some(found.meta), Some(found.index), changes)
        }
    }
}

/// What came of linking to an alternate file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Linked {
    Done,
    /// The file cannot have one more name, or not there.
    Cannot,
    /// The file that is there may not be removed.
    Occupied,
    /// Something else is in the way, which was told.
    Blocked,
}

/// An exact match: one more name for the alternate file.
fn link(worker: &Worker, file: &File<'_>, found: &Match) -> Linked {
    let (Some(Some(basis)), name) = (file.dir.basis.get(found.index), file.dir.dst_name(&file.entry)) else {
        return Linked::Cannot;
    };
    if !worker.run.plan.options.write.dry_run {
        let Some(dst) = &file.dir.dst else { return Linked::Cannot };
        let Ok(held) = swaps::hold_basis(worker, file.dir, basis, name, &found.alternate()) else {
            return Linked::Cannot;
        };
        // Files of others may refuse to be linked to, wherever that is.
        let refuses = Cell::new(false);
        let make = |new: &CStr| {
            let linked = swaps::link(held.as_ref(), basis, name, dst, new);
            linked.inspect_err(|error| refuses.set(error.raw_os_error() == Some(EPERM)))
        };
        if let Some(there) = &file.there
            && !obstacle::clear(worker, file.dir, &file.entry, there, Kind::File)
        {
            worker.run.report.passed(&file.dir.node, Place::Slot(file.entry.slot));
            return Linked::Blocked;
        }
        // A file that is linked is not transferred, so there is no backup of another one (rsync(1), `--backup`).
        let placed = match &file.there {
            Some(there) if there.kind() == Kind::File => {
                file.dir.touch();
                node::swap(file.dir, name, &make)
            }
            there => node::place(worker, file.dir, name, there.as_ref(), &make),
        };
        if let Err(error) = placed {
            let is_file = file.there.is_some_and(|there| there.kind() == Kind::File);
            if is_file && may_not_change(&error) && !refuses.get() {
                return Linked::Occupied;
            }
            not_linked(worker, file, found.index, &error);
            return Linked::Cannot;
        }
        if found.changes.contains(Changes::ATIME) {
            set_access_time(worker, file, swaps::at(held.as_ref(), dst.as_fd(), name));
        }
    }
    count_linked(worker);
    tell(worker, file.dir, &file.entry, &Itemized::letters(Update::HardLink, found.changes));
    Linked::Done
}

/// Whether a directory may not be changed.
fn may_not_change(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

/// The access time is the one thing that may differ in a file that is linked to.
fn set_access_time(worker: &Worker, file: &File<'_>, at: At<'_>) {
    let atime = TimeSet::from(Time { nsec: 0, ..file.entry.meta.atime });
    if let Err(error) = at.set_times(&worker.run.plan, TimesSet { atime, mtime: TimeSet::Omit }) {
        let path = target_path_in(&worker.run.plan, file.dir, file.dir.dst_name(&file.entry));
        worker.fail(Failure::new(Side::Generator, What::SetTimes, path, &error));
    }
}

fn not_linked(worker: &Worker, file: &File<'_>, index: usize, error: &io::Error) {
    let (plan, name) = (&worker.run.plan, file.dir.dst_name(&file.entry));
    let (Some(root), Some(errno)) = (plan.basis.get(index), error.raw_os_error()) else { return };
    let path = target_path_in(plan, file.dir, name);
    let to = join(&root.display, &file.dir.dst_rel_of(name));
    let notice = Notice::NotLinked { path: &path, to: &to, errno };
    worker.run.report.notice(&file.dir.node, Place::Deletion, &notice);
}

/// `--copy-dest`, and what `--link-dest` cannot link: the data is copied on this side, which is no transfer.
fn local_copy(worker: &Worker, file: &File<'_>, found: &Match, mut changes: Changes) -> Next {
    if !worker.run.plan.options.preserve.times {
        changes |= Changes::TIME_NOW;
    }
    if worker.run.plan.options.write.dry_run {
        tell(worker, file.dir, &file.entry, &Itemized::letters(Update::Local, changes));
        return Next::Settled(Outcome::Done);
    }
    if !worker.run.plan.identity.passes_permissions
        && let (Some(Some(basis)), Some(root)) =
            (file.dir.basis.get(found.index), worker.run.plan.basis.get(found.index))
        && is_refused(basis, file)
    {
        let path = join(&root.display, &file.dir.dst_rel_of(file.dir.dst_name(&file.entry)));
        let error = io::Error::from_raw_os_error(EACCES);
        worker.fail(Failure::new(Side::Generator, What::OpenOutside, path, &error));
        return begin(worker, file, file.there, None, changes_of(worker, file));
    }
    if let Some(there) = &file.there
        && there.kind() != Kind::File
        && !obstacle::clear(worker, file.dir, &file.entry, there, Kind::File)
    {
        worker.run.report.passed(&file.dir.node, Place::Slot(file.entry.slot));
        return Next::Settled(Outcome::Failed);
    }
    Next::Move(worker.spares.keep(Transfer {
        dir: Arc::clone(file.dir),
        entry: file.entry.clone(),
        there: file.there,
        model: file.there.and_then(as_model),
        changes,
        update: Update::Local,
        basis: None,
        alternate: file.dir.recorded.is_none().then(|| found.alternate()),
        described: Described::Not,
    }))
}

/// What a copy made on this side takes its permissions from, without `-p`: whatever it replaces, be it a link.
fn as_model(there: Meta) -> Option<Meta> {
    const REGULAR: u32 = 0o100_000;
    (there.kind() != Kind::Dir).then(|| Meta { mode: REGULAR | there.permissions(), ..there })
}

/// What became of the file that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dropped {
    /// There is none, or none that matters.
    Gone,
    /// It may not be removed.
    Stays,
}

/// `--compare-dest` with an exact match: what the destination has of its own goes.
fn drop_existing(worker: &Worker, file: &File<'_>) -> Dropped {
    let (Some(dst), Some(there)) = (&file.dir.dst, &file.there) else { return Dropped::Gone };
    let name = file.dir.dst_name(&file.entry);
    if there.kind() != Kind::File {
        // Nothing takes its place: as for a directory, it has to go beforehand.
        let wanted = if there.kind() == Kind::Dir { Kind::File } else { Kind::Dir };
        if obstacle::clear(worker, file.dir, &file.entry, there, wanted) {
            file.dir.touch();
        }
        return Dropped::Gone;
    }
    if worker.run.plan.options.write.dry_run {
        return Dropped::Gone;
    }
    match plain::unlinkat(dst, name, plain::Unlink::File) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Dropped::Stays,
        Ok(()) | Err(_) => {
            file.dir.touch();
            Dropped::Gone
        }
    }
}
