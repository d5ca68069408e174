//! Whether the destination lies within a source: then what this run makes there must not be copied in turn.

use std::collections::HashSet;
use std::os::fd::OwnedFd;

use rsync_compat::filter::NameKind;
use uring_ext::plain::{self, AtFlags, STATX_ALL};

use super::roots::{SourceRoot, Sources};
use super::tree::OperandTree;
use crate::entry::join;
use crate::path_text::c_name;
use crate::plan::Target;

/// A directory, whatever path leads there.
type Identity = (u64, u64);

/// Whether the destination's path leads through something that is to be copied. Links may lead to either of them, so
/// the directories themselves count and not only their paths.
pub(crate) fn sources_hold(sources: &Sources, target: &Target) -> bool {
    let Some(handle) = &target.handle else { return false };
    let around = all_around(handle);
    let holds = |(source, root): (u16, &SourceRoot)| {
        let rest = target.display.strip_prefix(root.display.as_slice());
        let by_path = rest.is_some_and(|rest| {
            let within = rest.is_empty() || rest.starts_with(b"/") || root.display.ends_with(b"/");
            within && leads_through(&sources.top, source, rest)
        });
        by_path || is_around(&around, &sources.top, source, root, b"")
    };
    (0..).zip(&sources.roots).any(holds)
}

/// Whether a directory is `root` or lies in it.
pub(crate) fn lies_in(dir: &OwnedFd, root: &OwnedFd) -> bool {
    let root = plain::statx_fd(root).map(|st| (st.dev, st.ino));
    root.is_ok_and(|root| all_around(dir).contains(&root))
}

/// The directory itself and those it lies in, as far up as they can be looked at.
fn all_around(dir: &OwnedFd) -> HashSet<Identity> {
    let mut found = HashSet::new();
    let mut path = b".".to_vec();
    while let Ok(st) = plain::statx(dir, &c_name(&path), AtFlags::empty(), STATX_ALL) {
        if !found.insert((st.dev, st.ino)) {
            break;
        }
        path.extend_from_slice(b"/..");
    }
    found
}

/// Whether a directory that this source has listed, of this name or below it, is one of `around`.
fn is_around(
    around: &HashSet<Identity>,
    operand: &OperandTree,
    source: u16,
    root: &SourceRoot,
    rel: &[u8],
) -> bool {
    let is_listed = operand.kind == NameKind::Directory && operand.listed.contains(&source);
    let path = if rel.is_empty() { b".".as_slice() } else { rel };
    let looked =
        || plain::statx(&root.handle, &c_name(path), AtFlags::empty(), STATX_ALL).map(|st| (st.dev, st.ino));
    is_listed && looked().is_ok_and(|identity| around.contains(&identity))
        || operand
            .children
            .iter()
            .any(|(name, below)| is_around(around, below, source, root, &join(rel, name)))
}

/// Whether `rest` of a path, from this name on, meets a directory that this source has listed.
fn leads_through(operand: &OperandTree, source: u16, rest: &[u8]) -> bool {
    if operand.listed.contains(&source) {
        return true;
    }
    let mut parts = rest.splitn(2, |&byte| byte == b'/');
    match parts.next() {
        Some(b"") => parts.next().is_some_and(|rest| leads_through(operand, source, rest)),
        Some(name) => {
            let below = operand.children.get(name);
            below.is_some_and(|below| leads_through(below, source, parts.next().unwrap_or_default()))
        }
        None => false,
    }
}
