//! Large files over all workers. Of several files each worker copies one at a time, its own newest first, while others
//! steal the oldest, so that two write to one file only when no other file is left: writes to one file take turns in
//! the kernel.

use std::io;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use uring_ext::SharedFd;
use uring_ext::mode::errno::ENODATA;

use super::data::copy_range;
use crate::pipeline::engine::jobs::Job;
use crate::pipeline::engine::worker::{Broken, Worker};
use crate::report::Meter;

/// A file whose ranges are under way.
#[derive(Debug)]
pub struct Shared {
    from: OwnedFd,
    to: OwnedFd,
    /// Bytes of a range.
    step: u64,
    /// How many ranges there are; the last one goes on to the end of the source, wherever that is by then.
    count: u64,
    /// The next range that nobody has taken.
    next: AtomicU64,
    state: Mutex<State>,
    meter: Option<Meter>,
}

#[derive(Debug, Default)]
struct State {
    /// Ranges taken and not done.
    open: usize,
    /// Bytes that arrived.
    moved: u64,
    broken: Option<Broken>,
    waker: Option<Waker>,
}

/// An offer to help with a large file.
#[derive(Debug)]
pub struct RangeJob(Arc<Shared>);

/// Copies `bytes` bytes in ranges.
///
/// # Errors
/// The first failure of any range.
pub async fn copy(worker: &Rc<Worker>, from: &SharedFd, to: &OwnedFd, bytes: u64) -> Result<u64, Broken> {
    let step = worker.run.plan.limits.range_bytes;
    let file = Arc::new(Shared {
        from: from.try_clone().map_err(Broken::Read)?,
        to: to.try_clone().map_err(Broken::Write)?,
        step,
        count: bytes.div_ceil(step),
        next: AtomicU64::new(0),
        state: Mutex::new(State::default()),
        meter: worker.meter(),
    });
    worker.offer(|| Job::Range(Box::new(RangeJob(Arc::clone(&file)))));
    done(&file).await;
    let mut state = file.state.lock().unwrap_or_else(PoisonError::into_inner);
    match state.broken.take() {
        Some(broken) => Err(broken),
        None => Ok(state.moved),
    }
}

/// Copies ranges that nobody has taken yet.
pub async fn run(worker: &Worker, job: &RangeJob) {
    worker.large.begin();
    worker.metered(job.0.meter.clone(), take_ranges(worker, &job.0)).await;
    worker.large.end();
}

async fn take_ranges(worker: &Worker, file: &Shared) {
    loop {
        {
            let mut state = file.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.broken.is_some() {
                return;
            }
            state.open += 1;
        }
        let index = file.next.fetch_add(1, Ordering::AcqRel);
        if index >= file.count {
            return file.close(Ok(0));
        }
        let end = if index + 1 == file.count { u64::MAX } else { (index + 1) * file.step };
        let moved = copy_range(worker, &file.from, &file.to, index * file.step..end).await;
        file.close(match moved {
            // The source shrank: what follows this range would come after a gap.
            Ok(bytes) if end != u64::MAX && bytes < file.step => {
                Err(Broken::Read(io::Error::from_raw_os_error(ENODATA)))
            }
            other => other,
        });
    }
}

impl Shared {
    fn close(&self, moved: Result<u64, Broken>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.open -= 1;
        match moved {
            Ok(bytes) => state.moved += bytes,
            Err(broken) => {
                state.broken.get_or_insert(broken);
            }
        }
        if state.open == 0
            && let Some(waker) = state.waker.take()
        {
            waker.wake();
        }
    }
}

/// Waits until every range was taken, or one failed, and nobody works on one.
async fn done(file: &Shared) {
    std::future::poll_fn(|context| {
        let mut state = file.state.lock().unwrap_or_else(PoisonError::into_inner);
        let all_taken = file.next.load(Ordering::Acquire) >= file.count;
        if state.open == 0 && (all_taken || state.broken.is_some()) {
            return Poll::Ready(());
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    })
    .await;
}
