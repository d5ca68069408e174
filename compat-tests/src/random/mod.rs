//! Cases made up at random, and smaller ones that fail alike.

mod options;
mod refused;
mod trees;

use self::options::Way;
use self::trees::{random_tree, timed};
use crate::program::{Mode, Programs};
use crate::rich::{changed, edits};
use crate::rng::Rng;
use crate::strategies::Shrinking;
use crate::tree::{Tree, dir, file};
use crate::twin::Case;
use proptest::strategy::ValueTree;

/// A random case as parts that can be left out one by one.
#[derive(Clone, Debug)]
pub struct RandomCase {
    /// Below `s`.
    source: Tree,
    /// Below `d`.
    destination: Tree,
    /// Below `alt`; only with an alternate destination.
    alternate: Tree,
    /// What is below `s` at the second run, when that is something else.
    later: Option<Tree>,
    /// Options, each a list of words.
    options: Vec<Vec<String>>,
    operands: Vec<String>,
    /// The names in `list`.
    listed: Vec<&'static str>,
    umask: u32,
    who: Who,
    /// The first run writes a batch, which is read into `d2`, another destination like `d`.
    batch: bool,
}

/// From this seed on cases also have batches, other users' rights and stored attributes: the short run of every test
/// run stays below it.
const WIDE_FROM: u64 = 1000;
/// One in so many cases with plain operands writes a batch.
const BATCH_ONE_IN: u64 = 8;
/// Where, outside of what is compared: each program has a format of its own.
const BATCH: &str = "-batch=../B";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Who {
    Root,
    User,
}

/// How often operands are drawn, and their words.
const OPERANDS: &[(u64, &str)] = &[
    (30, "s/ d/"),
    (15, "s/ d"),
    (15, "s d/"),
    (5, "s d"),
    (10, "s/a s/b d/"),
    (6, "-R s/a d/"),
    (3, "-R s/./a d/"),
    (2, "-R s/./ d"),
    (3, "s/. d/"),
    (3, "s/a d/new"),
    (3, "s/b d/b"),
    (3, "s/a/ s/b d/"),
    (3, "s/a/ s/c/ d/"),
    (3, "s/ alt/ d/"),
    (2, "alt/ s/ d"),
    (2, "s/ d/a/"),
    (2, "s/ d/n1/n2"),
    (2, "s/ d/a"),
    (2, "s//a d/"),
    (2, "s/a"),
    (2, "s/"),
    (4, "--files-from=list s/ d/"),
    (3, "--files-from=list -r s d"),
    (2, "-R s/a/ s/b/c d/"),
    (2, "s/nope s/a d/"),
];

const LISTED: &[&str] =
    &["a", "b/", "b/c", ".h", "./c", "a/b/c", "nope", "c/./a", "/ab", "a.b/", ".", "# a", "c"];

/// Rules of the files `rules` in the working directory and in `s`.
const RULES: &str = "# rules\n- /c\n+ a\n*.b\n";

/// A tree that root may make, or anybody.
pub(crate) fn tree(rng: &mut Rng) -> Tree {
    let who = if rng.one_in(4) { Who::User } else { Who::Root };
    timed(&random_tree(rng, who))
}

/// Options by their weights.
pub(crate) fn options_as_used(rng: &mut Rng) -> Vec<Vec<String>> {
    options::drawn(rng, Way::Dense)
}

/// A few of all options, each as likely.
pub(crate) fn options_equal(rng: &mut Rng) -> Vec<Vec<String>> {
    options::drawn(rng, Way::Uniform)
}

/// The same options without those with which rsync itself goes wrong.
pub(crate) fn without_refused(mut options: Vec<Vec<String>>) -> Vec<Vec<String>> {
    refused::drop_refused(&mut options);
    options
}

impl RandomCase {
    /// The case of this seed.
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let who = if rng.one_in(4) { Who::User } else { Who::Root };
        let mut source = timed(&random_tree(&mut rng, who));
        let related = |rng: &mut Rng| match rng.below(4) {
            0 => Tree::default(),
            1 => random_tree(rng, who),
            _ => {
                let seed = rng.next_u64();
                changed(&source, seed, 12)
            }
        };
        let (mut destination, mut alternate) = (related(&mut rng), related(&mut rng));
        let way = *rng.pick(&[Way::Dense, Way::Few, Way::Uniform, Way::Uniform]);
        let mut options = options::drawn(&mut rng, way);
        // Numbers of their own, so that the cases of a seed stay what they were.
        let mut apart = Rng::new(!seed);
        options.extend(options::extra(&mut apart).filter(|_| seed >= WIDE_FROM));
        refused::drop_refused(&mut options);
        if refused::follow_links(&options) {
            [&mut source, &mut destination, &mut alternate].into_iter().for_each(trees::without_circles);
        }
        if who == Who::User && refused::keeps_apart(&options) {
            trees::open_up(&mut destination);
        }
        let later = rng.one_in(3).then(|| changed(&source, rng.next_u64(), 6));
        let total = OPERANDS.iter().map(|(weight, _)| weight).sum();
        let mut at = rng.below(total);
        let operands = OPERANDS.iter().find(|(weight, _)| {
            let found = at < *weight;
            at = at.saturating_sub(*weight);
            found
        });
        let operands = operands.map_or("s/ d/", |(_, words)| words);
        refused::drop_refused_of_many(&mut options, operands);
        let batch = seed >= WIDE_FROM && operands == "s/ d/" && apart.one_in(BATCH_ONE_IN);
        let operands = operands.split(' ').map(str::to_owned).collect();
        let listed = LISTED.iter().copied().filter(|_| rng.one_in(3)).collect();
        let umask = *rng.pick(&[0o022, 0o022, 0o022, 0o077, 0o002]);
        RandomCase { source, destination, alternate, later, options, operands, listed, umask, who, batch }
    }

    /// The case to play: the command twice, so that the second run shows what the first left undone.
    pub fn case(&self) -> Case {
        let source = self.source.clone().below("s").with([dir("s")]);
        let mut world = source.clone();
        world = world.with(self.destination.clone().below("d").entries.into_values());
        world = world.with(self.alternate.clone().below("alt").entries.into_values());
        let args: Vec<&String> = self.options.iter().flatten().chain(&self.operands).collect();
        if args.iter().any(|arg| arg.contains("../alt")) {
            world = world.with([dir("alt")]);
        }
        if args.iter().any(|arg| arg.contains("=list")) {
            world = world.with([file("list", self.listed.join("\n") + "\n")]);
        }
        if args.iter().any(|arg| arg.starts_with("d/") && arg.len() > 2) {
            world = world.with([dir("d")]);
        }
        if args.iter().any(|arg| arg.contains("rules")) {
            world = world.with([file("rules", RULES)]);
        }
        let mut case = Case::new(world).progress_at_the_end();
        if self.batch {
            case = case.also(self.destination.clone().below("d2").with([dir("d2")]).entries.into_values());
            let with = |word: &str, operands: &[&str]| {
                let words = self.options.iter().flatten().map(String::as_str);
                let batch = format!("--{word}{BATCH}");
                words.chain([&*batch]).chain(operands.iter().copied()).map(str::to_owned).collect::<Vec<_>>()
            };
            case = case.run_args(with("write", &["s/", "d/"])).run_args(with("read", &["d2/"]));
        } else {
            case = case.run_args(args.clone());
        }
        case = case.umask(self.umask);
        if let Some(later) = &self.later {
            let (removed, put) = edits(&source, &later.clone().below("s").with([dir("s")]));
            case = case.remove(removed).put(put);
        }
        case = case.run_args(args);
        if self.who == Who::User { case.as_user() } else { case }
    }

    /// The report of a difference, if there is one.
    pub fn failure(&self, programs: &Programs, modes: &[Mode]) -> Option<String> {
        self.case().compare(programs, modes).err()
    }

    /// A smaller case that still fails: options, then entries are left out for as long as one can be.
    pub fn shrunk(self, programs: &Programs, modes: &[Mode]) -> Self {
        let mut shrinking = Shrinking::new(self, RandomCase::smaller);
        let mut more = shrinking.simplify();
        while more {
            let fails = shrinking.current().failure(programs, modes).is_some();
            more = if fails { shrinking.simplify() } else { shrinking.complicate() };
        }
        shrinking.current()
    }

    /// The cases with one thing less, boldest first.
    pub(crate) fn smaller(&self) -> Vec<Self> {
        let mut cases = Vec::new();
        if self.later.is_some() {
            cases.push(RandomCase { later: None, ..self.clone() });
        }
        if self.batch {
            cases.push(RandomCase { batch: false, ..self.clone() });
        }
        if self.umask != 0o022 {
            cases.push(RandomCase { umask: 0o022, ..self.clone() });
        }
        for part in [Part::Alternate, Part::Destination] {
            if !part.of(self).entries.is_empty() {
                let mut case = self.clone();
                *part.of_mut(&mut case) = Tree::default();
                cases.push(case);
            }
        }
        for index in 1..self.options.len() {
            let mut case = self.clone();
            case.options.remove(index);
            cases.push(case);
        }
        for part in [Part::Source, Part::Destination, Part::Alternate] {
            for path in part.of(self).entries.keys() {
                let mut case = self.clone();
                part.of_mut(&mut case).remove(path);
                cases.push(case);
            }
        }
        for path in self.later.iter().flat_map(|later| later.entries.keys()) {
            let mut case = self.clone();
            case.later.iter_mut().for_each(|later| later.remove(path));
            cases.push(case);
        }
        for index in 0..self.listed.len() {
            let mut case = self.clone();
            case.listed.remove(index);
            cases.push(case);
        }
        cases
    }
}

#[derive(Clone, Copy)]
enum Part {
    Source,
    Destination,
    Alternate,
}

impl Part {
    fn of(self, case: &RandomCase) -> &Tree {
        match self {
            Part::Source => &case.source,
            Part::Destination => &case.destination,
            Part::Alternate => &case.alternate,
        }
    }

    fn of_mut(self, case: &mut RandomCase) -> &mut Tree {
        match self {
            Part::Source => &mut case.source,
            Part::Destination => &mut case.destination,
            Part::Alternate => &mut case.alternate,
        }
    }
}
