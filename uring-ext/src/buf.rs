//! Page-aligned buffers, alone or from a bounded pool of one thread.
//!
//! Aligned, because a buffer that starts 8 or 16 bytes into a page costs five to six times as much to copy into on
//! some processors, and that is just where a large `vec![0; n]` starts. Buffers are not registered with the ring:
//! see the crate's README for the figures.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::cell::RefCell;
use std::fmt;
use std::ops::Deref;
use std::ptr::NonNull;
use std::rc::Rc;

use crate::permits::{Permit, Permits};

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
        let capacity = bytes.max(1).next_multiple_of(PAGE_BYTES);
        let layout = Self::layout(capacity);
        // SAFETY: the size is not zero.
        let start = unsafe { alloc_zeroed(layout) };
        let Some(start) = NonNull::new(start) else { handle_alloc_error(layout) };
        AlignedBuf { start, capacity, len: 0 }
    }

    fn layout(capacity: usize) -> Layout {
        Layout::from_size_align(capacity, PAGE_BYTES).expect("a buffer fits in the address space")
    }
}

impl Drop for AlignedBuf {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this very layout.
        unsafe { dealloc(self.start.as_ptr(), Self::layout(self.capacity)) }
    }
}

// SAFETY: the memory is on the heap, zeroed when made, and owned by the value alone.
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
        let kept = self.free.borrow_mut().pop();
        let memory = kept.unwrap_or_else(|| AlignedBuf::new(self.buf_bytes));
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
