//! Owners and modes on their way from the source to the destination: `--chmod` and the owner maps applied.

use rsync_compat::chmod::{Chmod, ModeKind};
use uring_ext::process;

use crate::entry::{Kind, Meta};
use crate::pipeline::attributes::acl::{self, IdsOf};
use crate::pipeline::attributes::xattr::Extended;
use crate::plan::Plan;

/// What the receiving side is told about the name: `--chmod` and the owner maps applied.
#[must_use]
pub fn as_told(plan: &Plan, meta: Meta) -> Meta {
    mapped(plan, as_sent(plan, meta))
}

/// What the sending side tells: `--chmod` applied.
#[must_use]
pub fn as_sent(plan: &Plan, mut meta: Meta) -> Meta {
    if let Some(chmod) = &plan.chmods.sent {
        meta.mode = changed(plan, chmod, meta);
    }
    meta
}

fn changed(plan: &Plan, chmod: &Chmod, meta: Meta) -> u32 {
    let kind = match meta.kind() {
        Kind::Symlink => return meta.mode,
        Kind::Dir => ModeKind::Directory,
        Kind::File | Kind::Char | Kind::Block | Kind::Fifo | Kind::Socket => ModeKind::Other,
    };
    meta.mode & !0o7777 | chmod.apply(meta.permissions(), kind, plan.identity.umask) & 0o7777
}

/// What the receiving side makes of it: the maps of owners applied, and a `--chmod` of its own.
#[must_use]
pub fn mapped(plan: &Plan, mut meta: Meta) -> Meta {
    if let Some(chmod) = &plan.chmods.received {
        meta.mode = changed(plan, chmod, meta);
    }
    meta.uid = user(plan, meta.uid);
    meta.gid = group(plan, meta.gid);
    meta
}

/// What the receiving side makes of users and groups in ACLs: the maps applied, whoever becomes the owner. Under
/// `--numeric-ids` they are only where the list is made as a whole.
#[must_use]
pub fn mapped_acls(plan: &Plan, extended: Extended) -> Extended {
    let unmapped = plan.ids.users.is_none() && plan.ids.groups.is_none();
    if unmapped || plan.options.preserve.numeric_ids && plan.options.select.incremental {
        return extended;
    }
    let ids = IdsOf { user: &|id| user(plan, id), group: &|id| group(plan, id) };
    let access = extended.access.map(|access| access.with_ids(ids));
    let default = extended.default.map(|default| acl::default_with_ids(default, ids));
    Extended { access, default, ..extended }
}

fn user(plan: &Plan, id: u32) -> u32 {
    let Some(users) = &plan.ids.users else { return id };
    users.map(id, named(plan, process::user_name, id).as_deref()).unwrap_or(id)
}

fn group(plan: &Plan, id: u32) -> u32 {
    let Some(groups) = &plan.ids.groups else { return id };
    groups.map(id, named(plan, process::group_name, id).as_deref()).unwrap_or(id)
}

/// The name of an id, which maps go by unless `--numeric-ids` forbids it.
fn named(plan: &Plan, find: fn(u32) -> Option<String>, id: u32) -> Option<Vec<u8>> {
    if plan.options.preserve.numeric_ids { None } else { find(id).map(String::into_bytes) }
}
