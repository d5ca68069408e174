//! Waiting for what another task of the same thread gives.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

struct State<T> {
    output: Option<T>,
    waker: Option<Waker>,
}

/// A task's result, to be awaited. Should the task be dropped before its end, this never ends either.
#[must_use = "futures do nothing unless awaited"]
pub struct Join<T>(Rc<RefCell<State<T>>>);

/// The task as one without a result, and the place where the result will be.
pub(crate) fn join<T: 'static>(
    task: impl Future<Output = T> + 'static,
) -> (impl Future<Output = ()> + 'static, Join<T>) {
    let waiting = Rc::new(RefCell::new(State { output: None, waker: None }));
    let finishing = Rc::clone(&waiting);
    let task = async move {
        let output = task.await;
        let waker = {
            let mut state = finishing.borrow_mut();
            state.output = Some(output);
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    };
    (task, Join(waiting))
}

impl<T> Future for Join<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let mut state = self.0.borrow_mut();
        match state.output.take() {
            Some(output) => Poll::Ready(output),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<T> fmt::Debug for Join<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Join").field("ended", &self.0.borrow().output.is_some()).finish_non_exhaustive()
    }
}
