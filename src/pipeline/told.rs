//! What the sides tell each other of a file: `--chmod` and the owner maps applied.

use rsync_compat::chmod::ModeKind;
use uring_ext::process;

use crate::entry::{Kind, Meta};
use crate::plan::Plan;

/// What the receiving side is told about the name: `--chmod` and the owner maps applied.
#[must_use]
pub fn as_told(plan: &Plan, meta: Meta) -> Meta {
    mapped(plan, as_sent(plan, meta))
}

/// What the sending side tells: `--chmod` applied.
#[must_use]
pub fn as_sent(plan: &Plan, mut meta: Meta) -> Meta {
    if let Some(chmod) = &plan.chmod
        && meta.kind() != Kind::Symlink
    {
        let kind = if meta.kind() == Kind::Dir { ModeKind::Directory } else { ModeKind::Other };
        meta.mode = meta.mode & !0o7777 | chmod.apply(meta.permissions(), kind, plan.identity.umask) & 0o7777;
    }
    meta
}

/// What the receiving side makes of owners: the maps applied.
#[must_use]
pub fn mapped(plan: &Plan, mut meta: Meta) -> Meta {
    if let Some(users) = &plan.ids.users {
        let name = named(plan, process::user_name, meta.uid);
        meta.uid = users.map(meta.uid, name.as_deref()).unwrap_or(meta.uid);
    }
    if let Some(groups) = &plan.ids.groups {
        let name = named(plan, process::group_name, meta.gid);
        meta.gid = groups.map(meta.gid, name.as_deref()).unwrap_or(meta.gid);
    }
    meta
}

/// The name of an id, which maps go by unless `--numeric-ids` forbids it.
fn named(plan: &Plan, find: fn(u32) -> Option<String>, id: u32) -> Option<Vec<u8>> {
    if plan.options.preserve.numeric_ids { None } else { find(id).map(String::into_bytes) }
}
