//! `--inplace`: writes into the file that has the name, which keeps its inode and its other names (rsync(1)).

use std::io;
use std::ops::Range;
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;

use rsync_compat::delta::{Described, Moved};
use rsync_compat::filter::Side as RuleSide;
use rsync_compat::options::{Append, Sparse};
use rsync_compat::output::itemize::{Changes, Update};
use uring_ext::mode::errno::{ELOOP, ENODATA, ENOENT};
use uring_ext::plain::{self, FallocateFlags, OFlags};
use uring_ext::{IoBuf, SharedFd};

use super::data::{HOLE_BYTES, copy_range, end_behind, has_holes, is_zero, next_data, write_sparse};
use super::delta::{self, Target};
use super::file::{Transfer, writing_side};
use super::metadata::{Now, Subject, settle};
use super::verify;
use super::{backup, fsync};
use crate::entry::{Kind, Meta};
use crate::failure::{Failure, Side, What};
use crate::pipeline::attributes::extended;
use crate::pipeline::attributes::xattr::{self, Extended, ExtendedPair};
use crate::pipeline::engine::worker::{Broken, CHUNK_BYTES, Worker};
use crate::pipeline::handles::at::At;
use crate::pipeline::handles::basis_file::{Basis, Origin};
use crate::pipeline::handles::paths::{source_path, target_path_in};
use crate::pipeline::handles::swaps;
use crate::pipeline::translate::mapping;
use crate::plan::Power;

/// Which time a file is written.
#[derive(Debug)]
pub enum Pass {
    /// The first; under `--append` what is there stays.
    First {
        /// How many bytes the source has at least.
        bytes_min: u64,
        /// The copy that was made of the file, if a backup is wanted.
        backup: Option<Basis>,
    },
    /// Once more from the beginning, as what was there turned out to be something else.
    Again,
}

/// Brings one regular file up to date in place. Returns what moved.
///
/// A source that comes with fewer bytes than it has to have became shorter; the file then keeps the time that writing
/// gave it, so that the next run sees it.
pub async fn transfer(worker: &Rc<Worker>, job: &Transfer, source: &SharedFd, pass: Pass) -> Option<Moved> {
    let plan = &worker.run.plan;
    let name = job.dir.dst_name(&job.entry);
    let path = || target_path_in(plan, &job.dir, name);
    let fail = |what: What, error: &io::Error| {
        worker.fail_writing(Failure::new(writing_side(job), what, path(), error));
        None
    };
    let start = match pass {
        Pass::First { .. } => kept_bytes(worker, job),
        Pass::Again => 0,
    };
    let opened = match open(worker, job, start) {
        Ok(opened) => opened,
        Err(error) if job.update == Update::Local => return fail(What::OpenOutside, &error),
        Err(error) => return fail(What::OpenDestination, &error),
    };
    let (bytes_min, backup, own) = match pass {
        Pass::First { bytes_min, backup } => (bytes_min, backup, None),
        Pass::Again => (0, None, own_basis(job)),
    };
    let basis = own.as_ref().or(job.basis.as_ref().map(|basis| backup.as_ref().unwrap_or(basis)));
    let filled = fill(worker, job, source, &opened, basis).await;
    let moved = match filled.and_then(|moved| whole(moved, start, bytes_min)) {
        Ok(moved) => moved,
        Err(Broken::Read(error)) => {
            let path = source_path(plan, job.entry.source, &job.dir.rel_of(&job.entry.name));
            worker.fail(Failure::new(Side::Sender, What::ReadSource, path, &error));
            return None;
        }
        Err(Broken::Write(error)) => return fail(What::Write, &error),
        Err(Broken::Unshared(error)) => return fail(What::Clone, &error),
        Err(Broken::Stopped) if appended_all(worker, &opened, bytes_min) => Moved::whole(bytes_min - start),
        Err(Broken::Stopped) => return None,
    };
    let Opened { file, there, .. } = &opened;
    if !there.kind().is_device()
        && let Err(error) = plain::ftruncate(file, start + moved.bytes())
    {
        return fail(What::Write, &error);
    }
    if !there.kind().is_device() && !verify::holds_in_place(worker, job, source) {
        return None;
    }
    attributes(worker, job, source, &opened);
    if let Err(error) = fsync::flush(worker, file).await {
        return fail(What::Fsync, &error);
    }
    if !job.is_there() {
        job.dir.touch();
    }
    let described = if backup.is_some() { Described::ByKind } else { moved.described };
    Some(Moved { described, ..moved })
}

/// Whether `--append` has written a file to its end. The next run takes such a file for granted, so its attributes are
/// set even when the run is being ended.
fn appended_all(worker: &Worker, opened: &Opened, bytes: u64) -> bool {
    let appends = worker.run.plan.options.write.append != Append::Off;
    appends && bytes >= opened.start && plain::statx_fd(&opened.file).is_ok_and(|st| st.size == bytes)
}

/// Gives a file that has all its data the attributes it is to have.
fn attributes(worker: &Worker, job: &Transfer, source: &OwnedFd, opened: &Opened) {
    let plan = &worker.run.plan;
    let Opened { file, there, .. } = opened;
    let (wanted, at) = (job.wanted(plan), At::Fd(file.as_fd()));
    let extended = xattr::wanted(plan).then(|| {
        let want = sent_extended(worker, job, source).fitted(&job.entry.meta, &wanted);
        let permissions = job.there.unwrap_or(*there).permissions();
        let have = xattr::read(plan, at, RuleSide::Receiver, permissions).unwrap_or_default();
        ExtendedPair { want, have }
    });
    let now = match plain::statx_fd(file).map(|st| Meta::from(&st)) {
        // Writing leaves no trace on a device.
        Ok(now) if there.kind().is_device() => Now::from(&now),
        // The kernel may have taken set-id bits.
        Ok(now) if job.is_there() => Now { mtime: None, ..Now::from(&now) },
        Ok(now) => Now { mtime: None, atime: None, ..Now::from(&now) },
        Err(_) => Now { mtime: None, atime: None, permissions: None, ..Now::from(there) },
    };
    let subject = Subject { at, wanted: &wanted, now, extended: extended.as_ref(), side: Side::Receiver };
    settle(worker, &subject, || target_path_in(plan, &job.dir, job.dir.dst_name(&job.entry)));
}

/// The source's extended attributes, also where its data comes from an alternate destination.
fn sent_extended(worker: &Worker, job: &Transfer, source: &OwnedFd) -> Extended {
    let sent = match &job.dir.recorded {
        Some(listing) => listing.extended(&job.entry.name),
        None if job.alternate.is_some() => {
            return extended::of_source(worker, &job.dir, &job.entry).unwrap_or_default();
        }
        None => job.dir.source(job.entry.source).and_then(|handle| {
            let at = At::Fd(source.as_fd());
            extended::read_listed(&worker.run.plan, handle, &job.entry, at).ok()
        }),
    };
    mapping::mapped_acls(&worker.run.plan, sent.unwrap_or_default())
}

/// Gives an open file its data: what differs from the basis if there is one, otherwise all that is not taken for
/// granted.
async fn fill(
    worker: &Rc<Worker>,
    job: &Transfer,
    source: &SharedFd,
    opened: &Opened,
    basis: Option<&Basis>,
) -> Result<Moved, Broken> {
    let write = &worker.run.plan.options.write;
    if let Some(basis) = basis
        && let Some(moved) = delta::copy(worker, source, basis, &opened.file, Target::InPlace).await?
    {
        return Ok(moved);
    }
    // Some devices have no end, and reading an empty file would only change its access time.
    let bounded = write.copy_devices || job.entry.meta.size == 0;
    let end = if bounded { job.entry.meta.size } else { u64::MAX };
    let punches = match write.sparse {
        Sparse::Off | Sparse::Never => false,
        Sparse::Zeros => true,
        Sparse::Holes => has_holes(&**source, job.entry.meta.size),
    };
    let bytes = if punches && !opened.there.kind().is_device() {
        punch_copy(worker, source, &opened.file, opened.start).await?
    } else {
        copy_range(worker, &**source, &opened.file, opened.start..end).await?
    };
    Ok(Moved { described: job.described, ..Moved::whole(bytes) })
}

/// The file itself, as it is now.
fn own_basis(job: &Transfer) -> Option<Basis> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let handle = plain::openat(job.dir.dst.as_ref()?, job.dir.dst_name(&job.entry), flags, 0).ok()?;
    let bytes = plain::statx_fd(&handle).ok()?.size;
    Some(Basis { handle, bytes, origin: Origin::Own })
}

/// A source that has become shorter than `bytes_min` is none that can be read.
fn whole(moved: Moved, start: u64, bytes_min: u64) -> Result<Moved, Broken> {
    let short = start + moved.bytes() < bytes_min;
    if short { Err(Broken::Read(io::Error::from_raw_os_error(ENODATA))) } else { Ok(moved) }
}

/// How much of what is there `--append` takes for granted, in bytes.
pub fn kept_bytes(worker: &Worker, job: &Transfer) -> u64 {
    // What cannot be read is not taken for granted.
    let known = |there: &Meta| there.kind() == Kind::File && !job.changes.contains(Changes::NEW);
    let there = job.there.filter(known);
    match worker.run.plan.options.write.append {
        Append::Off => 0,
        Append::Tail | Append::Verify => there.map_or(0, |there| there.size),
    }
}

/// The file that is written.
struct Opened {
    file: OwnedFd,
    /// What it was before.
    there: Meta,
    /// How much of it stays, in bytes.
    start: u64,
}

fn open(worker: &Worker, job: &Transfer, start: u64) -> io::Result<Opened> {
    let Some(dst) = &job.dir.dst else {
        return Err(job.dir.before.blocked().unwrap_or_else(|| io::Error::from_raw_os_error(ENOENT)));
    };
    let name = job.dir.dst_name(&job.entry);
    let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = match &job.there {
        Some(there) if there.kind() == Kind::File => match plain::openat(dst, name, flags, 0) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                open_up(worker, job, there, error)?;
                plain::openat(dst, name, flags, 0)?
            }
            other => other?,
        },
        Some(_) => {
            if backup::keep(worker, &job.dir, name, backup::For::Node)? == backup::Kept::InPlace {
                plain::unlinkat(dst, name, plain::Unlink::File)?;
            }
            plain::openat(dst, name, flags | OFlags::CREATE | OFlags::EXCL, 0o600)?
        }
        // rsync tells why it did not find the file, not why it may not make it, unless it copies one of this side.
        None => plain::openat(dst, name, flags | OFlags::CREATE | OFlags::EXCL, 0o600).map_err(|error| {
            let closed = error.kind() == io::ErrorKind::PermissionDenied && job.update != Update::Local;
            if closed { io::Error::from_raw_os_error(ENOENT) } else { error }
        })?,
    };
    let st = plain::statx_fd(&file)?;
    let there = Meta::from(&st);
    let writes_device = there.kind().is_device() && worker.run.plan.options.write.write_devices;
    if !st.is_file() && !writes_device {
        return Err(io::Error::from_raw_os_error(ELOOP));
    }
    if st.is_file() {
        let before = job.there.filter(|there| there.kind() == Kind::File);
        swaps::check(worker, &job.dir, &there, before.as_ref())?;
        drop_set_id(worker, &file, &there)?;
    }
    Ok(Opened { file, there, start })
}

/// Makes a file writable that `error` says is not. With `-p` it is told of one that its owner may not write either why
/// that cannot be changed.
fn open_up(worker: &Worker, job: &Transfer, there: &Meta, error: io::Error) -> io::Result<()> {
    let Some(dst) = &job.dir.dst else { return Err(error) };
    let tells_why = worker.run.plan.options.preserve.perms && there.mode & 0o200 == 0;
    let (mode, is_it) = (there.permissions() | 0o600, |now: &Meta| now.same_inode(there));
    let opened = swaps::chmod(worker, dst, job.dir.dst_name(&job.entry), mode, is_it);
    opened.map_err(|why| if tells_why { why } else { error })
}

/// What is written is no set-id program before its owner is right. Of what others write the kernel takes the bits.
fn drop_set_id(worker: &Worker, file: &OwnedFd, there: &Meta) -> io::Result<()> {
    const SET_ID: u32 = 0o6000;
    let keeps = worker.run.plan.identity.receiver == Power::Full && there.mode & SET_ID != 0;
    if keeps { plain::fchmod(file, there.permissions() & !SET_ID) } else { Ok(()) }
}

/// A backup of a file that is written in place, if one is wanted. It has to be a copy: a second name would change with
/// the file.
///
/// # Errors
/// Those of making it, which were told: then the file is not written.
pub fn keep(worker: &Worker, job: &Transfer) -> io::Result<Option<Basis>> {
    let is_file = job.there.is_some_and(|there| there.kind() == Kind::File);
    let Some(dst) = job.dir.dst.as_ref().filter(|_| is_file && worker.run.plan.options.backup.is_some())
    else {
        return Ok(None);
    };
    let name = job.dir.dst_name(&job.entry);
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let old = plain::openat(dst, name, flags, 0).inspect_err(|error| {
        let path = target_path_in(&worker.run.plan, &job.dir, name);
        worker.fail(Failure::new(Side::Generator, What::BackupOpen, path, error));
    })?;
    let handle = backup::copy_aside(worker, &job.dir, name, &old)?;
    let bytes = plain::statx_fd(&handle)?.size;
    Ok(Some(Basis { handle, bytes, origin: Origin::Backup }))
}

/// `-S` in place: holes and zeros of the source punch holes into what was there.
async fn punch_copy(worker: &Worker, from: &OwnedFd, to: &OwnedFd, start: u64) -> Result<u64, Broken> {
    let mut buf = worker.chunk();
    let (mut at, mut end) = (start, start);
    let size = loop {
        if at >= end {
            let Some(data) = next_data(from, at).map_err(Broken::Read)? else {
                break end_behind(from, at).map_err(Broken::Read)?;
            };
            clear(worker, to, at..data.start).map_err(Broken::Write)?;
            (at, end) = (data.start, data.end);
        }
        let room =
            usize::try_from(end - at).unwrap_or(usize::MAX).min(worker.run.rate_limit.piece(CHUNK_BYTES));
        let read = plain::read_full_at(from, &mut buf.room()[..room], at).map_err(Broken::Read)?;
        if read == 0 {
            break at;
        }
        write_over(to, &buf.room()[..read], at).map_err(Broken::Write)?;
        worker.note_moved(read as u64)?;
        at += read as u64;
        if at < end {
            worker.give_way().await?;
        }
    };
    worker.keep_chunk(buf);
    // Cut first: then the last block can go as a whole.
    plain::ftruncate(to, size).map_err(Broken::Write)?;
    clear(worker, to, at..size.next_multiple_of(HOLE_BYTES as u64)).map_err(Broken::Write)?;
    clear_last(from, to, start..size);
    Ok(size - start)
}

/// Punches out the last block of what was written, where it is shorter than a block of the file system and all zeros:
/// that works only now that the file ends in it.
fn clear_last(from: &OwnedFd, to: &OwnedFd, written: Range<u64>) {
    let mut block = [0; HOLE_BYTES];
    let size = written.end;
    let start = size - size % HOLE_BYTES as u64;
    if start < written.start || written.is_empty() {
        return;
    }
    let last = plain::read_full_at(from, &mut block, start);
    if last.is_ok_and(|bytes| start + bytes as u64 == size && is_zero(&block[..bytes])) {
        // Where it cannot be one, it reads as zeros all the same.
        let _ = punch(to, start..size.next_multiple_of(HOLE_BYTES as u64));
    }
}

/// Writes over what is there, zeros as holes.
///
/// # Errors
/// Those of write(2).
pub fn write_over(to: &OwnedFd, data: &[u8], at: u64) -> io::Result<()> {
    match punch(to, at..at + data.len() as u64) {
        true => write_sparse(to, data, at),
        false => plain::write_all_at(to, data, at),
    }
}

/// Makes a hole, where the file system can.
pub fn punch(file: &OwnedFd, range: Range<u64>) -> bool {
    let mode = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
    // No file goes further.
    let end = range.end.min(i64::MAX.cast_unsigned());
    end <= range.start || plain::fallocate(file, mode, range.start, end - range.start).is_ok()
}

/// Makes a range read as zeros; there is nothing to do beyond the end.
fn clear(worker: &Worker, file: &OwnedFd, range: Range<u64>) -> io::Result<()> {
    let Range { start, end } = range;
    let size = plain::statx_fd(file)?.size.min(end);
    if start >= size || punch(file, start..end) {
        return Ok(());
    }
    let mut zeros = worker.chunk();
    zeros.room()[..CHUNK_BYTES].fill(0);
    let mut at = start;
    while at < size {
        let bytes = usize::try_from(size - at).unwrap_or(usize::MAX).min(CHUNK_BYTES);
        plain::write_all_at(file, &zeros.room()[..bytes], at)?;
        at += bytes as u64;
    }
    worker.keep_chunk(zeros);
    Ok(())
}
