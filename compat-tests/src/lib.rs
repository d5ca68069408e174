//! Differential tests: the real rsync against io-uring-sync.
//!
//! A test is a tree, a command, and the tree that the command must leave: the one that rsync 3.5.0 leaves.
//!
//! ```no_run
//! use compat_tests::*;
//! world([file("s/f", "new"), file("d/f", "old"), file("d/gone", "x")]).same("-ai --delete s/ d/");
//! ```
//!
//! `world` names everything that exists in the working directory of both programs; `same` runs rsync and ours in
//! twin directories with the same arguments and compares every attribute of every name, standard output, standard
//! error and the exit status. Ours runs twice: as it comes, and with every ring operation emulated.
//!
//! | variable | meaning | default |
//! |---|---|---|
//! | `REFERENCE_RSYNC` | the program that is right | `/usr/bin/rsync` |
//! | `REFERENCE_VERSION` | its version, to see what differs from another one | 3.5.0 |
//! | `SUBJECT` | the program under test | `io-uring-sync` beside the test's own target directory |
//! | `COMPAT_TESTS_DIR` | where twins are built; needs user and trusted xattrs, ACLs | `/dev/shm` |
//! | `COMPAT_TESTS_KEEP` | keep the twins of failed tests | unset |
//! | `COMPAT_TESTS_MODES` | comma-separated: `ring`, `emulated` | both |
//! | `ATTACK_MS`, `BIG_TREES_FILES` | length of each attack, size of the large directory | 150, 300000 |
//! | `RANDOM_CASES`, `RANDOM_SEED` | length and start of the random test | 100, 1 |
//!
//! Code map, in reading order: [`mod@tree`] and [`make`] build a tree, [`attrs`] and [`snapshot`] read it back,
//! [`program`] runs one command, [`output`] makes what it printed comparable, [`twin`] puts them together, [`alone`]
//! does without rsync, [`mounted`] makes file systems, [`usage`] measures memory and descriptors of a process;
//! [`known`] lists accepted differences, [`rich`] and [`mod@random`] make trees up, [`strategies`] offers them to
//! proptest, [`search`] looks for differences with them, [`paste`] writes what it found as a test,
//! [`mod@shrink`] makes long cases short. [`attack`], [`kill`], [`soak`] and [`power`] are campaigns;
//! [`write_log`] reads what a disk was told.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod tree;
pub mod acl;
pub mod make;
pub mod shell;
pub mod attrs;
pub mod snapshot;
pub mod usage;
pub mod program;
pub mod output;
mod place;
pub mod twin;
pub mod alone;
pub mod background;
pub mod mounted;
pub mod known;
pub mod rng;
pub mod rich;
pub mod random;
pub mod strategies;
pub mod paste;
pub mod shrink;
pub mod search;
pub mod attack;
pub mod kill;
pub mod write_log;
pub mod power;
pub mod soak;

pub use tree::*;
pub use twin::{Case, check_all, world};
