//! rsync(1), "MERGE-FILE FILTER RULES", "-F", and lists of patterns (points 22 and 23).

use compat_tests::rich::names_for_rules;
use compat_tests::*;

/// Rules in files: the tree with merge files in it and beside it.
fn with_merge_files() -> Case {
    Case::new(names_for_rules().copied("s", "d").with([
        file("rules", "# comment\n; another\n\n- *.o\n+ core\r\n- core\n"),
        file("patterns", "*.o\n# no\n; no\n\n/foo/bar/\n+ x\nbar2\r\n"),
        file("words", "*.o core bar2"),
        file("none", ""),
        file("clearing", "- *.o\n!\n- bar\n"),
        file("bad", "- a\nnonsense\n"),
        file("sided", "-s a\n"),
        file("s/.rules", "- *.o\n- /bar\n"),
        file("s/foo/.rules", "+ y.o\n- /bar/x\n- core\n"),
        file("s/foo/bar/.rules", "!\n"),
        file("s/.rsync-filter", "- core\n"),
        file("s/foo/.rsync-filter", "+ core\n- x\n"),
        file(".rsync-filter", "- bar2\n"),
        file("s/.bare", "b.o\n- b\n"),
        file("s/.words", "b.o core"),
        file("s/d1/.rules", "dir-merge .more\n"),
        file("s/d1/c/.more", "- b\n"),
    ]))
}

fn each_merge(filters: &[&str]) {
    let runs = |filter: &&str| {
        [
            format!("-ai {filter} s/ new/"),
            format!("-ai --delete {filter} s/ d/"),
            format!("-ai {filter} s new/"),
        ]
    };
    check_all(filters.iter().flat_map(runs).map(|args| with_merge_files().run(&args)));
}

#[test]
fn s22_merge_files() {
    each_merge(&[
        "-f '. rules'",
        "-f 'merge rules'",
        "-f '.- patterns'",
        "-f '.+ patterns' -f '- *'",
        "-f '.-w words'",
        "-f '. clearing'",
        "-f '. none'",
        "-f '.s rules'",
        "-f '.r rules'",
        "--exclude-from=patterns",
        "--include-from=patterns --exclude=foo",
        "--exclude-from=none",
        "--exclude-from patterns --exclude=a",
    ]);
}

#[test]
fn s22_merge_file_errors() {
    with_merge_files().same_each([
        "-ai -f '. nope' s/ new/",
        "-ai --exclude-from=nope s/ new/",
        "-av --exclude-from=nope s/ new/",
        "-ai --include-from=nope s/ new/",
        "-ai -f '. bad' s/ new/",
        "-ai -f ': nope' s/ new/",
        "-ai -f '.s sided' s/ new/",
    ]);
}

#[test]
fn s22_rules_from_standard_input() {
    let case = || with_merge_files().stdin("- *.o\nbar2\n");
    case().same("-ai --exclude-from=- s/ new/");
    with_merge_files().stdin("- *.o\n").same("-ai -f '. -' s/ new/");
}

#[test]
fn s22_per_directory_files() {
    each_merge(&[
        "-f ': .rules'",
        "-f 'dir-merge .rules'",
        "-f ':n .rules'",
        "-f ':e .rules'",
        "-f ':- .bare'",
        "-f ':-w .words'",
        "-f ':s .rules'",
        "-f ':r .rules'",
        "-f ': /.rules'",
        "-f '- b.o' -f ': .rules'",
        "-f ': .rules' -f '- b.o'",
        "-f ': .rules' -f ': .rsync-filter'",
        "-f ':en .rules'",
    ]);
    check_all(
        ["--delete-before", "--delete-after", "--delete-excluded", "--delete-delay"]
            .map(|when| with_merge_files().run(&format!("-ai {when} -f ': .rules' s/ d/"))),
    );
}

#[test]
fn s23_the_f_option() {
    each_merge(&["-F", "-FF", "-F --exclude=a", "-F -f '. rules'"]);
}

#[test]
fn filters_as_an_ordinary_user() {
    with_merge_files().as_user().same_each(["-ai -F s/ new/", "-ai -f ': .rules' --delete s/ d/"]);
}

/// Merge files above the destination count only where something is to be deleted.
#[test]
fn s23_merge_files_above_the_destination() {
    world([file("s/f", "x"), file("d/.rsync-filter", "no rule"), file("d/s/k", "x")])
        .same_each(["-ai -F s d", "-ai -FF s d/"]);
}

/// A directory is an empty list of rules, unless it was typed with a slash.
#[test]
fn s22_lists_that_are_directories() {
    world([dir("lists/dir"), file("s/f", "x")]).same_each([
        "-ai --exclude-from=lists s/ d",
        "-ai --exclude-from=lists/ s/ d",
        "-ai --include-from=lists/ s/ d",
        "-ai --filter='merge lists' s/ d",
    ]);
}

/// `-F` looks above the first directory that is entered, and there alone.
#[test]
fn s23_merge_files_above_belong_to_the_first_directory_entered() {
    let case = world([
        file("s1/.rsync-filter", "- *.o\n"),
        file("s2/.rsync-filter", "- k\n"),
        file(".rsync-filter", "- top\n"),
        file("s1/i.o", "1"),
        file("s1/k", "2"),
        file("s1/sub/h.o", "3"),
        file("s1/sub/k", "4"),
        file("s1/sub/top", "5"),
        file("s2/bus/h.o", "6"),
        file("s2/bus/k", "7"),
        file("s2/bus/deep/k", "8"),
        file("s2/bus/top", "9"),
        file("s3/z/h.o", "a"),
        file("s3/z/k", "b"),
        file("s3/h.o", "c"),
        file("s3/k", "d"),
        file("d/.rsync-filter", "- *.o\n"),
        file("d/sub/e.o", "e"),
        file("d/sub/k", "f"),
        file("d/bus/e.o", "g"),
        file("d/bus/k", "h"),
    ]);
    case.same_each(
        [
            "s1/i.o s2/bus/k",
            "s1/k s2/bus/k s3/h.o",
            "s1/ s2/",
            "s2/bus s1/sub",
            "s1/sub s2/bus",
            "s1/sub s2/bus/",
            "s2/bus/ s1/sub",
            "s1/sub/ s2/bus/",
            "s3/z s1/sub",
            "s1/sub s3/z s3/h.o s3/k",
            "s3/k s1/sub s3/h.o",
            "s3/h.o s1/sub/ s3/z/h.o",
            "--no-i-r s1/sub s3/z",
            "--no-i-r s2/bus s1/sub",
            "-R s1/./sub s3/./h.o s3/./z",
            "-R s1/sub s3/h.o",
            "-R s1/sub s2/bus",
            "-R s2/bus s1/k s1/sub/h.o s1/sub",
            "-R s1/sub/ s2/bus/k",
            "--delete s1/sub s2/bus",
            "--delete s1/sub/",
            "--delete-after s2/bus s1/sub",
            "-F s1/i.o s1/sub",
        ]
        .map(|sources| format!("-rFi {sources} d/")),
    );
}

#[test]
fn s22_merge_files_within_what_goes_protect_until_then() {
    let case = world([
        file("s/a", "x"),
        file("s/kept/a", "x"),
        file("d/kept/f", "x"),
        file("d/sub/.rules", "- extra\n"),
        file("d/sub/extra", "x"),
        file("d/sub/o", "x"),
        file("d/sub/deep/extra", "x"),
        file("d/sub/deep/o", "x"),
        file("d/sub/deep/o2", "x"),
        file("d/sub/deep/.rules", "-p gone\n- o2\n"),
        file("d/sub/deep/gone", "x"),
        file("d/top/k/o", "x"),
        file("d/way/.rules", "- stays\n"),
        file("d/way/stays", "x"),
        file("s/way", "a file where a directory is"),
    ]);
    for when in
        ["--delete", "--delete-before", "--delete-after", "--delete-delay", "-b --delete", "-n --delete"]
    {
        for rule in [": .rules", ":n .rules", ":e .rules", ": /.rules", ":s .rules", ":r .rules", ":- .rules"]
        {
            case.clone().same_each([
                format!("-ai {when} -f '{rule}' s/ d/"),
                format!("-ai {when} --max-delete=3 -f '{rule}' s/ d/"),
                format!("-ai {when} --delete-excluded -f '{rule}' s/ d/"),
            ]);
        }
    }
    case.clone().same("-aivv --delete -f ': .rules' s/ d/");
    case.clone().same("-ai --force -f ': .rules' s/ d/");
    case.as_user().same("-ai --delete -f ': .rules' s/ d/");
}

/// `-0` holds for the files that are named behind it, and for those in directories wherever it stands.
#[test]
fn from0_holds_from_its_place_on() {
    let case = world([
        file("nul", "*.o\0*.c"),
        file("lines", "*.o\n*.c\n"),
        file("s/a.o", "1"),
        file("s/b.c", "2"),
        file("s/d", "3"),
        file("s/nul", "*.o\0*.c"),
    ]);
    for list in ["nul", "lines"] {
        for rule in ["--exclude-from=", "--filter=.-_", "--include-from=", "--filter=:-_", "--filter=._"] {
            for (before, after) in [("", "-0"), ("-0", ""), ("-0", "--no-from0"), ("-0 --no-from0", "-0")] {
                case.clone().same(&format!("-ai {before} {rule}{list} {after} --exclude=d s/ new/"));
            }
        }
    }
    case.same_each([
        "-ai --exclude-from=lines -0 --exclude-from=nul s/ new/",
        "-ai -M-0 --exclude-from=nul s/ new/",
        "-ai -C -0 s/ new/",
    ]);
}

/// Where the list is made as a whole, each source is gone through with the merge files that it has itself.
#[test]
fn merge_files_of_several_sources() {
    let case = world([
        file("s1/.rules", "- one\n"),
        file("s1/one", "1"),
        file("s1/both", "1"),
        file("s1/two", "1"),
        file("s1/x/.rules", "- deep\n"),
        file("s1/x/deep", "1"),
        file("s1/x/one", "1"),
        file("s1/kind/one", "1"),
        file("s2/.rules", "- two\n- kind\n"),
        file("s2/one", "22"),
        file("s2/both", "22"),
        file("s2/two", "22"),
        file("s2/x/deep", "22"),
        file("s2/x/one", "22"),
        file("s2/x/two", "22"),
        file("s2/kind", "22"),
        file("s3/one", "333"),
        file("s3/two", "333"),
        file("s3/x/deep", "333"),
        dir("s3/one.d"),
        file("d/one", "d"),
        file("d/x/two", "d"),
        file("d/extra", "d"),
    ]);
    let options = [
        "-f ':_.rules'",
        "-f ':_.rules' --delete",
        "-f ':_.rules' --delete-after",
        "-f ':_.rules' --delete-before",
        "-f ':_.rules' --no-inc-recursive",
        "-f ':_.rules' --delay-updates",
        "-f ':_.rules' -m",
        "-f ':n_.rules' -m",
        "-f ':e_.rules' --no-i-r --delete",
        "-f ':_.rules' -f '-_two' -m",
    ];
    for options in options {
        for sources in
            ["s1/ s2/", "s2/ s1/", "s3/ s1/", "s1/ s3/", "s3/ s2/ s1/", "s1/x s2/x s3/x", "s3 s1/ s2/"]
        {
            let args = format!("-ai {options} {sources} d/");
            case.clone().run(&args).run(&args).check();
        }
    }
}

/// Merge files of the destination are not read where nothing is deleted.
#[test]
fn wrong_merge_files_of_the_destination() {
    for at in ["d", "d/e"] {
        let trees = || {
            world([
                file("s/f", "x"),
                file("s/e/g", "x"),
                file("d/e/g", "old"),
                file(format!("{at}/.rules"), "no rule at all\n"),
            ])
        };
        let options = ["", "-b", "-n", "--max-delete=3", "--ignore-existing", "--delete-missing-args"];
        for options in options {
            let args = format!("-ai -f ':_.rules' {options} s/ d/");
            trees().run(&args).run(&args).check();
        }
    }
}

/// A line is counted once, be it a newline that ends it, a carriage return, or both.
#[test]
fn s22_lines_of_other_systems() {
    let texts = [
        "- a\r\n*.o\r\n",
        "- a\r*.o\r",
        "- a\n\r*.o",
        "\r\n# c\r\n\r\n*.o",
        "- a\r\r\n*.o",
        "- a\r\n\0*.o\0",
    ];
    for text in texts {
        let case = world([file("s/f", "x"), file("rules", text), file("s/.rules", text)]).stdin(text);
        case.same_each([
            "-a -f '. rules' s/ d/",
            "-a -f '. -' s/ d/",
            "-a -f '.w rules' s/ d/",
            "-a -0 -f '. rules' s/ d/",
            "-a -f ': .rules' s/ d/",
            "-ai --exclude-from=rules s/ d/",
        ]);
    }
}

/// Where the list is made as a whole, or is not recursive, merge files on the way to a name hold for those behind it.
#[test]
fn s16_s18_merge_files_on_the_way_in_a_whole_list() {
    let names = ["g", "b/g", "b/c/g", "b/f", "f", "z"].map(|name| file(format!("s/a/{name}"), name));
    let case = world([file("s/f", "f"), file("s/g", "g"), file("s/q/g", "g"), dir("d")])
        .also(names)
        .also([file("list", "f\ng\na/g\na/f\na/b/g\na/b/f\na/b/c/g\na/b/g\n")]);
    let runs = [
        "--no-i-r -R s/./f s/./a/g s/./a/b/g s/./a/b/f",
        "--no-i-r -R s/./a/b/g s/./a/b/f s/./a/b/c/g",
        "--no-i-r -R s/./a/b s/./a/b/g s/./a/b/f",
        "--no-i-r -R s/a/b/c",
        "--no-i-r s/a/b/g s/f s/a/b",
        "--files-from=list s",
        "-r --no-i-r --files-from=list s",
        "--no-r -d -R s/./g s/./a/f s/./a/b/g",
    ];
    for at in ["s/", "s/a/", "s/a/b/"] {
        for rule in ["- g", "- /g", "- *"] {
            let rules = ["-F", "-f :_.rsync-filter"];
            let case = case.clone().also([file(format!("{at}.rsync-filter"), format!("{rule}\n"))]);
            case.same_each(rules.iter().flat_map(|rules| runs.map(|run| format!("-ai {rules} {run} d/"))));
        }
        let case = case.clone().also([file(format!("{at}.cvsignore"), "g\n")]);
        case.same_each(runs.map(|run| format!("-aiC {run} d/")));
    }
}

/// With incremental recursion, merge files above the first directory on the way to a name hold for it (`-F`).
#[test]
fn s16_merge_files_above_the_way_to_an_operand() {
    let case = world([file("s/a/b/g", "g"), file("s/a/b/c/g", "g"), file("s/a/g", "g"), dir("d")]);
    let operands = [
        "s/a/b/g",
        "s/./a/b/g",
        "s/a/./b/g",
        "s/a/b/./g",
        "s/./a/b/c",
        "s/./a/g s/./a/b/g",
        "s/./a/b/c/g s/./a/g",
    ];
    for at in ["", "s/", "s/a/", "s/a/b/"] {
        for rule in ["- g", "- /g", "- c"] {
            let case = case.clone().also([file(format!("{at}.rsync-filter"), format!("{rule}\n"))]);
            case.same_each(operands.map(|operands| format!("-aiFR {operands} d/")));
        }
    }
    let wrong = case.also([file(".rsync-filter", "bogus\n")]);
    wrong.same_each(operands.map(|operands| format!("-aiFR {operands} d/")));
}
