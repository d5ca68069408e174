//! What waits for a directory's contents: its own attributes, and the end of its job.

use std::sync::Arc;

use super::dir as apply_dir;
use crate::pipeline::engine::state::Phase;
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::dir::Dir;

/// Ends one piece of work on a directory; the last one finishes it and closes its job.
pub fn release(worker: &Worker, dir: &Dir) {
    if !dir.release() {
        return;
    }
    match worker.run.state.phase() {
        Phase::Scan => worker.run.report.done(&dir.node),
        Phase::DeleteBefore => {
            apply_dir::restore_mode(worker, dir);
            worker.run.report.done(&dir.node);
        }
        Phase::DeleteAfter => {
            apply_dir::restore(worker, dir);
            worker.run.report.done(&dir.node);
        }
        Phase::Transfer | Phase::Links | Phase::Updates | Phase::Sources | Phase::DeleteDelayed => {
            apply_dir::finish(worker, dir);
            worker.run.report.done(&dir.node);
        }
    }
    worker.close_job();
}

/// A directory waits for one below it to be entered, where its mode in the end would keep us from that.
pub fn wait_for_child(worker: &Worker, dir: &Arc<Dir>) {
    if closes(worker, dir) {
        // Released by `entered`.
        let _ = dir.hold();
    }
}

/// A directory was entered, for which the one above it may have waited.
pub fn entered(worker: &Worker, above: &Dir) {
    if closes(worker, above) {
        release(worker, above);
    }
}

/// Whether the mode that a directory gets in the end keeps us from entering those below it.
fn closes(worker: &Worker, dir: &Dir) -> bool {
    let plan = &worker.run.plan;
    let bound = !plan.identity.passes_permissions && !plan.options.write.dry_run;
    bound
        && worker.run.state.phase() != Phase::Scan
        && dir.wanted.is_some_and(|wanted| wanted.mode & 0o100 == 0)
}
