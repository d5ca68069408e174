//! Guards against swapped names. In a directory that others may write to, a name can lead to another file between two
//! system calls: there a file is held by an `O_PATH` handle, or its inode is compared with the one that was listed.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::OnceLock;

use uring_ext::mode::errno::{ENOENT, ESTALE};
use uring_ext::plain::{self, AtFlags, OFlags};

use super::at::At;
use super::dir::{Before, Dir, DirJob, Through};
use super::source::follows_links;
use crate::entry::{Entry, Meta};
use crate::pipeline::attributes::KEEP_OWNER;
use crate::pipeline::engine::state::Phase;
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::translate::mapping::as_told;
use crate::plan::Power;

/// Whether others may write to the directories of the same path on each side; asked once for each.
#[derive(Debug, Default)]
pub struct SharedSides {
    source: OnceLock<bool>,
    target: OnceLock<bool>,
    basis: OnceLock<bool>,
}

/// What a directory of the source was when it was listed, as the receiving side is told.
#[derive(Debug, Clone, Copy)]
pub struct SourceDir {
    inode: (u64, u64),
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Type and permissions.
    pub mode: u32,
}

impl SourceDir {
    /// What was listed of it.
    #[must_use]
    pub const fn of(meta: &Meta) -> SourceDir {
        SourceDir { inode: (meta.dev, meta.ino), uid: meta.uid, gid: meta.gid, mode: meta.mode }
    }
}

/// A file of an alternate destination that was looked at.
#[derive(Debug, Clone, Copy)]
pub struct Alternate {
    /// Which alternate destination it lies in.
    pub index: usize,
    /// Device and inode.
    pub inode: (u64, u64),
}

/// Whether others may rename what lies in this source directory.
pub fn source_is_shared(worker: &Worker, dir: &Dir, source: u16) -> bool {
    let handle = || dir.source(source).is_some_and(|handle| is_shared(worker, handle));
    *dir.shared.source.get_or_init(handle)
}

/// Whether others may rename what lies in the destination directory.
pub fn target_is_shared(worker: &Worker, dir: &Dir) -> bool {
    *dir.shared.target.get_or_init(|| dir.dst.as_ref().is_some_and(|handle| is_shared(worker, handle)))
}

/// Whether others may rename what lies in any of the alternate destinations' directories.
pub fn basis_is_shared(worker: &Worker, dir: &Dir) -> bool {
    let shared = || dir.basis.iter().flatten().any(|handle| is_shared(worker, handle));
    *dir.shared.basis.get_or_init(shared)
}

/// A directory belongs to its owner and to root; and to others who may write to it, unless it is sticky.
pub fn is_shared(worker: &Worker, dir: impl AsFd) -> bool {
    let Ok(st) = plain::statx_fd(dir) else { return true };
    let meta = Meta::from(&st);
    let of_others = meta.uid != 0 && meta.uid != worker.run.plan.identity.uid;
    of_others || meta.mode & 0o022 != 0 && meta.mode & 0o1000 == 0
}

/// Holds a name of the destination that `is_it` recognizes, where others may swap it.
///
/// # Errors
/// ESTALE when it is something else by now; those of open(2).
pub fn hold(
    worker: &Worker,
    dir: &Dir,
    name: &CStr,
    is_it: impl Fn(&Meta) -> bool,
) -> io::Result<Option<OwnedFd>> {
    let Some(dst) = dir.dst.as_ref().filter(|_| target_is_shared(worker, dir)) else { return Ok(None) };
    hold_in(dst, name, is_it).map(Some)
}

fn hold_in(dir: impl AsFd, name: &CStr, is_it: impl Fn(&Meta) -> bool) -> io::Result<OwnedFd> {
    let held = plain::openat(dir, name, OFlags::PATH | OFlags::NOFOLLOW, 0)?;
    if is_it(&Meta::from(&plain::statx_fd(&held)?)) {
        return Ok(held);
    }
    Err(io::Error::from_raw_os_error(ESTALE))
}

/// Holds a name of an alternate destination that was looked at, where others may swap it.
///
/// # Errors
/// As for [`hold`].
pub fn hold_basis(
    worker: &Worker,
    dir: &Dir,
    basis: &OwnedFd,
    name: &CStr,
    looked_at: &Alternate,
) -> io::Result<Option<OwnedFd>> {
    if !basis_is_shared(worker, dir) {
        return Ok(None);
    }
    hold_in(basis, name, |now| (now.dev, now.ino) == looked_at.inode).map(Some)
}

/// Holds a name of the source that was listed, where others may swap it and no link is followed.
///
/// # Errors
/// As for [`hold`].
pub fn hold_source(worker: &Worker, dir: &Dir, entry: &Entry) -> io::Result<Option<OwnedFd>> {
    let follows = follows_links(&worker.run.plan.options.links);
    match dir.source(entry.source).filter(|_| !follows && source_is_shared(worker, dir, entry.source)) {
        Some(source) => hold_in(source, &entry.name, |now| now.same_inode(&entry.meta)).map(Some),
        None => Ok(None),
    }
}

/// Sets the permission bits of a name, where others may swap it only as long as `is_it` recognizes it.
///
/// # Errors
/// As for [`hold`], and those of chmod(2).
pub fn chmod(
    worker: &Worker,
    dst: impl AsFd,
    name: &CStr,
    mode: u32,
    is_it: impl Fn(&Meta) -> bool,
) -> io::Result<()> {
    if is_shared(worker, &dst) {
        plain::chmod_path_fd(hold_in(dst, name, is_it)?, mode)
    } else {
        plain::fchmodat(dst, name, mode)
    }
}

/// Whether a file of the destination cannot be written in place, where others may rename: it belongs to one of them,
/// who may have it open, and is to become somebody else's that they may not read, or a set-id program.
pub fn is_exposed(worker: &Worker, dir: &Dir, there: &Meta, wanted: &Meta) -> bool {
    let identity = &worker.run.plan.identity;
    let stays = [0, identity.uid, wanted.uid].contains(&there.uid) || wanted.uid == KEEP_OWNER;
    let is_open_to_all = wanted.mode & 0o004 != 0 && wanted.mode & 0o6000 == 0;
    identity.receiver == Power::Full && !stays && !is_open_to_all && target_is_shared(worker, dir)
}

const SET_GID: u32 = 0o2000;

/// Whether what is made in a directory inherits its group goes by the mode that the directory is to have in the end.
pub fn settle_group_bit(worker: &Worker, handle: &OwnedFd, job: &DirJob) {
    let plan = &worker.run.plan;
    // What stands for a directory has no such bit itself (`--fake-super`).
    let fakes = plan.identity.receiver == Power::Fake;
    if plan.options.write.dry_run || worker.run.state.phase() != Phase::Transfer {
        return;
    }
    if !plan.options.preserve.perms && !fakes {
        return keep_group_bit(worker, handle, job);
    }
    let Some(mut wanted) = job.wanted else { return };
    if fakes {
        wanted.mode &= !SET_GID;
    }
    let may_differ = match job.before {
        Before::Existing(there) => fakes || (there.mode ^ wanted.mode) & SET_GID != 0,
        // It may have inherited one, which matters where what is made in it keeps the group that it gets.
        Before::Made => {
            let regroups = plan.options.preserve.group && plan.identity.receiver == Power::Full;
            !fakes && !regroups && wanted.mode & SET_GID == 0
        }
        Before::Absent | Before::Left | Before::Blocked(_) => false,
    };
    if may_differ
        && let Ok(now) = plain::statx_fd(handle)
        && (Meta::from(&now).mode ^ wanted.mode) & SET_GID != 0
    {
        // Who may not do this is told when all of the mode is set.
        let _ = plain::fchmod(handle, (now.permissions() & !SET_GID) | (wanted.mode & SET_GID));
    }
}

/// The bit that a new directory inherited stays without `-p`, but not for who is not of its group: rsync sets it.
fn keep_group_bit(worker: &Worker, handle: &OwnedFd, job: &DirJob) {
    if job.before == Before::Made
        && job.parent.is_some()
        && job.wanted.is_some()
        && !worker.run.plan.identity.passes_permissions
        && let Ok(now) = plain::statx_fd(handle)
        && Meta::from(&now).mode & SET_GID != 0
    {
        // Where that fails the bit stays as it was inherited.
        let _ = plain::fchmod(handle, now.permissions());
    }
}

/// Checks that an open directory of the source lets in no more people than the one that was listed, where others may
/// swap them: what is in it would come to lie in a copy of the other.
///
/// # Errors
/// ENOENT when it does, as if it were gone.
pub fn check_listed(worker: &Worker, job: &DirJob, source: u16, open: &OwnedFd) -> io::Result<()> {
    let (Some(parent), Some(listed)) = (&job.parent, &job.as_listed) else { return Ok(()) };
    let itself = job.through == Through::Itself && job.sources.first() == Some(&source);
    if !itself || !source_is_shared(worker, parent, source) {
        return Ok(());
    }
    let now = SourceDir::of(&as_told(&worker.run.plan, Meta::from(&plain::statx_fd(open)?)));
    // Some file systems number their directories anew now and then.
    let same =
        now.inode == listed.inode || (now.uid, now.gid, now.mode) == (listed.uid, listed.gid, listed.mode);
    if same { Ok(()) } else { Err(io::Error::from_raw_os_error(ENOENT)) }
}

/// One more name for a file that has this one, or for what is held of it.
///
/// # Errors
/// Those of link(2).
pub fn link(held: Option<&OwnedFd>, dir: &OwnedFd, name: &CStr, to: &OwnedFd, new: &CStr) -> io::Result<()> {
    match held {
        Some(held) => plain::link_fd(held, to, new),
        None => plain::linkat(dir, name, to, new, AtFlags::empty()),
    }
}

/// A name of the destination, or what is held of it.
#[must_use]
pub fn at<'a>(held: Option<&'a OwnedFd>, dst: BorrowedFd<'a>, name: &'a CStr) -> At<'a> {
    held.map_or(At::Name(dst, name), |held| At::PathFd(held.as_fd()))
}

/// Checks that an open file of the destination is the one that was looked at, where others may swap it.
///
/// # Errors
/// ESTALE when it is not.
pub fn check(worker: &Worker, dir: &Dir, open: &Meta, looked_at: Option<&Meta>) -> io::Result<()> {
    let swapped = looked_at.is_some_and(|there| !there.same_inode(open));
    if swapped && target_is_shared(worker, dir) { Err(io::Error::from_raw_os_error(ESTALE)) } else { Ok(()) }
}
