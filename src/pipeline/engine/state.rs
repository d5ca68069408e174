//! What all workers share and change: the pass under way, how the run is being ended, and in files of their own what is
//! known of listings, deletions, the source and ways for data.

pub mod listings;
pub mod deletions;
pub mod source_notes;
pub mod data_paths;
pub mod sent;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use self::data_paths::DataPaths;
use self::deletions::Deletions;
use self::listings::Listings;
use self::sent::Sent;
use self::source_notes::SourceNotes;
use crate::failure::{Failure, Fatal, What};

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
    /// Sources that go once all was copied (`--remove-source-files` where links are followed).
    Sources,
    /// Deletions that were kept back.
    DeleteDelayed,
    /// Deleting alone, after the transfer.
    DeleteAfter,
}

const PHASES: [Phase; 8] = [
    Phase::Scan,
    Phase::DeleteBefore,
    Phase::Transfer,
    Phase::Links,
    Phase::Updates,
    Phase::Sources,
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

/// What all workers share and change while a run goes on.
#[derive(Debug)]
pub struct State {
    phase: AtomicU8,
    /// Which listings are incomplete.
    pub listings: Listings,
    /// How many deletions are left.
    pub deletions: Deletions,
    /// What earlier passes over the source found.
    pub source: SourceNotes,
    /// Ways for data that were refused.
    pub data_paths: DataPaths,
    stopping: AtomicBool,
    fatal: Mutex<Option<Fatal>>,
    /// Counts signs of life, where a `--timeout` asks for them.
    beats: Option<AtomicU64>,
    /// What rsync would have sent by now.
    pub sent: Sent,
    /// Failures of listings that were told, and in which pass first.
    told: Mutex<HashMap<(What, Vec<u8>), Phase>>,
    /// Descriptors of open directories.
    dir_handles: Arc<AtomicUsize>,
    /// The last wait for a descriptor ended without one.
    pub waits_in_vain: AtomicBool,
    /// The thread that counts and yields to others, 0 before there is one.
    pub counter: AtomicI32,
}

impl State {
    /// At the beginning of `phase`, with so many deletions allowed.
    #[must_use]
    pub fn new(phase: Phase, deletions_max: Option<u64>) -> State {
        State {
            phase: AtomicU8::new(index(phase)),
            listings: Listings::default(),
            deletions: Deletions::new(deletions_max),
            source: SourceNotes::default(),
            data_paths: DataPaths::default(),
            stopping: AtomicBool::new(false),
            fatal: Mutex::new(None),
            beats: None,
            sent: Sent::default(),
            told: Mutex::default(),
            dir_handles: Arc::default(),
            waits_in_vain: AtomicBool::new(false),
            counter: AtomicI32::new(0),
        }
    }

    /// This state with signs of life counted (`--timeout`).
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
        self.phase.store(index(phase), Ordering::Release);
    }

    /// Whether this failure of a listing was not told in an earlier pass; one directory may be read for several
    /// operands in the same.
    #[must_use]
    pub fn first_told(&self, failure: &Failure) -> bool {
        let now = self.phase();
        let counts =
            matches!(failure.what, What::Opendir | What::NoReferent | What::ReadlinkStat | What::ConvertName);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match told.entry((failure.what, failure.path.clone())) {
            Entry::Vacant(place) => {
                place.insert(now);
                true
            }
            Entry::Occupied(earlier) => *earlier.get() == now && counts,
        }
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
