//! What only root may set, kept in extended attributes (rsync(1), `--fake-super`).

use std::ffi::CStr;
use std::io;
use std::os::fd::AsFd;

use rsync_compat::fake::{FakeStat, NAMESPACE, real_permissions};
use uring_ext::plain::{self, OFlags};

use super::xattr::{ACCESS_WORD, DEFAULT_WORD, Unset, set_acl};
use crate::entry::Meta;
use crate::failure::What;
use crate::pipeline::attributes::KEEP_OWNER;
use crate::pipeline::attributes::acl;
use crate::pipeline::attributes::fake::{STAT, Stored, stored};
use crate::pipeline::attributes::xattr::{Extended, Xattr};
use crate::pipeline::handles::at::At;
use crate::plan::Plan;

/// The access ACL.
const ACCESS_ACL: &CStr = c"user.rsync.%aacl";
/// The default ACL.
const DEFAULT_ACL: &CStr = c"user.rsync.%dacl";

/// Makes the regular file that stands for a link, a device or the like.
///
/// # Errors
/// Those of open(2) and write(2).
pub fn make(dir: impl AsFd, name: &CStr, mode: u32, content: &[u8]) -> io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
    let file = plain::openat(dir, name, flags, real_permissions(mode))?;
    plain::write_all(&file, content)
}

/// Gives a file permissions, and keeps apart what they cannot say: nothing when that is all.
///
/// # Errors
/// What failed.
pub fn set_stat(at: At<'_>, wanted: &Meta) -> Result<(), (What, io::Error)> {
    let real = at.look().map_err(|error| (What::StatDestination, error))?;
    let seen = stored(at);
    let permissions = real_permissions(wanted.mode);
    if real.permissions() != permissions {
        // What others own keeps its own: that is the kept mode's to tell.
        let _ = at.chmod(permissions);
    }
    // What its owner could not read was told, and can be read now.
    let (kept, unread) = match seen {
        Ok(kept) => (kept, None),
        Err(error) => match stored(at) {
            Ok(kept) => (kept, Some((What::ReadFake, error))),
            Err(_) => return Err((What::ReadFake, error)),
        },
    };
    // Who is not to be kept is nobody but root to whoever is told of it.
    let owner = |wanted: u32| if wanted == KEEP_OWNER { 0 } else { wanted };
    let half = |number: u64| u32::try_from(number & 0xffff_ffff).unwrap_or(0);
    let rdev = if wanted.kind().is_device() { wanted.rdev } else { 0 };
    let stat = FakeStat {
        mode: wanted.mode,
        major: half(rdev >> 32),
        minor: half(rdev),
        uid: owner(wanted.uid),
        gid: owner(wanted.gid),
    };
    let has_device = rdev == if real.kind().is_device() { real.rdev } else { 0 };
    let plain_file = has_device
        && wanted.mode == real.mode & !0o7777 | permissions
        && (stat.uid, stat.gid) == (real.uid, real.gid);
    let done = match (&kept, plain_file) {
        (Stored::Nothing, true) => Ok(()),
        (_, true) => at.remove_xattr(STAT),
        (Stored::Stat(kept), false) if *kept == stat => Ok(()),
        (_, false) => at.set_xattr(STAT, &stat.to_text()),
    };
    done.map_err(|error| (What::WriteFake, error))?;
    unread.map_or(Ok(()), Err)
}

/// What there is that may be removed: only where rules decide on names, those that are not the user's too.
#[must_use]
pub fn removable(plan: &Plan, have: &[Xattr]) -> Vec<Xattr> {
    let ruled = !plan.rules.xattr_rules().is_empty();
    let ours = |(name, _): &&Xattr| ruled || name.to_bytes().starts_with(NAMESPACE);
    have.iter().filter(ours).cloned().collect()
}

/// Makes the ACLs that are kept equal, those of a file of these permission bits.
///
/// # Errors
/// The first that could not be set or removed.
pub fn set_acls(at: At<'_>, permissions: u32, want: &Extended, have: &Extended) -> Result<(), Unset> {
    if want.access != have.access {
        let value = want.access.as_ref().map_or_else(acl::no_access_fake, |acl| acl.to_fake(permissions));
        set_acl(at, ACCESS_ACL, Some(value)).map_err(|error| (What::SetAcl, ACCESS_WORD, error))?;
    }
    if want.default != have.default {
        let value = want.default.as_deref().map(acl::default_to_fake);
        set_acl(at, DEFAULT_ACL, value).map_err(|error| (What::SetAcl, DEFAULT_WORD, error))?;
    }
    Ok(())
}
