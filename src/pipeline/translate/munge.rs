//! Texts of symbolic links, munged and unmunged (rsync(1), `--munge-links`): a munged link leads nowhere.

use std::borrow::Cow;
use std::ffi::CStr;
use std::io;
use std::os::fd::AsFd;

use rsync_compat::options::Links;
use uring_ext::mode::errno::EINVAL;
use uring_ext::plain;

use crate::entry::Entry;
use crate::pipeline::attributes::fake;
use crate::pipeline::handles::dir::Dir;
use crate::plan::{Plan, Power};

/// What makes a link lead nowhere.
const PREFIX: &[u8] = b"/rsyncd-munged/";

/// The text of a link of the source.
///
/// # Errors
/// Those of readlinkat(2); with `--fake-super` those of opening and reading a file.
pub fn read_source(plan: &Plan, dir: impl AsFd, name: &CStr) -> io::Result<Vec<u8>> {
    let text = match plain::readlinkat(&dir, name) {
        Err(error) if error.raw_os_error() == Some(EINVAL) && plan.identity.sender == Power::Fake => {
            fake::link_text(dir, name)?
        }
        other => other?,
    };
    Ok(if plan.options.links.unmunge { unmunged(text) } else { text })
}

/// The text of an entry that is a link, of the source or of what stands in for it.
///
/// # Errors
/// Those of readlinkat(2).
pub fn read(plan: &Plan, dir: &Dir, entry: &Entry) -> io::Result<Vec<u8>> {
    match (&dir.recorded, dir.source(entry.source)) {
        (Some(listing), _) => {
            let text = listing.link_text(&entry.name).map(<[u8]>::to_vec);
            text.ok_or_else(|| io::ErrorKind::NotFound.into())
        }
        (None, Some(handle)) => read_source(plan, handle, &entry.name),
        (None, None) => Err(io::ErrorKind::NotFound.into()),
    }
}

/// The text of a link that the destination has. Where files stand for links, real ones count as something else.
///
/// # Errors
/// As [`read_source`]; where links are munged, no text of the source's becomes one that is not.
pub fn read_target(plan: &Plan, dir: impl AsFd, name: &CStr) -> io::Result<Vec<u8>> {
    let text = match plan.identity.receiver {
        Power::Fake => fake::link_text(dir, name)?,
        Power::Ordinary | Power::Full => plain::readlinkat(dir, name)?,
    };
    match text.strip_prefix(PREFIX) {
        _ if !plan.options.links.munge => Ok(text),
        Some(rest) => Ok(rest.to_vec()),
        None => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// The text that the destination gets.
#[must_use]
pub fn to_write<'a>(links: &Links, text: &'a [u8]) -> Cow<'a, [u8]> {
    if links.munge { [PREFIX, text].concat().into() } else { text.into() }
}

fn unmunged(text: Vec<u8>) -> Vec<u8> {
    match text.strip_prefix(PREFIX) {
        Some(rest) if !rest.is_empty() => rest.to_vec(),
        _ => text,
    }
}
