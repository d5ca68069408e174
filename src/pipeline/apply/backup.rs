//! `--backup`: keeps what is about to be replaced or deleted (rsync(1), `--backup`, `--backup-dir`, `--suffix`).

mod among;
mod copy;
mod lost;
mod tree;

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rsync_compat::filter::Chain;
use rsync_compat::unsafe_link::is_unsafe;
use uring_ext::mode::errno::{EISDIR, EPERM};
use uring_ext::plain::{self, AtFlags, RenameFlags, Unlink};

use super::delete;
use super::extraneous::Ruled;
use crate::entry::{Kind, Meta};
use crate::failure::{Failure, Side, What, is_reported, reported};
use crate::path_text::{c_name, parent_and_name};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::at::{At, NameIn};
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::paths::target_path;
use crate::report::{Node, Notice, Place};
pub use among::lie_among;
use lost::{as_told, ends, is_shut, lost, shown, tell_vanished, unnamed};
use tree::{Wanted, looks_in};

/// Where the old file is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Still under its name, perhaps under another one as well.
    InPlace,
    /// Under its backup name alone.
    Moved,
    /// Where it was, since no backup is made of its kind, which was told.
    Left,
}

/// What a backup is made for, which decides what becomes of the run when it cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// Data that takes the place of a file: the run ends.
    Data,
    /// Data that waited for the end of the run.
    Delayed,
    /// A link or another node.
    Node,
    /// Data that is written into the file itself, of which a copy is kept.
    InPlace,
    /// Deletion.
    Deletion,
}

impl For {
    const fn side(self) -> Side {
        match self {
            For::Data | For::Delayed => Side::Receiver,
            For::Node | For::InPlace | For::Deletion => Side::Generator,
        }
    }
}

/// Keeps `name` before something takes its place. Directories are never kept themselves.
///
/// # Errors
/// Those of link(2), rename(2) and of making the backup directory; they were told.
pub fn keep(worker: &Worker, dir: &Dir, name: &CStr, purpose: For) -> io::Result<Kept> {
    let Some(dst) = dir.dst.as_ref().filter(|_| worker.run.plan.options.backup.is_some()) else {
        return Ok(Kept::InPlace);
    };
    let (dst, rel, node) = (dst.as_fd(), dir.dst_rel_of(name), &*dir.node);
    let old = Old { dst, name, rel: &rel, node, receiver: &dir.receiver, purpose };
    keep_old(worker, &old, &|rel| looks_in(worker, dir, rel))
}

/// What is about to be replaced or deleted.
#[derive(Debug, Clone, Copy)]
pub struct Old<'a> {
    /// The open directory that it lies in.
    pub dst: BorrowedFd<'a>,
    /// Its name there.
    pub name: &'a CStr,
    /// Its path from the transfer root at the destination.
    pub rel: &'a [u8],
    /// The place of its directory in the order of reports.
    pub node: &'a Node,
    /// Rules in force there on the destination side.
    pub receiver: &'a Chain,
    /// What its backup is made for.
    pub purpose: For,
}

impl<'a> Old<'a> {
    fn place(&self) -> NameIn<'a> {
        NameIn { dir: self.dst, name: self.name }
    }

    /// Its path as messages show it.
    fn path(&self, worker: &Worker) -> Vec<u8> {
        target_path(&worker.run.plan, self.rel)
    }
}

/// Keeps a name before data takes its place that waited for the end of the run, when directories are not open as
/// [`Dir`] any more.
///
/// # Errors
/// Those of [`keep`].
pub fn keep_delayed(
    worker: &Worker,
    dst: &OwnedFd,
    name: &CStr,
    rel: &[u8],
    node: &Node,
) -> io::Result<Kept> {
    if worker.run.plan.options.backup.is_none() {
        return Ok(Kept::InPlace);
    }
    let (dst, receiver) = (dst.as_fd(), &worker.run.plan.receiver);
    keep_old(worker, &Old { dst, name, rel, node, receiver, purpose: For::Delayed }, &|_| None)
}

fn keep_old(worker: &Worker, old: &Old<'_>, wanted: Wanted<'_>) -> io::Result<Kept> {
    let &Old { dst, name, rel, .. } = old;
    let kind = match plain::statx(dst, name, AtFlags::SYMLINK_NOFOLLOW, plain::STATX_ALL) {
        Ok(st) => Meta::from(&st).kind(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Kept::InPlace),
        Err(error) => return Err(error),
    };
    if kind == Kind::Dir || makes_way(old.purpose, kind) && is_backup(worker, rel) {
        return Ok(Kept::InPlace);
    }
    let backup_to =
        backup_name(worker, old, wanted).map_err(|error| ends(worker, old, unnamed(worker, old, error)))?;
    let moved = || match is_unsafe_link(worker, old) {
        true => Ok(Kept::InPlace),
        false => link_or_move(worker, old, kind, &backup_to),
    };
    let kept = match (moved(), &backup_to.dir) {
        // It had its backup's name itself (`--backup-dir=../d`), and made room for it.
        (Err(error), _) if error.kind() == io::ErrorKind::NotFound => {
            tell_vanished(worker, old, &error);
            return Ok(Kept::InPlace);
        }
        (Err(error), Some(_)) if error.kind() == io::ErrorKind::CrossesDevices => {
            copy::make(worker, old.place(), backup_to.place(dst), &old.path(worker)).map(|()| Kept::InPlace)
        }
        (kept, _) => kept,
    };
    let kept = kept.map_err(|error| ends(worker, old, lost(worker, old, &backup_to, error)))?;
    tracing::debug!(target: "backup", name = %String::from_utf8_lossy(rel), "kept");
    let notice = Notice::BackedUp { rel, to: &backup_to.rel };
    worker.run.report.notice(old.node, Place::Deletion, &notice);
    Ok(kept)
}

/// Whether the old file is deleted to make way, where it is no file, rather than replaced.
fn makes_way(purpose: For, kind: Kind) -> bool {
    match purpose {
        For::Deletion => true,
        For::Data | For::Delayed => kind != Kind::File,
        For::Node | For::InPlace => false,
    }
}

/// Whether a name is that of a backup beside its file, of which there is none when it is deleted.
fn is_backup(worker: &Worker, rel: &[u8]) -> bool {
    let backup = worker.run.plan.options.backup.as_ref();
    let ends = |suffix: &[u8]| rel.len() > suffix.len() && rel.ends_with(suffix);
    backup.is_some_and(|backup| backup.dir.is_none() && ends(&backup.suffix))
}

/// Whether there is no backup because the name is a link that leads out (`--safe-links`), which is told.
fn is_unsafe_link(worker: &Worker, old: &Old<'_>) -> bool {
    let links = &worker.run.plan.options.links;
    if !links.keep || !links.safe {
        return false;
    }
    let target = plain::readlinkat(old.dst, old.name).ok().filter(|target| is_unsafe(target, old.rel));
    if let Some(target) = &target {
        let notice = Notice::UnsafeBackup { rel: old.rel, target };
        worker.run.report.notice(old.node, Place::Deletion, &notice);
    }
    target.is_some()
}

/// Keeps a name before it is deleted: under its backup name alone. `dir` is its directory, as long as that is open.
///
/// # Errors
/// Those of rename(2) and of making the backup directory.
pub fn before_delete(worker: &Worker, old: &Old<'_>, dir: Option<&Dir>) -> io::Result<Kept> {
    let &Old { dst, name, rel, node, .. } = old;
    if worker.run.plan.options.backup.is_none() || is_backup(worker, rel) {
        return Ok(Kept::InPlace);
    }
    let wanted = |rel: &[u8]| looks_in(worker, dir?, rel);
    let backup_to = backup_name(worker, old, &wanted).map_err(|error| unnamed(worker, old, error))?;
    let to = backup_to.place(dst);
    let moves = || match (plain::renameat2(dst, name, to.dir, to.name, RenameFlags::empty()), &backup_to.dir)
    {
        (Err(error), Some(_)) if error.kind() == io::ErrorKind::CrossesDevices => {
            if !is_copied(worker, old)? {
                worker.run.report.notice(node, Place::Deletion, &Notice::NoBackup(rel));
                return Ok(Kept::Left);
            }
            copy::make(worker, old.place(), to, &old.path(worker))?;
            plain::unlinkat(dst, name, Unlink::File).map(|()| Kept::Moved)
        }
        (renamed, _) => renamed.map(|()| Kept::Moved),
    };
    let tried = if is_unsafe_link(worker, old) { Ok(Kept::InPlace) } else { moves() };
    let moved = match tried {
        Err(error) if error.kind() == io::ErrorKind::IsADirectory => {
            make_room(worker, old, &backup_to).and_then(|()| moves())
        }
        other => other,
    };
    let kept = moved.map_err(|error| lost(worker, old, &backup_to, error))?;
    if kept != Kept::Left {
        let notice = Notice::BackedUp { rel, to: &backup_to.rel };
        worker.run.report.notice(node, Place::Deletion, &notice);
    }
    Ok(kept)
}

/// Whether a name is of a kind that is copied; others are not made anew on another file system either.
fn is_copied(worker: &Worker, old: &Old<'_>) -> io::Result<bool> {
    let options = &worker.run.plan.options;
    Ok(match At::Name(old.dst, old.name).look()?.kind() {
        Kind::File | Kind::Dir => true,
        Kind::Symlink => options.links.keep,
        Kind::Char | Kind::Block => options.preserve.devices && worker.run.plan.identity.receiver.is_super(),
        Kind::Fifo | Kind::Socket => options.preserve.specials,
    })
}

/// Tells of the backup that [`before_delete`] would make.
pub fn would_keep(worker: &Worker, node: &Node, rel: &[u8]) {
    if worker.run.plan.options.backup.is_none() || is_backup(worker, rel) {
        return;
    }
    let to = shown(worker, rel);
    worker.run.report.notice(node, Place::Deletion, &Notice::BackedUp { rel, to: &to });
}

/// The directory and the name that a backup gets.
struct BackupName {
    /// The directory in the backup tree; `None` for the file's own directory.
    dir: Option<OwnedFd>,
    name: std::ffi::CString,
    /// As messages show it.
    rel: Vec<u8>,
}

impl BackupName {
    /// Where it is made, if the file lies in the directory `own`.
    fn place<'a>(&'a self, own: BorrowedFd<'a>) -> NameIn<'a> {
        NameIn { dir: self.dir.as_ref().map_or(own, AsFd::as_fd), name: &self.name }
    }
}

/// Removes what has a backup's name: a directory with all that is in it, but for what rules protect.
fn make_room(worker: &Worker, old: &Old<'_>, backup_to: &BackupName) -> io::Result<()> {
    let NameIn { dir, name } = backup_to.place(old.dst);
    let st = plain::statx(dir, name, AtFlags::SYMLINK_NOFOLLOW, plain::STATX_ALL)?;
    if !st.is_dir() {
        return plain::unlinkat(dir, name, Unlink::File);
    }
    let ruled = Ruled { node: old.node, receiver: old.receiver, rel: &backup_to.rel };
    if delete::clear_backup(worker, dir, name, &ruled) {
        return Ok(());
    }
    let error = io::Error::from(io::ErrorKind::DirectoryNotEmpty);
    worker.fail(Failure::new(old.purpose.side(), What::BackupWay, backup_to.rel.clone(), &error));
    Err(reported(&error))
}

fn backup_name(worker: &Worker, old: &Old<'_>, wanted: Wanted<'_>) -> io::Result<BackupName> {
    let Some(backup) = &worker.run.plan.options.backup else {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    };
    let (parent, name) = parent_and_name(old.rel);
    let mut named = name.to_vec();
    named.extend_from_slice(&backup.suffix);
    let rel = shown(worker, old.rel);
    let Some(dir) = &backup.dir else { return Ok(BackupName { dir: None, name: c_name(&named), rel }) };
    let handle = tree::open(worker, dir, parent, wanted, old.purpose)?;
    Ok(BackupName { dir: Some(handle), name: c_name(&named), rel })
}

fn link_or_move(worker: &Worker, old: &Old<'_>, kind: Kind, backup_to: &BackupName) -> io::Result<Kept> {
    let &Old { dst: from, name, .. } = old;
    let to = backup_to.place(from);
    let link = || plain::linkat(from, name, to.dir, to.name, AtFlags::empty());
    let linked = match link() {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            make_room(worker, old, backup_to)?;
            link()
        }
        linked => linked,
    };
    let refused = |error: &io::Error| error.raw_os_error() == Some(EPERM);
    match linked {
        Ok(()) => Ok(Kept::InPlace),
        // What others own and is no file may not be linked to: another one is made, if we can.
        Err(error) if refused(&error) && old.purpose == For::Node && kind != Kind::File => {
            if !is_copied(worker, old)? {
                worker.run.report.notice(old.node, Place::Deletion, &Notice::NoBackup(old.rel));
                return Ok(Kept::InPlace);
            }
            copy::remake(worker, old.place(), to, &as_told(worker, &backup_to.rel)).map(|()| Kept::InPlace)
        }
        Err(_) => {
            plain::renameat2(from, name, to.dir, to.name, RenameFlags::empty())?;
            Ok(Kept::Moved)
        }
    }
}

/// Copies an open file under the backup name of `name`. Returns the copy.
///
/// # Errors
/// Those of reading and writing.
pub fn copy_aside(worker: &Worker, dir: &Dir, name: &CStr, file: &OwnedFd) -> io::Result<OwnedFd> {
    let dst = dir.dst.as_ref().ok_or(io::ErrorKind::NotFound)?;
    let (rel, node) = (dir.dst_rel_of(name), &*dir.node);
    let (receiver, purpose) = (&dir.receiver, For::InPlace);
    let old = Old { dst: dst.as_fd(), name, rel: &rel, node, receiver, purpose };
    let told_as = |what, backup_to: &[u8], error: io::Error| {
        if !is_reported(&error) {
            worker.fail(Failure::new(Side::Generator, what, as_told(worker, backup_to), &error));
        }
        reported(&error)
    };
    let backup_to = backup_name(worker, &old, &|rel| looks_in(worker, dir, rel))
        .map_err(|error| told_as(What::BackupUnlink, &shown(worker, &rel), error))?;
    let to = backup_to.place(dst.as_fd());
    // Only what is no directory is replaced by it.
    let copied = match to.at().look().is_ok_and(|there| there.kind() == Kind::Dir) {
        true => Err(io::Error::from_raw_os_error(EISDIR)),
        false => copy::file(worker, file, to, &old.path(worker)),
    };
    let copy = copied.map_err(|error| {
        let stops_first = error.kind() == io::ErrorKind::IsADirectory || is_shut(to.at());
        told_as(if stops_first { What::BackupUnlink } else { What::BackupOpen }, &backup_to.rel, error)
    })?;
    let notice = Notice::BackedUp { rel: &rel, to: &backup_to.rel };
    worker.run.report.notice(node, Place::Deletion, &notice);
    Ok(copy)
}
