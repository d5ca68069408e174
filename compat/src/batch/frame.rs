//! The frames that records lie in, and what a batch file begins with.

use xxhash_rust::xxh3::Xxh3;

use super::record::Kind;
use super::wire::{In, Malformed, Out};

/// The first bytes of every batch: no text, and unlike a batch of rsync's, whose first byte holds flags.
pub const MAGIC: [u8; 8] = *b"\x89IUSB\r\n\x1a";
/// The version of the format that is written.
pub const VERSION: u32 = 1;
/// Bytes before the first frame: magic and version.
pub const START_BYTES: usize = MAGIC.len() + 4;
/// Bytes of a frame before its payload.
pub const FRAME_BYTES: usize = 32;

/// What a batch file begins with.
#[must_use]
pub fn start() -> [u8; START_BYTES] {
    let mut start = [0; START_BYTES];
    start[..MAGIC.len()].copy_from_slice(&MAGIC);
    start[MAGIC.len()..].copy_from_slice(&VERSION.to_le_bytes());
    start
}

/// What stands before a record: its kind and lengths, and the sum of it all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHead {
    /// What the payload is.
    pub kind: Kind,
    /// Bytes of the payload, which follows.
    pub payload_bytes: u32,
    /// Bytes of room for a file's data after the payload.
    pub room_bytes: u64,
    /// How many of them are its data; fewer when the file shrank while it was read.
    pub data_bytes: u64,
    /// The sum of kind and lengths, payload and data.
    pub sum: u64,
}

impl FrameHead {
    /// The bytes of the head.
    #[must_use]
    pub fn encode(&self) -> [u8; FRAME_BYTES] {
        let mut out = self.summed();
        out.u64(self.sum);
        let mut bytes = [0; FRAME_BYTES];
        bytes.copy_from_slice(&out.0);
        bytes
    }

    /// The head of these bytes.
    ///
    /// # Errors
    /// An unknown kind, or more data than room.
    pub fn decode(bytes: &[u8; FRAME_BYTES]) -> Result<FrameHead, Malformed> {
        let mut from = In(bytes);
        let kind = Kind::from_code(from.u32()?)?;
        let (payload_bytes, room_bytes, data_bytes) = (from.u32()?, from.u64()?, from.u64()?);
        if data_bytes > room_bytes {
            return Err(Malformed);
        }
        Ok(FrameHead { kind, payload_bytes, room_bytes, data_bytes, sum: from.u64()? })
    }

    fn summed(&self) -> Out {
        let mut out = Out::default();
        out.u32(self.kind.code());
        out.u32(self.payload_bytes);
        out.u64(self.room_bytes);
        out.u64(self.data_bytes);
        out
    }
}

/// The sum of a frame, taken in piece by piece: its data, its payload, and the lengths at last, when they are known.
#[derive(Clone, Default)]
pub struct FrameSum(Xxh3);

impl std::fmt::Debug for FrameSum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FrameSum")
    }
}

impl FrameSum {
    /// Takes in data, or the payload.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The sum with the head's own fields.
    #[must_use]
    pub fn finish(mut self, head: &FrameHead) -> u64 {
        self.0.update(&head.summed().0);
        self.0.digest()
    }
}
