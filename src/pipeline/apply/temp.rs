//! Hidden names for what is not complete yet (rsync(1), `--temp-dir`): `.NAME.XXXXXX`.

use std::ffi::{CStr, CString};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;

use crate::entry::join;
use crate::failure::What;
use crate::path_text::c_name;
use crate::plan::{self, TempDir};

/// The longest name that file systems take, less the end of string.
const NAME_BYTES_MAX: usize = 254;
/// A dot and six random characters.
const SUFFIX_BYTES: usize = 7;
/// How many names are tried before giving up.
const TRIES_MAX: u32 = 100;

/// A temporary name for `name`; another one each time.
#[must_use]
pub fn name(name: &CStr) -> CString {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let name = name.to_bytes();
    let mut temp = Vec::with_capacity(name.len() + SUFFIX_BYTES + 1);
    if !name.starts_with(b".") {
        temp.push(b'.');
    }
    temp.extend_from_slice(name);
    temp.truncate(cut_at(&temp, NAME_BYTES_MAX - SUFFIX_BYTES));
    if temp.last() == Some(&b'.') && temp.len() > 1 {
        temp.pop();
    }
    temp.push(b'.');
    // The standard library's hash keys are the random numbers at hand.
    let mut random = RandomState::new().build_hasher().finish();
    for _ in 0..SUFFIX_BYTES - 1 {
        temp.push(LETTERS[usize::try_from(random % 62).unwrap_or(0)]);
        random /= 62;
    }
    c_name(&temp)
}

/// Where to cut so that no UTF-8 character is halved.
fn cut_at(name: &[u8], bytes_max: usize) -> usize {
    if name.len() <= bytes_max {
        return name.len();
    }
    let mut at = bytes_max;
    while at > 1 && name[at] & 0xc0 == 0x80 {
        at -= 1;
    }
    at
}

/// The path that a message about `path` shows: rsync names the temporary file where it comes to that.
#[must_use]
pub fn shown(what: What, path: &[u8], of: &CStr, dir: Option<&TempDir>) -> Vec<u8> {
    let above = path.len().saturating_sub(of.to_bytes().len());
    let hidden = match dir {
        // There it needs no dot in front.
        Some(TempDir { home: plan::Home::Shut(_), display, .. }) => {
            join(display, &[of.to_bytes(), b".XXXXXX"].concat())
        }
        Some(dir) => join(&dir.display, name(of).to_bytes().strip_prefix(b".").unwrap_or_default()),
        None => [&path[..above], name(of).to_bytes()].concat(),
    };
    match what {
        What::Mkstemp => hidden,
        What::Rename => [hidden.as_slice(), b"\" -> \"", of.to_bytes()].concat(),
        _ => path.to_vec(),
    }
}

/// Calls `make` with temporary names until one is free.
///
/// # Errors
/// Those of `make`.
pub fn with_name<T>(of: &CStr, mut make: impl FnMut(&CStr) -> io::Result<T>) -> io::Result<(CString, T)> {
    let mut tries = 0;
    loop {
        let temp = name(of);
        match make(&temp) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && tries < TRIES_MAX => tries += 1,
            other => return other.map(|made| (temp, made)),
        }
    }
}

/// The name under which rsync makes a link or device before it takes the place of what is there: messages show it.
#[must_use]
pub fn numbered(of: &CStr) -> Vec<u8> {
    let name = of.to_bytes();
    let dot: &[u8] = if name.starts_with(b".") { b"" } else { b"." };
    [dot, name, format!(".{}", std::process::id()).as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leading_dot_is_not_doubled() {
        assert!(name(c".dot").to_bytes().starts_with(b".dot."));
        assert!(name(c"plain").to_bytes().starts_with(b".plain."));
        assert_eq!(name(c"plain").to_bytes().len(), 13);
    }

    #[test]
    fn long_names_are_cut_at_a_character() {
        let long = c_name("ä".repeat(127).as_bytes());
        let temp = name(&long);
        assert!(temp.to_bytes().len() <= 254);
        assert!(std::str::from_utf8(temp.to_bytes()).is_ok());
    }
}
