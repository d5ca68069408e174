//! Limits of time and speed, and what is left of a file that was cut short.
#![expect(clippy::disallowed_methods, reason = "tests make and look at trees by path")]

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use predicates::prelude::*;
use tempfile::TempDir;

/// A directory with a source file of so many bytes.
fn area(bytes: usize) -> TempDir {
    let area = TempDir::new().unwrap();
    fs::create_dir(area.path().join("s")).unwrap();
    fs::write(area.path().join("s/big"), vec![b'n'; bytes]).unwrap();
    area
}

fn program(dir: &Path, args: &str) -> Command {
    let mut command = Command::new(cargo_bin("io-uring-sync"));
    command.args(args.split(' ')).current_dir(dir).env("IO_URING_SYNC_DELEGATE", "never");
    command
}

/// Runs at a snail's pace, interrupts, and returns what came of it.
fn interrupted(dir: &Path, args: &str) -> Output {
    let mut command = program(dir, args);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    sleep(Duration::from_millis(1200));
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGINT).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn a_rate_is_kept() {
    let area = area(400_000);
    for (args, floor) in [("-a --bwlimit=200 s/ d/", 1.8), ("-aS --inplace --bwlimit=400 s/ e/", 0.9)] {
        let started = Instant::now();
        assert!(program(area.path(), args).status().unwrap().success());
        let took = started.elapsed().as_secs_f64();
        assert!(took > floor, "{args}: {took} s");
    }
    assert_eq!(fs::read(area.path().join("d/big")).unwrap(), fs::read(area.path().join("s/big")).unwrap());
}

#[test]
fn partial_files_stay_where_they_are_wanted() {
    let area = area(4_000_000);
    let path = |name: &str| area.path().join(name);
    let ended = interrupted(area.path(), "-a --bwlimit=100 --partial s/ d/");
    assert_eq!(ended.status.code(), Some(20));
    let kept = fs::metadata(path("d/big")).unwrap();
    assert!(kept.len() > 0 && kept.len() < 4_000_000, "{} bytes", kept.len());
    assert_eq!(kept.mtime(), 0);

    fs::create_dir(path("e")).unwrap();
    fs::write(path("e/big"), "old").unwrap();
    assert_eq!(interrupted(area.path(), "-a --bwlimit=100 --partial-dir=.p s/ e/").status.code(), Some(20));
    assert_eq!(fs::read(path("e/big")).unwrap(), b"old");
    assert_eq!(fs::metadata(path("e/.p")).unwrap().mode() & 0o7777, 0o700);
    assert!(fs::metadata(path("e/.p/big")).unwrap().len() > 0);
    assert!(program(area.path(), "-a --partial-dir=.p s/ e/").status().unwrap().success());
    assert!(!path("e/.p").exists());

    assert_eq!(interrupted(area.path(), "-ab --bwlimit=100 --partial s/ f/").status.code(), Some(20));
    assert_eq!(interrupted(area.path(), "-a --bwlimit=100 s/ g/").status.code(), Some(20));
    assert_eq!(fs::read_dir(path("g")).unwrap().count(), 0);
}

#[test]
fn a_partial_file_has_no_gap() {
    // Ranges of a large file go on side by side; what is kept ends where the first of them does.
    let area = area(0);
    let big = fs::File::create(area.path().join("s/big")).unwrap();
    big.set_len(400 << 20).unwrap();
    assert_eq!(
        interrupted(area.path(), "-a --workers=2 --bwlimit=20m --partial s/ d/").status.code(),
        Some(20)
    );
    let kept = fs::metadata(area.path().join("d/big")).unwrap();
    assert!(
        kept.len() > 0 && kept.blocks() * 512 >= kept.len(),
        "{} bytes in {} blocks",
        kept.len(),
        kept.blocks()
    );
    assert!(kept.len() < 64 << 20, "{} bytes", kept.len());
}

#[test]
fn a_stall_ends_the_run() {
    let area = area(100);
    // Nothing moves at one byte a second but the clock: the rate's own waiting is a sign of life.
    let mut alive = program(area.path(), "-a --timeout=1 --bwlimit=1 s/ d/");
    assert!(alive.status().unwrap().success());
}

#[test]
fn a_time_that_has_passed_is_refused() {
    let area = area(1);
    let refused = |args: &str, text: &'static str| {
        let output = program(area.path(), args).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{args}");
        assert!(predicate::str::contains(text).eval(&String::from_utf8_lossy(&output.stderr)), "{args}");
    };
    refused("-a --stop-at=2020-1-1 s/ d/", "rsync: --stop-at time is not in the future: 2020-1-1\n");
    refused("-a --stop-at=25:00 s/ d/", "rsync: invalid --stop-at format: 25:00\n");
    refused("-a --stop-after=0 s/ d/", "rsync: invalid --stop-after value: 0\n");
    assert!(!area.path().join("d").exists());
    for args in ["-a --stop-at=2999-1-1T10:00 s/ d/", "-a --stop-at=23:59 s/ d/", "-a --stop-after=5 s/ d/"] {
        assert!(program(area.path(), args).status().unwrap().success(), "{args}");
    }
}
