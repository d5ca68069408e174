//! Which listings of the source are incomplete: nothing is deleted where the source may have names that are not known.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::entry::dir_order;

/// The listings of a run, as far as any of them failed.
#[derive(Debug, Default)]
pub struct Listings {
    /// Something is missing, and nobody knows where.
    anywhere: AtomicBool,
    /// The first directory, in rsync's order, whose listing is incomplete.
    first: Mutex<Option<Vec<u8>>>,
    cleaning_failed: AtomicBool,
}

impl Listings {
    /// The source is incomplete, nobody knows where: nothing may be deleted any more.
    pub fn note_failed(&self) {
        self.anywhere.store(true, Ordering::Release);
    }

    /// The listing of this directory is incomplete.
    pub fn note_incomplete(&self, rel: &[u8]) {
        let mut first = self.first();
        if first.as_ref().is_none_or(|first| dir_order(rel, first).is_lt()) {
            *first = Some(rel.to_vec());
        }
    }

    /// Whether any listing was incomplete.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.anywhere.load(Ordering::Acquire) || self.first().is_some()
    }

    /// Whether the listings of all directories that come before this one, and its own, are complete as far as known.
    #[must_use]
    pub fn complete_up_to(&self, rel: &[u8]) -> bool {
        let complete = |first: &Vec<u8>| dir_order(rel, first).is_lt();
        !self.anywhere.load(Ordering::Acquire) && self.first().as_ref().is_none_or(complete)
    }

    /// Whether all listings are complete as far as known.
    #[must_use]
    pub fn complete(&self) -> bool {
        !self.anywhere.load(Ordering::Acquire) && self.first().is_none()
    }

    fn first(&self) -> MutexGuard<'_, Option<Vec<u8>>> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The incomplete listing was that of a directory which the destination has.
    pub fn note_cleaning_failed(&self) {
        self.cleaning_failed.store(true, Ordering::Release);
    }

    /// Whether a directory that would have been cleaned could not be listed.
    #[must_use]
    pub fn cleaning_failed(&self) -> bool {
        self.cleaning_failed.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_before_the_first_incomplete_one_are_complete() {
        let listings = Listings::default();
        assert!(listings.complete_up_to(b"m"));
        listings.note_incomplete(b"m");
        listings.note_incomplete(b"x");
        assert!(
            listings.complete_up_to(b"a") && !listings.complete_up_to(b"m") && !listings.complete_up_to(b"n")
        );
        assert!(listings.failed());
    }

    #[test]
    fn what_is_missing_nowhere_in_particular_counts_everywhere() {
        let listings = Listings::default();
        listings.note_failed();
        assert!(!listings.complete_up_to(b"a"));
    }
}
