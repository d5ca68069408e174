//! A small bounded pool of threads for calls that may block for long, awaited from tasks: batches of cold statx,
//! above all. Every thread of the process may share one.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;

use crate::op::Op;

type Job = Box<dyn FnOnce() + Send>;

/// The pool. A clone is another handle on it; the threads end after the last one is gone and the work is done.
///
/// ```
/// use uring_ext::{Executor, Helpers, Ring, Settings};
/// let helpers = Helpers::new(2, 16);
/// let executor = Executor::new(Ring::new(Settings::depth(8)));
/// assert_eq!(executor.block_on(helpers.run(|| 6 * 7))?, 42);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct Helpers(Arc<Handle>);

struct Handle(Arc<Pool>);

struct Pool {
    state: Mutex<State>,
    work: Condvar,
    threads_max: usize,
    queue_max: usize,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    waiting: Vec<Waker>,
    threads: usize,
    idle: usize,
    closing: bool,
}

impl Helpers {
    /// A pool of at most `threads_max` threads, started as they are needed, with at most `queue_max` calls waiting
    /// for one; more callers wait in their tasks. Both are at least 1.
    #[must_use]
    pub fn new(threads_max: usize, queue_max: usize) -> Self {
        Helpers(Arc::new(Handle(Arc::new(Pool {
            state: Mutex::default(),
            work: Condvar::new(),
            threads_max: threads_max.max(1),
            queue_max: queue_max.max(1),
        }))))
    }

    /// Runs `call` on one of the threads. Dropping the future does not stop a call that has begun, or is queued: its
    /// result is dropped. A panic in the call goes on in the task.
    pub fn run<T: Send + 'static>(&self, call: impl FnOnce() -> T + Send + 'static) -> Helped<T> {
        let answer = Arc::new(Mutex::new(Answer { output: None, waker: None }));
        let place = Arc::clone(&answer);
        let job = move || {
            let output = catch_unwind(AssertUnwindSafe(call));
            let waker = {
                let mut answer = lock(&place);
                answer.output = Some(output);
                answer.waker.take()
            };
            if let Some(waker) = waker {
                waker.wake();
            }
        };
        Helped { helpers: self.clone(), job: Some(Box::new(job)), answer }
    }

    /// Runs `call` on one of the threads, and waits for nothing; false when the queue is full, and nothing is run. A
    /// panic in the call is dropped.
    ///
    /// ```
    /// use std::sync::mpsc::channel;
    /// let (tell, told) = channel();
    /// assert!(uring_ext::Helpers::new(1, 1).start(move || tell.send(6 * 7).unwrap()));
    /// assert_eq!(told.recv(), Ok(42));
    /// ```
    pub fn start(&self, call: impl FnOnce() + Send + 'static) -> bool {
        let pool = &self.0.0;
        let state = lock(&pool.state);
        let room = state.jobs.len() < pool.queue_max;
        if room {
            pool.queue(state, Box::new(move || drop(catch_unwind(AssertUnwindSafe(call)))));
        }
        room
    }

    /// Emulates an operation on one of the threads.
    pub fn run_op<O: Op + Send>(&self, mut op: O) -> Helped<io::Result<O::Output>>
    where
        O::Output: Send,
    {
        // SAFETY: the answer is this operation's own.
        self.run(move || op.emulate().and_then(|answer| unsafe { op.finish(answer) }))
    }
}

impl fmt::Debug for Helpers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = lock(&self.0.0.state);
        f.debug_struct("Helpers").field("threads", &state.threads).field("queued", &state.jobs.len()).finish()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        lock(&self.0.state).closing = true;
        self.0.work.notify_all();
    }
}

impl Pool {
    /// Queues the job, or gives it back when the queue is full.
    fn offer(self: &Arc<Self>, job: Job, waker: &Waker) -> Result<(), Job> {
        let mut state = lock(&self.state);
        if state.jobs.len() >= self.queue_max {
            state.waiting.push(waker.clone());
            return Err(job);
        }
        self.queue(state, job);
        Ok(())
    }

    /// Queues the job, where there is room.
    fn queue(self: &Arc<Self>, mut state: MutexGuard<'_, State>, job: Job) {
        state.jobs.push_back(job);
        if state.jobs.len() > state.idle && state.threads < self.threads_max {
            let pool = Arc::clone(self);
            let started = thread::Builder::new().name("uring-ext helper".into()).spawn(move || pool.serve());
            state.threads += usize::from(started.is_ok());
        }
        let alone = state.threads == 0;
        drop(state);
        if alone { self.work_off() } else { self.work.notify_one() }
    }

    /// When no thread at all could be started, the caller does the work.
    fn work_off(&self) {
        while let Some((job, waiting)) = lock(&self.state).next() {
            waiting.into_iter().for_each(Waker::wake);
            job();
        }
    }

    fn serve(&self) {
        let mut state = lock(&self.state);
        loop {
            if let Some((job, waiting)) = state.next() {
                drop(state);
                waiting.into_iter().for_each(Waker::wake);
                job();
                state = lock(&self.state);
            } else if state.closing {
                return;
            } else {
                state.idle += 1;
                state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.idle -= 1;
            }
        }
    }
}

impl State {
    /// The next job, and all those who wait for room: they look again, so that none is forgotten when another who
    /// was woken has gone away.
    fn next(&mut self) -> Option<(Job, Vec<Waker>)> {
        let job = self.jobs.pop_front()?;
        Some((job, std::mem::take(&mut self.waiting)))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Answer<T> {
    output: Option<thread::Result<T>>,
    waker: Option<Waker>,
}

/// The future of [`Helpers::run`].
#[must_use = "futures do nothing unless awaited"]
pub struct Helped<T> {
    helpers: Helpers,
    job: Option<Job>,
    answer: Arc<Mutex<Answer<T>>>,
}

impl<T> Future for Helped<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        lock(&self.answer).waker = Some(context.waker().clone());
        if let Some(job) = self.job.take() {
            let offered = self.helpers.0.0.offer(job, context.waker());
            self.job = offered.err();
        }
        let output = lock(&self.answer).output.take();
        match output {
            Some(Ok(output)) => Poll::Ready(output),
            Some(Err(panic)) => resume_unwind(panic),
            None => Poll::Pending,
        }
    }
}

impl<T> fmt::Debug for Helped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Helped").field("queued", &self.job.is_none()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Executor, Ring, Settings};

    #[test]
    #[cfg_attr(miri, ignore = "makes system calls")]
    fn a_full_queue_waits_and_nobody_is_forgotten() {
        let helpers = Helpers::new(2, 2);
        let executor = Executor::new(Ring::new(Settings::depth(8)));
        let joins: Vec<_> = (0..200).map(|n| executor.spawn_join(helpers.run(move || n * 2))).collect();
        drop(helpers.run(|| ()));
        let sum = executor.block_on(async {
            let mut sum = 0;
            for join in joins {
                sum += join.await;
            }
            sum
        });
        assert_eq!(sum.unwrap(), 199 * 200);
        assert!(format!("{helpers:?}").contains("threads: 2"));
    }

    #[test]
    #[cfg_attr(miri, ignore = "makes system calls")]
    fn a_panic_reaches_the_task() {
        let helpers = Helpers::new(1, 1);
        let executor = Executor::new(Ring::new(Settings::depth(8)));
        let caught = catch_unwind(AssertUnwindSafe(|| executor.block_on(helpers.run(|| panic!("here")))));
        assert!(caught.is_err());
        assert_eq!(executor.block_on(helpers.run(|| 1)).unwrap(), 1, "the thread lives on");
    }
}
