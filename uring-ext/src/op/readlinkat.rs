//! Where a symbolic link points: readlinkat(2). No ring has it.

use std::ffi::CStr;
use std::io;
use std::os::fd::AsFd;

use super::{Name, Op, retry};

const FIRST_BYTES: usize = 256;
/// No file system keeps a longer target; this only bounds the loop.
const TARGET_BYTES_MAX: usize = 1 << 20;

/// The target of the symbolic link `name` in `dir`, without a NUL.
///
/// # Errors
/// Those of readlinkat(2): EINVAL when it is no symbolic link.
pub fn readlinkat(dir: impl AsFd, name: &CStr) -> io::Result<Vec<u8>> {
    let mut target = Vec::new();
    readlinkat_into(dir, name, &mut target)?;
    Ok(target)
}

/// As [`readlinkat`], into a buffer whose contents are replaced.
///
/// # Errors
/// Those of readlinkat(2).
pub fn readlinkat_into(dir: impl AsFd, name: &CStr, target: &mut Vec<u8>) -> io::Result<()> {
    let dir = dir.as_fd();
    let mut room = target.capacity().max(FIRST_BYTES);
    loop {
        target.resize(room, 0);
        match retry(|| rustix::fs::readlinkat_raw(dir, name, &mut target[..])) {
            Ok(bytes) if bytes < room => {
                target.truncate(bytes);
                return Ok(());
            }
            Ok(_) if room < TARGET_BYTES_MAX => room *= 4,
            Ok(_) => return Err(rustix::io::Errno::NAMETOOLONG.into()),
            Err(error) => {
                target.clear();
                return Err(error);
            }
        }
    }
}

/// readlinkat(2) as an operation.
#[derive(Debug)]
pub struct ReadlinkAt<D, N> {
    dir: D,
    name: N,
    target: Vec<u8>,
}

impl<D: AsFd + 'static, N: Name> ReadlinkAt<D, N> {
    /// The target of `name` in `dir`, in `target`'s memory.
    pub fn new(dir: D, name: N, target: Vec<u8>) -> Self {
        ReadlinkAt { dir, name, target }
    }
}

// SAFETY: never native.
unsafe impl<D: AsFd + 'static, N: Name> Op for ReadlinkAt<D, N> {
    type Output = Vec<u8>;
    const NAME: &'static str = "readlinkat";
    const OPCODE: Option<u8> = None;

    fn emulate(&mut self) -> io::Result<u32> {
        readlinkat_into(&self.dir, self.name.as_c_str(), &mut self.target).map(|()| 0)
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<Vec<u8>> {
        Ok(self.target)
    }
}
