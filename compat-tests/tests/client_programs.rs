//! Programs that call rsync, with ours in front on PATH under that name: each recipe in `clients/` sets one up, runs it
//! from end to end and prints a line for everything that holds.

use compat_tests::alone::Alone;
use compat_tests::program::{Mode, Programs};
use compat_tests::*;
use std::process::Command;

const PRELUDE: &str = include_str!("clients/prelude.sh");

/// Runs a recipe and counts its lines.
fn recipe(name: &str, script: &str, passes: usize) {
    let alone = Alone::new(&tree([dir("bin")]), None);
    let subject = &Programs::of_this_run().subject;
    std::os::unix::fs::symlink(subject, alone.dir().join("bin/rsync")).expect("a fresh directory");
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", alone.dir().join("bin").display());
    let mut command = Command::new("/bin/bash");
    command.args(["-c", &format!("{PRELUDE}\n{script}")]).current_dir(alone.dir()).env_clear();
    command.env("PATH", path).env("W", alone.dir()).env("LANG", "C.UTF-8").env("TZ", "UTC");
    command.envs(Mode::Ring.env());
    let output = command.output().expect("bash");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    let passed = said.lines().filter(|line| line.starts_with("PASS ")).count();
    let logs =
        ["out", "log", "o"].map(|name| std::fs::read_to_string(alone.dir().join(name)).unwrap_or_default());
    assert!(
        passed == passes && !said.contains("FAIL "),
        "{name}: {passed} of {passes}\n{said}{error}{}",
        logs.concat()
    );
}

#[test]
fn rsnapshot() {
    recipe("rsnapshot", include_str!("clients/rsnapshot.sh"), 10);
}

#[test]
fn back_in_time() {
    recipe("backintime", include_str!("clients/backintime.sh"), 9);
}

#[test]
fn fpsync() {
    recipe("fpsync", include_str!("clients/fpsync.sh"), 9);
}

#[test]
fn dirvish() {
    recipe("dirvish", include_str!("clients/dirvish.sh"), 7);
}

#[test]
fn rsbackup() {
    recipe("rsbackup", include_str!("clients/rsbackup.sh"), 7);
}

#[test]
fn backupninja() {
    recipe("backupninja", include_str!("clients/backupninja.sh"), 7);
}

#[test]
fn yarsync() {
    recipe("yarsync", include_str!("clients/yarsync.sh"), 11);
}

#[test]
fn mrb() {
    recipe("mrb", include_str!("clients/mrb.sh"), 8);
}

#[test]
fn lsyncd() {
    recipe("lsyncd", include_str!("clients/lsyncd.sh"), 5);
}

#[test]
fn clsync() {
    recipe("clsync", include_str!("clients/clsync.sh"), 4);
}

#[test]
fn opam() {
    recipe("opam", include_str!("clients/opam.sh"), 7);
}

#[test]
fn git_annex() {
    recipe("git-annex", include_str!("clients/git-annex.sh"), 9);
}

#[test]
fn slack() {
    recipe("slack", include_str!("clients/slack.sh"), 7);
}

#[test]
fn gnu_parallel() {
    recipe("parallel", include_str!("clients/parallel.sh"), 4);
}

#[test]
fn file_rsync() {
    recipe("file_rsync", include_str!("clients/file_rsync.sh"), 4);
}

#[test]
fn output_that_others_read() {
    recipe("output", include_str!("clients/output.sh"), 18);
}

#[test]
fn parsers_of_the_output() {
    recipe("parsers", include_str!("clients/parsers.sh"), 6);
}

#[test]
fn ansible() {
    recipe("ansible", include_str!("clients/ansible.sh"), 3);
}
