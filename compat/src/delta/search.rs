//! The walk along the new file.

use xxhash_rust::xxh3::xxh3_64;

use super::signature::NONE;
use super::weak::Weak;
use super::{Layout, Moved, Signature};

/// How many blocks of one slot are looked at in one place: a file made to collide must not take for ever.
const CANDIDATES_MAX: usize = 256;

/// Which blocks may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// All of them: the old file stays as it is.
    Anywhere,
    /// Those that were not written over: the new file takes the old one's place from the beginning on.
    InPlace,
}

/// How much of the new file is at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// There is more.
    Some,
    /// That is all.
    All,
}

/// What comes next in the new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// So many bytes that are in no block.
    pub literal_bytes: usize,
    /// Then this block, unless there is more to look at first.
    pub block: Option<u32>,
}

/// Where the walk is, and what it has found so far.
#[derive(Debug)]
pub struct Search {
    layout: Layout,
    order: Order,
    /// The block after the last one found, and the place that it would have.
    expected: (u32, u64),
    /// Blocks that were found in their own place, one bit each.
    kept: Vec<u64>,
    /// Literal bytes since the last block.
    run_bytes: u64,
    moved: Moved,
}

impl Search {
    /// At the beginning of the new file.
    #[must_use]
    pub fn new(layout: Layout, order: Order) -> Search {
        let words = match order {
            Order::Anywhere => 0,
            Order::InPlace => (layout.count() as usize).div_ceil(64),
        };
        Search {
            layout,
            order,
            expected: (0, 0),
            kept: vec![0; words],
            run_bytes: 0,
            moved: Moved::beside(&layout),
        }
    }

    /// The block that is most probably at this place: in a file that changed little, the one after the last one. It
    /// is cheaper to compare it than to make the sums. `left` bytes of the new file are at hand from here on.
    #[must_use]
    pub fn likely(&self, at: u64, left: usize, rest: Rest) -> Option<u32> {
        let (block, place) = self.expected;
        let block = match self.order {
            Order::Anywhere => block,
            // In place, a block that has to be moved is only looked for when none has its place nearby.
            Order::InPlace => self.layout.block_at(at)?,
        };
        if place != at || block >= self.layout.count() || !self.is_usable(block, at) {
            return None;
        }
        let bytes = self.layout.bytes(block);
        // A short block is only looked for at the end.
        let fits = match bytes == self.layout.block_bytes() {
            true => left >= bytes,
            false => left == bytes && rest == Rest::All,
        };
        fits.then_some(block)
    }

    /// How many bytes [`Search::find`] has to have at hand at least, unless that is all.
    #[must_use]
    pub const fn reach_bytes(&self) -> usize {
        self.layout.block_bytes() + self.look_ahead_bytes(Rest::Some)
    }

    const fn look_ahead_bytes(&self, rest: Rest) -> usize {
        match (self.order, rest) {
            (Order::InPlace, Rest::Some) => self.layout.block_bytes(),
            (Order::InPlace, Rest::All) | (Order::Anywhere, _) => 0,
        }
    }

    /// Looks for the first block in `window`, the part of the new file from `at` on.
    pub fn find(&mut self, signature: &mut Signature, window: &[u8], at: u64, rest: Rest) -> Found {
        let full = self.layout.block_bytes();
        let last = self.layout.bytes(self.layout.count() - 1);
        let ahead = self.look_ahead_bytes(rest);
        let least = if rest == Rest::All { last } else { full + ahead };
        if window.len() < least {
            return Found { literal_bytes: if rest == Rest::All { window.len() } else { 0 }, block: None };
        }
        let mut end = full.min(window.len());
        let mut weak = Weak::of(&window[..end]);
        let mut start = 0;
        loop {
            let place = at + start as u64;
            if let Some(block) = self.pick(signature, weak.value(), &window[start..end], place) {
                let (skip, block) = self.in_its_place(signature, block, &window[start..], place);
                return Found { literal_bytes: start + skip, block: Some(block) };
            }
            if end + ahead < window.len() {
                weak.roll(window[start], window[end]);
                end += 1;
            } else if rest == Rest::All && end - start > last {
                weak.shrink(window[start]);
            } else {
                // The window's last place was looked at; without more of the file the end has no block.
                let literal_bytes = if rest == Rest::All { window.len() } else { start + 1 };
                return Found { literal_bytes, block: None };
            }
            start += 1;
        }
    }

    fn pick(&mut self, signature: &mut Signature, weak: u32, window: &[u8], at: u64) -> Option<u32> {
        if signature.first(weak) == NONE {
            return None;
        }
        self.moved.hash_hits += 1;
        if self.order == Order::InPlace {
            // What was written over is never found again.
            signature.forget(weak, |block| !self.is_usable(block, at));
        }
        let mut strong = None;
        let mut block = signature.first(weak);
        for _ in 0..CANDIDATES_MAX {
            if block == NONE {
                break;
            }
            if signature.weak(block) == weak && self.layout.bytes(block) == window.len() {
                let strong = *strong.get_or_insert_with(|| xxh3_64(window));
                if signature.strong(block) == strong {
                    return Some(self.better(signature, block, at));
                }
                self.moved.false_alarms += 1;
            }
            block = signature.next(block);
        }
        None
    }

    /// In place, data that repeats itself is worth a few literal bytes, when the next block that has its place in the
    /// old file is the same as the one found here: it need not be moved then.
    fn in_its_place(&self, signature: &Signature, block: u32, window: &[u8], at: u64) -> (usize, u32) {
        let full = self.layout.block_bytes();
        let place = at.next_multiple_of(full as u64);
        let skip = usize::try_from(place - at).unwrap_or(0);
        let same = |own: &u32| {
            signature.is_same(*own, block)
                && self.layout.bytes(*own) == full
                && window.get(skip..skip + full).is_some_and(|next| {
                    signature.weak(*own) == Weak::of(next).value() && signature.strong(*own) == xxh3_64(next)
                })
        };
        let own = if self.order == Order::InPlace && skip > 0 { self.layout.block_at(place) } else { None };
        own.filter(same).map_or((0, block), |own| (skip, own))
    }

    /// Of blocks with the same data the one that has this very place in the old file: nothing has to be written then.
    fn better(&self, signature: &Signature, block: u32, at: u64) -> u32 {
        let same =
            |own: &u32| signature.is_same(*own, block) && self.layout.bytes(*own) == self.layout.bytes(block);
        self.layout.block_at(at).filter(same).unwrap_or(block)
    }

    fn is_usable(&self, block: u32, at: u64) -> bool {
        let (word, bit) = (block as usize / 64, block % 64);
        self.order == Order::Anywhere
            || self.layout.offset(block) >= at
            || self.kept.get(word).is_some_and(|word| word >> bit & 1 == 1)
    }

    /// Notes bytes that are in no block.
    pub fn pass(&mut self, literal_bytes: usize) {
        self.run_bytes += literal_bytes as u64;
    }

    /// Notes the block that [`Search::find`] found at this place.
    pub fn take(&mut self, block: u32, at: u64) {
        self.moved.add_literal(std::mem::take(&mut self.run_bytes));
        let bytes = self.layout.bytes(block) as u64;
        self.moved.add_match(bytes);
        self.expected = (block + 1, at + bytes);
        if self.order == Order::InPlace && self.layout.offset(block) == at {
            self.kept[block as usize / 64] |= 1 << (block % 64);
        }
    }

    /// Notes a [`Search::likely`] block that turned out to be the same, without its sum having been asked.
    pub fn take_likely(&mut self, block: u32, at: u64) {
        self.moved.hash_hits += 1;
        self.take(block, at);
    }

    /// What it all came to.
    #[must_use]
    pub fn finish(mut self) -> Moved {
        self.moved.add_literal(self.run_bytes);
        self.moved
    }
}
