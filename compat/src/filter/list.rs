//! The run's rule list: options in order, files merged in (rsync(1), FILTER RULES IN DEPTH, --cvs-exclude).

use std::ops::Range;
use std::sync::Arc;

use super::error::FilterError;
use super::loader::{Loader, Reader};
use super::parse::{LineEnd, PlainSides, Source};
use super::pattern::NameKind;
use super::rule::{Action, Defaults, Home, Item, Lifetime, Polarity, Rule, Scope, Subject};

/// One filter option, in the order typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterArg<'a> {
    /// `--filter=RULE`, `-f RULE`.
    Filter(&'a [u8]),
    /// `--exclude=PATTERN`.
    Exclude(&'a [u8]),
    /// `--include=PATTERN`.
    Include(&'a [u8]),
    /// `--exclude-from=FILE`.
    ExcludeFrom(&'a [u8]),
    /// `--include-from=FILE`.
    IncludeFrom(&'a [u8]),
    /// `-0` or `--no-from0`, which files are read by that are named behind it; those in directories, by the last.
    Lines(LineEnd),
    /// One `-F`: the first means the dir-merge rule, the second hides `.rsync-filter` files.
    PerDirectory,
    /// `-C`: its rules stand at the end whatever its place.
    CvsExclude,
}

/// What the rules depend on beside their own text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What rules without a side act on.
    pub plain_sides: PlainSides,
    /// How lines of lists and merge files end.
    pub line_end: LineEnd,
    /// The path of `$HOME/.cvsignore`, when there is a home.
    pub cvs_home_file: Option<Vec<u8>>,
    /// The value of `$CVSIGNORE`.
    pub cvs_variable: Option<Vec<u8>>,
}

impl Settings {
    /// No options beside the rules, no CVS sources.
    #[must_use]
    pub fn plain() -> Settings {
        Settings {
            plain_sides: PlainSides::Both,
            line_end: LineEnd::Newline,
            cvs_home_file: None,
            cvs_variable: None,
        }
    }
}

/// All rules of a run, as both sides start from them.
#[derive(Clone, Debug)]
pub struct RuleList {
    pub(super) items: Vec<Item>,
    pub(super) settings: Arc<Settings>,
    /// Where the rules stand that `-C` added.
    pub(super) cvs_option: Range<usize>,
    warnings: Vec<Vec<u8>>,
}

impl RuleList {
    /// Builds the list from the options in order.
    ///
    /// # Errors
    /// The first rule or file that rsync refuses.
    pub fn parse(
        args: &[FilterArg<'_>],
        settings: Settings,
        read: &mut Reader<'_>,
    ) -> Result<Self, FilterError> {
        let settings = Arc::new(settings);
        let mut loader = Loader::new(&settings, read);
        let mut per_directory_count = 0;
        let mut cvs_at_end = false;
        let filter = Defaults::of_filter_option();
        if args.iter().any(|arg| matches!(arg, FilterArg::Lines(_))) {
            loader.line_end = LineEnd::Newline;
        }
        for arg in args {
            match *arg {
                FilterArg::Filter(text) => loader.add_text(text, &filter, &Source::CommandLine)?,
                FilterArg::Exclude(text) => {
                    loader.add_text(text, &Defaults::of_old_option(Action::Exclude), &Source::CommandLine)?;
                }
                FilterArg::Include(text) => {
                    loader.add_text(text, &Defaults::of_old_option(Action::Include), &Source::CommandLine)?;
                }
                FilterArg::ExcludeFrom(path) => {
                    loader.add_file(path, &Defaults::of_old_option(Action::Exclude), &Source::CommandLine)?;
                }
                FilterArg::IncludeFrom(path) => {
                    let read = loader.add_file(
                        path,
                        &Defaults::of_old_option(Action::Include),
                        &Source::CommandLine,
                    );
                    read.map_err(FilterError::of_include_list)?;
                }
                FilterArg::PerDirectory => {
                    per_directory_count += 1;
                    let rule: &[u8] = match per_directory_count {
                        1 => b": /.rsync-filter",
                        2 => b"- .rsync-filter",
                        _ => continue,
                    };
                    loader.add_text(rule, &filter, &Source::CommandLine)?;
                }
                FilterArg::Lines(end) => loader.line_end = end,
                FilterArg::CvsExclude => cvs_at_end = true,
            }
        }
        let typed = loader.items.len();
        if cvs_at_end {
            loader.add_text(b":C", &filter, &Source::CommandLine)?;
            loader.add_text(b"-C", &filter, &Source::CommandLine)?;
        }
        let (items, warnings) = (loader.items, loader.warnings);
        Ok(RuleList { cvs_option: typed..items.len(), items, settings, warnings })
    }

    /// A list that includes everything.
    #[must_use]
    pub fn empty() -> RuleList {
        RuleList {
            items: Vec::new(),
            settings: Arc::new(Settings::plain()),
            cvs_option: 0..0,
            warnings: Vec::new(),
        }
    }

    /// Adds a rule that the program makes up itself, after all others (`P *~` of `--backup`, `-p DIR/` of
    /// `--partial-dir`).
    ///
    /// # Errors
    /// A rule that rsync refuses.
    pub fn push(&mut self, rule: &[u8]) -> Result<(), FilterError> {
        let settings = Arc::clone(&self.settings);
        let mut no_files = |_: &[u8]| Ok(Vec::new());
        let mut loader = Loader::new(&settings, &mut no_files);
        loader.add_text(rule, &Defaults::of_filter_option(), &Source::CommandLine)?;
        self.items.append(&mut loader.items);
        Ok(())
    }

    /// The rules in order.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The first protocol that carries the rules that were typed: per-directory ones and most modifiers came with 29,
    /// perishable ones with 30.
    #[must_use]
    pub fn protocol_min(&self) -> i32 {
        self.items.iter().take(self.cvs_option.start).map(carried_since).max().unwrap_or(0)
    }

    /// Whether `-C` was given.
    #[must_use]
    pub fn has_cvs_option(&self) -> bool {
        !self.cvs_option.is_empty()
    }

    /// Lines to print on stderr: patterns that were too long and are left out.
    #[must_use]
    pub fn warnings(&self) -> &[Vec<u8>] {
        &self.warnings
    }

    /// The rules about xattr names.
    #[must_use]
    pub fn xattr_rules(&self) -> XattrRules<'_> {
        XattrRules { items: &self.items }
    }
}

fn carried_since(item: &Item) -> i32 {
    match item {
        Item::DirMerge(_) => 29,
        Item::Rule(rule) if rule.lifetime == Lifetime::Perishable && rule.home == Home::Rules => 30,
        Item::Rule(rule)
            if rule.polarity == Polarity::Failing
                || rule.subject == Subject::Xattrs
                || rule.pattern.scope() == Scope::Absolute =>
        {
            29
        }
        Item::Rule(_) => 0,
    }
}

/// The rules with modifier `x`; when there is one, rsync's own choice of xattr namespaces is off.
#[derive(Clone, Copy, Debug)]
pub struct XattrRules<'a> {
    items: &'a [Item],
}

impl XattrRules<'_> {
    fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.items.iter().filter_map(|item| match item {
            Item::Rule(rule) if rule.subject == Subject::Xattrs => Some(rule),
            Item::Rule(_) | Item::DirMerge(_) => None,
        })
    }

    /// Whether there is none, so that the default choice of names applies.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules().next().is_none()
    }

    /// What the first rule that matches the attribute's name decides on this side.
    #[must_use]
    pub fn check(&self, name: &[u8], side: super::rule::Side) -> Option<Action> {
        self.rules()
            .filter(|rule| rule.sides.contains(side))
            .find(|rule| {
                let matches = rule.pattern.matches(name, NameKind::Other);
                matches == (rule.polarity == Polarity::Matching)
            })
            .map(|rule| rule.action)
    }
}
