//! One run of a program: wall time, processor time and peak memory of everything it started.
//!
//! The harness starts itself once more for each run: the kernel's account of waited-for children then holds
//! that run alone. As a subreaper it also waits for processes that the program left behind.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use nix::errno::Errno;
use nix::sys::prctl::set_child_subreaper;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use nix::sys::wait::{WaitStatus, wait};

/// The first argument that turns the harness into the measuring process.
pub(crate) const FLAG: &str = "--measure-one";

#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) wall_s: f64,
    pub(crate) cpu_s: f64,
    /// Of the largest process.
    pub(crate) peak_mib: f64,
}

/// Runs a command in a measuring process; its failure is an error that shows what it wrote.
pub(crate) fn sample(command: &[OsString]) -> Result<Sample, String> {
    let own = std::env::current_exe().map_err(|error| format!("cannot find the harness itself: {error}"))?;
    let mut measuring = Command::new(own);
    measuring.arg(FLAG).args(command).stdin(Stdio::null());
    measuring.env("IO_URING_SYNC_DELEGATE", "never").env("LC_ALL", "C");
    let output =
        measuring.output().map_err(|error| format!("cannot start the measuring process: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    match numbers[..] {
        [wall_s, cpu_s, peak_mib, 0.0] => Ok(Sample { wall_s, cpu_s, peak_mib }),
        _ => Err(failure(command, &text, &output.stderr)),
    }
}

fn failure(command: &[OsString], numbers: &str, stderr: &[u8]) -> String {
    let line = command.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    let status = numbers.split_whitespace().last().unwrap_or("none");
    let name = Path::new(&command[0]).display();
    format!("{name} failed with exit status {status}: {line}\n{}", String::from_utf8_lossy(stderr))
}

/// The measuring process: prints wall seconds, processor seconds, MiB and exit status.
pub(crate) fn in_own_process(command: &[String]) -> ExitCode {
    match measure(command) {
        Ok((sample, status)) => {
            println!("{} {} {} {status}", sample.wall_s, sample.cpu_s, sample.peak_mib);
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn measure(command: &[String]) -> Result<(Sample, i32), String> {
    let [program, args @ ..] = command else { return Err("no command to measure".to_owned()) };
    set_child_subreaper(true).map_err(|error| format!("cannot become a subreaper: {error}"))?;
    let started = Instant::now();
    let child = Command::new(program).args(args).stdin(Stdio::null()).stdout(Stdio::null()).spawn();
    let child = child.map_err(|error| format!("cannot start {program}: {error}"))?;
    let (status, wall_s) = wait_for_all(child.id().cast_signed(), started)?;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| format!("no account: {error}"))?;
    let cpu_s = seconds(usage.user_time()) + seconds(usage.system_time());
    let peak_mib = usage.max_rss() as f64 / 1024.0;
    Ok((Sample { wall_s, cpu_s, peak_mib }, status))
}

/// Waits until no descendant is left: the status of `main`, and when it ended.
fn wait_for_all(main: i32, started: Instant) -> Result<(i32, f64), String> {
    let mut outcome = None;
    loop {
        match wait() {
            Ok(WaitStatus::Exited(pid, code)) if pid.as_raw() == main => {
                outcome = Some((code, started.elapsed().as_secs_f64()));
            }
            Ok(WaitStatus::Signaled(pid, signal, _)) if pid.as_raw() == main => {
                outcome = Some((128 + signal as i32, started.elapsed().as_secs_f64()));
            }
            Ok(_) | Err(Errno::EINTR) => {}
            Err(Errno::ECHILD) => return outcome.ok_or("the program's status was lost".to_owned()),
            Err(error) => return Err(format!("cannot wait: {error}")),
        }
    }
}

fn seconds(time: TimeVal) -> f64 {
    time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6
}
