//! Source operands, opened (rsync(1), USAGE: trailing slash, several sources, `--relative`).

use std::ffi::CString;
use std::io;
use std::os::fd::OwnedFd;

use rsync_compat::filter::{NameKind, Side as RuleSide};
use rsync_compat::options::{MissingArgs, Options, Recursion, Relative, Select};
use uring_ext::mode::errno::{ELOOP, ENOENT};
use uring_ext::plain::{self, AtFlags, OFlags};

use super::files_from::{self, Listed};
use super::resolve::Resolver;
use super::split::{Cut, cut_plain, cut_relative, flat};
use super::tree::{Naming, OperandTree, Rank, Repeats};
use crate::entry::{Meta, join};
use crate::failure::{Failure, Severity, Side, What};
use crate::path_text::{absolute, c_name, parent_and_name};

/// A directory that source names are relative to.
#[derive(Debug)]
pub struct SourceRoot {
    /// The open directory. Its path came from the user and may have gone through symbolic links.
    pub handle: OwnedFd,
    /// Its absolute path, for messages; `/` or without a trailing slash.
    pub display: Vec<u8>,
    /// The directory as the operand spelled it, for `%f`.
    pub typed: Vec<u8>,
    /// What `%n` has in front: a slash where `-R` keeps an absolute path.
    pub lead: &'static [u8],
    /// What it was before anything was made.
    pub meta: Meta,
}

/// The operands, opened.
#[derive(Debug)]
pub struct Sources {
    /// Roots, in the order typed.
    pub roots: Vec<SourceRoot>,
    /// The names.
    pub top: OperandTree,
    /// Whether a `./` in front of a name makes the root an entry, told or not.
    pub dotted: bool,
    /// Whether that lists the top.
    spelled: bool,
    /// The way to the name that was typed before, and its source.
    way: (u16, Vec<Vec<u8>>),
    /// Operands that could not be opened.
    pub failures: Vec<Failure>,
    /// So many of these before the first one that could.
    pub leading: usize,
    /// Directories that operands name where none is copied, in the order typed; `.` is a root.
    pub skipped: Vec<Vec<u8>>,
}

impl Sources {
    /// These and nothing that failed.
    #[must_use]
    pub fn of(roots: Vec<SourceRoot>, top: OperandTree) -> Sources {
        let (failures, skipped) = (Vec::new(), Vec::new());
        Sources {
            roots,
            top,
            dotted: false,
            spelled: false,
            way: (0, Vec::new()),
            failures,
            leading: 0,
            skipped,
        }
    }

    /// How many directories the way to this name has in common with the one before; it is the next one's in turn,
    /// unless it led there before. Where it goes on below the one before, that is listed once more, but for incremental
    /// recursion.
    fn told_way(&mut self, source: u16, kind: NameKind, parts: &[&[u8]], select: &Select) -> usize {
        if select.recursion == Recursion::None && kind == NameKind::Directory {
            // It is skipped.
            return parts.len();
        }
        let way: Vec<Vec<u8>> = parts[..parts.len() - 1].iter().map(|part| part.to_vec()).collect();
        let shared = self.way.1.iter().zip(&way).take_while(|(one, two)| one == two).count();
        let known = if self.way.0 == source { shared } else { 0 };
        if known == way.len() {
            return known;
        }
        let goes_on = known > 0 && known == self.way.1.len();
        let once_more = goes_on && !(select.incremental && select.recursion == Recursion::Full);
        self.way = (source, way);
        known - usize::from(once_more)
    }

    /// The root that a cut starts from, opened unless it is there.
    fn root(&mut self, cut: &Cut, display: &[u8]) -> io::Result<usize> {
        let is_this =
            |root: &SourceRoot| root.typed == cut.typed && root.display == display && root.lead == cut.lead;
        if let Some(at) = self.roots.iter().position(is_this) {
            return Ok(at);
        }
        let (handle, meta) = open_dir(&cut.dir)?;
        let (display, typed, lead) = (display.to_vec(), cut.typed.clone(), cut.lead);
        self.roots.push(SourceRoot { handle, display, typed, lead, meta });
        Ok(self.roots.len() - 1)
    }

    /// A name below a root, and how it and the way to it are meant.
    fn name(&mut self, select: &Select, cut: &Cut, naming: &Naming) {
        let parts: Vec<&[u8]> = cut.below.split(|&byte| byte == b'/').collect();
        if select.incremental && select.recursion == Recursion::Full && naming.present < parts.len() - 1 {
            // The list ends with the first directory of the way that is not there.
            return self.gone(usize::from(naming.source), &parts[..=naming.present]);
        }
        let told = self.told_way(naming.source, naming.kind, &parts, select);
        for gone in told.max(naming.present).saturating_add(1)..parts.len() {
            self.gone(usize::from(naming.source), &parts[..gone]);
        }
        match select.recursion {
            Recursion::None => self.top.insert_skipping(&parts, naming, told),
            Recursion::Full | Recursion::Dirs => self.top.insert(&parts, naming, told),
        }
        if !self.top.sources.contains(&naming.source) {
            self.top.sources.push(naming.source);
        }
    }

    /// Tells of a directory on the way to a missing name that is missing itself.
    fn gone(&mut self, root: usize, way: &[&[u8]]) {
        let path = join(&self.roots[root].display, &way.join(&b'/'));
        let error = io::Error::from_raw_os_error(ENOENT);
        self.fail(Failure::new(Side::Sender, What::Vanished, path, &error).severity(Severity::Vanished));
    }

    /// The contents of a root.
    fn all_of(&mut self, source: u16) {
        self.top.rank = Rank::Contents;
        if !self.top.sources.contains(&source) {
            self.top.sources.push(source);
        }
        self.top.listed.push(source);
        self.count_dot();
    }

    fn fail(&mut self, failure: Failure) {
        self.leading += usize::from(self.top.names() == 0);
        self.failures.push(failure);
    }

    /// A `./` in front of a name: the first root to have one gives the top its attributes.
    fn dot(&mut self, source: u16, rank: Rank) {
        if !self.dotted {
            self.top.sources.retain(|&other| other != source);
            self.top.sources.insert(0, source);
        }
        self.dotted = true;
        self.top.rank = self.top.rank.max(rank);
    }

    /// The top is in the list once more when a `./` puts it there besides an operand that means its contents.
    fn count_dot(&mut self) {
        if self.spelled && self.top.rank == Rank::Contents && self.top.doubles.is_empty() {
            self.top.doubles.extend(self.top.sources.first());
        }
    }
}

/// Opens all source operands.
///
/// # Errors
/// Only operands whose text is refused: an empty one, and `..` within a `--relative` path.
pub fn open_sources(options: &Options, operands: &[Vec<u8>], cwd: &[u8]) -> Result<Sources, Refused> {
    let mut found = nothing_yet();
    for operand in operands {
        if operand.is_empty() {
            return Err(Refused::EmptySource);
        }
        let cut = match options.select.relative {
            Relative::Off => cut_plain(operand),
            Relative::Implied | Relative::NoImplied => cut_relative(operand).map_err(Refused::DotDot)?,
        };
        open_source(&mut found, options, &cut, cwd);
    }
    Ok(found)
}

/// Opens what a list names below its one operand (rsync(1), `--files-from`).
///
/// # Errors
/// An operand that is no directory ends the run.
pub fn open_listed(
    options: &Options,
    operand: &[u8],
    names: &[Vec<u8>],
    cwd: &[u8],
) -> Result<Sources, Refused> {
    if let Err(error) = open_dir(operand) {
        let slash: &[u8] = if operand.ends_with(b"/") { b"/" } else { b"" };
        let path = [&absolute(cwd, operand), slash].concat();
        return Err(Refused::NoListRoot { path, errno: error.raw_os_error().unwrap_or(0) });
    }
    let mut found = nothing_yet();
    for name in names {
        let Listed { dir, below, rank, top } = files_from::entry(name);
        let (dir, below, top) = match options.select.relative {
            Relative::Implied | Relative::NoImplied => (dir, below, top),
            Relative::Off => {
                let (dir, below) = flat(&join(&dir, &below), rank);
                (dir, below, Rank::Passage)
            }
        };
        let typed = if dir.is_empty() { b".".to_vec() } else { dir };
        let dir = join(operand, &typed);
        open_source(
            &mut found,
            options,
            &Cut { dir, typed, below, contents: rank == Rank::Contents, lead: b"", top },
            cwd,
        );
    }
    Ok(found)
}

fn nothing_yet() -> Sources {
    Sources::of(Vec::new(), OperandTree::new(Rank::Passage))
}

/// Operand texts that rsync refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// `''`.
    EmptySource,
    /// `..` within a relative path.
    DotDot(Vec<u8>),
    /// The directory that a list of names is relative to cannot be entered.
    NoListRoot {
        /// Its absolute path.
        path: Vec<u8>,
        /// Why.
        errno: i32,
    },
}

fn repeats(select: &Select) -> Repeats {
    match select.recursion {
        _ if select.incremental => Repeats::Dropped,
        Recursion::Dirs => Repeats::ListedAsContents,
        Recursion::Full | Recursion::None => Repeats::Listed,
    }
}

fn open_source(found: &mut Sources, options: &Options, cut: &Cut, cwd: &[u8]) {
    let display = absolute(cwd, &cut.dir);
    let fail = |found: &mut Sources, what, path: Vec<u8>, error: &io::Error| {
        let missing = error.kind() == io::ErrorKind::NotFound;
        if missing && what != What::ChangeDir && options.select.missing_args == MissingArgs::Ignore {
            return;
        }
        // An entry that is not there is no listing error: the other operands may still be cleaned. A directory is.
        let severity = match what {
            What::LinkStat if missing => Severity::Error,
            _ => Severity::ListingError,
        };
        found.fail(Failure::new(Side::Sender, what, path, error).severity(severity));
    };
    let at = match found.root(cut, &display) {
        Ok(at) => at,
        Err(error) => {
            let listed = options.select.files_from.is_some();
            let entered = if listed { display.clone() } else { as_typed(cwd, cut) };
            return fail(found, What::ChangeDir, entered, &error);
        }
    };
    let source = u16::try_from(at).unwrap_or(u16::MAX);
    let parent = if options.select.relative == Relative::NoImplied { Rank::Passage } else { Rank::Implied };
    let skips_directories = options.select.recursion == Recursion::None;
    if skips_directories && (cut.below.is_empty() || cut.top == Rank::Implied && !found.dotted) {
        found.skipped.push(b".".to_vec());
    }
    if cut.top == Rank::Implied {
        // Whether or not the name is there.
        found.dot(source, parent);
    }
    if cut.below.is_empty() {
        return found.all_of(source);
    }
    found.spelled |= cut.top == Rank::Implied && parent > Rank::Passage;
    found.count_dot();
    let mut last = if cut.contents { Rank::Contents } else { Rank::Named };
    let (mut kind, mut present) = (NameKind::Other, usize::MAX);
    let root = &found.roots[at];
    match look(&root.handle, cut, options).and_then(|kind| within(options, cut, root).map(|()| kind)) {
        Ok(is) => kind = is,
        Err(error)
            if error.kind() == io::ErrorKind::NotFound
                && options.select.missing_args == MissingArgs::Delete =>
        {
            last = Rank::Missing;
            present = way_that_is_there(&root.handle, &cut.below);
        }
        Err(error) => return fail(found, What::LinkStat, join(&display, &cut.below), &error),
    }
    if skips_directories && kind == NameKind::Directory {
        found.skipped.push(cut.below.clone());
    }
    let repeats = repeats(&options.select);
    found.name(&options.select, cut, &Naming { source, parent, last, kind, repeats, present });
}

/// The directory of an operand as rsync goes there, which is as it was typed.
fn as_typed(cwd: &[u8], cut: &Cut) -> Vec<u8> {
    let mut dir = cut.dir.as_slice();
    if cut.below.is_empty() && dir.len() > 1 {
        // One slash, or one dot behind it, says that the contents are meant; more of them belong to the name.
        dir = dir.strip_suffix(b"/").or_else(|| dir.strip_suffix(b"/.")).unwrap_or(dir);
    }
    match dir {
        b"." => cwd.to_vec(),
        dir if dir.starts_with(b"/") => dir.to_vec(),
        dir => join(cwd, dir),
    }
}

/// What an operand is. With `-L`, what its link leads to is looked at, and it is the operand that is missing when that
/// is.
fn look(root: &OwnedFd, cut: &Cut, options: &Options) -> io::Result<NameKind> {
    let links = &options.links;
    let path =
        CString::new(cut.below.as_slice()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let flags = if links.copy { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
    let found = plain::statx(root, &path, flags, plain::STATX_ALL)?;
    let followed = cut.contents || links.copy_dirlinks;
    let led_to = || plain::statx(root, &path, AtFlags::empty(), plain::STATX_ALL);
    if cut.contents
        && options.select.files_from.is_some()
        && let Err(error) = led_to()
        && error.raw_os_error() == Some(ELOOP)
    {
        // In a list, with a slash behind it, a link in circles is missing.
        return Err(error);
    }
    let leads_to_dir = || led_to().is_ok_and(|found| found.is_dir());
    let is_dir = found.is_dir() || followed && leads_to_dir();
    Ok(if is_dir { NameKind::Directory } else { NameKind::Other })
}

/// How many directories of the way to a name are there, links to directories among them.
fn way_that_is_there(root: &OwnedFd, path: &[u8]) -> usize {
    let ways = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(end, _)| &path[..end]);
    let is_there = |way: &&[u8]| {
        let found = plain::statx(root, &c_name(way), AtFlags::empty(), plain::STATX_ALL);
        !found.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    };
    ways.take_while(is_there).count()
}

/// Whether what a list names comes out where the sender is confined to (`--confine-root`). Operands may lie anywhere.
fn within(options: &Options, cut: &Cut, root: &SourceRoot) -> io::Result<()> {
    if options.select.files_from.is_none() || options.confine.sender.is_none() {
        return Ok(());
    }
    let parent = if cut.contents { cut.below.as_slice() } else { parent_and_name(&cut.below).0 };
    let flags = OFlags::PATH | OFlags::DIRECTORY;
    Resolver::new(options).open_within(RuleSide::Sender, &root.handle, &c_name(parent), flags).map(|_| ())
}

fn open_dir(path: &[u8]) -> io::Result<(OwnedFd, Meta)> {
    let path = CString::new(if path.is_empty() { b".".as_slice() } else { path })
        .map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let handle = match plain::open(&path, OFlags::RDONLY | OFlags::DIRECTORY, 0) {
        // A directory that may be passed through but not listed is still good as a parent.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            plain::open(&path, OFlags::PATH | OFlags::DIRECTORY, 0)?
        }
        other => other?,
    };
    // By its own name, for which it has to be searchable.
    let meta = Meta::from(&plain::statx(&handle, c".", AtFlags::empty(), plain::STATX_ALL)?);
    Ok((handle, meta))
}
