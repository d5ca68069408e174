//! The kernel's two queues: the only place that pushes entries, enters the kernel, and takes completions out.

use std::cell::RefCell;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::time::Duration;

use io_uring::types::{Fd, Fixed, SubmitArgs, Timespec};
use io_uring::{IoUring, opcode};
use rustix::event::{PollFd, PollFlags};

use crate::fd::SlotTable;
use crate::inflight::{Inflight, Key, News};
use crate::op::Sqe;
use crate::unpark::Unpark;

/// Completions of our own making, told from operations by a bit that no [`Key`] has.
const OWN: u64 = 1 << 32;
/// The descriptor that other threads wake us by became readable.
const WAKE: u64 = OWN | 1 << 33;
/// What a cancellation says does not matter: the operation itself completes.
const CANCEL: u64 = OWN | 1 << 34;
/// A slot was closed; its number is in the lower half.
const SLOT: u64 = OWN | 1 << 35;

/// How long to sleep at a time when nothing can wake us.
const NAP: Duration = Duration::from_millis(10);

pub(crate) struct Queue {
    ring: IoUring,
    in_flight_max: usize,
    wake_armed: bool,
    /// Completions taken from the kernel's queue, before anybody is told.
    taken: Vec<(u64, i32)>,
}

impl Queue {
    pub(crate) fn new(ring: IoUring, in_flight_max: usize) -> Self {
        // Never more than the completion queue holds, so that it cannot overflow; some room is for our own.
        let room = (ring.params().cq_entries() as usize * 3 / 4).max(1);
        Queue { ring, in_flight_max: in_flight_max.min(room), wake_armed: false, taken: Vec::new() }
    }

    pub(crate) fn raw_fd(&self) -> RawFd {
        self.ring.as_raw_fd()
    }

    /// Submits as much of the queue as may fly, and waits for a completion if told to and nothing was left behind.
    pub(crate) fn enter(
        &mut self,
        table: &RefCell<Inflight>,
        slots: &SlotTable,
        wait: Option<Option<Duration>>,
        unpark: &Unpark,
    ) -> io::Result<()> {
        self.close_slots(slots);
        while self.launch(&mut table.borrow_mut()) {
            self.submit()?;
            if self.ring.submission().is_full() {
                break;
            }
        }
        let Some(timeout) = wait else { return self.submit() };
        if !self.ring.completion().is_empty() {
            return self.submit();
        }
        self.arm_wake(unpark)?;
        match timeout {
            None if self.wake_armed => self.wait_for_one(),
            Some(timeout) if self.wake_armed && self.ring.params().is_feature_ext_arg() => {
                self.wait_for(timeout)
            }
            _ => {
                self.submit()?;
                if !self.ring.completion().is_empty() {
                    return Ok(());
                }
                // SAFETY: the ring outlives the call.
                let ring = unsafe { BorrowedFd::borrow_raw(self.raw_fd()) };
                nap(Some(ring), timeout, unpark)
            }
        }
    }

    /// Pushes entries until the queue, or what may fly, is full. True when the submission queue was too small.
    fn launch(&mut self, table: &mut Inflight) -> bool {
        while table.flying() < self.in_flight_max {
            if self.ring.submission().is_full() {
                return table.queued() > 0;
            }
            let Some((key, sqe)) = table.launch() else { return false };
            self.push(&sqe.user_data(u64::from(key)));
        }
        false
    }

    /// The caller made sure that there is room; only our own entries come here without, and they try again later.
    fn push(&mut self, sqe: &Sqe) -> bool {
        // SAFETY: an operation's entry addresses what the in-flight table owns until the completion (`Op`); our own
        // entries address nothing.
        unsafe { self.ring.submission().push(sqe) }.is_ok()
    }

    fn close_slots(&mut self, slots: &SlotTable) {
        while let Some(index) = slots.unwanted.borrow_mut().pop() {
            let sqe = opcode::Close::new(Fixed(index)).build().user_data(SLOT | u64::from(index));
            if !self.push(&sqe) {
                slots.unwanted.borrow_mut().push(index);
                return;
            }
        }
    }

    fn arm_wake(&mut self, unpark: &Unpark) -> io::Result<()> {
        let Ok(event) = unpark.event() else { return Ok(()) };
        if self.wake_armed {
            return Ok(());
        }
        if self.ring.submission().is_full() {
            self.submit()?;
        }
        let readable = u32::from(PollFlags::IN.bits());
        let sqe = opcode::PollAdd::new(Fd(event.as_raw_fd()), readable).build().user_data(WAKE);
        self.wake_armed = self.push(&sqe);
        Ok(())
    }

    /// Hands the entries to the kernel, if there are any, and lets it do what it put off.
    fn submit(&mut self) -> io::Result<()> {
        let queue = self.ring.submission();
        let needless = queue.is_empty() && !queue.taskrun() && !queue.cq_overflow();
        drop(queue);
        if needless { Ok(()) } else { settle(self.ring.submit()) }
    }

    /// Submits, and waits for a completion.
    pub(crate) fn wait_for_one(&mut self) -> io::Result<()> {
        settle(self.ring.submit_and_wait(1))
    }

    fn wait_for(&mut self, timeout: Duration) -> io::Result<()> {
        let time = Timespec::from(timeout);
        settle(self.ring.submitter().submit_with_args(1, &SubmitArgs::new().timespec(&time)))
    }

    /// Asks the kernel to give up these operations.
    pub(crate) fn cancel(&mut self, keys: &[Key]) -> io::Result<()> {
        for &key in keys {
            if self.ring.submission().is_full() {
                self.submit()?;
            }
            self.push(&opcode::AsyncCancel::new(u64::from(key)).build().user_data(CANCEL));
        }
        self.submit()
    }

    /// Takes the completions out and notes them. Returns how many were operations; what follows from them goes to
    /// `news`.
    pub(crate) fn drain(
        &mut self,
        table: &RefCell<Inflight>,
        slots: &SlotTable,
        unpark: &Unpark,
        news: &mut Vec<News>,
    ) -> usize {
        let mut taken = std::mem::take(&mut self.taken);
        taken.extend(self.ring.completion().map(|cqe| (cqe.user_data(), cqe.result())));
        let mut table = table.borrow_mut();
        let mut answered = 0;
        for (data, answer) in taken.drain(..) {
            if data & OWN == 0 {
                answered += 1;
                news.extend(u32::try_from(data).ok().and_then(|key| table.answer(key, answer)));
            } else if data == WAKE {
                self.wake_armed = false;
                unpark.clear();
            } else if data & SLOT == SLOT {
                slots.free.borrow_mut().push((data & u64::from(u32::MAX)) as u32);
            }
        }
        self.taken = taken;
        answered
    }
}

/// What an enter said. Interrupted, out of time, or too busy to take more before completions are taken out: that is
/// for the next turn.
fn settle(entered: io::Result<usize>) -> io::Result<()> {
    match entered {
        Ok(_) => Ok(()),
        Err(error) => match error.raw_os_error() {
            Some(libc::EINTR | libc::ETIME | libc::EAGAIN | libc::EBUSY) => Ok(()),
            _ => Err(error),
        },
    }
}

/// Sleeps until the ring, if there is one, has a completion, or somebody wakes us, or the time is over.
pub(crate) fn nap(
    ring: Option<BorrowedFd<'_>>,
    timeout: Option<Duration>,
    unpark: &Unpark,
) -> io::Result<()> {
    let event = unpark.event().ok();
    let longest =
        if event.is_some() { timeout } else { Some(timeout.map_or(NAP, |timeout| timeout.min(NAP))) };
    let time = longest.map(|longest| rustix::event::Timespec {
        tv_sec: i64::try_from(longest.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(longest.subsec_nanos()) as _,
    });
    let mut watched: Vec<PollFd<'_>> =
        event.into_iter().chain(ring).map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
    match rustix::event::poll(&mut watched, time.as_ref()) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    unpark.clear();
    Ok(())
}
