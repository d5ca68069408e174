//! Extraneous names: what a destination directory holds and the source does not. Filter rules may protect them, and
//! none goes when the source could not be listed completely (rsync(1), `--delete`, FILTER RULES).

use std::collections::HashSet;
use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use rsync_compat::filter::{Action, Chain, Deletion, NameKind};
use uring_ext::mode::errno::{EACCES, EBADF};
use uring_ext::plain::{self, AtFlags, STATX_ALL};

use crate::entry::{Kind, Meta, Sibling, join, sibling_order};
use crate::failure::{Failure, Side, What};
use crate::pipeline::attributes::fake;
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::at::At;
use crate::pipeline::handles::dir::{Before, Dir};
use crate::pipeline::handles::name::Name;
use crate::pipeline::handles::paths::target_path;
use crate::plan::Power;
use crate::report::{Node, Notice, Place};

/// A name that is to be deleted.
#[derive(Debug)]
pub struct Doomed {
    /// The name.
    pub name: CString,
    /// What it is.
    pub kind: Kind,
}

impl Doomed {
    fn sibling(&self) -> Sibling<'_> {
        Sibling { name: self.name.to_bytes(), is_dir: self.kind == Kind::Dir }
    }
}

/// The names of a destination directory that the source lacks and no rule protects, in reverse order of the file list,
/// which is the order in which rsync deletes. None where I/O errors keep names from being deleted. The source lacks
/// what `is_omitted` says too.
pub fn extraneous(
    worker: &Worker,
    dir: &Dir,
    names: &[Name],
    is_omitted: impl Fn(&Name) -> bool,
) -> Vec<Doomed> {
    if !matches!(dir.before, Before::Existing(_)) {
        return Vec::new();
    }
    let Some(dst) = &dir.dst else { return Vec::new() };
    if !is_allowed(worker, dir) {
        // Not even listed.
        return Vec::new();
    }
    let mut doomed = match list(worker, &dir.rel, dst.as_fd(), dir.dst_rel()) {
        Some(doomed) => doomed,
        None => return Vec::new(),
    };
    let ruled = Ruled { node: &dir.node, receiver: &dir.receiver, rel: dir.dst_rel() };
    tell_rules(worker, &ruled, &doomed, Deletion::None);
    let kept: HashSet<&CStr> = names
        .iter()
        .filter(|name| is_listed(worker, name) && !is_omitted(name))
        .map(Name::dst_name)
        .collect();
    let barred = barred(worker, dst.as_fd());
    doomed.retain(|there| {
        let rel = || dir.dst_rel_of(&there.name);
        let is_listed = kept.contains(there.name.as_c_str()) || worker.run.state.source.was_removed(&rel());
        let is_kept = barred.is_none() && is_listed;
        let protected = || is_protected(&dir.receiver, &rel(), there.kind, Deletion::None);
        if is_kept || protected() {
            return false;
        }
        let what =
            |error| unlisted(worker, &dir.rel, What::ReadlinkStat, &dir.dst_rel_of(&there.name), error);
        barred.iter().for_each(what);
        barred.is_none()
    });
    doomed
}

/// Whether the file list has a name, so that its namesake at the destination is not extraneous. A symbolic link that is
/// followed and dangles is not in the list; that is an I/O error, so its namesake goes only under `--ignore-errors`.
fn is_listed(worker: &Worker, name: &Name) -> bool {
    let goes = worker.run.plan.options.delete.ignore_errors && name.leads_nowhere();
    name.refused().is_none() && !goes
}

/// A directory of the destination as rules and messages see it.
#[derive(Debug, Clone, Copy)]
pub struct Ruled<'a> {
    /// Its place in the order of reports.
    pub node: &'a Node,
    /// Rules in force in it.
    pub receiver: &'a Chain,
    /// Its path from the transfer root.
    pub rel: &'a [u8],
}

/// Tells which rule decides about each of these names, as `-vv` (`--debug=FILTER`) asks for.
pub fn tell_rules(worker: &Worker, dir: &Ruled<'_>, found: &[Doomed], deletion: Deletion) {
    let Ruled { node, receiver, rel } = *dir;
    if worker.run.plan.options.output.debug.filter == 0 || receiver.is_empty() {
        return;
    }
    for one in found {
        let rel = join(rel, one.name.to_bytes());
        if let Some(found) = receiver.check(&rel, name_kind(one.kind), deletion) {
            let kind = one.kind;
            worker.run.report.notice(
                node,
                Place::Deletion,
                &Notice::Protected { kind, rel: &rel, found: &found },
            );
        }
    }
}

fn name_kind(kind: Kind) -> NameKind {
    if kind == Kind::Dir { NameKind::Directory } else { NameKind::Other }
}

/// Whether a filter rule protects a name from deletion.
#[must_use]
pub fn is_protected(receiver: &Chain, rel: &[u8], kind: Kind, deletion: Deletion) -> bool {
    if receiver.is_empty() {
        return false;
    }
    receiver.check(rel, name_kind(kind), deletion).is_some_and(|found| found.action() == Action::Exclude)
}

/// Tells that something at the destination cannot be read. That is an I/O error, so rsync deletes nothing in
/// directories that come after `cleaned` in the file list.
pub fn unlisted(worker: &Worker, cleaned: &[u8], what: What, rel: &[u8], error: &io::Error) {
    // No name is empty, so this comes after the directory and before all in it.
    let next = join(cleaned, b"\0");
    let path = target_path(&worker.run.plan, rel);
    worker.fail_cleaning(&next, Failure::new(Side::Generator, what, path, error));
}

/// Tells that a directory cannot be listed because the mode it was given denies its owner the search.
pub fn shut(worker: &Worker, dir: &Dir) {
    let error = io::Error::from_raw_os_error(EACCES);
    unlisted(worker, &dir.rel, What::OpendirDestination, dir.dst_rel(), &error);
}

/// The error that stat(2) of any name in an open directory would meet, where we lack the right to search it.
pub fn barred(worker: &Worker, dst: BorrowedFd<'_>) -> Option<io::Error> {
    let bound = !worker.run.plan.identity.passes_permissions;
    if bound { plain::statx(dst, c".", AtFlags::empty(), STATX_ALL).err() } else { None }
}

/// Lists a directory: names and kinds, in reverse order of the file list. `None` when it cannot be read, which is told
/// as by [`unlisted`].
pub fn list(worker: &Worker, cleaned: &[u8], dst: BorrowedFd<'_>, rel: &[u8]) -> Option<Vec<Doomed>> {
    let mut found = Vec::new();
    let mut reader = worker.names.borrow_mut();
    loop {
        match reader.fill(dst) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                // A handle that is only good for names says so; it stands for a directory that is closed to us.
                let closed = error.raw_os_error() == Some(EBADF);
                let error = if closed { io::Error::from_raw_os_error(EACCES) } else { error };
                unlisted(worker, cleaned, What::OpendirDestination, rel, &error);
                return None;
            }
        }
        for entry in reader.batch() {
            let kind = Kind::of_mode(u32::from(entry.kind) << 12).or_else(|| {
                let st = plain::statx(dst, entry.name, AtFlags::SYMLINK_NOFOLLOW, STATX_ALL).ok()?;
                Some(Meta::from(&st).kind())
            });
            let kind = stands_for(worker, At::Name(dst, entry.name), kind.unwrap_or(Kind::File), || {
                target_path(&worker.run.plan, &join(rel, entry.name.to_bytes()))
            });
            found.push(Doomed { name: entry.name.to_owned(), kind });
        }
    }
    found.sort_unstable_by(|a, b| sibling_order(b.sibling(), a.sibling()));
    Some(found)
}

/// The kind that a name counts as: under `--fake-super` a regular file may stand for a link, a device or the like.
fn stands_for(worker: &Worker, at: At<'_>, kind: Kind, path: impl Fn() -> Vec<u8>) -> Kind {
    if kind != Kind::File || worker.run.plan.identity.receiver != Power::Fake {
        return kind;
    }
    let seen = at.look().map(|meta| fake::seen(worker, at, meta, Side::Generator, path).kind());
    seen.ok().filter(|&kind| kind != Kind::Dir).unwrap_or(kind)
}

/// Whether names may be deleted in a directory: after an I/O error none are, which is said once, unless
/// `--ignore-errors` is given (ARCHITECTURE.md, Invariants). Where rsync deletes as it goes, directories before the
/// failed one are cleaned (`compat-tests/tests/errors_and_permissions.rs`).
#[must_use]
pub fn is_allowed(worker: &Worker, dir: &Dir) -> bool {
    is_allowed_at(worker, dir, &dir.rel)
}

/// Whether names may be deleted ([`is_allowed`]) in a directory below `dir`, which has this path.
#[must_use]
pub fn is_allowed_at(worker: &Worker, dir: &Dir, rel: &[u8]) -> bool {
    let (plan, state) = (&worker.run.plan, &worker.run.state);
    let complete = match plan.deletes_in_turn() {
        true => state.listings.complete_up_to(rel),
        false => state.listings.complete(),
    };
    if complete && state.listings.cleaned_up_to(rel) || plan.options.delete.ignore_errors {
        return true;
    }
    // A listing says nothing of deletions.
    let says = !plan.options.output.list_only && dir.before.is_cleaned(plan);
    if says && state.deletions.say_skipped_once() {
        worker.run.report.notice(&dir.node, Place::Deletion, &Notice::IoErrorSkipsDeletion);
    }
    false
}
