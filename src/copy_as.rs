//! `--copy-as=USER[:GROUP]`: the rest of the run belongs to another user (rsync(1)).

use std::io;

use rsync_compat::exit::Exit;
use uring_ext::process;

use crate::failure::{Cause, CopyAs, Fatal, Side, errno_of};

/// Becomes that user, for good, with the user's own groups or with the one that is given.
///
/// # Errors
/// What ends the run: there is no such user or group, or becoming another is not ours to do.
pub fn become_user(text: &[u8]) -> Result<(), Fatal> {
    let (user, group) = match text.iter().position(|&byte| byte == b':') {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let uid = id(user, process::user_id).ok_or_else(|| refused(CopyAs::User(user.to_vec())))?;
    let (gid, groups) = match group {
        Some(group) => {
            let gid = id(group, process::group_id).ok_or_else(|| refused(CopyAs::Group(group.to_vec())))?;
            (gid, vec![gid])
        }
        None => {
            let account =
                process::account(uid).ok_or_else(|| failed("getpwuid", &io::Error::from_raw_os_error(0)))?;
            let groups = process::groups_of(&account).map_err(|error| failed("getgrouplist", &error))?;
            (account.gid, groups)
        }
    };
    process::run_as(uid, gid, &groups).map_err(|(call, error)| failed(call, &error))
}

/// A number, or what a name stands for.
fn id(text: &[u8], find: fn(&str) -> Option<u32>) -> Option<u32> {
    let text = std::str::from_utf8(text).ok().filter(|text| !text.is_empty())?;
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { find(text) }
}

fn failed(name: &'static str, error: &io::Error) -> Fatal {
    refused(CopyAs::Call { name, errno: errno_of(error) })
}

fn refused(fault: CopyAs) -> Fatal {
    Fatal { side: Side::Sender, cause: Cause::CopyAs(fault), exit: Exit::Syntax }
}
