//! Removing a name: unlinkat(2). Native since Linux 5.11.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd};

use io_uring::{opcode, types};
use rustix::fs::AtFlags;

use super::{Name, Op, Sqe, retry};

/// What kind of name to remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlink {
    /// Anything but a directory.
    File,
    /// An empty directory.
    Dir,
}

impl Unlink {
    const fn flags(self) -> AtFlags {
        match self {
            Unlink::File => AtFlags::empty(),
            Unlink::Dir => AtFlags::REMOVEDIR,
        }
    }
}

/// Removes `name` from `dir`.
///
/// # Errors
/// Those of unlinkat(2): EISDIR for a directory taken for a file, ENOTDIR the other way round, ENOTEMPTY.
pub fn unlinkat(dir: impl AsFd, name: &CStr, what: Unlink) -> io::Result<()> {
    let dir = dir.as_fd();
    retry(|| rustix::fs::unlinkat(dir, name, what.flags()))
}

/// unlinkat(2) as an operation.
#[derive(Debug)]
pub struct UnlinkAt<D, N> {
    dir: D,
    name: N,
    what: Unlink,
}

impl<D: AsFd + 'static, N: Name> UnlinkAt<D, N> {
    /// Removes `name` from `dir`.
    pub fn new(dir: D, name: N, what: Unlink) -> Self {
        UnlinkAt { dir, name, what }
    }
}

// SAFETY: the name is a `Name`.
unsafe impl<D: AsFd + 'static, N: Name> Op for UnlinkAt<D, N> {
    type Output = ();
    const NAME: &'static str = "unlinkat";
    const OPCODE: Option<u8> = Some(opcode::UnlinkAt::CODE);

    fn native(&mut self) -> Sqe {
        opcode::UnlinkAt::new(types::Fd(self.dir.as_fd().as_raw_fd()), self.name.as_c_str().as_ptr())
            .flags(self.what.flags().bits().cast_signed())
            .build()
    }

    fn emulate(&mut self) -> io::Result<u32> {
        unlinkat(&self.dir, self.name.as_c_str(), self.what).map(|()| 0)
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<()> {
        Ok(())
    }
}
