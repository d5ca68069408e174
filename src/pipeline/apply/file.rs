//! One regular file, straight down the page: open the source, make a nameless file, data, attributes, name.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;
use std::sync::Arc;

use rsync_compat::filter::Side as RuleSide;
use rsync_compat::output::itemize::{Changes, Update};
use uring_ext::plain::{self, OFlags, RenameFlags, Unlink};

use super::super::at::At;
use super::super::attributes::wanted;
use super::super::dir::{Born, Dir};
use super::super::paths::{source_path, target_path_in};
use super::super::worker::{Broken, Worker};
use super::super::xattr::{self, Extras};
use super::metadata::{ExtrasPair, Now, Subject, settle};
use super::{backup, data, temp};
use crate::entry::{Entry, Kind, Meta};
use crate::failure::{Failure, Severity, Side, What};

/// What moving one file's data is about.
#[derive(Debug)]
pub struct Transfer {
    /// Its directory.
    pub dir: Arc<Dir>,
    /// The entry, with the attributes it is to have.
    pub entry: Entry,
    /// What the destination has under the name.
    pub there: Option<Meta>,
    /// What is told about it.
    pub changes: Changes,
    /// Whether that counts as a transfer.
    pub update: Update,
}

/// A source file, open.
struct Source {
    handle: Rc<OwnedFd>,
    meta: Meta,
    /// All of its data, when it is small.
    small: Option<uring_ext::Buf>,
}

/// A destination file that has no name yet, or a hidden one.
pub struct Unnamed {
    /// The open file.
    pub handle: OwnedFd,
    /// The hidden name; `None` while the file has none at all.
    pub hidden: Option<CString>,
    /// What it was made with.
    born: Born,
    /// The permission bits it has; `None` when they must be set.
    mode: Option<u32>,
}

/// Brings one regular file up to date, and tells what came of it.
pub async fn transfer(worker: &Rc<Worker>, job: &Transfer) -> Outcome {
    let Some(source) = open_source(worker, job).await else { return Outcome::Failed };
    let outcome = receive(worker, job, source).await;
    // What failed on the receiving side was sent all the same, and is told.
    super::moved(worker, job, outcome.unwrap_or(0));
    if outcome.is_none() {
        return Outcome::Failed;
    }
    super::sent::remove(worker, &job.dir, &job.entry, super::sent::Arrival::Sent);
    Outcome::Done
}

/// Writes what was opened. Returns the bytes that moved, or nothing when it failed, which was told.
async fn receive(worker: &Rc<Worker>, job: &Transfer, source: Source) -> Option<u64> {
    if worker.run.plan.options.write.inplace {
        return super::inplace::transfer(worker, job, &source.handle).await;
    }
    let wanted = wanted(&worker.run.plan, &job.dir, &job.entry.meta, job.there.as_ref());
    let dst = job.dir.dst.as_ref()?;
    let name = job.dir.dst_name(&job.entry);
    let fail = |what: What, error: &io::Error| {
        let path = temp::shown(what, &target_path_in(&worker.run.plan, &job.dir, name), name);
        worker.fail_writing(Failure::new(Side::Receiver, what, path, error));
        None
    };
    // Who is bound by permissions can set extended attributes only while the file is writable.
    let mode = if xattr::wanted(&worker.run.plan) { wanted.mode | 0o200 } else { wanted.mode };
    let file = match create(&job.dir, dst, name, mode) {
        Ok(file) => file,
        Err(error) => return fail(What::Mkstemp, &error),
    };
    let moved = match &source.small {
        Some(buf) => data::write_small(worker, &file.handle, buf),
        None => data::copy(worker, &source.handle, &file.handle, source.meta.size).await,
    };
    let bytes = match moved {
        Ok(bytes) => bytes,
        Err(error) => {
            discard(dst, &file);
            return match error {
                Broken::Read(error) => fail_reading(worker, job, &error),
                Broken::Write(error) => fail(What::Write, &error),
                Broken::Stopped => None,
            };
        }
    };
    attributes(worker, job, &source.handle, &file, &wanted);
    if worker.run.plan.options.write.fsync
        && let Err(error) = plain::fsync(&file.handle)
    {
        discard(dst, &file);
        return fail(What::Write, &error);
    }
    if let Err(error) = publish(worker, job, dst, &file) {
        discard(dst, &file);
        return fail(What::Rename, &error);
    }
    job.dir.touch();
    Some(bytes)
}

/// What came of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Up to date now.
    Done,
    /// Told as a failure.
    Failed,
    /// Left as it was, or left out, for a reason that is no failure.
    Left,
}

/// Opens the source, through the ring where that wins, and reads it whole when it is small.
async fn open_source(worker: &Rc<Worker>, job: &Transfer) -> Option<Source> {
    let opened = data::open_source(worker, &job.dir, &job.entry).await;
    let handle = match opened {
        Ok(handle) => Rc::new(handle),
        Err(error) => {
            open_failed(worker, job, &error);
            return None;
        }
    };
    let meta = match plain::statx_fd(&*handle) {
        Ok(st) => Meta::from(&st),
        Err(error) => {
            open_failed(worker, job, &error);
            return None;
        }
    };
    if meta.kind() != Kind::File {
        // Somebody put something else in the file's place since it was listed.
        open_failed(worker, job, &io::Error::from_raw_os_error(2));
        return None;
    }
    let small = match data::read_small(worker, &handle, meta.size).await {
        Ok(small) => small,
        Err(error) => {
            return fail_reading(worker, job, &error);
        }
    };
    Some(Source { handle, meta, small })
}

fn open_failed(worker: &Worker, job: &Transfer, error: &io::Error) {
    let path = source_path(&worker.run.plan, job.entry.source, &job.dir.rel_of(&job.entry.name));
    worker.fail(match error.kind() {
        io::ErrorKind::NotFound => {
            Failure::new(Side::Sender, What::Vanished, path, error).severity(Severity::Vanished)
        }
        _ => Failure::new(Side::Sender, What::OpenSource, path, error),
    });
}

fn fail_reading<T>(worker: &Worker, job: &Transfer, error: &io::Error) -> Option<T> {
    let path = source_path(&worker.run.plan, job.entry.source, &job.dir.rel_of(&job.entry.name));
    worker.fail(Failure::new(Side::Sender, What::ReadSource, path, error));
    None
}

/// Makes a file without a name, or with a hidden one where the file system knows no nameless files.
///
/// # Errors
/// Those of open(2).
pub fn create(dir: &Dir, dst: &OwnedFd, name: &CStr, mode: u32) -> io::Result<Unnamed> {
    // Nobody can open a file without a name, so it may have its mode at once. The first one in a directory is made
    // with all bits, which tells what a default ACL takes away. Set-id bits come after the owner, in `settle`.
    let mode = if dir.born.get().is_some() { mode & 0o777 } else { 0o777 };
    match plain::openat(dst, c".", OFlags::TMPFILE | OFlags::WRONLY, mode) {
        Ok(handle) => {
            let born = born(dir, &handle)?;
            Ok(Unnamed { handle, hidden: None, born, mode: born.mode_kept.then_some(mode) })
        }
        Err(error) if has_no_tmpfile(&error) => {
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
            let (hidden, handle) = temp::with_name(name, |temp| plain::openat(dst, temp, flags, 0o600))?;
            let born = born(dir, &handle)?;
            Ok(Unnamed { handle, hidden: Some(hidden), born, mode: None })
        }
        Err(error) => Err(error),
    }
}

/// What files become in this directory: asked once.
fn born(dir: &Dir, first: &OwnedFd) -> io::Result<Born> {
    if let Some(born) = dir.born.get() {
        return Ok(*born);
    }
    let st = plain::statx_fd(first)?;
    let born = Born { uid: st.uid, gid: st.gid, mode_kept: st.permissions() == 0o777 };
    Ok(*dir.born.get_or_init(|| born))
}

/// NFS, FUSE and old file systems answer with one of these.
fn has_no_tmpfile(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(EOPNOTSUPP | EISDIR | ENOENT | EINVAL))
}

const ENOENT: i32 = 2;
const EISDIR: i32 = 21;
const EINVAL: i32 = 22;
const EOPNOTSUPP: i32 = 95;

fn attributes(worker: &Worker, job: &Transfer, source: &OwnedFd, file: &Unnamed, wanted: &Meta) {
    let path = || target_path_in(&worker.run.plan, &job.dir, job.dir.dst_name(&job.entry));
    let extras = read_extras(worker, job, source, file);
    let now =
        Now { uid: file.born.uid, gid: file.born.gid, permissions: file.mode, mtime: None, atime: None };
    let pair = extras.as_ref().map(|(want, have)| ExtrasPair { want, have });
    let at = At::Fd(file.handle.as_fd());
    settle(worker, &Subject { at, wanted, now, extras: pair, side: Side::Receiver }, path);
}

/// The extended attributes and ACLs of the source, and what the new file inherited.
fn read_extras(
    worker: &Worker,
    job: &Transfer,
    source: &OwnedFd,
    file: &Unnamed,
) -> Option<(Extras, Extras)> {
    let plan = &worker.run.plan;
    if !xattr::wanted(plan) {
        return None;
    }
    let want = xattr::read(plan, At::Fd(source.as_fd()), RuleSide::Sender).map_err(|(what, error)| {
        let path = source_path(plan, job.entry.source, &job.dir.rel_of(&job.entry.name));
        worker.fail(Failure::new(Side::Sender, what, path, &error));
    });
    let have = xattr::read(plan, At::Fd(file.handle.as_fd()), RuleSide::Receiver).unwrap_or_default();
    Some((want.ok()?, have))
}

/// Gives the complete file its name. What had the name before is kept under a hidden name at no time: a rename takes
/// its place in one step.
fn publish(worker: &Worker, job: &Transfer, dst: &OwnedFd, file: &Unnamed) -> io::Result<()> {
    let name = job.dir.dst_name(&job.entry);
    if job.there.is_none() {
        let named = match &file.hidden {
            None => plain::link_fd(&file.handle, dst, name),
            Some(hidden) => plain::renameat2(dst, hidden, dst, name, RenameFlags::empty()),
        };
        match named {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => return other,
        }
    } else {
        backup::keep(worker, &job.dir, name)?;
    }
    let hidden = match &file.hidden {
        Some(hidden) => hidden.clone(),
        None => temp::with_name(name, |temp| plain::link_fd(&file.handle, dst, temp))?.0,
    };
    plain::renameat2(dst, &hidden, dst, name, RenameFlags::empty()).inspect_err(|_| {
        let _ = plain::unlinkat(dst, &hidden, Unlink::File);
    })
}

fn discard(dst: &OwnedFd, file: &Unnamed) {
    if let Some(hidden) = &file.hidden {
        // It may be gone already; nothing depends on it.
        let _ = plain::unlinkat(dst, hidden, Unlink::File);
    }
}

/// The attributes of an existing file that need no data.
pub fn attributes_only(worker: &Worker, job: &Transfer, there: &Meta, extras: Option<(Extras, Extras)>) {
    let Some(dst) = &job.dir.dst else { return };
    let wanted = wanted(&worker.run.plan, &job.dir, &job.entry.meta, Some(there));
    let name = job.dir.dst_name(&job.entry);
    let pair = extras.as_ref().map(|(want, have)| ExtrasPair { want, have });
    let at = At::Name(dst.as_fd(), name);
    let mut now = Now::from(there);
    if worker.run.plan.options.compare.checksum && there.mtime != wanted.mtime {
        now.mtime = None;
    }
    let subject = Subject { at, wanted: &wanted, now, extras: pair, side: Side::Generator };
    settle(worker, &subject, || target_path_in(&worker.run.plan, &job.dir, name));
}
