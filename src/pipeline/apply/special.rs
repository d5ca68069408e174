//! Devices, FIFOs and sockets: made, with their attributes.

use std::ffi::CStr;
use std::io;

use uring_ext::plain::{self, Device};

use super::{fake, node, obstacle, temp};
use crate::entry::{Entry, Meta};
use crate::failure::{Failure, Side, What};
use crate::path_text::c_name;
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::paths::target_path_in;
use crate::plan::Power;

/// Makes the node; a failure was told.
pub fn make(worker: &Worker, dir: &Dir, entry: &Entry, there: Option<&Meta>) -> bool {
    let name = dir.dst_name(entry);
    if let Some(there) = there
        && !obstacle::clear(worker, dir, name, there, entry.kind())
    {
        return false;
    }
    if worker.run.plan.options.write.dry_run {
        return true;
    }
    let fail = |error: &io::Error| {
        let shown = if there.is_some() { c_name(&temp::numbered(name)) } else { name.to_owned() };
        let path = target_path_in(&worker.run.plan, dir, &shown);
        worker.fail(Failure::new(Side::Generator, What::Mknod, path, error));
        false
    };
    let Some(dst) = &dir.dst else { return dir.before.blocked().is_some_and(|error| fail(&error)) };
    let meta = &entry.meta;
    let device = Device {
        major: u32::try_from(meta.rdev >> 32).unwrap_or(0),
        minor: u32::try_from(meta.rdev & 0xffff_ffff).unwrap_or(0),
    };
    // Nobody else gets at it before its owner is right.
    let mode = meta.mode & !0o7777 | 0o600;
    let make = |name: &CStr| match worker.run.plan.identity.receiver {
        Power::Fake => fake::make(dst, name, mode, b""),
        Power::Ordinary | Power::Full => plain::mknodat(dst, name, mode, device),
    };
    let made = node::place(worker, dir, name, there, &make);
    match made {
        Ok(()) => true,
        Err(error) => fail(&error),
    }
}
