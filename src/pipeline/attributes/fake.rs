//! What `--fake-super` keeps of a file, as the file stands for it (rsync(1), `--fake-super`).

use std::ffi::CStr;
use std::io;
use std::os::fd::AsFd;

use rsync_compat::exit::Exit;
use rsync_compat::fake::{FakeStat, STAT_BYTES_MAX};
use uring_ext::mode::errno::ERANGE;
use uring_ext::plain::{self, OFlags};

use crate::entry::{Kind, Meta};
use crate::failure::{Cause, Failure, Fatal, Side, What};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::at::At;
use crate::plan::{Identity, Power};

/// Where mode, owner and device number are.
pub const STAT: &CStr = c"user.rsync.%stat";

/// No such attribute, no attributes at all: the same numbers on every Linux.
const NOTHING: [i32; 2] = [61, 95];

/// What is kept of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    /// Nothing: it is what it seems.
    Nothing,
    /// This.
    Stat(FakeStat),
    /// Something that makes no sense.
    Corrupt(Vec<u8>),
}

/// Reads what is kept of a file.
///
/// # Errors
/// Those of getxattr(2), but that there is none.
pub fn stored(at: At<'_>) -> io::Result<Stored> {
    let mut text = Vec::new();
    match at.get_xattr(STAT, &mut text) {
        Ok(()) if text.len() > STAT_BYTES_MAX => Err(io::Error::from_raw_os_error(ERANGE)),
        Ok(()) => Ok(FakeStat::parse(&text).map_or(Stored::Corrupt(text), Stored::Stat)),
        Err(error) if error.raw_os_error().is_some_and(|errno| NOTHING.contains(&errno)) => {
            Ok(Stored::Nothing)
        }
        Err(error) => Err(error),
    }
}

/// A file's metadata as its side sees it.
#[must_use]
pub fn over(meta: Meta, stat: &FakeStat) -> Meta {
    Meta {
        mode: stat.mode,
        uid: stat.uid,
        gid: stat.gid,
        rdev: u64::from(stat.major) << 32 | u64::from(stat.minor),
        ..meta
    }
}

/// Looks behind a file that stands for another. What makes no sense ends the run, as in rsync; what cannot be read is
/// told, and the file counts as what it seems.
pub fn seen(worker: &Worker, at: At<'_>, meta: Meta, side: Side, path: impl Fn() -> Vec<u8>) -> Meta {
    if power(&worker.run.plan.identity, side) != Power::Fake || !matches!(meta.kind(), Kind::File | Kind::Dir)
    {
        return meta;
    }
    match stored(at) {
        Ok(Stored::Nothing) => meta,
        Ok(Stored::Stat(stat)) => over(meta, &stat),
        Ok(Stored::Corrupt(text)) => {
            worker.run.state.abort(&corrupt(side, &path(), &text));
            meta
        }
        Err(error) => {
            // A scan and the transfer look at the same names.
            if side != Side::Sender || worker.run.tells_list() {
                worker.fail(Failure::new(side, What::ReadFake, path(), &error));
            }
            meta
        }
    }
}

/// The top of a tree as its side sees it, before there are workers; what cannot be looked at is nothing.
///
/// # Errors
/// What is kept makes no sense.
pub fn top(power: Power, at: At<'_>, side: Side, path: impl Fn() -> Vec<u8>) -> Result<Option<Meta>, Fatal> {
    let Ok(meta) = at.look() else { return Ok(None) };
    if power != Power::Fake {
        return Ok(Some(meta));
    }
    match stored(at) {
        Ok(Stored::Stat(stat)) => Ok(Some(over(meta, &stat))),
        Ok(Stored::Corrupt(text)) => Err(corrupt(side, &path(), &text)),
        Ok(Stored::Nothing) | Err(_) => Ok(Some(meta)),
    }
}

fn power(identity: &Identity, side: Side) -> Power {
    match side {
        Side::Sender => identity.sender,
        Side::Generator | Side::Receiver | Side::Client => identity.receiver,
    }
}

/// How a run ends that meets text which makes no sense.
#[must_use]
pub fn corrupt(side: Side, path: &[u8], text: &[u8]) -> Fatal {
    // It is a text to rsync, which ends with a zero.
    let text = text.split(|&byte| byte == 0).next().unwrap_or_default().to_vec();
    Fatal { side, cause: Cause::CorruptStat { path: path.to_vec(), text }, exit: Exit::FileIo }
}

/// How a run ends that meets a mode of no type.
#[must_use]
pub fn impossible(mode: u32, rel: &[u8]) -> Fatal {
    Fatal { side: Side::Receiver, cause: Cause::NoType { mode, rel: rel.to_vec() }, exit: Exit::Protocol }
}

/// Opens a name to look behind it, where a link was followed to it.
///
/// # Errors
/// Those of open(2).
pub fn open_followed(dir: impl AsFd, name: &CStr) -> io::Result<std::os::fd::OwnedFd> {
    plain::openat(dir, name, OFlags::RDONLY | OFlags::NONBLOCK, 0)
}

/// The text of a link that a file stands for: all of the file, up to a NUL and to what a link can hold.
///
/// # Errors
/// Those of open(2) and read(2); ELOOP for a real link.
pub fn link_text(dir: impl AsFd, name: &CStr) -> io::Result<Vec<u8>> {
    const TEXT_BYTES_MAX: usize = 4095;
    let file = plain::openat(dir, name, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK, 0)?;
    let mut text = vec![0; TEXT_BYTES_MAX];
    let read = plain::read_full_at(&file, &mut text, 0)?;
    text.truncate(read);
    let end = text.iter().position(|&byte| byte == 0).unwrap_or(text.len());
    text.truncate(end);
    Ok(text)
}
