//! `--copy-method` and `--drop-cache`, which rsync lacks: the copy is the tree, whatever way the data takes, and what
//! was in the page cache before is what is in it afterwards.

use compat_tests::alone::Alone;
use compat_tests::mounted::Mounted;
use compat_tests::program::Mode;
use compat_tests::*;
use std::fs::File;
use std::path::Path;
use uring_ext::plain::{self, Advice};

const BYTES: u64 = (6 << 20) + 777;
const METHODS: [&str; 5] = ["auto", "reflink", "copy_file_range", "read_write", "direct"];
const NAMES: [&str; 5] = ["large", "block", "small", "empty", "holes"];

/// A file system of its own with a source, and a directory to run in.
fn stage(kind: &str) -> (Mounted, Alone) {
    let mounted = Mounted::image(kind, 400 << 20);
    let source = tree([
        file("s/large", random(1, BYTES)),
        file("s/block", random(2, 2 << 20)),
        file("s/small", random(3, 5000)),
        file("s/empty", ""),
        file("s/holes", sparse(BYTES, &[(1 << 20, 5000), (4 << 20, 70_000)])),
        file("s/used", random(4, 3 << 20)),
    ]);
    make::make(&source, mounted.point(), Owner::ROOT).expect("a tree on the image");
    rustix::fs::sync();
    (mounted, Alone::new(&Tree::default(), None))
}

/// Copies `s` to `to` with these options; the copy must be the source.
fn copied(alone: &Alone, place: &Path, options: &str, to: &str) {
    let args = format!("{options} {}/s/ {}", place.display(), place.join(to).display());
    for mode in Mode::of_this_run() {
        let _ = std::fs::remove_dir_all(place.join(to));
        let ran = alone.ours(mode, "", &args).comparable;
        assert_eq!((ran.code, &ran.errors), (0, &Vec::new()), "{options}");
        for name in NAMES {
            let at = |dir: &str| std::fs::read(place.join(dir).join(name)).expect("a file");
            assert!(at(to) == at("s"), "{options}: {name} differs");
        }
    }
}

#[test]
fn every_method_copies_the_same() {
    for kind in ["ext4", "xfs", "btrfs"] {
        let (mounted, alone) = stage(kind);
        for method in METHODS {
            for more in ["", " --drop-cache", " -S", " --preallocate", " --bwlimit=200m", " --inplace"] {
                copied(&alone, mounted.point(), &format!("-a --copy-method={method}{more}"), "d");
            }
        }
    }
}

#[test]
fn each_method_takes_its_own_way() {
    let (mounted, alone) = stage("ext4");
    let place = mounted.point();
    let log = alone.dir().join("log");
    let ways = [["FICLONE", ""], ["copy_file_range(", ""], ["F_SETFL", "O_DIRECT"]];
    for (options, taken) in [
        ("--copy-method=auto", [true, true, false]),
        ("--copy-method=reflink", [true, false, false]),
        ("--copy-method=copy_file_range", [false, true, false]),
        ("--copy-method=read_write", [false, false, false]),
        ("--copy-method=direct", [false, false, true]),
        ("--drop-cache", [true, false, false]),
    ] {
        let _ = std::fs::remove_dir_all(place.join("d"));
        let args = format!("-a {options} {}/s/ {}", place.display(), place.join("d").display());
        let through = format!("strace -f -qq -o {}", log.display());
        let ran = alone.ours(Mode::Ring, &through, &args).comparable;
        assert_eq!((ran.code, &ran.errors), (0, &Vec::new()), "{options}");
        let calls = std::fs::read_to_string(&log).expect("what strace saw");
        assert!(calls.contains("linkat("), "strace saw files being made");
        let goes = |way: [&str; 2]| calls.lines().any(|line| way.iter().all(|word| line.contains(word)));
        assert_eq!(ways.map(goes), taken, "{options}");
    }
}

/// Pages of a file that are in the page cache; Linux 6.5 is needed to ask.
fn cached(path: &Path) -> u64 {
    plain::cached_pages(File::open(path).expect("a file"), 0, 0).expect("cachestat(2), so Linux 6.5 at least")
}

fn give_up(path: &Path) {
    let file = File::open(path).expect("a file");
    plain::fadvise(&file, 0, 0, Advice::DontNeed).expect("posix_fadvise");
    assert_eq!(cached(path), 0, "nobody else uses {}", path.display());
}

/// Only `used` is in the page cache, whole, before a run with these options; says how much of it, of the other source
/// files and of the copies is afterwards.
fn left_behind(alone: &Alone, place: &Path, options: &str) -> (u64, u64, u64) {
    let _ = std::fs::remove_dir_all(place.join("d"));
    rustix::fs::sync();
    let source = |name: &str| place.join("s").join(name);
    NAMES.iter().for_each(|name| give_up(&source(name)));
    std::fs::read(source("used")).expect("the file that is in use");
    let args = format!("{options} {}/s/ {}", place.display(), place.join("d").display());
    let ran = alone.ours(Mode::of_this_run()[0], "", &args).comparable;
    assert_eq!((ran.code, &ran.errors), (0, &Vec::new()), "{options}");
    // What is still on its way to the disk goes when it is there.
    rustix::fs::sync();
    let of = |dir: &str| NAMES.iter().map(|name| cached(&place.join(dir).join(name))).sum();
    (cached(&source("used")), of("s"), of("d"))
}

#[test]
fn the_page_cache_is_left_as_it_was() {
    const USED_PAGES: u64 = (3 << 20) / 4096;
    for kind in ["ext4", "xfs", "btrfs"] {
        let (mounted, alone) = stage(kind);
        let place = mounted.point();
        let (used, read, written) = left_behind(&alone, place, "-a --copy-method=read_write");
        assert!(
            used >= USED_PAGES * 9 / 10 && read > 1000 && written > 1000,
            "{kind}: {used} {read} {written}"
        );
        for io in ["auto", "syscalls"] {
            for method in ["auto", "read_write", "direct"] {
                let options = format!("-a --drop-cache --reflink=never --copy-method={method} --io={io}");
                let (used, read, written) = left_behind(&alone, place, &options);
                // The kernel itself may take a page back when it likes.
                assert!(used >= USED_PAGES * 9 / 10, "{kind} {options}: {used}");
                assert_eq!((read, written), (0, 0), "{kind} {options}");
            }
        }
    }
}
