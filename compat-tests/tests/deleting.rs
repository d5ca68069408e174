//! rsync(1), `--delete` and its relatives.

use compat_tests::*;

const WHEN: [&str; 6] =
    ["--delete", "--del", "--delete-before", "--delete-during", "--delete-delay", "--delete-after"];

fn extraneous() -> Case {
    world([
        file("s/keep", "k"),
        file("s/sub/keep", "k"),
        dir("s/empty"),
        file("s/x.o", "object"),
        file("d/keep", "k"),
        file("d/gone", "g"),
        file("d/sub/gone", "g"),
        file("d/sub/keep", "old"),
        file("d/gonedir/a/b", "g"),
        file("d/gonedir/a2/b", "g"),
        file("d/gonedir/c", "g"),
        dir("d/gonedir/empty"),
        symlink("d/gonelink", "keep"),
        symlink("d/dirlink", "../outside"),
        file("outside/precious", "p"),
        fifo("d/fifo"),
        file("d/y.o", "object"),
        file("d/gonedir2/z.o", "object"),
        file("d/sub/z.o", "object"),
        file("d/empty/inside", "x"),
        file("d/.hidden", "x"),
    ])
}

#[test]
fn s46_every_time_of_deleting() {
    extraneous().same_each(WHEN.map(|when| format!("-ai {when} s/ d/")));
    extraneous().same_each(WHEN.map(|when| format!("-av {when} s/ d/")));
    extraneous().same_each(WHEN.map(|when| format!("-a --stats {when} s/ d/")));
    extraneous().same_each(WHEN.map(|when| format!("-ain {when} s/ d/")));
}

#[test]
fn s46_as_an_ordinary_user() {
    extraneous().as_user().same_each(WHEN.map(|when| format!("-ai {when} s/ d/")));
}

#[test]
fn trees_that_all_workers_delete_are_told_in_order() {
    let mut nodes = vec![file("s/keep", "k"), file("d/keep", "k")];
    for name in 0..60 {
        let (wide, deep) = (name % 8, "deep/".repeat(name / 8));
        nodes.push(file(format!("d/gone{wide}/{deep}f{name}"), "g"));
        nodes.push(file(format!("d/gone{wide}/{deep}side{name}/z.o"), "g"));
    }
    let case = world(nodes);
    let lines = WHEN.map(|when| format!("-ai {when} s/ d/"));
    let kept = WHEN.map(|when| format!("-av {when} -f 'P z.o' s/ d/"));
    case.clone().same_each(lines.iter().chain(&kept).cloned());
    case.same_each([
        "-a --delete --stats s/ d/",
        "-av --delete --max-delete=20 s/ d/",
        "-avn --delete s/ d/",
    ]);
}

#[test]
fn without_trailing_slash_only_the_named_directory_is_cleaned() {
    let case = world([file("s/a", "a"), file("d/s/gone", "g"), file("d/other", "o")]);
    case.same_each(["-ai --delete s d/", "-ai --delete s d", "-ai --delete-after s d/"]);
}

#[test]
fn s47_protected_files_keep_their_directories() {
    for when in WHEN {
        extraneous().same_each([
            format!("-ai {when} --exclude=*.o s/ d/"),
            format!("-av {when} --exclude=*.o s/ d/"),
            format!("-ai {when} --exclude=gonedir s/ d/"),
            format!("-ai {when} -f 'P z.o' s/ d/"),
        ]);
    }
}

#[test]
fn delete_excluded() {
    extraneous().same_each([
        "-ai --delete-excluded --exclude=*.o s/ d/",
        "-ai --delete --delete-excluded --exclude=*.o s/ d/",
        "-ai --delete-excluded --exclude=/sub s/ d/",
        "-ai --delete-excluded --delete-after --exclude=sub/ s/ d/",
        "-ai --delete-excluded -f 'P z.o' --exclude=*.o s/ d/",
        "-ai --delete-excluded -f '-sr z.o' s/ d/",
        "-ai --delete-excluded -f '-r z.o' s/ d/",
        "-ai --delete-excluded -f 'H z.o' s/ d/",
        "-ai --delete-excluded s/ d/",
        "-ain --delete-excluded --exclude=*.o s/ d/",
    ]);
}

#[test]
fn s49_a_limit_leaves_out_the_same_names_every_time() {
    let dirs = ["a", "b", "c", "d/e", "f", "g"];
    let case = world(dirs.map(|name| file(format!("s/{name}/f"), "x")))
        .also(dirs.map(|name| file(format!("d/{name}/gone1"), "x")))
        .also(dirs.map(|name| file(format!("d/{name}/gone2/deep"), "x")));
    case.same_each(
        ["--delete", "--delete-delay", "--delete-after", "--delete-before"]
            .iter()
            .flat_map(|when| [1, 4, 7].map(|number| format!("-ai {when} --max-delete={number} s/ d/"))),
    );
}

#[test]
fn s49_max_delete() {
    for number in [0, 1, 3, 5, 100, -1] {
        extraneous().same_each([
            format!("-a --delete --max-delete={number} --stats s/ d/"),
            format!("-a --delete-after --max-delete={number} s/ d/"),
        ]);
    }
    extraneous().same_each(["-ai --delete --max-delete=2 s/ d/", "-ain --delete --max-delete=2 s/ d/"]);
}

#[test]
fn s51_delete_needs_recursion() {
    extraneous().same_each([
        "-i --delete s/ d/",
        "-ltpi --delete s/ d/",
        "-a --no-r --delete s/ d/",
        "-ri --delete s/ d/",
        "-ai --delete-before --delete-after s/ d/",
        "-ai --delete-delay --delete-during s/ d/",
        "-ai --delete --delete-after s/ d/",
        "-ai --delete-before --del s/ d/",
        "-ai --no-delete s/ d/",
    ]);
}

#[test]
fn s51_only_inside_named_directories() {
    let case = world([
        file("s/one/a", "a"),
        file("s/two/b", "b"),
        file("d/one/x", "x"),
        file("d/two/x", "x"),
        file("d/three/x", "x"),
        file("d/top", "x"),
    ]);
    case.same_each(["-ai --delete s/one s/two d/", "-ai --delete s/one/ s/two/ d/", "-ai --delete s/one d/"]);
}

#[test]
fn s48_a_missing_source_deletes_nothing() {
    extraneous().same_each([
        "-ai --delete nope/ d/",
        "-ai --delete s/ nope d/",
        "-ai --delete-before s/ nope d/",
        "-ai --delete-after s/ nope d/",
        "-ai --delete-after --ignore-errors s/ nope d/",
        "-ai --delete-before --ignore-errors s/ nope d/",
        "-ai --delete --ignore-errors nope/ d/",
    ]);
}

#[test]
fn s52_something_in_the_way() {
    let case = world([
        file("s/f", "x"),
        file("d/f/in/side", "x"),
        file("d/f/in/side2", "x"),
        file("s/e", "x"),
        dir("d/e"),
        symlink("s/l", "x"),
        file("d/l/inside", "x"),
        fifo("s/p"),
        file("d/p/inside", "x"),
        file("s/dir/a", "x"),
        file("d/dir", "a file"),
        file("s/dir2/a", "x"),
        symlink("d/dir2", "dir"),
    ]);
    case.clone().same_each([
        "-ai s/ d/",
        "-ai --force s/ d/",
        "-ai --delete s/ d/",
        "-av s/ d/",
        "-av --force s/ d/",
    ]);
    case.clone().same_each(["-ai --delete-after s/ d/", "-ai --delete-before s/ d/", "-ain --delete s/ d/"]);
    case.as_user().same_each(["-ai s/ d/", "-ai --force s/ d/", "-ai --delete s/ d/"]);
}

/// With `-vv`, what rules say of the names in what is in the way, also where nothing there may be deleted.
#[test]
fn s26_rules_within_what_is_in_the_way() {
    let case = world([
        file("s/f", "x"),
        symlink("s/l", "x"),
        dir("d/f/log"),
        file("d/f/b", "x"),
        file("d/f/deep/b", "x"),
        dir("d/l/b"),
    ]);
    case.same_each(["-avv --exclude=b s/ d/", "-vv --exclude='/f/***' s/f d/", "-avvn --exclude=log s/ d/"]);
}

#[test]
fn an_empty_source_empties_the_destination() {
    let case = world([dir("s"), file("d/a/b/c", "x"), file("d/f", "x")]);
    case.same_each(["-ai --delete s/ d/", "-ai --delete-before s/ d/", "-a --delete s/. d/"]);
}

#[test]
fn deleting_never_follows_symlinks() {
    let case =
        world([dir("s"), file("out/f", "x"), symlink("d/l", "../out"), symlink("d/sub/l", "../../out")]);
    case.same_each(["-ai --delete s/ d/", "-ai --delete-after s/ d/"]);
}

/// A source directory that is not there is an error of listing, a missing entry is none.
#[test]
fn s48_missing_operands() {
    let case = world([
        file("s/a/f", "x"),
        file("s/f", "x"),
        symlink("s/dangling", "nope"),
        file("d/gone", "x"),
        file("d/a/gone", "x"),
    ]);
    let sources = [
        "s/nope/ s/a/",
        "s/nope s/a/",
        "s/a/ nope/nope",
        "s/dangling/ s/a/",
        "s/f/ s/a/",
        "--ignore-missing-args nope/ s/a/",
        "--ignore-missing-args nope/nope s/a/",
        "--ignore-missing-args s/nope s/a/",
        "--delete-missing-args nope/ s/a/",
        "-R s/nope/ s/a/",
    ];
    let when = ["--delete", "--delete-before", "--delete-after"];
    for when in when {
        case.clone().same_each(sources.map(|sources| format!("-ai {when} {sources} d/")));
        case.clone().same_each(sources.map(|sources| format!("-ai {when} {sources} new/")));
    }
}

/// A pass that only deletes names the directories that operands mean.
#[test]
fn deleting_in() {
    let case =
        world([file("s/a/b/f", "x"), dir("s/c"), file("s/f", "x"), file("d/a/x", "x"), file("d/g", "x")]);
    let operands = [
        "s/ d",
        "s d",
        "s/a s/c d",
        "s/a/ s/c d",
        "-R s/a/b d",
        "-R s/./a d",
        "s/a new",
        "-d --no-r s/ d",
        "s/f d",
    ];
    for options in [
        "-avv --delete-before",
        "-avv --delete-after",
        "-avvn --delete-before",
        "-a --debug=del --delete-before",
    ] {
        case.clone().any_order().same_each(operands.map(|operands| format!("{options} {operands}")));
    }
}

#[test]
fn a_directory_in_which_nothing_could_be_deleted_after_all_is_left_alone() {
    let case = world([
        file("s/sub/f", "x").mtime(5),
        file("d/sub/f", "x").mtime(5),
        file("d/sub/deep/er/kept", "k"),
    ]);
    case.same_each(
        ["--delete-delay", "--delete", "--delete-after", "--delete-before"]
            .map(|when| format!("-ai {when} --exclude=kept s/ d/")),
    );
}

/// Directories in which something is deleted late have the source's time, to the nanosecond.
#[test]
fn s88_times_of_directories_after_late_deletions() {
    let case = world([
        dir("s/p").mtime(5),
        dir("s").mtime(5),
        file("d/p/x", "x"),
        file("d/x", "x"),
        dir("d/p").mtime_ns(5, 500_000_000),
        dir("d").mtime_ns(5, 500_000_000),
    ]);
    for delete in ["--delete", "--delete-before", "--delete-delay", "--delete-after"] {
        case.clone().same(&format!("-rt {delete} s/ d/"));
    }
}

/// What cannot be given to a directory of others is told once, however late deletions come.
#[test]
fn s45_directories_of_others() {
    for mode in [0o755, 0o777] {
        let case = world([
            file("s/a/f", "x").mtime(5),
            file("s/a/new", "x"),
            dir("d/a").owner(0, 0).mode(mode),
            file("d/a/f", "x").mtime(5),
            file("d/a/extra", "x"),
        ]);
        let timings = ["before", "during", "delay", "after"];
        case.as_user().same_each(timings.map(|when| format!("-rltpi --delete-{when} s/ d/")));
    }
}

/// A directory that keeps the backups of what was in it does not count: only what is removed does.
#[test]
fn s49_a_directory_that_stays_for_its_backups_costs_nothing() {
    let gone = ["d/a/x", "d/a/y", "d/b/z", "d/c", "d/e", "d/g"].map(|name| file(name, "gone"));
    let case = world(gone).also([file("s/f", "f")]);
    let limits = 1..=7;
    case.same_each(limits.flat_map(|most| {
        ["-ab", "-abi", "-abin"].map(|options| format!("{options} --delete --max-delete={most} s/ d/"))
    }));
}

/// Merge files above a directory that stands in the way protect what is in it, be it the first one that is looked into.
#[test]
fn merge_files_above_what_is_in_the_way() {
    let case = world([
        file("s/ob", "f"),
        file("s/sub/ob", "f"),
        file("s/z", "z"),
        file("d/ob/keep", "k"),
        file("d/ob/gone", "g"),
        file("d/sub/ob/keep", "k"),
        dir("d"),
    ]);
    let rules =
        |at: &[&str]| case.clone().also(at.iter().map(|at| file(format!("{at}.rsync-filter"), "- keep\n")));
    let operands = ["s/ob d/", "s/ob s/z d/", "s/sub/ob d/sub/", "-R s/./sub/ob d/", "s/ob d/ob2"];
    for case in [rules(&["d/"]), rules(&["d/", "s/"]), rules(&[""])] {
        for options in ["-aF --force", "-aF --delete", "-aF --delete-after --force"] {
            case.clone().same_each(operands.map(|operands| format!("{options} {operands}")));
        }
    }
    let missing = world([
        file("s/z", "z"),
        file("d/emp/keep", "k"),
        file("d/emp/gone", "g"),
        file("d/.rsync-filter", "- keep\n"),
    ]);
    for options in ["--force", "--delete", "--delete-after", "--delete-delay", ""] {
        missing.clone().same(&format!("-aiF {options} --delete-missing-args s/emp s/z d/"));
    }
}

/// rsync forgets merge files at times, and deletes what they protect.
#[test]
fn what_merge_files_protect_stays() {
    world([file("s/ob", "f"), file("d/ob/keep", "k"), file("d/.m", "- keep\n")])
        .known("protected in the way")
        .known("protected in the way: status")
        .known("protected in the way: last line")
        .same("-a --force --filter=:_.m s/ d/");
    world([file("s/sub/f", "f"), file("d/sub/.m", "P keep\n"), file("d/sub/in/keep", "k")])
        .known("protected until late")
        .same("-ai --delete-delay --filter=:_.m s/ d/");
    world([
        file("s/h", "h"),
        file("s/sub/f", "f"),
        file("d/.rsync-filter", "- keep\n"),
        file("d/sub/keep", "k"),
    ])
    .known("protected beside a file")
    .same("-aiF --delete-after s/sub s/h d/");
}

/// What keeps a directory in one that goes is what removing it came to.
#[test]
fn directories_that_stay_with_what_is_in_them() {
    let case = world([dir("s"), file("d/b/a/x", "1"), file("d/b/a/c/x", "2"), file("d/k/l/y", "3")]);
    let options = ["", "--delete-delay", "--delete-before", "--delete-after", "-n", "--max-delete=1", "-b"];
    for options in options {
        case.clone().same(&format!("-ai --delete {options} --copy-as=nobody s/ d/"));
        case.clone().same(&format!("-ai --delete {options} --exclude=x s/ d/"));
    }
}
