//! A search for differences between two programs: fixed samples, then random cases until a number or a time is reached.

use crate::paste;
use crate::program::{Mode, Programs};
use crate::random::RandomCase;
use crate::rich::{Maker, changed, edits, rich};
use crate::tree::{dir, file};
use crate::twin::{Case, world};
use std::ops::Range;
use std::panic::catch_unwind;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

/// What differs once is played so many times more.
const AGAIN: usize = 3;

/// The seeds of the short run, which is part of every test run.
pub const SHORT: Range<u64> = 1..61;

/// Where to search and for how long.
#[derive(Clone, Debug)]
pub struct Search<'a> {
    /// Which program is right and which is tested.
    pub programs: &'a Programs,
    /// How ours runs.
    pub modes: &'a [Mode],
    /// The random cases to play.
    pub seeds: Range<u64>,
    /// When to stop even if there are more of them.
    pub until: Option<Instant>,
    /// What to do with what is found.
    pub findings: Findings,
}

/// What to do with a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Findings {
    /// Make it small, and go on.
    Shrunk,
    /// Stop at the first.
    First,
}

/// A difference.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The sample or seed.
    pub from: String,
    /// Tree, commands and differences.
    pub report: String,
}

/// Cases that touch on everything that is preserved, listed, left out and reported.
pub fn samples() -> Vec<(&'static str, Case)> {
    let source = rich(Maker::Root);
    let (removed, put) = edits(&source.clone().below("s"), &changed(&source, 3, 15).below("s"));
    let everything = |options: &str| {
        let case = Case::new(source.clone().below("s")).holes().run(&format!("{options} s/ d/"));
        let case = case.remove(removed.clone()).put(put.clone());
        case.run(&format!("{options} --delete s/ d/")).run(&format!("{options} --delete s/ d/"))
    };
    let errors = world([file("s/f", "x"), dir("d"), file("d/x", "y")]);
    vec![
        ("everything kept", everything("-aHAXSi")),
        ("option by option", everything("-i -r -l -p -t -g -o -D -H -A -X -S")),
        ("names left out", everything("-ai --exclude=*.o --exclude=zz --exclude=/sub/deep/")),
        ("missing operands", errors.run("-ai s/ nope d/").run("-ai --delete nope/ d/")),
    ]
}

impl Search<'_> {
    /// Searches on all processors; `tell` hears of each difference as it is found.
    ///
    /// # Panics
    /// When a program cannot be started.
    pub fn run(&self, tell: &(dyn Fn(&Finding) + Sync)) -> Vec<Finding> {
        let (next, over, found) =
            (AtomicU64::new(self.seeds.start), AtomicBool::new(false), Mutex::new(Vec::new()));
        let keep = |finding: Finding| {
            tell(&finding);
            over.fetch_or(self.findings == Findings::First, Ordering::Relaxed);
            found.lock().expect("no panic while locked").push(finding);
        };
        let samples = Mutex::new(samples());
        std::thread::scope(|scope| {
            for _ in 0..std::thread::available_parallelism().map_or(1, Into::into) {
                scope.spawn(|| {
                    while !over.load(Ordering::Relaxed) && self.until.is_none_or(|end| Instant::now() < end) {
                        let sample = samples.lock().expect("no panic while locked").pop();
                        let finding = match sample {
                            Some((name, case)) => self.play(name, &case),
                            None => {
                                let seed = next.fetch_add(1, Ordering::Relaxed);
                                if seed >= self.seeds.end {
                                    break;
                                }
                                // Where rsync itself hangs there is nothing to compare, and the panic says so.
                                catch_unwind(|| self.play_seed(seed)).unwrap_or_default()
                            }
                        };
                        finding.into_iter().for_each(keep);
                    }
                });
            }
        });
        found.into_inner().expect("no panic while locked")
    }

    fn play(&self, name: &str, case: &Case) -> Option<Finding> {
        let report = case.compare(self.programs, self.modes).err()?;
        Some(Finding { from: format!("sample: {name}"), report })
    }

    fn play_seed(&self, seed: u64) -> Option<Finding> {
        let case = RandomCase::new(seed);
        let mut report = case.failure(self.programs, self.modes)?;
        if (0..AGAIN).all(|_| case.failure(self.programs, self.modes).is_none()) {
            // rsync's processes race, and a second may end between their runs and ours.
            eprintln!("# seed {seed} differed once, and not in {AGAIN} more runs:\n{report}");
            return None;
        }
        if self.findings == Findings::Shrunk {
            let small = case.shrunk(self.programs, self.modes);
            report = small.failure(self.programs, self.modes).unwrap_or_else(|| "not every time".into());
            report += &format!("\n{}", paste::test(&small.case(), &format!("found_by_seed_{seed}")));
        }
        Some(Finding { from: format!("seed {seed}"), report })
    }
}
