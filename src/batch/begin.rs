//! How a batch takes part in the preparation of a run: what it says of options and sources, what is written first.

use std::io;

use rsync_compat::batch::{Opening, Record, Top, script};
use rsync_compat::exit::Exit;
use rsync_compat::filter::RuleList;
use rsync_compat::options::{self, Options};

use super::{Batch, Opened, Recorded, Writer};
use crate::facts::Facts;
use crate::failure::{BatchFault, Cause, Fatal, Side, errno_of};
use crate::operands::resolve::Resolver;
use crate::operands::roots::{SourceRoot, Sources};
use crate::operands::tree::{OperandTree, Rank};
use crate::pipeline::batch::{record, replay};
use crate::pipeline::translate::mapping;
use crate::plan::Plan;

/// Opens the batch that is to be replayed, if one is, and fits the options to it.
///
/// # Errors
/// A file that is no batch for this run.
pub fn open(options: &mut Options, facts: &Facts, resolver: &Resolver) -> Result<Batch, Fatal> {
    let options::Batch::Read(replayed) = &options.batch else { return Ok(Batch::None) };
    let recorded = Recorded::open(resolver, &replayed.file, &facts.cwd)?;
    options.match_batch(recorded.opening.flags);
    Ok(Batch::Replaying(Box::new(recorded)))
}

/// Refuses a batch whose list came piece by piece, when the options have no use for that.
///
/// # Errors
/// The options don't suit the batch.
pub fn check(options: &Options, batch: &Batch) -> Result<(), Fatal> {
    match (&options.batch, batch.recorded()) {
        (options::Batch::Read(replayed), Some(recorded)) if !replayed.asked.suits(recorded.opening.flags) => {
            let cause = Cause::Batch { path: recorded.path.clone(), fault: BatchFault::Options };
            // Before any list is made.
            Err(Fatal { side: Side::Client, cause, exit: Exit::Syntax })
        }
        _ => Ok(()),
    }
}

/// What is said of options that were set to match a batch.
#[must_use]
pub fn matched(options: &Options, batch: &Batch) -> Vec<String> {
    match (&options.batch, batch.recorded()) {
        (options::Batch::Read(replayed), Some(recorded)) if options.output.info.misc > 0 => {
            replayed.asked.lines(recorded.opening.flags)
        }
        _ => Vec::new(),
    }
}

/// What stands for the sources when a batch is replayed.
///
/// # Errors
/// The batch cannot be held open twice.
pub fn sources(recorded: &Recorded) -> Result<Sources, Fatal> {
    let handle = recorded.handle.try_clone().map_err(|error: io::Error| {
        let fault = BatchFault::Dup(errno_of(&error));
        let cause = Cause::Batch { path: recorded.path.clone(), fault };
        Fatal { side: Side::Receiver, cause, exit: Exit::FileIo }
    })?;
    let (rank, meta) = match &recorded.opening.top {
        Top::Way => (Rank::Passage, record::NOWHERE),
        Top::Listed(attributes) => (Rank::Contents, replay::meta(attributes)),
    };
    let root = SourceRoot {
        handle,
        display: recorded.path.clone(),
        typed: b".".to_vec(),
        lead: b"".as_slice(),
        meta,
    };
    Ok(Sources::of(vec![root], OperandTree::recorded(rank)))
}

/// Whether the script beside a batch is written as it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// It stays empty: the run is refused by then.
    Empty,
    /// It is.
    Written,
}

/// Makes the files of the batch that is to be written, if one is, and writes its script: before anything else is made.
///
/// # Errors
/// Files that cannot be made or written.
pub fn open_to_write(
    options: &Options,
    facts: &Facts,
    resolver: &Resolver,
    rules: &RuleList,
    wanted: Script,
) -> Result<Option<Opened>, Fatal> {
    let options::Batch::Write(written) = &options.batch else { return Ok(None) };
    let destination = options.operands.last().map_or(b"".as_slice(), Vec::as_slice);
    // What cannot be written there is told later.
    let text = rules.written().map(|rules| script(&written.command, destination, rules.as_deref()));
    let opened = Opened::open(resolver, written, &facts.cwd, facts.umask)?;
    if let (Script::Written, Ok(text)) = (wanted, text) {
        opened.write_script(&text)?;
    }
    Ok(Some(opened))
}

/// Begins the batch that is to be written, if one is.
///
/// # Errors
/// A file that cannot be written, and rules that have no place in the script.
pub fn create(plan: &mut Plan, opened: Option<Opened>) -> Result<(), Fatal> {
    let (options::Batch::Write(written), Some(opened)) = (&plan.options.batch, opened) else { return Ok(()) };
    plan.rules.written().map_err(|_| Fatal {
        side: Side::Receiver,
        cause: Cause::Batch { path: written.file.clone(), fault: BatchFault::Rule },
        exit: Exit::Syntax,
    })?;
    let writer = Writer::begin(opened)?;
    let named = if plan.top.rank == Rank::Contents { &plan.top.listed } else { &plan.top.sources };
    let root = named.first().filter(|_| plan.top.rank > Rank::Passage);
    let root = root.and_then(|&source| plan.sources.get(usize::from(source)));
    let top =
        root.map_or(Top::Way, |root| Top::Listed(record::attributes(&mapping::as_sent(plan, root.meta))));
    writer.record(&Record::Opening(Opening { flags: written.flags, top }));
    plan.batch = Batch::Writing(writer);
    Ok(())
}
