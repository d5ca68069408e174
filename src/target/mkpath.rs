//! Where `--mkpath` of rsync 3.5.0 fails: at `..` and at doubled slashes in the part of a path that is still to be
//! made.

use std::io;

use rsync_compat::options::Options;
use uring_ext::mode::errno::{EEXIST, EINVAL};
use uring_ext::plain::{self, AtFlags, CWD, STATX_ALL};

use super::refusals::{failed, to_be_made};
use super::{Request, make};
use crate::failure::{Fatal, TargetStep};
use crate::operands::count::Count;
use crate::path_text::c_name;

/// Fails where rsync fails, after it made as much of the path as rsync makes; else returns what rsync takes for the
/// destination, of which nothing is made yet.
///
/// # Errors
/// EINVAL at `..`, EEXIST at doubled slashes.
pub(super) fn check<'a>(request: &Request<'_>, path: &'a [u8], count: Count) -> Result<&'a [u8], Fatal> {
    let Request { options, cwd, .. } = *request;
    let exists = |path: &[u8]| plain::statx(CWD, &c_name(path), AtFlags::empty(), STATX_ALL).is_ok();
    let is_dir = count == Count::Many || path.ends_with(b"/");
    let above = path.iter().rposition(|&byte| byte == b'/').map_or(&[][..], |at| &path[..at]);
    let dir = if is_dir { path.strip_suffix(b"/").unwrap_or(path) } else { above };
    if options.write.dry_run || dir.is_empty() {
        return Ok(path);
    }
    let failing = find_failing(dir, &exists).filter(|found| found.made.is_none() || !exists(dir));
    if let Some(found) = failing {
        if let Some(made) = found.made {
            make::parents(request, made, path)?;
            make::one(request, made, &to_be_made(options, path, cwd))?;
        }
        let returns = |made: &[u8]| dir[made.len()..].starts_with(b"/..");
        let told = found.made.filter(|made| !returns(made)).unwrap_or(path);
        let error = io::Error::from_raw_os_error(found.errno);
        return Err(failed(TargetStep::Make, &to_be_made(options, told, cwd), &error));
    }
    Ok(cut(path).filter(|_| !is_dir && !exists(dir)).unwrap_or(path))
}

/// Whether `--mkpath` makes this path: not one that doubles its first slash after `./`.
#[must_use]
pub(super) fn applies(options: &Options, path: &[u8]) -> bool {
    let mut rest = path;
    while let Some(below) = rest.strip_prefix(b"./") {
        rest = below;
    }
    options.write.mkpath && (rest.len() == path.len() || !rest.starts_with(b"/"))
}

/// How many directories a dry run would make above a destination. It takes each slash for one, all but the last.
#[must_use]
pub(super) fn count_missing(path: &[u8]) -> usize {
    let path = path.strip_suffix(b"/").unwrap_or(path);
    let above =
        path.iter().enumerate().filter(|&(at, &byte)| at > 0 && byte == b'/').map(|(at, _)| &path[..at]);
    above.filter(|above| plain::statx(CWD, &c_name(above), AtFlags::empty(), STATX_ALL).is_err()).count()
}

/// Where making a path fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Failing<'a> {
    /// The part that is made before that.
    made: Option<&'a [u8]>,
    /// The error that is told.
    errno: i32,
}

/// Where making the directory `dir`, which does not exist, fails for the form of its path.
#[must_use]
fn find_failing<'a>(dir: &'a [u8], exists: &dyn Fn(&[u8]) -> bool) -> Option<Failing<'a>> {
    let end = dir.iter().rposition(|&byte| byte != b'/').map_or(0, |last| last + 1);
    let name = &dir[..end];
    let above = name.iter().rposition(|&byte| byte == b'/').map_or(&[][..], |at| &name[..at]);
    if above.split(|&byte| byte == b'/').any(|part| part == b"..") {
        return Some(Failing { made: None, errno: EINVAL });
    }
    if above.is_empty() || exists(above) {
        return None;
    }
    let doubled = dir.windows(2).enumerate().filter(|(_, pair)| *pair == b"//").map(|(at, _)| &dir[..at]);
    let doubled = doubled.filter(|made| !made.is_empty()).find(|made| !exists(made));
    let trailing = || (end < dir.len()).then_some(name);
    let returned = || name.strip_suffix(b"/..");
    doubled.or_else(trailing).or_else(returned).map(|made| Failing { made: Some(made), errno: EEXIST })
}

/// The directory before two slashes that lead to the name of a single file: rsync takes that for the destination.
#[must_use]
fn cut(path: &[u8]) -> Option<&[u8]> {
    let last = path.iter().rposition(|&byte| byte == b'/')?;
    let above = &path[..last];
    (above.ends_with(b"/") && above.iter().any(|&byte| byte != b'/')).then_some(above)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn making_fails_at_dot_dot_and_doubled_slashes() {
        let only = |there: &'static [u8]| move |path: &[u8]| path.strip_suffix(b"/").unwrap_or(path) == there;
        let made = |dir, exists: &dyn Fn(&[u8]) -> bool| {
            find_failing(dir, exists).map(|found| (found.made.map(<[u8]>::to_vec), found.errno))
        };
        assert_eq!(made(b"n//m", &only(b"")), Some((Some(b"n".to_vec()), EEXIST)));
        assert_eq!(made(b"d//n//k", &only(b"d")), Some((Some(b"d//n".to_vec()), EEXIST)));
        assert_eq!(made(b"d//n/", &only(b"d")), None);
        assert_eq!(made(b"//n", &only(b"")), None);
        assert_eq!(made(b"n/m/", &only(b"")), Some((Some(b"n/m".to_vec()), EEXIST)));
        assert_eq!(made(b"d/x/..", &only(b"d")), Some((Some(b"d/x".to_vec()), EEXIST)));
        assert_eq!(made(b"n/../m", &only(b"")), Some((None, EINVAL)));
        assert_eq!((cut(b"n//m"), cut(b"n/m"), cut(b"//m")), (Some(&b"n/"[..]), None, None));
    }
}
