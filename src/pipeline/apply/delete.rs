//! Deleting: what is extraneous, what was asked to go, and what lies in directories that stand in the way (rsync(1),
//! `--delete` and its kin, `--max-delete`, `--delete-missing-args`).

mod in_order;

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rsync_compat::filter::{Chain, Deletion};
use rsync_compat::options::DeleteWhen;
use uring_ext::plain::{self, AtFlags, OFlags, STATX_ALL, Unlink};

use super::extraneous::{Doomed, Ruled, is_protected, list, tell_rules};
use super::remove_tree::{self, Tree};
use super::unlock;
use crate::entry::{Kind, Meta};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::reopen;
use crate::pipeline::handles::rules::{MergeDir, chain, chain_above};
use crate::report::{Node, Notice, Place};
use in_order::{Fate, Keeps, Scope, contents, device, remove};

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
    let _turn = worker.run.media.turn_to_remove();
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
    let Some((dst, before)) = reopen::target(worker, &job.dst_rel) else { return };
    // The source's time anew, of which only the seconds may have been compared.
    let before = before.with_time(job.wanted.as_ref());
    let dev = device(worker, dst.as_fd());
    if remove_tree::may_spread(worker) && job.doomed.iter().any(|one| one.kind == Kind::Dir) {
        let tree = Tree::new(job.node, job.receiver, dev, &job.rel);
        remove_tree::remove_all(worker, tree, &dst, &job.dst_rel, job.doomed).await;
        return reopen::restore(worker, &dst, &before, &job.dst_rel);
    }
    let scope = Scope::new(worker, dst.as_fd(), &job.node, &job.receiver);
    let scope = Scope { cleaned: &job.rel, dev, ..scope };
    let _turn = worker.run.media.turn_to_remove();
    for one in &job.doomed {
        if worker.run.state.stopping() {
            break;
        }
        remove(&scope, &job.dst_rel, one);
    }
    reopen::restore(worker, &dst, &before, &job.dst_rel);
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
    let scope = Scope { keeps: Keeps::Nothing, ..Scope::new(worker, dst, node, receiver) };
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
    let receiver = chain(worker, dir.receiver.clone(), MergeDir::Target(Some(&handle)), &rel);
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
