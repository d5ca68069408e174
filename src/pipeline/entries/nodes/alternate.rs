//! What alternate destinations have to say about a link, device, FIFO or socket that the destination lacks.

use rsync_compat::options::BasisKind;
use rsync_compat::output::itemize::{Changes, Update};

use super::Node;
use crate::pipeline::apply::node;
use crate::pipeline::attributes;
use crate::pipeline::compare::basis::{self, Grade};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::itemize::{self, Itemized, tell};

/// What came of asking them.
#[derive(Debug)]
pub(super) enum Stand {
    /// Nothing: it is new.
    New,
    /// It was linked, or left to them.
    Settled,
    /// It is made here, and differs from theirs in this.
    Differs(Changes),
}

/// Asks the alternate destinations about an entry that the destination lacks; links to one that is just like it.
pub(super) fn stand_in(worker: &Worker, node: Node<'_>) -> Stand {
    let Node { dir, entry, .. } = node;
    if dir.basis.is_empty() {
        return Stand::New;
    }
    let Some(found) = basis::find(worker, dir, entry) else { return Stand::New };
    let told = |update, changes| Itemized { target: node.target(), ..Itemized::letters(update, changes) };
    match (found.grade, worker.run.plan.basis_kind) {
        (Grade::Exact, Some(BasisKind::Compare)) => {
            tell(worker, dir, entry, &told(Update::Attributes, Changes::NONE));
            Stand::Settled
        }
        (Grade::Exact, Some(BasisKind::Link)) if node::link(worker, dir, entry, &found.alternate()) => {
            itemize::count_linked(worker);
            tell(worker, dir, entry, &told(Update::HardLink, found.changes));
            Stand::Settled
        }
        (Grade::Exact, _) => Stand::Differs(found.changes.without(Changes::ATIME)),
        _ => {
            let time = attributes::time_when_made(&worker.run.plan, entry.kind());
            Stand::Differs(found.changes | Changes::CHECKSUM | time)
        }
    }
}
