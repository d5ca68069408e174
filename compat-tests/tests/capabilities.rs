//! Root without one of its capabilities, and root of a user namespace: owners that cannot be set (point 33). A file
//! that is not its owner's yet is nobody else's either.

#![allow(clippy::disallowed_methods, reason = "writes a script")]

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
    same_in(&foreign(), through, commands);
}

fn same_in(tree: &Tree, through: &str, commands: &[&str]) {
    let mut wrong = Vec::new();
    for command in commands {
        let rsync = Alone::new(tree, None);
        let wanted = (rsync.rsync(through, command).comparable, rsync.snapshot("d"));
        assert!(matches!(wanted.0.code, 0 | 23), "{through}: {:?}", wanted.0);
        for mode in Mode::of_this_run() {
            let ours = Alone::new(tree, None);
            let ran = ours.ours(mode, through, command);
            let mut differences = output::diff(&wanted.0, &ran.comparable);
            differences.extend(snapshot::diff(&wanted.1, &ours.snapshot("d"), Holes::Ignored));
            // Times that neither sets.
            differences.retain(|line| !line.contains(": mtime: "));
            wrong.extend(differences.iter().map(|line| format!("{through} {command} {mode:?}: {line}")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What root has without this capability: also devices, links, attributes of every kind, closed directories.
fn everything() -> Tree {
    foreign().with([
        char_dev("s/null", 1, 3).owner(0, 6).mode(0o660),
        block_dev("s/loop", 7, 200),
        fifo("s/pipe").owner(1001, 1002),
        file("s/trusted", "t").xattr("trusted.t", "1").xattr("user.u", "1"),
        file("s/secure", "s").xattr("security.s", "1").owner(1001, 1002),
        file("s/capable", "c").mode(0o755).xattr("security.capability", capability(1 << 10)),
        file("s/acl", "a").owner(1001, 1002).acl("u::rw-,u:7:r--,g::r--,m::r--,o::---"),
        file("s/team/f", "f").owner(1001, 1002).mode(0o2755),
        dir("s/team").owner(0, 1002).mode(0o2775),
        file("s/shut/f", "f").owner(1001, 1002),
        dir("s/shut").owner(1001, 1002).mode(0o700),
        file("d/theirs", "old").owner(1001, 1002).mode(0o600),
        file("s/theirs", "new").owner(1001, 1002).mode(0o640),
        file("d/shut/gone", "g").owner(1001, 1002),
        dir("d/shut").owner(1001, 1002).mode(0o700),
        file("d/sticky/gone", "g").owner(1001, 1002),
        dir("d/sticky").owner(1001, 1002).mode(0o1777),
        dir("s/sticky").owner(1001, 1002).mode(0o1777),
    ])
}

#[test]
fn s33_root_without_one_of_its_powers() {
    for power in ["dac_override", "mknod", "sys_admin", "fsetid", "setfcap", "dac_read_search", "chown"] {
        let through = format!("setpriv --bounding-set=-{power}");
        same_in(&everything(), &through, &["-ai --delete s/ d/", "-aAXHi s/ d/", "-rlti --delete s/ d/"]);
    }
}

/// Runs a command in a user namespace that has root, user 1001 and group 1002 from outside, and nobody else. It waits
/// for the map, which only the parent may write.
const SOME_USERS: &str = r#"
own=$(readlink /proc/$$/ns/user)
unshare --user bash -c 'until grep -q 1001 /proc/self/gid_map; do sleep 0.01; done; exec "$@"' bash "$@" &
while [ "$(readlink /proc/$!/ns/user)" = "$own" ]; do sleep 0.01; done
dd status=none of=/proc/$!/uid_map <<< $'0 0 1\n1001 1001 1'
dd status=none of=/proc/$!/gid_map <<< $'0 0 1\n1001 1001 2'
wait $!
"#;

#[test]
fn s33_root_of_a_namespace_that_knows_some_users() {
    let script = std::env::temp_dir().join(format!("some-users-{}", std::process::id()));
    std::fs::write(&script, SOME_USERS).expect("a script");
    let through = format!("bash {}", script.display());
    same_in(&everything(), &through, &["-ai --delete s/ d/", "-aAXHi s/ d/", "-ai --numeric-ids s/ d/"]);
    std::fs::remove_file(&script).expect("our own script");
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
