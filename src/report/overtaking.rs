//! What rsync's receiving side says by itself overtakes the lines of entries that wait to be sent.
//!
//! Lines of entries are the sending side's, which has them in batches from the other side; what that says for people
//! comes ahead of the batch. The first list is a batch, and what follows it quickly another one. Here both are gathered
//! as long as the run is young; a run that takes longer, or has more to tell, tells everything in its turn.

use super::event::Place;
use super::sequence::{Pace, Shown};

/// So much is gathered at most.
const EVENTS_MAX: usize = 1000;

/// Something that is told in its turn.
#[derive(Debug)]
pub(super) enum Step {
    /// An event with its bytes.
    Event(Shown, Vec<u8>),
    /// What was said by the receiving side: its bytes go out, and count for nothing.
    Said(Shown, Vec<u8>),
    /// A directory's entries begin; so many.
    Begin(u64),
    /// They end.
    End(u64),
}

/// What goes out at once.
#[derive(Debug, Default)]
struct Batch {
    said: Vec<Step>,
    lines: Vec<Step>,
}

/// What is gathered.
#[derive(Debug, Default)]
pub(super) struct Overtaking {
    /// How many directories the first batch still has; `None` when nothing is gathered.
    first: Option<usize>,
    batches: Vec<Batch>,
    count: usize,
}

impl Overtaking {
    /// From now on lines are gathered; the first batch has so many directories.
    pub(super) fn start(&mut self, first: usize) {
        self.first = Some(first);
    }

    /// Whether events are gathered.
    pub(super) const fn gathers(&self) -> bool {
        self.first.is_some()
    }

    /// Takes an event. False when that is the last one.
    pub(super) fn add(&mut self, shown: &Shown, text: &[u8]) -> bool {
        self.count += 1;
        let batch = self.last();
        if shown.pace == Pace::Overtaking {
            batch.said.push(Step::Said(*shown, text.to_vec()));
            batch.lines.push(Step::Event(Shown { out_bytes: 0, late_bytes: 0, ..*shown }, Vec::new()));
        } else {
            batch.lines.push(Step::Event(*shown, text.to_vec()));
            if shown.place == Place::Own && self.first == Some(usize::MAX) {
                // Where there is one list only, the destination's own line goes ahead.
                self.batches.push(Batch::default());
            }
        }
        self.count < EVENTS_MAX
    }

    /// A directory's entries begin.
    pub(super) fn begin(&mut self, entries: u64) {
        self.last().lines.push(Step::Begin(entries));
    }

    /// They end, and perhaps the first batch with them.
    pub(super) fn end(&mut self, entries: u64) {
        self.last().lines.push(Step::End(entries));
        let Some(first) = self.first.as_mut().filter(|first| **first > 0) else { return };
        *first -= 1;
        if *first == 0 {
            self.batches.push(Batch::default());
        }
    }

    /// All that was gathered, as it is told.
    pub(super) fn take(&mut self) -> impl Iterator<Item = Step> + use<> {
        self.count = 0;
        let batches = std::mem::take(&mut self.batches);
        batches.into_iter().flat_map(|batch| batch.said.into_iter().chain(batch.lines))
    }

    /// From now on everything is told in its turn.
    pub(super) fn stop(&mut self) {
        self.first = None;
    }

    fn last(&mut self) -> &mut Batch {
        if self.batches.is_empty() {
            self.batches.push(Batch::default());
        }
        let last = self.batches.len() - 1;
        &mut self.batches[last]
    }
}
