//! What runs the work: workers and their jobs, what they share, what suits the file systems, reading ahead,
//! limits on speed. Knows no stage.

pub mod jobs;
mod failing;
pub mod worker;
pub mod state;
pub mod media;
pub mod lookahead;
pub mod prefetch;
pub mod rate_limit;
pub mod stopwatch;
