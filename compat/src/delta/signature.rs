//! The sums of an old file's blocks, and the table that finds blocks by them.

use xxhash_rust::xxh3::xxh3_64;

use super::Layout;
use super::weak::Weak;

/// The table of up to so many slots is indexed by both halves of the weak sum added up, as in the paper.
const SLOTS_PLAIN: usize = 1 << 16;
/// No block.
pub(super) const NONE: u32 = u32::MAX;

/// The blocks of an old file by their sums.
#[derive(Debug)]
pub struct Signature {
    weak: Vec<u32>,
    strong: Vec<u64>,
    /// The block before, in the same slot.
    before: Vec<u32>,
    /// The last block of each slot.
    last: Vec<u32>,
}

impl Signature {
    /// No blocks yet.
    #[must_use]
    pub fn new(layout: Layout) -> Signature {
        let count = layout.count() as usize;
        // Measured: beyond this many blocks rsync's table grows with them, which its hash hits tell.
        let grown = count / 8 * 10 + 11;
        let slots = if grown > SLOTS_PLAIN { grown } else { SLOTS_PLAIN };
        Signature {
            weak: Vec::with_capacity(count),
            strong: Vec::with_capacity(count),
            before: Vec::with_capacity(count),
            last: vec![NONE; slots],
        }
    }

    /// Adds the next block.
    pub fn push(&mut self, block: &[u8]) {
        let weak = Weak::of(block).value();
        let slot = self.slot(weak);
        let index = u32::try_from(self.weak.len()).unwrap_or(NONE);
        self.weak.push(weak);
        self.strong.push(xxh3_64(block));
        self.before.push(std::mem::replace(&mut self.last[slot], index));
    }

    /// How many blocks there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.weak.len()
    }

    fn slot(&self, weak: u32) -> usize {
        match self.last.len() {
            SLOTS_PLAIN => ((weak >> 16) + (weak & 0xffff)) as usize & (SLOTS_PLAIN - 1),
            slots => weak as usize % slots,
        }
    }

    /// The last block in the slot of a weak sum, or [`NONE`].
    pub(super) fn first(&self, weak: u32) -> u32 {
        self.last[self.slot(weak)]
    }

    /// The block before this one in the same slot, or [`NONE`].
    pub(super) fn next(&self, block: u32) -> u32 {
        self.before[block as usize]
    }

    /// Takes blocks out of the slot of a weak sum.
    pub(super) fn forget(&mut self, weak: u32, is_gone: impl Fn(u32) -> bool) {
        let slot = self.slot(weak);
        let (mut after, mut block) = (NONE, self.last[slot]);
        while block != NONE {
            let next = self.before[block as usize];
            if !is_gone(block) {
                after = block;
            } else if after == NONE {
                self.last[slot] = next;
            } else {
                self.before[after as usize] = next;
            }
            block = next;
        }
    }

    /// Whether two blocks have the same sums.
    pub(super) fn is_same(&self, one: u32, two: u32) -> bool {
        self.weak(one) == self.weak(two) && self.strong(one) == self.strong(two)
    }

    pub(super) fn weak(&self, block: u32) -> u32 {
        self.weak[block as usize]
    }

    pub(super) fn strong(&self, block: u32) -> u64 {
        self.strong[block as usize]
    }
}
