//! The workloads that the speed and memory goals are stated for: ours, rsync, cp and the floor, interleaved.
//!
//! `cargo xtask bench --help` tells the options; docs/performance.md shows the latest numbers.

#![allow(clippy::disallowed_methods, reason = "a harness makes trees, starts programs and prints")]
#![allow(clippy::disallowed_macros, reason = "a harness makes trees, starts programs and prints")]

mod age;
mod cli;
mod make;
mod measure;
mod metadata;
mod programs;
mod rows;
mod run;
mod slow;
mod strace;
mod table;
mod volume;

use std::process::ExitCode;

use cli::Asked;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.first().is_some_and(|first| first == measure::FLAG) {
        return measure::in_own_process(&args[1..]);
    }
    match cli::parse(&args).and_then(obey) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("workloads: {message}");
            ExitCode::FAILURE
        }
    }
}

fn obey(asked: Asked) -> Result<(), String> {
    match asked {
        Asked::Text(text) => print!("{text}"),
        Asked::Run(settings) => {
            volume::enter_own_mounts(&settings)?;
            let tools = programs::Tools::find(&settings)?;
            let mut results = Vec::new();
            for row in &settings.rows {
                results.push(run::run_row(row, &settings, &tools)?);
            }
            print!("{}", table::markdown(&settings, &tools, &results));
        }
    }
    Ok(())
}
