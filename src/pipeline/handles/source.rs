//! How the source side is opened: which links are followed there, with which flags, and the handle that a ring
//! operation holds.

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use rsync_compat::options::{Links, Options};
use uring_ext::plain::{How, OFlags, ResolveFlags};

use super::dir::Dir;

/// Whether links of any kind are followed on the source side.
#[must_use]
pub fn follows_links(links: &Links) -> bool {
    links.copy || links.copy_unsafe || links.copy_dirlinks
}

/// Whether names are looked at one by one by their paths, so that in a directory that may be listed but not searched
/// each of them fails.
#[must_use]
pub fn meets_each_name(options: &Options) -> bool {
    follows_links(&options.links) || options.select.files_from.is_some() || options.links.insecure
}

/// How source files are opened: never blocking on a FIFO, never through a link that the user did not ask for, and
/// without a trace under `--open-noatime`.
#[must_use]
pub fn source_how(options: &Options) -> How {
    let mut how = How::READ;
    if follows_links(&options.links) {
        how.flags -= OFlags::NOFOLLOW;
        how.resolve = ResolveFlags::empty();
    }
    if options.preserve.open_noatime {
        how.flags |= OFlags::NOATIME;
    }
    how
}

/// A source directory that a ring operation holds open.
#[derive(Debug)]
pub struct SourceHandle {
    dir: Arc<Dir>,
    index: usize,
}

impl SourceHandle {
    /// The handle of `source` in `dir`.
    #[must_use]
    pub fn of(dir: &Arc<Dir>, source: u16) -> SourceHandle {
        let index = dir.src.iter().position(|(root, _)| *root == source).unwrap_or(0);
        SourceHandle { dir: Arc::clone(dir), index }
    }
}

impl AsFd for SourceHandle {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.dir.src[self.index].1.as_fd()
    }
}
