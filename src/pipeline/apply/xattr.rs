//! Extended attributes and POSIX ACLs made equal (rsync(1), `--acls`, `--xattrs`).

use std::ffi::CStr;
use std::io;

use crate::failure::What;
use crate::pipeline::attributes::acl;
use crate::pipeline::attributes::xattr::{ACL_ACCESS, ACL_DEFAULT, Extended, Xattr, extraneous};
use crate::pipeline::handles::at::At;

/// What could not be set: the operation, the name that its message shows, the reason.
pub type Unset = (What, &'static [u8], io::Error);

/// Makes extended attributes equal; `failed` is told of each that could not be set or removed. The ACLs are set by
/// [`set_acls`], since the mode comes in between. Whether anything changed.
pub fn set_xattrs(
    at: At<'_>,
    want: &[Xattr],
    have: &[Xattr],
    failed: &dyn Fn(What, &CStr, &io::Error),
) -> bool {
    let mut changed = false;
    let mut note = |what: What, name: &CStr, done: io::Result<()>| match done {
        Ok(()) => changed = true,
        Err(error) => failed(what, name, &error),
    };
    for (name, value) in want {
        if !have.iter().any(|(other, there)| other == name && there == value) {
            note(What::SetXattr, name, at.set_xattr(name, value));
        }
    }
    for name in extraneous(want, have) {
        note(What::RemoveXattr, name, at.remove_xattr(name));
    }
    changed
}

/// Makes the ACLs equal, those of a file of these permission bits. They have to be set after it: removing an ACL leaves
/// its mask behind as group bits.
///
/// # Errors
/// The first that could not be set or removed.
pub fn set_acls(at: At<'_>, permissions: u32, want: &Extended, have: &Extended) -> Result<(), Unset> {
    if want.access != have.access {
        let value = want.access.as_ref().map(|access| access.to_kernel(permissions));
        set_acl(at, ACL_ACCESS, value).map_err(|error| (What::SetAcl, ACCESS_WORD, error))?;
    }
    if want.default != have.default {
        set_acl(at, ACL_DEFAULT, want.default.as_deref().map(acl::default_to_kernel))
            .map_err(|error| (What::SetAcl, DEFAULT_WORD, error))?;
    }
    Ok(())
}

/// What messages call the access ACL.
pub const ACCESS_WORD: &[u8] = b"ACL_TYPE_ACCESS";
/// What messages call the default ACL.
pub const DEFAULT_WORD: &[u8] = b"ACL_TYPE_DEFAULT";

/// Sets or removes one ACL.
///
/// # Errors
/// Those of setxattr(2) and removexattr(2).
pub fn set_acl(at: At<'_>, name: &CStr, value: Option<Vec<u8>>) -> io::Result<()> {
    match value {
        Some(value) => at.set_xattr(name, &value),
        None => at.remove_xattr(name),
    }
}
