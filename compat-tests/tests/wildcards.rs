//! rsync(1), FILTER RULES, PATTERN MATCHING RULES: what brackets and their classes match, byte for byte.

use compat_tests::*;

/// A file for each name of one byte, and some that are longer.
fn bytes() -> Case {
    let single = (1..=255u8)
        .filter(|byte| !b"/.".contains(byte))
        .map(|byte| file([b"s/".as_slice(), &[byte]].concat(), "x"));
    world(single.chain([
        file("s/ab", "x"),
        file("s/a]", "x"),
        file("s/-a", "x"),
        file("s/[:x", "x"),
        dir("d"),
    ]))
}

#[test]
fn s17_classes_of_characters() {
    let classes = [
        "alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper",
        "xdigit", "Alpha", "none", "",
    ];
    let single = classes.map(|class| format!("--exclude=[[:{class}:]]"));
    let others = classes.map(|class| format!("--exclude=[^[:{class}:]]"));
    bytes().same_each(single.iter().chain(&others).map(|rule| format!("-ri '{rule}' s/ d/")));
}

#[test]
fn s17_ranges_and_what_looks_like_them() {
    let patterns = [
        "[a-f]",
        "[!a-f]",
        "[^a-f]",
        "[f-a]",
        "[]]",
        "[^]]",
        "[!]]",
        "[a-]",
        "[-a]",
        "[\\]]",
        "[\\a-\\f]",
        "[a",
        "[",
        "[]",
        "[[:alpha:]",
        "[[:alpha]",
        "[[:al:pha:]]",
        "[[:digit:][:upper:]_]",
        "[0-9[:blank:]-]",
        "[a-c-e]",
        "[\u{e0}-\u{ff}]",
        "\\[:x",
        "[*?]",
        "a[]]",
    ];
    bytes().same_each(patterns.map(|pattern| format!("-ri '--exclude={pattern}' s/ d/")));
}

#[test]
fn s17_rules_that_are_too_long() {
    let long = |bytes: usize| "x".repeat(bytes);
    let case = |bytes: usize| {
        let rules = format!("- {}\n- a*\n", long(bytes));
        world([file("s/ab", "x"), file("s/b", "x"), dir("d"), file("rules", rules)])
            .run("-ri --filter=._rules s/ d/")
    };
    check_all([1000, 4000, 4093, 4094, 4095, 4096, 5000, 70_000].map(case));
}

#[test]
fn s21_what_rules_of_the_receiving_side_say() {
    let case = world([
        file("s/a", "x"),
        file("d/b", "x"),
        file("d/c", "x"),
        file("d/dir/e", "x"),
        file("d/dir2/e", "x"),
    ]);
    case.same_each(
        ["risk b", "protect b", "-r dir/", "+r dir/", "R *2/", "P *", "show a", "hide a", "-s a", "+s a"]
            .map(|rule| format!("-rvv --delete '--filter={rule}' s/ d/")),
    );
}
