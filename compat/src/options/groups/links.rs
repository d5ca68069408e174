//! What happens to symbolic links, and where typed paths may lead.

use crate::options::Bytes;

/// Where paths that options name may come out (`--confine-root`); `None` is anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Confine {
    /// On the side that reads the source.
    pub sender: Option<Bytes>,
    /// On the side that writes the destination.
    pub receiver: Option<Bytes>,
}

/// What happens to symbolic links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Links {
    /// `-l`.
    pub keep: bool,
    /// `-L`.
    pub copy: bool,
    /// `--copy-unsafe-links`.
    pub copy_unsafe: bool,
    /// `--safe-links`.
    pub safe: bool,
    /// `--munge-links`: the source's links are munged.
    pub unmunge: bool,
    /// `-M--munge-links`: the destination's links are to be munged.
    pub munge: bool,
    /// `-k`.
    pub copy_dirlinks: bool,
    /// `-K`.
    pub keep_dirlinks: bool,
    /// `--insecure-links`.
    pub insecure: bool,
}

impl Links {
    /// Whether a link to a directory makes that without `-r` and `-d`: only what is followed since it leads out does.
    #[must_use]
    pub const fn leads_to_bare_directories(&self) -> bool {
        self.copy_unsafe && !self.copy && !self.copy_dirlinks
    }
}
