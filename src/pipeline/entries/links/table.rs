//! The names of hard-link groups, collected by device and inode until all names of a group are known.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::entry::{Entry, Meta, join};
use crate::pipeline::handles::closed::ClosedDir;
use crate::pipeline::handles::source::follows_links;
use crate::plan::Plan;

/// How many locks the table is spread over.
const SHARDS: usize = 16;

/// Room that is made at a time for the names of a group, most of which have no more: a file may have many more links
/// than are met.
const MEMBERS_USUAL: usize = 4;

/// Names by device and inode.
type Groups = HashMap<(u64, u64), Vec<Member>>;

/// All groups whose names are not yet all known.
#[derive(Debug)]
pub struct Links {
    known: Known,
    shards: [Mutex<Groups>; SHARDS],
}

/// When all names of a group are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// When there are as many as the file has links.
    ByCount,
    /// At the end: where links are followed, or one operand lies within another, a name is met on several ways.
    AtTheEnd,
}

/// One name of a group. There may be millions: what can be found out again is not kept.
#[derive(Debug)]
pub(super) struct Member {
    /// What stays known of its directory.
    pub(super) dir: Arc<ClosedDir>,
    pub(super) entry: Entry,
    there: Option<Box<Meta>>,
}

impl Member {
    /// Its path from the transfer root.
    pub(super) fn rel(&self) -> Vec<u8> {
        join(&self.dir.facts.rel, self.entry.name.to_bytes())
    }

    /// What the destination had under the name.
    pub(super) fn there(&self) -> Option<&Meta> {
        self.there.as_deref()
    }

    /// The path it is sorted by: with several character sets its name is the destination's, and so are directories
    /// where rsync has the whole list.
    pub(super) fn sorted_by(&self, plan: &Plan) -> Vec<u8> {
        if plan.charsets.is_none() {
            return self.rel();
        }
        let above =
            if plan.options.select.incremental { &self.dir.facts.rel } else { self.dir.facts.dst_rel() };
        join(above, self.entry.remote_name().to_bytes())
    }
}

/// A group that is complete, as far as the transfer goes.
#[derive(Debug)]
pub struct GroupJob {
    pub(super) members: Vec<Member>,
}

impl Links {
    /// No groups.
    #[must_use]
    pub fn new(plan: &Plan) -> Links {
        let one_way = plan.top.names() == 1 && !follows_links(&plan.options.links);
        let known = if one_way { Known::ByCount } else { Known::AtTheEnd };
        Links { known, shards: Default::default() }
    }

    /// Keeps a name until its group is complete; returns the group with the last one.
    pub fn collect(&self, dir: &Arc<ClosedDir>, entry: Entry, there: Option<Meta>) -> Option<GroupJob> {
        let key = (entry.meta.dev, entry.meta.ino);
        let names = usize::try_from(entry.meta.nlink).unwrap_or(usize::MAX);
        let entry = Entry { name: entry.name.detached(), ..entry };
        let member = Member { dir: Arc::clone(dir), entry, there: there.map(Box::new) };
        let shard = usize::try_from(key.1 % SHARDS as u64).unwrap_or(0);
        let mut groups = self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner);
        let group = groups.entry(key).or_default();
        if group.len() == group.capacity() {
            // Half as much again, but no more than can come.
            let more = MEMBERS_USUAL.max(group.len() / 2);
            group.reserve_exact(more.min(names.saturating_sub(group.len()).max(1)));
        }
        group.push(member);
        if self.known == Known::AtTheEnd || group.len() < names {
            return None;
        }
        groups.remove(&key).map(|members| GroupJob { members })
    }

    /// The groups that have names outside of the transfer; nothing is left.
    pub fn take_rest(&self) -> Vec<GroupJob> {
        let mut rest = Vec::new();
        for shard in &self.shards {
            let mut groups = shard.lock().unwrap_or_else(PoisonError::into_inner);
            rest.extend(groups.drain().map(|(_, members)| GroupJob { members }));
        }
        rest
    }
}
