//! Closing a descriptor. A plain drop does the same; this one tells the error, and may be run by the ring.

use std::io;
use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd};

use io_uring::{opcode, types};

use super::{Op, Sqe};

/// Closes `fd` and says whether that went well (NFS and FUSE may report a late write error here).
///
/// # Errors
/// Those of close(2). The descriptor is gone in any case; EINTR counts as success.
pub fn close(fd: OwnedFd) -> io::Result<()> {
    // SAFETY: into_raw_fd gave up ownership, so the number is ours to close, once.
    if unsafe { libc::close(fd.into_raw_fd()) } == 0 {
        return Ok(());
    }
    let error = io::Error::last_os_error();
    if error.kind() == io::ErrorKind::Interrupted { Ok(()) } else { Err(error) }
}

/// close(2) as an operation.
#[derive(Debug)]
pub struct Close(Option<OwnedFd>);

impl Close {
    /// Closes `fd`.
    pub fn new(fd: OwnedFd) -> Self {
        Close(Some(fd))
    }
}

// SAFETY: nothing is addressed. Ownership of the number passes to the kernel when the entry is made; an entry that
// is made is always submitted, since the ring gives up no entry.
unsafe impl Op for Close {
    type Output = ();
    const NAME: &'static str = "close";
    const OPCODE: Option<u8> = Some(opcode::Close::CODE);

    fn native(&mut self) -> Sqe {
        let fd = self.0.take().map_or(-1, |fd| {
            let raw = fd.as_raw_fd();
            // From here on it is the kernel's to close.
            let _ = fd.into_raw_fd();
            raw
        });
        opcode::Close::new(types::Fd(fd)).build()
    }

    fn emulate(&mut self) -> io::Result<u32> {
        self.0.take().map_or(Ok(0), |fd| close(fd).map(|()| 0))
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<()> {
        Ok(())
    }
}
