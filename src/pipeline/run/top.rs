//! The top of the transfer: the directory job that each pass over the tree begins with.

use std::os::fd::{AsFd, OwnedFd};

use rsync_compat::options::Recursion;
use uring_ext::plain::{self, AtFlags};

use super::Run;
use crate::entry::{Meta, join};
use crate::failure::Side;
use crate::operands::tree::{OperandTree, Rank};
use crate::path_text::c_name;
use crate::pipeline::attributes::{self, fake};
use crate::pipeline::engine::jobs::Job;
use crate::pipeline::engine::state::Phase;
use crate::pipeline::entries::descend;
use crate::pipeline::handles::at::{At, umask_by_acl};
use crate::pipeline::handles::dir::{Before, DirJob, Through};
use crate::pipeline::handles::paths::target_path;
use crate::pipeline::handles::swaps::SourceDir;
use crate::pipeline::translate::mapping;
use crate::plan::Plan;
use crate::report::{First, Notice, Place};

impl Run {
    /// Names the directories of the operands, at the beginning of a pass that cleans them and all below.
    pub(super) fn tell_cleaning(&self, rel: &[u8], operand: &OperandTree) {
        let lists = match self.plan.options.select.recursion {
            Recursion::Full => operand.rank >= Rank::Named,
            Recursion::Dirs => operand.rank == Rank::Contents,
            Recursion::None => false,
        };
        let path = if rel.is_empty() { b".".as_slice() } else { rel };
        let flags = if operand.rank == Rank::Contents { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
        let is_dir = || {
            let root = self.plan.sources.get(usize::from(*operand.sources.first()?))?;
            plain::statx(&root.handle, &c_name(path), flags, plain::STATX_ALL).ok().filter(|st| st.is_dir())
        };
        if lists && is_dir().is_some() {
            self.report.notice(&self.report.root(), Place::Deletion, &Notice::Cleaning(path));
        }
        for (name, below) in operand.children.iter() {
            self.tell_cleaning(&join(rel, name), below);
        }
    }

    /// The job of the transfer's top.
    pub(super) fn seed_top(&self) {
        let top = &self.plan.top;
        let named = if top.rank == Rank::Contents { &top.listed } else { &top.sources };
        let skipped = self.plan.options.select.recursion == Recursion::None;
        let attributes = named.first().copied().filter(|_| top.rank > Rank::Passage && !skipped);
        let told = attributes
            .and_then(|source| self.plan.sources.get(usize::from(source)))
            .map(|root| mapping::as_told(&self.plan, root.meta));
        let wanted = told.map(|told| {
            let there = self.plan.target.handle.as_ref().and_then(|handle| self.target_top(handle));
            let there = there.filter(|_| !self.plan.target.fresh);
            if self.plan.options.output.list_only {
                return told;
            }
            let wanted = match there {
                Some(there) => attributes::wanted_over(&self.plan, &told, &there),
                None => attributes::wanted_new(&self.plan, &told, self.umask_of_top()),
            };
            // One that may not be searched then cannot be opened up.
            if wanted.mode & 0o100 == 0 { wanted } else { descend::opened_up(&self.plan, wanted) }
        });
        let recursion = self.plan.options.select.recursion;
        let mut sources = top.sources.to_vec();
        if let Some(first) = attributes {
            sources.retain(|&source| source != first);
            sources.insert(0, first);
        }
        let node = self.report.root();
        self.report.begin_pass(&self.plan.target.display);
        if self.state.phase() == Phase::Transfer {
            self.report.begin(&node, first_told(&self.plan));
        }
        self.jobs.seed(Job::Dir(Box::new(DirJob {
            parent: None,
            closed: None,
            name: c".".into(),
            through: Through::Itself,
            sources,
            listed: if recursion == Recursion::None { Vec::new() } else { top.listed.to_vec() },
            operands: top.children.clone(),
            wanted,
            as_listed: told.as_ref().map(SourceDir::of),
            upcoming: None,
            before: self.top_before(),
            node,
            rel: Vec::new(),
            remote: None,
            dev: None,
        })));
    }

    /// What new permissions go below: the umask, or the default ACL that the destination inherited.
    fn umask_of_top(&self) -> u32 {
        self.plan.target.handle.as_ref().and_then(umask_by_acl).unwrap_or(self.plan.identity.umask)
    }

    /// What the destination directory is, or stands for.
    fn target_top(&self, handle: &OwnedFd) -> Option<Meta> {
        let at = At::Fd(handle.as_fd());
        let seen =
            fake::top(self.plan.identity.receiver, at, Side::Generator, || target_path(&self.plan, b""));
        seen.unwrap_or_else(|fatal| {
            self.state.abort(&fatal);
            None
        })
    }

    fn top_before(&self) -> Before {
        let target = &self.plan.target;
        if self.state.phase() == Phase::Scan {
            return Before::Absent;
        }
        let options = &self.plan.options;
        // Nothing is told of what is in a directory that is not made (`--existing`), unless a list of its own has it.
        let left = options.compare.existing && !options.select.incremental && !options.output.list_only;
        let is_named = self.plan.top.rank > Rank::Passage && options.select.recursion != Recursion::None;
        match &target.handle {
            None if left && is_named => Before::Left,
            None => Before::Absent,
            // A pass before this one may have filled it.
            Some(_) if target.fresh && self.state.phase() == Phase::Transfer => Before::Made,
            Some(handle) => self.target_top(handle).map_or(Before::Absent, Before::Existing),
        }
    }
}

/// What rsync's receiving side has in the first batch of what is told. Behind a first list without the destination
/// itself the next one follows at once; names of hard-link groups wait for all lists.
fn first_told(plan: &Plan) -> First {
    let (whole, has_top) = (!plan.options.select.incremental, plan.top.rank > Rank::Passage);
    match has_top {
        true if whole || plan.options.preserve.hard_links => First::Own,
        true => First::Directories(1),
        false if whole => First::Name,
        false if plan.options.preserve.hard_links => First::Directories(usize::MAX),
        // Measured: one that is more than the way to the next one is told by itself.
        false if plan.top.children.iter().nth(1).is_some() => First::Directories(1),
        false => First::Directories(2),
    }
}
