//! What is printed, and how.

use crate::digest::Algorithm;
use crate::options::Bytes;
use crate::output::number::Numerals;

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

/// Levels of those `--debug` words that have something to tell on one machine; 0 is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each field is the word of rsync(1), --debug")]
pub struct Debug {
    pub acl: u8,
    pub backup: u8,
    pub del: u8,
    pub deltasum: u8,
    pub dup: u8,
    pub exit: u8,
    pub filter: u8,
    pub flist: u8,
    pub fuzzy: u8,
    pub genr: u8,
    pub hlink: u8,
    pub iconv: u8,
    pub io: u8,
    pub nstr: u8,
    pub own: u8,
    pub recv: u8,
    pub send: u8,
    pub time: u8,
}

/// A `--debug` word in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DebugWord {
    /// In small letters.
    pub word: &'static str,
    /// How much is asked for.
    pub level: u8,
    /// The level at which rsync tells everything.
    pub level_max: u8,
}

impl Debug {
    /// All words, by name.
    #[must_use]
    pub fn words(&self) -> [DebugWord; 17] {
        [
            ("acl", self.acl, 1),
            ("backup", self.backup, 2),
            ("del", self.del, 3),
            ("deltasum", self.deltasum, 4),
            ("dup", self.dup, 1),
            ("exit", self.exit, 3),
            ("filter", self.filter, 3),
            ("flist", self.flist, 4),
            ("fuzzy", self.fuzzy, 2),
            ("genr", self.genr, 1),
            ("hlink", self.hlink, 3),
            ("io", self.io, 4),
            ("nstr", self.nstr, 1),
            ("own", self.own, 2),
            ("recv", self.recv, 1),
            ("send", self.send, 1),
            ("time", self.time, 2),
        ]
        .map(|(word, level, level_max)| DebugWord { word, level, level_max })
    }
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
    /// The receiving side is told to name what it does: by `-v` and `--info`, and by `--progress` unless a format of
    /// lines comes with it.
    pub names_there: bool,
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
    /// How the locale writes numbers.
    pub numerals: Numerals,
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
    /// `--stderr`.
    pub stderr: Stderr,
}

/// `--stderr`: what goes to standard error, and who writes it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stderr {
    /// Errors. rsync's receiving side writes its own, in the C locale.
    Errors,
    /// Informational lines too.
    All,
    /// Errors, all of them by the side that the user talks to.
    Client,
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
