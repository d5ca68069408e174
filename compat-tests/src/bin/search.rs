//! `search [--minutes N] [--seed N] [--reference PROGRAM] [--subject PROGRAM]`: looks for differences between two
//! programs until the time is over; prints each one small, as it is found. Exit status 1 when there were any.
#![forbid(unsafe_code)]

use compat_tests::program::{Mode, Programs};
use compat_tests::search::{Findings, Search};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const USAGE: &str = "usage: search [--minutes N] [--seed N] [--reference PROGRAM] [--subject PROGRAM]";

struct Wanted {
    minutes: u64,
    seed: u64,
    reference: PathBuf,
    subject: PathBuf,
}

fn main() -> ExitCode {
    match wanted() {
        Ok(wanted) => search(&wanted),
        Err(message) => {
            eprintln!("{message}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn search(wanted: &Wanted) -> ExitCode {
    let programs = Programs { reference: wanted.reference.clone(), subject: wanted.subject.clone() };
    let search = Search {
        programs: &programs,
        modes: &Mode::of_this_run(),
        seeds: wanted.seed..u64::MAX,
        until: Some(Instant::now() + Duration::from_secs(60 * wanted.minutes)),
        findings: Findings::Shrunk,
    };
    let found = search.run(&|finding| println!("# {}{}", finding.from, finding.report));
    println!("{} differences", found.len());
    if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn wanted() -> Result<Wanted, String> {
    let this = std::env::current_exe().map_err(|error| format!("cannot find myself: {error}"))?;
    let mut wanted = Wanted {
        minutes: 10,
        seed: 1,
        reference: "/usr/bin/rsync".into(),
        subject: this.with_file_name("io-uring-sync"),
    };
    let mut args = std::env::args().skip(1);
    while let Some(option) = args.next() {
        let value = args.next().ok_or_else(|| format!("{option} needs a value"))?;
        let number = || value.parse().map_err(|_| format!("{option} {value}: not a number"));
        match option.as_str() {
            "--minutes" => wanted.minutes = number()?,
            "--seed" => wanted.seed = number()?,
            "--reference" => wanted.reference = value.into(),
            "--subject" => wanted.subject = value.into(),
            _ => return Err(format!("no option {option}")),
        }
    }
    Ok(wanted)
}
