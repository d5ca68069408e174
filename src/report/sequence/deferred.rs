//! Lines that come later than their place: of names of files with several links, where the outcome of the first is
//! known once all names are.
//!
//! The line of a name that others are linked to stands at its place, so its directory's lines wait for it, though not
//! for long. The lines of names that are linked when data has arrived come after everything else.

use std::time::{Duration, Instant};

use super::{Lines, Node, Output, Patience, Sequence, Shown, Stage, Turn};
use crate::entry::list_order;
use crate::report::event::Place;

/// So long the lines of a directory wait for names of files elsewhere, and late ones for all others.
const WAIT_MAX: Duration = Duration::from_secs(1);

/// Lines that come after all others, and how long the others have waited.
#[derive(Debug, Default)]
pub(super) struct Late {
    /// The path of the file that each is about, and the event with its bytes.
    events: Vec<(Vec<u8>, Shown, Vec<u8>)>,
    since: Option<Instant>,
    /// It took too long: from now on nothing waits.
    is_impatient: bool,
}

impl Late {
    /// Whether a directory's lines are not all there.
    pub(super) fn waits_for(&self, lines: &Lines) -> bool {
        lines.stage == Stage::Open || lines.stage == Stage::Done && lines.held > 0 && !self.is_impatient
    }
}

impl<O: Output> Sequence<O> {
    /// A name's line comes later, though its directory may be done by then.
    pub(in super::super) fn hold(&self, node: &Node) {
        if let Some(mut lines) = node.lines() {
            lines.held += 1;
        }
    }

    /// All is said of such a name.
    pub(in super::super) fn release(&self, node: &Node) {
        let Some(mut lines) = node.lines() else { return };
        lines.held = lines.held.saturating_sub(1);
        if lines.held == 0 && lines.stage == Stage::Done {
            drop(lines);
            self.turn().advance(Patience::Wait);
        }
    }

    /// Adds an event about a file after all others; `render` appends its bytes.
    pub(in super::super) fn add_late(&self, file: &[u8], render: impl FnOnce(&mut Vec<u8>) -> Option<Shown>) {
        let mut text = Vec::new();
        if let Some(shown) = render(&mut text) {
            let late = &mut self.turn().late;
            late.since.get_or_insert_with(Instant::now);
            late.events.push((file.to_vec(), Shown { place: Place::Late, ..shown }, text));
        }
    }
}

impl<O: Output> Turn<O> {
    /// Lets out what has waited for too long.
    pub(super) fn lose_patience(&mut self) {
        let is_held = match self.stack.last() {
            Some(super::Next::Node(node, _)) => {
                node.lines().is_some_and(|lines| lines.stage == Stage::Done && lines.held > 0)
            }
            Some(super::Next::Rest(_)) | None => false,
        };
        if !is_held && self.late.events.is_empty() {
            self.late.since = None;
            return;
        }
        if self.late.since.get_or_insert_with(Instant::now).elapsed() < WAIT_MAX {
            return;
        }
        if is_held {
            self.late.is_impatient = true;
            self.advance(Patience::Wait);
        }
        self.write_late();
    }

    /// Writes what comes after all others.
    pub(super) fn write_late(&mut self) {
        self.late.since = None;
        self.late.events.sort_by(|(a, ..), (b, ..)| list_order(a, b));
        for (_, shown, text) in std::mem::take(&mut self.late.events) {
            self.output.put(&shown, &text);
        }
        self.output.settle();
    }
}
