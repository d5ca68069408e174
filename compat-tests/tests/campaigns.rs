//! A short form of each campaign of `campaign` (docs/reliability.md), with fixed seeds.

use compat_tests::attack::{self, Attacked};
use compat_tests::kill::{Killed, Kills};
use compat_tests::program::{Mode, Programs};
use compat_tests::soak;

/// As many as take a few seconds; `cargo xtask campaign` goes on for longer.
const ATTACKS: u64 = 70;
const KILLS: u64 = 32;
const SOAKS: u64 = 2;

/// rsync promises less, so that is not asked of it.
#[test]
fn somebody_who_owns_a_part_of_both_trees_gains_nothing() {
    if Programs::of_this_run().are_the_same() {
        return;
    }
    attack::at_peace();
    let mut all = Attacked::default();
    (0..ATTACKS).for_each(|seed| all.add(attack::round(seed)));
    assert!(all.moves > 10 * all.runs, "the attacker was there: {} moves", all.moves);
    assert!(all.losses.is_empty(), "{}", all.losses.join("\n"));
}

#[test]
fn runs_that_are_ended_at_any_moment_lose_nothing() {
    let (kills, mut all) = (Kills::new(), Killed::default());
    let mut seed = 0;
    // On a busy machine many a signal comes too late.
    while seed < KILLS || all.ended <= 8 && seed < 10 * KILLS {
        all.add(kills.round(seed));
        seed += 1;
    }
    assert!(all.ended > 8, "{} of {seed} runs were ended", all.ended);
    assert!(all.losses.is_empty(), "{}", all.losses.join("\n"));
}

#[test]
fn run_after_run_the_trees_stay_those_of_rsync() {
    let mut all = soak::Soaked::default();
    (0..SOAKS).for_each(|seed| all.add(soak::round(seed, "tmpfs")));
    assert!(all.losses.is_empty(), "{}", all.losses.join("\n"));
}

#[test]
fn a_long_run_holds_no_more_in_the_end() {
    for mode in Mode::of_this_run() {
        let (earlier, later) = soak::long_run(mode);
        assert!(soak::is_flat(earlier, later), "{mode:?}: {earlier:?}, {later:?}");
    }
}
