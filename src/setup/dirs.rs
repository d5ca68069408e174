//! Directories beside the destination: `--backup-dir`, `--temp-dir`, alternate destinations.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::OnceLock;

use rsync_compat::exit::Exit;
use rsync_compat::filter::Side as RuleSide;
use rsync_compat::options::{BasisKind, Options};
use uring_ext::mode::errno::{EACCES, ELOOP, ENOTDIR};
use uring_ext::plain::{self, CWD, OFlags};

use crate::entry::join;
use crate::failure::{Cause, DirFault, DirOption, Fatal, Side};
use crate::operands::resolve::Resolver;
use crate::path_text::{c_name, parent_and_name};
use crate::plan::{BasisRoot, Home, Shut, Takes, Target, TempDir};
use crate::temp_dir::{mount_of, open_temp_dir};

/// Refuses a `--backup-dir` that is something else, or that nobody can know; one that is not there is made when needed.
fn check_backup_dir(resolver: &Resolver, options: &Options, target: &Target) -> Result<(), Fatal> {
    let dir = options.backup.as_ref().and_then(|backup| backup.dir.as_deref());
    let Some(dir) = dir else { return Ok(()) };
    // Where there is no destination, rsync is still in the current directory.
    let handle = target.handle.as_ref().map_or(CWD, AsFd::as_fd);
    let Err(error) = resolver.open_dir(handle, dir) else { return Ok(()) };
    let refused = |fault: DirFault, exit: Exit| {
        let cause = Cause::OptionDir { option: DirOption::Backup, path: dir.to_vec(), fault };
        Err(Fatal { side: Side::Receiver, cause, exit })
    };
    let there = plain::statx(handle, &c_name(dir), plain::AtFlags::empty(), plain::STATX_ALL);
    match there.map_err(|error| error.raw_os_error()) {
        Err(Some(errno @ (EACCES | ENOTDIR | ELOOP))) => refused(DirFault::Unseen(errno), Exit::FileIo),
        Ok(_) if error.kind() == io::ErrorKind::NotADirectory => refused(DirFault::NoDirectory, Exit::Syntax),
        _ => Ok(()),
    }
}

/// Opens `--temp-dir`, which is relative to the destination, as `--backup-dir` is, which is looked at as well.
pub(super) fn temp_dir(
    resolver: &Resolver,
    options: &Options,
    target: &Target,
    cwd: &[u8],
) -> Result<Option<TempDir>, Fatal> {
    check_backup_dir(resolver, options, target)?;
    let Some(dir) = &options.write.temp_dir else { return Ok(None) };
    if target.handle.is_none() {
        // Where there is no destination, rsync is still in the current directory.
        return open_temp_dir(resolver, cwd, dir).map(|_| None);
    }
    let home = open_temp_dir(resolver, &target.display, dir)?;
    let mut mount = (0, 0);
    // Measured: but for `--insecure-links`, rsync refuses to make anything by a path that climbs.
    let climbs = !options.links.insecure && dir.split(|&byte| byte == b'/').any(|part| part == b"..");
    let home = match home {
        _ if climbs => Home::Shut(Shut::Outside),
        Home::Open(handle) if resolver.is_outside(RuleSide::Receiver, &handle) => Home::Shut(Shut::Outside),
        Home::Open(handle) => {
            mount = mount_of(&handle).unwrap_or_default();
            Home::Open(handle)
        }
        shut => shut,
    };
    let below: &[u8] = if dir.starts_with(b"/") { b"" } else { &target.display };
    let display = join(below, dir);
    Ok(Some(TempDir { home, display, mount, inherited: OnceLock::new(), shared: OnceLock::new() }))
}

/// What has the destination's name in an alternate destination.
fn same_name(dir: &OwnedFd, target: &Target) -> Option<OwnedFd> {
    let name = c_name(parent_and_name(&target.display).1);
    plain::openat(dir, &name, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW, 0).ok()
}

/// Opens alternate destinations.
pub(super) fn basis(
    resolver: &Resolver,
    options: &Options,
    target: &Target,
    warnings: &mut Vec<Vec<u8>>,
) -> Vec<BasisRoot> {
    let Some(basis) = &options.basis else { return Vec::new() };
    let word = match basis.kind {
        BasisKind::Compare => "compare",
        BasisKind::Copy => "copy",
        BasisKind::Link => "link",
    };
    // They are looked for before a single directory becomes the destination: from where that is going to lie.
    let becomes = matches!(target.takes, Takes::Itself);
    let below = if becomes { parent_and_name(&target.display).0 } else { target.display.as_slice() };
    let is_dry = options.write.dry_run && !options.output.list_only;
    let open = |dir: &Vec<u8>| {
        let dir = dir.strip_suffix(b"/").filter(|dir| !dir.is_empty()).unwrap_or(dir);
        let path = match &target.handle {
            // A dry run has no destination to go up from.
            None if is_dry && dir.starts_with(b"../") && !becomes => {
                join(parent_and_name(below).0, &dir[3..])
            }
            _ => join(if dir.starts_with(b"/") { b"" } else { below }, dir),
        };
        let opened = resolver.open_for_names(CWD, &path);
        let is_circle = || {
            let there = plain::statx(CWD, &c_name(&path), plain::AtFlags::empty(), plain::STATX_ALL);
            there.is_err_and(|error| error.raw_os_error() == Some(ELOOP))
        };
        // A link that is not followed has been told of; what is closed to us is there all the same.
        if let Err(error) = &opened
            && (error.raw_os_error() != Some(ELOOP) || is_circle())
            && error.kind() != io::ErrorKind::PermissionDenied
        {
            let what = match error.kind() {
                io::ErrorKind::NotADirectory => "is not a dir",
                _ => "does not exist",
            };
            warnings.push([format!("--{word}-dest arg {what}: ").as_bytes(), &path].concat());
        }
        let opened = match becomes {
            // It has the destination's name there too.
            true => opened.ok().and_then(|dir| same_name(&dir, target)),
            false => opened.ok(),
        };
        // Where files are only compared with, none of them is opened.
        let taken = basis.kind != BasisKind::Compare;
        let outside = |dir: &OwnedFd| taken && resolver.is_outside(RuleSide::Receiver, dir);
        let outside = opened.as_ref().is_some_and(outside);
        let (handle, outside) = if outside { (None, opened) } else { (opened, None) };
        BasisRoot { handle, outside, display: path }
    };
    basis.dirs.iter().map(open).collect()
}
