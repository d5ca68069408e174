//! Source operands, cut into the directory that is opened and the name below it (rsync(1), USAGE and `--relative`).

use rsync_compat::options::Relative;

use super::files_from::{self, Listed};
use super::tree::Rank;
use crate::entry::join;

/// One operand, cut into the directory that is opened and the name below it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// The directory that is opened.
    pub dir: Vec<u8>,
    /// The directory as `%f` shows it; operands in the same one have the same root.
    pub typed: Vec<u8>,
    /// The name below it; empty for the directory itself.
    pub below: Vec<u8>,
    /// Whether its contents are meant.
    pub contents: bool,
    /// What `%n` has in front.
    pub lead: &'static [u8],
    /// How the directory itself is meant.
    pub top: Rank,
}

/// What a list names below its one operand (rsync(1), `--files-from`).
pub(crate) fn cut_listed(operand: &[u8], name: &[u8], relative: Relative) -> Cut {
    let Listed { dir, below, rank, top } = files_from::entry(name);
    let (dir, below, top) = match relative {
        Relative::Implied | Relative::NoImplied => (dir, below, top),
        Relative::Off => {
            let (dir, below) = flat(&join(&dir, &below), rank);
            (dir, below, Rank::Passage)
        }
    };
    let typed = if dir.is_empty() { b".".to_vec() } else { dir };
    Cut { dir: join(operand, &typed), typed, below, contents: rank == Rank::Contents, lead: b"", top }
}

/// Without `-R` a listed name loses its directories, as an operand does.
fn flat(name: &[u8], rank: Rank) -> (Vec<u8>, Vec<u8>) {
    if rank == Rank::Contents {
        return (name.to_vec(), Vec::new());
    }
    match name.iter().rposition(|&byte| byte == b'/') {
        Some(at) => (name[..at].to_vec(), name[at + 1..].to_vec()),
        None => (Vec::new(), name.to_vec()),
    }
}

/// Without `-R`: the last component is the name, unless the operand ends in `/`, `.` or `..`.
pub(crate) fn cut_plain(operand: &[u8]) -> Cut {
    let cut = |dir: &[u8], below: &[u8], contents| Cut {
        dir: dir.to_vec(),
        typed: if contents { named(dir) } else { dir.to_vec() },
        below: below.to_vec(),
        contents,
        lead: b"",
        top: Rank::Passage,
    };
    let ends_in_dir = matches!(operand.rsplit(|&byte| byte == b'/').next(), Some(b"" | b"." | b".."));
    if ends_in_dir {
        return cut(operand, b"", true);
    }
    match operand.iter().rposition(|&byte| byte == b'/') {
        Some(0) => cut(b"/", &operand[1..], false),
        Some(at) => cut(&operand[..at], &operand[at + 1..], false),
        // In `.` itself, as an operand; what `./` stands before is apart from that.
        None => Cut { typed: Vec::new(), ..cut(b".", operand, false) },
    }
}

/// A directory without what only says that its contents are meant: operands in directories of one name have one root.
fn named(dir: &[u8]) -> Vec<u8> {
    let shorter = dir.strip_suffix(b"/.").or_else(|| dir.strip_suffix(b"/"));
    match shorter.filter(|shorter| !shorter.is_empty()).unwrap_or(dir) {
        b"." => Vec::new(),
        shorter => shorter.to_vec(),
    }
}

/// With `-R`: everything is the name, or what follows the first `/./`. A `./` in front puts the directory itself on
/// the list.
///
/// # Errors
/// The name, when there is a `..` within it.
pub(crate) fn cut_relative(operand: &[u8]) -> Result<Cut, Vec<u8>> {
    let (dir, rest, lead): (&[u8], &[u8], &'static [u8]) = match find_dot(operand) {
        Some((b"", rest)) => (b"/", rest, b""),
        Some((dir, rest)) => (dir, rest, b""),
        None if operand.starts_with(b"/") => (b"/", operand, b"/"),
        None => (b".", operand, b""),
    };
    let contents = matches!(rest.rsplit(|&byte| byte == b'/').next(), Some(b"" | b"."));
    let parts: Vec<&[u8]> =
        rest.split(|&byte| byte == b'/').filter(|part| !matches!(*part, b"" | b".")).collect();
    if parts.iter().any(|part| *part == b"..") {
        return Err([lead, &parts.join(&b'/')].concat());
    }
    let top = if rest.starts_with(b"./") { Rank::Implied } else { Rank::Passage };
    let doubled = |at: usize| dir[at] == b'/' && at > 0 && (dir[at - 1] == b'/' || at + 1 == dir.len());
    let dir: Vec<u8> = (0..dir.len()).filter(|&at| !doubled(at)).map(|at| dir[at]).collect();
    Ok(Cut { dir: dir.clone(), typed: dir, below: parts.join(&b'/'), contents, lead, top })
}

/// The first `/./` cuts, and a `/.` at the end when nothing follows but the directory itself.
fn find_dot(operand: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = operand.windows(3).position(|window| window == b"/./")?;
    Some((&operand[..at], &operand[at + 3..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cut; `below` ends in a slash when the contents are meant.
    fn cut(dir: &str, below: &str, top: Rank) -> Cut {
        let name = below.strip_suffix('/');
        Cut {
            dir: dir.into(),
            typed: dir.into(),
            below: name.unwrap_or(below).into(),
            contents: name.is_some(),
            lead: b"",
            top,
        }
    }

    #[test]
    fn the_trailing_slash_decides() {
        let plain = |dir, below| cut(dir, below, Rank::Passage);
        let typed = |cut: Cut, typed: &str| Cut { typed: typed.into(), ..cut };
        assert_eq!(cut_plain(b"s"), typed(plain(".", "s"), ""));
        assert_eq!(cut_plain(b"./s"), plain(".", "s"));
        assert_eq!(cut_plain(b"a/s"), plain("a", "s"));
        assert_eq!(cut_plain(b"/s"), plain("/", "s"));
        assert_eq!(cut_plain(b"s/"), typed(plain("s/", "/"), "s"));
        assert_eq!(cut_plain(b"s/."), typed(plain("s/.", "/"), "s"));
        assert_eq!(cut_plain(b".."), plain("..", "/"));
    }

    #[test]
    fn relative_names_are_cut_at_the_dot() {
        let listed = |dir, below| Ok(cut(dir, below, Rank::Passage));
        assert_eq!(cut_relative(b"a/b/c"), listed(".", "a/b/c"));
        assert_eq!(cut_relative(b"a//b///c"), listed(".", "a/b/c"));
        assert_eq!(cut_relative(b"/a/b/"), listed("/", "a/b/").map(|cut| Cut { lead: b"/", ..cut }));
        assert_eq!(cut_relative(b"/./a/b/"), listed("/", "a/b/"));
        assert_eq!(cut_relative(b"src/./a/b"), listed("src", "a/b"));
        assert_eq!(cut_relative(b"src/a/b/./c/./f"), listed("src/a/b", "c/f"));
        assert_eq!(cut_relative(b"src/a/."), listed(".", "src/a/"));
        assert_eq!(cut_relative(b"./a"), Ok(cut(".", "a", Rank::Implied)));
        assert_eq!(cut_relative(b"/x//a/./../b/"), Err(b"../b".to_vec()));
        assert_eq!(cut_relative(b"/x//../b/."), Err(b"/x/../b".to_vec()));
    }
}
