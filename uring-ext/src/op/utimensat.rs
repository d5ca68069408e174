//! Times: futimens(3), utimensat(2). No ring has it.

use std::ffi::CStr;
use std::io;
use std::os::fd::AsFd;

use rustix::fs::{AtFlags, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT};

use super::{Name, Op, retry};

/// What to do with one of the two times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeSet {
    /// Leave it.
    Omit,
    /// Set it to now, by the kernel's clock.
    Now,
    /// Set it to this moment.
    At {
        /// Seconds since 1970, negative before.
        sec: i64,
        /// Nanoseconds past `sec`, below 1,000,000,000.
        nsec: u32,
    },
}

impl TimeSet {
    fn raw(self) -> Timespec {
        match self {
            TimeSet::Omit => Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
            TimeSet::Now => Timespec { tv_sec: 0, tv_nsec: UTIME_NOW },
            TimeSet::At { sec, nsec } => Timespec { tv_sec: sec, tv_nsec: i64::from(nsec) as _ },
        }
    }
}

impl From<super::statx::Time> for TimeSet {
    fn from(time: super::statx::Time) -> Self {
        TimeSet::At { sec: time.sec, nsec: time.nsec }
    }
}

/// What to do with access and modification time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimesSet {
    /// The last read.
    pub atime: TimeSet,
    /// The last change of the data.
    pub mtime: TimeSet,
}

impl TimesSet {
    pub(super) fn raw(self) -> Timestamps {
        Timestamps { last_access: self.atime.raw(), last_modification: self.mtime.raw() }
    }
}

/// Sets the times of an open file.
///
/// # Errors
/// Those of futimens(3).
pub fn futimens(fd: impl AsFd, times: TimesSet) -> io::Result<()> {
    let (fd, times) = (fd.as_fd(), times.raw());
    retry(|| rustix::fs::futimens(fd, &times))
}

/// Sets the times of `name` in `dir`, of a symbolic link itself.
///
/// # Errors
/// Those of utimensat(2).
pub fn utimensat(dir: impl AsFd, name: &CStr, times: TimesSet) -> io::Result<()> {
    let (dir, times) = (dir.as_fd(), times.raw());
    retry(|| rustix::fs::utimensat(dir, name, &times, AtFlags::SYMLINK_NOFOLLOW))
}

/// utimensat(2) as an operation.
#[derive(Debug)]
pub struct UtimensAt<D, N> {
    dir: D,
    name: N,
    times: TimesSet,
}

impl<D: AsFd + 'static, N: Name> UtimensAt<D, N> {
    /// Sets the times of `name` in `dir`.
    pub fn new(dir: D, name: N, times: TimesSet) -> Self {
        UtimensAt { dir, name, times }
    }
}

// SAFETY: never native.
unsafe impl<D: AsFd + 'static, N: Name> Op for UtimensAt<D, N> {
    type Output = ();
    const NAME: &'static str = "utimensat";
    const OPCODE: Option<u8> = None;

    fn emulate(&mut self) -> io::Result<u32> {
        utimensat(&self.dir, self.name.as_c_str(), self.times).map(|()| 0)
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<()> {
        Ok(())
    }
}
