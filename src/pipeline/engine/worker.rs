//! One thread, one ring: takes directory jobs, runs their tasks, steals when idle. Only this file spawns.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crossbeam_deque::Worker as Stack;
use rsync_compat::exit::Exit;
use uring_ext::ops::OpenAt2;
use uring_ext::plain::DirReader;
use uring_ext::{AlignedBuf, BufPool, Executor, IoBuf, Permit, Permits, Ring, Spares, Turn, yield_now};

use super::jobs::{Job, LargeFiles};
use super::lookahead::Lookahead;
use super::state::sent::Previous;
use crate::failure::{Cause, Failure, Fatal, Side, What};
use crate::pipeline::Run;
use crate::pipeline::handles::closed::Reopened;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::thread_cwd::ThreadCwd;
use crate::report::{ItemsWanted, Meter};
use crate::summary::Summary;

/// Files below this size are read whole into one buffer, in bytes.
pub const SMALL_BYTES: usize = 64 << 10;
/// What one pread and pwrite move, in bytes.
pub const CHUNK_BYTES: usize = 256 << 10;

/// Why data did not arrive.
#[derive(Debug)]
pub enum Broken {
    /// The source could not be read.
    Read(io::Error),
    /// The destination could not be written.
    Write(io::Error),
    /// The destination cannot share the source's data, and is not to be without (`--reflink=always`).
    Unshared(io::Error),
    /// The run is being ended.
    Stopped,
}

/// Bytes of the buffer that names are read into.
const NAMES_BYTES: usize = 64 << 10;
/// How many large buffers are kept for later.
const CHUNKS_KEPT_MAX: usize = 4;

/// What one thread works with. Tasks on it share it by [`Rc`] and never move to another thread.
#[derive(Debug)]
pub struct Worker {
    /// What all workers share.
    pub run: Arc<Run>,
    /// This thread's ring.
    pub ring: Ring,
    /// Its tasks.
    pub executor: Executor,
    /// How many files may be under way.
    pub in_flight: Permits,
    /// Held by the one file whose turn it is, where turns matter.
    turn: Permits,
    /// Page-aligned buffers for data.
    pub buffers: BufPool,
    /// Large buffers that nobody uses just now.
    chunks: RefCell<Vec<AlignedBuf>>,
    /// Memory that is used again, for what every file needs.
    pub spares: Spares,
    /// Files that wait for their turn while later ones are fetched.
    pub lookahead: Lookahead,
    /// Large files that wait for this worker.
    pub large: LargeFiles,
    /// Directories that hard-link groups came back to.
    pub reopened: Reopened,
    /// The buffer for listings.
    pub names: RefCell<DirReader>,
    /// What counts the bytes of the file whose task runs just now.
    meter: RefCell<Option<Meter>>,
    /// The directory that its thread is in.
    pub thread_cwd: ThreadCwd,
    /// What this worker did.
    pub summary: RefCell<Summary>,
    /// The entry that it listed before.
    pub previous: Cell<Previous>,
    stack: Stack<Job>,
}

impl Worker {
    fn new(run: Arc<Run>, stack: Stack<Job>) -> Worker {
        let limits = run.plan.limits;
        let ring = run.ring();
        Worker {
            executor: Executor::new(ring.clone()),
            in_flight: Permits::new(limits.in_flight_max),
            turn: Permits::new(1),
            buffers: BufPool::new(SMALL_BYTES, limits.buffer_bytes_max),
            chunks: RefCell::default(),
            spares: Spares::default(),
            lookahead: Lookahead::new(),
            large: LargeFiles::default(),
            reopened: Reopened::default(),
            names: RefCell::new(DirReader::new(NAMES_BYTES)),
            meter: RefCell::default(),
            thread_cwd: ThreadCwd::of_this_thread(),
            summary: RefCell::new(Summary::default()),
            previous: Cell::default(),
            ring,
            run,
            stack,
        }
    }

    /// Starts a task on this thread.
    pub fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.executor.spawn(task);
    }

    /// Puts a job on this worker's stack, where others may steal it, or into the queue that all share: directories
    /// whose lines somebody wants, which would wait long for those of directories that come before them, and new ones
    /// that are best filled side by side.
    pub fn push(&self, job: Job) {
        let told = self.run.report.wants().items != ItemsWanted::None;
        let side_by_side = self.run.media.fills_side_by_side && job.fills_new_dir();
        if matches!(job, Job::Dir(_)) && (told || side_by_side) {
            self.run.jobs.push_shared(job);
        } else {
            self.run.jobs.push(&self.stack, job);
        }
    }

    /// Keeps a large file for this worker, and offers it to all others.
    pub fn offer(&self, mut part: impl FnMut() -> Job) {
        for _ in 1..self.run.plan.workers {
            self.push(part());
        }
        self.run.jobs.hold();
        self.large.put(part());
    }

    /// Ends a job, and the phase with the last one.
    pub fn close_job(&self) {
        self.run.jobs.close(|| self.run.next_phase());
    }
}

/// Runs one worker until the run is over, and returns what it did.
pub fn work(run: Arc<Run>, stack: Stack<Job>, index: usize) -> Summary {
    let _span = tracing::info_span!(target: "io", "worker", index).entered();
    let worker = Rc::new(Worker::new(run, stack));
    loop {
        let own = worker.large.next();
        let job =
            own.or_else(|| if worker.has_room() { worker.run.jobs.take(&worker.stack, index) } else { None });
        let found = if job.is_none() { Found::Nothing } else { Found::Job };
        if let Some(job) = job {
            let tasks = Rc::clone(&worker);
            worker.spawn(async move { crate::pipeline::run_job(&tasks, job).await });
        }
        worker.turn(found);
        if worker.run.jobs.over() && worker.executor.live() == 0 {
            break;
        }
    }
    tracing::info!(target: "io", ring = ?worker.ring.state(), "worker is done");
    *worker.summary.borrow()
}

/// What looking for another job came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Job,
    Nothing,
}

impl Worker {
    /// Another job is taken on while files under way leave room, so that small directories overlap; but none beside
    /// a large file, which others find then. Who has nothing else to do may always go on, or nobody would.
    fn has_room(&self) -> bool {
        self.in_flight.available() > 0
            && self.in_flight.waiting() == 0
            && !self.large.busy()
            && (self.executor.live() == 0 || !self.handles_are_few())
    }

    /// Whether so many directories are open that descriptors may run out.
    #[must_use]
    pub fn handles_are_few(&self) -> bool {
        self.run.state.dir_handles() >= self.run.plan.limits.dir_handles_max
    }

    /// Waits until one more file may be under way. Once there are as many as may be, a part of them has to be done
    /// first: files that come in bulk are submitted in bulk, and what lies side by side on a device is read in one go.
    pub async fn room_for_a_file(&self) -> Permit {
        if self.in_flight.available() == 0 {
            drop(self.in_flight.acquire(self.run.plan.limits.in_flight_max / 2).await);
        }
        self.in_flight.acquire(1).await
    }

    /// The turn of a file that is to get its name in the order of the list, where that is asked for.
    pub async fn in_turn(&self, dir: &Dir) -> Option<Permit> {
        if dir.flags.in_turn.load(Ordering::Acquire) { Some(self.turn.acquire(1).await) } else { None }
    }

    /// Runs what is ready; waits only when no job is to be had.
    fn turn(&self, found: Found) {
        let idle = found == Found::Nothing;
        if self.executor.live() == 0 {
            if idle {
                self.run.jobs.sleep();
            }
            return;
        }
        // Also while a large file is copied, which may take minutes.
        self.lookahead.let_stragglers_go();
        let mut turned = self.executor.turn(Turn::Poll);
        if idle && matches!(turned, Ok(0)) && !self.lookahead.let_some_go() {
            turned = self.executor.turn(Turn::Wait { timeout: None });
        }
        if let Err(error) = turned {
            self.run.state.abort(&Fatal {
                side: Side::Client,
                cause: Cause::Ring(error.to_string()),
                exit: Exit::Ipc,
            });
        }
    }

    /// Tells of a directory's time that could not be given back, unless it is because the directory is somebody else's.
    pub fn gave_back(&self, done: io::Result<()>, path: impl FnOnce() -> Vec<u8>) {
        let Err(error) = done else { return };
        let of_others = error.kind() == io::ErrorKind::PermissionDenied;
        if !of_others || self.run.plan.identity.passes_permissions {
            self.fail(Failure::new(Side::Generator, What::SetTimes, path(), &error));
        }
    }

    /// Tells a failure to write. Data that cannot be written ends the run, as in rsync: the disk is full.
    pub fn fail_writing(&self, failure: Failure) {
        if !matches!(failure.what, What::Write | What::Fsync) {
            // A run that is being ended for want of room says so once.
            return if self.run.state.stopping() {
                self.summary.borrow_mut().failed = true
            } else {
                self.fail(failure)
            };
        }
        let fatal = Fatal::told(failure.side, Exit::FileIo);
        // Others stumble over the same.
        if self.run.state.abort(&fatal) {
            self.fail(failure);
        }
    }

    /// Whether files of this source are opened and read through the ring.
    #[must_use]
    pub fn reads_by_ring(&self, source: u16) -> bool {
        self.run.media.suits_ring(source) && self.ring_reads()
    }

    /// Whether there is a ring that can read.
    #[must_use]
    pub fn ring_reads(&self) -> bool {
        self.ring.is_native::<OpenAt2<std::os::fd::OwnedFd, std::ffi::CString>>()
    }

    /// Tells of bytes that moved, and waits where `--bwlimit` says so.
    ///
    /// # Errors
    /// The run is being ended.
    pub fn note_moved(&self, bytes: u64) -> Result<(), Broken> {
        self.count(bytes);
        self.run.state.beat();
        self.run.rate_limit.spend(bytes, &self.run.state);
        if self.run.state.stopping() { Err(Broken::Stopped) } else { Ok(()) }
    }

    /// Tells of bytes that need not move, as they are there already.
    ///
    /// # Errors
    /// The run is being ended.
    pub fn note_kept(&self, bytes: u64) -> Result<(), Broken> {
        self.count(bytes);
        self.run.state.beat();
        if self.run.state.stopping() { Err(Broken::Stopped) } else { Ok(()) }
    }

    fn count(&self, bytes: u64) {
        self.run.report.progress(bytes);
        self.meter.borrow().iter().for_each(|meter| meter.add(bytes));
    }

    /// What counts the bytes of the running task.
    #[must_use]
    pub fn meter(&self) -> Option<Meter> {
        self.meter.borrow().clone()
    }

    /// Runs a part of a task whose bytes count for this meter.
    pub async fn metered<T>(&self, meter: Option<Meter>, part: impl Future<Output = T>) -> T {
        let mut part = std::pin::pin!(part);
        std::future::poll_fn(|context| {
            let before = self.meter.replace(meter.clone());
            let polled = part.as_mut().poll(context);
            self.meter.replace(before);
            polled
        })
        .await
    }

    /// A large buffer.
    #[must_use]
    pub fn chunk(&self) -> AlignedBuf {
        self.chunks.borrow_mut().pop().unwrap_or_else(|| AlignedBuf::new(CHUNK_BYTES))
    }

    /// Takes a large buffer back.
    pub fn keep_chunk(&self, chunk: AlignedBuf) {
        let mut chunks = self.chunks.borrow_mut();
        if chunks.len() < CHUNKS_KEPT_MAX && chunk.capacity() == CHUNK_BYTES {
            chunks.push(chunk);
        }
    }

    /// Lets other tasks run in the middle of a large file.
    ///
    /// # Errors
    /// The run is being ended.
    pub async fn give_way(&self) -> Result<(), Broken> {
        if self.run.state.stopping() {
            return Err(Broken::Stopped);
        }
        yield_now().await;
        Ok(())
    }
}
