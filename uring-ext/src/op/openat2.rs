//! Opening a file: openat2(2) where it exists, a walk without symbolic links where it does not.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};

use io_uring::{opcode, types};
use rustix::fs::{AtFlags, CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use super::known::Known;
use super::{Name, Op, Sqe, retry};

static OPENAT2: Known = Known::new();

/// How to open: flags, the permission bits of a file that is made, and what a path may go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct How {
    /// Access mode and flags, open(2). `CLOEXEC` is added, always.
    pub flags: OFlags,
    /// Permission bits, before the umask; zero unless `flags` creates.
    pub mode: u32,
    /// Limits on the walk, openat2(2).
    pub resolve: ResolveFlags,
}

impl How {
    /// What a name inside a tree may go through: nothing above the directory handle, no symbolic link of any kind.
    pub const INSIDE: ResolveFlags =
        ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);

    /// For reading, inside a tree. Does not block on a FIFO that took the file's place.
    pub const READ: How = How {
        flags: OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK),
        mode: 0,
        resolve: How::INSIDE,
    };

    /// A directory to read or to hold, inside a tree.
    pub const DIR: How = How {
        flags: OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW),
        mode: 0,
        resolve: How::INSIDE,
    };
}

/// Opens `name` relative to `dir` by openat(2). `CLOEXEC` is added; nothing else is.
///
/// # Errors
/// Those of openat(2).
pub fn openat(dir: impl AsFd, name: &CStr, flags: OFlags, mode: u32) -> io::Result<OwnedFd> {
    let dir = dir.as_fd();
    retry(|| rustix::fs::openat(dir, name, flags | OFlags::CLOEXEC, Mode::from_raw_mode(mode)))
}

/// Opens a path that a person typed, relative to the current directory, symbolic links followed.
///
/// # Errors
/// Those of open(2).
pub fn open(path: &CStr, flags: OFlags, mode: u32) -> io::Result<OwnedFd> {
    openat(CWD, path, flags, mode)
}

/// Opens `path` relative to `dir` by openat2(2), within the limits of `how.resolve`. A kernel without that call walks
/// the path directory by directory without following a symbolic link, and then refuses every `..` too (EXDEV).
///
/// # Errors
/// Those of openat2(2): ELOOP for a symbolic link on the way, EXDEV for a path that leaves `dir`.
pub fn openat2(dir: impl AsFd, path: &CStr, how: How) -> io::Result<OwnedFd> {
    let dir = dir.as_fd();
    if OPENAT2.present(probe) { resolve(dir, path, how) } else { walk(dir, path, how) }
}

/// Asks with a directory handle that cannot be one; the only answers are "bad handle" and "no such call".
fn probe() -> Option<i32> {
    let how = How { flags: OFlags::PATH, mode: 0, resolve: ResolveFlags::empty() };
    raw(CWD, c".", how).err().map(Errno::raw_os_error)
}

/// The limits that the kernel has to watch for this path.
///
/// A single name that is no link cannot lead out, so BENEATH forbids nothing more; and with it, the kernel answers
/// EXDEV when the file is moved elsewhere while it is opened, instead of opening it or saying that it is gone.
fn needed(path: &CStr, resolve: ResolveFlags) -> ResolveFlags {
    let bytes = path.to_bytes();
    let single = !bytes.contains(&b'/') && bytes != b"..";
    if single && resolve.contains(ResolveFlags::NO_SYMLINKS) {
        resolve.difference(ResolveFlags::BENEATH)
    } else {
        resolve
    }
}

/// EAGAIN means that something was renamed during a walk with BENEATH; openat2(2) tells callers to retry.
fn resolve(dir: BorrowedFd<'_>, path: &CStr, how: How) -> io::Result<OwnedFd> {
    const RACES_MAX: u32 = 64;
    let mut races = 0;
    loop {
        match retry(|| raw(dir, path, how)) {
            Err(error) if error.raw_os_error() == Some(libc::EAGAIN) && races < RACES_MAX => races += 1,
            answer => return answer,
        }
    }
}

fn raw(dir: BorrowedFd<'_>, path: &CStr, how: How) -> rustix::io::Result<OwnedFd> {
    let mode = Mode::from_raw_mode(how.mode);
    rustix::fs::openat2(dir, path, how.flags | OFlags::CLOEXEC, mode, needed(path, how.resolve))
}

/// The same without openat2: each directory on the way opened by its own name, none of them a link.
fn walk(dir: BorrowedFd<'_>, path: &CStr, how: How) -> io::Result<OwnedFd> {
    if !how.resolve.contains(ResolveFlags::NO_SYMLINKS) && !how.resolve.contains(ResolveFlags::BENEATH) {
        return openat(dir, path, how.flags, how.mode);
    }
    let bytes = path.to_bytes();
    if bytes.first() == Some(&b'/') || bytes.split(|&byte| byte == b'/').any(|name| name == b"..") {
        return Err(Errno::XDEV.into());
    }
    let mut names: Vec<&[u8]> =
        bytes.split(|&byte| byte == b'/').filter(|name| !name.is_empty() && *name != b".").collect();
    let last = names.pop().unwrap_or(if bytes.is_empty() { b"" } else { b"." });
    let mut held: Option<OwnedFd> = None;
    for name in names {
        let at = held.as_ref().map_or(dir, AsFd::as_fd);
        held = Some(step(at, name, OFlags::PATH | OFlags::DIRECTORY, 0)?);
    }
    let wanted = if bytes.ends_with(b"/") { how.flags | OFlags::DIRECTORY } else { how.flags };
    step(held.as_ref().map_or(dir, AsFd::as_fd), last, wanted, how.mode)
}

/// One component. Of a link where a directory was asked for, openat with NOFOLLOW says ENOTDIR. openat2 says ELOOP
/// where it would have followed, so we do.
fn step(dir: BorrowedFd<'_>, name: &[u8], flags: OFlags, mode: u32) -> io::Result<OwnedFd> {
    let name = CString::new(name).map_err(|_| Errno::INVAL)?;
    let answer = openat(dir, &name, flags | OFlags::NOFOLLOW, mode);
    let not_dir = answer.as_ref().is_err_and(|error| error.raw_os_error() == Some(libc::ENOTDIR));
    if not_dir && !flags.contains(OFlags::NOFOLLOW) && is_link(dir, &name) {
        return Err(Errno::LOOP.into());
    }
    answer
}

fn is_link(dir: BorrowedFd<'_>, name: &CStr) -> bool {
    rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode).is_symlink())
}

/// openat2(2) as an operation: gives an ordinary descriptor, closed again if nobody takes it.
#[derive(Debug)]
pub struct OpenAt2<D, N> {
    dir: D,
    path: N,
    how: How,
    raw: types::OpenHow,
}

impl<D: AsFd + 'static, N: Name> OpenAt2<D, N> {
    /// Opens `path` relative to `dir`.
    pub fn new(dir: D, path: N, how: How) -> Self {
        let raw = types::OpenHow::new()
            .flags(u64::from((how.flags | OFlags::CLOEXEC).bits()))
            .mode(u64::from(how.mode))
            .resolve(needed(path.as_c_str(), how.resolve).bits());
        OpenAt2 { dir, path, how, raw }
    }

    /// Opens `path` for reading, as [`How::READ`] says.
    pub fn read(dir: D, path: N) -> Self {
        OpenAt2::new(dir, path, How::READ)
    }
}

// SAFETY: the path is a `Name` and `raw` lies within self, so both stay put; the answer is a new descriptor.
unsafe impl<D: AsFd + 'static, N: Name> Op for OpenAt2<D, N> {
    type Output = OwnedFd;
    const NAME: &'static str = "openat2";
    const OPCODE: Option<u8> = Some(opcode::OpenAt2::CODE);

    fn native(&mut self) -> Sqe {
        let dir = types::Fd(self.dir.as_fd().as_raw_fd());
        opcode::OpenAt2::new(dir, self.path.as_c_str().as_ptr(), &raw const self.raw).build()
    }

    fn emulate(&mut self) -> io::Result<u32> {
        openat2(&self.dir, self.path.as_c_str(), self.how).map(|fd| fd.into_raw_fd().cast_unsigned())
    }

    unsafe fn finish(self, answer: u32) -> io::Result<OwnedFd> {
        // SAFETY: the caller vouches that the answer is the descriptor just opened, which nobody else owns.
        Ok(unsafe { OwnedFd::from_raw_fd(answer.cast_signed()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn a_single_name_needs_no_watch_over_the_way() {
        let beside = ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        for (path, wanted) in [
            (c"name", beside),
            (c".", beside),
            (c"..", How::INSIDE),
            (c"a/b", How::INSIDE),
            (c"/a", How::INSIDE),
        ] {
            assert_eq!(needed(path, How::INSIDE), wanted, "{path:?}");
        }
        // A link could lead out.
        assert_eq!(needed(c"name", ResolveFlags::BENEATH), ResolveFlags::BENEATH);
    }

    /// Tells the renaming thread to stop, also when an assertion fails.
    struct Over<'a>(&'a AtomicBool);

    impl Drop for Over<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_file_that_moves_out_meanwhile_is_there_or_gone() {
        let area = tempfile::tempdir().unwrap();
        let (inside, outside) = (area.path().join("in"), area.path().join("out"));
        std::fs::create_dir(&inside).unwrap();
        std::fs::write(inside.join("name"), "x").unwrap();
        let dir = std::fs::File::open(&inside).unwrap();
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    std::fs::rename(inside.join("name"), &outside).unwrap();
                    std::fs::rename(&outside, inside.join("name")).unwrap();
                }
            });
            let _at_end = Over(&over);
            for _ in 0..100_000 {
                if let Err(error) = openat2(&dir, c"name", How::READ) {
                    assert_eq!(error.raw_os_error(), Some(libc::ENOENT));
                }
            }
        });
    }
}
