//! Replaying a batch (rsync(1), `--read-batch`): it stands in for the source. Names, metadata and data come from it;
//! the destination is looked at, decided on and changed as in any other run.

use std::collections::HashMap;
use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use rsync_compat::batch::{self, Fate, Id};
use rsync_compat::output::itemize::{Changes, Update};
use uring_ext::plain::{self, End, OFlags, Time};
use uring_ext::process;

use super::record::digest;
use crate::batch::{Recorded, Sent, Span};
use crate::entry::{Entry, Kind, Meta};
use crate::failure::{Failure, Side, What};
use crate::operands::count::RecordedEntries;
use crate::operands::tree::{OperandTree, Rank};
use crate::path_text::c_name;
use crate::pipeline::attributes::acl::Access;
use crate::pipeline::attributes::xattr::Extended;
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::contents::Contents;
use crate::pipeline::handles::dir::{Dir, DirJob, Through};
use crate::pipeline::handles::name::{Extra, Name};
use crate::plan::Plan;
use crate::report::{Notice, Place};

/// A directory as the batch has it.
#[derive(Debug)]
pub struct Listing {
    /// All its contents are in the batch.
    whole: bool,
    /// Reading it failed when the batch was written.
    broken: bool,
    extended: Option<Extended>,
    names: HashMap<CString, Recalled>,
}

/// A name in it.
#[derive(Debug)]
struct Recalled {
    meta: Meta,
    rank: Option<Rank>,
    target: Option<Vec<u8>>,
    extended: Option<Extended>,
    digest: Option<Vec<u8>>,
}

/// The names of a directory; `None` when there is a source to read. What cannot be read of the batch was told.
pub fn listing(worker: &Worker, rel: &[u8]) -> Option<Arc<Listing>> {
    let recorded = worker.run.plan.batch.recorded()?;
    let listing = recorded.listing(rel).unwrap_or_else(|error| {
        worker.fail_listing(rel, Failure::new(Side::Sender, What::Readdir, recorded.path.clone(), &error));
        None
    });
    let listing = listing.map(|listing| recalled(&worker.run.plan, listing));
    let none = || Listing { whole: false, broken: false, extended: None, names: HashMap::new() };
    Some(Arc::new(listing.unwrap_or_else(none)))
}

fn recalled(plan: &Plan, listing: batch::Listing) -> Listing {
    let by_name = |find: fn(&str) -> Option<u32>, ids: Vec<Id>| -> HashMap<u32, u32> {
        let local = |id: Id| Some((id.number, find(std::str::from_utf8(&id.name).ok()?)?));
        if plan.options.preserve.numeric_ids {
            HashMap::new()
        } else {
            ids.into_iter().filter_map(local).collect()
        }
    };
    let users = by_name(process::user_id, listing.users);
    let groups = by_name(process::group_id, listing.groups);
    let here = |ids: &HashMap<u32, u32>, id: u32| ids.get(&id).copied().unwrap_or(id);
    let one = |name: batch::Name| {
        let mut meta = meta(&name.attributes);
        (meta.uid, meta.gid) = (here(&users, meta.uid), here(&groups, meta.gid));
        let recalled = Recalled {
            meta,
            rank: rank(name.rank),
            target: name.target,
            extended: name.extended.map(extended),
            digest: name.digest,
        };
        (c_name(&name.name), recalled)
    };
    Listing {
        whole: listing.whole,
        broken: listing.broken,
        extended: listing.extended.map(extended),
        names: listing.names.into_iter().map(one).collect(),
    }
}

/// Metadata from a batch.
#[must_use]
pub fn meta(attributes: &batch::Attributes) -> Meta {
    let time = |(sec, nsec): (i64, u32)| Time { sec, nsec };
    Meta {
        mode: attributes.mode,
        uid: attributes.uid,
        gid: attributes.gid,
        nlink: attributes.nlink,
        size: attributes.size,
        ino: attributes.ino,
        dev: attributes.dev,
        rdev: attributes.rdev,
        blocks: attributes.blocks,
        mtime: time(attributes.mtime),
        atime: time(attributes.atime),
    }
}

fn extended(extended: batch::Extended) -> Extended {
    let xattrs = extended.xattrs.into_iter().map(|(name, value)| (c_name(&name), value));
    let access = extended.access.and_then(|value| Access::of_kernel(&value));
    Extended { access, default: extended.default, xattrs: xattrs.collect() }
}

fn rank(number: u8) -> Option<Rank> {
    match number {
        1 => Some(Rank::Missing),
        2 => Some(Rank::Passage),
        3 => Some(Rank::Implied),
        4 => Some(Rank::Named),
        5 => Some(Rank::Contents),
        6 => Some(Rank::Absent),
        _ => None,
    }
}

/// The names of a directory, each with all that is known of it. Whether the directory is cleaned is the batch's say.
pub fn names(worker: &Worker, dir: &Dir, listing: &Listing, job: &mut DirJob) -> Vec<Name> {
    job.listed.retain(|_| listing.whole);
    if listing.broken {
        let state = &worker.run.state;
        state.listings.note_incomplete(&dir.rel);
        if dir.may_hold_names() {
            state.listings.note_cleaning_failed();
        }
        let mut summary = worker.summary.borrow_mut();
        (summary.failed, summary.reading_failed) = (true, true);
    }
    listing.names.iter().map(|(name, recalled)| recalled.as_name(name)).collect()
}

impl Recalled {
    fn as_name(&self, name: &CString) -> Name {
        let operand = self.rank.map(OperandTree::recorded);
        let extra = Extra {
            through: Through::Itself,
            meta: Some(self.meta),
            operand,
            listed: vec![0],
            doubles: Vec::new(),
            remote: None,
        };
        Name {
            name: name.as_c_str().into(),
            slot: 0,
            ino: 0,
            source: 0,
            kind: Some(self.meta.kind()),
            extra: Some(Box::new(extra)),
        }
    }
}

impl Listing {
    /// The text of a symbolic link.
    #[must_use]
    pub fn link_text(&self, name: &CStr) -> Option<&[u8]> {
        self.names.get(name)?.target.as_deref()
    }

    /// The extended attributes and ACLs of a name.
    #[must_use]
    pub fn extended(&self, name: &CStr) -> Option<Extended> {
        self.names.get(name).and_then(|recalled| recalled.extended.clone())
    }

    /// Those of the directory itself.
    #[must_use]
    pub fn own_extended(&self) -> Option<Extended> {
        self.extended.clone()
    }

    /// Whether a file has the contents of a name, as far as the batch can tell.
    ///
    /// # Errors
    /// Those of reading the file.
    pub fn compare(&self, worker: &Worker, name: &CStr, there: &OwnedFd) -> io::Result<Contents> {
        let Some(wanted) = self.names.get(name).and_then(|recalled| recalled.digest.as_ref()) else {
            return Ok(Contents::Unknown);
        };
        Ok(if &digest(worker, there)? == wanted { Contents::Equal } else { Contents::Differ })
    }
}

/// What the batch says of a name.
fn sent<'a>(worker: &'a Worker, rel: &[u8]) -> Option<&'a Sent> {
    worker.run.plan.batch.recorded()?.sent(rel)
}

/// What is told of a name and with which leader: what was told when the batch was written, as rsync does; `None` for
/// nothing.
pub fn letters<'a>(
    worker: &'a Worker,
    rel: &[u8],
    update: Update,
    changes: Changes,
) -> Option<(Update, Changes, Option<&'a [u8]>)> {
    let Some(sent) = sent(worker, rel) else {
        let unchanged = changes.is_empty() && update == Update::Attributes;
        return unchanged.then_some((update, changes, None));
    };
    let update = Update::from_code(sent.change.update)?;
    Some((update, Changes::from_bits(sent.change.changes), sent.change.leader.as_deref()))
}

/// Tells of a file that the batch has data for and that needs none here; true when that is so.
pub fn passed_over(worker: &Worker, dir: &Dir, entry: &Entry, update: Update) -> bool {
    let rel = dir.rel_of(&entry.name);
    let moves = matches!(update, Update::Transfer | Update::HardLink);
    let idle = !moves && sent(worker, &rel).is_some_and(|sent| sent.change.fate == Fate::Sent);
    if idle {
        worker.run.report.notice(&dir.node, Place::Slot(entry.slot), &Notice::SkippingBatched(&rel));
    }
    idle
}

/// Whether the batch has something to tell of a name.
#[must_use]
pub fn has_told(worker: &Worker, dir: &Dir, entry: &Entry) -> bool {
    dir.recorded.is_some() && sent(worker, &dir.rel_of(&entry.name)).is_some()
}

/// Tells of files that a batch has data for, behind all lines of a listing.
pub fn listed_only(worker: &Worker, dir: &Dir, entry: &Entry) {
    if dir.recorded.is_none() {
        return;
    }
    let rel = dir.rel_of(&entry.name);
    if sent(worker, &rel).is_none_or(|sent| sent.change.fate != Fate::Sent) {
        return;
    }
    worker.run.report.notice(dir.top(), Place::After, &Notice::SkippingBatched(&rel));
}

/// Whether the batch lacks a file's data: it was not needed when the batch was written, or could not be read. That is
/// told.
pub fn lacks(worker: &Worker, dir: &Dir, entry: &Entry) -> bool {
    let Some(recorded) = worker.run.plan.batch.recorded() else { return false };
    let rel = dir.rel_of(&entry.name);
    let lacks = data(recorded, &rel, entry).is_none();
    if lacks {
        worker.fail(Failure::without_errno(Side::Generator, What::NotInBatch, rel));
    }
    lacks
}

fn data(recorded: &Recorded, rel: &[u8], entry: &Entry) -> Option<Span> {
    recorded.data(rel, entry.meta.dev, entry.meta.ino)
}

/// A file's data, as a nameless file of its own; `None` when there is a source to read it from.
pub fn open(worker: &Worker, dir: &Dir, entry: &Entry) -> Option<io::Result<OwnedFd>> {
    let recorded = worker.run.plan.batch.recorded()?;
    let missing = || io::Error::from(io::ErrorKind::NotFound);
    Some(match data(recorded, &dir.rel_of(&entry.name), entry) {
        Some(span) => unpack(dir, recorded, span),
        None => Err(missing()),
    })
}

/// Copies a stretch of the batch, its holes left out, by shared extents where the file system has them.
fn unpack(dir: &Dir, recorded: &Recorded, span: Span) -> io::Result<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::TMPFILE;
    let beside = dir.dst.as_ref().map(|dst| plain::openat(dst, c".", flags, 0o600));
    let file = match beside {
        Some(Ok(file)) => file,
        Some(Err(_)) | None => plain::open(c"/tmp", flags, 0o600)?,
    };
    plain::ftruncate(&file, span.bytes)?;
    let mut at = 0;
    while at < span.bytes {
        let place = span.start + at;
        let data = plain::seek_data(&recorded.handle, place).unwrap_or(Some(place)).unwrap_or(u64::MAX);
        if data > place {
            at = (data - span.start).min(span.bytes);
            continue;
        }
        let hole = plain::seek_hole(&recorded.handle, place).unwrap_or(None).unwrap_or(u64::MAX);
        let end = (hole - span.start).min(span.bytes);
        copy(&recorded.handle, place, &file, at, end - at)?;
        at = end;
    }
    Ok(file)
}

fn copy(from: &OwnedFd, read_at: u64, to: &OwnedFd, write_at: u64, bytes: u64) -> io::Result<()> {
    const CHUNK_BYTES: usize = 256 << 10;
    let mut done = 0;
    while done < bytes {
        let room = usize::try_from(bytes - done).unwrap_or(usize::MAX);
        let source = End { fd: from.as_fd(), offset: Some(read_at + done) };
        let target = End { fd: to.as_fd(), offset: Some(write_at + done) };
        match plain::copy_file_range(&source, &target, room) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(copied) => done += copied as u64,
            Err(_) => {
                let mut chunk = vec![0; room.min(CHUNK_BYTES)];
                let read = plain::read_full_at(from, &mut chunk, read_at + done)?;
                plain::write_all_at(to, &chunk[..read], write_at + done)?;
                done += read as u64;
            }
        }
    }
    Ok(())
}

/// How many entries a batch has, as far as the destination depends on it (none, one, more), and whether the first is a
/// directory.
#[must_use]
pub fn entries(recorded: &Recorded) -> RecordedEntries {
    let names = |rel: &[u8]| recorded.listing(rel).ok().flatten().map_or(Vec::new(), |listing| listing.names);
    let is_dir = |name: &batch::Name| meta(&name.attributes).kind() == Kind::Dir;
    let top = names(b"");
    let own = usize::from(recorded.opening.top != batch::Top::Way);
    let below = top.iter().any(|name| is_dir(name) && !names(&name.name).is_empty());
    RecordedEntries {
        count: own + top.len() + usize::from(below),
        first_is_dir: own > 0 || top.first().is_some_and(is_dir),
    }
}
