//! Source operands, opened (rsync(1), USAGE: trailing slash, several sources, `--relative`).

use std::os::fd::OwnedFd;

use rsync_compat::filter::NameKind;
use rsync_compat::options::{Options, Relative};

use super::gather::Gatherer;
use super::look::open_dir;
use super::split::{cut_listed, cut_plain, cut_relative};
use super::tree::OperandTree;
use crate::entry::Meta;
use crate::failure::Failure;
use crate::path_text::absolute;

/// A directory that source names are relative to.
#[derive(Debug)]
pub struct SourceRoot {
    /// The open directory. Its path came from the user and may have gone through symbolic links.
    pub handle: OwnedFd,
    /// Its absolute path, for messages; `/` or without a trailing slash.
    pub display: Vec<u8>,
    /// The directory as the operand spelled it, for `%f`.
    pub typed: Vec<u8>,
    /// What `%n` has in front: a slash where `-R` keeps an absolute path.
    pub lead: &'static [u8],
    /// What it was before anything was made.
    pub meta: Meta,
}

/// The operands, opened.
#[derive(Debug)]
pub struct Sources {
    /// Roots, in the order typed.
    pub roots: Vec<SourceRoot>,
    /// The names.
    pub top: OperandTree,
    /// Whether a `./` in front of a name makes the root an entry, told or not.
    pub dotted: bool,
    /// Operands that could not be opened.
    pub failures: Vec<Failure>,
    /// So many of these before the first one that could.
    pub leading: usize,
    /// Directories that operands name where none is copied, in the order typed, each with what is told in front of it;
    /// `.` is a root.
    pub skipped: Vec<(&'static [u8], Vec<u8>)>,
    /// The names in the order typed, where rules may depend on it.
    pub named: Vec<Named>,
}

/// A name that an operand spells out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The source that has it.
    pub source: u16,
    /// Its path from there.
    pub below: Vec<u8>,
    /// What it is.
    pub kind: NameKind,
}

impl Sources {
    /// These and nothing that failed.
    #[must_use]
    pub fn of(roots: Vec<SourceRoot>, top: OperandTree) -> Sources {
        let (failures, skipped, named) = (Vec::new(), Vec::new(), Vec::new());
        Sources { roots, top, dotted: false, failures, leading: 0, skipped, named }
    }
}

/// Opens all source operands.
///
/// # Errors
/// Only operands whose text is refused: an empty one, and `..` within a `--relative` path.
pub fn open_sources(options: &Options, operands: &[Vec<u8>], cwd: &[u8]) -> Result<Sources, Refused> {
    let mut gatherer = Gatherer::new(options, cwd);
    for operand in operands {
        if operand.is_empty() {
            return Err(Refused::EmptySource);
        }
        gatherer.add(&match options.select.relative {
            Relative::Off => cut_plain(operand),
            Relative::Implied | Relative::NoImplied => cut_relative(operand).map_err(Refused::DotDot)?,
        });
    }
    Ok(gatherer.into_sources())
}

/// Opens what a list names below its one operand (rsync(1), `--files-from`).
///
/// # Errors
/// An operand that is no directory ends the run.
pub fn open_listed(
    options: &Options,
    operand: &[u8],
    names: &[Vec<u8>],
    cwd: &[u8],
) -> Result<Sources, Refused> {
    if let Err(error) = open_dir(operand) {
        let slash: &[u8] = if operand.ends_with(b"/") { b"/" } else { b"" };
        let path = [&absolute(cwd, operand), slash].concat();
        return Err(Refused::NoListRoot { path, errno: error.raw_os_error().unwrap_or(0) });
    }
    let mut gatherer = Gatherer::new(options, cwd);
    names.iter().for_each(|name| gatherer.add(&cut_listed(operand, name, options.select.relative)));
    Ok(gatherer.into_sources())
}

/// Operand texts that rsync refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// `''`.
    EmptySource,
    /// `..` within a relative path.
    DotDot(Vec<u8>),
    /// The directory that a list of names is relative to cannot be entered.
    NoListRoot {
        /// Its absolute path.
        path: Vec<u8>,
        /// Why.
        errno: i32,
    },
}
