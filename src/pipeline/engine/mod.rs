//! What runs the work: workers and their jobs, what they share, reading ahead, limits on speed. Knows no stage.

pub mod jobs;
pub mod worker;
pub mod state;
pub mod lookahead;
pub mod prefetch;
pub mod rate_limit;
pub mod stopwatch;
