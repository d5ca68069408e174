//! Where the time of a run goes, pass by pass.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::state::Phase;
use crate::summary::Times;

/// Measures passes, one after the other.
#[derive(Debug)]
pub struct Stopwatch(Mutex<(Instant, Times)>);

impl Stopwatch {
    /// Starts with the first pass.
    #[must_use]
    pub fn start() -> Stopwatch {
        Stopwatch(Mutex::new((Instant::now(), Times::default())))
    }

    /// This pass has ended, and the next one begins.
    pub fn lap(&self, phase: Phase) {
        let mut lap = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let spent = lap.0.elapsed();
        lap.0 += spent;
        let times = &mut lap.1;
        *match phase {
            Phase::Scan => &mut times.scanning,
            Phase::Transfer => &mut times.copying,
            Phase::DeleteBefore | Phase::DeleteDelayed | Phase::DeleteAfter => &mut times.deleting,
            Phase::Links | Phase::Updates | Phase::Sources => &mut times.finishing,
        } += spent;
    }

    /// What was measured.
    #[must_use]
    pub fn times(&self) -> Times {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1
    }
}
