//! The filter rules in force: those typed, those that options bring along, and the merge files above the roots.

use rsync_compat::exit::Exit;
use rsync_compat::filter::{
    Action, Chain, Deletion, FilterArg as RuleArg, FilterError, LineEnd, NameKind, PlainSides, RuleList,
    Settings, Side as RuleSide,
};
use rsync_compat::options::{FilterArg, Options, Recursion, Relative};
use uring_ext::plain::CWD;

use super::{Inputs, whole_list};
use crate::batch::Batch;
use crate::entry::join;
use crate::failure::{Cause, Fatal, Side};
use crate::operands::resolve::Resolver;
use crate::operands::roots;
use crate::operands::tree::{Again, OperandTree, Rank};
use crate::operands::verdict::{Asked, Verdict};
use crate::plan::{FirstEntered, Target};
use crate::whole_files::{read_file, read_merge_file, read_stdin};

fn refused_filter(error: &FilterError) -> Fatal {
    Fatal { side: Side::Client, cause: Cause::Refused(error.message()), exit: error.exit() }
}

/// The rules that were typed, or came with options.
pub(super) fn typed(inputs: Inputs<'_>) -> Result<RuleList, Fatal> {
    let select = &inputs.options.select;
    read(inputs, &select.filters, select.cvs_exclude.into())
}

/// Whether the rules of `-C` are added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CvsExclude {
    Added,
    Not,
}

impl From<bool> for CvsExclude {
    fn from(asked: bool) -> Self {
        if asked { CvsExclude::Added } else { CvsExclude::Not }
    }
}

/// The rules of the receiving side, where it is told others (`-M`).
fn received(inputs: Inputs<'_>) -> Result<Option<RuleList>, Fatal> {
    let select = &inputs.options.select;
    let Some(receiving) = &inputs.options.receiving else { return Ok(None) };
    if receiving.filters == select.filters && receiving.cvs_exclude == select.cvs_exclude {
        return Ok(None);
    }
    let rules = read(inputs, &receiving.filters, receiving.cvs_exclude.into());
    // The other side finds it gone.
    rules.map(Some).map_err(|fatal| Fatal { exit: Exit::StreamIo, ..fatal })
}

fn read(inputs: Inputs<'_>, filters: &[FilterArg], cvs_exclude: CvsExclude) -> Result<RuleList, Fatal> {
    let Inputs { options, facts, resolver } = inputs;
    let nameless = |arg: &&FilterArg| match arg {
        FilterArg::ExcludeFrom(path) | FilterArg::IncludeFrom(path) => path.is_empty(),
        _ => false,
    };
    let mut args: Vec<RuleArg<'_>> = filters
        .iter()
        .filter(|arg| !nameless(arg))
        .map(|arg| match arg {
            FilterArg::Rule(text) => RuleArg::Filter(text),
            FilterArg::Exclude(text) => RuleArg::Exclude(text),
            FilterArg::Include(text) => RuleArg::Include(text),
            FilterArg::ExcludeFrom(path) => RuleArg::ExcludeFrom(path),
            FilterArg::IncludeFrom(path) => RuleArg::IncludeFrom(path),
            FilterArg::From0(nul) => RuleArg::Lines(if *nul { LineEnd::Nul } else { LineEnd::Newline }),
            FilterArg::DirMergeRsyncFilter | FilterArg::ExcludeRsyncFilter => RuleArg::PerDirectory,
        })
        .collect();
    if cvs_exclude == CvsExclude::Added {
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
        path => read_file(resolver, CWD, path),
    };
    let mut rules = RuleList::parse(&args, settings, &mut read).map_err(|error| refused_filter(&error))?;
    protect_backups(options, &mut rules)?;
    protect_partials(options, &mut rules)?;
    Ok(rules)
}

/// Refuses rules that an old `--protocol` does not carry; those of `-C` are found out by the receiving side.
pub(super) fn carried(options: &Options, rules: &RuleList) -> Result<(), Fatal> {
    let refused = |found, exit| Err(Fatal { side: Side::Sender, cause: Cause::ModernRules(found), exit });
    if options.protocol < rules.protocol_min() {
        return refused(Side::Sender, Exit::Protocol);
    }
    if options.protocol < CVS_SINCE && rules.has_cvs_option() {
        return refused(Side::Receiver, Exit::StreamIo);
    }
    Ok(())
}

/// The first protocol with per-directory rules, which `-C` has one of.
const CVS_SINCE: i32 = 29;

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

/// The directory whose parents may hold merge files: the first that is entered.
enum First<'a> {
    /// The top of the transfer, where this source has it.
    Top(u16),
    /// This name below the top, of this source.
    Below(&'a [u8], u16),
    /// None is.
    None,
}

fn first<'a>(options: &Options, sources: &'a roots::Sources) -> First<'a> {
    let top = &sources.top;
    if top.rank == Rank::Contents && options.select.recursion != Recursion::None {
        return First::Top(top.listed.first().copied().unwrap_or(0));
    }
    let read = top.children.iter().filter(|(_, operand)| enters(options, operand));
    let source = |operand: &OperandTree| operand.sources.first().copied().unwrap_or(0);
    // Directories come up in the order of their names, or else of the operands.
    let found = match options.select.incremental {
        true => read.min_by_key(|(name, _)| [name.as_slice(), b"/"].concat()),
        false => read.min_by_key(|(_, operand)| source(operand)),
    };
    found.map_or(First::None, |(name, operand)| First::Below(name, source(operand)))
}

/// Whether a directory is entered as the list is made. With incremental recursion that is so also where operands only go
/// on below it.
pub(super) fn enters(options: &Options, operand: &OperandTree) -> bool {
    let select = &options.select;
    operand.reads(select.recursion) || select.is_piecemeal() && operand.leads_on()
}

/// The rules at the top, and those of the first directory entered below it.
pub(super) struct Rules {
    pub(super) top: Chain,
    first: Option<(Vec<u8>, Chain)>,
}

impl Rules {
    /// The rules of the directory that is entered first, if that is the one.
    pub(super) fn of_first(&self, rel: &[u8]) -> Option<&Chain> {
        self.first.as_ref().filter(|(name, _)| name == rel).map(|(_, chain)| chain)
    }
}

/// The rules in force where the sources are, or else in the current directory.
pub(super) fn sending(
    inputs: Inputs<'_>,
    rules: &RuleList,
    batch: &Batch,
    sources: &roots::Sources,
) -> Result<Rules, Fatal> {
    let cwd = inputs.facts.cwd.as_slice();
    // What a batch has was filtered before.
    let filtered = batch.recorded().map(|_| RuleList::empty());
    let rules = filtered.as_ref().unwrap_or(rules);
    let root =
        |source: u16| sources.roots.get(usize::from(source)).map_or(cwd, |root| root.display.as_slice());
    let above = |root: &[u8], first: &[u8]| chain(inputs.resolver, rules, RuleSide::Sender, root, first);
    let plain = || Chain::root(rules, RuleSide::Sender, root(0));
    Ok(match first(inputs.options, sources) {
        First::Top(source) => Rules { top: above(root(source), root(source))?, first: None },
        First::Below(name, source) => {
            let first = above(root(source), &join(root(source), name))?;
            Rules { top: plain(), first: Some((name.to_vec(), first)) }
        }
        First::None => Rules { top: plain(), first: None },
    })
}

/// Drops what rules hide from the operands; returns the names that rules decided about.
///
/// # Errors
/// A rule of a merge file that is refused.
pub(super) fn hide(
    inputs: Inputs<'_>,
    rules: &RuleList,
    sending: &Rules,
    sources: &mut roots::Sources,
) -> Result<Vec<(Vec<u8>, NameKind)>, Fatal> {
    let options = inputs.options;
    let whole = whole_list::hidden(inputs, rules, sources)?;
    let root = sources.roots.first().map_or(&b""[..], |root| &root.display);
    let plain = Chain::root(rules, RuleSide::Sender, root);
    // With incremental recursion, a directory whose contents are meant is not left before the operands end.
    let read = match sources.top.rank == Rank::Contents && options.select.incremental {
        true => sources.top.listed.first().copied(),
        false => None,
    };
    let in_force = |operand: &OperandTree, path: &[u8], kind: NameKind| {
        let (chain, asked) = match (read, operand.sources.first().copied().unwrap_or(0)) {
            (Some(first), source) if source >= first => (&sending.top, Asked::Entered),
            _ => (&plain, Asked::Typed),
        };
        let found = chain.check(path, kind, Deletion::None).map(|found| found.action());
        match &whole {
            Some(hidden) if hidden.contains(path) => {
                Verdict { found: Some(Action::Exclude), asked: Asked::All }
            }
            Some(_) => {
                Verdict { found: found.filter(|action| *action == Action::Include), asked: Asked::All }
            }
            None => Verdict { found, asked },
        }
    };
    let mut asked = Vec::new();
    let way = match options.select.relative {
        Relative::NoImplied => Rank::Passage,
        Relative::Off | Relative::Implied => Rank::Implied,
    };
    let is_reported = sources.dotted && options.select.recursion != Recursion::None;
    if is_reported && sources.top.rank == Rank::Implied {
        // What a `./` in front of a name puts on the list is a name like others.
        let (kind, path) = (NameKind::Directory, b".");
        let found = plain.check(path, kind, Deletion::None);
        if found.as_ref().is_some_and(|found| found.action() == Action::Exclude) {
            sources.top.rank = Rank::Passage;
        }
        asked.extend(found.map(|_| (path.to_vec(), kind)));
    }
    let again = if options.select.incremental { Again::Asked } else { Again::Not };
    sources.top.drop_hidden(b"", way, again, &in_force, &mut asked);
    Ok(asked)
}

/// The rules in force at the destination; what lies above it is nobody's business where nothing is to be deleted, and
/// with `--force` alone not before something is in the way.
pub(super) fn receiving(
    inputs: Inputs<'_>,
    rules: &RuleList,
    sending: Rules,
    sources: &roots::Sources,
    target: &Target,
) -> Result<(Chain, Chain, Option<FirstEntered>), Fatal> {
    let Inputs { options, resolver, .. } = inputs;
    let display = target.display.as_slice();
    let received = received(inputs)?;
    let rules = received.as_ref().unwrap_or(rules);
    let deletes = options.delete.when.is_some();
    let plain = || Chain::root(rules, RuleSide::Receiver, display);
    let above = |first: &[u8]| match deletes {
        true => chain(resolver, rules, RuleSide::Receiver, display, first),
        false => Ok(plain()),
    };
    let receiver = match first(options, sources) {
        First::Top(_) => above(display)?,
        First::Below(..) | First::None => plain(),
    };
    let first = match sending.first {
        Some((name, sender)) => {
            let receiver = above(&join(display, &name))?;
            Some(FirstEntered { name, sender, receiver })
        }
        None => None,
    };
    Ok((sending.top, receiver, first))
}

fn chain(
    resolver: &Resolver,
    rules: &RuleList,
    side: RuleSide,
    root: &[u8],
    first: &[u8],
) -> Result<Chain, Fatal> {
    let mut read = |path: &[u8]| read_merge_file(resolver, side, CWD, path);
    Chain::root(rules, side, root).above(first, &mut read).map_err(|error| refused_filter(&error))
}
