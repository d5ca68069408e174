//! Copies beside those of `cp -a`: the same tree, and where rsync and cp go different ways, which one ours goes.

use compat_tests::alone::Alone;
use compat_tests::mounted::must;
use compat_tests::program::Mode;
use compat_tests::rich::{Maker, rich};
use compat_tests::snapshot::{self, Holes};
use compat_tests::*;
use std::os::unix::fs::MetadataExt;
use std::process::Command;

/// Ours copies `s` to `d`, cp to `c`; what differs, ours named second.
fn beside(alone: &Alone, mode: Mode, options: &str) -> Vec<String> {
    must(Command::new("cp").args(["-a", "s/.", "c"]).current_dir(alone.dir()), "run cp");
    let ran = alone.ours(mode, "", &format!("{options} s/ d/"));
    assert_eq!(ran.outcome.code, 0, "{}", String::from_utf8_lossy(&ran.outcome.stderr));
    snapshot::diff(&alone.snapshot("c"), &alone.snapshot("d"), Holes::Ignored)
}

#[test]
fn a_first_copy_is_the_same() {
    for mode in Mode::of_this_run() {
        for (maker, user, options) in [(Maker::Root, None, "-aHAX"), (Maker::User, Some(65_534), "-aHAX")] {
            let alone = Alone::new(&rich(maker).below("s"), user);
            if user.is_some() {
                // cp runs as root here: it may do all that the user may.
                must(Command::new("chown").args(["65534:65534", "."]).current_dir(alone.dir()), "run chown");
            }
            assert_eq!(beside(&alone, mode, options), Vec::<String>::new(), "{maker:?} {mode:?}");
        }
    }
}

/// Without `-H -A -X` rsync, and so ours, leaves out what `cp -a` takes along.
#[test]
fn links_acls_and_xattrs_have_options_of_their_own() {
    let tree = tree([
        file("s/one", "x"),
        hard("s/two", "s/one"),
        file("s/acl", "x").acl("u::rw-,u:7:r--,g::r--,m::r--,o::---"),
        file("s/attr", "x").xattr("user.a", "1"),
    ]);
    for mode in Mode::of_this_run() {
        let differences = beside(&Alone::new(&tree, None), mode, "-a");
        for name in ["acl: access ACL", "attr: xattr user.a", "two: number of hard links"] {
            assert!(differences.iter().any(|line| line.starts_with(name)), "{name}: {differences:#?}");
        }
    }
}

/// An existing destination: rsync puts a new file in place of the name, cp writes into the file that has it. Ours
/// replaces: nobody sees half a file, and whoever has the old one open keeps it.
#[test]
fn what_is_there_is_replaced_not_written_into() {
    let tree = tree([file("s/f", "new"), file("d/f", "old").mtime(5), file("c/f", "old").mtime(5)]);
    for mode in Mode::of_this_run() {
        let alone = Alone::new(&tree, None);
        let inode = |name: &str| std::fs::metadata(alone.dir().join(name)).expect("a file").ino();
        let before = (inode("c/f"), inode("d/f"));
        assert_eq!(beside(&alone, mode, "-a"), Vec::<String>::new());
        assert_eq!(inode("c/f"), before.0, "cp writes into it");
        assert_ne!(inode("d/f"), before.1, "ours replaces it");
    }
}

/// A link where a file is to go: cp writes through it, rsync and ours replace it.
#[test]
fn a_link_at_the_destination_is_replaced_not_followed() {
    let tree = tree([
        file("s/f", "new"),
        file("d/target", "old"),
        symlink("d/f", "target"),
        file("c/target", "old"),
        symlink("c/f", "target"),
    ]);
    for mode in Mode::of_this_run() {
        let alone = Alone::new(&tree, None);
        beside(&alone, mode, "-a");
        let read = |name: &str| std::fs::read(alone.dir().join(name)).expect("a file");
        assert_eq!(read("c/target"), b"new", "cp");
        assert_eq!((read("d/target"), read("d/f")), (b"old".to_vec(), b"new".to_vec()), "ours");
        assert!(!alone.dir().join("d/f").is_symlink());
    }
}

/// The same size and time: rsync and ours believe the file is the same, cp copies it. `-I` does as cp does.
#[test]
fn equal_size_and_time_count_as_equal() {
    let there = |dir: &str, text: &str| file(format!("{dir}/f"), text).mtime(5);
    let tree = tree([there("s", "abc"), there("d", "xyz"), there("c", "xyz")]);
    for mode in Mode::of_this_run() {
        let alone = Alone::new(&tree, None);
        assert_eq!(beside(&alone, mode, "-a"), ["f: contents differ"]);
        assert_eq!(beside(&alone, mode, "-aI"), Vec::<String>::new());
    }
}

/// Holes: cp keeps those of the source by itself, rsync and ours with `-S`.
#[test]
fn holes_are_kept_with_an_option() {
    let tree = tree([file("s/holes", sparse(900_000, &[(0, 10), (500_000, 10_000)]))]);
    for mode in Mode::of_this_run() {
        let alone = Alone::new(&tree, None);
        assert_eq!(beside(&alone, mode, "-aS"), Vec::<String>::new());
        let (cp, ours) = (alone.snapshot("c"), alone.snapshot("d"));
        assert_eq!(snapshot::diff(&cp, &ours, Holes::AtLeastAsMany), Vec::<String>::new());
    }
}
