//! The report: the only writer to standard output, standard error and the log file, in rsync's words and order.
//!
//! Stages hand in [`Item`]s and [`Notice`]s at a [`Node`] and a [`Place`]; the calling worker renders them to bytes,
//! which wait in the node until its turn comes. Failures go to standard error at once, those of the sending side at a name
//! in the turn of that.

mod account;
mod bar;
mod clock;
mod closing;
mod diagnosis;
mod early;
mod ending;
mod error_order;
mod errors;
mod event;
mod failing;
mod hints;
mod json;
mod lines;
mod live;
mod log;
mod notices;
mod opening;
mod overtaking;
mod progress;
mod formatter;
mod sequence;
mod settings;
mod sink;
mod traffic;
mod unkept;
mod channels;
mod wants;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rsync_compat::delta::Moved;
use rsync_compat::options::{Options, Progress};
use rsync_compat::output::stats::RunKind;

pub use bar::{Ahead, Large};
pub use diagnosis::diagnosis;
pub use early::{complain, complains_to_terminal, interrupted, log_refused, print, to_terminal};
pub use event::{Item, Notice, Pass, Place};
pub use overtaking::First;
pub use progress::Totals;
pub use sequence::{Meter, Names, Node};
pub use settings::{Facts, Settings};
pub use wants::{ItemsWanted, Wants};

use crate::entry::Kind;
use crate::failure::Failure;
use crate::operands::resolve::Resolver;
use bar::Bar;
use channels::{Channels, Outlets};
use formatter::{Speaker, with_scratch};
use notices::Origin;
use opening::Rest;
use sequence::Shown;
use settings::{Channel, FarWrites};
use unkept::Unkept;

/// Tells people about a run.
#[derive(Debug)]
pub struct Reporter {
    settings: Settings,
    wants: Wants,
    channels: Channels,
    broken: Arc<AtomicBool>,
    tally: Tally,
    bar: Option<Bar>,
    /// What is told when the transfer begins.
    rest: Mutex<Rest>,
    /// Operands that cannot be listed, until the rest of the list is there.
    unlisted: Mutex<Vec<Failure>>,
}

/// What only the report knows the number of.
#[derive(Debug, Default)]
struct Tally {
    skipped: AtomicU64,
    failures: AtomicU64,
    unkept: Unkept,
}

impl Reporter {
    /// A report that shows what `settings` say; opens the log file.
    #[must_use]
    pub fn new(settings: Settings, resolver: &Resolver) -> Reporter {
        let wants = settings.wants();
        let broken = Arc::new(AtomicBool::new(false));
        let open_log = |path| opening::open_log(resolver, path, settings.umask);
        let (log, refused) = match settings.log_file.as_deref().map(open_log).transpose() {
            Ok(log) => (log, None),
            Err(error) => (None, Some(error)),
        };
        let bar = settings.bar.then(Bar::new);
        let live = bar.as_ref().map(Bar::screen);
        let channels = Channels::new(&settings, Outlets { log, live, broken: Arc::clone(&broken) });
        let report = Reporter {
            settings,
            wants,
            channels,
            broken,
            tally: Tally::default(),
            bar,
            rest: Mutex::default(),
            unlisted: Mutex::default(),
        };
        let dry_run = if report.settings.run == RunKind::DryRun { "true" } else { "false" };
        report.channels.object(|out| json::start(out, dry_run));
        report.start_log();
        if let Some(error) = refused {
            resolver.take_refusals().iter().for_each(|line| report.channels.warning(Speaker::Near, line));
            report.tell_no_log(&error);
        }
        report
    }

    /// A report for a scan that only counts.
    #[must_use]
    pub fn silent(options: &Options, resolver: &Resolver) -> Reporter {
        Reporter::new(Settings::silent(options), resolver)
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

    /// Counts moved bytes, when [`Wants::moving`] says so: all of them, as they move.
    pub fn progress(&self, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.moved(bytes);
        }
        if self.settings.progress == Progress::Overall {
            self.channels.sequence.output(|sink| sink.draw(|ledger, out| ledger.add_bytes(out, bytes)));
        }
    }

    /// Draws `--bar` anew; called every now and then while the run lasts.
    pub fn redraw(&self, ahead: &Ahead) {
        if let Some(bar) = &self.bar {
            bar.redraw(ahead, self.tally.failures.load(Ordering::Relaxed));
        }
    }

    /// Lets out what waits for its turn and has it; called every now and then while the run lasts.
    pub fn stream(&self) {
        self.channels.sequence.stream();
    }

    /// Work on an entry goes on beside that on others. Returns what counts the bytes of a file, where they are shown.
    pub fn started(&self, at: &Node, slot: u32, size: u64, names: Names) -> Option<Meter> {
        let meter = (self.settings.progress == Progress::PerFile).then(|| Meter::of(size));
        self.channels.sequence.started(at, slot, names, meter.clone());
        meter
    }

    /// That work has ended.
    pub fn settled(&self, at: &Node, slot: u32) {
        self.channels.sequence.ended(at, slot);
    }

    /// All names of a directory were looked at.
    pub fn looked(&self, at: &Node) {
        self.channels.sequence.looked(at);
    }

    /// A large file is being copied as long as the answer lives.
    #[must_use]
    pub fn large(&self, size: u64, rel: impl FnOnce() -> Vec<u8>) -> Option<Large> {
        self.bar.as_ref().and_then(|bar| bar.large(size, rel))
    }

    /// The place of the transfer's top; asked for anew by each pass over the tree, after the pass before has ended.
    #[must_use]
    pub fn root(&self) -> Arc<Node> {
        self.channels.sequence.root()
    }

    /// The place of the child directory at `slot`.
    #[must_use]
    pub fn child(&self, node: &Arc<Node>, slot: u32) -> Arc<Node> {
        node.child(slot)
    }

    /// All events of a directory are known, and all its children; these may still be worked on.
    pub fn done(&self, node: &Node) {
        self.channels.sequence.done(node);
    }

    /// Tells about an entry.
    pub fn item(&self, at: &Node, place: Place, item: &Item<'_>) {
        if self.settings.levels.list_only {
            return self.listing(at, place, item);
        }
        self.count(item.kind, item.meta.size, &item.moved.unwrap_or_default());
        if self.wants.only_counts() {
            return;
        }
        let render = |text: &mut Vec<u8>| lines::item(&self.settings, &self.channels.formatter, item, text);
        match place {
            Place::Late => self.channels.sequence.add_late(item.leader.unwrap_or(item.rel), render),
            _ => self.channels.sequence.add(at, place, render),
        }
    }

    /// The data of an entry that was told about has come: so many bytes, if it was transferred.
    pub fn arrived(&self, at: &Node, place: Place, data: Option<u64>) {
        if self.settings.progress != Progress::Off {
            let moved = data.filter(|_| lines::draws(&self.settings));
            self.channels.sequence.add(at, place, |_| Some(Shown { moved, ..Shown::at(place, 0) }));
        }
    }

    /// Counts an entry for `--bar`; all there is to do when [`Wants::only_counts`] says so.
    pub fn count(&self, kind: Kind, size: u64, moved: &Moved) {
        if let Some(bar) = &self.bar {
            bar.done(kind, size, moved);
        }
    }

    /// Tells about an entry of `--list-only`.
    pub fn listing(&self, at: &Node, place: Place, item: &Item<'_>) {
        self.channels
            .sequence
            .add(at, place, |text| lines::listing(&self.settings, &self.channels.formatter, item, text));
    }

    /// Tells about a deletion.
    pub fn deleted(&self, at: &Node, rel: &[u8], kind: Kind) {
        if self.wants.deletions {
            let shown = self.channels.charsets.get().map(|charsets| charsets.shown_deleted(rel));
            let rel = shown.as_deref().unwrap_or(rel);
            self.channels.sequence.add(at, Place::Deletion, |text| {
                lines::deletion(&self.settings, &self.channels.formatter, rel, kind, text)
            });
        }
    }

    /// Counts an entry that is left alone without a word, for the numbers of `--progress`.
    pub fn passed(&self, at: &Node, place: Place) {
        if let Some(bar) = &self.bar {
            bar.passed();
        }
        if self.settings.counts() {
            self.channels.sequence.add(at, place, |_| Some(Shown::at(place, 0)));
        }
    }

    /// The same for a directory that is left out with all that is below it (`-m`).
    pub fn pruned(&self, at: &Node, slot: u32, below: impl FnOnce() -> u32) {
        if let Some(bar) = &self.bar {
            bar.passed();
        }
        if self.settings.counts() {
            let (place, below) = (Place::Slot(slot), below());
            self.channels.sequence.add(at, place, |_| Some(Shown { below, ..Shown::at(place, 0) }));
        }
    }

    /// What comes of a name is known when all names of its file are; until then its place is kept.
    pub fn hold(&self, at: &Node, place: Place) {
        if self.settings.counts() {
            self.channels.sequence.add(at, place, |_| Some(Shown::at(place, 0)));
        }
        self.channels.sequence.hold(at);
    }

    /// All is said of such a name.
    pub fn release(&self, at: &Node) {
        self.channels.sequence.release(at);
    }

    /// Counts a file that cannot be read, which `--progress` numbers like one that was transferred.
    pub fn unread(&self, at: &Node, place: Place, size: u64) {
        if self.settings.counts() {
            self.channels
                .sequence
                .add(at, place, |_| Some(Shown { tried: Some(size), ..Shown::at(place, 0) }));
        }
    }

    /// Counts names that other operands have too, and that stand in the list behind this one; tells of them in the pass
    /// in which rsync makes this part of the list.
    pub fn doubles(&self, at: &Node, place: Place, rel: &[u8], count: usize, pass: Pass) {
        if !self.settings.counts() || count == 0 {
            return;
        }
        let told = match pass {
            Pass::Counts => !self.settings.levels.incremental,
            Pass::Transfers => self.settings.levels.incremental,
        };
        let line = [b"removing duplicate name ", rel, b" from file list (#)"].concat();
        let doubles = u32::try_from(count).unwrap_or(u32::MAX);
        self.channels.sequence.add(at, place, |text| {
            let mut out_bytes = 0;
            if told && self.settings.levels.doubles {
                out_bytes = self.channels.formatter.tell(text, &line);
                self.channels.formatter.log(text, &line);
            }
            Some(Shown { doubles, ..Shown::at(place, out_bytes) })
        });
    }

    /// Counts an entry before the transfer, where its number is wanted by then.
    pub fn numbered(&self, at: &Node, place: Place) {
        if self.settings.levels.doubles && !self.settings.levels.incremental {
            self.channels.sequence.add(at, place, |_| Some(Shown::at(place, 0)));
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
            self.channels.hint_later(b"skipping directory");
        }
        if self.wants.list_first {
            self.channels.leave_line();
        }
        self.channels.sequence.add(at, place, |text| {
            with_scratch(|scratch| {
                notices::words(notice, &mut scratch.line);
                let formatter = &self.channels.formatter;
                let origin = notices::origin(notice);
                let out_bytes = match origin {
                    Origin::Source => formatter.tell(text, &scratch.line),
                    Origin::Entry => formatter.tell_far(text, &scratch.line),
                    Origin::Destination => {
                        let out_bytes = self.channels.push_far(text, &scratch.line);
                        scratch.line = self.channels.shown(&scratch.line).into_owned();
                        out_bytes
                    }
                };
                // What the other side tells a quiet one is not even logged.
                let passes =
                    self.settings.channel != Channel::Discard && self.channels.far_writes != FarWrites::All;
                // Nor is what the sending side skips, where the other one alone has a log file.
                let is_near =
                    matches!(notice, Notice::SkippingDirectory(_)) && self.settings.levels.logs_there;
                if (origin == Origin::Source || passes) && !is_near {
                    formatter.log(text, &scratch.line);
                }
                Some(Shown { pace: notices::pace(notice), ..Shown::at(place, out_bytes) })
            })
        });
    }
}
