//! The man page, as roff.

use super::super::Bytes;

/// The text of `man/io-uring-sync.1`.
#[must_use]
pub fn man_page() -> Bytes {
    Bytes::new()
}
