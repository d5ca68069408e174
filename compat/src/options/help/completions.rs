//! Completions for shells.

use super::super::Bytes;

/// A shell that can complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// bash.
    Bash,
    /// zsh.
    Zsh,
    /// fish.
    Fish,
}

/// The completion script.
#[must_use]
pub fn completions(_shell: Shell) -> Bytes {
    Bytes::new()
}
