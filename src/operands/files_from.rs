//! The names of `--files-from`: which lines of the list count, and what they say (rsync(1), `--files-from`).

use rsync_compat::exit::Exit;
use rsync_compat::filter::{LineEnd, ReadError};
use uring_ext::mode::errno::EISDIR;
use uring_ext::plain::CWD;

use super::resolve::Resolver;
use super::tree::Rank;
use crate::failure::{Cause, Fatal, Side};
use crate::whole_files::{read_file, read_stdin};

/// Reads the list; `-` is standard input.
///
/// # Errors
/// rsync's words when it cannot be read.
pub fn read(resolver: &Resolver, path: &[u8], end: LineEnd) -> Result<Vec<Vec<u8>>, Fatal> {
    let text = match path {
        b"-" => read_stdin(),
        path => read_file(resolver, CWD, path),
    };
    let text = text.map_err(|error| refused(path, &error))?;
    Ok(names(&text, end).map(<[u8]>::to_vec).collect())
}

/// Why there is no list. That a directory is none shows only when the sender reads it.
fn refused(path: &[u8], error: &ReadError) -> Fatal {
    if error.errno == EISDIR {
        return Fatal { side: Side::Sender, cause: Cause::ListIsDirectory, exit: Exit::StreamIo };
    }
    let cause = Cause::NoList { path: path.to_vec(), why: error.text.clone() };
    Fatal { side: Side::Client, cause, exit: Exit::Syntax }
}

/// The entries of a list: empty ones and those that begin as a comment left out, with NUL as with newlines.
pub fn names(text: &[u8], end: LineEnd) -> impl Iterator<Item = &[u8]> {
    let ends = move |byte: &u8| match end {
        LineEnd::Nul => *byte == 0,
        LineEnd::Newline => matches!(byte, b'\n' | b'\r'),
    };
    let lines = text.split(ends).filter(|line| !matches!(line.first(), None | Some(b'#' | b';')));
    // A name ends at a NUL anyway.
    lines.map(|line| line.split(|&byte| byte == 0).next().unwrap_or(line))
}

/// One entry: the directory below the source operand that names are relative to, and the name in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What stands before the first `/./`; mostly nothing.
    pub dir: Vec<u8>,
    /// The name; empty for the directory itself.
    pub below: Vec<u8>,
    /// [`Rank::Contents`] when it ends in a slash or a dot, else [`Rank::Named`].
    pub rank: Rank,
    /// How the directory that it is relative to is meant: a `./` in front puts it on the list.
    pub top: Rank,
}

/// Takes an entry apart. No `..` leads above the source operand.
#[must_use]
pub fn entry(name: &[u8]) -> Listed {
    let name = &name[name.iter().take_while(|&&byte| byte == b'/').count()..];
    let (dir, rest) = match name.windows(3).position(|window| window == b"/./") {
        Some(at) => (&name[..at], &name[at + 3..]),
        None => (b"".as_slice(), name),
    };
    let rank = match rest.rsplit(|&byte| byte == b'/').next() {
        Some(b"" | b"." | b"..") => Rank::Contents,
        _ => Rank::Named,
    };
    let top = if rest.starts_with(b"./") { Rank::Implied } else { Rank::Passage };
    Listed { dir: clamped(dir), below: clamped(rest), rank, top }
}

/// The path without empty components and dots; `..` takes one component back, at most to the beginning.
fn clamped(path: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join(&b'/')
}

#[cfg(test)]
mod tests {
    use super::{LineEnd, Listed, Rank, entry, names};

    fn listed(dir: &str, below: &str, rank: Rank) -> Listed {
        Listed { dir: dir.into(), below: below.into(), rank, top: Rank::Passage }
    }

    #[test]
    fn comments_and_empty_lines_are_left_out() {
        let all = |text, end| names(text, end).map(<[u8]>::to_vec).collect::<Vec<_>>();
        assert_eq!(all(b"a\r\n\n#b\n;c\n d\n", LineEnd::Newline), [b"a".to_vec(), b" d".to_vec()]);
        assert_eq!(all(b"a\nb\0#c\0d", LineEnd::Nul), [b"a\nb".to_vec(), b"d".to_vec()]);
    }

    #[test]
    fn entries_stay_below_the_operand() {
        assert_eq!(entry(b"a/b"), listed("", "a/b", Rank::Named));
        assert_eq!(entry(b"/a//b/"), listed("", "a/b", Rank::Contents));
        assert_eq!(entry(b"../a"), listed("", "a", Rank::Named));
        assert_eq!(entry(b"a/../b"), listed("", "b", Rank::Named));
        assert_eq!(entry(b"a/./b/c"), listed("a", "b/c", Rank::Named));
        assert_eq!(entry(b"./a"), Listed { top: Rank::Implied, ..listed("", "a", Rank::Named) });
        assert_eq!(entry(b"."), listed("", "", Rank::Contents));
    }
}
