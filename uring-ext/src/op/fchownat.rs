//! Owner and group: fchown(2), fchownat(2). No ring has it.

use std::ffi::CStr;
use std::io;
use std::os::fd::AsFd;

use rustix::fs::{AtFlags, Gid, Uid};

use super::{Name, Op, retry};

/// As a user or group number: leave it as it is.
pub const UNCHANGED: u32 = u32::MAX;

fn uid(raw: u32) -> Option<Uid> {
    (raw != UNCHANGED).then(|| Uid::from_raw(raw))
}

fn gid(raw: u32) -> Option<Gid> {
    (raw != UNCHANGED).then(|| Gid::from_raw(raw))
}

/// Sets owner and group of an open file; [`UNCHANGED`] leaves one as it is.
///
/// # Errors
/// Those of fchown(2).
pub fn fchown(fd: impl AsFd, owner: u32, group: u32) -> io::Result<()> {
    let fd = fd.as_fd();
    retry(|| rustix::fs::fchown(fd, uid(owner), gid(group)))
}

/// Sets owner and group of `name` in `dir`, of a symbolic link itself; [`UNCHANGED`] leaves one as it is.
///
/// # Errors
/// Those of fchownat(2).
pub fn fchownat(dir: impl AsFd, name: &CStr, owner: u32, group: u32) -> io::Result<()> {
    let dir = dir.as_fd();
    retry(|| rustix::fs::chownat(dir, name, uid(owner), gid(group), AtFlags::SYMLINK_NOFOLLOW))
}

/// fchownat(2) as an operation.
#[derive(Debug)]
pub struct FchownAt<D, N> {
    dir: D,
    name: N,
    owner: u32,
    group: u32,
}

impl<D: AsFd + 'static, N: Name> FchownAt<D, N> {
    /// Sets owner and group of `name` in `dir`.
    pub fn new(dir: D, name: N, owner: u32, group: u32) -> Self {
        FchownAt { dir, name, owner, group }
    }
}

// SAFETY: never native.
unsafe impl<D: AsFd + 'static, N: Name> Op for FchownAt<D, N> {
    type Output = ();
    const NAME: &'static str = "fchownat";
    const OPCODE: Option<u8> = None;

    fn emulate(&mut self) -> io::Result<u32> {
        fchownat(&self.dir, self.name.as_c_str(), self.owner, self.group).map(|()| 0)
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<()> {
        Ok(())
    }
}
