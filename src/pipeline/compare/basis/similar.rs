//! `--fuzzy`: a file of the same directory, or with `-yy` of an alternate destination's, that looks like an older
//! version of a missing one.

use std::ffi::CStr;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};

use rsync_compat::fuzzy::Choice;
use uring_ext::plain::{self, AtFlags, OFlags, STATX_ALL};

use crate::entry::{Entry, Kind, Meta};
use crate::pipeline::attributes::same_time;
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::dir::{Candidate, Dir};

/// The file that was chosen.
#[derive(Debug)]
pub struct Found<'a> {
    /// Where it is.
    pub dir: &'a OwnedFd,
    /// Its name there.
    pub name: &'a CStr,
}

/// Whether somebody may look for similar files.
#[must_use]
pub fn wanted(worker: &Worker) -> bool {
    let options = &worker.run.plan.options;
    options.compare.fuzzy > 0 && !options.write.dry_run
}

/// Looks which files a directory has before the run adds some.
pub fn note(worker: &Worker, dir: &Dir) {
    if wanted(worker) {
        let _ = candidates(worker, dir);
    }
}

/// The best candidate: one of the same size and time, or else the one with the most similar name.
pub fn find<'a>(worker: &Worker, dir: &'a Dir, entry: &Entry) -> Option<Found<'a>> {
    if !wanted(worker) {
        return None;
    }
    let compare = &worker.run.plan.options.compare;
    let lists = candidates(worker, dir);
    dir.similar.asked.store(true, Ordering::Relaxed);
    let all = || {
        let dirs = std::iter::once(dir.dst.as_ref()).chain(dir.basis.iter().map(Option::as_ref));
        let named =
            dirs.zip(lists).flat_map(|(dir, list)| list.iter().filter_map(move |one| Some((dir?, one))));
        named.filter(|(_, one)| !one.sent.load(Ordering::Relaxed))
    };
    let is_twin =
        |meta: &Meta| meta.size == entry.meta.size && same_time(compare, entry.meta.mtime, meta.mtime);
    let twin = all().find(|(_, one)| is_twin(&one.meta));
    // By the name that it has at the source, also where it gets another one.
    let own = entry.remote.as_deref().unwrap_or(&entry.name);
    let (mut choice, wanted) = (Choice::new(), own.to_bytes());
    let nearest = || all().filter(|(_, one)| choice.improves(wanted, one.name.to_bytes())).last();
    let (dir, one) = twin.or_else(nearest)?;
    tracing::debug!(
        target: "fuzzy",
        name = %String::from_utf8_lossy(wanted),
        basis = ?one.name,
        same_size_and_time = twin.is_some(),
        "found a similar file"
    );
    Some(Found { dir, name: &one.name })
}

/// Notes that a file is being updated itself: from then on rsync leaves it out, if it knew of it before.
pub fn note_sent(dir: &Dir, name: &CStr) {
    if dir.similar.asked.load(Ordering::Relaxed)
        && let Some(list) = dir.similar.lists.get().and_then(|lists| lists.first())
        && let Ok(at) = list.binary_search_by(|one| one.name.as_c_str().cmp(name))
    {
        list[at].sent.store(true, Ordering::Relaxed);
    }
}

/// The files of the directory, and of the alternate ones where they count.
fn candidates<'a>(worker: &Worker, dir: &'a Dir) -> &'a [Vec<Candidate>] {
    dir.similar.lists.get_or_init(|| {
        let own = if dir.may_hold_names() { dir.dst.as_ref() } else { None };
        let mut lists = vec![own.map(|dir| list(worker, dir)).unwrap_or_default()];
        if worker.run.plan.options.compare.fuzzy > 1 {
            lists.extend(
                dir.basis.iter().map(|dir| dir.as_ref().map(|dir| list(worker, dir)).unwrap_or_default()),
            );
        }
        lists
    })
}

/// The files with contents, sorted by name. A directory that cannot be read has none.
fn list(worker: &Worker, dir: &OwnedFd) -> Vec<Candidate> {
    let mut found = Vec::new();
    // A handle of its own starts at the first name.
    let Ok(again) = plain::openat(dir, c".", OFlags::RDONLY | OFlags::DIRECTORY, 0) else { return found };
    let mut reader = worker.names.borrow_mut();
    while matches!(reader.fill(&again), Ok(true)) {
        for entry in reader.batch() {
            let Ok(st) = plain::statx(dir, entry.name, AtFlags::SYMLINK_NOFOLLOW, STATX_ALL) else {
                continue;
            };
            let meta = Meta::from(&st);
            if meta.kind() == Kind::File && meta.size > 0 {
                found.push(Candidate { name: entry.name.to_owned(), meta, sent: AtomicBool::new(false) });
            }
        }
    }
    found.sort_unstable_by(|one, two| one.name.cmp(&two.name));
    found
}
