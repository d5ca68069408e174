//! Setting an extended attribute: fsetxattr(2), setxattrat(2). The ring has it for open files since Linux 5.19.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use io_uring::{opcode, types};
use rustix::fs::XattrFlags;

use super::xattr::{SYS_SETXATTRAT, XattrArgs, answer, have_xattrat, path_of};
use super::{Name, Op, Sqe, retry};

/// Sets the open file's attribute `key`, made or replaced.
///
/// # Errors
/// Those of fsetxattr(2).
pub fn fsetxattr(fd: impl AsFd, key: &CStr, value: &[u8]) -> io::Result<()> {
    let fd = fd.as_fd();
    retry(|| rustix::fs::fsetxattr(fd, key, value, XattrFlags::empty()))
}

/// Sets attribute `key` of `name` in `dir`; a symbolic link is changed itself.
///
/// # Errors
/// Those of lsetxattr(2).
pub fn setxattrat(dir: impl AsFd, name: &CStr, key: &CStr, value: &[u8]) -> io::Result<()> {
    let dir = dir.as_fd();
    if have_xattrat() {
        return retry(|| raw(dir, name, key, value));
    }
    let path = path_of(dir, name)?;
    retry(|| rustix::fs::lsetxattr(&*path, key, value, XattrFlags::empty()))
}

fn raw(dir: BorrowedFd<'_>, name: &CStr, key: &CStr, value: &[u8]) -> rustix::io::Result<()> {
    let args = XattrArgs {
        value: value.as_ptr() as u64,
        size: u32::try_from(value.len()).unwrap_or(u32::MAX),
        flags: 0,
    };
    // SAFETY: the strings end in NUL, and the kernel reads `size` bytes from `value`.
    answer(unsafe {
        libc::syscall(
            SYS_SETXATTRAT,
            dir.as_raw_fd(),
            name.as_ptr(),
            libc::AT_SYMLINK_NOFOLLOW,
            key.as_ptr(),
            &raw const args,
            size_of::<XattrArgs>(),
        )
    })
    .map(|_| ())
}

/// fsetxattr(2) as an operation.
#[derive(Debug)]
pub struct FSetXattr<F, K> {
    fd: F,
    key: K,
    value: Vec<u8>,
}

impl<F: AsFd + 'static, K: Name> FSetXattr<F, K> {
    /// Sets attribute `key` to `value`, made or replaced.
    pub fn new(fd: F, key: K, value: Vec<u8>) -> Self {
        FSetXattr { fd, key, value }
    }
}

// SAFETY: the key is a `Name`, the value's memory is on the heap and never changed.
unsafe impl<F: AsFd + 'static, K: Name> Op for FSetXattr<F, K> {
    type Output = ();
    const NAME: &'static str = "setxattr";
    const OPCODE: Option<u8> = Some(opcode::FSetXattr::CODE);

    fn native(&mut self) -> Sqe {
        let fd = types::Fd(self.fd.as_fd().as_raw_fd());
        let len = u32::try_from(self.value.len()).unwrap_or(u32::MAX);
        opcode::FSetXattr::new(fd, self.key.as_c_str().as_ptr(), self.value.as_ptr().cast(), len).build()
    }

    fn emulate(&mut self) -> io::Result<u32> {
        fsetxattr(&self.fd, self.key.as_c_str(), &self.value).map(|()| 0)
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<()> {
        Ok(())
    }
}
