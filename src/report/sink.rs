//! Where bytes leave the program: standard output, standard error and the log file.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rsync_compat::options::OutBuf;
use uring_ext::plain;

use super::live::Screen;
use super::overtaking::{Overtaking, Pace, Step};
use super::progress::Ledger;
use super::sequence::{Output, Shown};
use super::settings::Channel;

/// So much is gathered before it is written to anything but a terminal.
const BLOCK_BYTES: usize = 64 << 10;

/// The three outlets.
#[derive(Debug)]
pub(super) struct Sink {
    pub(super) channel: Channel,
    pub(super) outbuf: OutBuf,
    /// A live view that must not get mixed up with lines.
    pub(super) live: Option<Arc<Screen>>,
    pub(super) ledger: Ledger,
    pub(super) log: Option<OwnedFd>,
    pub(super) broken: Arc<AtomicBool>,
    pub(super) waiting: Vec<u8>,
    pub(super) log_waiting: Vec<u8>,
    /// What is told of names that are dropped as the list is sorted, once it is there: for standard output and the log.
    pub(super) sorted: (Vec<u8>, Vec<u8>),
    /// What the receiving side's words overtake.
    pub(super) overtaking: Overtaking,
}

impl Sink {
    /// Adds to standard output, after all that came before.
    pub(super) fn tell(&mut self, text: &[u8]) {
        self.catch_up();
        self.push(text);
    }

    /// Tells what was gathered.
    fn catch_up(&mut self) {
        for step in self.overtaking.take() {
            match step {
                Step::Event(shown, text) => self.emit(&shown, &text),
                Step::Said(shown, text) => {
                    let (out, log) = split(&shown, &text);
                    self.push(out);
                    self.log(log);
                }
                Step::Begin(entries) => self.ledger.begin_segment(entries),
                Step::End(entries) => self.ledger.end_of_segment(&mut self.waiting, entries),
                Step::Errors(text) => self.write_error(&text),
            }
        }
    }

    /// Adds to standard output, below a progress line that may be there.
    fn push(&mut self, text: &[u8]) {
        if text.is_empty() || self.channel == Channel::Discard {
            return;
        }
        self.ledger.close_line(&mut self.waiting);
        self.waiting.extend_from_slice(text);
        if self.waiting.len() >= BLOCK_BYTES {
            self.flush_out();
        }
    }

    /// Lets the ledger draw.
    pub(super) fn draw(&mut self, draw: impl FnOnce(&mut Ledger, &mut Vec<u8>)) {
        self.catch_up();
        draw(&mut self.ledger, &mut self.waiting);
        self.settle();
    }

    /// Adds to the log file.
    pub(super) fn log(&mut self, text: &[u8]) {
        if self.log.is_some() {
            self.log_waiting.extend_from_slice(text);
            if self.log_waiting.len() >= BLOCK_BYTES {
                self.flush_log();
            }
        }
    }

    /// Writes to standard error, after all that came before.
    pub(super) fn complain(&mut self, text: &[u8]) {
        let errors = self.overtaking.take_errors();
        self.write_error(&[&errors, text].concat());
    }

    fn write_error(&mut self, text: &[u8]) {
        self.flush();
        if !text.is_empty() {
            // There is nowhere left to tell of a standard error that is gone.
            let _ = self.apart(|| plain::write_all(io::stderr(), text));
        }
    }

    /// Writes to standard error on a line of its own, below a progress line that may be open.
    pub(super) fn complain_below(&mut self, text: &[u8]) {
        match self.ledger.leave_line() {
            true => self.complain(&[b"\n", text].concat()),
            false => self.complain(text),
        }
    }

    /// The list is there, and sorted.
    pub(super) fn tell_sorted(&mut self) {
        let (out, log) = std::mem::take(&mut self.sorted);
        self.tell(&out);
        self.log(&log);
    }

    /// Writes with the live view out of the way.
    fn apart<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.live {
            Some(live) => live.apart(write),
            None => write(),
        }
    }

    /// Writes whatever waits.
    pub(super) fn flush(&mut self) {
        self.flush_out();
        self.flush_log();
    }

    fn flush_out(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let written = self.apart(|| match self.channel {
            Channel::Discard => Ok(()),
            Channel::Stdout => plain::write_all(io::stdout(), &self.waiting),
            Channel::Stderr => plain::write_all(io::stderr(), &self.waiting),
        });
        if written.is_err() {
            self.broken.store(true, Ordering::Relaxed);
        }
        self.waiting.clear();
    }

    fn flush_log(&mut self) {
        if let Some(log) = &self.log
            && !self.log_waiting.is_empty()
        {
            // A full disk under the log file must not stop the copy.
            let _ = plain::write_all(log.as_fd(), &self.log_waiting);
        }
        self.log_waiting.clear();
    }
}

/// What is for standard output, and what for the log file.
fn split<'a>(shown: &Shown, text: &'a [u8]) -> (&'a [u8], &'a [u8]) {
    text.split_at(text.len().min(shown.out_bytes as usize))
}

/// What is told of the names that are dropped from the list behind another one.
fn doubles(first: Option<u64>, shown: &Shown, text: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let first = first.filter(|_| !text.is_empty());
    let (out, log) = split(shown, text);
    let numbers = || first.into_iter().flat_map(|first| first..first + u64::from(shown.doubles));
    (
        numbers().flat_map(|number| numbered(out, number)).collect(),
        numbers().flat_map(|number| numbered(log, number)).collect(),
    )
}

/// A line with a number in the place of its last `#`.
fn numbered(line: &[u8], number: u64) -> Vec<u8> {
    let Some(at) = line.iter().rposition(|&byte| byte == b'#') else { return line.to_vec() };
    [&line[..at], number.to_string().as_bytes(), &line[at + 1..]].concat()
}

impl Sink {
    fn emit(&mut self, shown: &Shown, text: &[u8]) {
        if shown.doubles > 0 {
            self.ledger.note(&mut self.waiting, shown);
            let (out, log) = doubles(self.ledger.flat_double(shown), shown, text);
            self.sorted.0.extend(out);
            self.sorted.1.extend(log);
            return;
        }
        if shown.error_bytes > 0 {
            let (error, log) = text.split_at(text.len().min(shown.error_bytes as usize));
            self.ledger.note(&mut self.waiting, shown);
            self.log(log);
            return self.write_error(error);
        }
        let (out, log) = split(shown, text);
        let (out, late) = out.split_at(out.len().saturating_sub(shown.late_bytes as usize));
        self.push(out);
        self.ledger.note(&mut self.waiting, shown);
        self.push(late);
        self.log(log);
    }
}

impl Output for Sink {
    fn put(&mut self, shown: &Shown, text: &[u8]) {
        if !self.overtaking.gathers() || shown.pace == Pace::AtOnce {
            self.emit(shown, text);
        } else if !self.overtaking.add(shown, text) {
            self.overtaking.stop();
            self.catch_up();
        }
    }

    fn doubles(&mut self, found: &[(u64, Shown, &[u8])]) {
        if !found.is_empty() {
            self.catch_up();
        }
        for _ in 0..self.ledger.double_tellers() {
            for (index, shown, text) in found {
                let (out, log) = doubles(self.ledger.double(*index), shown, text);
                self.tell(&out);
                self.log(&log);
            }
        }
    }

    fn begin_segment(&mut self, entries: u64) {
        match self.overtaking.gathers() {
            true => self.overtaking.begin(entries),
            false => self.ledger.begin_segment(entries),
        }
    }

    fn end_of_segment(&mut self, entries: u64) {
        match self.overtaking.gathers() {
            true => self.overtaking.end(entries),
            false => self.ledger.end_of_segment(&mut self.waiting, entries),
        }
    }

    fn moving(&mut self, done_bytes: u64, size_bytes: u64) {
        self.catch_up();
        self.ledger.draw_file(&mut self.waiting, done_bytes, size_bytes);
    }

    fn settle(&mut self) {
        match self.outbuf {
            OutBuf::None | OutBuf::Line => self.flush(),
            OutBuf::Block => {}
        }
    }

    fn flush(&mut self) {
        self.end_of_pass();
        Sink::flush(self);
    }

    fn end_of_pass(&mut self) {
        self.overtaking.stop();
        self.catch_up();
        self.overtaking.stop_errors();
    }
}
