//! One filter rule as a value: what it matches, what it decides, for which side.

use std::sync::Arc;

use super::pattern::Pattern;

/// What a matching rule decides (rsync(1), FILTER RULES IN DEPTH).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Hide from the transfer, or protect from deletion.
    Exclude,
    /// Show in the transfer, or put at risk of deletion.
    Include,
}

/// One of the two sides a rule can act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The side that makes the file list.
    Sender,
    /// The side that deletes extraneous files.
    Receiver,
}

/// The sides a rule acts on: never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sides {
    /// Hide or show: modifier `s`.
    Sender,
    /// Protect or risk: modifier `r`.
    Receiver,
    /// Both, the default.
    Both,
}

impl Sides {
    /// Whether a rule for these sides acts on `side`.
    #[must_use]
    pub fn contains(self, side: Side) -> bool {
        match self {
            Sides::Both => true,
            Sides::Sender => side == Side::Sender,
            Sides::Receiver => side == Side::Receiver,
        }
    }

    /// These sides and one more, as two modifiers in a row add up.
    #[must_use]
    pub fn and(self, side: Side) -> Sides {
        if self.contains(side) { self } else { Sides::Both }
    }
}

impl From<Side> for Sides {
    fn from(side: Side) -> Sides {
        match side {
            Side::Sender => Sides::Sender,
            Side::Receiver => Sides::Receiver,
        }
    }
}

/// What kind of names a rule is about (modifier `x`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Names of files and directories.
    Names,
    /// Names of extended attributes.
    Xattrs,
}

/// Whether a rule takes effect on a match or on a mismatch (modifier `!`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Polarity {
    /// The rule holds for what its pattern matches.
    Matching,
    /// The rule holds for what its pattern does not match.
    Failing,
}

/// Whether a rule still holds inside directories being deleted (modifier `p`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lifetime {
    /// The rule always holds.
    Lasting,
    /// The rule is ignored inside a directory that is being deleted.
    Perishable,
}

/// Where a matching rule came from, for the texts of `-vv` (rsync 3.5.0 hides the text of rules it read from a file).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Typed on the command line: its text is shown.
    CommandLine,
    /// Read from a merge file or list: its text is not shown.
    File,
}

/// Where an anchored pattern of a per-directory file starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Anchor {
    /// The directory of the merge file.
    OwnDirectory,
    /// The transfer root: so it is for every other rule, and for those of a file merged into a per-directory one.
    TransferRoot,
}

/// The list a rule stands in, beside the per-directory ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Home {
    /// The run's own rules, or a merge file's.
    Rules,
    /// The list of `-C`.
    Cvs,
}

/// One rule that includes or excludes names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What a match decides.
    pub action: Action,
    /// The sides it acts on.
    pub sides: Sides,
    /// File names or xattr names.
    pub subject: Subject,
    /// Effect on match or on mismatch.
    pub polarity: Polarity,
    /// Whether deletion of the parent overrules it.
    pub lifetime: Lifetime,
    /// Where it came from.
    pub origin: Origin,
    /// The list it stands in.
    pub home: Home,
    /// Where its pattern starts, if anchored.
    pub anchor: Anchor,
    /// What it matches.
    pub pattern: Pattern,
}

/// How the rules inside a merge file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Prefixes {
    /// Every rule starts with `+`, `-`, `hide` … (plain merge files, `--filter`).
    Required,
    /// A bare pattern has this action, but `+ `, `- ` and `!` are honoured (`--exclude`, `--include-from` …).
    Optional(Action),
    /// Every word is a pattern with this action (modifiers `-` and `+`).
    None(Action),
    /// As `None(Exclude)`, but `!` clears the list (modifier `C`).
    Cvs,
}

/// How a merge file is cut into rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Split {
    /// One rule a line, with comments.
    Lines,
    /// One rule a word, no comments (modifier `w`).
    Words,
}

/// Whether the rules of a dir-merge file hold in sub-directories too (modifier `n` says no).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Inherit {
    /// They hold in the whole sub-tree.
    Subtree,
    /// They hold in their own directory only.
    OwnDirectory,
}

/// How a pattern meets the path (modifier `/`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Against the path within the transfer, or below the merge file's directory.
    Transfer,
    /// Against the absolute path.
    Absolute,
}

/// What a merge rule hands down to the rules in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// How the rules are written.
    pub prefixes: Prefixes,
    /// How the file is cut into rules.
    pub split: Split,
    /// Sides named by the merge rule; then the rules inside must name none.
    pub sides: Option<Sides>,
    /// Perishable or not.
    pub lifetime: Lifetime,
    /// File names or xattr names.
    pub subject: Subject,
    /// Absolute path or path within the transfer.
    pub scope: Scope,
    /// The list the rules stand in.
    pub home: Home,
}

/// A dir-merge rule (`:`): the name of a file to look for in every directory, and how to read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirMerge {
    /// The name that is looked for, its last component only.
    pub name: Box<[u8]>,
    /// The path the rule gave before the name (`/` or `../../`), which asks for a scan of parent directories.
    pub parents: Box<[u8]>,
    /// The name in `-vv` texts.
    pub label: Box<[u8]>,
    /// Whether sub-directories inherit its rules.
    pub inherit: Inherit,
    /// What it hands down to its rules.
    pub defaults: Defaults,
}

/// One place in a rule list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A rule.
    Rule(Rule),
    /// The place where a per-directory merge file's rules stand.
    DirMerge(Arc<DirMerge>),
}
