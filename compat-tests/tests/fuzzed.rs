//! What a fuzzer of its own, with other trees and weights than the random search, found.

use compat_tests::*;

/// One slash, or one dot behind it, says that the contents of an operand are meant; more of them are told.
#[test]
fn s1_what_ends_in_slashes_is_told_as_typed() {
    let operands = ["s/b/./", "s/b/.", "s/b/", "s//b/./", "s/b//.", "s/b/.//", "s/./b/./c/.", "s/b/c//"];
    world([dir("s"), dir("d")]).same_each(operands.map(|operand| format!("-r {operand} d")));
}

#[test]
fn s31_a_destination_that_would_be_new_is_not_made() {
    let case = world([dir("s"), dir("s2")]);
    case.same_each(
        [
            "-rt s/ d",
            "-rtv s/ d",
            "-rvv s/ d",
            "-rt s/ d/",
            "-rt s d",
            "-rt s/ s2/ d",
            "-rR s/ d",
            "-rn s/ d",
        ]
        .map(|words| format!("--existing {words}")),
    );
}

#[test]
fn s31_a_file_in_a_directorys_way_cannot_be_cleaned() {
    let shapes: [&[&str]; 4] = [&["x/"], &["x/f"], &["x/y/"], &["x/", "b", "z/f"]];
    for shape in shapes {
        let source = shape.iter().map(|path| match path.strip_suffix('/') {
            Some(path) => dir(format!("s/{path}")),
            None => file(format!("s/{path}"), "x"),
        });
        let case = world(source).also([file("d/x", "y")]);
        let deletions = ["--delete", "--delete-delay", "--delete --no-i-r", "--delete-before", "--delete -n"];
        case.clone().same_each(deletions.map(|word| format!("-aH --ignore-existing {word} s/ d/")));
        case.same_each(deletions.map(|word| format!("-r --ignore-existing {word} s/ d/")));
    }
}

/// A directory that may be listed but not searched: each of its names is looked at where a list says what to copy.
#[test]
fn s45_directories_that_cannot_be_searched_in_a_list() {
    let case =
        world([file("s/a/c/f", "x"), dir("s/a/c/g"), symlink("s/a/c/l", "f"), dir("s/a/c").mode(0o400)])
            .also([
                dir("s/a/e").mode(0o400),
                file("list", "a\n"),
                file("slash", "a/c/\n"),
                file("dot", ".\n"),
            ])
            .also([dir("d")])
            .as_user();
    case.same_each([
        "-r --files-from=list s/ d/",
        "-r --files-from=slash s/ d/",
        "-r --files-from=dot s/ d/",
        "--files-from=slash s/ d/",
        "-rL --files-from=list s/ d/",
        "-rR s/a d/",
    ]);
}

/// What cannot be listed is told as often as it is read.
#[test]
fn s6_what_several_operands_list_is_told_for_each() {
    let case = world([symlink("s/t", "nope"), symlink("s/a/l", "nope"), symlink("s/a/b/m", "nope")]);
    let lost = ["s/ s/", "--no-i-r s/ s/", "s s/", "s s", "--no-i-r s s", "s/a s/a", "s/ s/a/", "s/t s/t"];
    case.clone().same_each(lost.map(|operands| format!("-rL {operands} d/")));
    case.same_each(["-rL --delete-before s/ s/ d/", "-rL --delete-after s/ s/ d/", "-rL --delete s/ s/ d/"]);
    let case = world([dir("s/a/k").mode(0o400), dir("d")]).as_user();
    let closed = ["s/ s/", "--no-i-r s/ s/", "s/a s/a/", "s/a s/a/k", "--no-i-r s s", "--delete-after s/ s/"];
    case.same_each(closed.map(|operands| format!("-r {operands} d/")));
}

/// Modes that keep an ordinary user out of a directory in one way or another.
const CLOSED: [u32; 7] = [0o400, 0o600, 0o300, 0o200, 0o500, 0o100, 0];

/// Deletions that come before the transfer find directories as they are: what cannot be looked at stays.
#[test]
fn s46_closed_directories_are_not_opened_up_before_the_transfer() {
    check_all(CLOSED.iter().flat_map(|&mode| {
        let case = world([dir("s/n/k"), dir("d/n/sub"), file("d/n/f", "x"), file("d/a/f", "x"), dir("s/a")])
            .also([dir("d/n").mode(mode)])
            .as_user();
        ["-r", "-a", "-rn", "-r --ignore-errors", "-rH"]
            .map(|words| case.clone().run(&format!("{words} --delete-before s/ d/")))
    }));
}

/// A directory that is opened up for the work and closed again lets the one below it in first.
#[test]
fn s44_a_directory_below_one_that_gets_closed() {
    check_all(CLOSED.iter().flat_map(|&mode| {
        let case = world([file("s/n/k/f", "f"), file("s/n/g", "g"), dir("d/n").mode(mode)]).as_user();
        ["-r", "-rl", "-rH", "-r --delete", "-rn"].map(|words| case.clone().run(&format!("{words} s/ d/")))
    }));
}

#[test]
fn s2_what_cannot_be_searched_is_a_single_entry() {
    let case = world([file("s/a/f", "x"), symlink("s/a/l", "f"), dir("s/a").mode(0o600)]).as_user();
    case.same_each(["-r s/a d/new", "-rlt s/a new", "-r s/a/ new", "-rv s/a new"]);
}

/// A directory that a file, link or FIFO replaces is looked into first.
#[test]
fn s52_what_cannot_be_looked_at_in_a_directory_in_the_way() {
    check_all(CLOSED.iter().flat_map(|&mode| {
        let case = world([
            file("s/x", "x"),
            symlink("s/y", "x"),
            fifo("s/z"),
            file("s/e", "x"),
            symlink("s/f", "x"),
        ])
        .also(["x", "y", "z"].map(|name| file(format!("d/{name}/g"), "g")))
        .also(["x", "y", "z", "e", "f"].map(|name| dir(format!("d/{name}")).mode(mode)))
        .as_user();
        ["-a", "-an", "-a --force", "-a --delete"].map(|words| case.clone().run(&format!("{words} s/ d/")))
    }));
}

/// A dry run tells of the backups of what would make way, of that of a directory once more when its contents come.
#[test]
fn s76_backups_of_what_would_make_way() {
    let case = world([dir("s/x"), dir("s/y/q"), symlink("s/h", "1"), fifo("s/i"), symlink("s/j", "1")])
        .also([file("s/g", "1"), file("s/k", "1"), fifo("d/x"), file("d/y", "y"), file("d/h", "h")])
        .also([
            file("d/i", "i"),
            symlink("d/j", "2"),
            symlink("d/g", "1"),
            file("d/k", "22"),
            symlink("d/z", "1"),
        ])
        .also([dir("s/z")]);
    let words =
        ["", " --delete", " --no-i-r", " --backup-dir=../bak", " --backup-dir=../bak --no-i-r", " -H"];
    case.clone().same_each(words.map(|words| format!("-avvnb{words} s/ d/")));
    case.same_each(words.map(|words| format!("-avvb{words} s/ d/")));
}

/// A directory that cannot be made below what stays in its way counts as made.
#[test]
fn s77_directories_below_what_stays_in_their_way() {
    let case = world([dir("s/x/q"), file("s/y/f", "f"), file("s/z/y/f", "f"), fifo("d/x"), file("d/y", "y")])
        .also([symlink("d/z", "nowhere")]);
    let words = ["-r", "-a", "-aH", "-an", "-a --delete", "-rX"];
    case.same_each(words.map(|words| format!("{words} --stats --ignore-existing s/ d/")));
}

/// A `./` in front of a name puts the top on the list, an operand that means its contents does so again.
#[test]
fn s77_the_top_is_on_the_list_twice() {
    let list = |text: &str| file("list", text);
    for text in ["./c\n.\n", ".\n./c\n", "./a\n.\n", "./a\n./b\n", "./\n./a\n", "./a\n./b\n.\n"] {
        let case = world([file("s/a/f", "x"), dir("s/b"), dir("d"), list(text)]);
        case.same_each(
            ["--stats", "-r --stats", "-rvv", "-r -n --stats"]
                .map(|words| format!("{words} --files-from=list s/ d/")),
        );
    }
    let case = world([file("s/a/f", "x"), dir("s/b"), dir("d")]);
    case.same_each([
        "-rR --stats s/././a s/./ d",
        "-rR --stats s/./a s/./ d",
        "-R s//x/./ d",
        "-R s//x//./y d",
    ]);
}

/// In a list, with a slash behind it, a link in circles is missing; as an operand it is a link.
#[test]
fn s45_links_in_circles_in_a_list() {
    for name in ["l/", "l", "x/l/", "l/.", "nowhere/", "good/"] {
        let case =
            world([symlink("s/l", "l"), symlink("s/x/l", "l"), symlink("s/nowhere", "nope"), dir("s/y")])
                .also([symlink("s/good", "y"), dir("d"), file("list", format!("{name}\n"))]);
        case.clone().same_each(["-l", "-rl", "-r"].map(|words| format!("{words} --files-from=list s/ d/")));
        case.same_each([format!("-rlR s/./{name} d/"), format!("-lR s/{name} d/")]);
    }
}

/// A name that joins a group is compared with whatever it replaces.
#[test]
fn s62_names_of_a_group_that_replace_something_else() {
    let there = [symlink("d/b", "b"), symlink("d/b", "nowhere"), fifo("d/b"), dir("d/b"), file("d/b", "b")];
    for there in there {
        for leader in ["a\n", "other", "x"] {
            let case = world([file("s/a", "a\n").mtime(9), hard("s/b", "s/a"), file("d/a", leader).mtime(9)]);
            let case = case.also([there.clone(), dir("s/z"), hard("s/z/b", "s/a"), fifo("d/z/b")]);
            case.same_each(
                ["-aHi", "-rHi", "-aHi --delete", "-rH --stats"].map(|words| format!("{words} s/ d/")),
            );
        }
    }
}

/// Extended attributes of a directory that cannot be made are set all the same.
#[test]
fn s68_attributes_of_a_directory_below_what_stays_in_its_way() {
    let case = world([dir("s/x/y").xattr("user.t", "1"), dir("s/x/z"), file("d/x", "x"), file("s/x/f", "f")]);
    case.same_each(["-aX", "-aXn", "-rX", "-a"].map(|words| format!("{words} --ignore-existing s/ d/")));
}

/// Directories of the backup tree look like those that are there when the backup is made.
#[test]
fn s76_backups_before_the_transfer() {
    let case = world([dir("s/a").mode(0o700), dir("s/b"), file("d/a/l/e", "e"), file("d/b/f", "f")]).also([
        dir("d/a").mode(0o750),
        dir("d/b").mode(0o711),
        dir("d/a/l").mode(0o701),
    ]);
    let when = ["--delete", "--delete-before", "--delete-after", "--delete-delay"];
    case.same_each(when.map(|when| format!("-ab --backup-dir=../bak {when} s/ d/")));
}

/// A file that is dropped for a directory of its name stands among the files of the list.
#[test]
fn s6_dropped_files_have_their_own_place() {
    let case = world([dir("s/b"), file("s2/b", "b"), file("s/a", "a"), file("s/c", "c"), dir("s2/c")])
        .also([
            dir("s/z/y"),
            file("s2/z/y", "y"),
            file("s/z/a", "a"),
            file("s2/z/e", "e"),
            file("s/q/q", "q"),
        ])
        .also([symlink("s2/q", "q"), file("s2/d", "d"), file("s2/k/q", "q"), dir("d")]);
    for words in ["-rlvv", "-rlvv --no-i-r", "-rlP", "-rlP --no-i-r", "-lvv --no-r -d", "-rlvvn", "-rlvvm"] {
        case.clone().same_each(["s/ s2/", "s2/ s/", "s s2"].map(|sources| format!("{words} {sources} d/")));
        case.clone().same(&format!("{words} --exclude=a s/ s2/ d/"));
    }
}

/// Alternate destinations are looked for before a single directory becomes the destination, from where that will lie.
#[test]
fn s59_alternate_destinations_of_what_becomes_the_destination() {
    let case = world([file("s/a/f", "x"), dir("s/e"), file("s/f", "f"), dir("d")]);
    let beside = case.clone().also([dir("alt/e"), file("alt/a/f", "x"), dir("d/alt/a"), dir("alt/new")]);
    for operands in
        ["s/ d/new", "s/a/ d/new", "s/e/ d/new", "s/e d/new", "s/e/ new", "s/e new", "s/e/ d/new/"]
    {
        let forms = ["../alt", "alt", "../../alt"].map(|alt| format!("-ai --link-dest={alt} {operands}"));
        case.clone().same_each(forms.clone());
        beside.clone().same_each(forms.clone());
        case.clone().same_each(forms.map(|form| format!("-n {form}")));
    }
    case.same_each([
        "-ai --link-dest=../alt s/",
        "-an --link-dest=../alt s/",
        "-a --list-only --link-dest=../alt s/ d/new",
    ]);
}

/// The first error of a list ends the line that it began, also that of an operand that cannot be entered.
#[test]
fn s75_operands_that_cannot_be_entered_end_the_first_line() {
    let case = world([dir("s/e"), dir("s2"), dir("d")]);
    let operands = ["s/a/ d/", "s/a/ s/e d/", "s/e s/a/ d/", "s/a/ s2/b d/", "s/a/ d"];
    for words in ["-P --no-i-r -r", "-v --no-i-r -r", "-P -r", "-P --no-r -d", "-P -r --delete-after"] {
        case.clone().same_each(operands.map(|operands| format!("{words} {operands}")));
    }
}

/// Who follows links looks at each name in a directory that may be listed but not searched: what fails takes nobody's
/// place, and what rules hide does not count.
#[test]
fn s6_what_cannot_be_looked_at_takes_nobodys_place() {
    let case = world([file("s/x/f", "1"), file("s2/x/f", "2"), dir("s/x/sub"), dir("s2/x/d"), dir("d/x/e")])
        .also([symlink("s/x/l", "f"), symlink("s2/x/l", "f"), dir("s/x/d"), dir("d/z")])
        .also([dir("s/x").mode(0o400)])
        .as_user();
    let words = ["-rl -k", "-aL", "-ak --delete", "-aL --delete", "-aL --delete-before", "-aL --exclude=sub"];
    for operands in ["s/ s2/ d/", "s2/ s/ d/", "s/ d/"] {
        case.clone().same_each(words.map(|words| format!("{words} {operands}")));
        case.clone().same_each([
            format!("-aL --delete --exclude=* {operands}"),
            format!("-aL --delete --exclude=sub/ {operands}"),
        ]);
    }
    let hidden = world([dir("s/c/sub"), dir("d/gone"), dir("s/c").mode(0o400)]).as_user();
    hidden.same_each([
        "-aL --delete --exclude=sub/ s/ d/",
        "-aL --delete s/ d/",
        "-rk --delete --exclude=s* s/ d/",
    ]);
}

/// Names are taken apart as the list is made, whose first line has been said by then.
#[test]
fn s7_a_name_that_climbs_is_met_in_the_list() {
    let case = world([dir("s/a"), dir("s/b"), dir("d")]);
    let words = ["-rtR", "-rtRv", "-rRv --no-i-r", "-rRvv --no-i-r", "-Rv", "-rRvn", "-rRP"];
    case.same_each(words.map(|words| format!("{words} s/a/../b d/")));
}
