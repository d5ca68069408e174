//! What a tree lives on, as far as that changes how it is best read: something that seeks, a network, or neither.

use std::ffi::CString;
use std::os::fd::OwnedFd;

use uring_ext::mode::{BTRFS_MAGIC, XFS_MAGIC};
use uring_ext::plain::{self, CWD, OFlags};

use crate::entry::Meta;

/// What is under a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// It seeks, or says so: virtual disks often do.
    Rotating,
    /// Another machine.
    Network,
    /// Neither, or not known.
    Quick,
}

impl Medium {
    /// Whether it is read in the order in which it stores things, and large files one after the other.
    #[must_use]
    pub fn likes_order(self) -> bool {
        matches!(self, Medium::Rotating | Medium::Network)
    }
}

/// What an open directory lives on. File systems that span devices, such as btrfs, don't say.
#[must_use]
pub fn of(dir: &OwnedFd) -> Medium {
    let Ok(fs) = plain::fstatfs(dir) else { return Medium::Quick };
    if is_network(fs.magic) {
        return Medium::Network;
    }
    let Ok(st) = plain::statx_fd(dir) else { return Medium::Quick };
    if rotates(Meta::from(&st).dev) { Medium::Rotating } else { Medium::Quick }
}

/// Files of a tree from how many bytes on are worth an attempt to share their extents. Elsewhere a small file is copied
/// as quickly as it is cloned; btrfs is spared checksums and writing, which take longer than all else.
#[must_use]
pub fn clone_bytes_min(dir: &OwnedFd) -> u64 {
    if is_btrfs(dir) { 1 } else { 16 << 10 }
}

/// Whether names go faster when one thread at a time removes them. A subvolume of btrfs is one tree whose locks sleep:
/// two threads wait for each other more than they remove.
#[must_use]
pub fn removes_alone(dir: &OwnedFd) -> bool {
    is_btrfs(dir)
}

/// Whether new directories are best filled side by side. XFS puts directories that are made one after the other into
/// one allocation group after the other, and the files of a directory where that is; each group has one lock for making
/// inodes, which sleeps. Workers in neighbouring directories seldom want the same one.
#[must_use]
pub fn fills_side_by_side(dir: &OwnedFd) -> bool {
    is_on(dir, XFS_MAGIC)
}

fn is_btrfs(dir: &OwnedFd) -> bool {
    is_on(dir, BTRFS_MAGIC)
}

fn is_on(dir: &OwnedFd, magic: u32) -> bool {
    plain::fstatfs(dir).is_ok_and(|fs| fs.magic == magic)
}

/// NFS, SMB (both), 9P, Ceph, AFS, OCFS2, GFS2 and Lustre, by the numbers of linux/magic.h and their own headers.
const fn is_network(magic: u32) -> bool {
    matches!(
        magic,
        0x6969
            | 0xfe53_4d42
            | 0xff53_4d42
            | 0x0102_1997
            | 0x00c3_6400
            | 0x5346_414f
            | 0x7461_636f
            | 0x0116_1970
            | 0x0bd0_0bd0
    )
}

/// What sysfs says of a block device, or of the disk that a partition is on.
fn rotates(dev: u64) -> bool {
    let device = format!("/sys/dev/block/{}:{}", dev >> 32, dev & 0xffff_ffff);
    ["queue", "../queue"].into_iter().find_map(|queue| flag(&format!("{device}/{queue}/rotational")))
        == Some(true)
}

fn flag(path: &str) -> Option<bool> {
    let path = CString::new(path).ok()?;
    let file = plain::openat(CWD, &path, OFlags::RDONLY, 0).ok()?;
    let mut text = [0];
    let read = plain::pread(&file, &mut text, 0).ok()?;
    (read == 1).then_some(text[0] == b'1')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_quick_and_nothing_odd_is_rotating() {
        let shm = plain::open(c"/dev/shm", OFlags::DIRECTORY, 0).unwrap();
        let proc = plain::open(c"/proc", OFlags::DIRECTORY, 0).unwrap();
        assert_eq!((of(&shm), of(&proc)), (Medium::Quick, Medium::Quick));
        assert!(!rotates(u64::MAX));
        assert!(is_network(0x6969) && !is_network(0xef53));
    }
}
