//! The numbers of entries in their directory, as the list counts them.

use super::{Output, Stored, Turn};
use crate::report::event::Place;

/// How many entries were numbered, and the last of them.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Numbering {
    pub(super) count: u64,
    /// Names that operands have twice, behind the last.
    pub(super) behind: u64,
    last: Option<Place>,
}

impl Numbering {
    /// Numbers the entries among sorted events: one for each slot, and one for the top's own line.
    pub(super) fn number(&mut self, events: &mut [Stored]) {
        for stored in events {
            let place = stored.shown.place;
            if matches!(place, Place::Own | Place::Slot(_)) && self.last != Some(place) {
                self.last = Some(place);
                self.count += 1 + std::mem::take(&mut self.behind);
                stored.shown.first = true;
            }
            // Doubles of several names may stand behind the same entry.
            let before = if stored.shown.doubles > 0 { self.behind } else { 0 };
            self.behind += u64::from(stored.shown.doubles);
            stored.shown.index = self.count.saturating_sub(1) + before;
        }
    }
}

impl<O: Output> Turn<O> {
    /// Tells of the names of a directory that operands have twice.
    pub(super) fn tell_doubles(&mut self, text: &[u8], events: &[Stored]) {
        let found: Vec<_> = events
            .iter()
            .filter(|stored| stored.shown.doubles > 0)
            .map(|stored| (stored.shown.index + 1, stored.shown, &text[stored.start..stored.end]))
            .collect();
        if !found.is_empty() {
            self.output.doubles(&found);
        }
    }
}
