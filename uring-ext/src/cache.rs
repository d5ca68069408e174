//! What reading and writing leave in the page cache: nothing, where that was asked for.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::io::ReadWriteFlags;

/// `RWF_DONTCACHE` (Linux 6.14): what the call brought into the page cache leaves it at once; what was there stays.
const DONTCACHE: ReadWriteFlags = ReadWriteFlags::from_bits_retain(0x80);
/// The system call's number, the same on all machines.
const SYS_CACHESTAT: libc::c_long = 451;

static PASSES: AtomicBool = AtomicBool::new(false);
static WRITE_STAYED: AtomicBool = AtomicBool::new(false);

/// From now on, `pread` and `pwrite` of this process, and reading by a ring, leave nothing in the page cache that was
/// not there before, as far as kernel and file system know how (Linux 6.14).
pub fn leave_nothing() {
    PASSES.store(true, Ordering::Relaxed);
}

/// Whether [`leave_nothing`] was called.
#[must_use]
pub fn leaves_nothing() -> bool {
    PASSES.load(Ordering::Relaxed)
}

/// Whether anything that was written had to stay in the page cache: the caller may wait for it to be on the disk, and
/// give it up.
#[must_use]
pub fn has_left_writes() -> bool {
    WRITE_STAYED.load(Ordering::Relaxed)
}

/// Notes that a write went the ordinary way.
pub(crate) fn note_left_write() {
    WRITE_STAYED.store(true, Ordering::Relaxed);
}

/// The flags of a read or write that leaves nothing behind; `None` when it need not.
pub(crate) fn flags() -> Option<ReadWriteFlags> {
    leaves_nothing().then_some(DONTCACHE)
}

/// Whether an error means that kernel or file system know no such flag.
pub(crate) fn knows_not(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EOPNOTSUPP | libc::ENOSYS | libc::EINVAL))
}

/// How many pages of a file are in the page cache, of `bytes` bytes from `offset` on, or with 0 bytes of all that
/// follow; `None` before Linux 6.5.
#[must_use]
pub fn cached_pages(file: impl AsFd, offset: u64, bytes: u64) -> Option<u64> {
    /// `struct cachestat_range`: offset and length, 0 for all of it.
    type Range = [u64; 2];
    /// `struct cachestat`: cached, dirty, under write-back, evicted, evicted of late.
    type Stat = [u64; 5];
    let (range, mut stat): (Range, Stat) = ([offset, bytes], [0; 5]);
    let (fd, flags) = (file.as_fd().as_raw_fd(), 0);
    // SAFETY: the kernel reads its struct of two words from `range` and writes its struct of five to `stat`.
    let answer = unsafe { libc::syscall(SYS_CACHESTAT, fd, range.as_ptr(), stat.as_mut_ptr(), flags) };
    (answer == 0).then_some(stat[0])
}
