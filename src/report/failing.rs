//! Telling of what failed: on standard error and in the log file.

use std::sync::atomic::Ordering;

use rsync_compat::options::Progress;

use super::formatter::Speaker;
use super::sequence::{Node, Shown};
use super::{Place, Reporter, error_order, errors, json};
use crate::failure::Failure;

impl Reporter {
    /// Tells about a failure, at once.
    pub fn failure(&self, failure: &Failure) {
        if !self.counts(failure) {
            return;
        }
        let gathers = self.settings.progress == Progress::Off;
        let errs = gathers.then(|| (error_order::errs(failure), error_order::Spot::of(failure)));
        for line in errors::lines(failure) {
            self.channels.complain_of(errs.as_ref(), Speaker::of(failure.side), &line);
        }
    }

    /// Tells about what the sending side meets at an entry: in its turn, where entries are told of.
    pub fn failure_at(&self, at: &Node, place: Place, failure: &Failure) {
        if at.is_idle() || self.settings.progress != Progress::Off {
            return self.failure(failure);
        }
        if !self.counts(failure) {
            return;
        }
        self.channels.sequence.add(at, place, |text| {
            let start = text.len();
            let mut log = Vec::new();
            for line in errors::lines(failure) {
                self.channels.push_error(text, &mut log, Speaker::of(failure.side), &line);
            }
            let error_bytes = u32::try_from(text.len().saturating_sub(start)).unwrap_or(u32::MAX);
            text.extend(log);
            Some(Shown { error_bytes, ..Shown::at(place, 0) })
        });
    }

    /// Counts a failure. False if it is not told.
    fn counts(&self, failure: &Failure) -> bool {
        self.tally.failures.fetch_add(1, Ordering::Relaxed);
        if self.tally.unkept.goes_without_saying(failure) {
            return false;
        }
        self.channels.object(|out| json::failure(out, failure));
        if errors::is_of_the_list(failure) {
            self.channels.end_line();
        }
        true
    }

    /// A line for standard error and the log file.
    pub fn warning(&self, line: &[u8]) {
        self.channels.warning(Speaker::Near, line);
    }

    /// A line that the receiving side writes to standard error; as a rule the log file does not have it.
    pub fn far_warning(&self, line: &[u8]) {
        self.channels.warning(Speaker::Direct, line);
    }
}
