//! What is said of backups that cannot be made, and what becomes of the run.

use std::io;

use rsync_compat::exit::Exit;
use uring_ext::mode::errno::ENAMETOOLONG;

use super::{BackupName, For, Old};
use crate::entry::join;
use crate::failure::{Failure, Fatal, Severity, Side, What, is_reported, reported};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::at::At;
use crate::pipeline::handles::paths::target_path;

/// The backup of `rel` as messages show it.
pub(super) fn shown(worker: &Worker, rel: &[u8]) -> Vec<u8> {
    let Some(backup) = &worker.run.plan.options.backup else { return rel.to_vec() };
    let to = backup.dir.as_ref().map_or_else(|| rel.to_vec(), |dir| join(dir, rel));
    [to, backup.suffix.clone()].concat()
}

/// The backup's path as errors show it: below the destination as it was typed.
pub(super) fn as_told(worker: &Worker, backup_to: &[u8]) -> Vec<u8> {
    if backup_to.starts_with(b"/") { backup_to.to_vec() } else { target_path(&worker.run.plan, backup_to) }
}

/// Tells of a backup that cannot be made, unless why was told already. rsync unlinks what has its name before it opens
/// that, so where names cannot be looked up it gets no further.
pub(super) fn lost(worker: &Worker, old: &Old<'_>, backup_to: &BackupName, error: io::Error) -> io::Error {
    let too_long = error.raw_os_error() == Some(ENAMETOOLONG);
    let what = if too_long || is_shut(backup_to.place(old.dst).at()) {
        What::BackupUnlink
    } else {
        What::BackupOpen
    };
    tell_lost(worker, old, &backup_to.rel, what, error)
}

/// Whether a name may not even be looked up.
pub(super) fn is_shut(at: At<'_>) -> bool {
    at.look().is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
}

/// Tells of a backup for which there is not even a directory, unless why was told already.
pub(super) fn unnamed(worker: &Worker, old: &Old<'_>, error: io::Error) -> io::Error {
    tell_lost(worker, old, &shown(worker, old.rel), What::BackupUnlink, error)
}

fn tell_lost(worker: &Worker, old: &Old<'_>, backup_to: &[u8], what: What, error: io::Error) -> io::Error {
    if is_reported(&error) {
        return error;
    }
    let tell = |what, path| worker.fail(Failure::new(old.purpose.side(), what, path, &error));
    tell(what, as_told(worker, backup_to));
    tell(What::KeepBackup, [&old.path(worker), b"\" -> \"".as_slice(), backup_to].concat());
    if old.purpose == For::Deletion {
        tell(What::MakeBackup, old.rel.to_vec());
    }
    reported(&error)
}

/// Without its backup no file is replaced by another, and the run ends.
pub(super) fn ends(worker: &Worker, old: &Old<'_>, error: io::Error) -> io::Error {
    if old.purpose == For::Data && is_reported(&error) {
        let fatal = Fatal::told(Side::Receiver, Exit::FileIo);
        worker.run.state.abort(&fatal);
    }
    error
}

/// Tells that there was nothing to keep any more, which counts for what is no data.
pub(super) fn tell_vanished(worker: &Worker, old: &Old<'_>, error: &io::Error) {
    let path = old.path(worker);
    match old.purpose.side() {
        side @ Side::Generator => {
            worker.fail(Failure::new(side, What::Vanished, path, error).severity(Severity::Vanished));
        }
        _ => worker.run.report.warning(&[b"file has vanished: \"", path.as_slice(), b"\""].concat()),
    }
}
