//! `--progress` for each file, in the order of output, and `--info=progress2` for the run, as it happens.

use std::time::{Duration, Instant};

use rsync_compat::options::Progress;
use rsync_compat::output::number::Human;
use rsync_compat::output::progress::{Finished, ListState, Moment, push_finished, push_moving};

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
    human: Human,
    progress: Progress,
    /// Directories follow each other in one list, each with what is below it; otherwise each is a list of its own.
    flat: bool,
}

impl Style {
    pub(super) fn of(settings: &Settings) -> Style {
        Style { human: settings.human, progress: settings.progress, flat: !settings.levels.incremental }
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
        }
    }

    /// Counts an event whose turn has come, and draws a line when it is about data that moved.
    pub(super) fn note(&mut self, out: &mut Vec<u8>, shown: &Shown) {
        if shown.first {
            self.emitted += 1 + std::mem::take(&mut self.behind);
        }
        self.behind += u64::from(shown.doubles);
        self.checked = if self.style.flat { self.emitted } else { self.base + shown.index + 1 };
        self.transferred += u64::from(shown.tried);
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
            push_moving(out, &moment(first, early), self.style.human);
        }
        self.transferred += 1;
        let seconds = (size as f64 / rate.max(1.0)) as u64;
        let finished = self.finished();
        let rate = if size > 0 { rate } else { 0.0 };
        push_finished(
            out,
            &Moment { seconds: Some(seconds), ..moment(size, rate) },
            &finished,
            self.style.human,
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
        push_moving(out, &moment, self.style.human);
        self.cover(out, start);
    }

    pub(super) fn end_of_segment(&mut self, entries: u64) {
        self.base += entries;
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
        push_moving(out, &moment, self.style.human);
        self.cover(out, start);
    }

    fn draw_finished(&mut self, out: &mut Vec<u8>) {
        let start = out.len();
        let moment = self.moment(self.settled);
        push_finished(out, &moment, &self.finished(), self.style.human);
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
mod tests {
    use super::*;
    use crate::report::Place;

    fn ledger(progress: Progress) -> Ledger {
        Ledger::new(Style { human: Human::Grouped, progress, flat: false })
    }

    fn moved(size: u64, index: u64) -> Shown {
        Shown { moved: Some(size), index, first: true, ..Shown::at(Place::Own, 0) }
    }

    fn text(out: &[u8]) -> String {
        String::from_utf8_lossy(out).replace('\r', "^")
    }

    #[test]
    fn a_record_has_a_first_piece_and_an_end() {
        let mut ledger = ledger(Progress::PerFile);
        ledger.totals = Some(Totals { entries: 3, bytes: 3_000_018 });
        let mut out = Vec::new();
        ledger.note(&mut out, &moved(3_000_000, 0));
        let shown = text(&out);
        assert!(
            shown.starts_with("^         32,768   1%    0.00kB/s    0:00:00  ^      3,000,000 100%"),
            "{shown}"
        );
        assert!(shown.ends_with("(xfr#1, to-chk=2/3)\n"), "{shown}");
        out.clear();
        ledger.note(&mut out, &moved(0, 1));
        assert_eq!(text(&out), "^              0 100%    0.00kB/s    0:00:00 (xfr#2, to-chk=1/3)\n");
    }

    #[test]
    fn a_file_that_was_shown_under_way_has_one_line() {
        let mut ledger = ledger(Progress::PerFile);
        let mut out = Vec::new();
        ledger.draw_file(&mut out, 0, 3_000_000);
        ledger.draw_file(&mut out, 1_000_000, 3_000_000);
        assert_eq!(
            text(&out),
            "^         32,768   1%    0.00kB/s    0:00:00  ",
            "the next one comes a second later"
        );
        out.clear();
        ledger.note(&mut out, &moved(3_000_000, 0));
        let shown = text(&out);
        assert!(shown.starts_with("^      3,000,000 100%") && shown.ends_with(")\n"), "{shown}");
        out.clear();
        ledger.close_line(&mut out);
        assert_eq!(text(&out), "", "the cursor is on a new line already");
    }

    #[test]
    fn a_finished_file_counts_when_its_turn_has_come() {
        let mut ledger = ledger(Progress::Overall);
        ledger.totals = Some(Totals { entries: 3, bytes: 300 });
        let mut out = Vec::new();
        // The other one moved first.
        ledger.add_bytes(&mut out, 200);
        ledger.add_bytes(&mut out, 100);
        ledger.note(&mut out, &moved(100, 1));
        assert!(text(&out).starts_with("^            100  33%"), "{}", text(&out));
        out.clear();
        ledger.note(&mut out, &moved(200, 2));
        assert!(text(&out).starts_with("^            300 100%"), "{}", text(&out));
    }

    #[test]
    fn a_shorter_line_covers_the_longer_one_before() {
        let mut ledger = ledger(Progress::Overall);
        ledger.totals = Some(Totals { entries: 11, bytes: 0 });
        let mut out = Vec::new();
        ledger.note(&mut out, &moved(5, 0));
        out.clear();
        ledger.note(&mut out, &moved(5, 1));
        assert!(text(&out).ends_with("(xfr#2, to-chk=9/11) "), "{}", text(&out));
        out.clear();
        ledger.end(&mut out);
        assert!(text(&out).ends_with("to-chk=0/11)\n"), "{}", text(&out));
    }
}
