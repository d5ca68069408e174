//! What `--help` and `--version` print; man page and completions, all made from the option table.

use super::Bytes;
use super::table::{Category, Row, rows};

#[cfg(feature = "completions")]
mod completions;
mod man;
mod prose;
mod version;

#[cfg(feature = "completions")]
pub use completions::{Shell, completions};
pub use man::man_page;
pub use version::{VersionForm, version_text};

/// The name the program was started by decides how it introduces itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalledAs {
    /// `rsync`: scripts read the first line.
    Rsync,
    /// Our own name.
    Own,
}

impl CalledAs {
    /// The name to print.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            CalledAs::Rsync => "rsync",
            CalledAs::Own => "io-uring-sync",
        }
    }
}

/// Where the second column starts, as in rsync.
const COLUMN: usize = 25;

/// The text of `--help`.
#[must_use]
pub fn help_text(called_as: CalledAs) -> Bytes {
    let name = called_as.name();
    let mut text = version_text(VersionForm::Text);
    let mut add = |line: &str| text.extend([line.as_bytes(), b"\n"].concat());
    add("");
    add(&format!("{name} copies files and whole trees on one machine and only what has changed."));
    add("Operands on other machines are handed over to rsync.");
    add("");
    add(&format!("Usage: {name} [OPTION]... SRC [SRC]... DEST"));
    add(&format!("  or   {name} [OPTION]... SRC            (list SRC)"));
    add(&format!(
        "  or   {name} [OPTION]... SRC [SRC]... [USER@]HOST:DEST    (or the reverse: rsync does it)"
    ));
    add("A directory SRC with a slash at the end stands for its contents, without one for itself.");
    add("");
    add("Options");
    for category in Category::ALL {
        add("");
        add(&format!("{}:", category.heading()));
        for row in rows().filter(|row| row.category == category) {
            lines(row).iter().for_each(|line| add(line));
        }
    }
    add("");
    add("See io-uring-sync(1) for more, and rsync(1) for what it is modelled on.");
    text
}

fn lines(row: &Row) -> Vec<String> {
    let own = (!row.help.is_empty()).then(|| (left(row), row.help));
    let further = row.lines.iter().map(|(left, right)| ((*left).to_owned(), *right));
    own.into_iter().chain(further).map(|(left, right)| columns(&left, right)).collect()
}

fn columns(left: &str, right: &str) -> String {
    let gap = COLUMN.saturating_sub(left.len()).max(1);
    format!("{left}{:gap$}{right}", "")
}

/// `--name=VALUE, -x`.
pub(crate) fn left(row: &Row) -> String {
    let value = row.value.shown(str::to_owned);
    match (row.long, row.short) {
        ("", _) => row.name(),
        // With a value it has a line of its own: rsync has only this.
        (long, Some(letter)) if !row.value.is_needed() => format!("--{long}, -{}", char::from(letter)),
        (long, None) => format!("--{long}{value}"),
        (long, Some(letter)) => format!("--{long}{value}, -{}", char::from(letter)),
    }
}

#[cfg(test)]
mod tests;
