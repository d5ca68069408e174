//! The names in a directory: getdents64(2). No ring has it.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd};

use super::xattr::answer;
use super::{Op, retry};
use crate::buf::{AlignedBuf, IoBuf};
use crate::file_name::{FileName, pack};

/// Where the fields of `struct linux_dirent64` lie.
const RECLEN_AT: usize = 16;
const TYPE_AT: usize = 18;
const NAME_AT: usize = 19;

/// One name in a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DirName<'a> {
    /// The name.
    pub name: &'a CStr,
    /// The inode number, that of the directory underneath when something is mounted there.
    pub ino: u64,
    /// The type, one of the `DT_*` in [`crate::mode`]; `DT_UNKNOWN` on some file systems.
    pub kind: u8,
}

/// Reads directories through one buffer, which serves any number of them in turn.
///
/// ```
/// use uring_ext::plain::{self, DirReader, OFlags};
/// let dir = plain::open(c"/proc/self/fd", OFlags::RDONLY | OFlags::DIRECTORY, 0)?;
/// let mut reader = DirReader::new(64 << 10);
/// let mut names = 0;
/// while reader.fill(&dir)? {
///     names += reader.batch().count();
/// }
/// assert!(names >= 4);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct DirReader {
    buf: AlignedBuf,
}

impl DirReader {
    /// A reader with a buffer of `bytes` (at least 4 KiB; 32 KiB are plenty).
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        DirReader { buf: AlignedBuf::new(bytes.max(4096)) }
    }

    /// Reads the next batch of names from where `dir` stands; `false` at the end, when the batch is empty. Nothing
    /// is kept between calls but the batch, so a reader may go on with another directory at any time.
    ///
    /// # Errors
    /// Those of getdents64(2); the batch is empty then.
    pub fn fill(&mut self, dir: impl AsFd) -> io::Result<bool> {
        self.buf.set_len(0);
        let fd = dir.as_fd().as_raw_fd();
        let room = self.buf.room();
        let bytes = retry(|| {
            // SAFETY: the kernel writes at most `room.len()` bytes to `room`.
            answer(unsafe { libc::syscall(libc::SYS_getdents64, fd, room.as_mut_ptr(), room.len()) })
        })?;
        self.buf.set_len(bytes);
        Ok(bytes > 0)
    }

    /// The names of the last batch, without `.` and `..`.
    pub fn batch(&self) -> impl Iterator<Item = DirName<'_>> + Clone {
        Batch(self.buf.filled()).filter(|entry| !matches!(entry.name.to_bytes(), b"." | b".."))
    }

    /// How many there are, and the same to be kept, with their inode numbers and types: all of them in one piece of
    /// memory.
    pub fn names(&self) -> (usize, impl Iterator<Item = (FileName, (u64, u8))>) {
        pack(self.batch().map(|entry| (entry.name, (entry.ino, entry.kind))), self.buf.filled().len())
    }
}

/// The records not yet looked at.
#[derive(Clone)]
struct Batch<'a>(&'a [u8]);

impl<'a> Iterator for Batch<'a> {
    type Item = DirName<'a>;

    #[inline]
    fn next(&mut self) -> Option<DirName<'a>> {
        let length = u16::from_ne_bytes(*self.0.get(RECLEN_AT..)?.first_chunk()?);
        let (record, rest) = self.0.split_at_checked(usize::from(length))?;
        self.0 = rest;
        Some(DirName {
            name: name_of(record)?,
            ino: u64::from_ne_bytes(*record.first_chunk()?),
            kind: *record.get(TYPE_AT)?,
        })
    }
}

/// The name in a record, which the kernel fills up to a multiple of eight bytes: the end is found in the last of them.
#[inline]
fn name_of(record: &[u8]) -> Option<&CStr> {
    let (_, tail) = record.split_last_chunk()?;
    let end =
        record.len() - 8 + first_zero(u64::from_le_bytes(*tail), NAME_AT.saturating_sub(record.len() - 8))?;
    let bytes = record.get(NAME_AT..=end)?;
    debug_assert!(!bytes[..bytes.len() - 1].contains(&0), "no name has a NUL in it");
    // SAFETY: the last byte is NUL, and no other: the kernel's names have none, and what comes before the last eight
    // bytes of a record is name.
    Some(unsafe { CStr::from_bytes_with_nul_unchecked(bytes) })
}

/// Where the first zero is among the eight bytes of a word, lowest first, those before `from` left aside.
#[inline]
fn first_zero(word: u64, from: usize) -> Option<usize> {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = LOW << 7;
    // Bytes left aside are made other than zero.
    let word = word | !(u64::MAX << (8 * from.min(7)));
    let zeros = word.wrapping_sub(LOW) & !word & HIGH;
    (zeros != 0).then(|| zeros.trailing_zeros() as usize / 8)
}

/// getdents64(2) as an operation: one batch.
#[derive(Debug)]
pub struct Getdents<D> {
    dir: D,
    reader: DirReader,
}

impl<D: AsFd + 'static> Getdents<D> {
    /// Fills `reader` from `dir`. Gives the reader back, and whether it holds a batch.
    pub fn new(dir: D, reader: DirReader) -> Self {
        Getdents { dir, reader }
    }
}

// SAFETY: never native.
unsafe impl<D: AsFd + 'static> Op for Getdents<D> {
    type Output = (DirReader, bool);
    const NAME: &'static str = "getdents";
    const OPCODE: Option<u8> = None;

    fn emulate(&mut self) -> io::Result<u32> {
        self.reader.fill(&self.dir).map(u32::from)
    }

    unsafe fn finish(self, answer: u32) -> io::Result<Self::Output> {
        Ok((self.reader, answer != 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_zero_is_found_wherever_it_is() {
        for from in 0..4 {
            for at in from..8 {
                let mut bytes = [0xff, 0x80, 0x01, 0x7f, 0xfe, 0x81, 0x02, 0x80];
                bytes[at..].fill(0);
                bytes[..from].fill(0);
                assert_eq!(first_zero(u64::from_le_bytes(bytes), from), Some(at), "from {from}");
            }
        }
        assert_eq!(first_zero(0x8001_ff7f_0180_fe01, 0), None);
    }
}
