//! The names of extended attributes: flistxattr(2), listxattrat(2). No ring has it.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use super::xattr::{SYS_LISTXATTRAT, answer, fill, have_xattrat, path_of};
use super::{Name, Op};

/// Puts the open file's attribute names into `list`, each ended by a NUL, replacing what was there.
///
/// # Errors
/// Those of flistxattr(2).
pub fn flistxattr(fd: impl AsFd, list: &mut Vec<u8>) -> io::Result<()> {
    let fd = fd.as_fd();
    fill(list, |room| rustix::fs::flistxattr(fd, room))
}

/// Puts the attribute names of `name` in `dir` into `list`; a symbolic link is asked itself.
///
/// # Errors
/// Those of llistxattr(2).
pub fn listxattrat(dir: impl AsFd, name: &CStr, list: &mut Vec<u8>) -> io::Result<()> {
    let dir = dir.as_fd();
    if have_xattrat() {
        return fill(list, |room| raw(dir, name, room));
    }
    let path = path_of(dir, name)?;
    fill(list, |room| rustix::fs::llistxattr(&*path, room))
}

fn raw(dir: BorrowedFd<'_>, name: &CStr, room: &mut [u8]) -> rustix::io::Result<usize> {
    // SAFETY: the name ends in NUL, and the kernel writes at most `room.len()` bytes to `room`.
    answer(unsafe {
        libc::syscall(
            SYS_LISTXATTRAT,
            dir.as_raw_fd(),
            name.as_ptr(),
            libc::AT_SYMLINK_NOFOLLOW,
            room.as_mut_ptr(),
            room.len(),
        )
    })
}

/// listxattr(2) of a name, as an operation.
#[derive(Debug)]
pub struct ListXattrAt<D, N> {
    dir: D,
    name: N,
    list: Vec<u8>,
}

impl<D: AsFd + 'static, N: Name> ListXattrAt<D, N> {
    /// The attribute names of `name` in `dir`, in `list`'s memory.
    pub fn new(dir: D, name: N, list: Vec<u8>) -> Self {
        ListXattrAt { dir, name, list }
    }
}

// SAFETY: never native.
unsafe impl<D: AsFd + 'static, N: Name> Op for ListXattrAt<D, N> {
    type Output = Vec<u8>;
    const NAME: &'static str = "listxattr";
    const OPCODE: Option<u8> = None;

    fn emulate(&mut self) -> io::Result<u32> {
        listxattrat(&self.dir, self.name.as_c_str(), &mut self.list).map(|()| 0)
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<Vec<u8>> {
        Ok(self.list)
    }
}
