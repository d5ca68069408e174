//! Descriptors: the ordinary one, which is the standard library's, and the direct one, a file known to a ring by its
//! slot and with no number in the process. A direct one serves for reading only: it can be no directory handle, and
//! no plain call takes it; so operations that need more take `AsFd`, which [`Slot`] is not.

use std::cell::RefCell;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};
use std::rc::Rc;

use io_uring::{opcode, types};

use crate::op::openat2::{How, openat2};
use crate::op::{Name, Op, Sqe};
use crate::shared_fd::SharedFd;

/// An ordinary descriptor, closed when dropped, always close-on-exec.
pub type Fd = OwnedFd;

/// How a ring names the file of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// By its number in the process.
    Fd(i32),
    /// By its slot in the ring.
    Slot(u32),
}

/// What can be read from: anything with a descriptor, or a [`Slot`].
pub trait Source: 'static {
    /// How the ring names it.
    fn target(&self) -> Target;
    /// The ordinary descriptor.
    ///
    /// # Errors
    /// EBADF for a slot that has none.
    fn plain(&self) -> io::Result<BorrowedFd<'_>>;
}

macro_rules! source {
    ($($owner:ty),*) => {$(
        impl Source for $owner {
            fn target(&self) -> Target {
                Target::Fd(self.as_fd().as_raw_fd())
            }

            fn plain(&self) -> io::Result<BorrowedFd<'_>> {
                Ok(self.as_fd())
            }
        }
    )*};
}
source!(
    OwnedFd,
    SharedFd,
    std::fs::File,
    Rc<OwnedFd>,
    std::sync::Arc<OwnedFd>,
    Rc<std::fs::File>,
    BorrowedFd<'static>
);

/// The slots of one ring: which are free, and which hold a file nobody wants any more.
#[derive(Debug, Default)]
pub(crate) struct SlotTable {
    pub(crate) free: RefCell<Vec<u32>>,
    pub(crate) unwanted: RefCell<Vec<u32>>,
}

/// A slot with no file in it, reserved; or, where there are no slots, the promise of an ordinary descriptor.
#[derive(Debug)]
pub struct EmptySlot(Option<(u32, Rc<SlotTable>)>);

impl EmptySlot {
    pub(crate) fn reserved(index: u32, table: Rc<SlotTable>) -> Self {
        EmptySlot(Some((index, table)))
    }

    /// No slot: what is opened "into" it gets an ordinary descriptor.
    pub(crate) fn ordinary() -> Self {
        EmptySlot(None)
    }

    /// Whether a file put here will have no descriptor.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        self.0.is_some()
    }
}

impl Drop for EmptySlot {
    fn drop(&mut self) {
        if let Some((index, table)) = self.0.take() {
            table.free.borrow_mut().push(index);
        }
    }
}

/// An open file in a ring's slot, for reading through that ring. Dropped, it is closed by the ring.
#[derive(Debug)]
pub struct Slot(Holds);

#[derive(Debug)]
enum Holds {
    Direct(u32, Rc<SlotTable>),
    Ordinary(OwnedFd),
    Nothing,
}

impl Source for Slot {
    fn target(&self) -> Target {
        match &self.0 {
            Holds::Direct(index, _) => Target::Slot(*index),
            Holds::Ordinary(fd) => Target::Fd(fd.as_raw_fd()),
            Holds::Nothing => Target::Fd(-1),
        }
    }

    fn plain(&self) -> io::Result<BorrowedFd<'_>> {
        match &self.0 {
            Holds::Ordinary(fd) => Ok(fd.as_fd()),
            Holds::Direct(..) | Holds::Nothing => Err(rustix::io::Errno::BADF.into()),
        }
    }
}

impl Source for Rc<Slot> {
    fn target(&self) -> Target {
        (**self).target()
    }

    fn plain(&self) -> io::Result<BorrowedFd<'_>> {
        (**self).plain()
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Holds::Direct(index, table) = std::mem::replace(&mut self.0, Holds::Nothing) {
            table.unwanted.borrow_mut().push(index);
        }
    }
}

/// openat2(2) into a slot.
#[derive(Debug)]
pub struct OpenSlot<D, N> {
    slot: EmptySlot,
    dir: D,
    path: N,
    how: How,
    raw: types::OpenHow,
}

impl<D: AsFd + 'static, N: Name> OpenSlot<D, N> {
    /// Opens `path` relative to `dir` for reading, into a slot that [`Ring::slot`](crate::Ring::slot) gave; it must
    /// be run by that ring.
    pub fn new(slot: EmptySlot, dir: D, path: N, how: How) -> Self {
        // The kernel refuses close-on-exec together with a slot, which no exec inherits anyway.
        let flags = if slot.is_direct() { how.flags } else { how.flags | rustix::fs::OFlags::CLOEXEC };
        let raw = types::OpenHow::new()
            .flags(u64::from(flags.bits()))
            .mode(u64::from(how.mode))
            .resolve(how.resolve.bits());
        OpenSlot { slot, dir, path, how, raw }
    }
}

// SAFETY: the path is a `Name` and `raw` lies within self. With a slot the answer is 0, else a new descriptor; a
// failed open leaves the slot empty.
unsafe impl<D: AsFd + 'static, N: Name> Op for OpenSlot<D, N> {
    type Output = Slot;
    const NAME: &'static str = "openat2";
    const OPCODE: Option<u8> = Some(opcode::OpenAt2::CODE);

    fn native(&mut self) -> Sqe {
        let slot = self.slot.0.as_ref();
        let slot = slot.and_then(|(index, _)| types::DestinationSlot::try_from_slot_target(*index).ok());
        let dir = types::Fd(self.dir.as_fd().as_raw_fd());
        opcode::OpenAt2::new(dir, self.path.as_c_str().as_ptr(), &raw const self.raw).file_index(slot).build()
    }

    fn emulate(&mut self) -> io::Result<u32> {
        self.slot = EmptySlot::ordinary();
        openat2(&self.dir, self.path.as_c_str(), self.how).map(|fd| fd.into_raw_fd().cast_unsigned())
    }

    unsafe fn finish(mut self, answer: u32) -> io::Result<Slot> {
        Ok(Slot(match self.slot.0.take() {
            Some((index, table)) => Holds::Direct(index, table),
            // SAFETY: without a slot the answer is the descriptor just opened, which nobody else owns.
            None => Holds::Ordinary(unsafe { OwnedFd::from_raw_fd(answer.cast_signed()) }),
        }))
    }
}
