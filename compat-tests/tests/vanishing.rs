//! rsync(1), "EXIT VALUES": sources that vanish while they are copied, and runs that are interrupted (points 37 and
//! 56).

use compat_tests::alone::Alone;
use compat_tests::background::with_background;
use compat_tests::program::{Mode, Programs};
use compat_tests::snapshot::Holes;
use compat_tests::*;
use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long names come and go before a run that met one as it went is missed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Renames files out of the source and back, all the time.
fn shuffle(dir: &Path, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        for number in (0..400).step_by(3) {
            let (here, away) = (dir.join(format!("s/f{number}")), dir.join(format!("away{number}")));
            std::fs::rename(&here, &away).expect("nobody else renames it");
            std::fs::rename(&away, &here).expect("just renamed");
        }
    }
}

/// One copy while names come and go: how many of them were told to have vanished.
fn copy_meanwhile(alone: &Alone, mode: Mode) -> usize {
    let _ = std::fs::remove_dir_all(alone.dir().join("d"));
    let outcome = alone.ours(mode, "", "-a s/ d/").outcome;
    let error = String::from_utf8_lossy(&outcome.stderr).into_owned();
    let vanished = error.lines().filter(|line| line.starts_with("file has vanished: \"/")).count();
    assert_eq!(outcome.code, if vanished > 0 { 24 } else { 0 }, "{error}");
    let last = error.lines().last().unwrap_or_default();
    let warning = "rsync warning: some files vanished before they could be transferred (code 24) at ";
    assert!(vanished == 0 || last.starts_with(warning) && error.lines().count() == vanished + 1, "{error}");
    let there = std::fs::read_dir(alone.dir().join("d")).expect("a copy").count();
    assert!(there >= 400 - vanished - 134, "{there} copied, {vanished} vanished");
    vanished
}

/// Exit 24 and a line for each, and everything else is copied; a run that met none of them exits 0.
#[test]
fn s56_what_vanishes_is_told_and_the_rest_copied() {
    for mode in Mode::of_this_run() {
        let alone = Alone::new(&tree((0..400).map(|n| file(format!("s/f{n}"), random(n, 2000)))), None);
        let (mut met, until) = (0, Instant::now() + PATIENCE);
        with_background(
            |over| shuffle(alone.dir(), over),
            || {
                while met < 3 && Instant::now() < until {
                    met += usize::from(copy_meanwhile(&alone, mode) > 0);
                }
            },
        );
        assert!(met > 0, "no name vanished under a run in {PATIENCE:?}");
        alone.ours(mode, "", "-a s/ d/").assert_silent();
        alone.assert_copy("s", "d", Holes::Ignored);
    }
}

/// Both are told to stop in the middle of a large file: the same exit status, and the old file is as it was. So also
/// where the shell that started them in the background, or nohup(1), set the signal aside.
#[test]
fn s37_an_interrupted_run_leaves_the_old_file() {
    let world = tree([file("s/big", random(1, 8_000_000)), file("d/big", "old").mtime(5), dir("d").mtime(6)]);
    let programs = Programs::of_this_run();
    for (program, args) in [(&programs.reference, &[][..]), (&programs.subject, &["--io=syscalls"])] {
        for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
            let alone = Alone::new(&world, None);
            let args = if programs.are_the_same() { &[] } else { args };
            let mut command = std::process::Command::new("/bin/sh");
            command.args(["-c", "trap '' INT HUP; exec \"$0\" \"$@\""]).arg(program);
            command.args(args).args(["-a", "--bwlimit=1000", "s/", "d/"]).current_dir(alone.dir());
            command.env("IO_URING_SYNC_DELEGATE", "never").stderr(std::process::Stdio::piped());
            let child = command.spawn().expect("a program to test");
            alone.wait_until_open(&child, "s/big");
            kill_process(Pid::from_child(&child), signal).expect("our own child");
            let output = child.wait_with_output().expect("our own child");
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(20), "{error}");
            assert!(
                error.contains("rsync error: received SIGINT, SIGTERM, or SIGHUP (code 20) at "),
                "{error}"
            );
            let left: Vec<_> = std::fs::read_dir(alone.dir().join("d")).expect("d").flatten().collect();
            assert_eq!(left.len(), 1, "{left:?}");
            assert_eq!(std::fs::read(alone.dir().join("d/big")).expect("the old file"), b"old");
        }
    }
}
