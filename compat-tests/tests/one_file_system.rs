//! rsync(1), `--one-file-system`: where a run stops, and where it starts from (points 53 and 89).

use compat_tests::alone::{Alone, Ran};
use compat_tests::mounted::Mounted;
use compat_tests::program::Mode;
use compat_tests::snapshot::{self, Holes, Snapshot};
use compat_tests::*;
use std::path::Path;

/// A tree with a mount point at `s/a/m`, one at `d/a/m`, and one at `other`, each with something in it.
fn mounted(alone: &Alone) -> [Mounted; 3] {
    ["s/a/m", "d/a/m", "other"].map(|point| {
        let point = alone.dir().join(point);
        let mounted = Mounted::tmpfs(&point, "mode=750,size=1m");
        for name in ["f", "sub/g"] {
            let path = point.join(name);
            std::fs::create_dir_all(path.parent().expect("a directory")).expect("a fresh file system");
            std::fs::write(&path, name).expect("a fresh file system");
        }
        settle(&point);
        mounted
    })
}

/// Old times for what was made just now.
fn settle(point: &Path) {
    for name in ["sub/g", "sub", "f", "."] {
        make::set_mtime(name.as_bytes(), point, 1_400_000_000).expect("our own file");
    }
}

fn tree_of_mounts() -> Tree {
    tree([
        file("s/a/b/f", "f"),
        dir("s/a/m"),
        file("s/z", "z"),
        file("d/a/old", "o"),
        file("p/a/m/old", "o"),
        file("p/a/old", "o"),
        dir("d/a/m"),
        dir("other"),
        symlink("s/a/away", "../../other"),
        symlink("s/a/within", "b"),
    ])
}

struct Came {
    ran: Ran,
    left: Snapshot,
}

fn run(mode: Option<Mode>, command: &str) -> Came {
    let alone = Alone::new(&tree_of_mounts(), None);
    let mounts = mounted(&alone);
    // `@` stands for the working directory, whose name has the same length for both.
    let command = command.replace('@', &alone.dir().to_string_lossy());
    let ran = match mode {
        Some(mode) => alone.ours(mode, "", &command),
        None => alone.rsync("", &command),
    };
    let left = snapshot::take(alone.dir(), 1_600_000_000, None).expect("a tree that can be read");
    let left = left.without_place(alone.dir());
    drop(mounts);
    Came { ran, left }
}

fn same(commands: &[&str]) {
    for command in commands {
        let rsync = run(None, command);
        for mode in Mode::of_this_run() {
            let ours = run(Some(mode), command);
            let mut differences = output::diff(&rsync.ran.comparable, &ours.ran.comparable);
            differences.extend(snapshot::diff(&rsync.left, &ours.left, Holes::Ignored));
            assert!(differences.is_empty(), "{command} {mode:?}: {differences:#?}");
        }
    }
}

/// With `-xx` the list lacks mount points, so that what has their names at the destination is extraneous.
#[test]
fn s53_what_has_the_name_of_a_mount_point_that_is_left_out() {
    let options = ["-aix", "-aixx", "-ai -x -x", "-aixxn", "-rxxv"];
    let deletions =
        ["--delete", "--delete-before", "--delete-after", "--delete-delay", "--delete --max-delete=1"];
    let commands = options.iter().flat_map(|options| deletions.map(|when| format!("{options} {when} s/ p/")));
    let commands: Vec<String> = commands.collect();
    same(&commands.iter().map(String::as_str).collect::<Vec<_>>());
    same(&[
        "-aixx --delete s/ d/",
        "-aixx --delete s/a p/",
        "-aixxb --delete s/ p/",
        "-aixx --delete --exclude=m s/ p/",
    ]);
}

#[test]
fn s89_mount_points_are_made_and_not_entered() {
    same(&["-aix s/ n/", "-aixx s/ n/", "-aix s n/", "-aixx s n/", "-aix s/a n/", "-aixR s/a n/"]);
    same(&["-ai s/ n/", "-rix s/ n/", "-dix s/a/ n/"]);
}

#[test]
fn s89_an_operand_may_be_a_mount_point() {
    same(&["-aix s/a/m n/", "-aix s/a/m/ n/", "-aixx s/a/m n/", "-aix s/ s/a/m n/", "-aixx s/a/m s/a n/"]);
    same(&["-aixR s/a/m n/", "-aixR s/./a/m n/", "-aixxR s/./a/m/ s/./z n/", "-aixR s/./a/m s/./a n/"]);
}

#[test]
fn s89_mount_points_that_are_left_out_are_told() {
    for level in
        ["-v", "-vv", "-i --info=mount", "-i --info=mount --no-i-r", "-ni --info=mount", "-vv --info=mount0"]
    {
        same(&[
            &format!("-axx {level} s/ n/"),
            &format!("-axxR {level} s/ n/"),
            &format!("-ax {level} s/ n/"),
        ]);
        same(&[&format!("-axx {level} s/a/m n/"), &format!("-axxL {level} s/ n/")]);
    }
}

/// What rsnapshot does: the file system is that of the operand, not that of the directory its name starts from.
#[test]
fn s89_the_way_to_an_operand_may_cross() {
    same(&["-rlixR --no-implied-dirs @/s/ n/", "-rlixxR --no-implied-dirs @/s/a @/other n/"]);
}

#[test]
fn s89_links_that_are_followed_stop_likewise() {
    same(&["-aixL s/ n/", "-aixxL s/ n/", "-aixk s/ n/", "-aixx --copy-unsafe-links s/ n/"]);
}

#[test]
fn s53_deletions_do_not_enter_mount_points() {
    same(&["-aix --delete s/z d/", "-aix --delete s/a/b/ d/", "-aixx --delete s/a/b/ d/a/"]);
    same(&["-aix --delete-after s/a/b/ d/", "-aixR --delete s/./a/b/ d/", "-aix --delete s/ d/"]);
}
