//! What moving one file's data comes to in rsync's account.

use super::Layout;

/// What rsync receives for a file before the sums of its blocks, in bytes.
pub const SUMS_HEAD_BYTES: u64 = 16;
/// What rsync sends around a file's data, in bytes.
const AROUND_BYTES: u64 = 39;
/// What rsync sends before each piece of data, and for each block that it found, in bytes.
const TOKEN_BYTES: u64 = 4;
/// The size of the pieces that rsync sends data in.
const PIECE_BYTES: u64 = 32_768;

/// How rsync says which file an update starts from: there is nothing to say of the destination's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Described {
    /// Not at all.
    #[default]
    Not,
    /// By a letter: an alternate destination's, or a partial file.
    ByKind,
    /// By a letter and a name of so many bytes: a similar file.
    ByName(usize),
}

impl Described {
    fn bytes(self) -> u64 {
        match self {
            Described::Not => 0,
            Described::ByKind => 1,
            // Longer names have their length in two bytes.
            Described::ByName(bytes) => 2 + bytes as u64 + u64::from(bytes > 127),
        }
    }
}

/// Bytes and counters of one file's transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moved {
    /// Bytes taken from the new file.
    pub literal_bytes: u64,
    /// Bytes found in the old one.
    pub matched_bytes: u64,
    /// Blocks found in the old one.
    pub matches: u64,
    /// Places in the new file whose weak sum led to some block, if only by the same slot of the table.
    pub hash_hits: u64,
    /// Blocks whose weak sum was right and whose strong sum was not.
    pub false_alarms: u64,
    /// Pieces and blocks sent.
    pub tokens: u64,
    /// What the sums of the old file's blocks take.
    pub sums_bytes: u64,
    /// How the old file was named.
    pub described: Described,
}

impl Moved {
    /// A file copied without looking for anything in an old one.
    #[must_use]
    pub const fn whole(bytes: u64) -> Moved {
        Moved {
            literal_bytes: bytes,
            matched_bytes: 0,
            matches: 0,
            hash_hits: 0,
            false_alarms: 0,
            tokens: bytes.div_ceil(PIECE_BYTES),
            sums_bytes: 0,
            described: Described::Not,
        }
    }

    /// Nothing yet, beside an old file of these blocks.
    #[must_use]
    pub fn beside(layout: &Layout) -> Moved {
        Moved { sums_bytes: layout.sums_bytes(), ..Moved::default() }
    }

    /// Adds a stretch of new data between two blocks, or an end and a block.
    pub fn add_literal(&mut self, bytes: u64) {
        self.literal_bytes += bytes;
        self.tokens += bytes.div_ceil(PIECE_BYTES);
    }

    /// Adds a block.
    pub fn add_match(&mut self, bytes: u64) {
        self.matched_bytes += bytes;
        self.matches += 1;
        self.tokens += 1;
    }

    /// The size of what arrived.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.literal_bytes + self.matched_bytes
    }

    /// What rsync sends for the file (`%b`).
    #[must_use]
    pub fn sent_bytes(&self) -> u64 {
        self.literal_bytes + TOKEN_BYTES * self.tokens + self.described.bytes() + AROUND_BYTES
    }

    /// What rsync receives for the file (`%c`).
    #[must_use]
    pub const fn received_bytes(&self) -> u64 {
        SUMS_HEAD_BYTES + self.sums_bytes
    }
}
