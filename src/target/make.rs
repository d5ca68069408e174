//! Directories of the way to the destination: opened, and made where they are missing.

use std::io;
use std::os::fd::OwnedFd;

use rsync_compat::options::Backup;
use uring_ext::mode::errno::ELOOP;
use uring_ext::plain::{self, AtFlags, CWD, RenameFlags, STATX_ALL, Unlink};

use super::Request;
use super::refusals::{failed, typed};
use crate::failure::{Fatal, TargetStep};
use crate::operands::resolve::Resolver;
use crate::path_text::{absolute, c_name, parent_and_name};
use crate::pipeline::handles::at::bits_below;

/// Opens a directory that has to be searchable; one that cannot be listed is still good for names in it.
pub(super) fn enter(resolver: &Resolver, path: &[u8]) -> io::Result<OwnedFd> {
    let handle = resolver.open_for_names(CWD, path)?;
    plain::statx(&handle, c".", AtFlags::empty(), STATX_ALL)?;
    Ok(handle)
}

/// Makes one directory, where the way to it can be trusted. `told` is what is to be made, as messages name it.
pub(super) fn one(request: &Request<'_>, path: &[u8], told: &[u8]) -> Result<(), Fatal> {
    let (parent, name) = parent_and_name(path);
    let above = request.resolver.open_for_names(CWD, parent).map_err(|error| match error.raw_os_error() {
        Some(ELOOP) => failed(TargetStep::EnterMade, told, &error),
        _ => failed(TargetStep::Make, told, &error),
    })?;
    match plain::mkdirat(&above, &c_name(name), bits_below(&above, request.umask)) {
        // It is there when the way to it is.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && name == b".." => Ok(()),
        made => made.map_err(|error| failed(TargetStep::Make, told, &error)),
    }
}

/// Makes the directories above a path that are missing, and counts them; `whole` is the path that all of it is for.
pub(super) fn parents(request: &Request<'_>, path: &[u8], whole: &[u8]) -> Result<usize, Fatal> {
    let (parent, _) = parent_and_name(path);
    if parent == b"."
        || parent == b"/"
        || plain::statx(CWD, &c_name(parent), AtFlags::empty(), STATX_ALL).is_ok()
    {
        return Ok(0);
    }
    let above = parents(request, parent, whole)?;
    // A link that leads nowhere has the name; that it is no directory shows when it is to be entered.
    let is_link = plain::readlinkat(CWD, &c_name(parent)).is_ok();
    if !is_link {
        one(request, parent, &typed(request.cwd, whole))?;
    }
    Ok(above + usize::from(!is_link))
}

/// A link that leads nowhere makes way for a directory as within a tree; into `--backup-dir` none is moved here, and
/// stays.
pub(super) fn take_link_away(request: &Request<'_>, path: &[u8]) -> Result<(), Fatal> {
    let (parent, name) = parent_and_name(path);
    let (parent, link) = (request.resolver.open_dir(CWD, parent), c_name(name));
    let Ok(parent) = parent else { return Ok(()) };
    if request.options.write.dry_run || plain::readlinkat(&parent, &link).is_err() {
        return Ok(());
    }
    let gone = match &request.options.backup {
        None => plain::unlinkat(&parent, &link, Unlink::File),
        Some(Backup { dir: None, suffix }) => {
            let kept = c_name(&[name, suffix].concat());
            plain::renameat2(&parent, &link, &parent, &kept, RenameFlags::empty())
        }
        Some(_) => Ok(()),
    };
    gone.map_err(|error| failed(TargetStep::Make, &absolute(request.cwd, path), &error))
}
