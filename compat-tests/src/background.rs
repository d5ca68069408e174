//! Something that goes on while a program runs: names that come and go, an attacker.

use std::sync::atomic::{AtomicBool, Ordering};

/// Tells the other thread to stop, also when a failed assertion unwinds.
struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Does `work` while `disturb` goes on in a thread of its own until its flag is set, which happens however `work` ends.
///
/// # Panics
/// When either of them does.
pub fn with_background<T>(disturb: impl FnOnce(&AtomicBool) + Send, work: impl FnOnce() -> T) -> T {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| disturb(&stop));
        let _at_end = StopAtEnd(&stop);
        work()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_the_work_stops_the_other_too() {
        let endless = |stop: &AtomicBool| {
            while !stop.load(Ordering::Relaxed) {
                std::thread::yield_now();
            }
        };
        assert_eq!(with_background(endless, || 7), 7);
        assert!(
            std::panic::catch_unwind(|| with_background(endless, || panic!("as a failed assertion")))
                .is_err()
        );
    }
}
