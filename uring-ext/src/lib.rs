//! File operations on io_uring, with an emulated back end for each, and one thread's tasks over them.
//!
//! The kernel's ring does some file operations well (opening and reading), some badly, and many not at all; and it is
//! often forbidden. So each operation here has two back ends behind one face, and the caller cannot tell them apart:
//!
//! * [`plain`]: functions with borrowed arguments that make the system call now, on this thread;
//! * [`ops`]: the same operations as owned values, for [`Ring::run`], which gives them to the kernel's ring when it
//!   has them, and otherwise emulates them by the plain call. Some can go to [`Helpers`], threads that may block.
//!
//! One thread has one [`Ring`] and one [`Executor`]; tasks never move between threads.
//!
//! ```
//! use uring_ext::{AlignedBuf, Executor, Ring, Settings, ops, plain};
//! use plain::{OFlags, TimeSet, TimesSet};
//!
//! // The plain calls.
//! let dir = plain::open(c"/tmp", OFlags::DIRECTORY, 0)?;
//! let file = plain::openat(&dir, c".", OFlags::TMPFILE | OFlags::RDWR, 0o600)?;
//! plain::write_all_at(&file, b"some words", 0)?;
//! plain::futimens(&file, TimesSet { atime: TimeSet::Omit, mtime: TimeSet::At { sec: 1_000_000_000, nsec: 7 } })?;
//! assert_eq!(plain::statx_fd(&file)?.mtime.nsec, 7);
//!
//! // The same file read as a task's operation, by the ring if there is one.
//! let ring = Ring::new(Settings::depth(64));
//! let executor = Executor::new(ring.clone());
//! let text = executor.block_on(async move { ring.run(ops::Read::new(file, AlignedBuf::new(4096), 0)).await })??;
//! assert_eq!(&*text, b"some words");
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Code map
//! `ring` is the handle and the future of an operation, `queue` the kernel's two queues, `inflight` the table that owns
//! operations until their completion, `probe` what the kernel offers, `executor` the tasks, `unpark` waking a waiting
//! thread, `charset` text in other character sets, `op/` one file per operation, `fd` direct descriptors, `buf` and
//! `permits` buffers and budgets, `spares` and `shared_fd` memory that is used again. `unsafe` is denied, and allowed
//! by name in the modules that need it.
#![deny(missing_docs, unsafe_code)]

#[expect(unsafe_code, reason = "page-aligned memory, and descriptors made from answers")]
mod buf;
#[expect(unsafe_code, reason = "cachestat(2), which no crate wraps")]
mod cache;
#[expect(unsafe_code, reason = "iconv(3) and the locale, which no crate wraps")]
pub mod charset;
mod executor;
#[cfg(feature = "faults")]
mod faults;
#[expect(unsafe_code, reason = "descriptors made from answers")]
mod fd;
#[expect(unsafe_code, reason = "names that are known to end in NUL")]
mod file_name;
#[expect(unsafe_code, reason = "answers are handed back to the operations they belong to")]
mod helpers;
#[expect(unsafe_code, reason = "owns what the kernel writes to, by raw pointer")]
mod inflight;
mod join;
pub mod mode;
#[expect(unsafe_code, reason = "entries with addresses, and calls that no crate wraps")]
mod op;
pub mod ops;
mod permits;
pub mod plain;
mod probe;
pub mod process;
#[expect(unsafe_code, reason = "pushes entries into the kernel's queue")]
mod queue;
#[expect(unsafe_code, reason = "answers are handed back to the operations they belong to")]
mod ring;
#[expect(unsafe_code, reason = "a filter goes to the kernel by address")]
pub mod seccomp;
#[expect(unsafe_code, reason = "sigaction(2) and a handler")]
pub mod signals;
mod shared_fd;
mod spares;
mod unpark;

pub use buf::{AlignedBuf, Buf, BufPool, IoBuf, PAGE_BYTES};
pub use executor::{Executor, Spawner, yield_now};
pub use fd::{EmptySlot, Fd, Slot, Source, Target};
pub use file_name::FileName;
pub use helpers::{Helped, Helpers};
pub use join::Join;
pub use op::{Name, Op, Sqe};
pub use permits::{Acquire, Permit, Permits};
pub use probe::Emulate;
pub use ring::{Ring, RingState, Run, Settings, Turn};
pub use shared_fd::SharedFd;
pub use spares::{Kept, Spares};
pub use unpark::Unpark;

/// The README's example, run as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
