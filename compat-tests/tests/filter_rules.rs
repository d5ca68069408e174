//! rsync(1), "FILTER RULES", but for rules in files: merge_files.rs.

use compat_tests::rich::names_for_rules;
use compat_tests::*;

const OLD: i64 = 1_400_000_000;

fn case() -> Case {
    Case::new(names_for_rules())
}

/// Each set of filter arguments as first copy and, with the excluded names on the destination too, with --delete.
fn each(filters: &[&str]) {
    let copied = Case::new(
        names_for_rules().copied("s", "d").with([file("d/foo/bar/extra", "e"), file("d/extra.o", "e")]),
    );
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
    Case::new(names_for_rules().copied("s", "d")).same_each([
        "-ai --delete-excluded -f 'P b.o' -f '- *.o' s/ d/",
        "-ai --delete-excluded -f '- *.o' s/ d/",
        "-ai --delete-excluded -f '-r *.o' s/ d/",
        "-ai --delete-excluded -f '-sr *.o' s/ d/",
        "-ai --delete-excluded -f 'R b.o' -f 'P *.o' s/ d/",
    ]);
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

/// What rules hide in one source takes no name from another, nor from what operands spell out below it.
#[test]
fn s14_what_is_hidden_shadows_nothing() {
    let case =
        world([file("s/x/f", "a"), dir("s/y"), file("s2/x", "b"), file("s/z", "c"), file("s2/y", "d")])
            .also([dir("s2/z"), file("d/y/f", "e")]);
    let forms =
        ["-r", "-r --exclude=*/", "-r --exclude=x/", "-r --exclude=z/", "-r --exclude=z", "-r --filter=H_*/"];
    case.same_each(forms.map(|form| format!("{form} -v s/ s2/ d")));
    let list = file("list", "x/b/\na\nx/\nx/b/f\n");
    let case =
        world([list, file("s/a", "a"), file("s/x/b/f", "f"), file("s/x/b/g", "g"), file("s/x/c", "c")]);
    case.same_each(
        ["", "-r", "-a --no-i-r"].map(|form| format!("{form} --files-from=list --exclude=b/ s d/")),
    );
}

/// What rules show of names that operands spell out is told once more as their directory is read.
#[test]
fn names_of_operands_that_rules_show() {
    let case = world([file("s/a", "a"), file("s/q/f", "f"), file("s/b", "b"), dir("d")]);
    let operands = ["s/a", "s/q", "s/q/", "s/./a", "s/./q", "./s/a", "s/a s/q/f", "s/q/f"];
    for rule in
        ["--include=a", "--include=q/", "--include=s/", "--include=*", "-f -_b", "-f -_q", "-f +_/s/q/*"]
    {
        for more in ["", "--no-i-r"] {
            case.clone().same_each(operands.map(|names| format!("-aRvv {more} {rule} {names} d/")));
        }
        case.clone().same_each(operands.map(|names| format!("-avv {rule} {names} d/")));
    }
}

/// Old protocols do not carry all rules.
#[test]
fn rules_that_old_protocols_do_not_carry() {
    let case =
        world([file("s/f", "x"), file("s/sub/g", "y"), file("m", "- g\n"), file("d/f", "old").mtime(OLD)]);
    let rules = [
        "-F",
        "-f -_x",
        "-f P_x",
        "-f -!_x",
        "-f -/_x",
        "-f :_.m",
        "-f ._m",
        "-C",
        "-f -s_x",
        "-f -p_x",
        "-f -C",
        "-f :C",
        "-f -x_x",
        "--delete --exclude=x",
        "-b --delete",
        "--partial-dir=.p",
        "-F --delete",
    ];
    for protocol in [28, 29, 30] {
        case.clone().same_each(rules.map(|rules| format!("-r --protocol={protocol} {rules} s/ d/")));
    }
}

/// Rules are asked about an operand as often as it is named.
#[test]
fn s26_names_that_are_there_twice() {
    let case = world([file("s/f", "f"), file("s/e/g", "g"), dir("d"), file("list", "/f\nf\ne/g\nf/\ne/g\n")]);
    for rule in ["--exclude=f", "--include=f", "--exclude=e", "--include=g", "--exclude=/e/g"] {
        case.clone().same_each([
            format!("-avv {rule} s/f s/f s/./f d"),
            format!("-avv {rule} s/e s/e d"),
            format!("-ivv --no-i-r {rule} s/f s/f s/e/g s/e/g d"),
            format!("-avvn {rule} --files-from=list s d"),
            format!("-aRvv {rule} s/f s/f s/e/g s/e/g d"),
        ]);
    }
}
