//! The attributes of one regular file: of a new one before it has its name, of an old one where it lies.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rsync_compat::fake::real_permissions;
use rsync_compat::filter::Side as RuleSide;
use uring_ext::plain;

use super::super::metadata::{Now, Subject, settle};
use super::super::pending_file::PendingFile;
use super::super::temp;
use super::Transfer;
use crate::entry::Meta;
use crate::failure::{Failure, Side, What};
use crate::pipeline::attributes::extended;
use crate::pipeline::attributes::with_xattrs;
use crate::pipeline::attributes::xattr::{self, Extended, ExtendedPair};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::at::At;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::paths::{source_path, target_path_in};
use crate::pipeline::handles::swaps;
use crate::pipeline::translate::mapping::mapped_acls;
use crate::plan::{Plan, Power};

/// Gives a file that has all its data the attributes it is to have. What fails of that is told, and the file is good
/// all the same.
///
/// # Errors
/// The file has more permission bits than it is to have, and they cannot be taken away.
pub fn attributes(
    worker: &Worker,
    job: &Transfer,
    source: &OwnedFd,
    file: &PendingFile<'_>,
    wanted: &Meta,
) -> io::Result<()> {
    let (plan, name) = (&worker.run.plan, job.dir.dst_name(&job.entry));
    // Whatever fails, fails before the file has its name.
    let path =
        || temp::shown(What::Mkstemp, &target_path_in(plan, &job.dir, name), name, plan.temp_dir.as_ref());
    let bits = made_mode(plan, wanted.mode) & 0o777;
    let too_many = file.mode.is_none_or(|mode| mode & !bits != 0);
    let permissions = if file.hidden.is_none() && too_many {
        // The first file in a directory is made with all bits. Whatever else fails, it must not get a name with them.
        plain::fchmod(&file.handle, bits)?;
        Some(bits)
    } else {
        file.mode
    };
    let extended = read_extended(worker, job, source, file)
        .map(|pair| ExtendedPair { want: pair.want.fitted(&job.entry.meta, wanted), ..pair });
    let now = Now { uid: file.inherited.uid, gid: file.inherited.gid, permissions, mtime: None, atime: None };
    let at = At::Fd(file.handle.as_fd());
    settle(worker, &Subject { at, wanted, now, extended: extended.as_ref(), side: Side::Receiver }, path);
    Ok(())
}

/// The mode that a file is made with.
pub(super) fn made_mode(plan: &Plan, wanted: u32) -> u32 {
    match plan.identity.receiver {
        Power::Fake => real_permissions(wanted),
        // Who is bound by permissions can set extended attributes only while the file is writable.
        Power::Ordinary | Power::Full if xattr::wanted(plan) => wanted | 0o200,
        Power::Ordinary | Power::Full => wanted,
    }
}

/// The extended attributes and ACLs of the source, and what the new file inherited.
fn read_extended(
    worker: &Worker,
    job: &Transfer,
    source: &OwnedFd,
    file: &PendingFile<'_>,
) -> Option<ExtendedPair> {
    let plan = &worker.run.plan;
    if !xattr::wanted(plan) {
        return None;
    }
    let want = match &job.dir.recorded {
        Some(listing) => Ok(listing.extended(&job.entry.name)?),
        None if job.alternate.is_some() => {
            let want = extended::of_source(worker, &job.dir, &job.entry)?;
            return Some(ExtendedPair { want, have: inherited(worker, &job.dir, file) });
        }
        None => {
            let handle = job.dir.source(job.entry.source)?;
            extended::read_listed(plan, handle, &job.entry, At::Fd(source.as_fd()))
        }
    }
    .map_err(|unread| {
        let path = source_path(plan, job.entry.source, &job.dir.rel_of(&job.entry.name));
        worker.fail(unread.failure(Side::Sender, &path));
    });
    Some(ExtendedPair { want: mapped_acls(plan, want.ok()?), have: inherited(worker, &job.dir, file) })
}

/// What a new file has of extended attributes and ACLs: nothing where the first one in its directory had nothing.
fn inherited(worker: &Worker, dir: &Dir, file: &PendingFile<'_>) -> Extended {
    let plan = &worker.run.plan;
    let beside = plan.temp_dir.is_none() && !swaps::target_is_shared(worker, dir);
    if beside && dir.bare.get() == Some(&true) {
        return Extended::default();
    }
    let have = xattr::read(plan, At::Fd(file.handle.as_fd()), RuleSide::Receiver, 0).unwrap_or_default();
    if beside {
        dir.bare.get_or_init(|| have == Extended::default());
    }
    have
}

/// The attributes of an existing file that need no data.
pub fn attributes_only(worker: &Worker, job: &Transfer, there: &Meta, extended: Option<&ExtendedPair>) {
    let Some(dst) = &job.dir.dst else { return };
    let told = &job.entry.meta;
    let wanted = with_xattrs(&worker.run.plan, job.wanted(&worker.run.plan), told, extended);
    let name = job.dir.dst_name(&job.entry);
    let path = || target_path_in(&worker.run.plan, &job.dir, name);
    let held = match swaps::hold(worker, &job.dir, name, |now| now.same_inode(there)) {
        Ok(held) => held,
        Err(error) => {
            return worker.fail(Failure::new(Side::Generator, What::StatDestination, path(), &error));
        }
    };
    let at = swaps::at(held.as_ref(), dst.as_fd(), name);
    let mut now = Now::from(there);
    if worker.run.plan.options.compare.checksum && there.mtime != wanted.mtime {
        now.mtime = None;
    }
    if worker.run.plan.options.compare.checksum && worker.run.plan.options.preserve.atimes > 0 {
        // Reading it to compare moved it on.
        now.atime = None;
    }
    let subject = Subject { at, wanted: &wanted, now, extended, side: Side::Generator };
    settle(worker, &subject, path);
}
