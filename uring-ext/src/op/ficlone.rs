//! Sharing a whole file's extents: ioctl_ficlone(2). No ring has it.

use std::io;
use std::os::fd::AsFd;

use super::{Op, retry};

/// Makes `to` a clone of `from`: same data, no bytes moved.
///
/// # Errors
/// Those of ioctl_ficlone(2): EOPNOTSUPP or ENOTTY where there are no shared extents, EXDEV between file systems.
pub fn ficlone(to: impl AsFd, from: impl AsFd) -> io::Result<()> {
    let (to, from) = (to.as_fd(), from.as_fd());
    retry(|| rustix::fs::ioctl_ficlone(to, from))
}

/// FICLONE as an operation.
#[derive(Debug)]
pub struct Ficlone<O, I> {
    to: O,
    from: I,
}

impl<O: AsFd + 'static, I: AsFd + 'static> Ficlone<O, I> {
    /// Makes `to` a clone of `from`.
    pub fn new(to: O, from: I) -> Self {
        Ficlone { to, from }
    }
}

// SAFETY: never native.
unsafe impl<O: AsFd + 'static, I: AsFd + 'static> Op for Ficlone<O, I> {
    type Output = ();
    const NAME: &'static str = "ficlone";
    const OPCODE: Option<u8> = None;

    fn emulate(&mut self) -> io::Result<u32> {
        ficlone(&self.to, &self.from).map(|()| 0)
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<()> {
        Ok(())
    }
}
