//! What rsync's receiving side says by itself overtakes the lines of entries that wait to be sent.
//!
//! Lines of entries are the sending side's, which has them in batches from the other side; what that says for people
//! comes ahead of the batch. The first list is a batch, and what follows it quickly another one. Here both are gathered
//! as long as the run is young; a run that takes longer, or has more to tell, tells everything in its turn.

use super::error_order::{Errors, Errs, Spot};
use super::event::Place;
use super::sequence::Shown;

/// When something is said among what else is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// By the sending side, as it makes the list: at once.
    AtOnce,
    /// By the receiving side: ahead of lines that wait to be sent.
    Overtaking,
    /// Of an entry, in its turn.
    InTurn,
}

/// So much is gathered at most.
const EVENTS_MAX: usize = 1000;

/// What is in the first batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// The names of so many directories.
    Directories(usize),
    /// The destination's own line; all else follows.
    Own,
    /// The line of the first name.
    Name,
}

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
    /// Lines for standard error.
    Errors(Vec<u8>),
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
    /// What the first batch still has; `None` when nothing is gathered.
    first: Option<First>,
    batches: Vec<Batch>,
    count: usize,
    /// Directories of which entries were told.
    begun: usize,
    /// Whether errors are gathered, and where relative paths of theirs start.
    destination: Option<Vec<u8>>,
    errors: Errors,
}

impl Overtaking {
    /// From now on lines are gathered.
    pub(super) fn start(&mut self, first: First) {
        self.first = Some(first);
    }

    /// From now on errors are.
    pub(super) fn start_errors(&mut self, destination: &[u8]) {
        self.destination = Some(destination.to_vec());
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
            let leads = match self.first {
                Some(First::Own) => shown.place == Place::Own,
                Some(First::Name) => shown.place == Place::Slot(0) && self.begun < 2,
                Some(First::Directories(_)) | None => false,
            };
            if leads {
                self.batches.push(Batch::default());
                // Only one does.
                self.first = Some(First::Directories(usize::MAX));
            }
        }
        self.count < EVENTS_MAX
    }

    /// A directory's entries begin.
    pub(super) fn begin(&mut self, entries: u64) {
        self.begun += 1;
        self.last().lines.push(Step::Begin(entries));
    }

    /// They end, and perhaps the first batch with them.
    pub(super) fn end(&mut self, entries: u64) {
        self.last().lines.push(Step::End(entries));
        if let Some(First::Directories(first @ 1..)) = self.first.as_mut() {
            *first -= 1;
            if *first == 0 {
                self.batches.push(Batch::default());
            }
        }
    }

    /// All that was gathered, as it is told: who makes the list complains before there are lines, who decides meanwhile,
    /// and who writes comes last.
    pub(super) fn take(&mut self) -> impl Iterator<Item = Step> + use<> {
        self.count = 0;
        let mut steps = vec![self.errors_of(Errs::List)];
        let batches = std::mem::take(&mut self.batches);
        let behind = batches.len().saturating_sub(1).min(1);
        for (number, batch) in batches.into_iter().enumerate() {
            if number == behind {
                steps.push(self.errors_of(Errs::Generator));
            }
            steps.extend(batch.said.into_iter().chain(batch.lines));
        }
        steps.extend([Errs::Generator, Errs::Sender, Errs::Receiver].map(|errs| self.errors_of(errs)));
        steps.into_iter().filter(|step| !matches!(step, Step::Errors(text) if text.is_empty()))
    }

    fn errors_of(&mut self, errs: Errs) -> Step {
        Step::Errors(self.errors.take(errs, self.destination.as_deref().unwrap_or_default()))
    }

    /// Takes a line for standard error, if they are gathered.
    pub(super) fn add_error(&mut self, errs: Errs, spot: &Spot, text: &[u8]) -> bool {
        if self.destination.is_some() {
            self.errors.add(errs, spot.clone(), text);
        }
        self.destination.is_some()
    }

    /// All of them.
    pub(super) fn take_errors(&mut self) -> Vec<u8> {
        self.errors.take_all(self.destination.as_deref().unwrap_or_default())
    }

    /// From now on everything is told in its turn.
    pub(super) fn stop(&mut self) {
        self.first = None;
    }

    /// Errors are, too.
    pub(super) fn stop_errors(&mut self) {
        self.destination = None;
    }

    fn last(&mut self) -> &mut Batch {
        if self.batches.is_empty() {
            self.batches.push(Batch::default());
        }
        let last = self.batches.len() - 1;
        &mut self.batches[last]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(all: &mut Overtaking) -> String {
        let text = |step| match step {
            Step::Said(_, text) => text,
            Step::Event(shown, text) if shown.out_bytes > 0 => text,
            Step::Event(..) | Step::Begin(_) | Step::End(_) | Step::Errors(_) => Vec::new(),
        };
        String::from_utf8(all.take().flat_map(text).collect()).unwrap()
    }

    fn add(all: &mut Overtaking, place: Place, pace: Pace, text: &str) -> bool {
        all.add(&Shown { pace, ..Shown::at(place, 1) }, text.as_bytes())
    }

    #[test]
    fn what_is_said_comes_ahead_of_the_batch() {
        let firsts = [
            (First::Directories(1), "sabtcd"),
            (First::Directories(2), "stabcd"),
            (First::Own, "astbcd"),
            (First::Name, "stabcd"),
        ];
        for (first, wanted) in firsts {
            let mut all = Overtaking::default();
            all.start(first);
            add(&mut all, Place::Own, Pace::InTurn, "a");
            all.begin(2);
            add(&mut all, Place::Slot(0), Pace::Overtaking, "s");
            add(&mut all, Place::Slot(1), Pace::InTurn, "b");
            all.end(2);
            add(&mut all, Place::Slot(2), Pace::InTurn, "c");
            add(&mut all, Place::Slot(0), Pace::Overtaking, "t");
            add(&mut all, Place::Slot(1), Pace::InTurn, "d");
            assert_eq!((told(&mut all), told(&mut all)), (wanted.to_owned(), String::new()));
        }
    }

    #[test]
    fn so_much_is_gathered_at_most() {
        let mut all = Overtaking::default();
        all.start(First::Directories(1));
        assert!((1..EVENTS_MAX).all(|_| add(&mut all, Place::Own, Pace::InTurn, "x")));
        assert!(!add(&mut all, Place::Own, Pace::InTurn, "x"));
    }
}
