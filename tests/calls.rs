//! System calls for each file, against the budget in docs/performance.md: more of them is a slower program, whatever
//! the clock of a busy machine says.
#![expect(clippy::disallowed_methods, reason = "tests make and look at trees by path")]
#![expect(clippy::disallowed_macros, reason = "the counter tells which calls there were")]

use std::ffi::OsString;
use std::fs::{self, File, FileTimes};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

#[path = "../benches/workloads/strace.rs"]
mod strace;

const FILES: u32 = 1_000;
const FILES_PER_DIR: u32 = 100;
const FILE_BYTES: usize = 5_000;

/// A row of the table.
struct Budget {
    destination: String,
    options: Vec<String>,
    calls_per_file: f64,
}

/// The rows under the heading, in the order of the page.
fn budgets() -> Vec<Budget> {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/performance.md")).unwrap();
    let (_, section) = page.split_once("\n## Budget of system calls\n").expect("the heading of the budget");
    let section = section.split("\n## ").next().unwrap();
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|line| {
        let cells: Vec<String> = cells(line);
        let options = cells[1].trim_matches('`').split(' ').map(str::to_owned).collect();
        Budget { destination: cells[0].clone(), options, calls_per_file: cells[2].parse().unwrap() }
    })
    .collect()
}

fn fill(root: &Path) {
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000);
    for number in 0..FILES {
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
fn prepare(area: &Path, destination: &str) -> [&'static str; 2] {
    fs::create_dir(area.join("empty")).unwrap();
    fill(&area.join("s"));
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

fn count(budget: &Budget) -> f64 {
    let area = TempDir::new().unwrap();
    let operands = prepare(area.path(), &budget.destination).map(|name| area.path().join(name));
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
    let calls = strace::count(&command, &area.path().join("log")).unwrap();
    (calls.plain + calls.ring) as f64 / f64::from(FILES)
}

#[test]
fn no_row_takes_more_system_calls_than_its_budget() {
    let budgets = budgets();
    assert!(budgets.len() >= 6, "the table is there");
    let over: Vec<String> = budgets
        .iter()
        .map(|budget| (budget, count(budget)))
        .inspect(|(budget, is)| println!("{is:.2} {} {:?}", budget.destination, budget.options))
        .filter(|(budget, is)| *is > budget.calls_per_file)
        .map(|(budget, is)| {
            format!("{} {:?}: {is:.2}, over {}", budget.destination, budget.options, budget.calls_per_file)
        })
        .collect();
    assert!(over.is_empty(), "{over:#?}");
}
