//! Filtering: names and rules become the names that are transferred. Pure but for the lines of `-vv`.

use rsync_compat::filter::{Action, Match};

use super::conflicts::ruling;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::name::Name;

/// Drops the names that rules hide; `matched` is told of each, and of those that rules show. Names that operands spell
/// out as a way to deeper ones are not hidden.
pub fn select(dir: &Dir, names: &mut Vec<Name>, mut matched: impl FnMut(&Name, &[u8], &Match<'_>)) {
    if dir.has_no_rules() {
        return;
    }
    let mut rel = dir.rel.clone();
    if !rel.is_empty() {
        rel.push(b'/');
    }
    let base = rel.len();
    names.retain(|name| {
        if name.operand().is_some_and(|operand| operand.is_way() || operand.asked) {
            return true;
        }
        rel.truncate(base);
        rel.extend_from_slice(name.name.to_bytes());
        match ruling(dir, &rel, name) {
            Some(found) => {
                matched(name, &rel, &found);
                found.action() != Action::Exclude
            }
            None => true,
        }
    });
}
