//! Removing an extended attribute: fremovexattr(2), removexattrat(2). No ring has it.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use super::xattr::{SYS_REMOVEXATTRAT, answer, have_xattrat, path_of};
use super::{Name, Op, retry};

/// Removes the open file's attribute `key`.
///
/// # Errors
/// Those of fremovexattr(2): ENODATA when there is no such attribute.
pub fn fremovexattr(fd: impl AsFd, key: &CStr) -> io::Result<()> {
    let fd = fd.as_fd();
    retry(|| rustix::fs::fremovexattr(fd, key))
}

/// Removes attribute `key` of `name` in `dir`; a symbolic link is changed itself.
///
/// # Errors
/// Those of lremovexattr(2).
pub fn removexattrat(dir: impl AsFd, name: &CStr, key: &CStr) -> io::Result<()> {
    let dir = dir.as_fd();
    if have_xattrat() {
        return retry(|| raw(dir, name, key));
    }
    let path = path_of(dir, name)?;
    retry(|| rustix::fs::lremovexattr(&*path, key))
}

fn raw(dir: BorrowedFd<'_>, name: &CStr, key: &CStr) -> rustix::io::Result<()> {
    let (dir, name, key) = (dir.as_raw_fd(), name.as_ptr(), key.as_ptr());
    // SAFETY: both strings end in NUL; nothing is written.
    answer(unsafe { libc::syscall(SYS_REMOVEXATTRAT, dir, name, libc::AT_SYMLINK_NOFOLLOW, key) }).map(|_| ())
}

/// removexattr(2) of a name, as an operation.
#[derive(Debug)]
pub struct RemoveXattrAt<D, N, K> {
    dir: D,
    name: N,
    key: K,
}

impl<D: AsFd + 'static, N: Name, K: Name> RemoveXattrAt<D, N, K> {
    /// Removes attribute `key` of `name` in `dir`.
    pub fn new(dir: D, name: N, key: K) -> Self {
        RemoveXattrAt { dir, name, key }
    }
}

// SAFETY: never native.
unsafe impl<D: AsFd + 'static, N: Name, K: Name> Op for RemoveXattrAt<D, N, K> {
    type Output = ();
    const NAME: &'static str = "removexattr";
    const OPCODE: Option<u8> = None;

    fn emulate(&mut self) -> io::Result<u32> {
        removexattrat(&self.dir, self.name.as_c_str(), self.key.as_c_str()).map(|()| 0)
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<()> {
        Ok(())
    }
}
