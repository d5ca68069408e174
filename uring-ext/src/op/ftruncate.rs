//! Setting a file's length: ftruncate(2). Native since Linux 6.9.

use std::io;
use std::os::fd::{AsFd, AsRawFd};

use io_uring::{opcode, types};

use super::{Op, Sqe, retry};

/// Makes `fd` exactly `len` bytes long, cut or extended by a hole.
///
/// # Errors
/// Those of ftruncate(2).
pub fn ftruncate(fd: impl AsFd, len: u64) -> io::Result<()> {
    let fd = fd.as_fd();
    retry(|| rustix::fs::ftruncate(fd, len))
}

/// ftruncate(2) as an operation.
#[derive(Debug)]
pub struct Ftruncate<F> {
    fd: F,
    len: u64,
}

impl<F: AsFd + 'static> Ftruncate<F> {
    /// Makes `fd` exactly `len` bytes long.
    pub fn new(fd: F, len: u64) -> Self {
        Ftruncate { fd, len }
    }
}

// SAFETY: nothing is addressed.
unsafe impl<F: AsFd + 'static> Op for Ftruncate<F> {
    type Output = ();
    const NAME: &'static str = "ftruncate";
    const OPCODE: Option<u8> = Some(opcode::Ftruncate::CODE);

    fn native(&mut self) -> Sqe {
        opcode::Ftruncate::new(types::Fd(self.fd.as_fd().as_raw_fd()), self.len).build()
    }

    fn emulate(&mut self) -> io::Result<u32> {
        ftruncate(&self.fd, self.len).map(|()| 0)
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<()> {
        Ok(())
    }
}
