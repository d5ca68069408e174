//! The directories of a backup tree: made where they are missing, and looking like those whose files they keep.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rsync_compat::exit::Exit;
use rsync_compat::filter::Side as RuleSide;
use rsync_compat::options::DeleteWhen;
use uring_ext::mode::errno::ELOOP;
use uring_ext::plain::{self, AtFlags, How, OFlags, TimeSet, TimesSet, Unlink};

use super::super::metadata::{Now, Subject, settle};
use super::For;
use crate::entry::{Kind, Meta, join};
use crate::failure::{Failure, Fatal, Side, What, reported};
use crate::operands::resolve::Resolver;
use crate::operands::roots::SourceRoot;
use crate::operands::tree::Rank;
use crate::path_text::{c_name, parent_and_name};
use crate::pipeline::attributes::acl::{self, Access};
use crate::pipeline::attributes::xattr::{self, Extended, ExtendedPair};
use crate::pipeline::attributes::{self, fake};
use crate::pipeline::engine::state::Phase;
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::at::{At, bits_below};
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::paths::target_path;
use crate::pipeline::handles::reopen::{self, Follow};

/// Opens the directory `parent` below the backup directory `dir` that a person named, and makes what is missing.
pub(super) fn open(
    worker: &Worker,
    dir: &[u8],
    parent: &[u8],
    wanted: Wanted<'_>,
    purpose: For,
) -> io::Result<OwnedFd> {
    let plan = &worker.run.plan;
    let target = plan.target.handle.as_ref().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
    let operand = Making { trust: Trust::Operand(&plan.resolver), below: b"", purpose };
    let root = open_path(worker, target.as_fd(), dir, &operand, &|path| inherited(worker, wanted, path));
    worker.tell_refusals();
    let root = root.map_err(|error| confined(worker, error))?;
    if parent == b"." {
        return Ok(root);
    }
    // Below it, directories look like those whose files they keep.
    let looks = |rel: &[u8]| {
        wanted(rel).or_else(|| looks_of(worker, &reopen::open(target, rel, Follow::Nothing).ok()?, rel))
    };
    open_path(worker, root.as_fd(), parent, &Making { trust: Trust::Inside, below: dir, ..operand }, &looks)
}

/// What a directory of the backup tree is to look like: owners as far as they are kept, mode, ACLs.
pub(super) struct Looks {
    meta: Meta,
    owners: Owners,
    extended: Option<Extended>,
}

/// Whose a directory of the backup tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owners {
    /// As [`Looks::meta`] says.
    Told,
    /// Whoever made it.
    Makers,
}

/// A directory by its path, when it is `dir` or above it: the backup looks as it is to look.
pub(super) fn looks_in(worker: &Worker, dir: &Dir, rel: &[u8]) -> Option<Looks> {
    let plan = &worker.run.plan;
    let mut at = Some(dir);
    while let Some(dir) = at {
        if dir.dst_rel() == rel {
            if worker.run.state.phase() == Phase::DeleteBefore {
                // It is what it was.
                return None;
            }
            let source = dir.src.first().filter(|_| plan.options.preserve.acls);
            return dir.wanted.map(|meta| Looks {
                meta,
                owners: Owners::Told,
                extended: source
                    .and_then(|(_, source)| acls(worker, source.as_fd(), RuleSide::Sender, &meta)),
            });
        }
        at = dir.parent.as_deref();
    }
    None
}

/// What the root of the backups inherits from the directory of the transfer that it is made in. rsync has given that
/// its ACLs by then.
fn inherited(worker: &Worker, wanted: Wanted<'_>, path: &[u8]) -> Option<Looks> {
    let plan = &worker.run.plan;
    if !plan.options.preserve.acls {
        return None;
    }
    let parent = parent_and_name(path).0;
    let above = wanted(if parent == b"." { b"" } else { parent })?;
    let default = above.extended?.default;
    let umask = default.as_deref().and_then(acl::umask_of_default).unwrap_or(plan.identity.umask);
    let meta = Meta { mode: above.meta.mode & !0o5777 | 0o777 & !umask, ..above.meta };
    let access = default.as_deref().and_then(Access::of_kernel);
    Some(Looks {
        meta,
        owners: Owners::Makers,
        extended: Some(Extended { access, default, xattrs: Vec::new() }),
    })
}

/// A directory that nobody brings up to date: the backup looks as it does.
fn looks_of(worker: &Worker, dir: &OwnedFd, rel: &[u8]) -> Option<Looks> {
    let (plan, at) = (&worker.run.plan, At::Fd(dir.as_fd()));
    let meta = fake::seen(worker, at, at.look().ok()?, Side::Generator, || target_path(plan, rel));
    let acls = || acls(worker, dir.as_fd(), RuleSide::Receiver, &meta);
    let extended = if plan.options.preserve.acls { acls() } else { None };
    Some(Looks { meta: attributes::wanted_over(plan, &meta, &meta), owners: Owners::Told, extended })
}

fn acls(worker: &Worker, dir: BorrowedFd<'_>, side: RuleSide, meta: &Meta) -> Option<Extended> {
    let read = xattr::read(&worker.run.plan, At::Fd(dir), side, meta.permissions()).ok()?;
    Some(Extended { xattrs: Vec::new(), ..read })
}

/// Makes a new directory of the backup tree look as it should; times stay those of its making.
fn dress(worker: &Worker, made: &OwnedFd, rel: &[u8], looks: &Looks) {
    let Ok(st) = plain::statx_fd(made) else { return };
    let (plan, now) = (&worker.run.plan, Meta::from(&st));
    let mut wanted = Meta { mtime: now.mtime, atime: now.atime, ..looks.meta };
    if looks.owners == Owners::Makers {
        (wanted.uid, wanted.gid) = (now.uid, now.gid);
    }
    if !plan.options.preserve.perms {
        // Inherited from the directory above it.
        wanted.mode |= now.mode & 0o2000;
    }
    if !plan.identity.passes_permissions {
        // Something is about to be put there.
        wanted.mode |= 0o700;
    }
    let at = At::Fd(made.as_fd());
    let extended = looks.extended.clone().map(|want| ExtendedPair {
        want,
        have: acls(worker, made.as_fd(), RuleSide::Receiver, &now).unwrap_or_default(),
    });
    let (now, extended) = (Now::from(&now), extended.as_ref());
    let subject = Subject { at, wanted: &wanted, now, extended, side: Side::Generator };
    settle(worker, &subject, || rel.to_vec());
}

/// What a directory of the tree looks like, by its path, where that is known.
pub(super) type Wanted<'a> = &'a dyn Fn(&[u8]) -> Option<Looks>;

/// Who chose a path.
#[derive(Debug, Clone, Copy)]
enum Trust<'a> {
    /// A person, so that links in it are followed.
    Operand(&'a Resolver),
    /// The tree, so that none are.
    Inside,
}

/// How a directory of the backup tree is made.
#[derive(Debug, Clone, Copy)]
struct Making<'a> {
    trust: Trust<'a>,
    /// What its path is relative to, as messages show it.
    below: &'a [u8],
    /// What it is made for.
    purpose: For,
}

/// Opens a directory of the backup tree, and makes what is missing of it; what is in its way within the tree goes.
fn open_path(
    worker: &Worker,
    base: BorrowedFd<'_>,
    path: &[u8],
    making: &Making<'_>,
    looks: Wanted<'_>,
) -> io::Result<OwnedFd> {
    let trust = making.trust;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY;
    match open_whole(base, path, trust) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) if matches!(trust, Trust::Inside) && is_in_the_way(&error) => {}
        other => return other,
    }
    let (parent, name) = parent_and_name(path);
    let name = c_name(name);
    let above = match parent {
        b"." => plain::openat(base, c".", flags, 0)?,
        b"/" => plain::open(c"/", flags, 0)?,
        parent => open_path(worker, base, parent, making, looks)?,
    };
    if matches!(trust, Trust::Operand(resolver) if resolver.is_outside(RuleSide::Receiver, &above)) {
        return Err(io::Error::from_raw_os_error(ELOOP));
    }
    let looks = looks(path);
    let umask = worker.run.plan.identity.umask;
    let mode = looks.as_ref().map_or_else(|| bits_below(&above, umask), |looks| looks.meta.permissions());
    let before = keeps_time_of(worker, making, path, &above);
    match plain::mkdirat(&above, &name, mode | 0o700) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            match plain::openat(&above, &name, flags | OFlags::NOFOLLOW, 0) {
                Err(error) if matches!(trust, Trust::Inside) && is_in_the_way(&error) => {
                    plain::unlinkat(&above, &name, Unlink::File)?;
                    plain::mkdirat(&above, &name, mode | 0o700)?;
                }
                other => return other,
            }
        }
        Err(error) => {
            let shown = if making.below.is_empty() { path.to_vec() } else { join(making.below, path) };
            worker.fail(Failure::new(making.purpose.side(), What::BackupMkdir, shown, &error));
            return Err(reported(&error));
        }
        Ok(()) => before.iter().for_each(|mtime| {
            let times = TimesSet { atime: TimeSet::Omit, mtime: TimeSet::from(*mtime) };
            // A directory that somebody else owns keeps the new time.
            let _ = At::Fd(above.as_fd()).set_times(&worker.run.plan, times);
        }),
    }
    let made = plain::openat(&above, &name, flags | OFlags::NOFOLLOW, 0)?;
    looks.iter().for_each(|looks| dress(worker, &made, path, looks));
    Ok(made)
}

/// Opens a directory that is there; names can be put into one that may not be listed.
fn open_whole(base: BorrowedFd<'_>, path: &[u8], trust: Trust<'_>) -> io::Result<OwnedFd> {
    let whole = c_name(path);
    let open = |access| match trust {
        Trust::Operand(resolver) => {
            resolver.open_within(RuleSide::Receiver, base, &whole, access | OFlags::DIRECTORY)
        }
        Trust::Inside if access == OFlags::RDONLY => reopen::open(base, path, Follow::Nothing),
        Trust::Inside => plain::openat2(base, &whole, How { flags: access | How::DIR.flags, ..How::DIR }),
    };
    match open(OFlags::RDONLY) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => open(OFlags::PATH),
        opened => opened,
    }
}

/// The time that a directory of the destination gets back after the root of the backups was made in it. Where rsync
/// recurses incrementally it is done with the directory by then, but for files that are written in place; otherwise it
/// mends the times of all in the end.
fn keeps_time_of(worker: &Worker, making: &Making<'_>, path: &[u8], above: &OwnedFd) -> Option<plain::Time> {
    let target = worker.run.plan.target.handle.as_ref()?;
    let options = &worker.run.plan.options;
    let mends_at_the_end = !options.select.incremental
        || options.delete.when == Some(DeleteWhen::Delay)
        || making.purpose == For::InPlace;
    let is_listed =
        is_in_transfer(worker, if path.starts_with(b"/") { b"." } else { parent_and_name(path).0 });
    if !attributes::keeps_time(&worker.run.plan, Kind::Dir) || !mends_at_the_end || !is_listed {
        return None;
    }
    let above = plain::statx_fd(above).ok().filter(|_| matches!(making.trust, Trust::Operand(_)))?;
    let stays_below = !path.starts_with(b"/") && path.split(|&byte| byte == b'/').all(|part| part != b"..");
    let is_target = |top: plain::Statx| (top.dev, top.ino) == (above.dev, above.ino);
    let inside = stays_below || plain::statx_fd(target).is_ok_and(is_target);
    inside.then_some(Meta::from(&above).mtime)
}

/// Whether a directory of the destination is brought up to date: of another one rsync knows no time.
fn is_in_transfer(worker: &Worker, rel: &[u8]) -> bool {
    let plan = &worker.run.plan;
    if rel == b"." {
        return plan.top.rank > Rank::Passage;
    }
    let first = rel.split(|&byte| byte == b'/').next().unwrap_or_default();
    let is_dir = |root: &SourceRoot| {
        plain::statx(&root.handle, &c_name(rel), AtFlags::SYMLINK_NOFOLLOW, plain::STATX_ALL)
            .is_ok_and(|st| st.is_dir())
    };
    let is_meant = plan.top.rank == Rank::Contents || plan.top.children.get(first).is_some();
    is_meant && plan.sources.iter().any(is_dir)
}

/// Something that is no directory has a directory's name.
fn is_in_the_way(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotADirectory || error.raw_os_error() == Some(ELOOP)
}

/// Backups that may not be kept where they should be end the run without a word of why, as in rsync (`--confine-root`).
fn confined(worker: &Worker, error: io::Error) -> io::Error {
    if worker.run.plan.options.confine.receiver.is_none() || error.raw_os_error() != Some(ELOOP) {
        return error;
    }
    let fatal = Fatal::told(Side::Receiver, Exit::FileIo);
    worker.run.state.abort(&fatal);
    reported(&error)
}
