//! `--progress` for each file, in the order of output, and `--info=progress2` for the run, as it happens.

use std::time::{Duration, Instant};

use rsync_compat::options::Progress;
use rsync_compat::output::number::Numbers;
use rsync_compat::output::progress::{Finished, ListState, Moment, push_finished, push_moving};
use rsync_compat::output::stats::RunKind;

use super::event::Place;
use super::lines::signed;
use super::sequence::Shown;
use super::settings::Settings;

/// What a scan counted before the transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Entries of the file list.
    pub entries: u64,
    /// Bytes of all its regular files and links.
    pub bytes: u64,
}

/// How progress is drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    numbers: Numbers,
    progress: Progress,
    /// Directories follow each other in one list, each with what is below it; otherwise each is a list of its own.
    flat: bool,
    /// Of the run as a whole, where nothing is done: rsync draws when it is done with a directory.
    by_segment: bool,
}

impl Style {
    pub(super) fn of(settings: &Settings) -> Style {
        Style {
            numbers: settings.numbers,
            progress: settings.progress,
            flat: !settings.levels.incremental,
            by_segment: settings.progress == Progress::Overall && settings.run == RunKind::DryRun,
        }
    }
}

/// How far the output has come.
#[derive(Debug)]
pub(super) struct Ledger {
    style: Style,
    pub(super) started: Instant,
    pub(super) totals: Option<Totals>,
    /// Entries of the directories before the current one.
    base: u64,
    /// Entries whose turn has come.
    emitted: u64,
    /// Names that operands have twice, behind the last of these.
    behind: u64,
    /// Entries up to the last one, as the list counts them.
    checked: u64,
    transferred: u64,
    /// Bytes that moved, those of files whose turn is still to come too.
    bytes: u64,
    /// Bytes of the files whose turn has come: what a line for one of them shows.
    settled: u64,
    /// The most that a line showed.
    shown: u64,
    /// Bytes of the line that was drawn last, which the next one covers even where other lines stand between them.
    drawn_bytes: usize,
    /// The cursor is still on that line.
    is_open: bool,
    drawn_at: Instant,
    /// Since when the file under way is shown.
    file: Option<Instant>,
    segment: Segment,
}

/// The directory whose entries have their turn, where lines go by directories.
#[derive(Debug, Default)]
struct Segment {
    /// Entries up to its last, and up to that of the one before.
    end: u64,
    last_end: u64,
    begun: u64,
    /// Something was told of it or of what is in it.
    is_reported: bool,
    /// The line for the directory before is still to come.
    is_due: bool,
}

/// The size of the pieces that rsync sends data in.
const PIECE_BYTES: u64 = 32_768;

/// How often the line of the whole run is drawn again while nothing ends.
const REDRAW: Duration = Duration::from_secs(1);

impl Ledger {
    pub(super) fn new(style: Style) -> Ledger {
        let now = Instant::now();
        Ledger {
            style,
            started: now,
            totals: None,
            base: 0,
            emitted: 0,
            behind: 0,
            checked: 0,
            transferred: 0,
            bytes: 0,
            settled: 0,
            shown: 0,
            drawn_bytes: 0,
            is_open: false,
            drawn_at: now,
            file: None,
            segment: Segment::default(),
        }
    }

    /// The pass that only counted has ended: what counts begins now.
    pub(super) fn counted(&mut self, totals: Totals) {
        (self.base, self.emitted, self.behind) = (0, 0, 0);
        self.segment = Segment::default();
        self.totals = Some(totals);
    }

    /// Counts an event whose turn has come, and draws a line when it is about data that moved.
    pub(super) fn note(&mut self, out: &mut Vec<u8>, shown: &Shown) {
        if shown.first {
            self.emitted += 1 + std::mem::take(&mut self.behind);
        }
        self.behind += u64::from(shown.doubles) + u64::from(shown.below);
        if shown.place != Place::Late {
            self.checked = if self.style.flat { self.emitted } else { self.base + shown.index + 1 };
        }
        if let Some(size) = shown.tried {
            self.transferred += 1;
            self.settled += size;
        }
        if self.style.by_segment {
            return self.note_in_segment(out, shown);
        }
        let Some(size) = shown.moved else { return };
        match self.style.progress {
            Progress::Off => {}
            Progress::PerFile => self.record(out, size),
            Progress::Overall => {
                self.settled += size;
                self.transferred += 1;
                self.draw_finished(out);
            }
        }
    }

    /// Appends the record of a finished file.
    fn record(&mut self, out: &mut Vec<u8>, size: u64) {
        let elapsed = self.started.elapsed().as_secs_f64().max(0.001);
        let first = size.min(PIECE_BYTES);
        self.bytes += size;
        let rate = self.bytes as f64 / elapsed;
        let moment = |done: u64, rate: f64| Moment {
            done_bytes: signed(done),
            size_bytes: signed(size),
            rate_bytes_per_s: rate,
            seconds: Some(0),
        };
        let is_shown = self.file.take().is_some();
        // Its line is written over, and ended below.
        (self.drawn_bytes, self.is_open) = (0, false);
        if size > 0 && !is_shown {
            // rsync has no rate for the first piece of the first file.
            let early = if self.transferred == 0 { 0.0 } else { rate };
            push_moving(out, &moment(first, early), self.style.numbers);
        }
        self.transferred += 1;
        let seconds = (size as f64 / rate.max(1.0)) as u64;
        let finished = self.finished();
        let rate = if size > 0 { rate } else { 0.0 };
        push_finished(
            out,
            &Moment { seconds: Some(seconds), ..moment(size, rate) },
            &finished,
            self.style.numbers,
        );
        out.push(b'\n');
    }

    /// Draws how far the file under way has come, when that was long ago.
    pub(super) fn draw_file(&mut self, out: &mut Vec<u8>, done: u64, size: u64) {
        let is_new = self.file.is_none();
        if self.style.progress != Progress::PerFile || !is_new && self.drawn_at.elapsed() < REDRAW {
            return;
        }
        let since = self.file.get_or_insert_with(Instant::now).elapsed().as_secs_f64();
        // As in rsync, the first line is about the first piece, and nobody knows yet how long it takes.
        let done = if is_new { done.clamp(size.min(PIECE_BYTES), size) } else { done };
        let rate = if is_new { 0.0 } else { done as f64 / since.max(0.001) };
        let left = (size - done) as f64 / rate.max(1.0);
        let moment = Moment {
            done_bytes: signed(done),
            size_bytes: signed(size),
            rate_bytes_per_s: rate,
            seconds: Some(if is_new { 0 } else { left as u64 }),
        };
        let start = out.len();
        push_moving(out, &moment, self.style.numbers);
        self.cover(out, start);
    }

    fn note_in_segment(&mut self, out: &mut Vec<u8>, shown: &Shown) {
        if let Some(size) = shown.moved {
            self.settled += size;
            self.transferred += 1;
        }
        let is_item = shown.out_bytes > 0 || shown.moved.is_some();
        self.segment.is_reported |= is_item && shown.place != Place::Deletion;
        if shown.first && shown.index == 0 {
            self.draw_segment(out);
        }
    }

    /// rsync hears that a directory is done after the first name of the next.
    fn draw_segment(&mut self, out: &mut Vec<u8>) {
        if std::mem::take(&mut self.segment.is_due) {
            let Segment { end, last_end, is_reported, .. } = self.segment;
            self.checked = if is_reported { end } else { last_end };
            self.draw_finished(out);
        }
    }

    /// The number of the first of the doubles that were noted last, where there is one list.
    pub(super) fn flat_double(&self, shown: &Shown) -> Option<u64> {
        self.style.flat.then_some((self.emitted + self.behind).saturating_sub(u64::from(shown.doubles)))
    }

    /// The number of a double from its place in its directory, where each has a list of its own: rsync leaves one out
    /// before each list.
    pub(super) fn double(&self, index: u64) -> Option<u64> {
        (!self.style.flat).then_some(self.base + index + self.segment.begun + 1)
    }

    /// So many of rsync's processes tell of doubles: where there are several lists, two, of all but the first. A first
    /// one that is a single directory counts for nothing.
    pub(super) fn double_tellers(&self) -> u8 {
        let is_first = self.segment.begun == 0 || self.segment.begun == 1 && self.base == 1;
        if is_first { 1 } else { 2 }
    }

    pub(super) fn begin_segment(&mut self, entries: u64) {
        self.segment.end = self.base + entries;
        let is_drawn = self.style.by_segment && !self.style.flat && self.totals.is_some();
        self.segment.is_due = is_drawn && self.segment.begun > 0;
        self.segment.begun += 1;
    }

    pub(super) fn end_of_segment(&mut self, out: &mut Vec<u8>, entries: u64) {
        self.draw_segment(out);
        self.base += entries;
        self.segment.last_end = self.segment.end;
        self.segment.is_reported = false;
    }

    /// Counts bytes that moved, and draws the line again when that was long ago.
    pub(super) fn add_bytes(&mut self, out: &mut Vec<u8>, bytes: u64) {
        self.bytes += bytes;
        if self.drawn_at.elapsed() >= REDRAW {
            self.draw_moving(out);
        }
    }

    /// Draws the line for the last time.
    pub(super) fn end(&mut self, out: &mut Vec<u8>) {
        if let Some(totals) = self.totals {
            self.checked = totals.entries;
        }
        self.draw_finished(out);
        self.close_line(out);
    }

    /// Forgets a progress line that is open, since a line on standard error is about to end it; true if there was one.
    pub(super) fn leave_line(&mut self) -> bool {
        std::mem::take(&mut self.is_open)
    }

    /// Moves on to a new line when something was drawn on this one.
    pub(super) fn close_line(&mut self, out: &mut Vec<u8>) {
        if std::mem::take(&mut self.is_open) {
            out.push(b'\n');
        }
    }

    fn draw_moving(&mut self, out: &mut Vec<u8>) {
        let moment = self.moment(self.bytes);
        let left = (moment.size_bytes - moment.done_bytes) as f64 / moment.rate_bytes_per_s.max(1.0);
        let moment = Moment { seconds: Some(left.max(0.0) as u64), ..moment };
        let start = out.len();
        push_moving(out, &moment, self.style.numbers);
        self.cover(out, start);
    }

    fn draw_finished(&mut self, out: &mut Vec<u8>) {
        let start = out.len();
        let moment = self.moment(self.settled);
        push_finished(out, &moment, &self.finished(), self.style.numbers);
        self.cover(out, start);
    }

    /// Blanks what a longer line before left behind.
    fn cover(&mut self, out: &mut Vec<u8>, start: usize) {
        let length = out.len() - start;
        out.extend(std::iter::repeat_n(b' ', self.drawn_bytes.saturating_sub(length)));
        self.drawn_bytes = length;
        self.is_open = true;
        self.drawn_at = Instant::now();
    }

    fn moment(&mut self, bytes: u64) -> Moment {
        let elapsed = self.started.elapsed();
        self.shown = self.shown.max(bytes);
        Moment {
            done_bytes: signed(self.shown),
            size_bytes: signed(self.totals.map_or(self.shown, |totals| totals.bytes)),
            rate_bytes_per_s: self.shown as f64 / elapsed.as_secs_f64().max(0.001),
            seconds: Some(elapsed.as_secs()),
        }
    }

    fn finished(&self) -> Finished {
        let checked = self.checked;
        let listed = self.totals.map_or(checked, |totals| totals.entries);
        Finished {
            transferred_files: self.transferred,
            unchecked: listed.saturating_sub(checked),
            listed,
            list_state: if self.totals.is_some() { ListState::Complete } else { ListState::Growing },
        }
    }
}

#[cfg(test)]
mod tests;
