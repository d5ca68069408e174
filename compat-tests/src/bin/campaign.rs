//! `campaign attack|kill|soak [--minutes N] [--seed N] [--rounds N] [--fs NAME,…]`: campaigns that go on for as long as
//! somebody likes. `campaign power-loss --logs DIRECTORY`: what power cuts leave, by logs of writes.
//! Exit status 1 when something was lost.
#![forbid(unsafe_code)]

use compat_tests::attack;
use compat_tests::kill::{Killed, Kills};
use compat_tests::mounted::Mounted;
use compat_tests::power;
use compat_tests::program::Mode;
use compat_tests::soak::{self, Soaked};
use compat_tests::usage::Usage;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const USAGE: &str = "\
usage: campaign attack|kill [--minutes N] [--seed N] [--rounds N]
       campaign soak [--minutes N] [--seed N] [--rounds N] [--fs ext4,xfs,btrfs,tmpfs]
       campaign power-loss [--rounds N] [--seed N] --logs DIRECTORY";
/// For a soak on loop devices.
const IMAGE_BYTES: u64 = 2 << 30;

/// Moments of power cuts, where nobody says how many.
const MOMENTS_MAX: usize = 100;

struct Wanted {
    until: Instant,
    seed: u64,
    rounds: u64,
    /// What was typed, for a process on each file system.
    numbers: Vec<String>,
    file_systems: Vec<String>,
    /// Where logs of writes are.
    logs: PathBuf,
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
        "soak" => wanted.file_systems.iter().map(|kind| soak(kind, &wanted.numbers)).sum(),
        "power-loss" => power_cuts(wanted),
        "soak-here" => Ok(soak_here(wanted)),
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

fn power_cuts(wanted: &Wanted) -> Result<usize, String> {
    let mut lost = 0;
    let moments = usize::try_from(wanted.rounds).unwrap_or(usize::MAX).min(MOMENTS_MAX);
    for kind in power::FILE_SYSTEMS {
        let cut =
            power::judge(kind, &wanted.logs, moments, wanted.seed).map_err(|error| error.to_string())?;
        cut.losses.iter().for_each(|loss| println!("{loss}"));
        println!(
            "{kind}: {} moments, {} losses; files cut short that nothing is promised of at {}",
            cut.moments,
            cut.losses.len(),
            cut.unpromised
        );
        lost += cut.losses.len();
    }
    Ok(lost)
}

/// A soak on a file system of its own, by another process: where trees are made is settled once in each.
fn soak(kind: &str, numbers: &[String]) -> Result<usize, String> {
    let mounted = match kind {
        "tmpfs" => None,
        kind if soak::FILE_SYSTEMS.contains(&kind) => Some(Mounted::image(kind, IMAGE_BYTES)),
        _ => return Err(format!("no file system {kind:?}")),
    };
    let place = mounted.as_ref().map_or(Path::new("/dev/shm"), |mounted| mounted.point());
    let this = std::env::current_exe().map_err(|error| format!("cannot find myself: {error}"))?;
    let mut again = Command::new(this);
    again.args(["soak-here", "--fs", kind]).args(numbers).env("COMPAT_TESTS_DIR", place);
    let status = again.status().map_err(|error| format!("cannot start myself: {error}"))?;
    Ok(usize::from(!status.success()))
}

fn soak_here(wanted: &Wanted) -> usize {
    let kind = wanted.file_systems.first().map_or("tmpfs", String::as_str);
    let mut lost = 0;
    for mode in Mode::of_this_run() {
        let (earlier, later) = soak::long_run(mode);
        println!("{kind}: one long run ({mode:?}), second and last quarter: {}", shown(earlier, later));
        lost += usize::from(!soak::is_flat(earlier, later));
    }
    let all = Mutex::new(Soaked::default());
    rounds(wanted, &|seed| {
        let came = soak::round(seed, kind);
        came.losses.iter().for_each(|loss| println!("{loss}"));
        all.lock().expect("no panic while locked").add(came);
    });
    let all = all.into_inner().expect("no panic while locked");
    let (earlier, later) = all.thirds();
    lost += all.losses.len() + usize::from(!soak::is_flat(earlier, later));
    println!(
        "{kind}: {} runs, average of the first and last third: {}",
        all.runs.len(),
        shown(earlier, later)
    );
    println!("{kind}: rsync hung on {} trees; {lost} losses", all.unplayable);
    lost
}

fn shown(earlier: Usage, later: Usage) -> String {
    let mib = |held: Usage| held.memory_bytes / 1024 * 10 / 1024;
    let tenths = |held: Usage| format!("{}.{}", mib(held) / 10, mib(held) % 10);
    format!(
        "{} and {} MiB, {} and {} descriptors",
        tenths(earlier),
        tenths(later),
        earlier.descriptors,
        later.descriptors
    )
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
    let file_systems = soak::FILE_SYSTEMS.map(str::to_owned).to_vec();
    let mut wanted = Wanted {
        until: Instant::now(),
        seed: 1,
        rounds: u64::MAX,
        numbers: Vec::new(),
        file_systems,
        logs: PathBuf::new(),
    };
    let mut minutes = None;
    while let Some(option) = args.next() {
        let value = args.next().ok_or_else(|| format!("{option} needs a value"))?;
        if option == "--fs" {
            wanted.file_systems = value.split(',').map(str::to_owned).collect();
            continue;
        }
        if option == "--logs" {
            wanted.logs = value.into();
            continue;
        }
        wanted.numbers.extend([option.clone(), value.clone()]);
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
