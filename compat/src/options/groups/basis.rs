//! Alternate destinations: `--compare-dest`, `--copy-dest`, `--link-dest`.

use crate::options::Bytes;

/// What an exact match in an alternate destination leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BasisKind {
    /// `--compare-dest`: nothing is written.
    Compare,
    /// `--copy-dest`: a local copy.
    Copy,
    /// `--link-dest`: a hard link.
    Link,
}

/// Alternate destinations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// Which option named them.
    pub kind: BasisKind,
    /// Directories in order, relative ones below the destination.
    pub dirs: Vec<Bytes>,
}
