//! The walk: a directory's names in rsync's order, and what each of them is.

pub mod order;
pub mod filter;
pub mod conflicts;
mod merge;
pub mod prune;
pub mod listing;
pub mod tally;
pub mod traffic;

use std::ffi::CStr;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::Ordering;

use rsync_compat::filter::Match;
use rsync_compat::options::OneFileSystem;
use rsync_compat::unsafe_link::is_unsafe;
use uring_ext::plain::{self, AtFlags, STATX_ALL};

use super::batch::replay;
use super::engine::worker::Worker;
use super::handles::dir::{Dir, DirJob, Through};
use super::handles::name::{Double, Extra, Name};
use super::handles::paths::source_path;
use super::handles::source::{follows_links, meets_each_name};
use super::translate::charset;
use crate::entry::{Kind, Meta, join};
use crate::failure::{Failure, Severity, Side, What};
use crate::operands::tree::{OperandTree, Rank};
use crate::path_text::c_name;
use crate::plan::Plan;
use crate::report::{Notice, Place};

/// All names of a directory that no rule hides: what operands spell out, and what its sources list; sorted. `matched` is
/// told of those that a rule hides or shows, in the order in which they are read.
///
/// A listing that fails is told, and the names seen so far are returned.
pub fn names(
    worker: &Worker,
    dir: &Dir,
    job: &mut DirJob,
    matched: impl FnMut(&Name, &[u8], &Match<'_>),
) -> Vec<Name> {
    let mut found = match &dir.recorded {
        Some(listing) => replay::names(worker, dir, listing, job),
        None => listed(worker, dir, job),
    };
    if worker.run.plan.options.links.copy_unsafe && worker.run.tells_list() {
        found.iter().for_each(|name| tell_followed(worker, dir, name));
    }
    filter::select(dir, &mut found, matched);
    if worker.run.plan.charsets.is_some() {
        charset::convert(&worker.run.plan, &mut found);
        charset::sort(&worker.run.plan, &mut found);
    } else {
        order::sort(&mut found);
    }
    for (slot, name) in found.iter_mut().enumerate() {
        name.slot = u32::try_from(slot).unwrap_or(u32::MAX);
    }
    found
}

/// The names that operands spell out and those that the source directories hold, in no order.
fn listed(worker: &Worker, dir: &Dir, job: &mut DirJob) -> Vec<Name> {
    let mut found = Vec::new();
    for (name, operand) in std::mem::take(&mut job.operands).iter() {
        let source = operand.sources.first().copied().unwrap_or(0);
        let listed = operand.listed.to_vec();
        let doubles =
            operand.doubles.iter().map(|&source| Double { source, kind: None, behind: None }).collect();
        let extra = Extra {
            through: Through::Itself,
            meta: None,
            operand: Some(operand.clone()),
            listed,
            doubles,
            remote: None,
        };
        found.push(Name {
            name: c_name(name).as_c_str().into(),
            slot: 0,
            ino: 0,
            source,
            kind: None,
            extra: Some(Box::new(extra)),
        });
    }
    traffic::names(worker, dir, &found);
    let merging = job.listed.len() > 1 || !found.is_empty();
    for (at, source) in job.listed.iter().enumerate() {
        match job.listed[..at].contains(source) {
            false => list(worker, dir, *source, &mut found),
            true => merge::repeat(*source, &mut found),
        }
    }
    if merging {
        for name in found.iter_mut().filter(|name| name.operand().is_some()) {
            settle_kind(worker, dir, name);
        }
        let follows = follows_links(&worker.run.plan.options.links);
        for name in found.iter_mut().filter(|name| follows && name.kind == Some(Kind::Symlink)) {
            settle_kind(worker, dir, name);
        }
        // Of another source, what rules hide takes nothing's place.
        conflicts::drop_hidden(dir, &mut found);
        // Nor does a link that leads nowhere, a name that cannot be looked at, or one that the other side cannot have,
        // each of which is told.
        let shut = shut(worker, dir);
        let plan = &worker.run.plan;
        let is_lost = |name: &mut Name| {
            name.leads_nowhere() || shut.contains(&name.source) || charset::refuses(plan, name)
        };
        let lost: Vec<Name> = found.extract_if(.., is_lost).collect();
        // The operand that comes first wins; names that it spells out come before those that it lists.
        found.sort_by_key(|name| name.source);
        merge::merge(&mut found, &worker.run.plan.options.select);
        found.extend(lost);
    }
    for name in &mut found {
        settle_kind(worker, dir, name);
    }
    found
}

/// Sources whose directory may be listed but not searched, where each name is looked at.
pub fn shut(worker: &Worker, dir: &Dir) -> Vec<u16> {
    let plan = &worker.run.plan;
    if plan.identity.passes_permissions || !meets_each_name(&plan.options) {
        return Vec::new();
    }
    let is_shut = |handle| plain::statx(handle, c".", AtFlags::empty(), STATX_ALL).is_err();
    dir.src.iter().filter(|(_, handle)| is_shut(handle)).map(|(source, _)| *source).collect()
}

/// Says that a link is followed because it leads out; those that rules hide are told too, as in rsync.
fn tell_followed(worker: &Worker, dir: &Dir, name: &Name) {
    let links = &worker.run.plan.options.links;
    let otherwise = links.copy || (links.copy_dirlinks && name.kind == Some(Kind::Dir));
    if name.through() != Through::Link || otherwise {
        return;
    }
    let Some(target) = dir.source(name.source).and_then(|source| plain::readlinkat(source, &name.name).ok())
    else {
        return;
    };
    let rel = dir.rel_of(&name.name);
    if is_unsafe(&target, &rel) {
        let notice = Notice::CopyingUnsafeSymlink { rel: &rel, target: &target };
        // Not at the name's place, which may get no number in the list.
        worker.run.report.notice(&dir.node, Place::Deletion, &notice);
    }
}

fn list(worker: &Worker, dir: &Dir, source: u16, found: &mut Vec<Name>) {
    let Some(handle) = dir.source(source) else { return };
    let mut reader = worker.names.borrow_mut();
    loop {
        match reader.fill(handle) {
            Ok(true) => {}
            Ok(false) => return note_closed(worker, dir, handle, found),
            // Removed while it was read: what there was of it is seen as it goes away.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                dir.flags.vanished.store(true, Ordering::Release);
                let path = source_path(&worker.run.plan, source, &dir.rel);
                let failure = Failure::new(Side::Sender, What::VanishedDir, path, &error);
                return worker.fail(failure.severity(Severity::Vanished));
            }
            Err(error) => {
                let path = source_path(&worker.run.plan, source, &dir.rel);
                let failure = Failure::new(Side::Sender, What::Readdir, path, &error);
                return worker.fail_listing(&dir.rel, failure);
            }
        }
        let (count, names) = reader.names();
        found.reserve(count);
        let before = found.len();
        found.extend(names.map(|(name, (ino, kind))| Name {
            name,
            slot: 0,
            ino,
            source,
            kind: Kind::of_mode(u32::from(kind) << 12),
            extra: None,
        }));
        traffic::names(worker, dir, &found[before..]);
    }
}

/// Whoever follows links, or reads a list, is told of each name in a directory that may be listed but not searched.
/// That comes after deletions in this very directory and in others, which must not wait to see it.
fn note_closed(worker: &Worker, dir: &Dir, handle: &OwnedFd, names: &[Name]) {
    let plan = &worker.run.plan;
    let bound = !plan.identity.passes_permissions && meets_each_name(&plan.options);
    let any = || names.iter().any(|name| !conflicts::hides(dir, name));
    if bound && plain::statx(handle, c".", AtFlags::empty(), STATX_ALL).is_err() && any() {
        worker.run.state.listings.note_incomplete(&dir.rel);
    }
}

/// Settles what sorting needs: the kind, and for links whether they are followed.
fn settle_kind(worker: &Worker, dir: &Dir, name: &mut Name) {
    let links = &worker.run.plan.options.links;
    let follows = follows_links(links);
    let implied = name.operand().is_some_and(OperandTree::leads_on);
    if name.kind.is_some() && !(name.kind == Some(Kind::Symlink) && follows) && !implied {
        return;
    }
    let Some(handle) = dir.source(name.source) else { return };
    let Ok(st) = plain::statx(handle, &name.name, AtFlags::SYMLINK_NOFOLLOW, STATX_ALL) else { return };
    let mut meta = Meta::from(&st);
    if meta.kind() == Kind::Symlink && (follows || implied) {
        let target = plain::statx(handle, &name.name, AtFlags::empty(), STATX_ALL);
        let is_dir = target.as_ref().is_ok_and(|st| st.is_dir());
        let follow = links.copy
            || (links.copy_dirlinks && is_dir)
            || (implied && is_dir)
            || (links.copy_unsafe && leads_out(handle, &name.name, &dir.rel));
        if follow {
            name.extra().through = Through::Link;
            match target {
                Ok(st) => meta = Meta::from(&st),
                Err(error) => {
                    let missing = error.kind() == io::ErrorKind::NotFound;
                    let is_missing = missing && is_spelled(&worker.run.plan, name);
                    if !is_missing && !conflicts::hides(dir, name) {
                        // Told in its turn; but deletions in this very directory come before that.
                        worker.run.state.listings.note_incomplete(&dir.rel);
                    }
                    return;
                }
            }
        }
    }
    name.kind = Some(meta.kind());
    name.extra().meta = Some(meta);
}

/// Whether an operand spells out a link that `-L` follows: one that leads nowhere is missing like any other entry.
fn is_spelled(plan: &Plan, name: &Name) -> bool {
    plan.options.links.copy && name.operand().is_some_and(|operand| !operand.is_way())
}

/// Whether a link leads out of the transfer; one that cannot be read does not.
fn leads_out(handle: &OwnedFd, name: &CStr, dir_rel: &[u8]) -> bool {
    plain::readlinkat(handle, name).is_ok_and(|target| is_unsafe(&target, &join(dir_rel, name.to_bytes())))
}

/// Looks at one name of the source side.
///
/// # Errors
/// What there is to tell when the name cannot be looked at; a name that went away is [`Severity::Vanished`].
pub fn look(worker: &Worker, dir: &Dir, name: &Name) -> Result<Meta, Failure> {
    let plan = &worker.run.plan;
    let handle = worker.thread_cwd.source(dir, name.source);
    let looked = match (name.meta(), handle) {
        (Some(meta), _) => Ok(meta),
        (None, None) => Err(io::Error::from_raw_os_error(2)),
        (None, Some(handle)) => {
            let flags = match name.through() {
                Through::Itself => AtFlags::SYMLINK_NOFOLLOW,
                Through::Link => AtFlags::empty(),
            };
            Meta::at(handle, &name.name, flags)
        }
    };
    looked.map_err(|error| {
        let path = source_path(plan, name.source, &dir.rel_of(&name.name));
        let missing = error.kind() == io::ErrorKind::NotFound;
        match name.through() {
            // An operand that leads nowhere is not there.
            Through::Link if missing && is_spelled(plan, name) => {
                Failure::new(Side::Sender, What::LinkStat, path, &error)
            }
            Through::Link if is_spelled(plan, name) => {
                Failure::new(Side::Sender, What::LinkStat, path, &error).severity(Severity::ListingError)
            }
            Through::Link if missing => {
                Failure::new(Side::Sender, What::NoReferent, path, &error).severity(Severity::ListingError)
            }
            Through::Itself if missing => {
                Failure::new(Side::Sender, What::Vanished, path, &error).severity(Severity::Vanished)
            }
            Through::Link | Through::Itself => {
                Failure::new(Side::Sender, What::ReadlinkStat, path, &error).severity(Severity::ListingError)
            }
        }
    })
}

/// What `-x` makes of a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crossing {
    /// The same file system, or nobody asked.
    Enter,
    /// A mount point: made, not entered.
    Stop,
    /// A mount point that `-xx` leaves out.
    Omit,
}

/// Whether a directory lies on another file system than the operand that led there. Operands themselves, and what
/// only leads to them, may lie anywhere (rsync(1), `--one-file-system`).
#[must_use]
pub fn crossing(plan: &Plan, dir: &Dir, name: &Name, meta: &Meta) -> Crossing {
    if name.operand().is_some() {
        return Crossing::Enter;
    }
    let root = || plan.sources.get(usize::from(name.source)).map(|root| root.meta.dev);
    let other = dir.dev.or_else(root).is_some_and(|dev| dev != meta.dev);
    match plan.options.select.one_file_system {
        OneFileSystem::KeepMountPoints if other => Crossing::Stop,
        OneFileSystem::SkipMountPoints if other => Crossing::Omit,
        _ => Crossing::Enter,
    }
}

/// Whether a name is a mount point that `-xx` leaves out of the list.
pub fn is_omitted(worker: &Worker, dir: &Dir, name: &Name) -> bool {
    let plan = &worker.run.plan;
    plan.options.select.one_file_system == OneFileSystem::SkipMountPoints
        && name.kind == Some(Kind::Dir)
        && look(worker, dir, name).is_ok_and(|meta| crossing(plan, dir, name, &meta) == Crossing::Omit)
}

/// Whether a name is in the list at all, or only a way to deeper ones.
#[must_use]
pub fn is_listed(operand: Option<&OperandTree>) -> bool {
    operand.is_none_or(|operand| operand.rank > Rank::Passage)
}
