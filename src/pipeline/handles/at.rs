//! One file, open or by its name in an open directory, for calls that come in both forms.

use std::ffi::CStr;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

use uring_ext::mode::errno::EBADF;
use uring_ext::plain::{self, AtFlags, STATX_ALL, TimeSet, TimesSet};

use crate::entry::Meta;
use crate::pipeline::attributes::acl;
use crate::pipeline::attributes::xattr::ACL_DEFAULT;
use crate::plan::Plan;

/// A name in an open directory.
#[derive(Debug, Clone, Copy)]
pub struct NameIn<'a> {
    /// The directory.
    pub dir: BorrowedFd<'a>,
    /// The name.
    pub name: &'a CStr,
}

impl<'a> NameIn<'a> {
    /// What has the name, links not followed.
    #[must_use]
    pub const fn at(self) -> At<'a> {
        At::Name(self.dir, self.name)
    }
}

/// The file whose attributes are set or read: open, or by its name in an open directory.
#[derive(Debug, Clone, Copy)]
pub enum At<'a> {
    /// An open file.
    Fd(BorrowedFd<'a>),
    /// One held by an `O_PATH` handle, whatever it is.
    PathFd(BorrowedFd<'a>),
    /// A name, links not followed.
    Name(BorrowedFd<'a>, &'a CStr),
}

impl At<'_> {
    /// What it is.
    ///
    /// # Errors
    /// Those of statx(2).
    pub fn look(self) -> io::Result<Meta> {
        let st = match self {
            At::Fd(fd) | At::PathFd(fd) => plain::statx_fd(fd),
            At::Name(dir, name) => plain::statx(dir, name, AtFlags::SYMLINK_NOFOLLOW, STATX_ALL),
        };
        st.map(|st| Meta::from(&st))
    }

    /// Sets owner and group.
    ///
    /// # Errors
    /// Those of chown(2).
    pub fn chown(self, uid: u32, gid: u32) -> io::Result<()> {
        match self {
            At::Fd(fd) => match plain::fchown(fd, uid, gid) {
                Err(error) if is_good_for_names_only(&error) => plain::chown_path_fd(fd, uid, gid),
                done => done,
            },
            At::PathFd(fd) => plain::chown_path_fd(fd, uid, gid),
            At::Name(dir, name) => plain::fchownat(dir, name, uid, gid),
        }
    }

    /// Sets the permission bits.
    ///
    /// # Errors
    /// Those of chmod(2).
    pub fn chmod(self, mode: u32) -> io::Result<()> {
        match self {
            At::Fd(fd) => match plain::fchmod(fd, mode) {
                Err(error) if is_good_for_names_only(&error) => plain::chmod_path_fd(fd, mode),
                done => done,
            },
            At::PathFd(fd) => plain::chmod_path_fd(fd, mode),
            At::Name(dir, name) => plain::fchmodat(dir, name, mode),
        }
    }

    /// Sets times, as the file system of the destination takes them.
    ///
    /// # Errors
    /// Those of utimensat(2).
    pub fn set_times(self, plan: &Plan, mut times: TimesSet) -> io::Result<()> {
        if plan.fuse && [times.atime, times.mtime].contains(&TimeSet::Omit) {
            // Some FUSE file systems (bindfs) take "leave it" for one time as "now" for both, and report success.
            let now = self.look()?;
            let told = |time, now| if time == TimeSet::Omit { TimeSet::from(now) } else { time };
            times = TimesSet { atime: told(times.atime, now.atime), mtime: told(times.mtime, now.mtime) };
        }
        match self {
            At::Fd(fd) => match plain::futimens(fd, times) {
                Err(error) if is_good_for_names_only(&error) => plain::utimens_path_fd(fd, times),
                done => done,
            },
            At::PathFd(fd) => plain::utimens_path_fd(fd, times),
            At::Name(dir, name) => plain::utimensat(dir, name, times),
        }
    }

    /// The names of extended attributes, each ended by NUL.
    ///
    /// # Errors
    /// Those of listxattr(2).
    pub fn list_xattrs(self, list: &mut Vec<u8>) -> io::Result<()> {
        match self {
            At::Fd(fd) => match plain::flistxattr(fd, list) {
                Err(error) if is_good_for_names_only(&error) => plain::listxattr_path_fd(fd, list),
                listed => listed,
            },
            At::PathFd(fd) => plain::listxattr_path_fd(fd, list),
            At::Name(dir, name) => plain::listxattrat(dir, name, list),
        }
    }

    /// One value.
    ///
    /// # Errors
    /// Those of getxattr(2).
    pub fn get_xattr(self, key: &CStr, value: &mut Vec<u8>) -> io::Result<()> {
        match self {
            At::Fd(fd) => match plain::fgetxattr(fd, key, value) {
                Err(error) if is_good_for_names_only(&error) => plain::getxattr_path_fd(fd, key, value),
                got => got,
            },
            At::PathFd(fd) => plain::getxattr_path_fd(fd, key, value),
            At::Name(dir, name) => plain::getxattrat(dir, name, key, value),
        }
    }

    /// Sets one value.
    ///
    /// # Errors
    /// Those of setxattr(2).
    pub fn set_xattr(self, key: &CStr, value: &[u8]) -> io::Result<()> {
        match self {
            At::Fd(fd) => plain::fsetxattr(fd, key, value),
            At::PathFd(fd) => plain::setxattr_path_fd(fd, key, value),
            At::Name(dir, name) => plain::setxattrat(dir, name, key, value),
        }
    }

    /// Removes one.
    ///
    /// # Errors
    /// Those of removexattr(2).
    pub fn remove_xattr(self, key: &CStr) -> io::Result<()> {
        match self {
            At::Fd(fd) => plain::fremovexattr(fd, key),
            At::PathFd(fd) => plain::removexattr_path_fd(fd, key),
            At::Name(dir, name) => plain::removexattrat(dir, name, key),
        }
    }
}

/// What an open directory says that may be searched and not be read (`O_PATH`).
pub fn is_good_for_names_only(error: &io::Error) -> bool {
    error.raw_os_error() == Some(EBADF)
}

/// The permissions of a directory that nobody has others for: a default ACL counts in place of the umask.
#[must_use]
pub fn bits_below(above: &OwnedFd, umask: u32) -> u32 {
    if default_acl(above).is_some() { 0o777 } else { 0o777 & !umask }
}

/// The bits that the default ACL of a directory takes away from what is made in it; `None` when it has none.
#[must_use]
pub fn umask_by_acl(dir: &OwnedFd) -> Option<u32> {
    acl::umask_of_default(&default_acl(dir)?)
}

fn default_acl(dir: &OwnedFd) -> Option<Vec<u8>> {
    let mut acl = Vec::new();
    plain::fgetxattr(dir, ACL_DEFAULT, &mut acl).ok()?;
    Some(acl)
}
