//! rsync(1), `--dirs`, `--old-dirs`, `--no-implied-dirs` (points 9 and 11).

use compat_tests::*;

const OLD: i64 = 1_400_000_000;

fn levels() -> Case {
    world([
        file("s/f", "1"),
        file("s/one/f", "2"),
        file("s/one/two/f", "3"),
        dir("s/one").mode(0o750).mtime(8),
        dir("s/one/two").mode(0o711).mtime(9),
        dir("s/empty"),
        symlink("s/link", "one"),
        file("d/gone", "g"),
        file("d/one/gone", "g"),
        symlink("d2/s", "real"),
        dir("d2/real"),
    ])
}

#[test]
fn s11_one_level() {
    for option in ["-d", "--dirs", "--old-dirs", "--old-d", "-rd --no-r", "-d --no-d", "--no-dirs", "-rd"] {
        levels().same_each(
            ["s d/", "s/ d/", "s/. d/", "s/one d/", "s/one/ s/f d/", "s/link d/", "s/link/ d/"]
                .map(|operands| format!("-lptgoi {option} {operands}")),
        );
    }
}

#[test]
fn s11_deleting_in_one_level() {
    for option in ["-d", "--old-dirs"] {
        levels().same_each(
            ["--delete s/ d/", "--delete-after s/one/ d/one/", "--del --exclude=gone s/ d/", "--delete s d/"]
                .map(|more| format!("-lptgoi {option} {more}")),
        );
    }
}

#[test]
fn s11_neither_recursion_nor_directories() {
    levels().same_each(["-lti s d/", "-lti s/ d/", "-ltv s/f s/one d/", "-lti s/* d/", "-tRi s/one/f d/"]);
}

#[test]
fn s9_parents_are_not_listed() {
    for options in ["-aRi", "-rlRi", "-aRv", "-aRii", "-aRin"] {
        levels().same_each(
            [
                "s/one/two/f d/",
                "s/one/two d/",
                "s/./one/two/f d/",
                "s/one/f s/one/two/f n/",
                "s/one/two/f d2/",
            ]
            .map(|operands| format!("{options} --no-implied-dirs {operands}")),
        );
    }
    levels().same_each([
        "-aRi --no-i-d s/one/two/f n/",
        "-aRi --no-implied-dirs --implied-dirs s/one/two/f n/",
        "-aRi --no-implied-dirs --i-d s/one/two/f n/",
        "-aRi --no-implied-dirs --delete s/./one/two d/",
        "-aRi s/one/two/f d2/",
    ]);
}

/// Each once, though they are neither made nor changed.
#[test]
fn s9_parents_are_counted() {
    let operands =
        ["s/one/two/f d/", "s/one/two s/one/f n/", "s/one/two s/one n/", "s/./one/two s/one/./two n/"];
    for options in
        ["-aRi --stats --no-implied-dirs", "-aR --stats", "-aRi --stats --no-implied-dirs --delete"]
    {
        levels().same_each(operands.map(|operands| format!("{options} {operands}")));
    }
}

/// The names are those of a recursive run in which a rule keeps the deeper ones out.
#[test]
fn old_dirs() {
    let tree = tree([
        file("s/f", "a"),
        file("s/sub/g", "b"),
        file("s/sub/deep/h", "c"),
        dir("s/empty"),
        file("d/sub/x", "x"),
    ]);
    Case::new(tree).same_each([
        "--old-dirs -v s/ d/",
        "--old-dirs -v s e/",
        "-a --old-dirs -i s/ d/",
        "-a --old-d -i s e/",
        "-a --old-dirs -i --delete s/ d/",
        "--old-dirs --include=/sub/g -v s/ d/",
        "-r --old-dirs -v s/sub s/f e/",
        "--old-dirs -d -v s/ d/",
        "--old-dirs --no-r -v s/ d/",
    ]);
}

/// Without `-r` and `-d`.
#[test]
fn directories_that_are_skipped() {
    world([file("s/f", "x"), dir("s/sub"), dir("s2")]).same_each([
        "-v s2/ new/",
        "-v s2/ new",
        "-i s/ new/",
        "-a --no-r s/ s2/ new",
        "-a --no-r s/f s/ new",
        "-a --no-r s/f s/ new/",
        "-v s2 new/",
        "-vn s2/ new/",
        "-a --no-r -P s/ new/",
        "-P s/f new",
        "-P s/f s/sub new/",
    ]);
}

#[test]
fn each_operand_of_a_directory_that_is_skipped_is_told() {
    let case = world([dir("s/a"), dir("s/b"), file("s/f", "x"), dir("d")]);
    case.clone().same_each(["s/a s/a d/", "s/a s/f s/a s/b d/", "s s/ s d/", "-v s/a s/./a s/f d/"]);
    case.also([dir("d").mode(0o444)]).as_user().same_each(["s d/", "-v s/a s/b d/"]);
}

/// The way to a name is not in the list with `--no-implied-dirs`, nor is it listed.
#[test]
fn lists_without_implied_directories() {
    let case = world([
        dir("s").mtime(OLD),
        dir("s/docs").mtime(OLD),
        dir("s/docs/sub").mtime(OLD),
        file("s/docs/sub/x", "x").mtime(OLD),
        file("list", "s/docs/sub/x\ns/docs\n").mtime(OLD),
    ]);
    let operands = ["s/docs", "s/docs/sub", "s/docs/sub/", "s/docs/sub/x", "--files-from=list ."];
    for options in ["-R", "-rR", "-dR", "-aR", "-R --stats"] {
        case.clone()
            .same_each(operands.map(|operand| format!("{options} --no-implied-dirs --list-only {operand}")));
    }
}

/// Without `-r` a directory is no entry, and takes no file's place.
#[test]
fn skipped_directories_take_nobodys_name() {
    let case = world([
        file("s/a/X", "x"),
        file("s/h/X/in", "in"),
        file("s/h/D", "d"),
        file("s/a/D/in", "in"),
        symlink("s/l/X", "a"),
        dir("d"),
    ]);
    let operands = [
        "s/a/X s/h/X s/a/D s/h/D d/",
        "s/h/X s/a/X d/",
        "s/h/X s/h/X s/a/X s/a/X s/h/X d/",
        "s/h/X/ s/a/X d/",
        "s/h/X s/l/X s/a/X d/",
        "s/l/X s/h/X s/a/X d/",
        "-R s/a/./X s/h/./X d/",
        "s/h/X s/a/X new",
    ];
    for options in ["", "-i", "-il", "-v", "-i --exclude=X/", "-id", "-i --stats", "-n -i", "-L -i", "-k -i"]
    {
        case.clone().same_each(operands.map(|operands| format!("{options} {operands}")));
    }
    case.clone().same_each(operands.map(|operands| format!("-vv {operands}")));
    case.same_each(operands.map(|operands| format!("-vv --exclude=X/ {operands}")));
}

/// A directory that is skipped overwrites nothing.
#[test]
fn a_skipped_directory_overwrites_nothing() {
    let case =
        world([file("s/f", "f"), dir("s/e"), fifo("fifo"), file("file", "old"), symlink("lost", "nope")]);
    let operands =
        ["s/ fifo", "s fifo", "s/ file", "s file", "s/e/ file", "s s/f file", "s/ lost", "s s/e file"];
    for options in ["", "-v", "-l", "-n", "--copy-dest=nope", "-d", "-b"] {
        case.clone().same_each(operands.map(|operands| format!("{options} {operands}")));
    }
}

/// Where -R keeps an absolute path, its slash is told too.
#[test]
fn skipped_directories_are_told_with_their_paths() {
    let case = world([file("s/f", "f"), dir("s/e"), dir("d")]);
    let operands = ["$TWIN/s d/", "$TWIN/s/ s $TWIN/s/e/ d/", "$TWIN/./s/ $TWIN/s/. $TWIN/s d"];
    for options in ["-R", "-Rv", "-R --no-implied-dirs", "-Rl --exclude=e"] {
        case.clone().same_each(operands.map(|operands| format!("{options} {operands}")));
    }
}
