//! What is said before the first entry: which list is made, what had to be made, and that there is no log file.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use rsync_compat::exit::Exit;
use rsync_compat::filter::{Chain, Deletion, NameKind};
use rsync_compat::options::Progress;
use uring_ext::plain;

use super::bar::Bar;
use super::event::{Notice, Place};
use super::formatter::{Form, Speaker};
use super::overtaking::{First, Pace};
use super::progress::Totals;
use super::sequence::{self, Node, Shown};
use super::settings::{Channel, FarWrites, Levels};
use super::{Reporter, hints, log, notices};
use crate::charsets::Charsets;
use crate::entry::Kind;
use crate::failure::{Cause, Failure, Fatal, Side, reason};
use crate::operands::resolve::Resolver;
use crate::setup::Listed;

impl Reporter {
    pub(super) fn start_log(&self) {
        let Some(filter) = &self.settings.log_filter else { return };
        let screen = self.bar.as_ref().map(Bar::screen);
        if let Err(error) = log::start(filter, &self.settings.debug, screen) {
            let line = format!("io-uring-sync: IO_URING_SYNC_LOG is ignored: {error}");
            self.channels.warning(Speaker::Near, line.as_bytes());
        }
    }

    pub(super) fn tell_no_log(&self, error: &io::Error) {
        let path = self.settings.log_file.as_deref().unwrap_or_default();
        let why = reason(error.raw_os_error().unwrap_or(0));
        let line = [b"rsync: [client] failed to open log-file ", path, b": ", why.as_bytes()].concat();
        self.channels.warning(Speaker::Client, &line);
        self.channels.tell(b"Ignoring \"log file\" setting.");
    }

    /// What is said of options that a batch sets.
    pub fn matched(&self, lines: &[String]) {
        lines.iter().for_each(|line| self.channels.tell(line.as_bytes()));
    }

    /// Tells of operands that cannot be listed: after what the other ones have to say, where that comes first.
    pub fn failures_of_list(&self, failures: &[Failure]) {
        if self.wants.list_first {
            *self.unlisted.lock().unwrap_or_else(PoisonError::into_inner) = failures.to_vec();
        } else {
            failures.iter().for_each(|failure| self.failure(failure));
        }
    }

    /// Tells of the operands that this was kept back for.
    pub(super) fn tell_unlisted(&self) {
        let unlisted = std::mem::take(&mut *self.unlisted.lock().unwrap_or_else(PoisonError::into_inner));
        unlisted.iter().for_each(|failure| self.failure(failure));
    }

    /// From now on names of the destination are shown in the characters of the source (`--iconv`).
    pub fn converting(&self, charsets: &Arc<Charsets>) {
        let _ = self.channels.charsets.set(Arc::clone(charsets));
        if self.settings.levels.charsets == 0 {
            return;
        }
        if let Some(name) = charsets.local_name() {
            self.channels.tell_and_log(&[b"[sender] charset: ", name].concat());
        }
        if let Some(name) = charsets.remote_name() {
            let line = [b"[Receiver] charset: ", name, b"\n"].concat();
            self.channels.sequence.output(|sink| sink.complain(&line));
        }
    }

    /// The first line: whoever makes the file list says so.
    pub fn opening(&self) {
        let Levels { info, incremental, scans, receives, logs_there, protocol, .. } = self.settings.levels;
        if protocol < VERY_OLD_BELOW && self.settings.channel != Channel::Discard {
            let line = |side: &str| format!("{side} is very old version of rsync, upgrade recommended.");
            self.channels.complain_as(Speaker::Direct, line("Client").as_bytes());
            self.channels.tell_and_log(line("Server").as_bytes());
        }
        self.channels.log(if receives || logs_there {
            b"receiving file list"
        } else {
            b"building file list"
        });
        if info.flist == 0 || !scans {
            return;
        }
        self.channels.line_begun.store(!incremental && !receives && self.is_seen(), Ordering::Relaxed);
        match (incremental, info.flist) {
            (true, _) if receives => self.channels.tell(b"receiving incremental file list"),
            (false, _) if receives => self.channels.tell(b"receiving file list ... done"),
            (true, _) => self.channels.tell(b"sending incremental file list"),
            // How it ends depends on what is listed.
            (false, _) if self.counts_aloud() || self.lists_first() => {
                self.channels.tell_raw(b"building file list ... ");
            }
            (false, _) => {
                self.channels.tell_raw(if self.draws() { b"building file list ... " } else { b"" });
                self.channels.list_due.store(true, Ordering::Relaxed);
            }
        }
    }

    /// All operands were looked at, and those that failed were told: that is how the first line ends.
    pub fn operands_told(&self) {
        if self.channels.list_due.swap(false, Ordering::Relaxed) {
            self.channels.tell(if self.draws() { b"done" } else { b"building file list ... done" });
            self.channels.log(b"done");
        }
    }

    /// Whether lines are written piece by piece: objects are not (`--json`).
    fn draws(&self) -> bool {
        self.channels.formatter.form != Form::Json
    }

    /// Whether lines that are begun are there to be ended.
    fn is_seen(&self) -> bool {
        self.draws() && self.settings.channel != Channel::Discard
    }

    /// Whether the first line is ended once the list is there, by what is said of it at the latest.
    fn lists_first(&self) -> bool {
        self.draws() && self.wants.list_first
    }

    /// Whether the first line ends with the number of entries.
    fn counts_aloud(&self) -> bool {
        let Levels { info, incremental, scans, receives, .. } = self.settings.levels;
        self.draws() && self.wants.totals && info.flist > 1 && !incremental && scans && !receives
    }

    /// Something is listed after the operands that are not there: from now on it is counted.
    pub fn counting(&self) {
        if !self.counts_aloud() || !self.is_seen() {
            return;
        }
        // An error may have ended the first line on standard error.
        let is_begun = self.channels.line_begun.swap(true, Ordering::Relaxed);
        self.channels.tell_raw(if is_begun { b"\n 0 files...\r" } else { b" 0 files...\r" });
        self.channels.counting.store(true, Ordering::Relaxed);
    }

    /// The first line where no list comes about; a line that has begun ends on standard error.
    fn opening_broken_off(&self) {
        let Levels { info, incremental, scans, .. } = self.settings.levels;
        if incremental || info.flist == 0 || !scans {
            return self.opening();
        }
        self.channels.log(b"building file list");
        self.channels.tell_raw(b"building file list ... ");
        self.channels.sequence.output(|sink| sink.complain(b"\n"));
    }

    /// What was decided about operands.
    pub fn listed(&self, listed: &Listed, rules: &Chain) {
        for (rel, kind) in &listed.asked {
            if let Some(found) = rules.check(rel, *kind, Deletion::None) {
                let kind = if *kind == NameKind::Directory { Kind::Dir } else { Kind::File };
                self.say_of_operand(&Notice::Matched { kind, rel, found: &found });
            }
        }
        self.skipped(&listed.skipped);
    }

    /// Directories that are left out.
    pub fn skipped(&self, names: &[Vec<u8>]) {
        for rel in names {
            self.say_of_operand(&Notice::SkippingDirectory(rel));
            self.channels.hint_later(b"skipping directory");
        }
    }

    fn say_of_operand(&self, notice: &Notice<'_>) {
        if notices::is_skip(notice) {
            self.tally.skipped.fetch_add(1, Ordering::Relaxed);
        }
        if notices::is_said(notice, &self.settings.levels, &self.settings.lines) {
            self.channels.leave_line();
            let mut words = Vec::new();
            notices::words(notice, &mut words);
            self.channels.tell(&words);
            if !self.settings.levels.logs_there {
                self.channels.log(&words);
            }
        }
    }

    /// What follows when the destination is known: `made` says what had to be made. It is told when the transfer
    /// begins.
    pub fn ready(&self, made: &[Notice<'_>]) {
        let levels = &self.settings.levels;
        if levels.lists_whole_tree {
            self.channels.advise_later(hints::LISTED);
        }
        let mut rest = self.about_target(made);
        if levels.listing > 0 {
            let line: &[u8] = match levels.whole_file {
                true => b"delta-transmission disabled for local transfer or --whole-file",
                false => b"delta-transmission enabled",
            };
            self.channels.formatter.tell_far(&mut rest.out, line);
            self.channels.formatter.log(&mut rest.log, line);
        }
        *self.rest.lock().unwrap_or_else(PoisonError::into_inner) = rest;
    }

    /// What had to be made, at once.
    pub fn made(&self, made: &[Notice<'_>]) {
        *self.rest.lock().unwrap_or_else(PoisonError::into_inner) = self.about_target(made);
        self.tell_rest();
    }

    fn about_target(&self, made: &[Notice<'_>]) -> Rest {
        let levels = &self.settings.levels;
        let mut rest = Rest::default();
        for notice in made.iter().filter(|notice| notices::is_said(notice, levels, &self.settings.lines)) {
            let mut words = Vec::new();
            notices::words(notice, &mut words);
            self.channels.push_far(&mut rest.out, &words);
            if self.channels.far_writes != FarWrites::All {
                self.channels.formatter.log(&mut rest.log, &self.channels.shown(&words));
            }
        }
        rest
    }

    /// A pass begins; relative paths in errors start at the destination.
    pub fn begin_pass(&self, destination: &[u8]) {
        if self.settings.form == Form::Text && self.bar.is_none() {
            self.channels.sequence.output(|sink| {
                sequence::Output::end_of_pass(sink);
                sink.overtaking.start_errors(destination);
            });
        }
    }

    /// The transfer begins, with this top. `first` is what comes ahead.
    pub fn begin(&self, top: &Node, first: First) {
        let is_plain = self.settings.form == Form::Text && self.bar.is_none();
        let is_drawn = self.settings.progress == Progress::Overall;
        if is_plain && !is_drawn && !self.settings.levels.list_only {
            self.channels.sequence.output(|sink| sink.overtaking.start(first));
        }
        let Rest { mut out, log } = self.take_rest();
        let out_bytes = u32::try_from(out.len()).unwrap_or(u32::MAX);
        out.extend(log);
        if !out.is_empty() {
            self.channels.sequence.add(top, Place::Begun, |text| {
                text.extend(out);
                Some(Shown { pace: Pace::Overtaking, ..Shown::at(Place::Begun, out_bytes) })
            });
        }
    }

    /// Tells what is left to be told of the opening where no transfer comes about.
    pub(super) fn tell_rest(&self) {
        let Rest { out, log } = self.take_rest();
        self.channels.tell_raw(&out);
        self.channels.sequence.output(|sink| sink.log(&log));
    }

    fn take_rest(&self) -> Rest {
        std::mem::take(&mut *self.rest.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells people that the destination lies within a source.
    pub fn nested(&self) {
        self.channels.advise(hints::NESTED);
    }

    /// What a scan before the transfer counted.
    pub fn set_totals(&self, totals: Totals) {
        let Levels { info, incremental, scans, .. } = self.settings.levels;
        // Its lines come first.
        self.channels.sequence.flush();
        self.tell_unlisted();
        self.channels.sequence.output(|sink| sink.ledger.counted(totals));
        if self.draws() && info.flist > 1 && !incremental && scans {
            let files = if totals.entries == 1 { "file" } else { "files" };
            let is_counting = totals.entries == 0 || self.channels.counting.load(Ordering::Relaxed);
            let counting = if is_counting { "" } else { " 0 files...\r" };
            let line = format!("{counting}{} {files} to consider\n", totals.entries);
            self.channels.tell_raw(line.as_bytes());
            self.channels.log(format!("{} {files} to consider", totals.entries).as_bytes());
        } else if info.flist > 0 && scans && self.lists_first() {
            self.channels.tell_and_log(b"done");
        }
        self.channels.line_begun.store(false, Ordering::Relaxed);
        self.channels.sequence.output(super::sink::Sink::tell_sorted);
    }

    /// The first line, before the reason why a run is refused: what the command line gets wrong is noticed before any
    /// list is made, unless only the receiving side knows.
    pub fn opening_before(&self, fatal: &Fatal) {
        match fatal.side {
            Side::Client => {}
            // Names are taken apart as the list is made.
            Side::Sender if matches!(fatal.cause, Cause::DotDot(_)) => self.opening_broken_off(),
            // So are merge files read.
            Side::Sender if matches!(fatal.cause, Cause::Refused(_)) => self.opening_broken_off(),
            Side::Sender if fatal.exit == Exit::Syntax => {}
            Side::Sender if matches!(fatal.exit, Exit::FileSelection | Exit::StreamIo) => {
                self.opening_broken_off();
            }
            // A batch that cannot be read has no list.
            Side::Receiver if self.settings.levels.receives && fatal.exit == Exit::FileIo => {}
            _ => self.opening(),
        }
    }
}

/// Protocols before this one are warned of.
const VERY_OLD_BELOW: i32 = 25;

/// The lines about the destination, which come after those about the list: for standard output and the log file.
#[derive(Debug, Default)]
pub(super) struct Rest {
    out: Vec<u8>,
    log: Vec<u8>,
}

/// Opens the log file for appending. The umask is 0 while we run.
pub(super) fn open_log(resolver: &Resolver, path: &[u8], umask: u32) -> io::Result<OwnedFd> {
    const LOG_MODE: u32 = 0o644;
    let path = std::ffi::CString::new(path).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let flags = plain::OFlags::WRONLY | plain::OFlags::CREATE | plain::OFlags::APPEND;
    resolver.open(plain::CWD, &path, flags, LOG_MODE & !umask)
}
