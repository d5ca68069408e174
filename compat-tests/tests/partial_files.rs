//! rsync(1), `--partial-dir`, `--delay-updates`, `--temp-dir` of runs that come to their end (points 37 to 40).

use std::process::Command;

use compat_tests::alone::Alone;
use compat_tests::mounted::must;
use compat_tests::program::Mode;
use compat_tests::snapshot::Holes;
use compat_tests::*;

fn aged() -> Case {
    world([
        file("s/new", "1"),
        file("s/changed", "22").mtime(50),
        file("d/changed", "2").mtime(5),
        file("s/sub/new", random(1, 100_000)),
        file("s/sub/changed", "33").mtime(50),
        file("d/sub/changed", "3").mtime(5),
        file("d/sub/extra", "4"),
        dir("d/sub").mode(0o711).mtime(77),
        hard("s/sub/again", "s/new"),
        symlink("s/link", "new"),
        dir("tmp"),
        file("d/.~tmp~/stale", "5"),
        file("d/sub/.p/changed", "6"),
        file("d/sub/.p/extra", "7"),
        file("d/.p/new", "8"),
    ])
}

const FORMS: [&str; 6] = ["-ai", "-avi --delete", "-aHi", "-rti", "-ain", "-abi"];

#[test]
fn s38_partial_directories_are_no_part_of_the_tree() {
    aged().same_each(
        ["-ai", "-avi --delete", "-rti", "-ain", "-abi"].map(|form| format!("{form} --partial-dir=.p s/ d")),
    );
    aged().same_each(["-ai --partial --delete s/ d", "-ai --partial-dir=.p --delete-excluded s/ d"]);
    aged().env("RSYNC_PARTIAL_DIR", ".p").same_each(["-ai --partial --delete s/ d", "-ai --delete s/ d"]);
}

/// What an earlier run left of a file that is complete by now goes, and its directory once that is empty.
#[test]
fn s38_what_is_kept_of_complete_files_goes() {
    let case = world([
        file("s/sub/f", "x").mtime(5),
        file("s/sub/g", "g").mtime(5).mode(0o600),
        file("d/sub/f", "x").mtime(5),
        file("d/sub/g", "g").mtime(5),
        dir("s/sub").mtime(7),
        dir("d/sub").mtime(7),
        file("d/sub/.p/f", "x").mtime(5),
        file("d/sub/.~tmp~/f", "x").mtime(5),
        file("d/sub/.~tmp~/g", "older").mtime(5),
    ]);
    let forms = [
        "",
        " --delete",
        " -c",
        " -n",
        " --existing",
        " --ignore-existing",
        " -u",
        " --size-only",
        " --no-t",
        " -I",
    ];
    for kept in ["--partial-dir=.p", "--delay-updates", "--delay-updates --partial-dir=.p", "--partial"] {
        case.clone().same_each(forms.map(|form| format!("-ai {kept}{form} s/ d/")));
    }
    let more = [file("s/sub/new", "n"), file("s/sub/other", "2")];
    case.also(more).same_each(["-ai --delay-updates s/ d/", "-ai --partial-dir=.p s/ d/"]);
}

#[test]
fn s38_one_partial_directory_for_all() {
    aged().also([file("pd/new", "9")]).same_each(["-ai --partial-dir=../pd s/ d"]);
}

#[test]
fn s39_updates_wait_for_the_end() {
    aged().same_each(FORMS.map(|form| format!("{form} --delay-updates s/ d")));
    aged().same_each([
        "-ai --delay-updates --delete-after s/ d",
        "-ai --delay-updates --partial-dir=.p --delete s/ d",
        "-ai --delay-updates s/new d/changed",
        "-ai --delay-updates s new",
        "-ab --backup-dir=../bak --delay-updates s/ d",
        "-ai --no-delay-updates --delete s/ d",
        "-av --delay-updates s/ d",
    ]);
    aged().as_user().same_each(["-ai --delay-updates s/ d"]);
}

#[test]
fn s40_temporary_files_elsewhere() {
    aged().same_each(FORMS.map(|form| format!("{form} --temp-dir=sub s/ d")));
    let waiting = aged().also([dir("tmp")]);
    waiting.same_each(["tmp", "sub"].map(|place| format!("-ai --delay-updates -T $TWIN/{place} s/ d")));
    aged().same_each(["-ai --delay-updates -T sub s/ d"]);
    aged().same_each(["-ai -T ../tmp s/ d", "-ai -T sub s/ d", "-ai -T nope s/ d", "-ain -T nope s/ d"]);
    aged().also([dir("d/sub").mode(0o2755).owner(0, 12)]).same_each(["-rti -T sub s/ d"]);
}

/// Links that are followed whoever made them let temporary files come to lie anywhere.
#[test]
fn s40_temporary_files_above() {
    let case = aged().also([dir("tmp"), dir("other/tmp")]);
    for place in ["../tmp", "sub/../../tmp", "../other/tmp/"] {
        case.clone().same_each(
            ["-ai", "-ain", "-aib", "-ai --delay-updates", "-ai --inplace", "-ai --no-insecure-links"]
                .map(|options| format!("--insecure-links {options} --temp-dir={place} s/ d")),
        );
    }
}

/// Who made a link that leads to temporary files is looked at as one is made: only what is transferred is refused.
#[test]
fn s40_temporary_files_behind_a_link_of_somebody_else() {
    let case = aged().also([
        dir("tmp/sub"),
        symlink("foreign", "tmp").owner(1234, 1234),
        symlink("d/foreign", "../tmp").owner(1234, 1234),
        symlink("d/sub/foreign", ".").owner(1234, 1234),
        symlink("chain", "foreign"),
        symlink("own", "tmp"),
        file("tmp/file", "x"),
    ]);
    let places = [
        "foreign",
        "./foreign/sub",
        "../foreign",
        "../foreign/sub",
        "sub/foreign",
        "../chain",
        "$TWIN/foreign",
        "$TWIN/chain/sub",
        "$TWIN/own",
        "$TWIN/d/../own",
        "$TWIN/d/../tmp",
        "foreign/nope",
        "foreign/file",
    ];
    for place in places {
        let options = ["-ai", "-ain", "-ai --inplace", "-ai --delay-updates", "-ai --insecure-links"];
        case.clone().same_each(options.map(|options| format!("{options} --temp-dir={place} s/ d")));
        case.clone().same_each([
            format!("-a --temp-dir={place} s/new d/other"),
            format!("-a --temp-dir={place} s/new other"),
            format!("-a --temp-dir={place} s/sub other"),
        ]);
    }
}

/// A link that leads round in a circle is not one that is distrusted.
#[test]
fn s40_temporary_files_behind_a_link_to_itself() {
    let case =
        aged().also([symlink("d/loop", "loop"), symlink("loop", "loop"), symlink("d/sub/loop", "loop")]);
    for place in ["loop", "../loop", "sub/loop", "$TWIN/loop", "loop/x"] {
        case.clone().same_each([
            format!("-ai --temp-dir={place} s/ d"),
            format!("-ain --temp-dir={place} s/ d"),
            format!("-ai --temp-dir={place} s/new other"),
        ]);
    }
}

#[test]
fn what_cannot_be_combined() {
    aged().same_each([
        "-ai --inplace --partial-dir=.p s/ d",
        "-ai --inplace --delay-updates s/ d",
        "-ai --append --delay-updates s/ d",
        "-ai --partial-dir= s/ d",
    ]);
}

/// The directory itself is no place of its own: what has the name there is the complete file.
#[test]
fn the_destination_as_partial_directory() {
    let case = world([file("s/f", "new"), file("s/sub/g", "g"), file("d/f", "older").mtime(5), dir("d/x")]);
    case.same_each([".", "./", "./.", "''", "x/.."].map(|dir| format!("-a --partial-dir={dir} s/ d/")));
}

/// The directory may have a path of its own, whose upper part nobody makes.
#[test]
fn partial_directories_with_more_than_one_name() {
    let case =
        world([file("s/f", "new"), file("s/sub/g", "new"), file("d/f", "old"), dir("d/p"), dir("d/sub/p")]);
    let lost = |case: Case| case.known("a discarded file: status").known("a discarded file: last line");
    case.clone().same("-ai --delay-updates --partial-dir=p/q s/ d/");
    lost(case.clone()).same("-ai --delay-updates --partial-dir=none/q s/ d/");
    case.clone().also([dir("d/p/q").mode(0o700), file("d/p/q/f", "ne")]).same("-ai --partial-dir=p/q s/ d/");
    case.clone().also([file("d/p/q", "a file")]).same("-ai --partial-dir=p/q --delay-updates s/ d/");
    case.also([symlink("d/p/q", "../sub")]).same("-ai --partial-dir=p/q --delay-updates s/ d/");
}

/// A file or link of that name makes way.
#[test]
fn partial_directories_in_the_place_of_something_else() {
    let case = world([file("s/f", "new"), file("d/f", "old"), file("x/stays", "1"), dir("d/dir")]);
    for there in [
        file("d/.p", "a file"),
        symlink("d/.p", "../x"),
        symlink("d/.p", "dir"),
        symlink("d/.p", "no"),
        fifo("d/.p"),
    ] {
        case.clone().also([there]).same("-ai --partial-dir=.p --delay-updates s/ d/");
    }
}

/// Nothing can be renamed from one mount to another, not even within a file system.
#[test]
fn s40_temporary_files_beside_a_bind_mount() {
    for mode in Mode::of_this_run() {
        let alone = Alone::new(&tree([file("s/f", "x"), dir("real"), dir("d"), dir("tmp")]), None);
        let (real, d) = (alone.dir().join("real"), alone.dir().join("d"));
        must(Command::new("mount").arg("--bind").args([&real, &d]), "mount --bind: this test needs root");
        let command = format!("-a --temp-dir={}/tmp s/ d/", alone.dir().display());
        let ran = alone.ours(mode, "", &command);
        must(Command::new("umount").arg(&d), "umount");
        ran.assert_silent();
        alone.assert_copy("s", "real", Holes::Ignored);
    }
}

/// Without `-p` a file has the permissions of what an earlier run left of it, as of any file that it starts from.
#[test]
fn s64_permissions_of_what_an_earlier_run_left() {
    let with = |mode, left| {
        world([
            file("s/new", "source").mode(mode),
            file("s/old", "source").mode(mode),
            file("d/old", "older data").mode(0o640).mtime(5),
            file("d/.p/new", "what is left").mode(left),
            file("d/.p/old", "what is left").mode(left),
        ])
    };
    let options = [
        "-r",
        "-ri",
        "-rt --no-W",
        "-rE",
        "-rp",
        "-a",
        "-r --chmod=F644",
        "-r --delay-updates",
        "-r --inplace",
        "-rni",
        "-rb",
    ];
    for (mode, left) in [(0o600, 0o644), (0o755, 0o600), (0o644, 0o755), (0o464, 0o400)] {
        with(mode, left).same_each(options.map(|options| format!("{options} --partial-dir=.p s/ d/")));
        let as_user = with(mode, left).as_user();
        as_user.same_each(["-r --partial-dir=.p s/ d/", "-rt --partial-dir=.p --no-W s/ d/"]);
    }
}

/// The path is tidied by its text before it is looked for, and protected.
#[test]
fn partial_directories_by_untidy_paths() {
    let case = world([
        file("s/a", "123"),
        file("s/sub/b", "234"),
        file("d/a", "55"),
        dir("d/sub"),
        file("d/pp/a", "1"),
        file("d/qq/a", "22"),
        file("d/sub/qq/b", "22"),
        dir("abs"),
    ]);
    for path in
        ["./pp/", "pp/", "nope/../qq", "pp/../qq/", "qq/x/..", ".//qq", "$TWIN/nope/../abs/", "$TWIN/./abs"]
    {
        let options = ["", "--delete", "--no-W", "--delay-updates", "--delay-updates --delete-after"];
        case.clone().same_each(options.map(|options| format!("-ai {options} --partial-dir={path} s/ d/")));
        case.clone().env("RSYNC_PARTIAL_DIR", path).same("-ai --partial --delete s/ d/");
    }
}

/// A link in the place of an absolute partial directory makes way for it; others' links on the way are told where they
/// lead to something.
#[test]
fn partial_directories_behind_links() {
    let case = world([
        file("s/a", "123"),
        file("s/sub/b", "234"),
        file("d/a", "55"),
        file("real/a", "1"),
        dir("empty/k"),
        symlink("foreign", "real").owner(1234, 1234),
        symlink("foreign-empty", "empty").owner(1234, 1234),
        symlink("own", "real"),
        symlink("own-empty", "empty"),
    ]);
    for path in ["foreign", "foreign-empty", "foreign-empty/k", "own", "own/sub", "foreign-empty/nope/x"] {
        case.clone().same_each(
            ["", "-I", "--no-W", "--insecure-links"]
                .map(|options| format!("-ai {options} --partial-dir=$TWIN/{path} s/ d/")),
        );
    }
    for path in ["foreign", "foreign-empty", "own-empty", "own/sub"] {
        case.clone().same(&format!("-ai --delay-updates --partial-dir=$TWIN/{path} s/ d/"));
    }
}
