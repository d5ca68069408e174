//! Extended attributes and POSIX ACLs made equal (rsync(1), `--acls`, `--xattrs`).

use std::io;

use super::super::acl;
use super::super::at::At;
use super::super::xattr::{ACL_ACCESS, ACL_DEFAULT, Extras};
use crate::failure::What;

/// Makes the extended attributes equal; the ACLs are set by [`set_acls`], since the mode comes in between.
///
/// # Errors
/// The first that could not be set or removed.
pub fn set_xattrs(at: At<'_>, want: &Extras, have: &Extras) -> Result<(), (What, io::Error)> {
    for (name, value) in &want.xattrs {
        if !have.xattrs.iter().any(|(other, there)| other == name && there == value) {
            at.set_xattr(name, value).map_err(|error| (What::SetXattr, error))?;
        }
    }
    for (name, _) in &have.xattrs {
        if !want.xattrs.iter().any(|(other, _)| other == name) {
            at.remove_xattr(name).map_err(|error| (What::SetXattr, error))?;
        }
    }
    Ok(())
}

/// Makes the ACLs equal. The mode says part of the access ACL, and has to be set after it: removing an ACL leaves its
/// mask behind as group bits.
///
/// # Errors
/// The first that could not be set or removed.
pub fn set_acls(at: At<'_>, mode: u32, want: &Extras, have: &Extras) -> Result<(), (What, io::Error)> {
    let full = |access: &Option<Vec<u8>>| access.clone().map(|access| acl::with_mode(access, mode));
    for (name, want, have) in
        [(ACL_ACCESS, &full(&want.access), &full(&have.access)), (ACL_DEFAULT, &want.default, &have.default)]
    {
        if want == have {
            continue;
        }
        let done = match want {
            Some(value) => at.set_xattr(name, value),
            None => at.remove_xattr(name),
        };
        done.map_err(|error| (What::SetAcl, error))?;
    }
    Ok(())
}
