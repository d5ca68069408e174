//! Operands on other machines are rsync's own: handed over by exec to the next rsync on PATH that is not ourselves
//! (DESIGN §1).

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::process::CommandExt;
use std::process::Command;

use uring_ext::plain::{self, AtFlags, CWD, STATX_ALL};

use crate::roots::c_name;

/// Whether handing over is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delegate {
    /// To the next rsync on PATH.
    Allowed,
    /// `IO_URING_SYNC_DELEGATE=never`.
    Never,
}

/// Replaces this process by rsync. Returns only when there is none to hand over to, with the message that says so.
#[must_use]
pub fn hand_over(allowed: Delegate, path: Option<&[u8]>, args: &[OsString]) -> Vec<u8> {
    if allowed == Delegate::Never {
        return b"remote operands are not handed over: IO_URING_SYNC_DELEGATE=never".to_vec();
    }
    for dir in path.unwrap_or(b"/usr/bin:/bin").split(|&byte| byte == b':') {
        let program = [if dir.is_empty() { b".".as_slice() } else { dir }, b"/rsync"].concat();
        if is_ourselves(&program).unwrap_or(true) {
            continue;
        }
        let error = Command::new(OsString::from_vec(program.clone())).args(args).exec();
        if error.kind() != io::ErrorKind::NotFound {
            return [b"cannot run ", program.as_slice(), b": ", error.to_string().as_bytes()].concat();
        }
    }
    b"remote operands need rsync, and none is on PATH".to_vec()
}

fn is_ourselves(program: &[u8]) -> io::Result<bool> {
    let there = plain::statx(CWD, &c_name(program), AtFlags::empty(), STATX_ALL)?;
    let own = plain::statx(CWD, c"/proc/self/exe", AtFlags::empty(), STATX_ALL)?;
    Ok(there.ino == own.ino && there.dev == own.dev)
}

/// The last component of the name that the program was started by.
#[must_use]
pub fn base_name(arg0: &OsString) -> &[u8] {
    let name = arg0.as_bytes();
    name.rsplit(|&byte| byte == b'/').next().unwrap_or(name)
}
