//! What is kept of a file whose copy was cut short (rsync(1), `--partial`, `--partial-dir`).

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rsync_compat::options::Sparse;
use uring_ext::mode;
use uring_ext::plain::{self, AtFlags, OFlags, STATX_ALL, Time, Unlink};

use super::file::{self, Transfer};
use super::pending_file::{Expect, PendingFile};
use crate::entry::Meta;
use crate::path_text::{c_name, parent_and_name};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::basis_file::{find_partial_dir, open_partial_dir};
use crate::pipeline::handles::dir::Dir;

/// Less than this, in bytes, does not take the place of an old file that is whole: rsync works on one file at a time,
/// we on many, and all of them are cut short at once.
const KEPT_BYTES_MIN: u64 = 1 << 20;

/// Keeps what there is of a file: under its own name, with a time that says it is old; or in the partial directory.
/// Failing to is not told: the run ends for another reason, which is.
pub fn keep(worker: &Worker, job: &Transfer, source: &OwnedFd, file: &PendingFile<'_>, wanted: &Meta) {
    let write = &worker.run.plan.options.write;
    let Some(dst) = job.dir.dst.as_ref().filter(|_| write.partial) else { return };
    let Ok(st) = plain::statx_fd(&file.handle) else { return };
    let little = st.size < KEPT_BYTES_MIN && job.entry.meta.size > st.size;
    if little && write.partial_dir.is_none() && job.there.is_some() {
        return;
    }
    let whole = match write.sparse {
        Sparse::Zeros | Sparse::Holes => st.size,
        Sparse::Off | Sparse::Never => without_gap(&file.handle, st.size),
    };
    if whole == 0 {
        return;
    }
    let name = job.dir.dst_name(&job.entry);
    let mtime = if write.partial_dir.is_some() { st.mtime } else { Time { sec: 0, nsec: 0 } };
    if file::attributes(worker, job, source, file, &Meta { mtime, ..*wanted }).is_err() {
        return;
    }
    // That the file did not arrive was told, and a part that cannot be kept is lost like the rest.
    let _ = match &write.partial_dir {
        Some(path) => make(worker, dst, path).and_then(|to| file.place(&to, name, Expect::Taken)),
        None => super::backup::keep(worker, &job.dir, name, super::backup::For::Delayed)
            .and_then(|_| file.place(dst, name, Expect::Taken)),
    };
}

/// Cuts a file off at its first hole, and returns its length: ranges of a large file arrive side by side.
fn without_gap(file: &OwnedFd, bytes: u64) -> u64 {
    match plain::seek_hole(file, 0) {
        Ok(Some(hole)) if hole < bytes && plain::ftruncate(file, hole).is_ok() => hole,
        _ => bytes,
    }
}

/// Removes what an earlier run kept of a file that is complete now, and its directory once that is empty.
pub fn sweep(worker: &Worker, dst: &OwnedFd, name: &CStr) {
    let write = &worker.run.plan.options.write;
    if let Some(path) = write.partial_dir.as_deref().filter(|_| !write.delay_updates) {
        remove(worker, dst, name, path);
    }
}

/// Removes what an earlier run kept of a file that turned out to be up to date.
pub fn sweep_unneeded(worker: &Worker, dir: &Dir, name: &CStr) {
    let write = &worker.run.plan.options.write;
    let (Some(path), Some(dst), false) = (write.partial_dir.as_deref(), &dir.dst, write.dry_run) else {
        return;
    };
    // What this run makes there is needed.
    let was_there = *dir.had_partials.get_or_init(|| find_partial_dir(worker, dst, path, name).is_ok());
    if was_there && remove(worker, dst, name, path) {
        dir.touch();
    }
}

/// Whether there was anything to remove.
fn remove(worker: &Worker, dst: &OwnedFd, name: &CStr, path: &[u8]) -> bool {
    let Ok(dir) = find_partial_dir(worker, dst, path, name) else { return false };
    if is_same(&dir, dst) {
        // What has the name there is the file itself.
        return false;
    }
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    // What could not be read was not used; what is no file was never left by us.
    let access = if worker.run.plan.options.write.whole_file { OFlags::PATH } else { OFlags::RDONLY };
    let left = plain::openat(&dir, name, flags | access, 0).and_then(plain::statx_fd);
    let removed = left.is_ok_and(|st| st.is_file()) && plain::unlinkat(&dir, name, Unlink::File).is_ok();
    if removed {
        remove_empty(dst, path);
    }
    removed
}

fn is_same(dir: &OwnedFd, dst: &OwnedFd) -> bool {
    match (plain::statx_fd(dir), plain::statx_fd(dst)) {
        (Ok(dir), Ok(dst)) => (dir.dev, dir.ino) == (dst.dev, dst.ino),
        _ => true,
    }
}

/// Removes a partial directory within the tree, if nothing is in it.
pub fn remove_empty(dst: &OwnedFd, path: &[u8]) {
    if !path.starts_with(b"/") {
        // One that is not empty stays.
        let _ = plain::unlinkat(dst, &c_name(path), Unlink::Dir);
    }
}

/// Opens the partial directory of `dst`, made if it is missing, for its owner alone.
///
/// # Errors
/// Those of mkdir(2) and openat2(2).
pub fn make(worker: &Worker, dst: &OwnedFd, path: &[u8]) -> io::Result<OwnedFd> {
    // A link that an absolute path ends in is not followed here.
    if !path.starts_with(b"/")
        && let Ok(there) = open_partial_dir(worker, dst, path)
    {
        return Ok(there);
    }
    let (above, name) = parent_and_name(path);
    let parent = match above {
        b"." => None,
        above => match open_partial_dir(worker, dst, above) {
            // It may be there all the same.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return open_partial_dir(worker, dst, path);
            }
            opened => Some(opened?),
        },
    };
    let (parent, name) = (parent.as_ref().unwrap_or(dst), c_name(name));
    let there = plain::statx(parent, &name, AtFlags::SYMLINK_NOFOLLOW, STATX_ALL);
    if there.is_ok_and(|st| st.mode & mode::S_IFMT != mode::S_IFDIR) {
        // rsync takes away what is no directory.
        plain::unlinkat(parent, &name, Unlink::File)?;
    }
    match plain::mkdirat(parent.as_fd(), &name, 0o700) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    open_partial_dir(worker, dst, path)
}
