//! The control plane: runs the pipeline on its threads, watches for signals meanwhile, and turns what came of it into
//! an exit status.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use rsync_compat::exit::Exit;
use rsync_compat::options::Recursion;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use crate::failure::{Fatal, Severity, Side, no_thread};
use crate::pipeline::run::{Finished, Run};
use crate::plan::Plan;
use crate::report::{Notice, Reporter};
use crate::setup::Prepared;
use crate::summary::Summary;
use crate::target::Made;

/// Runs what was prepared, and returns the exit status.
#[must_use]
pub fn run(prepared: Prepared, report: Reporter, started: Instant) -> u8 {
    let Prepared { plan, warnings, failures, made } = prepared;
    let mut before = Summary::default();
    for warning in &warnings {
        report.warning(warning);
    }
    if plan.options.select.recursion != Recursion::None {
        report.opening();
    }
    for failure in &failures {
        before.failed = true;
        report.failure(failure);
    }
    let listing_failed = failures.iter().any(|failure| failure.severity == Severity::ListingError);
    report.ready(notice(&plan, &made).as_ref());
    if plan.top.sources.is_empty() {
        return report.closing(&before, started.elapsed(), None);
    }
    let run = Run::new(plan, report);
    if listing_failed {
        run.state.note_listing_error();
    }
    let (run, Finished { mut summary, fatal }) = supervise(run);
    summary.add(&before);
    run.report.closing(&summary, started.elapsed(), fatal.as_ref())
}

fn notice<'a>(plan: &'a Plan, made: &Made) -> Option<Notice<'a>> {
    let typed = plan.options.operands.last()?;
    let end = typed.iter().rposition(|&byte| byte != b'/').map_or(typed.len().min(1), |at| at + 1);
    let path = &typed[..end];
    match made {
        Made::Nothing => None,
        Made::Directory => Some(Notice::CreatedDirectory(path)),
        Made::Path(count) => Some(Notice::CreatedDirectories { count: *count, path }),
    }
}

/// Runs the workers while this thread waits for signals.
fn supervise(run: Arc<Run>) -> (Arc<Run>, Finished) {
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
            let fatal = Some(no_thread(&error));
            return (run, Finished { summary: Summary::default(), fatal });
        }
    };
    let _ = watch(&run, finished);
    let died = Finished {
        summary: Summary::default(),
        fatal: Some(Fatal { side: Side::Client, message: Vec::new(), code: Exit::Crashed.code() }),
    };
    let outcome = thread.join().unwrap_or(died);
    (run, outcome)
}

fn watch(run: &Run, mut finished: oneshot::Receiver<()>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let mut ends = [
            caught(SignalKind::interrupt())?,
            caught(SignalKind::terminate())?,
            caught(SignalKind::hangup())?,
            caught(SignalKind::user_defined1())?,
        ];
        let [interrupt, terminate, hangup, user] = &mut ends;
        loop {
            let exit = tokio::select! {
                _ = &mut finished => return Ok(()),
                _ = interrupt.recv() => Exit::Signal,
                _ = terminate.recv() => Exit::Signal,
                _ = hangup.recv() => Exit::Signal,
                _ = user.recv() => Exit::SignalUser,
            };
            run.state.abort(&Fatal { side: Side::Sender, message: Vec::new(), code: exit.code() });
        }
    })
}

fn caught(kind: SignalKind) -> io::Result<Signal> {
    signal(kind)
}
