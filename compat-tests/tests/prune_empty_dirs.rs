//! rsync(1), `--prune-empty-dirs`: the list has no directories without anything in them.

use compat_tests::*;

fn hollow() -> Case {
    world([
        dir("s/e1/e2/e3"),
        file("s/full/f", "a"),
        dir("s/full/sub"),
        symlink("s/linked/l", "x"),
        fifo("s/piped/p"),
        dir("s/keep/me"),
        file("s/hid/sub/x.o", "b"),
        file("s/large/b", random(1, 5000)),
        dir("d/e1/old"),
        dir("d/keep/me"),
        file("d/full/x", "c"),
    ])
}

#[test]
fn empty_directories_are_left_out() {
    hollow().same_each(
        [
            "-ai",
            "-ri",
            "-ain",
            "-aiH",
            "-aiL",
            "-avv",
            "-aix",
            "-di",
            "-ai --stats",
            "-ai --delete",
            "-ai --size-only",
        ]
        .map(|form| format!("{form} -m s/ d")),
    );
    hollow().as_user().same_each(["-rtim s/ d", "-rtim --delete s/ d"]);
    hollow().same_each([
        "-rm --list-only s/",
        "-aim s/ new",
        "-aim --no-m s/ d",
        "-aim --no-prune-empty-dirs s/ d",
    ]);
}

#[test]
fn operands_may_be_pruned_too() {
    hollow().same_each([
        "-aim s/e1 d",
        "-aim s/e1/ d",
        "-aim s/e1 s/full d",
        "-aimR s/e1 s/full d",
        "-aimR --no-implied-dirs s/./full/sub s/./full/f d",
        "-mi s/full/f s/keep d",
    ]);
    hollow()
        .stdin("e1\nfull/\nkeep\n")
        .same_each(["-aim --files-from=- s/ d", "-aim -r --files-from=- s/ d"]);
}

#[test]
fn what_is_pruned_is_deleted() {
    for when in ["--delete", "--delete-before", "--delete-after", "--delete-delay", "--delete-excluded"] {
        hollow().same_each([format!("-aim {when} s/ d"), format!("-aim {when} --exclude=*.o s/ d")]);
    }
}

#[test]
fn protected_directories_stay() {
    hollow().same_each(
        ["P /keep/", "P keep/me/", "P me", "P *", "- me/", "-s me/", "-r keep/", ": .f"]
            .map(|rule| format!("-aim --delete '--filter={rule}' s/ d")),
    );
    hollow().also([file("s/keep/.f", "P me/")]).same_each(["-aim '--filter=: .f' s/ d"]);
}

#[test]
fn files_that_sizes_leave_out_fill_a_directory() {
    hollow().same_each(["-aim --max-size=10 s/ d", "-rim --min-size=10 s/ d", "-aim --exclude=b s/ d"]);
}

#[test]
fn directories_that_two_sources_have_empty() {
    let case = world([dir("one/x/y"), dir("two/x/y"), dir("one/q"), file("two/q/z", "z"), dir("d")]);
    case.known("empty directories of two sources").same("-ami one/ two/ d/");
}

/// Where links are followed, a directory that may be listed but not searched has nothing in the list.
#[test]
fn names_that_cannot_be_looked_at_fill_no_directory() {
    let case =
        world([file("s/sub/f", "f"), fifo("s/sub/p"), dir("s/sub").mode(0o470), file("s/other/f", "f")]);
    let options =
        ["-rm", "-am", "-rmL", "-amL", "-am --copy-unsafe-links", "-amk", "-amiL --delete", "-amLn --stats"];
    case.as_user().same_each(options.map(|options| format!("{options} s d/")));
}
