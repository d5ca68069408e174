//! Directory jobs and where they wait: on a worker's own stack, depth first, stolen from the far end; or in one queue
//! that all workers share, in rsync's order.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering as Sooner;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crossbeam_deque::{Injector, Steal, Stealer, Worker as Stack};

use crate::entry::dir_order;
use crate::pipeline::entries::links::GroupJob;
use crate::pipeline::handles::dir::{BatchJob, Before, DirJob};

/// The unit that moves between workers.
#[derive(Debug)]
pub enum Job {
    /// A directory to read and to bring up to date.
    Dir(Box<DirJob>),
    /// A part of the names of a very large directory.
    Batch(Box<BatchJob>),
    /// A part of a large file.
    Range(Box<crate::pipeline::apply::range::RangeJob>),
    /// A large file whose contents are to be compared.
    File(Box<crate::pipeline::entries::FileJob>),
    /// A hard-link group whose names are all known.
    Group(Box<GroupJob>),
    /// Extraneous entries of one directory, kept back until the end.
    Delete(Box<crate::pipeline::apply::delete::DelayedJob>),
    /// A directory of a tree that goes.
    RemoveTree(Box<crate::pipeline::apply::remove_tree::RemoveTreeJob>),
    /// Files of one directory that wait for their names.
    Updates(Box<crate::pipeline::apply::delayed::UpdatesJob>),
    /// Source files that go now that all was copied.
    Sources(Vec<crate::pipeline::apply::remove_source::Removal>),
}

impl Job {
    /// Whether it fills a directory that this run has made.
    #[must_use]
    pub fn fills_new_dir(&self) -> bool {
        matches!(self, Job::Dir(job) if job.before == Before::Made)
    }
}

/// What has a place in rsync's order of directories.
pub trait InOrder {
    /// The path of the directory it is about, from the transfer root.
    fn rel(&self) -> &[u8];
}

impl InOrder for Job {
    fn rel(&self) -> &[u8] {
        match self {
            Job::Dir(job) => &job.rel,
            // These wait elsewhere.
            Job::Batch(_) | Job::Range(_) | Job::File(_) | Job::Group(_) | Job::Delete(_) => b"",
            Job::RemoveTree(_) | Job::Updates(_) | Job::Sources(_) => b"",
        }
    }
}

/// A job of the shared queue: the greatest is the one whose directory comes first.
#[derive(Debug)]
struct InTurn<J>(J);

impl<J: InOrder> Ord for InTurn<J> {
    fn cmp(&self, other: &Self) -> Sooner {
        dir_order(other.0.rel(), self.0.rel())
    }
}

impl<J: InOrder> PartialOrd for InTurn<J> {
    fn partial_cmp(&self, other: &Self) -> Option<Sooner> {
        Some(self.cmp(other))
    }
}

impl<J: InOrder> PartialEq for InTurn<J> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Sooner::Equal
    }
}

impl<J: InOrder> Eq for InTurn<J> {}

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
pub struct Jobs<J: InOrder = Job> {
    stealers: Vec<Stealer<J>>,
    injector: Injector<J>,
    /// Jobs that are best done in order, neighbours at a time.
    shared: Mutex<BinaryHeap<InTurn<J>>>,
    /// Jobs that are waiting or being worked on. The phase ends at zero.
    open: AtomicUsize,
    sleepers: AtomicUsize,
    over: AtomicBool,
    lock: Mutex<()>,
    wake: Condvar,
}

impl<J: InOrder> Jobs<J> {
    /// Stacks for `workers` workers; each takes one of those returned.
    #[must_use]
    pub fn new(workers: usize) -> (Jobs<J>, Vec<Stack<J>>) {
        let stacks: Vec<Stack<J>> = (0..workers).map(|_| Stack::new_lifo()).collect();
        let jobs = Jobs {
            stealers: stacks.iter().map(Stack::stealer).collect(),
            injector: Injector::new(),
            shared: Mutex::new(BinaryHeap::new()),
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
    pub fn push(&self, own: &Stack<J>, job: J) {
        self.open.fetch_add(1, Ordering::AcqRel);
        own.push(job);
        self.wake_one();
    }

    /// Puts a job into the queue from which all workers take what comes first, so that those done at a time are
    /// neighbours.
    pub fn push_shared(&self, job: J) {
        self.open.fetch_add(1, Ordering::AcqRel);
        self.shared().push(InTurn(job));
        self.wake_one();
    }

    fn shared(&self) -> MutexGuard<'_, BinaryHeap<InTurn<J>>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a job where any worker finds it.
    pub fn seed(&self, job: J) {
        self.open.fetch_add(1, Ordering::AcqRel);
        self.injector.push(job);
        self.wake_one();
    }

    /// The next job for worker `index`: its own newest, else the first of those that are shared, else another's
    /// oldest.
    #[must_use]
    pub fn take(&self, own: &Stack<J>, index: usize) -> Option<J> {
        if let Some(job) = own.pop().or_else(|| self.shared().pop().map(|InTurn(job)| job)) {
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

    /// Whether somebody sleeps for want of a job.
    #[must_use]
    pub fn wanted(&self) -> bool {
        self.sleepers.load(Ordering::Acquire) > 0
    }

    /// Sleeps until there may be a job, or the run is over.
    pub fn sleep(&self) {
        let guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.sleepers.fetch_add(1, Ordering::AcqRel);
        let empty = self.injector.is_empty()
            && self.shared().is_empty()
            && self.stealers.iter().all(Stealer::is_empty);
        if empty && !self.over() {
            // The time limit is a guard against a wake-up lost between the look above and the wait.
            let waited = self.wake.wait_timeout(guard, std::time::Duration::from_millis(20));
            drop(waited.unwrap_or_else(PoisonError::into_inner));
        }
        self.sleepers.fetch_sub(1, Ordering::AcqRel);
    }

    fn wake_one(&self) {
        if self.wanted() {
            let _guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
            self.wake.notify_one();
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_macros, reason = "the tests tell what they measured")]
mod tests {
    use std::thread;
    use std::time::{Duration, Instant};

    use super::*;

    /// A directory of a made-up tree: so many levels of directories are below it.
    struct Level(u32);

    impl InOrder for Level {
        fn rel(&self) -> &[u8] {
            b""
        }
    }

    /// Directories in a directory.
    const FANOUT: usize = 6;

    /// Jobs of a tree of so many levels.
    fn size(levels: u32) -> usize {
        (0..=levels).map(|level| FANOUT.pow(level)).sum()
    }

    /// How jobs are put on a stack.
    type Put = fn(&Jobs<Level>, &Stack<Level>, Level);

    /// On a worker's own stack, and on the shared one.
    const WAYS: [(&str, Put); 2] =
        [("own", |jobs, own, job| jobs.push(own, job)), ("shared", |jobs, _, job| jobs.push_shared(job))];

    /// How long so many threads take for a tree whose every job takes `work`, and how many jobs each of them did.
    fn run(threads: usize, put: Put, levels: u32, work: Duration) -> (Duration, Vec<usize>) {
        let (jobs, stacks) = Jobs::new(threads);
        jobs.seed(Level(levels));
        let started = Instant::now();
        let one = |index: usize, stack: Stack<Level>| {
            let mut done = 0;
            while !jobs.over() {
                let Some(Level(below)) = jobs.take(&stack, index) else {
                    jobs.sleep();
                    continue;
                };
                // Waiting, not computing: many threads of a few processors are as good as many processors.
                if !work.is_zero() {
                    thread::sleep(work);
                }
                (0..if below > 0 { FANOUT } else { 0 }).for_each(|_| put(&jobs, &stack, Level(below - 1)));
                jobs.close(|| false);
                done += 1;
            }
            done
        };
        let done = thread::scope(|scope| {
            let started: Vec<_> =
                (0..).zip(stacks).map(|(index, stack)| scope.spawn(move || one(index, stack))).collect();
            started.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        (started.elapsed(), done)
    }

    #[test]
    fn every_job_is_done_once_however_many_threads_there_are() {
        for (threads, (way, put)) in [1, 2, 3, 8, 32].into_iter().flat_map(|n| WAYS.map(|way| (n, way))) {
            let (took, done) = run(threads, put, 5, Duration::ZERO);
            println!("{threads} threads, {way}: {:.0} ns a job", took.as_secs_f64() * 1e9 / size(5) as f64);
            assert_eq!(done.iter().sum::<usize>(), size(5));
        }
    }

    #[test]
    fn thirty_two_threads_share_the_work() {
        let work = Duration::from_millis(1);
        let alone = run(1, WAYS[0].1, 4, work).0.as_secs_f64();
        for (threads, (way, put)) in [2, 8, 32].into_iter().flat_map(|n| WAYS.map(|way| (n, way))) {
            let best = (0..3).map(|_| run(threads, put, 4, work).0).min().unwrap_or_default();
            let times = alone / best.as_secs_f64();
            println!("{threads} threads, {way}: {times:.1} times as fast as one");
            // A busy machine wakes them late; one lock that all wait for would be far below.
            assert!(times > 0.35 * threads as f64, "{threads} threads, {way}: {times}");
        }
    }
}
