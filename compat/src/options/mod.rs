//! What the command line means: [`Options`], in groups, with every implication already applied.
//!
//! [`parse`] turns argv into [`Args`](parse::Args) (what was typed, order kept), [`resolve`] turns those into
//! [`Options`] (what is meant). Nothing downstream looks at argv or the environment again.

mod alias;
pub mod batch;
mod conflicts;
mod draft;
pub mod error;
pub mod help;
mod operands;
pub mod parse;
pub mod resolve;
pub mod stop;
pub mod suggest;
pub mod table;
mod variables;
mod words;

use crate::digest::Algorithm;

/// A file name or path as bytes, the way it was typed.
pub type Bytes = Vec<u8>;

/// Everything the run needs to know about the user's wishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Source operands and, last, the destination; one operand alone means `--list-only`.
    pub operands: Vec<Bytes>,
    /// What is copied.
    pub select: Select,
    /// When an existing file counts as up to date.
    pub compare: Compare,
    /// How data is written.
    pub write: Write,
    /// Which attributes are kept.
    pub preserve: Preserve,
    /// What happens to symbolic links.
    pub links: Links,
    /// Where typed paths may lead.
    pub confine: Confine,
    /// What is deleted, and when.
    pub delete: Delete,
    /// `--backup` and its relatives.
    pub backup: Option<Backup>,
    /// Alternate destinations, in the order given, all of one kind.
    pub basis: Option<Basis>,
    /// What is printed.
    pub output: Output,
    /// `--write-batch`, `--read-batch`.
    pub batch: Batch,
    /// Choices of our own that rsync lacks.
    pub engine: Engine,
    /// What is printed in forms that rsync lacks.
    pub telling: Telling,
}

/// Whether the run is recorded, or a recorded one is replayed (rsync(1), BATCH MODE).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Batch {
    /// Neither.
    None,
    /// `--write-batch`, `--only-write-batch`; without effect in a dry run.
    Write(batch::Written),
    /// `--read-batch`.
    Read(batch::Replayed),
}

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

/// When an existing file counts as up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compare {
    /// `-c`.
    pub checksum: bool,
    /// `-I`.
    pub ignore_times: bool,
    /// `--size-only`.
    pub size_only: bool,
    /// `--modify-window` in seconds; negative compares nanoseconds.
    pub modify_window: i64,
    /// `-u`.
    pub update: bool,
    /// `--existing`.
    pub existing: bool,
    /// `--ignore-existing`.
    pub ignore_existing: bool,
    /// `-y` given this many times.
    pub fuzzy: u8,
}

/// How data is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// `-n`.
    pub dry_run: bool,
    /// `-W` is in force (the default on one machine).
    pub whole_file: bool,
    /// `--inplace`.
    pub inplace: bool,
    /// `--append`, `--append-verify`.
    pub append: Append,
    /// `--partial`.
    pub partial: bool,
    /// `--partial-dir=DIR`.
    pub partial_dir: Option<Bytes>,
    /// `--delay-updates`.
    pub delay_updates: bool,
    /// `-T DIR`.
    pub temp_dir: Option<Bytes>,
    /// `-S`, `--sparse=WHEN`.
    pub sparse: Sparse,
    /// `--reflink=WHEN`.
    pub reflink: Reflink,
    /// `--preallocate`.
    pub preallocate: bool,
    /// `--fsync`.
    pub fsync: bool,
    /// `-B`, bytes; 0 when not given.
    pub block_size: u32,
    /// `--remove-source-files`, `--remove-sent-files`.
    pub remove_source_files: RemoveSources,
    /// `--mkpath`.
    pub mkpath: bool,
    /// `--bwlimit`, bytes a second; 0 is no limit.
    pub bwlimit: u64,
    /// `--stop-after`, `--stop-at`; the last one counts.
    pub stop: Option<stop::Stop>,
    /// `--timeout`, seconds; 0 is none.
    pub timeout: u32,
    /// `--copy-devices`.
    pub copy_devices: bool,
    /// `--write-devices`.
    pub write_devices: bool,
}

/// Where files have holes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sparse {
    /// As it comes: rsync makes none of its own.
    Off,
    /// `-S`, `--sparse`, `--sparse=always`: wherever there are only zeros.
    Zeros,
    /// `--sparse=auto`: where the source has some.
    Holes,
    /// `--sparse=never`: nowhere.
    Never,
}

/// Whether files share their data with the source (`--reflink`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reflink {
    /// Where the file system can.
    Auto,
    /// `--reflink`, `--reflink=always`: or else they are not copied.
    Always,
    /// `--reflink=never`.
    Never,
}

/// What goes from the source once the destination has it; never directories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoveSources {
    /// Nothing.
    None,
    /// `--remove-sent-files`: regular files whose data was sent.
    Sent,
    /// `--remove-source-files`: also what was there already.
    All,
}

/// `--append` and `--append-verify`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Append {
    /// Neither.
    Off,
    /// `--append`.
    Tail,
    /// `--append-verify`.
    Verify,
}

/// Which attributes are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preserve {
    /// `-p`.
    pub perms: bool,
    /// `-E`.
    pub executability: bool,
    /// `-A`.
    pub acls: bool,
    /// `-X` given this many times (2 copies `user.rsync.*` too).
    pub xattrs: u8,
    /// `-o`.
    pub owner: bool,
    /// `-g`.
    pub group: bool,
    /// `--devices`.
    pub devices: bool,
    /// `--specials`.
    pub specials: bool,
    /// `-t`.
    pub times: bool,
    /// `-U` given this many times.
    pub atimes: u8,
    /// `--open-noatime`.
    pub open_noatime: bool,
    /// `-O`.
    pub omit_dir_times: bool,
    /// `-J`.
    pub omit_link_times: bool,
    /// `-H`.
    pub hard_links: bool,
    /// `--numeric-ids`.
    pub numeric_ids: bool,
    /// `--chmod` arguments in order.
    pub chmod: Vec<Bytes>,
    /// `--usermap` text.
    pub usermap: Option<Bytes>,
    /// `--groupmap` text.
    pub groupmap: Option<Bytes>,
    /// What the side that reads the source claims to be able to do.
    pub sender_claim: Claim,
    /// The same of the side that writes the destination: `-M` is for it alone.
    pub receiver_claim: Claim,
    /// `--copy-as`.
    pub copy_as: Option<Bytes>,
}

/// Whether owners, devices and protected attributes are ours to read and set; the last of the options counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// None of the options: as root they are.
    ByUser,
    /// `--super`.
    Super,
    /// `--no-super`.
    Ordinary,
    /// `--fake-super`: they are, in extended attributes.
    Fake,
}

/// Where paths that options name may come out (`--confine-root`); `None` is anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Confine {
    /// On the side that reads the source.
    pub sender: Option<Bytes>,
    /// On the side that writes the destination.
    pub receiver: Option<Bytes>,
}

/// What happens to symbolic links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Links {
    /// `-l`.
    pub keep: bool,
    /// `-L`.
    pub copy: bool,
    /// `--copy-unsafe-links`.
    pub copy_unsafe: bool,
    /// `--safe-links`.
    pub safe: bool,
    /// `--munge-links`: the source's links are munged.
    pub unmunge: bool,
    /// `-M--munge-links`: the destination's links are to be munged.
    pub munge: bool,
    /// `-k`.
    pub copy_dirlinks: bool,
    /// `-K`.
    pub keep_dirlinks: bool,
    /// `--insecure-links`.
    pub insecure: bool,
}

/// When extraneous entries go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteWhen {
    /// `--delete-before`.
    Before,
    /// `--delete`, `--del`, `--delete-during`.
    During,
    /// `--delete-delay`.
    Delay,
    /// `--delete-after`.
    After,
}

/// What is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delete {
    /// Some kind of `--delete`, and its time.
    pub when: Option<DeleteWhen>,
    /// `--delete-excluded`.
    pub excluded: bool,
    /// `--max-delete`; `None` is no limit.
    pub max: Option<u64>,
    /// `--force`, or any `--delete`.
    pub force: bool,
    /// `--ignore-errors`.
    pub ignore_errors: bool,
}

/// `--backup`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// `--backup-dir`.
    pub dir: Option<Bytes>,
    /// `--suffix`; empty only with a directory.
    pub suffix: Bytes,
}

/// What an exact match in an alternate destination leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BasisKind {
    /// `--compare-dest`: nothing is written.
    Compare,
    /// `--copy-dest`: a local copy.
    Copy,
    /// `--link-dest`: a hard link.
    Link,
}

/// Alternate destinations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// Which option named them.
    pub kind: BasisKind,
    /// Directories in order, relative ones below the destination.
    pub dirs: Vec<Bytes>,
}

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Not at all.
    Off,
    /// `--progress`: a line for each file.
    PerFile,
    /// `--info=progress2`: one line for the run.
    Overall,
}

/// Levels of the `--info` words; 0 is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each field is the word of rsync(1), --info")]
pub struct Info {
    pub backup: u8,
    pub copy: u8,
    pub del: u8,
    pub flist: u8,
    pub misc: u8,
    pub mount: u8,
    pub name: u8,
    pub nonreg: u8,
    pub progress: u8,
    pub remove: u8,
    pub skip: u8,
    pub stats: u8,
    pub symsafe: u8,
}

/// Levels of those `--debug` words that print something here; 0 is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each field is the word of rsync(1), --debug")]
pub struct Debug {
    pub backup: u8,
    pub filter: u8,
    pub exit: u8,
    pub flist: u8,
    pub del: u8,
    pub deltasum: u8,
    pub genr: u8,
    pub hlink: u8,
    pub io: u8,
    pub recv: u8,
}

/// What is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// `-v` count; `-q` cancels it.
    pub verbose: u8,
    /// `-q`.
    pub quiet: bool,
    /// `--info` levels after `-v` and defaults are applied.
    pub info: Info,
    /// `--debug` levels after `-v` is applied.
    pub debug: Debug,
    /// `-i` count: 1 changed items, 2 all items.
    pub itemize: u8,
    /// The line for each item, when one is wanted: `--out-format`, `-i`, `-v` or progress.
    pub out_format: Option<Bytes>,
    /// `--log-file`.
    pub log_file: Option<Bytes>,
    /// `--log-file-format`.
    pub log_file_format: Option<Bytes>,
    /// `--stats`.
    pub stats: bool,
    /// `-h` level: 0 plain, 1 commas (default), 2 thousands, 3 powers of 1024.
    pub human: u8,
    /// `--progress`, `--info=progress2`.
    pub progress: Progress,
    /// `-8`.
    pub eight_bit: bool,
    /// `--list-only`, or a single operand.
    pub list_only: bool,
    /// The checksum that `%C` shows: that of `-c` with it, else that of transfers.
    pub sum: Algorithm,
    /// `--outbuf`.
    pub outbuf: Option<OutBuf>,
    /// `--stderr=all`: informational lines go to standard error too.
    pub all_to_stderr: bool,
}

/// `--outbuf`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutBuf {
    /// `N`: unbuffered.
    None,
    /// `L`: by line.
    Line,
    /// `B`: by block.
    Block,
}

/// `--io`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Io {
    /// The back end that measurement favours, operation by operation.
    Auto,
    /// The ring wherever it has the operation.
    Ring,
    /// Plain system calls only.
    Syscalls,
}

/// What is printed in forms that rsync lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Telling {
    /// `--summary`: what was done, in words, at the end.
    pub summary: bool,
    /// `--json`: standard output is a JSON object a line, and nothing else.
    pub json: bool,
    /// `--bar`: a live view of the run on a terminal.
    pub bar: bool,
}

/// Choices of our own that rsync lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Engine {
    /// `--workers=N`; `None` is one per CPU that may be used.
    pub workers: Option<usize>,
    /// `--pin=on|off`.
    pub pin: bool,
    /// `--io=auto|ring|syscalls`.
    pub io: Io,
}
