//! `--copy-as=USER[:GROUP]`: the rest of the run belongs to another user (rsync(1)).

use rsync_compat::exit::Exit;
use uring_ext::process;

use crate::failure::{Fatal, Side, reason};

/// Becomes that user, for good, with the user's own groups or with the one that is given.
///
/// # Errors
/// What ends the run: there is no such user or group, or becoming another is not ours to do.
pub fn become_user(text: &[u8]) -> Result<(), Fatal> {
    let (user, group) = match text.iter().position(|&byte| byte == b':') {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let uid = id(user, process::user_id).ok_or_else(|| invalid("user", user))?;
    let (gid, groups) = match group {
        Some(group) => {
            let gid = id(group, process::group_id).ok_or_else(|| invalid("group", group))?;
            (gid, vec![gid])
        }
        None => {
            let account = process::account(uid).ok_or_else(|| failed("getpwuid", 0))?;
            let groups = process::groups_of(&account).map_err(|error| io_failed("getgrouplist", &error))?;
            (account.gid, groups)
        }
    };
    process::run_as(uid, gid, &groups).map_err(|(call, error)| io_failed(call, &error))
}

/// A number, or what a name stands for.
fn id(text: &[u8], find: fn(&str) -> Option<u32>) -> Option<u32> {
    let text = std::str::from_utf8(text).ok().filter(|text| !text.is_empty())?;
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { find(text) }
}

fn invalid(kind: &str, name: &[u8]) -> Fatal {
    refused([format!("Invalid copy-as {kind}: ").as_bytes(), name].concat())
}

fn io_failed(call: &str, error: &std::io::Error) -> Fatal {
    failed(call, error.raw_os_error().unwrap_or(0))
}

fn failed(call: &str, errno: i32) -> Fatal {
    refused(format!("rsync: [sender] {call} failed: {}", reason(errno)).into_bytes())
}

fn refused(message: Vec<u8>) -> Fatal {
    Fatal { side: Side::Sender, message, code: Exit::Syntax.code() }
}
