//! `cargo xtask sanitize`: tests with AddressSanitizer, by a nightly compiler, and with loom.
//!
//! loom takes the steps of threads that wake each other in every possible order. The tests of `uring-ext`, where all
//! unsafe code is, are built with it themselves. Of the program, its process is what the differential tests start: a
//! finding is text on standard error and another exit status than rsync's.

use std::process::Command;

use crate::run::{Step, cargo, output_of, root, run};
use crate::tools;

/// Where the runtime of the sanitizer is at hand.
const TARGET: &str = "x86_64-unknown-linux-gnu";
/// Apart from everything else that is built.
const DIR: &str = "target/sanitize";
/// What of the differential tests touches each kind of operation.
const TESTS: &[&str] = &[
    "acls",
    "alternate_destinations",
    "backups",
    "batches",
    "deleting",
    "delta",
    "few_descriptors",
    "filter_rules",
    "hard_links",
    "iconv",
    "merge_files",
    "metadata",
    "random",
    "sparse",
    "special_files",
    "symlinks",
    "vanishing",
    "writing",
];

/// Where the leak finder cannot stop the threads of a process: it traces them, which filters of system calls rule out.
const TESTS_UNTRACED: &[&str] = &["no_ring"];

/// Runs them, or those of the differential tests that are named.
pub(crate) fn sanitize(args: &[String]) -> Step {
    tools::ensure()?;
    if output_of("rustc", &["+nightly", "--version"]).is_none() {
        return Err("sanitizers need a nightly compiler (rustup toolchain install nightly)".to_owned());
    }
    let loom =
        ["test", "--locked", "--package", "uring-ext", "--features", "loom", "--target-dir", "target/loom"];
    run(cargo(&loom).args(["--lib", "unpark"]))?;
    run(nightly("test").args(["--package", "uring-ext", "--lib", "--tests"]))?;
    run(nightly("build").args(["--bin", "io-uring-sync"]))?;
    let subject = root().join(DIR).join(TARGET).join("debug/io-uring-sync");
    let named: Vec<&str> = args.iter().map(String::as_str).collect();
    let tests = if named.is_empty() { TESTS } else { &named[..] };
    run(differential(tests).env("SUBJECT", &subject))?;
    if !named.is_empty() {
        return Ok(());
    }
    run(differential(TESTS_UNTRACED).env("SUBJECT", &subject).env("ASAN_OPTIONS", "detect_leaks=0"))
}

fn differential(tests: &[&str]) -> Command {
    let mut command = cargo(&["test", "--locked", "--package", "compat-tests"]);
    command.args(tests.iter().flat_map(|test| ["--test", test])).env("IO_URING_SYNC_DELEGATE", "never");
    command
}

fn nightly(command: &str) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(root()).args([
        "+nightly",
        command,
        "--locked",
        "--target",
        TARGET,
        "--target-dir",
        DIR,
    ]);
    cargo.env("RUSTFLAGS", "-Zsanitizer=address").env_remove("CARGO");
    cargo
}
