//! Options that say which attributes are kept.

use super::super::draft::{Draft, Named, count, flag, text};
use super::super::error::UsageError;
use super::super::parse::Item;
use super::super::{Bytes, Claim};
use super::{Category, Row, Value};
use crate::chmod::Chmod;

#[cfg(test)]
use super::tests::{Case, Expect};

const FLAG: Row = Row::flag(Category::Attributes);

pub(super) static ROWS: &[Row] = &[
    Row {
        long: "perms",
        short: Some(b'p'),
        no: &["no-perms", "no-p"],
        help: "keep permissions",
        about: "Without it new entries get the source's permissions less the umask, and existing ones keep theirs.",
        set: |draft, item| flag(&mut draft.options.preserve.perms, item),
        ..FLAG
    },
    Row {
        long: "executability",
        short: Some(b'E'),
        help: "keep whether a file may be executed",
        about: "Without \\fB-p\\fR: execute permission is given where there is read permission, or taken away.",
        set: |draft, item| flag(&mut draft.options.preserve.executability, item),
        ..FLAG
    },
    Row {
        long: "chmod",
        value: Value::Text("CHMOD"),
        help: "change permissions on the way",
        about: "As for chmod(1), with commas between; \\fBD\\fR or \\fBF\\fR in front limits a change to directories or files. Changes are made to the source's permissions, which \\fB-p\\fR then keeps.",
        set: |draft, item| chmod(draft, item),
        ..FLAG
    },
    Row {
        long: "acls",
        short: Some(b'A'),
        no: &["no-acls", "no-A"],
        help: "keep access control lists (implies -p)",
        about: "Both access and default lists.",
        set: |draft, item| {
            draft.options.preserve.perms |= item.on();
            flag(&mut draft.options.preserve.acls, item)
        },
        ..FLAG
    },
    Row {
        long: "xattrs",
        short: Some(b'X'),
        no: &["no-xattrs", "no-X"],
        help: "keep extended attributes",
        about: "An ordinary user copies the \\fBuser\\fR namespace, root all but \\fBsystem\\fR. Given twice, rsync's own \\fBuser.rsync.*\\fR too.",
        set: |draft, item| count(&mut draft.options.preserve.xattrs, item),
        ..FLAG
    },
    Row {
        long: "owner",
        short: Some(b'o'),
        no: &["no-owner", "no-o"],
        help: "keep owners (root only)",
        about: "Has no effect for ordinary users.",
        set: |draft, item| flag(&mut draft.options.preserve.owner, item),
        ..FLAG
    },
    Row {
        long: "group",
        short: Some(b'g'),
        no: &["no-group", "no-g"],
        help: "keep groups",
        about: "An ordinary user can only give files to groups of their own; others are passed over in silence.",
        set: |draft, item| flag(&mut draft.options.preserve.group, item),
        ..FLAG
    },
    Row {
        long: "devices",
        no: &["no-devices"],
        help: "copy devices as devices (root only)",
        about: "Without it devices are skipped with a message.",
        set: |draft, item| flag(&mut draft.options.preserve.devices, item),
        ..FLAG
    },
    Row {
        long: "specials",
        no: &["no-specials"],
        help: "copy fifos and sockets as such",
        about: "Without it they are skipped with a message.",
        set: |draft, item| flag(&mut draft.options.preserve.specials, item),
        ..FLAG
    },
    Row {
        short: Some(b'D'),
        no: &["no-D"],
        help: "same as --devices --specials",
        about: "Short for \\fB--devices --specials\\fR.",
        set: |draft, item| {
            flag(&mut draft.options.preserve.devices, item)?;
            flag(&mut draft.options.preserve.specials, item)
        },
        ..FLAG
    },
    Row {
        long: "drop-D",
        no: &["no-drop-D"],
        help: "create no devices or special files",
        about: "Whatever the source has and other options say.",
        set: |draft, item| flag(&mut draft.drop_nodes, item),
        ..FLAG
    },
    Row {
        long: "times",
        short: Some(b't'),
        no: &["no-times", "no-t"],
        help: "keep modification times",
        about: "Without it the next run finds every file changed, unless \\fB-c\\fR or \\fB--size-only\\fR is given.",
        set: |draft, item| flag(&mut draft.options.preserve.times, item),
        ..FLAG
    },
    Row {
        long: "atimes",
        short: Some(b'U'),
        no: &["no-atimes", "no-U"],
        help: "keep access times",
        about: "Given twice, \\fB--open-noatime\\fR is implied.",
        set: |draft, item| count(&mut draft.options.preserve.atimes, item),
        ..FLAG
    },
    Row {
        long: "open-noatime",
        no: &["no-open-noatime"],
        help: "do not touch access times when reading",
        about: "Only for files of one's own, or root.",
        set: |draft, item| flag(&mut draft.options.preserve.open_noatime, item),
        ..FLAG
    },
    Row {
        long: "crtimes",
        short: Some(b'N'),
        no: &["no-crtimes", "no-N"],
        help: "keep creation times (not on Linux)",
        about: "Linux cannot set them; as with rsync there it is an error.",
        set: |_, item| match item.on() {
            true => Err(UsageError::option("This rsync does not support --crtimes (-N)")),
            false => Ok(()),
        },
        far: Some(|_, item| match item.on() {
            true => Err(UsageError::option("The server does not support --crtimes (-N)")),
            false => Ok(()),
        }),
        ..FLAG
    },
    Row {
        long: "omit-dir-times",
        short: Some(b'O'),
        no: &["no-omit-dir-times", "no-O"],
        help: "with -t, leave directories' times alone",
        about: "Implied by \\fB-b\\fR without \\fB--backup-dir\\fR.",
        set: |draft, item| flag(&mut draft.options.preserve.omit_dir_times, item),
        ..FLAG
    },
    Row {
        long: "omit-link-times",
        short: Some(b'J'),
        no: &["no-omit-link-times", "no-J"],
        help: "with -t, leave symbolic links' times alone",
        about: "For file systems that cannot set them.",
        set: |draft, item| flag(&mut draft.options.preserve.omit_link_times, item),
        ..FLAG
    },
    Row {
        long: "super",
        no: &["no-super"],
        help: "try what only root may do",
        about: "Owners, devices and the like are attempted by ordinary users too; \\fB--no-super\\fR keeps root from it.",
        set: |draft, item| {
            draft.options.preserve.sender_claim = super_claim(item);
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "fake-super",
        help: "keep what only root may set in extended attributes",
        about: "Owner, mode and device numbers go to \\fBuser.rsync.%stat\\fR, access control lists to \\fBuser.rsync.%aacl\\fR and \\fBuser.rsync.%dacl\\fR, other attributes below \\fBuser.rsync.\\fR, and are read back from there. Links, devices and the like become regular files. Both sides do so; \\fB-M--fake-super\\fR is for the destination alone, and with \\fB-M--super\\fR it is for the source alone. Of this option, \\fB--super\\fR and \\fB--no-super\\fR the last one counts.",
        set: |draft, _| {
            draft.options.preserve.sender_claim = Claim::Fake;
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "hard-links",
        short: Some(b'H'),
        no: &["no-hard-links", "no-H"],
        help: "keep hard links",
        about: "Names of one file that are all part of the transfer are linked at the destination too.",
        set: |draft, item| flag(&mut draft.options.preserve.hard_links, item),
        ..FLAG
    },
    Row {
        long: "numeric-ids",
        no: &["no-numeric-ids"],
        help: "users and groups by number, not by name",
        about: "On one machine names and numbers agree, so this only matters to \\fB--usermap\\fR and \\fB--groupmap\\fR, where names no longer match.",
        set: |draft, item| flag(&mut draft.options.preserve.numeric_ids, item),
        ..FLAG
    },
    Row {
        long: "usermap",
        value: Value::Text("STRING"),
        help: "give files to other users",
        about: "Pairs \\fBFROM:TO\\fR with commas between; FROM is a name, a pattern, a number or a range. The first that matches counts. Implies \\fB-o\\fR.",
        set: usermap,
        ..FLAG
    },
    Row {
        long: "groupmap",
        value: Value::Text("STRING"),
        help: "give files to other groups",
        about: "As \\fB--usermap\\fR, for groups; implies \\fB-g\\fR.",
        set: groupmap,
        ..FLAG
    },
    Row {
        long: "chown",
        value: Value::Text("USER:GROUP"),
        help: "give all files to one user and group",
        about: "Either part may be left out.",
        set: chown,
        ..FLAG
    },
    Row {
        long: "copy-as",
        value: Value::Text("USER[:GROUP]"),
        help: "copy as another user (root only)",
        about: "Source and destination are read and written with that user's rights, and with the groups of that user or the one GROUP alone. Filter files, lists of files and the log are opened before. \\fB--super\\fR, \\fB--no-super\\fR and \\fB--fake-super\\fR do not count then.",
        set: |draft, item| text(&mut draft.options.preserve.copy_as, item),
        ..FLAG
    },
];

fn super_claim(item: &Item) -> Claim {
    if item.on() { Claim::Super } else { Claim::Ordinary }
}

fn chmod(draft: &mut Draft, item: &Item) -> Result<(), UsageError> {
    if let Err(error) = Chmod::parse(item.text()) {
        return Err(UsageError::option(error.message().split_off(b"rsync: ".len())));
    }
    draft.options.preserve.chmod.push(item.text().to_vec());
    Ok(())
}

fn usermap(draft: &mut Draft, item: &Item) -> Result<(), UsageError> {
    only_once(draft.users_named, "--usermap")?;
    draft.users_named = Named::ByMap;
    draft.options.preserve.usermap = Some(item.text().to_vec());
    draft.options.preserve.owner = true;
    Ok(())
}

fn groupmap(draft: &mut Draft, item: &Item) -> Result<(), UsageError> {
    only_once(draft.groups_named, "--groupmap")?;
    draft.groups_named = Named::ByMap;
    draft.options.preserve.groupmap = Some(item.text().to_vec());
    draft.options.preserve.group = true;
    Ok(())
}

fn only_once(named: Named, option: &str) -> Result<(), UsageError> {
    match named {
        Named::Nobody => Ok(()),
        Named::ByMap => Err(UsageError::option(format!("You can only specify {option} once."))),
        Named::ByChown => Err(UsageError::option(format!("{option} conflicts with prior --chown."))),
    }
}

/// `USER:GROUP` is a map from everyone to that one.
fn chown(draft: &mut Draft, item: &Item) -> Result<(), UsageError> {
    let (user, group) = match item.text().iter().position(|&byte| byte == b':') {
        Some(at) => (&item.text()[..at], &item.text()[at + 1..]),
        None => (item.text(), &b""[..]),
    };
    if !user.is_empty() {
        chown_once(draft.users_named, "user", "--usermap")?;
        draft.users_named = Named::ByChown;
        draft.options.preserve.usermap = Some(everyone_to(user));
        draft.options.preserve.owner = true;
    }
    if !group.is_empty() {
        chown_once(draft.groups_named, "group", "--groupmap")?;
        draft.groups_named = Named::ByChown;
        draft.options.preserve.groupmap = Some(everyone_to(group));
        draft.options.preserve.group = true;
    }
    Ok(())
}

fn chown_once(named: Named, kind: &str, map: &str) -> Result<(), UsageError> {
    match named {
        Named::Nobody => Ok(()),
        Named::ByChown => {
            Err(UsageError::option(format!("You can only specify a {kind}-affecting --chown once.")))
        }
        Named::ByMap => Err(UsageError::option(format!("--chown conflicts with prior {map}."))),
    }
}

fn everyone_to(name: &[u8]) -> Bytes {
    [b"*:", name].concat()
}

#[cfg(test)]
pub(super) static CASES: &[Case] = &[
    ("--perms", &["-p"], Expect::On(|o| o.preserve.perms)),
    ("--executability", &["-E"], Expect::On(|o| o.preserve.executability)),
    ("--chmod", &["--chmod=D755,F644"], Expect::On(|o| o.preserve.chmod == [b"D755,F644".to_vec()])),
    ("--acls", &["--no-p", "-A"], Expect::On(|o| o.preserve.acls && o.preserve.perms)),
    ("--xattrs", &["-XX"], Expect::On(|o| o.preserve.xattrs == 2)),
    ("--owner", &["-o"], Expect::On(|o| o.preserve.owner)),
    ("--group", &["-g"], Expect::On(|o| o.preserve.group)),
    ("--devices", &["--devices"], Expect::On(|o| o.preserve.devices)),
    ("--specials", &["--specials"], Expect::On(|o| o.preserve.specials)),
    ("-D", &["-D"], Expect::On(|o| o.preserve.devices && o.preserve.specials)),
    ("--drop-D", &["--drop-D"], Expect::Nothing),
    ("--times", &["-t"], Expect::On(|o| o.preserve.times)),
    ("--atimes", &["-UU"], Expect::On(|o| o.preserve.atimes == 2 && o.preserve.open_noatime)),
    ("--open-noatime", &["--open-noatime"], Expect::On(|o| o.preserve.open_noatime)),
    ("--crtimes", &["-N"], Expect::Error("rsync: This rsync does not support --crtimes (-N)")),
    ("--omit-dir-times", &["-O"], Expect::On(|o| o.preserve.omit_dir_times)),
    ("--omit-link-times", &["-J"], Expect::On(|o| o.preserve.omit_link_times)),
    ("--super", &["--fake-super", "--super"], Expect::On(|o| o.preserve.receiver_claim == Claim::Super)),
    (
        "--fake-super",
        &["-M--super", "--no-super", "--fake-super"],
        Expect::On(|o| o.preserve.sender_claim == Claim::Fake && o.preserve.receiver_claim == Claim::Super),
    ),
    ("--hard-links", &["-H"], Expect::On(|o| o.preserve.hard_links)),
    ("--numeric-ids", &["--numeric-ids"], Expect::On(|o| o.preserve.numeric_ids)),
    (
        "--usermap",
        &["--usermap=a:b"],
        Expect::On(|o| o.preserve.owner && o.preserve.usermap.as_deref() == Some(b"a:b")),
    ),
    (
        "--groupmap",
        &["--groupmap=a:b"],
        Expect::On(|o| o.preserve.group && o.preserve.groupmap.as_deref() == Some(b"a:b")),
    ),
    (
        "--chown",
        &["--chown=u:g"],
        Expect::On(|o| {
            o.preserve.usermap.as_deref() == Some(b"*:u") && o.preserve.groupmap.as_deref() == Some(b"*:g")
        }),
    ),
    ("--copy-as", &["--copy-as=root"], Expect::On(|o| o.preserve.copy_as.as_deref() == Some(b"root"))),
];
