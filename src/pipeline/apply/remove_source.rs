//! Removes source files that arrived at the destination (rsync(1), `--remove-source-files`).

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use rsync_compat::options::{DeleteWhen, RemoveSources};
use uring_ext::FileName;
use uring_ext::mode::errno::ELOOP;
use uring_ext::plain::{self, AtFlags, STATX_ALL, Unlink};

use crate::entry::{Entry, Meta, join, list_order};
use crate::failure::{Failure, Side, What};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::source::follows_links;
use crate::pipeline::handles::{paths, reopen};
use crate::report::{Node, Notice, Place};

/// How the destination came by an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// Data, or a link's text, was copied now.
    Sent,
    /// It was there, was linked, or is a special file.
    Other,
}

/// A source file that is to go.
#[derive(Debug)]
pub struct Removal {
    /// Which source it is of.
    source: u16,
    /// The path of its directory, from the transfer root.
    dir: Vec<u8>,
    /// Its name there.
    name: FileName,
    /// What it was as it was listed.
    meta: Meta,
    /// Its place in the order of reports.
    at: (Arc<Node>, u32),
    /// Its path at the destination.
    dst_rel: Vec<u8>,
    /// It lies behind a link that leads up.
    astray: bool,
}

impl Removal {
    fn rel(&self) -> Vec<u8> {
        join(&self.dir, self.name.to_bytes())
    }
}

/// A path as rsync tells of it: one that `-R` keeps and that began with a slash has it again.
fn told(worker: &Worker, source: u16, rel: &[u8]) -> Vec<u8> {
    [paths::source_lead(&worker.run.plan, source), rel].concat()
}

/// Removes the source of an entry that the destination has now. What was changed since it was looked at stays, and so
/// does a source that is the destination itself, under this name or another one.
///
/// Where links are followed, that waits until everything was copied: a link may lead to what goes.
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
    if is_destination(dir, entry) {
        let rel = told(worker, entry.source, &dir.rel_of(&entry.name));
        return refuse(worker, What::RemoveDestination, rel);
    }
    let removal = Removal {
        source: entry.source,
        dir: dir.rel.clone(),
        name: entry.name.clone(),
        meta: entry.meta,
        at: (Arc::clone(&dir.node), entry.slot),
        dst_rel: dir.dst_rel_of(entry.remote_name()),
        astray: is_astray(worker, dir, entry.source),
    };
    match follows_links(&options.links) {
        true => worker.run.keep_source(removal),
        false => remove_now(worker, handle, &removal),
    }
}

/// Removes those that waited, in the order of the list.
pub fn remove_late(worker: &Worker, mut removals: Vec<Removal>) {
    removals.sort_by(|one, other| list_order(&one.rel(), &other.rel()));
    let mut open: Option<(u16, &[u8], OwnedFd)> = None;
    for removal in &removals {
        let is_open =
            open.as_ref().is_some_and(|(source, dir, _)| (*source, *dir) == (removal.source, &removal.dir));
        if !is_open {
            let opened = reopen::source(worker, removal.source, &removal.dir);
            open = opened.map(|handle| (removal.source, removal.dir.as_slice(), handle));
        }
        if let Some((.., handle)) = &open {
            remove_now(worker, handle, removal);
        }
    }
}

fn remove_now(worker: &Worker, handle: &OwnedFd, removal: &Removal) {
    let options = &worker.run.plan.options;
    let rel = || told(worker, removal.source, &removal.rel());
    // A link that another option turned into what it leads to is no longer what was listed, and stays.
    let flags = if options.links.copy { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
    let still = plain::statx(handle, &removal.name, flags, STATX_ALL).map(|st| Meta::from(&st));
    let removed = match still {
        Ok(still) if !is_same(&still, &removal.meta) => return refuse(worker, What::RemoveChanged, rel()),
        Ok(_) if removal.astray => {
            let error = io::Error::from_raw_os_error(ELOOP);
            return worker.fail(Failure::new(Side::Sender, What::RemoveBehindLink, rel(), &error));
        }
        Ok(_) => plain::unlinkat(handle, &removal.name, Unlink::File),
        Err(error) => Err(error),
    };
    let (node, slot) = &removal.at;
    match removed {
        Ok(()) => {
            worker.run.report.notice(node, Place::Slot(*slot), &Notice::RemovedSource(&rel()));
            if options.delete.when == Some(DeleteWhen::After) {
                worker.run.state.source.note_removed(removal.dst_rel.clone());
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            worker.run.report.notice(node, Place::Slot(*slot), &Notice::AlreadyRemoved(&rel()));
        }
        Err(error) => {
            worker.fail(Failure::new(Side::Sender, What::RemoveSource, rel(), &error));
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
    worker.fail(Failure::without_errno(Side::Sender, what, rel));
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
