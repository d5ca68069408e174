//! What is shown of an item.

use rsync_compat::output::itemize::{Changes, Update};

use super::super::event::Item;
use super::super::settings::{Lines, Old, Settings};
use super::super::wants::is_unchanged;
use crate::entry::Kind;

/// How an item is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shows {
    /// Not at all.
    Nothing,
    /// By the format.
    Format,
    /// By its name alone.
    Name,
    /// As `X is uptodate`.
    UpToDate,
}

/// Whether an item is as it is to be. Who does not itemize leaves it out of the log.
pub(super) fn stays(item: &Item<'_>) -> bool {
    let is_linked = item.update == Update::HardLink && item.leader.is_none();
    is_unchanged(item.update, item.changes) || is_linked && item.changes.without(Changes::ATIME).is_empty()
}

/// Plain `-v` names what is transferred, made or a changed directory; `%i` in the format, all that changes.
pub(super) fn shows(lines: &Lines, item: &Item<'_>) -> Shows {
    let unchanged = stays(item);
    if lines.itemizes {
        return if unchanged && !lines.all { Shows::Nothing } else { Shows::Format };
    }
    let is_dir = item.kind == Kind::Dir;
    // Plain names do not tell of extended attributes.
    let only_xattrs = item.update == Update::Attributes && !is_dir && item.changes == Changes::XATTR;
    let unchanged = (unchanged || only_xattrs) && !item.silent;
    match (unchanged, lines.names2) {
        (true, _) if lines.up_to_date && (!is_dir || item.update == Update::Local) => Shows::UpToDate,
        (true, _) => Shows::Nothing,
        (false, true) if item.update == Update::Attributes && !is_dir => Shows::Name,
        (false, false) if item.update == Update::Attributes && !is_dir => Shows::Nothing,
        (false, _) => Shows::Format,
    }
}

/// Whether the receiving side tells of it by itself.
pub(super) fn is_far(settings: &Settings, item: &Item<'_>, shows: Shows) -> bool {
    match shows {
        Shows::Name | Shows::UpToDate => true,
        Shows::Format => {
            matches!(settings.lines.old, Old::Yes { .. })
                && item.update != Update::Transfer
                && !settings.lines.itemizes
        }
        Shows::Nothing => false,
    }
}
