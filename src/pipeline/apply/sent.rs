//! The source of what arrived goes (rsync(1), `--remove-source-files`).

use std::io;

use rsync_compat::options::{DeleteWhen, RemoveSources};
use uring_ext::plain::{self, AtFlags, STATX_ALL, Unlink};

use super::super::dir::{Dir, follows_links};
use super::super::worker::Worker;
use crate::entry::{Entry, Meta};
use crate::failure::{Failure, Side, What};
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
/// does a source that is the destination itself.
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
    let Some(handle) = dir.source(entry.source) else { return };
    let rel = dir.rel_of(&entry.name);
    if is_destination(dir, entry) {
        return refuse(worker, What::RemoveDestination, rel);
    }
    let flags = if follows_links(&options.links) { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
    let still = plain::statx(handle, &entry.name, flags, STATX_ALL).map(|st| Meta::from(&st));
    let removed = match still {
        Ok(still) if !is_same(&still, &entry.meta) => return refuse(worker, What::RemoveChanged, rel),
        Ok(_) => plain::unlinkat(handle, &entry.name, Unlink::File),
        Err(error) => Err(error),
    };
    match removed {
        Ok(()) => {
            let notice = Notice::RemovedSource(&rel);
            worker.run.report.notice(&dir.node, Place::Slot(entry.slot), &notice);
            if options.delete.when == Some(DeleteWhen::After) {
                worker.run.state.note_removed(dir.dst_rel_of(entry.remote_name()));
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

fn refuse(worker: &Worker, what: What, rel: Vec<u8>) {
    worker.fail(Failure { errno: None, ..Failure::new(Side::Sender, what, rel, &io::Error::other("")) });
}

fn is_destination(dir: &Dir, entry: &Entry) -> bool {
    let there = dir
        .dst
        .as_ref()
        .and_then(|dst| plain::statx(dst, dir.dst_name(entry), AtFlags::SYMLINK_NOFOLLOW, STATX_ALL).ok());
    there.is_some_and(|there| Meta::from(&there).same_inode(&entry.meta) && same_name(dir, entry))
}

/// Whether the entry's directory is the destination's; other names of one inode may go.
fn same_name(dir: &Dir, entry: &Entry) -> bool {
    let (Some(source), Some(dst)) = (dir.source(entry.source), &dir.dst) else { return false };
    match (plain::statx_fd(source), plain::statx_fd(dst)) {
        (Ok(source), Ok(dst)) => {
            (source.dev, source.ino) == (dst.dev, dst.ino) && *dir.dst_name(entry) == *entry.name
        }
        _ => false,
    }
}

fn is_same(now: &Meta, listed: &Meta) -> bool {
    now.same_inode(listed) && now.size == listed.size && now.mtime == listed.mtime
}
