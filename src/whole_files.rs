//! Files that are read to their end before anything else is done: lists, rules, merge files.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rsync_compat::filter::{ReadError, Side as RuleSide};
use uring_ext::plain::{self, OFlags};

use crate::failure::strerror;
use crate::operands::resolve::Resolver;
use crate::path_text::c_name;

/// Why a file cannot be read, as rules tell it.
#[must_use]
pub fn unreadable(error: &io::Error) -> ReadError {
    let errno = error.raw_os_error().unwrap_or(0);
    ReadError { errno, text: strerror(errno).into_bytes() }
}

/// Reads a merge file of a directory. The name came with the rule, so it may be a path. Whoever owns the directory may
/// have put a FIFO there, for which nothing waits.
///
/// # Errors
/// The number of what failed.
pub fn read_merge_file(
    resolver: &Resolver,
    side: RuleSide,
    dir: impl AsFd,
    name: &[u8],
) -> Result<Vec<u8>, ReadError> {
    read_opened(resolver.open_within(side, dir, &c_name(name), OFlags::RDONLY | OFlags::NONBLOCK))
}

/// Reads a file that was named on the command line: a pipe too, as slowly as it is written.
///
/// # Errors
/// The number of what failed.
pub fn read_file(resolver: &Resolver, dir: impl AsFd, name: &[u8]) -> Result<Vec<u8>, ReadError> {
    read_opened(resolver.open(dir, &c_name(name), OFlags::RDONLY, 0))
}

/// Reads standard input to its end. It is read as it was given: who started us may be the only one who may open it.
///
/// # Errors
/// The number of what failed.
pub fn read_stdin() -> Result<Vec<u8>, ReadError> {
    read_to_end(io::stdin())
}

fn read_opened(opened: io::Result<OwnedFd>) -> Result<Vec<u8>, ReadError> {
    read_to_end(opened.map_err(|error| unreadable(&error))?)
}

fn read_to_end(from: impl AsFd) -> Result<Vec<u8>, ReadError> {
    let mut content = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        match plain::read(&from, &mut chunk).map_err(|error| unreadable(&error))? {
            0 => return Ok(content),
            read => content.extend_from_slice(&chunk[..read]),
        }
    }
}
