//! The new file of a delta while it is written.

use std::ops::Range;
use std::os::fd::OwnedFd;

use rsync_compat::options::Sparse;
use uring_ext::plain::{self, End};

use super::super::data::{copy_range, is_zero, may_share, write_sparse};
use super::super::inplace;
use super::reading::Window;
use super::{Basis, Origin, Target};
use crate::pipeline::engine::worker::{Broken, Worker};

/// File systems share extents, and have holes, in multiples of so many bytes.
const SHARE_BYTES: u64 = 4096;
/// Less is not worth sharing, in bytes.
const SHARE_BYTES_MIN: u64 = 16 << 10;

/// What becomes of a block that the basis has, byte for byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaving {
    /// It stays where it is.
    InPlace,
    /// Its extents are shared.
    Shared,
    /// It is written like everything else.
    Never,
}

/// A part of the new file that the basis has elsewhere.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    from: u64,
    to: u64,
    bytes: u64,
}

/// The new file.
pub(super) struct Output<'a> {
    worker: &'a Worker,
    source: &'a OwnedFd,
    basis: &'a OwnedFd,
    to: &'a OwnedFd,
    target: Target,
    leaving: Leaving,
    /// Settled up to here, in bytes.
    settled: u64,
    /// From here to where all is settled there are zeros that were left out.
    zeros_from: u64,
    /// What is to be shared once the stretch has its end.
    stretch: Option<Stretch>,
}

impl<'a> Output<'a> {
    pub(super) fn new(
        worker: &'a Worker,
        source: &'a OwnedFd,
        basis: &'a Basis,
        to: &'a OwnedFd,
        target: Target,
    ) -> Output<'a> {
        let leaving = match (target, basis.origin) {
            (Target::InPlace, Origin::Own | Origin::Backup) => Leaving::InPlace,
            (Target::New, _)
                if basis.bytes >= SHARE_BYTES_MIN && may_share(&worker.run.plan.options.write) =>
            {
                Leaving::Shared
            }
            _ => Leaving::Never,
        };
        Output {
            worker,
            source,
            basis: &basis.handle,
            to,
            target,
            leaving,
            settled: 0,
            zeros_from: 0,
            stretch: None,
        }
    }

    /// Whether a block at `offset` of the basis need not be written at `at`.
    pub(super) fn can_leave(&self, offset: u64, at: u64) -> bool {
        match self.leaving {
            Leaving::InPlace => offset == at,
            Leaving::Shared => offset.abs_diff(at).is_multiple_of(SHARE_BYTES),
            Leaving::Never => false,
        }
    }

    /// Up to where all was written or left out, in bytes.
    pub(super) fn settled(&self) -> u64 {
        self.settled
    }

    /// Writes what was passed and not left out, before more is read. Blocks of the file system that may become holes
    /// are written as a whole.
    pub(super) fn advance(&mut self, window: &Window<'_>) -> Result<(), Broken> {
        match self.worker.run.plan.options.write.sparse == Sparse::Zeros {
            true => self.flush(window, window.at() / SHARE_BYTES * SHARE_BYTES),
            false => self.flush(window, window.at()),
        }
    }

    fn flush(&mut self, window: &Window<'_>, end: u64) -> Result<(), Broken> {
        if end <= self.settled {
            return Ok(());
        }
        let at = std::mem::replace(&mut self.settled, end);
        let zeros_from = std::mem::replace(&mut self.zeros_from, end);
        let data = window.passed(at..end);
        let written = match (self.worker.run.plan.options.write.sparse == Sparse::Zeros, self.target) {
            (false, _) => plain::write_all_at(self.to, data, at),
            (true, Target::New) => write_sparse(self.to, data, at),
            (true, Target::InPlace) => {
                let zeros = data.iter().take_while(|byte| **byte == 0).count() as u64;
                self.punch(zeros_from, at..at + zeros);
                let ending = data.iter().rev().take_while(|byte| **byte == 0).count() as u64;
                self.zeros_from = if at + ending == end { zeros_from } else { end - ending };
                inplace::write_over(self.to, data, at)
            }
        };
        written.map_err(Broken::Write)?;
        self.worker.note_moved(data.len() as u64)
    }

    /// Leaves out the next bytes of the source, a block that the basis has at this offset.
    pub(super) async fn leave(
        &mut self,
        window: &Window<'_>,
        offset: u64,
        bytes: usize,
    ) -> Result<(), Broken> {
        let at = window.at();
        self.flush(window, at)?;
        self.settled = at + bytes as u64;
        if self.leaving == Leaving::InPlace {
            self.worker.note_kept(bytes as u64)?;
            let sparse = self.worker.run.plan.options.write.sparse;
            let is_hole = sparse == Sparse::Zeros && is_zero(&window.rest()[..bytes]);
            if is_hole {
                self.punch(self.zeros_from, at..self.settled);
            } else {
                self.zeros_from = self.settled;
            }
            return Ok(());
        }
        match &mut self.stretch {
            Some(last) if last.from + last.bytes == offset && last.to + last.bytes == at => {
                last.bytes += bytes as u64;
                Ok(())
            }
            stretch => {
                let ended = stretch.replace(Stretch { from: offset, to: at, bytes: bytes as u64 });
                self.share(ended).await
            }
        }
    }

    /// Makes a hole of zeros, before which there are more of them: blocks of the file system go only as a whole. Where
    /// that cannot be, the zeros stay.
    fn punch(&self, zeros_from: u64, zeros: Range<u64>) {
        let start = zeros_from.max(zeros.start / SHARE_BYTES * SHARE_BYTES);
        inplace::punch(self.to, start.min(zeros.start)..zeros.end);
    }

    /// Shares what can be shared of a stretch, and copies the rest.
    async fn share(&mut self, stretch: Option<Stretch>) -> Result<(), Broken> {
        let Some(Stretch { from, to, bytes }) = stretch else { return Ok(()) };
        let end = to + bytes;
        let (start, stop) = (to.next_multiple_of(SHARE_BYTES), end / SHARE_BYTES * SHARE_BYTES);
        let is_shared = self.leaving == Leaving::Shared
            && stop >= start + SHARE_BYTES_MIN
            && plain::ficlone_range(
                &End { fd: self.basis, offset: Some(from + (start - to)) },
                &End { fd: self.to, offset: Some(start) },
                stop - start,
            )
            .is_ok();
        if !is_shared {
            if stop >= start + SHARE_BYTES_MIN {
                // Not on this file system.
                self.leaving = Leaving::Never;
            }
            copy_range(self.worker, self.source, self.to, to..end).await?;
            return Ok(());
        }
        self.worker.summary.borrow_mut().cloned_bytes += stop - start;
        self.worker.note_kept(stop - start)?;
        copy_range(self.worker, self.source, self.to, to..start).await?;
        copy_range(self.worker, self.source, self.to, stop..end).await?;
        Ok(())
    }

    /// Writes what is left to write.
    pub(super) async fn close(mut self, window: &Window<'_>) -> Result<(), Broken> {
        self.flush(window, window.at())?;
        let last = self.stretch.take();
        self.share(last).await?;
        if self.worker.run.plan.options.write.sparse == Sparse::Zeros {
            // The last hole ends where the file does.
            plain::ftruncate(self.to, window.at()).map_err(Broken::Write)?;
        }
        Ok(())
    }
}
