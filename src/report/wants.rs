//! Which items somebody wants to see, so that the stages skip making those that nobody does.

use rsync_compat::output::itemize::{Changes, Update};

/// How many of the items are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemsWanted {
    /// None.
    None,
    /// Those that change.
    Changed,
    /// All: unchanged ones are printed, or counted for `to-chk`.
    All,
}

/// What the report wants to hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wants {
    /// Which items.
    pub items: ItemsWanted,
    /// Items that are no directories and whose attributes alone change.
    pub attribute_only: bool,
    /// Deletions.
    pub deletions: bool,
    /// Checksums of files (`%C`).
    pub checksums: bool,
    /// The line of a file before its data moves; nothing in it depends on that.
    pub lines_first: bool,
    /// What is said of the list comes before the transfer, since the list is made as a whole (`--no-inc-recursive`).
    pub list_first: bool,
    /// Lines for what nothing happens to (`-ii`, `-vv`).
    pub all_lines: bool,
    /// Letters of what changes (`%i`).
    pub letters: bool,
    /// A scan that runs ahead of the transfer.
    pub ahead: bool,
    /// What rsync would send.
    pub traffic: bool,
    /// Something may be said of names that are left out, in their order.
    pub(super) notices: bool,
    /// Items are told somewhere, not only counted for `--bar`.
    pub(super) lines: bool,
    pub(super) totals: bool,
    pub(super) moving: bool,
}

impl Wants {
    /// Whether an item of that kind may be printed.
    #[must_use]
    pub fn item(&self, update: Update, changes: Changes) -> bool {
        match self.items {
            ItemsWanted::None => false,
            ItemsWanted::Changed => !is_unchanged(update, changes),
            ItemsWanted::All => true,
        }
    }

    /// Whether items are wanted for their number and size alone.
    #[must_use]
    pub const fn only_counts(&self) -> bool {
        self.ahead && !self.lines
    }

    /// Whether the number of entries is wanted before the transfer starts.
    #[must_use]
    pub const fn totals(&self) -> bool {
        self.totals
    }

    /// Whether there may be lines while the run lasts.
    #[must_use]
    pub fn streams(&self) -> bool {
        self.moving || self.deletions || self.notices || self.items != ItemsWanted::None
    }

    /// Whether moved bytes are wanted as they move.
    #[must_use]
    pub const fn moving(&self) -> bool {
        self.moving
    }
}

/// Whether nothing happens. A hard link without changes may be a newly made one: its leader tells.
pub(super) fn is_unchanged(update: Update, changes: Changes) -> bool {
    changes.is_empty() && matches!(update, Update::Attributes | Update::Local)
}
