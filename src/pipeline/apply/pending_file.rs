//! A destination file that is not yet complete: it has no name, or a temporary one, until [`PendingFile::place`].

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::OnceLock;

use uring_ext::mode::errno::{EEXIST, EINVAL, EISDIR, EMLINK, ENOENT, ENOSYS, EOPNOTSUPP, EPERM};
use uring_ext::plain::{self, AtFlags, OFlags, RenameFlags, STATX_ALL, Unlink};

use super::temp;
use crate::pipeline::handles::dir::Inherited;

/// A destination file that has no name yet, or a hidden one.
pub struct PendingFile<'a> {
    /// Where it was made.
    pub home: Home<'a>,
    /// The open file.
    pub handle: OwnedFd,
    /// The hidden name; `None` while the file has none at all.
    pub hidden: Option<CString>,
    /// What it was made with.
    pub inherited: Inherited,
    /// The permission bits it has; `None` when they must be set.
    pub mode: Option<u32>,
}

/// The directory that a file is made in, and what files become there.
#[derive(Debug, Clone, Copy)]
pub struct Home<'a> {
    /// The open directory.
    pub handle: BorrowedFd<'a>,
    /// Asked of the first file; `None` to ask of each.
    pub inherited: Option<&'a OnceLock<Inherited>>,
    /// Where it gets a hidden name, if it needs one.
    pub hides: Hides,
}

/// Where a file without a name gets a hidden one before it takes a name that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hides {
    /// In the directory that it was made in.
    Here,
    /// Beside its final name: a `--temp-dir` may belong to others, who could put something else there.
    There,
}

/// What is done with a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It is written.
    Write,
    /// And read back.
    Both,
}

/// Whether a name is taken, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Nothing has it, and whoever took it meanwhile is replaced.
    Free,
    /// Nothing has it, and whoever took it meanwhile is to be kept first.
    Vacant,
    /// Something has it, which is replaced in one step.
    Taken,
}

impl PendingFile<'_> {
    /// Gives the complete file its name in `to`. What had the name before is kept under a hidden name at no time: a
    /// rename takes its place in one step.
    ///
    /// # Errors
    /// Those of link(2) and rename(2).
    pub fn place(&self, to: impl AsFd, name: &CStr, expect: Expect) -> io::Result<()> {
        let home = self.home;
        let is_taken = || plain::statx(&to, name, AtFlags::SYMLINK_NOFOLLOW, STATX_ALL).is_ok();
        if expect == Expect::Vacant && self.hidden.is_some() && is_taken() {
            return Err(io::Error::from_raw_os_error(EEXIST));
        }
        if let (Some(hidden), Hides::There) = (&self.hidden, home.hides) {
            return self.bring_over(hidden, to.as_fd(), name);
        }
        if expect != Expect::Taken {
            let named = match &self.hidden {
                None => plain::link_fd(&self.handle, &to, name),
                Some(hidden) => plain::renameat2(home.handle, hidden, &to, name, RenameFlags::empty()),
            };
            match named {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && expect == Expect::Free => {}
                other => return other,
            }
        }
        let Some(hidden) = &self.hidden else {
            let at = match home.hides {
                Hides::Here => home.handle,
                Hides::There => to.as_fd(),
            };
            let (hidden, ()) = temp::with_name(name, |temp| plain::link_fd(&self.handle, at, temp))?;
            return rename(at, &hidden, &to, name);
        };
        rename(home.handle, hidden, &to, name)
    }

    /// Gives a file that has a hidden name in a temporary directory its name in `to`. That hidden name may lead to
    /// somebody else's file by now, so the open file is linked beside its place first, and renamed from there.
    fn bring_over(&self, hidden: &CStr, to: BorrowedFd<'_>, name: &CStr) -> io::Result<()> {
        let dir = self.home.handle;
        match temp::with_name(name, |temp| plain::link_fd(&self.handle, to, temp)) {
            Ok((beside, ())) => {
                rename(to, &beside, to, name)?;
                // It may be gone already; nothing depends on it.
                let _ = plain::unlinkat(dir, hidden, Unlink::File);
                Ok(())
            }
            // No file has two names there.
            Err(error) if matches!(error.raw_os_error(), Some(EPERM | EOPNOTSUPP | ENOSYS | EMLINK)) => {
                rename(dir, hidden, to, name)
            }
            Err(error) => Err(error),
        }
    }

    /// Forgets the file.
    pub fn discard(&self) {
        if let Some(hidden) = &self.hidden {
            // It may be gone already; nothing depends on it.
            let _ = plain::unlinkat(self.home.handle, hidden, Unlink::File);
        }
    }
}

/// Gives a hidden file its name; one that cannot have it is no more.
fn rename(from: impl AsFd, hidden: &CStr, to: impl AsFd, name: &CStr) -> io::Result<()> {
    plain::renameat2(&from, hidden, to, name, RenameFlags::empty()).inspect_err(|_| {
        let _ = plain::unlinkat(&from, hidden, Unlink::File);
    })
}

/// Makes a file without a name, or with a hidden one where the file system knows no nameless files.
///
/// # Errors
/// Those of open(2).
pub fn create<'a>(home: Home<'a>, access: Access, name: &CStr, mode: u32) -> io::Result<PendingFile<'a>> {
    let Home { handle: dst, inherited: known, .. } = home;
    let access = match access {
        Access::Write => OFlags::WRONLY,
        Access::Both => OFlags::RDWR,
    };
    // Nobody can open a file without a name, so it may have its mode at once. The first one in a directory is made
    // with all bits, which tells what a default ACL takes away. Set-id bits come after the owner, in `settle`.
    let mode = if known.is_some_and(|known| known.get().is_some()) { mode & 0o777 } else { 0o777 };
    match plain::openat(dst, c".", OFlags::TMPFILE | access, mode) {
        Ok(handle) => {
            let inherited = inherited(known, &handle)?;
            Ok(PendingFile {
                home,
                handle,
                hidden: None,
                inherited,
                mode: inherited.mode_kept.then_some(mode),
            })
        }
        Err(error) if has_no_tmpfile(&error) => {
            let flags = access | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
            let (hidden, handle) = temp::with_name(name, |temp| plain::openat(dst, temp, flags, 0o600))?;
            match inherited(known, &handle) {
                Ok(inherited) => {
                    Ok(PendingFile { home, handle, hidden: Some(hidden), inherited, mode: None })
                }
                Err(error) => {
                    // Why it is of no use is what is told.
                    let _ = plain::unlinkat(dst, &hidden, Unlink::File);
                    Err(error)
                }
            }
        }
        Err(error) => Err(error),
    }
}

/// What files become in a directory: asked once, where nobody else can change it.
fn inherited(known: Option<&OnceLock<Inherited>>, first: &OwnedFd) -> io::Result<Inherited> {
    if let Some(inherited) = known.and_then(OnceLock::get) {
        return Ok(*inherited);
    }
    let st = plain::statx_fd(first)?;
    let inherited = Inherited { uid: st.uid, gid: st.gid, mode_kept: st.permissions() == 0o777 };
    Ok(known.map_or(inherited, |known| *known.get_or_init(|| inherited)))
}

/// NFS, FUSE and old file systems answer with one of these.
fn has_no_tmpfile(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(EOPNOTSUPP | EISDIR | ENOENT | EINVAL))
}
