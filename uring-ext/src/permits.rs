//! A counted budget for the tasks of one thread: who asks first is served first, and a full budget waits.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// A budget of permits. A clone is another handle on the same budget.
///
/// ```
/// use uring_ext::Permits;
/// let budget = Permits::new(2);
/// let both = budget.try_acquire(2).unwrap();
/// assert!(budget.try_acquire(1).is_none());
/// drop(both);
/// assert_eq!(budget.available(), 2);
/// ```
#[derive(Clone)]
pub struct Permits(Rc<RefCell<State>>);

struct State {
    total: usize,
    free: usize,
    next_ticket: u64,
    waiting: VecDeque<Waiting>,
}

struct Waiting {
    ticket: u64,
    wanted: usize,
    /// `None` once served: the permits are set aside for it.
    waker: Option<Waker>,
}

impl Permits {
    /// A budget of `total` permits.
    #[must_use]
    pub fn new(total: usize) -> Self {
        Permits(Rc::new(RefCell::new(State { total, free: total, next_ticket: 0, waiting: VecDeque::new() })))
    }

    /// Waits for `wanted` permits at once. Asking for more than there are in all gets them all, so that it cannot
    /// wait for ever.
    pub fn acquire(&self, wanted: usize) -> Acquire {
        let wanted = wanted.min(self.0.borrow().total);
        Acquire { permits: self.clone(), wanted, place: Place::New }
    }

    /// Takes `wanted` permits (all, if there are fewer in all), unless they are not free or somebody waits already.
    #[must_use]
    pub fn try_acquire(&self, wanted: usize) -> Option<Permit> {
        let mut state = self.0.borrow_mut();
        let wanted = wanted.min(state.total);
        if state.free < wanted || state.waiting.iter().any(|one| one.waker.is_some()) {
            return None;
        }
        state.free -= wanted;
        drop(state);
        Some(Permit { permits: self.clone(), count: wanted })
    }

    /// How many permits are free now.
    #[must_use]
    pub fn available(&self) -> usize {
        self.0.borrow().free
    }

    /// How many are waiting.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.borrow().waiting.iter().filter(|one| one.waker.is_some()).count()
    }

    fn give_back(&self, count: usize) {
        let mut state = self.0.borrow_mut();
        state.free += count;
        let served = state.serve();
        drop(state);
        served.into_iter().for_each(Waker::wake);
    }
}

impl State {
    /// Sets permits aside for those first in line, as far as they go.
    fn serve(&mut self) -> Vec<Waker> {
        let mut wakers = Vec::new();
        for one in &mut self.waiting {
            if one.waker.is_none() {
                continue;
            }
            if self.free < one.wanted {
                break;
            }
            self.free -= one.wanted;
            wakers.extend(one.waker.take());
        }
        wakers
    }

    fn find(&self, ticket: u64) -> Option<usize> {
        self.waiting.iter().position(|one| one.ticket == ticket)
    }
}

impl fmt::Debug for Permits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.0.borrow();
        f.debug_struct("Permits")
            .field("free", &state.free)
            .field("total", &state.total)
            .finish_non_exhaustive()
    }
}

/// Permits in hand, given back when dropped.
#[derive(Debug)]
#[must_use = "permits are given back when this is dropped"]
pub struct Permit {
    permits: Permits,
    count: usize,
}

impl Permit {
    /// How many.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.permits.give_back(self.count);
    }
}

enum Place {
    New,
    InLine(u64),
    Done,
}

/// The future of [`Permits::acquire`]. Dropped, it leaves the line, and permits already set aside go to the next.
#[must_use = "futures do nothing unless awaited"]
pub struct Acquire {
    permits: Permits,
    wanted: usize,
    place: Place,
}

impl Acquire {
    fn line_up(&mut self, waker: Waker) -> Poll<Permit> {
        if let Some(permit) = self.permits.try_acquire(self.wanted) {
            self.place = Place::Done;
            return Poll::Ready(permit);
        }
        let mut state = self.permits.0.borrow_mut();
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        state.waiting.push_back(Waiting { ticket, wanted: self.wanted, waker: Some(waker) });
        self.place = Place::InLine(ticket);
        Poll::Pending
    }

    fn look(&mut self, ticket: u64, waker: &Waker) -> Poll<Permit> {
        let mut state = self.permits.0.borrow_mut();
        let at = state.find(ticket).expect("who waits is in line");
        if let Some(known) = &mut state.waiting[at].waker {
            known.clone_from(waker);
            return Poll::Pending;
        }
        state.waiting.remove(at);
        self.place = Place::Done;
        Poll::Ready(Permit { permits: self.permits.clone(), count: self.wanted })
    }
}

impl Future for Acquire {
    type Output = Permit;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Permit> {
        match self.place {
            Place::New => self.line_up(context.waker().clone()),
            Place::InLine(ticket) => self.look(ticket, context.waker()),
            Place::Done => panic!("polled after it was ready"),
        }
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        let Place::InLine(ticket) = self.place else { return };
        let mut state = self.permits.0.borrow_mut();
        let left = state.find(ticket).and_then(|at| state.waiting.remove(at));
        drop(state);
        let set_aside = left.is_some_and(|one| one.waker.is_none());
        // Even when nothing was set aside, those behind may have waited only because of the one in front.
        self.permits.give_back(if set_aside { self.wanted } else { 0 });
    }
}

impl fmt::Debug for Acquire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acquire").field("wanted", &self.wanted).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
        Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn who_asks_first_is_served_first() {
        let budget = Permits::new(3);
        let held = budget.try_acquire(2).unwrap();
        let (mut large, mut small) = (budget.acquire(3), budget.acquire(1));
        assert!(poll(&mut large).is_pending());
        assert!(poll(&mut small).is_pending(), "one is free, but the large one came first");
        drop(held);
        let Poll::Ready(all) = poll(&mut large) else { panic!("all are free") };
        assert!(poll(&mut small).is_pending());
        drop(all);
        assert!(poll(&mut small).is_ready());
        assert_eq!(budget.available(), 3);
    }

    #[test]
    fn leaving_the_line_lets_the_next_one_in() {
        let budget = Permits::new(2);
        let held = budget.try_acquire(1).unwrap();
        let (mut large, mut small) = (budget.acquire(2), budget.acquire(1));
        assert!(poll(&mut large).is_pending() && poll(&mut small).is_pending());
        drop(large);
        let Poll::Ready(one) = poll(&mut small) else { panic!("nobody is in front") };
        let mut served = budget.acquire(2);
        assert!(poll(&mut served).is_pending());
        drop((one, held));
        assert_eq!(budget.available(), 0, "set aside");
        drop(served);
        assert_eq!(budget.available(), 2);
    }

    #[test]
    fn asking_for_too_many_gets_them_all() {
        let budget = Permits::new(2);
        let Poll::Ready(all) = poll(&mut budget.acquire(9)) else { panic!("two are free") };
        assert_eq!(all.count(), 2);
    }
}
