//! Making a directory: mkdirat(2). Native since Linux 5.15.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd};

use io_uring::{opcode, types};
use rustix::fs::Mode;

use super::{Name, Op, Sqe, retry};

/// Makes the directory `name` in `dir` with the permission bits `mode`, less the umask.
///
/// # Errors
/// Those of mkdirat(2).
pub fn mkdirat(dir: impl AsFd, name: &CStr, mode: u32) -> io::Result<()> {
    let dir = dir.as_fd();
    retry(|| rustix::fs::mkdirat(dir, name, Mode::from_raw_mode(mode)))
}

/// mkdirat(2) as an operation.
#[derive(Debug)]
pub struct MkdirAt<D, N> {
    dir: D,
    name: N,
    mode: u32,
}

impl<D: AsFd + 'static, N: Name> MkdirAt<D, N> {
    /// Makes the directory `name` in `dir`.
    pub fn new(dir: D, name: N, mode: u32) -> Self {
        MkdirAt { dir, name, mode }
    }
}

// SAFETY: the name is a `Name`.
unsafe impl<D: AsFd + 'static, N: Name> Op for MkdirAt<D, N> {
    type Output = ();
    const NAME: &'static str = "mkdirat";
    const OPCODE: Option<u8> = Some(opcode::MkDirAt::CODE);

    fn native(&mut self) -> Sqe {
        opcode::MkDirAt::new(types::Fd(self.dir.as_fd().as_raw_fd()), self.name.as_c_str().as_ptr())
            .mode(self.mode)
            .build()
    }

    fn emulate(&mut self) -> io::Result<u32> {
        mkdirat(&self.dir, self.name.as_c_str(), self.mode).map(|()| 0)
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<()> {
        Ok(())
    }
}
