//! What all workers share and change: listing errors, deletions left, how the run is being ended.

use std::cell::RefCell;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uring_ext::plain::Time;

use crate::entry::dir_order;
use crate::failure::{Failure, Fatal, What};
use crate::summary::Summary;

/// Which pass over the tree is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Reading the source alone: `--delete-before` has to know of listing errors, progress of the total.
    Scan,
    /// Deleting alone, before the transfer.
    DeleteBefore,
    /// The transfer.
    Transfer,
    /// Hard-link groups with names outside of the transfer.
    Links,
    /// Files that wait for their names (`--delay-updates`).
    Updates,
    /// Deletions that were kept back.
    DeleteDelayed,
    /// Deleting alone, after the transfer.
    DeleteAfter,
}

const PHASES: [Phase; 7] = [
    Phase::Scan,
    Phase::DeleteBefore,
    Phase::Transfer,
    Phase::Links,
    Phase::Updates,
    Phase::DeleteDelayed,
    Phase::DeleteAfter,
];

/// So many descriptors are open for one directory; dropping it takes them off the count.
#[derive(Debug)]
pub struct OpenHandles {
    all: Arc<AtomicUsize>,
    handles: usize,
}

impl Drop for OpenHandles {
    fn drop(&mut self) {
        self.all.fetch_sub(self.handles, Ordering::Relaxed);
    }
}

/// Shared and mutable.
#[derive(Debug)]
pub struct State {
    phase: AtomicU8,
    listing_failed: AtomicBool,
    /// The first directory, in rsync's order, whose listing is incomplete.
    unlisted: Mutex<Option<Vec<u8>>>,
    cleaning_failed: AtomicBool,
    deletion_skip_said: AtomicBool,
    /// Deletions that `--max-delete` still allows.
    deletions_left: AtomicU64,
    clones: AtomicBool,
    copies_in_kernel: AtomicBool,
    stopping: AtomicBool,
    /// Counts signs of life, where a `--timeout` asks for them.
    beats: Option<AtomicU64>,
    fatal: Mutex<Option<Fatal>>,
    /// What was told of listings, and in which pass first.
    told: Mutex<HashMap<(What, Vec<u8>), Phase>>,
    /// Names of the source before anything was made, when the destination lies within it.
    seen: Mutex<HashMap<Vec<u8>, Time>>,
    /// Names that this run took out of the source (`--remove-source-files`), where deletions come later.
    removed: Mutex<HashSet<Vec<u8>>>,
    /// Directories of the source with more than directories below them (`-m`).
    populated: Mutex<HashSet<Vec<u8>>>,
    /// Descriptors of open directories.
    dir_handles: Arc<AtomicUsize>,
    /// Entries that a scan counted.
    pub scanned_entries: AtomicU64,
    /// The last wait for a descriptor ended without one.
    pub waits_in_vain: AtomicBool,
    /// The thread that counts and yields to others, 0 before there is one.
    pub counter: AtomicI32,
    /// Bytes of regular files and link texts that a scan counted.
    pub scanned_bytes: AtomicU64,
}

impl State {
    /// At the beginning of `phase`, with so many deletions allowed.
    #[must_use]
    pub fn new(phase: Phase, deletions: Option<u64>) -> State {
        State {
            phase: AtomicU8::new(index(phase)),
            listing_failed: AtomicBool::new(false),
            unlisted: Mutex::default(),
            cleaning_failed: AtomicBool::new(false),
            deletion_skip_said: AtomicBool::new(false),
            deletions_left: AtomicU64::new(deletions.unwrap_or(u64::MAX)),
            clones: AtomicBool::new(true),
            copies_in_kernel: AtomicBool::new(true),
            stopping: AtomicBool::new(false),
            beats: None,
            fatal: Mutex::new(None),
            told: Mutex::default(),
            seen: Mutex::default(),
            removed: Mutex::default(),
            populated: Mutex::default(),
            dir_handles: Arc::default(),
            scanned_entries: AtomicU64::new(0),
            waits_in_vain: AtomicBool::new(false),
            counter: AtomicI32::new(0),
            scanned_bytes: AtomicU64::new(0),
        }
    }

    /// The same, with signs of life counted.
    #[must_use]
    pub fn watched(self) -> State {
        State { beats: Some(AtomicU64::new(0)), ..self }
    }

    /// A sign of life.
    pub fn beat(&self) {
        if let Some(beats) = &self.beats {
            beats.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many signs of life there were.
    #[must_use]
    pub fn beats(&self) -> u64 {
        self.beats.as_ref().map_or(0, |beats| beats.load(Ordering::Relaxed))
    }

    /// The pass under way.
    #[must_use]
    pub fn phase(&self) -> Phase {
        PHASES[usize::from(self.phase.load(Ordering::Acquire)) % PHASES.len()]
    }

    /// Goes on to another pass. Called while nobody has a job.
    pub fn set_phase(&self, phase: Phase) {
        if phase == Phase::DeleteBefore && self.listing_failed() {
            // What the source lacks stops all deletions; what the destination does only those that come later.
            self.note_listing_error();
        }
        self.phase.store(index(phase), Ordering::Release);
    }

    /// The source is incomplete, nobody knows where: nothing may be deleted any more.
    pub fn note_listing_error(&self) {
        self.listing_failed.store(true, Ordering::Release);
    }

    /// The listing of this directory is incomplete.
    pub fn note_unlisted(&self, rel: &[u8]) {
        let mut first = self.unlisted();
        if first.as_ref().is_none_or(|first| dir_order(rel, first).is_lt()) {
            *first = Some(rel.to_vec());
        }
    }

    /// Whether any listing was incomplete.
    #[must_use]
    pub fn listing_failed(&self) -> bool {
        self.listing_failed.load(Ordering::Acquire) || self.unlisted().is_some()
    }

    /// Whether the listings of all directories that come before this one, and its own, are complete as far as known.
    #[must_use]
    pub fn listed_up_to(&self, rel: &[u8]) -> bool {
        let complete = |first: &Vec<u8>| dir_order(rel, first).is_lt();
        !self.listing_failed.load(Ordering::Acquire) && self.unlisted().as_ref().is_none_or(complete)
    }

    fn unlisted(&self) -> MutexGuard<'_, Option<Vec<u8>>> {
        self.unlisted.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// True for the first caller.
    #[must_use]
    pub fn say_deletion_skipped_once(&self) -> bool {
        !self.deletion_skip_said.swap(true, Ordering::AcqRel)
    }

    /// Whether `--max-delete` allows no more.
    #[must_use]
    pub fn deletions_spent(&self) -> bool {
        self.deletions_left.load(Ordering::Acquire) == 0
    }

    /// Takes one deletion from what `--max-delete` allows; counts those it does not.
    #[must_use]
    pub fn take_deletion(&self, summary: &RefCell<Summary>) -> bool {
        let taken = self.deletions_left.try_update(Ordering::AcqRel, Ordering::Acquire, |left| match left {
            u64::MAX => Some(u64::MAX),
            left => left.checked_sub(1),
        });
        if taken.is_err() {
            summary.borrow_mut().deletions_skipped += 1;
        }
        taken.is_ok()
    }

    /// Gives back one that came to nothing: only what goes counts.
    pub fn return_deletion(&self) {
        let one_more = |left: u64| Some(if left == u64::MAX { left } else { left + 1 });
        let _ = self.deletions_left.try_update(Ordering::AcqRel, Ordering::Acquire, one_more);
    }

    /// Whether this failure of a listing was not told in an earlier pass; one directory may be read for several
    /// operands in the same.
    #[must_use]
    pub fn first_told(&self, failure: &Failure) -> bool {
        let now = self.phase();
        let counts = matches!(failure.what, What::Opendir | What::NoReferent | What::ReadlinkStat);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match told.entry((failure.what, failure.path.clone())) {
            Entry::Vacant(place) => {
                place.insert(now);
                true
            }
            Entry::Occupied(earlier) => *earlier.get() == now && counts,
        }
    }

    /// Notes a name that the source had from the beginning, and its time then.
    pub fn note_seen(&self, rel: Vec<u8>, mtime: Time) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(rel, mtime);
    }

    /// The time of a name that the source had from the beginning.
    #[must_use]
    pub fn seen(&self, rel: &[u8]) -> Option<Time> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(rel).copied()
    }

    /// Notes a name that the source had until its entry was at the destination, as it is called there.
    pub fn note_removed(&self, rel: Vec<u8>) {
        self.removed.lock().unwrap_or_else(PoisonError::into_inner).insert(rel);
    }

    /// Whether this run took a name out of the source.
    #[must_use]
    pub fn was_removed(&self, rel: &[u8]) -> bool {
        self.removed.lock().unwrap_or_else(PoisonError::into_inner).contains(rel)
    }

    /// Notes that a directory is not empty, nor are those above it.
    pub fn note_populated(&self, rel: &[u8]) {
        let mut populated = self.populated.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rel = rel;
        while !rel.is_empty() && populated.insert(rel.to_vec()) {
            rel = &rel[..rel.iter().rposition(|&byte| byte == b'/').unwrap_or(0)];
        }
    }

    /// Whether the scan found a directory to be not empty.
    #[must_use]
    pub fn is_populated(&self, rel: &[u8]) -> bool {
        self.populated.lock().unwrap_or_else(PoisonError::into_inner).contains(rel)
    }

    /// Counts descriptors of directories for as long as the answer lives.
    #[must_use]
    pub fn count_open(&self, handles: usize) -> OpenHandles {
        self.dir_handles.fetch_add(handles, Ordering::Relaxed);
        OpenHandles { all: Arc::clone(&self.dir_handles), handles }
    }

    /// How many descriptors of directories are open.
    #[must_use]
    pub fn dir_handles(&self) -> usize {
        self.dir_handles.load(Ordering::Relaxed)
    }

    /// Counts an entry of a scan.
    pub fn scanned(&self, bytes: u64) {
        self.scanned_entries.fetch_add(1, Ordering::Relaxed);
        self.scanned_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Whether extents were not yet refused to be shared.
    #[must_use]
    pub fn clones(&self) -> bool {
        self.clones.load(Ordering::Relaxed)
    }

    /// The file systems share no extents.
    pub fn note_clone_refused(&self) {
        self.clones.store(false, Ordering::Relaxed);
    }

    /// Whether copy_file_range was not yet refused.
    #[must_use]
    pub fn copies_in_kernel(&self) -> bool {
        self.copies_in_kernel.load(Ordering::Relaxed)
    }

    /// The file systems do not copy between each other.
    pub fn note_kernel_copy_refused(&self) {
        self.copies_in_kernel.store(false, Ordering::Relaxed);
    }

    /// Ends the run; the first reason counts. True for the first caller.
    pub fn abort(&self, fatal: &Fatal) -> bool {
        let mut first = self.fatal.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert_with(|| fatal.clone());
        !self.stopping.swap(true, Ordering::AcqRel)
    }

    /// Whether work is to be left where it is.
    #[must_use]
    pub fn stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Why the run was ended, if it was.
    #[must_use]
    pub fn take_fatal(&self) -> Option<Fatal> {
        self.fatal.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

fn index(phase: Phase) -> u8 {
    let at = PHASES.iter().position(|&other| other == phase);
    at.and_then(|at| u8::try_from(at).ok()).unwrap_or(0)
}
