//! Which attributes an entry is to have, and in which of them what is there differs. This file is pure; those
//! below it read extended attributes and ACLs.

pub mod xattr;
pub mod acl;
pub mod extended;
pub mod fake;

use rsync_compat::options::Compare;
use rsync_compat::output::itemize::Changes;
use uring_ext::plain::{self, Time};

use self::extended::Compared;
use self::xattr::ExtendedPair;
use super::handles::dir::Dir;
use crate::entry::{Kind, Meta};
use crate::plan::{Plan, Power};

/// The attributes an entry is to have at the destination, beyond what the source says: without `-p`, `-o`, `-g` some
/// come from what is there, or from the umask (rsync(1), `--perms`, `--executability`).
#[must_use]
pub fn wanted(plan: &Plan, dir: &Dir, told: &Meta, there: Option<&Meta>) -> Meta {
    match there.filter(|there| is_model(told.kind(), there.kind())) {
        Some(there) => wanted_over(plan, told, there),
        None if plan.options.preserve.perms => with_owners(plan, told),
        None => wanted_new(plan, told, dir.umask(plan)),
    }
}

/// Whether an entry takes its permissions, without `-p`, from what it replaces: a device, FIFO or socket does so from
/// whatever has its name, be it a link.
fn is_model(kind: Kind, there: Kind) -> bool {
    let is_node = matches!(kind, Kind::Char | Kind::Block | Kind::Fifo | Kind::Socket);
    kind == there || is_node && there != Kind::Dir
}

/// The attributes that an entry is to have which the destination lacks; without `-p` it lacks the bits of `umask`.
#[must_use]
pub fn wanted_new(plan: &Plan, told: &Meta, umask: u32) -> Meta {
    let mut meta = with_owners(plan, told);
    if !plan.options.preserve.perms && has_permissions(plan, told) {
        meta.mode = told.mode & !0o7777 | new_permissions(told, umask);
    }
    meta
}

/// The attributes that an entry is to have where the destination has one of its kind, which it replaces or which stays.
#[must_use]
pub fn wanted_over(plan: &Plan, told: &Meta, there: &Meta) -> Meta {
    let preserve = &plan.options.preserve;
    let mut meta = with_owners(plan, told);
    if !preserve.perms && has_permissions(plan, told) {
        let permissions = if preserve.executability && told.kind() == Kind::File {
            executability(told.permissions(), there.permissions())
        } else {
            there.permissions()
        };
        meta.mode = told.mode & !0o7777 | permissions;
    }
    meta
}

/// Without `-p`, and where a directory is opened up, what stays gets the source's mode all the same when its extended
/// attributes change, as in rsync.
#[must_use]
pub fn with_xattrs(plan: &Plan, wanted: Meta, told: &Meta, extended: Option<&ExtendedPair>) -> Meta {
    let changed = extended.is_some_and(|pair| pair.changes().contains(Changes::XATTR));
    if !changed || !has_permissions(plan, &wanted) {
        return wanted;
    }
    Meta { mode: told.mode, ..wanted }
}

/// Links have no permissions, but the files that stand for them do (`--fake-super`).
fn has_permissions(plan: &Plan, told: &Meta) -> bool {
    told.kind() != Kind::Symlink || plan.identity.receiver == Power::Fake
}

/// The first protocol that carries fractions of seconds.
const EXACT_TIMES: i32 = 31;

fn with_owners(plan: &Plan, told: &Meta) -> Meta {
    let (preserve, identity) = (&plan.options.preserve, &plan.identity);
    let mut meta = *told;
    if plan.options.protocol < EXACT_TIMES {
        meta.mtime.nsec = 0;
    }
    if !(preserve.owner && identity.receiver.is_super()) {
        meta.uid = KEEP_OWNER;
    }
    if !(preserve.group && (identity.receiver.is_super() || identity.groups.contains(&told.gid))) {
        meta.gid = KEEP_OWNER;
    }
    meta
}

/// Whether owner and group are to be kept and are [`KEEP_OWNER`]: such a number cannot be set
/// (`--usermap=*:4294967295`).
#[must_use]
pub fn impossible(plan: &Plan, wanted: &Meta) -> (bool, bool) {
    let (preserve, receiver) = (&plan.options.preserve, plan.identity.receiver);
    let sets = receiver == Power::Full;
    (sets && preserve.owner && wanted.uid == KEEP_OWNER, sets && preserve.group && wanted.gid == KEEP_OWNER)
}

/// Stands for "whatever owner or group the file has": chown(2)'s value for no change.
pub const KEEP_OWNER: u32 = plain::UNCHANGED;

/// Without `-p`: the source's bits below the umask, without set-id and sticky bits.
fn new_permissions(told: &Meta, umask: u32) -> u32 {
    told.permissions() & 0o777 & !umask
}

/// `-E`: executable for those who may read when the source is executable at all, for nobody when it is not.
fn executability(source: u32, there: u32) -> u32 {
    if source & 0o111 == 0 {
        there & !0o111
    } else if there & 0o111 != 0 {
        there
    } else {
        there | (there & 0o444) >> 2
    }
}

/// Which attributes differ, in the letters of `--itemize-changes`; data is not looked at.
#[must_use]
pub fn changes(plan: &Plan, wanted: &Meta, there: &Meta) -> Changes {
    let preserve = &plan.options.preserve;
    let kind = wanted.kind();
    let mut changes = Changes::NONE;
    if keeps_time(plan, kind) && !same_time(&plan.options.compare, wanted.mtime, there.mtime) {
        changes |= Changes::TIME;
    }
    if preserve.atimes > 0
        && !matches!(kind, Kind::Dir | Kind::Symlink)
        && !same_time(&plan.options.compare, wanted.atime, there.atime)
    {
        changes |= Changes::ATIME;
    }
    if (preserve.perms || preserve.executability)
        && has_permissions(plan, wanted)
        && wanted.permissions() != there.permissions()
    {
        changes |= Changes::PERMS;
    }
    let (no_owner, no_group) = impossible(plan, wanted);
    if wanted.uid != KEEP_OWNER && wanted.uid != there.uid || no_owner {
        changes |= Changes::OWNER;
    }
    if wanted.gid != KEEP_OWNER && wanted.gid != there.gid || no_group {
        changes |= Changes::GROUP;
    }
    changes
}

/// The letters that rsync shows for an entry that stays: it looks again after it has set owner and ACLs, so what these
/// brought about is not told (`compat-tests/tests/metadata.rs`). A dry run sets nothing and tells all.
#[must_use]
pub fn shown(plan: &Plan, compared: &Compared, there: &Meta) -> Changes {
    let (wanted, changes) = (&compared.wanted, compared.changes);
    let extended = compared.extended.as_deref();
    let fakes = plan.identity.receiver == Power::Fake;
    // Who may not change the owner or group of a file brings nothing about.
    let refused = !plan.identity.receiver.is_super() && there.uid != plan.identity.uid;
    if plan.options.write.dry_run || fakes || refused || there.kind() == Kind::Symlink {
        return changes;
    }
    let mut shown = changes;
    let mut permissions = there.permissions();
    if changes.intersects(Changes::OWNER | Changes::GROUP) && permissions & 0o6000 != 0 {
        shown = shown.without(Changes::OWNER | Changes::GROUP);
        permissions &= if permissions & 0o010 != 0 { !0o6000 } else { !0o4000 };
    }
    if changes.intersects(Changes::OWNER | Changes::GROUP)
        && extended.is_some_and(|pair| {
            xattr::changes(&pair.want, &xattr::after_chown(&pair.have)).contains(Changes::XATTR)
        })
    {
        shown |= Changes::XATTR;
    }
    if extended.is_some_and(|pair| pair.want.access != pair.have.access) {
        permissions = permissions & 0o7000 | wanted.permissions() & 0o777;
    }
    if permissions != there.permissions() && changes_permissions(plan) {
        shown = shown.without(Changes::PERMS);
        if tells_permissions(plan, permissions, wanted.permissions()) {
            shown |= Changes::PERMS;
        }
    }
    shown
}

/// Whether the letter for permissions stands for this difference: `-E` alone asks whether somebody may execute the file.
fn tells_permissions(plan: &Plan, there: u32, wanted: u32) -> bool {
    let runs = |mode: u32| mode & 0o111 != 0;
    if plan.options.preserve.perms { there != wanted } else { runs(there) != runs(wanted) }
}

fn changes_permissions(plan: &Plan) -> bool {
    plan.options.preserve.perms || plan.options.preserve.executability
}

/// Whether the modification time of this kind of entry is set.
#[must_use]
pub fn keeps_time(plan: &Plan, kind: Kind) -> bool {
    let preserve = &plan.options.preserve;
    match kind {
        Kind::Dir => preserve.times && !preserve.omit_dir_times,
        Kind::Symlink => preserve.times && !preserve.omit_link_times,
        _ => preserve.times,
    }
}

/// The time among the letters of an entry that is made in place of one of its kind: where its time is left alone by an
/// option, it is told as if it changed.
#[must_use]
pub fn time_when_made(plan: &Plan, kind: Kind) -> Changes {
    match (plan.options.preserve.times, keeps_time(plan, kind)) {
        (true, true) => Changes::NONE,
        (true, false) => Changes::TIME,
        (false, _) => Changes::TIME_NOW,
    }
}

/// Whether the access time of this kind of entry is kept; that of a link is, though no letter tells of it.
#[must_use]
pub fn keeps_access_time(plan: &Plan, kind: Kind) -> bool {
    let preserve = &plan.options.preserve;
    preserve.atimes > 0
        && match kind {
            Kind::Dir => false,
            Kind::Symlink => !preserve.omit_link_times,
            _ => true,
        }
}

/// Whether two times count as equal (`--modify-window`: whole seconds by default, nanoseconds when negative).
#[must_use]
pub fn same_time(compare: &Compare, a: Time, b: Time) -> bool {
    match compare.modify_window {
        0 => a.sec == b.sec,
        window if window < 0 => a == b,
        window => a.sec.abs_diff(b.sec) <= window.unsigned_abs(),
    }
}
