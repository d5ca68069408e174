//! `--backup`: keeps what is about to be replaced or deleted (rsync(1), `--backup`, `--backup-dir`, `--suffix`).

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rsync_compat::exit::Exit;
use rsync_compat::filter::Side as RuleSide;
use uring_ext::plain::{self, AtFlags, How, OFlags, RenameFlags, Unlink};

use super::super::at::At;
use super::super::dir::Dir;
use super::super::paths::target_path;
use super::super::worker::Worker;
use super::super::xattr::{self, Extras};
use super::super::{attributes, fake};
use super::elsewhere;
use super::metadata::{ExtrasPair, Now, Subject, settle};
use crate::entry::{Kind, Meta, join};
use crate::failure::{Fatal, Side};
use crate::operand::Operands;
use crate::report::{Node, Notice, Place};
use crate::typed::{c_name, parent_and_name};

/// Where the old file is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Still under its name, perhaps under another one as well.
    InPlace,
    /// Under its backup name alone.
    Moved,
}

/// Keeps `name` before something takes its place. Directories are never kept themselves.
///
/// # Errors
/// Those of link(2), rename(2) and of making the backup directory.
pub fn keep(worker: &Worker, dir: &Dir, name: &CStr) -> io::Result<Kept> {
    let Some(dst) = &dir.dst else { return Ok(Kept::InPlace) };
    let wanted = |rel: &[u8]| looks_in(worker, dir, rel);
    keep_with(worker, (dst, dir.dst_rel(), &dir.node), name, &wanted)
}

/// The same for an open directory, its path and its place in the order of reports.
///
/// # Errors
/// Those of [`keep`].
pub fn keep_at(worker: &Worker, dir: (&OwnedFd, &[u8], &Node), name: &CStr) -> io::Result<Kept> {
    keep_with(worker, dir, name, &|_| None)
}

/// What a directory of the backup tree is to look like: owners as far as they are kept, mode, ACLs.
struct Looks {
    meta: Meta,
    extras: Option<Extras>,
}

/// A directory by its path, when it is `dir` or above it: the backup looks as it is to look.
fn looks_in(worker: &Worker, dir: &Dir, rel: &[u8]) -> Option<Looks> {
    let plan = &worker.run.plan;
    let mut at = Some(dir);
    while let Some(dir) = at {
        if dir.dst_rel() == rel {
            let source = dir.src.first().filter(|_| plan.options.preserve.acls);
            return dir.wanted.map(|meta| Looks {
                meta,
                extras: source
                    .and_then(|(_, source)| acls(worker, source.as_fd(), (RuleSide::Sender, &meta))),
            });
        }
        at = dir.parent.as_deref();
    }
    None
}

/// A directory that nobody brings up to date: the backup looks as it does.
fn looks_of(worker: &Worker, dir: &OwnedFd, rel: &[u8]) -> Option<Looks> {
    let (plan, at) = (&worker.run.plan, At::Fd(dir.as_fd()));
    let meta = fake::seen(worker, at, at.look().ok()?, Side::Generator, || target_path(plan, rel));
    let acls = || acls(worker, dir.as_fd(), (RuleSide::Receiver, &meta));
    let extras = if plan.options.preserve.acls { acls() } else { None };
    Some(Looks { meta: attributes::wanted_beside(plan, &meta, &meta), extras })
}

fn acls(worker: &Worker, dir: BorrowedFd<'_>, of: (RuleSide, &Meta)) -> Option<Extras> {
    let (side, meta) = of;
    let read = xattr::read(&worker.run.plan, At::Fd(dir), (side, meta.permissions())).ok()?;
    Some(Extras { xattrs: Vec::new(), ..read })
}

/// Makes a new directory of the backup tree look as it should; times stay those of its making.
fn dress(worker: &Worker, made: &OwnedFd, rel: &[u8], looks: &Looks) {
    let Ok(st) = plain::statx_fd(made) else { return };
    let (plan, now) = (&worker.run.plan, Meta::from(&st));
    let mut wanted = Meta { mtime: now.mtime, atime: now.atime, ..looks.meta };
    if !plan.options.preserve.perms {
        // Inherited from the directory above it.
        wanted.mode |= now.mode & 0o2000;
    }
    if !plan.identity.passes_permissions {
        // Something is about to be put there.
        wanted.mode |= 0o700;
    }
    let at = At::Fd(made.as_fd());
    let there = || acls(worker, made.as_fd(), (RuleSide::Receiver, &now)).unwrap_or_default();
    let have = looks.extras.as_ref().map(|_| there());
    let extras = looks.extras.as_ref().zip(have.as_ref()).map(|(want, have)| ExtrasPair { want, have });
    let subject = Subject { at, wanted: &wanted, now: Now::from(&now), extras, side: Side::Generator };
    settle(worker, &subject, || rel.to_vec());
}

fn keep_with(
    worker: &Worker,
    dir: (&OwnedFd, &[u8], &Node),
    name: &CStr,
    wanted: Wanted<'_>,
) -> io::Result<Kept> {
    let (dst, dir_rel, node) = dir;
    if worker.run.plan.options.backup.is_none() {
        return Ok(Kept::InPlace);
    }
    let rel = join(dir_rel, name.to_bytes());
    match plain::statx(dst, name, AtFlags::SYMLINK_NOFOLLOW, plain::STATX_ALL) {
        Ok(st) if Meta::from(&st).kind() == Kind::Dir => return Ok(Kept::InPlace),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Kept::InPlace),
        Err(error) => return Err(error),
    }
    let spot = find_spot(worker, &rel, wanted)?;
    let to = (spot.dir.as_ref().unwrap_or(dst), &*spot.name);
    let kept = match link_or_move(dst.as_fd(), name, to.0.as_fd(), to.1) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            let path = target_path(&worker.run.plan, &rel);
            elsewhere::copy(worker, (dst.as_fd(), name), to, &path).map(|()| Kept::InPlace)?
        }
        other => other?,
    };
    tracing::debug!(target: "backup", name = %String::from_utf8_lossy(&rel), "kept");
    let notice = Notice::BackedUp { rel: &rel, to: &spot.rel };
    worker.run.report.notice(node, Place::Deletion, &notice);
    Ok(kept)
}

/// Keeps `name` before it is deleted: under its backup name alone.
///
/// # Errors
/// Those of rename(2) and of making the backup directory.
pub fn before_delete(
    worker: &Worker,
    from: (BorrowedFd<'_>, Option<&Dir>, &Node),
    name: &CStr,
    rel: &[u8],
) -> io::Result<Kept> {
    let (dst, dir, node) = from;
    let Some(backup) = &worker.run.plan.options.backup else { return Ok(Kept::InPlace) };
    if backup.dir.is_none() && rel.ends_with(&backup.suffix) {
        return Ok(Kept::InPlace);
    }
    let spot = find_spot(worker, rel, &|rel| looks_in(worker, dir?, rel))?;
    let to = spot.dir.as_ref().map_or(dst, AsFd::as_fd);
    match (plain::renameat2(dst, name, to, &spot.name, RenameFlags::empty()), &spot.dir) {
        (Err(error), Some(to)) if error.kind() == io::ErrorKind::CrossesDevices => {
            let path = target_path(&worker.run.plan, rel);
            elsewhere::copy(worker, (dst, name), (to, &spot.name), &path)?;
            plain::unlinkat(dst, name, Unlink::File)?;
        }
        (renamed, _) => renamed?,
    }
    let notice = Notice::BackedUp { rel, to: &spot.rel };
    worker.run.report.notice(node, Place::Deletion, &notice);
    Ok(Kept::Moved)
}

/// Where a backup goes.
struct Spot {
    /// The directory in the backup tree; `None` for the file's own directory.
    dir: Option<OwnedFd>,
    name: std::ffi::CString,
    /// As messages show it.
    rel: Vec<u8>,
}

/// What a directory of the tree looks like, by its path, where that is known.
type Wanted<'a> = &'a dyn Fn(&[u8]) -> Option<Looks>;

fn find_spot(worker: &Worker, rel: &[u8], wanted: Wanted<'_>) -> io::Result<Spot> {
    let plan = &worker.run.plan;
    let (Some(backup), (parent, name)) = (&plan.options.backup, parent_and_name(rel)) else {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    };
    let mut named = name.to_vec();
    named.extend_from_slice(&backup.suffix);
    let Some(dir) = &backup.dir else {
        let mut shown = rel.to_vec();
        shown.extend_from_slice(&backup.suffix);
        return Ok(Spot { dir: None, name: c_name(&named), rel: shown });
    };
    let target = plan.target.handle.as_ref().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
    let root = open_path(worker, target.as_fd(), dir, Trust::Operand(&plan.operands), &|_| None);
    worker.tell_refusals();
    let root = root.inspect_err(|error| confined(worker, error))?;
    // Below it, directories look like those whose files they keep.
    let looks = |rel: &[u8]| {
        wanted(rel).or_else(|| looks_of(worker, &plain::openat2(target, &c_name(rel), How::DIR).ok()?, rel))
    };
    let handle =
        if parent == b"." { root } else { open_path(worker, root.as_fd(), parent, Trust::Inside, &looks)? };
    let mut shown = join(dir, rel);
    shown.extend_from_slice(&backup.suffix);
    Ok(Spot { dir: Some(handle), name: c_name(&named), rel: shown })
}

/// A link that is not followed, or a path that leads elsewhere than it may: the same number on every Linux.
const ELOOP: i32 = 40;

/// Backups that may not be kept where they should be end the run, as in rsync (`--confine-root`).
fn confined(worker: &Worker, error: &io::Error) {
    if worker.run.plan.options.confine.receiver.is_some() && error.raw_os_error() == Some(ELOOP) {
        let fatal = Fatal { side: Side::Receiver, message: Vec::new(), code: Exit::FileIo.code() };
        worker.run.state.abort(&fatal);
    }
}

/// Who chose a path.
#[derive(Debug, Clone, Copy)]
enum Trust<'a> {
    /// A person, so that links in it are followed.
    Operand(&'a Operands),
    /// The tree, so that none are.
    Inside,
}

/// Opens a directory of the backup tree, and makes what is missing of it.
fn open_path(
    worker: &Worker,
    base: BorrowedFd<'_>,
    path: &[u8],
    trust: Trust<'_>,
    looks: Wanted<'_>,
) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY;
    let whole = c_name(path);
    let opened = match trust {
        Trust::Operand(operands) => operands.open_within(RuleSide::Receiver, base, &whole, flags),
        Trust::Inside => plain::openat2(base, &whole, How::DIR),
    };
    match opened {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        other => return other,
    }
    let (parent, name) = parent_and_name(path);
    let name = c_name(name);
    let above = match parent {
        b"." => plain::openat(base, c".", flags, 0)?,
        b"/" => plain::open(c"/", flags, 0)?,
        parent => open_path(worker, base, parent, trust, looks)?,
    };
    if matches!(trust, Trust::Operand(operands) if operands.is_outside(RuleSide::Receiver, &above)) {
        return Err(io::Error::from_raw_os_error(ELOOP));
    }
    let looks = looks(path);
    let mode =
        looks.as_ref().map_or(0o777 & !worker.run.plan.identity.umask, |looks| looks.meta.permissions());
    match plain::mkdirat(&above, &name, mode | 0o700) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return plain::openat(&above, &name, flags | OFlags::NOFOLLOW, 0);
        }
        other => other?,
    }
    let made = plain::openat(&above, &name, flags | OFlags::NOFOLLOW, 0)?;
    looks.iter().for_each(|looks| dress(worker, &made, path, looks));
    Ok(made)
}

fn link_or_move(from: BorrowedFd<'_>, name: &CStr, to: BorrowedFd<'_>, backup: &CStr) -> io::Result<Kept> {
    match plain::linkat(from, name, to, backup, AtFlags::empty()) {
        Ok(()) => return Ok(Kept::InPlace),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            plain::unlinkat(to, backup, Unlink::File)?;
            if plain::linkat(from, name, to, backup, AtFlags::empty()).is_ok() {
                return Ok(Kept::InPlace);
            }
        }
        Err(_) => {}
    }
    plain::renameat2(from, name, to, backup, RenameFlags::empty())?;
    Ok(Kept::Moved)
}

/// Copies an open file under the backup name of `name`. Returns the copy.
///
/// # Errors
/// Those of reading and writing.
pub fn copy_aside(worker: &Worker, dir: &Dir, name: &CStr, old: &OwnedFd) -> io::Result<OwnedFd> {
    let dst = dir.dst.as_ref().ok_or(io::ErrorKind::NotFound)?;
    let rel = dir.dst_rel_of(name);
    let spot = find_spot(worker, &rel, &|rel| looks_in(worker, dir, rel))?;
    let to = (spot.dir.as_ref().unwrap_or(dst), &*spot.name);
    elsewhere::file(worker, old, to, &target_path(&worker.run.plan, &rel))
}
