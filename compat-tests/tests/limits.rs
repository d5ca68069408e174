//! Our program alone where the system gives little: descriptors, threads, locked and virtual memory, path lengths.

use compat_tests::alone::Alone;
use compat_tests::program::{Mode, Programs};
use compat_tests::snapshot::Holes;
use compat_tests::*;

/// Who else has no processes, so that counting them is reliable.
const LONELY_USER: u32 = 54_321;

/// Wide and some levels deep, with small and large files, links and groups across directories.
fn some_tree() -> Tree {
    let mut tree = Tree::default();
    for number in 0..600_usize {
        let path = format!("s/d{:02}/e{}/f{number}", number % 20, number % 3);
        tree.insert(file(path, random(number as u64, (number * 37) as u64)));
    }
    tree.insert(file("s/large", random(7, 3_000_000)));
    for number in 0..40 {
        let of = format!("s/d{:02}/e{}/f{number}", number % 20, number % 3);
        tree.insert(hard(format!("s/g{number}/again"), of));
        tree.insert(symlink(format!("s/g{number}/link"), "nowhere"));
    }
    tree
}

/// Copies under a limit, then again, then with everything gone from the source, in both modes.
fn holds(through: &str, user: Option<u32>) {
    for mode in Mode::of_this_run() {
        let alone = Alone::new(&some_tree().with([dir("empty")]), user);
        alone.ours(mode, through, "-aHS --delete s/ d/").assert_silent();
        alone.assert_copy("s", "d", Holes::Ignored);
        alone.ours(mode, through, "-aHSi --delete s/ d/").assert_silent();
        alone.ours(mode, through, "-aHS --link-dest=../d s/ e/").assert_silent();
        alone.ours(mode, through, "-aHS --delete empty/ d/").assert_silent();
        alone.assert_copy("empty", "d", Holes::Ignored);
    }
}

#[test]
fn no_locked_memory() {
    holds("prlimit --memlock=0", Some(LONELY_USER + 1));
}

#[test]
fn little_virtual_memory() {
    holds("prlimit --as=134217728", None);
}

#[test]
fn few_threads() {
    // The program, the thread that watches over the workers, one worker.
    holds("prlimit --nproc=3", Some(LONELY_USER));
}

#[test]
fn no_thread_at_all() {
    if Programs::of_this_run().are_the_same() {
        return;
    }
    let user = LONELY_USER + 2;
    for mode in Mode::of_this_run() {
        let alone = Alone::new(&some_tree(), Some(user));
        let rsync = alone.rsync("prlimit --nproc=1", "-a s/ d/");
        assert_eq!(rsync.outcome.code, 14);
        for threads in [1, 2] {
            let ours = alone.ours(mode, &format!("prlimit --nproc={threads}"), "-a s/ d/");
            assert_eq!(ours.comparable, rsync.comparable);
        }
    }
}

/// rsync gives up where a path reaches 4096 bytes; ours never has a whole path.
#[test]
fn paths_longer_than_any_call_takes() {
    if Programs::of_this_run().are_the_same() {
        return;
    }
    let deep: String = (0..200).map(|level| format!("/{level}-{}", "n".repeat(60))).collect();
    let (leaf, half) = (format!("s{deep}/leaf"), format!("s{}/half", &deep[..deep.len() / 2]));
    let tree = tree([
        file(&leaf, "deep"),
        hard(format!("s{deep}/group"), &leaf),
        hard("s/group", &leaf),
        symlink(format!("s{deep}/link"), "leaf"),
        fifo(format!("s{deep}/fifo")),
        file(&half, random(1, 100_000)),
        dir("empty"),
    ]);
    for mode in Mode::of_this_run() {
        let alone = Alone::new(&tree, None);
        for (options, copy) in [("-aHAXS --delete", "d"), ("-aHAXS --delay-updates", "e")] {
            alone.ours(mode, "", &format!("{options} s/ {copy}/")).assert_silent();
            alone.assert_copy("s", copy, Holes::Ignored);
            alone.ours(mode, "", &format!("{options} -i s/ {copy}/")).assert_silent();
        }
        alone.ours(mode, "", "-aHAXS --link-dest=../d s/ f/").assert_silent();
        alone.assert_copy("d", "f", Holes::Ignored);
        alone.ours(mode, "", "-a --delete-delay empty/ d/").assert_silent();
        alone.ours(mode, "", "-a --delete empty/ e/").assert_silent();
        alone.assert_copy("empty", "d", Holes::Ignored);
        alone.assert_copy("empty", "e", Holes::Ignored);
    }
}

/// Whatever joins paths, or keeps old files elsewhere, does so by handles too.
#[test]
fn options_that_join_paths_longer_than_any_call_takes() {
    if Programs::of_this_run().are_the_same() {
        return;
    }
    let deep: String = (0..100).map(|level| format!("/{level}-{}", "n".repeat(60))).collect();
    let old = |top: &str| {
        let file = |name: &str, text: &str| file(format!("{top}{deep}/{name}"), text).mtime(1_400_000_000);
        [file("leaf", "old one"), file("gone/f", "gone")]
    };
    let world = tree([file(format!("s{deep}/leaf"), "new")]).with(old("d"));
    for mode in Mode::of_this_run() {
        for (options, kept) in [
            ("-b --backup-dir=../kept --delete", "kept"),
            ("-b --backup-dir=../kept --delete --inplace", "kept"),
            ("-b --backup-dir=../kept --delete-after --delay-updates", "kept"),
            ("-b --delete --exclude=*~", ""),
            ("--partial-dir=.part --no-whole-file --delete", ""),
            ("--delay-updates --delete-delay", ""),
            ("--log-file=log --out-format=%n%L --delete-before", ""),
            ("--fuzzy --no-whole-file --delete-after --fsync --verify", ""),
            ("--fake-super --delete -X", ""),
        ] {
            let alone = Alone::new(&world, None);
            let ran = alone.ours(mode, "", &format!("-aI {options} s/ d/"));
            assert_eq!((ran.outcome.code, &ran.comparable.errors), (0, &Vec::new()), "{options} {mode:?}");
            let size = |top: &str, name: &str| {
                let path = format!("{}/{name}", &deep[1..]).into_bytes();
                alone.snapshot(top).items.get(&path).map(|item| item.attrs.size)
            };
            assert_eq!(size("d", "leaf"), Some(3), "{options} {mode:?}");
            if !kept.is_empty() {
                let both = (size(kept, "leaf"), size(kept, "gone/f"));
                assert_eq!(both, (Some(7), Some(4)), "{options} {mode:?}");
            }
        }
    }
}
