//! The directory for temporary files (rsync(1), `--temp-dir`), and what rsync says when it cannot be one.

use std::io;
use std::os::fd::OwnedFd;

use rsync_compat::exit::Exit;
use uring_ext::mode::errno::ELOOP;
use uring_ext::plain::{self, AtFlags, CWD, OFlags, STATX_ALL, StatxFlags};

use crate::failure::{Cause, DirFault, DirOption, Fatal, Side, errno_of};
use crate::operands::resolve::Resolver;
use crate::path_text::{absolute, c_name};

/// Opens `--temp-dir`, relative to a directory.
///
/// # Errors
/// rsync's words when it cannot be opened.
pub(crate) fn open_temp_dir(resolver: &Resolver, base: &[u8], dir: &[u8]) -> Result<OwnedFd, Fatal> {
    let path = if dir.is_empty() { Vec::new() } else { absolute(base, dir) };
    resolver
        .open_dir(CWD, &path)
        .or_else(|error| match error.kind() {
            // Names may be made and renamed where they may not be listed.
            io::ErrorKind::PermissionDenied => {
                resolver.open(CWD, &c_name(&path), OFlags::PATH | OFlags::DIRECTORY, 0)
            }
            _ => Err(error),
        })
        .map_err(|error| no_temp_dir(resolver, dir, &path, &error))
}

/// rsync looks at the name before it goes there.
fn no_temp_dir(resolver: &Resolver, dir: &[u8], path: &[u8], error: &io::Error) -> Fatal {
    let refused = |fault: DirFault, exit: Exit| {
        let cause = Cause::OptionDir { option: DirOption::Temp, path: dir.to_vec(), fault };
        Fatal { side: Side::Receiver, cause, exit }
    };
    let unseen = |error: &io::Error| refused(DirFault::Unseen(errno_of(error)), Exit::FileIo);
    let seen = plain::statx(CWD, &c_name(path), AtFlags::empty(), STATX_ALL);
    if let Err(error) = &seen
        && error.raw_os_error() == Some(ELOOP)
    {
        // A link that leads round in a circle is not one that is distrusted.
        let _ = resolver.take_refusals();
        return unseen(error);
    }
    match error.kind() {
        io::ErrorKind::NotADirectory if seen.is_ok() => refused(DirFault::NoDirectory, Exit::Syntax),
        io::ErrorKind::NotADirectory | io::ErrorKind::PermissionDenied => unseen(error),
        _ => refused(DirFault::Missing, Exit::Syntax),
    }
}

/// The file system of a directory, and the mount that it was reached by: not even two of one file system can be renamed
/// between.
///
/// # Errors
/// Those of statx(2).
pub(crate) fn mount_of(dir: &OwnedFd) -> io::Result<(u64, u64)> {
    let st = plain::statx(dir, c"", AtFlags::EMPTY_PATH, STATX_ALL | StatxFlags::MNT_ID)?;
    Ok((st.dev, st.mount_id))
}
