//! rsync(1), how entries are written: `--preallocate`, `--fsync`, sizes of files, links and special files in place of
//! others (points 32, 34, 61 and 72).

use compat_tests::alone::{Alone, Ran};
use compat_tests::program::Mode;
use compat_tests::*;

fn sized() -> Case {
    world((0..8).map(|n| {
        let size = [0, 1, 999, 1000, 1023, 1024, 1025, 2048][n];
        file(format!("s/{size}"), random(n as u64, size))
    }))
}

#[test]
fn s32_how_sizes_are_written() {
    for size in [
        "1000", "1k", "1K", "1kb", "1KB", "1kib", "1KiB", "1k-1", "1k+1", "1kb-1", "1.5k", ".5k", "0.999kb",
        "1m", "0", "1b", "1B", "", "x", "abc", "1x", "-1", "1k1", "1k+2", "1e3", "+1", "1 k", "1p", "1.k",
    ] {
        for option in ["--max-size", "--min-size"] {
            sized()
                .run_args(["-ai".to_owned(), format!("{option}={size}"), "s/".into(), "d/".into()])
                .check();
        }
    }
    sized().same_each([
        "-aivv --max-size=1k s/ d/",
        "-ai --max-size=1k --min-size=1000 s/ d/",
        "-aivv --min-size=1k --max-size=1 s/ d/",
    ]);
}

/// The old inode keeps what it was: another name of it shows that nothing was written through.
#[test]
fn s34_links_and_special_files_are_replaced() {
    let old = 1_300_000_000;
    let case = world([
        symlink("s/link", "new"),
        symlink("d/link", "old").mtime(old),
        hard("d/link-too", "d/link"),
        char_dev("s/null", 1, 5),
        char_dev("d/null", 1, 3).mtime(old),
        hard("d/null-too", "d/null"),
        symlink("s/was-file", "x"),
        file("d/was-file", "f").mtime(old),
        hard("d/was-file-too", "d/was-file"),
        fifo("s/was-link"),
        symlink("d/was-link", "y").mtime(old),
        file("s/was-fifo", "z"),
        fifo("d/was-fifo").mtime(old),
        hard("d/was-fifo-too", "d/was-fifo"),
    ]);
    case.same_each([
        "-ai s/ d/",
        "-aHi s/ d/",
        "-aib s/ d/",
        "-ai --inplace s/ d/",
        "-ai --delay-updates s/ d/",
        "-ain s/ d/",
    ]);
}

#[test]
fn room_is_allocated_and_data_flushed() {
    let case = world([
        file("s/new", random(1, 100_000)),
        file("s/holes", sparse(300_000, &[(0, 10), (200_000, 5000)])),
        file("s/zeros", Content::Zeros(50_000)),
        file("d/holes", random(3, 90_000)),
        file("s/empty", ""),
    ]);
    for options in [
        "--preallocate",
        "--fsync",
        "--preallocate -S",
        "--preallocate --inplace",
        "--fsync --inplace",
        "--fsync --delay-updates",
        "-S --inplace --preallocate",
    ] {
        case.clone()
            .holes()
            .run(&format!("-ai {options} s/ d/"))
            .run(&format!("-ai {options} s/ d/"))
            .check();
    }
}

/// However a file is written: as often as rsync asks for it, where system calls can be counted.
#[test]
fn every_file_that_is_written_is_flushed() {
    let world = tree([
        file("s/new", random(2, 1_000)),
        file("s/large", random(3, 400_000)),
        file("s/changed", "what was there, and more"),
        file("s/same", "same"),
        file("d/same", "same"),
        file("d/changed", "what was there").mtime(5),
        file("alt/new", random(2, 1_000)),
    ]);
    let flushes = |run: fn(&Alone, &str, &str) -> Ran, args: &str| {
        let alone = Alone::new(&world, None);
        run(&alone, "strace -f -o trace -e trace=fsync,fdatasync", args);
        let trace = std::fs::read_to_string(alone.dir().join("trace")).expect("what strace wrote");
        trace.lines().filter(|line| line.contains("sync(")).count()
    };
    for options in [
        "",
        "--inplace",
        "--append",
        "--no-W",
        "--no-W --inplace",
        "--delay-updates",
        "-b",
        "--copy-dest=../alt",
    ] {
        let args = format!("-a --fsync {options} s/ d/");
        let wanted = flushes(|alone, through, args| alone.rsync(through, args), &args);
        let ours = flushes(|alone, through, args| alone.ours(Mode::Emulated, through, args), &args);
        assert!(wanted > 0);
        assert_eq!(ours, wanted, "{options}");
    }
}

#[test]
fn s61_alternates_with_and_without_whole_files() {
    let (old, new) = (random(1, 90_000), random(2, 90_000));
    let case = world([
        file("s/changed", new.clone()),
        file("alt/changed", old.clone()).mtime(5),
        file("s/same", old.clone()).mtime(6),
        file("alt/same", old.clone()).mtime(6),
        file("s/touched", new.clone()),
        file("alt/touched", new).mtime(9),
        file("s/both", "three"),
        file("alt/both", "two").mtime(7),
        file("d/both", "one").mtime(8),
    ]);
    for kind in ["compare", "copy", "link"] {
        case.clone().same_each(
            ["-W", "--no-W", "", "-c", "-I"].map(|more| format!("-ai {more} --{kind}-dest=../alt s/ d/")),
        );
    }
}

/// What Debian's rsync 3.5.0 has repaired, works here too.
#[test]
fn s72_paths_through_links_and_closed_directories() {
    let case = || {
        world([
            file("real/sub/f", "x"),
            symlink("way", "real"),
            file("closed/in/g", "y"),
            dir("closed").mode(0o711),
            file("list", "way/sub/f\nclosed/in/g\n"),
            dir("d"),
        ])
    };
    let commands = [
        "-aRi way/sub/f d/",
        "-ai --files-from=list . d/",
        "-aRi way/./sub d/",
        "-ai closed/in/ d/",
        "-aRi closed/in/g d/",
    ];
    case().same_each(commands);
    case()
        .also([dir("closed").mode(0o711).owner(0, 0), dir("closed/in").owner(0, 0)])
        .as_user()
        .same_each(commands);
}

/// rsync cannot set the attributes of a copy by a path with `..` in it.
#[test]
fn s57_copies_by_a_path_that_climbs() {
    let case = world([file("s/f", "new"), file("d/f", "older").mtime(5).mode(0o641), dir("b")]);
    let known =
        case.known("a backup by a path that climbs: status").known("a backup by a path that climbs: words");
    known.known("a backup by a path that climbs: attributes").same("-a --inplace -b --backup-dir=../b s/ d/");
}

/// What is to be replaced where nothing may be written: the hidden name shows in messages, and a directory that a file
/// has to go for is not made.
#[test]
fn s34_what_cannot_be_replaced() {
    let case = world([file("s/x/f", "f"), symlink("s/x/l", "q"), fifo("s/x/p"), dir("s/x/k")]).also([
        dir("d/x").owner(0, 0),
        dir("d/x/f"),
        file("d/x/l", "l"),
        file("d/x/p", "p"),
    ]);
    case.as_user().same_each(["-ai s/ d/", "-ai --force s/ d/", "-ai --delete s/ d/", "-avv --stats s/ d/"]);
}
