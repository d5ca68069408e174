//! Commands and changes drawn at random, one after the other on the same trees: after each of them ours must have left
//! what rsync left, and however long it goes on, no run may hold more memory or descriptors than those before it.

use crate::alone::Alone;
use crate::paste;
use crate::program::{Mode, Programs};
use crate::random::{options_as_used, options_equal, without_refused};
use crate::rich::{Maker, changed, changed_again, edits, rich};
use crate::rng::Rng;
use crate::shrink::shrunk;
use crate::tree::{Entry, Kind, Tree, dir, file, random, tree};
use crate::twin::Case;
use crate::usage::Usage;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Commands on one pair of trees.
const COMMANDS: u64 = 12;
/// Changes between two commands.
const CHANGES: u64 = 14;
/// Small files besides the few of every kind.
const SMALL_FILES: u64 = 150;
/// Files and directories of the one long run.
const LONG_RUN: (u64, u64) = (25_000, 250);
/// What may come on top, when the end of a campaign is compared with its beginning.
const SLACK_BYTES: u64 = 3 << 20;
const SLACK_DESCRIPTORS: usize = 16;

/// Options with which one run's order or moment shows in the next. Access times are those of whoever compared the trees
/// last; with much to list `-vv` tells what rsync's memory allocator did, and progress comes as files do. Names that
/// are linked only at the destination change together, whichever of them is met first: `-H` keeps the links those of
/// the source, but with `--compare-dest` it makes rsync hang. `%b` counts bytes of a protocol that compresses. Where a
/// file of rules makes no sense, each has come as far as it has. Below what `--ignore-existing` keeps in the place of a
/// directory rsync fails in several ways. The source is no alternate destination of its own. What `-K` keeps has times
/// of its own.
const LEFT_OUT: [&str; 18] = [
    "-U",
    "--atimes",
    "-vv",
    "--progress",
    "-P",
    "--info=progress",
    "--info=all",
    "--no-H",
    "--out-format=%n|%l|%b",
    "--compare-dest",
    "--ignore-existing",
    "--keep-dirlinks",
    "-K",
    "--link-dest=../s",
    "--copy-dest=../s",
    "--filter=:_.f",
    ":_.f",
    ":n_.f",
];

/// The file systems that the campaign knows.
pub const FILE_SYSTEMS: [&str; 4] = ["ext4", "xfs", "btrfs", "tmpfs"];

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Soaked {
    /// The most that each run of ours held, in the order in which they ended.
    pub runs: Vec<Usage>,
    /// Trees on which rsync itself hung.
    pub unplayable: usize,
    /// What should not have happened, with the seed that it came from.
    pub losses: Vec<String>,
}

impl Soaked {
    /// Adds what came of more rounds.
    pub fn add(&mut self, more: Soaked) {
        self.runs.extend(more.runs);
        self.unplayable += more.unplayable;
        self.losses.extend(more.losses);
    }

    /// What a run held at most, on the average of the first and of the last third.
    pub fn thirds(&self) -> (Usage, Usage) {
        let third = self.runs.len() / 3;
        (average(&self.runs[..third]), average(&self.runs[self.runs.len() - third..]))
    }
}

/// The most of each.
fn most(held: &[Usage]) -> Usage {
    held.iter().copied().fold(Usage::default(), Usage::max)
}

fn average(held: &[Usage]) -> Usage {
    let count = held.len().max(1);
    let memory_bytes = held.iter().map(|held| held.memory_bytes).sum::<u64>() / count as u64;
    Usage { memory_bytes, descriptors: held.iter().map(|held| held.descriptors).sum::<usize>() / count }
}

/// Whether the later is no more than the earlier, but for a little.
pub fn is_flat(earlier: Usage, later: Usage) -> bool {
    later.memory_bytes <= earlier.memory_bytes + earlier.memory_bytes / 5 + SLACK_BYTES
        && later.descriptors <= earlier.descriptors * 5 / 4 + SLACK_DESCRIPTORS
}

/// One pair of trees, with all that is done to them.
///
/// # Panics
/// When the programs cannot be started.
pub fn round(seed: u64, file_system: &str) -> Soaked {
    let case = chain(seed, file_system);
    let mut soaked = Soaked::default();
    let runs = &mut soaked.runs;
    let (programs, modes) = (Programs::of_this_run(), Mode::of_this_run());
    let played = catch_unwind(AssertUnwindSafe(|| {
        case.compare_watched(programs, &modes, &mut |held| runs.push(held))
    }));
    match played {
        Ok(Ok(())) => {}
        Ok(Err(report)) => {
            let (small, report) = shrunk(&case, &report, programs, &modes);
            let test = paste::test(&small, &format!("found_by_seed_{seed}"));
            soaked.losses.push(format!("seed {seed} on {file_system}: {report}\n{test}"));
        }
        Err(panic) => {
            let why = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            if why.contains("rsync itself hangs") {
                soaked.unplayable += 1;
            } else {
                soaked.losses.push(format!("seed {seed} on {file_system}: {why}"));
            }
        }
    }
    soaked
}

/// The changes and commands of a seed.
fn chain(seed: u64, file_system: &str) -> Case {
    let mut rng = Rng::new(seed);
    let user = rng.one_in(4);
    let maker = if user { Maker::User } else { Maker::Root };
    let size = |n: u64| if n.is_multiple_of(50) { 1_500_000 } else { n * 61 };
    let small = (0..SMALL_FILES).map(|n| file(format!("many/{}/f{n}", n % 4), random(n, size(n))));
    let mut source = rich(maker).with(small);
    let (before, beside) = (changed(&source, rng.next_u64(), 30), changed(&source, rng.next_u64(), 30));
    let destination = if rng.one_in(2) { before } else { Tree::default() };
    let world = source.clone().below("s").with([dir("s"), dir("d"), dir("alt")]);
    let more =
        [destination.below("d"), beside.below("alt")].into_iter().flat_map(|tree| tree.entries.into_values());
    let world = world.with(more).with([file("rules", "- /sub.d\n+ a\n*.o\n")]);
    let mut case = Case::new(world).progress_at_the_end();
    for number in 0..COMMANDS {
        let words = command(&mut rng, file_system);
        let took_sources = words.iter().any(|word| word.starts_with("--remove-s"));
        case = case.run_args(words);
        let next = changed_again(&source, rng.next_u64(), number * CHANGES..(number + 1) * CHANGES);
        let (removed, mut put) = edits(&source.clone().below("s"), &next.clone().below("s"));
        if took_sources {
            put = next.clone().below("s").entries.into_values().collect();
        }
        source = next;
        if rng.one_in(3) {
            put.extend(strangers(&mut rng, number));
        }
        put.sort_by_key(|entry| matches!(entry.kind, Kind::HardLink(_)));
        case = case.remove(removed).put(put);
    }
    case = case.run("-aHi --delete s/ d/").run("-aHi --delete s/ d/");
    if user { case.as_user() } else { case }
}

/// What somebody else left at the destination.
fn strangers(rng: &mut Rng, number: u64) -> Vec<Entry> {
    let name = *rng.pick(&["small", "nothing", "many", "link", "d9", "x.o"]);
    vec![
        file(format!("d/{name}"), random(number, rng.below(9000))).mtime(1_450_000_000),
        dir(format!("d/stranger{number}")).mtime(1_450_000_000),
        file(format!("d/stranger{number}/f"), "f").mtime(1_450_000_000),
    ]
}

/// A command that changes nothing but what is in the working directory.
fn command(rng: &mut Rng, file_system: &str) -> Vec<String> {
    let drawn = if rng.one_in(2) { options_as_used(rng) } else { options_equal(rng) };
    let mut options = without_refused(drawn);
    options.retain(|words| !words.iter().any(|word| LEFT_OUT.iter().any(|out| word.starts_with(out))));
    // Which name of a directory that links lead to loses its files first depends on the moment.
    if options.iter().flatten().any(|word| word.starts_with("--remove-s")) {
        let follows = ["-L", "--copy-links", "-k", "--copy-dirlinks"];
        options.retain(|words| !words.iter().any(|word| follows.contains(&word.as_str())));
    }
    // XFS shows ACLs once more as trusted attributes, which rsync deletes, and the ACLs with them.
    let keeps_xattrs =
        |words: &Vec<String>| words.iter().any(|word| word.starts_with("-X") || word == "--xattrs");
    options.retain(|words| file_system != "xfs" || !keeps_xattrs(words));
    let mut words: Vec<String> = options.into_iter().flatten().collect();
    // Without -p rsync gives a new file the mode of the one that looks alike.
    if words[0] != "-a" || words.iter().any(|word| word == "--no-p") {
        words.retain(|word| !word.starts_with("-y"));
    }
    words.push("-H".to_owned());
    let operands =
        *rng.pick(&["s/ d/", "s/ d/", "s/ d/", "s/ d", "s d/", "-R s/./sub d/", "s/many s/sub d/"]);
    words.extend(operands.split(' ').map(str::to_owned));
    words
}

/// What one run over many files held, at moments of its second and of its last quarter.
///
/// # Panics
/// When the trees cannot be made, or the run fails.
pub fn long_run(mode: Mode) -> (Usage, Usage) {
    let (files, dirs) = LONG_RUN;
    let source = tree((0..files).map(|n| file(format!("s/{}/{}/f{n}", n % dirs, n % 3), "0123456789")));
    let alone = Alone::new(&source.with([dir("d")]), None);
    let mut child = alone.start(mode, "-aHAX --delete s/ d/");
    let (started, mut held): (Instant, Vec<(Duration, Usage)>) = (Instant::now(), Vec::new());
    let status = loop {
        if let Some(status) = child.try_wait().expect("our own child") {
            break status;
        }
        let now = Usage::now(child.id());
        if now != Usage::default() {
            held.push((started.elapsed(), now));
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    assert!(status.success(), "{status}: {}", alone.told());
    let whole = held.last().map_or(Duration::ZERO, |(at, _)| *at);
    let part = |from: u32, to: u32| {
        let within = |at: &Duration| *at >= whole / 4 * from && *at <= whole / 4 * to;
        most(&held.iter().filter(|(at, _)| within(at)).map(|(_, held)| *held).collect::<Vec<_>>())
    };
    (part(1, 2), part(3, 4))
}
