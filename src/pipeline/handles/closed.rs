//! Directories whose handles are closed to save descriptors: what is kept of them, and opening them again.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;

use uring_ext::plain;

use super::dir::{Above, Before, Dir, DirFacts, DirHandles, Flags};
use super::reopen::{self, Restore};
use crate::entry::Meta;
use crate::pipeline::engine::worker::Worker;
use crate::report::Node;

/// A directory without its handles: all that is needed to open it again.
#[derive(Debug)]
pub struct ClosedDir {
    /// What stays true of it.
    pub facts: DirFacts,
    /// The sources that were open, the one with its attributes first.
    pub sources: Vec<u16>,
    top: Arc<Node>,
}

impl ClosedDir {
    /// Of an open directory.
    #[must_use]
    pub fn of(dir: &Dir) -> Arc<ClosedDir> {
        Arc::new(ClosedDir {
            facts: dir.facts.clone(),
            sources: dir.src.iter().map(|(source, _)| *source).collect(),
            top: Arc::clone(dir.top()),
        })
    }

    /// Opens it again for these sources, with what its destination directory is to get back; a failure was told.
    #[must_use]
    pub fn open(&self, worker: &Worker, sources: &[u16]) -> Option<(Dir, Option<Restore>)> {
        let facts = &self.facts;
        let numbers = if facts.recorded.is_none() { sources } else { &[] };
        let opened =
            numbers.iter().map(|&number| Some((number, reopen::source(worker, number, &facts.rel)?)));
        let src = opened.collect::<Option<Vec<_>>>()?;
        let (dst, restore) = match facts.before {
            Before::Absent | Before::Left | Before::Blocked(_) => (None, None),
            Before::Made | Before::Existing(_) => {
                let open = if self.facts.wanted.is_some() { reopen::target } else { reopen::target_as_it_is };
                let (dst, restore) = open(worker, self.facts.dst_rel())?;
                (Some(dst), Some(restore))
            }
        };
        let basis = reopen::alternates(worker, self.facts.dst_rel());
        let mut wanted = facts.wanted;
        let inherits = matches!(facts.before, Before::Made) && !worker.run.plan.options.preserve.perms;
        if let (true, Some(dst), Some(wanted)) = (inherits, &dst, &mut wanted) {
            // From the directory above it, when it was made.
            wanted.mode |= plain::statx_fd(dst).map_or(0, |st| st.mode & 0o2000);
        }
        let now = DirFacts { before: self.before_now(), wanted, ..facts.clone() };
        let handles = DirHandles { src, unlisted: None, dst, basis };
        Some((Dir::new(&worker.run.state, Above::Closed(Arc::clone(&self.top)), now, handles), restore))
    }

    /// What the destination has now: names may be there by now.
    fn before_now(&self) -> Before {
        match self.facts.before {
            Before::Made => Before::Existing(self.facts.wanted.unwrap_or(EMPTY)),
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
