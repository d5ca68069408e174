//! A worker makes the directory whose names it looks at its thread's current directory: lookups relative to that need
//! no descriptor, which spares two atomic operations each.

use std::cell::Cell;
use std::os::fd::{AsFd, BorrowedFd};
use std::ptr;

use uring_ext::plain::{CWD, OwnCwd};

use super::dir::Dir;

/// Directories with fewer names are not worth a system call of their own.
const NAMES_MIN: usize = 16;

/// The current directory of a worker's thread.
#[derive(Debug)]
pub struct ThreadCwd {
    /// `None` where the thread cannot have a current directory of its own.
    cwd: Option<OwnCwd>,
    /// Whose first source is the current directory; null when that says nothing.
    dir: Cell<*const Dir>,
}

impl ThreadCwd {
    /// For the calling thread, which does not go anywhere yet.
    pub fn of_this_thread() -> ThreadCwd {
        ThreadCwd { cwd: OwnCwd::split().ok(), dir: Cell::new(ptr::null()) }
    }

    /// Goes to the directory's first source, as long as the answer lives and nobody goes elsewhere.
    pub fn enter<'a>(&'a self, dir: &'a Dir, names: usize) -> Inside<'a> {
        self.dir.set(ptr::null());
        if names >= NAMES_MIN
            && let (Some(cwd), Some((_, source))) = (&self.cwd, dir.src.first())
            && cwd.enter(source).is_ok()
        {
            self.dir.set(dir);
        }
        Inside { thread: self, _dir: dir }
    }

    /// What names of this source are looked up in.
    pub fn source<'a>(&self, dir: &'a Dir, source: u16) -> Option<BorrowedFd<'a>> {
        match dir.src.first() {
            Some((first, _)) if *first == source && ptr::eq(self.dir.get(), dir) => Some(CWD),
            _ => dir.source(source).map(AsFd::as_fd),
        }
    }
}

/// A stay in a directory, which outlives it.
#[derive(Debug)]
pub struct Inside<'a> {
    thread: &'a ThreadCwd,
    _dir: &'a Dir,
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.thread.dir.set(ptr::null());
    }
}
