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
