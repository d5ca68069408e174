//! What is told at a place, as far as it is not text.

use crate::report::event::Place;
use crate::report::overtaking::Pace;

/// An event, its bytes apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) struct Shown {
    /// Where it stands.
    pub(in crate::report) place: Place,
    /// When it is said.
    pub(in crate::report) pace: Pace,
    /// So many bytes are for standard output, the rest for the log file.
    pub(in crate::report) out_bytes: u32,
    /// So many of these come after what `--progress` draws of the file.
    pub(in crate::report) late_bytes: u32,
    /// So many bytes behind those for standard output are for standard error.
    pub(in crate::report) error_bytes: u32,
    /// The size of the file whose data moved, for `--progress`.
    pub(in crate::report) moved: Option<u64>,
    /// Its size, where its data was to move, and did not.
    pub(in crate::report) tried: Option<u64>,
    /// Its number among the entries of its directory; filled in when its turn has come.
    pub(in crate::report) index: u64,
    /// Whether it is the first one of its entry; likewise.
    pub(in crate::report) first: bool,
    /// So many names that operands have twice stand behind it.
    pub(in crate::report) doubles: u32,
    /// So many names below it have numbers and no lines.
    pub(in crate::report) below: u32,
}

impl Shown {
    /// So many bytes for standard output, at a place.
    pub(in crate::report) const fn at(place: Place, out_bytes: u32) -> Shown {
        Shown {
            place,
            pace: Pace::InTurn,
            out_bytes,
            late_bytes: 0,
            error_bytes: 0,
            moved: None,
            tried: None,
            index: 0,
            first: false,
            doubles: 0,
            below: 0,
        }
    }
}
