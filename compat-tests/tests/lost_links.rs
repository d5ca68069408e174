//! rsync(1), `--copy-links`, `--copy-dirlinks` and `--copy-unsafe-links`, where a link leads nowhere or in circles
//! (points 48 and 70).

use compat_tests::*;

const OLD: i64 = 1_400_000_000;

/// They are not on the list, which shows where errors do not stop deletions.
#[test]
fn links_that_cannot_be_followed_are_extraneous() {
    let case =
        world([symlink("s/l", "nowhere"), symlink("d/l", "nowhere"), file("s/f", "x"), file("d/gone", "x")]);
    case.also([file("list", ".\n")]).same_each([
        "-aiL --delete --ignore-errors s/ d/",
        "-aiL --delete-before --ignore-errors s/ d/",
        "-aiL --delete s/ d/",
        "-aiL --files-from=list --delete --ignore-errors s/ d/",
    ]);
}

#[test]
fn followed_links_that_lead_nowhere_or_in_circles() {
    let circle = world([
        symlink("s/a", "b"),
        symlink("s/b", "a"),
        symlink("s/c", "nowhere"),
        file("s/f", "x"),
        file("s/sub/g", "y"),
        file("d/gone", "g"),
        file("d/sub/gone", "g"),
    ]);
    circle.same_each([
        "-aiL s/ d/",
        "-aiL --delete s/ d/",
        "-aiL --delete-after s/ d/",
        "-aik --delete s/ d/",
        "-ai --copy-unsafe-links --delete s/ d/",
    ]);
    let upwards = world([file("s/f", "x"), symlink("s/self", "."), dir("d")]);
    upwards.same_each(["-aL s/ d/", "-rL s/f s/self/ d/"]);
    world([file("s/sub/f", "x"), symlink("s/sub/up", "../sub"), dir("d")]).same_each(["-aik s/ d/"]);
}

/// rsync(1), `--delete`: a link that is followed to nothing makes the listing incomplete.
#[test]
fn links_that_lead_nowhere_stop_deletions() {
    let dirs = ["a", "m", "z", "x"];
    let mut tree = tree([symlink("s/m/dangling", "/gone"), file("s/f", "x"), file("d/extra", "e")]);
    for name in dirs {
        tree.insert(file(format!("d/{name}/extra"), "e"));
        if name != "x" {
            tree.insert(file(format!("s/{name}/kept"), "k"));
        }
    }
    let case = Case::new(tree);
    for follow in ["-aL", "-a --copy-unsafe-links", "-ak"] {
        case.clone().same_each(
            ["--delete", "--delete-before", "--delete-after", "--delete-delay", "--delete --ignore-errors"]
                .map(|delete| format!("{follow} {delete} -i s/ d/")),
        );
    }
}

/// A link that leads nowhere is no failure where rules hide it, be it as a file or as a directory.
#[test]
fn s48_hidden_links_that_lead_nowhere_stop_no_deletions() {
    for target in ["nowhere", "a", "../a"] {
        let case = world([
            symlink("s/a", target),
            file("s/sub/f", "1"),
            file("d/x", "goes"),
            file("d/sub/y", "goes"),
        ]);
        case.any_order().same_each([
            "-aiL --delete --exclude=a s/ d/",
            "-aiL --delete --exclude=a/ s/ d/",
            "-aiL --delete --filter='H /a' s/ d/",
            "-aiL --delete --exclude=sub/ s/ d/",
            "-aiL --delete-after --exclude=a/ s/ d/",
            "-aiL --delete-before --exclude=a s/ d/",
            "-ai --copy-unsafe-links --delete --exclude=a s/ d/",
            "-aiL --delete --include=a --exclude=a/ s/ d/",
            "-aL --delete --exclude=a s/a s/ d/",
            "-aL --delete --exclude=a s/a d/",
        ]);
    }
}

/// What rules hide is no error, and stops no deletions.
#[test]
fn s48_lost_links_that_rules_hide() {
    let case = world([symlink("s/lost", "nowhere"), file("s/a", "x"), file("d/b", "y"), file("d/lost", "z")]);
    case.same_each(["-rL --exclude=lost --delete s/ d/", "-rLv --filter='H *t' --delete s/ d/"]);
}

#[test]
fn links_that_lead_nowhere_are_told() {
    let case = world([
        symlink("s/d1/nowhere", "/nope"),
        symlink("s/d1/relative", "nope"),
        symlink("s/d1/through-file", "f/x"),
        symlink("s/d1/round", "round"),
        symlink("s/d1/f-link", "f"),
        symlink("s/d1/up", "../../alt"),
        file("s/d1/f", "x"),
        dir("alt"),
    ]);
    for sources in ["s/", "s", "s/d1/nowhere s/d1/relative s/d1/through-file s/d1/round s/d1/up"] {
        let options =
            ["-rlv -L", "-rlvv --copy-unsafe-links", "-rlv -k", "-rlvn --copy-unsafe-links", "-rlv -kL"];
        case.clone().same_each(options.map(|options| format!("{options} {sources} d/")));
        case.clone().same_each(options.map(|options| format!("{options} {sources} new")));
    }
}

/// A link to a directory above it is followed as often as the kernel follows links; a file behind one more is told.
#[test]
fn s70_files_behind_too_many_links() {
    let case = world([
        symlink("s/round", "."),
        file("s/f", "f").mtime(OLD),
        symlink("s/link", "f"),
        symlink("s/sub/up", "../f"),
    ]);
    case.same_each(["-aL s/ d/", "-aLi s/ d/", "-rLn s/ d/", "-rk s/ d/", "-aL s/round/ d/"]);
}

/// A link that leads round in a circle is no link of somebody else's.
#[test]
fn s71_circles_in_typed_paths() {
    let case = world([
        file("s/f", "f").mtime(OLD),
        dir("s/dir"),
        file("d/f", "old"),
        symlink("loop", "loop"),
        symlink("alt/dir", "dir"),
    ]);
    case.same_each([
        "-a loop/ d/",
        "-a s/ loop/",
        "-a s/ loop/x",
        "-a --link-dest=../loop s/ d/",
        "-a --compare-dest=../loop/x s/ d/",
        "-a --link-dest=../alt s/ new/",
        "-ab --backup-dir=../loop s/ d/",
        "-ab --backup-dir=../loop/x s/ d/",
        "-a --partial-dir=$TWIN/loop s/ d/",
        "-a --files-from=loop s/ d/",
        "-a --exclude-from=loop s/ d/",
        "-a --filter=._loop s/ d/",
        "-a --log-file=loop s/ d/",
    ]);
}

/// An operand behind a link that leads to itself.
#[test]
fn operands_behind_links_in_circles() {
    let case = world([symlink("s/loop", "loop"), file("s/f", "f"), file("list", "loop/f\n")]);
    case.clone().same_each(
        ["s/loop/f", "s/loop/", "s/loop/./f", "--files-from=list s", "s/loop/f s/f"]
            .map(|operands| format!("-a {operands} d/")),
    );
    case.clone().same_each(["s/loop/f", "-R s/loop/f", "-r s/loop/"]);
}
