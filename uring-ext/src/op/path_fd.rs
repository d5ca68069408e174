//! Changes to a file by its `O_PATH` descriptor, whatever its kind and whoever renames it meanwhile. fchown(2) and the
//! others refuse such descriptors (open(2), `O_PATH`), and so the calls say `AT_EMPTY_PATH`, or go through
//! /proc/self/fd, which not every chroot has: the extended attributes always, permissions before Linux 6.6, times
//! before 5.8. No ring has them.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd};

use rustix::fs::{AtFlags, CWD, Gid, Mode, Uid, XattrFlags};
use rustix::io::Errno;

use super::fchmodat::{have_fchmodat2, raw_fchmodat2};
use super::fchownat::UNCHANGED;
use super::known::Known;
use super::linkat::proc_path;
use super::retry;
use super::utimensat::TimesSet;
use super::xattr::fill;

/// Whether the kernel has utimensat(2) with `AT_EMPTY_PATH` (Linux 5.8).
static EMPTY_PATH_TIMES: Known = Known::new();

/// Sets owner and group; [`UNCHANGED`] leaves one as it is.
///
/// # Errors
/// Those of fchownat(2).
pub fn chown_path_fd(file: impl AsFd, owner: u32, group: u32) -> io::Result<()> {
    let file = file.as_fd();
    let owner = (owner != UNCHANGED).then(|| Uid::from_raw(owner));
    let group = (group != UNCHANGED).then(|| Gid::from_raw(group));
    retry(|| rustix::fs::chownat(file, c"", owner, group, AtFlags::EMPTY_PATH))
}

/// Sets permission bits.
///
/// # Errors
/// Those of chmod(2); EOPNOTSUPP for a symbolic link; before Linux 6.6 ENOENT where /proc is not mounted.
pub fn chmod_path_fd(file: impl AsFd, mode: u32) -> io::Result<()> {
    let file = file.as_fd();
    if have_fchmodat2() {
        return retry(|| raw_fchmodat2(file.as_raw_fd(), c"", mode, libc::AT_EMPTY_PATH));
    }
    let path = proc_path(file);
    retry(|| rustix::fs::chmodat(CWD, &*path, Mode::from_raw_mode(mode), AtFlags::empty()))
}

/// Sets times.
///
/// # Errors
/// Those of utimensat(2); before Linux 5.8 ENOENT where /proc is not mounted.
pub fn utimens_path_fd(file: impl AsFd, times: TimesSet) -> io::Result<()> {
    let (file, times) = (file.as_fd(), times.raw());
    if EMPTY_PATH_TIMES.present(probe_empty_path_times) {
        return retry(|| rustix::fs::utimensat(file, c"", &times, AtFlags::EMPTY_PATH));
    }
    let path = proc_path(file);
    retry(|| rustix::fs::utimensat(CWD, &*path, &times, AtFlags::empty()))
}

/// A kernel that does not know the flag says EINVAL before it looks at the descriptor, which cannot exist.
fn probe_empty_path_times() -> Option<i32> {
    // Two times to be left would be nothing to look at anything for.
    let times = [libc::timespec { tv_sec: 0, tv_nsec: libc::UTIME_NOW }; 2];
    let flags = libc::AT_EMPTY_PATH;
    // SAFETY: the name ends in NUL, and the kernel reads two times.
    let answer = unsafe { libc::utimensat(-1, c"".as_ptr(), times.as_ptr(), flags) };
    let error = (answer < 0).then(|| io::Error::last_os_error().raw_os_error()).flatten();
    if error == Some(libc::EINVAL) { Some(Errno::NOSYS.raw_os_error()) } else { error }
}

/// Puts the names of extended attributes into `list`, each ended by a NUL.
///
/// # Errors
/// Those of listxattr(2); ENOENT where /proc is not mounted, as for all of these.
pub fn listxattr_path_fd(file: impl AsFd, list: &mut Vec<u8>) -> io::Result<()> {
    let path = proc_path(file.as_fd());
    fill(list, |room| rustix::fs::listxattr(&*path, room))
}

/// Puts the value of attribute `key` into `value`.
///
/// # Errors
/// Those of getxattr(2).
pub fn getxattr_path_fd(file: impl AsFd, key: &CStr, value: &mut Vec<u8>) -> io::Result<()> {
    let path = proc_path(file.as_fd());
    fill(value, |room| rustix::fs::getxattr(&*path, key, room))
}

/// Sets attribute `key`, made or replaced.
///
/// # Errors
/// Those of setxattr(2).
pub fn setxattr_path_fd(file: impl AsFd, key: &CStr, value: &[u8]) -> io::Result<()> {
    let path = proc_path(file.as_fd());
    retry(|| rustix::fs::setxattr(&*path, key, value, XattrFlags::empty()))
}

/// Removes attribute `key`.
///
/// # Errors
/// Those of removexattr(2).
pub fn removexattr_path_fd(file: impl AsFd, key: &CStr) -> io::Result<()> {
    let path = proc_path(file.as_fd());
    retry(|| rustix::fs::removexattr(&*path, key))
}

#[cfg(test)]
mod tests {
    use std::os::fd::OwnedFd;

    use super::super::openat2::openat;
    use rustix::fs::OFlags;

    use super::super::statx::statx_fd;
    use super::super::utimensat::TimeSet;
    use super::*;

    fn held(dir: &std::fs::File, name: &CStr) -> OwnedFd {
        openat(dir, name, OFlags::PATH | OFlags::NOFOLLOW, 0).unwrap()
    }

    #[test]
    #[cfg_attr(miri, ignore = "makes system calls")]
    fn the_file_is_changed_that_is_held() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("file"), b"").unwrap();
        std::os::unix::fs::symlink("file", dir.path().join("link")).unwrap();
        let handle = std::fs::File::open(dir.path()).unwrap();
        let (file, link) = (held(&handle, c"file"), held(&handle, c"link"));
        // Under its name there is something else by now.
        std::fs::rename(dir.path().join("file"), dir.path().join("away")).unwrap();
        std::fs::write(dir.path().join("file"), b"").unwrap();
        let other = statx_fd(held(&handle, c"file")).unwrap();
        let times = TimesSet { atime: TimeSet::Omit, mtime: TimeSet::At { sec: 7, nsec: 8 } };
        chmod_path_fd(&file, 0o4711).unwrap();
        chown_path_fd(&file, UNCHANGED, UNCHANGED).unwrap();
        utimens_path_fd(&file, times).unwrap();
        utimens_path_fd(&link, times).unwrap();
        let (file, link) = (statx_fd(file).unwrap(), statx_fd(link).unwrap());
        assert_eq!((file.mtime.sec, link.mtime.sec), (7, 7));
        assert!(link.is_symlink());
        let now = statx_fd(held(&handle, c"file")).unwrap();
        assert_eq!((now.mode, now.mtime), (other.mode, other.mtime));
    }

    #[test]
    #[cfg_attr(miri, ignore = "makes system calls")]
    fn links_have_no_permissions_and_files_have_attributes() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("file"), b"").unwrap();
        std::os::unix::fs::symlink("file", dir.path().join("link")).unwrap();
        let handle = std::fs::File::open(dir.path()).unwrap();
        let (file, link) = (held(&handle, c"file"), held(&handle, c"link"));
        assert_eq!(chmod_path_fd(&link, 0o777).unwrap_err().raw_os_error(), Some(libc::EOPNOTSUPP));
        let (mut list, mut value) = (Vec::new(), Vec::new());
        setxattr_path_fd(&file, c"user.x", b"1").unwrap();
        getxattr_path_fd(&file, c"user.x", &mut value).unwrap();
        listxattr_path_fd(&file, &mut list).unwrap();
        assert_eq!((&*value, &*list), (&b"1"[..], &b"user.x\0"[..]));
        removexattr_path_fd(&file, c"user.x").unwrap();
        listxattr_path_fd(&file, &mut list).unwrap();
        assert!(list.is_empty());
        // A link is not followed: it is no file that could have a user's attribute.
        assert!(setxattr_path_fd(&link, c"user.x", b"1").is_err());
    }
}
