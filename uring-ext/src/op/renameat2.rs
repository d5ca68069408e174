//! Renaming: renameat2(2). Native since Linux 5.11.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd};

use io_uring::{opcode, types};
use rustix::fs::RenameFlags;

use super::{Name, Op, Sqe, retry};

/// Renames `old` in `old_dir` to `new` in `new_dir`, replacing what is there unless `NOREPLACE`.
///
/// # Errors
/// Those of renameat2(2).
pub fn renameat2(
    old_dir: impl AsFd,
    old: &CStr,
    new_dir: impl AsFd,
    new: &CStr,
    flags: RenameFlags,
) -> io::Result<()> {
    let (old_dir, new_dir) = (old_dir.as_fd(), new_dir.as_fd());
    retry(|| rustix::fs::renameat_with(old_dir, old, new_dir, new, flags))
}

/// renameat2(2) as an operation.
#[derive(Debug)]
pub struct RenameAt2<D, E, N, M> {
    old_dir: D,
    old_name: N,
    new_dir: E,
    new_name: M,
    flags: RenameFlags,
}

impl<D: AsFd + 'static, E: AsFd + 'static, N: Name, M: Name> RenameAt2<D, E, N, M> {
    /// Renames `old_name` in `old_dir` to `new_name` in `new_dir`.
    pub fn new(old_dir: D, old_name: N, new_dir: E, new_name: M, flags: RenameFlags) -> Self {
        RenameAt2 { old_dir, old_name, new_dir, new_name, flags }
    }
}

// SAFETY: both names are `Name`s.
unsafe impl<D: AsFd + 'static, E: AsFd + 'static, N: Name, M: Name> Op for RenameAt2<D, E, N, M> {
    type Output = ();
    const NAME: &'static str = "renameat2";
    const OPCODE: Option<u8> = Some(opcode::RenameAt::CODE);

    fn native(&mut self) -> Sqe {
        let (old, new) = (self.old_dir.as_fd().as_raw_fd(), self.new_dir.as_fd().as_raw_fd());
        let (old_name, new_name) = (self.old_name.as_c_str().as_ptr(), self.new_name.as_c_str().as_ptr());
        opcode::RenameAt::new(types::Fd(old), old_name, types::Fd(new), new_name)
            .flags(self.flags.bits())
            .build()
    }

    fn emulate(&mut self) -> io::Result<u32> {
        let (old_name, new_name) = (self.old_name.as_c_str(), self.new_name.as_c_str());
        renameat2(&self.old_dir, old_name, &self.new_dir, new_name, self.flags).map(|()| 0)
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<()> {
        Ok(())
    }
}
