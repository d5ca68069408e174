//! A descriptor with several owners on one thread, in memory that is used again: a file costs no allocation.

use std::cell::{OnceCell, RefCell};
use std::fmt;
use std::ops::Deref;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::rc::Rc;

/// How many places a thread keeps: more files are seldom open at once.
const SPARE_MAX: usize = 256;

thread_local! {
    static SPARE: RefCell<Vec<Rc<OnceCell<OwnedFd>>>> = const { RefCell::new(Vec::new()) };
}

/// An open file that several owners read from; the last one closes it.
///
/// ```
/// use uring_ext::{SharedFd, plain};
/// let file = SharedFd::new(plain::open(c"/proc/version", plain::OFlags::RDONLY, 0)?);
/// let other = file.clone();
/// drop(file);
/// assert!(plain::pread(&*other, &mut [0; 5], 0)? > 0);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct SharedFd(Option<Rc<OnceCell<OwnedFd>>>);

impl SharedFd {
    /// The first owner.
    #[must_use]
    pub fn new(fd: OwnedFd) -> SharedFd {
        let spare = SPARE.with_borrow_mut(Vec::pop);
        let place = spare.unwrap_or_default();
        // A spare place is empty.
        let _ = place.set(fd);
        SharedFd(Some(place))
    }
}

impl Deref for SharedFd {
    type Target = OwnedFd;

    fn deref(&self) -> &OwnedFd {
        self.0.as_deref().and_then(OnceCell::get).expect("the descriptor leaves only in drop")
    }
}

impl AsFd for SharedFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        (**self).as_fd()
    }
}

impl Drop for SharedFd {
    fn drop(&mut self) {
        let Some(mut place) = self.0.take() else { return };
        let Some(only) = Rc::get_mut(&mut place) else { return };
        drop(only.take());
        // A thread that is ending has no store any more.
        let _ = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < SPARE_MAX {
                spare.push(place);
            }
        });
    }
}

impl fmt::Debug for SharedFd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedFd").field(&**self).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plain;

    fn open() -> SharedFd {
        SharedFd::new(plain::open(c"/", plain::OFlags::DIRECTORY, 0).unwrap())
    }

    #[test]
    fn the_last_owner_closes_it_and_the_memory_is_used_again() {
        let first = open();
        let (place, second) = (Rc::as_ptr(first.0.as_ref().unwrap()), first.clone());
        drop(first);
        assert!(plain::statx_fd(&*second).unwrap().is_dir(), "still open");
        drop(second);
        assert_eq!(Rc::as_ptr(open().0.as_ref().unwrap()), place);
    }
}
