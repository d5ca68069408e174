//! `cargo xtask fuzz`: the fuzz targets, with a nightly compiler and cargo-fuzz.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::run::{Step, has_program, output_of, root, run};

/// How long each target runs unless told otherwise, in seconds.
const SECONDS: u32 = 60;
/// How long it runs at the end of all tests, in seconds.
const SECONDS_IN_TESTS: u32 = 10;
/// An input that takes longer is a finding, in seconds.
const INPUT_SECONDS_MAX: u32 = 10;

/// Runs the targets that are named, or all.
pub(crate) fn fuzz(args: &[String]) -> Step {
    let (mut seconds, mut targets) = (SECONDS, Vec::new());
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--seconds" => {
                let number = args.next().and_then(|text| text.parse().ok());
                seconds = number.ok_or("--seconds takes a number")?;
            }
            target if target.starts_with('-') => return Err(format!("fuzz has no option {target}")),
            target => targets.push(target.to_owned()),
        }
    }
    if let Some(lacking) = lacking() {
        return Err(format!("fuzzing needs {lacking}"));
    }
    let all = known()?;
    if let Some(unknown) = targets.iter().find(|target| !all.contains(target)) {
        return Err(format!("no target {unknown}; there are {}", all.join(" ")));
    }
    let targets = if targets.is_empty() { all } else { targets };
    targets.iter().try_for_each(|target| one(target, seconds))
}

/// After the tests: a short run where that is possible. Everywhere else `tests/mutations.rs` has done its part.
pub(crate) fn where_possible() -> Step {
    match lacking() {
        Some(lacking) => {
            println!(
                "- no fuzzing here, which needs {lacking}; tests/mutations.rs ran the same entry points"
            );
            Ok(())
        }
        None => fuzz(&["--seconds".to_owned(), SECONDS_IN_TESTS.to_string()]),
    }
}

fn lacking() -> Option<&'static str> {
    if !has_program("cargo-fuzz") {
        return Some("cargo-fuzz (cargo install --locked cargo-fuzz)");
    }
    let nightly = output_of("rustc", &["+nightly", "--version"]).is_some();
    (!nightly).then_some("a nightly compiler (rustup toolchain install nightly)")
}

/// The targets, by the directories of their seeds.
fn known() -> Result<Vec<String>, String> {
    let seeds = root().join("fuzz/seeds");
    let entries = fs::read_dir(&seeds).map_err(|error| format!("{}: {error}", seeds.display()))?;
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    Ok(names)
}

/// Runs one target: new inputs go to fuzz/corpus, findings to fuzz/artifacts. Nothing here is unsafe code, so there is
/// no sanitizer to slow it down.
fn one(target: &str, seconds: u32) -> Step {
    let fuzz = root().join("fuzz");
    let corpus = Path::new("corpus").join(target);
    fs::create_dir_all(fuzz.join(&corpus)).map_err(|error| format!("{}: {error}", corpus.display()))?;
    let mut command = Command::new("cargo");
    // The environment names the toolchain that runs this.
    command.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO");
    command.current_dir(fuzz).args(["+nightly", "fuzz", "run", "--sanitizer", "none", target]);
    command.arg(corpus).arg(Path::new("seeds").join(target)).arg("--");
    command.args([
        format!("-max_total_time={seconds}"),
        format!("-timeout={INPUT_SECONDS_MAX}"),
        "-seed=1".to_owned(),
        "-verbosity=0".to_owned(),
        "-print_final_stats=1".to_owned(),
    ]);
    run(&mut command)
}
