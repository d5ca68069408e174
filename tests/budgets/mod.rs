//! Budgets of docs/performance.md: the rows of a table, and trees on which a row's work can be counted.

use std::ffi::OsString;
use std::fs::{self, File, FileTimes};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

const FILES_PER_DIR: u32 = 100;
const FILE_BYTES: usize = 5_000;

/// A row of the table.
pub(crate) struct Budget {
    /// What there is beforehand.
    pub(crate) destination: String,
    pub(crate) options: Vec<String>,
    pub(crate) per_file: f64,
}

/// The rows under a heading, in the order of the page.
pub(crate) fn rows(heading: &str) -> Vec<Budget> {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/performance.md")).unwrap();
    let (_, section) = page.split_once(&format!("\n## {heading}\n")).expect("the heading of the budget");
    let section = section.split("\n## ").next().unwrap();
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|line| {
        let cells: Vec<String> = cells(line);
        let options = cells[1].trim_matches('`').split(' ').map(str::to_owned).collect();
        Budget { destination: cells[0].clone(), options, per_file: cells[2].parse().unwrap() }
    })
    .collect()
}

fn fill(root: &Path, files: u32) {
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000);
    for number in 0..files {
        let dir = root.join(format!("dir{}", number / FILES_PER_DIR));
        fs::create_dir_all(&dir).unwrap();
        let path = dir.join(format!("file{number}"));
        fs::write(&path, vec![b'x'; FILE_BYTES]).unwrap();
        File::open(path).unwrap().set_times(FileTimes::new().set_modified(old)).unwrap();
    }
}

fn run(area: &Path, args: &[&str]) {
    let mut command = Command::new(cargo_bin("io-uring-sync"));
    let status = command.args(args).current_dir(area).env("IO_URING_SYNC_DELEGATE", "never").status();
    assert!(status.unwrap().success());
}

/// Brings the area to where a row starts, and returns the operands.
fn prepare(area: &Path, destination: &str, files: u32) -> [&'static str; 2] {
    fs::create_dir(area.join("empty")).unwrap();
    fill(&area.join("s"), files);
    match destination {
        "none" => ["s/", "d/"],
        "the same" => {
            run(area, &["-a", "s/", "d/"]);
            ["s/", "d/"]
        }
        "extraneous" => {
            run(area, &["-a", "s/", "d/"]);
            ["empty/", "d/"]
        }
        "none, the same in `prev`" => {
            run(area, &["-a", "s/", "prev/"]);
            ["s/", "d/"]
        }
        other => panic!("no such destination: {other}"),
    }
}

/// An area where a row starts, and the command that does its work there.
pub(crate) fn stage(budget: &Budget, files: u32) -> (TempDir, Vec<OsString>) {
    let area = TempDir::new().unwrap();
    let operands = prepare(area.path(), &budget.destination, files).map(|name| area.path().join(name));
    let mut command = vec![OsString::from(cargo_bin("io-uring-sync"))];
    for option in &budget.options {
        let prev = area.path().join("prev").display().to_string();
        command.push(option.replace("prev", &prev).into());
    }
    command.extend(operands.map(|path| {
        let mut path = path.into_os_string();
        path.push("/");
        path
    }));
    (area, command)
}
