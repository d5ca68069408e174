//! What the command line means: [`Options`], in groups, with every implication already applied.
//!
//! [`parse`] turns argv into [`Args`](parse::Args) (what was typed, order kept), [`resolve`] turns those into
//! [`Options`] (what is meant). Nothing downstream looks at argv or the environment again.

mod alias;
pub mod batch;
pub mod charsets;
mod conflicts;
mod daemon_words;
mod draft;
pub mod error;
mod groups;
pub mod help;
mod operands;
pub mod parse;
mod receiving;
pub mod refused;
pub mod resolve;
pub mod stop;
pub mod suggest;
pub mod table;
mod variables;
mod words;

pub use groups::{
    Append, Backup, Basis, BasisKind, Claim, Compare, Confine, CopyMethod, Debug, DebugWord, Delete,
    DeleteWhen, Engine, FilterArg, Info, Io, Links, MissingArgs, OneFileSystem, OutBuf, Output, Preserve,
    Progress, Receiving, Recursion, Reflink, Relative, RemoveSources, Select, Sparse, Stderr, Telling, Write,
};

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
    /// `--iconv`; `None` leaves names as they are.
    pub charsets: Option<charsets::Charsets>,
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
    /// `-M`; `None` where the sides are told the same.
    pub receiving: Option<Receiving>,
    /// The protocol that rsync's processes would speak (`--protocol`): an older one carries less.
    pub protocol: i32,
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
