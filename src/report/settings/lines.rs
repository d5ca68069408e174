//! What lines for items hold, and which items have one.

use rsync_compat::options::Options;
use rsync_compat::output::format::{Format, ITEMIZED};

use super::log_file;

/// The lines for items.
#[derive(Debug)]
pub(in crate::report) struct Lines {
    /// On standard output.
    pub(in crate::report) out: Option<Format>,
    /// In the log file; `None` when there is no file or the format is empty.
    pub(in crate::report) log: Option<Format>,
    /// The format on standard output shows `%i`.
    pub(in crate::report) itemizes: bool,
    /// All that is for the log alone (`-q`).
    pub(in crate::report) quiet: bool,
    /// Unchanged items too.
    pub(in crate::report) all: bool,
    /// Who tells what, where the sides speak an old protocol.
    pub(in crate::report) old: Old,
    /// The names of items whose attributes alone change.
    pub(in crate::report) names2: bool,
    /// `X is uptodate`.
    pub(in crate::report) up_to_date: bool,
    /// Whether times are kept, as far as letters show it, where the sides are told otherwise.
    pub(in crate::report) times: Option<bool>,
    /// A date occurs in a format.
    pub(in crate::report) dates: bool,
    /// Groups are preserved.
    pub(in crate::report) groups: bool,
    /// Owners are preserved.
    pub(in crate::report) owners: bool,
    /// Links are preserved, so that `--list-only` shows where they lead.
    pub(in crate::report) links: bool,
    /// `--list-only` has a column of access times.
    pub(in crate::report) atimes: bool,
    /// How many digits `%C` has.
    pub(in crate::report) sum_digits: usize,
}

/// Before protocol 29 the sending side hears only of files whose data moves, and nothing of what else they were: all
/// the rest is told by the receiving side, without a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Old {
    /// The protocol is newer.
    No,
    /// It is as old; whether names are told, and those of new directories, which get a time.
    Yes { names: bool, dirs: bool },
}

impl Lines {
    /// Those that the options ask for.
    pub(in crate::report) fn of(options: &Options) -> Lines {
        let output = &options.output;
        let receiving = options.receiving.as_ref();
        let out_text = if output.quiet { None } else { output.out_format.as_deref() };
        let there = receiving.filter(|there| there.log_file.is_some());
        let log_format = there.map_or(&output.log_file_format, |there| &there.log_file_format);
        let log_text = match log_format.as_deref() {
            _ if log_file(options).is_none() => None,
            None => Some(ITEMIZED),
            Some(b"") => None,
            Some(text) => Some(text),
        };
        let parse = |text: &[u8]| Format::parse(text, output.numerals);
        let json = options.telling.json;
        let out = if json { None } else { out_text.map(parse) };
        let dirs = options.preserve.times && !options.preserve.omit_dir_times;
        let old = match options.protocol {
            ..29 if !json => Old::Yes { names: output.info.name > 0, dirs },
            _ => Old::No,
        };
        // What is not printed for -q is logged all the same.
        let is_logged = output.quiet && output.itemize > 0;
        let itemizes = json || old == Old::No && (is_logged || out.as_ref().is_some_and(Format::itemizes));
        let is_shown = json || out.is_some() || log_text.is_some();
        let shows_all = output.itemize > 1 || output.info.name > 1;
        let tells_all = receiving.is_none_or(|there| there.tells_all);
        let far = receiving.map_or(output.info, |there| there.info);
        let mentions_dates =
            |text: &[u8]| text.contains(&b'%') && (text.contains(&b'M') || text.contains(&b't'));
        Lines {
            all: itemizes && shows_all && tells_all && is_shown,
            old,
            names2: out.is_some() && !itemizes && output.info.name > 1,
            up_to_date: !output.quiet && !itemizes && far.name > 1,
            times: receiving.map(|there| there.times_here).filter(|&times| times != options.preserve.times),
            dates: out_text.is_some_and(mentions_dates) || log_text.is_some_and(mentions_dates),
            log: log_text.map(parse),
            out,
            itemizes,
            quiet: output.quiet,
            groups: options.preserve.group,
            owners: options.preserve.owner,
            links: options.links.keep,
            atimes: options.preserve.atimes > 0,
            sum_digits: output.sum.digits(),
        }
    }
}
