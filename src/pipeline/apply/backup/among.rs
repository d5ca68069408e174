//! Backups that come to lie where files of the transfer do: what is kept of one must not come after another one that has
//! the name.

use std::collections::HashSet;

use crate::pipeline::engine::worker::Worker;
use crate::pipeline::handles::name::Name;

/// Whether one of these names, which stand in one directory, is that of another one's backup there.
#[must_use]
pub fn lie_among(worker: &Worker, names: &[Name]) -> bool {
    let Some(backup) = &worker.run.plan.options.backup else { return false };
    let is_beside = backup.dir.as_deref().is_none_or(|dir| {
        let leads_on = |name: &[u8]| !matches!(name, b"" | b".");
        !dir.starts_with(b"/") && !dir.split(|&byte| byte == b'/').any(leads_on)
    });
    if !is_beside || backup.suffix.is_empty() {
        return false;
    }
    let kept = names.iter().filter_map(|name| name.dst_name().to_bytes().strip_suffix(&*backup.suffix));
    let kept: HashSet<&[u8]> = kept.collect();
    !kept.is_empty() && names.iter().any(|name| kept.contains(name.dst_name().to_bytes()))
}
