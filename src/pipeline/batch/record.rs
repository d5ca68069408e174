//! Recording a run in a batch (rsync(1), `--write-batch`): the names that take part, what becomes of them, their data.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::Ordering;

use rsync_compat::batch::{self, Change, Fate, Id, Record};
use rsync_compat::digest::Algorithm;
use rsync_compat::output::itemize::{Changes, Update};
use uring_ext::plain::{self, Time};
use uring_ext::process;

use crate::batch::Writer;
use crate::entry::{Entry, Kind, Meta};
use crate::failure::{Failure, Side, What};
use crate::operands::tree::Rank;
use crate::pipeline::attributes::extended;
use crate::pipeline::attributes::xattr::{self, Extended};
use crate::pipeline::engine::state::Phase;
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::at::At;
use crate::pipeline::handles::contents;
use crate::pipeline::handles::dir::{Dir, DirJob};
use crate::pipeline::handles::name::Name;
use crate::pipeline::handles::paths::source_path;
use crate::pipeline::handles::source::source_how;
use crate::pipeline::translate::{charset, munge};

/// The batch, while names are gone through for good.
fn writer(worker: &Worker) -> Option<&Writer> {
    worker.run.plan.batch.writer().filter(|_| worker.run.state.phase() == Phase::Transfer)
}

/// Notes what holds for a directory as a whole.
pub fn directory(worker: &Worker, dir: &Dir, job: &DirJob) {
    let Some(writer) = writer(worker) else { return };
    let plan = &worker.run.plan;
    let handle = dir.src.first().filter(|_| xattr::wanted(plan)).map(|(_, handle)| handle);
    let mode = dir.wanted.map_or(0, |wanted| wanted.permissions());
    let extended = handle.and_then(|handle| extended::read_own(plan, dir, At::Fd(handle.as_fd()), mode).ok());
    let listings = &worker.run.state.listings;
    // Of a list that is made as a whole any part that is missing counts, also in directories that are left out since.
    let complete = match plan.options.select.incremental {
        true => listings.complete_up_to(&dir.rel),
        false => listings.complete(),
    };
    writer.record(&Record::Listing(batch::Listing {
        whole: !job.listed.is_empty() && !dir.flags.vanished.load(Ordering::Acquire),
        broken: !complete,
        extended: extended.map(|extended| of_extended(extended, mode)),
        ..empty(charset::between(plan, &dir.rel))
    }));
}

fn empty(rel: Vec<u8>) -> batch::Listing {
    batch::Listing {
        rel,
        whole: false,
        broken: false,
        extended: None,
        users: Vec::new(),
        groups: Vec::new(),
        names: Vec::new(),
    }
}

/// The names of a directory that were gone through so far.
#[derive(Debug)]
pub struct Notes(Option<batch::Listing>);

impl Notes {
    /// None yet; nothing is noted when there is no batch.
    #[must_use]
    pub fn of(worker: &Worker, dir: &Dir) -> Notes {
        Notes(writer(worker).map(|_| empty(charset::between(&worker.run.plan, &dir.rel))))
    }

    /// Notes a name that the source lacks.
    pub fn missing(&mut self, worker: &Worker, name: &Name) {
        if let Some(listing) = &mut self.0 {
            let own = charset::between(&worker.run.plan, name.name.to_bytes());
            listing.names.push(bare(own, rank(name), &NOWHERE));
        }
    }

    /// Notes a name and what it is.
    pub fn name(&mut self, worker: &Worker, dir: &Dir, rank: u8, entry: &Entry) {
        let Some(listing) = &mut self.0 else { return };
        let plan = &worker.run.plan;
        let mut noted = bare(charset::between(plan, entry.name.to_bytes()), rank, &entry.meta);
        let handle = dir.source(entry.source);
        if entry.kind() == Kind::Symlink {
            let text = handle.map(|handle| munge::read_source(plan, handle, &entry.name));
            noted.target = text.and_then(Result::ok).map(|text| charset::between(plan, &text));
        }
        if xattr::wanted(plan) {
            let read = |handle: &OwnedFd| {
                extended::read_listed(plan, handle, entry, At::Name(handle.as_fd(), &entry.name)).ok()
            };
            noted.extended =
                handle.and_then(read).map(|extended| of_extended(extended, entry.meta.permissions()));
        }
        if plan.options.compare.checksum && entry.kind() == Kind::File {
            let opened =
                handle.map(|handle| plain::openat(handle, &entry.name, source_how(&plan.options).flags, 0));
            noted.digest = opened.and_then(Result::ok).and_then(|file| digest(worker, &file).ok());
        }
        add_id(&mut listing.users, entry.meta.uid, process::user_name);
        add_id(&mut listing.groups, entry.meta.gid, process::group_name);
        listing.names.push(noted);
    }

    /// Adds all of them to the batch.
    pub fn keep(self, worker: &Worker) {
        if let (Some(listing), Some(writer)) = (self.0, writer(worker)) {
            writer.record(&Record::Listing(listing));
        }
    }
}

/// Stands for what a name that is not there would say of itself.
pub const NOWHERE: Meta = Meta {
    mode: 0,
    uid: 0,
    gid: 0,
    nlink: 0,
    size: 0,
    ino: 0,
    dev: 0,
    rdev: 0,
    blocks: 0,
    mtime: Time { sec: 0, nsec: 0 },
    atime: Time { sec: 0, nsec: 0 },
};

/// The number of a rank in a batch; 0 for a name that no operand spells out.
#[must_use]
pub fn rank(name: &Name) -> u8 {
    match name.operand().map(|operand| operand.rank) {
        None => 0,
        Some(Rank::Missing) => 1,
        Some(Rank::Passage) => 2,
        Some(Rank::Implied) => 3,
        Some(Rank::Named) => 4,
        Some(Rank::Contents) => 5,
        Some(Rank::Absent) => 6,
    }
}

fn bare(name: Vec<u8>, rank: u8, meta: &Meta) -> batch::Name {
    batch::Name { name, rank, attributes: attributes(meta), target: None, extended: None, digest: None }
}

/// Metadata as a batch has it.
#[must_use]
pub fn attributes(meta: &Meta) -> batch::Attributes {
    batch::Attributes {
        mode: meta.mode,
        uid: meta.uid,
        gid: meta.gid,
        nlink: meta.nlink,
        size: meta.size,
        ino: meta.ino,
        dev: meta.dev,
        rdev: meta.rdev,
        blocks: meta.blocks,
        mtime: (meta.mtime.sec, meta.mtime.nsec),
        atime: (meta.atime.sec, meta.atime.nsec),
    }
}

fn of_extended(extended: Extended, mode: u32) -> batch::Extended {
    let xattrs = extended.xattrs.into_iter().map(|(name, value)| (name.into_bytes(), value));
    let access = extended.access.map(|access| access.to_kernel(mode));
    batch::Extended { access, default: extended.default, xattrs: xattrs.collect() }
}

/// Notes the name of an id, once.
fn add_id(ids: &mut Vec<Id>, number: u32, name: fn(u32) -> Option<String>) {
    if number != 0
        && !ids.iter().any(|id| id.number == number)
        && let Some(name) = name(number)
    {
        ids.push(Id { number, name: name.into_bytes() });
    }
}

/// The checksum that contents are compared by when the batch is replayed.
///
/// # Errors
/// Those of reading.
pub fn digest(worker: &Worker, file: &OwnedFd) -> std::io::Result<Vec<u8>> {
    contents::digest(worker, file, u64::MAX, Algorithm::Xxh128)
}

/// An entry, and what became of it.
#[derive(Debug, Clone, Copy)]
pub struct Changed<'a> {
    /// Its path from the transfer root.
    pub rel: &'a [u8],
    /// The entry itself.
    pub entry: &'a Entry,
    /// The first of the letters that tell of it.
    pub update: Update,
    /// The others.
    pub changes: Changes,
}

/// Notes what became of an entry. A file whose data moves is noted with its data.
pub fn change(worker: &Worker, changed: &Changed<'_>, leader: Option<&[u8]>) {
    let Some(writer) = worker.run.plan.batch.writer() else { return };
    let unchanged = changed.changes.is_empty() && changed.update == Update::Attributes;
    if changed.update != Update::Transfer && !unchanged {
        let leader = leader.map(|leader| charset::between(&worker.run.plan, leader));
        writer.record(&Record::Change(Change { leader, ..noted(worker, changed) }));
    }
}

/// Notes a file with its data where the destination is not touched (`--only-write-batch`).
pub fn sent_only(worker: &Worker, dir: &Dir, entry: &Entry, changes: Changes) {
    if worker.run.plan.batch.writer().is_none() {
        return;
    }
    let rel = dir.rel_of(&entry.name);
    let how = source_how(&worker.run.plan.options);
    let opened = dir.source(entry.source).map(|handle| plain::openat(handle, &entry.name, how.flags, 0));
    match opened {
        Some(Ok(file)) => {
            worker.summary.borrow_mut().literal_bytes += entry.meta.size;
            sent(worker, &rel, entry, changes, &file);
        }
        Some(Err(error)) => {
            let path = source_path(&worker.run.plan, entry.source, &rel);
            worker.fail_at(dir, entry.slot, Failure::new(Side::Sender, What::OpenSource, path, &error));
        }
        None => {}
    }
}

/// Notes a file whose data moves, with the data.
pub fn sent(worker: &Worker, rel: &[u8], entry: &Entry, changes: Changes, source: &OwnedFd) {
    let Some(writer) = worker.run.plan.batch.writer() else { return };
    let changed = Changed { rel, entry, update: Update::Transfer, changes };
    let change = Change { fate: Fate::Sent, ..noted(worker, &changed) };
    let bytes = match plain::statx_fd(source) {
        Ok(st) if st.is_file() => st.size,
        _ => entry.meta.size,
    };
    writer.send(&change, source, bytes);
}

fn noted(worker: &Worker, changed: &Changed<'_>) -> Change {
    let Changed { rel, entry, update, changes } = *changed;
    Change {
        rel: charset::between(&worker.run.plan, rel),
        inode: (entry.meta.dev, entry.meta.ino),
        update: update.code(),
        changes: changes.bits(),
        leader: None,
        fate: Fate::Unmoved,
    }
}
