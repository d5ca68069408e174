//! A source file: opened through the ring where that wins, or ahead of its turn, and read whole where it is small.

use std::ffi::CStr;
use std::io;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::sync::Arc;

use rsync_compat::options::{CopyMethod, Sparse};
use uring_ext::mode::errno::{ELOOP, ENOENT};
use uring_ext::ops::{OpenAt2, Read};
use uring_ext::plain::{self, Advice, AtFlags, STATX_ALL};
use uring_ext::{Buf, IoBuf, SharedFd};

use super::data::{clone_is_likely, has_holes};
use super::file::Transfer;
use super::retry;
use crate::entry::{Entry, Kind, Meta};
use crate::failure::{Failure, Severity, Side, What};
use crate::operands::resolve::LINKS_MAX;
use crate::pipeline::batch::replay;
use crate::pipeline::engine::worker::{SMALL_BYTES, Worker};
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::paths::source_path;
use crate::pipeline::handles::source::{SourceHandle, source_how};
use crate::pipeline::handles::swaps;
use crate::pipeline::translate::mapping::as_told;

/// A source file, open.
#[derive(Debug)]
pub struct Source {
    /// Its handle.
    pub handle: SharedFd,
    /// What it was when it was opened.
    pub meta: Meta,
    /// Nothing of it was in the page cache, and nothing is to stay there (`--drop-cache`).
    pub uncached: bool,
    /// All of its data, when it is small.
    pub small: Option<Buf>,
}

/// Opens the source, through the ring where that wins, and reads it whole when it is small.
pub async fn open(worker: &Rc<Worker>, job: &mut Transfer) -> Option<Source> {
    let (alternate, opened) = match open_alternate(job) {
        Some(handle) => (true, Ok(handle)),
        None => (false, handle_of(worker, &job.dir, &job.entry).await),
    };
    let handle = match opened {
        Ok(handle) => SharedFd::new(handle),
        Err(error) => {
            open_failed(worker, job, &error);
            return None;
        }
    };
    if !alternate
        && swaps::source_is_shared(worker, &job.dir, job.entry.source)
        && !as_opened(worker, job, &handle)
    {
        return None;
    }
    let name = || String::from_utf8_lossy(&job.dir.rel_of(&job.entry.name)).into_owned();
    tracing::debug!(target: "send", name = name(), size_bytes = job.entry.meta.size, "opened");
    let drops = worker.run.plan.options.write.drop_cache;
    let uncached = drops && plain::cached_pages(&*handle, 0, 0) == Some(0);
    if let Some(buf) = read_listed(worker, &handle, &job.entry).await {
        return Some(Source { handle, meta: job.entry.meta, uncached, small: Some(buf) });
    }
    let mut meta = match plain::statx_fd(&*handle) {
        Ok(st) => Meta::from(&st),
        Err(error) => {
            open_failed(worker, job, &error);
            return None;
        }
    };
    if meta.kind().is_device() && worker.run.plan.options.write.copy_devices {
        meta.size = job.entry.meta.size;
    } else if meta.kind() != Kind::File {
        // Somebody put something else in the file's place since it was listed.
        open_failed(worker, job, &io::Error::from_raw_os_error(ENOENT));
        return None;
    }
    // What is compared is read bit by bit.
    let small = match &job.basis {
        Some(_) => Ok(None),
        None => read_small(worker, &handle, job.entry.source, meta.size).await,
    };
    let small = match small {
        Ok(small) => small,
        Err(error) => return failed(worker, job, &error),
    };
    Some(Source { handle, meta, uncached, small })
}

/// What `--copy-dest` copies: the alternate file, which may differ from the source where nobody looked.
fn open_alternate(job: &Transfer) -> Option<OwnedFd> {
    let alternate = job.alternate?;
    let basis = job.dir.basis.get(alternate.index)?.as_ref()?;
    let flags = plain::OFlags::RDONLY | plain::OFlags::NOFOLLOW | plain::OFlags::NONBLOCK;
    let handle = plain::openat(basis, job.dir.dst_name(&job.entry), flags, 0).ok()?;
    let st = plain::statx_fd(&handle).ok()?;
    let is_it = (st.dev, st.ino) == alternate.inode;
    (is_it && st.is_file() && st.size == job.entry.meta.size).then_some(handle)
}

/// Where others may swap names, what was opened may be another file than what was listed: then its attributes are those
/// that go with its data. False when it is no file at all, which was told.
fn as_opened(worker: &Worker, job: &mut Transfer, handle: &OwnedFd) -> bool {
    match plain::statx_fd(handle).map(|st| Meta::from(&st)) {
        Ok(open) if open.same_inode(&job.entry.meta) => true,
        Ok(open) if open.kind() == Kind::File => {
            job.entry.meta = as_told(&worker.run.plan, open);
            true
        }
        Ok(_) => {
            open_failed(worker, job, &io::Error::from_raw_os_error(ENOENT));
            false
        }
        Err(error) => {
            open_failed(worker, job, &error);
            false
        }
    }
}

/// Never blocks on a FIFO, never follows a link that the user did not ask for.
async fn handle_of(worker: &Rc<Worker>, dir: &Arc<Dir>, entry: &Entry) -> io::Result<OwnedFd> {
    if let Some(opened) = replay::open(worker, dir, entry) {
        return opened;
    }
    let Some(handle) = dir.source(entry.source) else { return Err(io::Error::from_raw_os_error(ENOENT)) };
    if dir.links_above == LINKS_MAX && is_link(handle, &entry.name) {
        // One more than the kernel follows on the way of a whole path, which rsync opens.
        return Err(io::Error::from_raw_os_error(ELOOP));
    }
    let how = source_how(&worker.run.plan.options);
    let open = || plain::openat(handle, &entry.name, how.flags, 0);
    if worker.reads_by_ring(entry.source) {
        let op = OpenAt2::new(SourceHandle::of(dir, entry.source), entry.name.clone(), how);
        return match worker.ring.run(op).await {
            Err(error) if retry::passes(&error) => Box::pin(retry::again(worker, error, open)).await,
            opened => opened,
        };
    }
    let handle = match open() {
        Err(error) if retry::passes(&error) => Box::pin(retry::again(worker, error, open)).await?,
        opened => opened?,
    };
    let read = !clone_is_likely(worker, entry.meta.size);
    if entry.meta.size > 0 && read && !worker.run.plan.options.write.drop_cache {
        // The kernel fetches it while other files are being opened.
        let _ = plain::fadvise(&handle, 0, 0, Advice::WillNeed);
        worker.lookahead.pass().await;
    }
    Ok(handle)
}

fn is_link(dir: &OwnedFd, name: &CStr) -> bool {
    plain::statx(dir, name, AtFlags::SYMLINK_NOFOLLOW, STATX_ALL)
        .is_ok_and(|st| Meta::from(&st).kind() == Kind::Symlink)
}

/// Reads a small file whole as it was listed; `None` when it is not small, or anything is not as it was then: who
/// reads as many bytes as the file had, and its end, needs not ask what it is.
async fn read_listed(worker: &Rc<Worker>, source: &SharedFd, entry: &Entry) -> Option<Buf> {
    let bytes = entry.meta.size;
    if bytes == 0 || entry.kind() != Kind::File {
        return None;
    }
    let buf = read_small(worker, source, entry.source, bytes).await.ok().flatten()?;
    (buf.filled().len() as u64 == bytes).then_some(buf)
}

/// Reads a small file whole; `None` when it is not small, or turned out to have grown.
async fn read_small(
    worker: &Rc<Worker>,
    source: &SharedFd,
    number: u16,
    bytes: u64,
) -> io::Result<Option<Buf>> {
    let keeps_holes = worker.run.plan.options.write.sparse == Sparse::Holes;
    if bytes >= SMALL_BYTES as u64
        || clone_is_likely(worker, bytes)
        || bytes > 0 && worker.run.plan.options.write.method == CopyMethod::CopyFileRange
        || keeps_holes && has_holes(&**source, bytes)
    {
        return Ok(None);
    }
    let mut buf = worker.buffers.take().await;
    if bytes == 0 {
        buf.set_len(0);
        return Ok(Some(buf));
    }
    let buf = if worker.reads_by_ring(number) {
        worker.summary.borrow_mut().ring_files += 1;
        let read = worker.ring.run(Read::new(source.clone(), buf, 0)).await?;
        worker.lookahead.stand_back().await;
        read
    } else {
        let read = plain::pread(&**source, buf.room(), 0)?;
        buf.set_len(read);
        buf
    };
    let whole = (buf.filled().len() as u64) >= bytes && buf.filled().len() < buf.capacity();
    // A short read, or a file that grew: the long way reads to the end.
    Ok(whole.then_some(buf))
}

/// Tells that it cannot be opened, or is gone.
fn open_failed(worker: &Worker, job: &Transfer, error: &io::Error) {
    let path = source_path(&worker.run.plan, job.entry.source, &job.dir.rel_of(&job.entry.name));
    let failure = match error.kind() {
        io::ErrorKind::NotFound => {
            Failure::new(Side::Sender, What::Vanished, path, error).severity(Severity::Vanished)
        }
        _ => Failure::new(Side::Sender, What::OpenSource, path, error),
    };
    worker.summary.borrow_mut().wire.unopened += 1;
    worker.fail_at(&job.dir, job.entry.slot, failure);
}

/// Tells that it cannot be read.
pub fn failed<T>(worker: &Worker, job: &Transfer, error: &io::Error) -> Option<T> {
    let path = source_path(&worker.run.plan, job.entry.source, &job.dir.rel_of(&job.entry.name));
    worker.fail(Failure::new(Side::Sender, What::ReadSource, path, error));
    None
}
