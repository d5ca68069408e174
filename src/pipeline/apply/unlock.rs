//! What is deleted is made writable first, where permissions bind us, as in rsync: it shows in other names of a file,
//! and where the deletion then fails (`compat-tests/tests/errors_and_permissions.rs`).

use std::ffi::CStr;
use std::os::fd::AsFd;

use uring_ext::plain::{self, AtFlags, STATX_ALL};

use crate::entry::{Kind, Meta};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::swaps;

/// Gives the owner of `name` the right to write to it. What fails shows in what follows.
pub fn writable(worker: &Worker, dst: impl AsFd, name: &CStr) {
    let plan = &worker.run.plan;
    if plan.options.write.dry_run || plan.identity.passes_permissions || !plan.identity.opens_up() {
        return;
    }
    let Ok(st) = plain::statx(&dst, name, AtFlags::SYMLINK_NOFOLLOW, STATX_ALL) else { return };
    let meta = Meta::from(&st);
    if meta.kind() != Kind::Symlink && meta.mode & 0o200 == 0 {
        let is_it = |now: &Meta| now.same_inode(&meta);
        // Where that fails, so does what it is for, which is told.
        let _ = swaps::chmod(worker, &dst, name, meta.permissions() | 0o200, is_it);
    }
}
