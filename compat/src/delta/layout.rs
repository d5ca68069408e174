//! How an old file is cut into blocks.

/// The smallest block that is chosen for a file, in bytes.
const BLOCK_BYTES_MIN: u64 = 700;
/// The largest, in bytes; `--block-size` goes no further either.
const BLOCK_BYTES_MAX: u64 = 128 << 10;
/// Files of more blocks have none that are looked for: their sums would fill the memory.
const BLOCKS_MAX: u64 = 1 << 25;

/// An old file in blocks, all of one size but for the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    block_bytes: u32,
    basis_bytes: u64,
    count: u32,
}

impl Layout {
    /// The blocks of a file of that size: about as many as they are long, unless `asked` (`--block-size`) is not 0.
    /// `None` when there are none, or too many.
    #[must_use]
    pub fn new(basis_bytes: u64, asked: u32) -> Option<Layout> {
        let block_bytes = match asked {
            0 => (basis_bytes.isqrt() / 8 * 8).clamp(BLOCK_BYTES_MIN, BLOCK_BYTES_MAX),
            asked => u64::from(asked),
        };
        let count = basis_bytes.div_ceil(block_bytes);
        ((1..=BLOCKS_MAX).contains(&count)).then_some(Layout {
            block_bytes: u32::try_from(block_bytes).ok()?,
            basis_bytes,
            count: u32::try_from(count).ok()?,
        })
    }

    /// The size of every block but the last, in bytes.
    #[must_use]
    pub const fn block_bytes(&self) -> usize {
        self.block_bytes as usize
    }

    /// How many blocks there are.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Where a block starts, in bytes.
    #[must_use]
    pub const fn offset(&self, block: u32) -> u64 {
        block as u64 * self.block_bytes as u64
    }

    /// How long a block is, in bytes.
    #[must_use]
    pub fn bytes(&self, block: u32) -> usize {
        let left = self.basis_bytes.saturating_sub(self.offset(block));
        usize::try_from(left.min(u64::from(self.block_bytes))).unwrap_or(0)
    }

    /// The block that starts at this offset.
    #[must_use]
    pub fn block_at(&self, offset: u64) -> Option<u32> {
        let block = u32::try_from(offset / u64::from(self.block_bytes)).ok()?;
        (block < self.count && self.offset(block) == offset).then_some(block)
    }

    /// What the sums of all blocks take on rsync's wire: four bytes of the weak one, and as many of the strong one
    /// as a false match is kept improbable with.
    #[must_use]
    pub fn sums_bytes(&self) -> u64 {
        const WEAK_BYTES: u64 = 4;
        const STRONG_BYTES_MIN: u32 = 2;
        // Measured: it grows by a byte at these sizes.
        let bits = (2 * self.basis_bytes.ilog2()).saturating_sub(self.block_bytes.ilog2() + 14);
        u64::from(self.count) * (WEAK_BYTES + u64::from((bits / 8).max(STRONG_BYTES_MIN)))
    }
}
