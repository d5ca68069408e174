//! Directory jobs and the stealing stacks they wait on: depth first on a worker's own stack, stolen from the far end.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

use crossbeam_deque::{Injector, Steal, Stealer, Worker as Stack};

use super::dir::{BatchJob, DirJob};
use super::links::GroupJob;

/// The unit that moves between workers.
#[derive(Debug)]
pub enum Job {
    /// A directory to read and to bring up to date.
    Dir(Box<DirJob>),
    /// A part of the names of a very large directory.
    Batch(Box<BatchJob>),
    /// A part of a large file.
    Range(Box<super::apply::range::RangeJob>),
    /// A large file whose contents are to be compared.
    File(Box<super::entries::FileJob>),
    /// A hard-link group whose names are all known.
    Group(Box<GroupJob>),
    /// Extraneous entries of one directory, kept back until the end.
    Delete(Box<super::apply::delete::DelayedJob>),
    /// A directory of a tree that goes.
    Doomed(Box<super::apply::doomed::DoomedJob>),
    /// Files of one directory that wait for their names.
    Updates(Box<super::apply::delayed::UpdatesJob>),
}

/// Large files of one worker that wait for it, and whether it copies one.
#[derive(Debug, Default)]
pub struct LargeFiles {
    waiting: RefCell<Vec<Job>>,
    copying: Cell<usize>,
}

impl LargeFiles {
    /// Keeps one.
    pub fn put(&self, job: Job) {
        self.waiting.borrow_mut().push(job);
    }

    /// The worker begins to copy.
    pub fn begin(&self) {
        self.copying.set(self.copying.get() + 1);
    }

    /// It has ended.
    pub fn end(&self) {
        self.copying.set(self.copying.get() - 1);
    }

    /// Whether the worker copies one.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.copying.get() > 0
    }

    /// The one that came last.
    #[must_use]
    pub fn next(&self) -> Option<Job> {
        if self.busy() { None } else { self.waiting.borrow_mut().pop() }
    }
}

/// All stacks of a run.
#[derive(Debug)]
pub struct Jobs {
    stealers: Vec<Stealer<Job>>,
    injector: Injector<Job>,
    /// Jobs that are waiting or being worked on. The phase ends at zero.
    open: AtomicUsize,
    sleepers: AtomicUsize,
    over: AtomicBool,
    lock: Mutex<()>,
    wake: Condvar,
}

impl Jobs {
    /// Stacks for `workers` workers; each takes one of those returned.
    #[must_use]
    pub fn new(workers: usize) -> (Jobs, Vec<Stack<Job>>) {
        let stacks: Vec<Stack<Job>> = (0..workers).map(|_| Stack::new_lifo()).collect();
        let jobs = Jobs {
            stealers: stacks.iter().map(Stack::stealer).collect(),
            injector: Injector::new(),
            open: AtomicUsize::new(0),
            sleepers: AtomicUsize::new(0),
            over: AtomicBool::new(false),
            lock: Mutex::new(()),
            wake: Condvar::new(),
        };
        (jobs, stacks)
    }

    /// Counts a job that is kept elsewhere than on a stack.
    pub fn hold(&self) {
        self.open.fetch_add(1, Ordering::AcqRel);
    }

    /// Puts a job on a worker's own stack.
    pub fn push(&self, own: &Stack<Job>, job: Job) {
        self.open.fetch_add(1, Ordering::AcqRel);
        own.push(job);
        self.wake_one();
    }

    /// Puts a job where any worker finds it.
    pub fn seed(&self, job: Job) {
        self.open.fetch_add(1, Ordering::AcqRel);
        self.injector.push(job);
        self.wake_one();
    }

    /// The next job for worker `index`: its own newest, else another's oldest.
    #[must_use]
    pub fn take(&self, own: &Stack<Job>, index: usize) -> Option<Job> {
        if let Some(job) = own.pop() {
            return Some(job);
        }
        let count = self.stealers.len();
        loop {
            let mut again = false;
            match self.injector.steal() {
                Steal::Success(job) => return Some(job),
                Steal::Retry => again = true,
                Steal::Empty => {}
            }
            for other in (1..count).map(|step| (index + step) % count) {
                match self.stealers[other].steal() {
                    Steal::Success(job) => return Some(job),
                    Steal::Retry => again = true,
                    Steal::Empty => {}
                }
            }
            if !again {
                return None;
            }
        }
    }

    /// Says that a job is done. `next_phase` runs on the worker that closes the last one, and says whether it seeded
    /// more; when it did not, the run is over.
    pub fn close(&self, mut next_phase: impl FnMut() -> bool) {
        while self.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            // Nobody else has a job, so nobody else comes here; the phase is held open while it is being seeded.
            self.open.store(1, Ordering::Release);
            if !next_phase() {
                return self.end();
            }
        }
    }

    /// Nobody takes another job.
    pub fn end(&self) {
        self.over.store(true, Ordering::Release);
        let _guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.wake.notify_all();
    }

    /// Whether every job of every phase is done.
    #[must_use]
    pub fn over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// Sleeps until there may be a job, or the run is over.
    pub fn sleep(&self) {
        let guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.sleepers.fetch_add(1, Ordering::AcqRel);
        let empty = self.injector.is_empty() && self.stealers.iter().all(Stealer::is_empty);
        if empty && !self.over() {
            // The time limit is a guard against a wake-up lost between the look above and the wait.
            let waited = self.wake.wait_timeout(guard, std::time::Duration::from_millis(20));
            drop(waited.unwrap_or_else(PoisonError::into_inner));
        }
        self.sleepers.fetch_sub(1, Ordering::AcqRel);
    }

    fn wake_one(&self) {
        if self.sleepers.load(Ordering::Acquire) > 0 {
            let _guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
            self.wake.notify_one();
        }
    }
}
