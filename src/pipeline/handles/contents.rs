//! Contents of open files, as they are read: of two compared, of one as a checksum.

use std::io;
use std::os::fd::AsFd;

use rsync_compat::digest::Algorithm;
use uring_ext::IoBuf;
use uring_ext::plain::{self, OFlags};

use super::dir::Dir;
use super::source::source_how;
use crate::entry::Entry;
use crate::pipeline::engine::worker::{CHUNK_BYTES, Worker};

/// What the quick check cannot tell from metadata alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contents {
    /// Nobody compared them.
    Unknown,
    /// Byte for byte the same; or the same link text, or device.
    Equal,
    /// Not the same.
    Differ,
}

/// Compares two regular files of equal size byte by byte, up to the first difference (`-c`).
///
/// # Errors
/// Those of opening and reading; the side is told by [`Unreadable`].
pub fn compare(worker: &Worker, dir: &Dir, entry: &Entry) -> Result<Contents, Unreadable> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    if let (Some(listing), Some(dst)) = (&dir.recorded, &dir.dst) {
        let there = plain::openat(dst, dir.dst_name(entry), flags, 0);
        let compared = there.and_then(|there| listing.compare(worker, &entry.name, &there));
        return compared.map_err(Unreadable::Destination);
    }
    let Some(source) = dir.source(entry.source) else { return Ok(Contents::Unknown) };
    let Some(dst) = &dir.dst else { return Ok(Contents::Unknown) };
    let how = source_how(&worker.run.plan.options);
    let source = plain::openat(source, &entry.name, how.flags, 0);
    let there = plain::openat(dst, dir.dst_name(entry), flags, 0);
    let closed = |opened: &io::Result<_>| {
        opened.as_ref().is_err_and(|error: &io::Error| error.kind() == io::ErrorKind::PermissionDenied)
    };
    match (closed(&source), closed(&there)) {
        // Neither has a checksum, so they agree.
        (true, true) => return Ok(Contents::Equal),
        (false, true) => return Ok(Contents::Differ),
        (_, false) => {}
    }
    let (source, there) = (source.map_err(Unreadable::Source)?, there.map_err(Unreadable::Destination)?);
    same_bytes(worker, &source, &there, entry.meta.size)
}

/// Which of two compared files cannot be read.
#[derive(Debug)]
pub enum Unreadable {
    /// The source.
    Source(io::Error),
    /// The other one.
    Destination(io::Error),
}

/// Compares the first `bytes` bytes of two open files.
///
/// # Errors
/// Those of reading.
pub fn same_bytes(
    worker: &Worker,
    source: impl AsFd,
    destination: impl AsFd,
    bytes: u64,
) -> Result<Contents, Unreadable> {
    let (mut left, mut right) = (worker.chunk(), worker.chunk());
    let mut at = 0;
    let mut same = Contents::Equal;
    while at < bytes {
        worker.run.state.beat();
        let wanted = usize::try_from(bytes - at).unwrap_or(usize::MAX).min(CHUNK_BYTES);
        let (here, there) = (&mut left.room()[..wanted], &mut right.room()[..wanted]);
        let read = plain::read_full_at(&source, here, at).map_err(Unreadable::Source)?;
        let other = plain::read_full_at(&destination, there, at).map_err(Unreadable::Destination)?;
        if read != other || here[..read] != there[..read] {
            same = Contents::Differ;
            break;
        }
        if read < wanted {
            // Both shrank alike.
            break;
        }
        at += read as u64;
    }
    worker.keep_chunk(left);
    worker.keep_chunk(right);
    Ok(same)
}

/// The checksum of a file's first `bytes_max` bytes.
///
/// # Errors
/// Those of reading.
pub fn digest(worker: &Worker, file: impl AsFd, bytes_max: u64, algorithm: Algorithm) -> io::Result<Vec<u8>> {
    let mut sum = algorithm.start();
    let mut buf = worker.chunk();
    let mut at = 0;
    while at < bytes_max {
        let room = usize::try_from(bytes_max - at).unwrap_or(usize::MAX).min(CHUNK_BYTES);
        let read = plain::pread(&file, &mut buf.room()[..room], at)?;
        if read == 0 {
            break;
        }
        sum.update(&buf.room()[..read]);
        at += read as u64;
    }
    worker.keep_chunk(buf);
    Ok(sum.finish())
}
