//! `--summary`: what was done, where the time went and what served, in a few lines for people.

use std::time::Duration;

use indicatif::{BinaryBytes, HumanCount};
use rsync_compat::output::stats::RunKind;
use uring_ext::process::Usage;

use super::json::Ended;
use crate::summary::{ByKind, Summary};

/// What the lines are about.
pub(super) struct Account<'a> {
    pub(super) summary: &'a Summary,
    pub(super) ended: Ended,
    pub(super) run: RunKind,
    pub(super) usage: Usage,
}

/// Appends the lines.
pub(super) fn push(out: &mut Vec<u8>, account: &Account<'_>) {
    let Account { summary, ended, run, usage } = account;
    let replaced = summary.transferred.saturating_sub(summary.created.files);
    let dry = if *run == RunKind::DryRun { " (dry run: nothing was changed)" } else { "" };
    out.push(b'\n');
    let mut line = |name: &str, text: String| {
        out.extend_from_slice(format!("{name:<9} {text}\n").as_bytes());
    };
    line(
        "copied",
        format!(
            "{} ({}), of them {} that existed{dry}",
            count(summary.transferred, "file"),
            bytes(summary.transferred_bytes),
            HumanCount(replaced)
        ),
    );
    line("created", kinds(&summary.created));
    line("linked", count(summary.linked, "hard link"));
    line("deleted", kinds(&summary.deleted));
    line("left", format!("{} were up to date or not for copying", HumanCount(left(summary))));
    line("skipped", format!("{} because an option or their type says so", HumanCount(ended.skipped)));
    line("failed", count(ended.failures, "error"));
    line("time", time(summary, ended.elapsed_ms, usage));
    line("engine", engine(summary));
    line("memory", format!("{} at most", bytes(usage.peak_bytes)));
}

fn left(summary: &Summary) -> u64 {
    summary.listed.total().saturating_sub(summary.created.total() + replaced_files(summary))
}

fn replaced_files(summary: &Summary) -> u64 {
    summary.transferred.saturating_sub(summary.created.files)
}

fn time(summary: &Summary, elapsed_ms: u64, usage: &Usage) -> String {
    let times = &summary.times;
    let parts = [
        ("scanning", times.scanning),
        ("copying", times.copying),
        ("deleting", times.deleting),
        ("finishing", times.finishing),
    ];
    let spent = parts.iter().filter(|(_, time)| *time >= Duration::from_millis(1));
    let spent: Vec<String> = spent.map(|(name, time)| format!("{name} {}", seconds(*time))).collect();
    let spent = if spent.is_empty() { String::new() } else { format!(" ({})", spent.join(", ")) };
    let cpu = seconds(usage.user + usage.system);
    format!("{}{spent}, {cpu} of CPU", seconds(Duration::from_millis(elapsed_ms)))
}

fn engine(summary: &Summary) -> String {
    let plain = summary.literal_bytes.saturating_sub(summary.cloned_bytes);
    let mut parts = vec![format!("{} written", bytes(plain))];
    if summary.cloned_bytes > 0 {
        parts.push(format!("{} shared by reflink", bytes(summary.cloned_bytes)));
    }
    if summary.verified > 0 {
        parts.push(format!("{} read back", count(summary.verified, "file")));
    }
    parts.push(match summary.ring_files {
        0 => "no file read through io_uring".to_owned(),
        files => format!("{} read through io_uring", count(files, "file")),
    });
    parts.join(", ")
}

fn kinds(counts: &ByKind) -> String {
    let named = [
        (counts.files, "file", "files"),
        (counts.dirs, "directory", "directories"),
        (counts.symlinks, "symbolic link", "symbolic links"),
        (counts.devices, "device", "devices"),
        (counts.specials, "fifo or socket", "fifos and sockets"),
    ];
    let some = named.iter().filter(|(number, _, _)| *number > 0);
    let words: Vec<String> = some
        .map(|(number, one, many)| {
            format!("{} {}", HumanCount(*number), if *number == 1 { one } else { many })
        })
        .collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

fn count(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", HumanCount(number), if number == 1 { "" } else { "s" })
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

/// With a unit of 1024.
fn bytes(bytes: u64) -> String {
    BinaryBytes(bytes).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_reads_as_words() {
        let summary = Summary {
            listed: ByKind { files: 1500, dirs: 3, ..ByKind::default() },
            created: ByKind { files: 1200, dirs: 1, ..ByKind::default() },
            transferred: 1234,
            transferred_bytes: 5 << 20,
            literal_bytes: 5 << 20,
            cloned_bytes: 4 << 20,
            ring_files: 1,
            verified: 7,
            ..Summary::default()
        };
        let ended = Ended { complete: true, skipped: 0, failures: 2, elapsed_ms: 1500 };
        let mut out = Vec::new();
        push(&mut out, &Account { summary: &summary, ended, run: RunKind::Real, usage: Usage::default() });
        let text = String::from_utf8(out).unwrap();
        for line in [
            "copied    1,234 files (5.00 MiB), of them 34 that existed",
            "created   1,200 files, 1 directory",
            "deleted   nothing",
            "left      268 were up to date or not for copying",
            "failed    2 errors",
            "time      1.50 s, 0.00 s of CPU",
            "engine    1.00 MiB written, 4.00 MiB shared by reflink, 7 files read back, 1 file read through io_uring",
            "memory    0 B at most",
        ] {
            assert!(text.lines().any(|have| have == line), "{line} is not in\n{text}");
        }
    }
}
