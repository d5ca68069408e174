//! Lists and rules that come out of a pipe, as a shell's `<(…)` gives them.
#![expect(clippy::disallowed_methods, reason = "tests make and look at trees by path")]

use std::fs;

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
