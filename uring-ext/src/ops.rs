//! The same operations as values for [`Ring::run`](crate::Ring::run): they own what the kernel touches.

use std::ffi::CString;
use std::os::fd::OwnedFd;

use crate::{AlignedBuf, Op, Ring};

pub use crate::fd::OpenSlot;
pub use crate::op::close::Close;
pub use crate::op::copy_file_range::CopyFileRange;
pub use crate::op::fadvise::Fadvise;
pub use crate::op::fallocate::Fallocate;
pub use crate::op::fchmodat::FchmodAt;
pub use crate::op::fchownat::FchownAt;
pub use crate::op::ficlone::Ficlone;
pub use crate::op::ficlone_range::FicloneRange;
pub use crate::op::fsync::{Durable, Fsync};
pub use crate::op::ftruncate::Ftruncate;
pub use crate::op::getdents::Getdents;
pub use crate::op::getxattr::FGetXattr;
pub use crate::op::linkat::LinkAt;
pub use crate::op::listxattr::ListXattrAt;
pub use crate::op::mkdirat::MkdirAt;
pub use crate::op::mknodat::MknodAt;
pub use crate::op::openat2::OpenAt2;
pub use crate::op::read::Read;
pub use crate::op::readlinkat::ReadlinkAt;
pub use crate::op::removexattr::RemoveXattrAt;
pub use crate::op::renameat2::RenameAt2;
pub use crate::op::seek_hole::{Seek, SeekHole};
pub use crate::op::setxattr::FSetXattr;
pub use crate::op::splice::Splice;
pub use crate::op::statfs::FstatFs;
pub use crate::op::statx::StatxAt;
pub use crate::op::symlinkat::SymlinkAt;
pub use crate::op::syncfs::Syncfs;
pub use crate::op::unlinkat::UnlinkAt;
pub use crate::op::utimensat::UtimensAt;
pub use crate::op::write::Write;

/// The operations that some kernel's ring has, by name, and whether this ring does them itself.
///
/// ```
/// use uring_ext::{Emulate, Ring, Settings, ops};
/// let forced = Ring::new(Settings { emulate: Emulate::All, ..Settings::depth(8) });
/// assert!(ops::offered(&forced).iter().all(|(_, native)| !native));
/// ```
#[must_use]
pub fn offered(ring: &Ring) -> [(&'static str, bool); 16] {
    type Fd = OwnedFd;
    type Text = CString;
    [
        ask::<OpenAt2<Fd, Text>>(ring),
        ask::<Read<Fd, AlignedBuf>>(ring),
        ask::<Write<Fd, AlignedBuf>>(ring),
        ask::<Close>(ring),
        ask::<StatxAt<Fd, Text>>(ring),
        ask::<Fsync<Fd>>(ring),
        ask::<Fallocate<Fd>>(ring),
        ask::<Ftruncate<Fd>>(ring),
        ask::<Splice<Fd, Fd>>(ring),
        ask::<RenameAt2<Fd, Fd, Text, Text>>(ring),
        ask::<UnlinkAt<Fd, Text>>(ring),
        ask::<MkdirAt<Fd, Text>>(ring),
        ask::<SymlinkAt<Text, Fd, Text>>(ring),
        ask::<LinkAt<Fd, Fd, Text, Text>>(ring),
        ask::<FGetXattr<Fd, Text>>(ring),
        ask::<FSetXattr<Fd, Text>>(ring),
    ]
}

fn ask<O: Op>(ring: &Ring) -> (&'static str, bool) {
    (O::NAME, ring.is_native::<O>())
}
