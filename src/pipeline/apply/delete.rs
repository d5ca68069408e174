//! Extraneous entries: protect and risk, `--max-delete`, the guard after listing errors (rsync(1), `--delete` and its
//! kin). Also directories that stand in the way.

use std::collections::HashSet;
use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rsync_compat::filter::{Action, Chain, Deletion, NameKind};
use uring_ext::plain::{self, AtFlags, OFlags, STATX_ALL, Unlink};

use super::super::at::At;
use super::super::dir::{Before, Dir};
use super::super::fake;
use super::super::name::Name;
use super::super::paths::{target_path, target_path_in};
use super::super::worker::Worker;
use super::doomed::{self, Tree};
use super::{backup, unlock};
use crate::entry::{Kind, Meta, join, sibling_order};
use crate::failure::{Failure, Severity, Side, What};
use crate::plan::Power;
use crate::report::{Node, Notice, Place};

/// Extraneous entries of one directory, kept back until the end (`--delete-delay`).
#[derive(Debug)]
pub struct DelayedJob {
    /// The directory's path from the transfer root.
    pub rel: Vec<u8>,
    /// The same at the destination.
    pub dst_rel: Vec<u8>,
    /// Rules in force there.
    pub receiver: Chain,
    /// Its place in the order of reports.
    pub node: Arc<Node>,
    /// What goes.
    pub doomed: Vec<Doomed>,
}

/// One name that goes.
#[derive(Debug)]
pub struct Doomed {
    /// The name.
    pub name: CString,
    /// What it is.
    pub kind: Kind,
}

/// Where deletions happen, for messages and rules.
struct Spot<'a> {
    worker: &'a Worker,
    node: &'a Node,
    receiver: &'a Chain,
    dst: BorrowedFd<'a>,
    /// The directory that is cleaned, as long as it is open.
    dir: Option<&'a Dir>,
    /// The path of the directory that is cleaned.
    cleaned: &'a [u8],
    /// The device that deletion stays on.
    dev: Option<u64>,
    /// How many directories that go lie above.
    depth: usize,
}

/// What became of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Gone,
    Stays,
}

/// Finds what the source does not have, last name first.
pub fn extraneous(worker: &Worker, dir: &Dir, names: &[Name]) -> Vec<Doomed> {
    if !matches!(dir.before, Before::Existing(_)) {
        return Vec::new();
    }
    let Some(dst) = &dir.dst else { return Vec::new() };
    let mut doomed = match list(worker, &dir.rel, dst.as_fd(), dir.dst_rel()) {
        Some(doomed) => doomed,
        None => return Vec::new(),
    };
    tell_rules(worker, (&dir.node, &dir.receiver), dir.dst_rel(), (&doomed, Deletion::None));
    let kept: HashSet<&CStr> =
        names.iter().filter(|name| name.refused().is_none()).map(Name::dst_name).collect();
    let barred = barred(worker, dst.as_fd());
    doomed.retain(|there| {
        let rel = || dir.dst_rel_of(&there.name);
        let is_listed = kept.contains(there.name.as_c_str()) || worker.run.state.was_removed(&rel());
        let is_kept = barred.is_none() && is_listed;
        let protected = || is_protected(&dir.receiver, &rel(), there.kind, Deletion::None);
        if is_kept || protected() {
            return false;
        }
        let what =
            |error| unlisted(worker, &dir.rel, (What::ReadlinkStat, &dir.dst_rel_of(&there.name)), error);
        barred.iter().for_each(what);
        barred.is_none()
    });
    doomed
}

/// With `-vv`, what rules say of the names in a directory of the destination.
fn tell_rules(worker: &Worker, place: (&Node, &Chain), rel: &[u8], names: (&[Doomed], Deletion)) {
    let ((node, receiver), (found, deletion)) = (place, names);
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

/// Whether rules keep a name.
#[must_use]
pub fn is_protected(receiver: &Chain, rel: &[u8], kind: Kind, deletion: Deletion) -> bool {
    if receiver.is_empty() {
        return false;
    }
    receiver.check(rel, name_kind(kind), deletion).is_some_and(|found| found.action() == Action::Exclude)
}

/// A part of the destination cannot be looked at: told, and no directory after the one that is cleaned is cleaned.
pub fn unlisted(worker: &Worker, cleaned: &[u8], what: (What, &[u8]), error: &io::Error) {
    // No name is empty, so this comes after the directory and before all in it.
    let next = join(cleaned, b"\0");
    let path = target_path(&worker.run.plan, what.1);
    worker.fail_listing(&next, Failure::new(Side::Generator, what.0, path, error));
}

/// Why names of an open directory cannot be looked at, where permissions bind us.
pub fn barred(worker: &Worker, dst: BorrowedFd<'_>) -> Option<io::Error> {
    let bound = !worker.run.plan.identity.passes_permissions;
    if bound { plain::statx(dst, c".", AtFlags::empty(), STATX_ALL).err() } else { None }
}

/// Names and kinds, in reverse order; `None` when the directory cannot be read, which was told.
pub fn list(worker: &Worker, cleaned: &[u8], dst: BorrowedFd<'_>, rel: &[u8]) -> Option<Vec<Doomed>> {
    let mut found = Vec::new();
    let mut reader = worker.names.borrow_mut();
    loop {
        match reader.fill(dst) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                unlisted(worker, cleaned, (What::OpendirDestination, rel), &error);
                return None;
            }
        }
        for entry in reader.batch() {
            let kind = Kind::of_mode(u32::from(entry.kind) << 12).or_else(|| {
                let st = plain::statx(dst, entry.name, AtFlags::SYMLINK_NOFOLLOW, STATX_ALL).ok()?;
                Some(Meta::from(&st).kind())
            });
            let kind = stands_for(worker, (dst, rel), entry.name, kind.unwrap_or(Kind::File));
            found.push(Doomed { name: entry.name.to_owned(), kind });
        }
    }
    found.sort_unstable_by(|a, b| {
        sibling_order((b.name.to_bytes(), b.kind == Kind::Dir), (a.name.to_bytes(), a.kind == Kind::Dir))
    });
    Some(found)
}

/// The kind that a regular file counts as; under `--fake-super` it may stand for another.
fn stands_for(worker: &Worker, dir: (BorrowedFd<'_>, &[u8]), name: &CStr, kind: Kind) -> Kind {
    let at = At::Name(dir.0, name);
    if kind != Kind::File || worker.run.plan.identity.receiver != Power::Fake {
        return kind;
    }
    let path = || target_path(&worker.run.plan, &join(dir.1, name.to_bytes()));
    let seen = at.look().map(|meta| fake::seen(worker, at, meta, Side::Generator, path).kind());
    seen.ok().filter(|&kind| kind != Kind::Dir).unwrap_or(kind)
}

/// Deletes what [`extraneous`] found, unless a listing failed before; trees with the help of all workers.
pub async fn remove_all(worker: &Worker, dir: &Dir, doomed: Vec<Doomed>) {
    let Some(dst) = &dir.dst else { return };
    if !is_allowed(worker, dir) || doomed.is_empty() {
        return;
    }
    if doomed::may_spread(worker) && doomed.iter().any(|one| one.kind == Kind::Dir) {
        let dev = device(worker, dst.as_fd());
        let tree = Tree::new(Arc::clone(&dir.node), dir.receiver.clone(), dev, &dir.rel);
        if doomed::remove_all(worker, tree, (dst, dir.dst_rel()), doomed).await {
            dir.touch();
        }
        return;
    }
    remove_in_order(worker, dir, dst, &doomed);
}

/// The same, one name after the other.
fn remove_in_order(worker: &Worker, dir: &Dir, dst: &OwnedFd, doomed: &[Doomed]) {
    let spot = Spot {
        worker,
        node: &dir.node,
        receiver: &dir.receiver,
        dir: Some(dir),
        dst: dst.as_fd(),
        cleaned: &dir.rel,
        dev: device(worker, dst.as_fd()),
        depth: 0,
    };
    for one in doomed {
        if worker.run.state.stopping() {
            return;
        }
        worker.run.state.beat();
        if remove(&spot, dir.dst_rel(), one) == Fate::Gone {
            dir.touch();
        }
    }
}

/// Deletes a name that was asked for and that the source lacks; a directory with contents only under `--force` or
/// `--delete` (rsync(1), `--delete-missing-args`).
pub fn missing(worker: &Worker, dir: &Dir, name: &CStr) {
    let Some(dst) = &dir.dst else { return };
    let Ok(st) = plain::statx(dst, name, AtFlags::SYMLINK_NOFOLLOW, STATX_ALL) else { return };
    let one = Doomed { name: name.to_owned(), kind: Meta::from(&st).kind() };
    let spot = Spot {
        worker,
        node: &dir.node,
        receiver: &dir.receiver,
        dir: Some(dir),
        dst: dst.as_fd(),
        cleaned: &dir.rel,
        dev: device(worker, dst.as_fd()),
        depth: 0,
    };
    let rel = dir.dst_rel_of(name);
    if one.kind == Kind::Dir && !worker.run.plan.options.delete.force && !is_empty(worker, dst.as_fd(), name)
    {
        return worker.run.report.notice(&dir.node, Place::Deletion, &Notice::CannotDeleteNonEmpty(&rel));
    }
    if remove(&spot, dir.dst_rel(), &one) == Fate::Gone {
        dir.touch();
    }
}

/// Whether a directory can be read and holds nothing.
fn is_empty(worker: &Worker, dst: BorrowedFd<'_>, name: &CStr) -> bool {
    let mut reader = worker.names.borrow_mut();
    open(worker, dst, name)
        .is_ok_and(|handle| reader.fill(&handle).is_ok() && reader.batch().next().is_none())
}

/// Deletes what was kept back; the directory is opened anew, and gets its time back.
pub async fn run_delayed(worker: &Worker, job: DelayedJob) {
    let Some((dst, before)) = super::super::reopen::target(worker, &job.dst_rel) else { return };
    let dev = device(worker, dst.as_fd());
    if doomed::may_spread(worker) && job.doomed.iter().any(|one| one.kind == Kind::Dir) {
        let tree = Tree::new(job.node, job.receiver, dev, &job.rel);
        doomed::remove_all(worker, tree, (&dst, &job.dst_rel), job.doomed).await;
        return super::super::reopen::restore(worker, &dst, &before, &job.dst_rel);
    }
    let spot = Spot {
        worker,
        node: &job.node,
        receiver: &job.receiver,
        dir: None,
        dst: dst.as_fd(),
        cleaned: &job.rel,
        dev,
        depth: 0,
    };
    for one in &job.doomed {
        if worker.run.state.stopping() {
            break;
        }
        remove(&spot, &job.dst_rel, one);
    }
    super::super::reopen::restore(worker, &dst, &before, &job.dst_rel);
}

fn device(worker: &Worker, dst: BorrowedFd<'_>) -> Option<u64> {
    use rsync_compat::options::OneFileSystem;
    if worker.run.plan.options.select.one_file_system == OneFileSystem::Off {
        return None;
    }
    plain::statx_fd(dst).ok().map(|st| st.dev)
}

/// The guard of DESIGN §5.3: nothing is deleted after a failed listing, and that is said once. Where rsync deletes as it
/// goes, directories before the one that could not be listed are cleaned
/// (`compat-tests/tests/errors_and_permissions.rs`).
#[must_use]
pub fn is_allowed(worker: &Worker, dir: &Dir) -> bool {
    let (plan, state) = (&worker.run.plan, &worker.run.state);
    let complete =
        if plan.deletes_in_turn() { state.listed_up_to(&dir.rel) } else { !state.listing_failed() };
    if complete || plan.options.delete.ignore_errors {
        return true;
    }
    if state.say_deletion_skipped_once() {
        worker.run.report.notice(&dir.node, Place::Deletion, &Notice::IoErrorSkipsDeletion);
    }
    false
}

fn remove(spot: &Spot<'_>, dir_rel: &[u8], one: &Doomed) -> Fate {
    let rel = join(dir_rel, one.name.to_bytes());
    if one.kind == Kind::Dir {
        return remove_dir(spot, &rel, &one.name);
    }
    unlock::writable(spot.worker, spot.dst, &one.name);
    if !spot.worker.run.state.take_deletion(&spot.worker.summary) {
        return Fate::Stays;
    }
    let removed = if spot.worker.run.plan.options.write.dry_run {
        Ok(())
    } else {
        backup::before_delete(spot.worker, (spot.dst, spot.dir, spot.node), &one.name, &rel).and_then(
            |kept| match kept {
                backup::Kept::Moved => Ok(()),
                backup::Kept::InPlace => plain::unlinkat(spot.dst, &one.name, Unlink::File),
            },
        )
    };
    settle(spot, &rel, one.kind, What::Unlink, removed)
}

fn remove_dir(spot: &Spot<'_>, rel: &[u8], name: &CStr) -> Fate {
    match contents(spot, rel, name) {
        Ok(Fate::Gone) => {}
        Ok(Fate::Stays) => {
            let mut times = 1;
            if spot.depth > 0 && spot.worker.run.state.deletions_spent() {
                // Refused like what is in it.
                let _ = spot.worker.run.state.take_deletion(&spot.worker.summary);
            } else if spot.depth > 0 {
                // rsync says so on the way in and on the way out.
                times = 2;
            }
            for _ in 0..times {
                let notice = Notice::CannotDeleteNonEmpty(rel);
                spot.worker.run.report.notice(spot.node, Place::Deletion, &notice);
            }
            return Fate::Stays;
        }
        Err(MountPoint) => return Fate::Stays,
    }
    if !spot.worker.run.state.take_deletion(&spot.worker.summary) {
        return Fate::Stays;
    }
    let removed = if spot.worker.run.plan.options.write.dry_run {
        Ok(())
    } else {
        plain::unlinkat(spot.dst, name, Unlink::Dir)
    };
    settle(spot, rel, Kind::Dir, What::Rmdir, removed)
}

fn settle(spot: &Spot<'_>, rel: &[u8], kind: Kind, what: What, removed: io::Result<()>) -> Fate {
    match removed {
        Ok(()) => {
            tracing::info!(target: "del", name = %String::from_utf8_lossy(rel), ?kind, "deleted");
            spot.worker.summary.borrow_mut().deleted.count(kind);
            spot.worker.run.report.deleted(spot.node, rel, kind);
            Fate::Gone
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Fate::Gone,
        // Backups of what was in it, or somebody else's doing.
        Err(error) if what == What::Rmdir && error.raw_os_error() == Some(ENOTEMPTY) => {
            spot.worker.run.report.notice(spot.node, Place::Deletion, &Notice::CannotDeleteNonEmpty(rel));
            Fate::Stays
        }
        Err(error) => {
            spot.worker.fail(Failure::new(Side::Generator, what, rel.to_vec(), &error));
            Fate::Stays
        }
    }
}

/// Another file system is mounted there, and `-x` keeps deletion out of it.
struct MountPoint;

/// Deletes what is in a directory; `Stays` when something is protected, or could not be deleted. One that cannot be
/// read counts as empty: that it is not shows when it is to go itself.
fn contents(spot: &Spot<'_>, rel: &[u8], name: &CStr) -> Result<Fate, MountPoint> {
    let handle = match open(spot.worker, spot.dst, name) {
        Ok(handle) => handle,
        Err(error) => {
            unlisted(spot.worker, spot.cleaned, (What::OpendirDestination, rel), &error);
            return Ok(Fate::Gone);
        }
    };
    if is_other_device(handle.as_fd(), spot.dev) {
        return Err(MountPoint);
    }
    let inner = Spot { dst: handle.as_fd(), depth: spot.depth + 1, ..*spot };
    let Some(found) = list(spot.worker, spot.cleaned, handle.as_fd(), rel) else { return Ok(Fate::Gone) };
    tell_rules(spot.worker, (spot.node, spot.receiver), rel, (&found, Deletion::Doomed));
    let (mut fate, barred) = (Fate::Gone, barred(spot.worker, handle.as_fd()));
    for one in &found {
        let one_rel = join(rel, one.name.to_bytes());
        if is_protected(spot.receiver, &one_rel, one.kind, Deletion::Doomed) {
            fate = Fate::Stays;
        } else if let Some(error) = &barred {
            unlisted(spot.worker, spot.cleaned, (What::ReadlinkStat, &one_rel), error);
        } else if remove(&inner, rel, one) == Fate::Stays {
            fate = Fate::Stays;
        }
    }
    Ok(fate)
}

/// Whether a directory lies on another file system than the one that deletion stays on.
#[must_use]
pub fn is_other_device(handle: BorrowedFd<'_>, dev: Option<u64>) -> bool {
    dev.is_some() && plain::statx_fd(handle).ok().map(|st| st.dev) != dev
}

/// Opens a directory that goes.
///
/// # Errors
/// Those of open(2).
pub fn open(worker: &Worker, dst: BorrowedFd<'_>, name: &CStr) -> io::Result<OwnedFd> {
    unlock::writable(worker, dst, name);
    plain::openat(dst, name, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW, 0)
}

/// Removes a directory that stands in the way: its contents too when `force`, otherwise only when it is empty. The
/// directory itself gets no line.
pub fn clear_way(worker: &Worker, dir: &Dir, name: &CStr, force: Force) -> bool {
    let Some(dst) = &dir.dst else { return true };
    if worker.run.plan.options.write.dry_run && force == Force::EmptyOnly {
        return plain::openat(dst, name, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW, 0).is_ok_and(
            |handle| {
                list(worker, &dir.rel, handle.as_fd(), dir.dst_rel()).is_some_and(|found| found.is_empty())
            },
        );
    }
    if force == Force::WithContents {
        let dev = device(worker, dst.as_fd());
        let spot = Spot {
            worker,
            node: &dir.node,
            receiver: &dir.receiver,
            dir: Some(dir),
            dst: dst.as_fd(),
            cleaned: &dir.rel,
            dev,
            depth: 0,
        };
        let rel = dir.dst_rel_of(name);
        if !matches!(contents(&spot, &rel, name), Ok(Fate::Gone)) {
            return false;
        }
    }
    if worker.run.plan.options.write.dry_run {
        return true;
    }
    match plain::unlinkat(dst, name, Unlink::Dir) {
        Ok(()) => true,
        Err(error) if matches!(error.raw_os_error(), Some(ENOTEMPTY | EEXIST)) => false,
        Err(error) => {
            let path = target_path_in(&worker.run.plan, dir, name);
            worker.fail(Failure::new(Side::Generator, What::Rmdir, path, &error).severity(Severity::Error));
            false
        }
    }
}

const EEXIST: i32 = 17;
/// Directory not empty: the same number on every Linux.
pub const ENOTEMPTY: i32 = 39;

/// How far making way may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// Neither `--force` nor `--delete`.
    EmptyOnly,
    /// One of them.
    WithContents,
}
