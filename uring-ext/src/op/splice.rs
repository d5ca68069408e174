//! Moving bytes between a pipe and a file without copying them: splice(2).

use std::io;
use std::os::fd::{AsFd, AsRawFd};

use io_uring::{opcode, types};
use rustix::pipe::SpliceFlags;

use super::{CALL_BYTES_MAX, Op, Sqe, retry};

/// One end of a splice.
#[derive(Debug, Clone, Copy)]
pub struct End<F> {
    /// The file or pipe.
    pub fd: F,
    /// Where in the file, in bytes; `None` for a pipe, or for the file's own position.
    pub offset: Option<u64>,
}

/// Moves up to `bytes` from one end to the other, one of which must be a pipe. Returns how many were moved.
///
/// # Errors
/// Those of splice(2).
pub fn splice<I: AsFd, O: AsFd>(from: &End<I>, to: &End<O>, bytes: usize) -> io::Result<usize> {
    retry(|| {
        let (mut read_at, mut write_at) = (from.offset, to.offset);
        let (input, output) = (from.fd.as_fd(), to.fd.as_fd());
        rustix::pipe::splice(input, read_at.as_mut(), output, write_at.as_mut(), bytes, SpliceFlags::empty())
    })
}

/// splice(2) as an operation.
#[derive(Debug)]
pub struct Splice<I, O> {
    from: End<I>,
    to: End<O>,
    bytes: u32,
}

impl<I: AsFd + 'static, O: AsFd + 'static> Splice<I, O> {
    /// Moves up to `bytes` from one end to the other.
    pub fn new(from: End<I>, to: End<O>, bytes: u32) -> Self {
        Splice { from, to, bytes: bytes.min(CALL_BYTES_MAX as u32) }
    }
}

// SAFETY: nothing is addressed: the ring takes offsets by value.
unsafe impl<I: AsFd + 'static, O: AsFd + 'static> Op for Splice<I, O> {
    type Output = usize;
    const NAME: &'static str = "splice";
    const OPCODE: Option<u8> = Some(opcode::Splice::CODE);

    fn native(&mut self) -> Sqe {
        let at = |offset: Option<u64>| offset.map_or(-1, u64::cast_signed);
        let (from, to) = (self.from.fd.as_fd().as_raw_fd(), self.to.fd.as_fd().as_raw_fd());
        let (from, to) = (types::Fd(from), types::Fd(to));
        opcode::Splice::new(from, at(self.from.offset), to, at(self.to.offset), self.bytes).build()
    }

    fn emulate(&mut self) -> io::Result<u32> {
        splice(&self.from, &self.to, self.bytes as usize)
            .map(|moved| u32::try_from(moved).unwrap_or(u32::MAX))
    }

    unsafe fn finish(self, answer: u32) -> io::Result<usize> {
        Ok(answer as usize)
    }
}
