//! Page-aligned buffers, alone or from a bounded pool of one thread.
//!
//! Aligned, because a buffer that starts 8 or 16 bytes into a page costs five to six times as much to copy into on
//! some processors, and that is just where a large `vec![0; n]` starts. Buffers are not registered with the ring:
//! see the crate's README for the figures.

use std::alloc::{Layout, handle_alloc_error};
use std::cell::RefCell;
use std::fmt;
use std::ops::Deref;
use std::ptr::NonNull;
use std::rc::Rc;
use std::sync::Arc;

use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};

use crate::permits::{Permit, Permits};

/// How many buffers a pool gets from the kernel at once: memory is taken as they are used, not as they are made.
const BATCH_BUFS: usize = 16;

/// Where buffers start, and what their sizes are multiples of, in bytes.
pub const PAGE_BYTES: usize = 4096;

/// Memory that an operation may hand to the kernel.
///
/// # Safety
/// The memory stays at the address that [`start`](IoBuf::start) gives, [`capacity`](IoBuf::capacity) bytes of it, all
/// initialised, until the value is dropped or used through `&mut`, even when the value moves; and nobody else reads
/// or writes it meanwhile.
pub unsafe trait IoBuf: 'static {
    /// The first byte.
    fn start(&mut self) -> *mut u8;
    /// How many bytes there is room for.
    fn capacity(&self) -> usize;
    /// All the room, filled or not.
    fn room(&mut self) -> &mut [u8];
    /// The part that holds data.
    fn filled(&self) -> &[u8];
    /// Says how many bytes hold data; more than the capacity counts as the capacity.
    fn set_len(&mut self, bytes: usize);
}

/// A page-aligned buffer of its own, zero at first.
pub struct AlignedBuf {
    start: NonNull<u8>,
    capacity: usize,
    len: usize,
    /// What the buffer is a part of.
    _mapping: Arc<Mapping>,
}

// SAFETY: the memory is owned by the value alone.
unsafe impl Send for AlignedBuf {}
// SAFETY: a shared reference only reads.
unsafe impl Sync for AlignedBuf {}

impl AlignedBuf {
    /// A buffer of at least `bytes`, rounded up to whole pages; at least one page.
    ///
    /// # Panics
    /// When `bytes` is more than the address space holds.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self::several(bytes, 1).pop().expect("one was asked for")
    }

    /// `count` equal buffers in one piece of memory, which costs one system call. It goes back with the last of them.
    ///
    /// # Panics
    /// When that is more than the address space holds.
    #[must_use]
    pub fn several(bytes: usize, count: usize) -> Vec<Self> {
        let capacity = bytes.max(1).next_multiple_of(PAGE_BYTES);
        let mapping = Arc::new(Mapping::new(capacity * count.max(1)));
        let part = |index| AlignedBuf {
            // SAFETY: every part lies within the mapping.
            start: unsafe { mapping.start.add(capacity * index) },
            capacity,
            len: 0,
            _mapping: Arc::clone(&mapping),
        };
        (0..count).map(part).collect()
    }
}

/// Memory straight from the kernel: zero, and no page of it is taken before it is used, which an aligned and zeroed
/// piece from the allocator would be.
struct Mapping {
    start: NonNull<u8>,
    bytes: usize,
}

// SAFETY: it only holds the memory; nothing is read or written through it.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    fn new(bytes: usize) -> Self {
        let (how, kind) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE);
        // SAFETY: the kernel chooses an address where nothing is.
        let start = unsafe { mmap_anonymous(std::ptr::null_mut(), bytes, how, kind) };
        let start = start.ok().and_then(|start| NonNull::new(start.cast()));
        let Some(start) = start else {
            handle_alloc_error(Layout::from_size_align(bytes, PAGE_BYTES).expect("it fits the address space"))
        };
        Mapping { start, bytes }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: mapped in `new` with this length, and every buffer in it is gone.
        let _ = unsafe { munmap(self.start.as_ptr().cast(), self.bytes) };
    }
}

// SAFETY: the memory is mapped, zeroed when made, and owned by the value alone.
unsafe impl IoBuf for AlignedBuf {
    fn start(&mut self) -> *mut u8 {
        self.start.as_ptr()
    }

    fn capacity(&self) -> usize {
        self.capacity
    }

    fn room(&mut self) -> &mut [u8] {
        // SAFETY: `capacity` initialised bytes that this value owns.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.capacity) }
    }

    fn filled(&self) -> &[u8] {
        // SAFETY: `len` is never over `capacity`, and the bytes are initialised.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }

    fn set_len(&mut self, bytes: usize) {
        self.len = bytes.min(self.capacity);
    }
}

impl Deref for AlignedBuf {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.filled()
    }
}

impl fmt::Debug for AlignedBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AlignedBuf")
            .field("len", &self.len)
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

/// A bounded store of equal buffers for the tasks of one thread. A clone is another handle on the same store.
///
/// ```
/// use uring_ext::{BufPool, IoBuf};
/// let pool = BufPool::new(64 << 10, 128 << 10);
/// let (one, two) = (pool.try_take().unwrap(), pool.try_take().unwrap());
/// assert_eq!(one.capacity(), 64 << 10);
/// assert!(pool.try_take().is_none());
/// drop(two);
/// assert!(pool.try_take().is_some());
/// ```
#[derive(Debug, Clone)]
pub struct BufPool {
    free: Rc<RefCell<Vec<AlignedBuf>>>,
    permits: Permits,
    buf_bytes: usize,
}

impl BufPool {
    /// A store of buffers of `buf_bytes` each (rounded up to whole pages), `total_bytes` of them in all, but at
    /// least one. Memory is taken when a buffer is first needed, and kept until the store goes.
    #[must_use]
    pub fn new(buf_bytes: usize, total_bytes: usize) -> Self {
        let buf_bytes = buf_bytes.max(1).next_multiple_of(PAGE_BYTES);
        let permits = Permits::new((total_bytes / buf_bytes).max(1));
        BufPool { free: Rc::default(), permits, buf_bytes }
    }

    /// A buffer, once there is one; who asks first gets one first.
    pub async fn take(&self) -> Buf {
        let permit = self.permits.acquire(1).await;
        self.hand_out(permit)
    }

    /// A buffer, if one is free now and nobody is waiting.
    #[must_use]
    pub fn try_take(&self) -> Option<Buf> {
        self.permits.try_acquire(1).map(|permit| self.hand_out(permit))
    }

    /// The size of each buffer in bytes.
    #[must_use]
    pub fn buf_bytes(&self) -> usize {
        self.buf_bytes
    }

    fn hand_out(&self, permit: Permit) -> Buf {
        let mut free = self.free.borrow_mut();
        let memory = free.pop().unwrap_or_else(|| {
            // Others will be needed soon.
            *free = AlignedBuf::several(self.buf_bytes, BATCH_BUFS);
            free.pop().expect("just filled")
        });
        drop(free);
        Buf { memory: Some(memory), free: Rc::clone(&self.free), _permit: permit }
    }
}

/// A buffer of a [`BufPool`], which gets it back when it is dropped.
pub struct Buf {
    memory: Option<AlignedBuf>,
    free: Rc<RefCell<Vec<AlignedBuf>>>,
    _permit: Permit,
}

impl Buf {
    fn memory(&self) -> &AlignedBuf {
        self.memory.as_ref().expect("the memory leaves only in drop")
    }

    fn memory_mut(&mut self) -> &mut AlignedBuf {
        self.memory.as_mut().expect("the memory leaves only in drop")
    }
}

impl Drop for Buf {
    fn drop(&mut self) {
        if let Some(mut memory) = self.memory.take() {
            memory.set_len(0);
            self.free.borrow_mut().push(memory);
        }
    }
}

// SAFETY: the memory is an AlignedBuf's.
unsafe impl IoBuf for Buf {
    fn start(&mut self) -> *mut u8 {
        self.memory_mut().start()
    }

    fn capacity(&self) -> usize {
        self.memory().capacity()
    }

    fn room(&mut self) -> &mut [u8] {
        self.memory_mut().room()
    }

    fn filled(&self) -> &[u8] {
        self.memory().filled()
    }

    fn set_len(&mut self, bytes: usize) {
        self.memory_mut().set_len(bytes);
    }
}

impl Deref for Buf {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.filled()
    }
}

impl fmt::Debug for Buf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.memory().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_start_on_a_page_and_stay_within_the_limit() {
        let pool = BufPool::new(5000, 40_000);
        assert_eq!(pool.buf_bytes(), 8192);
        let mut taken: Vec<Buf> = std::iter::from_fn(|| pool.try_take()).collect();
        assert_eq!(taken.len(), 4);
        for buf in &mut taken {
            assert_eq!(buf.start().addr() % PAGE_BYTES, 0);
            buf.room().fill(7);
            buf.set_len(usize::MAX);
            assert_eq!(buf.len(), 8192);
        }
        let address = taken.pop().map(|mut buf| buf.start().addr());
        let mut again = pool.try_take().unwrap();
        assert_eq!(Some(again.start().addr()), address);
        assert!(again.is_empty());
    }

    #[test]
    fn a_buffer_outlives_its_pool() {
        let pool = BufPool::new(1, 1);
        let mut buf = pool.try_take().unwrap();
        drop(pool);
        buf.room()[..3].copy_from_slice(b"abc");
        buf.set_len(3);
        assert_eq!(&*buf, b"abc");
    }
}
