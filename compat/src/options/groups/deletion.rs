//! What is deleted, and what is kept of it.

use crate::options::Bytes;

/// When extraneous entries go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteWhen {
    /// `--delete-before`.
    Before,
    /// `--delete`, `--del`, `--delete-during`.
    During,
    /// `--delete-delay`.
    Delay,
    /// `--delete-after`.
    After,
}

/// What is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delete {
    /// Some kind of `--delete`, and its time.
    pub when: Option<DeleteWhen>,
    /// `--delete-excluded`.
    pub excluded: bool,
    /// `--max-delete`; `None` is no limit.
    pub max: Option<u64>,
    /// `--force`, or any `--delete`.
    pub force: bool,
    /// `--ignore-errors`.
    pub ignore_errors: bool,
}

/// `--backup`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// `--backup-dir`.
    pub dir: Option<Bytes>,
    /// `--suffix`; empty only with a directory.
    pub suffix: Bytes,
}
