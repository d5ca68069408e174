//! Writing to a file from a buffer: write(2) and pwrite(2).

use std::io;
use std::os::fd::{AsFd, AsRawFd};

use io_uring::{opcode, types};

use super::{CALL_BYTES_MAX, Op, Sqe, retry};
use crate::buf::IoBuf;
use crate::cache;

/// Writes at the file's own position. Returns the number of bytes taken, perhaps fewer than given.
///
/// # Errors
/// Those of write(2).
pub fn write(fd: impl AsFd, bytes: &[u8]) -> io::Result<usize> {
    let fd = fd.as_fd();
    retry(|| rustix::io::write(fd, bytes))
}

/// Writes at `offset` bytes, without moving the file's position. Returns the number of bytes taken.
///
/// # Errors
/// Those of pwrite(2).
pub fn pwrite(fd: impl AsFd, bytes: &[u8], offset: u64) -> io::Result<usize> {
    let fd = fd.as_fd();
    #[cfg(feature = "faults")]
    let bytes = &bytes[..crate::faults::shorten("write", bytes.len())];
    #[cfg(feature = "faults")]
    let flipped = crate::faults::flipped("write", bytes);
    #[cfg(feature = "faults")]
    let bytes = flipped.as_deref().unwrap_or(bytes);
    if let Some(flags) = cache::flags() {
        match retry(|| rustix::io::pwritev2(fd, &[io::IoSlice::new(bytes)], offset, flags)) {
            Err(error) if cache::knows_not(&error) => cache::note_left_write(),
            written => return written,
        }
    }
    retry(|| rustix::io::pwrite(fd, bytes, offset))
}

/// Writes all of `bytes` at the file's own position.
///
/// # Errors
/// Those of write(2); a file that takes nothing is `WriteZero`.
pub fn write_all(fd: impl AsFd, mut bytes: &[u8]) -> io::Result<()> {
    let fd = fd.as_fd();
    while !bytes.is_empty() {
        match write(fd, bytes)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            taken => bytes = &bytes[taken..],
        }
    }
    Ok(())
}

/// Writes all of `bytes` from `offset`.
///
/// # Errors
/// Those of pwrite(2); a file that takes nothing is `WriteZero`.
pub fn write_all_at(fd: impl AsFd, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    let fd = fd.as_fd();
    while !bytes.is_empty() {
        match pwrite(fd, bytes, offset)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            taken => {
                bytes = &bytes[taken..];
                offset += taken as u64;
            }
        }
    }
    Ok(())
}

/// pwrite(2) as an operation: takes the buffer, gives it back with the number of bytes taken.
#[derive(Debug)]
pub struct Write<F, B> {
    to: F,
    buf: B,
    offset: u64,
}

impl<F: AsFd + 'static, B: IoBuf> Write<F, B> {
    /// Writes the buffer's filled part at `offset` bytes.
    pub fn new(to: F, buf: B, offset: u64) -> Self {
        Write { to, buf, offset }
    }
}

// SAFETY: the buffer is an `IoBuf`: its memory stays put and is ours until it is given back.
unsafe impl<F: AsFd + 'static, B: IoBuf> Op for Write<F, B> {
    type Output = (B, usize);
    const NAME: &'static str = "write";
    const OPCODE: Option<u8> = Some(opcode::Write::CODE);

    fn native(&mut self) -> Sqe {
        let fd = types::Fd(self.to.as_fd().as_raw_fd());
        let len = u32::try_from(self.buf.filled().len().min(CALL_BYTES_MAX)).unwrap_or(u32::MAX);
        opcode::Write::new(fd, self.buf.start().cast_const(), len).offset(self.offset).build()
    }

    fn emulate(&mut self) -> io::Result<u32> {
        let filled = self.buf.filled();
        let taken = pwrite(&self.to, &filled[..filled.len().min(CALL_BYTES_MAX)], self.offset)?;
        Ok(u32::try_from(taken).unwrap_or(u32::MAX))
    }

    unsafe fn finish(self, answer: u32) -> io::Result<(B, usize)> {
        Ok((self.buf, answer as usize))
    }
}
