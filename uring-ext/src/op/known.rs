//! Remembers, for the whole process, whether this kernel has a newer system call.

use std::sync::atomic::{AtomicU8, Ordering};

const UNKNOWN: u8 = 0;
const PRESENT: u8 = 1;
const ABSENT: u8 = 2;

/// The answer to "does this kernel have the call", asked once.
pub(crate) struct Known(AtomicU8);

impl Known {
    pub(crate) const fn new() -> Self {
        Known(AtomicU8::new(UNKNOWN))
    }

    /// Whether the call exists. `probe` makes it with a descriptor that cannot exist: a kernel that has it says
    /// EBADF, one without ENOSYS, and a seccomp filter that never heard of it EPERM.
    pub(crate) fn present(&self, probe: impl FnOnce() -> Option<i32>) -> bool {
        match self.0.load(Ordering::Relaxed) {
            PRESENT => true,
            ABSENT => false,
            _ => self.ask(probe),
        }
    }

    #[cold]
    fn ask(&self, probe: impl FnOnce() -> Option<i32>) -> bool {
        let present = !matches!(probe(), Some(libc::ENOSYS | libc::EPERM));
        self.0.store(if present { PRESENT } else { ABSENT }, Ordering::Relaxed);
        present
    }
}
