//! A destination without room, without inodes, or that may not be written to (point 41); a limit on file sizes.

use compat_tests::alone::{Alone, Ran};
use compat_tests::mounted::{Mounted, must};
use compat_tests::program::Mode;
use compat_tests::snapshot::{self, Holes, Snapshot};
use compat_tests::*;
use std::process::Command;

/// What a run on a mounted `d` came to.
struct Came {
    ran: Ran,
    left: Snapshot,
}

/// Runs `command` on this tree, whose `d` lies on a file system that is made for it.
fn run(tree: &Tree, mount: &dyn Fn(&Alone) -> Mounted, mode: Option<Mode>, command: &str) -> Came {
    let alone = Alone::new(tree, None);
    let mounted = mount(&alone);
    let ran = match mode {
        Some(mode) => alone.ours(mode, "", command),
        None => alone.rsync("", command),
    };
    let left = snapshot::take(mounted.point(), 1_600_000_000, None).expect("a tree that can be read");
    Came { ran, left }
}

/// What ours says and leaves is what rsync says and leaves.
fn same(tree: &Tree, mount: &dyn Fn(&Alone) -> Mounted, commands: &[&str]) {
    for command in commands {
        let rsync = run(tree, mount, None, command);
        for mode in Mode::of_this_run() {
            let ours = run(tree, mount, Some(mode), command);
            let mut differences = output::diff(&rsync.ran.comparable, &ours.ran.comparable);
            differences.extend(snapshot::diff(&rsync.left, &ours.left, Holes::Ignored));
            // Our files have no name until they are complete, so a failed one does not touch its directory.
            differences.retain(|line| !line.starts_with(".: mtime: now / "));
            assert!(differences.is_empty(), "{command} {mode:?}: {differences:#?}");
        }
    }
}

/// A tmpfs at `d`, with what the tree had there.
fn tmpfs(alone: &Alone, options: &str) -> Mounted {
    let d = alone.dir().join("d");
    let had = alone.dir().join("had");
    std::fs::rename(&d, &had).expect("the tree has a d");
    std::fs::create_dir(&d).expect("a mount point");
    let mounted = Mounted::tmpfs(&d, options);
    must(Command::new("cp").arg("-aT").arg(&had).arg(&d), "fill a tmpfs");
    mounted
}

#[test]
fn s41_no_room_for_a_file() {
    let tree = tree([
        file("s/a/fits", random(1, 50_000)),
        file("s/large", random(2, 3_000_000)),
        file("d/large", "the old one").mtime(1_400_000_000),
        file("d/gone", "g"),
        dir("d/a"),
        dir("d"),
    ]);
    let commands =
        ["-a s/large d/", "-a s/large d/other", "-ai s/large d/", "-aS s/large d/", "-aq s/large d/"];
    same(&tree, &|alone| tmpfs(alone, "size=2m,mode=755"), &commands);
}

/// Files of every size at once, on a disk too small for them: told once, and nothing is left that is not complete.
#[test]
fn s41_no_room_for_a_tree() {
    let files = (0..40)
        .map(|n| file(format!("s/d{}/f{n}", n % 4), random(n, if n % 3 == 0 { 900_000 } else { 9_000 })));
    let old = (0..40).map(|n| file(format!("d/d{}/f{n}", n % 4), "old").mtime(1_400_000_000));
    for tree in [tree(files.clone()).with([dir("d")]), tree(files).with(old)] {
        for mode in Mode::of_this_run() {
            let alone = Alone::new(&tree, None);
            let mounted = tmpfs(&alone, "size=4m,mode=755");
            let ran = alone.ours(mode, "", "-a s/ d/");
            assert_eq!(ran.comparable.code, 11);
            let told = &ran.comparable.errors;
            assert_eq!(told.len(), 2, "{told:?}");
            assert!(told.iter().any(|line| line.contains("write failed on")), "{told:?}");
            assert_whole(&alone);
            drop(mounted);
        }
    }
}

/// Every file of `d` is that of `s`, or as it was.
fn assert_whole(alone: &Alone) {
    let (new, left) = (alone.snapshot("s"), alone.snapshot("d"));
    for (path, item) in &left.items {
        let source = new.items.get(path).unwrap_or_else(|| panic!("{} is left over", shell::quote(path)));
        let whole = item.content == source.content && item.attrs.mtime == source.attrs.mtime;
        assert!(
            item.attrs.kind != source.attrs.kind || item.attrs.size == 3 || item.content.is_none() || whole
        );
    }
}

#[test]
fn s41_no_room_on_ext4() {
    let tree = tree([file("s/a/fits", random(1, 50_000)), file("s/large", random(2, 30_000_000))]);
    for mode in Mode::of_this_run() {
        let alone = Alone::new(&tree, None);
        let mounted = Mounted::image("ext4", 16 << 20);
        let ran = alone.ours(mode, "", &format!("-a s/ {}/d/", mounted.point().display()));
        assert_eq!(ran.comparable.code, 11, "{:?}", ran.comparable);
        assert_eq!(ran.comparable.errors.len(), 2, "{:?}", ran.comparable.errors);
        let left = snapshot::take(&mounted.point().join("d"), 0, None).expect("a tree that can be read");
        let names: Vec<_> = left.items.keys().map(|path| shell::quote(path)).collect();
        assert!(names.iter().all(|name| [".", "a", "a/fits"].contains(&name.as_str())), "{names:?}");
    }
}

#[test]
fn no_inodes() {
    let tree = tree([
        file("s/f", "x"),
        file("s/sub/g", "y"),
        symlink("s/l", "f"),
        fifo("s/p"),
        hard("s/h", "s/f"),
        dir("d"),
    ]);
    let commands = ["-a s/ d/", "-aH s/ d/", "-ai --inplace s/ d/", "-a s d"];
    same(&tree, &|alone| tmpfs(alone, "nr_inodes=1,mode=755"), &commands);
}

#[test]
fn a_read_only_destination() {
    let tree = tree([
        file("s/f", "new"),
        file("s/new", "n"),
        file("s/sub/g", "y"),
        symlink("s/l", "f"),
        file("d/f", "old one"),
        file("d/gone", "g"),
        file("d/sub/g", "y").mtime(1_400_000_000),
    ]);
    let mount = |alone: &Alone| {
        let mounted = tmpfs(alone, "mode=755");
        mounted.remount("ro");
        mounted
    };
    same(
        &tree,
        &mount,
        &["-a s/ d/", "-ai --delete s/ d/", "-ai --inplace s/ d/", "-rti s/ d/", "-ain --delete s/ d/"],
    );
}

/// The limit sends a signal that would end the process.
#[test]
fn a_file_beyond_the_limit_of_the_process() {
    let tree = tree([
        file("s/a", "x"),
        file("s/large", random(1, 200_000)),
        file("d/large", "old one").mtime(1_400_000_000),
    ]);
    for command in ["-a s/large d/", "-a s/large d/new", "-aS s/large d/"] {
        let through = "prlimit --fsize=100000 --";
        let rsync = Alone::new(&tree, None);
        let wanted = (rsync.rsync(through, command).comparable, rsync.snapshot("d"));
        for mode in Mode::of_this_run() {
            let ours = Alone::new(&tree, None);
            let ran = ours.ours(mode, through, command);
            let mut differences = output::diff(&wanted.0, &ran.comparable);
            differences.extend(snapshot::diff(&wanted.1, &ours.snapshot("d"), Holes::Ignored));
            differences.retain(|line| !line.starts_with(".: mtime: "));
            assert!(differences.is_empty(), "{command} {mode:?}: {differences:#?}");
        }
    }
}
