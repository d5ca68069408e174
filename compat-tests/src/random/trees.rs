//! Random trees: few names, so that they collide; merge files among them.

use super::Who;
use crate::rng::Rng;
use crate::tree::{
    Content, Entry, Kind, Mtime, Owner, Tree, block_dev, capability, char_dev, dir, fifo, file, hard, random,
    socket, sparse, symlink, tree,
};

/// Takes out links to directories above them: who follows links would go round and round.
pub(super) fn without_circles(tree: &mut Tree) {
    for entry in tree.entries.values_mut() {
        if let Kind::Symlink(target) = &mut entry.kind
            && target.starts_with(b".")
        {
            *target = b"/nonexistent".to_vec();
        }
    }
}

/// Nothing is closed to its owner: of a closed directory rsync cannot read what is kept of it.
pub(super) fn open_up(tree: &mut Tree) {
    for entry in tree.entries.values_mut() {
        let needed = if entry.kind == Kind::Dir { 0o700 } else { 0o600 };
        entry.mode = entry.mode.map(|mode| mode | needed);
    }
}

/// A few dozen entries; few names, so that trees collide.
pub(super) fn random_tree(rng: &mut Rng, who: Who) -> Tree {
    let mut made = tree([]);
    for _ in 0..rng.below(25) {
        let entry = random_entry(rng, &made, who);
        let parent_is_dir =
            entry.path.iter().enumerate().filter(|(_, byte)| **byte == b'/').all(|(at, _)| {
                made.entries.get(&entry.path[..at]).is_none_or(|parent| parent.kind == Kind::Dir)
            });
        if parent_is_dir && !made.entries.contains_key(&entry.path) {
            made.insert(dressed(entry, rng, who));
        }
    }
    made
}

/// Files that hold filter rules, where options ask for them.
const MERGE_FILES: &[(&[u8], &str)] = &[
    (b".rsync-filter", "- a\n"),
    (b".rsync-filter", "P *b*\nH c\n+ a/\n"),
    (b".rsync-filter", "- /b\n!\n- *.b\n"),
    (b".f", "- b\n"),
    (b".f", "+ a\n- /c\n"),
    (b".cvsignore", "a b*\n"),
];

fn random_path(rng: &mut Rng) -> Vec<u8> {
    const NAMES: [&[u8]; 12] =
        [b"a", b"b", b"c", b"ab", b"a.b", b"a-b", b"x y", b"n\nl", b"\xff", b".h", b"a~", b"b.o"];
    let depth = 1 + rng.below(3);
    let names: Vec<&[u8]> = (0..depth).map(|_| *rng.pick(&NAMES)).collect();
    names.join(&b'/')
}

fn random_entry(rng: &mut Rng, made: &Tree, who: Who) -> Entry {
    let path = random_path(rng);
    let linkable: Vec<&Entry> =
        made.entries.values().filter(|entry| !matches!(entry.kind, Kind::Dir | Kind::HardLink(_))).collect();
    if rng.one_in(20) {
        let parent = path.iter().rposition(|byte| *byte == b'/').map_or(&b""[..], |at| &path[..=at]);
        let (name, rules) = *rng.pick(MERGE_FILES);
        return file([parent, name].concat(), rules);
    }
    match rng.below(if who == Who::Root { 16 } else { 14 }) {
        0..=6 => file(path, random_content(rng)),
        7 | 8 => dir(path),
        9 | 10 => symlink(path, *rng.pick(&["a", "b/c", "../a", "/nonexistent", "."])),
        11 if !linkable.is_empty() => hard(path, &rng.pick(&linkable).path),
        11 | 12 => fifo(path),
        13 => socket(path),
        14 => char_dev(path, 1, 3 + u32::try_from(rng.below(3)).expect("small")),
        _ => block_dev(path, 7, 100 + u32::try_from(rng.below(3)).expect("small")),
    }
}

fn random_content(rng: &mut Rng) -> Content {
    match rng.below(10) {
        0 => Content::Bytes(Vec::new()),
        1 => Content::Zeros(rng.below(20_000)),
        2 => sparse(100_000, &[(rng.below(50_000), rng.below(9_000))]),
        3 if rng.one_in(8) => random(rng.below(4), 1_000_000 + rng.below(2_000_000)),
        3 => random(rng.below(4), 30_000 + rng.below(3) * 40_000),
        _ => Content::Bytes((*rng.pick(&["x", "y", "xyz", "longer text"])).as_bytes().to_vec()),
    }
}

fn dressed(mut entry: Entry, rng: &mut Rng, who: Who) -> Entry {
    let is_link = matches!(entry.kind, Kind::Symlink(_));
    let is_plain = matches!(entry.kind, Kind::Dir | Kind::File(_));
    if !is_link && rng.one_in(3) {
        let choices = if entry.kind == Kind::Dir {
            [0o700, 0o2755, 0o555, 0o1777, 0o750, if rng.one_in(3) { 0 } else { 0o755 }]
        } else {
            [0o600, 0o4755, 0o444, 0o660, 0o640, if rng.one_in(2) { 0 } else { 0o755 }]
        };
        entry.mode = Some(*rng.pick(&choices));
    }
    if who == Who::Root && rng.one_in(4) {
        entry.owner = Some(Owner { uid: *rng.pick(&[0, 7, 1001]), gid: *rng.pick(&[0, 7, 1002]) });
    }
    if rng.one_in(2) {
        let seconds = 1_400_000_000 + i64::try_from(rng.below(2)).expect("small");
        entry.mtime = Some(Mtime { seconds, nanoseconds: *rng.pick(&[0, 5]) });
    }
    if is_plain && rng.one_in(5) {
        entry.xattrs.insert("user.r".into(), vec![b'0' + u8::try_from(rng.below(3)).expect("small")]);
    }
    if who == Who::Root && matches!(entry.kind, Kind::File(_)) && rng.one_in(12) {
        entry.xattrs.insert("security.capability".into(), capability(1 << rng.below(20)));
    }
    if is_plain && rng.one_in(8) {
        entry.acl = Some("u::rwx,u:1000:r-x,g::r-x,m::rwx,o::---".to_owned());
    }
    if entry.kind == Kind::Dir && rng.one_in(6) {
        entry.default_acl = Some("u::rwx,u:9:rwx,g::r-x,m::rwx,o::---".to_owned());
    }
    entry
}

/// The same tree with every default time written down, so that related trees agree on them.
pub(super) fn timed(source: &Tree) -> Tree {
    tree(source.entries.values().cloned().map(|mut entry| {
        entry.mtime = Some(entry.mtime_or_default());
        entry
    }))
}
