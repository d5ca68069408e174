//! A tree as a value: what a test says exists before the programs run.
//!
//! Names are bytes. Parents need not be mentioned. Times are in the past, distinct and fixed, unless a test says
//! otherwise, so that anything a program stamps with the present stands out.

use std::collections::BTreeMap;
use xxhash_rust::xxh3::xxh3_64;

/// Everything below one directory, by path relative to it; parents sort before their children.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// The entries by path.
    pub entries: BTreeMap<Vec<u8>, Entry>,
}

/// One name with all its attributes; what is `None` takes a default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Path relative to the tree, without a leading slash.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: Kind,
    /// Permission bits; default 0755 for directories, 0644 otherwise.
    pub mode: Option<u32>,
    /// Owner and group; default: whoever runs the programs.
    pub owner: Option<Owner>,
    /// Modification time.
    pub mtime: Option<Mtime>,
    /// Extended attributes by full name.
    pub xattrs: BTreeMap<String, Vec<u8>>,
    /// Access ACL as text, for example `u::rw-,u:1000:r--,g::r--,m::rw-,o::---`.
    pub acl: Option<String>,
    /// Default ACL of a directory, same form.
    pub default_acl: Option<String>,
}

/// Owner and group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
}

impl Owner {
    /// Root and root's group.
    pub const ROOT: Owner = Owner::of(0);

    /// A user, and the group of the same number.
    pub const fn of(user: u32) -> Owner {
        Owner { uid: user, gid: user }
    }
}

/// A modification time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mtime {
    /// Since 1970.
    pub seconds: i64,
    /// Beside them.
    pub nanoseconds: u32,
}

impl From<i64> for Mtime {
    fn from(seconds: i64) -> Mtime {
        Mtime { seconds, nanoseconds: 0 }
    }
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A directory.
    Dir,
    /// A regular file.
    File(Content),
    /// A symlink with its target.
    Symlink(Vec<u8>),
    /// A named pipe.
    Fifo,
    /// A socket that nobody listens on.
    Socket,
    /// A character device: major, minor.
    Char(u32, u32),
    /// A block device: major, minor.
    Block(u32, u32),
    /// Another name of the entry at this path.
    HardLink(Vec<u8>),
}

/// What a regular file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// `size` bytes that depend on `seed` only.
    Random {
        /// Same seed, same bytes.
        seed: u64,
        /// In bytes.
        size: u64,
    },
    /// `size` bytes, holes except for random data in the given (offset, length) ranges.
    Sparse {
        /// In bytes.
        size: u64,
        /// Offset and length of each range with data.
        data: Vec<(u64, u64)>,
    },
    /// `size` zero bytes, really written.
    Zeros(u64),
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Content::Bytes(text.as_bytes().to_vec())
    }
}

impl From<&[u8]> for Content {
    fn from(bytes: &[u8]) -> Self {
        Content::Bytes(bytes.to_vec())
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Content::Bytes(text.into_bytes())
    }
}

fn entry(path: impl AsRef<[u8]>, kind: Kind) -> Entry {
    Entry {
        path: path.as_ref().to_vec(),
        kind,
        mode: None,
        owner: None,
        mtime: None,
        xattrs: BTreeMap::new(),
        acl: None,
        default_acl: None,
    }
}

/// A directory.
pub fn dir(path: impl AsRef<[u8]>) -> Entry {
    entry(path, Kind::Dir)
}

/// A regular file holding the given text or [`Content`].
pub fn file(path: impl AsRef<[u8]>, content: impl Into<Content>) -> Entry {
    entry(path, Kind::File(content.into()))
}

/// A symlink.
pub fn symlink(path: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Entry {
    entry(path, Kind::Symlink(target.as_ref().to_vec()))
}

/// A named pipe.
pub fn fifo(path: impl AsRef<[u8]>) -> Entry {
    entry(path, Kind::Fifo)
}

/// A socket.
pub fn socket(path: impl AsRef<[u8]>) -> Entry {
    entry(path, Kind::Socket)
}

/// A character device.
pub fn char_dev(path: impl AsRef<[u8]>, major: u32, minor: u32) -> Entry {
    entry(path, Kind::Char(major, minor))
}

/// A block device.
pub fn block_dev(path: impl AsRef<[u8]>, major: u32, minor: u32) -> Entry {
    entry(path, Kind::Block(major, minor))
}

/// Another name of `of`, which must be in the tree.
pub fn hard(path: impl AsRef<[u8]>, of: impl AsRef<[u8]>) -> Entry {
    entry(path, Kind::HardLink(of.as_ref().to_vec()))
}

/// Bytes that look random and depend on `seed` only.
pub fn random(seed: u64, size: u64) -> Content {
    Content::Random { seed, size }
}

/// Holes with data in the given ranges.
pub fn sparse(size: u64, data: &[(u64, u64)]) -> Content {
    Content::Sparse { size, data: data.to_vec() }
}

/// The value of a `security.capability` attribute that permits the capabilities in the mask.
pub fn capability(mask: u32) -> Vec<u8> {
    let words = [0x0200_0001_u32, mask, 0, 0, 0];
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

impl Entry {
    /// Permission bits.
    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = Some(mode);
        self
    }

    /// Owner and group.
    pub fn owner(mut self, uid: u32, gid: u32) -> Self {
        self.owner = Some(Owner { uid, gid });
        self
    }

    /// Modification time in whole seconds.
    pub fn mtime(self, seconds: i64) -> Self {
        self.mtime_ns(seconds, 0)
    }

    /// Modification time.
    pub fn mtime_ns(mut self, seconds: i64, nanoseconds: u32) -> Self {
        self.mtime = Some(Mtime { seconds, nanoseconds });
        self
    }

    /// An extended attribute by its full name.
    pub fn xattr(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.xattrs.insert(name.to_owned(), value.as_ref().to_vec());
        self
    }

    /// Access ACL.
    pub fn acl(mut self, text: &str) -> Self {
        self.acl = Some(text.to_owned());
        self
    }

    /// Default ACL.
    pub fn default_acl(mut self, text: &str) -> Self {
        self.default_acl = Some(text.to_owned());
        self
    }

    /// The time this entry is given on disk: its own, or one made from its path, years ago.
    pub fn mtime_or_default(&self) -> Mtime {
        let hash = xxh3_64(&self.path);
        let seconds = 1_300_000_000 + i64::try_from(hash % 200_000_000).expect("fits");
        let nanoseconds = u32::try_from((hash >> 32) % 1_000_000_000).expect("fits");
        self.mtime.unwrap_or(Mtime { seconds, nanoseconds })
    }

    /// The permission bits this entry is given on disk.
    pub fn mode_or_default(&self) -> u32 {
        self.mode.unwrap_or(if self.kind == Kind::Dir { 0o755 } else { 0o644 })
    }
}

/// A tree of these entries, later ones replacing earlier ones of the same path.
pub fn tree(entries: impl IntoIterator<Item = Entry>) -> Tree {
    let mut tree = Tree::default();
    for entry in entries {
        tree.insert(entry);
    }
    tree
}

impl Tree {
    /// Adds an entry and the parents it lacks.
    pub fn insert(&mut self, entry: Entry) {
        for (at, _) in entry.path.iter().enumerate().filter(|(_, byte)| **byte == b'/') {
            let parent = &entry.path[..at];
            if !self.entries.contains_key(parent) {
                self.entries.insert(parent.to_vec(), dir(parent));
            }
        }
        self.entries.insert(entry.path.clone(), entry);
    }

    /// Removes a name and everything below it, and names that were hard links to what went.
    pub fn remove(&mut self, path: &[u8]) {
        let gone = |candidate: &[u8]| is_at_or_below(candidate, path);
        self.entries.retain(|name, entry| {
            let link_to_gone = matches!(&entry.kind, Kind::HardLink(of) if gone(of));
            !gone(name) && !link_to_gone
        });
    }

    /// The same with `from` and what is below it also at `to`, times and all; hard links stay within each copy.
    pub fn copied(mut self, from: &str, to: &str) -> Self {
        let (from, to) = (from.as_bytes(), to.as_bytes());
        let moved = |path: &[u8]| [to, &path[from.len()..]].concat();
        let copies: Vec<Entry> =
            self.entries.values().filter(|e| is_at_or_below(&e.path, from)).cloned().collect();
        for mut copy in copies {
            copy.mtime = Some(copy.mtime_or_default());
            copy.path = moved(&copy.path);
            if let Kind::HardLink(of) = &mut copy.kind
                && is_at_or_below(of, from)
            {
                *of = moved(of);
            }
            self.insert(copy);
        }
        self
    }

    /// The same with more entries.
    pub fn with(mut self, entries: impl IntoIterator<Item = Entry>) -> Self {
        entries.into_iter().for_each(|entry| self.insert(entry));
        self
    }

    /// The same tree one level down, below `prefix`.
    pub fn below(self, prefix: &str) -> Self {
        let lower = |path: &[u8]| [prefix.as_bytes(), b"/", path].concat();
        tree(self.entries.into_values().map(|mut entry| {
            entry.mtime = Some(entry.mtime_or_default());
            entry.path = lower(&entry.path);
            if let Kind::HardLink(of) = &mut entry.kind {
                *of = lower(of);
            }
            entry
        }))
    }
}

/// Whether `path` is `top` or something in it.
pub fn is_at_or_below(path: &[u8], top: &[u8]) -> bool {
    path.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
}
