//! Runs that are killed or interrupted at a random moment: no final name is partial, nothing that was to be kept is
//! gone, no more hidden names are left than docs/security.md says, and the same command again completes the work.

use crate::alone::Alone;
use crate::program::Mode;
use crate::rng::Rng;
use crate::snapshot::{self, Holes, Snapshot};
use crate::tree::{Entry, Tree, dir, file, hard, is_at_or_below, random, symlink, tree};
use rustix::process::{Pid, Signal, kill_process};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

/// What is copied, in which way.
const WORKLOADS: &[(&str, Old)] = &[
    ("-aH s/ d/", Old::Nothing),
    ("-aH --delete s/ d/", Old::Tree),
    ("-a --delete-after s/ d/", Old::Tree),
    ("-a --delay-updates --delete-delay s/ d/", Old::Tree),
    ("-aH -b --backup-dir=../b --delete s/ d/", Old::Tree),
    ("-a --link-dest=../alt s/ d/", Old::Nothing),
    ("-a --partial-dir=.part --no-whole-file --delete s/ d/", Old::Tree),
    ("-aS --fsync --delete-before s/ d/", Old::Tree),
];
const SIGNALS: &[Signal] =
    &[Signal::KILL, Signal::KILL, Signal::KILL, Signal::INT, Signal::TERM, Signal::HUP];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Old {
    Nothing,
    Tree,
}

/// The campaign: how long each workload takes when nobody interrupts it.
#[derive(Debug)]
pub struct Kills {
    spans: Vec<Duration>,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Killed {
    /// Runs that were ended by a signal.
    pub ended: usize,
    /// Runs that were over before it came.
    pub survived: usize,
    /// Hidden names that SIGKILL left.
    pub hidden: usize,
    /// What should not have happened, with the seed that it came from.
    pub losses: Vec<String>,
}

impl Killed {
    /// Adds what came of more runs.
    pub fn add(&mut self, more: Killed) {
        self.ended += more.ended;
        self.survived += more.survived;
        self.hidden += more.hidden;
        self.losses.extend(more.losses);
    }
}

fn world(old: Old) -> Tree {
    let name = |n: u64| format!("dir{}/sub{}/f{n}", n % 5, n % 3);
    let size = |n: u64| if n.is_multiple_of(60) { 2_000_000 } else { n * 111 };
    let mode = |n: u64| if n.is_multiple_of(7) { 0o6750 } else { 0o640 };
    let new = |n: u64| random(n, size(n));
    let under = |top: &str, n: u64| format!("{top}/{}", name(n));
    let mut world = tree((0..120).map(|n| file(under("s", n), new(n)).mode(mode(n)).owner(7, 8)))
        .with((0..20).map(|n| hard(format!("s/dir1/again{n}"), under("s", n + 30))))
        .with((0..20).map(|n| symlink(format!("s/dir2/link{n}"), "target")))
        .with([dir("d")]);
    let same = |n: &u64| !n.is_multiple_of(3);
    let as_source = |top: &str, n: u64| -> Entry { file(under(top, n), new(n)).mode(mode(n)).owner(7, 8) };
    world = world.with((0..120).filter(same).map(|n| as_source("alt", n)));
    if old == Old::Tree {
        let older = |n: u64| file(under("d", n), format!("old {n}").as_str()).mtime(5).mode(0o600);
        world = world.with((0..100).map(older));
        world = world.with((0..30).map(|n| file(format!("d/gone/sub/g{n}"), "g").mtime(5)));
    }
    world
}

impl Kills {
    /// Measures each workload once.
    ///
    /// # Panics
    /// When one fails.
    #[must_use]
    pub fn new() -> Kills {
        let spans = WORKLOADS.iter().map(|(command, old)| {
            let alone = Alone::new(&world(*old), None);
            let started = Instant::now();
            alone.ours(Mode::Ring, "", command).assert_silent();
            started.elapsed()
        });
        Kills { spans: spans.collect() }
    }

    /// One run, ended, and judged.
    ///
    /// # Panics
    /// When the trees cannot be made or read.
    #[must_use]
    pub fn round(&self, seed: u64) -> Killed {
        let mut rng = Rng::new(seed);
        let at = usize::try_from(seed).unwrap_or(0) % WORKLOADS.len();
        let ((command, old), span) = (WORKLOADS[at], self.spans[at]);
        let mode = *rng.pick(&Mode::of_this_run());
        let signal = *rng.pick(SIGNALS);
        let alone = Alone::new(&world(old), None);
        let before = alone.snapshot("d");
        let moment = Duration::from_micros(rng.below(u64::try_from(span.as_micros()).unwrap_or(1) + 1));
        let child = alone.start(mode, command);
        let status = end(child, signal, moment, 1 + usize::from(rng.one_in(3)));
        let ended = Ended { status, told: alone.told(), signal };
        let mut killed = judge(&alone, &before, &ended, command);
        let again = alone.ours(mode, "", command).comparable;
        if again.code != 0 {
            killed.losses.push(format!("the second run: {again:?}"));
        }
        killed.losses.extend(incomplete(&alone, command));
        let from = format!("seed {seed}: {mode:?} {command}, {signal:?} after {moment:?}");
        killed.losses.iter_mut().for_each(|loss| *loss = format!("{from}: {loss}"));
        killed
    }
}

impl Default for Kills {
    fn default() -> Self {
        Kills::new()
    }
}

/// How a run ended.
struct Ended {
    status: ExitStatus,
    /// What it said on standard error.
    told: String,
    /// The signal that it got.
    signal: Signal,
}

/// Ends a run at a moment, with one signal or two.
fn end(mut child: Child, signal: Signal, moment: Duration, times: usize) -> ExitStatus {
    std::thread::sleep(moment);
    for _ in 0..times {
        // It may be over by now.
        let _ = kill_process(Pid::from_child(&child), signal);
    }
    child.wait().expect("our own child")
}

fn is_hidden(path: &[u8]) -> bool {
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
    let cut = name.iter().rposition(|&byte| byte == b'.');
    name.starts_with(b".") && cut.is_some_and(|cut| cut > 0 && name.len() - cut == 7)
}

/// What a run that was ended left.
fn judge(alone: &Alone, before: &Snapshot, ended: &Ended, command: &str) -> Killed {
    let Ended { status, told, signal } = ended;
    let (source, left) = (alone.snapshot("s"), alone.snapshot("d"));
    let mut killed = Killed::default();
    let was_ended = status.signal().is_some() || status.code() == Some(20);
    killed.ended = usize::from(was_ended);
    killed.survived = usize::from(!was_ended);
    let expected = match *signal {
        Signal::KILL => status.signal() == Some(9) || status.code() == Some(0),
        // Before it knows how to end in an orderly way it has done nothing.
        _ => matches!(status.code(), Some(0 | 20)) || status.signal().is_some() && told.is_empty(),
    };
    if !expected {
        killed.losses.push(format!("{status}: {told}"));
    }
    killed.hidden = left.items.keys().filter(|path| is_hidden(path)).count();
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    if killed.hidden > if *signal == Signal::KILL { workers } else { 0 } {
        killed.losses.push(format!("{} hidden names", killed.hidden));
    }
    killed.losses.extend(partial(&source, before, &left));
    killed.losses.extend(lost(alone, &source, before, &left, command));
    killed
}

/// Final names that are neither as they were nor as they are to be.
fn partial(source: &Snapshot, before: &Snapshot, left: &Snapshot) -> Vec<String> {
    let mut losses = Vec::new();
    let waiting = |path: &[u8]| path.starts_with(b".") || path.windows(2).any(|pair| pair == b"/.");
    for (path, item) in left.items.iter().filter(|(path, item)| !waiting(path) && item.content.is_some()) {
        let same = |other: Option<&snapshot::Item>| {
            other.is_some_and(|other| {
                let (is, should) = (&item.attrs, &other.attrs);
                item.content == other.content
                    && (is.mode, is.uid, is.gid, is.mtime)
                        == (should.mode, should.uid, should.gid, should.mtime)
            })
        };
        if !same(source.items.get(path)) && !same(before.items.get(path)) {
            losses.push(format!(
                "{} is neither old nor new: {:?}",
                String::from_utf8_lossy(path),
                item.attrs
            ));
        }
    }
    losses
}

/// Old files that are nowhere although they were to be kept.
fn lost(alone: &Alone, source: &Snapshot, before: &Snapshot, left: &Snapshot, command: &str) -> Vec<String> {
    let backups = command.contains("--backup-dir");
    let kept =
        if backups && alone.dir().join("b").exists() { alone.snapshot("b") } else { Snapshot::default() };
    let mut losses = Vec::new();
    for (path, item) in before.items.iter().filter(|(_, item)| item.content.is_some()) {
        let here = left.items.get(path).is_some_and(|now| now.content == item.content);
        let there = kept.items.get(path).is_some_and(|kept| kept.content == item.content);
        let name = String::from_utf8_lossy(path).into_owned();
        if backups && !here && !there {
            losses.push(format!("the old {name} is neither in place nor in the backup"));
        }
        if source.items.contains_key(path) && !left.items.contains_key(path) && !there {
            losses.push(format!("{name} is gone"));
        }
    }
    losses
}

/// What the second run left undone.
fn incomplete(alone: &Alone, command: &str) -> Vec<String> {
    let (source, mut copy) = (alone.snapshot("s"), alone.snapshot("d"));
    if !command.contains("--delete") {
        copy.items.retain(|path, _| !is_hidden(path));
    }
    // Made for a file that did not come to wait there; rsync leaves it too.
    let names: Vec<Vec<u8>> = copy.items.keys().cloned().collect();
    let is_empty = |path: &[u8]| !names.iter().any(|name| name != path && is_at_or_below(name, path));
    copy.items.retain(|path, _| !(path.ends_with(b"/.~tmp~") && is_empty(path)));
    let mut differences = snapshot::diff(&source, &copy, Holes::Ignored);
    if !command.contains("-aH") {
        differences
            .retain(|line| !line.contains("hard link group") && !line.contains("number of hard links"));
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    const COMMAND: &str = "-aH -b --backup-dir=../b --delete s/ d/";

    /// What the judge says of a copy that somebody spoiled.
    fn said_of(spoil: impl FnOnce(&Path)) -> Vec<String> {
        let alone = Alone::new(&world(Old::Tree), None);
        let before = alone.snapshot("d");
        alone.ours(Mode::Emulated, "", COMMAND).assert_silent();
        spoil(alone.dir());
        let ended = Ended { status: ExitStatus::from_raw(9), told: String::new(), signal: Signal::KILL };
        let mut said = judge(&alone, &before, &ended, COMMAND).losses;
        said.extend(incomplete(&alone, COMMAND));
        said
    }

    fn assert_seen(spoil: impl FnOnce(&Path), words: &str) {
        let said = said_of(spoil);
        assert!(said.iter().any(|line| line.contains(words)), "{words}: {said:?}");
    }

    #[test]
    fn the_judge_sees_what_is_lost() {
        assert_eq!(said_of(|_| {}), Vec::<String>::new());
        // A file of 2 MB that was cut short, one whose last byte is another, one that is open to all.
        let cut = |dir: &Path| {
            File::options().write(true).open(dir.join("d/dir0/sub0/f60")).unwrap().set_len(1_999_999).unwrap()
        };
        assert_seen(cut, "f60 is neither old nor new");
        let wrong = |dir: &Path| {
            let path = dir.join("d/dir1/sub2/f11");
            let mut data = fs::read(&path).unwrap();
            *data.last_mut().unwrap() ^= 1;
            fs::write(path, data).unwrap();
        };
        assert_seen(wrong, "f11 is neither old nor new");
        let open = |dir: &Path| {
            fs::set_permissions(dir.join("d/dir1/sub2/f11"), PermissionsExt::from_mode(0o666)).unwrap()
        };
        assert_seen(open, "f11 is neither old nor new");
        let remove = |dir: &Path, name: &str| fs::remove_file(dir.join(name)).unwrap();
        assert_seen(|dir| remove(dir, "d/dir1/sub2/f11"), "f11: missing");
        let remove_both =
            |dir: &Path| ["d/dir1/sub2/f11", "b/dir1/sub2/f11"].iter().for_each(|name| remove(dir, name));
        assert_seen(remove_both, "f11 is gone");
        assert_seen(|dir| remove(dir, "b/dir1/sub2/f11"), "neither in place nor in the backup");
        assert_seen(|dir| fs::write(dir.join("d/left"), "x").unwrap(), "left");
        let hide = |dir: &Path| {
            (100..200).for_each(|n| fs::write(dir.join(format!("d/.f{n}.abc{n}")), "x").unwrap());
        };
        assert_seen(hide, "100 hidden names");
    }
}
