//! Turns raw text into what is printed: quoted for its channel, and dated for the log file.
//!
//! rsync quotes whole lines, not names: what looks odd in a format is escaped too.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

use rsync_compat::output::quote::{EightBit, quote_for_log, quote_into};

use super::clock::Clock;
use super::json;
use super::settings::{Channel, Quoting};
use super::traffic;
use crate::failure::Side;

/// Writes lines into buffers.
#[derive(Debug)]
pub(super) struct Formatter {
    pub(super) quoting: Quoting,
    pub(super) channel: Channel,
    pub(super) form: Form,
    pub(super) logs: Logs,
    pub(super) pid: u32,
    pub(super) clock: Clock,
    /// The sides have character sets of their own (`--iconv`).
    pub(super) converts: bool,
    /// What the destination side said, for the source side to print, in bytes.
    pub(super) far_bytes: AtomicU64,
}

/// Whose line it is, which shows in what is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaker {
    /// The source side's.
    Near,
    /// That of the program which has not parted into sides yet, and not asked for the locale's character set.
    Client,
    /// The destination side's: what came converted is taken as it is.
    Far,
    /// The destination side's, which writes to standard error itself and knows no locale.
    Direct,
}

impl Speaker {
    /// Who writes a side's errors.
    pub(super) const fn of(side: Side) -> Speaker {
        match side {
            Side::Sender => Speaker::Near,
            Side::Client => Speaker::Client,
            Side::Generator | Side::Receiver => Speaker::Direct,
        }
    }
}

/// What standard output consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// rsync's lines.
    Text,
    /// Objects (`--json`).
    Json,
}

/// Whether there is a log file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Logs {
    Nowhere,
    ToFile,
}

impl Formatter {
    /// Appends a line for standard output or standard error.
    pub(super) fn say(&self, out: &mut Vec<u8>, raw: &[u8]) {
        self.say_as(Speaker::Near, out, raw);
    }

    /// The destination side as it says something of its own, which is neither an item nor its name.
    fn far(&self) -> Speaker {
        if self.quoting.apart { Speaker::Direct } else { Speaker::Far }
    }

    /// Appends a line of a side's for standard output or standard error, escaped as that side does it.
    pub(super) fn say_as(&self, speaker: Speaker, out: &mut Vec<u8>, raw: &[u8]) {
        let Quoting { locale, eight_bit, .. } = match speaker {
            Speaker::Far if self.converts => Quoting { eight_bit: EightBit::Keep, ..self.quoting },
            Speaker::Direct => Quoting { locale: self.quoting.far, ..self.quoting },
            Speaker::Client => Quoting { locale: self.quoting.early, ..self.quoting },
            Speaker::Near | Speaker::Far => self.quoting,
        };
        if raw.iter().all(|&byte| matches!(byte, b' '..=b'~') && byte != b'\\') {
            out.extend_from_slice(raw);
        } else {
            quote_into(out, raw, locale, eight_bit);
        }
        out.push(b'\n');
    }

    /// Appends a line for standard output, unless it is switched off, and returns the bytes that this took.
    pub(super) fn tell(&self, out: &mut Vec<u8>, raw: &[u8]) -> u32 {
        self.tell_as(Speaker::Near, out, raw)
    }

    /// Appends a line of a side's for standard output, unless it is switched off, and returns the bytes that this took.
    pub(super) fn tell_as(&self, speaker: Speaker, out: &mut Vec<u8>, raw: &[u8]) -> u32 {
        match self.form {
            Form::Text => self.measured(out, |out| self.say_as(speaker, out, raw)),
            Form::Json => self.measured(out, |out| json::message(out, raw)),
        }
    }

    /// Appends a line that the destination side says of something, as [`Formatter::tell_as`] does, and counts it.
    pub(super) fn tell_far(&self, out: &mut Vec<u8>, raw: &[u8]) -> u32 {
        self.count_far(raw);
        self.tell_as(self.far(), out, raw)
    }

    /// Counts a line that comes from the destination side as a message.
    pub(super) fn count_far(&self, raw: &[u8]) {
        self.far_bytes.fetch_add(traffic::HEAD_BYTES + raw.len() as u64 + 1, Ordering::Relaxed);
    }

    /// Appends a line of the destination side's that is in its own character set: it is escaped first, then converted.
    /// Returns the bytes that this took.
    pub(super) fn tell_converted(
        &self,
        out: &mut Vec<u8>,
        raw: &[u8],
        convert: impl FnOnce(&[u8]) -> Vec<u8>,
    ) -> u32 {
        let mut quoted = Vec::new();
        self.say_as(Speaker::Far, &mut quoted, raw);
        match self.form {
            Form::Text => self.measured(out, |out| out.extend(convert(&quoted))),
            Form::Json => self.measured(out, |out| json::message(out, &convert(raw))),
        }
    }

    /// Appends what `push` does for standard output, unless it is switched off, and returns the bytes that this took.
    pub(super) fn measured(&self, out: &mut Vec<u8>, push: impl FnOnce(&mut Vec<u8>)) -> u32 {
        if self.channel == Channel::Discard {
            return 0;
        }
        let before = out.len();
        push(out);
        u32::try_from(out.len() - before).unwrap_or(u32::MAX)
    }

    /// Appends a line for the log file, if there is one.
    pub(super) fn log(&self, out: &mut Vec<u8>, raw: &[u8]) {
        if self.logs == Logs::Nowhere {
            return;
        }
        push_logged(out, &self.clock, self.pid, raw);
    }
}

/// Appends a line of a log file.
pub(super) fn push_logged(out: &mut Vec<u8>, clock: &Clock, pid: u32, raw: &[u8]) {
    clock.now().push(out, ' ');
    out.extend_from_slice(format!(" [{pid}] ").as_bytes());
    quote_for_log(out, raw);
    out.push(b'\n');
}

/// Room for a name and a line, used again and again by one thread.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub(super) name: Vec<u8>,
    pub(super) line: Vec<u8>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Lends this thread's room, emptied.
pub(super) fn with_scratch<T>(act: impl FnOnce(&mut Scratch) -> T) -> T {
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.name.clear();
        scratch.line.clear();
        act(scratch)
    })
}
