//! What the four extended-attribute operations share: reaching a name without following it, and growing buffers.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use rustix::io::Errno;

use super::known::Known;
use super::persist;

/// Attribute values and lists are no longer than this, xattr(7).
pub(crate) const XATTR_BYTES_MAX: usize = 65_536;
const FIRST_BYTES: usize = 256;

/// The numbers are the same on every architecture whose numbers start at the common table.
pub(crate) const SYS_SETXATTRAT: libc::c_long = 463;
pub(crate) const SYS_GETXATTRAT: libc::c_long = 464;
pub(crate) const SYS_LISTXATTRAT: libc::c_long = 465;
pub(crate) const SYS_REMOVEXATTRAT: libc::c_long = 466;

/// Whether the kernel has the four `…xattrat` calls (Linux 6.13); they came together.
static XATTRAT: Known = Known::new();

/// `struct xattr_args` of linux/xattr.h.
#[repr(C, align(8))]
pub(crate) struct XattrArgs {
    pub(crate) value: u64,
    pub(crate) size: u32,
    pub(crate) flags: u32,
}

pub(crate) fn have_xattrat() -> bool {
    XATTRAT.present(|| {
        // SAFETY: descriptor -1 is no directory, so the kernel answers EBADF before it writes; the list has no room.
        let answer = unsafe {
            libc::syscall(
                SYS_LISTXATTRAT,
                -1,
                c"x".as_ptr(),
                libc::AT_SYMLINK_NOFOLLOW,
                std::ptr::null_mut::<u8>(),
                0,
            )
        };
        if answer < 0 { io::Error::last_os_error().raw_os_error() } else { None }
    })
}

/// A path to `name` in `dir` for the `l…xattr` calls: only its last component could be a link, and they don't follow.
pub(crate) fn path_of(dir: BorrowedFd<'_>, name: &CStr) -> rustix::io::Result<CString> {
    if dir.as_raw_fd() == libc::AT_FDCWD {
        return Ok(name.to_owned());
    }
    let mut path = format!("/proc/self/fd/{}/", dir.as_raw_fd()).into_bytes();
    path.extend_from_slice(name.to_bytes());
    CString::new(path).map_err(|_| Errno::INVAL)
}

/// The answer of a raw system call.
pub(crate) fn answer(value: libc::c_long) -> rustix::io::Result<usize> {
    usize::try_from(value).map_err(|_| Errno::from_io_error(&io::Error::last_os_error()).unwrap_or(Errno::IO))
}

/// Calls `get` with ever more room until the answer fits, and leaves just the answer in `buf`.
#[cfg_attr(feature = "faults", track_caller)]
pub(crate) fn fill(
    buf: &mut Vec<u8>,
    mut get: impl FnMut(&mut [u8]) -> rustix::io::Result<usize>,
) -> io::Result<()> {
    #[cfg(feature = "faults")]
    let name = crate::faults::caller();
    #[cfg(feature = "faults")]
    let mut get = |room: &mut [u8]| crate::faults::strike(name).map_or_else(|| get(room), Err);
    let mut room = buf.capacity().clamp(FIRST_BYTES, XATTR_BYTES_MAX);
    loop {
        buf.resize(room, 0);
        match persist(|| get(buf)) {
            Ok(bytes) => {
                buf.truncate(bytes);
                return Ok(());
            }
            Err(error) if error.raw_os_error() == Some(libc::ERANGE) && room < XATTR_BYTES_MAX => {
                room = (room * 8).min(XATTR_BYTES_MAX);
            }
            Err(error) => {
                buf.clear();
                return Err(error);
            }
        }
    }
}
