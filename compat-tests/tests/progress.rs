//! rsync(1), `--progress` and `--info=progress2` (point 79).

use compat_tests::*;

/// What could not make way is behind us, and a run that the receiving side refuses has its list.
#[test]
fn s79_what_stays_in_the_way_counts() {
    let case = world([
        file("s/a", "x"),
        file("s/p/g", "x"),
        file("s/p/q/f", "x"),
        file("d/a/x", "x"),
        file("alt/a", "x"),
        file("f", "x"),
        dir("s/empty"),
    ]);
    case.same_each([
        "-aP s/ d/",
        "-aP --link-dest=../alt s/ d/",
        "-aP --copy-dest=../alt s/ d/",
        "-aP --no-i-r s/ d/",
        "-rP --delete-after s/empty f",
        "-rP --delete-after s/ f",
        "-rP --delete-after s/ no/such/dir",
    ]);
}

/// The line that a list begins with ends where its entries begin, where an error does, or where there are none.
#[test]
fn s79_the_first_line_of_what_is_counted() {
    let case = world([file("s/a/f", "x"), symlink("s/l", "nowhere"), dir("d"), file("f", "x")]);
    case.same_each([
        "-rP --no-i-r nope d/",
        "-rP --no-i-r nope f",
        "-rP --no-i-r nope no/such/",
        "-rP --no-i-r nope s d",
        "-rP --no-i-r --exclude=s s d",
        "-rP --no-i-r --exclude=s s no/such/",
        "-rPL --no-i-r s d",
        "-rvvP --no-i-r s d",
        "-rP --no-i-r s f",
    ]);
}

/// A line with a checksum comes late, as one with what was sent does, and `--progress` names the file before.
#[test]
fn s79_lines_that_come_late() {
    let case = world([file("s/n", "x"), file("s/p/m", "y")]);
    for format in ["%C %n", "%C", "%b %n", "%c %n", "%n"] {
        case.clone().same_each([
            format!("-aP '--out-format={format}' s/ d"),
            format!("-a '--out-format={format}' s/ d"),
            format!("-avP '--out-format={format}' s/ d/"),
        ]);
    }
}

/// What goes into a batch alone has progress like any other data.
#[test]
fn progress_of_a_batch_alone() {
    let case = world([file("s/f", "f"), file("s/sub/g", "g".repeat(5000)), file("s/empty", ""), dir("d")]);
    let options = ["-aP", "-aiP", "-avP", "-aHP", "-anP", "-aP --info=name0"];
    case.same_each(options.map(|options| format!("{options} --only-write-batch=../batch s/ d/")));
}

/// A file that cannot be read has its number all the same, and whatever fails counts as looked at.
#[test]
fn s79_what_fails_has_its_place_in_progress() {
    let case =
        world([file("s/a", "a"), file("s/b", "b").mode(0o200), file("s/x/c", "c"), file("s/x/y/e", "e")])
            .also([symlink("s/x/l", "q"), file("s/x/y/f", "f").mode(0), fifo("s/p"), dir("d/x").owner(0, 0)])
            .as_user();
    case.same_each(["-rP s/ d/", "-aP s/ d/", "-aPv --delete s d", "-aP --inplace s/ d"]);
}

/// What lies in a directory that is not made has its numbers in the list.
#[test]
fn s79_numbers_behind_directories_that_are_not_made() {
    let case = world([
        file("s/lib/x", "x"),
        file("s/lib/a/y", "y"),
        dir("s/lib/a/b/c"),
        symlink("s/lib/b/l", "nowhere"),
        dir("s/lib2"),
        file("s/mail/f", "f"),
        file("s/mail/g", "g"),
        file("s/zzz", "z"),
        file("d/mail/f", "ff"),
        file("d/mail/g", "gg"),
        file("d/zzz", "zz"),
    ]);
    let options = [
        "-rP",
        "-aHP",
        "-rP --delete",
        "-rvvP",
        "-r --info=progress2 --no-i-r",
        "-rP --delete-after",
        "-rni --stats",
    ];
    case.same_each(options.map(|options| format!("{options} --existing s/ d/")));
}

/// Links that are followed to nothing, or hidden, have no numbers in the list, though something was said of them.
#[test]
fn s79_numbers_behind_links_that_lead_out_and_nowhere() {
    let case = world([
        symlink("s/b", "../gone"),
        symlink("s/c", "../out"),
        file("out", "o"),
        symlink("s/sub/d", "../../gone"),
        file("s/f", "f"),
        file("s/sub/g", "g"),
        file("s/h", "h"),
    ]);
    let options = ["-rlvP", "-rvP", "-rlP --info=symsafe", "-rlvP --exclude=c", "-rlvvP", "-rlvPk", "-rlvPL"];
    case.same_each(options.map(|options| format!("{options} --copy-unsafe-links s/ d/")));
}

/// What is pruned has its numbers, with all that is below it.
#[test]
fn numbers_beside_pruned_directories() {
    let case = world([
        dir("s/aa"),
        dir("s/lib/a/deep"),
        dir("s/lib/b"),
        dir("s/lib-x/c"),
        file("s/mail/f", "x"),
        file("s/t", "y"),
        dir("s/z/y/x/w"),
        file("s/z/y/g", "u"),
    ]);
    for options in
        ["-rPm", "-aPm", "-aPmv", "-rPm --no-i-r", "-aHPm", "-rPm -f -_g", "-rPmn", "-am --info=progress2"]
    {
        case.clone()
            .same_each(["s/ d/", "s d/", "s/lib s/mail s/z d/"].map(|names| format!("{options} {names}")));
    }
}
