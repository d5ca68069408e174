//! rsync(1), "USAGE": what operands mean.

use compat_tests::alone::Alone;
use compat_tests::program::Mode;
use compat_tests::*;

fn two_sources() -> Case {
    world([
        file("s/f", "from s").mtime(1_400_000_000),
        file("s/sub/g", "g"),
        dir("s").mode(0o750).mtime(5),
        file("s2/f", "from s2").mode(0o600),
        file("s2/sub/h", "h"),
        dir("s2").mode(0o711).mtime(6),
        file("s2/name", "a file here"),
        file("s/name/x", "a directory there"),
        file("one", "1"),
        file("two", "2"),
        symlink("sl", "s"),
        symlink("broken", "nowhere"),
        file("existing", "e"),
        dir("empty"),
    ])
}

fn each(commands: &[&str]) {
    two_sources().same_each(commands.iter().map(|operands| format!("-ai {operands}")));
}

#[test]
fn s1_a_trailing_slash_means_contents() {
    each(&[
        "s d",
        "s d/",
        "s/ d",
        "s/ d/",
        "s/. d",
        "s/./ d",
        "s// d//",
        "./s ./d",
        "s/sub d",
        "s/sub/ d",
        "s/sub/.. d",
    ]);
    each(&["sl d", "sl/ d", "sl/. d", "sl/sub d", "broken d", "broken d/", "broken/ d", "one/ d", "one/. d"]);
}

#[test]
fn s2_a_directory_or_a_new_name() {
    each(&[
        "one new",
        "one new/",
        "one empty",
        "one empty/",
        "one existing",
        "one two",
        "one two existing",
        "one s",
        "s new",
    ]);
    each(&[
        "one two new",
        "one two new/",
        "one nope new",
        "nope one new",
        "empty new",
        "empty/ new",
        "one one new",
        "sl new",
    ]);
    each(&[
        "s existing",
        "s/ existing",
        "empty existing",
        "one existing/",
        "one broken",
        "s/ broken",
        "one sl",
        "one sl/new",
    ]);
}

/// A link that leads nowhere in the place of a destination to which nothing comes but itself makes way.
#[test]
fn s2_a_lost_link_becomes_an_empty_directory() {
    let case = world([dir("s"), symlink("lost", "gone"), dir("t/x"), file("list", "./nope\n")]);
    case.same_each([
        "-aiv s/ lost",
        "-aivn s/ lost",
        "-aib s/ lost",
        "-ab --suffix=.old s/ lost",
        "-a --existing s/ lost",
        "-d s/ lost",
        "-a --exclude='*' t/ lost",
        "-rR ./nope lost",
        "-ri --files-from=list . lost",
        "-av t/ lost",
    ]);
}

#[test]
fn s3_missing_parents() {
    each(&[
        "one x/y",
        "one x/y/",
        "s x/y",
        "s/ x/y/",
        "s/ x/y/z/",
        "one two x/y",
        "one s/sub/new",
        "one s/nope/new",
    ]);
}

/// Not a tree into itself without an exclude: how far rsync gets before it sees its own copy is a matter of luck.
#[test]
fn s5_the_same_or_inside() {
    each(&["s/ s/", "s .", "one one", "one .", "s/sub s", "--delete s/ s/", "s/ s2/"]);
    each(&[
        "--exclude=/bak s/ s/bak/",
        "--exclude=/s/s s s",
        "--exclude=/s/sub s s/sub",
        "--exclude=/d . d/",
    ]);
}

/// Links that lead to a directory above the destination do not copy what is made there in turn. Nor does rsync as a
/// rule: it has mostly listed the destination before it makes something in it.
#[test]
fn s5_inside_of_what_a_link_leads_to() {
    let tree = tree([
        file("s/a", "x"),
        symlink("s/up", ".."),
        file("s2/f", "x"),
        symlink("s2/up", ".."),
        dir("d"),
        symlink("here", "."),
    ]);
    let copies = [
        ("-a s2 s/up/ d/", "d"),
        ("-a here/ d/", "d"),
        ("-aR here/ d/", "d/here"),
        ("-aR s/up/ d/", "d/s/up"),
    ];
    for ((args, copy), mode) in
        copies.iter().flat_map(|of| Mode::of_this_run().into_iter().map(move |mode| (of, mode)))
    {
        let alone = Alone::new(&tree, None);
        alone.ours(mode, "", args).assert_silent();
        let copied = |name: &str| std::fs::read_dir(alone.dir().join(copy).join(name)).expect(args).count();
        assert_eq!(["s", "s2", "d"].map(copied), [2, 2, 0], "{args} {mode:?}");
    }
}

#[test]
fn s6_several_sources() {
    each(&[
        "s s2 d",
        "s/ s2/ d",
        "s2/ s/ d",
        "s/ s2/ d/",
        "s/ s/ d",
        "s s d",
        "s/ one two d",
        "one s/ d",
        "s/f s2/f d",
    ]);
    each(&[
        "--delete s/ s2/ d",
        "--delete s2/ s/ s",
        "s/sub/g s2/sub/h d",
        "s s/sub d",
        "s/ nope s2/ d",
        "sl s d",
        "sl/ s/ d",
    ]);
}

/// A directory beats whatever else has its name, before it and after it.
#[test]
fn s6_directories_among_other_things_of_one_name() {
    let case = world([
        file("s/x", "1"),
        file("s/one/x", "2"),
        file("s/two/x/in", "3"),
        file("s/three/x/other", "4"),
        symlink("s/link/x", "y"),
    ]);
    case.same_each([
        "-ai s/x s/two/x s/one/x d/",
        "-ai s/two/x s/x s/one/x d/",
        "-ai s/one/x s/x s/two/x d/",
        "-ai s/two/x s/one/x s/three/x d/",
        "-ai s/one/x s/two/x/ s/x d/",
        "-ai --stats s/link/x s/two/x s/x s/three/x d/",
        "-aiR s/one/./x s/two/./x s/./x d/",
        "-ai s/one/ s/two/ s/link/ d/",
        "-ai s/x s/two/ s/link/x d/",
        "-ai s/two/x s/one/ d/",
        "-ai s/one/ s/two/x d/",
        "-ai s/link/x s/one/x s/two/x new",
        "-ai s/link/x s/one/x new",
    ]);
}

#[test]
fn s6_what_several_sources_have_counts_each_time() {
    let operands = [
        "s/ s2/ d",
        "s2/ s/ d",
        "s/ s/ d",
        "s/ s/. s/ d",
        "s s d",
        "s s s/ d",
        "s2/ s/name d",
        "s s2/../s d",
        "s/f s2/f s/f d",
        "sl/ s/ d",
        "s2/ s/f d",
        "s/f s2/ d",
        "s2/sub s/ s2/name d",
    ];
    let stats = operands.map(|operands| format!("-a --stats {operands}"));
    let whole = operands.map(|operands| format!("-a --stats --no-i-r {operands}"));
    let relative =
        ["s/f s/sub/g s/f", "s/sub s", "s/ s/./sub"].map(|operands| format!("-aR --stats {operands} d"));
    two_sources().same_each(stats.into_iter().chain(whole).chain(relative));
}

#[test]
fn s11_without_recursion() {
    let commands = [
        "s d",
        "s/ d",
        "-v s/ d",
        "s one d",
        "s/f s/sub d",
        "-lt s/ d",
        "-i one d",
        "-i one new",
        "one two empty",
        "-i s/. d",
        "-v s s2 d",
        "-lpti sl d",
        "-a --no-r s/ d",
        "-a --no-r -v s d",
    ];
    two_sources().same_each(commands);
}

#[test]
fn old_dirs_recurses_and_excludes_what_lies_deeper() {
    let forms = [
        "--old-dirs",
        "-a --old-dirs",
        "--old-d --no-d",
        "--old-dirs --no-d -r",
        "--include=/sub/g --old-dirs",
    ];
    two_sources().also([file("d/old/deep/x", "x"), file("d/gone", "x")]).same_each(
        forms.iter().flat_map(|form| {
            ["s/ d", "s d", "--delete s/ d"].map(|operands| format!("-v {form} {operands}"))
        }),
    );
}

#[test]
fn s12_no_wildcards_and_odd_names() {
    each(&["'s/*' d", "'' d", "one ''", "'s*' d", "./nope:x d", "./one d"]);
    each(&["one co:lon d", "one co:lon '' d", "one '' co:lon d", "-v one /x co:lon a::b d"]);
    let odd = world([
        file("co:lon", "x"),
        file("-dash", "x"),
        file("sp ace", "x"),
        file("*", "star"),
        file("d:ir/f", "x"),
    ]);
    odd.same_each([
        "-ai ./co:lon d",
        "-ai -- -dash d",
        "-ai ./-dash d",
        "-ai 'sp ace' d",
        "-ai '*' d",
        "-ai ./d:ir/ d",
        "-ai './*' ./co:lon d/",
        "-ai ./co:lon ./n:ew",
    ]);
}

#[test]
fn as_an_ordinary_user() {
    let commands =
        ["-ai s d", "-ai s/ d/", "-ai s/ s2/ d", "-ai one new", "-ai one x/y/", "-ai s/ .", "-ai one two d"];
    two_sources().as_user().same_each(commands);
}

#[test]
fn a_missing_directory_above_an_operand_is_an_error_all_the_same() {
    let case = world([file("s/f", "x")]);
    case.same_each(
        ["nodir/x s/f", "s/no/x s/f", "nodir/ s/f", "s/f/x s/f"]
            .map(|operands| format!("-ai --ignore-missing-args {operands} d/")),
    );
}

/// A name that two sources have takes two places in the list.
#[test]
fn s79_progress_counts_doubles() {
    let case = world([
        file("s/f1", "1"),
        file("s/f2", "2"),
        file("s/a/g1", "3"),
        file("s/a/g2", "4"),
        dir("s/e"),
        file("t/f1", "5"),
        file("t/z", "6"),
        file("t/a/g2", "7"),
        file("t/a/new", "8"),
        file("d/f1", "old").mtime(5),
    ]);
    case.same_each([
        "-a --progress s/ t/ d/",
        "-a --no-i-r --progress s/ t/ d/",
        "-a --no-i-r --progress s/ t/ s/ d/",
        "-a --progress s/a s/e s/f1 t/z d/",
        "-aR --progress s/a s/a/g1 s/f1 d/",
    ]);
}

/// Operands in directories of one name, a slash at its end or not, are one directory's when names are counted.
#[test]
fn s6_operands_in_the_same_directory() {
    let case = world([file("s/10/x/g", "k"), file("s/10/f", "x"), dir("d"), dir("s2")]);
    for operands in
        ["s/ s/10", "s/. s/10", "./s/ s/10", "s/10 s/", "./s s", "s ./s", "s/ s/.", "s/10/ s/10", "s s2/../s"]
    {
        case.clone().same_each([
            format!("-r --stats {operands} d/"),
            format!("-r --no-i-r --stats {operands} d/"),
            format!("-r --out-format=%f {operands} d/"),
        ]);
    }
    case.same_each([
        "-r --stats s . d --exclude=d",
        "-r --stats --exclude=d . ./s d",
        "-r --stats --exclude=d ./ s d",
    ]);
}

#[test]
fn s4_two_empty_sources_make_a_directory() {
    let case = world([dir("s"), dir("s2")]);
    case.same_each(["-rv s/ s2/ d", "-rv s/ s/ d", "-rv s/ d", "-rvn s/ s2/ d", "-av s s2 d"]);
}

#[test]
fn s12_backup_directories_and_the_way_up_in_operands() {
    let case = world([file("s/f", "x"), file("d/b", "x")]);
    case.same_each(["--backup-dir=d/b s", "-rR d/../s/ d", "-b --backup-dir=d/b s/ new/"]);
}

/// The source is listed before the destination is made, also what that is made in.
#[test]
fn what_the_destination_is_made_in_keeps_its_time() {
    let case = world([file("p/q/s/a", "a"), dir("p/q/other").mtime(2)]);
    case.same_each(
        [
            "-aR p/q/s p/q/d/",
            "-aR p/q/s/ p/d/",
            "-aR --mkpath p/q/s p/q/d/e/",
            "-aRi p/q/s/a p/q/d",
            "-aR p/q/s/ p/q/d -n",
        ]
        .map(String::from),
    );
}
