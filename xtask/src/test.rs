//! `cargo xtask test` and `cargo xtask bench`: what runs the program.

use crate::chroot::with_a_root_of_its_own;
use crate::fuzz;
use crate::run::{Step, cargo, root, run, run_within};
use crate::tools::{self, reachable};
use std::process::Command;
use std::time::Duration;

/// Building and running all tests takes a third of this on two processors; what takes longer has hung.
const TESTS_MAX: Duration = Duration::from_secs(30 * 60);

/// Installs what is missing.
pub(crate) fn tools() -> Step {
    tools::ensure()
}

/// Installs what is missing, builds the binary that the differential tests start, runs all tests.
pub(crate) fn test(args: &[String]) -> Step {
    tools()?;
    run(&mut reachable(cargo(&["build", "--locked", "--bin", "io-uring-sync"])))?;
    let mut tests = reachable(cargo(&["test", "--workspace", "--locked"]));
    tests.args(args).env("IO_URING_SYNC_DELEGATE", "never");
    run_within(&mut with_a_root_of_its_own(tests), TESTS_MAX)?;
    // Arguments pick single tests.
    if args.is_empty() {
        faults(&[])?;
        fuzz::where_possible()?;
    }
    Ok(())
}

/// Runs the campaign of faults, with a program of its own that has them built in.
pub(crate) fn faults(args: &[String]) -> Step {
    tools::ensure()?;
    let full = args.iter().any(|arg| arg == "--full");
    let (grid, limit) = if full { ("full", TESTS_MAX * 8) } else { ("reduced", TESTS_MAX) };
    let test = ["test", "--locked", "--features", "faults", "--target-dir", "target/faults"];
    run_within(
        cargo(&test).args(["--test", "fault_injection", "--test", "slow_devices"]).env("FAULTS", grid),
        limit,
    )?;
    run(cargo(&test).args(["--package", "uring-ext", "--lib", "faults"]))
}

/// Runs a campaign against the program until the time is over; with `--release` against what is released.
pub(crate) fn campaign(args: &[String]) -> Step {
    tools::ensure()?;
    let (profile, args): (Vec<&String>, Vec<&String>) = args.iter().partition(|arg| *arg == "--release");
    run(reachable(cargo(&["build", "--locked", "--bin", "io-uring-sync"])).args(&profile))?;
    let command = ["run", "--quiet", "--locked", "--package", "compat-tests", "--bin", "campaign"];
    run(reachable(cargo(&command)).args(profile).arg("--").args(args))
}

/// Boots other kernels, and copies on each of them.
pub(crate) fn kernels(args: &[String]) -> Step {
    run(machine("kernels.sh")?.args(args))
}

/// Compares with rsync on NFS, in a virtual machine.
pub(crate) fn nfs() -> Step {
    tools::ensure()?;
    tools::ensure_packaging()?;
    run(&mut machine("nfs.sh")?)
}

/// The script that starts virtual machines with the program in them.
fn machine(script: &str) -> Result<Command, String> {
    tools::ensure_kernels()?;
    run(&mut cargo(&["build", "--locked", "--bin", "io-uring-sync"]))?;
    let mut command = Command::new("bash");
    command.current_dir(root()).arg(format!("xtask/src/{script}")).arg("target/debug/io-uring-sync");
    Ok(command)
}

/// Notes all writes of runs in a virtual machine, and looks at what power cuts would have left of them.
pub(crate) fn power_loss(args: &[String]) -> Step {
    tools::ensure()?;
    let logs = root().join("target/power-loss");
    run(machine("power_loss.sh")?.arg(&logs))?;
    let command = ["run", "--quiet", "--locked", "--package", "compat-tests", "--bin", "campaign", "--"];
    run(cargo(&command).arg("power-loss").arg("--logs").arg(&logs).args(args))
}

/// Plays random cases until the time is over.
pub(crate) fn search(args: &[String]) -> Step {
    tools::ensure()?;
    run(&mut reachable(cargo(&["build", "--locked", "--bin", "io-uring-sync"])))?;
    let command = ["run", "--quiet", "--locked", "--package", "compat-tests", "--bin", "search", "--"];
    run(reachable(cargo(&command)).args(args))
}

/// Runs the workloads; cargo builds the binary under test in release mode for it.
pub(crate) fn bench(args: &[String]) -> Step {
    tools::ensure()?;
    run(cargo(&["bench", "--locked", "--bench", "workloads", "--"]).args(args))
}
