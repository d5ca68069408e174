//! What is there after a power cut: disks are made again as they were at moments of a run (`cargo xtask power-loss`),
//! mounted, and looked at.

use crate::mounted::Mounted;
use crate::rng::Rng;
use crate::write_log::{What, WriteLog};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The kinds that there are logs of.
pub const FILE_SYSTEMS: [&str; 3] = ["ext4", "xfs", "btrfs"];

/// As large as the disk that was written to.
const DISK_BYTES: u64 = 330 << 20;

/// What came of it.
#[derive(Debug, Default)]
pub struct Cut {
    /// Moments that were looked at.
    pub moments: usize,
    /// Moments at which a file lacked data whose options promise nothing.
    pub unpromised: usize,
    /// What was not as it is promised, in words.
    pub losses: Vec<String>,
}

/// The files of a tree by their paths.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Looks at so many moments of the log of one kind of file system in `dir`.
///
/// # Errors
/// Those of reading the log and the trees.
///
/// # Panics
/// When disks cannot be made.
pub fn judge(kind: &str, dir: &Path, moments: usize, seed: u64) -> io::Result<Cut> {
    let log = WriteLog::open(&dir.join(format!("{kind}.log")))?;
    let versions = Versions { old: files(&dir.join("old"))?, new: files(&dir.join("new"))? };
    let disk = tempfile::NamedTempFile::new_in("/dev/shm")?;
    disk.as_file().set_len(DISK_BYTES)?;
    let (mut cut, mut done) = (Cut::default(), 0);
    for moment in chosen(&log, moments, seed) {
        for entry in &log.entries[done..=moment] {
            log.replay(entry, disk.as_file())?;
        }
        done = moment + 1;
        let mounted = Mounted::copy_of(kind, disk.path());
        let (losses, unpromised) = versions.look(&log, moment, mounted.point())?;
        cut.losses.extend(losses.iter().map(|loss| format!("{kind}, entry {moment}: {loss}")));
        cut.unpromised += usize::from(unpromised);
        cut.moments += 1;
    }
    Ok(cut)
}

/// Moments to look at: where somebody waited for the disk, marks, and any others, after the file system was made.
fn chosen(log: &WriteLog, moments: usize, seed: u64) -> BTreeSet<usize> {
    let mut rng = Rng::new(seed);
    let first = log.mark("fsync-old").expect("runs are marked");
    let all: Vec<usize> = (first..log.entries.len()).collect();
    let of = |is: fn(&What) -> bool| -> Vec<usize> {
        all.iter().copied().filter(|&at| is(&log.entries[at].what)).collect()
    };
    let forced = of(|what| *what == What::Forced);
    let mut chosen: BTreeSet<usize> = of(|what| matches!(what, What::Mark(_))).into_iter().collect();
    for _ in 0..moments {
        let among = if rng.one_in(2) { &forced } else { &all };
        chosen.insert(*rng.pick(among));
    }
    chosen
}

struct Versions {
    old: Files,
    new: Files,
}

impl Versions {
    /// What is lost of what is promised, and whether something is that nobody promised.
    fn look(&self, log: &WriteLog, moment: usize, root: &Path) -> io::Result<(Vec<String>, bool)> {
        let is_past = |word: &str| log.mark(word).is_some_and(|at| at <= moment);
        let mut losses: Vec<String> = self
            .halves(&root.join("fsync"))?
            .iter()
            .map(|path| format!("--fsync: {path} is not whole"))
            .collect();
        let whole = match () {
            () if is_past("syncfs-new-done") => Some(&self.new),
            () if is_past("syncfs-old-done") && !is_past("syncfs-new") => Some(&self.old),
            () => None,
        };
        if whole.is_some_and(|whole| files(&root.join("syncfs")).ok().as_ref() != Some(whole)) {
            losses.push("--syncfs: not all is there after its end".to_owned());
        }
        let unpromised = [self.halves(&root.join("syncfs"))?, self.halves(&root.join("plain"))?];
        Ok((losses, !unpromised.concat().is_empty()))
    }

    /// Files that are neither the old nor the new one.
    fn halves(&self, copy: &Path) -> io::Result<Vec<String>> {
        let there = if copy.exists() { files(copy)? } else { Files::new() };
        let is_version = |path: &PathBuf, data: &Vec<u8>| {
            self.old.get(path) == Some(data) || self.new.get(path) == Some(data)
        };
        let halves = there.iter().filter(|(path, data)| !is_version(path, data));
        Ok(halves.map(|(path, _)| path.display().to_string()).collect())
    }
}

/// All regular files below a directory but hidden ones, which are on their way.
fn files(dir: &Path) -> io::Result<Files> {
    let (mut files, mut dirs) = (Files::new(), vec![dir.to_owned()]);
    while let Some(next) = dirs.pop() {
        for entry in fs::read_dir(&next)? {
            let entry = entry?;
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            if entry.file_type()?.is_dir() {
                dirs.push(entry.path());
            } else if !hidden {
                let name = entry.path().strip_prefix(dir).expect("below it").to_owned();
                files.insert(name, fs::read(entry.path())?);
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_neither_old_nor_new_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        for (name, data) in [("old/sub/f", "old"), ("new/sub/f", "newer"), ("copy/sub/f", "newer")] {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, data).unwrap();
        }
        let of = |name: &str| files(&dir.path().join(name)).unwrap();
        let versions = Versions { old: of("old"), new: of("new") };
        let copy = dir.path().join("copy");
        assert_eq!(versions.halves(&copy).unwrap(), Vec::<String>::new());
        fs::write(copy.join("sub/.f.Xy12ab"), "ne").unwrap();
        assert_eq!(versions.halves(&copy).unwrap(), Vec::<String>::new());
        fs::write(copy.join("sub/f"), "new").unwrap();
        assert_eq!(versions.halves(&copy).unwrap(), ["sub/f"]);
    }
}
