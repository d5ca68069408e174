//! The man page, as roff: the options from the table, the rest from `man/*.txt` beside this file, where
//! `man/options/*.txt` says more about some of the options, each below a line `@ --name`.

use super::super::Bytes;
use super::super::table::{Category, Row, State, rows};
use super::prose::{roff, typed};

const HEAD: &str = include_str!("man/head.txt");
const AFTER: [&str; 3] =
    [include_str!("man/filters.txt"), include_str!("man/output.txt"), include_str!("man/tail.txt")];

/// What more there is to say about the options of a category.
fn details(category: Category) -> &'static str {
    match category {
        Category::Select => include_str!("man/options/select.txt"),
        Category::Compare => include_str!("man/options/compare.txt"),
        Category::Write => include_str!("man/options/write.txt"),
        Category::Attributes => include_str!("man/options/attributes.txt"),
        Category::Links => include_str!("man/options/links.txt"),
        Category::Delete => include_str!("man/options/delete.txt"),
        Category::Trees => include_str!("man/options/trees.txt"),
        Category::Output => include_str!("man/options/output.txt"),
        Category::Remote => include_str!("man/options/remote.txt"),
        Category::Ours => include_str!("man/options/ours.txt"),
    }
}

/// The text of `man/io-uring-sync.1`.
#[must_use]
pub fn man_page() -> Bytes {
    let version = env!("CARGO_PKG_VERSION");
    let mut page = format!(".TH IO-URING-SYNC 1 \"\" \"io-uring-sync {version}\" \"User Commands\"\n");
    page += &roff(HEAD);
    page += ".SH OPTIONS\n";
    page += "Options without effect are accepted, because scripts use them, and say why there is nothing for them to do.\n";
    for category in Category::ALL {
        page += &format!(".SS \"{}\"\n", category.heading());
        rows().filter(|row| row.category == category).for_each(|row| page += &option(row));
    }
    AFTER.iter().for_each(|text| page += &roff(text));
    page.into_bytes()
}

fn option(row: &Row) -> String {
    let state = match row.state {
        State::Works => String::new(),
        State::NoEffect(reason) => format!("Accepted without effect: {}.\n", typed(reason)),
        State::Remote => "Without effect when all operands are on this machine.\n".to_owned(),
    };
    let about = typed_hyphens(row.about);
    let more = detail(row).map_or(String::new(), |text| format!(".RS\n.PP\n{}.RE\n", roff(text)));
    format!(".TP\n{}\n{}{about}\n{state}{more}", names(row), summary(row))
}

/// The text below the option's own line.
fn detail(row: &Row) -> Option<&'static str> {
    let name = row.name();
    let mut entries = details(row.category).split("@ ").skip(1);
    entries.find_map(|entry| {
        let (heading, text) = entry.split_once('\n')?;
        (heading == name).then_some(text)
    })
}

/// The line of `--help` as a sentence, unless the paragraph says the same.
fn summary(row: &Row) -> String {
    let mut letters = row.help.chars();
    match letters.next() {
        Some(first) if !row.about.starts_with("Short for \\fB") && !row.about.starts_with("The same as") => {
            format!("{}{}.\n", typed(&first.to_uppercase().to_string()), typed(letters.as_str()))
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
    let value = row.value.shown(|name| format!("\\fI{}\\fR", typed(name)));
    let mut spellings = row.spellings().into_iter().map(|name| format!("\\fB{}\\fR", typed(&name)));
    let first = spellings.next().unwrap_or_default() + &value;
    let off = row.no.iter().map(|name| format!("\\fB{}\\fR", typed(&format!("--{name}"))));
    std::iter::once(first).chain(spellings).chain(off).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row that does something needs more than a line, here or in its table.
    const PARAGRAPH_BYTES: usize = 60;

    #[test]
    fn every_option_has_its_paragraph() {
        let page = String::from_utf8(man_page()).unwrap();
        for row in rows() {
            assert!(page.contains(&names(row)), "{}", row.name());
            let said = summary(row).len() + row.about.len() + detail(row).map_or(0, str::len);
            let short = row.about.starts_with("Short for") || row.state != State::Works;
            assert!(short || said > PARAGRAPH_BYTES, "{} is hardly described", row.name());
        }
        for heading in ["NAME", "SYNOPSIS", "FILTER RULES", "EXIT VALUES", "ENVIRONMENT", "SIGNALS", "FILES"]
        {
            assert!(page.contains(&format!(".SH \"{heading}\"\n")), "{heading}");
        }
        for pattern in crate::cvs::DEFAULT_PATTERNS {
            assert!(page.contains(&typed(pattern)), "{pattern}");
        }
    }

    #[test]
    fn details_belong_to_rows() {
        for category in Category::ALL {
            let named: Vec<String> = rows().filter(|row| row.category == category).map(Row::name).collect();
            let mut seen = Vec::new();
            for entry in details(category).split("@ ").skip(1) {
                let heading = entry.lines().next().unwrap_or_default();
                assert!(named.iter().any(|name| name == heading), "{heading} is no option of {category:?}");
                assert!(!seen.contains(&heading), "{heading} twice");
                seen.push(heading);
            }
        }
    }

    #[test]
    fn what_is_typed_stays_on_its_line() {
        let texts = Category::ALL.map(details).into_iter().chain([HEAD]).chain(AFTER);
        for line in texts.flat_map(str::lines) {
            assert!(line.starts_with("    ") || line.matches('`').count() % 2 == 0, "{line}");
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
