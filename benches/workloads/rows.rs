//! The table of workloads: one row each, with the goal it is held to.

use crate::make::Tree;

/// How the destination looks before each run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// It does not exist.
    Absent,
    /// It is already a copy; runs leave it as it is.
    Synced,
    /// It does not exist, and an identical copy is given as `--link-dest`.
    LinkDest,
    /// It is a copy of which one file in a hundred was changed, added or removed since.
    Aged,
    /// It is a copy with many extraneous files.
    Crowded,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cache {
    Warm,
    /// Caches are dropped before each run.
    Cold,
}

/// What a row measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Metric {
    Time,
    /// One run each; the peak of memory is what counts.
    Memory,
    /// System calls per file, by strace.
    Calls,
}

/// Ratios to reach; `None` where nothing is promised.
pub(crate) struct Goal {
    /// rsync's wall time in ours, at least.
    pub(crate) rsync: Option<f64>,
    /// cp's wall time in ours, at least.
    pub(crate) cp: Option<f64>,
    /// Our wall time in the floor's, at most.
    pub(crate) floor: Option<f64>,
    /// Our peak memory, at most, however many files there are.
    pub(crate) peak_mib: Option<f64>,
    /// Our system calls per file, at most, what goes through a ring counted too.
    pub(crate) calls: Option<f64>,
}

pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) tree: Tree,
    pub(crate) start: Start,
    pub(crate) cache: Cache,
    pub(crate) metric: Metric,
    /// Options for ours and rsync.
    pub(crate) options: &'static [&'static str],
    /// The floor's mode, where it has one that does this work.
    pub(crate) floor: Option<[&'static str; 2]>,
    pub(crate) goal: Goal,
}

const COPY: Option<[&str; 2]> = Some(["copy", "atomic"]);
const NOOP: Option<[&str; 2]> = Some(["noop", "direct"]);

const NO_GOAL: Goal = Goal { rsync: None, cp: None, floor: None, peak_mib: None, calls: None };

const fn rsync_times(least: f64) -> Goal {
    Goal { rsync: Some(least), ..NO_GOAL }
}

pub(crate) const ROWS: &[Row] = &[
    Row {
        name: "fresh",
        about: "-a, 50,000 small files, no destination",
        tree: Tree::Small { files: 50_000 },
        start: Start::Absent,
        cache: Cache::Warm,
        metric: Metric::Time,
        options: &["-a"],
        floor: COPY,
        goal: Goal { cp: Some(1.3), floor: Some(1.15), ..rsync_times(2.5) },
    },
    Row {
        name: "nochange",
        about: "-a, 100,000 files, nothing changed",
        tree: Tree::Small { files: 100_000 },
        start: Start::Synced,
        cache: Cache::Warm,
        metric: Metric::Time,
        options: &["-a"],
        floor: NOOP,
        goal: Goal { floor: Some(1.15), ..rsync_times(3.5) },
    },
    Row {
        name: "linkdest",
        about: "-a --link-dest, 25,000 files, nothing changed",
        tree: Tree::Small { files: 25_000 },
        start: Start::LinkDest,
        cache: Cache::Warm,
        metric: Metric::Time,
        options: &["-a"],
        floor: None,
        goal: rsync_times(8.0),
    },
    Row {
        name: "changed",
        about: "-a --delete, 50,000 files, 1 % changed",
        tree: Tree::Small { files: 50_000 },
        start: Start::Aged,
        cache: Cache::Warm,
        metric: Metric::Time,
        options: &["-a", "--delete"],
        floor: None,
        goal: rsync_times(2.5),
    },
    Row {
        name: "meta-fresh",
        about: "-aHAX, 20,000 names with links, ACLs, xattrs, owners; no destination",
        tree: Tree::Metadata { files: 20_000 },
        start: Start::Absent,
        cache: Cache::Warm,
        metric: Metric::Time,
        options: &["-aHAX"],
        floor: None,
        goal: Goal { cp: Some(1.0), ..rsync_times(2.5) },
    },
    Row {
        name: "meta-nochange",
        about: "-aHAX, the same tree, nothing changed",
        tree: Tree::Metadata { files: 20_000 },
        start: Start::Synced,
        cache: Cache::Warm,
        metric: Metric::Time,
        options: &["-aHAX"],
        floor: None,
        goal: rsync_times(3.0),
    },
    Row {
        name: "delete",
        about: "-a --delete, 50,000 extraneous files beside 1,000 that stay",
        tree: Tree::Small { files: 1_000 },
        start: Start::Crowded,
        cache: Cache::Warm,
        metric: Metric::Time,
        options: &["-a", "--delete"],
        floor: None,
        goal: rsync_times(2.0),
    },
    Row {
        name: "large",
        about: "-a, 4 files of 256 MiB, no destination",
        tree: Tree::Large { files: 4, bytes: 256 << 20 },
        start: Start::Absent,
        cache: Cache::Warm,
        metric: Metric::Time,
        options: &["-a"],
        floor: COPY,
        goal: Goal { cp: Some(1.0), ..rsync_times(6.0) },
    },
    Row {
        name: "checksum",
        about: "-ac, 25,000 small files and 4 of 64 MiB, nothing changed",
        tree: Tree::Mixed { files: 25_000, large: 4, bytes: 64 << 20 },
        start: Start::Synced,
        cache: Cache::Warm,
        metric: Metric::Time,
        options: &["-ac"],
        floor: None,
        goal: rsync_times(2.0),
    },
    Row {
        name: "cold",
        about: "-a, 50,000 small files, no destination, caches dropped",
        tree: Tree::Small { files: 50_000 },
        start: Start::Absent,
        cache: Cache::Cold,
        metric: Metric::Time,
        options: &["-a"],
        floor: COPY,
        goal: Goal { cp: Some(1.0), ..rsync_times(2.5) },
    },
    Row {
        name: "cold-nochange",
        about: "-a, 100,000 files, nothing changed, caches dropped",
        tree: Tree::Small { files: 100_000 },
        start: Start::Synced,
        cache: Cache::Cold,
        metric: Metric::Time,
        options: &["-a"],
        floor: NOOP,
        goal: NO_GOAL,
    },
    Row {
        name: "memory",
        about: "-a, --memory-files empty files, 100 to a directory",
        tree: Tree::Empty { share: 1.0, per_dir: 100 },
        start: Start::Absent,
        cache: Cache::Warm,
        metric: Metric::Memory,
        options: &["-a"],
        floor: None,
        goal: Goal { peak_mib: Some(32.0), ..NO_GOAL },
    },
    Row {
        name: "memory-tenth",
        about: "-a, a tenth as many: memory should be the same",
        tree: Tree::Empty { share: 0.1, per_dir: 100 },
        start: Start::Absent,
        cache: Cache::Warm,
        metric: Metric::Memory,
        options: &["-a"],
        floor: None,
        goal: Goal { peak_mib: Some(32.0), ..NO_GOAL },
    },
    Row {
        name: "memory-one-dir",
        about: "-a, --memory-files empty files in one directory",
        tree: Tree::Empty { share: 1.0, per_dir: usize::MAX },
        start: Start::Absent,
        cache: Cache::Warm,
        metric: Metric::Memory,
        options: &["-a"],
        floor: None,
        goal: Goal { peak_mib: Some(160.0), ..NO_GOAL },
    },
    Row {
        name: "calls",
        about: "-a, 1,000 files of 5 kB, no destination, under strace",
        tree: Tree::Even { files: 1_000, bytes: 5_000 },
        start: Start::Absent,
        cache: Cache::Warm,
        metric: Metric::Calls,
        options: &["-a"],
        floor: COPY,
        goal: Goal { calls: Some(11.0), ..NO_GOAL },
    },
];
