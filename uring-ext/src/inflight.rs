//! Owns every operation from the moment it is asked for until its answer is taken. The invariant: an operation that
//! the kernel may still touch is neither moved nor freed, whatever becomes of the task that asked.
//!
//! Nothing here makes a system call, so that it can be tested without a kernel.

use std::any::Any;
use std::collections::VecDeque;
use std::io;
use std::ptr::NonNull;
use std::task::Waker;

use crate::op::{Op, Sqe};
use crate::spares::Spares;

/// An operation whose type is forgotten.
pub(crate) trait Parked: Any {
    fn sqe(&mut self) -> Sqe;
    /// Whether the kernel may be asked to give it up: a close given up would lose its descriptor.
    fn may_cancel(&self) -> bool;
    /// Finishes an operation that nobody waits for, and drops what it gives.
    fn discard(self: Box<Self>, answer: i32);
}

/// An operation in its place in memory, which the next one of its type gets.
impl<O: Op> Parked for Option<O> {
    fn sqe(&mut self) -> Sqe {
        self.as_mut().expect("an empty place is not in the table").native()
    }

    fn may_cancel(&self) -> bool {
        O::OPCODE != Some(io_uring::opcode::Close::CODE)
    }

    fn discard(self: Box<Self>, answer: i32) {
        // SAFETY: the table hands over the kernel's answer to this very operation.
        drop(self.map(|op| unsafe { finish(op, answer) }));
    }
}

/// Turns the kernel's answer into the operation's output.
///
/// # Safety
/// `answer` is the completion value of `op`.
pub(crate) unsafe fn finish<O: Op>(op: O, answer: i32) -> io::Result<O::Output> {
    match u32::try_from(answer) {
        // SAFETY: the caller vouches for the answer.
        Ok(answer) => unsafe { op.finish(answer) },
        Err(_) => Err(io::Error::from_raw_os_error(-answer)),
    }
}

/// Names an operation in the table; the completion carries it back.
pub(crate) type Key = u32;

enum State {
    Vacant,
    /// Asked for, not yet in the submission queue.
    Queued(Box<dyn Parked>),
    /// The kernel has it. A raw pointer, because a box may not move while something else points into it.
    Flying(NonNull<dyn Parked>),
    /// The same, and nobody waits any more.
    Unwanted(NonNull<dyn Parked>),
    Answered(Box<dyn Parked>, i32),
}

struct Place {
    state: State,
    waker: Option<Waker>,
    may_cancel: bool,
}

/// The table of operations.
#[derive(Default)]
pub(crate) struct Inflight {
    places: Vec<Place>,
    vacant: Vec<Key>,
    queue: VecDeque<Key>,
    flying: usize,
    /// Memory of operations that were taken.
    spares: Spares,
}

impl Inflight {
    /// Takes an operation in, at the end of the queue.
    pub(crate) fn ask<O: Op>(&mut self, op: O, waker: Waker) -> Key {
        let op: Box<dyn Parked> = self.spares.place(op);
        let may_cancel = op.may_cancel();
        let place = Place { state: State::Queued(op), waker: Some(waker), may_cancel };
        let key = match self.vacant.pop() {
            Some(key) => {
                self.places[key as usize] = place;
                key
            }
            None => {
                self.places.push(place);
                u32::try_from(self.places.len() - 1).expect("fewer than four thousand million operations")
            }
        };
        self.queue.push_back(key);
        key
    }

    /// Takes an operation out of its place, whose memory is kept. It must be of this type.
    pub(crate) fn unpark<O: Op>(&self, op: Box<dyn Parked>) -> O {
        let op: Box<dyn Any> = op;
        let mut place = op.downcast::<Option<O>>().expect("the key is this operation's");
        let op = place.take().expect("an empty place is not in the table");
        self.spares.take_back(place);
        op
    }

    /// The entry of the next operation in the queue, which must be submitted: from here on the kernel has it.
    pub(crate) fn launch(&mut self) -> Option<(Key, Sqe)> {
        loop {
            let key = self.queue.pop_front()?;
            // A dropped task leaves its key in the queue; the place may be vacant, or another operation's.
            let state = &mut self.places[key as usize].state;
            match std::mem::replace(state, State::Vacant) {
                State::Queued(op) => {
                    let mut op = NonNull::from(Box::leak(op));
                    *state = State::Flying(op);
                    self.flying += 1;
                    // SAFETY: just leaked, and nobody else has the pointer yet.
                    return Some((key, unsafe { op.as_mut() }.sqe()));
                }
                other => *state = other,
            }
        }
    }

    /// Notes the kernel's answer. What is handed back is to be told once the table is free again.
    #[must_use = "somebody waits, or something is to be dropped"]
    pub(crate) fn answer(&mut self, key: Key, answer: i32) -> Option<News> {
        let place = self.places.get_mut(key as usize)?;
        match std::mem::replace(&mut place.state, State::Vacant) {
            State::Flying(op) => {
                self.flying -= 1;
                // SAFETY: leaked by `launch`, and the completion says that the kernel is done with it.
                place.state = State::Answered(unsafe { Box::from_raw(op.as_ptr()) }, answer);
                place.waker.take().map(News::Wake)
            }
            State::Unwanted(op) => {
                self.flying -= 1;
                self.vacant.push(key);
                // SAFETY: as above.
                Some(News::Drop(Discarded::Answered(unsafe { Box::from_raw(op.as_ptr()) }, answer)))
            }
            other => {
                place.state = other;
                None
            }
        }
    }

    /// The operation and its answer, once there is one; until then `waker` is who to wake.
    pub(crate) fn take(&mut self, key: Key, waker: &Waker) -> Option<(Box<dyn Parked>, i32)> {
        let place = &mut self.places[key as usize];
        match std::mem::replace(&mut place.state, State::Vacant) {
            State::Answered(op, answer) => {
                self.vacant.push(key);
                Some((op, answer))
            }
            other => {
                place.state = other;
                match &mut place.waker {
                    Some(known) => known.clone_from(waker),
                    none => *none = Some(waker.clone()),
                }
                None
            }
        }
    }

    /// Nobody waits for this one any more. What is handed back is to be dropped once the table is free again.
    #[must_use = "dropping an operation may need the table"]
    pub(crate) fn abandon(&mut self, key: Key) -> Option<Discarded> {
        let place = &mut self.places[key as usize];
        place.waker = None;
        match std::mem::replace(&mut place.state, State::Vacant) {
            State::Flying(op) => {
                place.state = State::Unwanted(op);
                None
            }
            State::Queued(op) => {
                self.vacant.push(key);
                Some(Discarded::Unasked(op))
            }
            State::Answered(op, answer) => {
                self.vacant.push(key);
                Some(Discarded::Answered(op, answer))
            }
            other => {
                place.state = other;
                None
            }
        }
    }

    /// How many operations the kernel has.
    pub(crate) fn flying(&self) -> usize {
        self.flying
    }

    /// How many wait for room in the submission queue, abandoned ones counted too.
    pub(crate) fn queued(&self) -> usize {
        self.queue.len()
    }

    /// The keys of the operations that the kernel has and may be asked to give up.
    pub(crate) fn cancellable(&self) -> Vec<Key> {
        let flying =
            |place: &Place| place.may_cancel && matches!(place.state, State::Flying(_) | State::Unwanted(_));
        (0..).zip(&self.places).filter(|(_, place)| flying(place)).map(|(key, _)| key).collect()
    }
}

/// What follows from an answer. It runs code that is not ours, a waker's or a destructor's, which may ask the table.
pub(crate) enum News {
    /// Somebody waits for it.
    Wake(Waker),
    /// Nobody does.
    Drop(Discarded),
}

impl News {
    pub(crate) fn tell(self) {
        match self {
            News::Wake(waker) => waker.wake(),
            News::Drop(discarded) => discarded.settle(),
        }
    }
}

/// An operation that left the table unwanted.
pub(crate) enum Discarded {
    /// Never given to the kernel.
    Unasked(Box<dyn Parked>),
    /// With its answer.
    Answered(Box<dyn Parked>, i32),
}

impl Discarded {
    pub(crate) fn settle(self) {
        match self {
            Discarded::Unasked(op) => drop(op),
            Discarded::Answered(op, answer) => op.discard(answer),
        }
    }
}

#[cfg(test)]
#[path = "inflight/tests.rs"]
mod tests;
