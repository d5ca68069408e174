//! Transfer roots and the destination-naming rule (rsync(1), USAGE: trailing slash, file to file, `--relative`).

use std::collections::BTreeMap;
use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::OwnedFd;

use rsync_compat::filter::{Action, Chain, Deletion, NameKind, Side as RuleSide};
use rsync_compat::options::{Links, MissingArgs, Options, Relative};
use uring_ext::plain::{self, AtFlags, OFlags};

use crate::entry::{Meta, join};
use crate::failure::{Failure, Severity, Side, What};
use crate::listed::{self, Listed};
use crate::operand::Operands;

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

/// What the operands say about one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Not in the source, and to be deleted at the destination (`--delete-missing-args`).
    Missing,
    /// A parent that `--no-implied-dirs` makes with default attributes and does not list.
    Passage,
    /// A parent that `-R` lists with its own attributes, but does not read.
    Implied,
    /// Named itself.
    Named,
    /// Named with a trailing slash, so that its contents are meant.
    Contents,
}

/// The tree of names that operands spell out. Below a [`Rank::Named`] directory, reading takes over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// How the name was meant.
    pub rank: Rank,
    /// The sources that have it, first one first.
    pub sources: Vec<u16>,
    /// The sources whose directory of this name is to be read.
    pub listed: Vec<u16>,
    /// The sources of the times it was named again: doubles count as entries (rsync(1), `--stats`).
    pub doubles: Vec<u16>,
    /// Names below it that operands spell out.
    pub children: BTreeMap<Vec<u8>, Given>,
}

impl Given {
    /// All doubles of this name and below it.
    #[must_use]
    pub fn all_doubles(&self) -> usize {
        let below = self.children.values().map(Given::all_doubles);
        self.doubles.len() + below.sum::<usize>()
    }

    /// How many names operands mean, this one and those below it.
    #[must_use]
    pub fn names(&self) -> usize {
        usize::from(self.rank >= Rank::Named) * self.sources.len().max(1)
            + self.children.values().map(Given::names).sum::<usize>()
    }

    /// Whether it only leads to deeper names.
    #[must_use]
    pub fn is_way(&self) -> bool {
        matches!(self.rank, Rank::Passage | Rank::Implied)
    }

    /// Whether a link of this name is followed to a directory: operands go on below it.
    #[must_use]
    pub fn leads_on(&self) -> bool {
        !self.children.is_empty() || self.rank == Rank::Contents
    }

    fn new(rank: Rank) -> Self {
        Given {
            rank,
            sources: Vec::new(),
            listed: Vec::new(),
            doubles: Vec::new(),
            children: BTreeMap::new(),
        }
    }

    /// Drops names that rules hide, and ways that then lead nowhere.
    pub fn drop_hidden(&mut self, rel: &[u8], rules: &Chain) {
        self.children.retain(|name, given| {
            let path = join(rel, name);
            given.drop_hidden(&path, rules);
            // Whether a name is a directory is not looked at: a rule for directories alone is left to the walk.
            let found = rules.check(&path, NameKind::Other, Deletion::None);
            let hidden = found.is_some_and(|found| found.action() == Action::Exclude);
            if given.is_way() { !given.children.is_empty() } else { !hidden }
        });
    }

    /// Records `path` (no empty components).
    fn insert(&mut self, path: &[&[u8]], naming: &Naming) {
        let Naming { source, parent, last, repeats } = *naming;
        let mut at = self;
        let mut again = false;
        for (index, name) in path.iter().enumerate() {
            again = at.children.contains_key(*name);
            let rank = if index + 1 == path.len() { last } else { parent };
            at = at.children.entry(name.to_vec()).or_insert_with(|| Given::new(rank));
            at.rank = at.rank.max(rank);
            if !at.sources.contains(&source) {
                at.sources.push(source);
            }
        }
        if again {
            at.doubles.push(source);
        }
        if last >= Rank::Named && (repeats == Repeats::Listed || !at.listed.contains(&source)) {
            at.listed.push(source);
        }
    }
}

/// One naming of an entry by an operand.
#[derive(Debug, Clone, Copy)]
struct Naming {
    source: u16,
    /// How the directories on the way are meant.
    parent: Rank,
    /// How the entry itself is meant.
    last: Rank,
    repeats: Repeats,
}

/// What becomes of a directory that the same source names again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repeats {
    /// It is listed once: with incremental recursion its double is dropped before that.
    Dropped,
    /// It is listed each time, and all below it counts each time: the whole list is made before doubles go.
    Listed,
}

/// The operands, opened.
#[derive(Debug)]
pub struct Sources {
    /// Roots, in the order typed.
    pub roots: Vec<SourceRoot>,
    /// The names.
    pub top: Given,
    /// How many operands name an entry, hidden ones too.
    pub named: usize,
    /// Whether a `./` in front of a name makes the root an entry, told or not.
    pub dotted: bool,
    /// Operands that could not be opened.
    pub failures: Vec<Failure>,
}

impl Sources {
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

    /// A `./` in front of a name: the first root to have one gives the top its attributes.
    fn dot(&mut self, source: u16, rank: Rank) {
        if !self.dotted {
            self.top.sources.retain(|&other| other != source);
            self.top.sources.insert(0, source);
        }
        self.dotted = true;
        self.top.rank = self.top.rank.max(rank);
    }
}

/// One operand, cut into the directory that is opened and the name below it.
#[derive(Debug, PartialEq, Eq)]
struct Cut {
    dir: Vec<u8>,
    /// The directory as `%f` shows it.
    typed: Vec<u8>,
    below: Vec<u8>,
    contents: bool,
    /// What `%n` has in front.
    lead: &'static [u8],
    /// How the directory itself is meant.
    top: Rank,
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
            Relative::Implied | Relative::NoImplied => cut_relative(operand)?,
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
    let display = absolute(cwd, operand);
    if let Err(error) = open_dir(operand) {
        return Err(Refused::NoListRoot { path: display, errno: error.raw_os_error().unwrap_or(0) });
    }
    let mut found = nothing_yet();
    for name in names {
        let Listed { dir, below, rank, top } = listed::entry(name);
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
    Sources {
        roots: Vec::new(),
        top: Given::new(Rank::Passage),
        named: 0,
        dotted: false,
        failures: Vec::new(),
    }
}

/// Without `-R` a listed name loses its directories, as an operand does.
fn flat(name: &[u8], rank: Rank) -> (Vec<u8>, Vec<u8>) {
    if rank == Rank::Contents {
        return (name.to_vec(), Vec::new());
    }
    match name.iter().rposition(|&byte| byte == b'/') {
        Some(at) => (name[..at].to_vec(), name[at + 1..].to_vec()),
        None => (Vec::new(), name.to_vec()),
    }
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
        found.failures.push(Failure::new(Side::Sender, what, path, error).severity(severity));
    };
    let at = match found.root(cut, &display) {
        Ok(at) => at,
        Err(error) => {
            let (what, path) = match cut.below.as_slice() {
                b"" => (What::ChangeDir, display),
                _ if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::PermissionDenied
                ) =>
                {
                    (What::ChangeDir, display)
                }
                below => (What::LinkStat, join(&display, below)),
            };
            return fail(found, what, path, &error);
        }
    };
    let source = u16::try_from(at).unwrap_or(u16::MAX);
    if cut.below.is_empty() {
        found.top.rank = Rank::Contents;
        if !found.top.sources.contains(&source) {
            found.top.sources.push(source);
        }
        found.top.listed.push(source);
    } else {
        let mut last = if cut.contents { Rank::Contents } else { Rank::Named };
        match look(&found.roots[at].handle, &cut.below, &options.links)
            .and_then(|()| within(options, cut, &found.roots[at]))
        {
            Ok(()) => found.named += 1,
            Err(error)
                if error.kind() == io::ErrorKind::NotFound
                    && options.select.missing_args == MissingArgs::Delete =>
            {
                last = Rank::Missing;
            }
            Err(error) => return fail(found, What::LinkStat, join(&display, &cut.below), &error),
        }
        let parts: Vec<&[u8]> = cut.below.split(|&byte| byte == b'/').collect();
        let parent =
            if options.select.relative == Relative::NoImplied { Rank::Passage } else { Rank::Implied };
        let repeats = if options.select.incremental { Repeats::Dropped } else { Repeats::Listed };
        found.top.insert(&parts, &Naming { source, parent, last, repeats });
        if !found.top.sources.contains(&source) {
            found.top.sources.push(source);
        }
        if cut.top == Rank::Implied {
            found.dot(source, parent);
        }
    }
}

/// With `-L`, what an operand's link leads to is looked at, and it is the operand that is missing when that is.
fn look(root: &OwnedFd, below: &[u8], links: &Links) -> io::Result<()> {
    let path = CString::new(below).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let flags = if links.copy { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
    plain::statx(root, &path, flags, plain::STATX_ALL).map(|_| ())
}

/// Whether what a list names comes out where the sender is confined to (`--confine-root`). Operands may lie anywhere.
fn within(options: &Options, cut: &Cut, root: &SourceRoot) -> io::Result<()> {
    if options.select.files_from.is_none() || options.confine.sender.is_none() {
        return Ok(());
    }
    let parent = if cut.contents { cut.below.as_slice() } else { parent_and_name(&cut.below).0 };
    let flags = OFlags::PATH | OFlags::DIRECTORY;
    Operands::new(options).open_within(RuleSide::Sender, &root.handle, &c_name(parent), flags).map(|_| ())
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

/// Without `-R`: the last component is the name, unless the operand ends in `/`, `.` or `..`.
fn cut_plain(operand: &[u8]) -> Cut {
    let cut = |dir: &[u8], below: &[u8], contents| Cut {
        dir: dir.to_vec(),
        typed: dir.to_vec(),
        below: below.to_vec(),
        contents,
        lead: b"",
        top: Rank::Passage,
    };
    let ends_in_dir = matches!(operand.rsplit(|&byte| byte == b'/').next(), Some(b"" | b"." | b".."));
    if ends_in_dir {
        return cut(operand, b"", true);
    }
    match operand.iter().rposition(|&byte| byte == b'/') {
        Some(0) => cut(b"/", &operand[1..], false),
        Some(at) => cut(&operand[..at], &operand[at + 1..], false),
        None => cut(b".", operand, false),
    }
}

/// With `-R`: everything is the name, or what follows the first `/./`. A `./` in front puts the directory itself on
/// the list.
fn cut_relative(operand: &[u8]) -> Result<Cut, Refused> {
    let (dir, rest, lead): (&[u8], &[u8], &'static [u8]) = match find_dot(operand) {
        Some((b"", rest)) => (b"/", rest, b""),
        Some((dir, rest)) => (dir, rest, b""),
        None if operand.starts_with(b"/") => (b"/", operand, b"/"),
        None => (b".", operand, b""),
    };
    let contents = matches!(rest.rsplit(|&byte| byte == b'/').next(), Some(b"" | b"."));
    let parts: Vec<&[u8]> =
        rest.split(|&byte| byte == b'/').filter(|part| !matches!(*part, b"" | b".")).collect();
    if parts.iter().any(|part| *part == b"..") {
        return Err(Refused::DotDot(operand.to_vec()));
    }
    let top = if rest.starts_with(b"./") { Rank::Implied } else { Rank::Passage };
    Ok(Cut { dir: dir.to_vec(), typed: dir.to_vec(), below: parts.join(&b'/'), contents, lead, top })
}

/// The first `/./` cuts, and a `/.` at the end when nothing follows but the directory itself.
fn find_dot(operand: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = operand.windows(3).position(|window| window == b"/./")?;
    Some((&operand[..at], &operand[at + 3..]))
}

/// `path` as messages show it: absolute, `.` components and doubled slashes gone, `..` resolved by text.
#[must_use]
pub fn absolute(cwd: &[u8], path: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = Vec::new();
    let base: &[u8] = if path.starts_with(b"/") { b"" } else { cwd };
    for part in base.split(|&byte| byte == b'/').chain(path.split(|&byte| byte == b'/')) {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    if parts.is_empty() {
        return b"/".to_vec();
    }
    parts.iter().fold(Vec::new(), |mut path, part| {
        path.push(b'/');
        path.extend_from_slice(part);
        path
    })
}

/// Splits a destination operand into the directory above it and its last name.
#[must_use]
pub fn parent_and_name(path: &[u8]) -> (&[u8], &[u8]) {
    let mut end = path.len();
    while end > 1 && path[end - 1] == b'/' {
        end -= 1;
    }
    let path = &path[..end];
    match path.iter().rposition(|&byte| byte == b'/') {
        Some(0) => (b"/", &path[1..]),
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (b".", path),
    }
}

/// A name as the kernel takes it; names come from the kernel or are checked before, so none holds a NUL.
#[must_use]
pub fn c_name(name: &[u8]) -> CString {
    CString::new(name).unwrap_or_else(|_| CStr::to_owned(c"\u{fffd}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cut; `below` ends in a slash when the contents are meant.
    fn cut(dir: &str, below: &str, top: Rank) -> Cut {
        let name = below.strip_suffix('/');
        Cut {
            dir: dir.into(),
            typed: dir.into(),
            below: name.unwrap_or(below).into(),
            contents: name.is_some(),
            lead: b"",
            top,
        }
    }

    #[test]
    fn the_trailing_slash_decides() {
        let plain = |dir, below| cut(dir, below, Rank::Passage);
        assert_eq!(cut_plain(b"s"), plain(".", "s"));
        assert_eq!(cut_plain(b"a/s"), plain("a", "s"));
        assert_eq!(cut_plain(b"/s"), plain("/", "s"));
        assert_eq!(cut_plain(b"s/"), plain("s/", "/"));
        assert_eq!(cut_plain(b"s/."), plain("s/.", "/"));
        assert_eq!(cut_plain(b".."), plain("..", "/"));
    }

    #[test]
    fn relative_names_are_cut_at_the_dot() {
        let listed = |dir, below| Ok(cut(dir, below, Rank::Passage));
        assert_eq!(cut_relative(b"a/b/c"), listed(".", "a/b/c"));
        assert_eq!(cut_relative(b"a//b///c"), listed(".", "a/b/c"));
        assert_eq!(cut_relative(b"/a/b/"), listed("/", "a/b/").map(|cut| Cut { lead: b"/", ..cut }));
        assert_eq!(cut_relative(b"/./a/b/"), listed("/", "a/b/"));
        assert_eq!(cut_relative(b"src/./a/b"), listed("src", "a/b"));
        assert_eq!(cut_relative(b"src/a/b/./c/./f"), listed("src/a/b", "c/f"));
        assert_eq!(cut_relative(b"src/a/."), listed(".", "src/a/"));
        assert_eq!(cut_relative(b"./a"), Ok(cut(".", "a", Rank::Implied)));
        assert_eq!(cut_relative(b"a/../b"), Err(Refused::DotDot(b"a/../b".to_vec())));
    }

    #[test]
    fn absolute_paths_are_tidy() {
        assert_eq!(absolute(b"/tmp", b"s/"), b"/tmp/s");
        assert_eq!(absolute(b"/tmp", b"../x/./y"), b"/x/y");
        assert_eq!(absolute(b"/tmp", b"/"), b"/");
    }
}
