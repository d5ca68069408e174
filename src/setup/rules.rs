//! The filter rules in force: those typed, those that options bring along, and the merge files above the roots.

use rsync_compat::exit::Exit;
use rsync_compat::filter::{
    Chain, FilterArg as RuleArg, FilterError, LineEnd, PlainSides, RuleList, Settings, Side as RuleSide,
};
use rsync_compat::options::{FilterArg, Options};
use uring_ext::plain::CWD;

use crate::batch::Batch;
use crate::facts::Facts;
use crate::failure::{Fatal, Side};
use crate::operand::Operands;
use crate::pipeline::open::{read_file, read_merge_file, read_stdin};
use crate::roots;

fn refused_filter(error: &FilterError) -> Fatal {
    Fatal { side: Side::Client, message: error.message(), code: error.exit().code() }
}

pub(super) fn typed(options: &Options, facts: &Facts, operands: &Operands) -> Result<RuleList, Fatal> {
    let select = &options.select;
    read((&select.filters, select.cvs_exclude), options, (facts, operands))
}

/// The rules of the receiving side, where it is told others (`-M`).
pub(super) fn received(
    options: &Options,
    facts: &Facts,
    operands: &Operands,
) -> Result<Option<RuleList>, Fatal> {
    let Some(receiving) = &options.receiving else { return Ok(None) };
    let (rules, select) = ((&receiving.filters, receiving.cvs_exclude), &options.select);
    match rules == (&select.filters, select.cvs_exclude) {
        true => Ok(None),
        false => match read((rules.0, rules.1), options, (facts, operands)) {
            // The other side finds it gone.
            Err(fatal) => Err(Fatal { code: Exit::StreamIo.code(), ..fatal }),
            Ok(rules) => Ok(Some(rules)),
        },
    }
}

fn read(
    (filters, cvs_exclude): (&[FilterArg], bool),
    options: &Options,
    (facts, operands): (&Facts, &Operands),
) -> Result<RuleList, Fatal> {
    let mut args: Vec<RuleArg<'_>> = filters
        .iter()
        .map(|arg| match arg {
            FilterArg::Rule(text) => RuleArg::Filter(text),
            FilterArg::Exclude(text) => RuleArg::Exclude(text),
            FilterArg::Include(text) => RuleArg::Include(text),
            FilterArg::ExcludeFrom(path) => RuleArg::ExcludeFrom(path),
            FilterArg::IncludeFrom(path) => RuleArg::IncludeFrom(path),
            FilterArg::DirMergeRsyncFilter | FilterArg::ExcludeRsyncFilter => RuleArg::PerDirectory,
        })
        .collect();
    if cvs_exclude {
        args.push(RuleArg::CvsExclude);
    }
    let settings = Settings {
        plain_sides: if options.delete.excluded { PlainSides::SenderOnly } else { PlainSides::Both },
        line_end: line_end(options),
        cvs_home_file: facts.home.as_ref().map(|home| [home.as_slice(), b"/.cvsignore"].concat()),
        cvs_variable: facts.cvsignore.clone(),
    };
    let mut read = |path: &[u8]| match path {
        b"-" => read_stdin(),
        path => read_file(operands, CWD, path),
    };
    let mut rules = RuleList::parse(&args, settings, &mut read).map_err(|error| refused_filter(&error))?;
    protect_backups(options, &mut rules)?;
    protect_partials(options, &mut rules)?;
    Ok(rules)
}

/// A partial directory within the tree is no part of it (rsync(1), `--partial-dir`).
fn protect_partials(options: &Options, rules: &mut RuleList) -> Result<(), Fatal> {
    match &options.write.partial_dir {
        Some(dir) if !dir.starts_with(b"/") => {
            rules.push(&[b"-p ", dir.as_slice(), b"/"].concat()).map_err(|error| refused_filter(&error))
        }
        _ => Ok(()),
    }
}

pub(super) fn line_end(options: &Options) -> LineEnd {
    if options.select.from0 { LineEnd::Nul } else { LineEnd::Newline }
}

/// `-b` without a directory protects what it made (rsync(1), `--backup`).
fn protect_backups(options: &Options, rules: &mut RuleList) -> Result<(), Fatal> {
    let Some(backup) = &options.backup else { return Ok(()) };
    if backup.dir.is_some() || options.delete.when.is_none() || options.delete.excluded {
        return Ok(());
    }
    rules.push(&[b"P *", backup.suffix.as_slice()].concat()).map_err(|error| refused_filter(&error))
}

/// The directory whose parents may hold merge files: the root itself when its contents are meant, else the first name.
fn first_entered(sources: &roots::Sources, root: &[u8]) -> Vec<u8> {
    match sources.top.children.keys().next() {
        Some(name) if sources.top.rank != crate::given::Rank::Contents => crate::entry::join(root, name),
        _ => root.to_vec(),
    }
}

/// The rules in force where the sources are, or else in the current directory.
pub(super) fn sending(
    operands: &Operands,
    rules: &RuleList,
    batch: &Batch,
    (sources, cwd): (&roots::Sources, &[u8]),
) -> Result<Chain, Fatal> {
    // What a batch has was filtered before.
    let filtered = batch.recorded().map(|_| RuleList::empty());
    let root = sources.roots.first().map_or(cwd, |root| root.display.as_slice());
    let first = first_entered(sources, root);
    chain(operands, filtered.as_ref().unwrap_or(rules), RuleSide::Sender, (root, &first))
}

/// The rules in force at the destination; what lies above it is nobody's business where nothing is to be deleted.
pub(super) fn receiving(
    operands: &Operands,
    rules: &RuleList,
    options: &Options,
    (sources, display): (&roots::Sources, &[u8]),
) -> Result<Chain, Fatal> {
    if options.delete.when.is_none() {
        return Ok(Chain::root(rules, RuleSide::Receiver, display));
    }
    chain(operands, rules, RuleSide::Receiver, (display, &first_entered(sources, display)))
}

fn chain(
    operands: &Operands,
    rules: &RuleList,
    side: RuleSide,
    places: (&[u8], &[u8]),
) -> Result<Chain, Fatal> {
    let (root, first) = places;
    let mut read = |path: &[u8]| read_merge_file((operands, side), CWD, path);
    Chain::root(rules, side, root).above(first, &mut read).map_err(|error| refused_filter(&error))
}
