//! The rules in force in a directory, on both sides, with those of merge files on the way to it (rsync(1), FILTER RULES).

use std::io;
use std::os::fd::OwnedFd;

use rsync_compat::filter::{Chain, FilterError, ReadError, Side as RuleSide};
use rsync_compat::options::DeleteWhen;
use uring_ext::mode::errno::ENOENT;
use uring_ext::plain::CWD;

use super::dir::{Dir, DirJob};
use super::paths::{source_path, target_path};
use crate::failure::{Cause, Fatal, Side};
use crate::operands::resolve::Resolver;
use crate::operands::tree::Rank;
use crate::pipeline::engine::state::Phase;
use crate::pipeline::engine::worker::Worker;
use crate::plan::Plan;
use crate::whole_files::{read_merge_file, unreadable};

/// The rules in force in a directory.
pub(super) struct Rules {
    /// The sender's.
    pub(super) sender: Chain,
    /// Those of its further sources, by the numbers of their roots.
    pub(super) further: Vec<(u16, Chain)>,
    /// The receiver's.
    pub(super) receiver: Chain,
}

impl Rules {
    /// Those of a directory whose sides are open.
    pub(super) fn of(worker: &Worker, job: &DirJob, src: &[(u16, OwnedFd)], dst: Option<&OwnedFd>) -> Rules {
        let plan = &worker.run.plan;
        let (sender, receiver) = match &job.parent {
            Some(parent) => match plan.first.as_ref().filter(|first| first.name == job.rel) {
                Some(first) => (first.sender.clone(), first.receiver.clone()),
                None => {
                    let source = src.first().map(|(source, _)| *source);
                    (rules_above(plan, parent, source).clone(), parent.receiver.clone())
                }
            },
            None => (plan.sender.clone(), plan.receiver.clone()),
        };
        if job.parent.is_none() && plan.top.rank != Rank::Contents {
            // Only the way to the names that operands spell out: its merge files are not in the transfer.
            return Rules { sender, further: Vec::new(), receiver };
        }
        let further = further(worker, job, src);
        // What is only named itself is not read, be there rules or not.
        let sender = match job.listed.is_empty() && job.operands.is_empty() {
            true => sender,
            false => chain(worker, sender, MergeDir::Source(src.first()), &job.rel),
        };
        let delete = &plan.options.delete;
        let receiver = match (delete.when, delete.force) {
            (Some(_), _) => chain(worker, receiver, MergeDir::Target(dst), job.dst_rel()),
            // Most directories have nothing in the way, and then nobody asks what is wrong with their rules.
            (None, true) => {
                enter(worker, &receiver, MergeDir::Target(dst), job.dst_rel()).unwrap_or(receiver)
            }
            // Where nothing is deleted nobody asks what merge files protect.
            (None, false) => receiver,
        };
        Rules { sender, further, receiver }
    }
}

/// The rules of the sources behind the first, each with the merge files that it has itself. At the top, with
/// incremental recursion, the first one's are for all, as in rsync.
fn further(worker: &Worker, job: &DirJob, src: &[(u16, OwnedFd)]) -> Vec<(u16, Chain)> {
    let plan = &worker.run.plan;
    if src.len() < 2 || plan.sender.is_static() || plan.options.select.incremental && job.parent.is_none() {
        return Vec::new();
    }
    let of = |src: &(u16, OwnedFd)| {
        let (source, _) = *src;
        let above =
            job.parent.as_ref().map_or(&plan.sender, |parent| rules_above(plan, parent, Some(source)));
        (source, chain(worker, above.clone(), MergeDir::Source(Some(src)), &job.rel))
    };
    src.iter().skip(1).map(of).collect()
}

/// The rules that a source's directories below this one go on with: its own, but with incremental recursion those of
/// the source that was read last, whichever it was.
fn rules_above<'a>(plan: &Plan, parent: &'a Dir, source: Option<u16>) -> &'a Chain {
    let last = parent.further.last().map(|(_, chain)| chain);
    match source {
        Some(source) if !plan.options.select.incremental => parent.rules(source),
        _ => last.unwrap_or(&parent.sender),
    }
}

/// Where the merge files of a directory are read.
#[derive(Debug, Clone, Copy)]
pub enum MergeDir<'a> {
    /// In a source of this number, if it has the directory.
    Source(Option<&'a (u16, OwnedFd)>),
    /// At the destination, if that has the directory.
    Target(Option<&'a OwnedFd>),
}

impl MergeDir<'_> {
    const fn side(self) -> RuleSide {
        match self {
            MergeDir::Source(_) => RuleSide::Sender,
            MergeDir::Target(_) => RuleSide::Receiver,
        }
    }

    fn read(self, resolver: &Resolver, name: &[u8]) -> Result<Vec<u8>, ReadError> {
        match self {
            MergeDir::Source(Some((_, handle))) | MergeDir::Target(Some(handle)) => {
                read_merge_file(resolver, self.side(), handle, name)
            }
            MergeDir::Source(None) | MergeDir::Target(None) => {
                Err(unreadable(&io::Error::from_raw_os_error(ENOENT)))
            }
        }
    }
}

/// The rules in a directory, its own merge files read there. A bad rule there ends the run, as in rsync. What lies behind
/// somebody else's link may be anybody's, and says nothing.
pub fn chain(worker: &Worker, above: Chain, at: MergeDir<'_>, rel: &[u8]) -> Chain {
    enter(worker, &above, at, rel).unwrap_or_else(|error| {
        worker.run.state.abort(&fatal(&error));
        above
    })
}

fn enter(worker: &Worker, above: &Chain, at: MergeDir<'_>, rel: &[u8]) -> Result<Chain, FilterError> {
    if above.is_static() {
        return Ok(above.clone());
    }
    let plan = &worker.run.plan;
    let side = at.side();
    let distrusted = match at {
        MergeDir::Source(Some((source, _))) => plan.resolver.distrusts(&source_path(plan, *source, rel)),
        MergeDir::Source(None) | MergeDir::Target(_) => false,
    };
    let mut read = |name: &[u8]| match distrusted {
        true => Err(unreadable(&plan.resolver.refuse())),
        false => at.read(&plan.resolver, name),
    };
    let entered = above.enter(rel, &mut read);
    if tells_refusals(worker, side) {
        worker.tell_refusals();
    } else {
        // Another pass tells of the same links.
        let _ = worker.run.plan.resolver.take_refusals();
    }
    entered
}

/// Whether this pass tells of merge files that are not read: the one that makes the list, and the one that deletes.
fn tells_refusals(worker: &Worker, side: RuleSide) -> bool {
    let deletes = match worker.run.plan.options.delete.when {
        Some(DeleteWhen::Before) => Phase::DeleteBefore,
        Some(DeleteWhen::After) => Phase::DeleteAfter,
        Some(DeleteWhen::During | DeleteWhen::Delay) | None => Phase::Transfer,
    };
    match side {
        RuleSide::Sender => worker.run.tells_list(),
        RuleSide::Receiver => worker.run.state.phase() == deletes,
    }
}

/// The rules for what a directory of the destination holds that goes, though it is no part of the transfer: where none
/// was entered on the way there, those of the merge files above it hold too (`: /.rsync-filter`).
pub fn chain_above(worker: &Worker, chain: &Chain, rel: &[u8]) -> Chain {
    if chain.is_static() {
        return chain.clone();
    }
    let plan = &worker.run.plan;
    let mut read = |path: &[u8]| read_merge_file(&plan.resolver, RuleSide::Receiver, CWD, path);
    let scanned = chain.above(&target_path(plan, rel), &mut read);
    worker.tell_refusals();
    scanned.unwrap_or_else(|error| {
        worker.run.state.abort(&fatal(&error));
        chain.clone()
    })
}

fn fatal(error: &FilterError) -> Fatal {
    Fatal { side: Side::Sender, cause: Cause::Refused(error.message()), exit: error.exit() }
}
