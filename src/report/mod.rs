//! The report: the only writer to standard output, standard error and the log file, in rsync's words and order.
//!
//! Stages hand in [`Item`]s and [`Notice`]s at a [`Node`] and a [`Place`]; the calling worker renders them to bytes,
//! which wait in the node until its turn comes. Failures go to standard error at once.

mod account;
mod bar;
mod clock;
mod closing;
mod diagnosis;
mod early;
mod errors;
mod event;
mod hints;
mod json;
mod lines;
mod live;
mod log;
mod notices;
mod progress;
mod scribe;
mod sequence;
mod settings;
mod sink;
mod voice;
mod wants;

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use rsync_compat::exit::Exit;
use rsync_compat::options::{Options, Progress};
use rsync_compat::output::stats::RunKind;
use uring_ext::plain;

pub use bar::{Ahead, Large};
pub use diagnosis::diagnosis;
pub use early::{complain, complains_to_terminal, interrupted, print, to_terminal};
pub use event::{Item, Notice, Place};
pub use progress::Totals;
pub use sequence::Node;
pub use settings::{Facts, Settings};
pub use wants::{ItemsWanted, Wants};

use crate::charsets::Charsets;
use crate::entry::Kind;
use crate::failure::{Failure, Fatal, Side, reason};
use crate::operand::Operands;
use crate::summary::Summary;
use bar::Bar;
use errors::Ended;
use notices::Origin;
use scribe::{Form, Speaker, with_scratch};
use sequence::Shown;
use settings::Levels;
use sink::Sink;
use voice::{Outlets, Voice};

/// Tells people about a run.
#[derive(Debug)]
pub struct Reporter {
    settings: Settings,
    wants: Wants,
    voice: Voice,
    broken: Arc<AtomicBool>,
    tally: Tally,
    bar: Option<Bar>,
}

/// What only the report knows the number of.
#[derive(Debug, Default)]
struct Tally {
    skipped: AtomicU64,
    failures: AtomicU64,
}

impl Reporter {
    /// A report that shows what `settings` say; opens the log file.
    #[must_use]
    pub fn new(settings: Settings, operands: &Operands) -> Reporter {
        let wants = settings.wants();
        let broken = Arc::new(AtomicBool::new(false));
        let (log, refused) =
            match settings.log_file.as_deref().map(|path| open_log(operands, path)).transpose() {
                Ok(log) => (log, None),
                Err(error) => (None, Some(error)),
            };
        let bar = settings.bar.then(Bar::new);
        let live = bar.as_ref().map(Bar::screen);
        let voice = Voice::new(&settings, Outlets { log, live, broken: Arc::clone(&broken) });
        let report = Reporter { settings, wants, voice, broken, tally: Tally::default(), bar };
        let dry_run = if report.settings.run == RunKind::DryRun { "true" } else { "false" };
        report.voice.object(|out| json::start(out, dry_run));
        report.start_log();
        if let Some(error) = refused {
            operands.take_refusals().iter().for_each(|line| report.voice.warning(line));
            report.tell_no_log(&error);
        }
        report
    }

    /// A report for a scan that only counts.
    #[must_use]
    pub fn silent(options: &Options, operands: &Operands) -> Reporter {
        Reporter::new(Settings::silent(options), operands)
    }

    fn start_log(&self) {
        let Some(filter) = &self.settings.log_filter else { return };
        let screen = self.bar.as_ref().map(Bar::screen);
        if let Err(error) = log::start(filter, &self.settings.debug, screen) {
            self.voice.warning(format!("io-uring-sync: IO_URING_SYNC_LOG is ignored: {error}").as_bytes());
        }
    }

    fn tell_no_log(&self, error: &io::Error) {
        let path = self.settings.log_file.as_deref().unwrap_or_default();
        let why = reason(error.raw_os_error().unwrap_or(0));
        self.voice
            .warning(&[b"rsync: [client] failed to open log-file ", path, b": ", why.as_bytes()].concat());
        self.voice.tell(b"Ignoring \"log file\" setting.");
    }

    /// What anybody wants to see.
    #[must_use]
    pub const fn wants(&self) -> Wants {
        self.wants
    }

    /// Whether standard output is gone.
    #[must_use]
    pub fn broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    /// What is said of options that a batch sets.
    pub fn matched(&self, lines: &[String]) {
        lines.iter().for_each(|line| self.voice.tell(line.as_bytes()));
    }

    /// From now on names of the destination are shown in the characters of the source (`--iconv`).
    pub fn converting(&self, charsets: &Arc<Charsets>) {
        let _ = self.voice.charsets.set(Arc::clone(charsets));
        if self.settings.levels.charsets == 0 {
            return;
        }
        if let Some(name) = charsets.local_name() {
            self.voice.tell_and_log(&[b"[sender] charset: ", name].concat());
        }
        if let Some(name) = charsets.remote_name() {
            let line = [b"[Receiver] charset: ", name, b"\n"].concat();
            self.voice.sequence.output(|sink| sink.complain(&line));
        }
    }

    /// The first line: whoever makes the file list says so.
    pub fn opening(&self) {
        let Levels { info, incremental, scans, receives, .. } = self.settings.levels;
        self.voice.log(if receives { b"receiving file list" } else { b"building file list" });
        if info.flist == 0 || !scans {
            return;
        }
        match (incremental, info.flist) {
            (true, _) if receives => self.voice.tell(b"receiving incremental file list"),
            (false, _) if receives => self.voice.tell(b"receiving file list ... done"),
            (true, _) => self.voice.tell(b"sending incremental file list"),
            (false, 2..) if self.wants.totals => self.voice.tell_raw(b"building file list ... \n"),
            (false, _) => {
                self.voice.tell(b"building file list ... done");
                self.voice.log(b"done");
            }
        }
    }

    /// What follows when the destination is known: `made` says what had to be made.
    pub fn ready(&self, made: &[Notice<'_>]) {
        let levels = &self.settings.levels;
        if levels.lists_whole_tree {
            self.voice.advise_later(hints::LISTED);
        }
        self.made(made);
        if levels.listing > 0 {
            let line: &[u8] = match levels.whole_file {
                true => b"delta-transmission disabled for local transfer or --whole-file",
                false => b"delta-transmission enabled",
            };
            self.voice.tell_and_log(line);
        }
    }

    /// What had to be made.
    pub fn made(&self, made: &[Notice<'_>]) {
        let levels = &self.settings.levels;
        for notice in made.iter().filter(|notice| notices::is_said(notice, levels, &self.settings.lines)) {
            let mut words = Vec::new();
            notices::words(notice, &mut words);
            let mut text = Vec::new();
            self.voice.push_far(&mut text, &words);
            self.voice.tell_raw(&text);
            self.voice.log(&self.voice.shown(&words));
        }
    }

    /// Tells people that the destination lies within a source.
    pub fn nested(&self) {
        self.voice.advise(hints::NESTED);
    }

    /// What a scan before the transfer counted.
    pub fn set_totals(&self, totals: Totals) {
        self.voice.sequence.output(|sink| sink.ledger.totals = Some(totals));
        let Levels { info, incremental, scans, .. } = self.settings.levels;
        if info.flist > 1 && !incremental && scans {
            let files = if totals.entries == 1 { "file" } else { "files" };
            let line = format!(" 0 files...\r{} {files} to consider\n", totals.entries);
            self.voice.tell_raw(line.as_bytes());
        }
    }

    /// Counts moved bytes, when [`Wants::moving`] says so: all of them, as they move.
    pub fn progress(&self, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.moved(bytes);
        }
        if self.settings.progress == Progress::Overall {
            self.voice.sequence.output(|sink| sink.draw(|ledger, out| ledger.add_bytes(out, bytes)));
        }
    }

    /// Draws `--bar` anew; called every now and then while the run lasts.
    pub fn redraw(&self, ahead: &Ahead) {
        if let Some(bar) = &self.bar {
            bar.redraw(ahead, self.tally.failures.load(Ordering::Relaxed));
        }
    }

    /// A large file is being copied as long as the answer lives.
    #[must_use]
    pub fn large(&self, size: u64, rel: impl FnOnce() -> Vec<u8>) -> Option<Large> {
        self.bar.as_ref().and_then(|bar| bar.large(size, rel))
    }

    /// The place of the transfer's top; asked for anew by each pass over the tree, after the pass before has ended.
    #[must_use]
    pub fn root(&self) -> Arc<Node> {
        self.voice.sequence.root()
    }

    /// The place of the child directory at `slot`.
    #[must_use]
    pub fn child(&self, node: &Arc<Node>, slot: u32) -> Arc<Node> {
        node.child(slot)
    }

    /// All events of a directory are known, and all its children; these may still be worked on.
    pub fn done(&self, node: &Node) {
        self.voice.sequence.done(node);
    }

    /// Tells about an entry.
    pub fn item(&self, at: &Node, place: Place, item: &Item<'_>) {
        if self.settings.levels.list_only {
            return self.listing(at, place, item);
        }
        if let Some(bar) = &self.bar {
            bar.done(item);
        }
        self.voice
            .sequence
            .add(at, place, |text| lines::item(&self.settings, &self.voice.scribe, item, text));
    }

    /// Tells about an entry of `--list-only`.
    pub fn listing(&self, at: &Node, place: Place, item: &Item<'_>) {
        self.voice
            .sequence
            .add(at, place, |text| lines::listing(&self.settings, &self.voice.scribe, item, text));
    }

    /// Tells about a deletion.
    pub fn deleted(&self, at: &Node, rel: &[u8], kind: Kind) {
        if self.wants.deletions {
            let shown = self.voice.charsets.get().map(|charsets| charsets.shown_deleted(rel));
            let named = (shown.as_deref().unwrap_or(rel), kind);
            self.voice.sequence.add(at, Place::Deletion, |text| {
                lines::deletion(&self.settings, &self.voice.scribe, named, text)
            });
        }
    }

    /// Counts an entry that is left alone without a word, for the numbers of `--progress`.
    pub fn passed(&self, at: &Node, place: Place) {
        if let Some(bar) = &self.bar {
            bar.passed();
        }
        if self.settings.progress != Progress::Off {
            self.voice.sequence.add(at, place, |_| Some(Shown::at(place, 0)));
        }
    }

    /// Tells something at a place.
    pub fn notice(&self, at: &Node, place: Place, notice: &Notice<'_>) {
        if notices::is_skip(notice) {
            self.tally.skipped.fetch_add(1, Ordering::Relaxed);
        }
        if !notices::is_said(notice, &self.settings.levels, &self.settings.lines) {
            return;
        }
        if let Notice::SkippingDirectory(_) = notice {
            self.voice.hint_later(b"skipping directory");
        }
        self.voice.sequence.add(at, place, |text| {
            with_scratch(|scratch| {
                notices::words(notice, &mut scratch.line);
                let scribe = &self.voice.scribe;
                let out_bytes = match notices::origin(notice) {
                    Origin::Source => scribe.tell(text, &scratch.line),
                    Origin::Entry => scribe.tell_as(Speaker::Far, text, &scratch.line),
                    Origin::Destination => {
                        let out_bytes = self.voice.push_far(text, &scratch.line);
                        scratch.line = self.voice.shown(&scratch.line).into_owned();
                        out_bytes
                    }
                };
                scribe.log(text, &scratch.line);
                Some(Shown::at(place, out_bytes))
            })
        });
    }

    /// Tells about a failure, at once.
    pub fn failure(&self, failure: &Failure) {
        self.tally.failures.fetch_add(1, Ordering::Relaxed);
        self.voice.object(|out| json::failure(out, failure));
        for line in errors::lines(failure) {
            self.voice.complain_as(Speaker::of(failure.side), &line);
        }
    }

    /// A line for standard error and the log file.
    pub fn warning(&self, line: &[u8]) {
        self.voice.warning(line);
    }

    /// The first line, before the reason why a run is refused: what the command line gets wrong is noticed before any
    /// list is made, unless only the receiving side knows.
    pub fn opening_before(&self, fatal: &Fatal) {
        match fatal.side {
            Side::Client => {}
            Side::Sender if fatal.code == Exit::Syntax.code() => {}
            _ => self.opening(),
        }
    }

    /// Tells why a run was refused before it began, and returns the exit status.
    #[must_use]
    pub fn refused(&self, fatal: &Fatal) -> u8 {
        self.tell_fatal(fatal, Ended::Early(fatal))
    }

    /// Ends the report, and returns the exit status. A run that broke off has no summary.
    #[must_use]
    pub fn closing(&self, summary: &Summary, elapsed: Duration, fatal: Option<&Fatal>) -> u8 {
        if let Some(bar) = &self.bar {
            bar.clear();
        }
        self.voice.sequence.flush();
        if self.settings.progress == Progress::Overall {
            self.voice.sequence.output(|sink| sink.draw(progress::Ledger::end));
        }
        let ended = self.ended(elapsed, fatal);
        if let Some(fatal) = fatal {
            self.voice.object(|out| json::summary(out, summary, &ended));
            return self.tell_fatal(fatal, Ended::Broken(fatal));
        }
        let exit = closing::exit(summary).code();
        if summary.deletions_skipped > 0 {
            let skipped = summary.deletions_skipped;
            let line = format!("Deletions stopped due to --max-delete limit ({skipped} skipped)\n");
            self.voice.sequence.output(|sink| sink.complain(line.as_bytes()));
            self.voice.hint_later(line.as_bytes());
        }
        tracing::info!(target: "exit", exit, ?elapsed, "the run has ended");
        let closing = closing::closing(&self.settings, summary, elapsed, exit);
        if self.settings.form == Form::Text {
            self.voice.tell_raw(&closing.out);
        }
        self.voice.object(|out| json::summary(out, summary, &ended));
        self.tell_account(summary, ended);
        for line in &closing.log {
            self.voice.log(line);
        }
        self.voice.tell_late_hints();
        if exit != 0 {
            self.voice.complain(errors::last_line(exit, Ended::Late).as_bytes());
        }
        self.voice.object(|out| json::end(out, exit));
        self.voice.sequence.output(Sink::flush);
        exit
    }

    fn ended(&self, elapsed: Duration, fatal: Option<&Fatal>) -> json::Ended {
        json::Ended {
            complete: fatal.is_none(),
            skipped: self.tally.skipped.load(Ordering::Relaxed),
            failures: self.tally.failures.load(Ordering::Relaxed),
            elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// `--summary`.
    fn tell_account(&self, summary: &Summary, ended: json::Ended) {
        if self.settings.account && self.settings.form == Form::Text {
            let account = account::Account {
                summary,
                ended,
                run: self.settings.run,
                usage: uring_ext::process::usage(),
            };
            let mut text = Vec::new();
            account::push(&mut text, &account);
            self.voice.tell_raw(&text);
        }
    }

    fn tell_fatal(&self, fatal: &Fatal, ended: Ended<'_>) -> u8 {
        tracing::error!(target: "exit", exit = fatal.code, %fatal, "the run broke off");
        for line in fatal.message.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            self.voice.object(|out| json::warning(out, line));
            self.voice.complain_as(Speaker::of(fatal.side), line);
        }
        self.voice.complain(errors::last_line(fatal.code, ended).as_bytes());
        self.voice.object(|out| json::end(out, fatal.code));
        self.voice.sequence.output(Sink::flush);
        fatal.code
    }
}

/// Opens the log file for appending. rsync makes it with 0666 less the umask, which is 0 while we run.
fn open_log(operands: &Operands, path: &[u8]) -> io::Result<OwnedFd> {
    const LOG_MODE: u32 = 0o644;
    let path = std::ffi::CString::new(path).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let flags = plain::OFlags::WRONLY | plain::OFlags::CREATE | plain::OFlags::APPEND;
    operands.open(plain::CWD, &path, flags, LOG_MODE)
}
