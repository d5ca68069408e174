//! rsync(1), `--relative` (points 7 to 10).

use compat_tests::*;

fn tree_of_paths() -> Case {
    world([
        file("src/a/b/c/f", "x"),
        dir("src/a").mode(0o711).mtime(5),
        dir("src/a/b").mode(0o750),
        file("src/a/x", "sibling"),
        file("src/top", "t"),
        file("other/g", "o"),
        symlink("src/link", "a"),
        symlink("src/ab", "a/b"),
    ])
}

const SOURCES: [&str; 13] = [
    "src/a/b/c/f",
    "src/a/b/c",
    "src/a/b/c/",
    "src/./a/b/c/f",
    "src/a/./b/c",
    "./src/a/b",
    "src//a///b/c/f",
    "src/a/b src/top",
    "src/a/b/c/f other/g",
    "src/./a other/./g",
    "src/a/.",
    "src/top",
    "src/a/b/./c/./f",
];

#[test]
fn s7_s8_paths_are_kept() {
    tree_of_paths().same_each(SOURCES.map(|sources| format!("-aRi {sources} d/")));
    tree_of_paths().same_each(["src/a/b/c/f", "src/./a"].map(|sources| format!("-aRii {sources} d")));
    tree_of_paths().same_each([
        "-aRv src/a/b d/",
        "-rRi src/a/b/c/f d/",
        "-Ri src/top src/a d/",
        "-aRin src/a/b/c/f d/",
    ]);
    tree_of_paths().as_user().same_each(["-aRi src/a/b/c d/", "-aRi src/./a/b/c/f d/"]);
}

#[test]
fn s8_without_relative_a_dot_means_nothing() {
    tree_of_paths().same_each([
        "-ai src/./a d/",
        "-ai src/a/./b/ d/",
        "-aR --no-R -i src/a/b d/",
        "-a --relative -i src/a/b d/",
    ]);
}

#[test]
fn s7_dot_dot_is_refused() {
    tree_of_paths().same_each([
        "-aRi src/a/../top d/",
        "-aRi ../ref/src d/",
        "-aRi src/a/b/.. d/",
        "-ai src/a/../top d/",
    ]);
}

#[test]
fn s7_symlinks_in_the_path() {
    tree_of_paths().same_each([
        "-aRi src/link/b/c d/",
        "-aRi src/ab/c/f d/",
        "-aRi src/link d/",
        "-aRi src/link/ d/",
    ]);
}

#[test]
fn s10_deleting_cleans_only_what_was_sent() {
    let case = tree_of_paths().also([
        file("d/a/b/c/extra", "e"),
        file("d/a/other", "o"),
        file("d/a/b/x", "x"),
        file("d/src/a/b/c/extra", "e"),
        file("d/src/a/keep", "e"),
    ]);
    case.same_each([
        "-aRi --delete src/./a/b/c d/",
        "-aRi --delete src/./a/b/c/ d/",
        "-aRi --delete src/a/b d/",
        "-aRi --delete src/a/b/c/f d/",
        "-aRi --delete-after src/./a/b d/",
    ]);
}

#[test]
fn existing_implied_directories_get_the_sources_attributes() {
    let case = tree_of_paths().also([
        dir("d/src/a").mode(0o700),
        symlink("d/other", "elsewhere"),
        dir("d/elsewhere"),
    ]);
    case.clone().same_each(["-aRi src/a/b/c/f other/g d/", "-rRi src/a/b/c/f d/", "-aRii src/a/x d/"]);
    case.run("-aRi src/a/b d/").run("-aRii src/a/b d/").check();
}

#[test]
fn s7_implied_directories_keep_every_attribute() {
    let acl = "u::rwx,u:7:rwx,g::r-x,m::rwx,o::---";
    let implied = dir("src/a").mode(0o2750).owner(7, 8).xattr("user.implied", "1").default_acl(acl);
    let case = world([implied, file("src/a/b/f", "x"), dir("src/a/b").acl(acl)]);
    case.same_each(["-aRXi src/a/b/f d/", "-aRAi src/a/b d/", "-aRHAXi src/a/b/f d/", "-aRi src/./a/b/f d/"]);
}

#[test]
fn an_excluded_operand_leaves_its_implied_directories_out() {
    tree_of_paths().same_each([
        "-aRi --exclude=f src/a/b/c/f d/",
        "-aRi --exclude=b src/a/b/c d/",
        "-aRi --exclude=/src src/a d/",
        "-aRi --include=a --exclude='?' src/a d/",
        "-aRi --exclude=*a* src/a src/top d/",
    ]);
}

/// Without times, since those of the directories above are not the test's own.
#[test]
fn s7_absolute_paths_are_named_as_such() {
    let case = tree_of_paths().also([fifo("src/a/p"), file("src/a/h", "h"), hard("src/a/h2", "src/a/h")]);
    case.clone().same_each(
        [
            "-rlRi",
            "-rlRv",
            "-rlRHDi",
            "-rlRvv",
            "-rlR --out-format=%i_%n_%f%L",
            "-rlRi --delete",
            "-rlRin",
            "-rlR --progress",
        ]
        .map(|options| format!("{options} $TWIN/src/a d/")),
    );
    let case = case.run("-rlR $TWIN/src/a d/").put([file("src/a/h", "changed"), file("src/a/new", "n")]);
    for options in ["-rlRi", "-rlRvv", "-rlRii", "-rlpRvv", "-rlRi --no-implied-dirs"] {
        case.clone().run(&format!("{options} $TWIN/src/a/ d/")).check();
    }
    let case = tree_of_paths();
    case.same_each([
        "-rlRi $TWIN/src/a src/b d/",
        "-rlRi $TWIN/./src/a d/",
        "-rlRi /.$TWIN/src/a d/",
        "-rlRi /$TWIN/src d/",
    ]);
}

#[test]
fn s9_unlisted_parents_are_nobodys() {
    let case = world([dir("s/D").owner(7, 8).mode(0o700), file("s/D/g", "x")]);
    case.clone().same_each(["-aR --no-implied-dirs -i s/D/g d", "-aRn --no-implied-dirs -i s/D/g d/"]);
    case.umask(0o027).same("-aR --no-implied-dirs -i s/D/g d");
}

#[test]
fn s9_existing_makes_no_way() {
    world([file("s/a/b", "x"), dir("s/c"), dir("d")]).same_each([
        "-ai -R --no-implied-dirs --existing s/a/b s/c d/",
        "-ai -R --no-implied-dirs --existing --ignore-existing s/a/b d/",
        "-ai -R --existing s/a/b d/",
        "-ai -R --no-implied-dirs --max-size=0 s/a/b d/",
    ]);
}

/// A directory on the way to one operand that another one means as a whole is read as a whole.
#[test]
fn ways_below_directories_that_are_named() {
    let case = world([file("s/r/b/sub/f", "1"), file("s/r/b/sub/g", "2"), file("s/r/h", "3")]);
    let case = case.also([file("list", "r/b/sub/f\nr/b/sub/nope\nr\n")]);
    case.same_each([
        "-ri --files-from=list s/ d",
        "-ai --files-from=list s/ d",
        "-ai --no-R -r --files-from=list s/ d",
        "-aiR s/./r/b/sub/f s/./r d",
        "-aiR s/./r s/./r/b/sub/f d",
        "-aiR s/./r/b/sub/f s/./r/b/ d",
        "-aiR --no-implied-dirs s/./r/b/sub/f s/./r d",
        "-aiR --no-i-r s/./r/b/sub/f s/./r d",
        "-diR s/./r/b/sub/f s/./r d",
        "-aiR --delete s/r/b/sub/f s/r d",
    ]);
}

#[test]
fn s7_nothing_is_on_the_way_to_a_directory_that_is_skipped() {
    let case =
        world([file("s/dir/f", "x"), file("s/g", "y"), dir("s/other"), dir("s2"), symlink("s/l", "dir")]);
    case.same_each([
        "-R s/dir d/",
        "-Rv s/dir d/",
        "-Rv s/dir s/g d/",
        "-Rtv s/dir/ d/",
        "-Rlv s/dir s/l d",
        "-Rv s/nope s/dir d/",
        "-Rv s/dir s/nope d",
        "-Rv --no-implied-dirs s/dir d/",
        "-RvT. s/dir d/",
        "-R --stats s/dir d/",
        "-R --list-only s/dir d/",
        "-Rn s/dir d",
        "-v s s2 d",
        "-v s s/g d",
    ]);
}

/// Each way to an operand is listed from where it parts with the one before.
#[test]
fn s76_ways_that_are_listed_again_count() {
    let case = world([
        file("s/a/b/c/f", "x"),
        file("s/a/g", "y"),
        file("s/x/h", "z"),
        file("t/1", "1"),
        file("t/d/e", "2"),
    ]);
    case.clone().same_each(
        [
            "s/a s/a/b",
            "s/a/b s/a",
            "s/a/b/c/f s/a/g s/a",
            "s/a/ s/a/b/",
            "s s/a/b/c/f s/x",
            "s/a/b s/a/b/c s/x",
            "s/a s/x s/a/b s/x/h",
            "s s/a/b s/a/b/c",
            "s/./a s/./a/b",
            "s/a t/d s/a/b",
            "s/a/g t/1 s/a/b/c/f",
            "s/a/b/c/f t/1 s/a/b/c/f",
            "s/a/b/c/f s/x/h s/a/b/c/f",
            "s/a/g t/1 s/x/h s/a/b/c/f",
        ]
        .map(|sources| format!("-aR --stats {sources} d/")),
    );
    case.same_each(
        ["s/a/g t/1 s/a/b/c/f", "s/a/b/c/f s/x/h s/a/b/c/f", "s/a/g t/1 s/x/h t/d/e s/a/b/c/f"]
            .map(|sources| format!("-R --stats {sources} d/")),
    );
}

#[test]
fn s7_a_link_that_is_named_and_led_through_becomes_a_directory() {
    let case = world([
        file("s/a/b/c/f", "one").mode(0o640),
        file("s/a/b/g", "two"),
        file("s/a/h", "h"),
        dir("s/a").mode(0o750),
        symlink("s/la", "a"),
    ]);
    for more in ["", "--stats", "--no-i-r", "--no-implied-dirs", "-L", "-k"] {
        case.clone().same_each([
            format!("-aiR {more} s/la s/la/b/c/f d"),
            format!("-aiR {more} s/la/b/c/f s/la d"),
            format!("-aiR {more} s/la/b/c/f s/la s/a d"),
            format!("-aiR {more} s/la s/la/ d"),
        ]);
    }
    case.stdin("s/la/b/g\ns/la\n").same("-ai --files-from=- . d");
}

/// A `./` in front puts the top on the list, whatever becomes of the name.
#[test]
fn s8_a_dot_in_front_of_what_is_missing() {
    let case = world([file("s/f", "x"), dir("d"), file("list", "./nope\n"), file("list2", "./nope\n./f\n")]);
    case.clone().same_each([
        "-rR ./nope e",
        "-rRi ./nope e/",
        "-aiR ./nope d",
        "-aiR --no-implied-dirs ./nope e",
    ]);
    case.same_each([
        "-i --files-from=list s e",
        "-ri --files-from=list s e/",
        "-ai --files-from=list2 s e",
        "-ai --ignore-missing-args --files-from=list s e/",
    ]);
}

/// Where no directory is copied, each that an operand names is told in turn; not those on the way to a file.
#[test]
fn s11_directories_that_are_skipped() {
    let case = world([file("s/a/f", "x"), file("t/f", "x"), file("f1", "x"), file("f2", "y"), dir("d")]);
    case.same_each([
        "-R ./f1 ./f2 d/",
        "-R ./s ./t d/",
        "-R ./s t ./f1 d/",
        "-Rv t t/f t d/",
        "-Rv t/f t d/",
        "-R ./t ./t/f ./s d/",
        "-R . ./t d/",
        "-R ./t . d/",
        "-R s/./a ./t d/",
        "-R s/a/././f d/",
        "-R ./f1 e",
        "-vR --exclude=t ./t s d/",
    ]);
}

/// What a `./` in front puts on the list may be hidden by rules.
#[test]
fn s8_rules_for_a_dot_in_front() {
    let case = world([file("s/f", "x"), dir("d"), dir("t")]);
    case.same_each([
        "-aivR --exclude='*' ./s e",
        "-aivR --exclude='*' ./s ./t e/",
        "-aivvR --exclude=. ./s d",
        "-aivvR --include=. --exclude='*' ./s d",
        "-vvR --exclude='*' ./s d",
    ]);
}

#[test]
fn s77_ways_that_go_on_count_again() {
    let case = world([file("s/a", "a"), file("s/b/b", "b"), file("s/b/x", "x"), file("s/b/c/q", "q")])
        .also([dir("s/b/c/d"), file("s/e/f", "f"), dir("s/b/tmp/empty"), file("s/b/tmp/z", "z")]);
    for form in ["", "-r", "-a --no-i-r"] {
        let operands = [
            "s/b/b s/b/c/q",
            "s/b/b s/a s/b/x",
            "s/b/b s/e/f s/b/x",
            "s/b s/e s/b/c",
            "s/./b/b s/./b/c/q",
            "s/b/c/q s/b/b s/b/c/d",
            "s/b/tmp/z s/b/b s/b/c/d",
            "s/b/b s/b/tmp/empty s/b/c/d",
        ];
        case.clone().same_each(operands.map(|operands| format!("{form} -R --stats {operands} d/")));
    }
}

/// Names that operands have twice are told of once where nothing but one directory was listed before.
#[test]
fn doubles_below_a_single_directory() {
    let case = world([file("s/a", "x"), file("s/b/f", "y"), file("t/w", "z"), file("top", "t")]);
    let operands = [
        "s/a s/a",
        "s/a s/b s/a",
        "s/b s/a s/a",
        "./s/a s/a",
        "s/./a s/./a",
        "s/b/f s/b/f",
        "s/b/f s/a s/a",
        "t/w s/a s/a",
        "s/a t/w s/a",
        "top s/a s/a top",
        "s s/a s/a",
        "s/a s/a s/b/f s/b/f",
    ];
    case.clone().same_each(operands.map(|operands| format!("-aRvv {operands} d/")));
    case.same_each(operands.map(|operands| format!("-aRvv --no-i-r {operands} d/")));
}

/// The root of the file system has a name of its own. Nothing is copied.
#[test]
fn the_root_itself() {
    let operands = ["/", "//", "/.", "/./", "//./", "/./.", "/tmp/./", "/tmp"];
    let options = ["-aRni", "-aRnv", "-dRni", "-aRn --out-format=%f:%n:%L", "-aRniv --no-i-r", "-rRnii"];
    for operand in operands {
        let case = world([dir("d")]);
        case.same_each(options.map(|options| format!("{options} --exclude=* {operand} d")));
    }
}

/// Ways to deeper names that cannot be made are told as such, and what they lead to for itself.
#[test]
fn ways_that_cannot_be_made() {
    let case = world([
        file("s/sub/q/b", "2").mtime(1_400_000_000),
        file("s/sub/a", "1").mtime(1_400_000_000),
        dir("d").mode(0o555).owner(0, 0),
    ]);
    case.as_user().same_each([
        "-rlRi --no-implied-dirs s/./sub/q/b d/",
        "-rlRin --no-implied-dirs s/./sub/q/b d/",
        "-rlRi --no-implied-dirs s/./sub/q/b s/./sub/a d/",
        "-rlRi s/./sub/q/b d/",
    ]);
}
