//! `--backup`: keeps what is about to be replaced or deleted (rsync(1), `--backup`, `--backup-dir`, `--suffix`).

mod tree;

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rsync_compat::exit::Exit;
use rsync_compat::filter::Chain;
use uring_ext::mode::errno::{EISDIR, ENAMETOOLONG, EPERM};
use uring_ext::plain::{self, AtFlags, RenameFlags, Unlink};

use super::{backup_copy, delete};
use crate::entry::{Kind, Meta, join};
use crate::failure::{Failure, Fatal, Severity, Side, What, is_reported, reported};
use crate::path_text::{c_name, parent_and_name};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::at::At;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::paths::target_path;
use crate::pipeline::translate::unsafe_link::is_unsafe;
use crate::report::{Node, Notice, Place};
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
    /// Deletion.
    Deletion,
}

impl For {
    const fn side(self) -> Side {
        match self {
            For::Data | For::Delayed => Side::Receiver,
            For::Node | For::Deletion => Side::Generator,
        }
    }
}

/// Keeps `name` before something takes its place. Directories are never kept themselves.
///
/// # Errors
/// Those of link(2), rename(2) and of making the backup directory; they were told.
pub fn keep(worker: &Worker, dir: &Dir, name: &CStr, purpose: For) -> io::Result<Kept> {
    let Some(dst) = &dir.dst else { return Ok(Kept::InPlace) };
    let wanted = |rel: &[u8]| looks_in(worker, dir, rel);
    let at = Old { dst: dst.as_fd(), node: &dir.node, receiver: &dir.receiver, purpose };
    keep_with(worker, (&at, dir.dst_rel()), name, &wanted)
}

/// Where the old file is.
struct Old<'a> {
    dst: BorrowedFd<'a>,
    node: &'a Node,
    /// Rules in force on the destination side.
    receiver: &'a Chain,
    purpose: For,
}

/// The same for an open directory, its path and its place in the order of reports.
///
/// # Errors
/// Those of [`keep`].
pub fn keep_at(worker: &Worker, dir: (&OwnedFd, &[u8], &Node), name: &CStr) -> io::Result<Kept> {
    let (dst, rel, node) = dir;
    let (dst, receiver) = (dst.as_fd(), &worker.run.plan.receiver);
    keep_with(worker, (&Old { dst, node, receiver, purpose: For::Delayed }, rel), name, &|_| None)
}

fn keep_with(
    worker: &Worker,
    (old, dir_rel): (&Old<'_>, &[u8]),
    name: &CStr,
    wanted: Wanted<'_>,
) -> io::Result<Kept> {
    let dst = old.dst;
    if worker.run.plan.options.backup.is_none() {
        return Ok(Kept::InPlace);
    }
    let rel = join(dir_rel, name.to_bytes());
    let kind = match plain::statx(dst, name, AtFlags::SYMLINK_NOFOLLOW, plain::STATX_ALL) {
        Ok(st) => Meta::from(&st).kind(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Kept::InPlace),
        Err(error) => return Err(error),
    };
    if kind == Kind::Dir || makes_way(old.purpose, kind) && is_backup(worker, &rel) {
        return Ok(Kept::InPlace);
    }
    let backup_to = backup_name(worker, &rel, (wanted, old.purpose)).map_err(|error| {
        let backup_to = shown(worker, &rel);
        ends(worker, old, lost_at(worker, old.purpose, ((&rel, &backup_to), What::BackupUnlink), error))
    })?;
    let moved = || match is_unsafe_link(worker, old, name, &rel) {
        true => Ok(Kept::InPlace),
        false => link_or_move(worker, old, (name, kind), (&backup_to, &rel)),
    };
    let kept = match (moved(), &backup_to.dir) {
        // It had its backup's name itself (`--backup-dir=../d`), and made room for it.
        (Err(error), _) if error.kind() == io::ErrorKind::NotFound => {
            tell_vanished(worker, old.purpose, &rel, &error);
            return Ok(Kept::InPlace);
        }
        (Err(error), Some(to)) if error.kind() == io::ErrorKind::CrossesDevices => {
            let path = target_path(&worker.run.plan, &rel);
            backup_copy::copy(worker, (dst, name), (to, &backup_to.name), &path).map(|()| Kept::InPlace)
        }
        (kept, _) => kept,
    };
    let kept =
        kept.map_err(|error| ends(worker, old, lost(worker, old.purpose, (&rel, &backup_to.rel), error)))?;
    tracing::debug!(target: "backup", name = %String::from_utf8_lossy(&rel), "kept");
    let notice = Notice::BackedUp { rel: &rel, to: &backup_to.rel };
    worker.run.report.notice(old.node, Place::Deletion, &notice);
    Ok(kept)
}

/// Whether the old file is deleted to make way, where it is no file, rather than replaced.
fn makes_way(purpose: For, kind: Kind) -> bool {
    match purpose {
        For::Deletion => true,
        For::Data | For::Delayed => kind != Kind::File,
        For::Node => false,
    }
}

/// Whether a name is that of a backup beside its file, of which there is none when it is deleted.
fn is_backup(worker: &Worker, rel: &[u8]) -> bool {
    let backup = worker.run.plan.options.backup.as_ref();
    let ends = |suffix: &[u8]| rel.len() > suffix.len() && rel.ends_with(suffix);
    backup.is_some_and(|backup| backup.dir.is_none() && ends(&backup.suffix))
}

/// Whether there is no backup because the name is a link that leads out (`--safe-links`), which is told.
fn is_unsafe_link(worker: &Worker, old: &Old<'_>, name: &CStr, rel: &[u8]) -> bool {
    let links = &worker.run.plan.options.links;
    if !links.keep || !links.safe {
        return false;
    }
    let target = plain::readlinkat(old.dst, name).ok().filter(|target| is_unsafe(target, rel));
    if let Some(target) = &target {
        let notice = Notice::UnsafeBackup { rel, target };
        worker.run.report.notice(old.node, Place::Deletion, &notice);
    }
    target.is_some()
}

/// Keeps `name` before it is deleted: under its backup name alone.
///
/// # Errors
/// Those of rename(2) and of making the backup directory.
pub fn before_delete(
    worker: &Worker,
    from: (BorrowedFd<'_>, Option<&Dir>, &Node, &Chain),
    name: &CStr,
    rel: &[u8],
) -> io::Result<Kept> {
    let (dst, dir, node, receiver) = from;
    let old = Old { dst, node, receiver, purpose: For::Deletion };
    if worker.run.plan.options.backup.is_none() || is_backup(worker, rel) {
        return Ok(Kept::InPlace);
    }
    let backup_to =
        backup_name(worker, rel, (&|rel| looks_in(worker, dir?, rel), old.purpose)).map_err(|error| {
            lost_at(worker, old.purpose, ((rel, &shown(worker, rel)), What::BackupUnlink), error)
        })?;
    let moves = || match (
        plain::renameat2(dst, name, backup_to.handle(dst), &backup_to.name, RenameFlags::empty()),
        &backup_to.dir,
    ) {
        (Err(error), Some(to)) if error.kind() == io::ErrorKind::CrossesDevices => {
            if !is_copied(worker, dst, name)? {
                worker.run.report.notice(node, Place::Deletion, &Notice::NoBackup(rel));
                return Ok(Kept::Left);
            }
            let path = target_path(&worker.run.plan, rel);
            backup_copy::copy(worker, (dst, name), (to, &backup_to.name), &path)?;
            plain::unlinkat(dst, name, Unlink::File).map(|()| Kept::Moved)
        }
        (renamed, _) => renamed.map(|()| Kept::Moved),
    };
    let tried = if is_unsafe_link(worker, &old, name, rel) { Ok(Kept::InPlace) } else { moves() };
    let moved = match tried {
        Err(error) if error.kind() == io::ErrorKind::IsADirectory => {
            make_room(worker, &old, &backup_to).and_then(|()| moves())
        }
        other => other,
    };
    let kept = moved.map_err(|error| lost(worker, old.purpose, (rel, &backup_to.rel), error))?;
    if kept != Kept::Left {
        let notice = Notice::BackedUp { rel, to: &backup_to.rel };
        worker.run.report.notice(node, Place::Deletion, &notice);
    }
    Ok(kept)
}

/// Whether a name is of a kind that is copied; others are not made anew on another file system either.
fn is_copied(worker: &Worker, dst: BorrowedFd<'_>, name: &CStr) -> io::Result<bool> {
    let options = &worker.run.plan.options;
    Ok(match At::Name(dst, name).look()?.kind() {
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

/// The backup of `rel` as messages show it.
fn shown(worker: &Worker, rel: &[u8]) -> Vec<u8> {
    let Some(backup) = &worker.run.plan.options.backup else { return rel.to_vec() };
    let to = backup.dir.as_ref().map_or_else(|| rel.to_vec(), |dir| join(dir, rel));
    [to, backup.suffix.clone()].concat()
}

/// The same as errors show it.
fn as_told(worker: &Worker, backup_to: &[u8]) -> Vec<u8> {
    if backup_to.starts_with(b"/") { backup_to.to_vec() } else { target_path(&worker.run.plan, backup_to) }
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
    fn handle<'a>(&'a self, own: BorrowedFd<'a>) -> BorrowedFd<'a> {
        self.dir.as_ref().map_or(own, AsFd::as_fd)
    }
}

/// Tells of a backup that cannot be made, unless why was told already.
fn lost(worker: &Worker, purpose: For, of: (&[u8], &[u8]), error: io::Error) -> io::Error {
    let too_long = error.raw_os_error() == Some(ENAMETOOLONG);
    let what = if too_long { What::BackupUnlink } else { What::BackupOpen };
    lost_at(worker, purpose, (of, what), error)
}

/// The same where this is what could not be done.
fn lost_at(worker: &Worker, purpose: For, of: ((&[u8], &[u8]), What), error: io::Error) -> io::Error {
    if is_reported(&error) {
        return error;
    }
    let (plan, ((rel, backup_to), what)) = (&worker.run.plan, of);
    let tell = |what, path| worker.fail(Failure::new(purpose.side(), what, path, &error));
    tell(what, as_told(worker, backup_to));
    tell(What::KeepBackup, [&target_path(plan, rel), b"\" -> \"".as_slice(), backup_to].concat());
    if purpose == For::Deletion {
        tell(What::MakeBackup, rel.to_vec());
    }
    reported(&error)
}

/// Without its backup no file is replaced by another, and the run ends.
fn ends(worker: &Worker, old: &Old<'_>, error: io::Error) -> io::Error {
    if old.purpose == For::Data && is_reported(&error) {
        let fatal = Fatal { side: Side::Receiver, message: Vec::new(), code: Exit::FileIo.code() };
        worker.run.state.abort(&fatal);
    }
    error
}

/// Removes what has a backup's name: a directory with all that is in it, but for what rules protect.
fn make_room(worker: &Worker, old: &Old<'_>, backup_to: &BackupName) -> io::Result<()> {
    let to = backup_to.handle(old.dst);
    let st = plain::statx(to, &backup_to.name, AtFlags::SYMLINK_NOFOLLOW, plain::STATX_ALL)?;
    if !st.is_dir() {
        return plain::unlinkat(to, &backup_to.name, Unlink::File);
    }
    if delete::clear_backup(worker, (old.node, old.receiver, to), (&backup_to.name, &backup_to.rel)) {
        return Ok(());
    }
    let error = io::Error::from(io::ErrorKind::DirectoryNotEmpty);
    worker.fail(Failure::new(old.purpose.side(), What::BackupWay, backup_to.rel.clone(), &error));
    Err(reported(&error))
}

fn backup_name(worker: &Worker, rel: &[u8], by: (Wanted<'_>, For)) -> io::Result<BackupName> {
    let (plan, (wanted, purpose)) = (&worker.run.plan, by);
    let (Some(backup), (parent, name)) = (&plan.options.backup, parent_and_name(rel)) else {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    };
    let mut named = name.to_vec();
    named.extend_from_slice(&backup.suffix);
    let rel = shown(worker, rel);
    let Some(dir) = &backup.dir else { return Ok(BackupName { dir: None, name: c_name(&named), rel }) };
    let handle = tree::open(worker, (dir, parent), wanted, purpose.side())?;
    Ok(BackupName { dir: Some(handle), name: c_name(&named), rel })
}

fn link_or_move(
    worker: &Worker,
    old: &Old<'_>,
    (name, kind): (&CStr, Kind),
    (backup_to, rel): (&BackupName, &[u8]),
) -> io::Result<Kept> {
    let (from, to, backup) = (old.dst, backup_to.handle(old.dst), backup_to.name.as_c_str());
    let link = || plain::linkat(from, name, to, backup, AtFlags::empty());
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
            if !is_copied(worker, from, name)? {
                worker.run.report.notice(old.node, Place::Deletion, &Notice::NoBackup(rel));
                return Ok(Kept::InPlace);
            }
            backup_copy::remake(worker, (from, name), (to, backup), &as_told(worker, &backup_to.rel))
                .map(|()| Kept::InPlace)
        }
        Err(_) => {
            plain::renameat2(from, name, to, backup, RenameFlags::empty())?;
            Ok(Kept::Moved)
        }
    }
}

/// Tells that there was nothing to keep any more, which counts for what is no data.
fn tell_vanished(worker: &Worker, purpose: For, rel: &[u8], error: &io::Error) {
    let path = target_path(&worker.run.plan, rel);
    match purpose.side() {
        side @ Side::Generator => {
            worker.fail(Failure::new(side, What::Vanished, path, error).severity(Severity::Vanished));
        }
        _ => worker.run.report.warning(&[b"file has vanished: \"", path.as_slice(), b"\""].concat()),
    }
}

/// Copies an open file under the backup name of `name`. Returns the copy.
///
/// # Errors
/// Those of reading and writing.
pub fn copy_aside(worker: &Worker, dir: &Dir, name: &CStr, old: &OwnedFd) -> io::Result<OwnedFd> {
    let dst = dir.dst.as_ref().ok_or(io::ErrorKind::NotFound)?;
    let rel = dir.dst_rel_of(name);
    let told_as = |what, backup_to: &[u8], error: io::Error| {
        if !is_reported(&error) {
            worker.fail(Failure::new(Side::Generator, what, as_told(worker, backup_to), &error));
        }
        reported(&error)
    };
    let backup_to = backup_name(worker, &rel, (&|rel| looks_in(worker, dir, rel), For::Node))
        .map_err(|error| told_as(What::BackupUnlink, &shown(worker, &rel), error))?;
    let to = (backup_to.dir.as_ref().unwrap_or(dst), &*backup_to.name);
    let path = target_path(&worker.run.plan, &rel);
    // Only what is no directory is replaced by it.
    let there = plain::statx(to.0, to.1, AtFlags::SYMLINK_NOFOLLOW, plain::STATX_ALL);
    let copied = match there.is_ok_and(|there| there.is_dir()) {
        true => Err(io::Error::from_raw_os_error(EISDIR)),
        false => backup_copy::file(worker, old, to, &path),
    };
    let copy = copied.map_err(|error| {
        let is_dir = error.kind() == io::ErrorKind::IsADirectory;
        told_as(if is_dir { What::BackupUnlink } else { What::BackupOpen }, &backup_to.rel, error)
    })?;
    let notice = Notice::BackedUp { rel: &rel, to: &backup_to.rel };
    worker.run.report.notice(&dir.node, Place::Deletion, &notice);
    Ok(copy)
}
