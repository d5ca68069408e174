//! Reserving, punching and zeroing ranges: fallocate(2).

use std::io;
use std::os::fd::{AsFd, AsRawFd};

use io_uring::{opcode, types};
use rustix::fs::FallocateFlags;

use super::{Op, Sqe, retry};

/// Applies `mode` to `len` bytes from `offset`: empty reserves (and grows the file unless `KEEP_SIZE`),
/// `PUNCH_HOLE | KEEP_SIZE` makes a hole, `ZERO_RANGE` zeroes.
///
/// # Errors
/// Those of fallocate(2); EOPNOTSUPP where the file system cannot.
pub fn fallocate(fd: impl AsFd, mode: FallocateFlags, offset: u64, len: u64) -> io::Result<()> {
    let fd = fd.as_fd();
    retry(|| rustix::fs::fallocate(fd, mode, offset, len))
}

/// fallocate(2) as an operation.
#[derive(Debug)]
pub struct Fallocate<F> {
    fd: F,
    mode: FallocateFlags,
    offset: u64,
    len: u64,
}

impl<F: AsFd + 'static> Fallocate<F> {
    /// As [`fallocate`]; `offset` and `len` in bytes.
    pub fn new(fd: F, mode: FallocateFlags, offset: u64, len: u64) -> Self {
        Fallocate { fd, mode, offset, len }
    }
}

// SAFETY: nothing is addressed.
unsafe impl<F: AsFd + 'static> Op for Fallocate<F> {
    type Output = ();
    const NAME: &'static str = "fallocate";
    const OPCODE: Option<u8> = Some(opcode::Fallocate::CODE);

    fn native(&mut self) -> Sqe {
        opcode::Fallocate::new(types::Fd(self.fd.as_fd().as_raw_fd()), self.len)
            .offset(self.offset)
            .mode(self.mode.bits().cast_signed())
            .build()
    }

    fn emulate(&mut self) -> io::Result<u32> {
        fallocate(&self.fd, self.mode, self.offset, self.len).map(|()| 0)
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<()> {
        Ok(())
    }
}
