//! Removes source files that arrived at the destination (rsync(1), `--remove-source-files`).

use std::io;

use rsync_compat::options::{DeleteWhen, RemoveSources};
use uring_ext::mode::errno::ELOOP;
use uring_ext::plain::{self, AtFlags, STATX_ALL, Unlink};

use crate::entry::{Entry, Meta};
use crate::failure::{Failure, Side, What};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::reopen;
use crate::pipeline::handles::source::follows_links;
use crate::report::{Notice, Place};

/// How the destination came by an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// Data, or a link's text, was copied now.
    Sent,
    /// It was there, was linked, or is a special file.
    Other,
}

/// Removes the source of an entry that the destination has now. What was changed since it was looked at stays, and so
/// does a source that is the destination itself, under this name or another one.
pub fn remove(worker: &Worker, dir: &Dir, entry: &Entry, arrival: Arrival) {
    let options = &worker.run.plan.options;
    let wanted = match options.write.remove_source_files {
        RemoveSources::All => true,
        RemoveSources::Sent => arrival == Arrival::Sent,
        RemoveSources::None => false,
    };
    if !wanted || options.write.dry_run {
        return;
    }
    worker.summary.borrow_mut().wire.arrivals += 1;
    let Some(handle) = dir.source(entry.source) else { return };
    let rel = dir.rel_of(&entry.name);
    if is_destination(dir, entry) {
        return refuse(worker, What::RemoveDestination, rel);
    }
    // A link that another option turned into what it leads to is no longer what was listed, and stays.
    let flags = if options.links.copy { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
    let still = plain::statx(handle, &entry.name, flags, STATX_ALL).map(|st| Meta::from(&st));
    let removed = match still {
        Ok(still) if !is_same(&still, &entry.meta) => return refuse(worker, What::RemoveChanged, rel),
        Ok(_) if is_astray(worker, dir, entry.source) => {
            let error = io::Error::from_raw_os_error(ELOOP);
            return worker.fail(Failure::new(Side::Sender, What::RemoveBehindLink, rel, &error));
        }
        Ok(_) => plain::unlinkat(handle, &entry.name, Unlink::File),
        Err(error) => Err(error),
    };
    match removed {
        Ok(()) => {
            let notice = Notice::RemovedSource(&rel);
            worker.run.report.notice(&dir.node, Place::Slot(entry.slot), &notice);
            if options.delete.when == Some(DeleteWhen::After) {
                worker.run.state.source.note_removed(dir.dst_rel_of(entry.remote_name()));
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            worker.run.report.notice(&dir.node, Place::Slot(entry.slot), &Notice::AlreadyRemoved(&rel));
        }
        Err(error) => {
            worker.fail(Failure::new(Side::Sender, What::RemoveSource, rel, &error));
        }
    }
}

/// Whether the entry lies behind a link that leads up: rsync follows it there, and yet removes nothing. What a list of
/// `--files-from` spells out is taken as it is, where no option follows links.
fn is_astray(worker: &Worker, dir: &Dir, source: u16) -> bool {
    let (plan, sources) = (&worker.run.plan, &worker.run.plan.sources);
    let spelled = plan.options.select.files_from.is_some() && !follows_links(&plan.options.links);
    let Some(root) = sources.get(usize::from(source)).filter(|_| dir.links_above > 0 && !spelled) else {
        return false;
    };
    reopen::leads_up(&root.handle, &dir.rel)
}

fn refuse(worker: &Worker, what: What, rel: Vec<u8>) {
    worker.fail(Failure { errno: None, ..Failure::new(Side::Sender, what, rel, &io::Error::other("")) });
}

/// Another name of what is there now is the destination itself to rsync.
fn is_destination(dir: &Dir, entry: &Entry) -> bool {
    let there = dir
        .dst
        .as_ref()
        .and_then(|dst| plain::statx(dst, dir.dst_name(entry), AtFlags::SYMLINK_NOFOLLOW, STATX_ALL).ok());
    there.is_some_and(|there| Meta::from(&there).same_inode(&entry.meta))
}

fn is_same(now: &Meta, listed: &Meta) -> bool {
    now.same_inode(listed) && now.size == listed.size && now.mtime == listed.mtime
}
