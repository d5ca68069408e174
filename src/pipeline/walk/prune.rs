//! `-m`: directories without anything but directories below them are no part of the list (rsync(1),
//! --prune-empty-dirs). A scan of the source finds out which ones have something.

use rsync_compat::filter::{Action, Deletion, NameKind};
use rsync_compat::options::{Options, Recursion};

use crate::entry::Kind;
use crate::pipeline::engine::state::Phase;
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::name::Name;
use crate::pipeline::walk;

/// Whether the run needs a scan first.
#[must_use]
pub fn wanted(options: &Options) -> bool {
    options.select.prune_empty_dirs && options.select.recursion != Recursion::None
}

/// Notes, during the scan, what keeps a directory: a name that is none, or a rule that protects it.
pub fn note(worker: &Worker, dir: &Dir, names: &[Name]) {
    let state = &worker.run.state;
    state.source.note_listed(&dir.rel, names.len());
    if names.iter().any(|name| name.kind != Some(Kind::Dir) && !is_lost(worker, dir, name)) {
        state.source.note_populated(&dir.rel);
    }
    for name in names.iter().filter(|name| name.kind == Some(Kind::Dir)) {
        let rel = dir.rel_of(&name.name);
        // Rules of merge files come too late for this, as in rsync.
        let found = worker.run.plan.receiver.check(&rel, NameKind::Directory, Deletion::None);
        if found.is_some_and(|found| found.action() == Action::Exclude) {
            state.source.note_populated(&rel);
        }
    }
}

/// Whether a name is not in the list, which is told as it fails: it leads nowhere, or cannot be looked at.
pub fn is_lost(worker: &Worker, dir: &Dir, name: &Name) -> bool {
    let is_shut = || wanted(&worker.run.plan.options) && walk::shut(worker, dir).contains(&name.source);
    name.leads_nowhere() || is_shut()
}

/// Drops the directories that nothing keeps, once the scan is over.
pub fn select(worker: &Worker, dir: &Dir, names: &mut Vec<Name>) {
    let state = &worker.run.state;
    names.retain(|name| {
        let stays = name.kind != Some(Kind::Dir) || state.source.is_populated(&dir.rel_of(&name.name));
        if !stays && state.phase() == Phase::Transfer {
            // They have their numbers all the same.
            let below = || state.source.listed_below(&dir.rel_of(&name.name));
            worker.run.report.pruned(&dir.node, name.slot, below);
        }
        stays
    });
}
