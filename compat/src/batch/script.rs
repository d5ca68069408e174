//! The script beside a batch: the command that replays it (rsync(1), BATCH MODE), in the form that rsync gives it.

use crate::options::table::{Row, Sign, Value, find_long, find_short};

/// The options whose rules go into the script's own text, or that only make sense with the source.
const LEFT_OUT: [&str; 6] = ["filter", "exclude", "exclude-from", "include", "include-from", "files-from"];

/// The words of the command, from the program's name to before the destination.
///
/// Words are those that were typed: a bundle of letters stays one, with what it says of filters in it.
#[must_use]
pub fn command(program: &[u8], argv: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut words = vec![quoted(program)];
    let mut left = argv;
    while let [word, rest @ ..] = left {
        left = rest;
        if !word.starts_with(b"-") || word == b"-" {
            continue;
        }
        let value = rest.first().filter(|_| takes_next(word));
        if value.is_some() {
            left = &rest[1..];
        }
        words.extend(option(word, value.map(Vec::as_slice)));
        if word == b"--" {
            break;
        }
    }
    words
}

/// The whole script: the command, the destination unless another one is given, the rules as they were in force.
#[must_use]
pub fn script(command: &[Vec<u8>], destination: &[u8], rules: Option<&[u8]>) -> Vec<u8> {
    let mut text = Vec::new();
    for (index, word) in command.iter().enumerate() {
        if index > 0 {
            text.push(b' ');
        }
        text.extend_from_slice(word);
        if index == 0 && rules.is_some() {
            text.extend_from_slice(b" --filter='._-'");
        }
    }
    text.extend_from_slice(b" ${1:-");
    text.extend_from_slice(&quoted(destination));
    text.push(b'}');
    if let Some(rules) = rules {
        text.extend_from_slice(b" <<'#E#'\n");
        text.extend_from_slice(rules);
        text.extend_from_slice(b"#E#");
    }
    text.push(b'\n');
    text
}

/// One option as the script has it; nothing for one that is left out.
fn option(word: &[u8], value: Option<&[u8]>) -> Vec<Vec<u8>> {
    let (name, attached) = split(word);
    let bare = name.strip_prefix(b"--".as_slice()).unwrap_or_default();
    let is = |known: &str| bare == known.as_bytes();
    if LEFT_OUT.iter().any(|known| is(known)) || (word == b"-f" && value.is_some()) {
        return Vec::new();
    }
    let name = if is("write-batch") || is("only-write-batch") { b"--read-batch".as_slice() } else { name };
    let mut words = match attached {
        Some(text) => vec![[name, b"=", &quoted(text)].concat()],
        None if name == b"--read-batch" => vec![name.to_vec()],
        None => vec![quoted(word)],
    };
    words.extend(value.map(quoted));
    words
}

/// A long option's name, and what stands behind the `=`.
fn split(word: &[u8]) -> (&[u8], Option<&[u8]>) {
    match word.iter().position(|&byte| byte == b'=') {
        Some(at) if word.starts_with(b"--") => (&word[..at], Some(&word[at + 1..])),
        _ => (word, None),
    }
}

/// Whether the word after this one is its value: an option that takes one, or a bundle that ends in such a letter.
fn takes_next(word: &[u8]) -> bool {
    let takes = |row: &Row| row.value != Value::None;
    match word {
        b"--" => false,
        [b'-', b'-', name @ ..] => find_long(name).is_some_and(|(row, sign)| sign == Sign::On && takes(row)),
        [b'-', letters @ ..] => {
            let valued = letters.iter().position(|&letter| find_short(letter).is_some_and(takes));
            valued.is_some_and(|at| at + 1 == letters.len())
        }
        _ => false,
    }
}

/// A word as a shell takes it literally.
fn quoted(word: &[u8]) -> Vec<u8> {
    let mut text = vec![b'\''];
    for &byte in word {
        if byte == b'\'' {
            text.extend_from_slice(b"'\\''");
        } else {
            text.push(byte);
        }
    }
    text.push(b'\'');
    text
}
