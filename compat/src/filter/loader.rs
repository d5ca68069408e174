//! From the texts of rules and the files they name to items (rsync(1), FILTER RULES IN DEPTH, MERGE-FILE FILTER RULES).

use std::sync::Arc;

use super::error::{FilterError, ReadError};
use super::list::Settings;
use super::parse::{Context, FileLabel, HideItself, LineEnd, MergeRule, Parsed, Records, Source, parse_rule};
use super::pattern::Pattern;
use super::rule::{
    Action, Anchor, Defaults, DirMerge, Home, Item, Lifetime, Polarity, Rule, Scope, Sides, Subject,
};
use crate::cvs;

/// Reads a file for the parser: the crate itself does no I/O. `-` is standard input.
pub type Reader<'a> = dyn FnMut(&[u8]) -> Result<Vec<u8>, ReadError> + 'a;

/// How deep merge files may name each other.
const DEPTH_MAX: usize = 32;

/// A pattern of this many bytes is thrown away with a warning.
const PATTERN_BYTES_MAX: usize = 4096;

/// Whether a `!` inside a per-directory file cleared what that file would have inherited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cleared {
    Yes,
    No,
}

/// What the loader reads for.
///
/// In a file that a per-directory file merges (`. name`), rsync 3.5.0 forgets the sides of rules, so that a sender's
/// acts on the receiver too, and anchors patterns at the transfer root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    CommandLine,
    PerDirectory,
}

/// Collects items from texts and files.
pub(super) struct Loader<'a, 'r> {
    settings: &'a Settings,
    read: &'a mut Reader<'r>,
    /// Where relative names inside a file are looked up; empty: left to the reader.
    directory: &'a [u8],
    depth: usize,
    purpose: Purpose,
    /// How lines end in the files that are read.
    pub(super) line_end: LineEnd,
    pub(super) items: Vec<Item>,
    pub(super) cleared: Cleared,
    pub(super) warnings: Vec<Vec<u8>>,
}

impl<'a, 'r> Loader<'a, 'r> {
    pub(super) fn new(settings: &'a Settings, read: &'a mut Reader<'r>) -> Self {
        let (items, warnings) = (Vec::new(), Vec::new());
        let purpose = Purpose::CommandLine;
        let line_end = settings.line_end;
        let cleared = Cleared::No;
        Loader { settings, read, directory: b"", depth: 0, purpose, line_end, items, cleared, warnings }
    }

    /// Makes it a loader of a per-directory file, with names of further files relative to `directory`.
    pub(super) fn per_directory(mut self, directory: &'a [u8]) -> Self {
        self.directory = directory;
        self.purpose = Purpose::PerDirectory;
        self
    }

    /// Adds one rule.
    pub(super) fn add_text(
        &mut self,
        text: &[u8],
        defaults: &Defaults,
        source: &Source,
    ) -> Result<(), FilterError> {
        let context = Context { defaults, plain_sides: self.settings.plain_sides, source };
        match parse_rule(text, &context)? {
            Parsed::Nothing => {}
            Parsed::Clear => {
                self.items.clear();
                self.cleared = Cleared::Yes;
            }
            Parsed::Rule(rule) if rule.pattern.text().len() >= PATTERN_BYTES_MAX => {
                let shown = source.culprit(rule.pattern.text());
                self.warnings.push([b"discarding over-long filter: ", shown.as_slice()].concat());
            }
            Parsed::Rule(mut rule) => {
                if self.depth > 1 && self.purpose == Purpose::PerDirectory {
                    rule.sides = Sides::Both;
                    rule.anchor = Anchor::TransferRoot;
                }
                self.items.push(Item::Rule(rule));
            }
            Parsed::CvsList(defaults) => self.add_cvs_list(&defaults)?,
            Parsed::Merge(merge) => {
                self.hide_merge_file(&merge, source);
                self.add_file(&merge.path, &merge.defaults, source)?;
            }
            Parsed::DirMerge(merge) => {
                self.hide_merge_file(&merge, source);
                self.items.push(Item::DirMerge(Arc::new(dir_merge(merge, source, text))));
            }
        }
        Ok(())
    }

    /// Adds the rules of the file at `path`, which `source` names.
    pub(super) fn add_file(
        &mut self,
        path: &[u8],
        defaults: &Defaults,
        source: &Source,
    ) -> Result<(), FilterError> {
        if self.depth >= DEPTH_MAX {
            return Err(FilterError::TooDeep(source.culprit(path)));
        }
        let label = match source {
            Source::CommandLine => FileLabel::Named(path.to_vec()),
            Source::File(place) => FileLabel::NamedAt(place.clone()),
        };
        let is_relative = !path.starts_with(b"/") && !self.directory.is_empty() && path != b"-";
        let content = if is_relative { (self.read)(&join(self.directory, path)) } else { (self.read)(path) };
        match (content, source) {
            (Ok(content), _) => self.add_content(&content, defaults, &label),
            (Err(error), _) if error.is_directory() && !path.ends_with(b"/") => Ok(()),
            (Err(error), Source::CommandLine) => {
                Err(FilterError::Open { list: "exclude", path: path.to_vec(), error })
            }
            (Err(_), Source::File(_)) => Err(FilterError::OpenNested(source.culprit(path))),
        }
    }

    /// Adds the rules of a file that was read.
    pub(super) fn add_content(
        &mut self,
        content: &[u8],
        defaults: &Defaults,
        label: &FileLabel,
    ) -> Result<(), FilterError> {
        self.depth += 1;
        for (record, line) in Records::new(content, defaults.split, self.line_end) {
            self.add_text(record, defaults, &label.source(line))?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Modifier `e`: the name of the merge file is excluded, ahead of its rules.
    fn hide_merge_file(&mut self, merge: &MergeRule, source: &Source) {
        if merge.hide_itself == HideItself::No {
            return;
        }
        self.items.push(Item::Rule(Rule {
            action: Action::Exclude,
            sides: match self.purpose {
                Purpose::CommandLine => self.settings.plain_sides.into(),
                Purpose::PerDirectory => Sides::Both,
            },
            subject: Subject::Names,
            polarity: Polarity::Matching,
            lifetime: Lifetime::Lasting,
            origin: source.origin(),
            home: Home::Rules,
            anchor: Anchor::OwnDirectory,
            pattern: Pattern::new(split_path(&merge.path).1, Scope::Transfer),
        }));
    }

    /// The built-in list, `$HOME/.cvsignore` and `$CVSIGNORE`; a `!` in those clears this list only.
    fn add_cvs_list(&mut self, rule: &Defaults) -> Result<(), FilterError> {
        let settings = self.settings;
        let mut list = Loader::new(settings, &mut *self.read);
        let own = Defaults { sides: rule.sides, lifetime: rule.lifetime, ..Defaults::of_cvs() };
        let built_in = Defaults { lifetime: Lifetime::Perishable, ..own.clone() };
        for pattern in cvs::DEFAULT_PATTERNS {
            list.add_text(pattern.as_bytes(), &built_in, &Source::CommandLine)?;
        }
        if let Some(path) = &settings.cvs_home_file
            && let Ok(content) = (list.read)(path)
        {
            list.add_content(&content, &own, &FileLabel::Named(path.clone()))?;
        }
        for (word, _) in
            Records::new(settings.cvs_variable.as_deref().unwrap_or(b""), own.split, LineEnd::Newline)
        {
            list.add_text(word, &own, &Source::CommandLine)?;
        }
        let items = list.items;
        self.items.extend(items);
        Ok(())
    }
}

fn dir_merge(merge: MergeRule, source: &Source, text: &[u8]) -> DirMerge {
    let (parents, name) = split_path(&merge.path);
    let label = match source {
        Source::CommandLine => name.to_vec(),
        Source::File(_) => source.culprit(text),
    };
    DirMerge {
        name: name.into(),
        parents: parents.into(),
        label: label.into(),
        inherit: merge.inherit,
        defaults: merge.defaults,
    }
}

/// The path up to its last slash, and the name behind it.
fn split_path(path: &[u8]) -> (&[u8], &[u8]) {
    let start = path.iter().rposition(|&byte| byte == b'/').map_or(0, |at| at + 1);
    path.split_at(start)
}

/// `directory/name` with one slash between.
pub(super) fn join(directory: &[u8], name: &[u8]) -> Vec<u8> {
    let mut path = directory.to_vec();
    if !path.is_empty() && !path.ends_with(b"/") {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}
