//! A name of the source side on its way to becoming an entry.

use std::ffi::{CStr, CString};

use uring_ext::FileName;

use super::dir::Through;
use crate::charsets::Refused;
use crate::entry::{Kind, Meta};
use crate::operands::tree::OperandTree;
use crate::report::Place;

/// One name, before anybody looked at it.
#[derive(Debug)]
pub struct Name {
    /// The name.
    pub name: FileName,
    /// Its place in the directory's order.
    pub slot: u32,
    /// Its inode number, as the directory told it; 0 when none did.
    pub ino: u64,
    /// Which source has it; further ones only matter for directories.
    pub source: u16,
    /// The kind as the directory told it, links to be followed resolved; `None` when it does not tell.
    pub kind: Option<Kind>,
    /// What most names do not have.
    pub extra: Option<Box<Extra>>,
}

/// What is known of a name that is followed, merged from several sources, or named by an operand.
#[derive(Debug)]
pub struct Extra {
    /// Whether a link is followed.
    pub through: Through,
    /// What was looked up to settle that.
    pub meta: Option<Meta>,
    /// What the operands say about it.
    pub operand: Option<OperandTree>,
    /// Sources whose directory of this name is read.
    pub listed: Vec<u16>,
    /// Entries of the same name that are dropped.
    pub doubles: Vec<Double>,
    /// The name in the destination's character set, where that is another, or has none (`--iconv`).
    pub remote: Option<Result<CString, Refused>>,
}

/// An entry that is dropped because another one has its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Double {
    /// Its source.
    pub source: u16,
    /// Its kind, when the directory told it.
    pub kind: Option<Kind>,
    /// The place that it stands behind in the list, where that is not its own name's.
    pub behind: Option<Place>,
}

impl Name {
    /// The rare facts, made when there are none yet.
    pub fn extra(&mut self) -> &mut Extra {
        let listed = self.source;
        self.extra.get_or_insert_with(|| {
            Box::new(Extra {
                through: Through::Itself,
                meta: None,
                operand: None,
                listed: vec![listed],
                doubles: Vec::new(),
                remote: None,
            })
        })
    }

    /// How the name is opened.
    #[must_use]
    pub fn through(&self) -> Through {
        self.extra.as_ref().map_or(Through::Itself, |extra| extra.through)
    }

    /// A link that is followed, but to nothing: it is not in the list.
    #[must_use]
    pub fn leads_nowhere(&self) -> bool {
        self.through() == Through::Link && self.meta().is_none()
    }

    /// The name at the destination, where that is another.
    #[must_use]
    pub fn remote(&self) -> Option<&CStr> {
        Some(self.extra.as_ref()?.remote.as_ref()?.as_ref().ok()?.as_c_str())
    }

    /// Why it cannot be at the destination: its name, or a link's text, has no form there.
    #[must_use]
    pub fn refused(&self) -> Option<&Refused> {
        self.extra.as_ref()?.remote.as_ref()?.as_ref().err()
    }

    /// The name at the destination.
    #[must_use]
    pub fn dst_name(&self) -> &CStr {
        self.remote().unwrap_or(&self.name)
    }

    /// What the operands say about it.
    #[must_use]
    pub fn operand(&self) -> Option<&OperandTree> {
        self.extra.as_ref()?.operand.as_ref()
    }

    /// What the operands say about it, to be changed.
    pub fn operand_mut(&mut self) -> Option<&mut OperandTree> {
        self.extra.as_mut()?.operand.as_mut()
    }

    /// Sources whose directory of this name is read.
    #[must_use]
    pub fn listed(&self) -> Vec<u16> {
        self.extra.as_ref().map_or_else(|| vec![self.source], |extra| extra.listed.clone())
    }

    /// Entries of the same name that are dropped.
    #[must_use]
    pub fn doubles(&self) -> &[Double] {
        self.extra.as_ref().map_or(&[], |extra| extra.doubles.as_slice())
    }

    /// What was looked up to settle its kind.
    #[must_use]
    pub fn meta(&self) -> Option<Meta> {
        self.extra.as_ref()?.meta
    }
}
