//! The pipeline: what happens to one directory, in order. Stages are functions, and none knows another: a reader who
//! starts here and in `entries/mod.rs` has seen every step.

pub mod run;
pub mod entries;
pub mod walk;
pub mod compare;
pub mod apply;
pub mod itemize;
pub mod translate;
pub mod attributes;
pub mod batch;
pub mod handles;
pub mod engine;

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use rsync_compat::options::DeleteWhen;

use self::apply::{backup, delete, extraneous, finish};
use self::batch::record;
use self::compare::basis;
use self::engine::jobs::Job;
use self::engine::state::Phase;
use self::engine::worker::Worker;
use self::entries::{existing, links};
use self::handles::dir::{BatchJob, Dir, DirJob};
use self::handles::name::Name;
use self::handles::{open, reopen};
use self::translate::charset;
use self::walk::{listing, order, prune};

pub use self::run::Run;

use crate::operands::tree::Rank;
use crate::report::{Names, Place};

/// Runs one job to its end, or hands the rest of it on.
pub async fn run_job(worker: &Rc<Worker>, job: Job) {
    match job {
        Job::Dir(job) => return run_dir(worker, *job).await,
        Job::Batch(job) => {
            let BatchJob { dir, names } = *job;
            entries::run(worker, &dir, names, Names::Apart).await;
            finish::release(worker, &dir);
        }
        Job::File(job) => entries::run_file(worker, *job).await,
        Job::Range(job) => apply::range::run(worker, &job).await,
        Job::Group(job) => links::run(worker, *job).await,
        Job::Delete(job) => delete::run_delayed(worker, *job).await,
        Job::RemoveTree(job) => apply::remove_tree::run(worker, *job),
        Job::Updates(job) => apply::delayed::run(worker, &job),
        Job::Sources(removals) => apply::remove_source::remove_late(worker, removals),
    }
    worker.close_job();
}

/// One directory: open, walk, filter, delete, then its entries; `finish` comes when the last of them is done.
async fn run_dir(worker: &Rc<Worker>, mut job: DirJob) {
    worker.run.prefetch.take(&job);
    let began = Instant::now();
    let Some(mut dir) = enter(worker, &mut job) else {
        worker.run.report.done(&job.node);
        return worker.close_job();
    };
    if job.parent.is_none() {
        entries::top(worker, &dir, &job);
        dir = apply::dir::shut(worker, dir);
    }
    let mut names = walk::names(worker, &dir, &mut job, |name, rel, found| {
        entries::matched(worker, &dir, name, rel, found);
    });
    worker.run.prefetch.note(began.elapsed(), names.len());
    charset::drop_refused(worker, &dir, &mut names);
    order::place_doubles(&mut names, own_place(worker, &dir));
    if prune::wanted(&worker.run.plan.options) {
        match worker.run.state.phase() {
            Phase::Scan => prune::note(worker, &dir, &names),
            _ => prune::select(worker, &dir, &mut names),
        }
    }
    record::directory(worker, &dir, &job);
    delete_extraneous(worker, &dir, &job, &names).await;
    tracing::debug!(target: "flist", dir = %shown(&dir.rel), names = names.len(), "listed");
    basis::similar::note(worker, &dir);
    existing::lacks_default_acl(worker, &dir, &names);
    let in_turn = worker.run.plan.backs_up_among || backup::lie_among(worker, &names);
    dir.flags.in_turn.store(in_turn, Ordering::Release);
    let in_order = worker.run.media.in_order && !in_turn;
    if in_order {
        // Tables of inodes, and mostly data too, lie in this order.
        names.sort_by_key(|name| name.ino);
    }
    let batch = if in_turn { names.len() } else { worker.run.plan.limits.batch_entries_max };
    let whole = names.len() <= batch + batch / 2;
    while names.len() > batch + batch / 2 {
        let names = names.split_off(names.len() - batch);
        worker.push(Job::Batch(Box::new(BatchJob { dir: dir.hold(), names })));
    }
    let order = if in_order { Names::Apart } else { Names::InOrder };
    entries::run(worker, &dir, names, order).await;
    if whole {
        worker.run.report.looked(&dir.node);
    }
    finish::release(worker, &dir);
}

/// Opens a directory, the one that holds it first where that was closed; `None` if it cannot be opened again, which was
/// told.
fn enter(worker: &Worker, job: &mut DirJob) -> Option<Arc<Dir>> {
    let Some(closed) = job.closed.take() else {
        let dir = open::enter(worker, job);
        job.parent.iter().for_each(|above| finish::entered(worker, above));
        return Some(dir);
    };
    let (above, restore) = closed.open(worker, &closed.sources)?;
    let above = Arc::new(above);
    job.parent = Some(Arc::clone(&above));
    let dir = open::enter(worker, job);
    if let (Some(dst), Some(restore)) = (&above.dst, &restore) {
        reopen::restore_mode(worker, dst, restore, above.dst_rel());
    }
    Some(dir)
}

/// The place of a directory's own entry in its list, where it is the top.
fn own_place(worker: &Worker, dir: &Dir) -> Option<Place> {
    (dir.rel.is_empty() && worker.run.plan.top.rank == Rank::Contents).then_some(Place::Own)
}

/// A path for the log.
fn shown(rel: &[u8]) -> std::borrow::Cow<'_, str> {
    if rel.is_empty() { ".".into() } else { String::from_utf8_lossy(rel) }
}

/// Only directories whose contents are in the list are cleaned.
async fn delete_extraneous(worker: &Worker, dir: &Arc<Dir>, job: &DirJob, names: &[Name]) {
    let Some(when) = worker.run.plan.options.delete.when else { return };
    // What a link of the destination leads to is nothing to delete in.
    if job.listed.is_empty() || job.wanted.is_none() || dir.flags.vanished.load(Ordering::Acquire) {
        return;
    }
    if job.parent.is_none()
        && apply::dir::shuts(worker, dir)
        && worker.run.state.phase() == Phase::DeleteAfter
    {
        // Its owner cannot get at anything in it, which was told.
        return;
    }
    let now = match (worker.run.state.phase(), when) {
        (Phase::DeleteBefore, DeleteWhen::Before)
        | (Phase::Transfer, DeleteWhen::During)
        | (Phase::DeleteAfter, DeleteWhen::After) => true,
        (Phase::Transfer, DeleteWhen::Delay) => false,
        _ => return,
    };
    if !extraneous::is_allowed(worker, dir) {
        return;
    }
    if dir.flags.shut.load(Ordering::Acquire) {
        if now {
            extraneous::shut(worker, dir);
        }
        return;
    }
    let doomed = extraneous::extraneous(worker, dir, names, |name| walk::is_omitted(worker, dir, name));
    if doomed.is_empty()
        || worker.run.state.phase() == Phase::Transfer
            && !listing::can_be_looked_at(worker, dir, names)
            && !extraneous::is_allowed(worker, dir)
    {
        return;
    }
    if now {
        delete::remove_all(worker, dir, doomed).await;
    } else {
        let (receiver, node) = (dir.receiver.clone(), Arc::clone(&dir.node));
        let (rel, dst_rel) = (dir.rel.clone(), dir.dst_rel().to_vec());
        let wanted = dir.wanted;
        worker.run.keep_back(delete::DelayedJob { rel, dst_rel, receiver, node, doomed, wanted });
    }
}
