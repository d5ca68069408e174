//! What rsync would send of a list, as far as it shows in the bytes of `--stats` (rsync(1), --stats, --verbose).
//!
//! Measured with rsync 3.5.0, black box: an entry takes the part of its path that differs from the one before, which is
//! the one that was read before it; what of its mode, owners and time is not the same as there; and its size. Times of
//! entries are compared in the order of names here, which costs a few bytes of exactness and nothing else.

use crate::entry::{Entry, Kind, Meta};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::dir::Dir;

/// Adds an entry's attributes to what the list takes.
pub fn attributes(worker: &Worker, dir: &Dir, entry: &Entry) {
    if !worker.run.report.wants().traffic {
        return;
    }
    let options = &worker.run.plan.options;
    let preserve = &options.preserve;
    let meta = &entry.meta;
    let before = worker.previous.replace(Some(*meta));
    let same = |same: fn(&Meta, &Meta) -> bool| before.as_ref().is_none_or(|before| same(before, meta));
    let same_time = before.is_some() && same(|one, two| one.mtime.sec == two.mtime.sec);
    let exact = meta.mtime.nsec != 0;
    // A second byte of flags says that the time is the same, or that nanoseconds follow.
    let mut bytes = 2 + u64::from(same_time || exact) + size(meta.size);
    bytes += if same_time { 0 } else { 4 };
    bytes += if exact { number(meta.mtime.nsec) } else { 0 };
    bytes += if same(|one, two| one.mode == two.mode) { 0 } else { 4 };
    if preserve.owner && !same(|one, two| one.uid == two.uid) {
        bytes += number(meta.uid);
    }
    if preserve.group && !same(|one, two| one.gid == two.gid) {
        bytes += number(meta.gid);
    }
    bytes += match meta.kind() {
        Kind::Symlink => 1 + meta.size,
        Kind::Char | Kind::Block => 2,
        Kind::File if options.compare.checksum => (options.output.sum.digits() / 2) as u64,
        Kind::File | Kind::Dir | Kind::Fifo | Kind::Socket => 0,
    };
    let path = dir.rel.len() + usize::from(!dir.rel.is_empty()) + entry.name.count_bytes();
    let mut summary = worker.summary.borrow_mut();
    summary.list_bytes += bytes;
    summary.path_bytes += path as u64;
}

/// Adds the names of a directory, in the order in which they were read, to what the list takes.
pub fn names<'n>(worker: &Worker, dir: &Dir, names: impl Iterator<Item = &'n [u8]>) {
    if !worker.run.report.wants().traffic {
        return;
    }
    let own = dir.rel.rsplit(|&byte| byte == b'/').next().map_or(0, <[u8]>::len);
    let (mut bytes, mut before): (usize, &[u8]) = (0, b"");
    for name in names {
        if before.is_empty() {
            bytes += own + usize::from(own > 0);
        }
        let shared = name.iter().zip(before).take_while(|(one, two)| one == two).count();
        // How much is shared, if anything is, and how long the rest is.
        bytes += name.len() - shared + usize::from(shared > 0 || !dir.rel.is_empty());
        before = name;
    }
    worker.summary.borrow_mut().list_bytes += bytes as u64;
}

/// A size: three bytes, and more from 8 MiB on.
fn size(size: u64) -> u64 {
    let bits = u64::from(64 - size.leading_zeros());
    3 + bits.saturating_sub(22).div_ceil(7)
}

/// A number of variable length.
fn number(number: u32) -> u64 {
    u64::from(32 - number.leading_zeros()).div_ceil(7).max(1)
}
