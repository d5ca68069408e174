//! Entering a directory: its handles on both sides and in alternate destinations.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use uring_ext::mode::errno::{ELOOP, ENOENT, EPERM};
use uring_ext::plain::{self, AtFlags, How, OFlags, ResolveFlags};

use super::at::At;
use super::dir::{Above, Before, Dir, DirFacts, DirHandles, DirJob, Through};
use super::paths::{source_path, target_path};
use super::rules::Rules;
use super::source::meets_each_name;
use super::swaps;
use crate::entry::{Meta, join};
use crate::failure::{Failure, Severity, Side, What};
use crate::operands::resolve::LINKS_MAX;
use crate::path_text::c_name;
use crate::pipeline::attributes::extended;
use crate::pipeline::batch::replay;
use crate::pipeline::engine::state::Phase;
use crate::pipeline::engine::worker::Worker;
use crate::plan::{Plan, Power, Takes};

/// Opens what the job is about. What cannot be opened was told, and is missing from the result.
pub fn enter(worker: &Worker, job: &mut DirJob) -> Arc<Dir> {
    let plan = &worker.run.plan;
    let mut src = Vec::with_capacity(job.sources.len());
    let mut vanished = false;
    let from_disk = if plan.batch.recorded().is_some() { 0 } else { job.sources.len() };
    for at in 0..from_disk {
        let source = job.sources[at];
        match open_source(worker, job, source) {
            Ok(handle) => src.push((source, handle)),
            Err(error) => {
                vanished |= not_opened(worker, job, source, &error);
                src.extend(passage(worker, job, source, &error).map(|handle| (source, handle)));
            }
        }
    }
    let job = &*job;
    let dst = open_target(worker, job);
    let rules = Rules::of(worker, job, &src, dst.as_ref());
    let dir = assemble(worker, job, src, dst, rules);
    dir.flags.vanished.store(vanished, Ordering::Release);
    Arc::new(dir)
}

/// One that cannot be listed is still the way to the names below it that operands spell out.
fn passage(worker: &Worker, job: &mut DirJob, source: u16, error: &io::Error) -> Option<OwnedFd> {
    if error.kind() != io::ErrorKind::PermissionDenied || job.operands.is_empty() {
        return None;
    }
    job.listed.retain(|listed| *listed != source);
    open_any_source(worker, job, source).ok()
}

/// Tells of a source directory that cannot be opened; true when it is no more.
fn not_opened(worker: &Worker, job: &DirJob, source: u16, error: &io::Error) -> bool {
    let path = source_path(&worker.run.plan, source, &job.rel);
    if error.kind() == io::ErrorKind::NotFound {
        let failure = Failure::new(Side::Sender, What::VanishedDir, path, error);
        worker.fail(failure.severity(Severity::Vanished));
        return true;
    }
    if job.before.is_cleaned(&worker.run.plan) && worker.run.state.phase() == Phase::Transfer {
        worker.run.state.listings.note_cleaning_failed();
    }
    let path = if job.rel.is_empty() { join(&path, b".") } else { path };
    let readings = job.listed.iter().filter(|&&listed| listed == source).count().max(1);
    for _ in 0..readings {
        worker.fail_listing(&job.rel, Failure::new(Side::Sender, What::Opendir, path.clone(), error));
    }
    false
}

/// The directory that a job is about, once its sides are open.
fn assemble(
    worker: &Worker,
    job: &DirJob,
    src: Vec<(u16, OwnedFd)>,
    dst: Option<OwnedFd>,
    rules: Rules,
) -> Dir {
    let Rules { sender, further, receiver } = rules;
    let unlisted = if src.is_empty() { extended::hold_unlisted(worker, job) } else { None };
    let handles = DirHandles { src, unlisted, dst, basis: basis(worker, job) };
    let facts = DirFacts {
        rel: job.rel.clone(),
        remote: job.remote.as_ref().map(|remote| remote.rel.clone()),
        dev: job.dev,
        recorded: replay::listing(worker, &job.rel),
        before: job.before,
        sender,
        further,
        receiver,
        wanted: job.wanted,
        node: Arc::clone(&job.node),
        rename: match &worker.run.plan.target.takes {
            Takes::One(name) if job.parent.is_none() => Some(name.clone()),
            Takes::Names | Takes::One(_) | Takes::Itself => None,
        },
        links_above: links_above(job),
        link_xattrs: extended::of_followed(worker, job),
        flags: Arc::default(),
    };
    let above = job.parent.as_ref().map_or(Above::Nothing, |parent| Above::Open(Arc::clone(parent)));
    let mut dir = Dir::new(&worker.run.state, above, facts, handles);
    dir.facts.wanted = extended::wanted_of_dir(worker, job, &dir);
    dir
}

/// How many followed links lie on the way of a directory, its own name included.
fn links_above(job: &DirJob) -> u32 {
    let above = job.parent.as_ref().map_or(0, |parent| parent.links_above);
    above + u32::from(job.through == Through::Link)
}

fn open_source(worker: &Worker, job: &DirJob, source: u16) -> io::Result<OwnedFd> {
    let handle = open_any_source(worker, job, source)?;
    let each = meets_each_name(&worker.run.plan.options);
    if !worker.run.plan.identity.passes_permissions && job.listed.contains(&source) && !each {
        // A directory that may be listed but not searched is of no use, and rsync says so of the directory.
        plain::statx(&handle, c".", AtFlags::empty(), plain::STATX_ALL)?;
    }
    Ok(handle)
}

fn open_any_source(worker: &Worker, job: &DirJob, source: u16) -> io::Result<OwnedFd> {
    let (above, name): (&OwnedFd, &CStr) = match &job.parent {
        None => (&worker.run.plan.sources[usize::from(source)].handle, c"."),
        Some(parent) => match parent.source(source) {
            Some(parent) => (parent, &job.name),
            None => return Err(io::Error::from_raw_os_error(ENOENT)),
        },
    };
    if links_above(job) > LINKS_MAX {
        // A link that leads upwards, followed (`-L`): by its whole path the kernel would say so too.
        return Err(io::Error::from_raw_os_error(ELOOP));
    }
    let mut flags = OFlags::DIRECTORY;
    if worker.run.plan.options.preserve.open_noatime && job.listed.contains(&source) {
        flags |= OFlags::NOATIME;
    }
    if job.parent.is_some() && job.through == Through::Itself {
        flags |= OFlags::NOFOLLOW;
    }
    match plain::openat(above, name, flags | OFlags::RDONLY, 0) {
        // One that is only passed through need not be readable.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied && !job.listed.contains(&source) => {
            plain::openat(above, name, flags | OFlags::PATH, 0)
        }
        other => other,
    }
    .and_then(|handle| swaps::check_listed(worker, job, source, &handle).map(|()| handle))
}

fn open_target(worker: &Worker, job: &DirJob) -> Option<OwnedFd> {
    if matches!(job.before, Before::Absent | Before::Left | Before::Blocked(_)) {
        return None;
    }
    let opened = match &job.parent {
        None => match &worker.run.plan.target.handle {
            // It is opened up only for what is to be done to it.
            Some(root) if job.wanted.is_none() => {
                plain::openat(root, c".", OFlags::RDONLY | OFlags::DIRECTORY, 0)
            }
            Some(root) => target(worker, root, c".", job),
            None => return None,
        },
        // A way to deeper names is left as it is; a link within the tree will do (rsync(1), `--no-implied-dirs`).
        Some(_) if job.wanted.is_none() => linked_target(&worker.run.plan, job.dst_rel(), OFlags::RDONLY),
        Some(parent) => {
            let dst = parent.dst.as_ref()?;
            let name = parent.rename.as_deref().unwrap_or_else(|| job.dst_name());
            target(worker, dst, name, job)
        }
    };
    opened
        .or_else(|error| unlisted_top(worker, job, error))
        .or_else(|error| {
            // Permissions do not close it to root: that is another kind of failure.
            let bound = !worker.run.plan.identity.passes_permissions;
            if bound { unlisted(job, error) } else { Err(error) }
        })
        .map_err(|error| {
            let path = target_path(&worker.run.plan, job.dst_rel());
            worker.fail(Failure::new(Side::Generator, What::OpendirDestination, path, &error));
        })
        .ok()
}

/// The destination itself may be closed to listing, which only deletion misses: names in it are there all the same.
fn unlisted_top(worker: &Worker, job: &DirJob, error: io::Error) -> io::Result<OwnedFd> {
    let options = &worker.run.plan.options;
    let (None, Some(root)) = (&job.parent, &worker.run.plan.target.handle) else { return Err(error) };
    let lists = options.delete.when.is_some() && !options.write.dry_run && job.wanted.is_some();
    if error.kind() != io::ErrorKind::PermissionDenied || lists {
        return Err(error);
    }
    plain::openat(root, c".", OFlags::PATH | OFlags::DIRECTORY, 0)
}

/// One that stays closed to us, since it is not ours or this is a dry run, is only missed where it is to be listed:
/// names in it are looked at as far as that goes.
fn unlisted(job: &DirJob, error: io::Error) -> io::Result<OwnedFd> {
    let closed = error.kind() == io::ErrorKind::PermissionDenied;
    let above = job.parent.as_ref().and_then(|parent| Some((parent, parent.dst.as_ref()?)));
    match above {
        Some((parent, dst)) if closed => {
            let name = parent.rename.as_deref().unwrap_or_else(|| job.dst_name());
            plain::openat(dst, name, OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW, 0)
        }
        _ => Err(error),
    }
}

/// Opens a destination directory, made accessible to us for the time of the work, root or not.
fn target(worker: &Worker, parent: &OwnedFd, name: &CStr, job: &DirJob) -> io::Result<OwnedFd> {
    let before = job.before;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW;
    let locked = matches!(before, Before::Existing(meta) if meta.mode & 0o700 != 0o700);
    // Deletions that come before the transfer find it as it is.
    let opens = !worker.run.plan.options.write.dry_run && worker.run.state.phase() != Phase::DeleteBefore;
    if locked && opens && !worker.run.plan.identity.passes_permissions {
        let Before::Existing(meta) = before else { return plain::openat(parent, name, flags, 0) };
        // Who tries what only root may opens nothing up, but sets its mode at once.
        let opens_up = worker.run.plan.identity.opens_up();
        let set = job.wanted.map_or(meta, |wanted| wanted).permissions();
        let permissions = if opens_up { meta.permissions() | 0o700 } else { set };
        // What stands for a closed directory is open (`--fake-super`).
        let fakes = worker.run.plan.identity.receiver == Power::Fake;
        let look = || At::Name(parent.as_fd(), name).look().ok();
        let now = fakes.then(look).flatten().unwrap_or(meta);
        // Fails for directories of others.
        let is_it = |now: &Meta| now.same_inode(&meta);
        if permissions & 0o700 != now.permissions() & 0o700 {
            let _ = swaps::chmod(worker, parent, name, permissions, is_it);
        }
    }
    stays_closed(worker, job);
    let opened = match plain::openat(parent, name, flags, 0) {
        Err(_) if worker.run.plan.options.links.keep_dirlinks => {
            linked_target(&worker.run.plan, job.dst_rel(), OFlags::RDONLY)
        }
        other => other,
    };
    opened.inspect(|handle| swaps::settle_group_bit(worker, handle, job))
}

/// Tells of a directory of others that is to be closed to its owner, who opens it for the time of the work.
fn stays_closed(worker: &Worker, job: &DirJob) {
    let plan = &worker.run.plan;
    let (Before::Existing(there), Some(_), Some(told)) = (job.before, job.wanted, job.as_listed) else {
        return;
    };
    let acts = worker.run.state.phase() == Phase::Transfer && !plan.options.write.dry_run;
    // Who counts as the super-user opens nothing up.
    let is_bound = plan.identity.receiver == Power::Ordinary
        && !plan.identity.passes_permissions
        && there.uid != plan.identity.uid;
    let mode = if plan.options.preserve.perms { told.mode } else { there.mode };
    // Measured: with `--insecure-links` that it cannot be done is not told, and no error.
    if acts && !plan.options.links.insecure && is_bound && mode & 0o700 != 0o700 {
        let path = target_path(plan, job.dst_rel());
        let error = io::Error::from_raw_os_error(EPERM);
        worker.fail(Failure::new(Side::Generator, What::OpenUp, path, &error));
    }
}

/// Opens a destination directory that links lead to (`-K`): none of them out of the destination, whoever made them, but
/// for `--insecure-links`.
///
/// # Errors
/// Those of openat2(2); EXDEV for a link that leads out.
pub fn linked_target(plan: &Plan, rel: &[u8], access: OFlags) -> io::Result<OwnedFd> {
    let Some(root) = &plan.target.handle else { return Err(io::Error::from_raw_os_error(ENOENT)) };
    if plan.options.links.insecure {
        return plain::openat(root, &c_name(rel), access | OFlags::DIRECTORY, 0);
    }
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    plain::openat2(root, &c_name(rel), How { flags: access | OFlags::DIRECTORY, mode: 0, resolve })
}

/// Opens a directory once more, for names in it where it cannot be listed.
fn open_to_search(dir: &OwnedFd) -> io::Result<OwnedFd> {
    let open = |access: OFlags| plain::openat(dir, c".", access | OFlags::DIRECTORY, 0);
    match open(OFlags::RDONLY) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => open(OFlags::PATH),
        opened => opened,
    }
}

fn basis(worker: &Worker, job: &DirJob) -> Vec<Option<OwnedFd>> {
    let plan = &worker.run.plan;
    let roots = plan.basis.iter().map(|root| root.handle.as_ref());
    let Some(parent) = &job.parent else {
        return roots.map(|root| open_to_search(root?).ok()).collect();
    };
    let pairs = roots.zip(parent.basis.iter().map(Option::as_ref));
    let opened =
        pairs.map(|(root, dir)| plan.resolver.open_below(root?, dir?, job.dst_name()).ok()).collect();
    worker.tell_refusals();
    opened
}
