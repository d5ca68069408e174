//! Ways for data that the file systems refused, so that each is tried in vain but once.

use std::sync::atomic::{AtomicBool, Ordering};

/// What was refused so far.
#[derive(Debug, Default)]
pub struct DataPaths {
    clones_refused: AtomicBool,
    kernel_copies_refused: AtomicBool,
}

impl DataPaths {
    /// Whether sharing extents is worth an attempt: it was not refused yet.
    #[must_use]
    pub fn may_clone(&self) -> bool {
        !self.clones_refused.load(Ordering::Relaxed)
    }

    /// The file systems share no extents.
    pub fn note_clone_refused(&self) {
        self.clones_refused.store(true, Ordering::Relaxed);
    }

    /// Whether copy_file_range is worth an attempt: it was not refused yet.
    #[must_use]
    pub fn may_copy_in_kernel(&self) -> bool {
        !self.kernel_copies_refused.load(Ordering::Relaxed)
    }

    /// The file systems do not copy between each other.
    pub fn note_kernel_copy_refused(&self) {
        self.kernel_copies_refused.store(true, Ordering::Relaxed);
    }
}
