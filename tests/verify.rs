//! `--verify` and `--syncfs`, of our program alone: rsync has neither.
#![expect(clippy::disallowed_methods, reason = "tests make and look at trees by path")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

fn run(dir: &Path, args: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_io-uring-sync"));
    command.args(args.split(' ')).current_dir(dir).env("IO_URING_SYNC_DELEGATE", "never");
    command.output().unwrap()
}

/// Forty small files, an empty one, one with a hole and one that is large.
fn trees() -> TempDir {
    let area = TempDir::with_prefix("verify-").unwrap();
    for top in ["s", "d"] {
        fs::create_dir_all(area.path().join(top).join("sub")).unwrap();
    }
    for number in 0..40_usize {
        fs::write(area.path().join(format!("s/sub/f{number}")), vec![b'n'; number * 997]).unwrap();
    }
    let hole = fs::File::create(area.path().join("s/hole")).unwrap();
    hole.set_len(1 << 20).unwrap();
    fs::write(area.path().join("s/large"), vec![b'l'; 9 << 20]).unwrap();
    fs::write(area.path().join("d/large"), vec![b'o'; 8 << 20]).unwrap();
    area
}

fn same(area: &TempDir) {
    let compared = Command::new("diff").arg("-r").args(["s", "d"]).current_dir(area.path()).output().unwrap();
    assert!(compared.status.success(), "{compared:?}");
}

#[test]
fn every_file_that_is_written_is_read_back() {
    for options in ["-a", "-aS", "-a --io=ring", "-a --inplace", "-a --no-whole-file", "-a --delay-updates"] {
        let area = trees();
        let output = run(area.path(), &format!("{options} --verify --json s/ d/"));
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{options}: {output:?}");
        assert!(told.contains("\"verified_files\":42"), "{options}: {told}");
        same(&area);
        let again = run(area.path(), &format!("{options} --verify --json s/ d/"));
        assert!(String::from_utf8_lossy(&again.stdout).contains("\"verified_files\":0"), "{again:?}");
    }
}

/// What `--append` takes for granted is looked at after all.
#[test]
fn a_wrong_beginning_is_found() {
    let area = trees();
    let output = run(area.path(), "-a --append --verify s/ d/");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(23));
    assert!(told.contains("ERROR: large failed verification -- update retained.\n"), "{told}");
}

#[test]
fn a_batch_is_read_back_too() {
    let area = trees();
    assert!(run(area.path(), "-a --only-write-batch=b s/ d/").status.success());
    let output = run(area.path(), "-a --verify --read-batch=b d/");
    assert!(output.status.success(), "{output:?}");
    same(&area);
}

#[test]
fn everything_is_written_out_in_the_end() {
    let area = trees();
    let traced = area.path().join("trace");
    let mut command = Command::new("strace");
    command.args(["-f", "-e", "trace=syncfs", "-o"]).arg(&traced).arg(env!("CARGO_BIN_EXE_io-uring-sync"));
    let run = |command: &mut Command, more: &[&str]| {
        command.args(["-a", "s/", "d/"]).args(more).current_dir(area.path());
        assert!(command.env("IO_URING_SYNC_DELEGATE", "never").status().unwrap().success());
        fs::read_to_string(&traced).unwrap().matches("syncfs(").count()
    };
    assert_eq!(run(&mut command, &["--syncfs"]), 1);
    assert_eq!(run(&mut command, &["--syncfs", "--dry-run"]), 0);
}
