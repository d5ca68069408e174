//! Tasks over a ring: many at once, dropped half-way, woken from elsewhere; nothing leaks and nobody is forgotten.

use std::cell::Cell;
use std::fs::{self, File};
use std::future::{Future, poll_fn};
use std::os::fd::OwnedFd;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use uring_ext::ops::{OpenAt2, Read, StatxAt};
use uring_ext::{
    AlignedBuf, BufPool, Emulate, Executor, IoBuf, Permits, Ring, RingState, Settings, Turn, yield_now,
};

/// Descriptors are counted, so the tests of this file run one at a time.
static ALONE: Mutex<()> = Mutex::new(());

fn tree(files: usize) -> (tempfile::TempDir, Rc<OwnedFd>) {
    let tree = tempfile::tempdir().unwrap();
    for n in 0..files {
        fs::write(tree.path().join(format!("f{n}")), vec![n as u8; 1000 + n]).unwrap();
    }
    let dir = Rc::new(OwnedFd::from(File::open(tree.path()).unwrap()));
    (tree, dir)
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

fn name(n: usize) -> std::ffi::CString {
    std::ffi::CString::new(format!("f{n}")).unwrap()
}

fn read_all(settings: Settings) -> RingState {
    let (_tree, dir) = tree(1000);
    let executor = Executor::new(Ring::new(settings));
    let (pool, sum) = (BufPool::new(4096, 32 << 12), Rc::new(Cell::new(0)));
    for n in 0..1000 {
        let (ring, dir, pool, sum) = (executor.ring().clone(), dir.clone(), pool.clone(), sum.clone());
        executor.spawn(async move {
            let buf = pool.take().await;
            let file = Rc::new(ring.run(OpenAt2::read(dir, name(n))).await.unwrap());
            let size = ring.run(StatxAt::of(file.clone())).await.unwrap().size;
            let buf = ring.run(Read::new(file, buf, 0)).await.unwrap();
            assert_eq!((size, buf.len()), (1000 + n as u64, 1000 + n));
            assert!(buf.iter().all(|&byte| byte == n as u8));
            sum.set(sum.get() + 1);
        });
    }
    while executor.live() > 0 {
        executor.turn(Turn::Wait { timeout: Some(Duration::from_secs(20)) }).unwrap();
    }
    assert_eq!(sum.get(), 1000);
    assert_eq!(executor.ring().in_flight(), 0);
    executor.ring().state()
}

#[test]
fn a_thousand_tasks_on_a_small_ring() {
    let _alone = ALONE.lock();
    assert!(matches!(read_all(Settings::depth(64)), RingState::Native(_)));
    read_all(Settings { in_flight_max: 1, ..Settings::depth(1) });
    read_all(Settings { in_flight_max: 1000, kernel_workers_max: 2, ..Settings::depth(64) });
    assert_eq!(read_all(Settings { emulate: Emulate::All, ..Settings::depth(64) }), RingState::Forced);
    read_all(Settings { emulate: Emulate::parse("statx,read"), ..Settings::depth(64) });
}

#[test]
fn complete_ops_on_drop() {
    let _alone = ALONE.lock();
    let (_tree, dir) = tree(300);
    // The first ring of a process leaves nothing behind either, but let it come before the count.
    drop(Executor::new(Ring::new(Settings::depth(8))).ring().slot());
    for turns in 0..4 {
        let before = descriptors();
        let executor = Executor::new(Ring::new(Settings { slots: 300, ..Settings::depth(64) }));
        for n in 0..300 {
            let (ring, dir) = (executor.ring().clone(), dir.clone());
            executor.spawn(async move {
                if n % 2 == 0 {
                    let _file = ring.run(OpenAt2::read(dir.clone(), name(n))).await.unwrap();
                    std::future::pending::<()>().await;
                }
                let slot = ring.slot();
                let open = uring_ext::ops::OpenSlot::new(slot, dir, name(n), uring_ext::plain::How::READ);
                let _slot = ring.run(open).await.unwrap();
                std::future::pending::<()>().await;
            });
        }
        for _ in 0..turns {
            executor.turn(Turn::Poll).unwrap();
        }
        drop(executor);
        assert_eq!(descriptors(), before, "after {turns} turns");
    }
}

#[test]
fn a_dropped_future_closes_what_it_opened() {
    let _alone = ALONE.lock();
    let (_tree, dir) = tree(50);
    let executor = Executor::new(Ring::new(Settings::depth(64)));
    let ring = executor.ring().clone();
    executor.turn(Turn::Poll).unwrap();
    assert!(ring.is_native::<StatxAt<Rc<OwnedFd>, &'static std::ffi::CStr>>());
    let before = descriptors();
    let mut context = Context::from_waker(Waker::noop());
    for n in 0..50 {
        let mut open = pin!(ring.run(OpenAt2::read(dir.clone(), name(n))));
        assert!(open.as_mut().poll(&mut context).is_pending());
        if n % 2 == 0 {
            ring.turn(Turn::Poll, || true).unwrap();
        }
    }
    while ring.in_flight() > 0 {
        ring.turn(Turn::Wait { timeout: None }, || true).unwrap();
    }
    assert_eq!(descriptors(), before);
}

#[test]
fn a_read_that_would_never_end_is_given_up() {
    let _alone = ALONE.lock();
    let (read_end, _write_end) = std::io::pipe().unwrap();
    let ring = Ring::new(Settings::depth(8));
    let pool = BufPool::new(4096, 4096);
    let buf = pool.try_take().unwrap();
    let mut read = Box::pin(ring.run(Read::new(OwnedFd::from(read_end), buf, 0)));
    assert!(read.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    ring.turn(Turn::Poll, || true).unwrap();
    drop(read);
    assert!(pool.try_take().is_none(), "the kernel may still write to it");
    drop(ring);
    assert!(pool.try_take().is_some(), "the ring waited, and gave it back");
}

#[test]
fn other_threads_wake_a_waiting_one() {
    let _alone = ALONE.lock();
    for emulate in [Emulate::Nothing, Emulate::All] {
        let executor = Executor::new(Ring::new(Settings { emulate, ..Settings::depth(8) }));
        let _used = executor.ring().slot();
        for _ in 0..300 {
            let (send, receive) = std::sync::mpsc::channel::<Waker>();
            let thread = std::thread::spawn(move || receive.recv().unwrap().wake());
            let mut sent = false;
            let woken = poll_fn(|context| {
                if std::mem::replace(&mut sent, true) {
                    return Poll::Ready(());
                }
                send.send(context.waker().clone()).unwrap();
                Poll::Pending
            });
            executor.block_on(woken).unwrap();
            thread.join().unwrap();
        }
        let unpark = executor.ring().unpark();
        let thread = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            unpark.unpark();
        });
        assert_eq!(executor.turn(Turn::Wait { timeout: None }).unwrap(), 0);
        thread.join().unwrap();
    }
}

#[test]
fn a_wait_ends_in_time() {
    let _alone = ALONE.lock();
    for emulate in [Emulate::Nothing, Emulate::All] {
        let executor = Executor::new(Ring::new(Settings { emulate, slots: 1, ..Settings::depth(8) }));
        let _used = executor.ring().slot();
        let begun = Instant::now();
        executor.turn(Turn::Wait { timeout: Some(Duration::from_millis(50)) }).unwrap();
        assert!(begun.elapsed() >= Duration::from_millis(49));
        executor.ring().unpark().unpark();
        executor.turn(Turn::Wait { timeout: None }).unwrap();
    }
}

#[test]
fn tasks_start_tasks_and_wait_for_them() {
    let _alone = ALONE.lock();
    let executor = Executor::new(Ring::new(Settings::depth(8)));
    let (spawner, budget) = (executor.spawner(), Permits::new(3));
    let at_once = Rc::new(Cell::new(0));
    let sum = executor.block_on(async {
        let joins: Vec<_> = (0..100)
            .map(|n| {
                let (budget, at_once) = (budget.clone(), at_once.clone());
                spawner.spawn_join(async move {
                    let _permit = budget.acquire(1).await;
                    at_once.set(at_once.get() + 1);
                    assert!(at_once.get() <= 3);
                    yield_now().await;
                    at_once.set(at_once.get() - 1);
                    n
                })
            })
            .collect();
        let mut sum = 0;
        for join in joins {
            sum += join.await;
        }
        yield_now().await;
        sum
    });
    assert_eq!(sum.unwrap(), 4950);
    assert_eq!((executor.live(), budget.available()), (0, 3));
    drop(executor);
    spawner.spawn(async { unreachable!("the executor is gone") });
}

#[test]
fn a_pool_serves_operations_in_turn() {
    let _alone = ALONE.lock();
    let pool = BufPool::new(4096, 4096);
    let mut held = pool.try_take().unwrap();
    held.set_len(5);
    let executor = Executor::new(Ring::new(Settings::depth(8)));
    let (second, third) = (pool.clone(), pool.clone());
    let joins = [
        executor.spawn_join(async move { second.take().await.len() }),
        executor.spawn_join(async move { third.take().await.capacity() }),
    ];
    executor.turn(Turn::Poll).unwrap();
    assert_eq!(executor.live(), 2);
    drop(held);
    let [one, two] = joins;
    assert_eq!(executor.block_on(async { (one.await, two.await) }).unwrap(), (0, 4096));
    let _ = AlignedBuf::new(1);
}
