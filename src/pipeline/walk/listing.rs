//! Names become entries of the file list: stat'ed, changed as the sending side's options say, counted, and noted for a
//! batch; at last owners and modes are mapped as the receiving side does.

use std::io;
use std::os::fd::AsFd;

use rsync_compat::filter::Side as RuleSide;
use rsync_compat::options::{DeleteWhen, Recursion};

use super::Crossing;
use super::tally;
use crate::entry::{Entry, Kind, Meta, Owners, join};
use crate::failure::{Failure, Severity, Side, What};
use crate::operands::tree::Rank;
use crate::pipeline::attributes::{fake, xattr};
use crate::pipeline::batch::record::{self, Notes};
use crate::pipeline::engine::state::Phase;
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::at::At;
use crate::pipeline::handles::dir::{Dir, Through};
use crate::pipeline::handles::name::Name;
use crate::pipeline::handles::paths::source_path;
use crate::pipeline::translate::{devices, mapping};
use crate::pipeline::walk::{self, prune};
use crate::plan::{Plan, Power};
use crate::report::{Notice, Place};

/// Whether this pass stats a name. A scan for unreadable directories, ahead of deletions, needs nothing but
/// directories, unless totals, `--delete-before` or `-X` depend on every name.
pub fn is_needed(worker: &Worker, dir: &Dir, name: &Name) -> bool {
    let wants = worker.run.report.wants();
    let all = worker.run.plan.nested || wants.totals() || wants.traffic && worker.run.only_counts();
    let is_dir = name.kind.is_none_or(|kind| kind == Kind::Dir);
    // What cannot be looked at stops all deletions that come before the transfer.
    let all = all || worker.run.plan.options.delete.when == Some(DeleteWhen::Before);
    // What is not in the list stops deletions, and fails now or never in a directory that is pruned later.
    let all = all || may_hide(worker);
    worker.run.state.phase() != Phase::Scan || all || is_dir || prune::is_lost(worker, dir, name)
}

/// A name as it was before this run: what the destination was made in has the time it had. Where the destination lies
/// inside the source, what this run made there is not part of the source (`None`), and all directories have the times
/// they had. The scan notes both; later passes ask.
fn as_before(worker: &Worker, dir: &Dir, name: &Name, meta: Meta) -> Option<Meta> {
    let (plan, state) = (&worker.run.plan, &worker.run.state);
    let made_in = plan.target.made_in.filter(|before| (before.dev, before.ino) == (meta.dev, meta.ino));
    let meta = made_in.map_or(meta, |before| Meta { mtime: before.mtime, ..meta });
    if !plan.nested {
        return Some(meta);
    }
    let rel = dir.rel_of(&name.name);
    if state.phase() == Phase::Scan {
        let made = plan.target.made_inode == Some((meta.dev, meta.ino));
        if !made {
            state.source.note_seen(rel, meta.mtime);
        }
        return (!made).then_some(meta);
    }
    state.source.seen(&rel).map(|mtime| Meta { mtime, ..meta })
}

/// Stats a name and applies what the sending side does to it (`--fake-super`, `--copy-devices`, `--chmod`). `None` when
/// that failed, which was told, or the name is not part of the file list.
pub fn look(worker: &Worker, dir: &Dir, name: &Name) -> Option<Meta> {
    let plan = &worker.run.plan;
    let mut meta = match walk::look(worker, dir, name) {
        Ok(meta) => meta,
        // An operand whose entry arrived is gone by now.
        Err(_) if worker.run.state.source.was_removed(&dir.dst_rel_of(name.dst_name())) => return None,
        Err(failure) if failure.severity == Severity::ListingError => {
            worker.fail_listing(&dir.rel, failure);
            return None;
        }
        Err(failure) => {
            worker.fail(failure);
            return None;
        }
    };
    // Most runs want none of these, and what is not copied about is fast.
    if plan.identity.sender == Power::Fake {
        meta = behind(worker, dir, name, meta)?;
    }
    if plan.nested || plan.target.made_in.is_some() && meta.kind() == Kind::Dir {
        meta = as_before(worker, dir, name, meta)?;
    }
    if plan.options.write.copy_devices {
        meta = devices::as_source(plan, dir, name, meta);
    }
    if may_hide(worker) && !has_readable_xattrs(worker, dir, name, &meta) {
        return None;
    }
    if plan.chmods.sent.is_some() {
        meta = mapping::as_sent(plan, meta);
    }
    Some(meta)
}

/// Whether every name can be stat'ed. Where one cannot, the directory counts as not listed, so that nothing is deleted
/// in it; the name itself is told of when its turn comes.
pub fn can_be_looked_at(worker: &Worker, dir: &Dir, names: &[Name]) -> bool {
    let failures = || names.iter().filter_map(|name| walk::look(worker, dir, name).err());
    let complete = !failures().any(|failure| failure.severity == Severity::ListingError);
    if !complete {
        worker.run.state.listings.note_incomplete(&dir.rel);
    }
    complete
}

/// Whether names may be missing from the list because their extended attributes cannot be read: `-X` as a user who is
/// bound by permissions.
fn may_hide(worker: &Worker) -> bool {
    worker.run.plan.options.preserve.xattrs > 0 && !worker.run.plan.identity.passes_permissions
}

/// Whether the extended attributes of a name can be read. Where they cannot, rsync leaves the name out of the list and
/// counts that as an I/O error, like a directory that cannot be read.
fn has_readable_xattrs(worker: &Worker, dir: &Dir, name: &Name, meta: &Meta) -> bool {
    let plan = &worker.run.plan;
    // Who owns it goes by the owner's bit alone.
    let readers = if meta.uid == plan.identity.uid { 0o400 } else { 0o444 };
    let is_open = meta.permissions() & readers == readers || !matches!(meta.kind(), Kind::File | Kind::Dir);
    let (false, Some(handle)) = (is_open, dir.source(name.source)) else { return true };
    let at = At::Name(handle.as_fd(), &name.name);
    let Err(unread) = xattr::read(plan, at, RuleSide::Sender, meta.permissions()) else { return true };
    if unread.error.kind() != io::ErrorKind::PermissionDenied {
        return true;
    }
    let in_operand = dir.rel.is_empty() && plan.top.rank == Rank::Contents;
    let rel = if in_operand { join(b".", name.name.to_bytes()) } else { dir.rel_of(&name.name) };
    worker.fail_listing(&dir.rel, unread.failure(Side::Sender, &source_path(plan, name.source, &rel)));
    false
}

/// Makes an entry of a name that is no directory, counts it, and notes it for a batch. `None` when the destination's
/// character set cannot express the name (`--iconv`).
pub fn other(worker: &Worker, dir: &Dir, name: Name, meta: Meta, notes: &mut Notes) -> Option<Entry> {
    let rank = record::rank(&name);
    let is_listed = walk::is_listed(name.operand());
    if is_listed {
        tally::doubles(worker, dir, &name);
    }
    let (remote, refused) = (name.remote().map(Box::from), name.refused().is_some());
    let Name { name, slot, source, .. } = name;
    let mut entry = Entry { name, slot, source, meta, owners: Owners::from(&meta), remote };
    if is_listed {
        tally::entry(worker, dir, &entry);
    }
    notes.name(worker, dir, rank, &entry);
    receive(worker, &mut entry);
    (!refused).then_some(entry)
}

/// Makes an entry of a directory's name, counts it, and notes it for a batch. `None` when it is left out, which is
/// told: without `-r` and `-d`, and as a mount point under `-xx`.
pub fn directory(worker: &Worker, dir: &Dir, name: &Name, meta: Meta, notes: &mut Notes) -> Option<Entry> {
    let plan = &worker.run.plan;
    let remote = name.remote().map(Box::from);
    let owners = Owners::from(&meta);
    let mut entry =
        Entry { name: name.name.clone(), slot: name.slot, source: name.source, meta, owners, remote };
    match (plan.options.select.recursion, walk::crossing(plan, dir, name, &meta)) {
        (Recursion::None, _) if is_skipped(plan, name) => {
            left_out(worker, dir, &entry, |rel| Notice::SkippingDirectory(rel));
            return None;
        }
        (_, Crossing::Omit) => {
            left_out(worker, dir, &entry, |rel| Notice::MountPoint(rel));
            return None;
        }
        _ => {}
    }
    // rsync counts directories on the way to others also under `--no-implied-dirs`.
    tally::entry(worker, dir, &entry);
    if walk::is_listed(name.operand()) {
        tally::doubles(worker, dir, name);
    }
    notes.name(worker, dir, record::rank(name), &entry);
    receive(worker, &mut entry);
    Some(entry)
}

/// Whether a directory is skipped since neither `-r` nor `-d` is given. Those that only lead to named entries are not,
/// nor are links that are followed because they point out of the tree (`--copy-unsafe-links`).
fn is_skipped(plan: &Plan, name: &Name) -> bool {
    let links = &plan.options.links;
    let leads_out = links.leads_to_bare_directories() && name.through() == Through::Link;
    name.operand()
        .is_none_or(|operand| operand.rank > Rank::Named || operand.rank == Rank::Named && !leads_out)
}

/// Maps owner and mode as the receiving side does (`--usermap`, `--groupmap`, `--chmod`).
fn receive(worker: &Worker, entry: &mut Entry) {
    let plan = &worker.run.plan;
    if plan.ids.users.is_some() || plan.ids.groups.is_some() || plan.chmods.received.is_some() {
        entry.meta = mapping::mapped(&worker.run.plan, entry.meta);
    }
}

/// What a name stands for under `--fake-super`. A symbolic link without a text is left out (`None`), which is told; a
/// mode of no known type ends the run.
fn behind(worker: &Worker, dir: &Dir, name: &Name, meta: Meta) -> Option<Meta> {
    let plan = &worker.run.plan;
    let handle = dir.source(name.source).filter(|_| plan.identity.sender == Power::Fake);
    let Some(handle) = handle else { return Some(meta) };
    let path = || source_path(plan, name.source, &dir.rel_of(&name.name));
    let seen = |at| fake::seen(worker, at, meta, Side::Sender, path);
    let meta = match name.through() {
        Through::Itself => seen(At::Name(handle.as_fd(), &name.name)),
        Through::Link => match fake::open_followed(handle, &name.name) {
            Ok(file) => seen(At::Fd(file.as_fd())),
            Err(_) => meta,
        },
    };
    if Kind::of_mode(meta.mode).is_none() {
        worker.run.state.abort(&fake::impossible(meta.mode, &dir.rel_of(&name.name)));
    }
    if meta.kind() == Kind::Symlink && meta.size == 0 {
        worker.fail(Failure::without_errno(Side::Sender, What::EmptyLink, path()));
        return None;
    }
    (!worker.run.state.stopping()).then_some(meta)
}

/// Tells of a directory that is not part of the file list.
fn left_out(worker: &Worker, dir: &Dir, entry: &Entry, notice: for<'a> fn(&'a [u8]) -> Notice<'a>) {
    if worker.run.tells_list() {
        let rel = dir.rel_of(&entry.name);
        worker.run.report.notice(&dir.node, Place::Slot(entry.slot), &notice(&rel));
    }
}
