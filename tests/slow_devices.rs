//! On a device that makes every listing wait, directories are looked into before their turn, and nothing else changes
//! (cargo feature `faults`, which delays calls).
#![expect(clippy::disallowed_methods, reason = "tests make and look at trees by path")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const DIRS: usize = 40;
const FILES: usize = 20;

fn run(area: &Path, args: &str, faults: &str) -> (Output, usize) {
    let log = area.join("log");
    let _ = fs::remove_file(&log);
    let mut command = Command::new(env!("CARGO_BIN_EXE_io-uring-sync"));
    command.args(args.split(' ')).current_dir(area).env("IO_URING_SYNC_DELEGATE", "never");
    command.env("URING_EXT_FAULTS", faults).env("URING_EXT_FAULTS_LOG", &log);
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{args}: {output:?}");
    let log = fs::read_to_string(log).expect("the log");
    // A line is a call, or one that was delayed, which all of them are.
    let listings = log.lines().filter(|line| line.starts_with("getdents")).count();
    (output, listings)
}

fn tree() -> TempDir {
    let area = TempDir::with_prefix("slow-").expect("a directory");
    for dir in 0..DIRS {
        let dir = area.path().join(format!("s/d{dir}"));
        fs::create_dir_all(&dir).expect("a directory");
        (0..FILES).for_each(|file| fs::write(dir.join(format!("f{file}")), "text").expect("a file"));
    }
    area
}

fn is_copied(area: &Path) {
    for dir in 0..DIRS {
        for file in 0..FILES {
            let copy = area.join(format!("d/d{dir}/f{file}"));
            assert_eq!(fs::read(&copy).expect("a copy"), b"text", "{}", copy.display());
        }
    }
}

#[test]
fn directories_are_looked_into_before_their_turn() {
    let slow = "getdents:delay=3000%1000";
    for io in ["ring", "syscalls"] {
        let area = tree();
        // One worker that was asked for looks at nothing twice.
        let (_, once) = run(area.path(), &format!("-a --workers=1 --io={io} s/ one/"), slow);
        let (_, ahead) = run(area.path(), &format!("-a --workers=2 --io={io} s/ d/"), slow);
        assert!(ahead > once, "{io}: {ahead} listings, {once} of one worker");
        is_copied(area.path());
        let unchanged = |workers: usize| {
            let args = format!("-ai --delete --workers={workers} --io={io} s/ d/");
            let (output, listings) = run(area.path(), &args, slow);
            assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{args}");
            listings
        };
        let (once, ahead) = (unchanged(1), unchanged(2));
        assert!(ahead > once, "{io}, nothing changed: {ahead} listings, {once} of one worker");
        is_copied(area.path());
    }
}
