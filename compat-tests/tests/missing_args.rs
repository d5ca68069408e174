//! rsync(1), `--delete-missing-args`: which name of the destination goes, and which rules keep it (point 54).

use compat_tests::*;

fn beside() -> Case {
    world([
        file("s/f", "x"),
        file("gone", "mine").mtime(7),
        file("other", "mine too").mtime(7),
        dir("emp").mtime(7),
        file("d/gone", "x"),
        file("d/nd/x", "x"),
        dir("d/emp"),
        symlink("d/ln", "f"),
    ])
}

/// A single operand stands for the destination's own name, not for one of the same name beside it.
#[test]
fn s54_nothing_beside_the_destination_goes() {
    for options in ["-ai", "-ain", "-aib", "-ai --backup-dir=bk", "-ai --force", "-aiv", "-d"] {
        beside().same_each(
            ["s/gone new", "s/gone other", "s/gone emp", "s/emp new", "s/gone s/other new", "s/gone d"]
                .map(|operands| format!("{options} --delete-missing-args {operands}")),
        );
        let listed = |list: &str| beside().also([file("list", list)]);
        listed("gone\n").same(&format!("{options} --delete-missing-args --files-from=list s new"));
        listed("../other\n").same(&format!("{options} --delete-missing-args --files-from=list s new"));
        listed("gone\n").same(&format!("{options} --delete-missing-args --files-from=list s other"));
    }
}

#[test]
fn s54_rules_protect_what_operands_miss() {
    let rules =
        ["P gone", "P /gone", "P nd", "P ln", "-r gone", "-rp gone", "R gone", "H gone", "-s nd", "- gone"];
    for rule in rules {
        let rule = rule.replace(' ', "_");
        beside().same_each(["-ai", "-aivv", "-ai --force", "-ain", "-ai --delete"].map(|options| {
            format!("{options} --delete-missing-args --filter={rule} s/gone s/emp s/nd s/ln s/f d")
        }));
        beside().same(&format!("-ai --delete-missing-args --filter={rule} s/gone other"));
    }
    beside().same("-ai --delete-missing-args --filter=P_other s/gone other");
}

/// rsync does not know that the name is a directory's.
#[test]
fn s54_rules_for_directories_protect_them() {
    beside()
        .known("a protected directory that is missing: line")
        .known("a protected directory that is missing: directory")
        .same("-ai --delete-missing-args --filter=P_emp/ s/gone s/emp d");
}

/// Merge files of the destination protect what is missing only where they are read to delete in the same pass.
#[test]
fn merge_files_that_protect_what_is_missing() {
    let rules = "- gone\n- keep\n";
    let trees = world([
        dir("s/sub"),
        file("d/gone", "1"),
        file("d/sub/gone", "2"),
        file("d/sub/dir/keep", "3"),
        file("d/.rsync-filter", rules),
        file("d/sub/.rsync-filter", rules),
        file("list", "sub/gone\nsub\n"),
    ]);
    for options in ["", "--delete", "--delete-before", "--delete-after", "--force"] {
        let operands = ["s/./sub/gone", "s/./sub/gone s/./sub", "s/./sub s/./sub/gone"];
        trees.clone().same_each(
            operands.map(|operands| format!("-aFRi {options} --delete-missing-args {operands} d/")),
        );
        trees.clone().same_each([
            format!("-aFi {options} --delete-missing-args s/sub/gone d/"),
            format!("-aFi {options} -r --delete-missing-args --files-from=list s d/"),
        ]);
    }
}

/// Where the directory around it is missing too, what is listed goes from the destination's all the same, unless the
/// list is made bit by bit.
#[test]
fn missing_names_in_missing_directories() {
    let trees = world([
        file("s/zlib/one", "1"),
        dir("s/have"),
        file("d/docs/a.txt", "a"),
        file("d/docs/keep", "k"),
        file("d/docs/q/a", "qa"),
        file("d/docs/q/b", "qb"),
        file("d/docs/sub/deep/f", "f"),
        file("d/x/y", "y"),
        file("d/have/q/f", "f"),
        file("d/have/h", "h"),
        symlink("d/way", "x"),
        file("d/plain", "p"),
    ]);
    let lists = [
        "docs/a.txt\nlib\n",
        "docs/q/a\ndocs/a.txt\ndocs/q/b\nlib\nx/y\nhave/q/f\nhave/h\nhave/q/f\n",
        "docs/\ndocs/q/\ndocs/sub/deep\n",
        "docs/q/b\ndocs\ndocs/q\n",
        "docs/q/a\ndocs/q/\nnowhere/at/all\nplain/a\n",
    ];
    for list in lists {
        let options = [
            "-ai",
            "-aiv",
            "-ain",
            "-rli",
            "-airv",
            "-air --no-inc-recursive",
            "-ai --force",
            "-ai --no-implied-dirs",
            "-aib",
            "-ai --backup-dir=bak",
            "-ai --delete",
            "-air --delete",
            "-ai --filter=P_a*",
            "-ai --filter=-_q",
            "-a --stats",
        ];
        let options = options.map(|options| format!("{options} --delete-missing-args --files-from=list s d"));
        trees.clone().also([file("list", list)]).same_each(options);
        let into_nothing = "-ai --delete-missing-args --files-from=list s new";
        trees.clone().also([file("list", list)]).same(into_nothing);
    }
    let operands = [
        "s/./docs/q/a s/./docs/a.txt s/./docs/q/b s/./have/q/f s/./have/h",
        "s/./docs/q s/./docs",
        "s/./docs/q s/./zlib",
        "s/./docs s/./docs/q",
    ];
    for options in ["-aiR", "-iR", "-aiR --no-inc-recursive", "-aidR --no-r", "-aiR --force --delete"] {
        let line = operands.map(|operands| format!("{options} --delete-missing-args {operands} d"));
        trees.clone().same_each(line);
    }
}
