//! What an operation is: a value that owns everything the kernel will touch, with two back ends behind one face.
//!
//! One file per operation. Each holds the free function that does the system call now (re-exported in
//! [`crate::plain`]) and the owned struct that a ring can run. Adding an operation edits one file and one `mod` line.

use std::ffi::{CStr, CString};
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

pub use io_uring::squeue::Entry as Sqe;
use rustix::io::Errno;

pub(crate) mod access;
pub(crate) mod close;
pub(crate) mod copy_file_range;
pub(crate) mod direct;
pub(crate) mod fadvise;
pub(crate) mod fallocate;
pub(crate) mod fchdir;
pub(crate) mod fchmodat;
pub(crate) mod fchownat;
pub(crate) mod ficlone;
pub(crate) mod ficlone_range;
pub(crate) mod fsync;
pub(crate) mod ftruncate;
pub(crate) mod getdents;
pub(crate) mod getxattr;
pub(crate) mod path_fd;
mod known;
pub(crate) mod linkat;
pub(crate) mod listxattr;
pub(crate) mod mkdirat;
pub(crate) mod mknodat;
pub(crate) mod openat2;
pub(crate) mod read;
pub(crate) mod readlinkat;
pub(crate) mod removexattr;
pub(crate) mod renameat2;
pub(crate) mod seek_hole;
pub(crate) mod setxattr;
pub(crate) mod splice;
pub(crate) mod statfs;
pub(crate) mod statx;
pub(crate) mod symlinkat;
pub(crate) mod sync_file_range;
pub(crate) mod syncfs;
pub(crate) mod unlinkat;
pub(crate) mod utimensat;
pub(crate) mod write;
pub(crate) mod xattr;

/// An operation that a [`Ring`](crate::Ring) can run, natively or emulated.
///
/// # Safety
/// The implementer promises that
/// * every address which [`native`](Op::native) puts into the entry stays valid and is touched by nobody else while
///   `self` neither moves nor is dropped (the ring boxes an operation first, and keeps the box until the completion);
/// * the entry's kind is [`OPCODE`](Op::OPCODE), and its completion value means what
///   [`finish`](Op::finish) takes it to mean; it is neither linked nor skips its completion.
pub unsafe trait Op: Sized + 'static {
    /// What the caller gets back.
    type Output: 'static;
    /// The name by which `URING_EXT_EMULATE` knows the operation.
    const NAME: &'static str;
    /// The kernel's number of the operation; `None` when no kernel has it, so that it is always emulated.
    const OPCODE: Option<u8>;

    /// The entry for the submission queue. Called once at most, and only when [`OPCODE`](Op::OPCODE) is `Some`.
    fn native(&mut self) -> Sqe {
        unreachable!("{} has no form for the ring", Self::NAME)
    }

    /// Does the operation now, by plain system calls on this thread; interrupted calls are retried.
    ///
    /// # Errors
    /// Those of the system call.
    fn emulate(&mut self) -> io::Result<u32>;

    /// Turns the answer, which was no error, into the output. An operation nobody waits for any longer is finished
    /// too, and its output dropped: so an unwanted open is closed.
    ///
    /// # Errors
    /// Only when an answer has no meaning for the caller, such as a name cut short.
    ///
    /// # Safety
    /// `answer` is what the kernel, or [`emulate`](Op::emulate), answered for this very value.
    unsafe fn finish(self, answer: u32) -> io::Result<Self::Output>;
}

/// An owned name or path whose bytes stay where they are while the owner lives.
///
/// # Safety
/// [`as_c_str`](Name::as_c_str) gives the same bytes at the same address as long as the value neither moves nor is
/// changed through `&mut`.
pub unsafe trait Name: 'static {
    /// The bytes.
    fn as_c_str(&self) -> &CStr;
}

// SAFETY: the bytes are on the heap and have no interior mutability.
unsafe impl Name for CString {
    fn as_c_str(&self) -> &CStr {
        self
    }
}

// SAFETY: as for CString.
unsafe impl Name for Box<CStr> {
    fn as_c_str(&self) -> &CStr {
        self
    }
}

// SAFETY: shared bytes are never changed, since `Rc` gives no `&mut` while it is shared.
unsafe impl Name for Rc<CStr> {
    fn as_c_str(&self) -> &CStr {
        self
    }
}

// SAFETY: as for Rc.
unsafe impl Name for Arc<CStr> {
    fn as_c_str(&self) -> &CStr {
        self
    }
}

// SAFETY: static bytes are never freed.
unsafe impl Name for &'static CStr {
    fn as_c_str(&self) -> &CStr {
        self
    }
}

/// Runs `call`, again where its failure may pass, and turns its error into the standard library's.
#[cfg_attr(feature = "faults", track_caller)]
pub(crate) fn retry<T>(call: impl FnMut() -> rustix::io::Result<T>) -> io::Result<T> {
    #[cfg(feature = "faults")]
    let call = struck(crate::faults::caller(), call);
    persist(call)
}

/// The same for a call that faults have had their way with.
pub(crate) fn persist<T>(mut call: impl FnMut() -> rustix::io::Result<T>) -> io::Result<T> {
    match call() {
        Ok(done) => Ok(done),
        Err(error) => again(error, call),
    }
}

/// The same call, which fails where faults are asked for.
#[cfg(feature = "faults")]
fn struck<T>(
    name: &'static str,
    mut call: impl FnMut() -> rustix::io::Result<T>,
) -> impl FnMut() -> rustix::io::Result<T> {
    move || crate::faults::strike(name).map_or_else(&mut call, Err)
}

/// How often a call may be interrupted before that is its answer.
const INTERRUPTS_MAX: u32 = 10_000;

#[cold]
fn again<T>(mut error: Errno, mut call: impl FnMut() -> rustix::io::Result<T>) -> io::Result<T> {
    let (mut interrupts, mut pauses) = (0, 0);
    loop {
        match error {
            Errno::INTR if interrupts < INTERRUPTS_MAX => interrupts += 1,
            error if pauses < pauses_max(error) => {
                // 1, 2, 4 milliseconds and so on.
                std::thread::sleep(Duration::from_millis(1 << pauses));
                pauses += 1;
            }
            error => return Err(error.into()),
        }
        match call() {
            Ok(done) => return Ok(done),
            Err(next) => error = next,
        }
    }
}

/// How often a call that failed for want of something is worth another try: memory and the system's open files come
/// back when others give them up; those of the process, when another thread does.
fn pauses_max(error: Errno) -> u32 {
    match error {
        Errno::NOMEM | Errno::NFILE => 7,
        Errno::MFILE => 3,
        _ => 0,
    }
}

/// Whether an answer of the ring is worth another try by a plain call.
pub(crate) fn may_pass(errno: i32) -> bool {
    matches!(errno, libc::EINTR | libc::EAGAIN | libc::ENOMEM | libc::ENFILE | libc::EMFILE)
}

/// The number of bytes a single call may be asked to move: the kernel's own limit, below 2 GiB, and it fits an answer.
pub(crate) const CALL_BYTES_MAX: usize = 0x7fff_f000;
