//! Waking a thread that waits for completions, from any other thread, through a descriptor that its ring watches.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
