//! Few file descriptors (RLIMIT_NOFILE): a full budget waits, and every tree that rsync can copy is copied.

use std::time::{Duration, Instant};

use compat_tests::alone::Alone;
use compat_tests::program::Mode;
use compat_tests::snapshot::{self, Holes};
use compat_tests::*;

/// Whose trees are not root's.
const ORDINARY_USER: u32 = 65_534;

/// So many directories side by side, each with so many below it, the last with so many files.
fn nested(directories: u64, depth: usize, files: u64) -> Tree {
    let path = |number: u64| format!("s/d{number}{}", "/below".repeat(depth));
    let in_one = |number: u64| {
        (0..files).map(move |name| file(format!("{}/f{name}", path(number)), random(name, 90 + number * 7)))
    };
    tree((0..directories).flat_map(in_one)).with([dir("d")])
}

fn copies(tree: &Tree, descriptors: &[u32], commands: &[&str]) {
    for command in commands {
        for limit in descriptors {
            for mode in Mode::of_this_run() {
                let alone = Alone::new(tree, None);
                let ran = alone.ours(mode, &format!("prlimit --nofile={limit}"), command);
                assert_eq!(ran.outcome.code, 0, "{command} {limit} {mode:?}: {:?}", ran.comparable);
                alone.assert_copy("s", "d", Holes::Ignored);
            }
        }
    }
}

#[test]
fn an_ordinary_tree() {
    let commands = [
        "-a s/ d/",
        "-aH --delete s/ d/",
        "-aX --link-dest=../s s/ d/",
        "-ab --backup-dir=../b --partial-dir=.p s/ d/",
        "-a --workers=2 s/ d/",
    ];
    copies(&nested(40, 3, 7), &[64, 40], &commands);
    copies(&nested(40, 3, 7), &[32], &commands[..4]);
}

/// Each file keeps every directory on its way open: as many as there are descriptors, long before enough files are
/// under way.
#[test]
fn many_deep_ways() {
    copies(&nested(200, 8, 1), &[1024, 256, 64], &["-a s/ d/", "-aH --delete s/ d/"]);
}

/// A tree of so many levels, each directory with two more below it, one of which its owner may not write to.
fn branching(top: &str, levels: u64) -> Vec<Entry> {
    let mut entries = vec![file(format!("{top}/f"), random(levels, 500 + levels))];
    if levels > 0 {
        entries.push(dir(format!("{top}/closed")).mode(0o500));
        for name in ["open", "closed"] {
            entries.extend(branching(&format!("{top}/{name}"), levels - 1));
        }
    }
    entries
}

/// A directory is closed while those below it wait, once descriptors are few, and opened again by its path.
#[test]
fn more_levels_than_descriptors() {
    let deep = |top: &str| file(format!("{top}{}/f", "/d".repeat(70)), "deep");
    let tree =
        tree(branching("s", 6)).with([deep("s"), dir("d"), file("d/open/open/f", "old"), dir("d/open/old")]);
    copies(&tree, &[32, 40], &["-aX --delete s/ d/"]);
    for user in [None, Some(ORDINARY_USER)] {
        for command in [
            "-ai --delete s/ d/",
            "-ai --delete-before s/ d/",
            "-ai --delete-after s/ d/",
            "-aib --backup-dir=../b --link-dest=../s s/ d/",
            "-aRi s/./ s/./closed/open d/",
            "-aiL --chmod=D700 --delay-updates s/ d/",
            "-ain --delete s/ d/",
            "-r --list-only s/",
        ] {
            same_with_few(&tree, user, command);
        }
    }
}

/// As rsync does it with all the descriptors it wants, ours with 32.
fn same_with_few(tree: &Tree, user: Option<u32>, command: &str) {
    let rsync = Alone::new(tree, user);
    let expected = rsync.rsync("", command);
    for mode in Mode::of_this_run() {
        let alone = Alone::new(tree, user);
        let ran = alone.ours(mode, "prlimit --nofile=32", command);
        assert_eq!(ran.comparable, expected.comparable, "{command} {user:?} {mode:?}");
        let differences = snapshot::diff(&rsync.snapshot("d"), &alone.snapshot("d"), Holes::Ignored);
        assert!(differences.is_empty(), "{command} {user:?} {mode:?}: {differences:?}");
    }
}

/// Where there are not even enough for the directories above, each file that waits for one in vain is told, and the run
/// ends: the next ones do not wait as long.
#[test]
fn too_few_end_the_run_soon() {
    for mode in Mode::of_this_run() {
        let alone = Alone::new(&nested(4, 1, 30), None);
        let begun = Instant::now();
        let ran = alone.ours(mode, "prlimit --nofile=17", "-a --workers=1 s/ d/");
        assert_eq!(ran.outcome.code, 23, "{mode:?}: {:?}", ran.comparable);
        assert!(begun.elapsed() < Duration::from_secs(30), "{mode:?}: {:?}", begun.elapsed());
    }
}

/// Nor does it crash where there are hardly any.
#[test]
fn hardly_any_end_the_run_in_order() {
    for limit in 6..=16 {
        for mode in Mode::of_this_run() {
            let alone = Alone::new(&nested(2, 1, 3), None);
            let ran = alone.ours(mode, &format!("prlimit --nofile={limit}"), "-a s/ d/");
            assert!([0, 11, 23].contains(&ran.outcome.code), "{limit} {mode:?}: {:?}", ran.comparable);
            let told = ran.outcome.stderr.windows(19).any(|part| part == b"Too many open files");
            assert_eq!(told, ran.outcome.code != 0, "{limit} {mode:?}: {:?}", ran.comparable);
        }
    }
}
