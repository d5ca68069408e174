//! `campaign attack|kill [--minutes N] [--seed N] [--rounds N]`: campaigns that go on for as long as somebody likes.
//! Exit status 1 when something was lost.
#![forbid(unsafe_code)]

use compat_tests::attack;
use compat_tests::kill::{Killed, Kills};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const USAGE: &str = "usage: campaign attack|kill [--minutes N] [--seed N] [--rounds N]";

struct Wanted {
    until: Instant,
    seed: u64,
    rounds: u64,
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let kind = args.next().unwrap_or_default();
    match wanted(args).and_then(|wanted| run(&kind, &wanted)) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("{message}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn run(kind: &str, wanted: &Wanted) -> Result<usize, String> {
    match kind {
        "attack" => Ok(attacks(wanted)),
        "kill" => Ok(kills(wanted)),
        _ => Err(format!("no campaign {kind:?}")),
    }
}

fn attacks(wanted: &Wanted) -> usize {
    let all = Mutex::new(attack::Attacked::default());
    rounds(wanted, &|seed| {
        let came = attack::round(seed);
        came.losses.iter().for_each(|loss| println!("{loss}"));
        all.lock().expect("no panic while locked").add(came);
    });
    let all = all.into_inner().expect("no panic while locked");
    println!("{} runs, {} moves of the attacker, {} losses", all.runs, all.moves, all.losses.len());
    all.losses.len()
}

fn kills(wanted: &Wanted) -> usize {
    let (kills, all) = (Kills::new(), Mutex::new(Killed::default()));
    rounds(wanted, &|seed| {
        let came = kills.round(seed);
        came.losses.iter().for_each(|loss| println!("{loss}"));
        all.lock().expect("no panic while locked").add(came);
    });
    let all = all.into_inner().expect("no panic while locked");
    println!(
        "{} runs ended by a signal, {} over before it, {} hidden names left, {} losses",
        all.ended,
        all.survived,
        all.hidden,
        all.losses.len()
    );
    all.losses.len()
}

/// Rounds on all processors, until the time or their number is over.
fn rounds(wanted: &Wanted, round: &(dyn Fn(u64) + Sync)) {
    let next = AtomicU64::new(wanted.seed);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, Into::into) {
            scope.spawn(|| {
                while Instant::now() < wanted.until {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed - wanted.seed >= wanted.rounds {
                        break;
                    }
                    round(seed);
                }
            });
        }
    });
}

fn wanted(mut args: impl Iterator<Item = String>) -> Result<Wanted, String> {
    let (mut minutes, mut wanted) = (None, Wanted { until: Instant::now(), seed: 1, rounds: u64::MAX });
    while let Some(option) = args.next() {
        let value = args.next().ok_or_else(|| format!("{option} needs a value"))?;
        let number: u64 = value.parse().map_err(|_| format!("{option} {value}: not a number"))?;
        match option.as_str() {
            "--minutes" => minutes = Some(number),
            "--seed" => wanted.seed = number,
            "--rounds" => wanted.rounds = number,
            _ => return Err(format!("no option {option}")),
        }
    }
    // A number of rounds alone is worked off.
    let forever = if wanted.rounds == u64::MAX { 10 } else { 60 * 24 };
    wanted.until += Duration::from_secs(60 * minutes.unwrap_or(forever));
    Ok(wanted)
}
