//! Where /proc, /sys and /dev are empty, as in a chroot that nobody has furnished, or on a rescue disk: everything that
//! rsync sets there is set.

use compat_tests::alone::Alone;
use compat_tests::program::Mode;
use compat_tests::snapshot::Holes;
use compat_tests::*;

/// Nothing but what the file systems of the tree have.
const EMPTIED: &str = "for dir in /proc /sys; do mount -t tmpfs none $dir; done; exec \"$@\"";

fn every_kind() -> Tree {
    tree([
        dir("s"),
        file("s/f", random(1, 5000)).mode(0o640),
        file("s/large", random(2, 700_000)),
        file("s/set", "x").mode(0o4755),
        dir("s/sub").mode(0o2775).mtime(1_300_000_000),
        dir("s/closed").mode(0o300),
        file("s/closed/in", "y"),
        hard("s/sub/again", "s/f"),
        symlink("s/link", "f").mtime(1_200_000_000),
        symlink("s/sub/dangling", "nowhere").mtime(1_200_000_001),
        fifo("s/pipe").mode(0o600),
        file("d/f", "old"),
        symlink("d/link", "f").mtime(5),
        dir("d").mode(0o755),
    ])
}

fn same(tree: &Tree, user: Option<u32>, through: &str, commands: &[&str]) {
    let mut wrong = Vec::new();
    let through = format!("{through} sh -c {} sh", shell::quote(EMPTIED.as_bytes()));
    for command in commands {
        let rsync = Alone::new(tree, user);
        let wanted = (rsync.rsync(&through, command).comparable, rsync.snapshot("d"));
        for mode in Mode::of_this_run() {
            let ours = Alone::new(tree, user);
            let ran = ours.ours(mode, &through, command);
            let mut differences = output::diff(&wanted.0, &ran.comparable);
            differences.extend(snapshot::diff(&wanted.1, &ours.snapshot("d"), Holes::Ignored));
            wrong.extend(differences.iter().map(|line| format!("{user:?} {command} {mode:?}: {line}")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

const COMMANDS: [&str; 6] = [
    "-ai s/ d/",
    "-aHAXi --delete s/ d/",
    "-ai --inplace s/ d/",
    "-ai --partial-dir=.p --delay-updates s/ d/",
    "-aHi --link-dest=../d s/ e/",
    "-ai --chmod=go-rwx s/ d/",
];

#[test]
fn everything_is_set_by_root() {
    let tree = every_kind().with([
        file("s/theirs", "z").owner(1001, 1002).mode(0o600),
        symlink("s/their-link", "z").owner(1001, 1002),
        file("s/sub/labelled-file", "z").xattr("trusted.label", "1"),
    ]);
    same(&tree, None, "unshare --mount", &COMMANDS);
}

#[test]
fn everything_is_set_by_a_user() {
    let through = "unshare --user --map-current-user --keep-caps --mount";
    same(&every_kind(), Some(65_534), through, &COMMANDS);
}
