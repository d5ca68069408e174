//! Every attribute of one name, read from disk, and the difference of two in words.

use crate::acl;
use crate::make::proc_path;
use crate::shell::quote;
use rustix::fs::{self, AtFlags, Dir, FileType, Mode, OFlags, SeekFrom, Stat};
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

/// What one name is and has, contents apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attrs {
    /// File type.
    pub kind: FileType,
    /// Permission bits, set-id and sticky bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Modification time.
    pub mtime: Time,
    /// Access time, which only some cases compare.
    pub atime: Time,
    /// Bytes of a regular file or symlink, else 0.
    pub size: u64,
    /// Names of this inode, except for directories.
    pub links: u64,
    /// Device number of a device, else 0.
    pub rdev: u64,
    /// Where a symlink points.
    pub target: Vec<u8>,
    /// Extended attributes of all name spaces; ACLs are in `acls`.
    pub xattrs: BTreeMap<Vec<u8>, Vec<u8>>,
    /// `access` and `default` ACL as text.
    pub acls: BTreeMap<&'static str, String>,
}

/// A modification time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// Seconds and nanoseconds.
    At(i64, i64),
    /// Some time during the test.
    Now,
}

/// Which file on which device, and when its inode last changed: not for comparing twins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Device.
    pub device: u64,
    /// Inode.
    pub inode: u64,
    /// Status change time.
    pub ctime: (i64, i64),
}

/// Opens a directory for reading and for looking things up, following no symlink.
///
/// # Errors
/// What the file system said.
pub fn open_dir(parent: &OwnedFd, name: &[u8]) -> io::Result<OwnedFd> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(fs::openat(parent, name, flags, Mode::empty())?)
}

/// Opens the top of a tree.
///
/// # Errors
/// What the file system said.
pub fn open_top(path: &Path) -> io::Result<OwnedFd> {
    Ok(fs::open(path, OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?)
}

/// The names in a directory, sorted, without "." and "..".
///
/// # Errors
/// What the file system said.
pub fn names(directory: &OwnedFd) -> io::Result<Vec<Vec<u8>>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            names.push(name.to_vec());
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Reads all attributes of a name ("." for the directory itself); times after `now_after` seconds are [`Time::Now`].
///
/// # Errors
/// What the file system said.
pub fn read(parent: &OwnedFd, name: &[u8], now_after: i64) -> io::Result<(Attrs, Identity)> {
    let stat = fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)?;
    let kind = FileType::from_raw_mode(stat.st_mode);
    let target = match kind {
        FileType::Symlink => fs::readlinkat(parent, name, Vec::new())?.into_bytes(),
        _ => Vec::new(),
    };
    let all = xattrs(&proc_path(parent, name))?;
    let nsec = |nsec| i64::try_from(nsec).expect("below a thousand million");
    let time = |sec, nsec| if sec > now_after { Time::Now } else { Time::At(sec, nsec) };
    let attrs = Attrs {
        kind,
        mode: stat.st_mode & 0o7777,
        uid: stat.st_uid,
        gid: stat.st_gid,
        mtime: time(stat.st_mtime, nsec(stat.st_mtime_nsec)),
        atime: time(stat.st_atime, nsec(stat.st_atime_nsec)),
        size: if matches!(kind, FileType::RegularFile | FileType::Symlink) { size(&stat) } else { 0 },
        links: if kind == FileType::Directory { 0 } else { stat.st_nlink },
        rdev: if matches!(kind, FileType::CharacterDevice | FileType::BlockDevice) {
            stat.st_rdev
        } else {
            0
        },
        target,
        acls: acls(&all),
        xattrs: all.into_iter().filter(|(name, _)| !name.starts_with(b"system.posix_acl_")).collect(),
    };
    let ctime = (stat.st_ctime, nsec(stat.st_ctime_nsec));
    let identity = Identity { device: stat.st_dev, inode: stat.st_ino, ctime };
    Ok((attrs, identity))
}

fn size(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).expect("sizes are not negative")
}

fn acls(all: &BTreeMap<Vec<u8>, Vec<u8>>) -> BTreeMap<&'static str, String> {
    let one = |short, long: &[u8]| all.get(long).map(|value| (short, acl::text(value)));
    let access = one("access", b"system.posix_acl_access");
    access.into_iter().chain(one("default", b"system.posix_acl_default")).collect()
}

fn xattrs(path: &Path) -> io::Result<BTreeMap<Vec<u8>, Vec<u8>>> {
    let mut names = vec![0; 1 << 16];
    let length = match fs::llistxattr(path, &mut names[..]) {
        Ok(length) => length,
        Err(Errno::OPNOTSUPP) => 0,
        Err(error) => return Err(error.into()),
    };
    let mut all = BTreeMap::new();
    if length == 0 {
        return Ok(all);
    }
    let mut value = vec![0; 1 << 16];
    for name in names[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let length = fs::lgetxattr(path, name, &mut value[..])?;
        all.insert(name.to_vec(), value[..length].to_vec());
    }
    Ok(all)
}

/// Offset and end of each data segment, as the file system reports them.
///
/// # Errors
/// What the file system said.
pub fn data_segments(file: &File) -> io::Result<Vec<(u64, u64)>> {
    let mut segments = Vec::new();
    let mut at = 0;
    loop {
        match fs::seek(file, SeekFrom::Data(at)) {
            Ok(start) => {
                at = fs::seek(file, SeekFrom::Hole(start))?;
                segments.push((start, at));
            }
            Err(Errno::NXIO) => return Ok(segments),
            Err(error) => return Err(error.into()),
        }
    }
}

/// What differs between two, one line each: what the first has, then what the second has.
pub fn differences(one: &Attrs, two: &Attrs) -> Vec<String> {
    if one.kind != two.kind {
        return vec![format!("type: {:?} / {:?}", one.kind, two.kind)];
    }
    let mut lines = Vec::new();
    let mut note = |what: &str, one: String, two: String| {
        if one != two {
            lines.push(format!("{what}: {one} / {two}"));
        }
    };
    note("mode", format!("{:04o}", one.mode), format!("{:04o}", two.mode));
    note("owner", one.uid.to_string(), two.uid.to_string());
    note("group", one.gid.to_string(), two.gid.to_string());
    note("mtime", time_text(one.mtime), time_text(two.mtime));
    note("size", one.size.to_string(), two.size.to_string());
    note("number of hard links", one.links.to_string(), two.links.to_string());
    note("device number", format!("{:#x}", one.rdev), format!("{:#x}", two.rdev));
    note("symlink target", quote(&one.target), quote(&two.target));
    for name in keys(&one.xattrs, &two.xattrs) {
        let shown =
            |map: &BTreeMap<Vec<u8>, Vec<u8>>| map.get(name).map_or("none".into(), |value| quote(value));
        note(&format!("xattr {}", quote(name)), shown(&one.xattrs), shown(&two.xattrs));
    }
    for name in keys(&one.acls, &two.acls) {
        let shown = |map: &BTreeMap<&'static str, String>| map.get(name).cloned().unwrap_or("none".into());
        note(&format!("{name} ACL"), shown(&one.acls), shown(&two.acls));
    }
    lines
}

/// The access times, if they differ; those of directories depend on who looked at them.
pub fn access_times(one: &Attrs, two: &Attrs) -> Option<String> {
    let differ = one.kind == two.kind && one.kind != FileType::Directory && one.atime != two.atime;
    differ.then(|| format!("atime: {} / {}", time_text(one.atime), time_text(two.atime)))
}

fn time_text(time: Time) -> String {
    match time {
        Time::At(seconds, nanoseconds) => format!("{seconds}.{nanoseconds:09}"),
        Time::Now => "now".into(),
    }
}

fn keys<'a, K: Ord, V>(
    one: &'a BTreeMap<K, V>,
    two: &'a BTreeMap<K, V>,
) -> std::collections::BTreeSet<&'a K> {
    one.keys().chain(two.keys()).collect()
}
