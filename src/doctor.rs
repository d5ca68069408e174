//! `--doctor`: asks kernel, limits and file systems what they allow. What it makes to find out has no name, or is
//! removed at once.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use uring_ext::mode::errno::EOPNOTSUPP;
use uring_ext::plain::{self, OFlags, StatFs, Unlink};
use uring_ext::process::{self, Powers};
use uring_ext::{Emulate, Ring, RingState, Settings, ops};

use crate::path_text::{c_name, parent_and_name};

/// What was tried, and the error number if it failed.
pub type Tried = Result<(), i32>;

/// What was found.
#[derive(Debug)]
pub struct Findings {
    /// The kernel's release.
    pub kernel: String,
    /// `kernel.io_uring_disabled`: 1 keeps ordinary users out, 2 everyone; `None` where there is no such switch.
    pub switch: Option<u8>,
    /// Whether system calls are filtered (seccomp).
    pub filtered: bool,
    /// What became of a ring.
    pub ring: RingState,
    /// Operations that a ring can do, and whether this one does.
    pub operations: Vec<(&'static str, bool)>,
    /// CPUs that may be used.
    pub cpus: usize,
    /// Descriptors that may be open.
    pub open_files: u64,
    /// Who runs us.
    pub uid: u32,
    /// What that allows.
    pub powers: Powers,
    /// The places that were named.
    pub places: Vec<Place>,
}

/// What a place is looked at for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// To copy from.
    Source,
    /// To copy to.
    Destination,
    /// Both.
    Here,
}

/// One place.
#[derive(Debug)]
pub struct Place {
    /// As it was typed.
    pub typed: Vec<u8>,
    /// What for.
    pub role: Role,
    /// What was found there, or why nothing was.
    pub found: Result<Found, i32>,
}

/// A file system.
#[derive(Debug)]
pub struct Found {
    /// Its number.
    pub dev: u64,
    /// Its kind and how full it is.
    pub fs: StatFs,
    /// What a trial wrote there; `None` for places that are only read.
    pub trial: Option<Trial>,
}

/// What writing into a directory came to.
#[derive(Debug)]
pub struct Trial {
    /// A file without a name (`O_TMPFILE`).
    pub unnamed: Tried,
    /// Any file at all.
    pub file: Tried,
    /// Sharing extents between two files.
    pub reflink: Tried,
    /// An attribute of the `user` namespace.
    pub user_xattr: Tried,
    /// One of the `trusted` namespace, which takes root.
    pub trusted_xattr: Tried,
    /// An access control list.
    pub acl: Tried,
    /// A hole.
    pub hole: Tried,
}

/// Looks at everything; the last of several operands is the destination.
#[must_use]
pub fn examine(operands: &[Vec<u8>]) -> Findings {
    let ring = Ring::new(Settings { emulate: Emulate::from_env(), ..Settings::depth(8) });
    let operations = ops::offered(&ring).to_vec();
    Findings {
        kernel: process::kernel_release(),
        switch: number(c"/proc/sys/kernel/io_uring_disabled"),
        filtered: status_field(b"Seccomp:").is_some_and(|mode| mode > 0),
        ring: ring.state(),
        operations,
        cpus: process::cpus().len(),
        open_files: process::raise_open_files(),
        uid: process::effective_uid(),
        powers: process::powers(),
        places: places(operands),
    }
}

fn places(operands: &[Vec<u8>]) -> Vec<Place> {
    match operands {
        [] => vec![place(b".", Role::Here)],
        [one] => vec![place(one, Role::Here)],
        [sources @ .., destination] => {
            let mut all: Vec<Place> = sources.iter().map(|source| place(source, Role::Source)).collect();
            all.push(place(destination, Role::Destination));
            all
        }
    }
}

fn place(typed: &[u8], role: Role) -> Place {
    let found = match role {
        Role::Source => open(typed, OFlags::empty()).and_then(|handle| look(&handle, None)),
        // A destination may be still to be made: what counts is where that will be.
        Role::Destination | Role::Here => open(typed, OFlags::DIRECTORY)
            .or_else(|_| open(parent_and_name(typed).0, OFlags::DIRECTORY))
            .and_then(|handle| look(&handle, Some(try_out(&handle)))),
    };
    Place { typed: typed.to_vec(), role, found: found.map_err(|error| errno(&error)) }
}

fn open(path: &[u8], flags: OFlags) -> io::Result<OwnedFd> {
    plain::open(&c_name(path), flags | OFlags::RDONLY | OFlags::NONBLOCK, 0)
}

fn look(handle: &OwnedFd, trial: Option<Trial>) -> io::Result<Found> {
    Ok(Found { dev: plain::statx_fd(handle)?.dev, fs: plain::fstatfs(handle)?, trial })
}

/// Room for a whole block of most file systems, the least that is shared.
const TRIAL_BYTES: usize = 64 << 10;

fn try_out(dir: &OwnedFd) -> Trial {
    let unnamed = || plain::openat(dir, c".", OFlags::TMPFILE | OFlags::RDWR, 0o600);
    let without_name = unnamed();
    let tried = without_name.as_ref().map(|_| ()).map_err(errno);
    let file = without_name.or_else(|_| named(dir));
    let on = |act: &dyn Fn(&OwnedFd) -> io::Result<()>| match &file {
        Ok(file) => act(file).map_err(|error| errno(&error)),
        Err(error) => Err(errno(error)),
    };
    Trial {
        unnamed: tried,
        file: on(&|_| Ok(())),
        reflink: on(&|file| {
            plain::write_all_at(file, &vec![b'x'; TRIAL_BYTES], 0)?;
            plain::ficlone(unnamed().or_else(|_| named(dir))?, file)
        }),
        user_xattr: on(&|file| plain::fsetxattr(file, c"user.io-uring-sync", b"x")),
        trusted_xattr: on(&|file| plain::fsetxattr(file, c"trusted.io-uring-sync", b"x")),
        acl: on(&|file| plain::fsetxattr(file, c"system.posix_acl_access", &list())),
        hole: on(&|file| {
            plain::ftruncate(file, 1 << 20)?;
            let data_ends = plain::seek_hole(file, 0)?.unwrap_or(1 << 20);
            if data_ends < 1 << 20 { Ok(()) } else { Err(io::Error::from_raw_os_error(EOPNOTSUPP)) }
        }),
    }
}

/// A file that loses its name as soon as it is open.
fn named(dir: &OwnedFd) -> io::Result<OwnedFd> {
    let name = CString::new(format!(".io-uring-sync-doctor.{}", std::process::id())).unwrap_or_default();
    let file = plain::openat(dir, &name, OFlags::CREATE | OFlags::EXCL | OFlags::RDWR, 0o600)?;
    plain::unlinkat(dir, &name, Unlink::File)?;
    Ok(file)
}

/// An access control list as the kernel takes it: owner, group and others, and user 1 with a mask.
fn list() -> Vec<u8> {
    let mut list = 2_u32.to_le_bytes().to_vec();
    for (tag, permissions, id) in
        [(1, 6, u32::MAX), (2, 4, 1), (4, 4, u32::MAX), (16, 4, u32::MAX), (32, 0, u32::MAX)]
    {
        list.extend(u16::to_le_bytes(tag));
        list.extend(u16::to_le_bytes(permissions));
        list.extend(u32::to_le_bytes(id));
    }
    list
}

fn errno(error: &io::Error) -> i32 {
    error.raw_os_error().unwrap_or(0)
}

fn number(path: &CStr) -> Option<u8> {
    std::str::from_utf8(&text(path)?).ok()?.trim().parse().ok()
}

fn status_field(name: &[u8]) -> Option<u8> {
    let status = text(c"/proc/self/status")?;
    let line = status.split(|&byte| byte == b'\n').find_map(|line| line.strip_prefix(name))?;
    std::str::from_utf8(line).ok()?.trim().parse().ok()
}

fn text(path: &CStr) -> Option<Vec<u8>> {
    let file = plain::open(path, OFlags::RDONLY, 0).ok()?;
    let mut text = vec![0; 16 << 10];
    let read = plain::read(file.as_fd(), &mut text).ok()?;
    text.truncate(read);
    Some(text)
}
