//! System calls for each file, against the budget in docs/performance.md, and instructions, against what is recorded in
//! benches/instructions.txt: more of them is a slower program, whatever the clock of a busy machine says.
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

/// An area where a row starts, and the command that does its work there.
fn stage(budget: &Budget) -> (TempDir, Vec<OsString>) {
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
    (area, command)
}

fn count(budget: &Budget) -> f64 {
    let (area, command) = stage(budget);
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

/// Instructions may be so many times what is recorded: compilers and C libraries differ.
const INSTRUCTIONS_OVER: f64 = 1.15;

/// A row of benches/instructions.txt: what was done, and instructions for each file in builds of both kinds.
fn recorded() -> Vec<(String, f64)> {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.txt")).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    rows.map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let column = if cfg!(debug_assertions) { 1 } else { 2 };
        (cells[0].to_owned(), cells[column].parse().unwrap())
    })
    .collect()
}

/// User instructions of one worker without a ring, for each file, as cachegrind counts them.
fn instructions(budget: &Budget) -> f64 {
    let (_area, command) = stage(budget);
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]);
    valgrind.args(&command).args(["--workers=1", "--io=syscalls"]).env("IO_URING_SYNC_DELEGATE", "never");
    let output = valgrind.output().expect("valgrind, which `cargo xtask test` installs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let line = told.lines().find(|line| line.contains("refs:")).expect("what cachegrind counted");
    let (_, number) = line.split_once("refs:").unwrap();
    number.trim().replace(',', "").parse::<f64>().unwrap() / f64::from(FILES)
}

#[test]
fn no_row_takes_more_instructions_than_are_recorded() {
    let recorded = recorded();
    // What a ring does is not the program's own work alone.
    let budgets = budgets().into_iter().filter(|budget| !budget.options.contains(&"--io=ring".to_owned()));
    let is: Vec<(String, f64)> = budgets
        .map(|budget| {
            (format!("{}, {}", budget.destination, budget.options.join(" ")), instructions(&budget))
        })
        .collect();
    let shown: Vec<String> = is.iter().map(|(work, is)| format!("{work} | {is:.0}")).collect();
    println!("{}", shown.join("\n"));
    assert_eq!(
        is.iter().map(|row| &row.0).collect::<Vec<_>>(),
        recorded.iter().map(|row| &row.0).collect::<Vec<_>>()
    );
    let over = |((_, is), (_, was)): &(&(String, f64), &(String, f64))| *is > *was * INSTRUCTIONS_OVER;
    let over: Vec<_> = is.iter().zip(&recorded).filter(over).collect();
    assert!(over.is_empty(), "more than {INSTRUCTIONS_OVER} times what is recorded: {over:#?}");
}
