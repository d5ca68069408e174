//! The destination: an existing directory, one to be made, or a new name for a single source (rsync(1), USAGE).

mod made_in;
mod mkpath;

use std::io;
use std::os::fd::OwnedFd;

use rsync_compat::exit::Exit;
use rsync_compat::filter::Chain;
use rsync_compat::options::{Backup, Links, Options, Recursion};
use uring_ext::mode::errno::{EEXIST, ELOOP, ENOTDIR};
use uring_ext::plain::{self, AtFlags, CWD, OFlags, RenameFlags, STATX_ALL, Unlink};

use crate::entry::join;
use crate::facts::Facts;
use crate::failure::{Cause, Fatal, Side, TargetStep, errno_of};
use crate::operands::count::{Count, count, single_is_dir, single_is_top};
use crate::operands::resolve::Resolver;
use crate::operands::roots::Sources;
use crate::path_text::{absolute, c_name, parent_and_name};
use crate::pipeline::handles::at::bits_below;
use crate::plan::Target;
use crate::temp_dir::open_temp_dir;

/// What the destination depends on.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// The operand; `None` when the run only lists.
    pub path: Option<&'a [u8]>,
    /// The sources.
    pub sources: &'a Sources,
    /// The rules, since a source directory whose contents are all excluded counts as a single entry.
    pub sender: &'a Chain,
    /// What stands for the sources when a batch is replayed: how many entries, and whether the first is a directory.
    pub recorded: Option<(usize, bool)>,
    /// The current directory.
    pub cwd: &'a [u8],
    /// The umask, for directories that are made.
    pub umask: u32,
    /// Which links are followed.
    pub links: &'a Links,
    /// How typed paths are opened.
    pub resolver: &'a Resolver,
}

/// What was made for the destination, or would have been in a dry run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// Nothing.
    Nothing,
    /// The directory itself.
    Directory,
    /// So many directories, by `--mkpath`.
    Path(usize),
    /// So many directories above a file's new name, by `--mkpath`.
    Above(usize),
    /// So many directories above a destination that nothing comes to, by `--mkpath`.
    AboveNothing(usize),
}

/// The destination and what it took.
#[derive(Debug)]
pub struct Found {
    /// Where names go.
    pub target: Target,
    /// What was made.
    pub made: Made,
}

/// Finds the destination, and makes its last component when that is missing.
///
/// # Errors
/// What rsync says and how it exits when the destination cannot be one.
pub fn find(options: &Options, wanted: &Wanted<'_>) -> Result<Found, Fatal> {
    let made_in = wanted.path.and_then(made_in::look);
    let Found { target, made } = find_or_make(options, wanted)?;
    Ok(Found { target: Target { made_in, ..target }, made })
}

fn find_or_make(options: &Options, wanted: &Wanted<'_>) -> Result<Found, Fatal> {
    let Some(path) = wanted.path else { return Ok(nowhere(wanted.cwd, Made::Nothing)) };
    let path = if path.is_empty() { b".".as_slice() } else { path };
    let display = absolute(wanted.cwd, path);
    match plain::statx(CWD, &c_name(path), AtFlags::empty(), STATX_ALL) {
        Ok(st) if st.is_dir() => {
            let handle = enter(wanted.resolver, path)
                .map_err(|error| cannot_enter(&typed(wanted.cwd, path), &error))?;
            return Ok(found(handle, display, Made::Nothing));
        }
        Ok(_) if count(options, wanted) == Count::Many => {
            return Err(refused(Cause::ManyOntoFile, Exit::FileSelection));
        }
        // A directory that is skipped overwrites nothing.
        Ok(_) if options.select.recursion != Recursion::None && single_is_dir(wanted) => {
            return Err(refused(Cause::DirOntoFile, Exit::FileSelection));
        }
        Ok(_) => return renamed(options, path, &display, wanted),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) if mkpath::applies(options, path) && error.kind() == io::ErrorKind::NotADirectory => {
            return Err(path_is_blocked(options, path, wanted));
        }
        Err(error) => return Err(cannot_look(&typed(wanted.cwd, path), &error)),
    }
    let count = count(options, wanted);
    let mut made_above = 0;
    if mkpath::applies(options, path) {
        let taken = mkpath::check(options, path, wanted, count)?;
        if taken != path {
            let found = find_or_make(options, &Wanted { path: Some(taken), ..*wanted })?;
            let made = if let Made::Path(count) = found.made { Made::Above(count) } else { found.made };
            return Ok(Found { made, ..found });
        }
        made_above = match options.write.dry_run {
            true => mkpath::count_missing(path),
            false => make_parents(path, wanted, path)?,
        };
    }
    if count == Count::Many || path.ends_with(b"/") {
        return make(options, path, &display, wanted, made_above);
    }
    let above = |count| if count > 0 { Made::Above(count) } else { Made::Nothing };
    if matches!(parent_and_name(path).1, b"." | b"..") && made_above > 0 && !options.write.dry_run {
        // What such a name leads to is there by now.
        let handle =
            enter(wanted.resolver, path).map_err(|error| cannot_enter(&typed(wanted.cwd, path), &error))?;
        let made = if count == Count::None { Made::AboveNothing(made_above) } else { above(made_above) };
        return Ok(found(handle, display, made));
    }
    if count == Count::None {
        // Not even made, but what it would lie in has to be there.
        match wanted.resolver.open_dir(CWD, parent_and_name(path).0) {
            Err(error) if made_above == 0 => return Err(cannot_enter_above(path, wanted, &error)),
            _ => {}
        }
        let made = if made_above > 0 { Made::AboveNothing(made_above) } else { Made::Nothing };
        return Ok(nowhere(parent_and_name(&display).0, made));
    }
    if options.select.recursion != Recursion::None && single_is_top(wanted) {
        return becomes(options, path, &display, wanted, made_above)
            .map(|found| Found { made: above(made_above), ..found });
    }
    let found = renamed(options, path, &display, wanted)?;
    Ok(Found { made: above(made_above), ..found })
}

/// The destination becomes the only directory that there is to copy.
fn becomes(
    options: &Options,
    path: &[u8],
    display: &[u8],
    wanted: &Wanted<'_>,
    made_above: usize,
) -> Result<Found, Fatal> {
    if let Some(dir) = &options.write.temp_dir {
        // The destination is no directory yet that it could be relative to.
        open_temp_dir(wanted.resolver, parent_and_name(display).0, dir)?;
    }
    if let Err(error) = enter(wanted.resolver, parent_and_name(path).0)
        && made_above == 0
    {
        return Err(cannot_enter_above(path, wanted, &error));
    }
    let is_there = plain::statx(CWD, &c_name(path), AtFlags::SYMLINK_NOFOLLOW, STATX_ALL).is_ok();
    if options.compare.existing && !is_there {
        // It is the entry that is not there yet; a link that leads nowhere is one that is.
        let found = nowhere(display, Made::Nothing);
        let rename = Some(c_name(parent_and_name(path).1));
        return Ok(Found { target: Target { rename, alone: true, ..found.target }, ..found });
    }
    take_link_away(options, wanted, path)?;
    // Which its own line tells.
    let mut found = make(options, path, display, wanted, made_above)?;
    found.target.fresh = found.target.handle.is_some();
    found.target.alone = true;
    Ok(found)
}

/// A link that leads nowhere makes way for a directory as within a tree; into `--backup-dir` none is moved here, and
/// stays.
fn take_link_away(options: &Options, wanted: &Wanted<'_>, path: &[u8]) -> Result<(), Fatal> {
    let (parent, name) = parent_and_name(path);
    let (parent, link) = (wanted.resolver.open_dir(CWD, parent), c_name(name));
    let Ok(parent) = parent else { return Ok(()) };
    if options.write.dry_run || plain::readlinkat(&parent, &link).is_err() {
        return Ok(());
    }
    let gone = match &options.backup {
        None => plain::unlinkat(&parent, &link, Unlink::File),
        Some(Backup { dir: None, suffix }) => {
            let kept = c_name(&[name, suffix].concat());
            plain::renameat2(&parent, &link, &parent, &kept, RenameFlags::empty())
        }
        Some(_) => Ok(()),
    };
    gone.map_err(|error| failed(TargetStep::Make, &absolute(wanted.cwd, path), &error))
}

/// Opens a directory that has to be searchable; one that cannot be listed is still good for names in it.
fn enter(resolver: &Resolver, path: &[u8]) -> io::Result<OwnedFd> {
    let handle = open_for_names(resolver, path)?;
    plain::statx(&handle, c".", AtFlags::empty(), STATX_ALL)?;
    Ok(handle)
}

/// Opens a directory, be it one that cannot be listed.
fn open_for_names(resolver: &Resolver, path: &[u8]) -> io::Result<OwnedFd> {
    match resolver.open_dir(CWD, path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            resolver.open(CWD, &c_name(path), OFlags::PATH | OFlags::DIRECTORY, 0)
        }
        opened => opened,
    }
}

fn found(handle: OwnedFd, display: Vec<u8>, made: Made) -> Found {
    Found { target: Target { handle: Some(handle), display, ..Target::default() }, made }
}

/// A directory that was made just now.
fn fresh(handle: OwnedFd, display: Vec<u8>, made: Made) -> Found {
    let made_inode = plain::statx_fd(&handle).ok().map(|st| (st.dev, st.ino));
    let Found { target, made } = found(handle, display, made);
    Found { target: Target { fresh: true, made_inode, ..target }, made }
}

/// No destination.
#[must_use]
pub fn nowhere(display: &[u8], made: Made) -> Found {
    Found { target: Target { display: display.to_vec(), ..Target::default() }, made }
}

fn make(
    options: &Options,
    path: &[u8],
    display: &[u8],
    wanted: &Wanted<'_>,
    made_above: usize,
) -> Result<Found, Fatal> {
    let said = if mkpath::applies(options, path) { Made::Path(made_above + 1) } else { Made::Directory };
    if options.write.dry_run {
        return Ok(nowhere(display, said));
    }
    let mut told = to_be_made(options, path, wanted.cwd);
    let name = path.strip_suffix(b"/").unwrap_or(path);
    if plain::readlinkat(CWD, &c_name(name)).is_ok() && told.ends_with(b"/") {
        // One that leads nowhere is met before its slash.
        told.pop();
    }
    make_one(wanted, path, &told)?;
    let entered = wanted.resolver.open_dir(CWD, path);
    let handle = entered.map_err(|error| cannot_enter(&typed(wanted.cwd, path), &error))?;
    let mut made = fresh(handle, display.to_vec(), said);
    // What `--mkpath` makes is there by the time that the transfer begins.
    made.target.fresh = !mkpath::applies(options, path);
    Ok(made)
}

/// Makes one directory, where the way to it can be trusted. `told` is what is to be made, as messages name it.
pub(crate) fn make_one(wanted: &Wanted<'_>, path: &[u8], told: &[u8]) -> Result<(), Fatal> {
    let (parent, name) = parent_and_name(path);
    let above = open_for_names(wanted.resolver, parent).map_err(|error| match error.raw_os_error() {
        Some(ELOOP) => failed(TargetStep::EnterMade, told, &error),
        _ => failed(TargetStep::Make, told, &error),
    })?;
    match plain::mkdirat(&above, &c_name(name), bits_below(&above, wanted.umask)) {
        // It is there when the way to it is.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && name == b".." => Ok(()),
        made => made.map_err(|error| failed(TargetStep::Make, told, &error)),
    }
}

/// `whole` is the path that all of it is for.
pub(crate) fn make_parents(path: &[u8], wanted: &Wanted<'_>, whole: &[u8]) -> Result<usize, Fatal> {
    let (parent, _) = parent_and_name(path);
    if parent == b"."
        || parent == b"/"
        || plain::statx(CWD, &c_name(parent), AtFlags::empty(), STATX_ALL).is_ok()
    {
        return Ok(0);
    }
    let above = make_parents(parent, wanted, whole)?;
    // A link that leads nowhere has the name; that it is no directory shows when it is to be entered.
    let is_link = plain::readlinkat(CWD, &c_name(parent)).is_ok();
    if !is_link {
        make_one(wanted, parent, &typed(wanted.cwd, whole))?;
    }
    Ok(above + usize::from(!is_link))
}

/// The destination is the name that a single source gets.
fn renamed(options: &Options, path: &[u8], display: &[u8], wanted: &Wanted<'_>) -> Result<Found, Fatal> {
    let (parent, name) = parent_and_name(path);
    let above = parent_and_name(display).0.to_vec();
    match enter(wanted.resolver, parent) {
        Ok(handle) => {
            let rename = Some(c_name(name));
            let Found { target, made } = found(handle, above, Made::Nothing);
            Ok(Found { target: Target { rename, alone: true, ..target }, made })
        }
        // Which is still to be made.
        Err(_) if options.write.dry_run && options.write.mkpath => Ok(nowhere(&above, Made::Nothing)),
        Err(error) => Err(cannot_enter_above(path, wanted, &error)),
    }
}

fn cannot_enter_above(path: &[u8], wanted: &Wanted<'_>, error: &io::Error) -> Fatal {
    let above = match parent_and_name(path).0 {
        b"." => wanted.cwd.to_vec(),
        above => typed(wanted.cwd, above),
    };
    failed(TargetStep::EnterAbove, &above, error)
}

/// `--mkpath` where a file is in the way.
fn path_is_blocked(options: &Options, path: &[u8], wanted: &Wanted<'_>) -> Fatal {
    let is_dir = count(options, wanted) == Count::Many || path.ends_with(b"/");
    let all = [path.strip_suffix(b"/").unwrap_or(path), parent_and_name(path).0];
    let last = all[usize::from(!is_dir)];
    let exists = |path| plain::statx(CWD, &c_name(path), AtFlags::empty(), STATX_ALL).is_ok();
    let errno = match options.write.dry_run {
        false if exists(last) => EEXIST,
        // Deeper below a file rsync finds no way any more.
        false if !exists(parent_and_name(last).0) => ELOOP,
        _ => ENOTDIR,
    };
    let error = io::Error::from_raw_os_error(errno);
    failed(TargetStep::Make, &to_be_made(options, path, wanted.cwd), &error)
}

/// The destination as it was typed, made absolute: so it is named until it has been entered.
fn typed(cwd: &[u8], path: &[u8]) -> Vec<u8> {
    if path.starts_with(b"/") { path.to_vec() } else { join(cwd, path) }
}

/// What is to be made, as rsync names it.
pub(crate) fn to_be_made(options: &Options, path: &[u8], cwd: &[u8]) -> Vec<u8> {
    let mut told = typed(cwd, path);
    let keeps_one = mkpath::applies(options, path) && !told.ends_with(b"//");
    while told.ends_with(b"/") && told.len() > 1 && !keeps_one {
        told.pop();
    }
    told
}

/// Relative paths mean nothing in a current directory that has none itself; rsync refuses absolute ones there too.
///
/// # Errors
/// That the current directory is such a one, in rsync's words.
pub fn has_path(facts: &Facts) -> Result<(), Fatal> {
    let Some(errno) = facts.cwd_errno else { return Ok(()) };
    Err(Fatal { side: Side::Client, cause: Cause::NoCwd(errno), exit: Exit::FileSelection })
}

fn cannot_look(typed: &[u8], error: &io::Error) -> Fatal {
    let cause = Cause::UnseenTarget { path: typed.to_vec(), errno: errno_of(error) };
    refused(cause, Exit::FileSelection)
}

fn cannot_enter(display: &[u8], error: &io::Error) -> Fatal {
    failed(TargetStep::Enter, display, error)
}

fn refused(cause: Cause, exit: Exit) -> Fatal {
    Fatal { side: Side::Receiver, cause, exit }
}

pub(crate) fn failed(step: TargetStep, path: &[u8], error: &io::Error) -> Fatal {
    let exit = match step {
        TargetStep::Make => Exit::FileIo,
        TargetStep::Enter | TargetStep::EnterMade | TargetStep::EnterAbove => Exit::FileSelection,
    };
    refused(Cause::NoTarget { step, path: path.to_vec(), errno: errno_of(error) }, exit)
}
