//! Random trees, random arguments: `RANDOM_CASES=1000 RANDOM_SEED=7 cargo test -p compat-tests --test random`.
//!
//! A failure is printed small, as shell commands, with the seed that made it.

use compat_tests::program::{Mode, Programs};
use compat_tests::random::RandomCase;
use std::sync::atomic::{AtomicU64, Ordering};

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
    let (first, count) = (number("RANDOM_SEED", 1), number("RANDOM_CASES", 60));
    let (programs, modes) = (Programs::of_this_run(), Mode::of_this_run());
    let (next, failures) = (AtomicU64::new(first), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, Into::into) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        break;
                    }
                    let case = RandomCase::new(seed);
                    if case.failure(programs, &modes).is_some() {
                        failures.fetch_add(1, Ordering::Relaxed);
                        let small = case.shrunk(programs, &modes);
                        let report =
                            small.failure(programs, &modes).unwrap_or_else(|| "not every time".into());
                        println!("# seed {seed}{report}");
                    }
                }
            });
        }
    });
    let failures = failures.into_inner();
    assert_eq!(failures, 0, "{failures} of {count} random cases differ");
}
