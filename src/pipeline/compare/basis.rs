//! Alternate destinations: which file stands in for one the destination lacks (rsync(1), `--link-dest`,
//! `--copy-dest`, `--compare-dest`).

pub mod similar;
pub mod start;

use std::cell::OnceCell;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rsync_compat::filter::Side as RuleSide;
use rsync_compat::output::itemize::Changes;
use uring_ext::mode::errno::ELOOP;
use uring_ext::plain::{self, AtFlags, OFlags, STATX_ALL};

use super::decide::{Decision, decide, needs_contents};
use crate::entry::{Entry, Kind, Meta, join};
use crate::failure::{Failure, Side, What};
use crate::path_text::c_name;
use crate::pipeline::attributes::xattr::{self, Extended};
use crate::pipeline::attributes::{self, extended, fake};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::at::At;
use crate::pipeline::handles::contents::{self, Contents};
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::paths::target_path_in;
use crate::pipeline::handles::source::source_how;
use crate::pipeline::handles::swaps::Alternate;
use crate::pipeline::translate::{charset, munge};

/// How well an alternate file matches; better ones are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Other contents: the entry is itemized against it.
    OtherData,
    /// Same contents, other attributes: copied from here.
    OtherAttributes,
    /// Equal in data and in all attributes that are kept.
    Exact,
}

/// An alternate file.
#[derive(Debug)]
pub struct Match {
    /// How well it matches.
    pub grade: Grade,
    /// Which alternate destination it lies in.
    pub index: usize,
    /// What differs.
    pub changes: Changes,
    /// Its metadata.
    pub meta: Meta,
}

impl Match {
    /// The file itself.
    #[must_use]
    pub const fn alternate(&self) -> Alternate {
        Alternate { index: self.index, inode: (self.meta.dev, self.meta.ino) }
    }
}

/// The best match for an entry: the first of the best grade.
pub fn find(worker: &Worker, dir: &Dir, entry: &Entry) -> Option<Match> {
    let mut best: Option<Match> = None;
    let source = OnceCell::new();
    // A single file that gets another name is looked for under that.
    let name = dir.dst_name(entry);
    for (index, basis) in dir.basis.iter().enumerate() {
        let Some(basis) = basis else {
            refuse_outside(worker, dir, entry, index);
            continue;
        };
        let Ok(st) = plain::statx(basis, name, AtFlags::SYMLINK_NOFOLLOW, STATX_ALL) else { continue };
        let at = At::Name(basis.as_fd(), name);
        let path = || target_path_in(&worker.run.plan, dir, name);
        let meta = fake::seen(worker, at, Meta::from(&st), Side::Generator, path);
        if !meta.kind().is_class_of(entry.kind()) {
            continue;
        }
        let found = grade(worker, dir, entry, &Counterpart { index, basis, meta }, &source);
        if best.as_ref().is_none_or(|best| found.grade > best.grade) {
            let exact = found.grade == Grade::Exact;
            best = Some(found);
            if exact {
                break;
            }
        }
    }
    best
}

/// Whether one of the alternate destinations has this very file under the entry's name.
pub fn is_linked(dir: &Dir, entry: &Entry, file: &Meta) -> bool {
    let look =
        |basis: &OwnedFd| plain::statx(basis, dir.dst_name(entry), AtFlags::SYMLINK_NOFOLLOW, STATX_ALL).ok();
    let mut there = dir.basis.iter().flatten().filter_map(look);
    there.any(|st| Meta::from(&st).same_inode(file))
}

/// Tells of a file that an alternate destination has where no file may be taken from (`--confine-root`).
fn refuse_outside(worker: &Worker, dir: &Dir, entry: &Entry, index: usize) {
    let Some(root) = worker.run.plan.basis.get(index) else { return };
    let Some(outside) = &root.outside else { return };
    let rel = dir.dst_rel_of(dir.dst_name(entry));
    let there = At::Name(outside.as_fd(), &c_name(&rel)).look();
    if there.is_ok_and(|there| there.kind() == Kind::File && entry.kind() == Kind::File) {
        let error = io::Error::from_raw_os_error(ELOOP);
        worker.fail(Failure::new(Side::Generator, What::OpenOutside, join(&root.display, &rel), &error));
    }
}

/// What an alternate destination has under an entry's name.
struct Counterpart<'a> {
    index: usize,
    /// The directory that holds it.
    basis: &'a OwnedFd,
    meta: Meta,
}

/// How well an alternate destination's file matches. `source` keeps the extended attributes of the source, which are
/// read when first needed.
fn grade(
    worker: &Worker,
    dir: &Dir,
    entry: &Entry,
    beside: &Counterpart<'_>,
    source: &OnceCell<Option<Extended>>,
) -> Match {
    let plan = &worker.run.plan;
    let Counterpart { index, basis, meta } = *beside;
    let wanted = attributes::wanted_over(plan, &entry.meta, &meta);
    let mut changes = attributes::changes(plan, &wanted, &meta);
    if xattr::wanted(plan) {
        let want = source.get_or_init(|| extended::of_source(worker, dir, entry));
        let at = At::Name(basis.as_fd(), dir.dst_name(entry));
        let have = xattr::read(plan, at, RuleSide::Receiver, meta.permissions()).ok();
        if let (Some(want), Some(have)) = (want.clone(), have) {
            changes |= xattr::changes(&want.fitted(&entry.meta, &wanted), &have);
        }
    }
    let same = decide(
        &plan.options.compare,
        &entry.meta,
        Some(&meta),
        same_contents(worker, dir, entry, basis, &meta),
    );
    // The time of a directory counts, even where `-O` leaves that alone.
    let other_time = entry.kind() == Kind::Dir
        && plan.options.preserve.times
        && !attributes::same_time(&plan.options.compare, entry.meta.mtime, meta.mtime);
    let grade = match same {
        // Who last read it is not what makes a file another one.
        Decision::Same if !other_time && changes.without(Changes::ATIME).is_empty() => Grade::Exact,
        Decision::Same => Grade::OtherAttributes,
        _ => Grade::OtherData,
    };
    Match { grade, index, changes, meta }
}

fn same_contents(worker: &Worker, dir: &Dir, entry: &Entry, basis: &OwnedFd, meta: &Meta) -> Contents {
    if entry.kind() == Kind::Symlink {
        let plan = &worker.run.plan;
        let there = munge::read_target(plan, basis, dir.dst_name(entry));
        let wanted = munge::read(plan, dir, entry).and_then(|text| charset::text(plan, text));
        return match (wanted, there) {
            (Ok(want), Ok(have)) if want == have => Contents::Equal,
            _ => Contents::Differ,
        };
    }
    if !needs_contents(&worker.run.plan.options.compare, &entry.meta, meta) {
        return Contents::Unknown;
    }
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    if let Some(listing) = &dir.recorded {
        let opened = plain::openat(basis, dir.dst_name(entry), flags, 0);
        return opened
            .and_then(|basis| listing.compare(worker, &entry.name, &basis))
            .unwrap_or(Contents::Differ);
    }
    let Some(source) = dir.source(entry.source) else { return Contents::Unknown };
    let how = source_how(&worker.run.plan.options);
    let both = plain::openat(source, &entry.name, how.flags, 0)
        .and_then(|source| plain::openat(basis, dir.dst_name(entry), flags, 0).map(|basis| (source, basis)));
    match both {
        Ok((source, basis)) => {
            contents::same_bytes(worker, source, basis, meta.size).unwrap_or(Contents::Differ)
        }
        Err(_) => Contents::Differ,
    }
}
