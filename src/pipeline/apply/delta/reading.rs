//! Both files of a delta while they are read: a window that moves along the source, and blocks of the basis.

use std::io;
use std::ops::Range;
use std::os::fd::OwnedFd;

use rsync_compat::delta::{Layout, Rest, Signature};
use uring_ext::plain;
use uring_ext::{AlignedBuf, IoBuf};

use crate::pipeline::engine::worker::Worker;

/// The part of the source that is at hand.
pub(super) struct Window<'a> {
    source: &'a OwnedFd,
    buf: AlignedBuf,
    start: usize,
    end: usize,
    /// Where in the file `start` is.
    at: u64,
    left: Rest,
    /// So much has to be at hand.
    reach_bytes: usize,
}

impl Window<'_> {
    pub(super) fn new(source: &OwnedFd, reach_bytes: usize, buf: AlignedBuf) -> Window<'_> {
        Window { source, buf, start: 0, end: 0, at: 0, left: Rest::Some, reach_bytes }
    }

    /// Where in the file the walk is, in bytes.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Whether the file goes on behind what is at hand.
    pub(super) fn left(&self) -> Rest {
        self.left
    }

    /// What is at hand and was not passed.
    pub(super) fn rest(&self) -> &[u8] {
        &self.buf.filled()[self.start..self.end]
    }

    /// What was passed between two places, if it is still at hand.
    pub(super) fn passed(&self, range: Range<u64>) -> &[u8] {
        let back = |at: u64| self.start.saturating_sub(usize::try_from(self.at - at).unwrap_or(usize::MAX));
        &self.buf.filled()[back(range.start)..back(range.end)]
    }

    pub(super) fn pass(&mut self, bytes: usize) {
        self.start += bytes;
        self.at += bytes as u64;
    }

    pub(super) fn needs_more(&self) -> bool {
        self.left == Rest::Some && self.end - self.start < self.reach_bytes
    }

    /// Reads on, and forgets what was passed up to here.
    pub(super) fn read(&mut self, settled: u64) -> io::Result<()> {
        let behind = usize::try_from(self.at - settled).unwrap_or(0).min(self.start);
        let kept = self.end - self.start + behind;
        let room = self.buf.room();
        room.copy_within(self.start - behind..self.end, 0);
        let wanted = room.len() - kept;
        let next = self.at + (self.end - self.start) as u64;
        let read = plain::read_full_at(self.source, &mut room[kept..], next)?;
        self.left = if read < wanted { Rest::All } else { Rest::Some };
        (self.start, self.end) = (behind, kept + read);
        self.buf.set_len(self.end);
        Ok(())
    }

    pub(super) fn into_buf(self) -> AlignedBuf {
        self.buf
    }
}

/// The blocks of the basis, read as they are asked for. What cannot be read is not there: it is only not found then.
pub(super) struct Blocks<'a> {
    basis: &'a OwnedFd,
    buf: AlignedBuf,
    /// The part of the file that is at hand.
    range: Range<u64>,
}

impl Blocks<'_> {
    pub(super) fn new(basis: &OwnedFd, buf: AlignedBuf) -> Blocks<'_> {
        Blocks { basis, buf, range: 0..0 }
    }

    /// The bytes of a block; fewer where the file has become shorter.
    pub(super) fn read(&mut self, offset: u64, bytes: usize) -> &[u8] {
        if offset < self.range.start || offset + bytes as u64 > self.range.end {
            // Blocks in a row come by the buffer, others alone.
            let in_row = (self.range.start..=self.range.end).contains(&offset);
            let wanted = if in_row { self.buf.capacity() } else { bytes };
            let read = plain::read_full_at(self.basis, &mut self.buf.room()[..wanted], offset).unwrap_or(0);
            self.buf.set_len(read);
            self.range = offset..offset + read as u64;
        }
        let have = self.buf.filled();
        let start = usize::try_from(offset - self.range.start).unwrap_or(have.len()).min(have.len());
        &have[start..(start + bytes).min(have.len())]
    }

    /// The sums of all blocks.
    pub(super) fn signature(&mut self, worker: &Worker, layout: Layout) -> Signature {
        let mut signature = Signature::new(layout);
        let step = self.buf.capacity() / layout.block_bytes() * layout.block_bytes();
        let mut at = 0;
        while signature.count() < layout.count() as usize {
            worker.run.state.beat();
            let read = plain::read_full_at(self.basis, &mut self.buf.room()[..step], at).unwrap_or(0);
            let missing = layout.count() as usize - signature.count();
            let blocks = self.buf.room()[..read].chunks(layout.block_bytes());
            blocks.take(missing).for_each(|block| signature.push(block));
            if read < step {
                // It has become shorter: the rest is nothing that the source could have.
                (signature.count()..layout.count() as usize).for_each(|_| signature.push(b""));
            }
            at += read as u64;
        }
        self.range = 0..0;
        signature
    }

    pub(super) fn into_buf(self) -> AlignedBuf {
        self.buf
    }
}
