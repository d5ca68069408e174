//! Reading from a file into a buffer: read(2) and pread(2).

use std::io;
use std::os::fd::AsFd;

use io_uring::{opcode, types};

use super::{CALL_BYTES_MAX, Op, Sqe, retry};
use crate::buf::IoBuf;
use crate::cache;
use crate::fd::{Source, Target};

/// Reads at the file's own position. Returns the number of bytes, 0 at the end.
///
/// # Errors
/// Those of read(2).
pub fn read(fd: impl AsFd, buf: &mut [u8]) -> io::Result<usize> {
    let fd = fd.as_fd();
    #[cfg(feature = "faults")]
    let (buf, _) = buf.split_at_mut(crate::faults::shorten("read", buf.len()));
    retry(|| rustix::io::read(fd, &mut *buf))
}

/// Reads at `offset` bytes, without moving the file's position. Returns the number of bytes, 0 at the end.
///
/// # Errors
/// Those of pread(2).
pub fn pread(fd: impl AsFd, buf: &mut [u8], offset: u64) -> io::Result<usize> {
    let fd = fd.as_fd();
    #[cfg(feature = "faults")]
    let (buf, _) = buf.split_at_mut(crate::faults::shorten("read", buf.len()));
    if let Some(flags) = cache::flags() {
        match retry(|| rustix::io::preadv2(fd, &mut [io::IoSliceMut::new(&mut *buf)], offset, flags)) {
            Err(error) if cache::knows_not(&error) => {}
            read => return read,
        }
    }
    retry(|| rustix::io::pread(fd, &mut *buf, offset))
}

/// Reads from `offset` until `buf` is full or the file ends; short reads go on. Returns the number of bytes.
///
/// # Errors
/// Those of pread(2); what was read before is lost to the caller then.
pub fn read_full_at(fd: impl AsFd, buf: &mut [u8], offset: u64) -> io::Result<usize> {
    let fd = fd.as_fd();
    let mut done = 0;
    while done < buf.len() {
        match pread(fd, &mut buf[done..], offset + done as u64)? {
            0 => break,
            bytes => done += bytes,
        }
    }
    Ok(done)
}

/// pread(2) as an operation: takes the buffer, gives it back with its length set to what was read. May read less than
/// the buffer holds; at the end of the file the length is 0.
#[derive(Debug)]
pub struct Read<F, B> {
    from: F,
    buf: B,
    offset: u64,
}

impl<F: Source, B: IoBuf> Read<F, B> {
    /// Reads up to the buffer's capacity from `offset` bytes.
    pub fn new(from: F, buf: B, offset: u64) -> Self {
        Read { from, buf, offset }
    }
}

// SAFETY: the buffer is an `IoBuf`: its memory stays put and is ours until it is given back.
unsafe impl<F: Source, B: IoBuf> Op for Read<F, B> {
    type Output = B;
    const NAME: &'static str = "read";
    const OPCODE: Option<u8> = Some(opcode::Read::CODE);

    fn native(&mut self) -> Sqe {
        let len = u32::try_from(self.buf.capacity().min(CALL_BYTES_MAX)).unwrap_or(u32::MAX);
        let start = self.buf.start();
        let flags = cache::flags().map_or(0, |flags| flags.bits().cast_signed());
        let read = match self.from.target() {
            Target::Fd(fd) => opcode::Read::new(types::Fd(fd), start, len),
            Target::Slot(slot) => opcode::Read::new(types::Fixed(slot), start, len),
        };
        read.offset(self.offset).rw_flags(flags).build()
    }

    fn emulate(&mut self) -> io::Result<u32> {
        let fd = self.from.plain()?;
        let room = self.buf.capacity().min(CALL_BYTES_MAX);
        let bytes = pread(fd, &mut self.buf.room()[..room], self.offset)?;
        Ok(u32::try_from(bytes).unwrap_or(u32::MAX))
    }

    unsafe fn finish(mut self, answer: u32) -> io::Result<B> {
        self.buf.set_len(answer as usize);
        Ok(self.buf)
    }
}
