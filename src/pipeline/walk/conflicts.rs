//! Names that several sources have, as different kinds of entries. Where rules hide one of them, the other takes part:
//! a hidden name must not win over one that is not hidden.

use std::collections::{HashMap, HashSet};

use rsync_compat::filter::{Action, Deletion, Match, NameKind};
use uring_ext::FileName;

use crate::entry::Kind;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::name::Name;

/// Drops hidden names that are something else in another source, which is not hidden, or that are only a way.
pub fn drop_hidden(dir: &Dir, names: &mut Vec<Name>) {
    if dir.has_no_rules() {
        return;
    }
    let kinds: HashMap<FileName, Option<Kind>> =
        names.iter().map(|name| (name.name.clone(), name.kind)).collect();
    let differs = |name: &Name| {
        // Each source may have rules of its own.
        !dir.further.is_empty()
            || name.operand().is_some()
            || kinds.get(&name.name).is_some_and(|kind| *kind != name.kind)
    };
    let rivals: HashSet<FileName> =
        names.iter().filter(|name| differs(name)).map(|name| name.name.clone()).collect();
    names.retain(|name| {
        let spelled = name.operand().is_some();
        spelled || !rivals.contains(&name.name) || !hides(dir, name)
    });
}

/// What rules say of a name. A link that is followed, but to nothing, may be a file or a directory: it is hidden when
/// either is.
#[must_use]
pub fn ruling<'a>(dir: &'a Dir, rel: &[u8], name: &Name) -> Option<Match<'a>> {
    let as_kind = |kind| dir.rules(name.source).check(rel, kind, Deletion::None);
    if name.kind == Some(Kind::Dir) {
        return as_kind(NameKind::Directory);
    }
    let as_file = as_kind(NameKind::Other);
    let hides = |found: &Match<'_>| found.action() == Action::Exclude;
    if !name.leads_nowhere() || as_file.as_ref().is_some_and(hides) {
        return as_file;
    }
    as_kind(NameKind::Directory).filter(hides).or(as_file)
}

/// Whether rules hide a name that no operand spells out.
#[must_use]
pub fn hides(dir: &Dir, name: &Name) -> bool {
    let ruled = || ruling(dir, &dir.rel_of(&name.name), name);
    name.operand().is_none() && ruled().is_some_and(|found| found.action() == Action::Exclude)
}
