//! Which file an update starts from under `--no-whole-file` (rsync(1), `--partial-dir`, `--fuzzy`): what an earlier
//! run left of the file, or the destination's own, or an alternate destination's, or one that looks alike.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rsync_compat::delta::Described;
use rsync_compat::options::Append;
use uring_ext::plain::{self, OFlags};

use super::similar;
use crate::entry::{Entry, Kind, Meta, join};
use crate::failure::{Failure, Severity, Side, What};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::basis_file::{Basis, Origin, find_partial_dir};
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::paths::target_path_in;

/// What an update starts from.
#[derive(Debug)]
pub enum Start {
    /// Nothing: the file is copied whole; rsync names its basis like that all the same.
    Whole(Described),
    /// An old file.
    At(Basis),
    /// Nothing, but without `-p` the file gets the permissions of one that looks alike, or that an earlier run left.
    Like(Described, Meta),
    /// There is one that cannot be read, which was told: the file counts as new.
    Unreadable,
}

/// Finds and opens the file that an update starts from, where the destination has `there` under the name, and the
/// alternate destination number `found` has a file.
pub fn open(worker: &Worker, dir: &Dir, entry: &Entry, there: Option<&Meta>, found: Option<usize>) -> Start {
    let write = &worker.run.plan.options.write;
    let own = there.is_some_and(|there| there.kind() == Kind::File);
    let described = if found.is_some() { Described::ByKind } else { Described::Not };
    let takes = write.whole_file && !write.dry_run && !worker.run.plan.options.preserve.perms;
    if takes && let Some((_, partial)) = find_partial(worker, dir, entry) {
        return Start::Like(described, partial);
    }
    if write.whole_file && !own && found.is_none() {
        return like_similar(worker, dir, entry);
    }
    if write.whole_file || write.dry_run {
        return Start::Whole(described);
    }
    let name = dir.dst_name(entry);
    if own {
        similar::note_sent(dir, name);
    }
    if let Some(start) = open_partial(worker, dir, entry) {
        return start;
    }
    let (from, name, origin) = match (own, found, &dir.dst) {
        (true, None, Some(dst)) => (dst, name, Origin::Own),
        (_, Some(index), _) => match dir.basis.get(index) {
            Some(Some(basis)) => (basis, name, Origin::Alternate),
            _ => return Start::Whole(described),
        },
        _ => return open_similar(worker, dir, entry),
    };
    let path = || match found.and_then(|index| worker.run.plan.basis.get(index)) {
        Some(root) => join(&root.display, &dir.dst_rel_of(name)),
        None => target_path_in(&worker.run.plan, dir, name),
    };
    match start(worker, open_file(from, name, origin), path) {
        // What is appended to need only be readable.
        Start::At(_) if write.append != Append::Off => Start::Whole(described),
        start => start,
    }
}

fn open_file(dir: impl AsFd, name: &CStr, origin: Origin) -> io::Result<Basis> {
    let handle = plain::openat(dir, name, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK, 0)?;
    basis(handle, origin)
}

fn basis(handle: OwnedFd, origin: Origin) -> io::Result<Basis> {
    let st = plain::statx_fd(&handle)?;
    match st.is_file() {
        true => Ok(Basis { handle, bytes: st.size, origin }),
        false => Err(io::ErrorKind::NotFound.into()),
    }
}

fn start(worker: &Worker, opened: io::Result<Basis>, path: impl FnOnce() -> Vec<u8>) -> Start {
    match opened {
        Ok(basis) => Start::At(basis),
        // It went away, which is none of our business.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Start::Whole(Described::Not),
        Err(error) => {
            let failure = Failure::new(Side::Generator, What::OpenBasis, path(), &error);
            worker.fail(failure.severity(Severity::Warning));
            Start::Unreadable
        }
    }
}

/// What an earlier run left of the file.
fn open_partial(worker: &Worker, dir: &Dir, entry: &Entry) -> Option<Start> {
    let path = worker.run.plan.options.write.partial_dir.as_deref()?;
    let (partials, _) = find_partial(worker, dir, entry)?;
    let name = dir.dst_name(entry);
    let display = || match path.starts_with(b"/") {
        true => join(path, name.to_bytes()),
        false => join(&worker.run.plan.target.display, &join(&join(dir.dst_rel(), path), name.to_bytes())),
    };
    Some(start(worker, open_file(&partials, name, Origin::Partial), display))
}

/// The partial directory, and what an earlier run left in it of the file.
fn find_partial(worker: &Worker, dir: &Dir, entry: &Entry) -> Option<(OwnedFd, Meta)> {
    let path = worker.run.plan.options.write.partial_dir.as_deref()?;
    let partials = find_partial_dir(worker, dir.dst.as_ref()?, path, dir.dst_name(entry)).ok()?;
    let there = Meta::at(partials.as_fd(), dir.dst_name(entry), plain::AtFlags::SYMLINK_NOFOLLOW).ok()?;
    (there.kind() == Kind::File).then_some((partials, there))
}

/// Another file that looks alike, of which a whole file takes nothing but its permissions.
fn like_similar(worker: &Worker, dir: &Dir, entry: &Entry) -> Start {
    let Some(found) = similar::find(worker, dir, entry) else { return Start::Whole(Described::Not) };
    let described = Described::ByName(found.name.to_bytes().len());
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let opened = plain::openat(found.dir, found.name, flags, 0).and_then(plain::statx_fd);
    // Whoever cannot read it does not see its permissions either.
    opened.map_or(Start::Whole(described), |st| Start::Like(described, Meta::from(&st)))
}

/// Another file that looks alike.
fn open_similar(worker: &Worker, dir: &Dir, entry: &Entry) -> Start {
    let Some(found) = similar::find(worker, dir, entry) else { return Start::Whole(Described::Not) };
    let (from, name) = (found.dir, found.name);
    let origin = Origin::Similar(name.to_bytes().len());
    start(worker, open_file(from, name, origin), || target_path_in(&worker.run.plan, dir, name))
}
