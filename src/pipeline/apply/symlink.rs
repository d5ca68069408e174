//! Symbolic links: made, replaced in one step, given their own owner and times.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rsync_compat::output::itemize::{Changes, Update};
use uring_ext::plain::{self, RenameFlags, Unlink};

use super::super::compare;
use super::super::decide::{Contents, Decision, decide};
use super::super::dir::Dir;
use super::super::walk::{source_path, target_path_in};
use super::super::worker::Worker;
use super::node::{self, Stand};
use super::{Told, backup, temp, way};
use crate::entry::{Entry, Kind, Meta};
use crate::failure::{Failure, Severity, Side, What};
use crate::report::{Notice, Place};

/// Brings one symbolic link up to date.
pub fn apply(worker: &Worker, dir: &Dir, entry: &Entry, there: Option<&Meta>) {
    let plan = &worker.run.plan;
    let Some(handle) = dir.source(entry.source) else { return };
    let target = match plain::readlinkat(handle, &entry.name) {
        Ok(target) => target,
        Err(error) => return read_failed(worker, dir, entry, &error),
    };
    if plan.options.links.safe && is_unsafe_target(&target, &dir.rel_of(&entry.name)) {
        let rel = dir.rel_of(&entry.name);
        let notice = Notice::UnsafeSymlink { rel: &rel, target: &target };
        return worker.run.report.notice(&dir.node, Place::Slot(entry.slot), &notice);
    }
    let contents = match there {
        Some(there) if there.kind() == Kind::Symlink => same_target(dir, entry, &target),
        _ => Contents::Unknown,
    };
    match decide(&plan.options.compare, &entry.meta, there, contents) {
        Decision::Skip(_) => {}
        Decision::Same => node::attributes(worker, dir, entry, there, Some(&target)),
        Decision::Update | Decision::Create => {
            let times = if compare::keeps_time(plan, Kind::Symlink) { Times::Kept } else { Times::New };
            let changes = match there {
                Some(_) => node::changes(worker, dir, entry, there) | changed_value(there, times),
                None => match node::stand_in(worker, dir, entry, Some(&target)) {
                    Stand::New => Changes::NEW,
                    Stand::Settled => return,
                    Stand::Differs(changes) => changes,
                },
            };
            if make(worker, dir, entry, &target, there) {
                let told = Told { target: Some(&target), ..Told::letters(Update::Local, changes) };
                node::made(worker, dir, entry, there, &told);
            }
        }
    }
}

/// Whether the link gets the source's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Times {
    Kept,
    New,
}

fn changed_value(there: Option<&Meta>, times: Times) -> Changes {
    match there {
        Some(there) if there.kind() == Kind::Symlink && times == Times::Kept => Changes::CHECKSUM,
        Some(there) if there.kind() == Kind::Symlink => Changes::CHECKSUM | Changes::TIME_NOW,
        _ => Changes::NONE,
    }
}

fn same_target(dir: &Dir, entry: &Entry, target: &[u8]) -> Contents {
    let Some(dst) = &dir.dst else { return Contents::Unknown };
    match plain::readlinkat(dst, dir.dst_name(entry)) {
        Ok(there) if there == target => Contents::Equal,
        _ => Contents::Differ,
    }
}

fn read_failed(worker: &Worker, dir: &Dir, entry: &Entry, error: &io::Error) {
    let path = source_path(&worker.run.plan, entry.source, &dir.rel_of(&entry.name));
    worker.fail(if error.kind() == io::ErrorKind::NotFound {
        Failure::new(Side::Sender, What::Vanished, path, error).severity(Severity::Vanished)
    } else {
        Failure::new(Side::Sender, What::Readlink, path, error).severity(Severity::ListingError)
    });
}

fn make(worker: &Worker, dir: &Dir, entry: &Entry, target: &[u8], there: Option<&Meta>) -> bool {
    let name = dir.dst_name(entry);
    if let Some(there) = there
        && !way::clear(worker, dir, name, there, Kind::Symlink)
    {
        return false;
    }
    if worker.run.plan.options.write.dry_run {
        return true;
    }
    let Some(dst) = &dir.dst else { return false };
    let made =
        CString::new(target).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput)).and_then(|target| {
            node::place(worker, dir, name, there, &|name| plain::symlinkat(&target, dst, name))
        });
    match made {
        Ok(()) => true,
        Err(error) => {
            let path =
                [&target_path_in(&worker.run.plan, dir, name), b"\" -> \"".as_slice(), target].concat();
            worker.fail(Failure::new(Side::Generator, What::Symlink, path, &error));
            false
        }
    }
}

/// Whether a link leads out of the transfer (rsync(1), SYMBOLIC LINKS); decided by its text alone.
#[must_use]
pub fn is_unsafe(handle: &OwnedFd, name: &CStr, dir_rel: &[u8]) -> bool {
    let rel = crate::entry::join(dir_rel, name.to_bytes());
    plain::readlinkat(handle.as_fd(), name).is_ok_and(|target| is_unsafe_target(&target, &rel))
}

/// Absolute, empty, above the top, or with `..` after its beginning.
fn is_unsafe_target(target: &[u8], rel: &[u8]) -> bool {
    if target.is_empty() || target.starts_with(b"/") {
        return true;
    }
    let depth = rel.iter().filter(|&&byte| byte == b'/').count();
    let parts: Vec<&[u8]> =
        target.split(|&byte| byte == b'/').filter(|part| !matches!(*part, b"" | b".")).collect();
    let up = parts.iter().take_while(|part| **part == b"..").count();
    up > depth || parts[up..].iter().any(|part| *part == b"..")
}

/// Replaces `name` by a rename when something is there, or makes it at once when nothing is.
///
/// # Errors
/// Those of `make` and rename(2).
pub fn replace(
    worker: &Worker,
    dir: &Dir,
    name: &CStr,
    make: &dyn Fn(&CStr) -> io::Result<()>,
) -> io::Result<()> {
    let Some(dst) = &dir.dst else { return Ok(()) };
    backup::keep(worker, dir, name)?;
    let (hidden, ()) = temp::with_name(name, |temp| make(temp))?;
    plain::renameat2(dst, &hidden, dst, name, RenameFlags::empty()).inspect_err(|_| {
        let _ = plain::unlinkat(dst, &hidden, Unlink::File);
    })
}

#[cfg(test)]
mod tests {
    use super::is_unsafe_target;

    #[test]
    fn unsafe_is_decided_by_text() {
        assert!(is_unsafe_target(b"/etc/hostname", b"a"));
        assert!(is_unsafe_target(b"", b"a"));
        assert!(is_unsafe_target(b"../x", b"a"));
        assert!(!is_unsafe_target(b"../x", b"d/a"));
        assert!(is_unsafe_target(b"dir/../f", b"d/a"));
        assert!(!is_unsafe_target(b"b/c", b"a"));
    }
}
