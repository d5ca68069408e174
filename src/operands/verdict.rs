//! What rules say of the names that operands spell out.

use rsync_compat::filter::Action;

/// What rules say of a name that operands spell out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// What the rule that decided does, if one did.
    pub found: Option<Action>,
    /// Which rules were asked.
    pub asked: Asked,
}

/// Which rules were asked about a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Merge files of a directory whose contents are meant are in force too.
    Entered,
    /// All but those of merge files on the way to it.
    Typed,
    /// All that ever are.
    All,
}
