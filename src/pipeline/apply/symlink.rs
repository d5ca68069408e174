//! Symbolic links: made, replaced in one step, given their own owner and times.

use std::ffi::{CStr, CString};
use std::io;

use uring_ext::plain::{self, RenameFlags, Unlink};

use super::{backup, fake, node, obstacle, temp};
use crate::entry::{Entry, Kind, Meta};
use crate::failure::{Failure, Side, What};
use crate::path_text::c_name;
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::dir::Dir;
use crate::pipeline::handles::paths::target_path_in;
use crate::plan::Power;

/// Makes the link; a failure was told.
pub fn make(worker: &Worker, dir: &Dir, entry: &Entry, target: &[u8], there: Option<&Meta>) -> bool {
    let name = dir.dst_name(entry);
    if let Some(there) = there
        && !obstacle::clear(worker, dir, name, there, Kind::Symlink)
    {
        return false;
    }
    if worker.run.plan.options.write.dry_run {
        return true;
    }
    let fail = |error: &io::Error| {
        let shown = if there.is_some() { c_name(&temp::numbered(name)) } else { name.to_owned() };
        let path = [&target_path_in(&worker.run.plan, dir, &shown), b"\" -> \"".as_slice(), target].concat();
        worker.fail(Failure::new(Side::Generator, What::Symlink, path, error));
        false
    };
    let Some(dst) = &dir.dst else { return dir.before.blocked().is_some_and(|error| fail(&error)) };
    let make = |name: &CStr| match worker.run.plan.identity.receiver {
        Power::Fake => fake::make(dst, name, entry.meta.mode, target),
        Power::Ordinary | Power::Full => plain::symlinkat(&CString::new(target)?, dst, name),
    };
    let made = node::place(worker, dir, name, there, &make);
    match made {
        Ok(()) => true,
        Err(error) => fail(&error),
    }
}

/// Replaces `name` by a rename when something is there, or makes it at once when nothing is.
///
/// # Errors
/// Those of `make` and rename(2).
pub fn replace(
    worker: &Worker,
    dir: &Dir,
    name: &CStr,
    make: &dyn Fn(&CStr) -> io::Result<()>,
) -> io::Result<()> {
    if dir.dst.is_some() {
        backup::keep(worker, dir, name, backup::For::Node)?;
    }
    swap(dir, name, make)
}

/// Makes something under a hidden name and renames it over `name`; no backup is made of what has the name.
///
/// # Errors
/// Those of `make` and rename(2).
pub fn swap(dir: &Dir, name: &CStr, make: &dyn Fn(&CStr) -> io::Result<()>) -> io::Result<()> {
    let Some(dst) = &dir.dst else { return Ok(()) };
    let (hidden, ()) = temp::with_name(name, |temp| make(temp))?;
    plain::renameat2(dst, &hidden, dst, name, RenameFlags::empty()).inspect_err(|_| {
        let _ = plain::unlinkat(dst, &hidden, Unlink::File);
    })
}
