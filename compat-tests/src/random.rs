//! Cases made up at random, and smaller ones that fail alike.

use crate::program::{Mode, Programs};
use crate::rich::changed;
use crate::rng::Rng;
use crate::tree::{
    Content, Entry, Kind, Tree, block_dev, capability, char_dev, dir, fifo, file, hard, random, socket,
    sparse, symlink, tree,
};
use crate::twin::Case;

/// A random case as parts that can be left out one by one.
#[derive(Clone, Debug)]
pub struct RandomCase {
    /// Below `s`.
    source: Tree,
    /// Below `d`.
    destination: Tree,
    /// Below `alt`; only with an alternate destination.
    alternate: Tree,
    /// Options, each a list of words.
    options: Vec<Vec<String>>,
    operands: Vec<String>,
    who: Who,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Who {
    Root,
    User,
}

/// How often an option is drawn, and its words.
const OPTIONS: &[(u64, &str)] = &[
    (30, "--delete"),
    (12, "-H"),
    (12, "-A"),
    (12, "-X"),
    (10, "-S"),
    (4, "-x"),
    (8, "-n"),
    (15, "-v"),
    (6, "-q"),
    (6, "-h"),
    (10, "--stats"),
    (5, "--numeric-ids"),
    (4, "--delete-before"),
    (4, "--delete-after"),
    (4, "--delete-delay"),
    (4, "--delete-excluded"),
    (4, "--max-delete=2"),
    (6, "--force"),
    (3, "--ignore-errors"),
    (8, "--exclude=*a*"),
    (4, "--exclude=/b"),
    (4, "--exclude=c/"),
    (4, "--include=a --exclude=?"),
    (4, "-f P_c*"),
    (3, "-f H_b"),
    (3, "-f -!_*b*"),
    (3, "-F"),
    (5, "--link-dest=../alt"),
    (4, "--copy-dest=../alt"),
    (4, "--compare-dest=../alt"),
    (6, "-c"),
    (5, "-I"),
    (5, "--size-only"),
    (7, "-u"),
    (4, "--existing"),
    (4, "--ignore-existing"),
    (4, "-W"),
    (8, "--inplace"),
    (3, "--partial"),
    (4, "--out-format=%i|%n|%L|%l"),
    (4, "--no-t"),
    (4, "--no-p"),
    (3, "--no-o"),
    (3, "--no-g"),
    (3, "--no-l"),
    (3, "--no-D"),
    (4, "-ii"),
    (5, "-m"),
    (4, "-b"),
    (3, "-b --suffix=.old"),
    (4, "-b --backup-dir=../bak"),
    (3, "--append"),
    (3, "--partial-dir=.p"),
    (3, "--delay-updates"),
    (3, "--temp-dir=../alt"),
    (3, "--remove-source-files"),
    (3, "-L"),
    (3, "-k"),
    (3, "-K"),
    (3, "--copy-unsafe-links"),
    (3, "--safe-links"),
    (3, "-O"),
    (3, "-J"),
    (3, "-E"),
    (3, "-R"),
    (3, "-C"),
    (3, "--chmod=D2755,F-x"),
    (2, "--chown=12:13"),
    (2, "--usermap=*:5"),
    (3, "--max-size=1000"),
    (3, "--min-size=10"),
    (3, "--modify-window=5"),
    (3, "-@-1"),
    (2, "--preallocate"),
    (2, "--fsync"),
    (2, "--no-W"),
    (2, "-y"),
    (3, "--drop-D"),
    (2, "--copy-devices"),
    (2, "-d"),
    (2, "--no-r -d"),
    (2, "--no-implied-dirs -R"),
    (3, "--progress"),
    (3, "-vv"),
    (3, "--out-format=%C_%n"),
    (3, "--log-file=rsync.log"),
    (2, "--super"),
    (2, "--no-super"),
    (2, "--mkpath"),
    (2, "--list-only"),
    (2, "--no-H"),
    (2, "--open-noatime"),
    (2, "--filter=:_.f"),
    (2, "--info=all"),
    (2, "--remove-sent-files"),
];

/// Combinations in which rsync 3.5.0 itself goes wrong.
const REFUSED: &[(&str, &str)] = &[("-H", "--compare-dest=../alt")];

impl RandomCase {
    /// The case of this seed.
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let who = if rng.one_in(4) { Who::User } else { Who::Root };
        let source = random_tree(&mut rng, who);
        let related = |rng: &mut Rng| match rng.below(4) {
            0 => Tree::default(),
            1 => random_tree(rng, who),
            _ => {
                let seed = rng.next_u64();
                changed(&timed(&source), seed, 12)
            }
        };
        let (destination, alternate) = (related(&mut rng), related(&mut rng));
        let base = [&["-a"][..], &["-a"], &["-rlt"], &["-r"]][usize::try_from(rng.below(4)).expect("small")];
        let mut options: Vec<Vec<String>> = vec![base.iter().map(|word| (*word).to_owned()).collect()];
        options.push(vec!["-i".to_owned()]);
        for (weight, words) in OPTIONS {
            if rng.below(100) < *weight {
                options.push(words.split(' ').map(str::to_owned).collect());
            }
        }
        let operands = *rng.pick(&["s/ d/", "s/ d/", "s/ d", "s d/", "s/a s/b d/", "-R s/a d/"]);
        let operands = operands.split(' ').map(str::to_owned).collect();
        let mut case = RandomCase { source: timed(&source), destination, alternate, options, operands, who };
        case.drop_refused();
        case
    }

    fn drop_refused(&mut self) {
        let has = |options: &[Vec<String>], word: &str| options.iter().any(|words| words[0] == word);
        for (one, two) in REFUSED {
            if has(&self.options, one) && has(&self.options, two) {
                self.options.retain(|words| words[0] != *two);
            }
        }
    }

    /// The case to play: the command twice, so that the second run shows what the first left undone.
    pub fn case(&self) -> Case {
        let mut world = self.source.clone().below("s").with([dir("s")]);
        world = world.with(self.destination.clone().below("d").entries.into_values());
        world = world.with(self.alternate.clone().below("alt").entries.into_values());
        let args: Vec<&String> = self.options.iter().flatten().chain(&self.operands).collect();
        let case = Case::new(world).run_args(args.clone()).run_args(args);
        if self.who == Who::User { case.as_user() } else { case }
    }

    /// The report of a difference, if there is one.
    pub fn failure(&self, programs: &Programs, modes: &[Mode]) -> Option<String> {
        self.case().compare(programs, modes).err()
    }

    /// A smaller case that still fails: options, then entries are left out for as long as one can be.
    pub fn shrunk(mut self, programs: &Programs, modes: &[Mode]) -> Self {
        loop {
            let smaller = self.smaller().into_iter().find(|case| case.failure(programs, modes).is_some());
            match smaller {
                Some(case) => self = case,
                None => return self,
            }
        }
    }

    /// The cases with one thing less, boldest first.
    fn smaller(&self) -> Vec<Self> {
        let mut cases = Vec::new();
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

/// The same tree with every default time written down, so that related trees agree on them.
fn timed(source: &Tree) -> Tree {
    tree(source.entries.values().cloned().map(|mut entry| {
        entry.mtime = Some(entry.mtime_or_default());
        entry
    }))
}

/// A few dozen entries; few names, so that trees collide.
fn random_tree(rng: &mut Rng, who: Who) -> Tree {
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

fn random_path(rng: &mut Rng) -> Vec<u8> {
    const NAMES: [&[u8]; 10] = [b"a", b"b", b"c", b"ab", b"a.b", b"a-b", b"x y", b"n\nl", b"\xff", b".h"];
    let depth = 1 + rng.below(3);
    let names: Vec<&[u8]> = (0..depth).map(|_| *rng.pick(&NAMES)).collect();
    names.join(&b'/')
}

fn random_entry(rng: &mut Rng, made: &Tree, who: Who) -> Entry {
    let path = random_path(rng);
    let linkable: Vec<&Entry> =
        made.entries.values().filter(|entry| !matches!(entry.kind, Kind::Dir | Kind::HardLink(_))).collect();
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
        3 => random(rng.below(4), 30_000 + rng.below(3) * 40_000),
        _ => Content::Bytes((*rng.pick(&["x", "y", "xyz", "longer text"])).as_bytes().to_vec()),
    }
}

fn dressed(mut entry: Entry, rng: &mut Rng, who: Who) -> Entry {
    let is_link = matches!(entry.kind, Kind::Symlink(_));
    let is_plain = matches!(entry.kind, Kind::Dir | Kind::File(_));
    if !is_link && rng.one_in(3) {
        let choices = if entry.kind == Kind::Dir {
            [0o700, 0o2755, 0o555, 0o1777]
        } else {
            [0o600, 0o4755, 0o444, 0o660]
        };
        entry.mode = Some(*rng.pick(&choices));
    }
    if who == Who::Root && rng.one_in(4) {
        entry.owner = Some((*rng.pick(&[0, 7, 1001]), *rng.pick(&[0, 7, 1002])));
    }
    if rng.one_in(2) {
        entry.mtime = Some((1_400_000_000 + i64::try_from(rng.below(2)).expect("small"), *rng.pick(&[0, 5])));
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
