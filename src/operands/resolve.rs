//! Paths that a person typed (rsync(1), `--insecure-links`): links in them are followed, but only those that belong to
//! root or to the running user. Anybody else could have planted theirs.

use std::collections::VecDeque;
use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicUsize, Ordering};

use rsync_compat::filter::Side as RuleSide;
use rsync_compat::options::{Confine, Options};
use uring_ext::mode::errno::{EINVAL, ELOOP};
use uring_ext::plain::{self, CWD, How, OFlags, ResolveFlags};
use uring_ext::{mode, process};

use super::nested;
use crate::path_text::c_name;

/// What is said each time such a link is met.
const REFUSAL: &[u8] = b"refusing to follow a symlink owned by an untrusted user; use --insecure-links locally or \"insecure links = yes\" in a daemon module ONLY if every path component is trusted";
/// As many links as the kernel follows, path_resolution(7).
pub const LINKS_MAX: u32 = 40;

/// Which links are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Follow {
    /// Those that belong to root or to the user who runs us by then (`--copy-as`).
    Trusted,
    /// All.
    All,
}

/// Opens such paths.
#[derive(Debug)]
pub struct Resolver {
    follow: Follow,
    confine: Confine,
    refused: AtomicUsize,
}

impl Resolver {
    /// By the options.
    #[must_use]
    pub fn new(options: &Options) -> Resolver {
        let follow = if options.links.insecure { Follow::All } else { Follow::Trusted };
        Resolver { follow, confine: options.confine.clone(), refused: AtomicUsize::new(0) }
    }

    /// Follows every link: for files that belong to the system or to the user.
    #[must_use]
    pub const fn trusting() -> Resolver {
        Resolver {
            follow: Follow::All,
            confine: Confine { sender: None, receiver: None },
            refused: AtomicUsize::new(0),
        }
    }

    /// Opens a path, a relative one from `base` on.
    ///
    /// # Errors
    /// Those of open(2); ELOOP for a link that is not trusted, about which [`take_refusals`](Self::take_refusals)
    /// has a line.
    pub fn open(&self, base: impl AsFd, path: &CStr, flags: OFlags, mode: u32) -> io::Result<OwnedFd> {
        if path.is_empty() {
            // No name at all is no name that is missing.
            return Err(io::Error::from_raw_os_error(EINVAL));
        }
        if self.follow == Follow::All {
            return plain::openat(base, path, flags, mode);
        }
        let straight = How { flags, mode, resolve: ResolveFlags::NO_SYMLINKS };
        match plain::openat2(&base, path, straight) {
            // Without openat2(2), or with a link on the way.
            Err(error) if !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::AlreadyExists) => {
            }
            other => return other,
        }
        match walk(base, path.to_bytes(), process::effective_uid())? {
            Way::Open { above, name } => {
                plain::openat(&above, &c_name(&name), flags | OFlags::NOFOLLOW, mode)
            }
            Way::Through { above, name } => plain::openat(&above, &c_name(&name), flags, mode),
            Way::Refused => Err(self.refuse()),
        }
    }

    /// Opens a path that must come out within the root that confines this side, if there is one.
    ///
    /// # Errors
    /// As [`open`](Self::open); ELOOP, without a line, for one that comes out elsewhere.
    pub fn open_within(
        &self,
        side: RuleSide,
        base: impl AsFd,
        path: &CStr,
        flags: OFlags,
    ) -> io::Result<OwnedFd> {
        let opened = self.open(base, path, flags, 0)?;
        if self.is_outside(side, &opened) { Err(io::Error::from_raw_os_error(ELOOP)) } else { Ok(opened) }
    }

    /// Opens a directory within an alternate destination, below one that is held there. As in a path that a person
    /// typed, links that can be trusted are followed, but none out of that tree: a link that a backup kept is root's
    /// own, and its text somebody else's.
    ///
    /// # Errors
    /// Those of openat2(2); ELOOP for a link that is not followed.
    pub fn open_below(&self, root: &OwnedFd, above: &OwnedFd, path: &CStr) -> io::Result<OwnedFd> {
        match self.open_below_for(OFlags::RDONLY, root, above, path) {
            // One that cannot be listed is still good for names in it.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                self.open_below_for(OFlags::PATH, root, above, path)
            }
            opened => opened,
        }
    }

    fn open_below_for(
        &self,
        access: OFlags,
        root: &OwnedFd,
        above: &OwnedFd,
        path: &CStr,
    ) -> io::Result<OwnedFd> {
        let access = access | OFlags::DIRECTORY;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        match plain::openat2(above, path, How { flags: access | OFlags::NOFOLLOW, mode: 0, resolve }) {
            // Without openat2(2), or with a link on the way.
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                let followed = self.open_within(RuleSide::Receiver, above, path, access)?;
                if nested::lies_in(&followed, root) {
                    Ok(followed)
                } else {
                    Err(io::Error::from_raw_os_error(ELOOP))
                }
            }
            opened => opened,
        }
    }

    /// Whether something that is open lies elsewhere than this side is confined to.
    #[must_use]
    pub fn is_outside(&self, side: RuleSide, opened: &OwnedFd) -> bool {
        let root = match side {
            RuleSide::Sender => &self.confine.sender,
            RuleSide::Receiver => &self.confine.receiver,
        };
        root.as_deref().is_some_and(|root| lies_outside(root, opened))
    }

    /// Opens a directory for listing.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_dir(&self, base: impl AsFd, path: &[u8]) -> io::Result<OwnedFd> {
        self.open(base, &c_name(path), OFlags::RDONLY | OFlags::DIRECTORY, 0)
    }

    /// Opens a directory for names in it, for which it need not be one that can be listed.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_for_names(&self, base: impl AsFd + Copy, path: &[u8]) -> io::Result<OwnedFd> {
        match self.open_dir(base, path) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                self.open(base, &c_name(path), OFlags::PATH | OFlags::DIRECTORY, 0)
            }
            opened => opened,
        }
    }

    /// Whether an absolute path leads through a link that is not trusted.
    #[must_use]
    pub fn distrusts(&self, path: &[u8]) -> bool {
        let hold = OFlags::PATH | OFlags::DIRECTORY;
        let straight = How { flags: hold, mode: 0, resolve: ResolveFlags::NO_SYMLINKS };
        self.follow == Follow::Trusted
            && plain::openat2(CWD, &c_name(path), straight).is_err()
            && matches!(walk(CWD, path, process::effective_uid()), Ok(Way::Refused))
    }

    /// Notes that nothing is opened behind such a link.
    pub fn refuse(&self) -> io::Error {
        self.refused.fetch_add(1, Ordering::Relaxed);
        io::Error::from_raw_os_error(ELOOP)
    }

    /// What there is to be said of links that were not followed since the last time.
    #[must_use]
    pub fn take_refusals(&self) -> Vec<Vec<u8>> {
        vec![REFUSAL.to_vec(); self.refused.swap(0, Ordering::Relaxed)]
    }
}

/// Whether a file is neither `root` nor below it, by the paths that the kernel has for both.
fn lies_outside(root: &[u8], opened: &OwnedFd) -> bool {
    let path = |file: &OwnedFd| {
        plain::readlinkat(CWD, &c_name(format!("/proc/self/fd/{}", file.as_raw_fd()).as_bytes()))
    };
    let root = plain::open(&c_name(root), OFlags::PATH | OFlags::DIRECTORY, 0).and_then(|root| path(&root));
    let (Ok(root), Ok(path)) = (root, path(opened)) else { return true };
    let rest = path.strip_prefix(root.as_slice());
    !rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

/// Where a path leads.
enum Way {
    /// To this name, which is no link that is to be followed, in this directory.
    Open { above: OwnedFd, name: Vec<u8> },
    /// Through a trusted link of this name that only the kernel can follow.
    Through { above: OwnedFd, name: Vec<u8> },
    /// Through a link that is not trusted.
    Refused,
}

/// Where links may lead to what their text does not say: `/dev/fd/63` of a shell's `<(…)` is a pipe, proc(5).
fn is_proc(dir: &OwnedFd) -> bool {
    const PROC: u32 = 0x9fa0;
    plain::fstatfs(dir).is_ok_and(|fs| fs.magic == PROC)
}

/// Goes through a path, all but its last name, component by component.
fn walk(base: impl AsFd, path: &[u8], user: u32) -> io::Result<Way> {
    const HOLD: OFlags = OFlags::PATH.union(OFlags::DIRECTORY);
    let root = |path: &[u8]| path.starts_with(b"/");
    let mut above = match root(path) {
        true => plain::open(c"/", HOLD, 0)?,
        false => plain::openat(base, c".", HOLD, 0)?,
    };
    let mut rest: VecDeque<Vec<u8>> = components(path);
    let mut links = 0;
    while let Some(name) = rest.pop_front() {
        let held = match plain::openat(&above, &c_name(&name), OFlags::PATH | OFlags::NOFOLLOW, 0) {
            // The last name may be one that is to be made.
            Err(error) if error.kind() == io::ErrorKind::NotFound && rest.is_empty() => {
                return Ok(Way::Open { above, name });
            }
            other => other?,
        };
        let st = plain::statx_fd(&held)?;
        if st.mode & mode::S_IFMT != mode::S_IFLNK {
            if rest.is_empty() {
                return Ok(Way::Open { above, name });
            }
            above = held;
            continue;
        }
        links += 1;
        if st.uid != 0 && st.uid != user {
            return Ok(Way::Refused);
        }
        if links > LINKS_MAX {
            return Err(io::Error::from_raw_os_error(ELOOP));
        }
        if is_proc(&above) {
            if rest.is_empty() {
                return Ok(Way::Through { above, name });
            }
            above = plain::openat(&above, &c_name(&name), HOLD, 0)?;
            continue;
        }
        let target = plain::readlinkat(&above, &c_name(&name))?;
        if root(&target) {
            above = plain::open(c"/", HOLD, 0)?;
        }
        for component in components(&target).into_iter().rev() {
            rest.push_front(component);
        }
    }
    Ok(Way::Open { above, name: b".".to_vec() })
}

fn components(path: &[u8]) -> VecDeque<Vec<u8>> {
    path.split(|&byte| byte == b'/').filter(|name| !name.is_empty()).map(<[u8]>::to_vec).collect()
}
