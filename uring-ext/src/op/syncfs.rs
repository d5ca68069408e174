//! Making a whole file system durable: syncfs(2). No ring has it.

use std::io;
use std::os::fd::AsFd;

use super::{Op, retry};

/// Waits until everything written to the file system of `fd` is on the device.
///
/// # Errors
/// Those of syncfs(2); write-back errors since Linux 5.8.
pub fn syncfs(fd: impl AsFd) -> io::Result<()> {
    let fd = fd.as_fd();
    retry(|| rustix::fs::syncfs(fd))
}

/// syncfs(2) as an operation.
#[derive(Debug)]
pub struct Syncfs<F>(F);

impl<F: AsFd + 'static> Syncfs<F> {
    /// Makes the file system of `fd` durable.
    pub fn new(fd: F) -> Self {
        Syncfs(fd)
    }
}

// SAFETY: never native.
unsafe impl<F: AsFd + 'static> Op for Syncfs<F> {
    type Output = ();
    const NAME: &'static str = "syncfs";
    const OPCODE: Option<u8> = None;

    fn emulate(&mut self) -> io::Result<u32> {
        syncfs(&self.0).map(|()| 0)
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<()> {
        Ok(())
    }
}
