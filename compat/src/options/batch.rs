//! What of the options a batch brings along, and what is left of them when one is replayed (rsync(1), BATCH MODE).

use super::draft::{Draft, Recurse};
use super::parse::Args;
use super::resolve::Facts;
use super::{Append, Batch, Bytes, Options, Recursion, Relative};
use crate::batch::{Asked, Flags, On, command};

/// A batch to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The file; the script has `.sh` behind it.
    pub file: Bytes,
    /// Nothing but the batch is written.
    pub only: bool,
    /// The words of the script's command.
    pub command: Vec<Bytes>,
    /// What whoever reads it has to do alike.
    pub flags: Flags,
}

/// A batch to be replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// The file; `-` is standard input.
    pub file: Bytes,
    /// What was asked for on the command line.
    pub asked: Asked,
}

/// What the wishes come to. A dry run records nothing.
pub(crate) fn settle(draft: &Draft, args: &Args, facts: &Facts) -> Batch {
    let Some(file) = draft.batch.file.clone() else { return Batch::None };
    let flags = flags(draft);
    if draft.batch.reads {
        let by_name = Flags::default()
            .with(Flags::RECURSION, On::from(draft.recurse == Recurse::Asked))
            .with(Flags::DIRS, On::from(draft.dirs == Some(true)))
            .with(Flags::XATTRS, On::from(draft.options.preserve.xattrs > 1));
        return Batch::Read(Replayed { file, asked: Asked { given: flags, by_name } });
    }
    if draft.options.write.dry_run {
        return Batch::None;
    }
    let only = draft.batch.writes_only;
    Batch::Write(Written { file, only, command: command(&facts.program, &args.typed), flags })
}

fn flags(draft: &Draft) -> Flags {
    let Options { select, compare, write, preserve, links, .. } = &draft.options;
    let (recursion, append) = (select.recursion, write.append);
    Flags::default()
        .with(Flags::RECURSION, On::from(recursion == Recursion::Full))
        .with(Flags::DIRS, On::from(recursion != Recursion::None))
        .with(Flags::OWNER, On::from(preserve.owner))
        .with(Flags::GROUP, On::from(preserve.group))
        .with(Flags::LINKS, On::from(links.keep))
        .with(Flags::DEVICES, On::from(preserve.devices))
        .with(Flags::HARD_LINKS, On::from(preserve.hard_links))
        .with(Flags::CHECKSUM, On::from(compare.checksum))
        .with(Flags::COMPRESS, On::from(draft.compress))
        .with(Flags::ACLS, On::from(preserve.acls))
        .with(Flags::XATTRS, On::from(preserve.xattrs > 0))
        .with(Flags::INPLACE, On::from(write.inplace))
        .with(Flags::APPEND, On::from(append == Append::Tail))
        .with(Flags::APPEND_VERIFY, On::from(append == Append::Verify))
        .with(Flags::INCREMENTAL, On::from(select.incremental))
}

impl Batch {
    /// `--only-write-batch`: the destination is left alone.
    #[must_use]
    pub fn is_only(&self) -> bool {
        matches!(self, Batch::Write(Written { only: true, .. }))
    }
}

impl Options {
    /// The options for replaying a batch that was written with these flags. What only matters for reading a source is
    /// over: the names in a batch are those that were left.
    pub fn match_batch(&mut self, batch: Flags) {
        let Options { select, compare, write, preserve, links, .. } = self;
        select.recursion = match (batch.has(Flags::RECURSION), batch.has(Flags::DIRS)) {
            (true, _) => Recursion::Full,
            (false, true) => Recursion::Dirs,
            (false, false) => Recursion::None,
        };
        select.incremental = batch.has(Flags::INCREMENTAL);
        select.relative = Relative::Off;
        select.prune_empty_dirs = false;
        compare.checksum = batch.has(Flags::CHECKSUM);
        preserve.owner = batch.has(Flags::OWNER);
        preserve.group = batch.has(Flags::GROUP);
        preserve.devices = batch.has(Flags::DEVICES);
        preserve.hard_links = batch.has(Flags::HARD_LINKS);
        preserve.acls = batch.has(Flags::ACLS);
        preserve.xattrs = if batch.has(Flags::XATTRS) { preserve.xattrs.max(1) } else { 0 };
        links.keep = batch.has(Flags::LINKS);
        (links.copy, links.copy_unsafe, links.copy_dirlinks, links.unmunge) = (false, false, false, false);
        write.inplace = batch.has(Flags::INPLACE);
        write.append = match (batch.has(Flags::APPEND), batch.has(Flags::APPEND_VERIFY)) {
            (_, true) => Append::Verify,
            (true, false) => Append::Tail,
            (false, false) => Append::Off,
        };
        write.copy_devices = false;
    }
}
