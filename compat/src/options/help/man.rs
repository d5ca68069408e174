//! The man page, as roff: the options from the table, the rest from `man/*.roff` beside this file.

use super::super::Bytes;
use super::super::table::{Category, Row, State, rows};

const HEAD: &str = include_str!("man/head.roff");
const TAIL: &str = include_str!("man/tail.roff");

/// The text of `man/io-uring-sync.1`.
#[must_use]
pub fn man_page() -> Bytes {
    let version = env!("CARGO_PKG_VERSION");
    let mut page = format!(".TH IO-URING-SYNC 1 \"\" \"io-uring-sync {version}\" \"User Commands\"\n");
    page += HEAD;
    page += ".SH OPTIONS\n";
    page += "Later options win over earlier ones. Those that are marked are accepted and do nothing, \
             or are refused for now with exit value 4.\n";
    for category in Category::ALL {
        page += &format!(".SS {}\n", category.heading());
        rows().filter(|row| row.category == category).for_each(|row| page += &option(row));
    }
    (page + TAIL).into_bytes()
}

fn option(row: &Row) -> String {
    let text = format!(".TP\n{}\n{}{}\n", names(row), summary(row), typed_hyphens(row.about));
    match row.state {
        State::Works => text,
        State::NoEffect(reason) => text + &format!("Accepted without effect: {}.\n", escaped(reason)),
        State::Remote => text + "Without effect when all operands are on this machine.\n",
        State::Unsupported => text + "\\fBNot supported yet.\\fR\n",
    }
}

/// The line of `--help` as a sentence, unless the paragraph says the same.
fn summary(row: &Row) -> String {
    let mut letters = row.help.chars();
    match letters.next() {
        Some(first) if !row.about.starts_with("Short for \\fB") && !row.about.starts_with("The same as") => {
            format!("{}{}.\n", escaped(&first.to_uppercase().to_string()), escaped(letters.as_str()))
        }
        Some(_) | None => String::new(),
    }
}

/// Hyphens in bold text are typed.
fn typed_hyphens(about: &str) -> String {
    let mut parts = about.split("\\fB");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (bold, plain) = part.split_once("\\fR").unwrap_or((part, ""));
        text += &format!("\\fB{}\\fR{plain}", bold.replace('-', "\\-"));
    }
    text
}

/// All spellings in bold, the value in italics behind the first.
fn names(row: &Row) -> String {
    let value = row.value.name().map_or(String::new(), |value| format!("=\\fI{}\\fR", escaped(value)));
    let mut spellings = row.spellings().into_iter().map(|name| format!("\\fB{}\\fR", escaped(&name)));
    let first = spellings.next().unwrap_or_default() + &value;
    let off = row.no.iter().map(|name| format!("\\fB{}\\fR", escaped(&format!("--{name}"))));
    std::iter::once(first).chain(spellings).chain(off).collect::<Vec<_>>().join(", ")
}

/// A hyphen that is typed is not the one of prose.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-")
}

#[cfg(test)]
mod tests {
    use super::super::super::table::rows;
    use super::man_page;

    #[test]
    fn every_option_has_its_paragraph() {
        let page = String::from_utf8(man_page()).unwrap();
        for row in rows() {
            assert!(page.contains(&super::names(row)), "{}", row.name());
        }
        for heading in
            ["NAME", "SYNOPSIS", "FILTER RULES", "EXIT VALUES", "ENVIRONMENT", "DIFFERENCES FROM RSYNC"]
        {
            assert!(
                page.contains(&format!(".SH {heading}\n")) || page.contains(&format!(".SH \"{heading}\"\n")),
                "{heading}"
            );
        }
    }

    /// A line that starts with a dot or an apostrophe would be a request.
    #[test]
    fn no_description_is_taken_for_a_request() {
        for row in rows() {
            assert!(!row.about.starts_with(['.', '\'']), "{}", row.name());
            assert!(!row.about.contains('\n'), "{}", row.name());
        }
    }
}
