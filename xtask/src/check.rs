//! `cargo xtask check`: what the machine can judge without running the program.

use crate::run::{Step, cargo, has_program, run};

/// Runs every check, or with `--fast` those that take seconds.
pub(crate) fn check(args: &[String]) -> Step {
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => [format, clippy, documentation, tidy, deny].iter().try_for_each(|step| step()),
        ["--fast"] => [format, tidy].iter().try_for_each(|step| step()),
        _ => Err(format!("check takes only --fast, not {args:?}")),
    }
}

fn format() -> Step {
    run(&mut cargo(&["fmt", "--all", "--check"]))
}

fn clippy() -> Step {
    run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))?;
    let faults = ["clippy", "--all-targets", "--features", "faults", "--locked", "--", "-D", "warnings"];
    run(&mut cargo(&faults))
}

fn documentation() -> Step {
    let mut command = cargo(&["doc", "--workspace", "--no-deps", "--locked"]);
    run(command.env("RUSTDOCFLAGS", "-D warnings"))
}

fn tidy() -> Step {
    run(&mut cargo(&["test", "--quiet", "--package", "io-uring-sync", "--locked", "--test", "tidy"]))
}

fn deny() -> Step {
    if has_program("cargo-deny") {
        return run(&mut cargo(&["deny", "--workspace", "check", "bans", "licenses", "sources"]));
    }
    println!("- cargo-deny is not installed: deny.toml was not checked (cargo install cargo-deny)");
    Ok(())
}
