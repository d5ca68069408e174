//! A tree on disk, read back as a value: every attribute, contents by hash, which names share an inode.

use crate::attrs::{self, Attrs, Identity};
use crate::shell::quote;
use rustix::fs::{FileType, Mode, OFlags};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use xxhash_rust::xxh3::Xxh3;

const DEPTH_MAX: usize = 300;

/// All names below a directory; "." is the directory.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// What each path is.
    pub items: BTreeMap<Vec<u8>, Item>,
}

/// One name.
#[derive(Clone, Debug)]
pub struct Item {
    /// Attributes.
    pub attrs: Attrs,
    /// Hash of a regular file's contents.
    pub content: Option<u128>,
    /// Bytes in data segments of a regular file.
    pub data_bytes: u64,
    /// The first path, in sorted order, that is the same inode.
    pub first_name: Vec<u8>,
    /// Whether the inode is new or was changed since the earlier snapshot, if there was one.
    pub touched: bool,
    identity: Identity,
}

impl Snapshot {
    /// The same with `$TWIN` where copies of the path of the working directory are part of a name.
    #[must_use]
    pub fn without_place(self, place: &Path) -> Snapshot {
        let bytes = |path: &Path| path.strip_prefix("/").unwrap_or(path).as_os_str().as_bytes().to_vec();
        let names = [(bytes(place), "$TWIN"), (place.parent().map_or_else(Vec::new, bytes), "$PLACE")];
        let renamed = |path: Vec<u8>| {
            names.iter().fold(path, |path, (place, name)| {
                let at = path.windows(place.len().max(1)).position(|window| window == place);
                at.map(|at| [&path[..at], name.as_bytes(), &path[at + place.len()..]].concat())
                    .unwrap_or(path)
            })
        };
        let items = self.items.into_iter().map(|(path, mut item)| {
            item.first_name = renamed(item.first_name);
            (renamed(path), item)
        });
        Snapshot { items: items.collect() }
    }
}

/// How much of the layout of files on disk must agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holes {
    /// Allocation may differ.
    Ignored,
    /// The second may not hold more data bytes on disk than the first.
    AtLeastAsMany,
}

/// What is compared beside what always is.
#[derive(Clone, Copy, Debug)]
pub struct Beyond {
    /// The layout of files.
    pub holes: Holes,
    /// Access times, of all but directories.
    pub access_times: Access,
}

impl From<Holes> for Beyond {
    fn from(holes: Holes) -> Beyond {
        Beyond { holes, access_times: Access::Ignored }
    }
}

/// Whether access times must agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// They may differ.
    Ignored,
    /// They are compared.
    Compared,
}

/// Reads the tree; times after `now_after` count as "now"; `earlier` tells what was touched since, and saves reading
/// again what was not.
///
/// # Errors
/// What the file system said, with the path.
pub fn take(root: &Path, now_after: i64, earlier: Option<&Snapshot>) -> io::Result<Snapshot> {
    let mut reader =
        Reader { now_after, earlier, snapshot: Snapshot::default(), first_names: HashMap::new() };
    let top = attrs::open_top(root)?;
    reader.item(&top, b".", b".".to_vec())?;
    reader.directory(&top, b"", 0)?;
    Ok(reader.snapshot)
}

struct Reader<'a> {
    now_after: i64,
    earlier: Option<&'a Snapshot>,
    snapshot: Snapshot,
    first_names: HashMap<(u64, u64), Vec<u8>>,
}

impl Reader<'_> {
    /// Deeper than `DEPTH_MAX` nobody looks: a program that copied a tree into itself has gone wrong long before.
    fn directory(&mut self, directory: &OwnedFd, path: &[u8], depth: usize) -> io::Result<()> {
        for name in attrs::names(directory)? {
            let child = if path.is_empty() { name.clone() } else { [path, b"/", &name].concat() };
            let kind = self.item(directory, &name, child.clone()).map_err(|error| {
                io::Error::new(error.kind(), format!("reading {}: {error}", quote(&child)))
            })?;
            if kind == FileType::Directory && depth < DEPTH_MAX {
                self.directory(&attrs::open_dir(directory, &name)?, &child, depth + 1)?;
            }
        }
        Ok(())
    }

    fn item(&mut self, parent: &OwnedFd, name: &[u8], path: Vec<u8>) -> io::Result<FileType> {
        let (attrs, identity) = attrs::read(parent, name, self.now_after)?;
        let kind = attrs.kind;
        let before = self.earlier.and_then(|earlier| earlier.items.get(&path));
        let unchanged = before.filter(|before| before.identity == identity);
        let (mut content, mut data_bytes) =
            unchanged.map_or((None, 0), |item| (item.content, item.data_bytes));
        if kind == FileType::RegularFile && unchanged.is_none() {
            let flags = OFlags::NOFOLLOW | OFlags::NOATIME | OFlags::CLOEXEC;
            let file = File::from(rustix::fs::openat(parent, name, flags, Mode::empty())?);
            data_bytes = attrs::data_segments(&file)?.iter().map(|(start, end)| end - start).sum();
            content = Some(hash(file)?);
        }
        let first_name =
            self.first_names.entry((identity.device, identity.inode)).or_insert_with(|| path.clone()).clone();
        let touched = unchanged.is_none();
        let item = Item { attrs, content, data_bytes, first_name, touched, identity };
        self.snapshot.items.insert(path, item);
        Ok(kind)
    }
}

/// Blocks of zeros count by their place only, whether or not the file has them on disk.
fn hash(mut file: File) -> io::Result<u128> {
    file.rewind()?;
    let mut hash = Xxh3::new();
    let mut buffer = vec![0; 1 << 16];
    let zeros = vec![0; 1 << 16];
    let mut at = 0_u64;
    loop {
        let length = file.read(&mut buffer)?;
        if length == 0 {
            return Ok(hash.digest128());
        }
        if buffer[..length] != zeros[..length] {
            hash.update(&at.to_le_bytes());
            hash.update(&buffer[..length]);
        }
        at += length as u64;
    }
}

/// What differs, in words, one line each; empty if nothing does.
pub fn diff(reference: &Snapshot, subject: &Snapshot, beyond: impl Into<Beyond>) -> Vec<String> {
    let beyond = beyond.into();
    let mut lines = Vec::new();
    let paths: BTreeSet<&Vec<u8>> = reference.items.keys().chain(subject.items.keys()).collect();
    for path in paths {
        let differences = match (reference.items.get(path), subject.items.get(path)) {
            (Some(_), None) => vec!["missing".to_owned()],
            (None, Some(extra)) => vec![format!("should not exist ({:?})", extra.attrs.kind)],
            (Some(reference), Some(subject)) => item_diff(reference, subject, beyond),
            (None, None) => Vec::new(),
        };
        lines.extend(differences.into_iter().map(|difference| format!("{}: {difference}", quote(path))));
    }
    lines
}

fn item_diff(reference: &Item, subject: &Item, beyond: Beyond) -> Vec<String> {
    let mut lines = attrs::differences(&reference.attrs, &subject.attrs);
    if reference.content != subject.content && reference.attrs.kind == subject.attrs.kind {
        lines.push("contents differ".to_owned());
    }
    if reference.first_name != subject.first_name {
        let (should, is) = (quote(&reference.first_name), quote(&subject.first_name));
        lines.push(format!("hard link group: should be that of {should}, is that of {is}"));
    }
    if subject.touched && !reference.touched {
        lines.push("touched (inode changed) although rsync left it alone".to_owned());
    }
    if beyond.access_times == Access::Compared {
        lines.extend(attrs::access_times(&reference.attrs, &subject.attrs));
    }
    if beyond.holes == Holes::AtLeastAsMany && subject.data_bytes > reference.data_bytes {
        lines.push(format!("data on disk: {} / {} bytes", reference.data_bytes, subject.data_bytes));
    }
    lines
}
