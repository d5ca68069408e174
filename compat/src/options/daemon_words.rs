//! Options of the daemon without `--daemon`: rsync reads the whole command line once more, as a daemon would, and what
//! that does not know is what it complains of first.

use super::Bytes;
use super::error::UsageError;
use super::parse::number;
use super::table::{Category, find_long};

/// What an option of the daemon wants.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wants {
    Nothing,
    Text,
    Number,
    /// `NAME=VALUE`.
    Pair,
}

/// Options of the daemon: name, letter, value.
const KNOWN: &[(&str, Option<u8>, Wants)] = &[
    ("address", None, Wants::Text),
    ("bwlimit", None, Wants::Number),
    ("config", None, Wants::Text),
    ("daemon", None, Wants::Nothing),
    ("detach", None, Wants::Nothing),
    ("no-detach", None, Wants::Nothing),
    ("dparam", Some(b'M'), Wants::Pair),
    ("help", Some(b'h'), Wants::Nothing),
    ("ipv4", Some(b'4'), Wants::Nothing),
    ("ipv6", Some(b'6'), Wants::Nothing),
    ("log-file", None, Wants::Text),
    ("log-file-format", None, Wants::Text),
    ("port", None, Wants::Number),
    ("server", None, Wants::Nothing),
    ("sockopts", None, Wants::Text),
    ("verbose", Some(b'v'), Wants::Nothing),
    ("no-verbose", None, Wants::Nothing),
    ("no-v", None, Wants::Nothing),
];

/// What is said of this command line.
pub(super) fn refusal(argv: &[Bytes]) -> UsageError {
    let said = complaint(argv).unwrap_or_else(|| b"Daemon option(s) used without --daemon.".to_vec());
    UsageError {
        lines: vec![
            said,
            b"(Type \"rsync --daemon --help\" for assistance with daemon mode.)".to_vec(),
            b"rsync error: syntax or usage error (code 1) at options.c(1596) [client=3.5.0]".to_vec(),
        ],
        exit: crate::exit::Exit::Syntax,
        shows_help: false,
    }
}

/// The first thing that a daemon would not take.
fn complaint(argv: &[Bytes]) -> Option<Bytes> {
    let mut words = argv.iter();
    while let Some(word) = words.next() {
        let outcome = match word.as_slice() {
            b"--" => return None,
            [b'-', b'-', name @ ..] => long(word, name, &mut words),
            [b'-', letters @ ..] if !letters.is_empty() => bundle(word, letters, &mut words),
            _ => Ok(()),
        };
        if let Err(complaint) = outcome {
            return Some(complaint);
        }
    }
    None
}

type Words<'a> = std::slice::Iter<'a, Bytes>;

fn long(word: &[u8], text: &[u8], words: &mut Words<'_>) -> Result<(), Bytes> {
    let at = text.iter().position(|&byte| byte == b'=');
    let (name, attached) = at.map_or((text, None), |at| (&text[..at], Some(&text[at + 1..])));
    let row = KNOWN.iter().find(|row| row.0.as_bytes() == name);
    if row.is_none() && find_long(name).is_some_and(|(row, _)| row.category == Category::Ours) {
        // No word of rsync's.
        return Ok(());
    }
    let &(.., wants) = row.ok_or_else(|| trouble(word, "unknown option"))?;
    value(word, wants, attached, words)
}

fn bundle(word: &[u8], mut letters: &[u8], words: &mut Words<'_>) -> Result<(), Bytes> {
    while let Some((&letter, rest)) = letters.split_first() {
        let row = KNOWN.iter().find(|row| row.1 == Some(letter));
        let &(.., wants) = row.ok_or_else(|| trouble(word, "unknown option"))?;
        let attached = (!rest.is_empty()).then(|| rest.strip_prefix(b"=").unwrap_or(rest));
        if wants != Wants::Nothing {
            return value(word, wants, attached, words);
        }
        value(word, wants, attached.filter(|_| rest.starts_with(b"=")), words)?;
        letters = rest;
    }
    Ok(())
}

/// Takes the value that an option wants, which may be the next word.
fn value(word: &[u8], wants: Wants, attached: Option<&[u8]>, words: &mut Words<'_>) -> Result<(), Bytes> {
    if wants == Wants::Nothing {
        return attached.map_or(Ok(()), |_| Err(trouble(word, "option does not take an argument")));
    }
    let next = attached.or_else(|| words.next().map(Vec::as_slice));
    let value = next.ok_or_else(|| trouble(word, "missing argument"))?;
    match wants {
        Wants::Number => number(value).map(|_| ()).map_err(|why| {
            let blamed = if attached.is_some() { word } else { value };
            trouble(blamed, why)
        }),
        Wants::Pair if !value.contains(&b'=') => Err([b"--dparam value is missing an '=': ", value].concat()),
        Wants::Nothing | Wants::Text | Wants::Pair => Ok(()),
    }
}

fn trouble(word: &[u8], why: &str) -> Bytes {
    [b"rsync: ", word, b": ", why.as_bytes(), b" (in daemon mode)"].concat()
}
