//! Waking a thread that waits for completions, from any other thread, through a descriptor that its ring watches.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
#[cfg(not(feature = "loom"))]
use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(feature = "loom")]
use loom::sync::atomic::{AtomicBool, Ordering};
use rustix::event::EventfdFlags;

/// Makes a waiting [`Executor::turn`](crate::Executor::turn) return; when nobody waits, the next wait returns at
/// once. A clone wakes the same thread.
#[derive(Debug, Clone)]
pub struct Unpark(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    event: Option<OwnedFd>,
    asleep: AtomicBool,
    called: AtomicBool,
}

impl Unpark {
    /// Without a descriptor to spare, waits are cut into short naps instead.
    pub(crate) fn new() -> Self {
        let event = rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).ok();
        Unpark(Arc::new(Shared { event, asleep: AtomicBool::new(false), called: AtomicBool::new(false) }))
    }

    /// Wakes the thread.
    pub fn unpark(&self) {
        self.0.called.store(true, Ordering::SeqCst);
        self.nudge();
    }

    /// Wakes the thread if it sleeps: for those who left it work to find.
    pub(crate) fn nudge(&self) {
        if self.0.asleep.load(Ordering::SeqCst)
            && self.0.asleep.swap(false, Ordering::SeqCst)
            && let Some(event) = &self.0.event
        {
            // A counter that is full wakes as well.
            let _ = rustix::io::write(event, &1_u64.to_ne_bytes());
        }
    }

    /// Says that the thread is about to sleep; false when it should not. Look for work after this, before sleeping.
    pub(crate) fn doze(&self) -> bool {
        self.0.asleep.store(true, Ordering::SeqCst);
        !self.0.called.swap(false, Ordering::SeqCst)
    }

    /// Says that the thread is awake.
    pub(crate) fn awake(&self) {
        self.0.asleep.store(false, Ordering::SeqCst);
        self.0.called.store(false, Ordering::SeqCst);
    }

    /// Takes back what woke the thread.
    pub(crate) fn clear(&self) {
        if let Some(event) = &self.0.event {
            let _ = rustix::io::read(event, &mut [0; 8]);
        }
    }

    /// What becomes readable when the thread shall wake.
    pub(crate) fn event(&self) -> io::Result<BorrowedFd<'_>> {
        self.0.event.as_ref().map(AsFd::as_fd).ok_or_else(|| rustix::io::Errno::MFILE.into())
    }
}

/// In every order in which two threads can take their steps: `cargo xtask sanitize`.
#[cfg(all(test, feature = "loom"))]
mod tests {
    use super::Unpark;
    use loom::sync::{Arc, Mutex};
    use loom::thread;

    /// Whether a thread that sleeps wakes.
    fn wakes(unpark: &Unpark) -> bool {
        rustix::io::read(unpark.event().expect("a descriptor"), &mut [0; 8]).is_ok()
    }

    /// Who leaves work before it nudges need not fear that the other goes to sleep over it.
    #[test]
    fn nobody_sleeps_over_work() {
        loom::model(|| {
            let (unpark, work) = (Unpark::new(), Arc::new(Mutex::new(0)));
            let giver = thread::spawn({
                let (unpark, work) = (unpark.clone(), Arc::clone(&work));
                move || {
                    *work.lock().expect("no panic while locked") += 1;
                    unpark.nudge();
                }
            });
            let sleeps = unpark.doze() && *work.lock().expect("no panic while locked") == 0;
            if !sleeps {
                unpark.awake();
            }
            giver.join().expect("no panic");
            assert!(!sleeps || wakes(&unpark));
        });
    }

    /// Where a wait ends for another reason just as somebody calls, what they did before is seen after it; else the
    /// call ends the next wait.
    #[test]
    fn no_call_is_missed() {
        loom::model(|| {
            let (unpark, work) = (Unpark::new(), Arc::new(Mutex::new(0)));
            let caller = thread::spawn({
                let (unpark, work) = (unpark.clone(), Arc::clone(&work));
                move || {
                    *work.lock().expect("no panic while locked") += 1;
                    unpark.unpark();
                }
            });
            unpark.doze();
            unpark.awake();
            let seen = *work.lock().expect("no panic while locked") > 0;
            let sleeps = unpark.doze();
            caller.join().expect("no panic");
            assert!(seen || !sleeps || wakes(&unpark));
        });
    }

    /// Of two that nudge at once, one wakes, and a sleeper is woken once.
    #[test]
    fn two_that_nudge() {
        loom::model(|| {
            let unpark = Unpark::new();
            let others = [unpark.clone(), unpark.clone()].map(|unpark| thread::spawn(move || unpark.nudge()));
            let sleeps = unpark.doze();
            others.into_iter().for_each(|other| other.join().expect("no panic"));
            assert!(sleeps);
            // Either both came too early, or the event counts one.
            let mut count = [0; 8];
            if rustix::io::read(unpark.event().expect("a descriptor"), &mut count).is_ok() {
                assert_eq!(u64::from_ne_bytes(count), 1);
            }
        });
    }
}
