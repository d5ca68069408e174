//! The value of an extended attribute: fgetxattr(2), getxattrat(2). The ring has it for open files since Linux 5.19.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use io_uring::{opcode, types};

use super::xattr::{SYS_GETXATTRAT, XATTR_BYTES_MAX, XattrArgs, answer, fill, have_xattrat, path_of};
use super::{Name, Op, Sqe};

/// Puts the value of the open file's attribute `key` into `value`, replacing what was there.
///
/// # Errors
/// Those of fgetxattr(2): ENODATA when there is no such attribute, EBADF for an `O_PATH` handle.
pub fn fgetxattr(fd: impl AsFd, key: &CStr, value: &mut Vec<u8>) -> io::Result<()> {
    let fd = fd.as_fd();
    fill(value, |room| rustix::fs::fgetxattr(fd, key, room))
}

/// Puts the value of attribute `key` of `name` in `dir` into `value`; a symbolic link is asked itself.
///
/// # Errors
/// Those of lgetxattr(2).
pub fn getxattrat(dir: impl AsFd, name: &CStr, key: &CStr, value: &mut Vec<u8>) -> io::Result<()> {
    let dir = dir.as_fd();
    if have_xattrat() {
        return fill(value, |room| raw(dir, name, key, room));
    }
    let path = path_of(dir, name)?;
    fill(value, |room| rustix::fs::lgetxattr(&*path, key, room))
}

fn raw(dir: BorrowedFd<'_>, name: &CStr, key: &CStr, room: &mut [u8]) -> rustix::io::Result<usize> {
    let args = XattrArgs {
        value: room.as_mut_ptr() as u64,
        size: u32::try_from(room.len()).unwrap_or(u32::MAX),
        flags: 0,
    };
    // SAFETY: the strings end in NUL, and the kernel writes at most `size` bytes to `value`, which is `room`.
    answer(unsafe {
        libc::syscall(
            SYS_GETXATTRAT,
            dir.as_raw_fd(),
            name.as_ptr(),
            libc::AT_SYMLINK_NOFOLLOW,
            key.as_ptr(),
            &raw const args,
            size_of::<XattrArgs>(),
        )
    })
}

/// fgetxattr(2) as an operation; gives the value.
#[derive(Debug)]
pub struct FGetXattr<F, K> {
    fd: F,
    key: K,
    value: Vec<u8>,
}

impl<F: AsFd + 'static, K: Name> FGetXattr<F, K> {
    /// The value of attribute `key`, in `value`'s memory. It makes one call, with room for `bytes_max` (which the
    /// kernel's own limit, 64 KiB, caps): a longer value is ERANGE.
    pub fn new(fd: F, key: K, mut value: Vec<u8>, bytes_max: usize) -> Self {
        value.resize(bytes_max.clamp(1, XATTR_BYTES_MAX), 0);
        FGetXattr { fd, key, value }
    }
}

// SAFETY: the key is a `Name`, the value's memory is on the heap and is not resized before the end.
unsafe impl<F: AsFd + 'static, K: Name> Op for FGetXattr<F, K> {
    type Output = Vec<u8>;
    const NAME: &'static str = "getxattr";
    const OPCODE: Option<u8> = Some(opcode::FGetXattr::CODE);

    fn native(&mut self) -> Sqe {
        let fd = types::Fd(self.fd.as_fd().as_raw_fd());
        let len = u32::try_from(self.value.len()).unwrap_or(u32::MAX);
        opcode::FGetXattr::new(fd, self.key.as_c_str().as_ptr(), self.value.as_mut_ptr().cast(), len).build()
    }

    fn emulate(&mut self) -> io::Result<u32> {
        let (fd, key) = (self.fd.as_fd(), self.key.as_c_str());
        let bytes = super::retry(|| rustix::fs::fgetxattr(fd, key, &mut self.value[..]))?;
        Ok(u32::try_from(bytes).unwrap_or(u32::MAX))
    }

    unsafe fn finish(mut self, answer: u32) -> io::Result<Vec<u8>> {
        self.value.truncate(answer as usize);
        Ok(self.value)
    }
}
