//! What is printed, and how.

use crate::digest::Algorithm;
use crate::options::Bytes;

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
