//! Signals as a value that is looked at, not as code that runs: the handler notes the number, and wakes a descriptor.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

pub use libc::{SIGHUP, SIGINT, SIGPIPE, SIGTERM, SIGUSR1, SIGUSR2, SIGXFSZ};

use rustix::event::EventfdFlags;

/// The last signal caught; 0 for none.
static LAST: AtomicI32 = AtomicI32::new(0);
/// The eventfd that the handler writes to; -1 for none.
static WAKE: AtomicI32 = AtomicI32::new(-1);

/// The last signal that [`catch`] caught, which stays until [`clear`]; `None` when there was none.
#[must_use]
pub fn last() -> Option<i32> {
    Some(LAST.load(Ordering::Acquire)).filter(|&signal| signal != 0)
}

/// Forgets the last signal, and returns it.
pub fn clear() -> Option<i32> {
    Some(LAST.swap(0, Ordering::AcqRel)).filter(|&signal| signal != 0)
}

/// A descriptor that becomes readable when a signal was caught; for the whole process, and never closed.
///
/// # Errors
/// Those of eventfd(2).
pub fn wake_fd() -> io::Result<BorrowedFd<'static>> {
    static MADE: std::sync::OnceLock<OwnedFd> = std::sync::OnceLock::new();
    if MADE.get().is_none() {
        let made = rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        let kept = MADE.get_or_init(|| made);
        WAKE.store(kept.as_raw_fd(), Ordering::Release);
    }
    MADE.get().map(AsFd::as_fd).ok_or_else(|| rustix::io::Errno::BADF.into())
}

/// From now on notes these signals instead of their doing what they do by default. System calls are restarted where
/// the kernel restarts them.
///
/// # Errors
/// Those of sigaction(2): EINVAL for a number that cannot be caught.
pub fn catch(signals: &[i32]) -> io::Result<()> {
    let handler: extern "C" fn(i32) = note;
    signals.iter().try_for_each(|&signal| set(signal, handler as *const () as libc::sighandler_t))
}

/// Ignores a signal: SIGPIPE, say, so that a closed pipe is an error and no death.
///
/// # Errors
/// Those of sigaction(2).
pub fn ignore(signal: i32) -> io::Result<()> {
    set(signal, libc::SIG_IGN)
}

/// Gives a signal back what it does by default.
///
/// # Errors
/// Those of sigaction(2).
pub fn restore(signal: i32) -> io::Result<()> {
    set(signal, libc::SIG_DFL)
}

/// How a signal ends the process while there is nothing to clean up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Its number.
    pub signal: i32,
    /// What is written to standard error.
    pub message: Vec<u8>,
    /// The exit status.
    pub status: i32,
}

static ENDINGS: OnceLock<Vec<Ending>> = OnceLock::new();
static ARMED: AtomicBool = AtomicBool::new(false);

/// From now on, and until [`disarm`], each of these signals ends the process at once, one that is ignored too. The
/// first call counts.
///
/// # Errors
/// Those of sigaction(2).
pub fn end_on(endings: Vec<Ending>) -> io::Result<()> {
    let endings = ENDINGS.get_or_init(|| endings);
    ARMED.store(true, Ordering::Release);
    let handler: extern "C" fn(i32) = end;
    for ending in endings {
        set(ending.signal, handler as *const () as libc::sighandler_t)?;
    }
    Ok(())
}

/// Signals no longer end the process by themselves: somebody watches them.
pub fn disarm() {
    ARMED.store(false, Ordering::Release);
}

/// The handler of [`end_on`]: atomic loads, a write and the end, all async-signal-safe.
extern "C" fn end(signal: i32) {
    if !ARMED.load(Ordering::Acquire) {
        return;
    }
    let Some(ending) = ENDINGS.get().and_then(|all| all.iter().find(|ending| ending.signal == signal)) else {
        return;
    };
    // SAFETY: the message is never changed or freed once it is set; _exit does not return.
    unsafe {
        libc::write(libc::STDERR_FILENO, ending.message.as_ptr().cast(), ending.message.len());
        libc::_exit(ending.status);
    }
}

/// Sends a signal to this very process, as a program does that cleans up first and then dies of the signal it got.
///
/// # Errors
/// Those of kill(2).
pub fn raise(signal: i32) -> io::Result<()> {
    // SAFETY: raise takes a number and touches no memory.
    if unsafe { libc::raise(signal) } == 0 { Ok(()) } else { Err(rustix::io::Errno::INVAL.into()) }
}

fn set(signal: i32, handler: libc::sighandler_t) -> io::Result<()> {
    // SAFETY: all zeroes is a valid sigaction: no flags, an empty mask.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler;
    action.sa_flags = libc::SA_RESTART;
    // SAFETY: `action` is complete, and `note` does only what a handler may.
    if unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) } == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// The handler: an atomic store and a write, both async-signal-safe; errno is kept for the code it interrupted.
extern "C" fn note(signal: i32) {
    LAST.store(signal, Ordering::Release);
    let wake = WAKE.load(Ordering::Acquire);
    if wake >= 0 {
        let one = 1_u64.to_ne_bytes();
        // SAFETY: the address of this thread's errno is always valid; the eventfd is never closed; eight bytes are
        // read from `one`.
        unsafe {
            let errno = *libc::__errno_location();
            libc::write(wake, one.as_ptr().cast(), one.len());
            *libc::__errno_location() = errno;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "makes system calls")]
    fn a_caught_signal_is_noted_and_wakes() {
        let wake = wake_fd().unwrap();
        catch(&[SIGUSR1]).unwrap();
        assert_eq!(last(), None);
        raise(SIGUSR1).unwrap();
        assert_eq!(last(), Some(SIGUSR1));
        assert_eq!(clear(), Some(SIGUSR1));
        assert_eq!(last(), None);
        let mut count = [0; 8];
        assert_eq!(crate::plain::read(wake, &mut count).unwrap(), 8);
        assert_eq!(u64::from_ne_bytes(count), 1);
        ignore(SIGUSR2).unwrap();
        raise(SIGUSR2).unwrap();
        restore(SIGUSR2).unwrap();
        assert!(catch(&[libc::SIGKILL]).is_err());
    }
}
