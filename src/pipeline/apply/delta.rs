//! `--no-whole-file`: what the old file already has is found in it; in place it is not written again, and otherwise
//! its extents are shared where the file system can.
//!
//! All that is written comes from the source. A block counts as found when its sums say so, but is only left alone,
//! or shared, once its bytes were compared.

mod output;
mod reading;

use std::os::fd::OwnedFd;

use rsync_compat::delta::{Layout, Moved, Order, Search, Signature};
use uring_ext::AlignedBuf;

use self::output::Output;
use self::reading::{Blocks, Window};
use super::data::TURN_BYTES;
use crate::pipeline::engine::worker::{Broken, CHUNK_BYTES, Worker};
use crate::pipeline::handles::basis_file::{Basis, Origin};

/// Where the new data goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Into an empty file.
    New,
    /// Into the file that has the name.
    InPlace,
}

/// Which blocks of the old file may be used when.
fn order(origin: Origin, target: Target) -> Order {
    match (origin, target) {
        (Origin::Own, Target::InPlace) | (Origin::Partial, _) => Order::InPlace,
        _ => Order::Anywhere,
    }
}

/// Brings `to` to the source's contents. `None` when the basis has no blocks to look for: then nothing was done.
///
/// # Errors
/// Which side failed; the destination is then incomplete.
pub async fn copy(
    worker: &Worker,
    source: &OwnedFd,
    basis: &Basis,
    to: &OwnedFd,
    target: Target,
) -> Result<Option<Moved>, Broken> {
    let Some(layout) = Layout::new(basis.bytes, worker.run.plan.options.write.block_size) else {
        return Ok(None);
    };
    let search = Search::new(layout, order(basis.origin, target));
    let reach = search.reach_bytes();
    let buffer = |bytes| if CHUNK_BYTES < bytes { AlignedBuf::new(bytes) } else { worker.chunk() };
    // What is kept when more is read is little beside it.
    let buf = buffer(4 * reach);
    let mut walk = Walk {
        worker,
        layout,
        search,
        signature: None,
        blocks: Blocks::new(&basis.handle, buffer(layout.block_bytes())),
        window: Window::new(source, reach, buf),
        output: Output::new(worker, source, basis, to, target),
    };
    let mut since_turn = 0;
    while walk.fill()? {
        let before = walk.window.at();
        walk.step().await?;
        since_turn += walk.window.at() - before;
        if since_turn >= worker.run.rate_limit.piece(TURN_BYTES) as u64 {
            since_turn = 0;
            worker.give_way().await?;
        }
    }
    let Walk { search, blocks, window, output, .. } = walk;
    output.close(&window).await?;
    worker.keep_chunk(blocks.into_buf());
    worker.keep_chunk(window.into_buf());
    let moved = Moved { described: basis.origin.described(), ..search.finish() };
    tracing::debug!(
        target: "deltasum",
        blocks = layout.count(),
        block_bytes = layout.block_bytes(),
        matches = moved.matches,
        false_alarms = moved.false_alarms,
        literal_bytes = moved.literal_bytes,
        "compared"
    );
    Ok(Some(moved))
}

/// The walk along the source.
struct Walk<'a> {
    worker: &'a Worker,
    layout: Layout,
    search: Search,
    /// The sums of the basis, once something was not where it was expected.
    signature: Option<Signature>,
    blocks: Blocks<'a>,
    window: Window<'a>,
    output: Output<'a>,
}

impl Walk<'_> {
    /// Has at least a block of the source at hand, or all that is left. False at the end.
    fn fill(&mut self) -> Result<bool, Broken> {
        if self.window.needs_more() {
            self.output.advance(&self.window)?;
            self.window.read(self.output.settled()).map_err(Broken::Read)?;
        }
        Ok(!self.window.rest().is_empty())
    }

    /// Goes on to the end of the next block that is found, or of what is at hand.
    async fn step(&mut self) -> Result<(), Broken> {
        let at = self.window.at();
        if let Some(block) = self.search.likely(at, self.window.rest().len(), self.window.left())
            && self.is_same(block)
        {
            self.search.take_likely(block, at);
            return self.leave(block).await;
        }
        let (worker, layout, blocks) = (self.worker, self.layout, &mut self.blocks);
        let signature = self.signature.get_or_insert_with(|| blocks.signature(worker, layout));
        let found = self.search.find(signature, self.window.rest(), at, self.window.left());
        self.search.pass(found.literal_bytes);
        self.window.pass(found.literal_bytes);
        let Some(block) = found.block else { return Ok(()) };
        self.search.take(block, self.window.at());
        if self.output.can_leave(self.layout.offset(block), self.window.at()) && self.is_same(block) {
            return self.leave(block).await;
        }
        self.window.pass(self.layout.bytes(block));
        Ok(())
    }

    /// Whether a block is, byte for byte, what comes next in the source.
    fn is_same(&mut self, block: u32) -> bool {
        let bytes = self.layout.bytes(block);
        self.blocks.read(self.layout.offset(block), bytes) == &self.window.rest()[..bytes]
    }

    /// Passes over a block that was compared, without writing it if that can be.
    async fn leave(&mut self, block: u32) -> Result<(), Broken> {
        let (offset, bytes) = (self.layout.offset(block), self.layout.bytes(block));
        if self.output.can_leave(offset, self.window.at()) {
            self.output.leave(&self.window, offset, bytes).await?;
        }
        self.window.pass(bytes);
        Ok(())
    }
}
