//! What one pass over the source notes for a later one.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use uring_ext::plain::Time;

/// Facts about names of the source, by their paths from the transfer root.
#[derive(Debug, Default)]
pub struct SourceNotes {
    /// Names of the source before anything was made, when the destination lies within it.
    seen: Mutex<HashMap<Vec<u8>, Time>>,
    /// Names that this run took out of the source (`--remove-source-files`), where deletions come later.
    removed: Mutex<HashSet<Vec<u8>>>,
    /// Directories of the source with more than directories below them (`-m`).
    populated: Mutex<HashSet<Vec<u8>>>,
    /// How many names its directories have (`-m`).
    listed: Mutex<BTreeMap<Vec<u8>, u32>>,
    /// Entries that a scan counted.
    pub scanned_entries: AtomicU64,
    /// Bytes of regular files and link texts that a scan counted.
    pub scanned_bytes: AtomicU64,
}

impl SourceNotes {
    /// Notes a name that the source had from the beginning, and its time then.
    pub fn note_seen(&self, rel: Vec<u8>, mtime: Time) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(rel, mtime);
    }

    /// The time of a name that the source had from the beginning.
    #[must_use]
    pub fn seen(&self, rel: &[u8]) -> Option<Time> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(rel).copied()
    }

    /// Notes a name that the source had until its entry was at the destination, as it is called there.
    pub fn note_removed(&self, rel: Vec<u8>) {
        self.removed.lock().unwrap_or_else(PoisonError::into_inner).insert(rel);
    }

    /// Whether this run took a name out of the source.
    #[must_use]
    pub fn was_removed(&self, rel: &[u8]) -> bool {
        self.removed.lock().unwrap_or_else(PoisonError::into_inner).contains(rel)
    }

    /// Notes that a directory is not empty, nor are those above it.
    pub fn note_populated(&self, rel: &[u8]) {
        let mut populated = self.populated.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rel = rel;
        while !rel.is_empty() && populated.insert(rel.to_vec()) {
            rel = &rel[..rel.iter().rposition(|&byte| byte == b'/').unwrap_or(0)];
        }
    }

    /// Whether the scan found a directory to be not empty.
    #[must_use]
    pub fn is_populated(&self, rel: &[u8]) -> bool {
        self.populated.lock().unwrap_or_else(PoisonError::into_inner).contains(rel)
    }

    /// Notes how many names a directory has.
    pub fn note_listed(&self, rel: &[u8], names: usize) {
        let names = u32::try_from(names).unwrap_or(u32::MAX);
        self.listed.lock().unwrap_or_else(PoisonError::into_inner).insert(rel.to_vec(), names);
    }

    /// How many names there are in a directory and in all below it.
    #[must_use]
    pub fn listed_below(&self, rel: &[u8]) -> u32 {
        let listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        // What comes after it and is not below it has a byte other than a slash there.
        let from_here = listed.range(rel.to_vec()..).take_while(|(one, _)| one.starts_with(rel));
        let below = from_here.filter(|(one, _)| matches!(one.get(rel.len()), None | Some(b'/')));
        below.map(|(_, names)| names).sum()
    }

    /// Counts an entry of a scan.
    pub fn scanned(&self, bytes: u64) {
        self.scanned_entries.fetch_add(1, Ordering::Relaxed);
        self.scanned_bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}
