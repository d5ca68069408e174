//! What cases found that are drawn like the command lines of backup scripts, each as small as it came out.

use compat_tests::*;

const OLD: i64 = 1_400_000_000;

/// That a file of an alternate destination cannot be linked is told with the names (`--info=name`).
#[test]
fn s61_what_cannot_be_linked_is_told_with_the_names() {
    let case = world([file("s/f", "f").mtime(OLD), file("alt/f", "f").mtime(OLD).owner(0, 0)]).as_user();
    let options = [
        "",
        "-v",
        "-i",
        "-q",
        "--progress",
        "--info=name",
        "--info=copy",
        "--info=none -v",
        "-v --info=name0",
        "--stats",
    ];
    case.same_each(options.map(|options| format!("-rt {options} --link-dest=../alt s/ d/")));
}

/// A dry run finds a name up to date that is linked to the one which leads, and tells what is to change besides.
#[test]
fn s62_names_that_are_linked_already_to_what_is_to_change() {
    let case = world([
        file("s/a", "one").mtime(OLD),
        hard("s/b", "s/a"),
        hard("s/c", "s/a"),
        file("d/a", "other").mtime(OLD).mode(0o600),
        hard("d/b", "d/a"),
        file("d/c", "third").mtime(OLD),
    ]);
    let options = ["-aHvvn", "-aHvvin", "-aHvn", "-aHn --info=name2", "-aHvvn --out-format=%i%n", "-rHvvn"];
    case.same_each(options.map(|options| format!("{options} s/ d/")));
}
