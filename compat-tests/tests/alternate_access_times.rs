//! rsync(1), `--atimes` beside `--link-dest`, `--copy-dest` and `--compare-dest`: who last read an alternate file does
//! not make it another one.

use compat_tests::*;

/// The same files in `alt`, read at another time.
fn read_since() -> Case {
    world([file("s/f", "x"), file("s/sub/g", "y"), file("d/sub/g", "y"), file("d/f", "other").mtime(7)])
        .run("-a --open-noatime s/ alt/")
}

#[test]
fn files_are_linked_and_take_the_access_time() {
    for options in ["-aUi", "-aUii", "-aUni", "-rtUi", "-aUvv", "-aUiH"] {
        read_since().access_times().same_each([
            format!("{options} --link-dest=../alt s/ d/"),
            format!("{options} --link-dest=../alt s/ new/"),
        ]);
    }
}

#[test]
fn files_are_copied_or_left_out() {
    for options in ["-aUi", "-aUii", "-aUni", "-rtUi"] {
        read_since().same_each(
            ["--copy-dest", "--compare-dest"].map(|option| format!("{options} {option}=../alt s/ new/")),
        );
        read_since().same(&format!("{options} --compare-dest=../alt s/ d/"));
    }
}

#[test]
fn other_kinds_keep_that_of_the_alternate() {
    let case = world([fifo("s/p"), symlink("s/l", "p")]).run("-a s/ alt/");
    case.same_each([
        "-aUi --link-dest=../alt s/ d/",
        "-aUii --link-dest=../alt s/ d/",
        "-aUi --copy-dest=../alt s/ d/",
        "-aUi --compare-dest=../alt s/ d/",
    ]);
}
