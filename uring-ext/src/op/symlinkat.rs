//! Making a symbolic link: symlinkat(2). Native since Linux 5.15.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd};

use io_uring::{opcode, types};

use super::{Name, Op, Sqe, retry};

/// Makes the symbolic link `name` in `dir`, pointing to `target`.
///
/// # Errors
/// Those of symlinkat(2).
pub fn symlinkat(target: &CStr, dir: impl AsFd, name: &CStr) -> io::Result<()> {
    let dir = dir.as_fd();
    retry(|| rustix::fs::symlinkat(target, dir, name))
}

/// symlinkat(2) as an operation.
#[derive(Debug)]
pub struct SymlinkAt<T, D, N> {
    target: T,
    dir: D,
    name: N,
}

impl<T: Name, D: AsFd + 'static, N: Name> SymlinkAt<T, D, N> {
    /// Makes the symbolic link `name` in `dir`, pointing to `target`.
    pub fn new(target: T, dir: D, name: N) -> Self {
        SymlinkAt { target, dir, name }
    }
}

// SAFETY: target and name are `Name`s.
unsafe impl<T: Name, D: AsFd + 'static, N: Name> Op for SymlinkAt<T, D, N> {
    type Output = ();
    const NAME: &'static str = "symlinkat";
    const OPCODE: Option<u8> = Some(opcode::SymlinkAt::CODE);

    fn native(&mut self) -> Sqe {
        let dir = types::Fd(self.dir.as_fd().as_raw_fd());
        opcode::SymlinkAt::new(dir, self.target.as_c_str().as_ptr(), self.name.as_c_str().as_ptr()).build()
    }

    fn emulate(&mut self) -> io::Result<u32> {
        symlinkat(self.target.as_c_str(), &self.dir, self.name.as_c_str()).map(|()| 0)
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<()> {
        Ok(())
    }
}
