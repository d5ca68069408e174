//! rsync(1), "EXIT VALUES" (point 86); the interrupted runs are tested with our program alone.

use compat_tests::*;

fn small() -> Case {
    world([file("s/f", "x"), file("s/g", "y"), file("d/h", "z"), file("plain", "p")])
}

#[test]
fn s86_syntax_1() {
    small().same_each([
        "--nonsense s/ d/",
        "-a --delete --no-recursive s/ d/",
        "-aR s/../s/f d/",
        "-a -f 'bad rule' s/ d/",
    ]);
}

#[test]
fn s86_file_selection_3() {
    small().same_each([
        "-a s/f s/g plain",
        "-a s/f no/such/d",
        "-a s/ plain",
        "-a s plain/",
        "-a s/f plain/",
    ]);
}

#[test]
fn s86_file_io_11() {
    small().same_each([
        "-a s/ no/such/d",
        "-a s/f no/such/d/",
        "-a --exclude-from=nope s/ d/",
        "-a -f '. nope' s/ d/",
    ]);
}

#[test]
fn s86_partial_23() {
    small().same_each([
        "-a nope d/",
        "-a nope s/f d/",
        "-a s/f nope new",
        "-a plain/ d/",
        "-a nope1 nope2 d/",
        "-ai nope/ d/",
        "-aR nope/x s/f d/",
        "-a s/nope/deeper d/",
        "-av nope d/",
        "-an nope d/",
        "-aq nope d/",
        "-a --stats nope d/",
    ]);
}

#[test]
fn s49_s50_s86_max_delete_25_and_its_precedence() {
    small().same_each(["-a --delete --max-delete=0 s/ d/", "-a --delete --max-delete=0 s/ nope d/"]);
    let unread = small().also([file("s/closed", "x").mode(0)]).as_user();
    unread.same_each(
        ["during", "delay", "before", "after"].map(|when| format!("-a --delete-{when} --max-delete=0 s/ d/")),
    );
}

#[test]
fn s86_success_0() {
    small().same_each([
        "s/f d/",
        "s d/",
        "-v s/ d/",
        "-a s/ s/ d/",
        "-n nothing-here d/",
        "-r s/ d/",
        "-a s/ .",
    ]);
}

/// Before protocol 31 the sending side does not learn why the other one is gone.
#[test]
fn old_protocols_do_not_carry_exit_values() {
    let case = world([file("s/f", "f"), file("s/g", "g"), file("file", "x"), dir("d")]);
    for protocol in [29, 30, 31] {
        case.clone().same_each([
            format!("-a --protocol={protocol} s/ new/deep/"),
            format!("-a --protocol={protocol} s/ file"),
            format!("-a --protocol={protocol} s/ file/"),
            format!("-a --protocol={protocol} --stderr=client s/ file/"),
            format!("-a --protocol={protocol} -T nope s/ d"),
        ]);
    }
}

/// rsync(1), `--ignore-errors`: what the first list lacks does not outweigh refused deletions, what later ones lack does.
#[test]
fn s52_s86_max_delete_25_beside_incomplete_lists() {
    let extra = ["a", "b", "x/c", "x/e"].map(|name| file(format!("d/{name}"), "extra"));
    let case = world([file("s/f", "f"), file("s/x/g", "g")]).also(extra);
    let lists = ["", "--no-i-r", "--delete-before", "--delete-after", "--delete-delay", "-n"]
        .map(|options| format!("--delete --ignore-errors --max-delete=1 {options}"));
    let same = |case: &Case, options: &str, operands: &[&str]| {
        let each = lists.iter().flat_map(|list| operands.iter().map(move |names| (list, names)));
        case.clone().same_each(each.map(|(list, names)| format!("{options} {list} {names} d/")));
    };
    let operands = ["s/", "s/x", "s/x/", "s/x s/f", "s/ nope"];
    same(&case.clone().also([symlink("s/l", "nope")]), "-aL", &["s/", "s", "s/ s/x/", "s/ nope"]);
    same(&case.clone().also([symlink("s/x/l", "nope")]), "-aL", &operands);
    same(&case.clone().also([dir("s/x/y").mode(0)]).as_user(), "-a", &operands);
    let unread = case.also([file("s/f", "f").mode(0), symlink("s/l", "nope")]).as_user();
    same(&unread, "-aL", &["s/", "s/f s/x"]);
}
