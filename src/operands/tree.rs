//! The names that source operands spell out, as a tree, and how each of them is meant (rsync(1), USAGE, `--relative`).

use std::collections::{BTreeMap, BTreeSet, btree_map};
use std::sync::Arc;

use rsync_compat::filter::{Action, NameKind};
use rsync_compat::options::Recursion;
use smallvec::{SmallVec, smallvec};

use super::verdict::{Asked, Verdict};
use crate::entry::join;

/// Whether rules are asked again about names that operands spell out, as the directories that they are in are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// They are, each in its turn.
    Asked,
    /// The list is made as a whole.
    Not,
}

/// What the operands say about one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// A parent that the source lacks, of names that it lacks.
    Absent,
    /// Not in the source, and to be deleted at the destination (`--delete-missing-args`).
    Missing,
    /// A parent that `--no-implied-dirs` makes with default attributes and does not list.
    Passage,
    /// A parent that `-R` lists with its own attributes, but does not read.
    Implied,
    /// Named itself.
    Named,
    /// Named with a trailing slash, so that its contents are meant.
    Contents,
}

/// Sources by number. Nearly always there is one, of millions of names perhaps: it needs no memory of its own.
pub type SourceNumbers = SmallVec<[u16; 4]>;

/// Names that operands spell out in one directory. A list may have millions (`--files-from`): whoever needs them shares
/// them, and a name without any below it takes no memory for that.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operands(Option<Arc<BTreeMap<Vec<u8>, OperandTree>>>);

impl Operands {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|names| names.is_empty())
    }

    /// What operands say about a name.
    #[must_use]
    pub fn get(&self, name: &[u8]) -> Option<&OperandTree> {
        self.0.as_ref()?.get(name)
    }

    /// All of them, sorted by their bytes.
    pub fn iter(&self) -> impl Iterator<Item = (&Vec<u8>, &OperandTree)> {
        self.0.iter().flat_map(|names| names.iter())
    }

    fn values(&self) -> impl Iterator<Item = &OperandTree> {
        self.iter().map(|(_, operand)| operand)
    }

    fn get_mut(&mut self, name: &[u8]) -> Option<&mut OperandTree> {
        Arc::make_mut(self.0.as_mut()?).get_mut(name)
    }

    fn entry(&mut self, name: &[u8]) -> btree_map::Entry<'_, Vec<u8>, OperandTree> {
        Arc::make_mut(self.0.get_or_insert_default()).entry(name.to_vec())
    }

    fn remove(&mut self, name: &[u8]) {
        if let Some(names) = &mut self.0 {
            Arc::make_mut(names).remove(name);
        }
    }

    fn retain(&mut self, keeps: impl FnMut(&Vec<u8>, &mut OperandTree) -> bool) {
        if let Some(names) = &mut self.0 {
            Arc::make_mut(names).retain(keeps);
        }
    }
}

/// The tree of names that operands spell out. Below a [`Rank::Named`] directory, reading takes over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperandTree {
    /// How the name was meant.
    pub rank: Rank,
    /// What it is, for the rules.
    pub kind: NameKind,
    /// The sources that have it, first one first.
    pub sources: SourceNumbers,
    /// The sources whose directory of this name is to be read.
    pub listed: SourceNumbers,
    /// The sources of the times it was named again: doubles count as entries (rsync(1), `--stats`).
    pub doubles: SourceNumbers,
    /// Rules were asked about it as the operand was read: what a directory around it holds comes later.
    pub asked: bool,
    /// So many directories of this name are left out, while what is none has it.
    pub skips: u32,
    /// Names below it that operands spell out.
    pub children: Operands,
}

impl OperandTree {
    /// All doubles of this name and below it.
    #[must_use]
    pub fn all_doubles(&self) -> usize {
        let below = self.children.values().map(OperandTree::all_doubles);
        self.doubles.len() + below.sum::<usize>()
    }

    /// How many names operands mean, this one and those below it.
    #[must_use]
    pub fn names(&self) -> usize {
        let others = self.doubles.iter().filter(|double| !self.sources.contains(double));
        let others = others.collect::<BTreeSet<_>>().len();
        usize::from(self.rank >= Rank::Named) * (self.sources.len() + others).max(1)
            + self.children.values().map(OperandTree::names).sum::<usize>()
    }

    /// Whether operands mean anything at all, this name or one below it.
    #[must_use]
    pub fn means_any(&self) -> bool {
        self.rank >= Rank::Named || self.children.values().any(OperandTree::means_any)
    }

    /// Whether it only leads to deeper names.
    #[must_use]
    pub fn is_way(&self) -> bool {
        matches!(self.rank, Rank::Absent | Rank::Passage | Rank::Implied)
    }

    /// Whether a link of this name is followed to a directory: operands go on below it.
    #[must_use]
    pub fn leads_on(&self) -> bool {
        !self.children.is_empty() || self.rank == Rank::Contents
    }

    pub(crate) fn new(rank: Rank) -> Self {
        OperandTree {
            rank,
            kind: NameKind::Directory,
            sources: SourceNumbers::new(),
            listed: SourceNumbers::new(),
            doubles: SourceNumbers::new(),
            asked: false,
            skips: 0,
            children: Operands::default(),
        }
    }

    /// A directory of a recorded batch, which stands in for source 0 and whose names were filtered before.
    #[must_use]
    pub fn recorded(rank: Rank) -> Self {
        OperandTree { sources: smallvec![0], listed: smallvec![0], asked: true, ..OperandTree::new(rank) }
    }

    /// Drops names that rules hide, and ways that then lead nowhere. `rules` says what those in force decide about a name;
    /// the names that all were asked about are noted in `asked`, and deeper ones that stay where their directories are
    /// going to ask again. One that leads to deeper names is no more than a way of that rank then.
    pub fn drop_hidden(
        &mut self,
        rel: &[u8],
        way: Rank,
        again: Again,
        rules: &dyn Fn(&OperandTree, &[u8], NameKind) -> Verdict,
        asked: &mut Vec<(Vec<u8>, NameKind)>,
    ) {
        self.children.retain(|name, operand| {
            let path = join(rel, name);
            operand.drop_hidden(&path, way, again, rules, asked);
            if operand.is_way() {
                return !operand.children.is_empty();
            }
            if operand.rank == Rank::Missing {
                // Rules hide what there is.
                operand.asked = true;
                return true;
            }
            if operand.skips > 0
                && let Some(found) = rules(operand, &path, NameKind::Directory).found
            {
                asked.extend((0..operand.skips).map(|_| (path.clone(), NameKind::Directory)));
                operand.skips *= u32::from(found != Action::Exclude);
            }
            let Verdict { found, asked: by } = rules(operand, &path, operand.kind);
            let hidden = found == Some(Action::Exclude);
            // A way's own merge files are still to be asked.
            operand.asked = by == Asked::All || by == Asked::Typed && rel.is_empty();
            let told = operand.asked || by == Asked::Typed && again == Again::Asked;
            if hidden || told && found.is_some() {
                // Rules are asked each time.
                asked.extend((0..=operand.doubles.len()).map(|_| (path.clone(), operand.kind)));
            }
            if hidden && !operand.children.is_empty() {
                // Itself it is hidden, but not what was named below it.
                operand.rank = way;
                operand.listed.clear();
            }
            !hidden || !operand.children.is_empty()
        });
    }

    /// Drops directories, and ways that then lead nowhere, where directories are not copied; notes their names.
    pub fn drop_directories(&mut self, rel: &[u8], dropped: &mut BTreeSet<Vec<u8>>) {
        self.children.retain(|name, operand| {
            let path = join(rel, name);
            operand.drop_directories(&path, dropped);
            if operand.rank >= Rank::Named && operand.kind == NameKind::Directory {
                dropped.insert(path);
                operand.rank = Rank::Implied;
            } else if operand.skips > 0 {
                dropped.insert(path);
            }
            if operand.is_way() { !operand.children.is_empty() } else { true }
        });
    }

    /// Whether a directory is read here or below, where those that are named are.
    #[must_use]
    pub fn reads(&self, recursion: Recursion) -> bool {
        if recursion == Recursion::None {
            return false;
        }
        let named = recursion == Recursion::Full && self.kind == NameKind::Directory;
        let own = self.rank == Rank::Contents || self.rank == Rank::Named && named;
        own || self.children.values().any(|operand| operand.reads(recursion))
    }

    /// Records `path` where directories are not copied: then they take nobody's place. So many as `told` of the
    /// directories on the way led to the name before, and are not listed again.
    pub(crate) fn insert_skipping(&mut self, path: &[&[u8]], naming: &Naming, told: usize) {
        let is_dir = naming.kind == NameKind::Directory;
        let Some((name, way)) = path.split_last() else { return };
        let above = way.iter().try_fold(&mut *self, |at, name| at.children.get_mut(name));
        let mut skips = 0;
        if let Some(above) = above
            && let Some(before) = above.children.get_mut(name)
            && before.rank >= Rank::Named
            && before.children.is_empty()
            && is_dir != (before.kind == NameKind::Directory)
        {
            if is_dir {
                before.skips += 1;
                return;
            }
            skips = 1 + u32::try_from(before.doubles.len()).unwrap_or(u32::MAX);
            above.children.remove(name);
        }
        self.insert(path, naming, told);
        let operand = path.iter().try_fold(self, |at, name| at.children.get_mut(name));
        if let Some(operand) = operand {
            operand.skips += skips;
        }
    }

    /// Records `path` (no empty components); `told` as for [`insert_skipping`](OperandTree::insert_skipping).
    pub(crate) fn insert(&mut self, path: &[&[u8]], naming: &Naming, told: usize) {
        let Naming { source, parent, last, kind, repeats, present } = *naming;
        let mut at = self;
        let (mut again, mut before) = (false, None);
        for (index, name) in path.iter().enumerate() {
            again = at.children.get(name).is_some();
            let is_way = index + 1 < path.len();
            let is_absent = is_way && index >= present;
            let rank = match is_way {
                true if is_absent => Rank::Absent,
                true => parent,
                false => last,
            };
            at = at.children.entry(name).or_insert_with(|| OperandTree::new(rank));
            let listed = index == told || at.rank >= Rank::Named || repeats != Repeats::Dropped;
            if again && is_way && !is_absent && index >= told && listed {
                // Listed once more, as the way to this name; with incremental recursion, not those below it.
                at.doubles.push(source);
            }
            if again && is_way && !is_absent && at.kind != NameKind::Directory {
                // A link that was named itself: a directory on the way has its name now.
                at.listed.clear();
                (at.kind, at.rank) = (NameKind::Directory, rank);
            }
            before = again.then_some(at.rank);
            // What was only the way to names that are missing was not named before.
            again &= is_way || before != Some(Rank::Absent);
            let is_beaten = !is_way && again && at.kind == NameKind::Directory && kind != NameKind::Directory;
            if !is_beaten {
                at.rank = at.rank.max(rank);
            }
            if at.rank > Rank::Absent && before == Some(Rank::Absent) {
                // Those before do not have it.
                at.sources.clear();
            }
            if !(at.sources.contains(&source) || is_absent && again) {
                at.sources.push(source);
            }
        }
        let is_dir = |kind| kind == NameKind::Directory;
        if again && is_dir(kind) && !is_dir(at.kind) {
            at.give_way(source);
        } else if again {
            at.doubles.push(source);
        }
        if !again || is_dir(kind) {
            at.kind = kind;
        }
        if again && is_dir(at.kind) && !is_dir(kind) {
            at.sources.retain(|other| *other != source || at.listed.contains(other));
            return;
        }
        // Its own double is there by now.
        let earlier =
            at.sources.first().into_iter().chain(at.doubles.split_last().map_or(&[][..], |all| all.1));
        let is_read = match repeats {
            Repeats::Listed => true,
            Repeats::Dropped => {
                !at.listed.contains(&source)
                    || at.children.is_empty() && is_read_again(earlier.copied(), source)
            }
            Repeats::ListedAsContents => last >= at.rank || !at.listed.contains(&source),
        };
        if repeats == Repeats::ListedAsContents && last == Rank::Contents && before == Some(Rank::Named) {
            at.listed.retain(|other| *other != source);
        }
        if last >= Rank::Named && is_read {
            at.listed.push(source);
        }
    }
}

impl OperandTree {
    /// A directory takes the place of what is none (rsync(1), USAGE), which becomes its double.
    fn give_way(&mut self, source: u16) {
        self.doubles.extend(self.sources.first().copied());
        self.sources = smallvec![source];
        self.listed.clear();
    }
}

/// Whether a directory that operands named before, in these sources, is read once more as it is named again: with
/// incremental recursion rsync drops the double of the one before, but not the double of a double, nor that of one
/// which followed another source's.
pub(crate) fn is_read_again(before: impl Iterator<Item = u16>, source: u16) -> bool {
    let (mut last, mut spent, mut is_read) = (None, false, true);
    for source in before.chain([source]) {
        let same = last.is_none_or(|last| last == source);
        is_read = last.is_none() || !same || spent;
        spent = last.is_some() && (!is_read || !same);
        last = Some(source);
    }
    is_read
}

/// One naming of an entry by an operand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Naming {
    /// Which source has it.
    pub source: u16,
    /// How the directories on the way are meant.
    pub parent: Rank,
    /// How the entry itself is meant.
    pub last: Rank,
    /// What the entry is.
    pub kind: NameKind,
    /// What becomes of it when it is named again.
    pub repeats: Repeats,
    /// So many of the directories on the way are there.
    pub present: usize,
}

/// What becomes of a directory that the same source names again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeats {
    /// It is listed once: with incremental recursion its double is dropped before that.
    Dropped,
    /// It is listed each time, and all below it counts each time: the whole list is made before doubles go.
    Listed,
    /// Like `Listed`, where only directories with a slash behind them are read.
    ListedAsContents,
}
