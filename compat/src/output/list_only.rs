//! One line of `--list-only` (rsync(1), --list-only).

use super::number::{Human, Numbers, number};
use super::time::{LocalTime, permissions};

/// The letter that stands before the permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// `-`.
    File,
    /// `d`.
    Directory,
    /// `l`.
    Symlink,
    /// `b`.
    BlockDevice,
    /// `c`.
    CharDevice,
    /// `p`.
    Fifo,
    /// `s`.
    Socket,
}

/// What the column of access times holds (`-U`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Atime {
    /// There is no such column.
    Absent,
    /// It is blank: directories have none.
    Blank,
    /// This time.
    At(LocalTime),
}

/// An item to list.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'a> {
    /// Its kind.
    pub kind: ListKind,
    /// Its mode.
    pub mode: u32,
    /// Its size; 0 for devices and other specials.
    pub size_bytes: i64,
    /// Its modification time.
    pub mtime: LocalTime,
    /// Its access time.
    pub atime: Atime,
    /// Its quoted name; the transfer root is `.`.
    pub name: &'a [u8],
    /// A symlink's quoted target, when symlinks are preserved.
    pub target: Option<&'a [u8]>,
}

const DATE_BYTES: usize = 19;

/// Appends the line with its newline.
pub fn push_listed(out: &mut Vec<u8>, listed: &Listed<'_>, numbers: Numbers) {
    out.push(match listed.kind {
        ListKind::File => b'-',
        ListKind::Directory => b'd',
        ListKind::Symlink => b'l',
        ListKind::BlockDevice => b'b',
        ListKind::CharDevice => b'c',
        ListKind::Fifo => b'p',
        ListKind::Socket => b's',
    });
    out.extend_from_slice(&permissions(listed.mode));
    let size = number(listed.size_bytes, numbers);
    let width = if numbers.human == Human::Plain { 11 } else { 14 };
    out.extend(std::iter::repeat_n(b' ', 1 + usize::saturating_sub(width, size.len())));
    out.extend_from_slice(&size);
    out.push(b' ');
    listed.mtime.push(out, ' ');
    match listed.atime {
        Atime::Absent => {}
        Atime::Blank => out.extend_from_slice(&[b' '; DATE_BYTES + 1]),
        Atime::At(atime) => {
            out.push(b' ');
            atime.push(out, ' ');
        }
    }
    out.push(b' ');
    out.extend_from_slice(listed.name);
    if let Some(target) = listed.target {
        out.extend_from_slice(b" -> ");
        out.extend_from_slice(target);
    }
    out.push(b'\n');
}

/// Appends the line of a missing argument (`--delete-missing-args`).
pub fn push_missing(out: &mut Vec<u8>, name: &[u8], human: Human) {
    let size_width = if human == Human::Plain { 11 } else { 14 };
    out.extend_from_slice(b"*missing  ");
    out.extend(std::iter::repeat_n(b' ', 1 + size_width + 1 + DATE_BYTES + 1));
    out.extend_from_slice(name);
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::time::utc;

    #[test]
    fn lines_of_rsync() {
        let huge = Listed {
            kind: ListKind::File,
            mode: 0o2640,
            size_bytes: 4096,
            mtime: utc(-1),
            atime: Atime::Absent,
            name: b"huge",
            target: None,
        };
        let link = Listed { kind: ListKind::Symlink, mode: 0o777, name: b"ln", target: Some(b"f"), ..huge };
        let aged = Listed { atime: Atime::Blank, ..huge };
        let cases: &[(&Listed<'_>, Human, &str)] = &[
            (&huge, Human::Grouped, "-rw-r-S---          4,096 1969/12/31 23:59:59 huge\n"),
            (&huge, Human::Plain, "-rw-r-S---        4096 1969/12/31 23:59:59 huge\n"),
            (&huge, Human::Decimal, "-rw-r-S---          4.10K 1969/12/31 23:59:59 huge\n"),
            (&link, Human::Grouped, "lrwxrwxrwx          4,096 1969/12/31 23:59:59 ln -> f\n"),
            (
                &aged,
                Human::Grouped,
                "-rw-r-S---          4,096 1969/12/31 23:59:59                     huge\n",
            ),
        ];
        for (listed, human, wanted) in cases {
            let mut out = Vec::new();
            push_listed(&mut out, listed, (*human).into());
            assert_eq!(String::from_utf8(out).unwrap(), *wanted);
        }
        let mut out = Vec::new();
        push_missing(&mut out, b"nope", Human::Grouped);
        assert_eq!(out, b"*missing                                      nope\n");
    }
}
