//! Deleting on one thread, one name after the other: what lies in a directory before the directory itself.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use rsync_compat::filter::{Chain, Deletion};
use rsync_compat::options::OneFileSystem;
use uring_ext::mode::errno::ENOTEMPTY;
use uring_ext::plain::{self, Unlink};

use super::super::extraneous::{Doomed, Ruled, barred, is_protected, list, tell_rules, unlisted};
use super::super::{backup, unlock};
use super::{is_other_device, opened};
use crate::entry::{Kind, join};
use crate::failure::{Failure, Side, What};
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::rules::{MergeDir, chain};
use crate::pipeline::itemize;
use crate::report::{Node, Notice, Place};

/// The directory that names are deleted in, and what holds for all of them.
pub(super) struct Scope<'a> {
    pub(super) worker: &'a Worker,
    pub(super) node: &'a Node,
    pub(super) receiver: &'a Chain,
    pub(super) dst: BorrowedFd<'a>,
    /// The directory that is cleaned, as long as it is open.
    pub(super) dir: Option<&'a Dir>,
    /// The path of the directory that is cleaned.
    pub(super) cleaned: &'a [u8],
    /// The device that deletion stays on.
    pub(super) dev: Option<u64>,
    /// How many directories that go lie above.
    pub(super) depth: usize,
    pub(super) keeps: Keeps,
}

/// Whether backups are made of what goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeps {
    Backups,
    Nothing,
}

impl<'a> Scope<'a> {
    /// Names in `dst`, which these rules are in force in, on whatever device; backups are made of them.
    pub(super) fn new(
        worker: &'a Worker,
        dst: BorrowedFd<'a>,
        node: &'a Node,
        receiver: &'a Chain,
    ) -> Scope<'a> {
        Scope {
            worker,
            node,
            receiver,
            dst,
            dir: None,
            cleaned: b"",
            dev: None,
            depth: 0,
            keeps: Keeps::Backups,
        }
    }

    /// A directory of the transfer that is open.
    pub(super) fn of(worker: &'a Worker, dir: &'a Dir, dst: BorrowedFd<'a>) -> Scope<'a> {
        let scope = Scope::new(worker, dst, &dir.node, &dir.receiver);
        Scope { dir: Some(dir), cleaned: &dir.rel, dev: device(worker, dst), ..scope }
    }

    /// A name in it, of which a backup is made.
    fn old<'n>(&self, name: &'n CStr, rel: &'n [u8]) -> backup::Old<'n>
    where
        'a: 'n,
    {
        let &Scope { dst, node, receiver, .. } = self;
        backup::Old { dst, name, rel, node, receiver, purpose: backup::For::Deletion }
    }
}

/// What became of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Gone,
    Stays,
}

pub(super) fn device(worker: &Worker, dst: BorrowedFd<'_>) -> Option<u64> {
    if worker.run.plan.options.select.one_file_system == OneFileSystem::Off {
        return None;
    }
    plain::statx_fd(dst).ok().map(|st| st.dev)
}

pub(super) fn remove(scope: &Scope<'_>, dir_rel: &[u8], one: &Doomed) -> Fate {
    let rel = join(dir_rel, one.name.to_bytes());
    if one.kind == Kind::Dir {
        return remove_dir(scope, &rel, &one.name);
    }
    unlock::writable(scope.worker, scope.dst, &one.name);
    if !scope.worker.run.state.deletions.take(&scope.worker.summary) {
        return Fate::Stays;
    }
    let mut stays = Fate::Gone;
    let removed = if scope.worker.run.plan.options.write.dry_run {
        if scope.keeps == Keeps::Backups {
            backup::would_keep(scope.worker, scope.node, &rel);
        }
        Ok(())
    } else if scope.keeps == Keeps::Nothing {
        plain::unlinkat(scope.dst, &one.name, Unlink::File)
    } else {
        backup::before_delete(scope.worker, &scope.old(&one.name, &rel), scope.dir).and_then(
            |kept| match kept {
                backup::Kept::Moved => Ok(()),
                backup::Kept::Left => {
                    stays = Fate::Stays;
                    Ok(())
                }
                backup::Kept::InPlace => plain::unlinkat(scope.dst, &one.name, Unlink::File),
            },
        )
    };
    match settle(scope, &rel, one.kind, What::Unlink, removed) {
        // It is told as deleted all the same.
        Fate::Gone => stays,
        Fate::Stays => Fate::Stays,
    }
}

fn remove_dir(scope: &Scope<'_>, rel: &[u8], name: &CStr) -> Fate {
    unlock::writable(scope.worker, scope.dst, name);
    match contents(scope, rel, name) {
        Ok(Fate::Gone) => {}
        Ok(Fate::Stays) => return keeps_something(scope, rel, name),
        Err(MountPoint) => return Fate::Stays,
    }
    if !scope.worker.run.state.deletions.take(&scope.worker.summary) {
        return Fate::Stays;
    }
    let removed = if scope.worker.run.plan.options.write.dry_run {
        Ok(())
    } else {
        plain::unlinkat(scope.dst, name, Unlink::Dir)
    };
    settle(scope, rel, Kind::Dir, What::Rmdir, removed)
}

/// Tells of a directory that stays for what is in it.
fn keeps_something(scope: &Scope<'_>, rel: &[u8], name: &CStr) -> Fate {
    let (run, is_inner) = (&scope.worker.run, scope.depth > 0);
    if run.state.stopping() {
        return Fate::Stays;
    }
    run.report.notice(scope.node, Place::Deletion, &Notice::CannotDeleteNonEmpty(rel));
    if is_inner && run.plan.options.write.dry_run {
        // That it cannot go shows only where it is tried.
        if run.state.deletions.take(&scope.worker.summary) {
            settle(scope, rel, Kind::Dir, What::Rmdir, Ok(()));
        }
    } else if is_inner && run.state.deletions.are_spent() {
        // Refused like what is in it.
        let _ = run.state.deletions.take(&scope.worker.summary);
    } else if is_inner && run.state.deletions.take(&scope.worker.summary) {
        // rsync tries it all the same, and says why that fails.
        return settle(scope, rel, Kind::Dir, What::Rmdir, plain::unlinkat(scope.dst, name, Unlink::Dir));
    }
    Fate::Stays
}

fn settle(scope: &Scope<'_>, rel: &[u8], kind: Kind, what: What, removed: io::Result<()>) -> Fate {
    match removed {
        Ok(()) => {
            tracing::info!(target: "del", name = %String::from_utf8_lossy(rel), ?kind, "deleted");
            itemize::count_deleted(scope.worker, rel.len(), kind);
            scope.worker.run.report.deleted(scope.node, rel, kind);
            Fate::Gone
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            scope.worker.run.state.deletions.give_back();
            Fate::Gone
        }
        // Backups of what was in it, or somebody else's doing.
        Err(error) if what == What::Rmdir && error.raw_os_error() == Some(ENOTEMPTY) => {
            scope.worker.run.state.deletions.give_back();
            scope.worker.run.report.notice(scope.node, Place::Deletion, &Notice::CannotDeleteNonEmpty(rel));
            Fate::Stays
        }
        Err(error) => {
            scope.worker.run.state.deletions.give_back();
            scope.worker.fail(Failure::new(Side::Generator, what, rel.to_vec(), &error));
            Fate::Stays
        }
    }
}

/// Another file system is mounted there, and `-x` keeps deletion out of it.
pub(super) struct MountPoint;

/// Deletes what is in a directory; `Stays` when something is protected, or could not be deleted. One that cannot be
/// read counts as empty: that it is not shows when it is to go itself.
pub(super) fn contents(scope: &Scope<'_>, rel: &[u8], name: &CStr) -> Result<Fate, MountPoint> {
    let handle = match opened(scope.dst, name) {
        Ok(handle) => handle,
        Err(error) => {
            unlisted(scope.worker, scope.cleaned, What::OpendirDestination, rel, &error);
            return Ok(Fate::Gone);
        }
    };
    if is_other_device(handle.as_fd(), scope.dev) {
        return Err(MountPoint);
    }
    // Its own merge files go with it, and count until then.
    let receiver = chain(scope.worker, scope.receiver.clone(), MergeDir::Target(Some(&handle)), rel);
    let inner = Scope { dst: handle.as_fd(), receiver: &receiver, depth: scope.depth + 1, ..*scope };
    let Some(found) = list(scope.worker, scope.cleaned, handle.as_fd(), rel) else { return Ok(Fate::Gone) };
    if scope.keeps == Keeps::Backups {
        let ruled = Ruled { node: scope.node, receiver: &receiver, rel };
        tell_rules(scope.worker, &ruled, &found, Deletion::Doomed);
    }
    let (mut fate, barred) = (Fate::Gone, barred(scope.worker, handle.as_fd()));
    for one in &found {
        if scope.worker.run.state.stopping() {
            return Ok(Fate::Stays);
        }
        let one_rel = join(rel, one.name.to_bytes());
        if is_protected(&receiver, &one_rel, one.kind, Deletion::Doomed) {
            fate = Fate::Stays;
        } else if let Some(error) = &barred {
            unlisted(scope.worker, scope.cleaned, What::ReadlinkStat, &one_rel, error);
        } else if remove(&inner, rel, one) == Fate::Stays {
            fate = Fate::Stays;
        }
    }
    Ok(fate)
}
