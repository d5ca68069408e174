//! Wildcard patterns, compiled once, matched without allocation (rsync(1), PATTERN MATCHING RULES).
//!
//! Most patterns in real rule lists are a plain name or `*.suffix`, so those have shapes of their own
//! and never reach the wildcard matcher.

mod glob;

use glob::{Framed, Glob};

use super::rule::Scope;

/// Whether the name being looked at is a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameKind {
    /// A directory.
    Directory,
    /// Anything else.
    Other,
}

/// Which part of the path a pattern is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Reach {
    /// The last component.
    Name,
    /// The last so many components.
    Tail(usize),
    /// The whole path.
    Whole,
    /// The path after any of its slashes, or the whole path.
    AnyTail,
    /// The whole path with a slash before it: what an unanchored pattern that starts with `**` sees.
    Rooted,
}

/// How the comparison is made.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Shape {
    /// Equal bytes.
    Literal,
    /// `*` before a literal without slash: ends in these bytes.
    Suffix,
    /// A literal without slash before `*`: starts with these bytes.
    Prefix,
    /// `*` alone: any single component.
    AnyName,
    /// Anything else.
    Wild(Glob),
}

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// As written, for messages.
    text: Box<[u8]>,
    /// The literal bytes of every shape but `Wild`.
    literal: Box<[u8]>,
    reach: Reach,
    shape: Shape,
    scope: Scope,
    dirs_only: bool,
    with_contents: bool,
    anchored: bool,
}

impl Pattern {
    /// Compiles `text`, the pattern as written in a rule.
    #[must_use]
    pub fn new(text: &[u8], scope: Scope) -> Pattern {
        let anchored = text.first() == Some(&b'/');
        let mut body = if anchored { &text[1..] } else { text };
        let dirs_only = body.last() == Some(&b'/');
        if dirs_only {
            body = &body[..body.len() - 1];
        }
        let is_wild = body.iter().any(|&byte| matches!(byte, b'*' | b'?' | b'['));
        let crosses = is_wild && contains(body, b"**");
        let with_contents = body.ends_with(b"***");
        let slashes = body.iter().filter(|&&byte| byte == b'/').count();
        let reach = match (anchored, crosses, slashes) {
            (true, _, _) => Reach::Whole,
            (false, true, _) if body.starts_with(b"**") => Reach::Rooted,
            (false, true, _) => Reach::AnyTail,
            (false, false, 0) => Reach::Name,
            (false, false, count) => Reach::Tail(count + 1),
        };
        let (shape, literal) = match (is_wild, reach) {
            (false, _) => (Shape::Literal, body),
            (true, Reach::Name) => shape_of(body),
            (true, _) => (Shape::Wild(Glob::new(body)), b"".as_slice()),
        };
        Pattern {
            text: text.into(),
            literal: literal.into(),
            reach,
            shape,
            scope,
            dirs_only,
            with_contents,
            anchored,
        }
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Whether the pattern starts at the root of its scope.
    #[must_use]
    pub fn is_anchored(&self) -> bool {
        self.anchored
    }

    /// Whether the pattern is compared with the absolute path.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Whether the pattern needs more of the path than its last component.
    #[must_use]
    pub fn needs_path(&self) -> bool {
        self.reach != Reach::Name
    }

    /// Whether `path`, which has no leading slash and is relative to the pattern's root, matches.
    #[must_use]
    pub fn matches(&self, path: &[u8], kind: NameKind) -> bool {
        if self.dirs_only && kind == NameKind::Other {
            return false;
        }
        match self.reach {
            Reach::Name => self.compare(last_components(path, 1).unwrap_or(path), kind),
            Reach::Tail(count) => last_components(path, count).is_some_and(|tail| self.compare(tail, kind)),
            Reach::Whole | Reach::Rooted => self.compare(path, kind),
            Reach::AnyTail => {
                self.compare(path, kind)
                    || path
                        .iter()
                        .enumerate()
                        .any(|(at, &byte)| byte == b'/' && self.compare(&path[at + 1..], kind))
            }
        }
    }

    fn compare(&self, subject: &[u8], kind: NameKind) -> bool {
        match &self.shape {
            Shape::Literal => subject == &*self.literal,
            Shape::Suffix => subject.ends_with(&self.literal),
            Shape::Prefix => subject.starts_with(&self.literal),
            Shape::AnyName => true,
            Shape::Wild(glob) => {
                let head: &[u8] = if self.reach == Reach::Rooted { b"/" } else { b"" };
                let tail: &[u8] = if self.with_contents && kind == NameKind::Directory { b"/" } else { b"" };
                glob.matches(&Framed { head, path: subject, tail })
            }
        }
    }
}

/// Picks the cheapest shape for a pattern with wildcards that is compared with single components, and its literal
/// bytes.
fn shape_of(body: &[u8]) -> (Shape, &[u8]) {
    let plain = |part: &[u8]| !part.iter().any(|&byte| matches!(byte, b'*' | b'?' | b'[' | b'\\'));
    match body {
        b"*" => (Shape::AnyName, b""),
        [b'*', rest @ ..] if plain(rest) => (Shape::Suffix, rest),
        [rest @ .., b'*'] if plain(rest) => (Shape::Prefix, rest),
        _ => (Shape::Wild(Glob::new(body)), b""),
    }
}

/// The last `count` components of `path`, if it has so many.
fn last_components(path: &[u8], count: usize) -> Option<&[u8]> {
    let mut left = count;
    for (at, &byte) in path.iter().enumerate().rev() {
        if byte == b'/' {
            left -= 1;
            if left == 0 {
                return Some(&path[at + 1..]);
            }
        }
    }
    (left == 1).then_some(path)
}

fn contains(body: &[u8], needle: &[u8]) -> bool {
    body.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests;
