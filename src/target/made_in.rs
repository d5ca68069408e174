//! What a missing destination is made in, as it was before: where that is a part of the source, it was listed by then.

use uring_ext::plain::{self, AtFlags, CWD, STATX_ALL};

use crate::entry::Meta;
use crate::path_text::{c_name, parent_and_name};

/// The directory that a missing destination is made in, or the first of those above it that are missing.
pub(crate) fn look(path: &[u8]) -> Option<Meta> {
    let stat = |path: &[u8]| plain::statx(CWD, &c_name(path), AtFlags::empty(), STATX_ALL).ok();
    let mut at = path;
    while stat(at).is_none() {
        let above = parent_and_name(at).0;
        if let Some(st) = stat(above) {
            return Some(Meta::from(&st));
        }
        at = (above.len() < at.len()).then_some(above)?;
    }
    None
}
