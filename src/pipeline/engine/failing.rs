//! What failed: counted for the exit value and for deletions, and told.

use rsync_compat::options::DeleteWhen;

use super::worker::Worker;
use crate::failure::{Failure, Severity, Side, What};
use crate::pipeline::handles::dir::Dir;
use crate::report::Place;

impl Worker {
    /// Tells that a directory of the source cannot be listed, or not to its end.
    pub fn fail_listing(&self, rel: &[u8], failure: Failure) {
        self.run.state.listings.note_incomplete(rel);
        // What the first list lacks is known before anything is sent, and the receiving side never hears of it.
        let first = failure.side == Side::Sender && self.run.plan.is_in_first_list(rel);
        {
            let mut summary = self.summary.borrow_mut();
            let failed = if first { &mut summary.first_list_failed } else { &mut summary.reading_failed };
            *failed = true;
        }
        self.tell(failure.severity(Severity::ListingError));
    }

    /// Tells that something at the destination cannot be read, an I/O error, so that rsync deletes nothing from `rel` on in
    /// the list. Where another one did that before, rsync does not come here.
    pub fn fail_cleaning(&self, rel: &[u8], failure: Failure) {
        let ends = !self.run.plan.options.delete.ignore_errors;
        if self.run.state.listings.note_uncleaned(rel) || !ends {
            self.summary.borrow_mut().reading_failed = true;
            let ends_deletions = ends.then(|| rel.to_vec());
            self.tell(Failure { ends_deletions, severity: Severity::ListingError, ..failure });
        }
    }

    /// Tells of links in typed paths that were not followed.
    pub fn tell_refusals(&self) {
        self.run.plan.resolver.take_refusals().iter().for_each(|line| self.run.report.warning(line));
    }

    /// Tells a failure and counts it.
    pub fn fail(&self, failure: Failure) {
        let is_listing = failure.severity == Severity::ListingError;
        self.summary.borrow_mut().reading_failed |= is_listing;
        if is_listing || self.stops_late_deletions(&failure) {
            self.run.state.listings.note_failed();
        }
        self.tell(failure);
    }

    /// The same of what the sending side meets at an entry, which is told in its turn.
    pub fn fail_at(&self, dir: &Dir, slot: u32, failure: Failure) {
        if self.stops_late_deletions(&failure) {
            self.run.state.listings.note_failed();
        }
        if self.counts(&failure) {
            self.run.report.failure_at(&dir.node, Place::Slot(slot), &failure);
        }
    }

    /// By the time of `--delete-after` a file of the source that could not be read counts like a directory.
    fn stops_late_deletions(&self, failure: &Failure) -> bool {
        is_unread(failure) && self.run.plan.options.delete.when == Some(DeleteWhen::After)
    }

    fn tell(&self, failure: Failure) {
        if self.counts(&failure) {
            self.run.report.failure(&failure);
        }
    }

    /// Counts a failure. False if it was told before, or by somebody else.
    fn counts(&self, failure: &Failure) -> bool {
        let repeats = matches!(failure.severity, Severity::ListingError | Severity::Vanished)
            || matches!(failure.what, What::NoReferent | What::LinkStat);
        if repeats && !self.run.state.first_told(failure) {
            // An earlier pass over the tree met it as well.
            return false;
        }
        let mut summary = self.summary.borrow_mut();
        match failure.severity {
            Severity::Error => {
                summary.failed = true;
                summary.failed_receiving |= failure.side != Side::Sender;
                summary.reading_failed |= is_unread(failure);
            }
            Severity::ListingError => summary.failed = true,
            Severity::Vanished => summary.vanished = true,
            Severity::Reported => {
                summary.failed = true;
                return false;
            }
            Severity::Warning => {}
        }
        drop(summary);
        tracing::warn!(target: "io", ?failure, "failed");
        true
    }
}

/// A file of the source could not be read.
fn is_unread(failure: &Failure) -> bool {
    matches!(failure.what, What::OpenSource | What::ReadSource)
}
