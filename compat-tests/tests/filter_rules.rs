//! rsync(1), "FILTER RULES" (semantics B).

use compat_tests::*;

fn names() -> Tree {
    let mut tree = tree([dir("s/emptydir"), dir("s/foo.d/bar")]);
    for name in [
        "a",
        "b.o",
        "bar",
        "foo/bar/x",
        "foo/bar/y.o",
        "foo/baz/x",
        "foo/x/bar",
        "foo/x/y/bar",
        "a2/foo/bar",
        ".dot",
        "bar2",
        "x[a]",
        "xa",
        "w[x]",
        "wx",
        "foo\\bar",
        "trail ",
        "foo/.dot",
        "foo/core",
        "core",
        "d1/b",
        "d1/c/b",
        "tmp/t~",
        "#x",
        "- b",
        "+ a",
    ] {
        tree.insert(file(format!("s/{name}"), name));
    }
    tree
}

fn case() -> Case {
    Case::new(names())
}

/// Each set of filter arguments as first copy and, with the excluded names on the destination too, with --delete.
fn each(filters: &[&str]) {
    let copied =
        Case::new(names().copied("s", "d").with([file("d/foo/bar/extra", "e"), file("d/extra.o", "e")]));
    let first = filters.iter().map(|filter| case().run(&format!("-ai {filter} s/ d/")));
    let deleting = filters.iter().map(|filter| copied.clone().run(&format!("-ai --delete {filter} s/ d/")));
    check_all(first.chain(deleting));
}

#[test]
fn s14_first_match_wins() {
    each(&[
        "--exclude=*.o",
        "--include=b.o --exclude=*.o",
        "--exclude=*.o --include=b.o",
        "--include=/foo/x/bar --exclude='*'",
        "--include='*/' --include=bar --exclude='*'",
        "--include=/foo/ --include=/foo/x/ --include=/foo/x/bar --exclude='*'",
        "--exclude=foo/ --exclude=a",
    ]);
}

#[test]
fn s15_anchoring() {
    each(&[
        "--exclude=bar",
        "--exclude=/bar",
        "--exclude=bar/",
        "--exclude=/foo/bar",
        "--exclude=foo/bar",
        "--exclude=x/y/bar",
        "--exclude=/foo/",
        "--exclude=/s/foo",
        "--exclude=foo/*",
        "--exclude=/foo/bar/x",
        "--exclude=emptydir/",
    ]);
    case().same_each([
        "-ai --exclude=/s/bar s d/",
        "-ai --exclude=/bar s d/",
        "-aiR --exclude=/s/foo/bar s/foo d/",
        "-aiR --exclude=/foo/bar s/./foo d/",
        "-ai --exclude=/foo s/foo s/d1 d/",
    ]);
}

#[test]
fn s16_wildcards() {
    each(&[
        "--exclude='*'",
        "--exclude='*a*'",
        "--exclude='b?r'",
        "--exclude='[ab]*'",
        "--exclude='[!ab]*'",
        "--exclude='[^ab]*'",
        "--exclude='foo/**/bar'",
        "--exclude='foo/*/bar'",
        "--exclude='**/bar'",
        "--exclude='/foo/**'",
        "--exclude='/foo/***'",
        "--exclude='foo/***'",
        "--exclude='**o'",
        "--exclude='?'",
        "--exclude='[[:alpha:]]'",
        "--exclude='.*'",
        "--exclude='*.[a-o]'",
        "--exclude='**/x/**'",
        "--exclude='/**/b'",
        "--exclude='[]a]*'",
        "--exclude='x[[]a]'",
    ]);
}

#[test]
fn s17_backslash() {
    each(&[
        "--exclude=foo\\bar",
        "--exclude=foo\\\\bar",
        "--exclude='foo\\\\ba*'",
        "--exclude='w\\[x]'",
        "--exclude='w[x]'",
        "--exclude='foo\\ba*'",
        "--exclude='\\a'",
    ]);
}

#[test]
fn s18_syntax_of_rules() {
    each(&[
        "-f '- *.o'",
        "-f '-_*.o'",
        "-f '- trail '",
        "-f '- trail'",
        "-f '+ b.o' -f '- *.o'",
        "-f 'exclude *.o'",
        "-f 'exclude,_*.o'",
        "-f 'include b.o' -f '-,_*.o'",
        "-f 'hide *.o'",
        "-f 'hide,! */'",
        "-f '-! */'",
        "-f '-! bar'",
        "--filter='- core'",
        "--filter '- core'",
        "-f'- core'",
        "-f '! ' ",
        "-f '- a' -f '!'",
        "-f 'clear'",
        "-f 'protect extra'",
        "-f 'P extra*'",
        "-f 'show b.o' -f 'hide *.o'",
        "-f 'risk b.o' -f 'P *.o'",
    ]);
}

#[test]
fn s18_errors_exit_1() {
    case().same_each([
        "-ai -f bar s/ d/",
        "-ai -f '-bar' s/ d/",
        "-ai -f '+ ' s/ d/",
        "-ai -f '! x' s/ d/",
        "-ai -f '' s/ d/",
        "-ai -f '-' s/ d/",
        "-ai -f 'exclud x' s/ d/",
        "-ai -f 'x y' s/ d/",
        "-ai -f '. ' s/ d/",
        "-ai -f 'merge' s/ d/",
    ]);
}

#[test]
fn s19_prefixes_of_exclude() {
    each(&[
        "--exclude='+ b.o' --exclude='*.o'",
        "--exclude='- *.o'",
        "--exclude='*.o' --exclude='!'",
        "--include='- b.o'",
        "--include='+ b.o' --exclude='*.o'",
        "--exclude='-  a'",
        "--include='!' --exclude=a",
    ]);
}

#[test]
fn s20_modifiers() {
    each(&[
        "-f '-/ /s/bar'",
        "-f '-! */'",
        "-f '-s *.o'",
        "-f '-r *.o'",
        "-f '-sr *.o'",
        "-f '-p *.o'",
        "-f '-,p bar'",
        "-f '-x user.*'",
        "-f '-C'",
        "-f '-,s *.o'",
    ]);
}

#[test]
fn s21_sides() {
    each(&[
        "-f 'H *.o'",
        "-f 'P *.o'",
        "-f 'S b.o' -f 'H *.o'",
        "-f 'R b.o' -f 'P *.o'",
        "-f 'H /foo'",
        "-f 'P /foo/'",
        "-f '+s b.o' -f '- *.o'",
        "-f '+r b.o' -f '- *.o'",
        "-f 'R b.o' -f '- *.o'",
        "-f 'S b.o' -f '- *.o'",
    ]);
    Case::new(names().copied("s", "d")).same_each([
        "-ai --delete-excluded -f 'P b.o' -f '- *.o' s/ d/",
        "-ai --delete-excluded -f '- *.o' s/ d/",
        "-ai --delete-excluded -f '-r *.o' s/ d/",
        "-ai --delete-excluded -f '-sr *.o' s/ d/",
        "-ai --delete-excluded -f 'R b.o' -f 'P *.o' s/ d/",
    ]);
}

/// Rules in files: the tree with merge files in it and beside it.
fn with_merge_files() -> Case {
    Case::new(names().copied("s", "d").with([
        file("rules", "# comment\n; another\n\n- *.o\n+ core\r\n- core\n"),
        file("patterns", "*.o\n# no\n; no\n\n/foo/bar/\n+ x\nbar2\r\n"),
        file("words", "*.o core bar2"),
        file("none", ""),
        file("clearing", "- *.o\n!\n- bar\n"),
        file("bad", "- a\nnonsense\n"),
        file("sided", "-s a\n"),
        file("s/.rules", "- *.o\n- /bar\n"),
        file("s/foo/.rules", "+ y.o\n- /bar/x\n- core\n"),
        file("s/foo/bar/.rules", "!\n"),
        file("s/.rsync-filter", "- core\n"),
        file("s/foo/.rsync-filter", "+ core\n- x\n"),
        file(".rsync-filter", "- bar2\n"),
        file("s/.bare", "b.o\n- b\n"),
        file("s/.words", "b.o core"),
        file("s/d1/.rules", "dir-merge .more\n"),
        file("s/d1/c/.more", "- b\n"),
    ]))
}

fn each_merge(filters: &[&str]) {
    let runs = |filter: &&str| {
        [
            format!("-ai {filter} s/ new/"),
            format!("-ai --delete {filter} s/ d/"),
            format!("-ai {filter} s new/"),
        ]
    };
    check_all(filters.iter().flat_map(runs).map(|args| with_merge_files().run(&args)));
}

#[test]
fn s22_merge_files() {
    each_merge(&[
        "-f '. rules'",
        "-f 'merge rules'",
        "-f '.- patterns'",
        "-f '.+ patterns' -f '- *'",
        "-f '.-w words'",
        "-f '. clearing'",
        "-f '. none'",
        "-f '.s rules'",
        "-f '.r rules'",
        "--exclude-from=patterns",
        "--include-from=patterns --exclude=foo",
        "--exclude-from=none",
        "--exclude-from patterns --exclude=a",
    ]);
}

#[test]
fn s22_merge_file_errors() {
    with_merge_files().same_each([
        "-ai -f '. nope' s/ new/",
        "-ai --exclude-from=nope s/ new/",
        "-av --exclude-from=nope s/ new/",
        "-ai --include-from=nope s/ new/",
        "-ai -f '. bad' s/ new/",
        "-ai -f ': nope' s/ new/",
        "-ai -f '.s sided' s/ new/",
    ]);
}

#[test]
fn s22_rules_from_standard_input() {
    let case = || with_merge_files().stdin("- *.o\nbar2\n");
    case().same("-ai --exclude-from=- s/ new/");
    with_merge_files().stdin("- *.o\n").same("-ai -f '. -' s/ new/");
}

#[test]
fn s22_per_directory_files() {
    each_merge(&[
        "-f ': .rules'",
        "-f 'dir-merge .rules'",
        "-f ':n .rules'",
        "-f ':e .rules'",
        "-f ':- .bare'",
        "-f ':-w .words'",
        "-f ':s .rules'",
        "-f ':r .rules'",
        "-f ': /.rules'",
        "-f '- b.o' -f ': .rules'",
        "-f ': .rules' -f '- b.o'",
        "-f ': .rules' -f ': .rsync-filter'",
        "-f ':en .rules'",
    ]);
    check_all(
        ["--delete-before", "--delete-after", "--delete-excluded", "--delete-delay"]
            .map(|when| with_merge_files().run(&format!("-ai {when} -f ': .rules' s/ d/"))),
    );
}

#[test]
fn s23_the_f_option() {
    each_merge(&["-F", "-FF", "-F --exclude=a", "-F -f '. rules'"]);
}

#[test]
fn filters_as_an_ordinary_user() {
    with_merge_files().as_user().same_each(["-ai -F s/ new/", "-ai -f ': .rules' --delete s/ d/"]);
}

#[test]
fn filters_keep_single_files_and_arguments_in_order() {
    case().same_each([
        "-ai --exclude=a s/a d/",
        "-ai --exclude=a s/a s/b.o d/",
        "-ai --exclude=s s d/",
        "-ai --exclude=/s s/ d/",
        "-ai --include=a --exclude='*' s/a s/bar d/",
        "-ai s/ d/ --exclude=*.o",
        "-aiv --exclude=*.o s/ d/",
    ]);
}

#[test]
fn old_dirs_are_a_rule_after_all_others() {
    world([file("s/a/b/f", "x"), file("s/f", "x"), dir("d/a/y")]).same_each([
        "-ai --old-dirs s/ d",
        "-ai --old-dirs s d",
        "-ai --old-d -R s/a d",
        "-ai --old-dirs --include=/a/b s/ d",
        "--old-dirs -iv s d/",
        "-i --old-dirs --delete -r s/ d",
        "-ai --old-dirs -d s/a e",
        "-i --old-dirs --no-dirs s/ d",
    ]);
}

/// Merge files above the destination count only where something is to be deleted.
#[test]
fn s23_merge_files_above_the_destination() {
    world([file("s/f", "x"), file("d/.rsync-filter", "no rule"), file("d/s/k", "x")])
        .same_each(["-ai -F s d", "-ai -FF s d/"]);
}

/// An operand is a directory or none for the rules, like any other name.
#[test]
fn s15_rules_for_directories_meet_operands() {
    let case = world([file("s/a/b/f", "x"), file("s/f", "x"), symlink("s/l", "a"), dir("d/s")]);
    case.same_each([
        "-ai --include=*/ --exclude=* s d",
        "-ai --include=s/ --exclude=* s d",
        "-ai --include=/s/ --include=a/ --exclude=* s d",
        "-ai --include=*/ --exclude=* s",
        "-ai --include=*/ --exclude=* s/f s/a s/l d",
        "-ai --include=*/ --exclude=* s/f s/l/ d",
        "-aik --include=*/ --exclude=* s/f s/l d",
        "-aiR --include=*/ --exclude=* s/a/b s/f d",
        "-aiR --include=b/ --exclude=* s/a/b s/f d",
        "-ai --exclude=a/ s/f s/a d",
        "-aiR --exclude=b/ s/a/b s/f d",
        "-aiR --exclude=f/ s/a/b s/f d",
        "-ai --delete --include=*/ --exclude=* s d",
    ]);
}

/// A directory is an empty list of rules, unless it was typed with a slash.
#[test]
fn s22_lists_that_are_directories() {
    world([dir("lists/dir"), file("s/f", "x")]).same_each([
        "-ai --exclude-from=lists s/ d",
        "-ai --exclude-from=lists/ s/ d",
        "-ai --include-from=lists/ s/ d",
        "-ai --filter='merge lists' s/ d",
    ]);
}

/// `-F` looks above the first directory that is entered, and there alone.
#[test]
fn s23_merge_files_above_belong_to_the_first_directory_entered() {
    let case = world([
        file("s1/.rsync-filter", "- *.o\n"),
        file("s2/.rsync-filter", "- k\n"),
        file(".rsync-filter", "- top\n"),
        file("s1/i.o", "1"),
        file("s1/k", "2"),
        file("s1/sub/h.o", "3"),
        file("s1/sub/k", "4"),
        file("s1/sub/top", "5"),
        file("s2/bus/h.o", "6"),
        file("s2/bus/k", "7"),
        file("s2/bus/deep/k", "8"),
        file("s2/bus/top", "9"),
        file("s3/z/h.o", "a"),
        file("s3/z/k", "b"),
        file("s3/h.o", "c"),
        file("s3/k", "d"),
        file("d/.rsync-filter", "- *.o\n"),
        file("d/sub/e.o", "e"),
        file("d/sub/k", "f"),
        file("d/bus/e.o", "g"),
        file("d/bus/k", "h"),
    ]);
    case.same_each(
        [
            "s1/i.o s2/bus/k",
            "s1/k s2/bus/k s3/h.o",
            "s1/ s2/",
            "s2/bus s1/sub",
            "s1/sub s2/bus",
            "s1/sub s2/bus/",
            "s2/bus/ s1/sub",
            "s1/sub/ s2/bus/",
            "s3/z s1/sub",
            "s1/sub s3/z s3/h.o s3/k",
            "s3/k s1/sub s3/h.o",
            "s3/h.o s1/sub/ s3/z/h.o",
            "--no-i-r s1/sub s3/z",
            "--no-i-r s2/bus s1/sub",
            "-R s1/./sub s3/./h.o s3/./z",
            "-R s1/sub s3/h.o",
            "-R s1/sub s2/bus",
            "-R s2/bus s1/k s1/sub/h.o s1/sub",
            "-R s1/sub/ s2/bus/k",
            "--delete s1/sub s2/bus",
            "--delete s1/sub/",
            "--delete-after s2/bus s1/sub",
            "-F s1/i.o s1/sub",
        ]
        .map(|sources| format!("-rFi {sources} d/")),
    );
}

#[test]
fn s26_rules_about_operands_are_told() {
    let case = world([file("s1/k", "1"), file("s1/i.o", "2"), file("s2/k", "3"), file("s2/h.o", "4")]);
    case.same_each([
        "-avv --exclude=k s1/k s2 d/",
        "-avv --exclude=k --include=i.o --exclude=s2 s1/k s2 s1/i.o d/",
        "-avvR --exclude=k s1/k s2 d/",
        "-avv --exclude=k s2/ s1/k d/",
        "-vv --exclude=s2 s1/k s2 d/",
    ]);
}
