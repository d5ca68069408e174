//! The control plane: runs the pipeline on its threads, watches for signals meanwhile, and turns what came of it into
//! an exit status.

use std::io;
use std::os::unix::net::UnixStream;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rsync_compat::exit::Exit;
use rsync_compat::options::{OneFileSystem, Options};
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use uring_ext::{process, signals};

use crate::failure::{Cause, Failure, Fatal, Severity, Side};
use crate::path_text::parent_and_name;
use crate::pipeline::run::{Finished, Goal, Run};
use crate::plan::Plan;
use crate::report::{self, Ahead, Notice, Reporter, Totals};
use crate::setup::Prepared;
use crate::summary::Summary;
use crate::target::Made;

/// Runs what was prepared, and returns the exit status.
#[must_use]
pub fn run(mut prepared: Prepared, report: Reporter, started: Instant) -> u8 {
    if let Some(fatal) = prepared.refused.take() {
        return refuse(prepared, &fatal, report);
    }
    tell_beginning(&report, &prepared);
    let Prepared { plan, failures, .. } = prepared;
    let (before, listing_failed) = (summed(&failures), any(&failures, Severity::ListingError));
    if plan.top.sources.is_empty() {
        report.set_totals(Totals::default());
        return report.closing(&before, started.elapsed(), None);
    }
    let plan = Arc::new(plan);
    let ahead = report.wants().ahead.then(|| count_ahead(&plan));
    let run = Run::new(plan, report, Goal::Copy);
    if listing_failed {
        run.state.listings.note_failed();
    }
    let (run, Finished { mut summary, fatal }) = supervise(run, ahead.as_deref());
    // Nothing is left that a signal must not cut short, but words that somebody may not want to read.
    let _ = end_on_signals();
    summary.add(&before);
    // A run that broke off leaves a batch without an end, which nobody will replay.
    let fatal = fatal.or_else(|| run.plan.batch.writer().and_then(|writer| writer.close().err()));
    run.report.closing(&summary, started.elapsed(), fatal.as_ref())
}

/// Says what there is to say before the first directory is read.
fn tell_beginning(report: &Reporter, prepared: &Prepared) {
    let Prepared { plan, warnings, listed, failures, leading, made, .. } = prepared;
    for warning in warnings {
        report.far_warning(warning);
    }
    tracing::info!(target: "nstr", checksum = ?plan.options.output.sum, "chosen");
    plan.charsets.iter().for_each(|charsets| report.converting(charsets));
    report.opening();
    let (leading, others) = failures.split_at(*leading.min(&failures.len()));
    leading.iter().for_each(|failure| report.failure(failure));
    let counts_late = others.is_empty() || report.wants().list_first;
    if plan.top.means_any() && !counts_late {
        report.counting();
    }
    report.failures_of_list(others);
    report.operands_told();
    report.listed(listed, &plan.sender);
    if plan.top.means_any() && counts_late {
        report.counting();
    }
    report.ready(&notices(plan, made));
    let select = &plan.options.select;
    // Who has rules, or stays on one file system, may well have thought of it.
    if plan.nested && select.filters.is_empty() && select.one_file_system == OneFileSystem::Off {
        report.nested();
    }
}

/// Operands that failed, as a part of what the run comes to.
fn summed(failures: &[Failure]) -> Summary {
    Summary {
        failed: failures.iter().any(|failure| failure.severity != Severity::Vanished),
        first_list_failed: any(failures, Severity::ListingError),
        vanished: any(failures, Severity::Vanished),
        ..Summary::default()
    }
}

fn any(failures: &[Failure], severity: Severity) -> bool {
    failures.iter().any(|failure| failure.severity == severity)
}

/// The receiving side refuses: what the sending side has to say of its list is told, and nothing is copied.
fn refuse(prepared: Prepared, fatal: &Fatal, report: Reporter) -> u8 {
    let Prepared { plan, warnings, listed, failures, made, .. } = prepared;
    let plan = Arc::new(plan);
    for warning in &warnings {
        report.far_warning(warning);
    }
    report.opening_before(fatal);
    for failure in &failures {
        report.failure(failure);
    }
    report.operands_told();
    report.listed(&listed, &plan.sender);
    if plan.top.means_any() {
        report.counting();
    }
    let made = about_target(&plan.options, &made);
    let wants = report.wants();
    let told = report.logs_what_is_refused() || wants.totals() || wants.list_first;
    let sees_all = plan.identity.passes_permissions && !plan.options.links.copy && !told;
    if sees_all || plan.top.sources.is_empty() {
        report.set_totals(Totals::default());
        report.made(&made);
        return report.refused_there(fatal, Totals::default());
    }
    // What cannot be read is noticed all the same, and a log file says how much there is.
    let run = Run::new(Arc::clone(&plan), report, Goal::Count);
    if let Some(stacks) = run.take_stacks() {
        // What it counts is nobody's business: nothing is copied.
        let _ = run.work(stacks);
    }
    let Ahead { found, .. } = found(&run);
    run.report.set_totals(found);
    run.report.made(&made);
    run.report.refused_there(fatal, found)
}

/// A run that is over by then needs nobody to look ahead.
const AHEAD_AFTER: Duration = Duration::from_millis(300);

/// A second look at the source by a thread that takes nothing from the others, so that `--bar` knows how much there
/// is to do.
fn count_ahead(plan: &Arc<Plan>) -> Arc<Run> {
    let counting = Run::new(Arc::clone(plan), Reporter::silent(&plan.options, &plan.resolver), Goal::Count);
    if let Some(stacks) = counting.take_stacks() {
        let run = Arc::clone(&counting);
        // Without a thread to spare nothing is known beforehand.
        let _ = std::thread::Builder::new().spawn(move || {
            std::thread::sleep(AHEAD_AFTER);
            let _ = run.work(stacks);
        });
    }
    counting
}

/// What the scan has found so far.
fn found(counting: &Run) -> Ahead {
    Ahead {
        found: Totals {
            entries: counting.state.source.scanned_entries.load(Ordering::Relaxed),
            bytes: counting.state.source.scanned_bytes.load(Ordering::Relaxed),
        },
        complete: counting.jobs.over(),
    }
}

/// What there is to say before anything else.
fn notices<'a>(plan: &'a Plan, made: &Made) -> Vec<Notice<'a>> {
    let mut said = about_target(&plan.options, made);
    if let Some(dir) = plan.options.backup.as_ref().and_then(|backup| backup.dir.as_deref()) {
        let handle = plan.target.handle.as_ref();
        let opened = handle.and_then(|handle| plan.resolver.open_dir(handle, dir).ok());
        said.push(Notice::BackupDir { path: dir, exists: opened.is_some() });
    }
    said
}

/// What there is to say about the destination. In a dry run, even what `--mkpath` made is still to be made.
#[must_use]
pub fn about_target<'a>(options: &'a Options, made: &Made) -> Vec<Notice<'a>> {
    let Some(typed) = options.operands.last() else { return Vec::new() };
    let end = typed.iter().rposition(|&byte| byte != b'/').map_or(typed.len().min(1), |at| at + 1);
    // A dry run has not tidied the path up.
    let as_typed = typed.strip_suffix(b"/").unwrap_or(typed);
    let path = if options.write.dry_run { as_typed } else { &typed[..end] };
    let above = path.iter().rposition(|&byte| byte == b'/').map_or(&[][..], |at| &path[..at]);
    let above = if options.write.dry_run { above } else { parent_and_name(path).0 };
    match made {
        Made::Nothing => Vec::new(),
        Made::Directory => vec![Notice::CreatedDirectory(path)],
        Made::Above(count) => {
            let end = above.iter().rposition(|&byte| byte != b'/').map_or(above.len().min(1), |at| at + 1);
            let path = if options.write.dry_run { above } else { &above[..end] };
            vec![Notice::CreatedDirectories { count: *count, path }]
        }
        Made::AboveNothing(count) => vec![Notice::CreatedDirectories { count: *count, path }],
        Made::Path(count) => {
            let mut said = vec![Notice::CreatedDirectories { count: *count, path }];
            said.extend(options.write.dry_run.then_some(Notice::CreatedDirectory(path)));
            said
        }
    }
}

/// Signals that end a run, and the exit status of each. Until they are watched they end the process at once: there is
/// nothing to clean up yet.
///
/// # Errors
/// Those of sigaction(2).
pub fn end_on_signals() -> io::Result<()> {
    let ending = |(signal, exit): (i32, Exit)| signals::Ending {
        signal,
        message: report::interrupted(exit),
        status: i32::from(exit.code()),
    };
    signals::end_on(ENDS.map(ending).into())
}

const ENDS: [(i32, Exit); 4] = [
    (signals::SIGINT, Exit::Signal),
    (signals::SIGTERM, Exit::Signal),
    (signals::SIGHUP, Exit::Signal),
    (signals::SIGUSR1, Exit::SignalUser),
];

/// Runs the workers while this thread waits for signals and for the end of the time that the run has.
fn supervise(run: Arc<Run>, ahead: Option<&Run>) -> (Arc<Run>, Finished) {
    // Before the first worker makes anything that a signal must not leave behind.
    let watch = Watch::new();
    let (done, finished) = oneshot::channel();
    let workers = Arc::clone(&run);
    let Some(stacks) = run.take_stacks() else {
        return (run, Finished { summary: Summary::default(), fatal: None });
    };
    let thread = std::thread::Builder::new().spawn(move || {
        let outcome = workers.work(stacks);
        // Nobody waits only when the signals could not be watched; then the thread is joined instead.
        let _ = done.send(());
        outcome
    });
    let thread = match thread {
        Ok(thread) => thread,
        Err(error) => {
            let fatal = Some(Fatal::no_thread(&error));
            return (run, Finished { summary: Summary::default(), fatal });
        }
    };
    let watched = watch.map(|watch| watch.until(&run, ahead, finished));
    if let Some(ahead) = ahead {
        ahead.jobs.end();
        // On a busy machine its end would be long in coming. Who may not change that waits.
        let counter = ahead.state.counter.load(Ordering::Relaxed);
        if counter != 0 {
            let _ = process::hurry(counter);
        }
    }
    if matches!(watched, Ok(Watched::Stuck)) {
        // Whoever hangs in the kernel cannot be waited for; the end of the process is the end of it.
        let fatal = run.state.take_fatal();
        return (run, Finished { summary: Summary::default(), fatal });
    }
    let died =
        Finished { summary: Summary::default(), fatal: Some(Fatal::told(Side::Client, Exit::Crashed)) };
    let outcome = thread.join().unwrap_or(died);
    (run, outcome)
}

/// How watching ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Watched {
    /// The workers are done.
    Done,
    /// They don't stop although they were told to, by `--timeout` or by a second signal.
    Stuck,
}

/// How long workers may take to notice that they are to stop, when nobody wants to wait longer.
const GRACE: Duration = Duration::from_secs(2);

/// How often a live view is drawn, and lines go out that have their turn.
const REDRAW: Duration = Duration::from_millis(100);

/// Watches for signals.
struct Watch {
    runtime: Runtime,
    signals: [Signal; ENDS.len()],
}

impl Watch {
    /// Fails where descriptors are short, before tokio meets that, which panics then.
    fn new() -> io::Result<Watch> {
        // An epoll instance, an event, a pair of sockets and another descriptor of one of them.
        drop([UnixStream::pair()?, UnixStream::pair()?, UnixStream::pair()?]);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let entered = runtime.enter();
        // Also those that nohup(1) or a shell in the background set aside, as in rsync.
        let [interrupt, terminate, hangup, user] =
            ENDS.map(|(number, _)| signal(SignalKind::from_raw(number)));
        let watched = [interrupt?, terminate?, hangup?, user?];
        drop(entered);
        signals::disarm();
        Ok(Watch { runtime, signals: watched })
    }

    /// Waits for the end of the workers, and tells them to stop when there is reason to.
    fn until(self, run: &Arc<Run>, ahead: Option<&Run>, mut finished: oneshot::Receiver<()>) -> Watched {
        let Watch { runtime, mut signals } = self;
        runtime.block_on(async {
            let mut stop = pin!(after(run.plan.remaining));
            let mut stall = pin!(stalled(run));
            let [interrupt, terminate, hangup, user] = &mut signals;
            let mut told = false;
            let mut speaks = !run.report.wants().streams();
            loop {
                let (cause, exit, patient) = tokio::select! {
                    _ = &mut finished => return Watched::Done,
                    _ = interrupt.recv() => (Cause::Told, Exit::Signal, !told),
                    _ = terminate.recv() => (Cause::Told, Exit::Signal, !told),
                    _ = hangup.recv() => (Cause::Told, Exit::Signal, !told),
                    _ = user.recv() => (Cause::Told, Exit::SignalUser, !told),
                    () = after((!speaks).then_some(REDRAW)) => {
                        speak(run);
                        speaks = true;
                        continue;
                    }
                    () = after(ahead.map(|_| REDRAW)) => {
                        ahead.iter().for_each(|ahead| run.report.redraw(&found(ahead)));
                        continue;
                    }
                    () = &mut stop => (Cause::Stops, Exit::Timeout, true),
                    () = &mut stall => {
                        (Cause::Stalled(run.plan.options.write.timeout), Exit::Timeout, false)
                    }
                };
                run.state.abort(&Fatal { side: Side::Sender, cause, exit });
                stop.set(after(None));
                told = true;
                if !patient {
                    return match tokio::time::timeout(GRACE, &mut finished).await {
                        Ok(_) => Watched::Done,
                        Err(_) => Watched::Stuck,
                    };
                }
            }
        })
    }
}

/// Lets lines out every now and then, on a thread of its own: whoever reads them may be slow, and signals must not
/// wait.
fn speak(run: &Arc<Run>) {
    let run = Arc::clone(run);
    // Without a thread to spare they come with what is done.
    let _ = std::thread::Builder::new().spawn(move || {
        while !run.jobs.over() {
            run.report.stream();
            std::thread::sleep(REDRAW);
        }
    });
}

/// Ends after so long; never when there is no limit.
async fn after(limit: Option<Duration>) {
    match limit {
        Some(limit) => tokio::time::sleep(limit).await,
        None => std::future::pending().await,
    }
}

/// Ends when nothing moved for the time of `--timeout`.
async fn stalled(run: &Run) {
    let limit = u64::from(run.plan.options.write.timeout);
    if limit == 0 {
        return std::future::pending().await;
    }
    let (mut seen, mut silent_seconds) = (run.state.beats(), 0);
    while silent_seconds < limit {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let beats = run.state.beats();
        silent_seconds = if beats == seen { silent_seconds + 1 } else { 0 };
        seen = beats;
    }
}
