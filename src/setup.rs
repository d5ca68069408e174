//! From [`Options`] to [`Plan`]: rules parsed, names resolved, roots opened, the destination found or made.

mod rules;

use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rsync_compat::chmod::Chmod;
use rsync_compat::exit::Exit;
use rsync_compat::filter::{NameKind, RuleList, Side as RuleSide};
use rsync_compat::idmap::{IdMap, MapKind};
use rsync_compat::options::stop::Stop;
use rsync_compat::options::{Claim, Options, Recursion};
use uring_ext::mode::FUSE_MAGIC;
use uring_ext::plain::{self, CWD};
use uring_ext::process;

use crate::batch::{Batch, begin};
use crate::charsets::Charsets;
use crate::facts::Facts;
use crate::failure::{Failure, Fatal, Side, reason};
use crate::given::Given;
use crate::operand::Operands;
use crate::pipeline::at::At;
use crate::pipeline::fake;
use crate::pipeline::replay;
use crate::plan::{BasisRoot, Chmods, Identity, Ids, Limits, Plan, Power, Target, TempDir, workers_max};
use crate::refusal::Refusal;
use crate::roots::{self, Refused};
use crate::{copy_as, deadline, listed, target};

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
    /// What was made for the destination.
    pub made: target::Made,
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
    /// Takes out of the operands what is not copied.
    fn of(
        options: &Options,
        (rules, sending): (&RuleList, &rules::Rules),
        sources: &mut roots::Sources,
    ) -> Listed {
        Listed {
            asked: rules::hide(options, rules, sending, sources),
            skipped: skip_directories(options, sources),
        }
    }
}

/// Looks everything up.
///
/// # Errors
/// What ends a run before it begins, with rsync's exit status.
pub fn prepare(
    options: Options,
    facts: &Facts,
    operands: &Arc<Operands>,
    batch: Batch,
) -> Result<Prepared, Refusal> {
    let remaining = remaining(&options)?;
    let (rules, list) = own_files(&options, facts, operands)?;
    let charsets = charsets(&options, facts)?;
    // What was opened up to here was ours to open; the rest is that user's.
    options.preserve.copy_as.as_deref().map_or(Ok(()), copy_as::become_user)?;
    let identity = identity(&options, facts);
    let (named, destination) = split(&options, &batch);
    let mut sources = sources(&options, (named, list.as_deref()), facts, (identity.sender, &batch))?;
    let mut warnings = warnings(&options, &rules);
    let sending = rules::sending(operands, &rules, (&options, &batch), (&sources, &facts.cwd))?;
    let listed = Listed::of(&options, (&rules, &sending), &mut sources);
    let chmods = chmods(&options)?;
    let ids = ids(&options, &mut warnings)?;
    let found = target::find(
        &options,
        &target::Wanted {
            path: destination.as_deref(),
            sources: &sources,
            sender: &sending.top,
            recorded: batch.recorded().map(replay::entries),
            cwd: &facts.cwd,
            umask: identity.umask,
            links: &options.links,
            operands,
        },
    )
    .map_err(|fatal| Refusal { failures: sources.failures.clone(), ..Refusal::from(fatal) })?;
    let places = (&sources, found.target.display.as_slice());
    let (sender, receiver, first) = rules::receiving(operands, (&rules, sending), (&options, facts), places)?;
    let basis = basis(operands, &options, &found.target, &mut warnings);
    let temp_dir = match temp_dir(operands, &options, (&found.target, &facts.cwd)) {
        Ok(dir) => dir,
        Err(fatal) => return Err(Refusal::at(fatal, (sources.failures, found.made), options)),
    };
    let (cpus, workers, limits) = resources(&options);
    warnings.splice(0..0, operands.take_refusals());
    let mut plan = Plan {
        operands: Arc::clone(operands),
        cpus: if options.engine.pin { cpus } else { Vec::new() },
        workers,
        limits,
        identity,
        nested: sources_hold(&sources, &found.target),
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
    begin::create(&mut plan, facts)?;
    Ok(Prepared { plan, warnings, listed, failures: sources.failures, made: found.made })
}

/// The names of `--files-from`, if it was given.
type List = Option<Vec<Vec<u8>>>;

/// What is read, and checked, before any operand is looked at: rules, and the names of `--files-from`.
fn own_files(options: &Options, facts: &Facts, operands: &Operands) -> Result<(RuleList, List), Fatal> {
    let rules = rules::typed(options, facts, operands)?;
    let list = list(options, operands)?;
    target::has_path(facts)?;
    Ok((rules, list))
}

/// The names of `--files-from`.
fn list(options: &Options, operands: &Operands) -> Result<List, Fatal> {
    let list = options.select.files_from.as_deref();
    list.map(|list| listed::read(operands, list, rules::line_end(options))).transpose()
}

/// `--iconv`.
fn charsets(options: &Options, facts: &Facts) -> Result<Option<Arc<Charsets>>, Fatal> {
    let asked = options.charsets.as_ref();
    asked.map(|asked| Charsets::open(asked, &facts.cwd).map(Arc::new)).transpose()
}

/// What there is to work with.
fn resources(options: &Options) -> (Vec<usize>, usize, Limits) {
    if options.write.drop_cache {
        plain::leave_nothing();
    }
    let cpus = process::cpus();
    let descriptors = process::raise_open_files();
    let workers = options.engine.workers.unwrap_or(cpus.len().min(workers_max(descriptors))).max(1);
    // Which deletions a limit leaves out follows from their order, which is one worker's.
    let in_order = options.delete.when.is_some() && options.delete.max.is_some();
    let workers = if in_order { 1 } else { workers };
    let limits = Limits::for_workers(workers, descriptors);
    (cpus, workers, limits)
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
    options: &Options,
    named: (&[Vec<u8>], Option<&[Vec<u8>]>),
    facts: &Facts,
    through: (Power, &Batch),
) -> Result<roots::Sources, Fatal> {
    let (power, batch) = through;
    if let Some(recorded) = batch.recorded() {
        return begin::sources(recorded);
    }
    let mut found = match named {
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
    let passed = || usage([b"rsync: --stop-at time is not in the future: ", typed].concat());
    deadline::remaining(stop).map(Some).ok_or_else(passed)
}

/// Whether anything has that name.
fn is_there(dir: &OwnedFd, path: &[u8]) -> bool {
    plain::statx(dir, &crate::typed::c_name(path), plain::AtFlags::empty(), plain::STATX_ALL).is_ok()
}

/// Refuses a `--backup-dir` that is something else; one that is not there is made when needed.
fn check_backup_dir(operands: &Operands, options: &Options, target: &Target) -> Result<(), Fatal> {
    let dir = options.backup.as_ref().and_then(|backup| backup.dir.as_deref());
    let (Some(dir), Some(handle)) = (dir, &target.handle) else { return Ok(()) };
    match operands.open_dir(handle, dir) {
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory && !is_there(handle, dir) => {
            Err(Fatal {
                side: Side::Receiver,
                message: [b"Failed to stat ", dir, b": Not a directory"].concat(),
                code: Exit::FileIo.code(),
            })
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => Err(Fatal {
            side: Side::Receiver,
            message: [b"The backup-dir is not a directory: ", dir].concat(),
            code: Exit::Syntax.code(),
        }),
        _ => Ok(()),
    }
}

/// Opens `--temp-dir`, which is relative to the destination, as `--backup-dir` is, which is looked at as well.
fn temp_dir(
    operands: &Operands,
    options: &Options,
    (target, cwd): (&Target, &[u8]),
) -> Result<Option<TempDir>, Fatal> {
    check_backup_dir(operands, options, target)?;
    let Some(dir) = &options.write.temp_dir else { return Ok(None) };
    if target.handle.is_none() {
        // Where there is no destination, rsync is still in the current directory.
        return target::open_temp_dir(operands, cwd, dir).map(|_| None);
    }
    let handle = target::open_temp_dir(operands, &target.display, dir)?;
    let dev = uring_ext::plain::statx_fd(&handle).map_or(0, |st| st.dev);
    let upwards = !dir.starts_with(b"/") && dir.split(|&byte| byte == b'/').any(|part| part == b"..");
    let outside = operands.is_outside(RuleSide::Receiver, &handle);
    let handle = (!upwards && !outside).then_some(handle);
    let below: &[u8] = if dir.starts_with(b"/") { b"" } else { &target.display };
    let display = crate::entry::join(below, dir);
    Ok(Some(TempDir { handle, display, dev, born: OnceLock::new() }))
}

/// Whether the destination is on a FUSE file system.
fn is_on_fuse(target: &Target) -> bool {
    let is_fuse = |handle| plain::fstatfs(handle).is_ok_and(|fs| fs.magic == FUSE_MAGIC);
    target.handle.as_ref().is_some_and(is_fuse)
}

/// Whether the destination's path leads through something that is to be copied; decided by paths, since a scan more is
/// all it costs.
fn sources_hold(sources: &roots::Sources, target: &crate::plan::Target) -> bool {
    let holds = |(source, root): (u16, &roots::SourceRoot)| {
        let rest = target.display.strip_prefix(root.display.as_slice());
        rest.is_some_and(|rest| {
            let within = rest.is_empty() || rest.starts_with(b"/") || root.display.ends_with(b"/");
            within && leads_through(&sources.top, source, rest)
        })
    };
    target.handle.is_some() && (0..).zip(&sources.roots).any(holds)
}

/// Whether `rest` of a path, from this name on, meets a directory that this source has listed.
fn leads_through(given: &Given, source: u16, rest: &[u8]) -> bool {
    if given.listed.contains(&source) {
        return true;
    }
    let mut parts = rest.splitn(2, |&byte| byte == b'/');
    match parts.next() {
        Some(b"") => parts.next().is_some_and(|rest| leads_through(given, source, rest)),
        Some(name) => {
            let below = given.children.get(name);
            below.is_some_and(|below| leads_through(below, source, parts.next().unwrap_or_default()))
        }
        None => false,
    }
}

fn identity(options: &Options, facts: &Facts) -> Identity {
    let (uid, gid) = (process::effective_uid(), process::effective_gid());
    let mut groups = process::groups().unwrap_or_default();
    if !groups.contains(&gid) {
        groups.push(gid);
    }
    let power = |claim| match claim {
        Claim::Super => Power::Full,
        Claim::ByUser if uid == 0 => Power::Full,
        Claim::ByUser | Claim::Ordinary => Power::Ordinary,
        Claim::Fake => Power::Fake,
    };
    let (sender, receiver) = (power(options.preserve.sender_claim), power(options.preserve.receiver_claim));
    let passes_permissions = process::powers().dac_override;
    Identity { uid, gid, groups, sender, receiver, passes_permissions, umask: facts.umask }
}

fn refusal(refused: &Refused) -> Fatal {
    let mut code = Exit::Syntax;
    let message = match refused {
        Refused::EmptySource => b"Empty source arg specified.".to_vec(),
        Refused::NoListRoot { path, errno } => {
            code = Exit::FileSelection;
            [b"rsync: [sender] change_dir \"", path.as_slice(), b"\" failed: ", reason(*errno).as_bytes()]
                .concat()
        }
        Refused::DotDot(path) => [b"found \"..\" dir in relative path: ", path.as_slice()].concat(),
    };
    Fatal { side: Side::Sender, message, code: code.code() }
}

/// What is said before anything is done.
fn warnings(options: &Options, rules: &RuleList) -> Vec<Vec<u8>> {
    let told = options.receiving.iter().flat_map(|told| &told.warnings);
    told.chain(rules.warnings()).cloned().collect()
}

/// Directories are nothing to copy without `-r` and `-d`.
fn skip_directories(options: &Options, sources: &mut roots::Sources) -> Vec<Vec<u8>> {
    match options.select.recursion {
        Recursion::None => sources.top.drop_directories(),
        Recursion::Dirs | Recursion::Full => Vec::new(),
    }
}

fn chmods(options: &Options) -> Result<Chmods, Fatal> {
    let received = options.receiving.as_ref().map_or(&[][..], |receiving| &receiving.chmod);
    Ok(Chmods { sent: chmod(&options.preserve.chmod)?, received: chmod(received)? })
}

fn chmod(texts: &[Vec<u8>]) -> Result<Option<Chmod>, Fatal> {
    let mut all: Option<Chmod> = None;
    for text in texts {
        let one = Chmod::parse(text).map_err(|error| usage(error.message()))?;
        match &mut all {
            Some(all) => all.append(one),
            None => all = Some(one),
        }
    }
    Ok(all)
}

fn usage(message: Vec<u8>) -> Fatal {
    Fatal { side: Side::Client, message, code: Exit::Syntax.code() }
}

/// A map that the receiving side cannot read.
fn misread(message: Vec<u8>) -> Fatal {
    Fatal { side: Side::Receiver, ..usage(message) }
}

fn ids(options: &Options, warnings: &mut Vec<Vec<u8>>) -> Result<Ids, Fatal> {
    let text = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
    let preserve = &options.preserve;
    let mut user = |name: &[u8]| process::user_id(&text(name));
    let mut group = |name: &[u8]| process::group_id(&text(name));
    let users = match &preserve.usermap {
        Some(map) => {
            Some(IdMap::parse(MapKind::User, map, &mut user).map_err(|error| misread(error.message))?)
        }
        None => None,
    };
    let groups = match &preserve.groupmap {
        Some(map) => {
            Some(IdMap::parse(MapKind::Group, map, &mut group).map_err(|error| misread(error.message))?)
        }
        None => None,
    };
    for map in [&users, &groups].into_iter().flatten() {
        warnings.extend(map.warnings().iter().cloned());
    }
    if preserve.numeric_ids {
        return Ok(Ids { users: users.map(IdMap::by_number), groups: groups.map(IdMap::by_number) });
    }
    Ok(Ids { users, groups })
}

fn basis(
    operands: &Operands,
    options: &Options,
    target: &Target,
    warnings: &mut Vec<Vec<u8>>,
) -> Vec<BasisRoot> {
    use rsync_compat::options::BasisKind;
    let Some(basis) = &options.basis else { return Vec::new() };
    let word = match basis.kind {
        BasisKind::Compare => "compare",
        BasisKind::Copy => "copy",
        BasisKind::Link => "link",
    };
    let open = |dir: &Vec<u8>| {
        let path = crate::entry::join(if dir.starts_with(b"/") { b"" } else { &target.display }, dir);
        // A dry run looks past a destination that is still to be made.
        let opened = operands.open_dir(CWD, &path).or_else(|error| match &target.handle {
            None => operands.open_dir(CWD, &crate::typed::absolute(&target.display, dir)),
            Some(_) => Err(error),
        });
        // A link that is not followed has been told of; what is closed to us is there all the same.
        if let Err(error) = &opened
            && error.raw_os_error() != Some(target::ELOOP)
            && error.kind() != std::io::ErrorKind::PermissionDenied
        {
            let what = match error.kind() {
                std::io::ErrorKind::NotADirectory => "is not a dir",
                _ => "does not exist",
            };
            warnings.push([format!("--{word}-dest arg {what}: ").as_bytes(), &path].concat());
        }
        let opened = opened.ok();
        // Where files are only compared with, none of them is opened.
        let taken = basis.kind != BasisKind::Compare;
        let outside = |dir: &std::os::fd::OwnedFd| taken && operands.is_outside(RuleSide::Receiver, dir);
        let outside = opened.as_ref().is_some_and(outside);
        let (handle, outside) = if outside { (None, opened) } else { (opened, None) };
        BasisRoot { handle, outside, display: path }
    };
    basis.dirs.iter().map(open).collect()
}
