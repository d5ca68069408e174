//! argv into [`Args`] by the rules of the popt library, which no other parser has: exact long names, bundled
//! letters, values attached or apart, options after operands, aliases from `/etc/popt` and `~/.popt`.

use std::collections::VecDeque;

use super::Bytes;
use super::alias::{self, Alias};
use super::daemon_words;
use super::error::{Role, UsageError};
use super::help::{self, CalledAs};
use super::resolve::Facts;
use super::table::{Row, Sign, Value, find_long, find_short};

/// What was typed, in its order; nothing looked up, nothing implied.
#[derive(Debug, Clone)]
pub struct Args {
    /// Options.
    pub items: Vec<Item>,
    /// Everything else.
    pub operands: Vec<Bytes>,
    /// The words after the program's name: `-h` alone is a cry for help.
    pub typed: Vec<Bytes>,
    /// How the reading ended.
    pub end: End,
}

/// How the reading of argv ended. An error is reported after what stood before it has been acted on, so that
/// `--help --nonsense` is help and `--nonsense --help` an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// All of it was understood.
    Complete,
    /// Something was not.
    Failed(UsageError),
    /// `--server` or `--daemon`: the rest follows other rules.
    OtherMode,
}

/// One option as typed.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its row in the table.
    pub row: &'static Row,
    /// Plain or `--no-`.
    pub sign: Sign,
    /// What was given with it.
    pub value: Given,
    /// The name as typed, with its dashes.
    pub name: String,
}

/// An option's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// A flag has none.
    Nothing,
    /// Of an option that takes a number.
    Number(i32),
    /// Of any other.
    Text(Bytes),
}

impl Item {
    /// The option is turned on.
    #[must_use]
    pub fn on(&self) -> bool {
        self.sign == Sign::On
    }

    /// The text given; empty for a flag.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        match &self.value {
            Given::Text(text) => text,
            Given::Nothing | Given::Number(_) => b"",
        }
    }

    /// The number given; 0 for anything else.
    #[must_use]
    pub fn number(&self) -> i32 {
        match self.value {
            Given::Number(number) => number,
            Given::Nothing | Given::Text(_) => 0,
        }
    }
}

/// Reads argv, the program's own name left out.
#[must_use]
pub fn parse(argv: &[Bytes], facts: &Facts) -> Args {
    let aliases: Vec<Alias> = facts.popt_files.iter().flat_map(|content| alias::parse(content)).collect();
    let mut reader = Reader {
        words: argv.iter().map(|word| Word { text: word.clone(), depth: Depth::Typed }).collect(),
        aliases,
        items: Vec::new(),
        operands: Vec::new(),
        typed: argv.to_vec(),
        called_as: facts.called_as,
    };
    let end = match reader.read(facts) {
        Ok(end) => end,
        Err(error) => End::Failed(error),
    };
    Args { items: reader.items, operands: reader.operands, typed: reader.typed, end }
}

/// Reads words by the same rules, without anybody's aliases.
#[must_use]
pub(crate) fn plain(argv: &[Bytes]) -> Args {
    let facts = Facts::bare(CalledAs::Rsync);
    parse(argv, &facts)
}

/// Where a word came from: an alias does not expand inside itself or inside one that it expanded to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Depth {
    Typed,
    FromAlias(Vec<usize>),
}

#[derive(Debug, Clone)]
struct Word {
    text: Bytes,
    depth: Depth,
}

struct Reader {
    words: VecDeque<Word>,
    aliases: Vec<Alias>,
    items: Vec<Item>,
    operands: Vec<Bytes>,
    typed: Vec<Bytes>,
    called_as: CalledAs,
}

/// Whether to go on after a word.
type Step = Result<Option<End>, UsageError>;

impl Reader {
    fn read(&mut self, facts: &Facts) -> Result<End, UsageError> {
        while let Some(word) = self.words.pop_front() {
            let end = match word.text.as_slice() {
                b"--" => return Ok(self.rest_are_operands()),
                [b'-', b'-', ..] => self.long(&word)?,
                [b'-', _, ..] => self.bundle(&word)?,
                _ => {
                    self.operands.push(word.text);
                    if facts.posixly_correct {
                        return Ok(self.rest_are_operands());
                    }
                    None
                }
            };
            if let Some(end) = end {
                return Ok(end);
            }
        }
        Ok(End::Complete)
    }

    fn rest_are_operands(&mut self) -> End {
        self.operands.extend(self.words.drain(..).map(|word| word.text));
        End::Complete
    }

    fn long(&mut self, word: &Word) -> Step {
        let text = &word.text[2..];
        let (name, attached) = match text.iter().position(|&byte| byte == b'=') {
            Some(at) => (&text[..at], Some(text[at + 1..].to_vec())),
            None => (text, None),
        };
        if let Some(index) = self.alias_of(alias::Name::Long(name), word) {
            if let Some(value) = attached {
                self.words.push_front(Word { text: value, depth: Depth::Typed });
            }
            self.expand(index, word);
            return Ok(None);
        }
        let Some((row, sign)) = find_long(name) else {
            return Err(trouble(&word.text, "unknown option"));
        };
        self.take(row, sign, word, attached)
    }

    /// Letters in one word; one that takes a value has the rest of the word for it, less one `=`.
    fn bundle(&mut self, word: &Word) -> Step {
        let mut rest = &word.text[1..];
        while let Some((&letter, tail)) = rest.split_first() {
            if let Some(index) = self.alias_of(alias::Name::Letter(letter), word) {
                if !tail.is_empty() {
                    let text = [b"-", tail].concat();
                    self.words.push_front(Word { text, depth: word.depth.clone() });
                }
                self.expand(index, word);
                return Ok(None);
            }
            let Some(row) = find_short(letter) else {
                return Err(trouble(&word.text, "unknown option"));
            };
            let takes_value = row.value.is_needed();
            let attached = match (takes_value, tail) {
                (_, []) => None,
                (true, tail) => Some(tail.strip_prefix(b"=").unwrap_or(tail).to_vec()),
                (false, [b'=', value @ ..]) => Some(value.to_vec()),
                (false, _) => None,
            };
            let end = self.take(row, Sign::On, word, attached)?;
            if end.is_some() || takes_value {
                return Ok(end);
            }
            rest = tail;
        }
        Ok(None)
    }

    fn take(&mut self, row: &'static Row, sign: Sign, word: &Word, attached: Option<Bytes>) -> Step {
        let value = match (row.value, sign) {
            (Value::None, _) | (_, Sign::Off) if attached.is_some() => {
                return Err(trouble(&word.text, "option does not take an argument"));
            }
            // To rsync it is a flag.
            (Value::Maybe(_, words), Sign::On)
                if attached.as_deref().is_some_and(|value| !is_ours(value, row, words, word)) =>
            {
                return Err(trouble(&word.text, "option does not take an argument"));
            }
            (Value::None, _) | (_, Sign::Off) => Given::Nothing,
            (Value::Maybe(..), Sign::On) => attached.map_or(Given::Nothing, Given::Text),
            (Value::Number(_), Sign::On) => {
                let typed = if attached.is_some() { word.text.clone() } else { Bytes::new() };
                let text = self.value(word, attached)?;
                let blamed = if typed.is_empty() { &text } else { &typed };
                Given::Number(number(&text).map_err(|why| trouble(blamed, why))?)
            }
            (_, Sign::On) => Given::Text(self.value(word, attached)?),
        };
        let name = typed_name(&word.text, row);
        self.items.push(Item { row, sign, value, name });
        Ok(self.end_after(row))
    }

    fn value(&mut self, word: &Word, attached: Option<Bytes>) -> Result<Bytes, UsageError> {
        match attached {
            Some(value) => Ok(value),
            None => match self.words.pop_front() {
                Some(next) => Ok(next.text),
                None => Err(trouble(&word.text, "missing argument")),
            },
        }
    }

    /// `--help` ends the reading; the names of other modes end it too.
    fn end_after(&self, row: &Row) -> Option<End> {
        match row.long {
            "help" => Some(End::Complete),
            "server" | "daemon" => Some(End::OtherMode),
            "sender" => {
                let help = help::help_text(self.called_as);
                Some(End::Failed(UsageError::usage(&help, "options.c(1533)", Role::Client)))
            }
            "config" | "dparam" | "detach" => {
                let daemon_follows = self.words.iter().any(|word| word.text == b"--daemon");
                Some(if daemon_follows {
                    End::OtherMode
                } else {
                    End::Failed(daemon_words::refusal(&self.typed))
                })
            }
            _ => None,
        }
    }

    fn alias_of(&self, name: alias::Name<'_>, word: &Word) -> Option<usize> {
        let index = self.aliases.iter().rposition(|alias| alias.is(name))?;
        match &word.depth {
            Depth::FromAlias(seen) if seen.contains(&index) => None,
            Depth::Typed | Depth::FromAlias(_) => Some(index),
        }
    }

    fn expand(&mut self, index: usize, word: &Word) {
        let mut seen = match &word.depth {
            Depth::Typed => Vec::new(),
            Depth::FromAlias(seen) => seen.clone(),
        };
        seen.push(index);
        for text in self.aliases[index].words.iter().rev() {
            self.words.push_front(Word { text: text.clone(), depth: Depth::FromAlias(seen.clone()) });
        }
    }
}

/// Whether a value may be one of ours, which a flag of rsync's never has.
fn is_ours(value: &[u8], row: &Row, words: &[&str], word: &Word) -> bool {
    let of_rsync = row.short.is_some();
    let known = !of_rsync || words.iter().any(|known| known.as_bytes() == value);
    known && !value.is_empty() && word.text.starts_with(b"--")
}

/// How messages name the option: as typed, without its value.
fn typed_name(word: &[u8], row: &Row) -> String {
    if word.starts_with(b"--") {
        let name = word.split(|&byte| byte == b'=').next().unwrap_or(word);
        return String::from_utf8_lossy(name).into_owned();
    }
    row.short.map_or_else(|| row.name(), |letter| format!("-{}", char::from(letter)))
}

fn trouble(word: &[u8], why: &str) -> UsageError {
    UsageError::option([word, b": ", why.as_bytes()].concat())
}

/// C's `strtol` with base 0 over the whole text, into 32 bits; nothing at all is 0.
pub(super) fn number(text: &[u8]) -> Result<i32, &'static str> {
    const INVALID: &str = "invalid numeric value";
    const RANGE: &str = "number too large or too small";
    let text = std::str::from_utf8(text).map_err(|_| INVALID)?;
    let trimmed = text.trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    if text.is_empty() {
        return Ok(0);
    }
    let (negative, unsigned) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    let (base, digits) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &unsigned[2..]),
        [b'0', _, ..] => (8, &unsigned[1..]),
        _ => (10, unsigned),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(base)) {
        return Err(INVALID);
    }
    let size = i128::from_str_radix(digits, base).map_err(|_| RANGE)?;
    i32::try_from(if negative { -size } else { size }).map_err(|_| RANGE)
}

#[cfg(test)]
mod tests;
