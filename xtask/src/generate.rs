//! What is made from the table of options and checked in: the man page, completions for three shells, the pages on
//! compatibility; and the plot of what was measured.

use std::fs;

use rsync_compat::options::help::{Shell, completions, man_page};

use crate::run::{Step, root};
use crate::{pages, plot};

/// Every generated file, from the root of the workspace on, and its contents.
fn files() -> [(&'static str, Vec<u8>); 7] {
    let measured = fs::read_to_string(root().join("docs/performance.md")).unwrap_or_default();
    [
        ("man/io-uring-sync.1", man_page()),
        ("completions/io-uring-sync.bash", completions(Shell::Bash)),
        ("completions/_io-uring-sync", completions(Shell::Zsh)),
        ("completions/io-uring-sync.fish", completions(Shell::Fish)),
        ("docs/differences.md", pages::differences().into_bytes()),
        ("docs/compatibility.md", pages::compatibility().into_bytes()),
        ("docs/performance.svg", plot::svg(&measured).into_bytes()),
    ]
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
    use super::files;
    use crate::run::root;

    #[test]
    fn what_is_checked_in_is_fresh() {
        for (name, text) in files() {
            let there = std::fs::read(root().join(name)).unwrap_or_default();
            assert!(there == text, "{name} is stale: run `cargo xtask generate`");
        }
    }
}
