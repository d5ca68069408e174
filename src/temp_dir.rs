//! The directory for temporary files (rsync(1), `--temp-dir`), and what rsync says when it cannot be one.

use std::io;
use std::os::fd::OwnedFd;

use rsync_compat::exit::Exit;
use uring_ext::mode::{self, errno::ELOOP};
use uring_ext::plain::{self, AtFlags, CWD, OFlags, STATX_ALL, StatxFlags};

use crate::failure::{Cause, DirFault, DirOption, Fatal, Side, errno_of};
use crate::operands::resolve::Resolver;
use crate::path_text::{absolute, c_name};
use crate::plan::{Home, Shut};

/// Opens `--temp-dir`, relative to a directory. One that lies behind a link that is not trusted is shut: rsync looks at
/// that as it makes a file there.
///
/// # Errors
/// rsync's words when it cannot be opened.
pub(crate) fn open_temp_dir(resolver: &Resolver, base: &[u8], dir: &[u8]) -> Result<Home, Fatal> {
    let path = if dir.is_empty() { Vec::new() } else { absolute(base, dir) };
    let opened = resolver.open_dir(CWD, &path).or_else(|error| match error.kind() {
        // Names may be made and renamed where they may not be listed.
        io::ErrorKind::PermissionDenied => {
            resolver.open(CWD, &c_name(&path), OFlags::PATH | OFlags::DIRECTORY, 0)
        }
        _ => Err(error),
    });
    match opened {
        Ok(handle) => Ok(Home::Open(handle)),
        Err(error) if error.raw_os_error() == Some(ELOOP) && leads_to_directory(&path) => {
            // That is told for each file.
            let _ = resolver.take_refusals();
            Ok(Home::Shut(Shut::Distrusted))
        }
        Err(error) => Err(no_temp_dir(resolver, dir, &path, &error)),
    }
}

/// Whether a path leads to a directory when all links are followed.
fn leads_to_directory(path: &[u8]) -> bool {
    let seen = plain::statx(CWD, &c_name(path), AtFlags::empty(), STATX_ALL);
    seen.is_ok_and(|st| st.mode & mode::S_IFMT == mode::S_IFDIR)
}

/// rsync looks at the name before it goes there.
fn no_temp_dir(resolver: &Resolver, dir: &[u8], path: &[u8], error: &io::Error) -> Fatal {
    let refused = |fault: DirFault, exit: Exit| {
        let cause = Cause::OptionDir { option: DirOption::Temp, path: dir.to_vec(), fault };
        Fatal { side: Side::Receiver, cause, exit }
    };
    let unseen = |error: &io::Error| refused(DirFault::Unseen(errno_of(error)), Exit::FileIo);
    let seen = plain::statx(CWD, &c_name(path), AtFlags::empty(), STATX_ALL);
    // Through which links that goes is not looked at by then.
    let _ = resolver.take_refusals();
    let is_loop = |error: &io::Error| error.raw_os_error() == Some(ELOOP);
    match &seen {
        Err(circle) if is_loop(circle) => return unseen(circle),
        Ok(_) if is_loop(error) => return refused(DirFault::NoDirectory, Exit::Syntax),
        _ => {}
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
