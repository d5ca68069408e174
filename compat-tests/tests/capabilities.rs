//! Root without one of its capabilities, and root of a user namespace: owners that cannot be set (semantics 33). A file
//! that is not its owner's yet is nobody else's either.

use compat_tests::alone::Alone;
use compat_tests::program::Mode;
use compat_tests::snapshot::Holes;
use compat_tests::*;

fn foreign() -> Tree {
    tree([
        file("s/first", "x").owner(1001, 1002).mode(0o644),
        file("s/second", "y").owner(1001, 1002).mode(0o6755),
        file("s/ours", "z").mode(0o640),
        file("s/sub/closed", "c").owner(1001, 1002).mode(0),
        file("s/sub/program", "p").owner(1001, 0).mode(0o4755),
        dir("s/sub").owner(1001, 1002).mode(0o1777),
        symlink("s/link", "ours").owner(1001, 1002),
        file("d/second", "old").mtime(1_400_000_000),
        dir("d"),
    ])
}

/// Ours says and leaves what rsync says and leaves.
fn same(through: &str, commands: &[&str]) {
    for command in commands {
        let rsync = Alone::new(&foreign(), None);
        let wanted = (rsync.rsync(through, command).comparable, rsync.snapshot("d"));
        assert_eq!(wanted.0.code, 23, "{through}: {:?}", wanted.0);
        for mode in Mode::of_this_run() {
            let ours = Alone::new(&foreign(), None);
            let ran = ours.ours(mode, through, command);
            let mut differences = output::diff(&wanted.0, &ran.comparable);
            differences.extend(snapshot::diff(&wanted.1, &ours.snapshot("d"), Holes::Ignored));
            // Times that neither sets.
            differences.retain(|line| !line.contains(": mtime: "));
            assert!(differences.is_empty(), "{through} {command} {mode:?}: {differences:#?}");
        }
    }
}

#[test]
fn s33_no_power_to_give_files_away() {
    same("setpriv --bounding-set=-chown", &["-a s/ d/", "-ai s/ d/", "-aX s/ d/"]);
}

#[test]
fn s33_owners_that_the_namespace_does_not_know() {
    same("unshare --user --map-root-user", &["-a s/ d/", "-ai s/ d/"]);
}

/// Once it is given away, its permissions are no longer ours to set: it must not keep more than it had.
#[test]
fn no_power_over_the_files_of_others() {
    for mode in Mode::of_this_run() {
        let alone = Alone::new(&foreign(), None);
        alone.ours(mode, "setpriv --bounding-set=-fowner", "-a s/ d/");
        let (source, copy) = (alone.snapshot("s"), alone.snapshot("d"));
        for (path, item) in &copy.items {
            let wanted = source.items[path].attrs.mode;
            assert_eq!(item.attrs.mode & !wanted, 0, "{}: {:o}", shell::quote(path), item.attrs.mode);
        }
    }
}
