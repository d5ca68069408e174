//! What is said where, and in which words, role of the speaker included (points 26, 80, 82 and 83).

use compat_tests::alone::{Alone, Ran};
use compat_tests::program::{Mode, Programs};
use compat_tests::*;

fn troubled() -> Tree {
    tree([
        file("s/f", "x"),
        file("s/closed", "c").mode(0),
        file("s/dir/g", "y"),
        dir("s/dark").mode(0),
        symlink("s/dangling", "nowhere"),
        fifo("s/fifo"),
        file("d/dir", "a file"),
        file("d/f/in/the/way", "z"),
        file("d/gone/keep", "k"),
        dir("locked").mode(0o555),
        file("afile", "a"),
    ])
}

fn words(ran: &Ran) -> Vec<String> {
    let text = String::from_utf8_lossy(&ran.outcome.stderr).into_owned();
    // Where in rsync's source an error came up is rsync's own.
    let temporary = regex::Regex::new(r#"\.[A-Za-z0-9]{6}""#).expect("a valid pattern");
    let cut = |line: &str| {
        temporary.replace(line.split(" at ").next().unwrap_or_default(), ".XXXXXX\"").into_owned()
    };
    let mut lines: Vec<String> =
        text.lines().map(cut).filter(|line| !line.contains("connection unexpectedly")).collect();
    lines.sort();
    lines
}

/// The lines on standard error byte for byte, with the role in brackets.
#[test]
fn s82_s83_errors_name_the_one_who_speaks() {
    for command in [
        "-a s/nope d/",
        "-a s/ n/",
        "-a s/f locked/",
        "-a s/f afile/",
        "-a s/f s/dir afile",
        "-aL s/dangling n/",
        "-a s/f x/y/",
        "-a s/f x/y/z",
        "-a --delete-before s/ d/",
        "-a --files-from=nope s n",
        "-a --exclude-from=nope s n",
        "-a -f 'bogus rule' s n",
        "-a --bogus s n",
        "-a --delete --max-delete=0 s/dir/ d/",
    ] {
        let said = |alone: &Alone, ran: Ran| -> (i32, Vec<String>) {
            let place = alone.dir().to_string_lossy().into_owned();
            (ran.outcome.code, words(&ran).iter().map(|line| line.replace(&place, "$TWIN")).collect())
        };
        let rsync = {
            let alone = Alone::new(&troubled(), Some(65_534));
            let ran = alone.rsync("", command);
            said(&alone, ran)
        };
        for mode in Mode::of_this_run() {
            let alone = Alone::new(&troubled(), Some(65_534));
            let ran = alone.ours(mode, "", command);
            assert_eq!(said(&alone, ran), rsync, "{command} {mode:?}");
        }
    }
    assert!(Programs::of_this_run().reference.is_absolute());
}

/// Nothing is where a removed directory's `..` or `.` seems to be, least of all the root.
#[test]
fn a_current_directory_that_was_removed_ends_the_run() {
    let world = || {
        let script = "#!/bin/sh\nmkdir gone && cd gone && rmdir ../gone && exec \"$@\"\n";
        Alone::new(&tree([file("s/f", "x"), file("removed.sh", script).mode(0o755)]), None)
    };
    for command in
        ["-av s/ d/", "-av /dev/null /nonexistent/d", "-a --list-only /dev/null", "-an --stats s d"]
    {
        let told = |ran: Ran| (ran.outcome.code, ran.outcome.stdout.clone(), words(&ran));
        let wanted = told(world().rsync("./removed.sh", command));
        assert_eq!(wanted.0, 3, "{command}: {wanted:?}");
        for mode in Mode::of_this_run() {
            let ours = world();
            assert_eq!(told(ours.ours(mode, "./removed.sh", command)), wanted, "{command} {mode:?}");
            assert!(!ours.dir().join("d").exists());
        }
    }
}

#[test]
fn s26_rules_that_hide_and_protect_are_told() {
    let case = || {
        world([
            file("s/a.o", "1"),
            file("s/b.c", "2"),
            file("s/sub/c.o", "3"),
            dir("s/hidden"),
            file("d/x.o", "4"),
            file("d/sub/y.o", "5"),
            dir("d/old.o"),
        ])
    };
    for options in ["-avv", "-avv --delete", "-avvi --delete", "-a --debug=filter"] {
        case().any_order().same_each([
            format!("{options} --exclude=*.o s/ d/"),
            format!("{options} --exclude=hidden/ --include=*.c s/ d/"),
        ]);
    }
}

#[test]
fn s80_listings() {
    let case = || {
        world([
            file("s/f", "12345").mode(0o4755),
            file("s/big", random(1, 1_234_567)),
            symlink("s/link", "f"),
            fifo("s/fifo"),
            char_dev("s/null", 1, 3),
            socket("s/socket"),
            dir("s/sticky").mode(0o1777),
            file("s/sub/deep", "x"),
            file(b"s/new\nline", "x"),
            file("s/old", "x").mtime(-5),
        ])
    };
    case().same_each([
        "s",
        "s/",
        "s/f",
        "-r s",
        "-a s/",
        "-l s/",
        "--list-only s/",
        "-a --list-only s/ d/",
        "-rh s/",
        "-r --no-h s/",
        "-rhh --list-only s/",
        "-a --exclude=sub s/",
        "s/f s/sub --list-only",
        "-aR --list-only s/sub/deep",
        "-a8 s/",
        "-av s/",
        "-a --stats s/f",
        "nope",
        "-rn s/",
    ]);
    case().umask(0o077).same_each(["s/", "-rlt --list-only s/ d", "-a s"]);
}

/// The receiving side writes its own errors, in the C locale.
#[test]
fn names_in_errors_of_the_receiving_side() {
    let case =
        world([file("s/ö", "1"), file("d/ö/q", "2"), file("s/ü", "123456"), file("d/ü", "111").mtime(9)]);
    case.env("LC_ALL", "C.UTF-8").same_each([
        "-a s/ d",
        "-a8 s/ d",
        "-a --stderr=client s/ d",
        "-a --no-msgs2stderr s/ d",
        "-av --append-verify s/ü d",
        "-a s/ nö/x/",
        "-a s/nö d",
        "-a -T nö s/ d",
    ]);
}

#[test]
fn directories_are_entered_as_they_were_typed() {
    let case = world([file("s/a/f", "x"), file("s/g", "y"), symlink("s/l", "a"), dir("d")]);
    case.clone().same_each(
        [
            "s/nope/../g",
            "s/g/..",
            "s/l/../nope/",
            "s/nope/..",
            "s/./nope/x",
            "s/nope/./x",
            "s//nope//x",
            "./s/nope/x",
            "$TWIN/s/../nope/x",
            "s/nope/x/.. s/a/f/..",
        ]
        .map(|source| format!("-av {source} d/")),
    );
    case.same("-avR s/nope/./x/y d/");
}

/// Only the receiving side notices, once it was told that a list comes.
#[test]
fn maps_without_a_colon_are_noticed_late() {
    let case = world([file("s/g", "y")]);
    case.same_each(["-av --usermap=bad s/g d", "-av --groupmap=bad s/ d", "-a --usermap=bad s/g d"]);
}

#[test]
fn a_destination_for_nothing_is_made_and_told() {
    let case = world([file("s/g", "y")]);
    case.same_each([
        "-v --exclude=g s/g d/",
        "-v --ignore-missing-args s/nope d/",
        "-vR --ignore-missing-args s/nope d/",
        "-v --delete-missing-args s/nope d/",
        "-av -T . s/nope d",
        "-an -T . s/nope d",
        "-an -T . s/g d/",
        "-an -T nope s/g d/",
        "-a -T nope s/nope d",
    ]);
}

/// rsync begins a line before it makes a list that it makes as a whole; the first error ends that line.
#[test]
fn errors_of_the_list_end_the_line_that_it_began() {
    let case = world([
        dir("s/no").mode(0),
        file("s/no/f", "x"),
        symlink("s/ln", "nowhere"),
        file("s/g", "y"),
        file("list", "nope\ng\nln\n"),
    ]);
    let options =
        ["-rv --no-i-r", "-rLvv --no-i-r", "-rv --delete-before", "-r --no-i-r", "-rv", "-rvq --no-i-r"];
    let command = |options| format!("{options} s/nope s/ d");
    case.clone().as_user().same_each(options.map(command));
    case.same_each(["-v --files-from=list s d", "-vL --files-from=list s d"]);
}

/// Where both kinds of output go to one file, operands that are not there are told within the line that the list begins.
#[test]
fn what_cannot_be_listed_is_told_before_the_list_is_done() {
    let tree = tree([file("s/f", "x"), dir("d")]);
    let through = "sh -c 'exec \"$@\" 2>&1' sh";
    let told = |alone: &Alone, ran: Ran| {
        let text =
            String::from_utf8_lossy(&ran.outcome.stdout).replace(&*alone.dir().to_string_lossy(), "$TWIN");
        let lines = text.lines().filter(|line| !line.contains("code 23") && !line.starts_with("sent "));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    for options in ["-rv --no-i-r", "-rvm", "-r --info=flist2 --no-i-r", "-rq --info=flist2 --no-i-r"] {
        for operands in ["s/nope s/ d/", "s/nope d/", "s/nope s/f s/nor d/"] {
            let args = format!("{options} {operands}");
            let (rsync, ours) = (Alone::new(&tree, None), Alone::new(&tree, None));
            let expected = told(&rsync, rsync.rsync(through, &args));
            assert_eq!(told(&ours, ours.ours(Mode::of_this_run()[0], through, &args)), expected, "{args}");
        }
    }
}

#[test]
fn dots_in_a_relative_name_are_told_with_the_name_that_it_has() {
    let case = world([file("s/a/g", "y")]);
    let to = ["s//a/../a", "x/./s/a/../a/", "./s/a/..", "s/a//..//a/.", "a/./../b", "../s"];
    case.same_each(to.map(|operand| format!("-aR {operand} d/")));
}

/// A listing looks at no destination that could lack the top.
#[test]
fn s80_listings_of_what_exists() {
    let case = world([file("s/a", "x"), dir("s/sub")]);
    case.same_each([
        "--existing s/",
        "-r --existing s/",
        "-r --existing --ignore-existing s",
        "-rv --existing s/ new",
    ]);
}
