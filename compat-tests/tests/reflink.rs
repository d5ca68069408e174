//! `--reflink` and `--sparse=WHEN`, which rsync lacks, in the meaning of cp(1), on file systems of each kind.

use compat_tests::alone::Alone;
use compat_tests::mounted::Mounted;
use compat_tests::program::Mode;
use compat_tests::*;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

const BYTES: u64 = 8 << 20;

/// A file system that holds sources, and a directory to run in.
fn stage(kind: &str) -> (Mounted, Alone) {
    let mounted = Mounted::image(kind, 400 << 20);
    let source = tree([
        file("s/large", random(1, BYTES)),
        file("s/small", random(2, 5000)),
        file("s/empty", ""),
        file("s/holes", sparse(BYTES, &[(1 << 20, 5000), (4 << 20, 70_000)])),
        file("s/little-hole", sparse(40_960, &[(0, 4096)])),
        file("s/zeros", Content::Zeros(BYTES)),
    ]);
    make::make(&source, mounted.point(), Owner::ROOT).expect("a tree on the image");
    (mounted, Alone::new(&Tree::default(), None))
}

fn run(alone: &Alone, place: &Path, options: &str, to: &str) -> output::Comparable {
    let args = format!("{options} {}/s/ {}", place.display(), place.join(to).display());
    let ran = alone.ours(Mode::of_this_run()[0], "", &args).comparable;
    for name in ["large", "small", "empty", "holes", "little-hole", "zeros"] {
        let at = |dir: &str| std::fs::read(place.join(dir).join(name));
        if let Ok(copy) = at(to) {
            assert_eq!(copy, at("s").expect("the source"), "{options} {name}");
        } else {
            assert_ne!(ran.code, 0, "{options} {name}");
        }
    }
    ran
}

fn on_disk(place: &Path, name: &str) -> u64 {
    rustix::fs::sync();
    std::fs::metadata(place.join(name)).expect("a file").blocks() * 512
}

#[test]
fn data_is_shared_always_perhaps_or_never() {
    for kind in ["btrfs", "xfs"] {
        let (mounted, alone) = stage(kind);
        let place = mounted.point();
        let cases = [
            ("-a", true),
            ("-a --reflink=auto", true),
            ("-a --reflink", true),
            ("-a --reflink=always --preallocate", true),
            ("-a --reflink=never", false),
            ("-a --reflink --no-reflink", false),
            ("-a --no-W --reflink=never", false),
            ("-a --sparse=never", false),
        ];
        for (index, (options, shared)) in cases.into_iter().enumerate() {
            let before = mounted::used_bytes(place);
            let ran = run(&alone, place, options, &format!("d{index}"));
            assert_eq!((ran.code, &ran.errors), (0, &Vec::new()), "{kind} {options}");
            let grown = mounted::used_bytes(place).saturating_sub(before);
            assert_eq!(grown < BYTES / 2, shared, "{kind} {options}: {grown}");
        }
    }
}

#[test]
fn on_btrfs_small_files_share_their_data_too() {
    let mounted = Mounted::image("btrfs", 400 << 20);
    let place = mounted.point();
    let names: Vec<String> = (0..1000).map(|number| format!("s/{number}")).collect();
    let source = tree(names.iter().zip(0..).map(|(name, seed)| file(name, random(seed, 12_000))));
    make::make(&source, place, Owner::ROOT).expect("a tree on the image");
    let alone = Alone::new(&Tree::default(), None);
    for (index, (options, shared)) in [("-a", true), ("-a --reflink=never", false)].into_iter().enumerate() {
        let before = mounted::used_bytes(place);
        let to = place.join(format!("d{index}"));
        let args = format!("{options} {}/s/ {}", place.display(), to.display());
        let ran = alone.ours(Mode::of_this_run()[0], "", &args).comparable;
        assert_eq!((ran.code, &ran.errors), (0, &Vec::new()), "{options}");
        for number in [0, 1, 500, 999] {
            let read = |dir: &Path| std::fs::read(dir.join(number.to_string())).expect("a file");
            assert_eq!(read(&to), read(&place.join("s")), "{options} {number}");
        }
        let grown = mounted::used_bytes(place).saturating_sub(before);
        assert_eq!(grown < 6_000_000, shared, "{options}: {grown}");
    }
}

#[test]
fn what_cannot_be_shared_is_left_out() {
    let (mounted, alone) = stage("ext4");
    let place = mounted.point();
    let ran = run(&alone, place, "-a --reflink=always", "d");
    assert_eq!(ran.code, 23);
    let told: Vec<&String> = ran.errors.iter().filter(|line| line.contains("failed to clone to")).collect();
    assert_eq!(told.len(), 5, "{:?}", ran.errors);
    assert!(told[0].contains("Operation not supported (95)"), "{told:?}");
    let left: Vec<_> = std::fs::read_dir(place.join("d")).expect("the directory").collect();
    assert_eq!(left.len(), 1, "only the empty file: {left:?}");
    let ran = run(&alone, place, "-a --reflink=auto", "d");
    assert_eq!((ran.code, &ran.errors), (0, &Vec::new()));
}

#[test]
fn holes_are_made_always_perhaps_or_never() {
    for kind in ["ext4", "xfs", "btrfs"] {
        let (mounted, alone) = stage(kind);
        let place = mounted.point();
        let few = 1 << 20;
        for (options, holes, zeros) in [
            ("-a --sparse=always", true, true),
            ("-a -S", true, true),
            ("-a --sparse", true, true),
            ("-a --sparse=auto --reflink=never", true, false),
            ("-a --sparse=auto --inplace", true, false),
            ("-a --sparse=never", false, false),
            ("-a -S --sparse=never --inplace", false, false),
            ("-a --sparse=never --no-S -S", true, true),
        ] {
            let ran = run(&alone, place, options, "d");
            assert_eq!((ran.code, &ran.errors), (0, &Vec::new()), "{kind} {options}");
            assert_eq!(on_disk(place, "d/holes") < few, holes, "{kind} {options} holes");
            assert_eq!(on_disk(place, "d/zeros") < few, zeros, "{kind} {options} zeros");
            if kind != "btrfs" {
                assert_eq!(on_disk(place, "d/little-hole") < 40_960, holes, "{kind} {options} little hole");
            }
            std::fs::remove_dir_all(place.join("d")).expect("a copy to remove");
        }
    }
}

#[test]
fn rsync_s_own_meaning_stays() {
    let case = world([file("s/zeros", Content::Zeros(1 << 20)), file("s/hole", sparse(1 << 20, &[(0, 5)]))]);
    case.holes().same_each([
        "-aSi s/ d/",
        "-ai --sparse s/ d/",
        "-ai -S --no-sparse s/ d/",
        "-ai --sparse --no-S s/ d/",
    ]);
    world([file("s/f", "x")]).same_each(["-a -S=auto s/ d/", "-aS=auto s/ d/", "-a --no-sparse=auto s/ d/"]);
}
