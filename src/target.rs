//! The destination: an existing directory, one to be made, or a new name for a single source (rsync(1), USAGE).

use std::ffi::CStr;
use std::io;
use std::os::fd::OwnedFd;

use rsync_compat::exit::Exit;
use rsync_compat::filter::{Action, Chain, Deletion, NameKind};
use rsync_compat::options::{Links, Options, Recursion};
use uring_ext::plain::{self, AtFlags, CWD, DirReader, OFlags, STATX_ALL};

use crate::entry::{Kind, Meta, join};
use crate::facts::Facts;
use crate::failure::{Fatal, Side, reason, strerror};
use crate::given::{Given, Rank};
use crate::operand::Operands;
use crate::pipeline::unsafe_link::is_unsafe;
use crate::plan::Target;
use crate::roots::Sources;
use crate::typed::{absolute, c_name, parent_and_name};

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
    pub operands: &'a Operands,
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
    let Some(path) = wanted.path else { return Ok(nowhere(wanted.cwd, Made::Nothing)) };
    let path = if path.is_empty() { b".".as_slice() } else { path };
    let display = absolute(wanted.cwd, path);
    match plain::statx(CWD, &c_name(path), AtFlags::empty(), STATX_ALL) {
        Ok(st) if st.is_dir() => {
            let typed =
                if path.ends_with(b"/") { [&display, b"/".as_slice()].concat() } else { display.clone() };
            let handle = enter(wanted.operands, path).map_err(|error| cannot_enter(&typed, &error))?;
            return Ok(found(handle, display, Made::Nothing));
        }
        Ok(_) if count(options, wanted) == Count::Many => {
            let message = b"ERROR: destination must be a directory when copying more than 1 file".to_vec();
            return Err(Fatal { side: Side::Receiver, message, code: Exit::FileSelection.code() });
        }
        Ok(_) if single_is_dir(wanted) => {
            let message = b"ERROR: cannot overwrite non-directory with a directory".to_vec();
            return Err(Fatal { side: Side::Receiver, message, code: Exit::FileSelection.code() });
        }
        Ok(_) => return renamed(options, path, &display, wanted.operands),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(cannot_look(path, &display, &error)),
    }
    let count = count(options, wanted);
    let mut made_above = 0;
    if options.write.mkpath {
        made_above = make_parents(options, path, wanted, &display)?;
    }
    if count == Count::None && !path.ends_with(b"/") {
        // Not even made, but what it would lie in has to be there.
        let above = parent_and_name(path).0;
        match wanted.operands.open_dir(CWD, above) {
            Err(error) if made_above == 0 => return Err(cannot_enter_above(&display, &error)),
            _ => {}
        }
        let made = if made_above > 0 { Made::Above(made_above) } else { Made::Nothing };
        return Ok(nowhere(&display, made));
    }
    if count == Count::One && !path.ends_with(b"/") {
        if wanted.sources.top.rank == Rank::Contents && options.select.recursion != Recursion::None {
            if let Some(dir) = &options.write.temp_dir {
                // The destination is no directory yet that it could be relative to.
                open_temp_dir(wanted.operands, parent_and_name(&display).0, dir)?;
            }
            // The destination becomes the empty directory itself, which its own line tells.
            let made = make(options, path, &display, wanted, made_above)?;
            return Ok(Found { made: Made::Nothing, ..made });
        }
        let mut found = renamed(options, path, &display, wanted.operands)?;
        if made_above > 0 {
            found.made = Made::Above(made_above);
        }
        return Ok(found);
    }
    make(options, path, &display, wanted, made_above)
}

/// Opens a directory that has to be searchable; one that cannot be listed is still good for names in it.
fn enter(operands: &Operands, path: &[u8]) -> io::Result<OwnedFd> {
    let handle = match operands.open_dir(CWD, path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            operands.open(CWD, &c_name(path), OFlags::PATH | OFlags::DIRECTORY, 0)?
        }
        other => other?,
    };
    plain::statx(&handle, c".", AtFlags::empty(), STATX_ALL)?;
    Ok(handle)
}

fn found(handle: OwnedFd, display: Vec<u8>, made: Made) -> Found {
    Found {
        target: Target { handle: Some(handle), display, rename: None, fresh: false, made_inode: None },
        made,
    }
}

/// A directory that was made just now.
fn fresh(handle: OwnedFd, display: Vec<u8>, made: Made) -> Found {
    let made_inode = plain::statx_fd(&handle).ok().map(|st| (st.dev, st.ino));
    Found { target: Target { handle: Some(handle), display, rename: None, fresh: true, made_inode }, made }
}

fn nowhere(display: &[u8], made: Made) -> Found {
    Found {
        target: Target {
            handle: None,
            display: display.to_vec(),
            rename: None,
            fresh: false,
            made_inode: None,
        },
        made,
    }
}

fn make(
    options: &Options,
    path: &[u8],
    display: &[u8],
    wanted: &Wanted<'_>,
    made_above: usize,
) -> Result<Found, Fatal> {
    let umask = wanted.umask;
    let said = if options.write.mkpath { Made::Path(made_above + 1) } else { Made::Directory };
    if options.write.dry_run {
        return Ok(nowhere(display, said));
    }
    make_one(wanted.operands, path, umask, display)?;
    let handle = wanted.operands.open_dir(CWD, path).map_err(|error| cannot_enter(display, &error))?;
    let mut made = fresh(handle, display.to_vec(), said);
    // What `--mkpath` makes is there by the time that the transfer begins.
    made.target.fresh = !options.write.mkpath;
    Ok(made)
}

/// Makes one directory, where the way to it can be trusted.
fn make_one(operands: &Operands, path: &[u8], umask: u32, display: &[u8]) -> Result<(), Fatal> {
    let (parent, name) = parent_and_name(path);
    let above = operands.open_dir(CWD, parent).map_err(|error| match error.raw_os_error() {
        Some(ELOOP) => failed("change_dir#2", display, &error, Exit::FileSelection),
        _ => failed("mkdir", display, &error, Exit::FileIo),
    })?;
    plain::mkdirat(&above, &c_name(name), 0o777 & !umask)
        .map_err(|error| failed("mkdir", display, &error, Exit::FileIo))
}

/// Too many links: the same number on every Linux.
pub const ELOOP: i32 = 40;

fn make_parents(options: &Options, path: &[u8], wanted: &Wanted<'_>, display: &[u8]) -> Result<usize, Fatal> {
    let (parent, _) = parent_and_name(path);
    if parent == b"."
        || parent == b"/"
        || plain::statx(CWD, &c_name(parent), AtFlags::empty(), STATX_ALL).is_ok()
    {
        return Ok(0);
    }
    let above = make_parents(options, parent, wanted, display)?;
    if !options.write.dry_run {
        make_one(wanted.operands, parent, wanted.umask, display)?;
    }
    Ok(above + 1)
}

/// The destination is the name that a single source gets.
fn renamed(options: &Options, path: &[u8], display: &[u8], operands: &Operands) -> Result<Found, Fatal> {
    let (parent, name) = parent_and_name(path);
    let above = parent_and_name(display).0.to_vec();
    match enter(operands, parent) {
        Ok(handle) => {
            let rename = Some(c_name(name));
            Ok(Found {
                target: Target {
                    handle: Some(handle),
                    display: above,
                    rename,
                    fresh: false,
                    made_inode: None,
                },
                made: Made::Nothing,
            })
        }
        Err(_) if options.write.dry_run => Ok(nowhere(&above, Made::Nothing)),
        Err(error) => Err(cannot_enter_above(display, &error)),
    }
}

fn cannot_enter_above(display: &[u8], error: &io::Error) -> Fatal {
    failed("change_dir#3", parent_and_name(display).0, error, Exit::FileSelection)
}

/// Opens `--temp-dir`, relative to a directory.
///
/// # Errors
/// rsync's words when it cannot be opened.
pub fn open_temp_dir(operands: &Operands, base: &[u8], dir: &[u8]) -> Result<OwnedFd, Fatal> {
    let path = if dir.is_empty() { Vec::new() } else { absolute(base, dir) };
    operands
        .open_dir(CWD, &path)
        .or_else(|error| match error.kind() {
            // Names may be made and renamed where they may not be listed.
            io::ErrorKind::PermissionDenied => {
                operands.open(CWD, &c_name(&path), OFlags::PATH | OFlags::DIRECTORY, 0)
            }
            _ => Err(error),
        })
        .map_err(|error| no_temp_dir(dir, &path, &error))
}

/// rsync looks at the name before it goes there.
fn no_temp_dir(dir: &[u8], path: &[u8], error: &io::Error) -> Fatal {
    let refused = |words: &[u8], exit: Exit| Fatal {
        side: Side::Receiver,
        message: [words, dir].concat(),
        code: exit.code(),
    };
    let is_there = plain::statx(CWD, &c_name(path), AtFlags::empty(), STATX_ALL).is_ok();
    match error.kind() {
        io::ErrorKind::NotADirectory if is_there => {
            refused(b"The temp-dir is not a directory: ", Exit::Syntax)
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::PermissionDenied => {
            let why = strerror(error.raw_os_error().unwrap_or(0));
            let message = [b"Failed to stat temp-dir ", dir, b": ", why.as_bytes()].concat();
            Fatal { side: Side::Receiver, message, code: Exit::FileIo.code() }
        }
        _ => refused(b"The temp-dir does not exist: ", Exit::Syntax),
    }
}

/// Relative paths mean nothing in a current directory that has none itself; rsync refuses absolute ones there too.
///
/// # Errors
/// That the current directory is such a one, in rsync's words.
pub fn has_path(facts: &Facts) -> Result<(), Fatal> {
    let Some(errno) = facts.cwd_errno else { return Ok(()) };
    let message = format!("rsync: [Receiver] getcwd(): {}", reason(errno)).into_bytes();
    Err(Fatal { side: Side::Client, message, code: Exit::FileSelection.code() })
}

fn cannot_look(path: &[u8], display: &[u8], error: &io::Error) -> Fatal {
    let why = reason(error.raw_os_error().unwrap_or(0));
    let slash: &[u8] = if path.ends_with(b"/") { b"/" } else { b"" };
    let words: [&[u8]; 5] =
        [b"rsync: [Receiver] ERROR: cannot stat destination \"", display, slash, b"\": ", why.as_bytes()];
    Fatal { side: Side::Receiver, message: words.concat(), code: Exit::FileSelection.code() }
}

fn cannot_enter(display: &[u8], error: &io::Error) -> Fatal {
    failed("change_dir#1", display, error, Exit::FileSelection)
}

fn failed(what: &str, path: &[u8], error: &io::Error, exit: Exit) -> Fatal {
    let mut message = format!("rsync: [Receiver] {what} \"").into_bytes();
    message.extend_from_slice(path);
    message.extend_from_slice(b"\" failed: ");
    message.extend_from_slice(reason(error.raw_os_error().unwrap_or(0)).as_bytes());
    Fatal { side: Side::Receiver, message, code: exit.code() }
}

/// How many entries the file list holds, as far as that matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Count {
    None,
    One,
    Many,
}

fn count(options: &Options, wanted: &Wanted<'_>) -> Count {
    let top = &wanted.sources.top;
    let recursion = options.select.recursion;
    let mut entries = wanted.recorded.map_or(0, |(entries, _)| entries);
    if wanted.recorded.is_some() {
        return Count::of(entries);
    }
    if top.rank == Rank::Contents && recursion != Recursion::None {
        entries += 1 + usize::from(has_contents(options, wanted, (b"", top)));
    }
    for (name, given) in &top.children {
        if is_lost_link(wanted, name, given) {
            continue;
        }
        let is_dir = is_dir(wanted, name, given);
        if recursion == Recursion::None && is_dir && !given.is_way() {
            continue;
        }
        let more = !given.children.is_empty() || (is_dir && has_contents(options, wanted, (name, given)));
        entries += 1 + usize::from(more) + given.all_doubles();
    }
    entries += usize::from(entries > 0 && wanted.sources.dotted);
    Count::of(entries)
}

impl Count {
    fn of(entries: usize) -> Count {
        match entries {
            0 => Count::None,
            1 => Count::One,
            _ => Count::Many,
        }
    }
}

/// Whether the only entry is a directory.
fn single_is_dir(wanted: &Wanted<'_>) -> bool {
    if let Some((_, is_dir)) = wanted.recorded {
        return is_dir;
    }
    let top = &wanted.sources.top;
    if top.rank == Rank::Contents {
        return true;
    }
    top.children.iter().next().is_some_and(|(name, given)| is_dir(wanted, name, given))
}

fn is_dir(wanted: &Wanted<'_>, name: &[u8], given: &Given) -> bool {
    let root = given.sources.first().and_then(|&source| wanted.sources.roots.get(usize::from(source)));
    root.is_some_and(|root| {
        // A slash at the end follows a link.
        let flags = if given.rank == Rank::Contents { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
        plain::statx(&root.handle, &c_name(name), flags, STATX_ALL).is_ok_and(|st| st.is_dir())
    })
}

fn has_contents(options: &Options, wanted: &Wanted<'_>, named: (&[u8], &Given)) -> bool {
    let (name, given) = named;
    let enters = match options.select.recursion {
        Recursion::Full => true,
        Recursion::Dirs => given.rank == Rank::Contents,
        Recursion::None => false,
    };
    enters && given.listed.iter().any(|&source| lists_any(wanted, source, (name, given)))
}

/// Whether an operand is a link that is to be followed and cannot be.
fn is_lost_link(wanted: &Wanted<'_>, name: &[u8], given: &Given) -> bool {
    let root = given.sources.first().and_then(|&source| wanted.sources.roots.get(usize::from(source)));
    !given.is_way()
        && given.rank != Rank::Contents
        && root.is_some_and(|root| leads_nowhere(wanted.links, &root.handle, &c_name(name), name))
}

/// Whether a link is to be followed and cannot: then it is no entry.
fn leads_nowhere(links: &Links, dir: &OwnedFd, name: &CStr, path: &[u8]) -> bool {
    let unsafe_one = || plain::readlinkat(dir, name).is_ok_and(|target| is_unsafe(&target, path));
    (links.copy || links.copy_unsafe && unsafe_one())
        && plain::statx(dir, name, AtFlags::empty(), STATX_ALL).is_err()
}

fn lists_any(wanted: &Wanted<'_>, source: u16, named: (&[u8], &Given)) -> bool {
    let (rel, given) = named;
    let root = &wanted.sources.roots[usize::from(source)];
    let below = if rel.is_empty() { b".".as_slice() } else { rel };
    let follow = if given.rank == Rank::Contents { OFlags::empty() } else { OFlags::NOFOLLOW };
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | follow;
    let Ok(dir) = plain::openat(&root.handle, &c_name(below), flags, 0) else { return false };
    let mut reader = DirReader::new(32 << 10);
    while reader.fill(&dir).unwrap_or(false) {
        let included = reader.batch().any(|entry| {
            let path = join(rel, entry.name.to_bytes());
            let looked = plain::statx(&dir, entry.name, AtFlags::SYMLINK_NOFOLLOW, STATX_ALL);
            let kind = looked.map_or(Kind::File, |st| Meta::from(&st).kind());
            let name_kind = if kind == Kind::Dir { NameKind::Directory } else { NameKind::Other };
            let found = wanted.sender.check(&path, name_kind, Deletion::None);
            found.is_none_or(|found| found.action() == Action::Include)
                && !(kind == Kind::Symlink && leads_nowhere(wanted.links, &dir, entry.name, &path))
        });
        if included {
            return true;
        }
    }
    false
}
