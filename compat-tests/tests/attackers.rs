//! While ours works, somebody who owns part of a tree swaps names for links to another tree: nothing there is written,
//! deleted or read into the copy (docs/security.md).

use compat_tests::alone::Alone;
use compat_tests::background::with_background;
use compat_tests::program::{Mode, Programs};
use compat_tests::snapshot::Snapshot;
use compat_tests::*;
use rustix::fs::{AtFlags, CWD, FileType, RenameFlags};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What the files outside hold, and nothing else does.
const SECRET: &str = "not yours";
/// How long one attack on one command goes on, unless `ATTACK_MS` says otherwise.
const ATTACK_MS: u64 = 150;

/// Files in a directory and in one within it, and more names for some of them.
fn below(dir: &str, content: impl Fn(usize) -> Content) -> Vec<Entry> {
    let name =
        |number: usize| format!("{dir}/{}f{number}", if number.is_multiple_of(2) { "" } else { "sub/" });
    // One time for all: an alternate destination is as good as what it stands for.
    let entry = |number: usize| file(name(number), content(number)).mtime(1_400_000_000);
    let mut entries: Vec<Entry> = (0..60).map(entry).collect();
    entries.extend((0..10).map(|number| hard(format!("{dir}/again{number}"), name(number + 20))));
    entries
}

/// A source, a destination with other data and attributes and something to delete, an alternate destination, and the
/// tree outside with the same names, which no command mentions.
fn trees() -> Tree {
    // As long as the secret, so that --size-only takes one for the other.
    let old = |number: usize| Content::from(format!("old {number:05}"));
    let secret = |_| Content::from(SECRET);
    let private = |entry: Entry| entry.mode(0o600);
    tree(below("s/x", |number| random(number as u64, 3000 + number as u64 * 700)))
        .with(below("d/x", old).into_iter().map(private))
        .with(below("alt/x", old))
        .with(below("outside", secret))
        .with(["d/x/gone", "d/x/sub/gone"].map(|name| file(name, "g")))
        .with(["outside/gone", "outside/sub/gone", "outside/only/there"].map(|name| file(name, SECRET)))
        .with([dir("e"), dir("tmp")])
}

/// Swaps each pair of names in turn until told to stop, and ends as it began. Counts the swaps.
fn swap(pairs: &[(PathBuf, PathBuf)], stop: &AtomicBool) -> usize {
    let mut count = 0;
    let mut round = 0_u64;
    while !stop.load(Ordering::Relaxed) || !round.is_multiple_of(2) {
        for (one, two) in pairs {
            // One that the run replaces or deletes is attacked no more.
            count +=
                usize::from(rustix::fs::renameat_with(CWD, one, CWD, two, RenameFlags::EXCHANGE).is_ok());
        }
        round += 1;
        // So that the other side is caught at every moment.
        std::thread::sleep(Duration::from_micros(round * 7 % 100 / pairs.len() as u64));
    }
    count
}

fn attack_time() -> Duration {
    let asked = std::env::var("ATTACK_MS").ok().and_then(|text| text.parse().ok());
    Duration::from_millis(asked.unwrap_or(ATTACK_MS))
}

/// What is swapped, and where outside the link leads that it is swapped for.
type Victim = (String, String);

/// In place of a link: a FIFO that nobody writes to, for which nothing may wait.
const FIFO: &str = "|";

/// Runs `command` again and again on fresh trees while victims are swapped for links to the outside.
fn attack(victims: &[Victim], command: &str) {
    for mode in Mode::of_this_run() {
        let (started, swaps) = (Instant::now(), AtomicUsize::new(0));
        let mut runs = 0;
        while runs < 3 || started.elapsed() < attack_time() {
            let alone = Alone::new(&trees(), None);
            let outside = alone.snapshot("outside");
            let pairs: Vec<_> = victims.iter().map(|victim| pair(&alone, victim)).collect();
            let count = |stop: &AtomicBool| _ = swaps.fetch_add(swap(&pairs, stop), Ordering::Relaxed);
            let ran = with_background(count, || alone.ours(mode, "", command));
            assert!([0, 23, 24].contains(&ran.outcome.code), "{command}: {:?}", ran.comparable);
            assert_untouched(&alone, &outside, command);
            runs += 1;
        }
        assert!(swaps.into_inner() > 3 * runs, "the attacker was there: {command}");
    }
}

/// A victim and the link beside it, under a name that the commands exclude.
fn pair(alone: &Alone, (victim, outside): &Victim) -> (PathBuf, PathBuf) {
    let victim = alone.dir().join(victim);
    let name = format!("excluded-{}", victim.file_name().expect("a name").to_string_lossy());
    let link = victim.with_file_name(name);
    if outside == FIFO {
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(CWD, &link, FileType::Fifo, mode, 0).expect("a FIFO");
    } else {
        std::os::unix::fs::symlink(alone.dir().join("outside").join(outside), &link).expect("a link");
    }
    (victim, link)
}

/// Every directory that is worth a link, each for an attack of its own.
fn directories(top: &str) -> [[Victim; 1]; 2] {
    [[(format!("{top}/x"), String::new())], [(format!("{top}/x/sub"), "sub".to_owned())]]
}

/// Many files, for one attack.
fn files(top: &str) -> Vec<Victim> {
    (0..30).map(|number| (format!("{top}/x/f{}", number * 2), format!("f{}", number * 2))).collect()
}

/// Nothing outside changed, and nothing of it came into the copies.
fn assert_untouched(alone: &Alone, outside: &Snapshot, command: &str) {
    let after = alone.snapshot_since("outside", outside);
    let touched = after.items.iter().filter(|(_, item)| item.touched);
    let touched: Vec<String> = touched.map(|(path, _)| shell::quote(path)).collect();
    assert!(
        touched.is_empty() && after.items.len() == outside.items.len(),
        "{command}: {touched:?} touched outside"
    );
    for top in ["d", "e", "tmp", "b"] {
        let top = alone.dir().join(top);
        if top.exists() {
            assert_no_secret(&top, command);
        }
    }
}

fn assert_no_secret(dir: &Path, command: &str) {
    for entry in std::fs::read_dir(dir).expect("a directory of the copy") {
        let path = entry.expect("an entry").path();
        let stat = rustix::fs::statat(CWD, &path, AtFlags::SYMLINK_NOFOLLOW).expect("an entry");
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => assert_no_secret(&path, command),
            FileType::RegularFile => {
                let content = std::fs::read(&path).expect("a file of the copy");
                let name = shell::quote(path.as_os_str().as_bytes());
                assert!(content != SECRET.as_bytes(), "{command}: {name} came from outside");
            }
            _ => {}
        }
    }
}

const OPTIONS: &str = "-aI --exclude=excluded*";
/// Nothing but attributes changes, by name.
const ATTRIBUTES: &str = "-rpgot --size-only --chmod=F640,D750 --exclude=excluded* alt/ d/";

#[test]
fn a_directory_of_the_source_becomes_a_link() {
    for victim in directories("s") {
        for options in ["", "-H", "--link-dest=../alt", "--delete --delete-before", "-R", "-c"] {
            attack(&victim, &format!("{OPTIONS} {options} s/ e/"));
        }
    }
}

#[test]
fn files_of_the_source_become_links() {
    for options in ["", "-H", "-S", "--inplace"] {
        attack(&files("s"), &format!("{OPTIONS} {options} s/ e/"));
    }
}

#[test]
fn a_directory_of_the_destination_becomes_a_link() {
    if Programs::of_this_run().are_the_same() {
        return;
    }
    for victim in directories("d") {
        for options in [
            "-H --delete",
            "--delete-delay --delay-updates",
            "--inplace --delete-after",
            "-b --backup-dir=../b --delete",
            "-b --suffix=.old",
            "--temp-dir=../tmp --partial-dir=.part",
        ] {
            attack(&victim, &format!("{OPTIONS} {options} s/ d/"));
        }
        attack(&victim, ATTRIBUTES);
    }
}

#[test]
fn files_of_the_destination_become_links() {
    if Programs::of_this_run().are_the_same() {
        return;
    }
    for options in ["", "--inplace", "-H", "-b", "--delete"] {
        attack(&files("d"), &format!("{OPTIONS} {options} s/ d/"));
    }
    attack(&files("d"), ATTRIBUTES);
}

#[test]
fn a_directory_of_an_alternate_destination_becomes_a_link() {
    if Programs::of_this_run().are_the_same() {
        return;
    }
    for victim in directories("d") {
        for options in ["--link-dest=../d", "-H --link-dest=../d", "--copy-dest=../d", "--compare-dest=../d"]
        {
            attack(&victim, &format!("-a --exclude=excluded* {options} alt/ e/"));
        }
    }
}

#[test]
fn files_become_fifos() {
    let fifos = |top| -> Vec<Victim> {
        files(top).into_iter().map(|(victim, _)| (victim, FIFO.to_owned())).collect()
    };
    for options in ["", "-c", "--inplace"] {
        attack(&fifos("s"), &format!("{OPTIONS} {options} s/ e/"));
    }
    for options in ["-b --inplace", "-c", "--append-verify", "--delete"] {
        attack(&fifos("d"), &format!("{OPTIONS} {options} s/ d/"));
    }
}
