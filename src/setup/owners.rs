//! Who we are, and which owners and modes files get: `--chmod`, `--usermap`, `--groupmap`, `--super`.

use rsync_compat::chmod::Chmod;
use rsync_compat::exit::Exit;
use rsync_compat::idmap::{IdMap, MapKind};
use rsync_compat::options::{Claim, Options};
use uring_ext::process;

use crate::facts::Facts;
use crate::failure::{Cause, Fatal, Side};
use crate::plan::{Chmods, Identity, Ids, Power};

/// Who we are, and what each side may do.
pub(super) fn identity(options: &Options, facts: &Facts) -> Identity {
    let (uid, gid) = (process::effective_uid(), process::effective_gid());
    let mut groups = process::groups().unwrap_or_default();
    if !groups.contains(&gid) {
        groups.push(gid);
    }
    let power = |claim| match claim {
        Claim::Super => Power::Full,
        Claim::ByUser if uid == 0 => Power::Full,
        Claim::ByUser | Claim::Ordinary => Power::Ordinary,
        Claim::Fake => Power::Fake,
    };
    let (sender, receiver) = (power(options.preserve.sender_claim), power(options.preserve.receiver_claim));
    let passes_permissions = process::powers().dac_override;
    Identity { uid, gid, groups, sender, receiver, passes_permissions, umask: facts.umask }
}

/// `--chmod`.
pub(super) fn chmods(options: &Options) -> Result<Chmods, Fatal> {
    let received = options.receiving.as_ref().map_or(&[][..], |receiving| &receiving.chmod);
    Ok(Chmods { sent: chmod(&options.preserve.chmod)?, received: chmod(received)? })
}

fn chmod(texts: &[Vec<u8>]) -> Result<Option<Chmod>, Fatal> {
    let mut all: Option<Chmod> = None;
    for text in texts {
        let one = Chmod::parse(text).map_err(|error| usage(Cause::Refused(error.message())))?;
        match &mut all {
            Some(all) => all.append(one),
            None => all = Some(one),
        }
    }
    Ok(all)
}

/// A command line that is refused.
pub(super) fn usage(cause: Cause) -> Fatal {
    Fatal { side: Side::Client, cause, exit: Exit::Syntax }
}

/// A map that the receiving side cannot read.
fn misread(message: Vec<u8>) -> Fatal {
    Fatal { side: Side::Receiver, ..usage(Cause::Refused(message)) }
}

/// Nobody is anybody else.
pub(super) const NO_IDS: Ids = Ids { users: None, groups: None };

/// Maps of users and groups.
pub(super) fn ids(options: &Options, warnings: &mut Vec<Vec<u8>>) -> Result<Ids, Fatal> {
    let text = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
    let preserve = &options.preserve;
    let mut user = |name: &[u8]| process::user_id(&text(name));
    let mut group = |name: &[u8]| process::group_id(&text(name));
    let users = match &preserve.usermap {
        Some(map) => {
            Some(IdMap::parse(MapKind::User, map, &mut user).map_err(|error| misread(error.message))?)
        }
        None => None,
    };
    let groups = match &preserve.groupmap {
        Some(map) => {
            Some(IdMap::parse(MapKind::Group, map, &mut group).map_err(|error| misread(error.message))?)
        }
        None => None,
    };
    for map in [&users, &groups].into_iter().flatten() {
        warnings.extend(map.warnings().iter().cloned());
    }
    if preserve.numeric_ids {
        return Ok(Ids { users: users.map(IdMap::by_number), groups: groups.map(IdMap::by_number) });
    }
    Ok(Ids { users, groups })
}
