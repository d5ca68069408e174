//! How many entries there are to copy, and what a single one is: whether the destination is a directory or a new name.

use std::ffi::CStr;
use std::io;
use std::os::fd::OwnedFd;

use rsync_compat::filter::{Action, Deletion, NameKind};
use rsync_compat::options::{Links, Recursion};
use rsync_compat::unsafe_link::is_unsafe;
use uring_ext::plain::{self, AtFlags, DirReader, OFlags, STATX_ALL};

use super::tree::{OperandTree, Rank};
use crate::entry::{Kind, Meta, join};
use crate::path_text::c_name;
use crate::target::Request;

/// How many entries the file list holds, as far as that matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    None,
    One,
    Many,
}

/// What a batch has in the place of sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordedEntries {
    /// How many there are: none, one, or more than that.
    pub count: usize,
    /// Whether the first is a directory.
    pub first_is_dir: bool,
}

/// What the single entry is, where there is no more than one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Single {
    /// The top of a source, of which the contents are meant.
    Top,
    /// A directory.
    Directory,
    /// No directory, or one that is skipped.
    Other,
}

/// How many entries there are to copy.
pub(crate) fn count(request: &Request<'_>) -> Count {
    let top = &request.sources.top;
    let recursion = request.options.select.recursion;
    if let Some(recorded) = request.recorded {
        return Count::of(recorded.count);
    }
    let mut entries = 0;
    if top.rank == Rank::Contents && recursion != Recursion::None {
        entries += top.listed.len().max(1) + usize::from(has_contents(request, b"", top));
    }
    for (name, operand) in top.children.iter() {
        if is_lost_link(request, name, operand) {
            continue;
        }
        let is_dir = is_dir(request, name, operand);
        let leads_out = operand.rank == Rank::Named && request.options.links.leads_to_bare_directories();
        if recursion == Recursion::None
            && is_dir
            && !operand.is_way()
            && !(leads_out && is_link(request, name, operand))
        {
            continue;
        }
        let more = !operand.children.is_empty() || (is_dir && has_contents(request, name, operand));
        entries += 1 + usize::from(more) + operand.all_doubles();
    }
    // With `--no-implied-dirs` it is there for what it leads to.
    let dot = lists_dot(request) || (entries > 0 && request.sources.dotted);
    entries += usize::from(recursion != Recursion::None && dot);
    Count::of(entries)
}

impl Count {
    fn of(entries: usize) -> Count {
        match entries {
            0 => Count::None,
            1 => Count::One,
            _ => Count::Many,
        }
    }
}

/// What the only entry is.
pub(crate) fn single(request: &Request<'_>) -> Single {
    let top = &request.sources.top;
    if request.options.select.recursion == Recursion::None {
        return Single::Other;
    }
    if top.rank == Rank::Contents || lists_dot(request) {
        return Single::Top;
    }
    let is_dir = match request.recorded {
        Some(recorded) => recorded.first_is_dir,
        None => top.children.iter().next().is_some_and(|(name, operand)| is_dir(request, name, operand)),
    };
    if is_dir { Single::Directory } else { Single::Other }
}

/// Whether a `./` in front of a name puts the top on the list.
fn lists_dot(request: &Request<'_>) -> bool {
    request.sources.dotted && request.sources.top.rank > Rank::Passage
}

fn is_link(request: &Request<'_>, name: &[u8], operand: &OperandTree) -> bool {
    let root = operand.sources.first().and_then(|&source| request.sources.roots.get(usize::from(source)));
    root.is_some_and(|root| plain::readlinkat(&root.handle, &c_name(name)).is_ok())
}

fn is_dir(request: &Request<'_>, name: &[u8], operand: &OperandTree) -> bool {
    let root = operand.sources.first().and_then(|&source| request.sources.roots.get(usize::from(source)));
    root.is_some_and(|root| {
        let is_followed = is_followed(&request.options.links, &root.handle, name, operand);
        let flags = if is_followed { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
        plain::statx(&root.handle, &c_name(name), flags, STATX_ALL).is_ok_and(|st| st.is_dir())
    })
}

/// Whether what an operand leads to counts, should it be a link: a slash at its end says so, or an option does.
fn is_followed(links: &Links, dir: &OwnedFd, name: &[u8], operand: &OperandTree) -> bool {
    operand.rank == Rank::Contents
        || links.copy
        || links.copy_dirlinks
        || links.copy_unsafe && leads_out(dir, &c_name(name), name)
}

fn has_contents(request: &Request<'_>, name: &[u8], operand: &OperandTree) -> bool {
    let enters = match request.options.select.recursion {
        Recursion::Full => true,
        Recursion::Dirs => operand.rank == Rank::Contents,
        Recursion::None => false,
    };
    enters && operand.listed.iter().any(|&source| lists_any(request, source, name, operand))
}

/// Whether an operand is a link that is to be followed and cannot be.
fn is_lost_link(request: &Request<'_>, name: &[u8], operand: &OperandTree) -> bool {
    let root = operand.sources.first().and_then(|&source| request.sources.roots.get(usize::from(source)));
    !operand.is_way()
        && operand.rank != Rank::Contents
        && root.is_some_and(|root| leads_nowhere(&request.options.links, &root.handle, &c_name(name), name))
}

/// Whether a link is to be followed and cannot: then it is no entry.
fn leads_nowhere(links: &Links, dir: &OwnedFd, name: &CStr, path: &[u8]) -> bool {
    (links.copy || links.copy_unsafe && leads_out(dir, name, path))
        && plain::statx(dir, name, AtFlags::empty(), STATX_ALL).is_err()
}

fn leads_out(dir: &OwnedFd, name: &CStr, path: &[u8]) -> bool {
    plain::readlinkat(dir, name).is_ok_and(|target| is_unsafe(&target, path))
}

fn lists_any(request: &Request<'_>, source: u16, rel: &[u8], operand: &OperandTree) -> bool {
    let root = &request.sources.roots[usize::from(source)];
    let below = if rel.is_empty() { b".".as_slice() } else { rel };
    let is_followed = is_followed(&request.options.links, &root.handle, below, operand);
    let follow = if is_followed { OFlags::empty() } else { OFlags::NOFOLLOW };
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | follow;
    let Ok(dir) = plain::openat(&root.handle, &c_name(below), flags, 0) else { return false };
    let mut reader = DirReader::new(32 << 10);
    while reader.fill(&dir).unwrap_or(false) {
        let included = reader.batch().any(|entry| {
            let path = join(rel, entry.name.to_bytes());
            let looked = plain::statx(&dir, entry.name, AtFlags::SYMLINK_NOFOLLOW, STATX_ALL);
            if looked.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied) {
                // A directory that may be listed but not searched brings nothing.
                return false;
            }
            let kind = looked.map_or(Kind::File, |st| Meta::from(&st).kind());
            let name_kind = if kind == Kind::Dir { NameKind::Directory } else { NameKind::Other };
            let found = request.sender.check(&path, name_kind, Deletion::None);
            found.is_none_or(|found| found.action() == Action::Include)
                && !(kind == Kind::Symlink && leads_nowhere(&request.options.links, &dir, entry.name, &path))
        });
        if included {
            return true;
        }
    }
    false
}
