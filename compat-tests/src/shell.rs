//! A tree and a command as shell lines that a person can paste.

use crate::tree::{Content, Entry, Kind, Mtime, Owner, Tree};
use std::ffi::OsString;
use std::fmt::Write;
use std::os::unix::ffi::OsStringExt;

/// A word as bash reads it back, whatever bytes it holds.
pub fn quote(word: &[u8]) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./=:,+@%".contains(byte);
    if !word.is_empty() && word.iter().all(plain) {
        return String::from_utf8_lossy(word).into_owned();
    }
    if word.iter().all(|byte| (b' '..=b'~').contains(byte) && *byte != b'\'') {
        return format!("'{}'", String::from_utf8_lossy(word));
    }
    let mut quoted = String::from("$'");
    for byte in word {
        match byte {
            b'\'' | b'\\' => write!(quoted, "\\{}", char::from(*byte)),
            b' '..=b'~' => write!(quoted, "{}", char::from(*byte)),
            _ => write!(quoted, "\\x{byte:02x}"),
        }
        .expect("a string takes everything");
    }
    quoted + "'"
}

/// The commands that make the tree in the current directory.
pub fn script(tree: &Tree) -> String {
    let mut lines = Vec::new();
    let (links, others): (Vec<&Entry>, Vec<&Entry>) =
        tree.entries.values().partition(|entry| matches!(entry.kind, Kind::HardLink(_)));
    lines.extend(others.iter().chain(&links).map(|entry| creation(entry)));
    others.iter().rev().for_each(|entry| lines.extend(attributes(entry)));
    lines.join("\n")
}

/// The commands that make one entry in the current directory.
pub fn entry_script(entry: &Entry) -> String {
    let mut lines = vec![creation(entry)];
    if !matches!(entry.kind, Kind::HardLink(_)) {
        lines.extend(attributes(entry));
    }
    lines.join("\n")
}

fn creation(entry: &Entry) -> String {
    let path = quote(&entry.path);
    match &entry.kind {
        Kind::Dir => format!("mkdir {path}"),
        Kind::File(Content::Bytes(bytes)) if bytes.is_empty() => format!(": > {path}"),
        Kind::File(Content::Bytes(bytes)) => format!("echo -n {} > {path}", quote(bytes)),
        Kind::File(Content::Random { seed, size }) => {
            format!(
                "openssl enc -aes-128-ctr -nosalt -pass pass:{seed} </dev/zero 2>&- | head -c{size} > {path}"
            )
        }
        Kind::File(Content::Zeros(size)) => format!("head -c{size} /dev/zero > {path}"),
        Kind::File(Content::Sparse { size, data }) => {
            let mut lines = vec![format!("truncate -s{size} {path}")];
            lines.extend(data.iter().map(|(offset, length)| {
                format!("head -c{length} /dev/urandom | dd of={path} oflag=seek_bytes seek={offset} conv=notrunc 2>&-")
            }));
            lines.join("; ")
        }
        Kind::Symlink(target) => format!("ln -s {} {path}", quote(target)),
        Kind::Fifo => format!("mkfifo {path}"),
        Kind::Socket => format!("python3 -c 'import os,sys; os.mknod(sys.argv[1], 0o140600)' {path}"),
        Kind::Char(major, minor) => format!("mknod {path} c {major} {minor}"),
        Kind::Block(major, minor) => format!("mknod {path} b {major} {minor}"),
        Kind::HardLink(of) => format!("ln {} {path}", quote(of)),
    }
}

fn attributes(entry: &Entry) -> Vec<String> {
    let path = quote(&entry.path);
    let mut lines = Vec::new();
    if let Some(Owner { uid, gid }) = entry.owner {
        lines.push(format!("chown -h {uid}:{gid} {path}"));
    }
    for (name, value) in &entry.xattrs {
        let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
        lines.push(format!("setfattr -h -n {name} -v 0x{hex} {path}"));
    }
    if !matches!(entry.kind, Kind::Symlink(_)) {
        lines.push(format!("chmod {:o} {path}", entry.mode_or_default()));
    }
    for (flag, text) in [("-m", &entry.acl), ("-dm", &entry.default_acl)] {
        lines.extend(text.iter().map(|text| format!("setfacl {flag} {text} {path}")));
    }
    let Mtime { seconds, nanoseconds } = entry.mtime_or_default();
    lines.push(format!("touch -hd @{seconds}.{nanoseconds:09} {path}"));
    lines
}

/// Splits words at blanks; single quotes keep blanks together.
pub fn split(text: &str) -> Vec<OsString> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<Vec<u8>>, false);
    for byte in text.bytes() {
        match byte {
            b'\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            b' ' if !quoted => words.extend(word.take().map(OsString::from_vec)),
            _ => word.get_or_insert_default().push(byte),
        }
    }
    words.extend(word.map(OsString::from_vec));
    words
}
