//! A tree, made on disk. Everything is relative to an open directory, so depth and path length do not matter.

use crate::acl;
use crate::rng::Rng;
use crate::tree::{Content, Entry, Kind, Mtime, Owner, Tree};
use rustix::fs::{self, AtFlags, FileType, Gid, Mode, OFlags, Timespec, Timestamps, Uid, XattrFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Makes the whole tree in the existing directory `root`; who owns what the tree does not say is `owner`.
///
/// # Errors
/// The first system call that failed, with its path; "Operation not permitted" usually means: run as root.
pub fn make(tree: &Tree, root: &Path, owner: Owner) -> io::Result<()> {
    let mut maker = Maker::open(root, owner)?;
    let (links, others): (Vec<&Entry>, Vec<&Entry>) =
        tree.entries.values().partition(|entry| matches!(entry.kind, Kind::HardLink(_)));
    for entry in others.iter().chain(&links) {
        maker.create(entry).map_err(|error| at(entry, &error))?;
    }
    for entry in others.iter().rev() {
        maker.dress(entry).map_err(|error| at(entry, &error))?;
    }
    Ok(())
}

/// Makes one entry in a tree that exists, in place of what has its name.
///
/// # Errors
/// As for [`make`].
pub fn put(entry: &Entry, root: &Path, owner: Owner) -> io::Result<()> {
    let mut maker = Maker::open(root, owner)?;
    let existing_dir = entry.kind == Kind::Dir && root.join(as_path(&entry.path)).is_dir();
    if !existing_dir {
        remove(&entry.path, root)?;
        maker.create(entry).map_err(|error| at(entry, &error))?;
    }
    if !matches!(entry.kind, Kind::HardLink(_)) {
        maker.dress(entry).map_err(|error| at(entry, &error))?;
    }
    Ok(())
}

/// Removes a name and all below it; a name that is not there is fine.
///
/// # Errors
/// What the file system said.
pub fn remove(path: &[u8], root: &Path) -> io::Result<()> {
    let path = root.join(as_path(path));
    match std::fs::symlink_metadata(&path) {
        Ok(metadata) if metadata.is_dir() => std::fs::remove_dir_all(&path),
        Ok(_) => std::fs::remove_file(&path),
        Err(_) => Ok(()),
    }
}

/// Gives an existing name this modification time.
///
/// # Errors
/// What the file system said.
pub fn set_mtime(path: &[u8], root: &Path, mtime: impl Into<Mtime>) -> io::Result<()> {
    let path = root.join(as_path(path));
    Ok(fs::utimensat(fs::CWD, &path, &timestamps(mtime.into()), AtFlags::SYMLINK_NOFOLLOW)?)
}

fn as_path(bytes: &[u8]) -> &Path {
    Path::new(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes))
}

fn at(entry: &Entry, error: &io::Error) -> io::Error {
    let hint =
        if error.raw_os_error() == Some(Errno::PERM.raw_os_error()) { " (this test needs root)" } else { "" };
    io::Error::new(error.kind(), format!("making {:?}: {error}{hint}", String::from_utf8_lossy(&entry.path)))
}

fn timestamps(mtime: Mtime) -> Timestamps {
    let time = Timespec { tv_sec: mtime.seconds, tv_nsec: mtime.nanoseconds.into() };
    Timestamps { last_access: time, last_modification: time }
}

struct Maker {
    root: OwnedFd,
    owner: Owner,
    parent: Option<(Vec<u8>, OwnedFd)>,
}

impl Maker {
    fn open(root: &Path, owner: Owner) -> io::Result<Self> {
        let root = fs::open(root, OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        Ok(Maker { root, owner, parent: None })
    }

    /// The open parent directory and the last component of the path.
    fn place<'a>(&mut self, path: &'a [u8]) -> io::Result<(&OwnedFd, &'a [u8])> {
        let (parent, name) = match path.iter().rposition(|byte| *byte == b'/') {
            Some(slash) => (&path[..slash], &path[slash + 1..]),
            None => (&path[..0], path),
        };
        if self.parent.as_ref().is_none_or(|(known, _)| known != parent) {
            let mut directory = self.root.try_clone()?;
            for component in parent.split(|byte| *byte == b'/').filter(|component| !component.is_empty()) {
                let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
                directory = fs::openat(&directory, component, flags, Mode::empty())?;
            }
            self.parent = Some((parent.to_vec(), directory));
        }
        Ok((&self.parent.as_ref().expect("just set").1, name))
    }

    fn create(&mut self, entry: &Entry) -> io::Result<()> {
        if let Kind::HardLink(of) = &entry.kind {
            let (directory, of) = self.place(of)?;
            let directory = directory.try_clone()?;
            let (parent, name) = self.place(&entry.path)?;
            return Ok(fs::linkat(directory, of, parent, name, AtFlags::empty())?);
        }
        let (parent, name) = self.place(&entry.path)?;
        let mode = Mode::from_raw_mode(0o700);
        let node = |kind, device| fs::mknodat(parent, name, kind, mode, device);
        match &entry.kind {
            Kind::Dir => fs::mkdirat(parent, name, mode)?,
            Kind::File(content) => {
                let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
                write_content(&File::from(fs::openat(parent, name, flags, mode)?), content)?;
            }
            Kind::Symlink(target) => fs::symlinkat(&target[..], parent, name)?,
            Kind::Fifo => node(FileType::Fifo, 0)?,
            Kind::Socket => node(FileType::Socket, 0)?,
            Kind::Char(major, minor) => node(FileType::CharacterDevice, fs::makedev(*major, *minor))?,
            Kind::Block(major, minor) => node(FileType::BlockDevice, fs::makedev(*major, *minor))?,
            Kind::HardLink(_) => {}
        }
        Ok(())
    }

    /// Owner, attributes, mode, ACLs and times, in the order in which none undoes another.
    fn dress(&mut self, entry: &Entry) -> io::Result<()> {
        let owner = entry.owner.unwrap_or(self.owner);
        let (parent, name) = self.place(&entry.path)?;
        let (uid, gid) = (Uid::from_raw(owner.uid), Gid::from_raw(owner.gid));
        let now = fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)?;
        if (Owner { uid: now.st_uid, gid: now.st_gid }) != owner {
            fs::chownat(parent, name, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW)?;
        }
        let full = proc_path(parent, name);
        for (attribute, value) in &entry.xattrs {
            fs::lsetxattr(&full, attribute.as_str(), value, XattrFlags::empty())?;
        }
        if !matches!(entry.kind, Kind::Symlink(_)) {
            fs::chmodat(parent, name, Mode::from_raw_mode(entry.mode_or_default()), AtFlags::empty())?;
            set_acl(&full, "system.posix_acl_access", entry.acl.as_deref())?;
        }
        if entry.kind == Kind::Dir {
            set_acl(&full, "system.posix_acl_default", entry.default_acl.as_deref())?;
        }
        Ok(fs::utimensat(parent, name, &timestamps(entry.mtime_or_default()), AtFlags::SYMLINK_NOFOLLOW)?)
    }
}

/// A path to the name for calls that have no directory argument; it is short however deep the directory lies.
pub(crate) fn proc_path(directory: &OwnedFd, name: &[u8]) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", directory.as_raw_fd())).join(as_path(name))
}

fn set_acl(path: &Path, attribute: &str, text: Option<&str>) -> io::Result<()> {
    match text {
        Some(text) => Ok(fs::lsetxattr(path, attribute, &acl::raw(text), XattrFlags::empty())?),
        None => match fs::lremovexattr(path, attribute) {
            Err(error) if error != Errno::NODATA && error != Errno::OPNOTSUPP => Err(error.into()),
            _ => Ok(()),
        },
    }
}

fn write_content(mut file: &File, content: &Content) -> io::Result<()> {
    match content {
        Content::Bytes(bytes) => file.write_all(bytes),
        Content::Random { seed, size } => write_random(file, *seed, 0, *size),
        Content::Sparse { size, data } => {
            file.set_len(*size)?;
            data.iter().try_for_each(|(offset, length)| write_random(file, *offset, *offset, *length))
        }
        Content::Zeros(size) => {
            let zeros = vec![0; 1 << 16];
            let mut left = usize::try_from(*size).expect("a size that fits");
            while left > 0 {
                left -= file.write(&zeros[..left.min(zeros.len())])?;
            }
            Ok(())
        }
    }
}

fn write_random(file: &File, seed: u64, offset: u64, length: u64) -> io::Result<()> {
    let mut rng = Rng::new(seed);
    let mut done = 0;
    let mut buffer = vec![0; 1 << 16];
    while done < length {
        let part = usize::try_from((length - done).min(1 << 16)).expect("at most 64 KiB");
        rng.fill(&mut buffer[..part]);
        file.write_all_at(&buffer[..part], offset + done)?;
        done += part as u64;
    }
    Ok(())
}
