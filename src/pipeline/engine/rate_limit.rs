//! `--bwlimit`: all workers together write no faster than so many bytes a second.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::state::State;

/// The longest sleep between two looks at whether the run is being ended.
const SLEEP_MAX: Duration = Duration::from_millis(50);

/// What has been written so far, as the time it may have taken.
#[derive(Debug)]
pub struct RateLimit {
    bytes_per_second: u64,
    due: Mutex<Instant>,
}

impl RateLimit {
    /// From now on; 0 is no limit.
    #[must_use]
    pub fn new(bytes_per_second: u64) -> RateLimit {
        RateLimit { bytes_per_second, due: Mutex::new(Instant::now()) }
    }

    /// How many bytes are best moved at a time, at most `bytes`: about a quarter of a second's worth.
    #[must_use]
    pub fn piece(&self, bytes: usize) -> usize {
        const PIECE_BYTES_MIN: usize = 4096;
        match usize::try_from(self.bytes_per_second / 4) {
            Ok(0) | Err(_) => bytes,
            Ok(quarter) => quarter.max(PIECE_BYTES_MIN).min(bytes),
        }
    }

    /// Sleeps until the bytes that were just written may have been, or the run is being ended.
    pub fn spend(&self, bytes: u64, state: &State) {
        if self.bytes_per_second == 0 {
            return;
        }
        let cost = Duration::from_secs_f64(bytes as f64 / self.bytes_per_second as f64);
        let due = {
            let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
            // Time in which nothing was written is not made up for.
            *due = (*due).max(Instant::now()) + cost;
            *due
        };
        while !state.stopping() {
            let left = due.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state.beat();
            thread::sleep(left.min(SLEEP_MAX));
        }
    }
}
