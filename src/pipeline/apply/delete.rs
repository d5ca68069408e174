//! Deleting: what is extraneous, what was asked to go, and what lies in directories that stand in the way (rsync(1),
//! `--delete` and its kin, `--max-delete`, `--delete-missing-args`).

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rsync_compat::filter::{Chain, Deletion, Side as RuleSide};
use rsync_compat::options::DeleteWhen;
use uring_ext::mode::errno::ENOTEMPTY;
use uring_ext::plain::{self, AtFlags, OFlags, STATX_ALL, Unlink};

use super::extraneous::{Doomed, Ruled, barred, is_protected, list, tell_rules, unlisted};
use super::remove_tree::{self, Tree};
use super::{backup, unlock};
use crate::entry::{Kind, Meta, join};
use crate::failure::{Failure, Side, What};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::open::{chain, chain_above};
use crate::report::{Node, Notice, Place};

/// Extraneous entries of one directory, kept back until the end (`--delete-delay`).
#[derive(Debug)]
pub struct DelayedJob {
    /// The directory's path from the transfer root.
    pub rel: Vec<u8>,
    /// Its path at the destination.
    pub dst_rel: Vec<u8>,
    /// Rules in force there.
    pub receiver: Chain,
    /// Its place in the order of reports.
    pub node: Arc<Node>,
    /// What goes.
    pub doomed: Vec<Doomed>,
    /// The attributes that the directory is to have.
    pub wanted: Option<Meta>,
}

/// The directory that names are deleted in, and what holds for all of them.
struct Scope<'a> {
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
    keeps: Keeps,
}

/// Whether backups are made of what goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keeps {
    Backups,
    Nothing,
}

impl<'a> Scope<'a> {
    /// A directory that is open.
    fn of(worker: &'a Worker, dir: &'a Dir, dst: BorrowedFd<'a>) -> Scope<'a> {
        Scope {
            worker,
            node: &dir.node,
            receiver: &dir.receiver,
            dir: Some(dir),
            dst,
            cleaned: &dir.rel,
            dev: device(worker, dst),
            depth: 0,
            keeps: Keeps::Backups,
        }
    }

    /// A name in it, of which a backup is made.
    fn old<'n>(&self, name: &'n CStr, rel: &'n [u8]) -> backup::Old<'n>
    where
        'a: 'n,
    {
        let &Scope { dst, node, receiver, .. } = self;
        backup::Old { dst, name, rel, node, receiver, purpose: backup::For::Deletion }
    }
}

/// What became of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Gone,
    Stays,
}

/// Deletes what [`extraneous`](super::extraneous::extraneous) found; trees with the help of all workers.
pub async fn remove_all(worker: &Worker, dir: &Dir, doomed: Vec<Doomed>) {
    let Some(dst) = &dir.dst else { return };
    if doomed.is_empty() {
        return;
    }
    if remove_tree::may_spread(worker) && doomed.iter().any(|one| one.kind == Kind::Dir) {
        let dev = device(worker, dst.as_fd());
        let tree = Tree::new(Arc::clone(&dir.node), dir.receiver.clone(), dev, &dir.rel);
        if remove_tree::remove_all(worker, tree, dst, dir.dst_rel(), doomed).await {
            dir.touch();
        }
        return;
    }
    remove_in_order(worker, dir, dst, &doomed);
}

/// Deletes names of one directory on this thread, one after the other.
fn remove_in_order(worker: &Worker, dir: &Dir, dst: &OwnedFd, doomed: &[Doomed]) {
    let scope = Scope::of(worker, dir, dst.as_fd());
    let _turn = worker.run.turn_to_remove();
    for one in doomed {
        if worker.run.state.stopping() {
            return;
        }
        worker.run.state.beat();
        if remove(&scope, dir.dst_rel(), one) == Fate::Gone {
            dir.touch();
        }
    }
}

/// Deletes a name that was asked for and that the source lacks; a directory with contents only under `--force` or
/// `--delete` (rsync(1), `--delete-missing-args`). Rules protect it; those of merge files if this pass read them to
/// delete.
pub fn missing(worker: &Worker, dir: &Dir, name: &CStr) {
    let Some(dst) = &dir.dst else { return };
    let Ok(st) = plain::statx(dst, name, AtFlags::SYMLINK_NOFOLLOW, STATX_ALL) else { return };
    let one = Doomed { name: name.to_owned(), kind: Meta::from(&st).kind() };
    let rel = dir.dst_rel_of(name);
    let rules = match worker.run.plan.options.delete.when {
        Some(DeleteWhen::During | DeleteWhen::Delay) => &dir.receiver,
        Some(DeleteWhen::Before | DeleteWhen::After) | None => &worker.run.plan.receiver,
    };
    // rsync takes it for a file.
    let told = Doomed { name: name.to_owned(), kind: Kind::File };
    let ruled = Ruled { node: &dir.node, receiver: rules, rel: dir.dst_rel() };
    tell_rules(worker, &ruled, &[told], Deletion::None);
    if is_protected(rules, &rel, one.kind, Deletion::None) {
        return;
    }
    unlock::writable(worker, dst, name);
    if one.kind == Kind::Dir
        && !worker.run.plan.options.delete.force
        && is_empty(worker, dst.as_fd(), name) != Some(true)
    {
        return worker.run.report.notice(&dir.node, Place::Deletion, &Notice::CannotDeleteNonEmpty(&rel));
    }
    let receiver = match worker.run.plan.options.delete.when {
        // The pass that deletes has had what lies above.
        Some(DeleteWhen::Before) => dir.receiver.clone(),
        _ => chain_above(worker, &dir.receiver, &rel),
    };
    let scope = Scope { receiver: &receiver, ..Scope::of(worker, dir, dst.as_fd()) };
    if remove(&scope, dir.dst_rel(), &one) == Fate::Gone {
        dir.touch();
    }
}

/// Whether a directory holds nothing; `None` when it cannot be read.
pub fn is_empty(worker: &Worker, dst: BorrowedFd<'_>, name: &CStr) -> Option<bool> {
    let mut reader = worker.names.borrow_mut();
    let handle = opened(dst, name).ok()?;
    reader.fill(&handle).ok()?;
    Some(reader.batch().next().is_none())
}

/// Deletes what was kept back; the directory is opened anew, and gets its time back.
pub async fn run_delayed(worker: &Worker, job: DelayedJob) {
    let Some((dst, before)) = crate::pipeline::handles::reopen::target(worker, &job.dst_rel) else { return };
    // The source's time anew, of which only the seconds may have been compared.
    let before = before.with_time(job.wanted.as_ref());
    let dev = device(worker, dst.as_fd());
    if remove_tree::may_spread(worker) && job.doomed.iter().any(|one| one.kind == Kind::Dir) {
        let tree = Tree::new(job.node, job.receiver, dev, &job.rel);
        remove_tree::remove_all(worker, tree, &dst, &job.dst_rel, job.doomed).await;
        return crate::pipeline::handles::reopen::restore(worker, &dst, &before, &job.dst_rel);
    }
    let scope = Scope {
        worker,
        node: &job.node,
        receiver: &job.receiver,
        dir: None,
        dst: dst.as_fd(),
        cleaned: &job.rel,
        dev,
        depth: 0,
        keeps: Keeps::Backups,
    };
    let _turn = worker.run.turn_to_remove();
    for one in &job.doomed {
        if worker.run.state.stopping() {
            break;
        }
        remove(&scope, &job.dst_rel, one);
    }
    crate::pipeline::handles::reopen::restore(worker, &dst, &before, &job.dst_rel);
}

fn device(worker: &Worker, dst: BorrowedFd<'_>) -> Option<u64> {
    use rsync_compat::options::OneFileSystem;
    if worker.run.plan.options.select.one_file_system == OneFileSystem::Off {
        return None;
    }
    plain::statx_fd(dst).ok().map(|st| st.dev)
}

fn remove(scope: &Scope<'_>, dir_rel: &[u8], one: &Doomed) -> Fate {
    let rel = join(dir_rel, one.name.to_bytes());
    if one.kind == Kind::Dir {
        return remove_dir(scope, &rel, &one.name);
    }
    unlock::writable(scope.worker, scope.dst, &one.name);
    if !scope.worker.run.state.deletions.take(&scope.worker.summary) {
        return Fate::Stays;
    }
    let mut stays = Fate::Gone;
    let removed = if scope.worker.run.plan.options.write.dry_run {
        if scope.keeps == Keeps::Backups {
            backup::would_keep(scope.worker, scope.node, &rel);
        }
        Ok(())
    } else if scope.keeps == Keeps::Nothing {
        plain::unlinkat(scope.dst, &one.name, Unlink::File)
    } else {
        backup::before_delete(scope.worker, &scope.old(&one.name, &rel), scope.dir).and_then(
            |kept| match kept {
                backup::Kept::Moved => Ok(()),
                backup::Kept::Left => {
                    stays = Fate::Stays;
                    Ok(())
                }
                backup::Kept::InPlace => plain::unlinkat(scope.dst, &one.name, Unlink::File),
            },
        )
    };
    match settle(scope, &rel, one.kind, What::Unlink, removed) {
        // It is told as deleted all the same.
        Fate::Gone => stays,
        Fate::Stays => Fate::Stays,
    }
}

fn remove_dir(scope: &Scope<'_>, rel: &[u8], name: &CStr) -> Fate {
    unlock::writable(scope.worker, scope.dst, name);
    match contents(scope, rel, name) {
        Ok(Fate::Gone) => {}
        Ok(Fate::Stays) => return keeps_something(scope, rel),
        Err(MountPoint) => return Fate::Stays,
    }
    if !scope.worker.run.state.deletions.take(&scope.worker.summary) {
        return Fate::Stays;
    }
    let removed = if scope.worker.run.plan.options.write.dry_run {
        Ok(())
    } else {
        plain::unlinkat(scope.dst, name, Unlink::Dir)
    };
    settle(scope, rel, Kind::Dir, What::Rmdir, removed)
}

/// Tells of a directory that stays for what is in it.
fn keeps_something(scope: &Scope<'_>, rel: &[u8]) -> Fate {
    let (run, is_inner) = (&scope.worker.run, scope.depth > 0);
    let tell = || run.report.notice(scope.node, Place::Deletion, &Notice::CannotDeleteNonEmpty(rel));
    tell();
    if is_inner && run.plan.options.write.dry_run {
        // That it cannot go shows only where it is tried.
        if run.state.deletions.take(&scope.worker.summary) {
            settle(scope, rel, Kind::Dir, What::Rmdir, Ok(()));
        }
    } else if is_inner && run.state.deletions.are_spent() {
        // Refused like what is in it.
        let _ = run.state.deletions.take(&scope.worker.summary);
    } else if is_inner {
        // rsync says so on the way in and on the way out.
        tell();
    }
    Fate::Stays
}

fn settle(scope: &Scope<'_>, rel: &[u8], kind: Kind, what: What, removed: io::Result<()>) -> Fate {
    match removed {
        Ok(()) => {
            tracing::info!(target: "del", name = %String::from_utf8_lossy(rel), ?kind, "deleted");
            scope.worker.summary.borrow_mut().deleted.count(kind);
            scope.worker.run.report.deleted(scope.node, rel, kind);
            Fate::Gone
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            scope.worker.run.state.deletions.give_back();
            Fate::Gone
        }
        // Backups of what was in it, or somebody else's doing.
        Err(error) if what == What::Rmdir && error.raw_os_error() == Some(ENOTEMPTY) => {
            scope.worker.run.state.deletions.give_back();
            scope.worker.run.report.notice(scope.node, Place::Deletion, &Notice::CannotDeleteNonEmpty(rel));
            Fate::Stays
        }
        Err(error) => {
            scope.worker.run.state.deletions.give_back();
            scope.worker.fail(Failure::new(Side::Generator, what, rel.to_vec(), &error));
            Fate::Stays
        }
    }
}

/// Another file system is mounted there, and `-x` keeps deletion out of it.
struct MountPoint;

/// Deletes what is in a directory; `Stays` when something is protected, or could not be deleted. One that cannot be
/// read counts as empty: that it is not shows when it is to go itself.
fn contents(scope: &Scope<'_>, rel: &[u8], name: &CStr) -> Result<Fate, MountPoint> {
    let handle = match opened(scope.dst, name) {
        Ok(handle) => handle,
        Err(error) => {
            unlisted(scope.worker, scope.cleaned, What::OpendirDestination, rel, &error);
            return Ok(Fate::Gone);
        }
    };
    if is_other_device(handle.as_fd(), scope.dev) {
        return Err(MountPoint);
    }
    // Its own merge files go with it, and count until then.
    let receiver = chain(scope.worker, scope.receiver.clone(), RuleSide::Receiver, Some(&handle), rel);
    let inner = Scope { dst: handle.as_fd(), receiver: &receiver, depth: scope.depth + 1, ..*scope };
    let Some(found) = list(scope.worker, scope.cleaned, handle.as_fd(), rel) else { return Ok(Fate::Gone) };
    if scope.keeps == Keeps::Backups {
        let ruled = Ruled { node: scope.node, receiver: &receiver, rel };
        tell_rules(scope.worker, &ruled, &found, Deletion::Doomed);
    }
    let (mut fate, barred) = (Fate::Gone, barred(scope.worker, handle.as_fd()));
    for one in &found {
        let one_rel = join(rel, one.name.to_bytes());
        if is_protected(&receiver, &one_rel, one.kind, Deletion::Doomed) {
            fate = Fate::Stays;
        } else if let Some(error) = &barred {
            unlisted(scope.worker, scope.cleaned, What::ReadlinkStat, &one_rel, error);
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
    opened(dst, name)
}

/// Opens a directory as it is.
///
/// # Errors
/// Those of open(2).
pub fn opened(dst: BorrowedFd<'_>, name: &CStr) -> io::Result<OwnedFd> {
    plain::openat(dst, name, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW, 0)
}

/// Removes a directory that has a backup's name, and all that is in it; false when something stays. It lies in `dst`,
/// where the rules are in force that hold for it.
pub fn clear_backup(worker: &Worker, dst: BorrowedFd<'_>, name: &CStr, ruled: &Ruled<'_>) -> bool {
    let Ruled { node, receiver, rel } = *ruled;
    let scope = Scope {
        worker,
        node,
        receiver,
        dir: None,
        dst,
        cleaned: b"",
        dev: None,
        depth: 0,
        keeps: Keeps::Nothing,
    };
    let cleared = matches!(contents(&scope, rel, name), Ok(Fate::Gone));
    if !cleared {
        worker.run.report.notice(node, Place::Deletion, &Notice::CannotDeleteNonEmpty(rel));
    }
    cleared && plain::unlinkat(dst, name, Unlink::Dir).is_ok()
}

/// With `-vv`, what rules say of the names in a directory that stands in the way, of which nothing is deleted.
pub fn tell_protected(worker: &Worker, dir: &Dir, dst: &OwnedFd, name: &CStr) {
    if worker.run.plan.options.output.debug.filter == 0 {
        return;
    }
    let Ok(handle) = opened(dst.as_fd(), name) else { return };
    let rel = dir.dst_rel_of(name);
    let receiver = chain(worker, dir.receiver.clone(), RuleSide::Receiver, Some(&handle), &rel);
    if let Some(found) = list(worker, &dir.rel, handle.as_fd(), &rel) {
        let ruled = Ruled { node: &dir.node, receiver: &receiver, rel: &rel };
        tell_rules(worker, &ruled, &found, Deletion::Doomed);
    }
}

/// Deletes what is in a directory that stands in the way; false when something stays.
pub fn empty(worker: &Worker, dir: &Dir, dst: &OwnedFd, name: &CStr) -> bool {
    let rel = dir.dst_rel_of(name);
    let receiver = chain_above(worker, &dir.receiver, &rel);
    let scope = Scope { receiver: &receiver, ..Scope::of(worker, dir, dst.as_fd()) };
    matches!(contents(&scope, &rel, name), Ok(Fate::Gone))
}
