//! Pipes on either side: lists and rules that come out of one, as a shell's `<(…)` gives them, and lines that go into
//! one.
#![expect(clippy::disallowed_methods, reason = "tests make and look at trees by path")]

use std::fs;
use std::io::Read;
use std::process::Stdio;

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin;
use predicates::prelude::*;
use tempfile::TempDir;

fn area() -> TempDir {
    let area = TempDir::new().unwrap();
    fs::create_dir(area.path().join("s")).unwrap();
    for name in ["s/a", "s/b"] {
        fs::write(area.path().join(name), name).unwrap();
    }
    area
}

/// Standard input is a pipe; its name in `/dev` or `/proc` leads to it through links that say something else.
#[test]
fn a_pipe_has_a_name() {
    for pipe in ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0", "-"] {
        for (option, given, copied) in [
            ("--files-from=", "a\n", "a\n"),
            ("--exclude-from=", "a\n", "b\n"),
            ("--filter=merge ", "- a\n", "b\n"),
        ] {
            let area = area();
            let mut program = Command::new(cargo_bin("io-uring-sync"));
            program.env("IO_URING_SYNC_DELEGATE", "never").current_dir(area.path());
            program.args(["-rt", "--out-format=%n", &format!("{option}{pipe}"), "--exclude=./", "s/", "d/"]);
            program.write_stdin(given).assert().success().stdout(predicate::str::ends_with(copied));
            assert_eq!(fs::read_dir(area.path().join("d")).unwrap().count(), 1, "{option}{pipe}");
        }
    }
}

/// Reads until `wanted` came; what came until then, and whether the program still ran.
fn read_until(child: &mut std::process::Child, wanted: &str) -> (String, bool) {
    let (mut text, mut piece) = (String::new(), [0; 4096]);
    while !text.contains(wanted) {
        let bytes = child.stdout.as_mut().unwrap().read(&mut piece).unwrap();
        if bytes == 0 {
            break;
        }
        text.push_str(&String::from_utf8_lossy(&piece[..bytes]));
    }
    let runs = child.try_wait().unwrap().is_none();
    (text, runs)
}

/// Takes most of a minute at 500 KiB a second: no test waits for its end.
const LARGE_BYTES: usize = 20_000_000;

/// Whoever reads the other end hears of a file when it begins, and how far it has come, not when all is over.
#[test]
fn lines_come_while_the_run_lasts() {
    for (options, wanted) in [
        ("-av", "./\na\nb\nlarge\n"),
        ("-ai --outbuf=L", "large\n"),
        ("-a --info=progress2", "%"),
        ("-a --progress", "large\n\r"),
        ("-a --log-file=/dev/stdout", "] >f+++++++++ large\n"),
    ] {
        let area = area();
        fs::write(area.path().join("s/large"), vec![b'x'; LARGE_BYTES]).unwrap();
        let mut program = std::process::Command::new(cargo_bin("io-uring-sync"));
        program.env("IO_URING_SYNC_DELEGATE", "never").current_dir(area.path());
        program.args(options.split(' ')).args(["--bwlimit=500", "s/", "d/"]).stdout(Stdio::piped());
        let mut child = program.spawn().unwrap();
        let (text, runs) = read_until(&mut child, wanted);
        assert!(text.contains(wanted) && runs, "{options}: {text}");
        assert!(!area.path().join("d/large").exists(), "{options}: it came at the end");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
