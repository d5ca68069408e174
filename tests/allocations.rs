//! Allocations for each further file, against the budget in docs/performance.md: what a file needs, files before it
//! had.
#![expect(clippy::disallowed_methods, reason = "tests make and look at trees by path")]
#![expect(clippy::disallowed_macros, reason = "the counter tells what it counted")]

mod budgets;

use std::process::Command;

use budgets::{Budget, stage};

const FEW_FILES: u32 = 1_000;
const MANY_FILES: u32 = 3_000;

/// All allocations of a run on so many files, as dhat counts them.
fn allocations(budget: &Budget, files: u32) -> f64 {
    let (_area, command) = stage(budget, files);
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=dhat", "--dhat-out-file=/dev/null"]).args(&command);
    let output = valgrind.env("IO_URING_SYNC_DELEGATE", "never").output();
    let output = output.expect("valgrind, which `cargo xtask test` installs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let line = told.lines().find(|line| line.contains("Total:")).expect("what dhat counted");
    let (_, blocks) = line.split_once(" bytes in ").unwrap();
    blocks.split(' ').next().unwrap().replace(',', "").parse().unwrap()
}

#[test]
fn further_files_take_no_more_allocations_than_their_budget() {
    let budgets = budgets::rows("Budget of allocations");
    assert!(budgets.len() >= 5, "the table is there");
    let over: Vec<String> = budgets
        .iter()
        .filter_map(|budget| {
            let more = allocations(budget, MANY_FILES) - allocations(budget, FEW_FILES);
            let is = more / f64::from(MANY_FILES - FEW_FILES);
            let line = format!("{is:.3} {} {:?}", budget.destination, budget.options);
            println!("{line}");
            (is > budget.per_file).then_some(line)
        })
        .collect();
    assert!(over.is_empty(), "{over:#?}");
}
