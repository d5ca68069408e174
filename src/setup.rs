//! From [`Options`] to `Plan`: rules parsed, names resolved, roots opened, the destination found or made.

mod dirs;
mod merge_files;
mod owners;
mod rules;
mod whole_list;

use std::collections::BTreeSet;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use rsync_compat::exit::Exit;
use rsync_compat::filter::{NameKind, RuleList};
use rsync_compat::options::stop::Stop;
use rsync_compat::options::{Backup, Options, Recursion};
use uring_ext::mode::FUSE_MAGIC;
use uring_ext::plain::{self, AtFlags};
use uring_ext::process;

use crate::batch::begin::{self, Script};
use crate::batch::{Batch, Opened};
use crate::charsets::Charsets;
use crate::facts::Facts;
use crate::failure::{Cause, Failure, Fatal, Side};
use crate::operands::resolve::Resolver;
use crate::operands::roots::{self, Refused};
use crate::operands::tree::Rank;
use crate::operands::{files_from, nested};
use crate::path_text::c_name;
use crate::pipeline::attributes::fake;
use crate::pipeline::batch::replay;
use crate::pipeline::handles::at::At;
use crate::plan::{Limits, Plan, Power, Target, workers_max};
use crate::{copy_as, deadline, target};

/// A plan, and what was to be told on the way to it.
#[derive(Debug)]
pub struct Prepared {
    /// What is to be done.
    pub plan: Plan,
    /// Lines for standard error.
    pub warnings: Vec<Vec<u8>>,
    /// What was decided about operands.
    pub listed: Listed,
    /// Source operands that could not be looked at.
    pub failures: Vec<Failure>,
    /// So many of these before the first that could.
    pub leading: usize,
    /// What was made for the destination.
    pub made: target::Made,
    /// Why the receiving side refuses all of it: the sending side has made its list by then.
    pub refused: Option<Fatal>,
}

/// What was decided about operands as they were read, before there was a destination.
#[derive(Debug)]
pub struct Listed {
    /// The names that rules decided about.
    pub asked: Vec<(Vec<u8>, NameKind)>,
    /// Directories that are left out.
    pub skipped: Vec<Vec<u8>>,
}

impl Listed {
    /// Takes out of the operands what is not copied, and looks into the merge files of what is left.
    fn of(
        inputs: Inputs<'_>,
        rules: &RuleList,
        sending: &rules::Rules,
        sources: &mut roots::Sources,
    ) -> Result<Listed, Fatal> {
        let asked = rules::hide(inputs, rules, sending, sources)?;
        let skipped = skip_directories(inputs.options, sources);
        merge_files::check(inputs, sending, sources)?;
        Ok(Listed { asked, skipped })
    }
}

/// What a run is prepared from.
#[derive(Debug, Clone, Copy)]
struct Inputs<'a> {
    /// What the user wants.
    options: &'a Options,
    /// What was asked of the system before.
    facts: &'a Facts,
    /// Opens paths that the user typed.
    resolver: &'a Resolver,
}

/// Looks everything up.
///
/// # Errors
/// What ends a run before it begins, with rsync's exit status.
pub fn prepare(
    options: Options,
    facts: &Facts,
    resolver: &Arc<Resolver>,
    batch: Batch,
) -> Result<Prepared, Fatal> {
    let remaining = remaining(&options)?;
    let inputs = Inputs { options: &options, facts, resolver };
    let (rules, list) = own_files(inputs)?;
    let opened = begin_as_user(inputs, &rules)?;
    let charsets = charsets(&options, facts)?;
    let identity = owners::identity(&options, facts);
    let (named, destination) = split(&options, &batch);
    let mut sources = sources(inputs, &batch, named, list.as_deref(), identity.sender)?;
    let mut warnings = warnings(&options, &rules);
    let sending = rules::sending(inputs, &rules, &batch, &sources)?;
    let listed = Listed::of(inputs, &rules, &sending, &mut sources)?;
    let chmods = owners::chmods(&options)?;
    let mut refusals = Refusals::default();
    let ids = refusals.taken(owners::ids(&options, &mut warnings)).unwrap_or(owners::NO_IDS);
    let request = target::Request {
        options: &options,
        path: destination.as_deref().filter(|_| refusals.first.is_none()),
        sources: &sources,
        sender: &sending.top,
        recorded: batch.recorded().map(replay::entries),
        cwd: &facts.cwd,
        umask: identity.umask,
        resolver,
    };
    let found = refusals.taken(target::find(&request));
    let found = found.unwrap_or_else(|| target::Found::nowhere(&facts.cwd, target::Made::Nothing));
    let (sender, receiver, first) = rules::receiving(inputs, &rules, sending, &sources, &found.target)?;
    let (mut basis, mut temp_dir) = (Vec::new(), None);
    if refusals.first.is_none() {
        basis = dirs::basis(resolver, &options, &found.target, &mut warnings);
        temp_dir = refusals.taken(dirs::temp_dir(resolver, &options, &found.target, &facts.cwd)).flatten();
    }
    let (cpus, workers, limits) = resources(&options, &sources, &found.target);
    warnings.splice(0..0, resolver.take_refusals());
    let mut plan = Plan {
        resolver: Arc::clone(resolver),
        cpus: if options.engine.pin { cpus } else { Vec::new() },
        workers,
        limits,
        identity,
        backs_up_among: backs_up_among(&options, &sources),
        nested: nested::sources_hold(&sources, &found.target),
        top: sources.top,
        fuse: is_on_fuse(&found.target),
        sources: sources.roots,
        target: found.target,
        basis,
        basis_kind: options.basis.as_ref().map(|basis| basis.kind),
        sender,
        receiver,
        first,
        rules,
        temp_dir,
        remaining,
        chmods,
        ids,
        charsets,
        options,
        batch,
    };
    begin::create(&mut plan, opened)?;
    let (failures, leading, refused) = (sources.failures, sources.leading, refusals.first);
    Ok(Prepared { plan, warnings, listed, failures, leading, made: found.made, refused })
}

/// What the receiving side refuses; the first is told.
#[derive(Debug, Default)]
struct Refusals {
    first: Option<Fatal>,
}

impl Refusals {
    /// What came of it, if it was not refused.
    fn taken<T>(&mut self, outcome: Result<T, Fatal>) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(fatal) => {
                self.first.get_or_insert(fatal);
                None
            }
        }
    }
}

/// The names of `--files-from`, if it was given.
type List = Option<Vec<Vec<u8>>>;

/// What is read, and checked, before any operand is looked at: rules, and the names of `--files-from`.
fn own_files(inputs: Inputs<'_>) -> Result<(RuleList, List), Fatal> {
    let Inputs { options, facts, resolver } = inputs;
    let rules = rules::typed(inputs)?;
    let list = list(options, resolver).map_err(|fatal| match options.operands.first() {
        // A list is read once its root was entered.
        Some(root) if fatal.exit == Exit::StreamIo => {
            let entered = roots::open_listed(options, root, &[], &facts.cwd);
            entered.err().map_or(fatal, |refused| refusal(&refused))
        }
        _ => fatal,
    })?;
    target::has_path(facts)?;
    rules::carried(options, &rules)?;
    Ok((rules, list))
}

/// What rsync finds before the rest of a command line that is refused, and before it opens a batch: it looks at the
/// clock and reads rules as it comes to them, and the list of `--files-from` before it counts operands.
#[must_use]
pub fn found_before(mut options: Options, facts: &Facts, resolver: &Resolver, lists: Lists) -> Option<Fatal> {
    // This one comes after the options.
    options.select.cvs_exclude = false;
    if let Err(fatal) = remaining(&options) {
        return Some(fatal);
    }
    let lists = |()| if lists == Lists::Read { list(&options, resolver).map(|_| ()) } else { Ok(()) };
    rules::typed(Inputs { options: &options, facts, resolver }).map(|_| ()).and_then(lists).err()
}

/// Opens the files of a batch, for a command line that is refused once that is done.
///
/// # Errors
/// What comes first, and files that cannot be opened.
pub fn begin_in_vain(
    mut options: Options,
    facts: &Facts,
    resolver: &Resolver,
    script: Script,
) -> Result<(), Fatal> {
    found_before(options.clone(), facts, resolver, Lists::Unread).map_or(Ok(()), Err)?;
    begin::open(&mut options, facts, resolver)?;
    let rules = rules::typed(Inputs { options: &options, facts, resolver })?;
    begin::open_to_write(&options, facts, resolver, &rules, script).map(drop)
}

/// Whether the list of `--files-from` is read by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lists {
    /// It is.
    Read,
    /// It is not.
    Unread,
}

/// The names of `--files-from`.
fn list(options: &Options, resolver: &Resolver) -> Result<List, Fatal> {
    let list = options.select.files_from.as_deref();
    list.map(|list| files_from::read(resolver, list, rules::line_end(options))).transpose()
}

/// What was opened up to here, and a batch, is ours to open; the rest is the other user's, if there is one.
fn begin_as_user(inputs: Inputs<'_>, rules: &RuleList) -> Result<Option<Opened>, Fatal> {
    let Inputs { options, facts, resolver } = inputs;
    let opened = begin::open_to_write(options, facts, resolver, rules, Script::Written)?;
    options.preserve.copy_as.as_deref().map_or(Ok(()), copy_as::become_user)?;
    Ok(opened)
}

/// `--iconv`.
fn charsets(options: &Options, facts: &Facts) -> Result<Option<Arc<Charsets>>, Fatal> {
    let asked = options.charsets.as_ref();
    asked.map(|asked| Charsets::open(asked, &facts.cwd).map(Arc::new)).transpose()
}

/// What there is to work with.
fn resources(options: &Options, sources: &roots::Sources, target: &Target) -> (Vec<usize>, usize, Limits) {
    if options.write.drop_cache {
        plain::leave_nothing();
    }
    let cpus = process::cpus();
    let descriptors = process::raise_open_files();
    let workers = options.engine.workers.unwrap_or(cpus.len().min(workers_max(descriptors))).max(1);
    // Which deletions a limit leaves out follows from their order, which is one worker's; what is in the way counts too.
    let in_order = options.delete.max.is_some();
    // What a kept link leads to may be a directory of the transfer, in which nothing is deleted after it was copied.
    let meets_twice = options.links.keep_dirlinks && !target.fresh;
    let in_order = in_order || meets_twice || backs_up_among(options, sources);
    let workers = if in_order { 1 } else { workers };
    let limits = Limits::for_workers(workers, descriptors);
    (cpus, workers, limits)
}

/// Whether backups come to lie where the source has a directory too: then it depends on the order what is kept of what.
fn backs_up_among(options: &Options, sources: &roots::Sources) -> bool {
    let Some(Backup { dir: Some(dir), .. }) = &options.backup else { return false };
    let name = dir.split(|&byte| byte == b'/').find(|part| !matches!(*part, b"" | b"."));
    let Some(name) = name.filter(|_| !dir.starts_with(b"/")).map(c_name) else { return false };
    let has = |root: &roots::SourceRoot| {
        plain::statx(&root.handle, &name, AtFlags::SYMLINK_NOFOLLOW, plain::STATX_ALL).is_ok()
    };
    sources.roots.iter().any(has)
}

/// What the tops of the sources stand for.
fn look_behind(sources: &mut roots::Sources, power: Power) -> Result<(), Fatal> {
    for root in &mut sources.roots {
        let path = || crate::entry::join(&root.display, b".");
        let seen = fake::top(power, At::Fd(root.handle.as_fd()), Side::Sender, path)?;
        root.meta = seen.unwrap_or(root.meta);
    }
    Ok(())
}

/// Source operands and destination. A batch needs no source.
fn split<'a>(options: &'a Options, batch: &Batch) -> (&'a [Vec<u8>], Option<Vec<u8>>) {
    match options.operands.split_last() {
        // A listing takes a destination and leaves it alone.
        Some((_, rest)) if options.output.list_only && (!rest.is_empty() || batch.recorded().is_some()) => {
            (rest, None)
        }
        Some((last, rest)) if !rest.is_empty() || batch.recorded().is_some() => (rest, Some(last.clone())),
        _ => (options.operands.as_slice(), None),
    }
}

/// The source operands, opened; or what a list names below one, or a batch.
fn sources(
    inputs: Inputs<'_>,
    batch: &Batch,
    operands: &[Vec<u8>],
    list: Option<&[Vec<u8>]>,
    power: Power,
) -> Result<roots::Sources, Fatal> {
    let Inputs { options, facts, .. } = inputs;
    if let Some(recorded) = batch.recorded() {
        return begin::sources(recorded);
    }
    let mut found = match (operands, list) {
        ([operand], Some(names)) => roots::open_listed(options, operand, names, &facts.cwd),
        (operands, _) => roots::open_sources(options, operands, &facts.cwd),
    }
    .map_err(|refused| refusal(&refused))?;
    look_behind(&mut found, power)?;
    Ok(found)
}

/// How long the run may last.
fn remaining(options: &Options) -> Result<Option<Duration>, Fatal> {
    let Some(stop) = &options.write.stop else { return Ok(None) };
    let typed = match stop {
        Stop::At(_, typed) => typed.as_slice(),
        Stop::After(_) => b"",
    };
    let passed = || owners::usage(Cause::StopIsPast(typed.to_vec()));
    deadline::remaining(stop).map(Some).ok_or_else(passed)
}

/// Whether the destination is on a FUSE file system.
fn is_on_fuse(target: &Target) -> bool {
    let is_fuse = |handle| plain::fstatfs(handle).is_ok_and(|fs| fs.magic == FUSE_MAGIC);
    target.handle.as_ref().is_some_and(is_fuse)
}

fn refusal(refused: &Refused) -> Fatal {
    let (cause, exit) = match refused {
        Refused::EmptySource => (Cause::EmptySource, Exit::Syntax),
        Refused::NoListRoot { path, errno } => {
            (Cause::NoListRoot { path: path.clone(), errno: *errno }, Exit::FileSelection)
        }
        Refused::DotDot(path) => (Cause::DotDot(path.clone()), Exit::Syntax),
    };
    Fatal { side: Side::Sender, cause, exit }
}

/// What is said before anything is done.
fn warnings(options: &Options, rules: &RuleList) -> Vec<Vec<u8>> {
    let told = options.receiving.iter().flat_map(|told| &told.warnings);
    told.chain(rules.warnings()).cloned().collect()
}

/// Directories are nothing to copy without `-r` and `-d`.
fn skip_directories(options: &Options, sources: &mut roots::Sources) -> Vec<Vec<u8>> {
    if options.select.recursion != Recursion::None {
        return Vec::new();
    }
    let mut dropped = BTreeSet::from([b".".to_vec()]);
    sources.top.drop_directories(b"", &mut dropped);
    if sources.top.rank == Rank::Contents {
        // It is not read either.
        sources.top.rank = Rank::Passage;
    }
    // Each operand that names one is told, but for those that rules hide.
    let skipped = sources.skipped.iter().filter(|(_, path)| dropped.contains(path));
    skipped.map(|(lead, path)| [lead, path.as_slice()].concat()).collect()
}
