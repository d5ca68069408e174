//! Operands put together into one tree of names, in the order typed.

use std::io;

use rsync_compat::filter::NameKind;
use rsync_compat::options::{MissingArgs, Options, Recursion, Relative, Select};
use uring_ext::mode::errno::ENOENT;

use super::look::{self, Seen};
use super::roots::{Named, SourceRoot, Sources};
use super::split::Cut;
use super::tree::{Naming, OperandTree, Rank, Repeats};
use crate::entry::join;
use crate::failure::{Failure, Severity, Side, What};
use crate::path_text::absolute;

/// What operands came to so far, and what the next one depends on.
pub(super) struct Gatherer<'a> {
    options: &'a Options,
    cwd: &'a [u8],
    found: Sources,
    /// Whether a `./` in front of a name listed the top.
    top_listed: bool,
    way: Way,
}

/// The way to the name that was typed last.
#[derive(Debug, Default)]
pub(crate) struct Way {
    source: u16,
    dirs: Vec<Vec<u8>>,
}

impl Way {
    /// How many of these directories are on the way to the name that was typed last; `None` for another source.
    pub(crate) fn shared(&self, source: u16, dirs: &[&[u8]]) -> Option<usize> {
        let shared = self.dirs.iter().zip(dirs).take_while(|(one, two)| one == *two).count();
        (self.source == source).then_some(shared)
    }

    /// How many directories the way to this name has in common with the one before; it is the next one's in turn,
    /// unless it led there before. Where it goes on below the one before, that is listed once more, but for incremental
    /// recursion.
    pub(crate) fn follow(&mut self, source: u16, kind: NameKind, parts: &[&[u8]], select: &Select) -> usize {
        if select.recursion == Recursion::None && kind == NameKind::Directory {
            // It is skipped.
            return parts.len();
        }
        let dirs: Vec<Vec<u8>> = parts[..parts.len() - 1].iter().map(|part| part.to_vec()).collect();
        let shared = self.dirs.iter().zip(&dirs).take_while(|(one, two)| one == two).count();
        let known = if self.source == source { shared } else { 0 };
        if known == dirs.len() {
            return known;
        }
        let goes_on = known > 0 && known == self.dirs.len();
        let once_more = goes_on && !select.is_piecemeal();
        *self = Way { source, dirs };
        known - usize::from(once_more)
    }
}

impl<'a> Gatherer<'a> {
    pub(super) fn new(options: &'a Options, cwd: &'a [u8]) -> Gatherer<'a> {
        let found = Sources::of(Vec::new(), OperandTree::new(Rank::Passage));
        Gatherer { options, cwd, found, top_listed: false, way: Way::default() }
    }

    /// All of them.
    pub(super) fn into_sources(self) -> Sources {
        self.found
    }

    /// One more operand. What cannot be opened is noted as a failure.
    pub(super) fn add(&mut self, cut: &Cut) {
        let display = absolute(self.cwd, &cut.dir);
        let at = match self.root(cut, &display) {
            Ok(at) => at,
            Err(error) => {
                let listed = self.options.select.files_from.is_some();
                let entered = if listed { display } else { as_typed(self.cwd, cut) };
                return self.not_there(What::ChangeDir, entered, &error);
            }
        };
        let source = u16::try_from(at).unwrap_or(u16::MAX);
        self.note_top(cut, source);
        if cut.below.is_empty() {
            return self.all_of(source);
        }
        let named = if cut.contents { Rank::Contents } else { Rank::Named };
        let (last, kind, present) = match look::see(self.options, cut, &self.found.roots[at]) {
            Seen::There(kind) => (named, kind, usize::MAX),
            Seen::Missing(present) => (Rank::Missing, NameKind::Other, present),
            Seen::Failed(error) => {
                return self.not_there(What::LinkStat, join(&display, &cut.below), &error);
            }
        };
        if self.skips_directories() && kind == NameKind::Directory {
            self.found.skipped.push((cut.lead, cut.below.clone()));
        }
        let (parent, repeats) = (self.parent(), repeats(&self.options.select));
        if keeps_names(self.options) && last > Rank::Missing {
            self.found.named.push(Named { source, below: cut.below.clone(), kind });
        }
        self.name(cut, &Naming { source, parent, last, kind, repeats, present });
    }

    fn skips_directories(&self) -> bool {
        self.options.select.recursion == Recursion::None
    }

    /// How the directories on the way to a name are meant.
    fn parent(&self) -> Rank {
        match self.options.select.relative {
            Relative::NoImplied => Rank::Passage,
            Relative::Off | Relative::Implied => Rank::Implied,
        }
    }

    /// The root that a cut starts from, opened unless it is there.
    fn root(&mut self, cut: &Cut, display: &[u8]) -> io::Result<usize> {
        let is_this =
            |root: &SourceRoot| root.typed == cut.typed && root.display == display && root.lead == cut.lead;
        if let Some(at) = self.found.roots.iter().position(is_this) {
            return Ok(at);
        }
        let (handle, meta) = look::open_dir(&cut.dir)?;
        let (display, typed, lead) = (display.to_vec(), cut.typed.clone(), cut.lead);
        self.found.roots.push(SourceRoot { handle, display, typed, lead, meta });
        Ok(self.found.roots.len() - 1)
    }

    /// What an operand says about the top, whether or not its name is there.
    fn note_top(&mut self, cut: &Cut, source: u16) {
        let dots = cut.top == Rank::Implied;
        if self.skips_directories() && (cut.below.is_empty() || dots && !self.found.dotted) {
            self.found.skipped.push((b"", b".".to_vec()));
        }
        if dots {
            self.dot(source);
        }
        if !cut.below.is_empty() {
            self.top_listed |= dots && self.parent() > Rank::Passage;
            self.count_dot();
        }
    }

    /// A `./` in front of a name: the first root to have one gives the top its attributes.
    fn dot(&mut self, source: u16) {
        let rank = self.parent();
        let top = &mut self.found.top;
        if !self.found.dotted {
            top.sources.retain(|other| *other != source);
            top.sources.insert(0, source);
        }
        self.found.dotted = true;
        top.rank = top.rank.max(rank);
    }

    /// The top is in the list once more when a `./` puts it there besides an operand that means its contents.
    fn count_dot(&mut self) {
        let top = &mut self.found.top;
        if self.top_listed && top.rank == Rank::Contents && top.doubles.is_empty() {
            top.doubles.extend(top.sources.first().copied());
        }
    }

    /// The contents of a root.
    fn all_of(&mut self, source: u16) {
        self.found.top.rank = Rank::Contents;
        self.has_names(source);
        self.found.top.listed.push(source);
        self.count_dot();
    }

    fn has_names(&mut self, source: u16) {
        if !self.found.top.sources.contains(&source) {
            self.found.top.sources.push(source);
        }
    }

    /// A name below a root, and how it and the way to it are meant.
    fn name(&mut self, cut: &Cut, naming: &Naming) {
        let select = &self.options.select;
        let parts: Vec<&[u8]> = cut.below.split(|&byte| byte == b'/').collect();
        if select.is_piecemeal() && naming.present < parts.len() - 1 {
            // The list ends with the first directory of the way that is not there.
            return self.gone(naming.source, &parts[..=naming.present]);
        }
        let told = self.way.follow(naming.source, naming.kind, &parts, select);
        for gone in told.max(naming.present).saturating_add(1)..parts.len() {
            self.gone(naming.source, &parts[..gone]);
        }
        match select.recursion {
            Recursion::None => self.found.top.insert_skipping(&parts, naming, told),
            Recursion::Full | Recursion::Dirs => self.found.top.insert(&parts, naming, told),
        }
        self.has_names(naming.source);
    }

    /// Tells of a directory on the way to a missing name that is missing itself.
    fn gone(&mut self, source: u16, way: &[&[u8]]) {
        let path = join(&self.found.roots[usize::from(source)].display, &way.join(&b'/'));
        let error = io::Error::from_raw_os_error(ENOENT);
        self.fail(Failure::new(Side::Sender, What::Vanished, path, &error).severity(Severity::Vanished));
    }

    /// An operand that cannot be opened or looked at.
    fn not_there(&mut self, what: What, path: Vec<u8>, error: &io::Error) {
        let missing = error.kind() == io::ErrorKind::NotFound;
        if missing && what != What::ChangeDir && self.options.select.missing_args == MissingArgs::Ignore {
            return;
        }
        // An entry that is not there is no listing error: the other operands may still be cleaned. A directory is.
        let severity = match what {
            What::LinkStat if missing => Severity::Error,
            _ => Severity::ListingError,
        };
        self.fail(Failure::new(Side::Sender, what, path, error).severity(severity));
    }

    fn fail(&mut self, failure: Failure) {
        self.found.leading += usize::from(!self.found.top.means_any());
        self.found.failures.push(failure);
    }
}

/// Whether rules may depend on the order of the names: the list is made as a whole.
fn keeps_names(options: &Options) -> bool {
    let select = &options.select;
    let has_rules = !select.filters.is_empty() || select.cvs_exclude;
    has_rules && !select.is_piecemeal()
}

fn repeats(select: &Select) -> Repeats {
    match select.recursion {
        _ if select.incremental => Repeats::Dropped,
        Recursion::Dirs => Repeats::ListedAsContents,
        Recursion::Full | Recursion::None => Repeats::Listed,
    }
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
