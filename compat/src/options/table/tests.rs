//! Every row is exercised by a case under its own table: with it the wish is there, without it is not.

use std::collections::HashSet;

use super::super::help::CalledAs;
use super::super::parse::parse;
use super::super::resolve::{Facts, Resolved, resolve};
use super::super::{Bytes, Options};
use super::*;

/// What an option should lead to.
#[derive(Clone, Copy)]
pub(super) enum Expect {
    /// Options of which this holds, and does not hold without it; the `--no-` form takes it back.
    On(fn(&Options) -> bool),
    /// The same where the case uses the `--no-` form, and the plain form takes it back.
    Off(fn(&Options) -> bool),
    /// The same options as without it.
    Nothing,
    /// A refusal that starts with this line.
    Error(&'static str),
    /// Delegation.
    Remote,
    /// A look at the system.
    Doctor,
    /// Text that starts so.
    Print(&'static str),
}

/// A row's name, words that use it, and what comes of them (with operands `s d` behind).
pub(super) type Case = (&'static str, &'static [&'static str], Expect);

fn cases() -> Vec<Case> {
    [
        select::CASES,
        compare::CASES,
        write::CASES,
        attributes::CASES,
        links::CASES,
        delete::CASES,
        trees::CASES,
        output::CASES,
        remote::CASES,
        ours::CASES,
    ]
    .concat()
}

fn facts() -> Facts {
    Facts::bare(CalledAs::Rsync)
}

fn argv(words: &[&str]) -> Vec<Bytes> {
    words.iter().chain(&["s", "d"]).map(|word| word.as_bytes().to_vec()).collect()
}

fn settled(words: &[&str]) -> Result<Resolved, UsageError> {
    resolve(&parse(&argv(words), &facts()), &facts())
}

fn options(words: &[&str]) -> Options {
    match settled(words) {
        Ok(Resolved::Run(options)) => *options,
        other => panic!("{words:?}: {other:?}"),
    }
}

/// The words of a case without the option itself: what the comparison starts from.
fn without(row: &Row, words: &[&'static str]) -> Vec<&'static str> {
    let marks: Vec<String> = row.spellings();
    let own = |word: &str| {
        let name = word.split('=').next().unwrap_or(word);
        let letter = row.short.is_some_and(|letter| {
            word.starts_with('-') && !word.starts_with("--") && word.as_bytes().get(1) == Some(&letter)
        });
        letter
            || marks.iter().any(|mark| mark == name)
            || row.no.iter().any(|no| name.strip_prefix("--") == Some(no))
    };
    words.iter().copied().filter(|word| !own(word)).collect()
}

#[test]
fn every_row_has_a_case_and_every_case_a_row() {
    let rows: HashSet<String> = rows().map(Row::name).collect();
    let cases: HashSet<String> = cases().iter().map(|(name, _, _)| (*name).to_owned()).collect();
    assert_eq!(rows, cases);
}

#[test]
fn every_option_does_what_its_row_says() {
    for (name, words, expect) in cases() {
        let row = rows().find(|row| row.name() == name).unwrap();
        let plain = without(row, words);
        assert!(plain.len() < words.len(), "{name}: the case does not use it");
        let back = |forms: Vec<String>, holds: fn(&Options) -> bool| {
            for form in forms {
                let words: Vec<&str> = words.iter().copied().chain([form.as_str()]).collect();
                assert!(!holds(&options(&words)), "{words:?}");
            }
        };
        match expect {
            Expect::On(holds) => {
                assert!(holds(&options(words)), "{words:?}");
                assert!(!holds(&options(&plain)), "{plain:?}");
                back(row.no.iter().map(|no| format!("--{no}")).collect(), holds);
            }
            Expect::Off(holds) => {
                assert!(holds(&options(words)), "{words:?}");
                assert!(!holds(&options(&plain)), "{plain:?}");
                back(row.spellings(), holds);
            }
            Expect::Nothing => assert_eq!(options(words), options(&plain), "{words:?}"),
            Expect::Error(line) => {
                let error = settled(words).expect_err(name);
                assert_eq!(String::from_utf8_lossy(&error.lines[0]), line, "{words:?}");
            }
            Expect::Doctor => {
                let operands = ["s", "d"].map(|word| word.as_bytes().to_vec()).to_vec();
                assert_eq!(settled(words), Ok(Resolved::Doctor(operands)), "{words:?}");
            }
            Expect::Remote => assert_eq!(settled(words), Ok(Resolved::Remote), "{words:?}"),
            Expect::Print(start) => {
                let Ok(Resolved::Print(text)) = settled(words) else { panic!("{words:?}") };
                assert!(text.starts_with(start.as_bytes()), "{words:?}");
            }
        }
    }
}

#[test]
fn every_spelling_leads_to_its_row() {
    let mut seen = HashSet::new();
    for row in rows() {
        for name in [row.long].iter().chain(row.alias).filter(|name| !name.is_empty()) {
            assert!(seen.insert(format!("--{name}")), "{name} twice");
            let (found, sign) = find_long(name.as_bytes()).unwrap();
            assert_eq!((found.name(), sign), (row.name(), Sign::On));
        }
        for name in row.no {
            assert!(seen.insert(format!("--{name}")), "{name} twice");
            let (found, sign) = find_long(name.as_bytes()).unwrap();
            assert_eq!((found.name(), sign), (row.name(), Sign::Off));
        }
        if let Some(letter) = row.short {
            assert!(seen.insert(format!("-{}", char::from(letter))), "{letter} twice");
            assert_eq!(find_short(letter).unwrap().name(), row.name());
        }
    }
}

/// The names that rsync 3.5.0 knows, found by trying each candidate on the program itself.
#[test]
fn the_names_are_those_of_rsync() {
    let known: HashSet<&str> = include_str!("tests/names.txt").lines().collect();
    let ours = rows().filter(|row| row.category != Category::Ours);
    let mut names = HashSet::new();
    for row in ours {
        names.extend(
            [row.long].iter().chain(row.alias).chain(row.no).copied().filter(|name| !name.is_empty()),
        );
    }
    let mut missing: Vec<_> = known.difference(&names).collect();
    let mut surplus: Vec<_> = names.difference(&known).collect();
    missing.sort();
    surplus.sort();
    assert!(missing.is_empty() && surplus.is_empty(), "missing {missing:?}, surplus {surplus:?}");
    let mut letters: Vec<u8> = rows().filter_map(|row| row.short).collect();
    letters.sort_unstable();
    // -h is also help; it is listed with --human-readable.
    assert_eq!(letters, b"0468@ABCDEFHIJKLMNOPRSTUVWXabcdefghiklmnopqrstuvxyz");
}

#[test]
fn whether_a_value_follows_is_as_in_rsync() {
    let takes: HashSet<&str> = include_str!("tests/valued.txt").lines().collect();
    for row in rows().filter(|row| row.category != Category::Ours) {
        for name in [row.long].iter().chain(row.alias).filter(|name| !name.is_empty()) {
            assert_eq!(row.value.is_needed(), takes.contains(name), "{name}");
        }
    }
}

#[test]
fn every_row_is_described() {
    for row in rows() {
        assert!(!row.about.is_empty(), "{}", row.name());
        assert!(row.about.ends_with('.'), "{}", row.name());
    }
}
