//! System calls for each file, against the budget in docs/performance.md, and instructions, against what is recorded in
//! benches/instructions.txt: more of them is a slower program, whatever the clock of a busy machine says.
#![expect(clippy::disallowed_methods, reason = "tests make and look at trees by path")]
#![expect(clippy::disallowed_macros, reason = "the counter tells which calls there were")]

use std::fs;
use std::process::Command;

use budgets::{Budget, stage};

mod budgets;
#[path = "../benches/workloads/strace.rs"]
mod strace;

const FILES: u32 = 1_000;
const HEADING: &str = "Budget of system calls";

fn budgets() -> Vec<Budget> {
    budgets::rows(HEADING)
}

/// A machine that is busy otherwise may look like a slow device, where directories are looked into ahead.
const TRIES: usize = 3;

fn count(budget: &Budget) -> f64 {
    let (area, command) = stage(budget, FILES);
    let calls = strace::count(&command, &area.path().join("log")).unwrap();
    (calls.plain + calls.ring) as f64 / f64::from(FILES)
}

fn least_count(budget: &Budget) -> f64 {
    let mut least = f64::INFINITY;
    for _ in 0..TRIES {
        least = least.min(count(budget));
        if least <= budget.per_file {
            break;
        }
    }
    least
}

#[test]
fn no_row_takes_more_system_calls_than_its_budget() {
    let budgets = budgets();
    assert!(budgets.len() >= 6, "the table is there");
    let over: Vec<String> = budgets
        .iter()
        .map(|budget| (budget, least_count(budget)))
        .inspect(|(budget, is)| println!("{is:.2} {} {:?}", budget.destination, budget.options))
        .filter(|(budget, is)| *is > budget.per_file)
        .map(|(budget, is)| {
            format!("{} {:?}: {is:.2}, over {}", budget.destination, budget.options, budget.per_file)
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

/// Files that wait so that others are fetched meanwhile wait for nothing when no others come.
#[test]
fn what_changed_does_not_wait_for_what_did_not() {
    for io in ["--io=ring", "--io=syscalls"] {
        let options = ["-a", "--workers=1", io].map(str::to_owned).to_vec();
        let (area, command) =
            stage(&Budget { destination: "the same".into(), options, per_file: 0.0 }, 3 * FILES);
        fs::write(area.path().join("d/dir0/file7"), "old").unwrap();
        let log = area.path().join("log");
        let mut strace = Command::new("strace");
        strace.arg("-fo").arg(&log).args(["-e", "trace=newfstatat,renameat2"]).args(&command);
        assert!(strace.env("IO_URING_SYNC_DELEGATE", "never").status().unwrap().success());
        let trace = fs::read_to_string(log).unwrap();
        let written =
            trace.lines().position(|line| line.contains("renameat2(")).expect("the file is replaced");
        let looks = trace.lines().count();
        assert!(written < looks / 2, "{io}: written after {written} of {looks} looks");
    }
}

/// User instructions of one worker without a ring, for each file, as cachegrind counts them.
fn instructions(budget: &Budget) -> f64 {
    let (_area, command) = stage(budget, FILES);
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
