//! Random trees, random arguments: `RANDOM_CASES=1000 RANDOM_SEED=7 cargo test -p compat-tests --test random`; for
//! longer, `cargo xtask search --minutes 60`.
//!
//! A failure is printed small, as shell commands, with the seed that made it.

use compat_tests::program::{Mode, Programs};
use compat_tests::search::{Findings, SHORT, Search};

fn number(variable: &str, default: u64) -> u64 {
    let text = std::env::var(variable).unwrap_or_default();
    if text.is_empty() {
        default
    } else {
        text.parse().unwrap_or_else(|_| panic!("{variable} is not a number"))
    }
}

#[test]
fn random_cases() {
    let (first, count) = (number("RANDOM_SEED", SHORT.start), number("RANDOM_CASES", 100));
    let search = Search {
        programs: Programs::of_this_run(),
        modes: &Mode::of_this_run(),
        seeds: first..first + count,
        until: None,
        findings: Findings::Shrunk,
    };
    let found = search.run(&|finding| println!("# {}{}", finding.from, finding.report));
    assert!(found.is_empty(), "{} of {count} random cases differ", found.len());
}
