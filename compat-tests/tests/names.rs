//! Names of every kind and length, depth, and directories with many entries (points 13, 33, 81 and 90).

use compat_tests::*;

const EVERY: [&str; 4] = ["-ai s/ d/", "-a s d", "-av s/ d/", "-ain s/ d/"];

fn odd_names() -> Tree {
    let names: [&[u8]; 18] = [
        b" ",
        b"  two  ",
        b"-a",
        b"--delete",
        b"\n",
        b"a\nb",
        b"\xff\xfe",
        b"\x80",
        b"\xc3",
        b"\\",
        b"*",
        b"?",
        b"[",
        b"'",
        b"\"",
        b"...",
        b"~",
        b"#",
    ];
    let mut tree = Tree::default();
    for name in names {
        tree.insert(file([b"s/f/", name].concat(), name));
        tree.insert(file([b"s/", name, b"/in"].concat(), "x"));
        tree.insert(symlink([b"s/l/", name].concat(), name));
        tree.insert(hard([b"s/h/", name].concat(), [b"s/f/", name].concat()));
        tree.insert(fifo([b"s/p/", name].concat()));
    }
    tree
}

#[test]
fn odd_bytes() {
    Case::new(odd_names()).same_each(EVERY);
    Case::new(odd_names()).run("-aHi s/ d/").run("-aHi s/ d/").run("-ai --delete empty/ d/").check();
    let case = Case::new(odd_names().copied("s", "d").with([dir("empty")]));
    case.clone().same_each([
        "-ai --delete empty/ d/",
        "-av --delete empty/ d/",
        "-ai --link-dest=../d s/ e/",
    ]);
    case.as_user().same_each(["-ai s/ e/"]);
}

#[test]
fn s33_long_names() {
    let mut tree = Tree::default();
    for length in [100, 200, 243, 244, 245, 246, 247, 248, 249, 250, 254, 255] {
        tree.insert(file(format!("s/{}", "n".repeat(length)), "x"));
        tree.insert(file(format!("s/dir/{}", "\u{e9}".repeat(length / 2)), "x"));
        tree.insert(file(format!("s/{}/in", "d".repeat(length)), "x"));
        tree.insert(symlink(format!("s/{}", "l".repeat(length)), "x"));
        tree.insert(fifo(format!("s/{}", ".".repeat(length))));
        tree.insert(file(format!("d/{}", "n".repeat(length)), "old"));
        tree.insert(symlink(format!("d/{}", "l".repeat(length)), "old"));
    }
    let case = Case::new(tree);
    case.clone().same_each(["-ai s/ d/", "-ai --inplace s/ d/", "-ai --delete s/ d/", "-aiS s/ e/"]);
    case.run("-ai s/ d/").run("-aii s/ d/").check();
}

fn deep(levels: usize) -> String {
    (0..levels).map(|level| format!("/{level}")).collect()
}

#[test]
fn two_hundred_levels() {
    let path = deep(200);
    let case = world([
        file(format!("s{path}/f"), "deep"),
        file(format!("s{}/g", deep(100)), "half"),
        file(format!("d{path}/x"), "x"),
    ]);
    case.same_each(["-ai s/ d/", "-a --delete s/ d/", "-ai s/ e/", "-av --delete s/ d/", "-aH s e"]);
}

#[test]
fn s90_paths_longer_than_the_limit() {
    let long: String = (0..15).map(|_| format!("/{}", "n".repeat(250))).collect();
    let within = world([file(format!("s{long}/f"), "x"), file("s/z", "z")]);
    within.same_each(["-a s/ d/", "-ai --delete s/ d/"]);
}

#[test]
fn many_entries_in_one_directory() {
    let entries = (0..1500).map(|n| file(format!("s/file{n}"), if n % 3 == 0 { "" } else { "content" }));
    let case = world(entries).also((0..300).map(|n| file(format!("d/gone{n}"), "g")));
    case.run("-ai --delete s/ d/").run("-ai --delete s/ d/").check();
}

#[test]
fn many_directories() {
    let case = world((0..400).map(|n| file(format!("s/d{}/d{}/f{n}", n % 7, n % 31), n.to_string())));
    case.run("-ai s/ d/").run("-a --stats --delete s/ d/").check();
}

#[test]
fn s81_the_receiving_side_escapes_0x7f() {
    let case = world([file("s/a\x7fb", "x"), file("d/a\x7fb/x", "y")]);
    case.same_each(["-r s/ d/", "-r8 s/ d/", "-r --stderr=client s/ d/"]);
}
