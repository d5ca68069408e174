//! What is made from the table of options and checked in: the man page, and completions for three shells.

use std::fs;
use std::path::{Path, PathBuf};

use rsync_compat::options::help::{Shell, completions, man_page};

use crate::run::Step;

/// Every generated file, from the root of the workspace on, and its contents.
fn files() -> [(&'static str, Vec<u8>); 4] {
    [
        ("man/io-uring-sync.1", man_page()),
        ("completions/io-uring-sync.bash", completions(Shell::Bash)),
        ("completions/_io-uring-sync", completions(Shell::Zsh)),
        ("completions/io-uring-sync.fish", completions(Shell::Fish)),
    ]
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Writes them all.
pub(crate) fn generate() -> Step {
    for (name, text) in files() {
        let path = root().join(name);
        let dir = path.parent().unwrap_or(&path);
        fs::create_dir_all(dir)
            .and_then(|()| fs::write(&path, text))
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{files, root};

    #[test]
    fn what_is_checked_in_is_fresh() {
        for (name, text) in files() {
            let there = std::fs::read(root().join(name)).unwrap_or_default();
            assert!(there == text, "{name} is stale: run `cargo xtask generate`");
        }
    }
}
