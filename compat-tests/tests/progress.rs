//! rsync(1), `--progress` and `--info=progress2` (semantics 79).

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
