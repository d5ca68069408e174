//! A run: what all workers share, its passes in order, and the threads that do them.

mod top;

use std::collections::BTreeMap;
use std::ffi::CString;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crossbeam_deque::Worker as Stack;
use rsync_compat::exit::Exit;
use rsync_compat::options::{DeleteWhen, Io};
use uring_ext::{Emulate, Helpers, Ring, Settings, plain, process};

use super::apply::delayed::UpdatesJob;
use super::apply::delete::DelayedJob;
use super::apply::late_times::LateTimes;
use super::apply::remove_source::Removal;
use super::engine::jobs::{Job, Jobs};
use super::engine::media::Media;
use super::engine::prefetch::Prefetch;
use super::engine::rate_limit::RateLimit;
use super::engine::state::{Phase, State};
use super::engine::stopwatch::Stopwatch;
use super::engine::worker;
use super::entries::links::Links;
use super::handles::paths::target_path;
use super::walk::prune;
use crate::entry::dir_order;
use crate::failure::{Failure, Fatal, Side, What};
use crate::medium::{self, Medium};
use crate::plan::Plan;
use crate::report::{Node, Notice, Place, Reporter, Totals};
use crate::summary::Summary;

/// So many threads wait for devices at once.
const HELPERS_MAX: usize = 64;

/// Stack of a worker thread in bytes: deleting a tree goes as deep as the tree.
const STACK_BYTES: usize = 16 << 20;

/// What all workers share.
#[derive(Debug)]
pub struct Run {
    /// What is to be done.
    pub plan: Arc<Plan>,
    /// The only writer to standard output and standard error.
    pub report: Reporter,
    /// Waiting jobs.
    pub jobs: Jobs,
    /// Hard-link groups.
    pub links: Links,
    /// Flags and counters.
    pub state: State,
    /// Directories whose times come last.
    pub late_times: LateTimes,
    /// Where the time goes.
    pub stopwatch: Stopwatch,
    /// How fast data may move.
    pub rate_limit: RateLimit,
    /// What suits the file systems of this run.
    pub media: Media,
    /// Directories that are looked into before their turn.
    pub prefetch: Prefetch,
    /// Threads that wait for devices; none is started before there is need.
    pub helpers: Helpers,
    goal: Goal,
    ring: Settings,
    stacks: Mutex<Option<Vec<Stack<Job>>>>,
    delayed: Mutex<Vec<DelayedJob>>,
    removals: Mutex<Vec<Removal>>,
    updates: Mutex<BTreeMap<Vec<u8>, UpdatesJob>>,
}

/// How far a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// It copies.
    Copy,
    /// It only looks at the source, and counts.
    Count,
}

/// What a run came to.
#[derive(Debug)]
pub struct Finished {
    /// What was done.
    pub summary: Summary,
    /// Why it was ended early, if it was.
    pub fatal: Option<Fatal>,
}

impl Run {
    /// All that a run needs, before its first job is taken.
    #[must_use]
    pub fn new(plan: Arc<Plan>, report: Reporter, goal: Goal) -> Arc<Run> {
        let (workers, phase) = match goal {
            Goal::Copy => (plan.workers, first_phase(&plan, &report)),
            Goal::Count => (1, Phase::Scan),
        };
        let (jobs, stacks) = Jobs::new(workers);
        let state = State::new(phase, plan.options.delete.max);
        let media: Vec<Medium> = plan.sources.iter().map(|root| medium::of(&root.handle)).collect();
        let run = Arc::new(Run {
            state: if plan.options.write.timeout > 0 { state.watched() } else { state },
            stopwatch: Stopwatch::start(),
            rate_limit: RateLimit::new(plan.options.write.bwlimit),
            media: Media::of(&plan, &media),
            prefetch: Prefetch::new(&plan, &media),
            helpers: Helpers::new(HELPERS_MAX, HELPERS_MAX),
            links: Links::new(&plan),
            late_times: LateTimes::default(),
            delayed: Mutex::new(Vec::new()),
            removals: Mutex::new(Vec::new()),
            updates: Mutex::default(),
            ring: ring_settings(&plan),
            stacks: Mutex::new(Some(stacks)),
            goal,
            jobs,
            report,
            plan,
        });
        run.seed_top();
        run
    }

    /// The workers' stacks, once.
    #[must_use]
    pub fn take_stacks(&self) -> Option<Vec<Stack<Job>>> {
        self.stacks.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Runs one worker on each stack, and waits for all of them. Where the system refuses threads, fewer do.
    #[must_use]
    pub fn work(self: &Arc<Self>, stacks: Vec<Stack<Job>>) -> Finished {
        let (mut threads, mut refused) = (Vec::new(), None);
        for (index, stack) in stacks.into_iter().enumerate() {
            match self.start(index, stack) {
                Ok(thread) => threads.push(thread),
                Err(error) => refused = Some(error),
            }
        }
        let mut died = refused.filter(|_| threads.is_empty()).map(|error| Fatal::no_thread(&error));
        let mut summary = Summary::default();
        for thread in threads {
            match thread.join() {
                Ok(part) => summary.add(&part),
                Err(_) => died = Some(Fatal::told(Side::Client, Exit::Crashed)),
            }
        }
        self.late_times.set_again(&self.plan);
        if !self.synced() {
            summary.failed = true;
            summary.failed_receiving = true;
        }
        self.stopwatch.lap(self.state.phase());
        summary.times = self.stopwatch.times();
        Finished { summary, fatal: self.state.take_fatal().or(died) }
    }

    /// `--syncfs`; false when it failed, which was told.
    fn synced(&self) -> bool {
        let write = &self.plan.options.write;
        let wanted = write.syncfs && !write.dry_run && self.goal == Goal::Copy;
        let Some(root) = self.plan.target.handle.as_ref().filter(|_| wanted) else { return true };
        let Err(error) = plain::syncfs(root) else { return true };
        let path = target_path(&self.plan, b"");
        self.report.failure(&Failure::new(Side::Receiver, What::Syncfs, path, &error));
        false
    }

    fn start(
        self: &Arc<Self>,
        index: usize,
        stack: Stack<Job>,
    ) -> std::io::Result<thread::JoinHandle<Summary>> {
        let run = Arc::clone(self);
        let named = thread::Builder::new().name(format!("worker-{index}")).stack_size(STACK_BYTES);
        named.spawn(move || {
            // Not being pinned costs some speed and nothing else, and so does not being polite.
            let _ = match (run.goal, run.plan.cpus.get(index)) {
                (Goal::Count, _) => process::yield_to_others()
                    .map(|thread| run.state.counter.store(thread, Ordering::Relaxed)),
                (Goal::Copy, Some(&cpu)) => process::pin_thread(cpu),
                (Goal::Copy, None) => Ok(()),
            };
            let worked = catch_unwind(AssertUnwindSafe(|| worker::work(Arc::clone(&run), stack, index)));
            worked.unwrap_or_else(|panic| {
                // The others must not wait for jobs that this one took along.
                run.jobs.end();
                resume_unwind(panic)
            })
        })
    }
}

fn first_phase(plan: &Plan, report: &Reporter) -> Phase {
    let when = plan.options.delete.when;
    // Who may not read everything is likely to meet a directory that cannot be listed, and who follows links one that
    // leads nowhere, which must be known before anything is deleted in directories after it, or anywhere.
    let links = &plan.options.links;
    let may_fail = !plan.identity.passes_permissions || links.copy || links.copy_unsafe;
    let guarded = matches!(when, Some(DeleteWhen::During | DeleteWhen::Delay)) && may_fail;
    let told = report.wants().totals() || report.wants().list_first;
    let scans = plan.nested || prune::wanted(&plan.options) || told;
    if when == Some(DeleteWhen::Before) || guarded || scans { Phase::Scan } else { Phase::Transfer }
}

/// Files under way from which on a ring is worth having.
const RING_FILES_MIN: usize = 4;

fn ring_settings(plan: &Plan) -> Settings {
    let emulate = match plan.options.engine.io {
        Io::Syscalls => Emulate::All,
        // With so few files under way it gains nothing, and takes descriptors that directories need.
        Io::Auto if plan.limits.in_flight_max < RING_FILES_MIN => Emulate::All,
        Io::Auto | Io::Ring => Emulate::from_env(),
    };
    Settings { emulate, ..Settings::depth(plan.limits.ring_entries) }
}

impl Run {
    /// Whether nothing is copied.
    #[must_use]
    pub fn only_counts(&self) -> bool {
        self.goal == Goal::Count
    }

    /// Whether what the list has to say of names is said in this pass.
    #[must_use]
    pub fn tells_list(&self) -> bool {
        let pass = if self.report.wants().list_first { Phase::Scan } else { Phase::Transfer };
        self.state.phase() == pass
    }

    /// This thread's ring.
    #[must_use]
    pub fn ring(&self) -> Ring {
        Ring::new(self.ring.clone())
    }

    /// Keeps deletions for the end.
    pub fn keep_back(&self, job: DelayedJob) {
        self.delayed.lock().unwrap_or_else(PoisonError::into_inner).push(job);
    }

    /// Keeps a source that is to go until all was copied.
    pub fn keep_source(&self, removal: Removal) {
        self.removals.lock().unwrap_or_else(PoisonError::into_inner).push(removal);
    }

    /// Keeps a file's name for the end.
    pub fn hold_update(&self, rel: &[u8], node: &Arc<Node>, name: CString) {
        let mut updates = self.updates.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || UpdatesJob { rel: rel.to_vec(), node: Arc::clone(node), names: Vec::new() };
        updates.entry(rel.to_vec()).or_insert_with(new).names.push(name);
    }

    /// Seeds the next pass that has anything to do; false when there is none.
    pub fn next_phase(&self) -> bool {
        while let Some(next) = self.following(self.state.phase()) {
            if self.state.phase() == Phase::Scan {
                self.report.set_totals(Totals {
                    entries: self.state.source.scanned_entries.load(Ordering::Acquire),
                    bytes: self.state.source.scanned_bytes.load(Ordering::Acquire),
                });
            }
            if self.state.phase() == Phase::Transfer {
                self.tell_deletion_skipped();
            }
            self.stopwatch.lap(self.state.phase());
            tracing::info!(target: "flist", before = ?self.state.phase(), ?next, "next pass");
            self.state.set_phase(next);
            if self.seed(next) {
                return true;
            }
        }
        false
    }

    /// Said at the latest when everything was listed.
    fn tell_deletion_skipped(&self) {
        let delete = &self.plan.options.delete;
        let skipped = delete.when.is_some() && self.state.listings.cleaning_failed() && !delete.ignore_errors;
        if skipped && !self.plan.options.output.list_only && self.state.deletions.say_skipped_once() {
            self.report.notice(&self.report.root(), Place::Deletion, &Notice::IoErrorSkipsDeletion);
        }
    }

    fn following(&self, phase: Phase) -> Option<Phase> {
        if self.state.stopping() || self.goal == Goal::Count {
            return None;
        }
        let when = self.plan.options.delete.when;
        Some(match phase {
            Phase::Scan if when == Some(DeleteWhen::Before) => Phase::DeleteBefore,
            Phase::Scan | Phase::DeleteBefore => Phase::Transfer,
            Phase::Transfer => Phase::Links,
            Phase::Links => Phase::Updates,
            Phase::Updates => Phase::Sources,
            Phase::Sources => Phase::DeleteDelayed,
            Phase::DeleteDelayed if when == Some(DeleteWhen::After) => Phase::DeleteAfter,
            Phase::DeleteDelayed | Phase::DeleteAfter => return None,
        })
    }

    fn seed(&self, phase: Phase) -> bool {
        match phase {
            Phase::Scan => false,
            Phase::DeleteBefore | Phase::Transfer | Phase::DeleteAfter => {
                if phase != Phase::Transfer && self.plan.target.handle.is_some() {
                    self.tell_cleaning(b"", &self.plan.top);
                }
                self.seed_top();
                true
            }
            Phase::Links => {
                let groups = self.links.take_rest();
                let any = !groups.is_empty();
                groups.into_iter().for_each(|group| self.jobs.seed(Job::Group(Box::new(group))));
                any
            }
            Phase::Updates => {
                let kept = std::mem::take(&mut *self.updates.lock().unwrap_or_else(PoisonError::into_inner));
                let any = !kept.is_empty();
                kept.into_values().for_each(|job| self.jobs.seed(Job::Updates(Box::new(job))));
                any
            }
            Phase::Sources => {
                let kept = std::mem::take(&mut *self.removals.lock().unwrap_or_else(PoisonError::into_inner));
                let any = !kept.is_empty();
                if any {
                    self.jobs.seed(Job::Sources(kept));
                }
                any
            }
            Phase::DeleteDelayed => {
                let kept = std::mem::take(&mut *self.delayed.lock().unwrap_or_else(PoisonError::into_inner));
                let any = !kept.is_empty();
                self.after_all(kept).for_each(|job| self.jobs.seed(Job::Delete(Box::new(job))));
                any
            }
        }
    }

    /// Delayed deletions are told after all else, in the order of their directories.
    fn after_all(&self, mut kept: Vec<DelayedJob>) -> impl Iterator<Item = DelayedJob> {
        kept.sort_by(|one, two| dir_order(&one.rel, &two.rel));
        let root = (!kept.is_empty()).then(|| self.report.root());
        root.iter().for_each(|_| self.report.begin_pass(&self.plan.target.display));
        kept.into_iter().zip(0..).map(move |(mut job, slot)| {
            if let Some(root) = &root {
                job.node = self.report.child(root, slot);
            }
            job
        })
    }
}
