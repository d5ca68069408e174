//! Comparing: what the destination has under an entry's name, what may stand in for it, and the decision.

pub mod basis;
pub mod decide;
pub mod directory;

use std::io;
use std::os::fd::AsFd;

use uring_ext::plain::AtFlags;

use super::handles::dir::Dir;
use crate::entry::{Entry, Meta};

/// Looks at the entry's name on the destination side; `None` when there is nothing.
///
/// # Errors
/// Those of statx(2), but ENOENT.
pub fn look(dir: &Dir, entry: &Entry) -> io::Result<Option<Meta>> {
    if !dir.may_hold_names() {
        return Ok(None);
    }
    let Some(dst) = &dir.dst else { return Ok(None) };
    match Meta::at(dst.as_fd(), dir.dst_name(entry), AtFlags::SYMLINK_NOFOLLOW) {
        Ok(there) => Ok(Some(there)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
