//! Coming back to a directory after its handles were closed: by path below the roots, through no link but those that
//! were followed the first time.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use uring_ext::mode::errno::{ELOOP, ENAMETOOLONG, ENOTDIR};
use uring_ext::plain::{self, How, OFlags, ResolveFlags, TimeSet, TimesSet};

use super::at::At;
use super::open::linked_target;
use super::paths::{source_path, target_path};
use super::source::follows_links;
use crate::entry::{Kind, Meta};
use crate::failure::{Failure, Severity, Side, What};
use crate::operands::tree::OperandTree;
use crate::path_text::c_name;
use crate::pipeline::attributes::keeps_time;
use crate::pipeline::engine::worker::Worker;

/// Which symbolic links on the way are followed.
#[derive(Debug, Clone, Copy)]
pub enum Follow<'a> {
    /// None.
    Nothing,
    /// Those to directories: the user asked for it.
    Links,
    /// Those that operands spell out as a way to deeper names.
    Spelled(&'a OperandTree),
}

/// What a reopened destination directory gets back afterwards.
#[derive(Debug, Clone, Copy)]
pub struct Restore {
    /// The mode it had.
    mode: u32,
    /// The time it had, or was to have.
    mtime: plain::Time,
    /// It was opened up for its user.
    opened_up: bool,
}

/// Opens a destination directory by its path from the transfer root, for its user too; a failure was told.
pub fn target(worker: &Worker, rel: &[u8]) -> Option<(OwnedFd, Restore)> {
    let plan = &worker.run.plan;
    let (handle, mut was) = target_as_it_is(worker, rel)?;
    let bound = !plan.identity.passes_permissions && plan.identity.opens_up();
    was.opened_up = was.mode & 0o300 != 0o300 && bound && !plan.options.write.dry_run;
    if was.opened_up {
        // Told by what follows, if it fails.
        let _ = plain::fchmod(&handle, was.mode | 0o700);
    }
    Some((handle, was))
}

/// Opens a destination directory again without making it accessible: one that is no part of the transfer keeps its
/// mode.
pub fn target_as_it_is(worker: &Worker, rel: &[u8]) -> Option<(OwnedFd, Restore)> {
    let plan = &worker.run.plan;
    let root = plan.target.handle.as_ref()?;
    let opened = match open(root, rel, Follow::Nothing) {
        Err(_) if plan.options.links.keep_dirlinks => linked_target(plan, rel, OFlags::RDONLY),
        other => other,
    };
    match opened.and_then(|handle| plain::statx_fd(&handle).map(|st| (handle, Meta::from(&st)))) {
        Ok((handle, meta)) => {
            Some((handle, Restore { mode: meta.permissions(), mtime: meta.mtime, opened_up: false }))
        }
        Err(error) => {
            let path = target_path(plan, rel);
            worker.fail(Failure::new(Side::Generator, What::OpendirDestination, path, &error));
            None
        }
    }
}

/// Opens a source directory likewise.
pub fn source(worker: &Worker, number: u16, rel: &[u8]) -> Option<OwnedFd> {
    let plan = &worker.run.plan;
    let root = plan.sources.get(usize::from(number))?;
    let follow = if follows_links(&plan.options.links) { Follow::Links } else { Follow::Spelled(&plan.top) };
    match open(&root.handle, rel, follow) {
        Ok(handle) => Some(handle),
        Err(error) => {
            let failure = Failure::new(Side::Sender, What::Opendir, source_path(plan, number, rel), &error);
            worker.fail(failure.severity(Severity::ListingError));
            None
        }
    }
}

/// The alternate destinations' directories of a path, opened again.
pub fn alternates(worker: &Worker, rel: &[u8]) -> Vec<Option<OwnedFd>> {
    let plan = &worker.run.plan;
    let path = if rel.is_empty() { c".".to_owned() } else { c_name(rel) };
    let roots = plan.basis.iter().map(|root| root.handle.as_ref());
    let opened = roots.map(|root| plan.resolver.open_below(root?, root?, &path).ok()).collect();
    // What was not followed was told as the directory was opened first.
    let _ = plan.resolver.take_refusals();
    opened
}

/// Opens a directory by its path below `root`.
///
/// # Errors
/// Those of openat2(2).
pub fn open(root: impl AsFd, rel: &[u8], follow: Follow<'_>) -> io::Result<OwnedFd> {
    if rel.is_empty() {
        return match plain::openat(&root, c".", OFlags::RDONLY | OFlags::DIRECTORY, 0) {
            // The destination itself may be closed to listing.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                plain::openat(root, c".", OFlags::PATH | OFlags::DIRECTORY, 0)
            }
            other => other,
        };
    }
    match plain::openat2(&root, &c_name(rel), How::DIR) {
        // A link is on the way, or the path is too long for one call: it is taken step by step.
        Err(error) if matches!(error.raw_os_error(), Some(ENOTDIR | ENAMETOOLONG | ELOOP)) => {
            step_by_step(root.as_fd(), rel, follow)
        }
        other => other,
    }
}

fn step_by_step(root: BorrowedFd<'_>, rel: &[u8], mut follow: Follow<'_>) -> io::Result<OwnedFd> {
    let mut held: Option<OwnedFd> = None;
    let mut names = rel.split(|&byte| byte == b'/').peekable();
    loop {
        let name = names.next().unwrap_or(b".");
        let access = if names.peek().is_some() { OFlags::PATH } else { OFlags::RDONLY };
        let at = held.as_ref().map_or(root, AsFd::as_fd);
        let handle = plain::openat(at, &c_name(name), step(&mut follow, name) | access, 0)?;
        if names.peek().is_none() {
            return Ok(handle);
        }
        held = Some(handle);
    }
}

/// Whether some link on the way to a directory leads out of the directory that holds the link.
pub fn leads_up(root: impl AsFd, rel: &[u8]) -> bool {
    let how = How { flags: OFlags::PATH | OFlags::DIRECTORY, mode: 0, resolve: ResolveFlags::BENEATH };
    let mut held: Option<OwnedFd> = None;
    for name in rel.split(|&byte| byte == b'/').filter(|name| !name.is_empty()) {
        let at = held.as_ref().map_or(root.as_fd(), AsFd::as_fd);
        match plain::openat2(at, &c_name(name), how) {
            Ok(handle) => held = Some(handle),
            Err(error) => return error.kind() == io::ErrorKind::CrossesDevices,
        }
    }
    false
}

/// How the next directory on the way is opened; what operands say of it comes into force.
fn step(follow: &mut Follow<'_>, name: &[u8]) -> OFlags {
    if let Follow::Spelled(operand) = follow {
        *follow = operand.children.get(name).map_or(Follow::Nothing, Follow::Spelled);
    }
    let led_through = match follow {
        Follow::Nothing => false,
        Follow::Links => true,
        Follow::Spelled(operand) => operand.leads_on(),
    };
    if led_through { OFlags::DIRECTORY } else { OFlags::DIRECTORY | OFlags::NOFOLLOW }
}

impl Restore {
    /// With the time that the source says.
    #[must_use]
    pub fn with_time(self, wanted: Option<&Meta>) -> Restore {
        Restore { mtime: wanted.map_or(self.mtime, |meta| meta.mtime), ..self }
    }
}

/// Gives the directory its mode back, if it was opened up: its time did not change.
pub fn restore_mode(worker: &Worker, handle: &OwnedFd, was: &Restore, rel: &[u8]) {
    if was.opened_up
        && let Err(error) = plain::fchmod(handle, was.mode)
    {
        let path = target_path(&worker.run.plan, rel);
        worker.fail(Failure::new(Side::Generator, What::Chmod, path, &error));
    }
}

/// Gives the directory its mode and time back.
pub fn restore(worker: &Worker, handle: &OwnedFd, was: &Restore, rel: &[u8]) {
    let plan = &worker.run.plan;
    if plan.options.write.dry_run {
        return;
    }
    let fail = |what, error| worker.fail(Failure::new(Side::Generator, what, target_path(plan, rel), &error));
    let now = plain::statx_fd(handle).map(|st| Meta::from(&st)).ok();
    if now.is_some_and(|now| now.permissions() != was.mode)
        && let Err(error) = plain::fchmod(handle, was.mode)
    {
        fail(What::Chmod, error);
    }
    if keeps_time(plan, Kind::Dir) && now.is_none_or(|now| now.mtime != was.mtime) {
        // Whoever cannot set it was told so when the directory was finished, or never meant to change it.
        let times = TimesSet { atime: TimeSet::Omit, mtime: TimeSet::from(was.mtime) };
        worker.gave_back(At::Fd(handle.as_fd()).set_times(plan, times), || target_path(plan, rel));
    }
}
