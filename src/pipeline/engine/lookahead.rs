//! Reading ahead: files wait in line for their turn while later ones are opened and fetched. Without a ring a
//! file stands there before it is read, once the kernel was told that it will be needed; with a ring after it was read,
//! so that the next reads are under way before what arrived is written.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// How many files are let go at a time, when nothing else is left to do.
const GROUP_FILES: usize = 8;
/// How many files may be waiting for the kernel to fetch them (measured: with more than 64 nothing is gained).
const WINDOW_FILES: usize = 64;

/// Files that wait for their turn.
#[derive(Debug, Default)]
pub struct Lookahead {
    line: RefCell<Line>,
    /// How many files there were when somebody last asked.
    seen: Cell<u64>,
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
        let number = self.line.borrow_mut().join();
        if self.line.borrow().waiting.len() > WINDOW_FILES {
            self.let_one_go();
        }
        self.called(number).await;
    }

    /// Waits until the worker has nothing better to do.
    pub async fn stand_back(&self) {
        let number = self.line.borrow_mut().join();
        self.called(number).await;
    }

    async fn called(&self, number: u64) {
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

    /// Calls the files that have waited longest when none came after them since this was last asked: then nothing is
    /// fetched meanwhile that they should wait for, and what follows may be a long way off.
    pub fn let_stragglers_go(&self) {
        let count = self.line.borrow().count();
        if self.seen.replace(count) == count {
            self.let_some_go();
        }
    }

    /// Calls the files that have waited longest; false when none waits.
    pub fn let_some_go(&self) -> bool {
        let called = (0..GROUP_FILES).take_while(|_| self.let_one_go()).count();
        called > 0
    }

    /// Calls the file that has waited longest; false when none waits.
    fn let_one_go(&self) -> bool {
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

impl Line {
    /// Another file, at the end; its number.
    fn join(&mut self) -> u64 {
        self.waiting.push_back(None);
        self.count()
    }

    /// How many files there were so far.
    fn count(&self) -> u64 {
        self.called + self.waiting.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::Context;

    use super::*;

    #[test]
    fn a_file_is_held_up_only_while_others_come() {
        let lookahead = Lookahead::new();
        let mut context = Context::from_waker(Waker::noop());
        let mut first = pin!(lookahead.stand_back());
        assert!(first.as_mut().poll(&mut context).is_pending());
        lookahead.let_stragglers_go();
        assert!(first.as_mut().poll(&mut context).is_pending(), "it has just come");
        let mut second = pin!(lookahead.stand_back());
        assert!(second.as_mut().poll(&mut context).is_pending());
        lookahead.let_stragglers_go();
        assert!(first.as_mut().poll(&mut context).is_pending(), "another one came");
        lookahead.let_stragglers_go();
        assert!(
            first.as_mut().poll(&mut context).is_ready() && second.as_mut().poll(&mut context).is_ready()
        );
        lookahead.let_stragglers_go();
    }
}
