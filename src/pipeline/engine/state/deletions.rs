//! How many deletions `--max-delete` still allows (rsync(1), `--max-delete`).

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::summary::Summary;

/// The deletions of a run.
#[derive(Debug)]
pub struct Deletions {
    /// So many are allowed; [`u64::MAX`] is no limit.
    left: AtomicU64,
    skip_said: AtomicBool,
}

impl Deletions {
    /// With so many allowed; `None` is no limit.
    #[must_use]
    pub fn new(max: Option<u64>) -> Deletions {
        Deletions { left: AtomicU64::new(max.unwrap_or(u64::MAX)), skip_said: AtomicBool::new(false) }
    }

    /// True for the first caller.
    #[must_use]
    pub fn say_skipped_once(&self) -> bool {
        !self.skip_said.swap(true, Ordering::AcqRel)
    }

    /// Whether `--max-delete` allows no more.
    #[must_use]
    pub fn are_spent(&self) -> bool {
        self.left.load(Ordering::Acquire) == 0
    }

    /// Takes one deletion from what `--max-delete` allows; counts those it does not.
    #[must_use]
    pub fn take(&self, summary: &RefCell<Summary>) -> bool {
        let taken = self.left.try_update(Ordering::AcqRel, Ordering::Acquire, |left| match left {
            u64::MAX => Some(u64::MAX),
            left => left.checked_sub(1),
        });
        if taken.is_err() {
            summary.borrow_mut().deletions_skipped += 1;
        }
        taken.is_ok()
    }

    /// Gives back one that removed nothing: only what is removed counts.
    pub fn give_back(&self) {
        let one_more = |left: u64| Some(if left == u64::MAX { left } else { left + 1 });
        let _ = self.left.try_update(Ordering::AcqRel, Ordering::Acquire, one_more);
    }
}
