//! Everything rsync prints about files and totals, as bytes (rsync(1), --out-format, --stats, --progress …).
//!
//! Nothing here writes: each function appends to a buffer that the program's report owns.

pub mod format;
pub mod itemize;
pub mod list_only;
pub mod number;
pub mod progress;
pub mod quote;
pub mod stats;
pub mod time;
