//! Names that several sources have, or one that is listed more than once: one entry for each name in the end.

use std::collections::{HashMap, HashSet};

use rsync_compat::options::{Recursion, Select};
use uring_ext::FileName;

use super::is_listed;
use crate::entry::Kind;
use crate::operands::tree::{self, Rank};
use crate::pipeline::handles::name::{Double, Name};

/// A source that is listed again has the same names again.
pub(super) fn repeat(source: u16, found: &mut Vec<Name>) {
    let mut seen = HashSet::new();
    let of_source = found.iter().filter(|name| name.source == source && name.operand().is_none());
    let first = of_source.filter(|name| seen.insert(&name.name));
    let again: Vec<Name> = first
        .map(|name| Name {
            name: name.name.clone(),
            slot: 0,
            ino: name.ino,
            source,
            kind: name.kind,
            extra: None,
        })
        .collect();
    found.extend(again);
}

/// One entry for each name. The first source wins, but a directory beats what is none (rsync(1), USAGE).
pub(super) fn merge(found: &mut Vec<Name>, select: &Select) {
    let mut seen: HashMap<FileName, usize> = HashMap::new();
    let mut kept: Vec<Name> = Vec::with_capacity(found.len());
    for name in found.drain(..) {
        let Some(&at) = seen.get(&name.name) else {
            seen.insert(name.name.clone(), kept.len());
            kept.push(name);
            continue;
        };
        tracing::trace!(target: "dup", name = ?name.name, first = kept[at].source, again = name.source, "merged");
        let first = &mut kept[at];
        let is_double = is_listed(first.operand());
        if let Some(operand) = first.operand_mut().filter(|operand| operand.is_way()) {
            // No longer only a way: the directory that lists it is meant as a whole.
            operand.rank = if select.recursion == Recursion::Full { Rank::Named } else { Rank::Implied };
        }
        let (mut source, mut kind) = (name.source, name.kind);
        if first.kind.is_some_and(|kind| kind != Kind::Dir) && name.kind == Some(Kind::Dir) {
            let lost = std::mem::replace(first, name);
            (source, kind) = (lost.source, lost.kind);
            first.extra().doubles.extend_from_slice(lost.doubles());
        } else if first.kind != Some(Kind::Dir) || name.kind == Some(Kind::Dir) {
            // What is only met as a directory is read is not read in its turn without `-r`.
            let reads = select.recursion == Recursion::Full || name.operand().is_some();
            for source in name.listed().into_iter().filter(|_| reads) {
                if !select.incremental || reads_again(first, source) {
                    first.extra().listed.push(source);
                }
            }
        }
        if is_double {
            first.extra().doubles.push(Double { source, kind, behind: None });
        }
    }
    *found = kept;
}

/// Whether a directory that is named once more is read for that. One that leads to other names was named for those too,
/// which does not count.
fn reads_again(first: &mut Name, source: u16) -> bool {
    let before = [first.source].into_iter().chain(first.doubles().iter().map(|double| double.source));
    let is_way = first.operand().is_some_and(|operand| !operand.children.is_empty());
    !is_way && tree::is_read_again(before, source) || !first.extra().listed.contains(&source)
}
