//! Texts of symbolic links as they are in the transfer (rsync(1), `--munge-links`): munged ones lead nowhere.

use std::ffi::CStr;
use std::io;
use std::os::fd::AsFd;

use rsync_compat::options::Links;
use uring_ext::plain;

/// What makes a link lead nowhere.
const PREFIX: &[u8] = b"/rsyncd-munged/";

/// The text of a link of the source.
///
/// # Errors
/// Those of readlinkat(2).
pub fn read_source(links: &Links, dir: impl AsFd, name: &CStr) -> io::Result<Vec<u8>> {
    let text = plain::readlinkat(dir, name)?;
    Ok(if links.unmunge { unmunged(text) } else { text })
}

/// The text of a link that the destination has.
///
/// # Errors
/// Those of readlinkat(2).
pub fn read_target(links: &Links, dir: impl AsFd, name: &CStr) -> io::Result<Vec<u8>> {
    let text = plain::readlinkat(dir, name)?;
    Ok(if links.munge { unmunged(text) } else { text })
}

/// The text that the destination gets.
#[must_use]
pub fn to_write(links: &Links, text: &[u8]) -> Vec<u8> {
    if links.munge { [PREFIX, text].concat() } else { text.to_vec() }
}

fn unmunged(text: Vec<u8>) -> Vec<u8> {
    match text.strip_prefix(PREFIX) {
        Some(rest) if !rest.is_empty() => rest.to_vec(),
        _ => text,
    }
}
