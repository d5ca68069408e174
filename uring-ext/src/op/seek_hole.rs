//! Finding holes: lseek(2) with SEEK_DATA and SEEK_HOLE. No ring has it. It moves the file's own position.

use std::io;
use std::os::fd::AsFd;

use rustix::fs::SeekFrom;
use rustix::io::Errno;

use super::{Op, retry};

/// Where data starts at or after `offset` bytes; `None` when only a hole (or nothing) is left.
///
/// # Errors
/// Those of lseek(2), except ENXIO.
pub fn seek_data(fd: impl AsFd, offset: u64) -> io::Result<Option<u64>> {
    seek(fd, SeekFrom::Data(offset))
}

/// Where a hole starts at or after `offset` bytes, the end of the file counted as one; `None` past the end.
///
/// # Errors
/// Those of lseek(2), except ENXIO.
pub fn seek_hole(fd: impl AsFd, offset: u64) -> io::Result<Option<u64>> {
    seek(fd, SeekFrom::Hole(offset))
}

fn seek(fd: impl AsFd, to: SeekFrom) -> io::Result<Option<u64>> {
    let fd = fd.as_fd();
    retry(|| match rustix::fs::seek(fd, to) {
        Ok(found) => Ok(Some(found)),
        Err(Errno::NXIO) => Ok(None),
        Err(error) => Err(error),
    })
}

/// What [`SeekHole`] looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seek {
    /// The next data.
    Data,
    /// The next hole.
    Hole,
}

/// The length of a file or block device in bytes, by lseek(2) with SEEK_END. It moves the file's own position.
///
/// # Errors
/// Those of lseek(2).
pub fn length(fd: impl AsFd) -> io::Result<u64> {
    let fd = fd.as_fd();
    retry(|| rustix::fs::seek(fd, rustix::fs::SeekFrom::End(0)))
}

/// lseek(2) with SEEK_DATA or SEEK_HOLE as an operation.
#[derive(Debug)]
pub struct SeekHole<F> {
    fd: F,
    what: Seek,
    offset: u64,
    found: Option<u64>,
}

impl<F: AsFd + 'static> SeekHole<F> {
    /// Looks for `what` from `offset` bytes.
    pub fn new(fd: F, what: Seek, offset: u64) -> Self {
        SeekHole { fd, what, offset, found: None }
    }
}

// SAFETY: never native.
unsafe impl<F: AsFd + 'static> Op for SeekHole<F> {
    type Output = Option<u64>;
    const NAME: &'static str = "seek_hole";
    const OPCODE: Option<u8> = None;

    fn emulate(&mut self) -> io::Result<u32> {
        self.found = match self.what {
            Seek::Data => seek_data(&self.fd, self.offset),
            Seek::Hole => seek_hole(&self.fd, self.offset),
        }?;
        Ok(0)
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<Option<u64>> {
        Ok(self.found)
    }
}
