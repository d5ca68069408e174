//! Refusing system calls, to see what a program does where io_uring is forbidden or unknown.

use std::io;

/// The number of io_uring_setup(2), without which there is no ring.
pub const IO_URING_SETUP: u32 = 425;

/// The number of unshare(2), which containers forbid as well.
pub const UNSHARE: u32 = libc::SYS_unshare as u32;

/// From now on these system calls fail with `errno`, for the calling thread, and for all threads and programs that it
/// starts from now on: as in a container whose seccomp filter forbids them (EPERM), or on a kernel that lacks them
/// (ENOSYS). It cannot be undone, so call it on a thread made for it.
///
/// ```
/// use std::os::fd::OwnedFd;
/// use uring_ext::{AlignedBuf, Ring, Settings, ops, seccomp};
///
/// let native = std::thread::spawn(|| {
///     seccomp::refuse(&[seccomp::IO_URING_SETUP], 1).unwrap(); // EPERM
///     Ring::new(Settings::depth(8)).is_native::<ops::Read<OwnedFd, AlignedBuf>>()
/// });
/// assert!(!native.join().unwrap());
/// ```
///
/// # Errors
/// Those of prctl(2) for `PR_SET_SECCOMP`: EINVAL on a kernel without filters.
pub fn refuse(calls: &[u32], errno: i32) -> io::Result<()> {
    let statement = |code: u32, k, jt, jf| libc::sock_filter { code: code as u16, jt, jf, k };
    let answer = |action| statement(libc::BPF_RET | libc::BPF_K, action, 0, 0);
    let refusal = answer(libc::SECCOMP_RET_ERRNO | errno.cast_unsigned());
    let mut filter = vec![statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0)];
    for &call in calls {
        filter.push(statement(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, call, 0, 1));
        filter.push(refusal);
    }
    filter.push(answer(libc::SECCOMP_RET_ALLOW));
    let len = u16::try_from(filter.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let program = libc::sock_fprog { len, filter: filter.as_mut_ptr() };
    // SAFETY: the program points to `len` statements that outlive the calls, and the kernel copies them.
    let filtered = unsafe {
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
            && libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) == 0
    };
    if filtered { Ok(()) } else { Err(io::Error::last_os_error()) }
}
