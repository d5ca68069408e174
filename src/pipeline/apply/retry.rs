//! Tries again what failed for a reason that may pass (no descriptors left, a lease), with pauses, for a limited time.

use std::io;
use std::sync::atomic::Ordering;
use std::time::Duration;

use uring_ext::mode::errno::{EAGAIN, EMFILE, ENFILE};

use crate::pipeline::engine::worker::Worker;

/// The first pause; each one is twice as long as the one before.
const PAUSE_MIN: Duration = Duration::from_millis(1);
const PAUSE_MAX: Duration = Duration::from_millis(64);

/// Whether a failure to open a file may pass.
#[must_use]
pub fn passes(error: &io::Error) -> bool {
    patience(error).is_some()
}

/// Whether descriptors are missing.
fn is_scarce(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(ENFILE | EMFILE))
}

/// How long it is worth waiting.
fn patience(error: &io::Error) -> Option<Duration> {
    match error.raw_os_error() {
        // Somebody holds a lease on the file, which the kernel takes from them within 45 seconds
        // (`/proc/sys/fs/lease-break-time`).
        Some(EAGAIN) => Some(Duration::from_secs(50)),
        // Other tasks close theirs.
        _ if is_scarce(error) => Some(Duration::from_secs(1)),
        _ => None,
    }
}

/// Calls again what failed with `error`, until it succeeds, fails for good, or the time is over. Other tasks of the
/// worker go on between the calls.
///
/// # Errors
/// The last failure.
pub async fn again<T>(
    worker: &Worker,
    mut error: io::Error,
    mut call: impl FnMut() -> io::Result<T>,
) -> io::Result<T> {
    let in_vain = &worker.run.state.waits_in_vain;
    let (mut pause, mut waited) = (PAUSE_MIN, Duration::ZERO);
    while patience(&error).is_some_and(|patience| waited < patience) {
        // Who has waited for a descriptor and got none has waited for all that come after.
        if worker.give_way().await.is_err() || (is_scarce(&error) && in_vain.load(Ordering::Relaxed)) {
            break;
        }
        std::thread::sleep(pause);
        waited += pause;
        pause = (pause * 2).min(PAUSE_MAX);
        match call() {
            Err(next) => error = next,
            done => {
                in_vain.store(false, Ordering::Relaxed);
                return done;
            }
        }
    }
    if is_scarce(&error) {
        in_vain.store(true, Ordering::Relaxed);
    }
    Err(error)
}
