//! The moving lines of `--progress` and `--info=progress2` (rsync(1), --progress).

use super::number::{Numbers, number};

/// Whether more of the file list is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListState {
    /// Directories are still being read: `ir-chk`.
    Growing,
    /// The list is complete: `to-chk`.
    Complete,
}

/// How far a file, or the whole run, has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// Bytes done.
    pub done_bytes: i64,
    /// Bytes in all.
    pub size_bytes: i64,
    /// Bytes a second, lately or over the whole transfer.
    pub rate_bytes_per_s: f64,
    /// The time shown: left while it runs, taken when it ends; `None` shows `??:??:??`.
    pub seconds: Option<u64>,
}

/// What ends a finished file's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Regular files transferred so far.
    pub transferred_files: u64,
    /// Items of the list that are still to be looked at.
    pub unchecked: u64,
    /// Items in the list so far.
    pub listed: u64,
    /// Whether the list is complete.
    pub list_state: ListState,
}

/// Appends the line while data moves; it starts with a carriage return.
pub fn push_moving(out: &mut Vec<u8>, moment: &Moment, numbers: Numbers) {
    push_figures(out, moment, numbers);
    out.extend_from_slice(b"  ");
}

/// Appends the line of a file that is done, without its newline: `progress2` has none until the end.
pub fn push_finished(out: &mut Vec<u8>, moment: &Moment, finished: &Finished, numbers: Numbers) {
    push_figures(out, moment, numbers);
    let list = match finished.list_state {
        ListState::Growing => "ir-chk",
        ListState::Complete => "to-chk",
    };
    let Finished { transferred_files, unchecked, listed, .. } = finished;
    out.extend_from_slice(format!(" (xfr#{transferred_files}, {list}={unchecked}/{listed})").as_bytes());
}

fn push_figures(out: &mut Vec<u8>, moment: &Moment, numbers: Numbers) {
    const BYTES_WIDTH: usize = 15;
    const RATE_WIDTH: usize = 7;
    let done = number(moment.done_bytes, numbers);
    out.push(b'\r');
    push_right(out, &done, BYTES_WIDTH);
    out.extend_from_slice(format!(" {:3}% ", percent(moment)).as_bytes());
    let (rate, unit) = scaled_rate(moment.rate_bytes_per_s);
    push_right(out, &numbers.numerals.fixed(rate, 2), RATE_WIDTH);
    out.extend_from_slice(format!("{unit} {}", clock(moment.seconds)).as_bytes());
}

/// Appends a text on the right side of a field.
fn push_right(out: &mut Vec<u8>, text: &[u8], width: usize) {
    out.extend(std::iter::repeat_n(b' ', width.saturating_sub(text.len())));
    out.extend_from_slice(text);
}

/// Whole percents, rounded down; an empty file is done.
fn percent(moment: &Moment) -> i64 {
    if moment.done_bytes == moment.size_bytes {
        return 100;
    }
    match moment.size_bytes {
        0 => 0,
        size => (moment.done_bytes as f64 * 100.0 / size as f64) as i64,
    }
}

fn scaled_rate(bytes_per_s: f64) -> (f64, &'static str) {
    const STEP: f64 = 1024.0;
    let kilo = bytes_per_s / STEP;
    if kilo > STEP * STEP {
        (kilo / STEP / STEP, "GB/s")
    } else if kilo > STEP {
        (kilo / STEP, "MB/s")
    } else {
        (kilo, "kB/s")
    }
}

fn clock(seconds: Option<u64>) -> String {
    const TOO_LONG_HOURS: u64 = 10_000;
    match seconds {
        Some(seconds) if seconds / 3600 < TOO_LONG_HOURS => {
            format!("{:4}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
        }
        Some(_) | None => "  ??:??:??".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::number::Human;

    #[test]
    fn lines_of_rsync() {
        let moment = Moment {
            done_bytes: 32_768,
            size_bytes: 300_000_000,
            rate_bytes_per_s: 31.25 * 1024.0 * 1024.0,
            seconds: Some(9),
        };
        let mut out = Vec::new();
        push_moving(&mut out, &moment, Human::Grouped.into());
        assert_eq!(String::from_utf8(out).unwrap(), "\r         32,768   0%   31.25MB/s    0:00:09  ");

        let done = Moment {
            done_bytes: 3_000_000,
            size_bytes: 3_000_000,
            rate_bytes_per_s: 1024.0 * 1024.0,
            seconds: Some(0),
        };
        let finished =
            Finished { transferred_files: 1, unchecked: 5, listed: 7, list_state: ListState::Complete };
        let mut out = Vec::new();
        push_finished(&mut out, &done, &finished, Human::Decimal.into());
        let wanted = "\r          3.00M 100% 1024.00kB/s    0:00:00 (xfr#1, to-chk=5/7)";
        assert_eq!(String::from_utf8(out).unwrap(), wanted);
    }
}
