//! Giving a file another name: linkat(2). Native since Linux 5.15 (without flags).

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::sync::atomic::{AtomicBool, Ordering};

use io_uring::{opcode, types};
use rustix::fs::{AtFlags, CWD};

use super::{Name, Op, Sqe, retry};

/// Set once AT_EMPTY_PATH was refused while the way through /proc worked.
static EMPTY_PATH_REFUSED: AtomicBool = AtomicBool::new(false);

/// Makes `new` in `new_dir` another name of `old` in `old_dir`. Without `SYMLINK_FOLLOW` a symbolic link is linked
/// itself.
///
/// # Errors
/// Those of linkat(2).
pub fn linkat(
    old_dir: impl AsFd,
    old: &CStr,
    new_dir: impl AsFd,
    new: &CStr,
    flags: AtFlags,
) -> io::Result<()> {
    let (old_dir, new_dir) = (old_dir.as_fd(), new_dir.as_fd());
    retry(|| rustix::fs::linkat(old_dir, old, new_dir, new, flags))
}

/// Gives the open file `fd` the name `new` in `new_dir`: how an `O_TMPFILE` file is published. Never replaces.
///
/// AT_EMPTY_PATH needs CAP_DAC_READ_SEARCH before Linux 6.10; where it is refused, the name under /proc/self/fd does
/// the same, and is tried first from then on.
///
/// # Errors
/// Those of linkat(2): EEXIST when the name is taken, ENOENT when `fd` was opened with `O_TMPFILE | O_EXCL`.
pub fn link_fd(fd: impl AsFd, new_dir: impl AsFd, new: &CStr) -> io::Result<()> {
    let (fd, new_dir) = (fd.as_fd(), new_dir.as_fd());
    if EMPTY_PATH_REFUSED.load(Ordering::Relaxed) {
        return link_proc(fd, new_dir, new);
    }
    match linkat(fd, c"", new_dir, new, AtFlags::EMPTY_PATH) {
        Err(refused) if matches!(refused.raw_os_error(), Some(libc::ENOENT | libc::EPERM)) => {
            link_proc(fd, new_dir, new)
                .inspect(|()| EMPTY_PATH_REFUSED.store(true, Ordering::Relaxed))
                .map_err(|error| if error.raw_os_error() == Some(libc::EEXIST) { error } else { refused })
        }
        answer => answer,
    }
}

fn link_proc(fd: BorrowedFd<'_>, new_dir: BorrowedFd<'_>, new: &CStr) -> io::Result<()> {
    linkat(CWD, &proc_path(fd), new_dir, new, AtFlags::SYMLINK_FOLLOW)
}

/// The name of an open file under /proc.
pub(crate) fn proc_path(fd: BorrowedFd<'_>) -> CString {
    let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
    CString::new(path).unwrap_or_default()
}

/// linkat(2) as an operation, without flags: symbolic links are linked themselves.
#[derive(Debug)]
pub struct LinkAt<D, E, N, M> {
    old_dir: D,
    old_name: N,
    new_dir: E,
    new_name: M,
}

impl<D: AsFd + 'static, E: AsFd + 'static, N: Name, M: Name> LinkAt<D, E, N, M> {
    /// Makes `new_name` in `new_dir` another name of `old_name` in `old_dir`.
    pub fn new(old_dir: D, old_name: N, new_dir: E, new_name: M) -> Self {
        LinkAt { old_dir, old_name, new_dir, new_name }
    }
}

// SAFETY: both names are `Name`s.
unsafe impl<D: AsFd + 'static, E: AsFd + 'static, N: Name, M: Name> Op for LinkAt<D, E, N, M> {
    type Output = ();
    const NAME: &'static str = "linkat";
    const OPCODE: Option<u8> = Some(opcode::LinkAt::CODE);

    fn native(&mut self) -> Sqe {
        let (old, new) = (self.old_dir.as_fd().as_raw_fd(), self.new_dir.as_fd().as_raw_fd());
        let (old_name, new_name) = (self.old_name.as_c_str().as_ptr(), self.new_name.as_c_str().as_ptr());
        opcode::LinkAt::new(types::Fd(old), old_name, types::Fd(new), new_name).build()
    }

    fn emulate(&mut self) -> io::Result<u32> {
        let (old_name, new_name) = (self.old_name.as_c_str(), self.new_name.as_c_str());
        linkat(&self.old_dir, old_name, &self.new_dir, new_name, AtFlags::empty()).map(|()| 0)
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<()> {
        Ok(())
    }
}
