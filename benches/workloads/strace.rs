//! Counting system calls with strace, and with them what went through a ring.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Calls {
    pub(crate) plain: u64,
    /// Entries that io_uring_enter took: work that is done without a call of its own.
    pub(crate) ring: u64,
}

/// Runs a command under strace and counts the calls of all its processes and threads.
pub(crate) fn count(command: &[OsString], log: &Path) -> Result<Calls, String> {
    let mut strace = Command::new("strace");
    // A debug build of ours asks about every descriptor before it closes it; nobody else calls fcntl often.
    strace.args(["-f", "-qq", "-s", "0", "-e", "trace=!fcntl", "-o"]).arg(log).args(command);
    strace.env("IO_URING_SYNC_DELEGATE", "never").stdin(Stdio::null()).stdout(Stdio::null());
    let status = strace.status().map_err(|error| format!("cannot start strace: {error}"))?;
    if !status.success() {
        return Err(format!("{} failed under strace ({status})", Path::new(&command[0]).display()));
    }
    let text = fs::read(log).map_err(|error| format!("cannot read {}: {error}", log.display()))?;
    Ok(tally(&String::from_utf8_lossy(&text)))
}

/// Counts every line that starts a call, and tells on standard error which calls they were.
fn tally(log: &str) -> Calls {
    let mut by_name: BTreeMap<&str, u64> = BTreeMap::new();
    let mut calls = Calls::default();
    for line in log.lines() {
        let text = line.split_once(' ').map_or(line, |(_, text)| text).trim_start();
        if text.contains("io_uring_enter") {
            calls.ring += returned(text);
        }
        // A call that was interrupted by another thread's line is counted where it began.
        let Some((name, _)) = text.split_once('(') else { continue };
        if !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            *by_name.entry(name).or_default() += 1;
        }
    }
    calls.plain = by_name.values().sum();
    eprintln!("    {by_name:?}");
    calls
}

fn returned(line: &str) -> u64 {
    let after = line.rsplit_once(" = ").map_or("", |(_, after)| after);
    after.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0)
}
