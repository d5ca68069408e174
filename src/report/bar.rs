//! `--bar`: a live view on standard error. The numbers are counted here as they come in; who supervises the run has
//! them drawn every now and then.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{BinaryBytes, HumanCount};
use rsync_compat::delta::Moved;

use super::live::Screen;
use super::progress::Totals;
use crate::entry::Kind;

/// Files from this size on are named while they are being copied, in bytes.
const LARGE_BYTES_MIN: u64 = 64 << 20;
/// How many of them are named.
const LARGE_NAMED_MAX: usize = 2;
/// What an entry costs beside its data, as so many bytes: what is copied in the time that a small file takes.
const ENTRY_BYTES: u64 = 32 << 10;
/// Columns of the bar itself.
const BAR_COLUMNS: u64 = 20;
/// With less room for a line than this only the most important is shown.
const ROOM_COLUMNS_MIN: usize = 28;

/// What a scan that runs ahead has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ahead {
    /// So far.
    pub found: Totals,
    /// There is no more.
    pub complete: bool,
}

/// The live view.
#[derive(Debug)]
pub(super) struct Bar {
    screen: Arc<Screen>,
    started: Instant,
    entries: AtomicU64,
    /// Bytes of files that are done, copied or not.
    settled_bytes: AtomicU64,
    /// Bytes that moved for files that are done.
    settled_moved: AtomicU64,
    moved_bytes: AtomicU64,
    large: Arc<Mutex<Vec<Vec<u8>>>>,
}

/// A large file under way.
#[derive(Debug)]
pub struct Large {
    rel: Vec<u8>,
    list: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Drop for Large {
    fn drop(&mut self) {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        list.retain(|rel| *rel != self.rel);
    }
}

/// What is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Moment {
    elapsed: Duration,
    entries: u64,
    bytes: u64,
    moved: u64,
    ahead: Ahead,
    failures: u64,
    large: Vec<Vec<u8>>,
}

impl Bar {
    pub(super) fn new() -> Bar {
        Bar {
            screen: Arc::default(),
            started: Instant::now(),
            entries: AtomicU64::new(0),
            settled_bytes: AtomicU64::new(0),
            settled_moved: AtomicU64::new(0),
            moved_bytes: AtomicU64::new(0),
            large: Arc::default(),
        }
    }

    /// Where it is drawn, for those who write lines to the same terminal.
    pub(super) fn screen(&self) -> Arc<Screen> {
        Arc::clone(&self.screen)
    }

    pub(super) fn moved(&self, bytes: u64) {
        self.moved_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn passed(&self) {
        self.entries.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn done(&self, kind: Kind, size: u64, moved: &Moved) {
        self.passed();
        if kind == Kind::File {
            self.settled_bytes.fetch_add(size, Ordering::Relaxed);
            if moved.bytes() > 0 {
                self.settled_moved.fetch_add(moved.bytes(), Ordering::Relaxed);
            }
        }
    }

    pub(super) fn large(&self, size: u64, rel: impl FnOnce() -> Vec<u8>) -> Option<Large> {
        if size < LARGE_BYTES_MIN {
            return None;
        }
        let rel = rel();
        self.large.lock().unwrap_or_else(PoisonError::into_inner).push(rel.clone());
        Some(Large { rel, list: Arc::clone(&self.large) })
    }

    pub(super) fn redraw(&self, ahead: &Ahead, failures: u64) {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let moved = of(&self.moved_bytes);
        let moment = Moment {
            elapsed: self.started.elapsed(),
            entries: of(&self.entries),
            bytes: of(&self.settled_bytes) + moved.saturating_sub(of(&self.settled_moved)),
            moved,
            ahead: *ahead,
            failures,
            large: self.large.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        };
        self.screen.draw(|columns| view(&moment, columns));
    }

    /// Leaves the screen as if it had never been there.
    pub(super) fn clear(&self) {
        self.screen.clear();
    }
}

fn view(moment: &Moment, columns: usize) -> Vec<String> {
    // What was done was found as well, whether or not the scan has come by.
    let entries = moment.ahead.found.entries.max(moment.entries);
    let bytes = moment.ahead.found.bytes.max(moment.bytes);
    let (done, all) = (work(moment.entries, moment.bytes), work(entries, bytes).max(1));
    // A scan that goes on will find more.
    let more = if moment.ahead.complete { "" } else { "+" };
    // A scan that was overtaken says nothing about what is to come.
    let percent = match moment.ahead.complete || done < all {
        true => format!("{}%", 100 * done / all),
        false => "?%".to_owned(),
    };
    let left = left(moment, done, all);
    let counted = format!("{} of {}{more}", HumanCount(moment.entries), HumanCount(entries));
    let failed = (moment.failures > 0).then(|| format!("{} errors", HumanCount(moment.failures)));
    if columns < ROOM_COLUMNS_MIN {
        let lines = [format!("{percent} {left}{more} to go"), counted];
        return lines.into_iter().chain(failed).collect();
    }
    let filled = if percent == "?%" { 0 } else { BAR_COLUMNS * done / all };
    let bar: String = (0..BAR_COLUMNS).map(|at| if at < filled { '#' } else { '-' }).collect();
    let seconds = moment.elapsed.as_secs_f64().max(0.001);
    let per_second = |count: u64| (count as f64 / seconds) as u64;
    let lines = [
        format!("[{bar}] {percent:>4}"),
        format!("{left}{more} to go, {} gone", clock(moment.elapsed.as_secs())),
        format!("{counted} entries"),
        format!("{} of {}{more}", BinaryBytes(moment.bytes), BinaryBytes(bytes)),
        format!(
            "{} entries/s, {}/s",
            HumanCount(per_second(moment.entries)),
            BinaryBytes(per_second(moment.moved))
        ),
    ];
    let named = moment.large.iter().take(LARGE_NAMED_MAX).map(|rel| format!("  {}", shown(rel)));
    lines.into_iter().chain(failed).chain(named).collect()
}

/// Data and entries in one number.
fn work(entries: u64, bytes: u64) -> u64 {
    bytes.saturating_add(entries.saturating_mul(ENTRY_BYTES))
}

/// The time that is left at the pace so far.
fn left(moment: &Moment, done: u64, all: u64) -> String {
    let seconds = moment.elapsed.as_secs_f64().max(0.001);
    let left = (all - done) as f64 / (done as f64 / seconds).max(1.0);
    let unknown = done == 0 || done >= all && !moment.ahead.complete;
    if unknown { "?".to_owned() } else { clock(left as u64) }
}

fn clock(seconds: u64) -> String {
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Control characters would move the cursor.
fn shown(rel: &[u8]) -> String {
    String::from_utf8_lossy(rel)
        .chars()
        .map(|letter| if letter.is_control() { '?' } else { letter })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::live::COLUMNS_MAX;
    use super::*;

    const FOUND: Totals = Totals { entries: 4000, bytes: 384 << 20 };

    fn moment(ahead: Ahead) -> Moment {
        Moment {
            elapsed: Duration::from_secs(10),
            entries: 1000,
            bytes: 96 << 20,
            moved: 20 << 20,
            ahead,
            failures: 3,
            large: vec![b"a\x1b[2Jb".to_vec()],
        }
    }

    #[test]
    fn a_quarter_is_done() {
        let lines = view(&moment(Ahead { found: FOUND, complete: true }), COLUMNS_MAX);
        let wanted = [
            "[#####---------------]  25%",
            "0:00:30 to go, 0:00:10 gone",
            "1,000 of 4,000 entries",
            "96.00 MiB of 384.00 MiB",
            "100 entries/s, 2.00 MiB/s",
            "3 errors",
            "  a?[2Jb",
        ];
        assert_eq!(lines, wanted);
    }

    #[test]
    fn what_a_scan_has_not_found_yet_is_said() {
        let growing = Ahead { found: FOUND, complete: false };
        let lines = view(&moment(growing), COLUMNS_MAX);
        let wanted = ["0:00:30+ to go, 0:00:10 gone", "1,000 of 4,000+ entries", "96.00 MiB of 384.00 MiB+"];
        assert_eq!(lines[1..4], wanted);
        let early = Moment { entries: 0, bytes: 0, moved: 0, ahead: Ahead::default(), ..moment(growing) };
        let lines = view(&early, COLUMNS_MAX);
        assert!(lines[0].ends_with("  0%") && lines[1].starts_with("?+ to go"), "{lines:#?}");
        assert!(lines[2].starts_with("0 of 0+ entries"));
    }

    #[test]
    fn little_room_has_what_matters_most() {
        let lines = view(&moment(Ahead { found: FOUND, complete: false }), ROOM_COLUMNS_MIN - 1);
        assert_eq!(lines, ["25% 0:00:30+ to go", "1,000 of 4,000+", "3 errors"]);
    }

    #[test]
    fn large_trees_fit_into_the_lines() {
        let found = Totals { entries: 99_999_999, bytes: 999 << 40 };
        let large =
            Moment { entries: 99_999_998, bytes: 998 << 40, ..moment(Ahead { found, complete: false }) };
        let lines = view(&large, COLUMNS_MAX);
        assert!(lines.iter().all(|line| line.len() <= COLUMNS_MAX), "{lines:#?}");
    }
}
