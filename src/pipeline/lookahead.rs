//! Reading ahead without a ring: a file is opened, the kernel is told that it will be needed, and its turn to be read
//! comes when so many later ones were opened, or when nothing else is left to do.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// How many files may be waiting for the kernel to fetch them (measured: DESIGN, 64 is where the gain levels off).
const WINDOW_FILES: usize = 64;

/// Files that were announced and wait for their turn.
#[derive(Debug, Default)]
pub struct Lookahead {
    waiting: RefCell<VecDeque<Rc<Ticket>>>,
}

#[derive(Debug, Default)]
struct Ticket {
    state: RefCell<State>,
}

#[derive(Debug, Default)]
struct State {
    called: bool,
    waker: Option<Waker>,
}

impl Lookahead {
    /// An empty window.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits until 64 later files have been announced, or the worker has nothing better to do.
    pub async fn pass(&self) {
        let ticket = Rc::new(Ticket::default());
        let full = {
            let mut waiting = self.waiting.borrow_mut();
            waiting.push_back(Rc::clone(&ticket));
            waiting.len() > WINDOW_FILES
        };
        if full {
            self.let_one_go();
        }
        poll_fn(|context| {
            let mut state = ticket.state.borrow_mut();
            if state.called {
                return Poll::Ready(());
            }
            state.waker = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// Calls the file that has waited longest; false when none waits.
    pub fn let_one_go(&self) -> bool {
        let Some(ticket) = self.waiting.borrow_mut().pop_front() else { return false };
        let mut state = ticket.state.borrow_mut();
        state.called = true;
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
        true
    }
}
