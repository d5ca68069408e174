//! Constants that callers need, so that they need no other crate: file types, permission bits, file systems.

/// The bits of a mode that hold the type.
pub const S_IFMT: u32 = libc::S_IFMT;
/// A regular file.
pub const S_IFREG: u32 = libc::S_IFREG;
/// A directory.
pub const S_IFDIR: u32 = libc::S_IFDIR;
/// A symbolic link.
pub const S_IFLNK: u32 = libc::S_IFLNK;
/// A FIFO.
pub const S_IFIFO: u32 = libc::S_IFIFO;
/// A socket.
pub const S_IFSOCK: u32 = libc::S_IFSOCK;
/// A character device.
pub const S_IFCHR: u32 = libc::S_IFCHR;
/// A block device.
pub const S_IFBLK: u32 = libc::S_IFBLK;
/// Runs as its owner.
pub const S_ISUID: u32 = libc::S_ISUID;
/// Runs as its group.
pub const S_ISGID: u32 = libc::S_ISGID;
/// Sticky.
pub const S_ISVTX: u32 = libc::S_ISVTX;

/// The file system did not say.
pub const DT_UNKNOWN: u8 = libc::DT_UNKNOWN;
/// A regular file.
pub const DT_REG: u8 = libc::DT_REG;
/// A directory.
pub const DT_DIR: u8 = libc::DT_DIR;
/// A symbolic link.
pub const DT_LNK: u8 = libc::DT_LNK;
/// A FIFO.
pub const DT_FIFO: u8 = libc::DT_FIFO;
/// A socket.
pub const DT_SOCK: u8 = libc::DT_SOCK;
/// A character device.
pub const DT_CHR: u8 = libc::DT_CHR;
/// A block device.
pub const DT_BLK: u8 = libc::DT_BLK;

/// The file's data cannot be changed: a bit of [`Statx::attributes`](crate::plain::Statx::attributes).
pub const STATX_ATTR_IMMUTABLE: u64 = 0x10;
/// The file can only grow.
pub const STATX_ATTR_APPEND: u64 = 0x20;
/// Something is mounted here, and this is its root.
pub const STATX_ATTR_MOUNT_ROOT: u64 = 0x2000;

/// ext2, ext3 and ext4.
pub const EXT4_MAGIC: u32 = 0xef53;
/// XFS.
pub const XFS_MAGIC: u32 = 0x5846_5342;
/// Btrfs.
pub const BTRFS_MAGIC: u32 = 0x9123_683e;
/// F2FS.
pub const F2FS_MAGIC: u32 = 0xf2f5_2010;
/// tmpfs.
pub const TMPFS_MAGIC: u32 = 0x0102_1994;
/// overlayfs.
pub const OVERLAYFS_MAGIC: u32 = 0x794c_7630;
/// FUSE.
pub const FUSE_MAGIC: u32 = 0x6573_5546;
/// NFS.
pub const NFS_MAGIC: u32 = 0x6969;

/// Error numbers, as [`std::io::Error::raw_os_error`] gives them.
pub mod errno {
    pub use libc::{
        E2BIG, EACCES, EAGAIN, EBADF, EBUSY, EDQUOT, EEXIST, EFBIG, EILSEQ, EINTR, EINVAL, EIO, EISDIR,
        ELOOP, EMFILE, EMLINK, ENAMETOOLONG, ENFILE, ENODATA, ENODEV, ENOENT, ENOMEM, ENOSPC, ENOSYS,
        ENOTDIR, ENOTEMPTY, ENOTTY, ENXIO, EOPNOTSUPP, EPERM, EPIPE, ERANGE, EROFS, ESTALE, ETXTBSY, EXDEV,
    };
}
