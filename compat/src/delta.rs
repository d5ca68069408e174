//! Which blocks of an old file occur in a new one (rsync(1), `--no-whole-file`), and what rsync says about that.
//!
//! The algorithm is that of A. Tridgell and P. Mackerras, "The rsync algorithm" (1996): the old file's blocks are
//! known by a weak sum that rolls along the new file byte by byte, and by a strong one that is only asked when the
//! weak one matches. Sizes, counters and the order among equal blocks were learnt from what rsync 3.5.0 prints with
//! `--stats` and `--debug=deltasum4` (`compat-tests/tests/delta.rs`).
//!
//! Nothing is read here: who reads the files hands over bytes.
//!
//! ```
//! use rsync_compat::delta::{Layout, Order, Search, Signature};
//! let (old, new) = (b"the same and old", b"quite the same and new");
//! let layout = Layout::new(old.len() as u64, 4).unwrap();
//! let mut signature = Signature::new(layout);
//! old.chunks(4).for_each(|block| signature.push(block));
//! let mut search = Search::new(layout, Order::Anywhere);
//! let found = search.find(&mut signature, new, 0, rsync_compat::delta::Rest::All);
//! assert_eq!((found.literal_bytes, found.block), (6, Some(0)));
//! ```

mod layout;
mod moved;
mod search;
mod signature;
mod weak;

pub use layout::Layout;
pub use moved::{Described, Moved, SUMS_HEAD_BYTES};
pub use search::{Found, Order, Rest, Search};
pub use signature::Signature;

#[cfg(test)]
mod tests;
