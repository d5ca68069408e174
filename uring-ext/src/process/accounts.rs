//! Users and groups of the system, by name and by number, and becoming one of them.

use std::ffi::CString;
use std::io;

/// The user's number, by name; `None` when there is no such user, or nobody to ask.
#[must_use]
pub fn user_id(name: &str) -> Option<u32> {
    nix::unistd::User::from_name(name).ok()?.map(|user| user.uid.as_raw())
}

/// The user's name, by number.
#[must_use]
pub fn user_name(uid: u32) -> Option<String> {
    nix::unistd::User::from_uid(uid.into()).ok()?.map(|user| user.name)
}

/// The group's number, by name.
#[must_use]
pub fn group_id(name: &str) -> Option<u32> {
    nix::unistd::Group::from_name(name).ok()?.map(|group| group.gid.as_raw())
}

/// The group's name, by number.
#[must_use]
pub fn group_name(gid: u32) -> Option<String> {
    nix::unistd::Group::from_gid(gid.into()).ok()?.map(|group| group.name)
}

/// A user of the system, as far as it takes to become that user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The name.
    pub name: CString,
    /// The group that files get.
    pub gid: u32,
}

/// The account of a number.
#[must_use]
pub fn account(uid: u32) -> Option<Account> {
    let user = nix::unistd::User::from_uid(uid.into()).ok()??;
    Some(Account { name: CString::new(user.name).ok()?, gid: user.gid.as_raw() })
}

/// All groups of an account, getgrouplist(3).
///
/// # Errors
/// Those of getgrouplist(3).
pub fn groups_of(account: &Account) -> io::Result<Vec<u32>> {
    let groups = nix::unistd::getgrouplist(&account.name, account.gid.into())?;
    Ok(groups.into_iter().map(nix::unistd::Gid::as_raw).collect())
}

/// Makes the whole process that of another user, for good: call this before there are threads. Which call failed comes
/// with the error.
///
/// # Errors
/// Those of setgid(2), setgroups(2) and setuid(2).
pub fn run_as(uid: u32, gid: u32, groups: &[u32]) -> Result<(), (&'static str, io::Error)> {
    use nix::unistd::{Gid, setgid, setgroups, setuid};
    let groups: Vec<Gid> = groups.iter().copied().map(Gid::from_raw).collect();
    setgid(gid.into()).map_err(|error| ("setgid", error.into()))?;
    setgroups(&groups).map_err(|error| ("setgroups", error.into()))?;
    setuid(uid.into()).map_err(|error| ("setuid", error.into()))
}
