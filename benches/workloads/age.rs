//! Destinations as they were before the source changed, made again before each run.

use std::fs;
use std::io;
use std::path::Path;

use crate::make::{Contents, Tree, name_of};

/// Files to a directory of the trees that age.
const PER_DIR: usize = 100;
/// Every so many files one differs.
const STEP: usize = 100;
const EXTRANEOUS: usize = 50_000;

/// Makes one file in a hundred of a finished copy differ: old contents, missing, or extraneous, in turn.
pub(crate) fn age(destination: &Path, tree: Tree) -> io::Result<()> {
    let pool = Contents::new();
    for (turn, index) in (0..tree.files()).step_by(STEP).enumerate() {
        let path = destination.join(name_of(index, PER_DIR));
        match turn % 4 {
            0 | 1 => pool.write(&path, index + 1, 3000)?,
            2 => fs::remove_file(path)?,
            _ => pool.write(&path.with_extension("old"), index, 3000)?,
        }
    }
    Ok(())
}

/// Adds many extraneous files: half beside those that stay, half in directories of their own.
pub(crate) fn crowd(destination: &Path, scale: f64) -> Result<(), String> {
    let count = ((EXTRANEOUS as f64 * scale) as usize).max(2);
    Tree::Small { files: count / 2 }.make(&destination.join("gone"))?;
    let pool = Contents::new();
    let dirs =
        list_dirs(destination).map_err(|error| format!("cannot list {}: {error}", destination.display()))?;
    for index in 0..count / 2 {
        let path = dirs[index % dirs.len()].join(format!("gone{index:07}"));
        pool.write(&path, index, 1000)
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    Ok(())
}

/// The directories that hold the files which stay.
fn list_dirs(destination: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    for part in fs::read_dir(destination)? {
        let part = part?.path();
        if part.ends_with("gone") {
            continue;
        }
        for dir in fs::read_dir(part)? {
            found.push(dir?.path());
        }
    }
    found.sort();
    Ok(found)
}
