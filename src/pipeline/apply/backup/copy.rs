//! Backups that cannot be moved or linked: of files that are written in place, and on other file systems. They are
//! copies, with the attributes that are kept.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rsync_compat::filter::Side as RuleSide;
use uring_ext::IoBuf;
use uring_ext::mode::errno::{EISDIR, ESTALE};
use uring_ext::plain::{self, Device, OFlags, RenameFlags, Unlink};

use super::super::metadata::{Now, Subject, settle};
use super::super::pending_file::{self, Access, Expect, Hides, Home};
use super::super::temp;
use crate::entry::{Kind, Meta};
use crate::failure::Side;
use crate::pipeline::attributes::xattr::{self, Extended, ExtendedPair};
use crate::pipeline::attributes::{self, fake};
use crate::pipeline::engine::worker::{CHUNK_BYTES, Worker};
use crate::pipeline::handles::at::{At, NameIn};
use crate::plan::Power;

/// Copies what a name stands for, for whatever has the other name now. `path` is the file's in messages.
///
/// # Errors
/// Those of reading it and of making another one.
pub(super) fn make(worker: &Worker, from: NameIn<'_>, to: NameIn<'_>, path: &[u8]) -> io::Result<()> {
    match from.at().look()?.kind() {
        Kind::File => {
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
            let old = plain::openat(from.dir, from.name, flags, 0)?;
            file(worker, &old, to, path).map(|_| ())
        }
        Kind::Dir | Kind::Symlink | Kind::Char | Kind::Block | Kind::Fifo | Kind::Socket => {
            remake(worker, from, to, path)
        }
    }
}

/// Makes what is no file once more, for whatever has the name now.
///
/// # Errors
/// EISDIR for a directory; those of making another one.
pub(super) fn remake(worker: &Worker, from: NameIn<'_>, to: NameIn<'_>, path: &[u8]) -> io::Result<()> {
    let NameIn { dir, name } = from;
    let was = from.at().look()?;
    if worker.run.plan.identity.receiver == Power::Fake && !matches!(was.kind(), Kind::File | Kind::Dir) {
        let text = plain::readlinkat(dir, name).unwrap_or_default();
        return node(worker, from, to, path, &|temp| super::super::fake::make(to.dir, temp, was.mode, &text));
    }
    match was.kind() {
        Kind::File | Kind::Dir => Err(io::Error::from_raw_os_error(EISDIR)),
        Kind::Symlink => {
            let text = CString::new(plain::readlinkat(dir, name)?)?;
            node(worker, from, to, path, &|temp| plain::symlinkat(&text, to.dir, temp))
        }
        Kind::Char | Kind::Block | Kind::Fifo | Kind::Socket => {
            let device = Device {
                major: u32::try_from(was.rdev >> 32).unwrap_or(0),
                minor: u32::try_from(was.rdev & 0xffff_ffff).unwrap_or(0),
            };
            let mode = was.mode & !0o7777 | 0o600;
            node(worker, from, to, path, &|temp| plain::mknodat(to.dir, temp, mode, device))
        }
    }
}

/// Copies an open file. Returns the copy, open for reading and writing.
///
/// # Errors
/// ESTALE when it is no file; those of reading and writing.
pub(super) fn file(worker: &Worker, old: &OwnedFd, to: NameIn<'_>, path: &[u8]) -> io::Result<OwnedFd> {
    let NameIn { dir, name } = to;
    if !plain::statx_fd(old)?.is_file() {
        return Err(io::Error::from_raw_os_error(ESTALE));
    }
    let home = Home { handle: dir, inherited: None, hides: Hides::Here };
    let copy = pending_file::create(home, Access::Both, name, 0o600)?;
    let done = plain::fchmod(&copy.handle, 0o600).and_then(|()| copy_bytes(worker, old, &copy.handle));
    let done = done.and_then(|()| {
        dress(worker, path, At::Fd(old.as_fd()), At::Fd(copy.handle.as_fd()));
        copy.place(dir, name, Expect::Taken)
    });
    if let Err(error) = done {
        copy.discard();
        return Err(error);
    }
    Ok(copy.handle)
}

fn copy_bytes(worker: &Worker, from: &OwnedFd, to: &OwnedFd) -> io::Result<()> {
    let mut buf = worker.chunk();
    let mut at = 0;
    loop {
        worker.run.state.beat();
        let read = plain::read_full_at(from, &mut buf.room()[..CHUNK_BYTES], at)?;
        plain::write_all_at(to, &buf.room()[..read], at)?;
        at += read as u64;
        if read < CHUNK_BYTES {
            break;
        }
    }
    worker.keep_chunk(buf);
    Ok(())
}

/// Makes what is no file, under a hidden name first.
fn node(
    worker: &Worker,
    from: NameIn<'_>,
    to: NameIn<'_>,
    path: &[u8],
    make: &dyn Fn(&CStr) -> io::Result<()>,
) -> io::Result<()> {
    let NameIn { dir, name } = to;
    let (hidden, ()) = temp::with_name(name, make)?;
    dress(worker, path, from.at(), At::Name(dir, &hidden));
    plain::renameat2(dir, &hidden, dir, name, RenameFlags::empty()).inspect_err(|_| {
        // The rename's failure is what is told.
        let _ = plain::unlinkat(dir, &hidden, Unlink::File);
    })
}

/// Gives a backup what is kept of the old one's attributes. Set-id bits go with their owner or not at all: the old file
/// may be anybody's, the copy is ours.
fn dress(worker: &Worker, path: &[u8], old: At<'_>, copy: At<'_>) {
    let plan = &worker.run.plan;
    let (Ok(was), Ok(made)) = (old.look(), copy.look()) else { return };
    let was = fake::seen(worker, old, was, Side::Generator, || path.to_vec());
    let mut wanted = attributes::wanted_over(plan, &was, &was);
    if plan.options.preserve.group && plan.identity.receiver == Power::Ordinary {
        // rsync does not ask here whether we may.
        wanted.gid = was.gid;
    }
    if wanted.uid == attributes::KEEP_OWNER && was.uid != made.uid {
        wanted.mode &= !0o4000;
    }
    if wanted.gid == attributes::KEEP_OWNER && was.gid != made.gid {
        wanted.mode &= !0o2000;
    }
    let want = xattr::read(plan, old, RuleSide::Receiver, was.permissions()).ok();
    let want = want.filter(|_| xattr::wanted(plan));
    // Of ACLs it has none, not even what its directory passes on, where they are kept.
    let passed_on = || xattr::read(plan, copy, RuleSide::Receiver, made.permissions()).ok()?.access;
    let extended = want.map(|want| ExtendedPair {
        want: Extended { xattrs: want.xattrs, ..Extended::default() },
        have: Extended {
            access: if plan.options.preserve.acls { passed_on() } else { None },
            ..Extended::default()
        },
    });
    let now = Now { mtime: None, atime: None, permissions: None, ..Now::from(&Meta { ..made }) };
    let subject =
        Subject { at: copy, wanted: &wanted, now, extended: extended.as_ref(), side: Side::Generator };
    settle(worker, &subject, || path.to_vec());
}
