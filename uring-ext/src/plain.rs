//! The emulated back ends: every operation as a plain call, done now on this thread, interrupted calls retried.
//! Descriptors and names are borrowed. Every descriptor that is made is close-on-exec.

pub use crate::cache::{cached_pages, has_left_writes, leave_nothing, leaves_nothing};
pub use crate::op::access::may_change_names;
pub use crate::op::close::close;
pub use crate::op::copy_file_range::copy_file_range;
pub use crate::op::direct::{Directness, set_direct};
pub use crate::op::fadvise::fadvise;
pub use crate::op::fallocate::fallocate;
pub use crate::op::fchdir::OwnCwd;
pub use crate::op::fchmodat::{fchmod, fchmodat};
pub use crate::op::fchownat::{UNCHANGED, fchown, fchownat};
pub use crate::op::ficlone::ficlone;
pub use crate::op::ficlone_range::ficlone_range;
pub use crate::op::fsync::{fdatasync, fsync};
pub use crate::op::ftruncate::ftruncate;
pub use crate::op::getdents::{DirName, DirReader};
pub use crate::op::getxattr::{fgetxattr, getxattrat};
pub use crate::op::linkat::{link_fd, linkat};
pub use crate::op::listxattr::{flistxattr, listxattrat};
pub use crate::op::mkdirat::mkdirat;
pub use crate::op::mknodat::{Device, mknodat};
pub use crate::op::openat2::{How, open, openat, openat2};
pub use crate::op::path_fd::{
    chmod_path_fd, chown_path_fd, getxattr_path_fd, listxattr_path_fd, removexattr_path_fd, setxattr_path_fd,
    utimens_path_fd,
};
pub use crate::op::read::{pread, read, read_full_at};
pub use crate::op::readlinkat::{readlinkat, readlinkat_into};
pub use crate::op::removexattr::{fremovexattr, removexattrat};
pub use crate::op::renameat2::renameat2;
pub use crate::op::seek_hole::{length, seek_data, seek_hole};
pub use crate::op::setxattr::{fsetxattr, setxattrat};
pub use crate::op::splice::{End, splice};
pub use crate::op::statfs::{StatFs, fstatfs, statfs};
pub use crate::op::statx::{STATX_ALL, Statx, Time, statx, statx_fd};
pub use crate::op::symlinkat::symlinkat;
pub use crate::op::sync_file_range::write_out;
pub use crate::op::syncfs::syncfs;
pub use crate::op::unlinkat::{Unlink, unlinkat};
pub use crate::op::utimensat::{TimeSet, TimesSet, futimens, utimensat};
pub use crate::op::write::{pwrite, write, write_all, write_all_at};

pub use rustix::fs::{Advice, AtFlags, CWD, FallocateFlags, OFlags, RenameFlags, ResolveFlags, StatxFlags};
