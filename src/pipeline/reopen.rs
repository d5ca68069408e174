//! Coming back to a directory after its handles were closed: by path below the roots, no link followed.

use std::os::fd::{AsFd, OwnedFd};

use uring_ext::plain::{self, How, OFlags, TimeSet, TimesSet};

use super::attributes::keeps_time;
use super::paths::{source_path, target_path};
use super::worker::Worker;
use crate::entry::{Kind, Meta};
use crate::failure::{Failure, Severity, Side, What};
use crate::roots::c_name;

/// What a reopened destination directory gets back afterwards.
#[derive(Debug, Clone, Copy)]
pub struct Restore {
    /// The mode it had.
    mode: u32,
    /// The time it had, or was to have.
    mtime: plain::Time,
}

/// Opens a destination directory by its path from the transfer root; a failure was told.
pub fn target(worker: &Worker, rel: &[u8]) -> Option<(OwnedFd, Restore)> {
    let plan = &worker.run.plan;
    let root = plan.target.handle.as_ref()?;
    let opened =
        open(root, rel).and_then(|handle| plain::statx_fd(&handle).map(|st| (handle, Meta::from(&st))));
    match opened {
        Ok((handle, meta)) => {
            if meta.mode & 0o300 != 0o300 && !plan.identity.passes_permissions && !plan.options.write.dry_run
            {
                // Told by what follows, if it fails.
                let _ = plain::fchmod(&handle, meta.permissions() | 0o700);
            }
            Some((handle, Restore { mode: meta.permissions(), mtime: meta.mtime }))
        }
        Err(error) => {
            worker.fail(Failure::new(
                Side::Generator,
                What::OpendirDestination,
                target_path(plan, rel),
                &error,
            ));
            None
        }
    }
}

/// Opens a source directory likewise.
pub fn source(worker: &Worker, number: u16, rel: &[u8]) -> Option<OwnedFd> {
    let plan = &worker.run.plan;
    let root = plan.sources.get(usize::from(number))?;
    match open(&root.handle, rel) {
        Ok(handle) => Some(handle),
        Err(error) => {
            let failure = Failure::new(Side::Sender, What::Opendir, source_path(plan, number, rel), &error);
            worker.fail(failure.severity(Severity::ListingError));
            None
        }
    }
}

fn open(root: impl AsFd, rel: &[u8]) -> std::io::Result<OwnedFd> {
    if rel.is_empty() {
        return plain::openat(root, c".", OFlags::RDONLY | OFlags::DIRECTORY, 0);
    }
    plain::openat2(root, &c_name(rel), How::DIR)
}

impl Restore {
    /// With the time that the source says.
    #[must_use]
    pub fn with_time(self, wanted: Option<&Meta>) -> Restore {
        Restore { mtime: wanted.map_or(self.mtime, |meta| meta.mtime), ..self }
    }
}

/// Gives the directory its mode and time back.
pub fn restore(worker: &Worker, handle: &OwnedFd, was: &Restore, rel: &[u8]) {
    let plan = &worker.run.plan;
    if plan.options.write.dry_run {
        return;
    }
    let fail = |what, error| worker.fail(Failure::new(Side::Generator, what, target_path(plan, rel), &error));
    match plain::statx_fd(handle) {
        Ok(st) if st.permissions() != was.mode => {
            if let Err(error) = plain::fchmod(handle, was.mode) {
                fail(What::Chmod, error);
            }
        }
        _ => {}
    }
    if keeps_time(plan, Kind::Dir) {
        let times = TimesSet { atime: TimeSet::Omit, mtime: TimeSet::from(was.mtime) };
        if let Err(error) = plain::futimens(handle, times) {
            fail(What::SetTimes, error);
        }
    }
}
