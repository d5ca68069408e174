//! Disks that fail while they are written, names that may not be changed, little memory: told with exit 11, 14 or 23,
//! nothing under a final name is partial, and the next run completes the work.

use compat_tests::alone::Alone;
use compat_tests::mounted::{Mounted, must};
use compat_tests::program::Mode;
use compat_tests::snapshot::{self, Holes};
use compat_tests::*;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Long enough to be struck in the middle: 6 MB at 8 MB a second.
fn slow() -> Tree {
    let small =
        (0..300).map(|n| file(format!("s/{}/f{n}", ["a", "b", "c"][n as usize % 3]), random(n, n * 40)));
    tree(small).with([file("s/big", random(9, 4_000_000))])
}

/// What makes a mounted file system fail.
enum Strike {
    /// ext4 acts as after an error, and becomes read-only.
    Abort,
    /// From one moment to the next everything is an input/output error, as when the device is gone.
    Shutdown,
}

fn strike(how: &Strike, mounted: &Mounted) {
    match how {
        Strike::Abort => mounted.remount("abort"),
        Strike::Shutdown => must(
            Command::new("xfs_io").args(["-x", "-c", "shutdown"]).arg(mounted.point()),
            "shut a file system down: install xfsprogs",
        ),
    }
}

#[test]
fn a_disk_that_fails_midway() {
    let cases = [
        ("ext4", Strike::Abort, "-a"),
        ("ext4", Strike::Abort, "-a --inplace"),
        ("ext4", Strike::Shutdown, "-a --fsync"),
        ("xfs", Strike::Shutdown, "-a --delay-updates"),
        ("xfs", Strike::Shutdown, "-a --syncfs"),
    ];
    for (kind, how, options) in cases {
        for mode in Mode::of_this_run() {
            let alone = Alone::new(&slow(), None);
            let mut mounted = Mounted::image(kind, 400 << 20);
            let copy = mounted.point().join("d");
            let command = |more: &str| format!("{options} {more} s/ {}/", copy.display());
            let mut child = alone.start(mode, &command("--bwlimit=8m"));
            std::thread::sleep(Duration::from_millis(200));
            strike(&how, &mounted);
            let code = child.wait().expect("our own child").code();
            let told = alone.told();
            let reason = ["(5)", "(30)"].iter().any(|reason| told.contains(reason));
            assert!(matches!(code, Some(11 | 23)) && reason, "{kind} {options} {mode:?}: {code:?} {told}");
            mounted.again();
            assert_whole(&alone, &copy, options);
            alone.ours(mode, "", &command("")).assert_silent();
            let left = snapshot::take(&copy, i64::MAX, None).expect("a tree");
            let differences = snapshot::diff(&alone.snapshot("s"), &left, Holes::Ignored);
            assert!(differences.is_empty(), "{kind} {options} {mode:?}: {differences:#?}");
        }
    }
}

/// A file that has its final name is that of the source, unless it is written in place. What reached the disk under
/// which name before it failed, only the journal knows, so a name without `--fsync` proves nothing.
fn assert_whole(alone: &Alone, copy: &std::path::Path, options: &str) {
    if !options.contains("--fsync") || !copy.exists() {
        return;
    }
    let (source, left) = (alone.snapshot("s"), snapshot::take(copy, i64::MAX, None).expect("a tree"));
    for (path, item) in left.items.iter().filter(|(_, item)| item.content.is_some()) {
        let whole = source.items.get(path).is_some_and(|source| source.content == item.content);
        assert!(whole, "{} is partial", shell::quote(path));
    }
}

/// Overwrites the second block of a directory on an ext4 image.
fn damage(image: &Path, dir: &str) {
    let asked = Command::new("debugfs").args(["-R", &format!("blocks {dir}")]).arg(image).output();
    let blocks = String::from_utf8(asked.expect("debugfs, of e2fsprogs").stdout).expect("numbers");
    let block: u64 = blocks.split_whitespace().nth(1).and_then(|word| word.parse().ok()).expect("a block");
    let file = std::fs::File::options().write(true).open(image).expect("our own image");
    file.write_all_at(&[0x5a; EXT4_BLOCK_BYTES], block * EXT4_BLOCK_BYTES as u64).expect("our own image");
}

const EXT4_BLOCK_BYTES: usize = 1024;

/// A file system with a damaged directory of 200 names. By an index it cannot be listed; without one, it is listed in
/// part, and most of these names cannot be looked at.
fn damaged(index: &str) -> Mounted {
    let mut mounted = Mounted::image_with("ext4", 32 << 20, &["-O", index]);
    for (dir, names) in [("bad", 200), ("good", 1)] {
        let dir = mounted.point().join("s").join(dir);
        std::fs::create_dir_all(&dir).expect("a new directory");
        for name in 0..names {
            std::fs::write(dir.join(format!("{name:0>60}")), "text").expect("a new file");
        }
    }
    mounted.again_after(|image| damage(image, "/s/bad"));
    mounted
}

/// Nothing is deleted in a directory that cannot be listed, or where names cannot be looked at, and before the transfer
/// nothing anywhere.
#[test]
fn damaged_directories_stop_deletions() {
    let (by_index, by_name) = (damaged("dir_index"), damaged("^dir_index"));
    deletions_stop(&by_index, "readdir(");
    deletions_stop(&by_name, "readlink_stat(");
}

fn deletions_stop(mounted: &Mounted, words: &str) {
    let source = mounted.point().join("s");
    let world = tree(["d/bad/gone", "d/good/gone", "d/aa/gone", "d/gone"].map(|path| file(path, "old")));
    for (when, stay) in [
        ("--delete", &["bad/gone"][..]),
        ("--delete-delay", &["bad/gone"]),
        ("--delete-before", &["bad/gone", "good/gone", "aa/gone", "gone"]),
        ("--delete-after", &["bad/gone", "good/gone", "aa/gone", "gone"]),
    ] {
        for mode in [None].into_iter().chain(Mode::of_this_run().into_iter().map(Some)) {
            let alone = Alone::new(&world, None);
            let command = format!("-a {when} {}/ d/", source.display());
            let ran = match mode {
                Some(mode) => alone.ours(mode, "", &command),
                None => alone.rsync("", &command),
            };
            assert_eq!(ran.outcome.code, 23, "{when} {mode:?}");
            let told = String::from_utf8_lossy(&ran.outcome.stderr).into_owned();
            assert!(told.contains(words), "{when} {mode:?}: {told}");
            for path in stay {
                assert!(alone.dir().join("d").join(path).exists(), "{when} {mode:?}: {path}");
            }
        }
    }
}

/// `chattr +i` and `+a` on ext4, on files and on their directory: as rsync, and nothing hidden is left.
#[test]
fn names_that_may_not_be_changed() {
    let mounted = Mounted::image("ext4", 32 << 20);
    let world = tree([file("s/f", "new"), file("s/g", "same").mtime(5)]);
    for flag in ["i", "a"] {
        for mode in [None].into_iter().chain(Mode::of_this_run().into_iter().map(Some)) {
            let alone = Alone::new(&world, None);
            let copy = mounted.point().join("d");
            std::fs::create_dir(&copy).expect("a new directory");
            for name in ["f", "gone"] {
                std::fs::write(copy.join(name), "old").expect("a new file");
            }
            let change = |sign: &str| {
                let names = [copy.join("f"), copy.join("gone")];
                must(Command::new("chattr").arg(format!("{sign}{flag}")).args(names), "set a flag");
            };
            change("+");
            let command = format!("-a --delete s/ {}/", copy.display());
            let ran = match mode {
                Some(mode) => alone.ours(mode, "", &command),
                None => alone.rsync("", &command),
            };
            let told = ran.comparable.errors.join("\n");
            assert_eq!(ran.outcome.code, 23, "{mode:?} +{flag}: {told}");
            for words in
                ["delete_file: unlink(gone) failed: Operation not permitted (1)", "\" -> \"f\": Operation"]
            {
                assert!(told.contains(words), "{mode:?} +{flag}: {told}");
            }
            let mut names: Vec<_> =
                std::fs::read_dir(&copy).expect("d").flatten().map(|entry| entry.file_name()).collect();
            names.sort();
            assert_eq!(names, ["f", "g", "gone"], "{mode:?} +{flag}");
            assert_eq!(std::fs::read(copy.join("f")).expect("the old file"), b"old");
            change("-");
            std::fs::remove_dir_all(&copy).expect("our own directory");
        }
    }
}

/// Too little address space for a thread, for the buffers, or for neither: refused or done, never half done and quiet.
#[test]
fn little_memory() {
    for mode in Mode::of_this_run() {
        for mebibytes in [8, 12, 16, 24, 32, 48, 64, 128] {
            let alone = Alone::new(&slow(), None);
            let ran = alone.ours(mode, &format!("prlimit --as={} --", mebibytes << 20), "-a s/ d/");
            let told = String::from_utf8_lossy(&ran.outcome.stderr).into_owned();
            match ran.outcome.code {
                0 => alone.assert_copy("s", "d", Holes::Ignored),
                // The kernel cannot load the program.
                139 if mebibytes == 8 => {}
                // 127 and 134: not even the program's libraries fit, or its first allocation.
                11 | 12 | 14 | 22 | 23 | 127 | 134 => assert!(!told.is_empty(), "{mebibytes} MiB"),
                other => panic!("{mode:?} {mebibytes} MiB: exit {other}: {told}"),
            }
        }
    }
}
