//! Devices, FIFOs and sockets.

use rsync_compat::output::itemize::{Changes, Update};
use uring_ext::plain::{self, Device};

use super::super::decide::{Contents, Decision, decide};
use super::super::dir::Dir;
use super::super::walk::target_path_in;
use super::super::worker::Worker;
use super::node::{self, Stand};
use super::{Told, way};
use crate::entry::{Entry, Meta};
use crate::failure::{Failure, Side, What};

/// Brings one device, FIFO or socket up to date.
pub fn apply(worker: &Worker, dir: &Dir, entry: &Entry, there: Option<&Meta>) {
    let plan = &worker.run.plan;
    match decide(&plan.options.compare, &entry.meta, there, Contents::Unknown) {
        Decision::Skip(_) => {}
        Decision::Same => node::attributes(worker, dir, entry, there, None),
        Decision::Update | Decision::Create => {
            let changes = match there {
                Some(there) if node::same_class(there, entry) => {
                    let time = if plan.options.preserve.times { Changes::NONE } else { Changes::TIME_NOW };
                    node::changes(worker, dir, entry, Some(there)) | Changes::CHECKSUM | time
                }
                Some(_) => Changes::NEW,
                None => match node::stand_in(worker, dir, entry, None) {
                    Stand::New => Changes::NEW,
                    Stand::Settled => return,
                    Stand::Differs(changes) => changes,
                },
            };
            if make(worker, dir, entry, there) {
                node::made(worker, dir, entry, there, &Told::letters(Update::Local, changes));
            }
        }
    }
}

fn make(worker: &Worker, dir: &Dir, entry: &Entry, there: Option<&Meta>) -> bool {
    let name = dir.dst_name(entry);
    if let Some(there) = there
        && !way::clear(worker, dir, name, there, entry.kind())
    {
        return false;
    }
    if worker.run.plan.options.write.dry_run {
        return true;
    }
    let Some(dst) = &dir.dst else { return false };
    let meta = &entry.meta;
    let device = Device {
        major: u32::try_from(meta.rdev >> 32).unwrap_or(0),
        minor: u32::try_from(meta.rdev & 0xffff_ffff).unwrap_or(0),
    };
    // Nobody else gets at it before its owner is right.
    let mode = meta.mode & !0o7777 | 0o600;
    let made = node::place(worker, dir, name, there, &|name| plain::mknodat(dst, name, mode, device));
    match made {
        Ok(()) => true,
        Err(error) => {
            let path = target_path_in(&worker.run.plan, dir, name);
            worker.fail(Failure::new(Side::Generator, What::Mknod, path, &error));
            false
        }
    }
}
