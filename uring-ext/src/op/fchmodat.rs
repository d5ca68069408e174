//! Permission bits: fchmod(2), fchmodat2(2). No ring has it.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use rustix::fs::{AtFlags, CWD, Mode, OFlags};
use rustix::io::Errno;

use super::known::Known;
use super::linkat::proc_path;
use super::openat2::openat;
use super::statx::statx_fd;
use super::xattr::answer;
use super::{Name, Op, retry};

/// The same number on every architecture that we build for; Linux 6.6.
const SYS_FCHMODAT2: libc::c_long = 452;
static FCHMODAT2: Known = Known::new();

/// Sets the permission bits of an open file. Not for `O_PATH` handles (EBADF).
///
/// # Errors
/// Those of fchmod(2).
pub fn fchmod(fd: impl AsFd, mode: u32) -> io::Result<()> {
    let fd = fd.as_fd();
    retry(|| rustix::fs::fchmod(fd, Mode::from_raw_mode(mode)))
}

/// Sets the permission bits of `name` in `dir`, and never those of what a symbolic link points to.
///
/// # Errors
/// Those of fchmodat2(2); EOPNOTSUPP for a symbolic link.
pub fn fchmodat(dir: impl AsFd, name: &CStr, mode: u32) -> io::Result<()> {
    let dir = dir.as_fd();
    if have_fchmodat2() {
        retry(|| raw_fchmodat2(dir.as_raw_fd(), name, mode, libc::AT_SYMLINK_NOFOLLOW))
    } else {
        through_proc(dir, name, mode)
    }
}

/// Whether the kernel has fchmodat2(2).
pub(crate) fn have_fchmodat2() -> bool {
    FCHMODAT2.present(|| raw_fchmodat2(-1, c"x", 0, libc::AT_SYMLINK_NOFOLLOW).err().map(Errno::raw_os_error))
}

/// fchmodat2(2) itself.
pub(crate) fn raw_fchmodat2(dir: RawFd, name: &CStr, mode: u32, flags: i32) -> rustix::io::Result<()> {
    // SAFETY: the name ends in NUL; nothing is written.
    answer(unsafe { libc::syscall(SYS_FCHMODAT2, dir, name.as_ptr(), mode, flags) }).map(|_| ())
}

/// Before Linux 6.6: hold the file, see that it is no link, and go in through /proc.
fn through_proc(dir: BorrowedFd<'_>, name: &CStr, mode: u32) -> io::Result<()> {
    let file = openat(dir, name, OFlags::PATH | OFlags::NOFOLLOW, 0)?;
    if statx_fd(&file)?.is_symlink() {
        return Err(Errno::OPNOTSUPP.into());
    }
    let path = proc_path(file.as_fd());
    retry(|| rustix::fs::chmodat(CWD, &*path, Mode::from_raw_mode(mode), AtFlags::empty()))
}

/// fchmodat2(2) as an operation.
#[derive(Debug)]
pub struct FchmodAt<D, N> {
    dir: D,
    name: N,
    mode: u32,
}

impl<D: AsFd + 'static, N: Name> FchmodAt<D, N> {
    /// Sets the permission bits of `name` in `dir`.
    pub fn new(dir: D, name: N, mode: u32) -> Self {
        FchmodAt { dir, name, mode }
    }
}

// SAFETY: never native.
unsafe impl<D: AsFd + 'static, N: Name> Op for FchmodAt<D, N> {
    type Output = ();
    const NAME: &'static str = "fchmodat";
    const OPCODE: Option<u8> = None;

    fn emulate(&mut self) -> io::Result<u32> {
        fchmodat(&self.dir, self.name.as_c_str(), self.mode).map(|()| 0)
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "makes system calls")]
    fn the_way_through_proc_does_the_same() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("file"), b"").unwrap();
        std::os::unix::fs::symlink("file", dir.path().join("link")).unwrap();
        let handle = std::fs::File::open(dir.path()).unwrap();
        through_proc(handle.as_fd(), c"file", 0o4711).unwrap();
        let stat = crate::plain::statx(&handle, c"file", AtFlags::empty(), crate::plain::STATX_ALL).unwrap();
        assert_eq!(stat.permissions(), 0o4711);
        let refused = through_proc(handle.as_fd(), c"link", 0o777).unwrap_err();
        assert_eq!(refused.raw_os_error(), Some(libc::EOPNOTSUPP));
    }
}
