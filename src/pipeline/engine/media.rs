//! What suits the file systems of a run: asked once, where it begins.

use std::os::fd::OwnedFd;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rsync_compat::options::Io;
use uring_ext::mode::{FUSE_MAGIC, OVERLAYFS_MAGIC, TMPFS_MAGIC};
use uring_ext::plain;

use crate::medium::{self, Medium};
use crate::plan::Plan;

/// How they are best read and written, and the turns that workers take where they would be in each other's way.
#[derive(Debug)]
pub struct Media {
    /// Whether a source lives on what is best read in its own order.
    pub in_order: bool,
    /// Files from this size on are worth an attempt to share their extents, in bytes.
    pub clone_bytes_min: u64,
    /// Whether workers fill new directories that lie side by side.
    pub fills_side_by_side: bool,
    /// Sources whose files the ring reads better than plain calls do, by number.
    ring_sources: Vec<bool>,
    /// Held while a part of a large file is read from a medium that is best read in its own order.
    reader: Mutex<()>,
    /// Held while names of a directory are removed, where one at a time does it faster than all together.
    remover: Option<Mutex<()>>,
}

impl Media {
    /// Of the sources, which lie on these, and of the destination.
    #[must_use]
    pub fn of(plan: &Plan, sources: &[Medium]) -> Media {
        let handles = || plan.sources.iter().map(|root| &root.handle);
        let target = plan.target.handle.as_ref();
        Media {
            in_order: sources.iter().any(|medium| medium.likes_order()),
            clone_bytes_min: handles().map(medium::clone_bytes_min).min().unwrap_or(u64::MAX),
            fills_side_by_side: target.is_some_and(medium::fills_side_by_side),
            ring_sources: handles().map(|handle| rings_win(plan.options.engine.io, handle)).collect(),
            reader: Mutex::default(),
            remover: target.is_some_and(medium::removes_alone).then(Mutex::default),
        }
    }

    /// Whether files of this source are better read through a ring.
    #[must_use]
    pub fn suits_ring(&self, source: u16) -> bool {
        self.ring_sources.get(usize::from(source)).copied().unwrap_or(false)
    }

    /// The turn to read a part of a large file.
    pub fn turn_to_read(&self) -> MutexGuard<'_, ()> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The turn to remove names, where workers take turns at that.
    #[must_use]
    pub fn turn_to_remove(&self) -> Option<MutexGuard<'_, ()>> {
        self.remover.as_ref().map(|turn| turn.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether the ring reads faster than plain calls: not where each of its reads goes through a kernel thread.
fn rings_win(asked: Io, root: &OwnedFd) -> bool {
    let punts = |fs: plain::StatFs| matches!(fs.magic, TMPFS_MAGIC | OVERLAYFS_MAGIC | FUSE_MAGIC);
    match asked {
        Io::Ring => true,
        Io::Syscalls => false,
        Io::Auto => plain::fstatfs(root).is_ok_and(|fs| !punts(fs)),
    }
}
