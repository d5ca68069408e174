//! What the report is to show: [`Settings`], made once from the options and a few facts.

mod lines;

use rsync_compat::options::{
    Batch, Debug, DeleteWhen, Info, OneFileSystem, Options, OutBuf, Progress, Recursion, Stderr,
};
use rsync_compat::output::format::Format;
use rsync_compat::output::number::{Human, Numbers};
use rsync_compat::output::quote::{EightBit, HighBytes, Locale};
use rsync_compat::output::stats::RunKind;
use uring_ext::charset::Conversion;

use super::formatter::Form;
use super::wants::{ItemsWanted, Wants};

pub(super) use lines::{Lines, Old};

/// What `main` found out for the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The current directory.
    pub cwd: Vec<u8>,
    /// Our process number, for the log file and `%p`.
    pub pid: u32,
    /// The name of the locale's character set. One that is not installed has that of `C`.
    pub charset: Vec<u8>,
    /// Standard output is a terminal.
    pub terminal: bool,
    /// Standard error is a terminal.
    pub error_terminal: bool,
    /// `IO_URING_SYNC_LOG`.
    pub log_filter: Option<Vec<u8>>,
    /// The umask that was in force before it was set to 0.
    pub umask: u32,
}

/// How names are quoted on standard output and standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quoting {
    pub(super) locale: Locale,
    pub(super) eight_bit: EightBit,
    /// That of the receiving side's errors.
    pub(super) far: Locale,
    /// That of what is told before there are sides.
    pub(super) early: Locale,
    /// The receiving side writes all that it says to standard error itself (`--stderr=all`).
    pub(super) apart: bool,
}

impl Quoting {
    fn of(options: &Options, charset: &[u8]) -> Quoting {
        let locale = locale(charset);
        let early = locale.of_single_bytes();
        Quoting {
            locale,
            eight_bit: if options.output.eight_bit { EightBit::Keep } else { EightBit::Escape },
            far: if options.output.stderr == Stderr::Client { locale } else { early },
            early,
            apart: options.output.stderr == Stderr::All,
        }
    }
}

/// What the sides tell each other of owners, ACLs and extended attributes besides what each entry has.
fn start_bytes(options: &Options) -> u64 {
    let preserve = &options.preserve;
    owner_kinds(options) + 2 * u64::from(preserve.acls) + u64::from(preserve.xattrs > 0)
}

/// A list that is sent as a whole has the name of 0 behind it in any case.
fn owner_names_bytes(options: &Options) -> u64 {
    const NAME_OF_0_BYTES: u64 = 6;
    let named = !options.preserve.numeric_ids && !options.select.incremental;
    if named { NAME_OF_0_BYTES * owner_kinds(options) } else { 0 }
}

/// How many of owner and group are kept.
fn owner_kinds(options: &Options) -> u64 {
    u64::from(options.preserve.owner) + u64::from(options.preserve.group)
}

/// Whether the options leave names out of which something is said.
fn leaves_out(options: &Options) -> bool {
    let (info, preserve) = (&options.output.info, &options.preserve);
    let keeps_all = options.links.keep && preserve.devices && preserve.specials;
    info.nonreg > 0 && !keeps_all
        || [info.skip, info.symsafe, info.backup, info.remove].iter().any(|&level| level > 0)
}

/// Whether the options have the sending side say something of names as it lists them.
fn list_tells(options: &Options) -> bool {
    let (info, select) = (&options.output.info, &options.select);
    let rules = options.output.debug.filter > 0 && (select.cvs_exclude || !select.filters.is_empty());
    let links = info.symsafe > 0 && options.links.copy_unsafe;
    let mounts = info.mount > 0 && select.one_file_system != OneFileSystem::Off;
    rules || links || mounts
}

/// What the receiving side writes to standard error itself, beside the log file; the rest passes through the sending
/// side, which logs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FarWrites {
    /// Errors.
    Errors,
    /// All that it says (`--stderr=all`).
    All,
    /// Nothing (`--stderr=client`).
    Nothing,
    /// Nothing, and it has the log file for itself (`-M--log-file`).
    OnlyLog,
}

/// Levels of what is told apart from items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Levels {
    /// How the list is made (`--debug=flist`).
    pub(super) listing: u8,
    pub(super) info: Info,
    /// Those of the destination side (`-M`).
    pub(super) far: Info,
    pub(super) filters: u8,
    /// Something may be said of names as they are listed: which rule matches, which link is followed, what is mounted.
    pub(super) list_tells: bool,
    /// What deletion goes through (`--debug=del`).
    pub(super) cleaning: u8,
    pub(super) deltas: u8,
    pub(super) whole_file: bool,
    pub(super) stats: bool,
    pub(super) scans: bool,
    pub(super) incremental: bool,
    pub(super) list_only: bool,
    /// A listing of a whole tree, which may be a copy without a destination.
    pub(super) lists_whole_tree: bool,
    /// A batch is replayed, so that the list comes from elsewhere.
    pub(super) receives: bool,
    /// What owners, ACLs and extended attributes take before there is any entry that has its own.
    pub(super) start_bytes: u64,
    /// What the names of owners take behind a list, whatever is in it.
    pub(super) owner_names_bytes: u64,
    /// The log file is the receiving side's.
    pub(super) logs_there: bool,
    /// Which character sets are converted (`--debug=iconv`).
    pub(super) charsets: u8,
    /// The sides tell each other of what stays as it is (`-ii`, `-vv`).
    pub(super) tells_unchanged: bool,
    /// Names that several operands have are told, with their numbers (`--debug=dup`).
    pub(super) doubles: bool,
    /// Something may be said of names that are left out, though no entry is told.
    pub(super) leaves_out: bool,
    /// Deletions are counted.
    pub(super) counts_deleted: bool,
    /// When what is deleted is told, if anything is.
    pub(super) deletes: Option<DeleteWhen>,
    /// The destination side names what it makes.
    pub(super) names_there: bool,
    /// What the sides speak (`--protocol`).
    pub(super) protocol: i32,
}

/// How standard output is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    /// Not at all (`-q`).
    Discard,
    /// To standard output.
    Stdout,
    /// To standard error (`--stderr=all`).
    Stderr,
}

/// What the report is to show.
#[derive(Debug)]
pub struct Settings {
    pub(super) pid: u32,
    pub(super) log_file: Option<Vec<u8>>,
    pub(super) umask: u32,
    pub(super) quoting: Quoting,
    pub(super) levels: Levels,
    pub(super) lines: Lines,
    pub(super) channel: Channel,
    pub(super) outbuf: OutBuf,
    pub(super) progress: Progress,
    pub(super) numbers: Numbers,
    pub(super) run: RunKind,
    pub(super) form: Form,
    /// `--summary`.
    pub(super) account: bool,
    /// `--bar`, where somebody can see it.
    pub(super) bar: bool,
    /// A person reads standard error.
    pub(super) hints: bool,
    /// What is logged of the inside.
    pub(super) log_filter: Option<Vec<u8>>,
    pub(super) debug: Debug,
    /// For whom all this is.
    pub(super) audience: Audience,
    /// The sides have character sets of their own (`--iconv`).
    pub(super) converts: bool,
    pub(super) far_writes: FarWrites,
}

/// Who listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    /// The user.
    User,
    /// Nobody: a scan that only counts.
    Nobody,
}

impl Lines {
    /// Whether there is a line for what stays as it is.
    fn tells_unchanged(&self) -> bool {
        self.all || self.names2 || self.up_to_date
    }
}

impl Settings {
    /// From what the user wants and what was found out.
    #[must_use]
    pub fn new(options: &Options, facts: &Facts) -> Settings {
        let output = &options.output;
        let receiving = options.receiving.as_ref();
        let bar = live(options, facts);
        let default_outbuf = if facts.terminal { OutBuf::Line } else { OutBuf::Block };
        Settings {
            pid: facts.pid,
            lines: Lines::of(options),
            log_file: log_file(options).map(<[u8]>::to_vec),
            umask: facts.umask,
            quoting: Quoting::of(options, &facts.charset),
            levels: Levels {
                listing: receiving.map_or(output.debug.flist, |there| there.listing),
                info: output.info,
                far: receiving.map_or(output.info, |there| there.info),
                filters: output.debug.filter,
                list_tells: list_tells(options),
                cleaning: output.debug.del,
                deltas: output.debug.deltasum,
                whole_file: options.write.whole_file,
                stats: output.stats,
                scans: options.select.recursion != Recursion::None,
                incremental: options.select.incremental,
                list_only: output.list_only,
                lists_whole_tree: output.list_only
                    && options.operands.len() == 1
                    && options.select.recursion == Recursion::Full,
                receives: matches!(options.batch, Batch::Read(_)),
                start_bytes: start_bytes(options),
                owner_names_bytes: owner_names_bytes(options),
                logs_there: receiving.is_some_and(|there| there.log_file.is_some()),
                charsets: output.debug.iconv,
                tells_unchanged: options.output.itemize > 1 || output.info.name > 1,
                protocol: options.protocol,
                counts_deleted: options.delete.when.is_some() || options.delete.force,
                deletes: options.delete.when,
                names_there: options.output.names_there,
                doubles: output.debug.dup > 0 && !output.quiet,
                leaves_out: leaves_out(options) && !output.quiet,
            },
            channel: match (output.quiet, output.stderr == Stderr::All) {
                (true, _) => Channel::Discard,
                (false, true) => Channel::Stderr,
                (false, false) => Channel::Stdout,
            },
            outbuf: output.outbuf.unwrap_or(default_outbuf),
            progress: match output.quiet || options.telling.json || (bar && output.info.progress == LIVE) {
                true => Progress::Off,
                false => output.progress,
            },
            numbers: Numbers { human: Human::from_level(u32::from(output.human)), numerals: output.numerals },
            run: match options.write.dry_run {
                true if options.batch.is_only() => RunKind::BatchOnly,
                true => RunKind::DryRun,
                false => RunKind::Real,
            },
            form: if options.telling.json { Form::Json } else { Form::Text },
            account: options.telling.summary,
            hints: facts.error_terminal && !output.quiet,
            log_filter: facts.log_filter.clone().filter(|filter| !filter.is_empty()),
            debug: output.debug,
            audience: Audience::User,
            converts: options.charsets.is_some(),
            far_writes: far_writes(options),
            bar,
        }
    }

    /// For a scan that only counts: nothing is shown.
    pub(super) fn silent(options: &Options) -> Settings {
        let facts = Facts {
            cwd: Vec::new(),
            pid: 0,
            charset: Vec::new(),
            terminal: false,
            error_terminal: false,
            log_filter: None,
            umask: 0,
        };
        let mut settings = Settings::new(options, &facts);
        let Lines { out, log, all, names2, up_to_date, .. } = &mut settings.lines;
        (*out, *log, *all, *names2, *up_to_date) = (None, None, false, false, false);
        Settings {
            log_file: None,
            channel: Channel::Discard,
            progress: Progress::Off,
            form: Form::Text,
            account: false,
            audience: Audience::Nobody,
            ..settings
        }
    }

    /// Whether the receiving side has a log file of its own that itemizes.
    pub(super) fn itemizes_there(&self) -> bool {
        self.levels.logs_there && self.lines.log.as_ref().is_some_and(Format::itemizes)
    }

    /// Whether all entries are counted in their order.
    pub(super) fn counts(&self) -> bool {
        self.progress != Progress::Off || self.levels.doubles
    }

    /// What anybody wants to see of all this.
    pub(super) fn wants(&self) -> Wants {
        let lines = &self.lines;
        let counted = self.counts();
        let counts_first = self.levels.info.flist > 1 && !self.levels.incremental;
        let told = self.form == Form::Json && self.channel != Channel::Discard;
        let formats = || [&lines.out, &lines.log].into_iter().flatten();
        let known_first = !formats().any(|format| format.needs_transfer_end() || format.needs_checksum());
        let printed = told || lines.out.is_some() || lines.log.is_some() || self.levels.list_only;
        Wants {
            items: if counted || self.bar || lines.tells_unchanged() || self.levels.list_only {
                ItemsWanted::All
            } else if printed {
                ItemsWanted::Changed
            } else {
                ItemsWanted::None
            },
            attribute_only: lines.itemizes || lines.names2 || counted || self.bar || self.itemizes_there(),
            deletions: printed || self.levels.info.del > 0 || self.log_file.is_some(),
            checksums: formats().any(Format::needs_checksum),
            lines_first: printed && known_first && self.form == Form::Text && !self.bar,
            list_first: self.levels.list_tells && !self.levels.incremental && !self.levels.receives,
            totals: self.progress != Progress::Off
                || self.levels.doubles && !self.levels.incremental
                || counts_first
                || self.audience == Audience::Nobody,
            all_lines: lines.tells_unchanged(),
            traffic: self.levels.stats || self.levels.info.stats > 0 || self.log_file.is_some(),
            letters: lines.itemizes || self.itemizes_there(),
            ahead: self.bar,
            notices: self.levels.leaves_out && self.audience == Audience::User,
            lines: counted || printed,
            moving: self.progress == Progress::Overall || self.bar,
        }
    }
}

/// The level of `--info=progress` that is `--bar` on a terminal, and elsewhere what rsync makes of it.
const LIVE: u8 = 3;

/// Whether there is a live view: somebody asked for it and somebody can see it.
const fn live(options: &Options, facts: &Facts) -> bool {
    let output = &options.output;
    // In the place of rsync's own line it is only where nobody reads that line out of a pipe.
    let asked = options.telling.bar || output.info.progress == LIVE && facts.terminal;
    asked && facts.error_terminal && !output.quiet && !output.list_only
}

/// What the receiving side writes to standard error itself.
fn far_writes(options: &Options) -> FarWrites {
    match options.output.stderr {
        _ if options.receiving.as_ref().is_some_and(|there| there.log_file.is_some()) => FarWrites::OnlyLog,
        Stderr::Client => FarWrites::Nothing,
        Stderr::Errors => FarWrites::Errors,
        Stderr::All => FarWrites::All,
    }
}

/// Whether characters are UTF-8 there.
pub(super) fn locale(charset: &[u8]) -> Locale {
    if charset.eq_ignore_ascii_case(b"utf-8") {
        return Locale::Utf8;
    }
    let Ok(itself) = Conversion::open(charset, charset) else { return Locale::C };
    let printable = HighBytes::that(|byte| itself.convert(&[byte]).is_ok());
    if printable.is_empty() { Locale::C } else { Locale::Bytes(printable) }
}

/// The log file: that of the receiving side where it alone has one.
fn log_file(options: &Options) -> Option<&[u8]> {
    let there = options.receiving.as_ref().and_then(|there| there.log_file.as_deref());
    there.or(options.output.log_file.as_deref()).filter(|path| !path.is_empty())
}
