//! Source trees: the same bytes, names and times on every machine.

use std::fs::{self, File, FileTimes};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::metadata;

/// The shape of a source tree.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tree {
    /// A few hundred bytes to 16 KiB each, 100 to a directory.
    Small {
        files: usize,
    },
    /// All of one size.
    Even {
        files: usize,
        bytes: usize,
    },
    Large {
        files: usize,
        bytes: usize,
    },
    Mixed {
        files: usize,
        large: usize,
        bytes: usize,
    },
    /// Small files with hard links, ACLs, extended attributes and owners.
    Metadata {
        files: usize,
    },
    /// Empty files, as a share of `--memory-files`.
    Empty {
        share: f64,
        per_dir: usize,
    },
}

impl Tree {
    /// The tree at another size; the number of large files stays, and shrinks in bytes.
    pub(crate) fn scaled(self, scale: f64, memory_files: usize) -> Self {
        let times = |count: usize, factor: f64| ((count as f64 * factor) as usize).max(1);
        match self {
            Self::Small { files } => Self::Small { files: times(files, scale) },
            Self::Even { .. } => self,
            Self::Large { files, bytes } => Self::Large { files, bytes: times(bytes, scale) },
            Self::Mixed { files, large, bytes } => {
                Self::Mixed { files: times(files, scale), large, bytes: times(bytes, scale) }
            }
            Self::Metadata { files } => Self::Metadata { files: times(files, scale) },
            Self::Empty { share, per_dir } => {
                let files = times(memory_files, share);
                Self::Empty { share: files as f64, per_dir: per_dir.min(files) }
            }
        }
    }

    /// How many names a scaled tree has, about.
    pub(crate) fn files(self) -> usize {
        match self {
            Self::Small { files } | Self::Even { files, .. } | Self::Metadata { files } => files,
            Self::Large { files, .. } => files,
            Self::Mixed { files, large, .. } => files + large,
            Self::Empty { share, .. } => share as usize,
        }
    }

    /// Makes a scaled tree in `root`, which must not exist.
    pub(crate) fn make(self, root: &Path) -> Result<(), String> {
        let sizes = |index: usize| small_size(index);
        match self {
            Self::Small { files } => fill(root, files, 100, &sizes),
            Self::Even { files, bytes } => fill(root, files, 100, &|_| bytes),
            Self::Large { files, bytes } => fill(root, files, 100, &|_| bytes),
            Self::Mixed { files, large, bytes } => {
                fill(root, files, 100, &sizes)?;
                fill(&root.join("large"), large, 100, &|_| bytes)
            }
            Self::Metadata { files } => fill(root, files, 40, &sizes).and_then(|()| metadata::adorn(root)),
            Self::Empty { share, per_dir } => fill(root, share as usize, per_dir, &|_| 0),
        }
    }
}

/// A few hundred bytes to 16 KiB, small ones more often: each doubling is as likely as the next.
fn small_size(index: usize) -> usize {
    let doubling = mix(index) % 6;
    let base = 256 << doubling;
    base + mix(index + 1) % base
}

/// A number that looks random and is the same everywhere.
pub(crate) fn mix(index: usize) -> usize {
    let mut word = (index as u64).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    word ^= word >> 31;
    word = word.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (word >> 33) as usize
}

/// Where file number `index` lies: two levels of directories, `per_dir` files in each of the lower ones.
pub(crate) fn name_of(index: usize, per_dir: usize) -> PathBuf {
    let dir = index / per_dir;
    PathBuf::from(format!("part{:03}/dir{:05}/file{index:07}.dat", dir / 20, dir))
}

fn fill(
    root: &Path,
    files: usize,
    per_dir: usize,
    size: &(dyn Fn(usize) -> usize + Sync),
) -> Result<(), String> {
    let dirs = files.div_ceil(per_dir);
    let pool = Contents::new();
    let threads = std::thread::available_parallelism().map_or(2, |count| count.get());
    let made: io::Result<()> = std::thread::scope(|scope| {
        let work = |thread: usize| {
            let pool = &pool;
            move || {
                (thread..dirs)
                    .step_by(threads)
                    .try_for_each(|dir| fill_dir(root, dir, per_dir, files, (pool, size)))
            }
        };
        let started: Vec<_> = (0..threads).map(|thread| scope.spawn(work(thread))).collect();
        started.into_iter().try_for_each(|thread| thread.join().expect("a tree maker does not panic"))
    });
    made.map_err(|error| format!("cannot make the tree {}: {error}", root.display()))
}

type Filling<'a> = (&'a Contents, &'a (dyn Fn(usize) -> usize + Sync));

fn fill_dir(
    root: &Path,
    dir: usize,
    per_dir: usize,
    files: usize,
    (pool, size): Filling<'_>,
) -> io::Result<()> {
    let first = dir * per_dir;
    let path = root.join(name_of(first, per_dir));
    fs::create_dir_all(path.parent().expect("a file lies in a directory"))?;
    for index in first..files.min(first.saturating_add(per_dir)) {
        let path = root.join(name_of(index, per_dir));
        pool.write(&path, index, size(index))?;
        if index % 25 == 24 {
            symlink(format!("file{index:07}.dat"), path.with_extension("link"))?;
        }
    }
    Ok(())
}

/// Bytes that do not compress and do not repeat at the same place in two files.
pub(crate) struct Contents(Vec<u8>);

impl Contents {
    const BYTES: usize = 1 << 20;

    pub(crate) fn new() -> Self {
        Self((0..Self::BYTES / 4).flat_map(|index| (mix(index) as u32).to_le_bytes()).collect())
    }

    /// Writes a file; number, size and thus bytes, mode and time follow from `index`.
    pub(crate) fn write(&self, path: &Path, index: usize, bytes: usize) -> io::Result<()> {
        let mode = [0o644, 0o644, 0o644, 0o755, 0o600][mix(index + 2) % 5];
        let mut file = File::options().write(true).create(true).truncate(true).mode(mode).open(path)?;
        let mut at = mix(index) % (Self::BYTES / 2);
        let mut left = bytes;
        while left > 0 {
            let count = left.min(Self::BYTES - at);
            file.write_all(&self.0[at..at + count])?;
            left -= count;
            at = (at + count + 4096) % (Self::BYTES / 2);
        }
        file.set_times(FileTimes::new().set_modified(time_of(index)))
    }
}

/// Some moment in 2020, with nanoseconds.
fn time_of(index: usize) -> SystemTime {
    SystemTime::UNIX_EPOCH
        + Duration::new(1_580_000_000 + (index % 10_000_000) as u64, (mix(index) % 1_000_000_000) as u32)
}
