//! Attacks by somebody who owns a part of the trees, has a user id of their own, and plays moves drawn at random, while
//! root copies, or an ordinary user (docs/security.md).

mod mallory;

use self::mallory::Mallory;
use crate::alone::{Alone, Ran};
use crate::program::{HUNG, Mode};
use crate::rng::Rng;
use crate::snapshot::{self, Holes, Snapshot};
use crate::tree::{Content, Entry, Tree, block_dev, char_dev, dir, fifo, file, hard, random, symlink, tree};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whom the attacked parts belong to.
const MALLORY: u32 = 4242;
/// Who copies where root does not.
const BOB: u32 = 4343;
/// What files outside hold, and nothing else does.
const SECRET: &str = "not yours";
/// What files within the attacked parts hold that belong to who copies, and that nobody else may read.
const PRIVATE: &str = "root's own";
/// What set-id programs of theirs hold.
const SET_ID: &str = "#!/bin/true";
/// The attacked parts.
const TOPS: &[&str] = &["s/x", "d/x", "alt/x", "b/x", "tmp"];
const SUBDIRS: &[&str] = &["", "sub", "sub/deep", ".part", ".~tmp~"];

/// What is copied, in which way: `s/` into `d/`, whose `x` are Mallory's.
const OPTIONS: &[&str] = &[
    "-a",
    "-aHIAX --delete",
    "-aIA --delay-updates",
    "-aHAX",
    "-aI",
    "-aIH --delete",
    "-aI --delete-before",
    "-aI --delay-updates --delete-after",
    "-aI --delay-updates --delete-delay",
    "-aIb --delete",
    "-aIb --backup-dir=../b --delete",
    "-aI --inplace",
    "-aIb --inplace",
    "-aI --inplace --delete --backup --backup-dir=../b",
    "-aI --append",
    "-aIS",
    "-aI --no-whole-file",
    "-aI --no-whole-file --fuzzy --delete-after",
    "-aI --partial-dir=.part",
    "-aI --temp-dir=TMP",
    "-aI --temp-dir=TMP --partial-dir=.part --no-whole-file",
    "-ac",
    "-acR",
    "-rpgot --size-only",
    "-aI --link-dest=../alt",
    "-aHI --link-dest=../alt",
    "-a --copy-dest=../alt",
    "-a --compare-dest=../alt",
    "-aIF --delete",
    "-aI --remove-source-files",
    "-aIm --delete",
    "-aIK --delete",
    "-a --fake-super -X",
    "-aI --no-o --no-g --chmod=F640,D750",
    "-aIX --force",
    "-aI --munge-links",
    "-aI --safe-links",
];

/// What came of attacks.
#[derive(Clone, Debug, Default)]
pub struct Attacked {
    /// Runs of the program.
    pub runs: usize,
    /// What Mallory did that succeeded.
    pub moves: usize,
    /// What should not have happened, with the seed that it came from.
    pub losses: Vec<String>,
}

/// The names below an attacked directory, which is open to all where an ordinary user works in it.
fn below(top: &str, user: Option<u32>, content: impl Fn(u64) -> Content) -> Vec<Entry> {
    let hers = |entry: Entry| entry.owner(MALLORY, MALLORY).mtime(1_400_000_000);
    let mode = if user.is_some() { 0o777 } else { 0o755 };
    let open = |entry: Entry| hers(entry).mode(mode);
    let mut entries = Vec::new();
    for sub in ["", "sub/", "sub/deep/"] {
        entries.extend((0..12).map(|n| hers(file(format!("{top}/{sub}f{n}"), content(n)))));
        entries.push(hers(hard(format!("{top}/{sub}hard"), format!("{top}/{sub}f3"))));
        entries.push(hers(symlink(format!("{top}/{sub}link"), "f1")));
        entries.push(hers(fifo(format!("{top}/{sub}fifo"))));
    }
    for device in [char_dev("null", 1, 3), char_dev("zero", 1, 5), block_dev("loop", 7, 250), fifo("fifo")] {
        let name = [format!("{top}/excluded-").as_bytes(), &device.path].concat();
        entries.push(Entry { path: name, ..device }.mode(0o666));
    }
    entries.extend([dir(top), dir(format!("{top}/sub")), dir(format!("{top}/sub/deep"))].map(open));
    entries
}

/// Files of who copies where Mallory may rename them.
fn own(top: &str) -> [Entry; 3] {
    let files = [("private", PRIVATE, 0o600), ("grouped", PRIVATE, 0o640), ("set-id", SET_ID, 0o6755)];
    files.map(|(name, content, mode)| file(format!("{top}/{name}"), content).mode(mode).mtime(1_400_000_000))
}

/// A directory of the source that only who copies may enter beside one of hers, and files with a name in both parts.
fn closed_and_shared() -> impl Iterator<Item = Entry> {
    let closed = [
        dir("s/x/closed").mode(0o700),
        file("s/x/closed/secret", PRIVATE).mode(0o644),
        dir("s/x/open").owner(MALLORY, MALLORY),
        file("s/x/open/f", "hers").owner(MALLORY, MALLORY),
    ];
    let shared = (0..6).flat_map(|n| {
        let first = file(format!("s/root/g{n}"), random(n + 50, 300 + n * 900)).mtime(50);
        [first, hard(format!("s/x/g{n}"), format!("s/root/g{n}"))]
    });
    closed.into_iter().chain(shared)
}

fn world(seed: u64, user: Option<u32>) -> Tree {
    let old = |number| Content::from(format!("old {number:05}"));
    let new = move |number| random(seed ^ number, 100 + number * number * 200);
    let alternate = if seed.is_multiple_of(2) { old } else { |_| Content::from("alternate") };
    let outside = below("outside/x", None, |_| Content::from(SECRET));
    tree(below("s/x", user, new))
        .with(below("d/x", user, old))
        .with(below("alt/x", user, alternate))
        .with(outside.into_iter().map(|entry| Entry { owner: None, ..entry }))
        .with(["s/x", "d/x", "alt/x"].into_iter().flat_map(own))
        .with(closed_and_shared())
        .with((0..12).map(|n| file(format!("outside/f{n}"), SECRET)))
        .with((0..12).flat_map(|n| {
            let new = file(format!("s/root/f{n}"), random(n, n * 900));
            [new.mtime(50), file(format!("d/root/f{n}"), "older").mtime(5)]
        }))
        .with(["d/x/.part", "b/x", "tmp"].map(|name| {
            let mode = if user.is_some() { 0o777 } else { 0o755 };
            dir(name).owner(MALLORY, MALLORY).mode(mode)
        }))
        .with([file("d/x/gone", "g").owner(MALLORY, MALLORY)])
}

/// One run of the program under attack.
///
/// # Panics
/// When the trees cannot be made or read.
pub fn round(seed: u64) -> Attacked {
    let mut rng = Rng::new(seed);
    let user = seed.is_multiple_of(4).then_some(BOB);
    let alone = Alone::new(&world(seed, user), user);
    let options = *rng.pick(OPTIONS);
    let mode = *rng.pick(&Mode::of_this_run());
    let pace = if rng.one_in(4) { " --bwlimit=2m" } else { "" };
    let temporary = alone.dir().join("tmp").display().to_string();
    let command = format!("{options}{pace} --exclude=excluded* s/ d/").replace("TMP", &temporary);
    let before = Before { outside: alone.snapshot("outside"), names: names(alone.dir()) };
    let stop = AtomicBool::new(false);
    let (ran, report) = std::thread::scope(|scope| {
        let attack = scope.spawn(|| {
            let mallory = Mallory::new(alone.dir(), user.unwrap_or(0), rng.next_u64());
            mallory.attack(&stop)
        });
        let ran = alone.ours(mode, "", &command);
        stop.store(true, Ordering::Relaxed);
        (ran, attack.join().expect("Mallory never panics"))
    });
    let mut losses = judge(&alone, &ran, &before);
    // That takes what is there for granted, whoever put it there, and gives it the source's owner; and without `-g`
    // files have the group that her directories pass on.
    if !command.contains("--append") && !command.contains("--no-g") {
        losses.extend(report.won);
    }
    let losses = losses.into_iter().map(|what| format!("seed {seed}: {mode:?} {command}: {what}")).collect();
    Attacked { runs: 1, moves: report.moves, losses }
}

impl Attacked {
    /// Adds what came of more attacks.
    pub fn add(&mut self, more: Attacked) {
        self.runs += more.runs;
        self.moves += more.moves;
        self.losses.extend(more.losses);
    }
}

fn names(dir: &Path) -> Vec<std::ffi::OsString> {
    let mut names: Vec<_> =
        std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.file_name()).collect();
    names.sort();
    names
}

/// What there was before a run.
struct Before {
    outside: Snapshot,
    /// The names beside the trees.
    names: Vec<std::ffi::OsString>,
}

/// What is wrong after a run.
fn judge(alone: &Alone, ran: &Ran, before: &Before) -> Vec<String> {
    let mut losses = Vec::new();
    let said = [&ran.outcome.stdout[..], &ran.outcome.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    // Sources that become shorter end `--append` runs and rules that make no sense end any.
    if ran.outcome.code == HUNG || ran.outcome.code > 100 || said.contains("panicked") {
        losses.push(format!("exit {}: {said}", ran.outcome.code));
    }
    if said.contains(SECRET) || said.contains(PRIVATE) {
        losses.push(format!("told what is not to be read: {said}"));
    }
    let after = alone.snapshot_since("outside", &before.outside);
    let touched = after.items.iter().filter(|(_, item)| item.touched);
    losses.extend(touched.map(|(path, _)| format!("outside/{} touched", String::from_utf8_lossy(path))));
    if after.items.len() != before.outside.items.len() {
        losses.push("names outside came or went".to_owned());
    }
    if names(alone.dir()) != before.names {
        losses.push(format!("beside the trees: {:?}", names(alone.dir())));
    }
    if names(&alone.dir().join("d")) != ["root", "x"] && !names(&alone.dir().join("d")).iter().all(known) {
        losses.push(format!("in d: {:?}", names(&alone.dir().join("d"))));
    }
    for tree in ["d", "b", "tmp"] {
        secrets(&alone.dir().join(tree), &mut losses);
    }
    losses.extend(own_part(alone));
    losses
}

/// What runs may leave beside `root` and `x` in `d`.
fn known(name: &std::ffi::OsString) -> bool {
    let name = name.as_bytes();
    [&b"root"[..], b"x", b".part", b".~tmp~", b"s"].contains(&name) || name.ends_with(b"~")
}

/// The part of the destination that belongs to who copies holds their files, old or new, and nothing else.
fn own_part(alone: &Alone) -> Vec<String> {
    let owner = |path: &Path| {
        std::fs::symlink_metadata(path).map_or(0, |meta| std::os::unix::fs::MetadataExt::uid(&meta))
    };
    let user = owner(alone.dir());
    let mut losses = Vec::new();
    for entry in std::fs::read_dir(alone.dir().join("d/root")).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let content = std::fs::read(entry.path()).unwrap_or_default();
        let new = std::fs::read(alone.dir().join("s/root").join(&name)).unwrap_or_default();
        let owner = owner(&entry.path());
        // `--remove-source-files` leaves nothing to compare with, `--append` an old beginning.
        let kept = name.ends_with('~') || content.starts_with(b"older") || new.is_empty();
        if owner != user || !kept && content != new {
            losses.push(format!("d/root/{name} is not what it was, nor what it should be"));
        }
    }
    losses
}

/// Files in a tree that hold what lies outside.
fn secrets(dir: &Path, losses: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let kind = entry.file_type().expect("a type");
        if kind.is_dir() {
            secrets(&entry.path(), losses);
        } else if kind.is_file()
            && std::fs::read(entry.path()).is_ok_and(|have| have.starts_with(SECRET.as_bytes()))
        {
            losses.push(format!("{} came from outside", entry.path().display()));
        }
    }
}

/// Where nobody attacks, the copy is the tree.
///
/// # Panics
/// When it is not.
pub fn at_peace() {
    let alone = Alone::new(&world(1, None), None);
    alone.ours(Mode::Ring, "", "-aH s/ d/").assert_silent();
    let differences = snapshot::diff(&alone.snapshot("s/root"), &alone.snapshot("d/root"), Holes::Ignored);
    assert!(differences.is_empty(), "{differences:?}");
}
