//! One thread's ring: made when first needed, given operations, turned until they are answered.
//!
//! The ring is made by the first operation that needs it, on the thread that will use it (the kernel holds us to
//! that). Where the kernel has no ring for us, or lacks an operation, the operation is emulated by plain calls.

use std::cell::{Cell, OnceCell, RefCell};
use std::fmt;
use std::future::Future;
use std::io;
use std::os::fd::BorrowedFd;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use io_uring::{IoUring, opcode};

use crate::cache;
use crate::fd::{EmptySlot, SlotTable};
use crate::inflight::{Inflight, Key, News, finish};
use crate::op::{Op, may_pass};
use crate::probe::{self, Emulate};
use crate::queue::Queue;
use crate::unpark::Unpark;

/// How a ring shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Entries in the submission queue, rounded up to a power of two by the kernel, at most 32,768.
    pub depth: u32,
    /// Operations that the kernel may have at once. More wait their turn in the process.
    pub in_flight_max: usize,
    /// Direct descriptors to set aside for [`Ring::slot`]; 0 for none.
    pub slots: u32,
    /// The kernel's worker threads for file operations of this thread; 0 for the kernel's own choice.
    pub kernel_workers_max: u32,
    /// What to emulate though the kernel has it.
    pub emulate: Emulate,
}

impl Settings {
    /// A queue of `depth` entries, as many operations in flight, no slots, and what the kernel has.
    #[must_use]
    pub fn depth(depth: u32) -> Self {
        let in_flight_max = depth as usize;
        Settings { depth, in_flight_max, slots: 0, kernel_workers_max: 0, emulate: Emulate::Nothing }
    }
}

/// What became of the kernel's ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RingState {
    /// No operation needed it so far.
    Unused,
    /// It is there, with these set-up options.
    Native(Vec<&'static str>),
    /// The kernel refused, with this error number: every operation is emulated.
    Refused(i32),
    /// The settings say that every operation is emulated.
    Forced,
}

/// A handle on the calling thread's ring; a clone is another handle on the same.
///
/// ```
/// use uring_ext::{Executor, Ring, Settings, AlignedBuf, ops, plain};
/// let ring = Ring::new(Settings::depth(64));
/// let executor = Executor::new(ring.clone());
/// let stat = executor.block_on(async move {
///     let root = plain::open(c"/proc", plain::OFlags::DIRECTORY, 0)?;
///     let file = ring.run(ops::OpenAt2::read(root, c"version")).await?;
///     let file = std::rc::Rc::new(file);
///     let text = ring.run(ops::Read::new(file.clone(), AlignedBuf::new(4096), 0)).await?;
///     assert!(text.starts_with(b"Linux"));
///     ring.run(ops::StatxAt::of(file)).await
/// })??;
/// assert!(stat.is_file());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct Ring(Rc<Shared>);

struct Shared {
    settings: Settings,
    kernel: OnceCell<Result<RefCell<Queue>, i32>>,
    table: RefCell<Inflight>,
    slots: Rc<SlotTable>,
    unpark: Unpark,
    /// Kept between turns for its memory.
    news: Cell<Vec<News>>,
}

/// Whether to wait for something to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Don't wait.
    Poll,
    /// Wait when nothing is ready, until something completes, another thread wakes this one, or, if given, the
    /// time is over.
    Wait {
        /// The longest wait.
        timeout: Option<Duration>,
    },
}

impl Ring {
    /// A ring for the calling thread. This only notes the settings; the kernel is asked when first needed.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Ring(Rc::new(Shared {
            settings,
            kernel: OnceCell::new(),
            table: RefCell::default(),
            slots: Rc::default(),
            unpark: Unpark::new(),
            news: Cell::default(),
        }))
    }

    /// Runs an operation: by the ring when the kernel has it, else here and now.
    pub fn run<O: Op>(&self, op: O) -> Run<O> {
        Run { ring: self.clone(), stage: Stage::New(op) }
    }

    /// A slot for [`OpenSlot`](crate::ops::OpenSlot); or the promise of an ordinary descriptor when no slot is free,
    /// or reading from one would have to be emulated.
    #[must_use]
    pub fn slot(&self) -> EmptySlot {
        let emulate = &self.0.settings.emulate;
        let wanted = !["openat2", "read", "close"].iter().any(|name| emulate.covers(name));
        if !wanted || self.0.settings.slots == 0 || self.0.queue().is_none() {
            return EmptySlot::ordinary();
        }
        let free = self.0.slots.free.borrow_mut().pop();
        free.map_or_else(EmptySlot::ordinary, |index| EmptySlot::reserved(index, Rc::clone(&self.0.slots)))
    }

    /// Whether this operation is done by the ring; asks the kernel if nobody did yet.
    #[must_use]
    pub fn is_native<O: Op>(&self) -> bool {
        let offered = |code| !self.0.settings.emulate.covers(O::NAME) && probe::offer().has(code);
        O::OPCODE.is_some_and(offered) && self.0.queue().is_some()
    }

    /// What became of the kernel's ring.
    #[must_use]
    pub fn state(&self) -> RingState {
        match self.0.kernel.get() {
            _ if self.0.settings.emulate == Emulate::All => RingState::Forced,
            None => RingState::Unused,
            Some(Ok(_)) => RingState::Native(probe::options().collect()),
            Some(Err(errno)) => RingState::Refused(*errno),
        }
    }

    /// What becomes readable when completions wait, for a caller who drives the ring from another event loop; `None`
    /// without a ring.
    #[must_use]
    pub fn completions_fd(&self) -> Option<BorrowedFd<'_>> {
        let fd = self.0.queue()?.borrow().raw_fd();
        // SAFETY: the kernel's ring is never replaced, and lives as long as the handle that is borrowed.
        Some(unsafe { BorrowedFd::borrow_raw(fd) })
    }

    /// How many operations the kernel has now.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.0.table.borrow().flying()
    }

    /// What wakes this thread from a wait, from any other.
    #[must_use]
    pub fn unpark(&self) -> Unpark {
        self.0.unpark.clone()
    }

    /// Submits what was asked for, waits if told to and `idle` still says so, and wakes the tasks whose operations
    /// completed. Returns how many. An executor calls this; so may a caller who polls futures by other means.
    ///
    /// # Errors
    /// Those of io_uring_enter(2) that mean the ring is broken, and of poll(2).
    pub fn turn(&self, turn: Turn, idle: impl FnOnce() -> bool) -> io::Result<usize> {
        let wait = match turn {
            Turn::Wait { timeout } if self.0.unpark.doze() && idle() => Some(timeout),
            Turn::Wait { .. } | Turn::Poll => None,
        };
        let entered = match self.0.kernel.get() {
            Some(Ok(queue)) => queue.borrow_mut().enter(&self.0.table, &self.0.slots, wait, &self.0.unpark),
            None | Some(Err(_)) => {
                wait.map_or(Ok(()), |timeout| crate::queue::nap(None, timeout, &self.0.unpark))
            }
        };
        if matches!(turn, Turn::Wait { .. }) {
            self.0.unpark.awake();
        }
        entered?;
        Ok(self.0.drain())
    }
}

impl fmt::Debug for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ring").field("state", &self.state()).finish_non_exhaustive()
    }
}

impl Shared {
    fn queue(&self) -> Option<&RefCell<Queue>> {
        self.kernel.get_or_init(|| self.set_up().map(RefCell::new)).as_ref().ok()
    }

    fn set_up(&self) -> Result<Queue, i32> {
        let code = |error: io::Error| error.raw_os_error().unwrap_or(libc::EIO);
        if self.settings.emulate == Emulate::All {
            return Err(libc::ENOSYS);
        }
        if let Some(errno) = probe::offer().refused {
            return Err(errno);
        }
        let ring = probe::set_up(self.settings.depth.max(1)).map_err(code)?;
        if self.settings.kernel_workers_max > 0 {
            // Older than Linux 5.15: the kernel's own choice it is.
            let _ = ring.submitter().register_iowq_max_workers(&mut [self.settings.kernel_workers_max, 0]);
        }
        if self.settings.slots > 0 && self.reserve(&ring).is_ok() {
            *self.slots.free.borrow_mut() = (0..self.settings.slots).rev().collect();
        }
        Ok(Queue::new(ring, self.settings.in_flight_max.max(1)))
    }

    fn reserve(&self, ring: &IoUring) -> io::Result<()> {
        if !probe::offer().has_slots() || !probe::offer().has(opcode::Close::CODE) {
            return Err(rustix::io::Errno::NOSYS.into());
        }
        let submitter = ring.submitter();
        submitter
            .register_files_sparse(self.settings.slots)
            .or_else(|_| submitter.register_files(&vec![-1; self.settings.slots as usize]))
    }

    /// Notes all completions first, and only then tells anybody.
    fn drain(&self) -> usize {
        let Some(Ok(queue)) = self.kernel.get() else { return 0 };
        let mut news = self.news.take();
        let drained = queue.borrow_mut().drain(&self.table, &self.slots, &self.unpark, &mut news);
        news.drain(..).for_each(News::tell);
        self.news.set(news);
        drained
    }
}

impl Drop for Shared {
    /// Asks the kernel to give up what can be given up, and waits for the rest: running file operations end by
    /// themselves. Should the ring be broken, what the kernel has is leaked, never freed.
    fn drop(&mut self) {
        let Some(Ok(queue)) = self.kernel.get() else { return };
        let keys = self.table.borrow().cancellable();
        if !keys.is_empty() && queue.borrow_mut().cancel(&keys).is_err() {
            return;
        }
        while self.table.borrow().flying() > 0 {
            let waited = queue.borrow_mut().wait_for_one();
            if waited.is_err() {
                return;
            }
            self.drain();
        }
    }
}

enum Stage<O> {
    New(O),
    Asked(Key),
    Done,
}

/// The future of [`Ring::run`]. Dropped, it leaves the operation with the ring, which finishes it and drops what it
/// gives.
#[must_use = "futures do nothing unless awaited"]
pub struct Run<O: Op> {
    ring: Ring,
    stage: Stage<O>,
}

// The operation is boxed before anything points to it.
impl<O: Op> Unpin for Run<O> {}

impl<O: Op> Run<O> {
    fn start(&mut self, mut op: O, waker: &Waker) -> Poll<io::Result<O::Output>> {
        if self.ring.is_native::<O>() {
            #[cfg(feature = "faults")]
            if let Some(error) = crate::faults::strike(O::NAME) {
                return Poll::Ready(answered(op, -error.raw_os_error()));
            }
            let key = self.ring.0.table.borrow_mut().ask(op, waker.clone());
            self.stage = Stage::Asked(key);
            return Poll::Pending;
        }
        // SAFETY: the answer is this operation's own.
        Poll::Ready(op.emulate().and_then(|answer| unsafe { op.finish(answer) }))
    }
}

/// The output of an operation that the ring answered; what may pass is tried once more by a plain call.
fn answered<O: Op>(mut op: O, answer: i32) -> io::Result<O::Output> {
    let without_trace = O::OPCODE == Some(opcode::Read::CODE) && cache::leaves_nothing();
    let refused = without_trace && cache::knows_not(&io::Error::from_raw_os_error(-answer));
    if answer < 0 && (may_pass(-answer) || refused) && O::OPCODE != Some(opcode::Close::CODE) {
        // SAFETY: the answer is this operation's own.
        return op.emulate().and_then(|answer| unsafe { op.finish(answer) });
    }
    // SAFETY: the table keeps each operation together with its answer.
    unsafe { finish(op, answer) }
}

impl<O: Op> Future for Run<O> {
    type Output = io::Result<O::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::New(op) => self.start(op, context.waker()),
            Stage::Asked(key) => {
                let taken = self.ring.0.table.borrow_mut().take(key, context.waker());
                let Some((op, answer)) = taken else {
                    self.stage = Stage::Asked(key);
                    return Poll::Pending;
                };
                let op = self.ring.0.table.borrow().unpark::<O>(op);
                Poll::Ready(answered(op, answer))
            }
            Stage::Done => panic!("polled after it was ready"),
        }
    }
}

impl<O: Op> Drop for Run<O> {
    fn drop(&mut self) {
        if let Stage::Asked(key) = self.stage {
            let left = self.ring.0.table.borrow_mut().abandon(key);
            if let Some(discarded) = left {
                discarded.settle();
            }
        }
    }
}

impl<O: Op> fmt::Debug for Run<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("op", &O::NAME).finish_non_exhaustive()
    }
}
