//! The channels: standard output, standard error and the log file. Nobody else writes to them.

use std::borrow::Cow;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use super::clock::Clock;
use super::error_order::{Errs, Spot};
use super::formatter::{Form, Formatter, Logs, Speaker};
use super::hints::Hints;
use super::live::Screen;
use super::overtaking::Overtaking;
use super::sequence::{self, Order, Sequence};
use super::settings::{Audience, FarWrites, Settings};
use super::sink::Sink;
use super::wants::ItemsWanted;
use super::{json, progress};
use crate::charsets::Charsets;

/// Says things at once, beside what waits in the sequence for its turn.
#[derive(Debug)]
pub(super) struct Channels {
    pub(super) audience: Audience,
    pub(super) far_writes: FarWrites,
    pub(super) formatter: Formatter,
    pub(super) sequence: Sequence<Sink>,
    pub(super) hints: Option<Hints>,
    /// `building file list ... ` stands on standard output, and what is said before the list is done ends that line.
    pub(super) line_begun: AtomicBool,
    /// `done` is still to be said of the list.
    pub(super) list_due: AtomicBool,
    /// The number of entries is all that is still to be said of the list.
    pub(super) counting: AtomicBool,
    /// `--iconv`, once it is known.
    pub(super) charsets: OnceLock<Arc<Charsets>>,
}

/// Where text goes beside standard output and standard error.
#[derive(Debug)]
pub(super) struct Outlets {
    pub(super) log: Option<OwnedFd>,
    pub(super) live: Option<Arc<Screen>>,
    /// Set once standard output is gone.
    pub(super) broken: Arc<AtomicBool>,
}

impl Channels {
    pub(super) fn new(settings: &Settings, outlets: Outlets) -> Channels {
        let Outlets { log, live, broken } = outlets;
        let formatter = Formatter {
            quoting: settings.quoting,
            channel: settings.channel,
            form: settings.form,
            logs: if log.is_some() { Logs::ToFile } else { Logs::Nowhere },
            pid: settings.pid,
            clock: Clock::default(),
            converts: settings.converts,
            far_bytes: AtomicU64::new(0),
        };
        let ledger = progress::Ledger::new(progress::Style::of(settings));
        let (channel, outbuf) = (settings.channel, settings.outbuf);
        let sink = Sink {
            live,
            channel,
            outbuf,
            ledger,
            log,
            broken,
            waiting: Vec::new(),
            log_waiting: Vec::new(),
            sorted: Default::default(),
            overtaking: Overtaking::default(),
        };
        let wants = settings.wants();
        let unwanted = wants.items == ItemsWanted::None && !wants.notices;
        let sequence = Sequence::new(sink, if unwanted { Order::Unwanted } else { Order::Wanted });
        let hints = settings.hints.then(Hints::default);
        let Settings { audience, far_writes, .. } = *settings;
        Channels {
            audience,
            far_writes,
            formatter,
            sequence,
            hints,
            line_begun: AtomicBool::new(false),
            list_due: AtomicBool::new(false),
            counting: AtomicBool::new(false),
            charsets: OnceLock::new(),
        }
    }

    /// A line for standard error and the log file.
    pub(super) fn warning(&self, speaker: Speaker, line: &[u8]) {
        self.object(|out| json::warning(out, line));
        self.complain_as(speaker, line);
    }

    pub(super) fn complain(&self, line: &[u8]) {
        self.complain_as(Speaker::Near, line);
    }

    pub(super) fn complain_as(&self, speaker: Speaker, line: &[u8]) {
        self.complain_of(None, speaker, line);
    }

    /// The same of what comes through in an order of its own.
    pub(super) fn complain_of(&self, errs: Option<&(Errs, Spot)>, speaker: Speaker, line: &[u8]) {
        let (mut text, mut log) = (Vec::new(), Vec::new());
        self.push_error(&mut text, &mut log, speaker, line);
        if text.is_empty() {
            return;
        }
        self.sequence.output(|sink| {
            sink.log(&log);
            match speaker {
                _ if errs.is_some_and(|(errs, spot)| sink.overtaking.add_error(*errs, spot, &text)) => {}
                Speaker::Direct => sink.complain(&text),
                Speaker::Near | Speaker::Client | Speaker::Far => sink.complain_below(&text),
            }
        });
    }

    /// Appends a line for standard error, with its hint, and what the log file has of it.
    pub(super) fn push_error(&self, text: &mut Vec<u8>, log: &mut Vec<u8>, speaker: Speaker, line: &[u8]) {
        if self.audience == Audience::Nobody {
            return;
        }
        self.formatter.say_as(speaker, text, line);
        if self.is_logged(speaker) {
            self.formatter.log(log, line);
        }
        if let Some(hint) = self.hint(line) {
            self.formatter.say(text, hint.as_bytes());
        }
    }

    /// Whether what somebody says of errors comes to the log file, which is the sending side's as a rule.
    fn is_logged(&self, speaker: Speaker) -> bool {
        match speaker {
            Speaker::Near | Speaker::Client => self.far_writes != FarWrites::OnlyLog,
            Speaker::Far => true,
            Speaker::Direct => matches!(self.far_writes, FarWrites::Nothing | FarWrites::OnlyLog),
        }
    }

    /// Ends the line that was begun, on standard error, as rsync does.
    pub(super) fn end_line(&self) {
        if self.line_begun.swap(false, Ordering::Relaxed) {
            self.sequence.output(|sink| sink.complain(b"\n"));
        }
    }

    /// Ends the line that was begun, for what is said of the list.
    pub(super) fn leave_line(&self) {
        if self.line_begun.swap(false, Ordering::Relaxed) {
            self.tell_raw(b"\n");
        }
    }

    fn hint(&self, line: &[u8]) -> Option<String> {
        self.hints.as_ref().and_then(|hints| hints.below(line))
    }

    /// Keeps the hint for a line of standard output until the end.
    pub(super) fn hint_later(&self, line: &[u8]) {
        self.hints.iter().for_each(|hints| hints.later(hints.below(line)));
    }

    /// Keeps a hint until the end.
    pub(super) fn advise_later(&self, hint: &'static str) {
        self.hints.iter().for_each(|hints| hints.later(hints.once(hint)));
    }

    /// Gives a hint at once.
    pub(super) fn advise(&self, hint: &'static str) {
        if let Some(line) = self.hints.as_ref().and_then(|hints| hints.once(hint)) {
            self.sequence.output(|sink| sink.complain(format!("{line}\n").as_bytes()));
        }
    }

    /// Gives the hints that were kept.
    pub(super) fn tell_late_hints(&self) {
        for line in self.hints.iter().flat_map(Hints::take_late) {
            self.sequence.output(|sink| sink.complain(format!("{line}\n").as_bytes()));
        }
    }

    /// `--json`: what `push` appends goes out.
    pub(super) fn object(&self, push: impl FnOnce(&mut Vec<u8>)) {
        if self.formatter.form == Form::Json {
            let mut text = Vec::new();
            push(&mut text);
            self.tell_raw(&text);
        }
    }

    pub(super) fn tell(&self, raw: &[u8]) {
        let mut text = Vec::new();
        self.formatter.tell(&mut text, raw);
        self.tell_raw(&text);
    }

    /// Appends what the destination side says, in the characters of the source, and returns the bytes that this took.
    pub(super) fn push_far(&self, text: &mut Vec<u8>, line: &[u8]) -> u32 {
        self.formatter.count_far(line);
        match self.charsets.get() {
            Some(charsets) => self.formatter.tell_converted(text, line, |line| charsets.shown(line)),
            None => self.formatter.tell(text, line),
        }
    }

    /// What the destination side says, in the characters of the source, for the log file.
    pub(super) fn shown<'a>(&self, line: &'a [u8]) -> Cow<'a, [u8]> {
        self.charsets.get().map_or(Cow::Borrowed(line), |charsets| Cow::Owned(charsets.shown(line)))
    }

    pub(super) fn tell_raw(&self, text: &[u8]) {
        self.sequence.output(|sink| {
            sink.tell(text);
            sequence::Output::settle(sink);
        });
    }

    pub(super) fn log(&self, raw: &[u8]) {
        let mut text = Vec::new();
        self.formatter.log(&mut text, raw);
        self.sequence.output(|sink| sink.log(&text));
    }

    pub(super) fn tell_and_log(&self, raw: &[u8]) {
        self.tell(raw);
        self.log(raw);
    }
}
