//! Reading ahead without a ring: a file is opened, the kernel is told that it will be needed, and its turn to be read
//! comes when so many later ones were opened, or when nothing else is left to do.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// How many files may be waiting for the kernel to fetch them (measured: DESIGN, 64 is where the gain levels off).
const WINDOW_FILES: usize = 64;

/// Files that were announced and wait for their turn.
#[derive(Debug, Default)]
pub struct Lookahead {
    line: RefCell<Line>,
}

#[derive(Debug, Default)]
struct Line {
    /// How many were called: files have numbers in the order in which they were announced.
    called: u64,
    /// Those that were not, the first one in front; `None` for who does not wait yet.
    waiting: VecDeque<Option<Waker>>,
}

impl Lookahead {
    /// An empty window.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits until 64 later files have been announced, or the worker has nothing better to do.
    pub async fn pass(&self) {
        let (number, waiting) = {
            let mut line = self.line.borrow_mut();
            line.waiting.push_back(None);
            (line.called + line.waiting.len() as u64, line.waiting.len())
        };
        if waiting > WINDOW_FILES {
            self.let_one_go();
        }
        poll_fn(|context| {
            let line = &mut *self.line.borrow_mut();
            let Some(before) = number.checked_sub(line.called + 1) else { return Poll::Ready(()) };
            if let Some(place) = usize::try_from(before).ok().and_then(|at| line.waiting.get_mut(at)) {
                *place = Some(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    /// Calls the file that has waited longest; false when none waits.
    pub fn let_one_go(&self) -> bool {
        let waker = {
            let mut line = self.line.borrow_mut();
            let Some(waker) = line.waiting.pop_front() else { return false };
            line.called += 1;
            waker
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }
}
