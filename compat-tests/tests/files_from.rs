//! rsync(1), `--files-from`, `--from0`, `--ignore-missing-args`, `--delete-missing-args` (points 45, 54).

use compat_tests::*;

fn listed(list: &str) -> Case {
    world([
        file("list", list),
        file("s/f", "1"),
        file("s/d1/x", "2"),
        file("s/d1/d2/y", "3"),
        dir("s/d1/d2/c"),
        file("s/d1/b/z", "4"),
        file("s/e/q", "5"),
        dir("s/e").mode(0o711).mtime(77),
        symlink("s/ld", "d1"),
    ])
}

const OPTIONS: [&str; 7] = ["-ai", "-air", "-rti", "-ai --no-R", "-ain", "-ai --no-implied-dirs", "-av"];

fn with_all_options(list: &str) {
    listed(list).same_each(OPTIONS.map(|options| format!("{options} --files-from=list s d")));
}

#[test]
fn an_empty_list_makes_a_directory_with_a_slash() {
    let case = world([file("s/f", "x"), file("empty", ""), file("list", "f\n")]);
    case.same_each([
        "-av --files-from=empty s/ n/",
        "-av --files-from=empty s/ n",
        "-ai --files-from=empty s/ n/",
        "-av --files-from=list --exclude=f s/ n/",
        "-ain --files-from=empty s/ n/",
    ]);
}

#[test]
fn s45_names_take_their_parents_along() {
    with_all_options("d1/d2/y\nf\n");
    with_all_options("d1\nf\n");
    with_all_options("d1/b/z\nd1/\n");
    with_all_options("e\nd1/d2\n");
}

#[test]
fn s45_a_slash_or_a_dot_at_the_end_means_contents() {
    for list in ["d1/\nf\n", ".\n", "./\n", "d1/d2/.\n", "ld/\n", "f/\n"] {
        with_all_options(list);
    }
}

#[test]
fn s45_what_a_line_may_look_like() {
    for list in [
        "/d1/x\n",
        "../d1/x\n",
        "d1/../f\n",
        "#f\n;f\nf\r\n\r\n",
        "f",
        "",
        "f\nf\nd1//x\n",
        "d1/./d2/y\nd1/x\n",
    ] {
        with_all_options(list);
    }
    listed("f\0#x\0d1/x\0\0")
        .same_each(["-ai -0 --files-from=list s d", "-ai --from0 --files-from=list s/ d/"]);
    let from_stdin = || listed("").stdin("d1/x\nf\n");
    from_stdin().same_each(["-ai --files-from=- s d"]);
    from_stdin().as_user().same_each(["-ai --files-from=- s d", "-ai --exclude-from=- s/ d"]);
}

/// As `fpart` writes its lists, which `fpsync` hands over.
#[test]
fn s45_a_dot_in_front_puts_the_directory_on_the_list() {
    for list in [
        "./f\n",
        "./d1/x\n",
        ".//f\n",
        "././f\n",
        "./d1/\n",
        "./d1\n",
        "/./f\n",
        "d1/././x\n",
        "d1/./x\n./f\n",
    ] {
        with_all_options(list);
        listed(list).also([file("d/f", "old"), dir("d").mtime(9)]).same_each([
            "-ai --files-from=list s// d//",
            "-ai --files-from=list --delete s/ d/",
            "-aiR --files-from=list s/ d/",
        ]);
    }
}

#[test]
fn s45_links_in_the_path() {
    for list in ["ld/x\n", "ld\n", "ld/b/z\n"] {
        with_all_options(list);
    }
}

#[test]
fn s45_rules_hide_names_but_no_parents() {
    for (list, rule) in
        [("d1/b\n", "d1"), ("d1/b/z\n", "z"), ("d1/b/z\n", "b"), ("d1/b/z\nd1/\n", "b"), ("d1\nf", "f")]
    {
        listed(list).same_each([format!("-ai --exclude={rule} --files-from=list s d")]);
    }
}

#[test]
fn s45_missing_names_and_lists() {
    for list in ["missing\nf\nd1/nope\nnodir/x\n", "f/x\n", " f\n"] {
        with_all_options(list);
    }
    listed("missing\nf\n").same_each(["-ai --ignore-missing-args --files-from=list s d"]);
    listed("f\n").same_each([
        "-ai --files-from=nolist s d",
        "-ai --files-from=list nosource d",
        "-av --files-from=list nosource/ d",
        "-ai --files-from=list s/f d",
    ]);
    listed("f\n").same_each(["-ai --files-from=list s new", "-ai --files-from=list s new2/"]);
    listed("f\n")
        .same_each(["-a --list-only --files-from=list s d", "-a --out-format=%f:%n --files-from=list s d"]);
}

#[test]
fn s45_deleting_cleans_what_contents_were_sent_of() {
    let extra = [file("d/top", "t"), dir("d/d1/extra"), file("d/d1/old", "o"), dir("d/gone"), dir("d/e/old")];
    for list in ["d1\n", "d1/\n", ".\n", "d1/x\n", "nope\n", "nope\nd1\n", ".\nnope\n"] {
        listed(list).also(extra.clone()).same_each(
            [
                "-ai --delete",
                "-air --delete",
                "-air --delete-after --no-R",
                "-rti --delete-excluded --exclude=old",
            ]
            .map(|options| format!("{options} --files-from=list s d")),
        );
    }
}

#[test]
fn s54_missing_arguments_are_deleted() {
    let there = [
        file("d/top", "t"),
        file("d/nodir/sub/y", "y"),
        file("d/d1/old", "o"),
        dir("d/x1"),
        file("d/x2", "x"),
        symlink("d/lnk", "top"),
    ];
    for list in ["nodir\n", "nodir/\ntop\nlnk\nnone\n", "d1/old\nf\n"] {
        listed(list).also(there.clone()).same_each(
            [
                "-ai",
                "-ai --force",
                "-avi --delete",
                "-avn",
                "-ai --exclude=top",
                "-a -b",
                "-avv --existing",
                "-a --list-only",
            ]
            .map(|options| format!("{options} --delete-missing-args --files-from=list s d")),
        );
    }
    listed("").also(there).same_each([
        "-aiv --delete-missing-args s/x1 s/x2 s/f d",
        "-ai --delete-missing-args s/x1 d",
        "-ai --delete-missing-args s/x1 newdir",
    ]);
}

#[test]
fn listing_leaves_the_destination_alone() {
    listed("").same_each(["--list-only s d", "-r --list-only s/ nowhere", "-a --list-only --delete s/ d1"]);
}

/// Of these two, whichever comes first, deleting goes further.
#[test]
fn missing_operands_are_ignored_and_deleted() {
    world([file("s/a", "x"), file("d/nope", "x")]).same_each([
        "-ai --delete-missing-args --ignore-missing-args s/a s/nope d",
        "-ai --ignore-missing-args --delete-missing-args s/a s/nope d",
    ]);
}

#[test]
fn s45_a_hidden_name_is_still_a_way_to_what_is_listed_below_it() {
    let case = world([
        file("s/d1/b", "x"),
        file("s/d1/sub/e", "x"),
        file("s/d1/sub/deep/f", "x"),
        file("s/a", "x"),
        file("d/d1/old", "x"),
    ]);
    for list in
        ["d1/\nd1/sub/\n", "d1/sub/\nd1/\n", "d1\nd1/sub/e\n", "d1/\nd1/sub\nd1/sub/deep/f\n", "./a\nd1/b"]
    {
        let listed = case.clone().stdin(list);
        listed.clone().same_each(
            [
                "--exclude=d1",
                "--exclude=sub",
                "--exclude=d1 -r",
                "--exclude=d1 --delete -r",
                "--no-i-d --exclude=d1",
            ]
            .map(|options| format!("-ai {options} --files-from=- s/ d/")),
        );
        listed.same("-ai --exclude=d1 --files-from=- s/ new");
    }
}

/// What cannot be listed is still the way to names that are spelt out.
#[test]
fn names_in_a_directory_that_cannot_be_listed() {
    let lists = ["sub/a\n.\n", "sub/a\nsub\n", "sub/deep/c\n.\n", ".\nsub/deep\n", "sub/\nsub/b\n"];
    for list in lists {
        let case = world([
            file("s/sub/a", "a"),
            file("s/sub/b", "b"),
            file("s/sub/deep/c", "c"),
            file("s/t", "t"),
            dir("s/sub").mode(0o300),
            file("d/sub/old", "x"),
            file("list", list),
        ]);
        case.as_user().same_each(
            ["-rt", "-rti --delete", "-ai --no-i-r", "-rtn"]
                .map(|with| format!("{with} --files-from=list s/ d/")),
        );
    }
    let spelt = world([file("s/sub/a", "a"), file("s/sub/b", "b"), dir("s/sub").mode(0o300), dir("d")]);
    spelt.as_user().same_each(["-rtRi s/./sub s/./sub/a d/", "-rtRi s/./sub/b s/./ d/"]);
}
