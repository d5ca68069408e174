//! File operations on io_uring, with an emulated back end for each.
#![deny(missing_docs)]

mod permits;
mod buf;
mod fd;
mod op;
pub mod mode;
pub mod plain;
pub mod ops;

pub use buf::{AlignedBuf, Buf, BufPool, IoBuf, PAGE_BYTES};
pub use fd::{EmptySlot, Fd, Slot, Source, Target};
pub use op::{Name, Op, Sqe};
pub use permits::{Acquire, Permit, Permits};
