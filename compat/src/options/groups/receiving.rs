//! What the receiving side alone is told (rsync(1), `--remote-option`).

use super::{FilterArg, Info};
use crate::options::Bytes;

/// What `-M` changes for the receiving side beside what only that side looks at anyway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receiving {
    /// Its filter rules, in order, those of both sides among them.
    pub filters: Vec<FilterArg>,
    /// `-C`.
    pub cvs_exclude: bool,
    /// `--chmod`: what it does to the modes that it is sent.
    pub chmod: Vec<Bytes>,
    /// Levels of its messages.
    pub info: Info,
    /// Its `--debug=flist`.
    pub listing: u8,
    /// Unchanged items are told to the sender, which may print them.
    pub tells_all: bool,
    /// Its log file, where the other side has none.
    pub log_file: Option<Bytes>,
    /// What the log file shows.
    pub log_file_format: Option<Bytes>,
    /// `-t` is given to the other side, which prints the letters of what changes.
    pub times_here: bool,
    /// Warnings of what it was told in vain.
    pub warnings: Vec<Bytes>,
}
