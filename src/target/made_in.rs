//! What a missing destination is made in, as it was before: where that is a part of the source, it was listed by then.

use std::iter::successors;

use uring_ext::plain::{self, AtFlags, CWD, STATX_ALL};

use crate::entry::Meta;
use crate::path_text::{c_name, parent_and_name};

/// The directory that a missing destination is made in, or the first of those above it that are missing.
pub(crate) fn look(path: &[u8]) -> Option<Meta> {
    let stat = |path: &[u8]| plain::statx(CWD, &c_name(path), AtFlags::empty(), STATX_ALL).ok();
    if stat(path).is_some() {
        return None;
    }
    successors(Some(path), above).skip(1).find_map(stat).map(|st| Meta::from(&st))
}

fn above<'a>(path: &&'a [u8]) -> Option<&'a [u8]> {
    Some(parent_and_name(path).0).filter(|above| above != path)
}
