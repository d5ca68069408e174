//! Sharing a part of a file's extents: ioctl_ficlonerange(2). No ring has it.

use std::io;
use std::os::fd::{AsFd, AsRawFd};

use super::Op;
use super::splice::End;

/// Makes `bytes` of `to` a clone of as many of `from`. Offsets are given, and like the length they are multiples of
/// the file system's blocks, unless the range ends where `from` ends.
///
/// # Errors
/// Those of ioctl_ficlonerange(2): EOPNOTSUPP or ENOTTY where there are no shared extents, EXDEV between file
/// systems, EINVAL for ranges that are not made of blocks.
pub fn ficlone_range<I: AsFd, O: AsFd>(from: &End<I>, to: &End<O>, bytes: u64) -> io::Result<()> {
    let range = libc::file_clone_range {
        src_fd: i64::from(from.fd.as_fd().as_raw_fd()),
        src_offset: from.offset.unwrap_or(0),
        src_length: bytes,
        dest_offset: to.offset.unwrap_or(0),
    };
    loop {
        // SAFETY: the kernel only reads the struct, which outlives the call.
        let answer = unsafe { libc::ioctl(to.fd.as_fd().as_raw_fd(), libc::FICLONERANGE, &raw const range) };
        if answer == 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// FICLONERANGE as an operation.
#[derive(Debug)]
pub struct FicloneRange<I, O> {
    from: End<I>,
    to: End<O>,
    bytes: u64,
}

impl<I: AsFd + 'static, O: AsFd + 'static> FicloneRange<I, O> {
    /// Makes `bytes` of `to` a clone of as many of `from`.
    pub fn new(from: End<I>, to: End<O>, bytes: u64) -> Self {
        FicloneRange { from, to, bytes }
    }
}

// SAFETY: never native.
unsafe impl<I: AsFd + 'static, O: AsFd + 'static> Op for FicloneRange<I, O> {
    type Output = ();
    const NAME: &'static str = "ficlone_range";
    const OPCODE: Option<u8> = None;

    fn emulate(&mut self) -> io::Result<u32> {
        ficlone_range(&self.from, &self.to, self.bytes).map(|()| 0)
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<()> {
        Ok(())
    }
}
