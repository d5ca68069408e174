//! What the source side has of an operand: its directory opened, its name looked at. Nothing is decided here.

use std::ffi::CString;
use std::io;
use std::os::fd::OwnedFd;

use rsync_compat::filter::{NameKind, Side as RuleSide};
use rsync_compat::options::{MissingArgs, Options};
use uring_ext::mode::errno::ELOOP;
use uring_ext::plain::{self, AtFlags, OFlags};

use super::resolve::Resolver;
use super::roots::SourceRoot;
use super::split::Cut;
use crate::entry::Meta;
use crate::path_text::{c_name, parent_and_name};

/// What there is of a name below a root.
#[derive(Debug)]
pub(super) enum Seen {
    /// It is there.
    There(NameKind),
    /// It is not, and is to be deleted at the destination (`--delete-missing-args`); so many of the directories on the
    /// way to it are there.
    Missing(usize),
    /// It cannot be looked at.
    Failed(io::Error),
}

/// Looks at the name of an operand.
pub(super) fn see(options: &Options, cut: &Cut, root: &SourceRoot) -> Seen {
    let looked = kind_of(&root.handle, cut, options);
    match looked.and_then(|kind| within(options, cut, root).map(|()| kind)) {
        Ok(kind) => Seen::There(kind),
        Err(error)
            if error.kind() == io::ErrorKind::NotFound
                && options.select.missing_args == MissingArgs::Delete =>
        {
            Seen::Missing(way_that_is_there(&root.handle, &cut.below))
        }
        Err(error) => Seen::Failed(error),
    }
}

/// What an operand is. With `-L`, what its link leads to is looked at, and it is the operand that is missing when that
/// is.
fn kind_of(root: &OwnedFd, cut: &Cut, options: &Options) -> io::Result<NameKind> {
    let links = &options.links;
    let path =
        CString::new(cut.below.as_slice()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let flags = if links.copy { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
    let found = plain::statx(root, &path, flags, plain::STATX_ALL)?;
    let followed = cut.contents || links.copy_dirlinks;
    let led_to = || plain::statx(root, &path, AtFlags::empty(), plain::STATX_ALL);
    if cut.contents
        && options.select.files_from.is_some()
        && let Err(error) = led_to()
        && error.raw_os_error() == Some(ELOOP)
    {
        // In a list, with a slash behind it, a link in circles is missing.
        return Err(error);
    }
    let leads_to_dir = || led_to().is_ok_and(|found| found.is_dir());
    let is_dir = found.is_dir() || followed && leads_to_dir();
    Ok(if is_dir { NameKind::Directory } else { NameKind::Other })
}

/// How many directories of the way to a name are there, links to directories among them.
fn way_that_is_there(root: &OwnedFd, path: &[u8]) -> usize {
    let ways = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(end, _)| &path[..end]);
    let is_there = |way: &&[u8]| {
        let found = plain::statx(root, &c_name(way), AtFlags::empty(), plain::STATX_ALL);
        !found.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    };
    ways.take_while(is_there).count()
}

/// Whether what a list names comes out where the sender is confined to (`--confine-root`). Operands may lie anywhere.
fn within(options: &Options, cut: &Cut, root: &SourceRoot) -> io::Result<()> {
    if options.select.files_from.is_none() || options.confine.sender.is_none() {
        return Ok(());
    }
    let parent = if cut.contents { cut.below.as_slice() } else { parent_and_name(&cut.below).0 };
    let flags = OFlags::PATH | OFlags::DIRECTORY;
    Resolver::new(options).open_within(RuleSide::Sender, &root.handle, &c_name(parent), flags).map(|_| ())
}

/// Opens the directory that an operand is relative to.
///
/// # Errors
/// Those of open(2), and of looking at what is in it.
pub(super) fn open_dir(path: &[u8]) -> io::Result<(OwnedFd, Meta)> {
    let path = CString::new(if path.is_empty() { b".".as_slice() } else { path })
        .map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let handle = match plain::open(&path, OFlags::RDONLY | OFlags::DIRECTORY, 0) {
        // A directory that may be passed through but not listed is still good as a parent.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            plain::open(&path, OFlags::PATH | OFlags::DIRECTORY, 0)?
        }
        other => other?,
    };
    // By its own name, for which it has to be searchable.
    let meta = Meta::from(&plain::statx(&handle, c".", AtFlags::empty(), plain::STATX_ALL)?);
    Ok((handle, meta))
}
