//! Batches (rsync(1), BATCH MODE): the records of a batch file as values, and the script that replays it. What lies
//! where in the file is told in `docs/batch-format.md`.
//!
//! ```
//! use rsync_compat::batch::{Record, Closing};
//! let record = Record::Closing(Closing { frames: 3 });
//! let (kind, payload) = record.encode();
//! assert_eq!(Record::decode(kind, &payload), Ok(record));
//! ```

mod flags;
mod frame;
mod record;
mod script;
mod wire;

#[cfg(test)]
mod tests;

pub use flags::{Asked, Flags, On};
pub use frame::{FRAME_BYTES, FrameHead, FrameSum, MAGIC, START_BYTES, VERSION, start};
pub use record::{
    Attributes, Change, Closing, Extended, Fate, Id, Kind, Listing, Name, Opening, Record, Top,
};
pub use script::{command, script};
pub use wire::Malformed;
