//! Making FIFOs, sockets and device files: mknodat(2). No ring has it.

use std::ffi::CStr;
use std::io;
use std::os::fd::AsFd;

use rustix::fs::{FileType, Mode};

use super::{Name, Op, retry};

/// A device's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Device {
    /// The driver.
    pub major: u32,
    /// The driver's unit.
    pub minor: u32,
}

/// Makes `name` in `dir`, of the type and with the permission bits in `mode`, less the umask. `device` matters for
/// device files only.
///
/// # Errors
/// Those of mknodat(2): EPERM for a device file without CAP_MKNOD.
pub fn mknodat(dir: impl AsFd, name: &CStr, mode: u32, device: Device) -> io::Result<()> {
    let dir = dir.as_fd();
    let (kind, bits) = (FileType::from_raw_mode(mode), Mode::from_raw_mode(mode & 0o7777));
    let number = rustix::fs::makedev(device.major, device.minor);
    retry(|| rustix::fs::mknodat(dir, name, kind, bits, number))
}

/// mknodat(2) as an operation.
#[derive(Debug)]
pub struct MknodAt<D, N> {
    dir: D,
    name: N,
    mode: u32,
    device: Device,
}

impl<D: AsFd + 'static, N: Name> MknodAt<D, N> {
    /// Makes `name` in `dir`.
    pub fn new(dir: D, name: N, mode: u32, device: Device) -> Self {
        MknodAt { dir, name, mode, device }
    }
}

// SAFETY: never native.
unsafe impl<D: AsFd + 'static, N: Name> Op for MknodAt<D, N> {
    type Output = ();
    const NAME: &'static str = "mknodat";
    const OPCODE: Option<u8> = None;

    fn emulate(&mut self) -> io::Result<u32> {
        mknodat(&self.dir, self.name.as_c_str(), self.mode, self.device).map(|()| 0)
    }

    unsafe fn finish(self, _answer: u32) -> io::Result<()> {
        Ok(())
    }
}
