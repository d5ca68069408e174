//! How bytes move: small files through one buffer, large ones by clone, or in ranges by the plain path that measured
//! fastest; holes where `-S` asks for them.

use std::io;
use std::ops::Range;
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;

use rsync_compat::options::{CopyMethod, Reflink, Sparse, Write};
use uring_ext::mode::errno::EINVAL;
use uring_ext::plain::{self, Advice, Directness, End, FallocateFlags};
use uring_ext::{Buf, IoBuf, PAGE_BYTES, SharedFd};

use super::range;
use crate::pipeline::engine::worker::{Broken, CHUNK_BYTES, Worker};

/// Files from this size on get their room before they are written, in bytes.
const PREALLOCATE_BYTES_MIN: u64 = 1 << 20;
/// Files from this size on are read and written past the page cache under `--copy-method=direct`, in bytes.
const DIRECT_BYTES_MIN: u64 = 1 << 20;
/// What offsets and lengths are then multiples of, in bytes: as much as the block of any usual device.
const DIRECT_UNIT_BYTES: usize = 4096;
/// After so many bytes other tasks of the worker get their turn.
pub const TURN_BYTES: usize = 8 << 20;
/// The smallest hole that is made under `-S`, in bytes: a block of most file systems.
pub const HOLE_BYTES: usize = 4096;

/// Whether an attempt to share the extents of so many bytes is made first.
pub fn clone_is_likely(worker: &Worker, bytes: u64) -> bool {
    let write = &worker.run.plan.options.write;
    let bytes_min = match write.method {
        CopyMethod::Auto => worker.run.media.clone_bytes_min,
        CopyMethod::Reflink => 1,
        CopyMethod::CopyFileRange | CopyMethod::ReadWrite | CopyMethod::Direct => return false,
    };
    match write.reflink {
        Reflink::Always => bytes > 0,
        Reflink::Auto => {
            bytes >= bytes_min
                && worker.run.state.data_paths.may_clone()
                && matches!(write.sparse, Sparse::Off | Sparse::Holes)
        }
        Reflink::Never => false,
    }
}

/// Writes a file that was read whole. Returns the bytes written.
///
/// # Errors
/// Those of write(2).
pub fn write_small(worker: &Worker, to: &OwnedFd, buf: &Buf) -> Result<u64, Broken> {
    let data = buf.filled();
    if worker.run.plan.options.write.sparse == Sparse::Zeros {
        write_sparse(to, data, 0)
            .and_then(|()| plain::ftruncate(to, data.len() as u64))
            .map_err(Broken::Write)?;
    } else if !data.is_empty() {
        plain::write_all_at(to, data, 0).map_err(Broken::Write)?;
    }
    // It is whole now: even a run that is being ended gives it its name.
    let _ = worker.note_moved(data.len() as u64);
    Ok(data.len() as u64)
}

/// Under `--drop-cache`, waits for what had to be written by way of the page cache, and gives it up.
pub fn give_up_written(worker: &Worker, to: &OwnedFd) {
    if worker.run.plan.options.write.drop_cache && plain::has_left_writes() {
        // Neither is needed for the copy to be right.
        let _ = plain::fdatasync(to);
        let _ = plain::fadvise(to, 0, 0, Advice::DontNeed);
    }
}

/// Copies a file of about `bytes` bytes into an empty one. Returns the bytes that arrived.
///
/// # Errors
/// Which side failed; the destination is then incomplete.
pub async fn copy(worker: &Rc<Worker>, from: &SharedFd, to: &OwnedFd, bytes: u64) -> Result<u64, Broken> {
    let write = &worker.run.plan.options.write;
    if write.sparse == Sparse::Zeros {
        return copy_sparse(worker, from, to).await;
    }
    if clone_is_likely(worker, bytes) {
        match plain::ficlone(to, &**from) {
            Ok(()) => {
                let bytes = plain::statx_fd(to).map_err(Broken::Write)?.size;
                worker.summary.borrow_mut().cloned_bytes += bytes;
                worker.note_moved(bytes)?;
                return Ok(bytes);
            }
            Err(error) if write.reflink == Reflink::Always => return Err(Broken::Unshared(error)),
            Err(_) => worker.run.state.data_paths.note_clone_refused(),
        }
    }
    if write.sparse == Sparse::Holes && has_holes(from, bytes) {
        return copy_sparse(worker, from, to).await;
    }
    if bytes >= PREALLOCATE_BYTES_MIN || write.preallocate {
        // A hint: without it the file is only laid out less well. Its length stays what is written.
        let _ = plain::fallocate(to, FallocateFlags::KEEP_SIZE, 0, bytes.max(1));
    }
    let direct = write.method == CopyMethod::Direct && bytes >= DIRECT_BYTES_MIN && past_the_cache(from, to);
    let limit = worker.run.plan.limits.range_bytes;
    let copied = if bytes >= limit * 2 && worker.run.plan.workers > 1 {
        range::copy(worker, from, to, bytes).await
    } else {
        copy_range(worker, &**from, to, 0..u64::MAX).await
    };
    if direct {
        // Whatever else is done to them goes the ordinary way.
        let _ = plain::set_direct(to, Directness::Cached);
        let _ = plain::set_direct(&**from, Directness::Cached);
    }
    copied
}

/// Has two files read and written past the page cache; false where that cannot be.
fn past_the_cache(from: &OwnedFd, to: &OwnedFd) -> bool {
    if plain::set_direct(from, Directness::Direct).is_err() {
        return false;
    }
    let both = plain::set_direct(to, Directness::Direct).is_ok();
    if !both {
        // What was set can be taken back; if not, reading still works.
        let _ = plain::set_direct(from, Directness::Cached);
    }
    both
}

/// Copies the bytes of a range that the source has, within the kernel where it can. Returns how many there were.
///
/// # Errors
/// As [`copy`].
pub async fn copy_range(
    worker: &Worker,
    from: impl AsFd,
    to: impl AsFd,
    range: Range<u64>,
) -> Result<u64, Broken> {
    let Range { start, end } = range;
    let mut at = start;
    let one_by_one = worker.run.media.in_order && is_uncached(&from, start..end);
    while at < end {
        let room = usize::try_from(end - at).unwrap_or(usize::MAX).min(TURN_BYTES);
        let room = worker.run.rate_limit.piece(room);
        // Who waits here would only make the device seek. Never held while other tasks of this worker run.
        let stream = one_by_one.then(|| worker.run.media.turn_to_read());
        let mut moved = copy_within_kernel(worker, &from, &to, at, room)?;
        if moved == 0 {
            moved = copy_through(worker, &from, &to, at, room)?;
        }
        drop(stream);
        if moved == 0 {
            break;
        }
        at += moved as u64;
        // A piece that is not full is mostly the last: who waits between that and the attributes may not come to them.
        if at < end && moved == room {
            worker.give_way().await?;
        }
    }
    Ok(at - start)
}

/// Whether less than half of a range is in the page cache, so that the device is going to be read; likely, before Linux
/// 6.5, which is the first that tells.
fn is_uncached(file: impl AsFd, range: Range<u64>) -> bool {
    let Ok(st) = plain::statx_fd(&file) else { return false };
    let bytes = range.end.min(st.size).saturating_sub(range.start);
    let cached = || plain::cached_pages(&file, range.start, bytes);
    bytes > 0 && cached().is_none_or(|pages| pages * (PAGE_BYTES as u64) < bytes / 2)
}

/// One call of copy_file_range(2). Returns nothing where that does not work, or at the end, which only a read tells
/// for certain.
fn copy_within_kernel(
    worker: &Worker,
    from: impl AsFd,
    to: impl AsFd,
    at: u64,
    bytes: usize,
) -> Result<usize, Broken> {
    let write = &worker.run.plan.options.write;
    let method = matches!(write.method, CopyMethod::Auto | CopyMethod::CopyFileRange) && !write.drop_cache;
    if !method || !worker.run.state.data_paths.may_copy_in_kernel() || !may_share(write) {
        return Ok(0);
    }
    let (from, to) = (End { fd: from, offset: Some(at) }, End { fd: to, offset: Some(at) });
    match plain::copy_file_range(&from, &to, bytes) {
        Ok(0) => Ok(0),
        Ok(moved) => worker.note_moved(moved as u64).map(|()| moved),
        // Nothing was lost: reading and writing tell what is wrong, if anything is.
        Err(_) => {
            worker.run.state.data_paths.note_kernel_copy_refused();
            Ok(0)
        }
    }
}

/// Reads and writes up to `bytes` bytes from `at` on. Returns how many there were.
fn copy_through(
    worker: &Worker,
    from: impl AsFd,
    to: impl AsFd,
    at: u64,
    bytes: usize,
) -> Result<usize, Broken> {
    let direct = worker.run.plan.options.write.method == CopyMethod::Direct;
    let mut buf = worker.chunk();
    let mut moved = 0;
    while moved < bytes {
        let mut room = CHUNK_BYTES.min(bytes - moved);
        if direct && room > DIRECT_UNIT_BYTES {
            room -= room % DIRECT_UNIT_BYTES;
        }
        let here = at + moved as u64;
        let read = match plain::pread(&from, &mut buf.room()[..room], here) {
            // A unit that this device does not take, or an end that is none: the ordinary way takes everything.
            Err(error) if direct && error.raw_os_error() == Some(EINVAL) => {
                plain::set_direct(&from, Directness::Cached)
                    .and_then(|()| plain::pread(&from, &mut buf.room()[..room], here))
            }
            read => read,
        };
        let read = read.map_err(Broken::Read)?;
        if read == 0 {
            break;
        }
        if direct && read % DIRECT_UNIT_BYTES != 0 {
            // The last piece, less than a block.
            plain::set_direct(&to, Directness::Cached).map_err(Broken::Write)?;
        }
        plain::write_all_at(&to, &buf.room()[..read], here).map_err(Broken::Write)?;
        worker.note_moved(read as u64)?;
        moved += read;
    }
    worker.keep_chunk(buf);
    Ok(moved)
}

/// Whether extents may be shared, as cloning does, and copying within the kernel may do too.
#[must_use]
pub fn may_share(write: &Write) -> bool {
    write.reflink != Reflink::Never && matches!(write.sparse, Sparse::Off | Sparse::Holes)
}

/// Whether a file of so many bytes has holes.
#[must_use]
pub fn has_holes(file: impl AsFd, bytes: u64) -> bool {
    matches!(plain::seek_hole(file, 0), Ok(Some(hole)) if hole < bytes)
}

/// Reads only what the source has as data, and under `-S` leaves runs of zeros out.
async fn copy_sparse(worker: &Rc<Worker>, from: &SharedFd, to: &OwnedFd) -> Result<u64, Broken> {
    let mut buf = worker.chunk();
    let (mut at, mut end, mut since_turn) = (0, 0, 0);
    let size = loop {
        if at >= end {
            match next_data(&**from, at).map_err(Broken::Read)? {
                Some(data) => (at, end) = (data.start, data.end),
                None => break end_behind(&**from, at).map_err(Broken::Read)?,
            }
        }
        let room =
            usize::try_from(end - at).unwrap_or(usize::MAX).min(worker.run.rate_limit.piece(CHUNK_BYTES));
        let read = plain::read_full_at(&**from, &mut buf.room()[..room], at).map_err(Broken::Read)?;
        if read == 0 {
            break at;
        }
        let written = match worker.run.plan.options.write.sparse {
            Sparse::Zeros => write_sparse(to, &buf.room()[..read], at),
            Sparse::Off | Sparse::Holes | Sparse::Never => plain::write_all_at(to, &buf.room()[..read], at),
        };
        written.map_err(Broken::Write)?;
        worker.note_moved(read as u64)?;
        at += read as u64;
        since_turn += read as u64;
        if since_turn >= worker.run.rate_limit.piece(TURN_BYTES) as u64 {
            since_turn = 0;
            worker.give_way().await?;
        }
    };
    worker.keep_chunk(buf);
    plain::ftruncate(to, size).map_err(Broken::Write)?;
    Ok(size)
}

/// The next stretch of data at or after `at`, whole where the file system knows no holes.
///
/// # Errors
/// Those of lseek(2).
pub fn next_data(from: impl AsFd, at: u64) -> io::Result<Option<Range<u64>>> {
    match plain::seek_data(&from, at) {
        Ok(None) => Ok(None),
        Ok(Some(start)) => {
            let end = plain::seek_hole(&from, start)?.unwrap_or(u64::MAX);
            Ok(Some(start..end.max(start + 1)))
        }
        Err(_) if at == 0 => Ok(Some(0..u64::MAX)),
        Err(error) => Err(error),
    }
}

/// Where a file ends whose last data ends at `at`: a hole may follow. Where a read meets the end before that, the file
/// has become shorter, or never was as long as it said, and ends there.
///
/// # Errors
/// Those of statx(2).
pub fn end_behind(file: impl AsFd, at: u64) -> io::Result<u64> {
    Ok(plain::statx_fd(file)?.size.max(at))
}

/// Writes what is not zero, block by block of the file's own grid. The file is empty there.
pub fn write_sparse(to: impl AsFd, data: &[u8], at: u64) -> io::Result<()> {
    let mut run: Option<usize> = None;
    let mut pos = 0;
    while pos < data.len() {
        let block = pos..(pos + HOLE_BYTES
            - usize::try_from((at + pos as u64) % HOLE_BYTES as u64).unwrap_or(0))
        .min(data.len());
        let zero = is_zero(&data[block.clone()]);
        match (zero, run) {
            (true, Some(start)) => {
                plain::write_all_at(&to, &data[start..pos], at + start as u64)?;
                run = None;
            }
            (false, None) => run = Some(pos),
            _ => {}
        }
        pos = block.end;
    }
    match run {
        Some(start) => plain::write_all_at(&to, &data[start..], at + start as u64),
        None => Ok(()),
    }
}

/// Whether there is nothing but zeros.
#[must_use]
pub fn is_zero(data: &[u8]) -> bool {
    data.chunks(64).all(|chunk| chunk.iter().fold(0, |bits, byte| bits | byte) == 0)
}

#[cfg(test)]
mod tests {
    use super::is_zero;

    #[test]
    fn zero_is_zero() {
        assert!(is_zero(&[]));
        assert!(is_zero(&[0; 4096]));
        assert!(!is_zero(&[1; 4096]));
        let mut late = [0; 4096];
        late[4095] = 1;
        assert!(!is_zero(&late));
    }
}
