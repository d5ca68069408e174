//! Our executor against tokio's current-thread runtime driven on park, on a warm small-file copy.
//!
//! Data set: 20,000 files of 4 KiB in 200 directories, on a loop-mounted ext4 with a journal, itself on tmpfs; one
//! thread opens and reads them through a ring at depth 128 and creates the copies inline. Baseline: the same copy by
//! plain calls. Runs are interleaved; medians of wall time and of CPU time (user and system) are printed, and the
//! quartiles of CPU.
//!
//! ```text
//! truncate -s 3G /dev/shm/ext4.img && mkfs.ext4 -q /dev/shm/ext4.img
//! mkdir -p /mnt/bench && mount -o loop /dev/shm/ext4.img /mnt/bench
//! URING_EXT_BENCH=/mnt/bench cargo bench -p uring-ext --bench executor
//! ```
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a benchmark takes its place and prints"
)]

use std::cell::{Cell, RefCell};
use std::ffi::CString;
use std::io;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::time::{Duration, Instant};

use uring_ext::ops::{OpenAt2, Read};
use uring_ext::plain::{self, AtFlags, How, OFlags, Unlink};
use uring_ext::{BufPool, Executor, IoBuf, Ring, Settings, Turn, process};

const DIRS: usize = 200;
const FILES_PER_DIR: usize = 100;
const DEPTH: usize = 128;
const ROUNDS: usize = 31;

struct Tree {
    dirs: Vec<Rc<OwnedFd>>,
    names: Vec<CString>,
}

impl Tree {
    fn make(base: &std::path::Path, name: &str) -> io::Result<Tree> {
        let root = base.join(name);
        let mut dirs = Vec::new();
        for n in 0..DIRS {
            let path = root.join(n.to_string());
            std::fs::create_dir_all(&path)?;
            dirs.push(Rc::new(std::fs::File::open(&path)?.into()));
        }
        let names = (0..FILES_PER_DIR).map(|n| CString::new(format!("file-{n}")).unwrap()).collect();
        Ok(Tree { dirs, names })
    }

    fn each(&self) -> impl Iterator<Item = (usize, usize)> {
        (0..DIRS).flat_map(|dir| (0..FILES_PER_DIR).map(move |name| (dir, name)))
    }

    fn empty(&self) {
        for (dir, name) in self.each() {
            let _ = plain::unlinkat(&self.dirs[dir], &self.names[name], Unlink::File);
        }
    }

    fn count(&self) -> usize {
        let there = |&(dir, name): &(usize, usize)| {
            let stat = plain::statx(&self.dirs[dir], &self.names[name], AtFlags::empty(), plain::STATX_ALL);
            stat.is_ok_and(|stat| stat.size == 4096)
        };
        self.each().filter(there).count()
    }
}

fn create(dir: &OwnedFd, name: &CString, bytes: &[u8]) -> io::Result<()> {
    let file = plain::openat(dir, name, OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY, 0o644)?;
    plain::write_all(file, bytes)
}

/// What every pipeline shares: who works takes the next file until there is none.
struct Copy {
    ring: Ring,
    pool: BufPool,
    from: Rc<Tree>,
    to: Rc<Tree>,
    next: Cell<usize>,
}

impl Copy {
    fn new(from: &Rc<Tree>, to: &Rc<Tree>) -> Rc<Copy> {
        let ring = Ring::new(Settings::depth(DEPTH as u32));
        let pool = BufPool::new(4096, DEPTH * 4096);
        Rc::new(Copy { ring, pool, from: from.clone(), to: to.clone(), next: Cell::new(0) })
    }

    fn take(&self) -> Option<usize> {
        let next = self.next.replace(self.next.get() + 1);
        (next < DIRS * FILES_PER_DIR).then_some(next)
    }

    async fn one(self: Rc<Self>, file: usize) {
        let (dir, name) = (file / FILES_PER_DIR, file % FILES_PER_DIR);
        let buf = self.pool.take().await;
        let open = OpenAt2::read(self.from.dirs[dir].clone(), self.from.names[name].clone());
        let source = self.ring.run(open).await.expect("open");
        let buf = self.ring.run(Read::new(source, buf, 0)).await.expect("read");
        create(&self.to.dirs[dir], &self.to.names[name], &buf).expect("create");
    }
}

/// One task per file, at most `DEPTH` alive, as the engine does it.
fn ours(from: &Rc<Tree>, to: &Rc<Tree>) {
    let copy = Copy::new(from, to);
    let executor = Executor::new(copy.ring.clone());
    let live = uring_ext::Permits::new(DEPTH);
    let all = async {
        while let Some(file) = copy.take() {
            let permit = live.acquire(1).await;
            let task = copy.clone().one(file);
            executor.spawn(async move {
                task.await;
                drop(permit);
            });
        }
        drop(live.acquire(DEPTH).await);
    };
    executor.block_on(all).expect("turn");
}

thread_local! {
    static PARKED: RefCell<Option<Ring>> = const { RefCell::new(None) };
}

/// The same tasks on tokio (a LocalSet, as they are not Send); the ring takes its turn, and waits, whenever tokio
/// would sleep. Flawed: a wake from another thread is not seen while the ring waits.
fn tokio_on_park(from: &Rc<Tree>, to: &Rc<Tree>) {
    let copy = Copy::new(from, to);
    PARKED.set(Some(copy.ring.clone()));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .on_thread_park(|| {
            let ring = PARKED.with_borrow(Clone::clone).expect("the ring is set");
            ring.turn(Turn::Wait { timeout: None }, || true).expect("turn");
        })
        .build()
        .expect("runtime");
    on_tokio(&runtime, &copy);
    PARKED.set(None);
}

/// The same without the flaw: the ring only submits and drains when tokio would sleep; the sleep is tokio's own, in
/// epoll, which watches the ring's descriptor.
fn tokio_on_epoll(from: &Rc<Tree>, to: &Rc<Tree>) {
    let copy = Copy::new(from, to);
    PARKED.set(Some(copy.ring.clone()));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .on_thread_park(|| {
            let ring = PARKED.with_borrow(Clone::clone).expect("the ring is set");
            ring.turn(Turn::Poll, || true).expect("turn");
        })
        .build()
        .expect("runtime");
    let watched = copy.ring.completions_fd().and_then(|fd| fd.try_clone_to_owned().ok()).expect("a ring");
    runtime.spawn(async move {
        // SAFETY: the owned descriptor stays open, and the same, until it is deregistered.
        let watched = unsafe { tokio::io::unix::AsyncFd::register(watched) }.expect("epoll");
        while let Ok(mut ready) = watched.readable().await {
            ready.clear_ready();
        }
    });
    on_tokio(&runtime, &copy);
    PARKED.set(None);
}

fn on_tokio(runtime: &tokio::runtime::Runtime, copy: &Rc<Copy>) {
    let local = tokio::task::LocalSet::new();
    // Each permit is a task alive; our own permits everywhere, so that only the executors differ.
    let live = uring_ext::Permits::new(DEPTH);
    local.block_on(runtime, async {
        while let Some(file) = copy.take() {
            let permit = live.acquire(1).await;
            let task = copy.clone().one(file);
            tokio::task::spawn_local(async move {
                task.await;
                drop(permit);
            });
        }
        drop(live.acquire(DEPTH).await);
    });
}

fn by_plain_calls(from: &Rc<Tree>, to: &Rc<Tree>) {
    let mut buf = uring_ext::AlignedBuf::new(4096);
    for (dir, name) in from.each() {
        let source = plain::openat2(&from.dirs[dir], &from.names[name], How::READ).expect("open");
        let bytes = plain::pread(&source, buf.room(), 0).expect("read");
        create(&to.dirs[dir], &to.names[name], &buf.room()[..bytes]).expect("create");
    }
}

type Pipeline = fn(&Rc<Tree>, &Rc<Tree>);
const PIPELINES: [(&str, Pipeline); 4] = [
    ("plain", by_plain_calls),
    ("ours", ours),
    ("tokio/park", tokio_on_park),
    ("tokio/epoll", tokio_on_epoll),
];

fn cpu() -> Duration {
    let used = process::usage();
    used.user + used.system
}

fn quantile(times: &mut [Duration], quarter: usize) -> f64 {
    times.sort();
    times[(times.len() - 1) * quarter / 4].as_secs_f64() * 1e3
}

fn main() -> io::Result<()> {
    let Ok(base) = std::env::var("URING_EXT_BENCH") else {
        println!(
            "set URING_EXT_BENCH to a directory on the file system to measure; see the head of this file"
        );
        return Ok(());
    };
    let base = std::path::Path::new(&base);
    let (from, to) = (Rc::new(Tree::make(base, "from")?), Rc::new(Tree::make(base, "to")?));
    from.empty();
    for (dir, name) in from.each() {
        create(&from.dirs[dir], &from.names[name], &[dir as u8; 4096])?;
    }
    let mut times = vec![(Vec::new(), Vec::new()); PIPELINES.len()];
    for round in 0..=ROUNDS {
        for step in 0..PIPELINES.len() {
            let which = (step + round) % PIPELINES.len();
            to.empty();
            plain::syncfs(&*to.dirs[0])?;
            let (begun, before) = (Instant::now(), cpu());
            PIPELINES[which].1(&from, &to);
            let (wall, used) = (begun.elapsed(), cpu() - before);
            assert_eq!(to.count(), DIRS * FILES_PER_DIR);
            if round > 0 {
                times[which].0.push(wall);
                times[which].1.push(used);
            }
        }
    }
    let base = times[1].1.clone();
    for (name, (_, used)) in PIPELINES.iter().map(|one| one.0).zip(&times) {
        let mut ratios: Vec<f64> =
            used.iter().zip(&base).map(|(a, b)| a.as_secs_f64() / b.as_secs_f64()).collect();
        ratios.sort_by(f64::total_cmp);
        println!("{name:12} CPU against ours, round by round: median {:.3}", ratios[ratios.len() / 2]);
    }
    for ((name, _), (walls, used)) in PIPELINES.iter().zip(&mut times) {
        let (low, middle, high) = (quantile(used, 1), quantile(used, 2), quantile(used, 3));
        println!(
            "{name:12} wall {:7.1} ms   CPU {middle:7.1} ms ({low:.1} to {high:.1})",
            quantile(walls, 2)
        );
    }
    Ok(())
}
