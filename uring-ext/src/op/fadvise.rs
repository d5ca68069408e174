//! Telling the kernel how a file will be read: posix_fadvise(2).

use std::io;
use std::num::NonZeroU64;
use std::os::fd::{AsFd, AsRawFd};

use io_uring::{opcode, types};
use rustix::fs::Advice;

use super::{Op, Sqe, retry};

/// Advises on `len` bytes from `offset`; a `len` of 0 means to the end.
///
/// # Errors
/// Those of posix_fadvise(2).
pub fn fadvise(fd: impl AsFd, offset: u64, len: u64, advice: Advice) -> io::Result<()> {
    let fd = fd.as_fd();
    retry(|| rustix::fs::fadvise(fd, offset, NonZeroU64::new(len), advice))
}

/// posix_fadvise(2) as an operation.
#[derive(Debug)]
pub struct Fadvise<F> {
    fd: F,
    offset: u64,
    len: u32,
    advice: Advice,
}

impl<F: AsFd + 'static> Fadvise<F> {
    /// As [`fadvise`]; `offset` and `len` in bytes. The ring's entry has room for 32 bits of `len` only.
    pub fn new(fd: F, offset: u64, len: u32, advice: Advice) -> Self {
        Fadvise { fd, offset, len, advice }
    }
}

// SAFETY: nothing is addressed.
unsafe impl<F: AsFd + 'static> Op for Fadvise<F> {
    type Output = ();
    const NAME: &'static str = "fadvise";
    const OPCODE: Option<u8> = Some(opcode::Fadvise::CODE);

    fn native(&mut self) -> Sqe {
        let fd = types::Fd(self.fd.as_fd().as_raw_fd());
        opcode::Fadvise::new(fd, i64::from(self.len), self.advice as i32).offset(self.offset).build()
    }

    fn emulate(&mut self) -> io::Result<u32> {
        fadvise(&self.fd, self.offset, u64::from(self.len), self.advice).map(|()| 0)
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<()> {
        Ok(())
    }
}
