//! Names in the destination's character set (rsync(1), `--iconv`): what they become there, and which of them cannot.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::CString;
use std::io;

use super::munge;
use crate::charsets::{Charsets, Refused};
use crate::entry::{Kind, Sibling, join, sibling_order};
use crate::failure::{Failure, Severity, Side, What};
use crate::path_text::c_name;
use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::dir::{Dir, Through};
use crate::pipeline::handles::name::Name;
use crate::pipeline::handles::paths::source_path;
use crate::plan::Plan;

/// Notes what names are at the destination, where that is something else. Of several that become the same there one
/// stays: a directory, or the last.
pub fn convert(plan: &Plan, names: &mut Vec<Name>) {
    let Some(charsets) = &plan.charsets else { return };
    for name in names.iter_mut() {
        match charsets.name_to_remote(name.name.to_bytes()) {
            Ok(remote) if remote == name.name.to_bytes() => {}
            Ok(remote) => name.extra().remote = Some(Ok(c_name(&remote))),
            Err(refused) => name.extra().remote = Some(Err(refused)),
        }
    }
    if names.iter().any(|name| name.remote().is_some()) {
        drop_doubles(names);
    }
}

/// Whether a name has no form at the destination.
#[must_use]
pub fn refuses(plan: &Plan, name: &Name) -> bool {
    plan.charsets.as_ref().is_some_and(|charsets| charsets.name_to_remote(name.name.to_bytes()).is_err())
}

/// Sorts names: rsync's sender goes through directories, its receiver through everything else.
pub fn sort(plan: &Plan, names: &mut [Name]) {
    let by_sender = plan.options.select.incremental;
    let is_dir = |name: &Name| name.kind == Some(Kind::Dir);
    names.sort_unstable_by(|a, b| {
        let (a_name, b_name) = match by_sender && is_dir(a) && is_dir(b) {
            true => (&*a.name, &*b.name),
            false => (a.dst_name(), b.dst_name()),
        };
        let a = Sibling { name: a_name.to_bytes(), is_dir: is_dir(a) };
        sibling_order(a, Sibling { name: b_name.to_bytes(), is_dir: is_dir(b) })
    });
}

fn drop_doubles(names: &mut Vec<Name>) {
    let rank = |name: &Name| (name.kind == Some(Kind::Dir), CString::from(&*name.name));
    let mut best: HashMap<CString, (bool, CString)> = HashMap::new();
    for name in names.iter().filter(|name| name.refused().is_none()) {
        let best = best.entry(name.dst_name().to_owned()).or_insert_with(|| rank(name));
        *best = rank(name).max(std::mem::take(best));
    }
    names.retain(|name| {
        name.refused().is_some() || best.get(name.dst_name()).is_none_or(|best| *best == rank(name))
    });
}

/// Drops the names that have none at the destination, and links whose text has none; each is told, and counts as a
/// part of the directory that could not be listed. What only the destination cannot express stays among the names, as
/// the source side counts it.
pub fn drop_refused(worker: &Worker, dir: &Dir, names: &mut Vec<Name>) {
    let Some(charsets) = &worker.run.plan.charsets else { return };
    names.retain_mut(|name| {
        let failure = match name.refused() {
            Some(refused) => of_name(charsets, dir, refused),
            None => match of_text(worker, dir, name) {
                Some((refused, failure)) => {
                    name.extra().remote = Some(Err(refused));
                    failure
                }
                None => return true,
            },
        };
        let counts = failure.side == Side::Receiver && name.kind != Some(Kind::Dir);
        worker.fail_listing(&dir.rel, failure);
        counts
    });
}

fn of_name(charsets: &Charsets, dir: &Dir, refused: &Refused) -> Failure {
    let above = match refused.side {
        Side::Sender | Side::Client => dir.rel.clone(),
        Side::Receiver | Side::Generator => charsets.between(&dir.rel),
    };
    failure(refused, What::ConvertName, join(&above, &refused.text))
}

/// A link whose text cannot be converted. One that cannot be read is told in its turn.
fn of_text(worker: &Worker, dir: &Dir, name: &Name) -> Option<(Refused, Failure)> {
    let plan = &worker.run.plan;
    let charsets = plan.charsets.as_ref()?;
    if name.kind != Some(Kind::Symlink) || name.through() == Through::Link || !plan.options.links.keep {
        return None;
    }
    let text = match &dir.recorded {
        Some(listing) => listing.link_text(&name.name)?.to_vec(),
        None => munge::read_source(plan, dir.source(name.source)?, &name.name).ok()?,
    };
    let refused = charsets.to_remote(&text).err()?;
    let path = match refused.side {
        Side::Sender | Side::Client => source_path(plan, name.source, &dir.rel_of(&name.name)),
        Side::Receiver | Side::Generator => charsets.path_on_arrival(&dir.dst_rel_of(name.dst_name())),
    };
    let failure = failure(&refused, What::ConvertText, path);
    Some((refused, failure))
}

fn failure(refused: &Refused, what: What, path: Vec<u8>) -> Failure {
    let error = io::Error::from_raw_os_error(refused.errno);
    Failure::new(refused.side, what, path, &error).severity(Severity::ListingError)
}

/// A name, path or link's text of the source as a batch has it: in UTF-8 where character sets are converted.
#[must_use]
pub fn between(plan: &Plan, text: &[u8]) -> Vec<u8> {
    plan.charsets.as_ref().map_or_else(|| text.to_vec(), |charsets| charsets.between(text))
}

/// A path of the source as the destination has it; one that cannot be converted stays.
#[must_use]
pub fn path<'a>(plan: &Plan, path: &'a [u8]) -> Cow<'a, [u8]> {
    let converted = plan.charsets.as_ref().and_then(|charsets| charsets.to_remote(path).ok());
    converted.map_or(Cow::Borrowed(path), Cow::Owned)
}

/// A link's text as the destination has it.
///
/// # Errors
/// EILSEQ or EINVAL: it cannot be converted.
pub fn text(plan: &Plan, text: Vec<u8>) -> io::Result<Vec<u8>> {
    match &plan.charsets {
        None => Ok(text),
        Some(charsets) => {
            charsets.to_remote(&text).map_err(|refused| io::Error::from_raw_os_error(refused.errno))
        }
    }
}
