//! Extended attributes and POSIX ACLs: read and compared (rsync(1), `--acls`, `--xattrs`).

use std::ffi::{CStr, CString};
use std::io;

use rsync_compat::fake;
use rsync_compat::filter::{Action, Side as RuleSide};
use rsync_compat::output::itemize::Changes;

use uring_ext::mode::errno::{EINVAL, ENODATA, EOPNOTSUPP};

use super::acl::{self, Access};
use crate::entry::Meta;
use crate::failure::{Failure, Side, What};
use crate::path_text::c_name;
use crate::pipeline::handles::at::At;
use crate::plan::{Plan, Power};

/// The access ACL as the kernel stores it.
pub const ACL_ACCESS: &CStr = c"system.posix_acl_access";
/// The default ACL of a directory.
pub const ACL_DEFAULT: &CStr = c"system.posix_acl_default";

/// What a program may do though its user may not.
const CAPABILITIES: &CStr = c"security.capability";

/// The name and the value of an extended attribute.
pub type Xattr = (CString, Vec<u8>);

/// What one file has beyond its inode's plain fields.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extended {
    /// The access ACL, when there is more to it than the mode says.
    pub access: Option<Access>,
    /// The default ACL of a directory.
    pub default: Option<Vec<u8>>,
    /// Names and values, sorted by name.
    pub xattrs: Vec<Xattr>,
}

impl Extended {
    /// The source's, for a file that gets the attributes `wanted` and not all those it is told with.
    #[must_use]
    pub fn fitted(self, told: &Meta, wanted: &Meta) -> Extended {
        let access = self.access.map(|access| access.fitted(told.permissions(), wanted.permissions()));
        Extended { access, ..self }
    }
}

/// Whether anything of the kind is kept at all.
#[inline]
#[must_use]
pub fn wanted(plan: &Plan) -> bool {
    plan.options.preserve.acls || plan.options.preserve.xattrs > 0
}

/// What could not be read of a file.
#[derive(Debug)]
pub struct Unread {
    what: What,
    /// What follows the path in messages.
    behind: Vec<u8>,
    /// The reason.
    pub error: io::Error,
}

impl Unread {
    /// Not even the names could be read.
    #[must_use]
    pub fn list(error: io::Error) -> Unread {
        Unread { what: What::ListXattr, behind: Vec::new(), error }
    }

    fn value(slot: Slot, name: &CStr, error: io::Error) -> Unread {
        let behind = match slot {
            Slot::Xattr => [b"\",\"", name.to_bytes(), b"\",0"].concat(),
            _ => Vec::new(),
        };
        Unread { what: slot.reading(), behind, error }
    }

    /// The failure that it is, of the file at this path.
    #[must_use]
    pub fn failure(&self, side: Side, path: &[u8]) -> Failure {
        Failure::new(side, self.what, [path, &self.behind].concat(), &self.error)
    }
}

/// Extended attributes and ACLs of one entry: what it is to have, and what it has.
#[derive(Debug)]
pub struct ExtendedPair {
    /// To have.
    pub want: Extended,
    /// Has.
    pub have: Extended,
}

impl ExtendedPair {
    /// Whether neither side has any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let is_empty =
            |side: &Extended| side.access.is_none() && side.default.is_none() && side.xattrs.is_empty();
        is_empty(&self.want) && is_empty(&self.have)
    }

    /// The letters that stand for the difference.
    #[must_use]
    pub fn changes(&self) -> Changes {
        changes(&self.want, &self.have)
    }
}

/// Reads what `-A` and `-X` keep of a file of these permission bits. A file system without extended attributes has
/// none.
///
/// # Errors
/// What could not be read, as messages name it.
pub fn read(plan: &Plan, at: At<'_>, side: RuleSide, permissions: u32) -> Result<Extended, Unread> {
    let mut list = Vec::new();
    match at.list_xattrs(&mut list) {
        Ok(()) => {}
        Err(error) if is_unsupported(&error) => return Ok(Extended::default()),
        // For ACLs alone nobody has to know other names, which NFS tells only to who may read the file.
        Err(_) if plan.options.preserve.xattrs == 0 => list = acl_names(),
        Err(error) => return Err(Unread::list(error)),
    }
    let mut extended = Extended::default();
    for name in list.split_inclusive(|&byte| byte == 0) {
        let Ok(name) = CStr::from_bytes_with_nul(name) else { continue };
        let slot = Slot::of(plan, name, side);
        if slot == Slot::Ignored {
            continue;
        }
        let mut value = Vec::new();
        match at.get_xattr(name, &mut value) {
            Ok(()) => {}
            // Removed since it was listed, or only looked for.
            Err(error) if error.raw_os_error() == Some(ENODATA) || is_unsupported(&error) => continue,
            Err(error) => return Err(Unread::value(slot, name, error)),
        }
        let keeps_acl = matches!(slot, Slot::FakeAccess | Slot::FakeDefault);
        if keeps_acl && side == RuleSide::Sender && !acl::is_fake(&value) {
            return Err(Unread::value(slot, name, io::Error::from_raw_os_error(EINVAL)));
        }
        if matches!(slot, Slot::Access | Slot::Default) && is_kept_apart(plan, name, side) {
            extended.xattrs.push((kept_as(plan, name, side), value.clone()));
        }
        match slot {
            Slot::Access => extended.access = Access::of_kernel(&value),
            Slot::Default => extended.default = Some(value),
            Slot::FakeAccess => extended.access = Access::of_fake(&value, permissions),
            Slot::FakeDefault => extended.default = acl::default_of_fake(&value),
            Slot::Xattr => {
                if side == RuleSide::Receiver || !is_refused(plan, sent_as(plan, name)) {
                    extended.xattrs.push((kept_as(plan, name, side), value));
                }
            }
            Slot::Ignored => {}
        }
    }
    extended.xattrs.sort();
    Ok(extended)
}

/// The names that ACLs are kept under, as a listing has them.
fn acl_names() -> Vec<u8> {
    let names = [ACL_ACCESS.to_bytes(), ACL_DEFAULT.to_bytes(), fake::ACCESS_ACL, fake::DEFAULT_ACL];
    names.iter().flat_map(|name| name.iter().copied().chain([0])).collect()
}

fn is_unsupported(error: &io::Error) -> bool {
    error.raw_os_error() == Some(EOPNOTSUPP)
}

fn power(plan: &Plan, side: RuleSide) -> Power {
    match side {
        RuleSide::Sender => plan.identity.sender,
        RuleSide::Receiver => plan.identity.receiver,
    }
}

/// The name that an attribute of the source stands for.
fn sent_as<'a>(plan: &Plan, name: &'a CStr) -> &'a [u8] {
    let bytes = name.to_bytes();
    match plan.identity.sender {
        Power::Fake => bytes.strip_prefix(fake::PREFIX).unwrap_or(bytes),
        Power::Ordinary | Power::Full => bytes,
    }
}

/// The name that an attribute has at the destination: who may not set foreign ones keeps them in the user's namespace.
fn kept_as(plan: &Plan, name: &CStr, side: RuleSide) -> CString {
    if side == RuleSide::Receiver {
        return name.to_owned();
    }
    let real = sent_as(plan, name);
    let foreign = plan.identity.receiver != Power::Full && !real.starts_with(fake::NAMESPACE);
    c_name(&if foreign { [fake::PREFIX, real].concat() } else { real.to_vec() })
}

/// Whether an ACL of the source is kept beside the file's own ones, too: rules on names let every name through, and
/// there it has another one.
fn is_kept_apart(plan: &Plan, name: &CStr, side: RuleSide) -> bool {
    side == RuleSide::Sender
        && plan.identity.receiver != Power::Full
        && is_ruled(plan, name, side)
        && !is_refused(plan, name.to_bytes())
}

/// Whether there are rules on names, and they keep this one.
fn is_ruled(plan: &Plan, name: &CStr, side: RuleSide) -> bool {
    let ruled = plan.options.preserve.xattrs > 0 && !plan.rules.xattr_rules().is_empty();
    ruled && is_kept(plan, name.to_bytes(), side)
}

/// What one name in the list is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Access,
    Default,
    FakeAccess,
    FakeDefault,
    Xattr,
    Ignored,
}

impl Slot {
    fn of(plan: &Plan, name: &CStr, side: RuleSide) -> Slot {
        let preserve = &plan.options.preserve;
        let fakes = power(plan, side) == Power::Fake;
        let acl = |slot, of_fake| match preserve.acls && of_fake == fakes {
            true => slot,
            // Rules on names make an attribute like any other of it.
            false if is_ruled(plan, name, side) => Slot::Xattr,
            false => Slot::Ignored,
        };
        if name == ACL_ACCESS {
            return acl(Slot::Access, false);
        }
        if name == ACL_DEFAULT {
            return acl(Slot::Default, false);
        }
        if fakes {
            match name.to_bytes() {
                fake::STAT => return Slot::Ignored,
                fake::ACCESS_ACL => return acl(Slot::FakeAccess, true),
                fake::DEFAULT_ACL => return acl(Slot::FakeDefault, true),
                _ => {}
            }
        }
        if preserve.xattrs > 0 && is_kept(plan, name.to_bytes(), side) { Slot::Xattr } else { Slot::Ignored }
    }

    fn reading(self) -> What {
        if self == Slot::Xattr { What::GetXattr } else { What::GetAcl }
    }
}

/// Root keeps every namespace but `system`, others only `user`; rules on names replace that, and then ACLs are
/// attributes like others (rsync(1), `--xattrs`).
/// What `--fake-super` kept in the source is left out, which at the destination is as extraneous as others.
fn is_kept(plan: &Plan, name: &[u8], side: RuleSide) -> bool {
    let power = power(plan, side);
    let all = plan.options.preserve.xattrs > 1 && power != Power::Fake;
    if side == RuleSide::Sender && !all && name.starts_with(b"user.rsync.%") {
        return false;
    }
    let rules = plan.rules.xattr_rules();
    if !rules.is_empty() {
        return rules.check(name, side) != Some(Action::Exclude);
    }
    if power.is_super() { !name.starts_with(b"system.") } else { name.starts_with(fake::NAMESPACE) }
}

/// Rules of the receiving side keep names out of what comes from the source, too; without any, who may not set foreign
/// ones takes only the user's.
fn is_refused(plan: &Plan, name: &[u8]) -> bool {
    let rules = plan.rules.xattr_rules();
    if rules.is_empty() {
        return plan.identity.receiver == Power::Ordinary && !name.starts_with(fake::NAMESPACE);
    }
    rules.check(name, RuleSide::Receiver) == Some(Action::Exclude)
}

/// What is left when the owner was changed: the kernel drops capabilities then.
#[must_use]
pub fn after_chown(have: &Extended) -> Extended {
    let kept = have.xattrs.iter().filter(|(name, _)| name.as_c_str() != CAPABILITIES);
    Extended { xattrs: kept.cloned().collect(), ..have.clone() }
}

/// The names that the source lacks, which go. The ACL that XFS lists as an attribute to root is not one of them: to
/// remove it would remove the ACL, which `-A` has made equal.
pub fn extraneous<'a>(want: &'a [Xattr], have: &'a [Xattr]) -> impl Iterator<Item = &'a CStr> {
    let names = have.iter().map(|(name, _)| name.as_c_str());
    names.filter(|&name| {
        !name.to_bytes().starts_with(b"trusted.SGI_ACL_")
            && !want.iter().any(|(other, _)| other.as_c_str() == name)
    })
}

/// Whether nothing is to be set or removed.
#[must_use]
pub fn same(want: &[Xattr], have: &[Xattr]) -> bool {
    want.iter().all(|one| have.contains(one)) && extraneous(want, have).next().is_none()
}

/// Whether an access ACL among the attributes is to be set or removed, which changes the mode.
#[must_use]
pub fn changes_acl(want: &[Xattr], have: &[Xattr]) -> bool {
    let acl = |list: &[Xattr]| list.iter().find(|(name, _)| name.as_c_str() == ACL_ACCESS).cloned();
    acl(want) != acl(have)
}

/// The letters that stand for the difference.
#[must_use]
pub fn changes(want: &Extended, have: &Extended) -> Changes {
    let mut changes = Changes::NONE;
    if want.access != have.access || want.default != have.default {
        changes |= Changes::ACL;
    }
    if !same(&want.xattrs, &have.xattrs) {
        changes |= Changes::XATTR;
    }
    changes
}
