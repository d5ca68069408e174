//! Batches on disk (rsync(1), BATCH MODE): one that is being written, and one that is replayed. What stands in them is
//! `rsync_compat::batch`'s business.

pub mod begin;
mod read;
mod write;

pub use read::{Recorded, Sent, Span};
pub use write::{Opened, Writer};

/// A batch and what is done with it.
#[derive(Debug)]
pub enum Batch {
    /// There is none.
    None,
    /// The run is recorded.
    Writing(Writer),
    /// A recorded run is replayed.
    Replaying(Box<Recorded>),
}

impl Batch {
    /// Whether there is one.
    #[must_use]
    pub const fn is_some(&self) -> bool {
        !matches!(self, Batch::None)
    }

    /// The one being written.
    #[must_use]
    pub fn writer(&self) -> Option<&Writer> {
        match self {
            Batch::Writing(writer) => Some(writer),
            Batch::None | Batch::Replaying(_) => None,
        }
    }

    /// The one being replayed.
    #[must_use]
    pub fn recorded(&self) -> Option<&Recorded> {
        match self {
            Batch::Replaying(recorded) => Some(recorded),
            Batch::None | Batch::Writing(_) => None,
        }
    }
}

/// A batch's path as messages show it.
fn shown(cwd: &[u8], file: &[u8]) -> Vec<u8> {
    if file.starts_with(b"/") { file.to_vec() } else { [cwd, b"/", file].concat() }
}

/// Data from so many bytes on begins at a block of the file system, so that it can be shared instead of copied.
const ALIGNED_BYTES_MIN: u64 = 64 << 10;
/// A block of most file systems, in bytes.
const BLOCK_BYTES: u64 = 4096;

/// Where a frame's data begins: behind its payload, or at the next block.
const fn data_start(payload_end: u64, room_bytes: u64) -> u64 {
    if room_bytes >= ALIGNED_BYTES_MIN { payload_end.next_multiple_of(BLOCK_BYTES) } else { payload_end }
}

/// Bytes that a frame reserves so that its data can begin at a block, wherever it comes to lie.
const fn slack(room_bytes: u64) -> u64 {
    if room_bytes >= ALIGNED_BYTES_MIN { BLOCK_BYTES - 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::data_start;

    #[test]
    fn large_data_begins_at_a_block() {
        assert_eq!(data_start(4097, 100), 4097);
        assert_eq!(data_start(4097, 64 << 10), 8192);
        assert_eq!(data_start(8192, 64 << 10), 8192);
    }
}
