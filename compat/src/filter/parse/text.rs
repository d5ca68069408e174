//! Cutting a merge file into records, and saying where a record stood.

use crate::filter::rule::{Origin, Split};

/// What separates words.
fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

/// What ends a line of a list or merge file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnd {
    /// Newline, carriage return, or both.
    Newline,
    /// A zero byte (`--from0`).
    Nul,
}

/// Where the text of a rule stands; rsync 3.5.0 names the place in errors instead of echoing a file's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// An option's argument.
    CommandLine,
    /// A file, or one of its lines, as rsync describes it: `rules line 3`.
    File(Vec<u8>),
}

impl Source {
    /// What an error shows in place of the rule.
    #[must_use]
    pub fn culprit(&self, text: &[u8]) -> Vec<u8> {
        match self {
            Source::CommandLine => text.to_vec(),
            Source::File(place) => [b"<rule from ", place.as_slice(), b">"].concat(),
        }
    }

    /// Whether the text was typed or read.
    #[must_use]
    pub fn origin(&self) -> Origin {
        match self {
            Source::CommandLine => Origin::CommandLine,
            Source::File(_) => Origin::File,
        }
    }
}

/// How rsync describes the places inside one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileLabel {
    /// A file it may name: its lines are counted.
    Named(Vec<u8>),
    /// A file whose name was itself read from a file: only the place that named it is told.
    NamedAt(Vec<u8>),
}

impl FileLabel {
    /// The source of a record on `line`; 0 when lines are not counted.
    #[must_use]
    pub fn source(&self, line: usize) -> Source {
        Source::File(match (self, line) {
            (FileLabel::Named(path), 0) => path.clone(),
            (FileLabel::Named(path), _) => [path.as_slice(), b" line ", line.to_string().as_bytes()].concat(),
            (FileLabel::NamedAt(place), _) => [b"a file named at ", place.as_slice()].concat(),
        })
    }
}

/// The records of a merge file: words, or lines that are not blank or comments.
#[derive(Clone, Debug)]
pub struct Records<'t> {
    rest: &'t [u8],
    split: Split,
    line_end: LineEnd,
    line: usize,
}

impl<'t> Records<'t> {
    /// The records of `content`.
    #[must_use]
    pub fn new(content: &'t [u8], split: Split, line_end: LineEnd) -> Records<'t> {
        Records { rest: content, split, line_end, line: 0 }
    }

    fn next_line(&mut self) -> &'t [u8] {
        let ends = |byte: &u8| match self.line_end {
            LineEnd::Newline => matches!(byte, b'\n' | b'\r'),
            LineEnd::Nul => *byte == 0,
        };
        let end = self.rest.iter().position(ends).unwrap_or(self.rest.len());
        let (line, rest) = self.rest.split_at(end);
        let ending = usize::from(self.line_end == LineEnd::Newline && rest.starts_with(b"\r\n"));
        self.rest = rest.get(1 + ending..).unwrap_or(b"");
        self.line += 1;
        up_to_nul(line)
    }
}

/// A rule ends at a zero byte anyway.
fn up_to_nul(record: &[u8]) -> &[u8] {
    record.split(|&byte| byte == 0).next().unwrap_or(record)
}

impl<'t> Iterator for Records<'t> {
    /// A record and its line number.
    type Item = (&'t [u8], usize);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            match self.split {
                Split::Words => {
                    let start = self.rest.iter().position(|byte| !is_blank(*byte))?;
                    let words = &self.rest[start..];
                    let end = words.iter().position(|byte| is_blank(*byte)).unwrap_or(words.len());
                    let (word, rest) = words.split_at(end);
                    self.rest = rest;
                    return Some((up_to_nul(word), 0));
                }
                Split::Lines => {
                    let line = self.next_line();
                    if !matches!(line.first(), None | Some(b'#' | b';')) {
                        return Some((line, self.line));
                    }
                }
            }
        }
        None
    }
}
