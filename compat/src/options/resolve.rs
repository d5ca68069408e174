//! [`Args`] into [`Options`]: every implication applied, every conflict refused in rsync's words.

mod output;

use super::draft::{BackupWishes, Draft, Print, Recurse};
use super::error::UsageError;
use super::help::{self, CalledAs, VersionForm};
use super::operands::{self, Place};
use super::parse::{Args, End, parse};
use super::words::{self, Topic};
use super::{
    Append, Backup, Basis, Bytes, Claim, Confine, DeleteWhen, FilterArg, Options, Recursion, Relative, batch,
    charsets, conflicts, receiving, variables,
};
use crate::output::number::Numerals;

/// What the command line's meaning depends on besides itself; the caller looks it up once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// `POSIXLY_CORRECT` is set: options end at the first operand.
    pub posixly_correct: bool,
    /// Contents of `/etc/popt`, `/etc/popt.d/*` and `~/.popt`, in this order.
    pub popt_files: Vec<Bytes>,
    /// Variables of the environment that stand for options.
    pub variables: Variables,
    /// The program's name as it was called.
    pub program: Bytes,
    /// How the locale writes numbers.
    pub numerals: Numerals,
    /// The name the program was started by.
    pub called_as: CalledAs,
}

impl Facts {
    /// Nothing in the environment, no files of aliases.
    #[must_use]
    pub const fn bare(called_as: CalledAs) -> Facts {
        Facts {
            posixly_correct: false,
            popt_files: Vec::new(),
            variables: Variables::UNSET,
            numerals: Numerals::C,
            program: Bytes::new(),
            called_as,
        }
    }
}

/// Variables that stand for options (rsync(1), ENVIRONMENT VARIABLES).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variables {
    /// `RSYNC_PARTIAL_DIR`.
    pub partial_dir: Option<Bytes>,
    /// `RSYNC_MAX_ALLOC`.
    pub max_alloc: Option<Bytes>,
    /// `RSYNC_OLD_ARGS`.
    pub old_args: Option<Bytes>,
    /// `RSYNC_CHECKSUM_LIST`.
    pub checksum_list: Option<Bytes>,
    /// `RSYNC_COMPRESS_LIST`.
    pub compress_list: Option<Bytes>,
    /// `RSYNC_ICONV`.
    pub iconv: Option<Bytes>,
}

impl Variables {
    /// None of them is set.
    pub const UNSET: Variables = Variables {
        partial_dir: None,
        max_alloc: None,
        old_args: None,
        checksum_list: None,
        compress_list: None,
        iconv: None,
    };
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// Copy.
    Run(Box<Options>),
    /// Nothing but to open the files of a batch, if it can be done, and then to say that the rest is refused.
    Refused(Box<Options>, UsageError),
    /// Write this to standard output and exit 0: help, version, `--info=help`.
    Print(Bytes),
    /// Tell what this system allows between the places that these operands name (`--doctor`).
    Doctor(Vec<Bytes>),
    /// Another machine or another mode: hand over to rsync with the same arguments.
    Remote,
}

/// argv, the program's name left out, to what it means.
///
/// # Errors
/// What rsync refuses is refused in its words; so is what this release does not do yet.
pub fn read(argv: &[Bytes], facts: &Facts) -> Result<Resolved, UsageError> {
    resolve(&parse(argv, facts), facts)
}

/// What was typed to what it means.
///
/// # Errors
/// As [`read`].
pub fn resolve(args: &Args, facts: &Facts) -> Result<Resolved, UsageError> {
    if args.end == End::OtherMode {
        return Ok(Resolved::Remote);
    }
    let mut draft = Draft::new(facts.numerals);
    for item in &args.items {
        (item.row.set)(&mut draft, item)?;
        if let Some(print) = draft.print {
            return Ok(Resolved::Print(printed(&draft, print, facts)));
        }
    }
    if let End::Failed(error) = &args.end {
        return Err(error.clone());
    }
    if draft.versions > 0 {
        let print = Print::Version(if draft.versions == 1 { VersionForm::Text } else { VersionForm::Json });
        return Ok(Resolved::Print(printed(&draft, print, facts)));
    }
    if draft.doctor {
        return Ok(Resolved::Doctor(args.operands.clone()));
    }
    if args.typed.len() == 1 && draft.options.output.human >= 2 {
        return Ok(Resolved::Print(printed(&draft, Print::Help, facts)));
    }
    assemble(draft, args, facts)
}

/// A `-q` before it silences all of this but JSON.
pub(crate) fn printed(draft: &Draft, print: Print, facts: &Facts) -> Bytes {
    match print {
        Print::Version(VersionForm::Json) => help::version_text(VersionForm::Json),
        _ if draft.options.output.quiet => Bytes::new(),
        Print::Version(VersionForm::Text) => help::version_text(VersionForm::Text),
        Print::Help => help::help_text(facts.called_as),
        Print::Words(topic) => words::help(topic),
    }
}

/// The order is rsync's: whichever complaint it would make first is made here.
fn assemble(mut draft: Draft, args: &Args, facts: &Facts) -> Result<Resolved, UsageError> {
    draft.options.output.list_only |= args.operands.len() < 2 && !draft.batch.reads;
    variables::apply(&mut draft, &facts.variables);
    let asked = (!draft.remote.is_empty()).then(|| draft.clone());
    settle(&mut draft, facts)?;
    match operands::check(&draft, args, facts)? {
        Place::Elsewhere => Ok(Resolved::Remote),
        Place::Here => {
            let refused = operands::check_here(&draft, args);
            let refused = refused.and_then(|()| variables::negotiate(&mut draft, &facts.variables)).err();
            if let Some(error) = refused.as_ref().filter(|_| draft.batch.file.is_none()) {
                return Err(error.clone());
            }
            draft.options.operands = operands::passed(&draft, &args.operands);
            draft.options.charsets = charsets::settle(&draft, &draft);
            draft.options.batch = batch::settle(&draft, args, facts);
            // The batch is all that changes.
            draft.options.write.dry_run |= draft.options.batch.is_only();
            if let Some(error) = refused {
                return Ok(Resolved::Refused(Box::new(draft.options), error));
            }
            if let Some(asked) = &asked {
                receiving::settle(&mut draft.options, asked, receiving::start(asked), facts)?;
            }
            Ok(Resolved::Run(Box::new(draft.options)))
        }
    }
}

/// What the options come to, as far as it does not depend on the operands.
pub(crate) fn settle(draft: &mut Draft, facts: &Facts) -> Result<(), UsageError> {
    conflicts::early(draft)?;
    recursion(draft);
    deletion(draft)?;
    backup(draft)?;
    conflicts::late(draft)?;
    selection(draft);
    writing(draft, facts);
    attributes(draft);
    output::output(draft)?;
    confinement(draft);
    draft.options.basis = draft.basis.first().map(|(kind, _)| Basis {
        kind: *kind,
        dirs: draft.basis.iter().map(|(_, dir)| dir.clone()).collect(),
    });
    Ok(())
}

/// The root directory confines nothing.
fn confinement(draft: &mut Draft) {
    let bounds = |dir: &Bytes| dir.iter().any(|&byte| byte != b'/');
    let root = draft.confine_root.take().filter(bounds);
    draft.options.confine = Confine { sender: root.clone(), receiver: root };
}

fn recursion(draft: &mut Draft) {
    if draft.old_dirs {
        draft.recurse = Recurse::Asked;
        draft.options.select.filters.push(FilterArg::Rule(b"- /*/*".to_vec()));
    }
    let from_list = draft.options.select.files_from.is_some();
    let recurses = match draft.recurse {
        Recurse::Off => false,
        Recurse::Implied => !from_list,
        Recurse::Asked => true,
    };
    let dirs = draft.dirs.unwrap_or(from_list || draft.options.output.list_only);
    let select = &mut draft.options.select;
    select.recursion = match (recurses, dirs) {
        (true, _) => Recursion::Full,
        (false, true) => Recursion::Dirs,
        (false, false) => Recursion::None,
    };
    let needs_whole_list = draft.sorts_whole
        || draft.delete.before
        || draft.delete.after
        || draft.options.write.delay_updates
        || draft.options.select.prune_empty_dirs;
    // The first that sends lists piecemeal.
    let piecemeal = draft.options.protocol >= 30;
    draft.options.select.incremental = recurses && draft.incremental && !needs_whole_list && piecemeal;
}

fn deletion(draft: &mut Draft) -> Result<(), UsageError> {
    let when = when(draft);
    draft.options.delete.when = when;
    if when.is_none() {
        return Ok(());
    }
    draft.options.delete.force = true;
    if draft.options.select.recursion == Recursion::None && !draft.options.output.list_only {
        return Err(UsageError::option("--delete does not work without --recursive (-r) or --dirs (-d)."));
    }
    Ok(())
}

fn when(draft: &Draft) -> Option<DeleteWhen> {
    let wishes = draft.delete;
    let before = wishes.before.then_some(DeleteWhen::Before);
    let after = wishes.after.then_some(DeleteWhen::After);
    let plain = (wishes.plain || draft.options.delete.excluded).then_some(
        // Before protocol 30 the lists that deleting during a transfer needs do not come in time.
        if draft.options.protocol < 30 { DeleteWhen::Before } else { DeleteWhen::During },
    );
    before.or(wishes.during).or(after).or(plain)
}

fn backup(draft: &mut Draft) -> Result<(), UsageError> {
    let BackupWishes { asked, dir, suffix } = std::mem::take(&mut draft.backup);
    let suffix = suffix.unwrap_or_else(|| if dir.is_some() { Bytes::new() } else { b"~".to_vec() });
    if suffix.contains(&b'/') {
        return Err(UsageError::option([b"--suffix cannot contain slashes: ", suffix.as_slice()].concat()));
    }
    if suffix.is_empty() && dir.is_none() {
        return Err(UsageError::option("--suffix cannot be empty without a --backup-dir"));
    }
    if suffix.is_empty() && dir.as_deref().is_some_and(is_same_dir) {
        return Err(UsageError::option(
            "--suffix cannot be empty when --backup-dir is the same as the dest dir",
        ));
    }
    // Beside what they are kept of.
    let asked = asked || dir.is_some();
    let dir = dir.filter(|dir| !is_same_dir(dir));
    if asked && dir.is_none() {
        draft.options.preserve.omit_dir_times = true;
    }
    draft.options.backup = asked.then_some(Backup { dir, suffix });
    Ok(())
}

/// `.`, `./`, nothing at all: the directory itself.
fn is_same_dir(dir: &[u8]) -> bool {
    !dir.starts_with(b"/") && dir.split(|&byte| byte == b'/').all(|part| part.is_empty() || part == b".")
}

fn selection(draft: &mut Draft) {
    let from_list = draft.options.select.files_from.is_some();
    draft.options.select.relative = match (draft.relative.unwrap_or(from_list), draft.implied_dirs) {
        (false, _) => Relative::Off,
        (true, true) => Relative::Implied,
        (true, false) => Relative::NoImplied,
    };
}

fn writing(draft: &mut Draft, facts: &Facts) {
    let no_checksum = conflicts::has_no_checksum(draft);
    let write = &mut draft.options.write;
    let appends = write.append != Append::Off;
    write.inplace |= appends || write.write_devices;
    write.whole_file = no_checksum || (!appends && draft.whole_file.unwrap_or(draft.batch.file.is_none()));
    if write.delay_updates && write.partial_dir.is_none() {
        write.partial_dir = Some(b".~tmp~".to_vec());
    }
    if write.partial && write.partial_dir.is_none() && !write.inplace {
        write.partial_dir = facts.variables.partial_dir.clone().filter(|dir| !dir.is_empty());
    }
    write.partial_dir = write.partial_dir.take().map(|dir| tidied(&dir));
    write.partial |= write.inplace || write.partial_dir.is_some();
}

/// A path without parts that say nothing, by its text: also without those that its `..` take back.
fn tidied(path: &[u8]) -> Bytes {
    let root: &[u8] = if path.starts_with(b"/") { b"/" } else { b"" };
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|&byte| byte == b'/') {
        match (part, parts.last()) {
            (b"" | b".", _) => {}
            (b"..", Some(above)) if *above != b".." => drop(parts.pop()),
            (b"..", None) if !root.is_empty() => {}
            _ => parts.push(part),
        }
    }
    match [root, &parts.join(&b'/')].concat() {
        nothing if nothing.is_empty() => b".".to_vec(),
        tidy => tidy,
    }
}

fn attributes(draft: &mut Draft) {
    let preserve = &mut draft.options.preserve;
    preserve.devices &= !draft.drop_nodes;
    preserve.specials &= !draft.drop_nodes;
    preserve.executability &= !preserve.perms;
    preserve.open_noatime |= preserve.atimes > 1;
    preserve.receiver_claim = preserve.sender_claim;
    if preserve.copy_as.is_some() {
        // Whoever that is can do what they can do.
        (preserve.sender_claim, preserve.receiver_claim) = (Claim::ByUser, Claim::ByUser);
    }
}

/// The filter argument that the n-th `-F` stands for; a third changes nothing.
pub(crate) fn rsync_filter(nth: u8) -> Option<FilterArg> {
    match nth {
        1 => Some(FilterArg::DirMergeRsyncFilter),
        2 => Some(FilterArg::ExcludeRsyncFilter),
        _ => None,
    }
}

/// Words of `--info` or `--debug`, of which `help` ends the reading.
pub(crate) fn listen(draft: &mut Draft, topic: Topic, list: &[u8]) -> Result<(), UsageError> {
    let levels = match topic {
        Topic::Info => &mut draft.info,
        Topic::Debug => &mut draft.debug,
    };
    if levels.listen(list)? == words::Heard::Help {
        draft.print = Some(Print::Words(topic));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
