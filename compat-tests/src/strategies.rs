//! proptest strategies for trees, changes to trees, argument lists and whole cases. Each draws with the generators of
//! [`mod@crate::random`] and shrinks by leaving out one thing after the other, so that what is left is all needed.

use crate::random::{self, RandomCase};
use crate::rich::changed;
use crate::rng::Rng;
use crate::tree::Tree;
use proptest::prelude::Rng as _;
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use std::fmt::Debug;

/// A strategy made of a generator and of what is one thing less.
#[derive(Clone, Copy, Debug)]
pub struct Drawn<T> {
    draw: fn(&mut Rng) -> T,
    smaller: fn(&T) -> Vec<T>,
}

/// How often an option is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weights {
    /// As scripts use them.
    AsUsed,
    /// All equally.
    Equal,
}

/// Trees of few names, with every kind of entry.
pub fn trees() -> Drawn<Tree> {
    Drawn { draw: random::tree, smaller: without_one }
}

/// A tree, and the same after some changes.
pub fn changes() -> Drawn<(Tree, Tree)> {
    let draw = |rng: &mut Rng| {
        let before = random::tree(rng);
        let (seed, count) = (rng.next_u64(), rng.below(12));
        (before.clone(), changed(&before, seed, count))
    };
    let smaller = |(before, after): &(Tree, Tree)| {
        let firsts = without_one(before).into_iter().map(|before| (before, after.clone()));
        firsts.chain(without_one(after).into_iter().map(|after| (before.clone(), after))).collect()
    };
    Drawn { draw, smaller }
}

/// Options, each a list of words.
pub fn arguments(weights: Weights) -> Drawn<Vec<Vec<String>>> {
    let draw = match weights {
        Weights::AsUsed => random::options_as_used,
        Weights::Equal => random::options_equal,
    };
    Drawn { draw, smaller: |options| (0..options.len()).map(|at| without(options, at)).collect() }
}

/// Trees and a command line.
pub fn cases() -> Drawn<RandomCase> {
    Drawn { draw: |rng| RandomCase::new(rng.next_u64()), smaller: RandomCase::smaller }
}

fn without<T: Clone>(list: &[T], at: usize) -> Vec<T> {
    [&list[..at], &list[at + 1..]].concat()
}

fn without_one(tree: &Tree) -> Vec<Tree> {
    let less = |path| {
        let mut less = tree.clone();
        less.remove(path);
        less
    };
    tree.entries.keys().map(|path| less(path)).collect()
}

impl<T: Clone + Debug> Strategy for Drawn<T> {
    type Tree = Shrinking<T>;
    type Value = T;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let seed = runner.rng().next_u64();
        Ok(Shrinking::new((self.draw)(&mut Rng::new(seed)), self.smaller))
    }
}

/// A value that failed, and the smaller ones that were not tried yet.
#[derive(Clone, Debug)]
pub struct Shrinking<T> {
    failed: T,
    now: T,
    untried: std::vec::IntoIter<T>,
    smaller: fn(&T) -> Vec<T>,
}

impl<T: Clone + Debug> Shrinking<T> {
    /// Starts at a value.
    pub fn new(value: T, smaller: fn(&T) -> Vec<T>) -> Self {
        Shrinking { failed: value.clone(), now: value, untried: Vec::new().into_iter(), smaller }
    }

    /// To the next one that was not tried, or back to what failed.
    fn advance(&mut self) -> bool {
        let next = self.untried.next();
        let more = next.is_some();
        self.now = next.unwrap_or_else(|| self.failed.clone());
        more
    }
}

impl<T: Clone + Debug> ValueTree for Shrinking<T> {
    type Value = T;

    fn current(&self) -> T {
        self.now.clone()
    }

    fn simplify(&mut self) -> bool {
        self.failed = self.now.clone();
        self.untried = (self.smaller)(&self.failed).into_iter();
        self.advance()
    }

    fn complicate(&mut self) -> bool {
        self.advance()
    }
}
