//! What is known of a directory while it is worked on: up to where its entries have said all they have to say.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Lines, Node, Output, Sequence, Stage, Stored};
use crate::report::event::Place;

/// How the names of a directory are gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// From the first on, by their slots: whatever comes before one was looked at.
    InOrder,
    /// In another order, or by several workers.
    Apart,
}

/// How far the data of one file has come.
#[derive(Debug, Clone)]
pub struct Meter {
    done_bytes: Arc<AtomicU64>,
    size_bytes: u64,
}

impl Meter {
    /// Nothing of a file of this size.
    #[must_use]
    pub fn of(size_bytes: u64) -> Meter {
        Meter { done_bytes: Arc::default(), size_bytes }
    }

    /// Adds what moved.
    pub fn add(&self, bytes: u64) {
        self.done_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// What moved, and what there is to move.
    pub(in super::super) fn read(&self) -> (u64, u64) {
        (self.done_bytes.load(Ordering::Relaxed).min(self.size_bytes), self.size_bytes)
    }
}

/// An entry that is being worked on.
#[derive(Debug)]
struct Begun {
    slot: u32,
    meter: Option<Meter>,
}

/// Entries that are being worked on.
#[derive(Debug, Default)]
pub(super) struct UnderWay {
    /// Those that were begun, and not ended.
    begun: Vec<Begun>,
    /// All before this one were looked at.
    looked: u32,
    /// The last one whose line was written.
    named: Option<u32>,
}

impl UnderWay {
    /// The last place that may be written: that of the first entry which has not ended, as its line comes before all
    /// that is after it.
    fn limit(&self) -> Option<Place> {
        let last = self.looked.checked_sub(1)?;
        let first = self.first().map_or(last, |begun| begun.slot);
        Some(Place::Slot(first.min(last)))
    }

    fn first(&self) -> Option<&Begun> {
        self.begun.iter().min_by_key(|begun| begun.slot)
    }

    /// The file that moves, once its line was written.
    pub(super) fn moving(&self) -> Option<Meter> {
        self.first().filter(|begun| self.named == Some(begun.slot))?.meter.clone()
    }
}

impl<O: Output> Sequence<O> {
    /// Work on the entry at `slot` goes on beside that on others.
    pub(in super::super) fn started(&self, node: &Node, slot: u32, names: Names, meter: Option<Meter>) {
        if let Some(mut lines) = node.lines() {
            lines.under_way.begun.push(Begun { slot, meter });
            if names == Names::InOrder {
                lines.under_way.looked = slot + 1;
            }
        }
    }

    /// The entry has said all it has to say.
    pub(in super::super) fn ended(&self, node: &Node, slot: u32) {
        if let Some(mut lines) = node.lines() {
            let begun = &mut lines.under_way.begun;
            begun.iter().position(|begun| begun.slot == slot).map(|at| begun.swap_remove(at));
        }
    }

    /// All names were looked at.
    pub(in super::super) fn looked(&self, node: &Node) {
        if let Some(mut lines) = node.lines() {
            lines.under_way.looked = u32::MAX;
        }
    }
}

impl Lines {
    /// Takes what may be written before the rest is known, with its text, and the file that moves after that.
    pub(super) fn take_settled(&mut self) -> Option<(Vec<u8>, Vec<Stored>, Option<Meter>)> {
        let limit = self.under_way.limit().filter(|_| self.stage == Stage::Open)?;
        let first_child = self.children.iter().map(|child| Place::Slot(child.0)).min();
        let is_settled = |place| place <= limit && first_child.is_none_or(|child| place < child);
        let (mut settled, mut rest): (Vec<Stored>, Vec<Stored>) =
            std::mem::take(&mut self.events).into_iter().partition(|stored| is_settled(stored.shown.place));
        settled.sort_by_key(|stored| stored.shown.place);
        self.numbering.number(&mut settled);
        if let Some(Place::Slot(slot)) = settled.last().map(|stored| stored.shown.place) {
            self.under_way.named = Some(slot);
        }
        let text = std::mem::take(&mut self.text);
        for stored in &mut rest {
            let start = self.text.len();
            self.text.extend_from_slice(&text[stored.start..stored.end]);
            (stored.start, stored.end) = (start, self.text.len());
        }
        self.events = rest;
        Some((text, settled, self.under_way.moving()))
    }
}
