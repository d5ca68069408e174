//! Reading and writing past the page cache: fcntl(2) with `O_DIRECT`. No ring has it.

use std::io;
use std::os::fd::AsFd;

use rustix::fs::OFlags;

use super::retry;

/// Whether an open file is read and written past the page cache. Then offsets, lengths and buffers are multiples of the
/// device's block, at most 4096 bytes; only a read at the end may give less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Directness {
    /// By way of the page cache.
    Cached,
    /// Past it.
    Direct,
}

/// Says how all who share this open file read and write it from now on.
///
/// # Errors
/// Those of fcntl(2); EINVAL where the file system cannot.
pub fn set_direct(file: impl AsFd, how: Directness) -> io::Result<()> {
    let file = file.as_fd();
    let mut flags = retry(|| rustix::fs::fcntl_getfl(file))?;
    flags.set(OFlags::DIRECT, how == Directness::Direct);
    retry(|| rustix::fs::fcntl_setfl(file, flags))
}
