//! Removing a tree with all workers: each of its directories is a job, and whoever empties one removes it. Lines
//! wait until all of the tree is done, and then come in rsync's order.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use rsync_compat::filter::{Chain, Deletion};
use uring_ext::mode::errno::ENOTEMPTY;
use uring_ext::plain::{self, Unlink};

use super::delete::{is_other_device, open};
use super::extraneous::{Doomed, barred, is_protected, list, unlisted};
use super::unlock;
use crate::entry::{Kind, join};
use crate::failure::{Failure, Side, What};
use crate::pipeline::engine::jobs::Job;
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::paths::target_path;
use crate::pipeline::handles::rules::{MergeDir, chain};
use crate::pipeline::itemize;
use crate::report::{Node, Notice, Place};

/// What all directories of one tree share.
#[derive(Debug)]
pub struct Tree {
    /// Where its lines stand.
    pub node: Arc<Node>,
    /// Rules in force where its top lies.
    pub receiver: Chain,
    /// The device that deletion stays on.
    pub dev: Option<u64>,
    /// The path of the directory that is cleaned.
    pub cleaned: Vec<u8>,
    end: Mutex<End>,
}

#[derive(Debug, Default)]
struct End {
    reached: bool,
    waker: Option<Waker>,
}

/// A directory in which names are being removed: the one that is cleaned, or one that goes itself.
#[derive(Debug)]
struct Level {
    tree: Arc<Tree>,
    /// The directory above, and this one's place among what goes there; `None` for the one that is cleaned.
    above: Option<(Arc<Level>, usize)>,
    name: CString,
    rel: Vec<u8>,
    handle: OwnedFd,
    /// Rules in force in it, with those of its own merge files.
    receiver: Chain,
    /// Directories in it that are being worked on, and one for the listing.
    open: AtomicUsize,
    /// Something in it could not go.
    stays: AtomicBool,
    /// Something in it went.
    lost: AtomicBool,
    /// What there is to tell, by the place of the name.
    said: Mutex<BTreeMap<usize, Vec<Said>>>,
}

/// One line.
#[derive(Debug)]
enum Said {
    Gone(Vec<u8>, Kind),
    NonEmpty(Vec<u8>),
}

/// A directory that goes.
#[derive(Debug)]
pub struct RemoveTreeJob {
    above: Arc<Level>,
    index: usize,
    name: CString,
}

/// Whether the order of deletions is nobody's business: `--max-delete` counts them, backups find their places by it.
#[must_use]
pub fn may_spread(worker: &Worker) -> bool {
    let options = &worker.run.plan.options;
    worker.run.plan.workers > 1
        && options.delete.max.is_none()
        && options.backup.is_none()
        && !options.write.dry_run
        // Rules are told of in order.
        && options.output.debug.filter == 0
}

impl Tree {
    /// A tree whose lines stand at `node`.
    #[must_use]
    pub fn new(node: Arc<Node>, receiver: Chain, dev: Option<u64>, cleaned: &[u8]) -> Tree {
        Tree { node, receiver, dev, cleaned: cleaned.to_vec(), end: Mutex::default() }
    }

    fn end(&self) -> MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Deletes names of the directory `handle`, with all below them. Returns whether anything went.
pub async fn remove_all(
    worker: &Worker,
    tree: Tree,
    handle: impl AsFd,
    rel: &[u8],
    doomed: Vec<Doomed>,
) -> bool {
    let handle = match handle.as_fd().try_clone_to_owned() {
        Ok(handle) => handle,
        Err(error) => {
            let path = target_path(&worker.run.plan, rel);
            worker.fail(Failure::new(Side::Generator, What::OpendirDestination, path, &error));
            return false;
        }
    };
    let top = Arc::new(Level {
        receiver: tree.receiver.clone(),
        tree: Arc::new(tree),
        above: None,
        name: c".".to_owned(),
        rel: rel.to_vec(),
        handle,
        open: AtomicUsize::new(1),
        stays: AtomicBool::new(false),
        lost: AtomicBool::new(false),
        said: Mutex::default(),
    });
    remove_names(worker, &top, doomed);
    std::future::poll_fn(|context| {
        let mut end = top.tree.end();
        if end.reached {
            return Poll::Ready(());
        }
        end.waker = Some(context.waker().clone());
        Poll::Pending
    })
    .await;
    for said in top.take_said() {
        match said {
            Said::Gone(rel, kind) => worker.run.report.deleted(&top.tree.node, &rel, kind),
            Said::NonEmpty(rel) => {
                let notice = Notice::CannotDeleteNonEmpty(&rel);
                worker.run.report.notice(&top.tree.node, Place::Deletion, &notice);
            }
        }
    }
    top.lost.load(Ordering::Acquire)
}

/// Removes what is in one directory that goes.
pub fn run(worker: &Worker, job: RemoveTreeJob) {
    let RemoveTreeJob { above, index, name } = job;
    let rel = join(&above.rel, name.to_bytes());
    let cleaned = &above.tree.cleaned;
    let opened = open(worker, above.handle.as_fd(), &name)
        .map_err(|error| unlisted(worker, cleaned, What::OpendirDestination, &rel, &error));
    if opened.as_ref().is_ok_and(|handle| is_other_device(handle.as_fd(), above.tree.dev)) {
        // Another file system is mounted there, and `-x` keeps deletion out of it.
        above.stays.store(true, Ordering::Release);
        return release(worker, &above);
    }
    let found = opened.ok().and_then(|handle| Some((list(worker, cleaned, handle.as_fd(), &rel)?, handle)));
    let Some((found, handle)) = found else {
        // It counts as empty: that it is not shows now.
        let removed = plain::unlinkat(&above.handle, &name, Unlink::Dir);
        above.settle(worker, index, &Doomed { name, kind: Kind::Dir }, removed);
        return release(worker, &above);
    };
    let level = Arc::new(Level {
        receiver: chain(worker, above.receiver.clone(), MergeDir::Target(Some(&handle)), &rel),
        tree: Arc::clone(&above.tree),
        above: Some((above, index)),
        name,
        rel,
        handle,
        open: AtomicUsize::new(1),
        stays: AtomicBool::new(false),
        lost: AtomicBool::new(false),
        said: Mutex::default(),
    });
    remove_names(worker, &level, found);
}

/// Removes all but directories, which become jobs.
fn remove_names(worker: &Worker, level: &Arc<Level>, doomed: Vec<Doomed>) {
    let barred = level.above.as_ref().and_then(|_| barred(worker, level.handle.as_fd()));
    let _turn = worker.run.media.turn_to_remove();
    for (index, one) in doomed.into_iter().enumerate() {
        if worker.run.state.stopping() {
            level.stays.store(true, Ordering::Release);
            break;
        }
        worker.run.state.beat();
        let guarded = level.above.is_some() && !level.receiver.is_empty();
        if guarded {
            let rel = join(&level.rel, one.name.to_bytes());
            if is_protected(&level.receiver, &rel, one.kind, Deletion::Doomed) {
                level.stays.store(true, Ordering::Release);
                continue;
            }
        }
        if let Some(error) = &barred {
            let rel = join(&level.rel, one.name.to_bytes());
            unlisted(worker, &level.tree.cleaned, What::ReadlinkStat, &rel, error);
        } else if one.kind == Kind::Dir {
            level.open.fetch_add(1, Ordering::AcqRel);
            let job = RemoveTreeJob { above: Arc::clone(level), index, name: one.name };
            worker.push(Job::RemoveTree(Box::new(job)));
        } else {
            unlock::writable(worker, &level.handle, &one.name);
            let removed = plain::unlinkat(&level.handle, &one.name, Unlink::File);
            level.settle(worker, index, &one, removed);
        }
    }
    release(worker, level);
}

/// Ends a piece of work on a directory; the last one removes it, and so on upwards.
fn release(worker: &Worker, level: &Arc<Level>) {
    let mut level = Arc::clone(level);
    while level.open.fetch_sub(1, Ordering::AcqRel) == 1 {
        let Some((above, index)) = level.above.clone() else {
            let mut end = level.tree.end();
            end.reached = true;
            if let Some(waker) = end.waker.take() {
                waker.wake();
            }
            return;
        };
        above.adopt(index, &level);
        let stays = level.stays.load(Ordering::Acquire);
        if stays {
            above.stays.store(true, Ordering::Release);
            above.say(index, Said::NonEmpty(level.rel.clone()));
        }
        // rsync tries it all the same, and says why that fails, but not for the tree's top.
        if !stays || above.above.is_some() {
            let one = Doomed { name: level.name.clone(), kind: Kind::Dir };
            let removed = plain::unlinkat(&above.handle, &one.name, Unlink::Dir);
            above.settle(worker, index, &one, removed);
        }
        level = above;
    }
}

impl Level {
    /// What came of removing one name.
    fn settle(&self, worker: &Worker, index: usize, one: &Doomed, removed: io::Result<()>) {
        let rel = || join(&self.rel, one.name.to_bytes());
        match removed {
            Ok(()) => {
                let above = self.rel.len() + usize::from(!self.rel.is_empty());
                itemize::count_deleted(worker, above + one.name.count_bytes(), one.kind);
                self.lost.store(true, Ordering::Release);
                if worker.run.report.wants().deletions {
                    self.say(index, Said::Gone(rel(), one.kind));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.lost.store(true, Ordering::Release);
            }
            Err(error) => {
                self.stays.store(true, Ordering::Release);
                if one.kind == Kind::Dir && error.raw_os_error() == Some(ENOTEMPTY) {
                    // Somebody else's doing.
                    return self.say(index, Said::NonEmpty(rel()));
                }
                let what = if one.kind == Kind::Dir { What::Rmdir } else { What::Unlink };
                worker.fail(Failure::new(Side::Generator, what, rel(), &error));
            }
        }
    }

    fn said(&self) -> MutexGuard<'_, BTreeMap<usize, Vec<Said>>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn say(&self, index: usize, said: Said) {
        self.said().entry(index).or_default().push(said);
    }

    fn take_said(&self) -> impl Iterator<Item = Said> + use<> {
        std::mem::take(&mut *self.said()).into_values().flatten()
    }

    /// Takes over what a directory in it has to tell.
    fn adopt(&self, index: usize, below: &Level) {
        let mut said = below.take_said().peekable();
        if said.peek().is_some() {
            self.said().entry(index).or_default().extend(said);
        }
    }
}
