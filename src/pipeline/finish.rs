//! What waits for a directory's contents: its own attributes, and the end of its job.

use super::apply::dir as apply_dir;
use super::dir::Dir;
use super::state::Phase;
use super::worker::Worker;

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
        Phase::Transfer | Phase::Links | Phase::Updates | Phase::DeleteDelayed => {
            apply_dir::finish(worker, dir);
            worker.run.report.done(&dir.node);
        }
    }
    worker.close_job();
}
