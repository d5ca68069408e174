//! Names that are one thing in one source and another in the next, or a way to what operands spell out: what rules hide
//! of them takes nothing's place.

use std::collections::{HashMap, HashSet};

use rsync_compat::filter::{Action, Deletion, NameKind};
use uring_ext::FileName;

use super::dir::Dir;
use super::name::Name;
use crate::entry::Kind;

/// Drops hidden names that are something else in another source, which is not hidden, or that are only a way.
pub fn drop_hidden(dir: &Dir, names: &mut Vec<Name>) {
    if dir.sender.is_empty() {
        return;
    }
    let kinds: HashMap<FileName, Option<Kind>> =
        names.iter().map(|name| (name.name.clone(), name.kind)).collect();
    let differs =
        |name: &Name| name.given().is_some() || kinds.get(&name.name).is_some_and(|kind| *kind != name.kind);
    let rivals: HashSet<FileName> =
        names.iter().filter(|name| differs(name)).map(|name| name.name.clone()).collect();
    names.retain(|name| {
        let spelled = name.given().is_some();
        spelled || !rivals.contains(&name.name) || !is_hidden(dir, name)
    });
}

fn is_hidden(dir: &Dir, name: &Name) -> bool {
    let found = dir.sender.check(&dir.rel_of(&name.name), kind_of(name), Deletion::None);
    found.is_some_and(|found| found.action() == Action::Exclude)
}

fn kind_of(name: &Name) -> NameKind {
    if name.kind == Some(Kind::Dir) { NameKind::Directory } else { NameKind::Other }
}
