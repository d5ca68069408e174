//! `cargo xtask test` and `cargo xtask bench`: what runs the program.

use crate::run::{Step, cargo, run};
use crate::tools;

/// Installs what is missing, builds the binary that the differential tests start, runs all tests.
pub(crate) fn test(args: &[String]) -> Step {
    tools::ensure()?;
    tools::ansible();
    run(&mut cargo(&["build", "--locked", "--bin", "io-uring-sync"]))?;
    run(cargo(&["test", "--workspace", "--locked"]).args(args).env("IO_URING_SYNC_DELEGATE", "never"))?;
    // Arguments pick single tests.
    if args.is_empty() { faults(&[]) } else { Ok(()) }
}

/// Runs the campaign of faults, with a program of its own that has them built in.
pub(crate) fn faults(args: &[String]) -> Step {
    tools::ensure()?;
    let grid = if args.iter().any(|arg| arg == "--full") { "full" } else { "reduced" };
    let test = ["test", "--locked", "--features", "faults", "--target-dir", "target/faults"];
    run(cargo(&test).args(["--test", "fault_injection"]).env("FAULTS", grid))?;
    run(cargo(&test).args(["--package", "uring-ext", "--lib", "faults"]))
}

/// Plays random cases until the time is over.
pub(crate) fn search(args: &[String]) -> Step {
    tools::ensure()?;
    run(&mut cargo(&["build", "--locked", "--bin", "io-uring-sync"]))?;
    let command = ["run", "--quiet", "--locked", "--package", "compat-tests", "--bin", "search", "--"];
    run(cargo(&command).args(args))
}

/// Runs the workloads; cargo builds the binary under test in release mode for it.
pub(crate) fn bench(args: &[String]) -> Step {
    tools::ensure()?;
    run(cargo(&["bench", "--locked", "--bench", "workloads", "--"]).args(args))
}
