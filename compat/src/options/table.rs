//! The table of options: one [`Row`] each, from which parser, help, man page and completions are made.
//!
//! A row also holds what the option does to the draft of the [`Options`](super::Options), so that adding one
//! touches this table, its field there, the place that acts on it, and its differential test.

use super::draft::Draft;
use super::error::UsageError;
use super::parse::Item;

mod attributes;
mod compare;
mod delete;
mod links;
mod ours;
mod output;
mod remote;
mod select;
mod trees;
mod write;

/// What stands after the option's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// Nothing: a flag.
    None,
    /// A whole number, the way C's `strtol` reads it, in 32 bits.
    Number(&'static str),
    /// Any text; named for the help.
    Text(&'static str),
    /// The name of a file.
    File(&'static str),
    /// The name of a directory.
    Dir(&'static str),
    /// One of these words, or a list of them.
    Words(&'static str, &'static [&'static str]),
    /// One of these words after an equals sign, or nothing.
    Maybe(&'static str, &'static [&'static str]),
}

impl Value {
    /// What the help calls the value, when there is one.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Value::None => None,
            Value::Number(name)
            | Value::Text(name)
            | Value::File(name)
            | Value::Dir(name)
            | Value::Words(name, _)
            | Value::Maybe(name, _) => Some(name),
        }
    }

    /// Whether the next word belongs to the option.
    #[must_use]
    pub fn is_needed(self) -> bool {
        !matches!(self, Value::None | Value::Maybe(..))
    }

    /// The value's name behind its equals sign, as help and man page show it.
    #[must_use]
    pub(crate) fn shown(self, word: impl Fn(&str) -> String) -> String {
        match self {
            Value::None => String::new(),
            Value::Maybe(name, _) => format!("[={}]", word(name)),
            Value::Number(name)
            | Value::Text(name)
            | Value::File(name)
            | Value::Dir(name)
            | Value::Words(name, _) => format!("={}", word(name)),
        }
    }
}

/// The headings of help and man page, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// What is copied.
    Select,
    /// When a file is up to date.
    Compare,
    /// How data is written.
    Write,
    /// Which attributes are kept.
    Attributes,
    /// What happens to symbolic links.
    Links,
    /// What is deleted.
    Delete,
    /// Backups and alternate destinations.
    Trees,
    /// What is printed.
    Output,
    /// What only matters with another machine.
    Remote,
    /// What rsync does not have.
    Ours,
}

impl Category {
    /// All of them, in order.
    pub const ALL: [Category; 10] = [
        Category::Select,
        Category::Compare,
        Category::Write,
        Category::Attributes,
        Category::Links,
        Category::Delete,
        Category::Trees,
        Category::Output,
        Category::Remote,
        Category::Ours,
    ];

    /// The heading.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            Category::Select => "What is copied",
            Category::Compare => "When a file counts as up to date",
            Category::Write => "How data is written",
            Category::Attributes => "Which attributes are kept",
            Category::Links => "Symbolic links",
            Category::Delete => "Deleting",
            Category::Trees => "Backups and other trees",
            Category::Output => "Output",
            Category::Remote => "Other machines, protocol and batches",
            Category::Ours => "Not in rsync",
        }
    }
}

/// How far this release goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Acts as in rsync.
    Works,
    /// Accepted; there is nothing for it to change here, for this reason.
    NoEffect(&'static str),
    /// Accepted; it only means something when another machine takes part.
    Remote,
}

/// One option.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The name after `--`; empty when there is only a letter.
    pub long: &'static str,
    /// The letter.
    pub short: Option<u8>,
    /// Other names that mean the same.
    pub alias: &'static [&'static str],
    /// The names that turn it off, with their `no-`.
    pub no: &'static [&'static str],
    /// What stands after the name.
    pub value: Value,
    /// One line for `--help`; empty keeps the option out of it.
    pub help: &'static str,
    /// Further lines for `--help`: left column and text. A row without `help` has only these.
    pub lines: &'static [(&'static str, &'static str)],
    /// The paragraph of the man page.
    pub about: &'static str,
    /// Its heading.
    pub category: Category,
    /// How far it works.
    pub state: State,
    /// What it does.
    pub(crate) set: Set,
    /// What it does when it is meant for the receiving side alone (`-M`), where that is something else.
    pub(crate) far: Option<Set>,
}

/// What an option does to the draft.
pub(crate) type Set = fn(&mut Draft, &Item) -> Result<(), UsageError>;

impl Row {
    /// What most rows share; a table starts from it.
    pub(crate) const fn flag(category: Category) -> Row {
        Row {
            long: "",
            short: None,
            alias: &[],
            no: &[],
            value: Value::None,
            help: "",
            lines: &[],
            about: "",
            category,
            state: State::Works,
            set: |_, _| Ok(()),
            far: None,
        }
    }

    /// `--name`, or `-x` when there is only a letter.
    #[must_use]
    pub fn name(&self) -> String {
        match (self.long, self.short) {
            ("", Some(letter)) => format!("-{}", char::from(letter)),
            (long, _) => format!("--{long}"),
        }
    }

    /// Every way to write the option in its positive sense, with dashes.
    #[must_use]
    pub fn spellings(&self) -> Vec<String> {
        let long = [self.long].into_iter().chain(self.alias.iter().copied()).filter(|name| !name.is_empty());
        let mut all: Vec<String> = long.map(|name| format!("--{name}")).collect();
        all.extend(self.short.map(|letter| format!("-{}", char::from(letter))));
        all
    }
}

/// What an option's name says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// As named.
    On,
    /// The `--no-` form.
    Off,
}

/// Every row, by category.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    TABLES.iter().flat_map(|table| table.iter())
}

static TABLES: [&[Row]; 10] = [
    select::ROWS,
    compare::ROWS,
    write::ROWS,
    attributes::ROWS,
    links::ROWS,
    delete::ROWS,
    trees::ROWS,
    output::ROWS,
    remote::ROWS,
    ours::ROWS,
];

/// The option of this exact name (without the dashes).
#[must_use]
pub fn find_long(name: &[u8]) -> Option<(&'static Row, Sign)> {
    let named = |known: &&'static str| known.as_bytes() == name;
    rows().find_map(|row| {
        let plain = !name.is_empty() && (named(&row.long) || row.alias.iter().any(named));
        let negated = row.no.iter().any(named);
        match (plain, negated) {
            (true, _) => Some((row, Sign::On)),
            (false, true) => Some((row, Sign::Off)),
            (false, false) => None,
        }
    })
}

/// The option of this letter.
#[must_use]
pub fn find_short(letter: u8) -> Option<&'static Row> {
    rows().find(|row| row.short == Some(letter))
}

#[cfg(test)]
mod tests;
