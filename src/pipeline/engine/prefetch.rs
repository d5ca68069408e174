//! Directories that are looked into before their turn, where a device or another machine makes every look wait: of what
//! the kernel knows by then, no worker waits. Nothing that is seen here decides anything.

use std::collections::VecDeque;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use uring_ext::mode::{DT_LNK, DT_REG};
use uring_ext::plain::{self, AtFlags, DirReader, OFlags};
use uring_ext::{FileName, Helpers, process};

use crate::entry::Meta;
use crate::medium::Medium;
use crate::pipeline::handles::dir::{Dir, DirJob, Through};
use crate::plan::Plan;

/// Opening and listing a directory that nothing has to be waited for takes less.
const QUICK: Duration = Duration::from_micros(500);
/// A name in it takes less than this besides.
const QUICK_PER_NAME: Duration = Duration::from_micros(2);
/// One slow directory may be a thread that was not given the processor: another of so many after it is needed.
const SUSPECTED_FOR: u8 = 4;
/// So many of the least system calls are not waiting, whatever makes them slow.
const CALLS: u32 = 32;
/// After so many quick directories in a row nothing is looked at ahead any more.
const QUICK_MAX: u32 = 32;
/// So many directories may be known and not yet worked on: more would only push others out of memory.
const AHEAD_MAX: usize = 256;
/// Threads that look ahead: a network or a solid disk answers many at once, a disk that seeks sorts a few.
const THREADS_MAX: usize = 16;
const THREADS_ROTATING_MAX: usize = 4;
/// Descriptors of directories that a run must be able to afford.
const HANDLES_MIN: usize = 512;
/// Bytes of the buffer that names are read into.
const NAMES_BYTES: usize = 32 << 10;
/// So many names are looked at before it is asked whether a worker has come.
const NAMES_AT_ONCE: usize = 16;

/// Who looks ahead.
#[derive(Debug)]
pub struct Prefetch {
    shared: Arc<Shared>,
    pool: Helpers,
    threads_max: usize,
}

#[derive(Debug)]
struct Shared {
    /// Whether looking ahead pays just now.
    on: AtomicBool,
    quick: AtomicU32,
    /// For how many more directories a second slow one turns looking ahead on.
    suspected: AtomicU8,
    /// How directories are opened.
    flags: OFlags,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    upcoming: VecDeque<Arc<Upcoming>>,
    /// Threads under way.
    threads: usize,
    /// Directories that were looked into and that no worker has come to.
    ahead: usize,
    /// Grown beyond this, the queue is rid of what workers have come to: it keeps directories above open.
    swept_at: usize,
}

/// A directory whose turn comes.
#[derive(Debug)]
pub struct Upcoming {
    parent: Arc<Dir>,
    name: FileName,
    stage: AtomicU8,
}

/// Nobody has come to it.
const WAITING: u8 = 0;
/// It was looked into.
const KNOWN: u8 = 1;
/// A worker is there.
const TAKEN: u8 = 2;

impl Prefetch {
    /// For one run; no thread is started before something has to be waited for, and none where the user asked for one
    /// worker only, or descriptors or addresses are limited.
    #[must_use]
    pub fn new(plan: &Plan, media: &[Medium]) -> Prefetch {
        let affordable =
            plan.limits.dir_handles_max >= HANDLES_MIN && process::address_space_max() == u64::MAX;
        let wanted = plan.options.engine.workers != Some(1);
        let rotates = media.contains(&Medium::Rotating);
        let threads_max = if rotates { THREADS_ROTATING_MAX } else { THREADS_MAX };
        let mut flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW;
        if plan.options.preserve.open_noatime {
            flags |= OFlags::NOATIME;
        }
        let shared = Shared {
            on: AtomicBool::new(false),
            quick: AtomicU32::new(0),
            suspected: AtomicU8::new(0),
            flags,
            queue: Mutex::default(),
        };
        Prefetch {
            shared: Arc::new(shared),
            pool: Helpers::new(threads_max, threads_max),
            threads_max: if affordable && wanted { threads_max } else { 0 },
        }
    }

    /// Notes how long a worker took to open and list a directory of so many names.
    pub fn note(&self, took: Duration, names: usize) {
        if self.threads_max == 0 {
            return;
        }
        let shared = &*self.shared;
        let suspected = shared.suspected.load(Ordering::Relaxed);
        if is_slow(took, names) {
            shared.suspected.store(SUSPECTED_FOR, Ordering::Relaxed);
            if suspected > 0 {
                shared.quick.store(0, Ordering::Relaxed);
                if !shared.on.swap(true, Ordering::Relaxed) {
                    self.start(shared.queue());
                }
            }
        } else if suspected > 0 {
            shared.suspected.store(suspected - 1, Ordering::Relaxed);
            if suspected == 1 && !shared.on.load(Ordering::Relaxed) {
                shared.queue().upcoming.clear();
            }
        }
    }

    /// Takes note of directories whose turn comes, in this order and before all others.
    pub fn announce<'a>(&self, children: impl DoubleEndedIterator<Item = &'a mut DirJob>) {
        let is_on = || self.shared.on.load(Ordering::Relaxed);
        if !is_on() && self.shared.suspected.load(Ordering::Relaxed) == 0 {
            return;
        }
        let mut queue = self.shared.queue();
        for child in children.rev() {
            // Links may lead anywhere.
            let Some(parent) = child.parent.as_ref().filter(|_| child.through == Through::Itself) else {
                continue;
            };
            if !child.listed.is_empty() {
                let (parent, name) = (Arc::clone(parent), child.name.clone());
                let upcoming = Arc::new(Upcoming { parent, name, stage: AtomicU8::new(WAITING) });
                child.upcoming = Some(Arc::clone(&upcoming));
                queue.upcoming.push_front(upcoming);
            }
        }
        queue.sweep();
        // Asked under the lock: who turns it on takes the lock afterwards, and starts what was announced by then.
        if is_on() {
            self.start(queue);
        }
    }

    /// Notes that a worker has come to a directory.
    pub fn take(&self, job: &DirJob) {
        let Some(upcoming) = &job.upcoming else { return };
        if upcoming.stage.swap(TAKEN, Ordering::AcqRel) == KNOWN {
            let mut queue = self.shared.queue();
            queue.ahead -= 1;
            self.start(queue);
        }
    }

    /// Starts threads for what waits.
    fn start(&self, mut queue: MutexGuard<'_, Queue>) {
        let room = self.threads_max.min(AHEAD_MAX - queue.ahead.min(AHEAD_MAX));
        let wanted = room.min(queue.threads + queue.upcoming.len());
        let more = wanted.saturating_sub(queue.threads);
        queue.threads += more;
        drop(queue);
        for _ in 0..more {
            let shared = Arc::clone(&self.shared);
            if !self.pool.start(move || shared.look_ahead()) {
                self.shared.queue().threads -= 1;
            }
        }
    }
}

fn is_slow(took: Duration, names: usize) -> bool {
    let quick = QUICK + QUICK_PER_NAME * u32::try_from(names).unwrap_or(u32::MAX);
    took > quick && took > quick + process::least_call() * CALLS
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks into one directory after the other, until nothing is left or enough is known.
    fn look_ahead(&self) {
        let mut reader = DirReader::new(NAMES_BYTES);
        while let Some(upcoming) = self.next() {
            let (took, names) = upcoming.look(&mut reader, self.flags);
            if is_slow(took, names) {
                self.quick.store(0, Ordering::Relaxed);
            } else if self.quick.fetch_add(1, Ordering::Relaxed) >= QUICK_MAX {
                self.on.store(false, Ordering::Relaxed);
            }
            let mut queue = self.queue();
            let known = upcoming.stage.compare_exchange(WAITING, KNOWN, Ordering::AcqRel, Ordering::Acquire);
            queue.ahead += usize::from(known.is_ok());
        }
    }

    /// The next directory that no worker has come to; this thread is over when there is none.
    fn next(&self) -> Option<Arc<Upcoming>> {
        let mut queue = self.queue();
        if !self.on.load(Ordering::Relaxed) {
            queue.upcoming.clear();
        }
        if queue.ahead < AHEAD_MAX {
            while let Some(upcoming) = queue.upcoming.pop_front() {
                if !upcoming.is_taken() {
                    return Some(upcoming);
                }
            }
        }
        queue.threads -= 1;
        None
    }
}

impl Queue {
    fn sweep(&mut self) {
        if self.upcoming.len() > self.swept_at {
            self.upcoming.retain(|upcoming| !upcoming.is_taken());
            self.swept_at = AHEAD_MAX.max(2 * self.upcoming.len());
        }
    }
}

impl Upcoming {
    fn is_taken(&self) -> bool {
        self.stage.load(Ordering::Acquire) == TAKEN
    }

    /// Looks at all names on both sides. Returns how long it took to open and list the directory, and how many there
    /// are. What fails here fails again in its turn, and is told then.
    fn look(&self, reader: &mut DirReader, flags: OFlags) -> (Duration, usize) {
        let began = Instant::now();
        let open = |above| plain::openat(above, &self.name, flags, 0).ok();
        let sides: Vec<_> = self.parent.src.iter().filter_map(|(_, above)| open(above)).collect();
        let target = self.parent.dst.as_ref().and_then(open);
        let mut names = Vec::new();
        for side in &sides {
            while reader.fill(side).is_ok_and(|more| more) {
                // What may be a mount point is left to the worker: looking at it may take for ever.
                let plain_kind = |kind| matches!(kind, DT_REG | DT_LNK);
                names.extend(reader.names().1.filter(|&(_, (_, kind))| plain_kind(kind)));
            }
        }
        let took = began.elapsed();
        names.sort_unstable_by_key(|&(_, (ino, _))| ino);
        for some in names.chunks(NAMES_AT_ONCE) {
            if self.is_taken() {
                break;
            }
            for (name, _) in some {
                for side in sides.iter().chain(&target) {
                    // The kernel keeps the answer; what is seen here decides nothing.
                    let _ = Meta::at(side.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW);
                }
            }
        }
        (took, names.len())
    }
}
