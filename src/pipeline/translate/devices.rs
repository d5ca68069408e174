//! Devices that are read and written like regular files (rsync(1), `--copy-devices`, `--write-devices`).

use std::ffi::CStr;
use std::os::fd::OwnedFd;
use std::time::{SystemTime, UNIX_EPOCH};

use uring_ext::mode::{S_IFMT, S_IFREG};
use uring_ext::plain::{self, OFlags, Time};

use crate::entry::{Entry, Kind, Meta};
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::name::Name;
use crate::plan::Plan;

/// A device of the source as the file that becomes of it, without set-id and sticky bits. Its time says nothing of its
/// contents, which are as of now.
#[must_use]
pub fn as_source(plan: &Plan, dir: &Dir, name: &Name, meta: Meta) -> Meta {
    match dir.source(name.source) {
        Some(handle) if plan.options.write.copy_devices && meta.kind().is_device() => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let sec = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
            let file = as_file(handle, &name.name, meta);
            Meta { mode: file.mode & !0o7000, mtime: Time { sec, ..file.mtime }, ..file }
        }
        _ => meta,
    }
}

/// A device of the destination as the file that is written into.
#[must_use]
pub fn as_target(plan: &Plan, dir: &Dir, entry: &Entry, meta: Meta) -> Meta {
    match &dir.dst {
        Some(handle) if plan.options.write.write_devices && entry.kind() == Kind::File => {
            as_file(handle, dir.dst_name(entry), meta)
        }
        _ => meta,
    }
}

/// Only block devices have a length; the others are not even opened to ask.
fn as_file(dir: &OwnedFd, name: &CStr, meta: Meta) -> Meta {
    if !meta.kind().is_device() {
        return meta;
    }
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let size = match meta.kind() {
        Kind::Block => plain::openat(dir, name, flags, 0).and_then(plain::length).unwrap_or(0),
        _ => 0,
    };
    Meta { mode: meta.mode & !S_IFMT | S_IFREG, size, rdev: 0, ..meta }
}
