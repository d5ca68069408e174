//! A tree with some of everything, random changes to it, and one of many names.

use crate::rng::Rng;
use crate::tree::{
    Content, Entry, Kind, Mtime, Tree, block_dev, capability, char_dev, dir, fifo, file, hard, random,
    socket, sparse, symlink, tree,
};
use std::ops::Range;

/// What the person who makes a tree may make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// Devices, foreign owners, trusted and security attributes.
    Root,
    /// Only what everybody may.
    User,
}

/// Names that rules can tell apart in every way: below others of the same name, with wildcards in them, with dots.
#[must_use]
pub fn names_for_rules() -> Tree {
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

/// Some of everything: types, modes, owners, times, attributes, ACLs, holes, hard links and odd names.
pub fn rich(maker: Maker) -> Tree {
    let everybody = files().into_iter().chain(links_and_specials()).chain(attributes());
    match maker {
        Maker::User => tree(everybody),
        Maker::Root => tree(everybody.chain(for_root())),
    }
}

fn files() -> Vec<Entry> {
    vec![
        file("empty", ""),
        file("small", "hello\n").mode(0o600),
        file("big.bin", random(1, 140_000)),
        file("page", random(2, 4096)),
        file("ro", "read only").mode(0o444),
        file("run", "#!/bin/sh\n").mode(0o755),
        file("whole-second", "1").mtime(1_400_000_000),
        file("before-1970", "2").mtime_ns(-86_400, 5),
        file("zeros", Content::Zeros(50_000)),
        file("holes", sparse(1 << 19, &[(65_536, 8192), (400_000, 10)])),
        file("ends-in-hole", sparse(300_000, &[(0, 4096)])),
        file("sub/a", "a").mode(0o640),
        file("sub/b.o", "object"),
        file("sub/deep/er/c", random(3, 70_000)),
        dir("sub").mode(0o750),
        dir("nothing").mode(0o700),
        dir("sticky").mode(0o1777),
        file("sp ace/na me", "x"),
        file("sub.d/x", "sorts before sub/"),
        file("sub-d", "sorts before sub/ too"),
        file(b"new\nline", "n"),
        file(b"inv\xffalid", "i"),
        file("caf\u{e9}", "utf-8"),
        file("back\\slash", "b"),
        file("back\\#012", "not an escape"),
        file("it's [a] *?", "wild"),
        file(".hidden", "h"),
        file(".dir/.f", "h"),
        file("~tilde~", "t"),
    ]
}

fn links_and_specials() -> Vec<Entry> {
    vec![
        symlink("link", "small"),
        symlink("link-dir", "sub"),
        symlink("dangling", "/nonexistent"),
        symlink("sub/up", "../small"),
        hard("hard1", "page"),
        hard("sub/deep/hard2", "page"),
        file("sub/h1", "pair"),
        hard("zz/h2", "sub/h1"),
        fifo("fifo").mode(0o640),
        socket("sub/socket"),
    ]
}

fn attributes() -> Vec<Entry> {
    vec![
        file("x-attr", "x").xattr("user.one", "1").xattr("user.empty", ""),
        dir("x-dir").xattr("user.dir", b"\x00\xff"),
        file("acl", "x").acl("u::rw-,u:1000:r--,g::r--,g:5:rw-,m::rw-,o::---"),
        dir("acl-dir")
            .acl("u::rwx,u:7:r-x,g::r-x,m::r-x,o::---")
            .default_acl("u::rwx,u:7:rwx,g::r-x,m::rwx,o::---"),
        file("acl-dir/child", "no ACL"),
        dir("acl-dir/sub"),
    ]
}

fn for_root() -> Vec<Entry> {
    vec![
        file("setuid", "s").mode(0o4755).owner(1234, 5678),
        file("setgid", "s").mode(0o2711).owner(0, 5678),
        dir("setgid-dir").mode(0o2775).owner(1, 99),
        file("setgid-dir/f", "f").owner(77, 88),
        file("foreign", "f").owner(1001, 1002).mode(0o640),
        symlink("foreign-link", "foreign").owner(1001, 1002).xattr("trusted.link", "l"),
        char_dev("null", 1, 3).mode(0o666),
        block_dev("loop", 7, 200).mode(0o660).owner(0, 6),
        hard("hard-null", "null"),
        file("cap", "c").mode(0o755).xattr("security.capability", capability(1 << 13)),
        file("cap-foreign", "c").owner(5, 5).mode(0o4755).xattr("security.capability", capability(1 << 10)),
        file("trusted", "t").xattr("trusted.t", "t").xattr("security.s", "s"),
        file("locked", "nobody reads this").mode(0),
    ]
}

/// A tree with `count` random changes; the same seed gives the same changes.
pub fn changed(tree: &Tree, seed: u64, count: u64) -> Tree {
    changed_again(tree, seed, 0..count)
}

/// The same for a tree that was changed before: what is new has these numbers in its name.
pub fn changed_again(tree: &Tree, seed: u64, numbers: Range<u64>) -> Tree {
    let mut rng = Rng::new(seed);
    let mut changed = tree.clone();
    for number in numbers {
        change(&mut changed, &mut rng, number);
    }
    changed
}

fn change(tree: &mut Tree, rng: &mut Rng, number: u64) {
    let linked: Vec<Vec<u8>> =
        tree.entries.values().filter_map(|entry| link_target(entry).cloned()).collect();
    let plain = |entry: &&Entry| link_target(entry).is_none() && !linked.contains(&entry.path);
    let candidates: Vec<Vec<u8>> =
        tree.entries.values().filter(plain).map(|entry| entry.path.clone()).collect();
    let dirs: Vec<&Entry> = tree.entries.values().filter(|entry| entry.kind == Kind::Dir).collect();
    let new = match dirs.is_empty() || rng.one_in(3) {
        true => format!("new{number}").into_bytes(),
        false => [&rng.pick(&dirs).path[..], format!("/new{number}").as_bytes()].concat(),
    };
    if candidates.is_empty() || rng.one_in(5) {
        let entry = if rng.one_in(4) { dir(new) } else { file(new, random(rng.next_u64(), rng.below(9000))) };
        return tree.insert(entry);
    }
    let path = rng.pick(&candidates).clone();
    if rng.one_in(5) {
        return tree.remove(&path);
    }
    let entry = tree.entries.get_mut(&path).expect("picked from the tree");
    match rng.below(6) {
        0 => {
            entry.mode =
                Some([0o600, 0o644, 0o755, 0o700, 0o444][usize::try_from(rng.below(5)).expect("small")])
        }
        1 => {
            entry.xattrs.insert("user.new".into(), number.to_string().into_bytes());
            if !matches!(entry.kind, Kind::Dir | Kind::File(_)) {
                entry.xattrs.remove("user.new");
            }
        }
        2 => entry.mtime = Some(Mtime { seconds: entry.mtime_or_default().seconds + 1, nanoseconds: 7 }),
        _ => rewrite(entry, rng, number),
    }
}

fn rewrite(entry: &mut Entry, rng: &mut Rng, number: u64) {
    let later = entry.mtime_or_default().seconds + 100;
    match &mut entry.kind {
        Kind::File(content) => *content = random(rng.next_u64(), rng.below(40_000)),
        Kind::Symlink(target) => *target = format!("target{number}").into_bytes(),
        Kind::Char(_, minor) | Kind::Block(_, minor) => *minor ^= 8,
        Kind::Dir | Kind::Fifo | Kind::Socket | Kind::HardLink(_) => {}
    }
    entry.mtime = Some(later.into());
}

fn link_target(entry: &Entry) -> Option<&Vec<u8>> {
    match &entry.kind {
        Kind::HardLink(of) => Some(of),
        _ => None,
    }
}

/// The edits that turn the world's `s/` from one tree into the other: what to remove, then what to put.
pub fn edits(from: &Tree, to: &Tree) -> (Vec<Vec<u8>>, Vec<Entry>) {
    let removed = from.entries.keys().filter(|path| !to.entries.contains_key(*path)).cloned().collect();
    let differs = |entry: &&Entry| from.entries.get(&entry.path) != Some(*entry);
    (removed, to.entries.values().filter(differs).cloned().collect())
}
