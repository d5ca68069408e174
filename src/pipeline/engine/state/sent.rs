//! What was sent of the lists, were this rsync with its processes, as far as later parts of them depend on it. All of it
//! is for the bytes of `--stats` (`pipeline/walk/traffic.rs`).

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use rsync_compat::options::Options;
use uring_ext::process;

use crate::entry::{Kind, Meta};

/// What lists that were sent decide about those that follow.
#[derive(Debug, Default)]
pub struct Sent {
    /// The first entry of all, which a worker without one of its own goes on from.
    first: OnceLock<Meta>,
    users: Mutex<HashSet<u32>>,
    groups: Mutex<HashSet<u32>>,
    /// Files of which a name was sent (`-H`), as hashes.
    linked: Mutex<HashSet<u64>>,
    /// How much of a directory's name, which is the key as a hash of its path, the name before its first one shares.
    shared: Mutex<HashMap<u64, usize>>,
}

impl Sent {
    /// The bytes that a user's name takes, the first time.
    pub fn user(&self, options: &Options, uid: u32) -> u64 {
        introduce(&self.users, options, uid, process::user_name)
    }

    /// The same for a group.
    pub fn group(&self, options: &Options, gid: u32) -> u64 {
        introduce(&self.groups, options, gid, process::group_name)
    }

    /// Notes how much the first name of the list of the directory at this path shares with the name before it.
    pub fn note_shared(&self, rel: &[u8], bytes: usize) {
        locked(&self.shared).insert(hash(rel), bytes);
    }

    /// What was noted, once.
    #[must_use]
    pub fn take_shared(&self, rel: &[u8]) -> usize {
        locked(&self.shared).remove(&hash(rel)).unwrap_or(0)
    }

    /// Whether another name of the file was sent.
    pub fn has_leader(&self, options: &Options, meta: &Meta) -> bool {
        let is_linked = options.preserve.hard_links && meta.nlink > 1 && meta.kind() != Kind::Dir;
        is_linked && !locked(&self.linked).insert(hash(&(meta.dev, meta.ino)))
    }
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn hash(of: &(impl Hash + ?Sized)) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(of)
}

/// A list that is sent as a whole has all names behind it, with their numbers; those of 0 always.
fn introduce(seen: &Mutex<HashSet<u32>>, options: &Options, id: u32, find: fn(u32) -> Option<String>) -> u64 {
    let piecemeal = options.select.incremental;
    if options.preserve.numeric_ids || id == 0 && !piecemeal || !locked(seen).insert(id) {
        return 0;
    }
    find(id).map_or(0, |name| 1 + name.len() as u64 + if piecemeal { 0 } else { number(id) })
}

/// What a worker listed before.
#[derive(Debug, Default, Clone, Copy)]
pub struct Previous {
    meta: Option<Meta>,
    /// The mode of the entry before of each kind.
    modes: [Option<u32>; KINDS],
}

const KINDS: usize = Kind::Socket as usize + 1;

impl Previous {
    /// Puts the next entry in its place; returns what was there, and whether the one before of its kind had its mode.
    pub fn put(&mut self, sent: &Sent, meta: &Meta) -> (Option<Meta>, bool) {
        let before = self.meta.replace(*meta).or_else(|| sent.first.get().copied());
        sent.first.get_or_init(|| *meta);
        let mode = self.modes[meta.kind() as usize].replace(meta.mode);
        (before, mode.is_none_or(|mode| mode == meta.mode))
    }
}

/// The bytes of a number of variable length.
#[must_use]
pub fn number(number: u32) -> u64 {
    u64::from(32 - number.leading_zeros()).div_ceil(7).max(1)
}
