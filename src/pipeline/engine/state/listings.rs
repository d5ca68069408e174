//! Which listings are incomplete: nothing is deleted where the source may have names that are not known, nor after
//! something at the destination could not be read.

use std::cmp::Ordering::{Greater, Less};
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
    /// The first place, in rsync's order, after which nothing is deleted because the destination could not be read.
    uncleaned: Mutex<Option<Vec<u8>>>,
}

impl Listings {
    /// The source is incomplete, nobody knows where: nothing may be deleted any more.
    pub fn note_failed(&self) {
        self.anywhere.store(true, Ordering::Release);
    }

    /// The listing of this directory is incomplete.
    pub fn note_incomplete(&self, rel: &[u8]) {
        let mut first = lock(&self.first);
        if first.as_ref().is_none_or(|first| dir_order(rel, first).is_lt()) {
            *first = Some(rel.to_vec());
        }
    }

    /// Something at the destination could not be read, and nothing is deleted from here on. False if rsync did not come
    /// here, because that happened earlier in the list.
    #[must_use]
    pub fn note_uncleaned(&self, rel: &[u8]) -> bool {
        let mut first = lock(&self.uncleaned);
        let order = first.as_ref().map_or(Less, |first| dir_order(rel, first));
        if order == Less {
            *first = Some(rel.to_vec());
        }
        order != Greater
    }

    /// Whether the listings of all directories that come before this one, and its own, are complete as far as known.
    #[must_use]
    pub fn complete_up_to(&self, rel: &[u8]) -> bool {
        !self.anywhere.load(Ordering::Acquire) && is_before(rel, &lock(&self.first))
    }

    /// Whether everything at the destination that comes before this directory could be read as far as known.
    #[must_use]
    pub fn cleaned_up_to(&self, rel: &[u8]) -> bool {
        is_before(rel, &lock(&self.uncleaned))
    }

    /// Whether all listings are complete as far as known.
    #[must_use]
    pub fn complete(&self) -> bool {
        !self.anywhere.load(Ordering::Acquire) && lock(&self.first).is_none()
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

fn lock(place: &Mutex<Option<Vec<u8>>>) -> MutexGuard<'_, Option<Vec<u8>>> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_before(rel: &[u8], place: &Option<Vec<u8>>) -> bool {
    place.as_ref().is_none_or(|place| dir_order(rel, place).is_lt())
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
        assert!(!listings.complete());
    }

    #[test]
    fn the_first_place_that_cannot_be_cleaned_counts() {
        let listings = Listings::default();
        assert!(listings.note_uncleaned(b"m") && listings.note_uncleaned(b"f"));
        assert!(!listings.note_uncleaned(b"m") && listings.note_uncleaned(b"f"));
        assert!(listings.cleaned_up_to(b"a") && !listings.cleaned_up_to(b"f") && listings.complete());
    }

    #[test]
    fn what_is_missing_nowhere_in_particular_counts_everywhere() {
        let listings = Listings::default();
        listings.note_failed();
        assert!(!listings.complete_up_to(b"a"));
    }
}
