//! Copying within the kernel, by shared extents where the file system has them: copy_file_range(2). No ring has it.

use std::io;
use std::os::fd::AsFd;

use super::splice::End;
use super::{CALL_BYTES_MAX, Op, retry};

/// Copies up to `bytes` (2 GiB at a time) from one file to the other. Returns how many, 0 at the end of `from`.
/// Offsets are given, the files' own positions do not move; `None` uses and moves the position.
///
/// # Errors
/// Those of copy_file_range(2): EXDEV between file systems that cannot, EOPNOTSUPP, EINVAL for special files.
pub fn copy_file_range<I: AsFd, O: AsFd>(from: &End<I>, to: &End<O>, bytes: usize) -> io::Result<usize> {
    retry(|| {
        let (mut read_at, mut write_at) = (from.offset, to.offset);
        let (input, output) = (from.fd.as_fd(), to.fd.as_fd());
        let bytes = bytes.min(CALL_BYTES_MAX);
        rustix::fs::copy_file_range(input, read_at.as_mut(), output, write_at.as_mut(), bytes)
    })
}

/// copy_file_range(2) as an operation.
#[derive(Debug)]
pub struct CopyFileRange<I, O> {
    from: End<I>,
    to: End<O>,
    bytes: usize,
}

impl<I: AsFd + 'static, O: AsFd + 'static> CopyFileRange<I, O> {
    /// Copies up to `bytes`.
    pub fn new(from: End<I>, to: End<O>, bytes: usize) -> Self {
        CopyFileRange { from, to, bytes }
    }
}

// SAFETY: never native.
unsafe impl<I: AsFd + 'static, O: AsFd + 'static> Op for CopyFileRange<I, O> {
    type Output = usize;
    const NAME: &'static str = "copy_file_range";
    const OPCODE: Option<u8> = None;

    fn emulate(&mut self) -> io::Result<u32> {
        copy_file_range(&self.from, &self.to, self.bytes)
            .map(|copied| u32::try_from(copied).unwrap_or(u32::MAX))
    }

    unsafe fn finish(self, answer: u32) -> io::Result<usize> {
        Ok(answer as usize)
    }
}
