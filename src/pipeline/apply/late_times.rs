//! Times of directories that are set once more at the end of the run: those that temporary files or backups are made in
//! while other directories are still being worked on.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Mutex, PoisonError};

use uring_ext::plain::{self, Time, TimeSet, TimesSet};

use crate::entry::{Kind, Meta};
use crate::pipeline::attributes::keeps_time;
use crate::pipeline::handles::at::At;
use crate::pipeline::handles::dir::Dir;
use crate::plan::Plan;

/// Finished directories, and the time that each is to have in the end.
#[derive(Debug, Default)]
pub struct LateTimes {
    dirs: Mutex<Vec<(OwnedFd, Time)>>,
}

impl LateTimes {
    /// Notes a finished directory, if temporary files or backups are made in it.
    pub fn note(&self, plan: &Plan, dir: &Dir, now: &Meta, wanted: &Meta) {
        if !keeps_time(plan, Kind::Dir) || !takes_temporary(plan, dir, now) {
            return;
        }
        // Without a descriptor to spare its time stays as it is, which is no loss of data.
        if let Some(handle) = dir.dst.as_ref().and_then(|dst| dst.try_clone().ok()) {
            self.dirs.lock().unwrap_or_else(PoisonError::into_inner).push((handle, wanted.mtime));
        }
    }

    /// Sets the times of all that were noted and have another by now.
    pub fn set_again(&self, plan: &Plan) {
        for (handle, mtime) in self.dirs.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            if plain::statx_fd(&handle).is_ok_and(|now| now.mtime == mtime) {
                continue;
            }
            let times = TimesSet { atime: TimeSet::Omit, mtime: TimeSet::from(mtime) };
            // It was told when this could not be done the first time.
            let _ = At::Fd(handle.as_fd()).set_times(plan, times);
        }
    }
}

fn takes_temporary(plan: &Plan, dir: &Dir, now: &Meta) -> bool {
    let temp = plan.temp_dir.as_ref().and_then(|temp| temp.handle());
    let is_temp = |handle| plain::statx_fd(handle).is_ok_and(|st| (st.dev, st.ino) == (now.dev, now.ino));
    let backup = plan.options.backup.as_ref().and_then(|backup| backup.dir.as_deref());
    temp.is_some_and(is_temp) || backup.is_some_and(|backup| takes_backups(plan, backup, dir.dst_rel()))
}

/// Whether backups, or directories for them, are made in a directory of the tree or below it. The top's time stays as
/// making them leaves it, as in rsync.
fn takes_backups(plan: &Plan, backup: &[u8], rel: &[u8]) -> bool {
    let below = match backup.strip_prefix(plan.target.display.as_slice()) {
        Some(below) if backup.starts_with(b"/") => below,
        _ if backup.starts_with(b"/") => return false,
        _ => backup,
    };
    let names = |path: &[u8]| {
        let named = |name: &&[u8]| !name.is_empty() && *name != b".";
        path.split(|&byte| byte == b'/').filter(named).map(<[u8]>::to_vec).collect::<Vec<_>>()
    };
    let (dir, backups) = (names(rel), names(below));
    !dir.is_empty() && backups.starts_with(&dir) || dir.starts_with(&backups)
}
