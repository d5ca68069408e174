//! What is copied: operands, recursion, filters, sizes (rsync(1), OPTION SUMMARY).

use crate::options::Bytes;

/// How deep the run goes into directories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recursion {
    /// Neither `-r` nor `-d`: directories are skipped with a message.
    None,
    /// `-d`: directories are made, and only operands that end in `/` are entered, one level.
    Dirs,
    /// `-r`.
    Full,
}

/// `-x`, `-xx`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OneFileSystem {
    /// Mount points are entered.
    Off,
    /// `-x`: a mount point is made as an empty directory.
    KeepMountPoints,
    /// `-xx`: mount points are left out.
    SkipMountPoints,
}

/// `-R` and `--no-implied-dirs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relative {
    /// Names start at the operand.
    Off,
    /// Full names; implied directories carry the source's attributes.
    Implied,
    /// Full names; implied directories are made with default attributes.
    NoImplied,
}

/// One filter argument, in the order typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterArg {
    /// `--filter=RULE`, `-f RULE`.
    Rule(Bytes),
    /// `--exclude=PATTERN`.
    Exclude(Bytes),
    /// `--include=PATTERN`.
    Include(Bytes),
    /// `--exclude-from=FILE`.
    ExcludeFrom(Bytes),
    /// `--include-from=FILE`.
    IncludeFrom(Bytes),
    /// `-0` or `--no-from0`: how the lines of the files behind it end.
    From0(bool),
    /// The first `-F` on the command line.
    DirMergeRsyncFilter,
    /// The second `-F`.
    ExcludeRsyncFilter,
}

/// What is copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Select {
    /// `-r`, `-d` or neither.
    pub recursion: Recursion,
    /// `-R`.
    pub relative: Relative,
    /// `-x`.
    pub one_file_system: OneFileSystem,
    /// Filter arguments in order.
    pub filters: Vec<FilterArg>,
    /// `-C`.
    pub cvs_exclude: bool,
    /// `--files-from=FILE` (`-` is standard input).
    pub files_from: Option<Bytes>,
    /// `-0`: lists are separated by NUL.
    pub from0: bool,
    /// `-m`.
    pub prune_empty_dirs: bool,
    /// `--max-size`, bytes.
    pub max_size: Option<u64>,
    /// `--min-size`, bytes.
    pub min_size: Option<u64>,
    /// `--ignore-missing-args`, `--delete-missing-args`.
    pub missing_args: MissingArgs,
    /// `--inc-recursive` is in force, which decides the wording of the first line.
    pub incremental: bool,
}

impl Select {
    /// Whether the list is made and sent directory by directory, while the transfer goes on (`--inc-recursive`).
    #[must_use]
    pub fn is_piecemeal(&self) -> bool {
        self.incremental && self.recursion == Recursion::Full
    }
}

/// What a missing source operand means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingArgs {
    /// An error, exit 23.
    Error,
    /// `--ignore-missing-args`.
    Ignore,
    /// `--delete-missing-args`.
    Delete,
}
