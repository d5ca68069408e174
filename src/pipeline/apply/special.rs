//! Devices, FIFOs and sockets are made.

use uring_ext::plain::{self, Device};

use super::fake;
use super::node::{self, Recipe};
use crate::entry::{Entry, Meta};
use crate::failure::What;
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::dir::Dir;
use crate::plan::Power;

/// Makes the node; false when that failed, which was told.
pub fn make(worker: &Worker, dir: &Dir, entry: &Entry, there: Option<&Meta>) -> bool {
    let meta = &entry.meta;
    let device = Device {
        major: u32::try_from(meta.rdev >> 32).unwrap_or(0),
        minor: u32::try_from(meta.rdev & 0xffff_ffff).unwrap_or(0),
    };
    // Nobody else gets at it before its owner is right.
    let mode = meta.mode & !0o7777 | 0o600;
    let recipe = Recipe {
        make: &|dst, name| match worker.run.plan.identity.receiver {
            Power::Fake => fake::make(dst, name, mode, b""),
            Power::Ordinary | Power::Full => plain::mknodat(dst, name, mode, device),
        },
        what: What::Mknod,
        leads_to: None,
    };
    node::make(worker, dir, entry, there, &recipe)
}
