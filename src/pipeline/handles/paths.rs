//! Names as messages show them; never handed to the kernel.

use std::ffi::CStr;

use super::dir::Dir;
use crate::entry::join;
use crate::plan::Plan;

/// The absolute path of a source name, for messages.
#[must_use]
pub fn source_path(plan: &Plan, source: u16, rel: &[u8]) -> Vec<u8> {
    match plan.sources.get(usize::from(source)) {
        Some(root) if rel.is_empty() => root.display.clone(),
        Some(root) => join(&root.display, rel),
        None => rel.to_vec(),
    }
}

/// The absolute path of a destination name, for messages.
#[must_use]
pub fn target_path(plan: &Plan, rel: &[u8]) -> Vec<u8> {
    join(&plan.target.display, if rel.is_empty() { b"." } else { rel })
}

/// As [`target_path`], for a name in a directory.
#[must_use]
pub fn target_path_in(plan: &Plan, dir: &Dir, name: &CStr) -> Vec<u8> {
    target_path(plan, &dir.dst_rel_of(name))
}

/// A path without dots and without slashes that say nothing.
fn cleaned(path: &[u8]) -> Vec<u8> {
    let root: &[u8] = if path.starts_with(b"/") { b"/" } else { b"" };
    let parts: Vec<&[u8]> =
        path.split(|&byte| byte == b'/').filter(|part| !matches!(*part, b"" | b".")).collect();
    [root, &parts.join(&b'/')].concat()
}

/// A source name as `%f` shows it: the operand's directory and the name.
#[must_use]
pub fn source_typed(plan: &Plan, source: u16, rel: &[u8]) -> Vec<u8> {
    let typed = plan.sources.get(usize::from(source)).map_or(b".".as_slice(), |root| root.typed.as_slice());
    let rel = if rel.is_empty() { b"." } else { rel };
    let path = join(&cleaned(typed), rel);
    path.strip_prefix(b"/").map(<[u8]>::to_vec).unwrap_or(path)
}

/// What `%n` has before a path from a source root on: a slash where `-R` keeps an absolute path.
#[must_use]
pub fn source_lead(plan: &Plan, source: u16) -> &'static [u8] {
    plan.sources.get(usize::from(source)).map_or(b"", |root| root.lead)
}
