//! What one name in a tree is: [`Entry`], [`Kind`], [`Meta`], and how rsync sorts names.

use std::cmp::Ordering;
use std::ffi::CStr;
use std::io;
use std::os::fd::BorrowedFd;

use uring_ext::plain::{self, AtFlags, STATX_ALL, Statx, Time};
use uring_ext::{FileName, mode};

/// The kinds of thing a name can stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Dir,
    /// A symbolic link.
    Symlink,
    /// A character device.
    Char,
    /// A block device.
    Block,
    /// A FIFO.
    Fifo,
    /// A socket.
    Socket,
}

impl Kind {
    /// From the type bits of a mode; `None` for bits that mean nothing.
    #[must_use]
    #[inline]
    pub const fn of_mode(bits: u32) -> Option<Kind> {
        const KINDS: [Option<Kind>; 16] = {
            let mut kinds = [None; 16];
            kinds[(mode::S_IFREG >> 12) as usize] = Some(Kind::File);
            kinds[(mode::S_IFDIR >> 12) as usize] = Some(Kind::Dir);
            kinds[(mode::S_IFLNK >> 12) as usize] = Some(Kind::Symlink);
            kinds[(mode::S_IFCHR >> 12) as usize] = Some(Kind::Char);
            kinds[(mode::S_IFBLK >> 12) as usize] = Some(Kind::Block);
            kinds[(mode::S_IFIFO >> 12) as usize] = Some(Kind::Fifo);
            kinds[(mode::S_IFSOCK >> 12) as usize] = Some(Kind::Socket);
            kinds
        };
        KINDS[((bits & mode::S_IFMT) >> 12) as usize]
    }

    /// Whether it is a block or character device.
    #[must_use]
    pub const fn is_device(self) -> bool {
        matches!(self, Kind::Char | Kind::Block)
    }

    /// Whether rsync takes one for a change of the other: devices are one class, FIFOs and sockets another.
    #[must_use]
    pub const fn is_class_of(self, other: Kind) -> bool {
        self as u8 == other as u8
            || self.is_device() && other.is_device()
            || self.is_special() && other.is_special()
    }

    /// Whether it is a FIFO or a socket.
    #[must_use]
    pub const fn is_special(self) -> bool {
        matches!(self, Kind::Fifo | Kind::Socket)
    }
}

/// Metadata as the kernel gave it, without the fields that no stage needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meta {
    /// Type and permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Number of names.
    pub nlink: u32,
    /// Length in bytes.
    pub size: u64,
    /// Inode number.
    pub ino: u64,
    /// Device of the file system.
    pub dev: u64,
    /// What a device file stands for, major number in the upper half.
    pub rdev: u64,
    /// Room taken, in units of 512 bytes.
    pub blocks: u64,
    /// Last change of the data.
    pub mtime: Time,
    /// Last read.
    pub atime: Time,
}

impl From<&Statx> for Meta {
    #[inline]
    fn from(st: &Statx) -> Self {
        Meta {
            mode: st.mode,
            uid: st.uid,
            gid: st.gid,
            nlink: st.nlink,
            size: st.size,
            ino: st.ino,
            dev: st.dev,
            rdev: u64::from(st.rdev_major) << 32 | u64::from(st.rdev_minor),
            blocks: st.blocks,
            mtime: st.mtime,
            atime: st.atime,
        }
    }
}

impl Meta {
    /// Looks at `name` in `dir`. All that looks at each name of a tree comes by here, where only what is kept of the
    /// kernel's answer is copied.
    ///
    /// # Errors
    /// Those of fstatat(2).
    #[inline(never)]
    pub fn at(dir: BorrowedFd<'_>, name: &CStr, flags: AtFlags) -> io::Result<Meta> {
        plain::statx(dir, name, flags, STATX_ALL).map(|st| Meta::from(&st))
    }

    /// The kind by the type bits; what has none counts as a socket, which nobody copies the contents of.
    #[must_use]
    pub fn kind(&self) -> Kind {
        Kind::of_mode(self.mode).unwrap_or(Kind::Socket)
    }

    /// Permission bits, set-id and sticky bits with them.
    #[must_use]
    pub const fn permissions(&self) -> u32 {
        self.mode & 0o7777
    }

    /// Whether two answers are about the same inode.
    #[must_use]
    pub const fn same_inode(&self, other: &Meta) -> bool {
        self.ino == other.ino && self.dev == other.dev
    }
}

/// One name of a source directory.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The name, one component.
    pub name: FileName,
    /// Its place among the directory's names in rsync's order.
    pub slot: u32,
    /// Which of the directory's sources it comes from.
    pub source: u16,
    /// What it is.
    pub meta: Meta,
    /// Owner and group as the source has them, whatever maps make of them (`--usermap`).
    pub owners: Owners,
    /// The name in the destination's character set, where that is another (`--iconv`).
    pub remote: Option<Box<CStr>>,
}

/// Owner and group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owners {
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

impl From<&Meta> for Owners {
    fn from(meta: &Meta) -> Owners {
        Owners { uid: meta.uid, gid: meta.gid }
    }
}

impl Entry {
    /// The name in the destination's character set.
    #[must_use]
    pub fn remote_name(&self) -> &CStr {
        self.remote.as_deref().unwrap_or(&self.name)
    }

    /// The kind by the metadata.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.meta.kind()
    }
}

/// `dir` and `name` joined; the top of the transfer is the empty path.
#[must_use]
pub fn join(dir: &[u8], name: &[u8]) -> Vec<u8> {
    let mut path = Vec::with_capacity(dir.len() + 1 + name.len());
    if !dir.is_empty() {
        path.extend_from_slice(dir);
        if dir != b"/" {
            path.push(b'/');
        }
    }
    path.extend_from_slice(name);
    path
}

/// A name as it is sorted among those of one directory.
#[derive(Debug, Clone, Copy)]
pub struct Sibling<'a> {
    /// The name.
    pub name: &'a [u8],
    /// Whether it is a directory's.
    pub is_dir: bool,
}

/// The order of names within one directory: what is no directory first, bytes unsigned, directories as if they ended
/// in a slash. Checked by `compat-tests/tests/output.rs`.
#[must_use]
pub fn sibling_order(a: Sibling<'_>, b: Sibling<'_>) -> Ordering {
    match (a.is_dir, b.is_dir) {
        (false, false) => a.name.cmp(b.name),
        (true, true) => a.name.iter().chain(b"/").cmp(b.name.iter().chain(b"/")),
        (a_is_dir, b_is_dir) => a_is_dir.cmp(&b_is_dir),
    }
}

/// The order of two paths that are no directories, over the whole file list.
#[must_use]
pub fn list_order(a: &[u8], b: &[u8]) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let (a_name, a_rest) = split_first(a);
        let (b_name, b_rest) = split_first(b);
        let a_first = Sibling { name: a_name, is_dir: a_rest.is_some() };
        let b_first = Sibling { name: b_name, is_dir: b_rest.is_some() };
        match sibling_order(a_first, b_first) {
            Ordering::Equal => {}
            order => return order,
        }
        match (a_rest, b_rest) {
            (Some(a_rest), Some(b_rest)) => (a, b) = (a_rest, b_rest),
            _ => return Ordering::Equal,
        }
    }
}

/// The order of two directories, by path; the empty path is the top.
#[must_use]
pub fn dir_order(a: &[u8], b: &[u8]) -> Ordering {
    // Siblings compare as if their names ended in a slash, and so do all names on the way.
    let shared = a.len().min(b.len());
    let next = |path: &[u8]| path.get(shared).copied().unwrap_or(b'/');
    let by_name = || a[..shared].cmp(&b[..shared]).then_with(|| next(a).cmp(&next(b)));
    b.is_empty().cmp(&a.is_empty()).then_with(by_name).then_with(|| a.len().cmp(&b.len()))
}

fn split_first(path: &[u8]) -> (&[u8], Option<&[u8]>) {
    match path.iter().position(|&byte| byte == b'/') {
        Some(at) => (&path[..at], Some(&path[at + 1..])),
        None => (path, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn siblings_sort_as_rsync_sorts_them() {
        let dir = |name| Sibling { name, is_dir: true };
        let file = |name| Sibling { name, is_dir: false };
        let mut names = [dir(b"foo"), dir(b"foo0"), dir(b"foo.d"), file(b"z"), dir(b"foo-bar")];
        names.sort_by(|a, b| sibling_order(*a, *b));
        let sorted: Vec<&[u8]> = names.iter().map(|name| name.name).collect();
        assert_eq!(sorted, [&b"z"[..], b"foo-bar", b"foo.d", b"foo", b"foo0"]);
    }

    #[test]
    fn directories_come_before_what_is_in_them() {
        let mut dirs: Vec<&[u8]> = vec![b"b", b"a/b", b"", b"a-b/x", b"a", b"a-b"];
        dirs.sort_by(|a, b| dir_order(a, b));
        assert_eq!(dirs, [&b""[..], b"a-b", b"a-b/x", b"a", b"a/b", b"b"]);
        assert_eq!(dir_order(b"a", b"a"), Ordering::Equal);
    }

    #[test]
    fn list_order_puts_files_before_directories_at_every_level() {
        assert_eq!(list_order(b"z", b"a/b"), Ordering::Less);
        assert_eq!(list_order(b"a/z", b"a/b/c"), Ordering::Less);
        assert_eq!(list_order(b"a-b/x", b"a/x"), Ordering::Less);
        assert_eq!(list_order(b"a/x", b"a/x"), Ordering::Equal);
    }

    #[test]
    fn join_leaves_the_top_empty() {
        assert_eq!(join(b"", b"a"), b"a");
        assert_eq!(join(b"a/b", b"c"), b"a/b/c");
        assert_eq!(join(b"/", b"c"), b"/c");
    }
}
