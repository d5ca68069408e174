//! Options that say what is copied.

use super::super::conflicts::sized;
use super::super::draft::{Draft, Recurse, count, flag, text};
use super::super::error::UsageError;
use super::super::parse::Item;
use super::super::resolve::rsync_filter;
use super::super::{FilterArg, MissingArgs, OneFileSystem};
use super::{Category, Row, Value};
use crate::size::FILE_SIZE;

#[cfg(test)]
use super::super::{Recursion, Relative};
#[cfg(test)]
use super::tests::{Case, Expect};

const FLAG: Row = Row::flag(Category::Select);

pub(super) static ROWS: &[Row] = &[
    Row {
        long: "archive",
        short: Some(b'a'),
        help: "keep nearly everything: -rlptgoD (not -A -X -U -N -H)",
        lines: &[("--no-OPTION", "turn off what another option implies, e.g. --no-D")],
        about: "The same as \\fB-rlptgoD\\fR. What it implies can be taken back afterwards: \\fB-a --no-o\\fR keeps no owners. With \\fB--files-from\\fR it does not imply \\fB-r\\fR.",
        set: archive,
        ..FLAG
    },
    Row {
        long: "recursive",
        short: Some(b'r'),
        no: &["no-recursive", "no-r"],
        help: "copy directories with everything in them",
        about: "Enters directories. Without this or \\fB-d\\fR a directory operand is skipped with a message.",
        set: |draft, item| {
            draft.recurse = if item.on() { Recurse::Asked } else { Recurse::Off };
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "inc-recursive",
        alias: &["i-r"],
        no: &["no-inc-recursive", "no-i-r"],
        lines: &[
            ("--inc-recursive, --i-r", "announce the scan as incremental (the default)"),
            ("--no-inc-recursive", "announce the scan as a whole"),
            ("--no-i-r", "same as --no-inc-recursive"),
        ],
        about: "rsync builds its list of files bit by bit unless told otherwise; here the two only differ in the first line that \\fB-v\\fR prints. \\fB--delete-before\\fR, \\fB--delete-after\\fR, \\fB--delay-updates\\fR and \\fB-m\\fR turn it off.",
        set: |draft, item| flag(&mut draft.incremental, item),
        ..FLAG
    },
    Row {
        long: "relative",
        short: Some(b'R'),
        no: &["no-relative", "no-R"],
        help: "keep the path of each operand, not just its last part",
        about: "\\fBa/b/c\\fR arrives as \\fBa/b/c\\fR below the destination. A \\fB/./\\fR in the operand marks where the kept part starts.",
        set: |draft, item| flag(&mut draft.relative, item),
        ..FLAG
    },
    Row {
        long: "implied-dirs",
        alias: &["i-d"],
        no: &["no-implied-dirs", "no-i-d"],
        lines: &[("--no-implied-dirs", "with -R, leave the directories above an operand alone")],
        about: "With \\fB-R\\fR, directories above an operand get the source's attributes. \\fB--no-implied-dirs\\fR leaves existing ones as they are, symbolic links to directories included, and makes missing ones with default attributes.",
        set: |draft, item| flag(&mut draft.implied_dirs, item),
        ..FLAG
    },
    Row {
        long: "dirs",
        short: Some(b'd'),
        no: &["no-dirs", "no-d"],
        help: "copy directories without entering them",
        about: "Makes directories but enters only operands that end in a slash, one level deep.",
        set: |draft, item| {
            draft.old_dirs = false;
            flag(&mut draft.dirs, item)
        },
        ..FLAG
    },
    Row {
        long: "old-dirs",
        alias: &["old-d"],
        help: "copy operands and what is right in them",
        lines: &[("--old-d", "same as --old-dirs")],
        about: "For rsyncs too old to know \\fB-d\\fR: \\fB-r\\fR with the rule \\fB- /*/*\\fR after all others.",
        set: |draft, item| flag(&mut draft.old_dirs, item),
        ..FLAG
    },
    Row {
        long: "one-file-system",
        short: Some(b'x'),
        no: &["no-one-file-system", "no-x"],
        help: "stay on the file system of each operand",
        about: "Mount points are made as empty directories and not entered; given twice they are left out. Deleting stops at mount points too.",
        set: one_file_system,
        ..FLAG
    },
    Row {
        long: "cvs-exclude",
        short: Some(b'C'),
        help: "leave out what CVS leaves out",
        about: "Adds the list of names that CVS ignores, then \\fB$HOME/.cvsignore\\fR and \\fB$CVSIGNORE\\fR, after all other rules, and reads \\fB.cvsignore\\fR in each directory.",
        set: |draft, item| flag(&mut draft.options.select.cvs_exclude, item),
        ..FLAG
    },
    Row {
        long: "filter",
        short: Some(b'f'),
        value: Value::Text("RULE"),
        help: "add a filter rule",
        about: "See \\fBFILTER RULES\\fR.",
        set: |draft, item| filter(draft, FilterArg::Rule(item.text().to_vec())),
        ..FLAG
    },
    Row {
        short: Some(b'F'),
        help: "read .rsync-filter in every directory",
        lines: &[("", "given twice: and leave those files out")],
        about: "Short for \\fB--filter='dir-merge /.rsync-filter'\\fR; given twice, \\fB--filter='exclude .rsync-filter'\\fR as well. Directories above the source are read too, up to the root.",
        set: |draft, item| {
            count(&mut draft.rsync_filters, item)?;
            rsync_filter(draft.rsync_filters).map_or(Ok(()), |arg| filter(draft, arg))
        },
        ..FLAG
    },
    Row {
        long: "exclude",
        value: Value::Text("PATTERN"),
        help: "leave out what matches PATTERN",
        about: "Short for an exclude rule. A pattern that starts with \\fB+\\fR, \\fB-\\fR or is \\fB!\\fR is a rule of its own.",
        set: |draft, item| filter(draft, FilterArg::Exclude(item.text().to_vec())),
        ..FLAG
    },
    Row {
        long: "exclude-from",
        value: Value::File("FILE"),
        help: "read exclude patterns from FILE",
        about: "One pattern a line; empty lines and those that start with \\fB#\\fR or \\fB;\\fR are skipped. \\fB-\\fR is standard input.",
        set: |draft, item| filter(draft, FilterArg::ExcludeFrom(item.text().to_vec())),
        ..FLAG
    },
    Row {
        long: "include",
        value: Value::Text("PATTERN"),
        help: "do not leave out what matches PATTERN",
        about: "Short for an include rule, which only matters before an exclude rule that also matches. A directory that is left out is not entered, so what an include matches inside it is not reached.",
        set: |draft, item| filter(draft, FilterArg::Include(item.text().to_vec())),
        ..FLAG
    },
    Row {
        long: "include-from",
        value: Value::File("FILE"),
        help: "read include patterns from FILE",
        about: "As \\fB--exclude-from\\fR, for include patterns.",
        set: |draft, item| filter(draft, FilterArg::IncludeFrom(item.text().to_vec())),
        ..FLAG
    },
    Row {
        long: "files-from",
        value: Value::File("FILE"),
        help: "copy the names listed in FILE",
        about: "FILE lists names below the one source operand, one a line; \\fB-\\fR is standard input. Implies \\fB-R\\fR and \\fB-d\\fR, and \\fB-a\\fR does not recurse then.",
        set: |draft, item| text(&mut draft.options.select.files_from, item),
        ..FLAG
    },
    Row {
        long: "from0",
        short: Some(b'0'),
        no: &["no-from0"],
        help: "names and patterns in files end in NUL, not newline",
        about: "Holds for \\fB--files-from\\fR, \\fB--exclude-from\\fR, \\fB--include-from\\fR and merge files, not for \\fB.cvsignore\\fR.",
        set: |draft, item| {
            flag(&mut draft.options.select.from0, item)?;
            filter(draft, FilterArg::From0(item.on()))
        },
        ..FLAG
    },
    Row {
        long: "prune-empty-dirs",
        short: Some(b'm'),
        no: &["no-prune-empty-dirs", "no-m"],
        help: "leave out directories with nothing to copy in them",
        about: "A directory that holds no files after filtering, at any depth, is not made; \\fB--delete\\fR removes it at the destination.",
        set: |draft, item| flag(&mut draft.options.select.prune_empty_dirs, item),
        ..FLAG
    },
    Row {
        long: "max-size",
        value: Value::Text("SIZE"),
        help: "skip files larger than SIZE",
        about: "SIZE is a number with an optional \\fBK\\fR, \\fBM\\fR, \\fBG\\fR, \\fBT\\fR or \\fBP\\fR: powers of 1024, or of 1000 with a \\fBB\\fR behind (\\fBKB\\fR). A last \\fB+1\\fR or \\fB-1\\fR moves it by a byte. Skipped files are still safe from \\fB--delete\\fR.",
        set: |draft, item| {
            draft.options.select.max_size = Some(sized(draft, "max-size", item.text(), &FILE_SIZE)?);
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "min-size",
        value: Value::Text("SIZE"),
        help: "skip files smaller than SIZE",
        about: "As \\fB--max-size\\fR.",
        set: |draft, item| {
            draft.options.select.min_size = Some(sized(draft, "min-size", item.text(), &FILE_SIZE)?);
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "ignore-missing-args",
        help: "a source operand that does not exist is no error",
        about: "Missing operands are passed over in silence.",
        set: |draft, _| {
            // Whichever comes first, deleting goes further.
            if draft.options.select.missing_args != MissingArgs::Delete {
                draft.options.select.missing_args = MissingArgs::Ignore;
            }
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "delete-missing-args",
        help: "delete at the destination what is missing in the source",
        about: "A source operand that does not exist is removed at the destination; a directory with contents only with \\fB--force\\fR or \\fB--delete\\fR.",
        set: |draft, _| {
            draft.options.select.missing_args = MissingArgs::Delete;
            Ok(())
        },
        ..FLAG
    },
];

fn archive(draft: &mut Draft, _: &Item) -> Result<(), UsageError> {
    if draft.recurse == Recurse::Off {
        draft.recurse = Recurse::Implied;
    }
    draft.options.links.keep = true;
    let preserve = &mut draft.options.preserve;
    preserve.perms = true;
    preserve.times = true;
    preserve.group = true;
    preserve.owner = true;
    preserve.devices = true;
    preserve.specials = true;
    Ok(())
}

fn one_file_system(draft: &mut Draft, item: &Item) -> Result<(), UsageError> {
    let slot = &mut draft.options.select.one_file_system;
    *slot = match (item.on(), *slot) {
        (false, _) => OneFileSystem::Off,
        (true, OneFileSystem::Off) => OneFileSystem::KeepMountPoints,
        (true, _) => OneFileSystem::SkipMountPoints,
    };
    Ok(())
}

fn filter(draft: &mut Draft, arg: FilterArg) -> Result<(), UsageError> {
    draft.options.select.filters.push(arg);
    Ok(())
}

#[cfg(test)]
pub(super) static CASES: &[Case] = &[
    (
        "--archive",
        &["-a"],
        Expect::On(|o| {
            o.links.keep && o.preserve.owner && o.preserve.specials && o.select.recursion == Recursion::Full
        }),
    ),
    ("--recursive", &["-r"], Expect::On(|o| o.select.recursion == Recursion::Full)),
    ("--inc-recursive", &["-r", "--no-i-r"], Expect::Off(|o| !o.select.incremental)),
    ("--relative", &["-R"], Expect::On(|o| o.select.relative == Relative::Implied)),
    ("--implied-dirs", &["-R", "--no-i-d"], Expect::Off(|o| o.select.relative == Relative::NoImplied)),
    ("--dirs", &["-d"], Expect::On(|o| o.select.recursion == Recursion::Dirs)),
    ("--old-dirs", &["--old-d"], Expect::On(|o| o.select.recursion == Recursion::Full)),
    (
        "--one-file-system",
        &["-xx"],
        Expect::On(|o| o.select.one_file_system == OneFileSystem::SkipMountPoints),
    ),
    ("--cvs-exclude", &["-C"], Expect::On(|o| o.select.cvs_exclude)),
    ("--filter", &["-f- x"], Expect::On(|o| o.select.filters == [FilterArg::Rule(b"- x".to_vec())])),
    (
        "-F",
        &["-FFF"],
        Expect::On(|o| o.select.filters == [FilterArg::DirMergeRsyncFilter, FilterArg::ExcludeRsyncFilter]),
    ),
    ("--exclude", &["--exclude=x"], Expect::On(|o| o.select.filters == [FilterArg::Exclude(b"x".to_vec())])),
    (
        "--exclude-from",
        &["--exclude-from=x"],
        Expect::On(|o| o.select.filters == [FilterArg::ExcludeFrom(b"x".to_vec())]),
    ),
    ("--include", &["--include=x"], Expect::On(|o| o.select.filters == [FilterArg::Include(b"x".to_vec())])),
    (
        "--include-from",
        &["--include-from=x"],
        Expect::On(|o| o.select.filters == [FilterArg::IncludeFrom(b"x".to_vec())]),
    ),
    (
        "--files-from",
        &["-a", "--files-from=x"],
        Expect::On(|o| {
            o.select.files_from.is_some()
                && o.select.recursion == Recursion::Dirs
                && o.select.relative == Relative::Implied
        }),
    ),
    ("--from0", &["-0"], Expect::On(|o| o.select.from0)),
    ("--prune-empty-dirs", &["-r", "-m"], Expect::On(|o| o.select.prune_empty_dirs && !o.select.incremental)),
    ("--max-size", &["--max-size=1k"], Expect::On(|o| o.select.max_size == Some(1024))),
    ("--min-size", &["--min-size=1kb"], Expect::On(|o| o.select.min_size == Some(1000))),
    (
        "--ignore-missing-args",
        &["--ignore-missing-args"],
        Expect::On(|o| o.select.missing_args == MissingArgs::Ignore),
    ),
    (
        "--delete-missing-args",
        &["--delete-missing-args"],
        Expect::On(|o| o.select.missing_args == MissingArgs::Delete),
    ),
];
