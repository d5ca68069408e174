//! rsync(1), `--copy-links`, `--copy-dirlinks` and `--copy-unsafe-links`, where a link leads nowhere or in circles
//! (semantics 48 and 70).

use compat_tests::*;

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
