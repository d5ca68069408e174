//! One thread's tasks over its ring: ready tasks are polled, what they asked for is submitted, completions are taken
//! out in bulk, and only then do the woken tasks run again. No task runs inside a completion.
//!
//! Our own rather than tokio's current-thread runtime driven on park: see the crate's README for the measurement.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::rc::{Rc, Weak};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker, ready};

use crate::join::{Join, join};
use crate::ring::{Ring, Turn};
use crate::unpark::Unpark;

/// The number of the future that `block_on` waits for.
const MAIN: u32 = u32::MAX;

/// The tasks of one thread.
///
/// ```
/// use std::{cell::Cell, rc::Rc};
/// use uring_ext::{Executor, Ring, Settings, Turn, yield_now};
/// let executor = Executor::new(Ring::new(Settings::depth(8)));
/// let sum = Rc::new(Cell::new(0));
/// for number in 1..=3 {
///     let sum = Rc::clone(&sum);
///     executor.spawn(async move {
///         yield_now().await;
///         sum.set(sum.get() + number);
///     });
/// }
/// while executor.live() > 0 {
///     executor.turn(Turn::Wait { timeout: None })?;
/// }
/// assert_eq!(sum.get(), 6);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Executor(Rc<Inner>);

struct Inner {
    ring: Ring,
    tasks: RefCell<Vec<Task>>,
    vacant: RefCell<Vec<u32>>,
    live: Cell<usize>,
    ready: Arc<Ready>,
    batch: Cell<Vec<u32>>,
    main: Arc<Alarm>,
}

struct Task {
    /// Away while it is polled. The seat of a task that ended stays, for its memory.
    seat: Option<Pin<Box<dyn Seat>>>,
    is_live: bool,
    alarm: Arc<Alarm>,
    waker: Waker,
}

/// The memory of a task, which the next task of the same type gets without an allocation.
trait Seat {
    /// Polls the task, and drops it once it is ready.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()>;
    /// Takes the task out of `task`, an `Option` of it, when it is of the type that fits in here.
    fn refill(self: Pin<&mut Self>, task: &mut dyn Any) -> bool;
}

impl<F: Future<Output = ()> + 'static> Seat for Option<F> {
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if let Some(task) = self.as_mut().as_pin_mut() {
            ready!(task.poll(context));
            self.set(None);
        }
        Poll::Ready(())
    }

    fn refill(mut self: Pin<&mut Self>, task: &mut dyn Any) -> bool {
        let task = task.downcast_mut::<Option<F>>();
        let fits = task.is_some();
        if let Some(task) = task {
            self.set(task.take());
        }
        fits
    }
}

/// What any thread may touch: the numbers of the tasks to poll.
struct Ready {
    numbers: Mutex<Vec<u32>>,
    unpark: Unpark,
}

/// Wakes one task. It belongs to the task's place, not to the task: one that comes late polls a newer task once in
/// vain, which every future must bear.
struct Alarm {
    number: u32,
    rung: AtomicBool,
    ready: Arc<Ready>,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            self.ready.push(self.number);
        }
    }
}

impl Ready {
    fn push(&self, number: u32) {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner).push(number);
        self.unpark.nudge();
    }

    fn is_empty(&self) -> bool {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn swap(&self, batch: &mut Vec<u32>) {
        std::mem::swap(batch, &mut self.numbers.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Executor {
    /// An executor for the calling thread, over its ring.
    #[must_use]
    pub fn new(ring: Ring) -> Self {
        let ready = Arc::new(Ready { numbers: Mutex::default(), unpark: ring.unpark() });
        let main = Arc::new(Alarm { number: MAIN, rung: AtomicBool::new(false), ready: Arc::clone(&ready) });
        Executor(Rc::new(Inner {
            ring,
            tasks: RefCell::default(),
            vacant: RefCell::default(),
            live: Cell::new(0),
            ready,
            batch: Cell::default(),
            main,
        }))
    }

    /// The ring underneath.
    #[must_use]
    pub fn ring(&self) -> &Ring {
        &self.0.ring
    }

    /// Starts a task, which is first polled in the next turn.
    pub fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.0.spawn(task);
    }

    /// Starts a task whose result can be awaited. Dropping the [`Join`] lets the task go on.
    pub fn spawn_join<T: 'static>(&self, task: impl Future<Output = T> + 'static) -> Join<T> {
        let (finishing, waiting) = join(task);
        self.spawn(finishing);
        waiting
    }

    /// For tasks that start tasks: it does not keep the executor alive.
    #[must_use]
    pub fn spawner(&self) -> Spawner {
        Spawner(Rc::downgrade(&self.0))
    }

    /// How many tasks are alive.
    #[must_use]
    pub fn live(&self) -> usize {
        self.0.live.get()
    }

    /// Polls the tasks that are ready, each once; submits; takes completions out; and waits first if told to and
    /// nothing is ready. A turn in which the last task ended does not wait; one that finds no task at all does,
    /// since another thread may [unpark](Ring::unpark) it. Returns how many tasks were polled and operations
    /// completed.
    ///
    /// # Errors
    /// Those of [`Ring::turn`]: the ring is broken.
    pub fn turn(&self, turn: Turn) -> io::Result<usize> {
        let (polled, main_is_ready) = self.0.poll_ready();
        let last_task_ended = polled > 0 && self.live() == 0;
        let turn = if main_is_ready || last_task_ended { Turn::Poll } else { turn };
        let ready = &self.0.ready;
        let completed = self.0.ring.turn(turn, || ready.is_empty())?;
        Ok(polled + completed)
    }

    /// Runs a future to its end, and the tasks meanwhile.
    ///
    /// # Errors
    /// Those of [`Ring::turn`]: the ring is broken.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> io::Result<T> {
        let mut future = pin!(future);
        let waker = Waker::from(Arc::clone(&self.0.main));
        self.0.main.rung.store(true, Ordering::Release);
        loop {
            if self.0.main.rung.swap(false, Ordering::AcqRel)
                && let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker))
            {
                return Ok(output);
            }
            self.turn(Turn::Wait { timeout: None })?;
        }
    }
}

impl Inner {
    fn spawn(&self, future: impl Future<Output = ()> + 'static) {
        let mut future = Some(future);
        let vacant = self.vacant.borrow_mut().pop();
        let number = vacant.unwrap_or_else(|| self.add_place());
        let alarm = {
            let task = &mut self.tasks.borrow_mut()[number as usize];
            if !task.seat.as_mut().is_some_and(|seat| seat.as_mut().refill(&mut future)) {
                task.seat = Some(Box::pin(future));
            }
            task.is_live = true;
            Arc::clone(&task.alarm)
        };
        self.live.set(self.live.get() + 1);
        alarm.wake();
    }

    fn add_place(&self) -> u32 {
        let mut tasks = self.tasks.borrow_mut();
        let number = u32::try_from(tasks.len()).expect("fewer than four thousand million tasks");
        let alarm = Arc::new(Alarm { number, rung: AtomicBool::new(false), ready: Arc::clone(&self.ready) });
        let waker = Waker::from(Arc::clone(&alarm));
        tasks.push(Task { seat: None, is_live: false, waker, alarm });
        number
    }

    /// Polls each task that is ready now, once; those that become ready meanwhile are for the next turn. Returns how
    /// many, and whether the future that `block_on` waits for is ready too.
    fn poll_ready(&self) -> (usize, bool) {
        let mut batch = self.batch.take();
        self.ready.swap(&mut batch);
        let (mut polled, mut main_is_ready) = (0, false);
        for number in batch.drain(..) {
            if number == MAIN {
                main_is_ready = true;
            } else {
                self.poll_task(number);
                polled += 1;
            }
        }
        self.batch.set(batch);
        (polled, main_is_ready)
    }

    fn poll_task(&self, number: u32) {
        let (seat, waker) = {
            let task = &mut self.tasks.borrow_mut()[number as usize];
            task.alarm.rung.store(false, Ordering::Release);
            if !task.is_live {
                return;
            }
            (task.seat.take(), task.waker.clone())
        };
        let Some(mut seat) = seat else { return };
        let polled = seat.as_mut().poll(&mut Context::from_waker(&waker));
        let task = &mut self.tasks.borrow_mut()[number as usize];
        task.seat = Some(seat);
        if polled.is_ready() {
            task.is_live = false;
            self.live.set(self.live.get() - 1);
            self.vacant.borrow_mut().push(number);
        }
    }
}

impl Drop for Inner {
    /// Futures go one at a time, with nothing borrowed: what they hold may spawn or wake.
    fn drop(&mut self) {
        let mut tasks = std::mem::take(&mut *self.tasks.borrow_mut());
        tasks.iter_mut().for_each(|task| drop(task.seat.take()));
    }
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Executor").field("live", &self.live()).finish_non_exhaustive()
    }
}

/// Starts tasks on an executor, from its tasks.
#[derive(Clone)]
pub struct Spawner(Weak<Inner>);

impl Spawner {
    /// As [`Executor::spawn`]. When the executor is gone already, the task is dropped.
    pub fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        if let Some(inner) = self.0.upgrade() {
            inner.spawn(task);
        }
    }

    /// As [`Executor::spawn_join`]. When the executor is gone already, the [`Join`] never ends.
    pub fn spawn_join<T: 'static>(&self, task: impl Future<Output = T> + 'static) -> Join<T> {
        let (finishing, waiting) = join(task);
        self.spawn(finishing);
        waiting
    }
}

impl fmt::Debug for Spawner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spawner").finish_non_exhaustive()
    }
}

/// Lets every other ready task run once before this one goes on.
pub async fn yield_now() {
    let mut yielded = false;
    poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
