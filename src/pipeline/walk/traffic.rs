//! What rsync would send of a list, as far as it shows in the bytes of `--stats` (rsync(1), --stats, --verbose).
//!
//! Measured with rsync 3.5.0, black box: an entry takes the part of its path that differs from the one before, which is
//! the one that was read before it; what of its mode, owners and time is not the same as there; and its size. The first
//! entry of each user and group has their name with it. Attributes are compared in the order of names here, and each
//! extended attribute and ACL counts as none, which costs a few bytes of exactness and nothing else.

use rsync_compat::options::Options;

use super::{conflicts, prune};
use crate::entry::{Entry, Kind, Meta, join};
use crate::pipeline::engine::state::Phase;
use crate::pipeline::engine::state::sent::number;
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::name::Name;

/// The first flags of an entry, and the length of its name.
const FLAGS_AND_LENGTH_BYTES: u64 = 2;
/// A mode.
const MODE_BYTES: u64 = 4;
/// What another name of a file has besides the name: flags, its length, and the number of the one that leads.
const FOLLOWER_BYTES: u64 = 4;

/// Whether this pass over the source counts: what is pruned was sent all the same.
fn counts(worker: &Worker) -> bool {
    let options = &worker.run.plan.options;
    let counted = if prune::wanted(options) { Phase::Scan } else { Phase::Transfer };
    worker.run.report.wants().traffic && worker.run.state.phase() == counted
}

/// Adds an entry's attributes to what the list takes.
pub fn attributes(worker: &Worker, dir: &Dir, entry: &Entry) {
    if !counts(worker) {
        return;
    }
    let options = &worker.run.plan.options;
    let meta = &entry.meta;
    if worker.run.state.sent.has_leader(options, meta) {
        worker.summary.borrow_mut().wire.list_bytes += FOLLOWER_BYTES;
        return;
    }
    let mut previous = worker.previous.get();
    let (before, same_mode) = previous.put(&worker.run.state.sent, meta);
    worker.previous.set(previous);
    let (owners, named) = owners(worker, before.as_ref(), meta);
    // A second byte of flags says that the time is the same, or that nanoseconds or names follow.
    let more_flags = named || meta.mtime.nsec != 0 || is_same_time(before.as_ref(), meta);
    let bytes = FLAGS_AND_LENGTH_BYTES
        + u64::from(more_flags)
        + time_and_size(before.as_ref(), meta)
        + if same_mode { 0 } else { MODE_BYTES }
        + owners
        + by_kind(options, before.as_ref(), meta)
        + attached(options, meta.kind());
    let is_top = dir.rel.is_empty() && entry.name.to_bytes() == b".";
    let wire = &mut worker.summary.borrow_mut().wire;
    wire.list_bytes += bytes + u64::from(is_top);
    let piecemeal = options.select.is_piecemeal();
    wire.lists += u64::from(piecemeal && meta.kind() == Kind::Dir && !is_top);
}

/// The size, and a time that is not as before.
fn time_and_size(before: Option<&Meta>, meta: &Meta) -> u64 {
    let exact = if meta.mtime.nsec == 0 { 0 } else { number(meta.mtime.nsec) };
    size(meta.size) + if is_same_time(before, meta) { 0 } else { 4 } + exact
}

fn is_same_time(before: Option<&Meta>, meta: &Meta) -> bool {
    before.is_some_and(|before| before.mtime.sec == meta.mtime.sec)
}

/// Owners that are not as before, with their names, and whether there are names at the entry.
fn owners(worker: &Worker, before: Option<&Meta>, meta: &Meta) -> (u64, bool) {
    let (options, sent) = (&worker.run.plan.options, &worker.run.state.sent);
    let (mut numbers, mut names) = (0, 0);
    if options.preserve.owner && before.is_none_or(|before| before.uid != meta.uid) {
        names += sent.user(options, meta.uid);
        numbers += before.map_or(0, |_| number(meta.uid));
    }
    if options.preserve.group && before.is_none_or(|before| before.gid != meta.gid) {
        names += sent.group(options, meta.gid);
        numbers += before.map_or(0, |_| number(meta.gid));
    }
    (numbers + names, names > 0 && options.select.incremental)
}

/// What only some kinds have.
fn by_kind(options: &Options, before: Option<&Meta>, meta: &Meta) -> u64 {
    let major = |meta: &Meta| meta.rdev >> 32;
    let is_like = |before: &Meta| before.kind().is_device() && major(before) == major(meta);
    match meta.kind() {
        Kind::Symlink if options.links.keep => 1 + meta.size,
        Kind::Char | Kind::Block if options.preserve.devices => 2 - u64::from(before.is_some_and(is_like)),
        Kind::File if options.compare.checksum => (options.output.sum.digits() / 2) as u64,
        Kind::File | Kind::Dir | Kind::Symlink | Kind::Char | Kind::Block | Kind::Fifo | Kind::Socket => 0,
    }
}

/// Which ACLs and extended attributes it has, where that is none or as before.
fn attached(options: &Options, kind: Kind) -> u64 {
    let acls = match kind {
        Kind::Symlink => 0,
        Kind::Dir => 2,
        Kind::File | Kind::Char | Kind::Block | Kind::Fifo | Kind::Socket => 1,
    };
    u64::from(options.preserve.xattrs > 0) + if options.preserve.acls { acls } else { 0 }
}

/// Adds the names of a directory, in the order in which they were read, to what the list takes, and the modes that show
/// what is no longer of the kind of the entry before.
pub fn names(worker: &Worker, dir: &Dir, names: &[Name]) {
    if !counts(worker) {
        return;
    }
    let ruled = !dir.has_no_rules();
    let names: Vec<&Name> = names.iter().filter(|name| !ruled || !conflicts::hides(dir, name)).collect();
    let own = dir.rel.rsplit(|&byte| byte == b'/').next().map_or(0, <[u8]>::len);
    let (mut bytes, mut before): (usize, &[u8]) = (0, b"");
    if !names.is_empty() && own > 0 {
        let shared = worker.run.state.sent.take_shared(&dir.rel);
        bytes = (own + 1).saturating_sub(shared);
    }
    for name in names.iter().map(|name| name.name.to_bytes()) {
        let shared = shared(name, before);
        // How much is shared, if anything is, and how long the rest is.
        bytes += name.len() - shared + usize::from(shared > 0 || !dir.rel.is_empty());
        before = name;
    }
    note_shared(worker, dir, &names);
    let turns = turns(dir, names.iter().filter_map(|name| name.kind));
    worker.summary.borrow_mut().wire.list_bytes += bytes as u64 + MODE_BYTES * turns;
}

/// How often an entry is not of the kind of the one before. The top comes before all others; the first list below a
/// directory comes after the last name in here, and begins with a file, as most do.
fn turns(dir: &Dir, kinds: impl DoubleEndedIterator<Item = Kind> + Clone) -> u64 {
    let top = dir.rel.is_empty().then_some(Kind::Dir);
    let below = kinds.clone().any(|kind| kind == Kind::Dir).then_some(Kind::File);
    let all = top.into_iter().chain(kinds).chain(below);
    all.clone().zip(all.skip(1)).filter(|(one, two)| one != two).count() as u64
}

/// Notes how much of its directory's name the first name of each list below shares with the name that is sent before
/// it, and so does not say again: the last name in here, or one of the list before.
fn note_shared(worker: &Worker, dir: &Dir, names: &[&Name]) {
    let is_dir = |name: &&&Name| name.kind == Some(Kind::Dir);
    let mut dirs: Vec<&[u8]> = names.iter().filter(is_dir).map(|name| name.name.to_bytes()).collect();
    let Some(mut before) = names.last().map(|name| name.name.to_bytes()).filter(|_| !dirs.is_empty()) else {
        return;
    };
    dirs.sort_unstable();
    for name in dirs {
        let shared = shared(name, before);
        // At the top nothing else is shared, and then not even that is said.
        let shared = if shared == 0 && dir.rel.is_empty() { 1 } else { shared };
        worker.run.state.sent.note_shared(&join(&dir.rel, name), shared);
        before = name;
    }
}

fn shared(one: &[u8], two: &[u8]) -> usize {
    one.iter().zip(two).take_while(|(one, two)| one == two).count()
}

/// A size: three bytes, and more from 8 MiB on.
fn size(size: u64) -> u64 {
    let bits = u64::from(64 - size.leading_zeros());
    3 + bits.saturating_sub(23).div_ceil(7)
}
