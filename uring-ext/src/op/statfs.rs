//! What file system something is on, and how full: fstatfs(2). No ring has it.

use std::ffi::CStr;
use std::io;
use std::os::fd::AsFd;

use super::{Op, retry};

/// What fstatfs(2) said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatFs {
    /// The kind of file system, as linux/magic.h numbers them; some are in [`crate::mode`].
    pub magic: u32,
    /// The unit of the block counts, in bytes.
    pub block_bytes: u64,
    /// Blocks in all.
    pub blocks: u64,
    /// Blocks free for an ordinary user.
    pub blocks_available: u64,
    /// Inodes in all; 0 when the file system makes them as needed.
    pub inodes: u64,
    /// Inodes free.
    pub inodes_free: u64,
}

impl From<rustix::fs::StatFs> for StatFs {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "magic numbers have 32 bits, and block sizes are positive"
    )]
    fn from(raw: rustix::fs::StatFs) -> Self {
        StatFs {
            magic: raw.f_type as u32,
            block_bytes: raw.f_bsize as u64,
            blocks: raw.f_blocks,
            blocks_available: raw.f_bavail,
            inodes: raw.f_files,
            inodes_free: raw.f_ffree,
        }
    }
}

/// The file system of an open file.
///
/// # Errors
/// Those of fstatfs(2).
pub fn fstatfs(fd: impl AsFd) -> io::Result<StatFs> {
    let fd = fd.as_fd();
    retry(|| rustix::fs::fstatfs(fd)).map(StatFs::from)
}

/// The file system of a path that a person typed, symbolic links followed.
///
/// # Errors
/// Those of statfs(2).
pub fn statfs(path: &CStr) -> io::Result<StatFs> {
    retry(|| rustix::fs::statfs(path)).map(StatFs::from)
}

/// fstatfs(2) as an operation.
#[derive(Debug)]
pub struct FstatFs<F> {
    fd: F,
    found: Option<StatFs>,
}

impl<F: AsFd + 'static> FstatFs<F> {
    /// The file system of `fd`.
    pub fn new(fd: F) -> Self {
        FstatFs { fd, found: None }
    }
}

// SAFETY: never native.
unsafe impl<F: AsFd + 'static> Op for FstatFs<F> {
    type Output = StatFs;
    const NAME: &'static str = "fstatfs";
    const OPCODE: Option<u8> = None;

    fn emulate(&mut self) -> io::Result<u32> {
        self.found = Some(fstatfs(&self.fd)?);
        Ok(0)
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<StatFs> {
        self.found.ok_or_else(|| io::ErrorKind::InvalidData.into())
    }
}
