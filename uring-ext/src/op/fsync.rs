//! Making a file's data durable: fsync(2) and fdatasync(2).

use std::io;
use std::os::fd::{AsFd, AsRawFd};

use io_uring::{opcode, types};

use super::{Op, Sqe, retry};

/// Waits until data and metadata of `fd` are on the device.
///
/// # Errors
/// Those of fsync(2).
pub fn fsync(fd: impl AsFd) -> io::Result<()> {
    let fd = fd.as_fd();
    retry(|| rustix::fs::fsync(fd))
}

/// Waits until the data of `fd`, and what is needed to read it, are on the device.
///
/// # Errors
/// Those of fdatasync(2).
pub fn fdatasync(fd: impl AsFd) -> io::Result<()> {
    let fd = fd.as_fd();
    retry(|| rustix::fs::fdatasync(fd))
}

/// What [`Fsync`] waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durable {
    /// The data, fdatasync(2).
    Data,
    /// The data and every attribute, fsync(2).
    All,
}

/// fsync(2) or fdatasync(2) as an operation.
#[derive(Debug)]
pub struct Fsync<F> {
    fd: F,
    what: Durable,
}

impl<F: AsFd + 'static> Fsync<F> {
    /// Makes `what` of `fd` durable.
    pub fn new(fd: F, what: Durable) -> Self {
        Fsync { fd, what }
    }
}

// SAFETY: nothing is addressed.
unsafe impl<F: AsFd + 'static> Op for Fsync<F> {
    type Output = ();
    const NAME: &'static str = "fsync";
    const OPCODE: Option<u8> = Some(opcode::Fsync::CODE);

    fn native(&mut self) -> Sqe {
        let flags = match self.what {
            Durable::Data => types::FsyncFlags::DATASYNC,
            Durable::All => types::FsyncFlags::empty(),
        };
        opcode::Fsync::new(types::Fd(self.fd.as_fd().as_raw_fd())).flags(flags).build()
    }

    fn emulate(&mut self) -> io::Result<u32> {
        match self.what {
            Durable::Data => fdatasync(&self.fd),
            Durable::All => fsync(&self.fd),
        }
        .map(|()| 0)
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<()> {
        Ok(())
    }
}
