//! Sending a file's data to the device: sync_file_range(2). The ring has it, but it blocks a kernel thread just as
//! well.

use std::io;
use std::os::fd::{AsFd, AsRawFd};

use rustix::io::Errno;

use super::fsync::fdatasync;
use super::retry;

/// Writes out the data of a file and waits until the device has it; neither metadata nor the device's own cache is
/// flushed, for which there is fsync(2). Where the file system cannot, fdatasync(2) does more.
///
/// # Errors
/// Those of sync_file_range(2) and fdatasync(2).
pub fn write_out(fd: impl AsFd) -> io::Result<()> {
    let fd = fd.as_fd();
    let flags =
        libc::SYNC_FILE_RANGE_WAIT_BEFORE | libc::SYNC_FILE_RANGE_WRITE | libc::SYNC_FILE_RANGE_WAIT_AFTER;
    // SAFETY: numbers only; the descriptor is open as long as `fd` lives.
    let call = || match unsafe { libc::sync_file_range(fd.as_raw_fd(), 0, 0, flags) } {
        0 => Ok(()),
        _ => Err(Errno::from_io_error(&io::Error::last_os_error()).unwrap_or(Errno::IO)),
    };
    match retry(call) {
        Err(error) if matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EINVAL | libc::ESPIPE)) => {
            fdatasync(fd)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "makes system calls")]
    fn data_is_written_out() {
        let file = tempfile::tempfile().unwrap();
        crate::plain::write_all_at(&file, b"data", 0).unwrap();
        write_out(&file).unwrap();
        let (reader, _writer) = std::io::pipe().unwrap();
        assert!(write_out(reader).is_err());
    }
}
