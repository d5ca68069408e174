//! Directories whose handles are closed to save descriptors: what is kept of them, and opening them again.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ffi::CString;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, OnceLock};

use rsync_compat::filter::Chain;
use uring_ext::plain;

use super::dir::{Before, Dir, Flags, Similar};
use super::reopen::{self, Restore};
use super::swaps::SharedSides;
use crate::entry::Meta;
use crate::pipeline::batch::replay::Listing;
use crate::pipeline::engine::worker::Worker;
use crate::report::Node;

/// A directory without its handles: all that is needed to open it again.
#[derive(Debug)]
pub struct ClosedDir {
    /// Path from the transfer root.
    pub rel: Vec<u8>,
    /// The place of its lines.
    pub node: Arc<Node>,
    /// Shared by all that stands for the directory.
    pub flags: Arc<Flags>,
    /// What stands in for the source when a batch is replayed.
    pub recorded: Option<Arc<Listing>>,
    /// The sources that were open, the one with its attributes first.
    pub sources: Vec<u16>,
    remote: Option<Vec<u8>>,
    dev: Option<u64>,
    links_above: u32,
    wanted: Option<Meta>,
    before: Before,
    top: Arc<Node>,
    rename: Option<CString>,
    chains: (Chain, Chain),
}

impl ClosedDir {
    /// Of an open directory.
    #[must_use]
    pub fn of(dir: &Dir) -> Arc<ClosedDir> {
        Arc::new(ClosedDir {
            rel: dir.rel.clone(),
            node: Arc::clone(&dir.node),
            flags: Arc::clone(&dir.flags),
            recorded: dir.recorded.clone(),
            sources: dir.src.iter().map(|(source, _)| *source).collect(),
            remote: dir.remote.clone(),
            dev: dir.dev,
            links_above: dir.links_above,
            wanted: dir.wanted,
            before: dir.before,
            top: Arc::clone(dir.top()),
            rename: dir.rename.clone(),
            chains: (dir.sender.clone(), dir.receiver.clone()),
        })
    }

    /// Its path at the destination.
    #[must_use]
    pub fn dst_rel(&self) -> &[u8] {
        self.remote.as_ref().unwrap_or(&self.rel)
    }

    /// Opens it again for these sources, with what its destination directory is to get back; a failure was told.
    #[must_use]
    pub fn open(&self, worker: &Worker, sources: &[u16]) -> Option<(Dir, Option<Restore>)> {
        let numbers = if self.recorded.is_none() { sources } else { &[] };
        let opened = numbers.iter().map(|&number| Some((number, reopen::source(worker, number, &self.rel)?)));
        let src = opened.collect::<Option<Vec<_>>>()?;
        let (dst, restore) = match self.before {
            Before::Absent | Before::Left | Before::Blocked(_) => (None, None),
            Before::Made | Before::Existing(_) => {
                let (dst, restore) = reopen::target(worker, self.dst_rel())?;
                (Some(dst), Some(restore))
            }
        };
        let basis = reopen::alternates(worker, self.dst_rel());
        let mut wanted = self.wanted;
        let inherits = matches!(self.before, Before::Made) && !worker.run.plan.options.preserve.perms;
        if let (true, Some(dst), Some(wanted)) = (inherits, &dst, &mut wanted) {
            // From the directory above it, when it was made.
            wanted.mode |= plain::statx_fd(dst).map_or(0, |st| st.mode & 0o2000);
        }
        let handles = src.len() + usize::from(dst.is_some()) + basis.iter().flatten().count();
        let dir = Dir {
            unlisted: None,
            open_handles: worker.run.state.count_open(handles),
            parent: None,
            top: Some(Arc::clone(&self.top)),
            rel: self.rel.clone(),
            remote: self.remote.clone(),
            dev: self.dev,
            recorded: self.recorded.clone(),
            src,
            dst,
            before: self.before_now(),
            basis,
            sender: self.chains.0.clone(),
            receiver: self.chains.1.clone(),
            wanted,
            node: Arc::clone(&self.node),
            rename: self.rename.clone(),
            inherited: OnceLock::new(),
            similar: Similar::default(),
            umask: OnceLock::new(),
            links_above: self.links_above,
            shared: SharedSides::default(),
            flags: Arc::clone(&self.flags),
            touched_here: AtomicBool::new(false),
            had_partials: OnceLock::new(),
            bare: OnceLock::new(),
            pending: AtomicUsize::new(1),
        };
        Some((dir, restore))
    }

    /// What the destination has now: names may be there by now.
    fn before_now(&self) -> Before {
        match self.before {
            Before::Made => Before::Existing(self.wanted.unwrap_or(EMPTY)),
            before => before,
        }
    }
}

/// Directories that were opened again lately: the names of hard-link groups often lie in the same ones.
#[derive(Debug, Default)]
pub struct Reopened(RefCell<VecDeque<Arc<Dir>>>);

/// How many directories one worker keeps open for that.
const REOPENED_MAX: usize = 8;

impl Reopened {
    /// The directory of these flags, opened for this source.
    #[must_use]
    pub fn find(&self, flags: &Arc<Flags>, source: u16) -> Option<Arc<Dir>> {
        let kept = self.0.borrow();
        let found = kept.iter().find(|dir| Arc::ptr_eq(&dir.flags, flags) && dir.source(source).is_some());
        found.map(Arc::clone)
    }

    /// Keeps a directory in place of the one that has been kept longest.
    pub fn keep(&self, dir: &Arc<Dir>) {
        let mut kept = self.0.borrow_mut();
        kept.truncate(REOPENED_MAX - 1);
        kept.push_front(Arc::clone(dir));
    }
}

/// Stands for the metadata of a directory that nobody asked to keep.
const EMPTY: Meta = Meta {
    mode: 0o040_700,
    uid: 0,
    gid: 0,
    nlink: 2,
    size: 0,
    ino: 0,
    dev: 0,
    rdev: 0,
    blocks: 0,
    mtime: plain::Time { sec: 0, nsec: 0 },
    atime: plain::Time { sec: 0, nsec: 0 },
};
