//! The words of failures on standard error, and of the line that ends a run (rsync(1), EXIT VALUES).

use rsync_compat::exit::Exit;
use rsync_compat::options::error::RSYNC_VERSION;

use crate::failure::{BatchFault, Cause, CopyAs, Failure, Fatal, Side, TargetStep, What, reason, strerror};

/// Words before and after the path.
struct Frame(&'static str, &'static str);

/// The lines that a failure has on standard error.
pub(super) fn lines(failure: &Failure) -> Vec<Vec<u8>> {
    if let What::ConvertName | What::ConvertText = failure.what {
        return vec![unconverted(failure)];
    }
    if failure.what == What::DefaultAcl {
        return vec![without_default_acl(failure)];
    }
    let why = failure.errno.map(|errno| format!(": {}", reason(errno))).unwrap_or_default();
    let Frame(before, after) = frame(failure.what);
    let tag = match failure.what {
        What::Vanished
        | What::VanishedDir
        | What::MakeWay(_)
        | What::MakeWayAgain
        | What::NoReferent
        | What::EmptyLink
        | What::RemoveChanged
        | What::RemoveDestination
        | What::NotInBatch
        | What::NoOwner
        | What::NoGroup
        | What::BackupWay
        | What::Unverified
        | What::UnverifiedInPlace
        | What::PartialDir
        | What::Verify => String::new(),
        _ => format!("rsync: [{}] ", failure.side.tag()),
    };
    let why = match failure.what {
        What::Vanished
        | What::VanishedDir
        | What::MakeWay(_)
        | What::MakeWayAgain
        | What::NoReferent
        | What::PartialDir
        | What::NoOwner
        | What::NoGroup
        | What::EmptyLink => "",
        _ => &why,
    };
    let noun = match failure.what {
        What::MakeWay(noun) => format!("{noun}: "),
        What::MakeWayAgain => "directory: ".to_owned(),
        _ => String::new(),
    };
    let parts: [&[u8]; 6] =
        [tag.as_bytes(), before.as_bytes(), noun.as_bytes(), &failure.path, after.as_bytes(), why.as_bytes()];
    let mut lines = vec![parts.concat()];
    if matches!(failure.what, What::Mkdir | What::MakeWay("directory")) {
        lines.push(b"*** Skipping any contents from this failed directory ***".to_vec());
    }
    lines
}

/// Whether it happens while the sender makes its list.
pub(super) fn is_of_the_list(failure: &Failure) -> bool {
    let lists = matches!(
        failure.what,
        What::LinkStat
            | What::ChangeDir
            | What::ReadlinkStat
            | What::Readlink
            | What::Opendir
            | What::Readdir
            | What::Vanished
            | What::VanishedDir
            | What::NoReferent
            | What::ConvertName
            | What::ConvertText
    );
    lists && failure.side == Side::Sender
}

/// A name or a link's text that a side cannot convert, with that side as it is called while lists arrive.
fn unconverted(failure: &Failure) -> Vec<u8> {
    let Frame(before, after) = frame(failure.what);
    let side = if failure.side == Side::Sender { "sender" } else { "Receiver" };
    let why = strerror(failure.errno.unwrap_or_default());
    let (tag, why) = (format!("[{side}] {before}"), format!("{after} ({why})"));
    [tag.as_bytes(), &failure.path, why.as_bytes()].concat()
}

/// The default ACL of a directory that has none to read.
fn without_default_acl(failure: &Failure) -> Vec<u8> {
    let Frame(before, after) = frame(failure.what);
    let after = format!("{after}: {}, falling back on umask", strerror(failure.errno.unwrap_or_default()));
    [before.as_bytes(), &failure.path, after.as_bytes()].concat()
}

/// What failed, as one word for programs.
pub(super) fn operation(what: What) -> String {
    let name = format!("{what:?}");
    let name = name.split('(').next().unwrap_or_default();
    let mut word = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.push(letter.to_ascii_lowercase());
    }
    word
}

/// The words around a path. Some paths come with more: `TEMP" -> "NAME` for a rename, `PATH" => LEADER` for a link,
/// `PATH","NAME",0` for an attribute's value, `NAME, TYPE` for an ACL that is set, `PATH" -> "BACKUP` for a backup.
fn frame(what: What) -> Frame {
    match what {
        What::LinkStat => Frame("link_stat \"", "\" failed"),
        What::ReadlinkStat | What::Readlink => Frame("readlink_stat(\"", "\") failed"),
        What::Opendir | What::OpendirDestination => Frame("opendir \"", "\" failed"),
        What::Readdir => Frame("readdir(\"", "\")"),
        What::OpenSource => Frame("send_files failed to open \"", "\""),
        What::ReadSource => Frame("read errors mapping \"", "\""),
        What::ChangeDir => Frame("change_dir \"", "\" failed"),
        What::Vanished => Frame("file has vanished: \"", "\""),
        What::VanishedDir => Frame("directory has vanished: \"", "\""),
        What::StatDestination => Frame("recv_generator: failed to stat \"", "\""),
        What::StatForXattrs => Frame("stat \"", "\" failed"),
        What::Mkdir | What::MakeWayThrough => Frame("recv_generator: mkdir \"", "\" failed"),
        What::Mkstemp => Frame("mkstemp \"", "\" failed"),
        What::OpenOutside | What::BackupOpen => Frame("open \"", "\""),
        What::OpenDestination => Frame("open \"", "\" failed"),
        What::Clone => Frame("failed to clone to \"", "\""),
        What::OpenBasis => Frame("failed to open \"", "\", continuing"),
        What::Fsync => Frame("fsync failed on \"", "\""),
        What::Write => Frame("write failed on \"", "\""),
        What::PartialDir => Frame("Unable to create partial-dir for ", " -- discarding completed file."),
        What::NotInBatch => Frame("(No batched update for \"", "\")"),
        What::Verify => Frame("WARNING: ", " failed verification -- update retained (will try again)."),
        What::Unverified => Frame("ERROR: ", " failed verification -- update discarded."),
        What::UnverifiedInPlace => Frame("ERROR: ", " failed verification -- update retained."),
        What::ReadBack => Frame("failed to read back \"", "\""),
        What::Syncfs => Frame("syncfs \"", "\" failed"),
        What::Rename => Frame("rename \"", "\""),
        What::Link => Frame("link \"", " failed"),
        What::Symlink => Frame("symlink \"", "\" failed"),
        What::Mknod => Frame("mknod \"", "\" failed"),
        What::Chown => Frame("chown \"", "\" failed"),
        What::Chgrp => Frame("chgrp \"", "\" failed"),
        What::Chmod => Frame("failed to set permissions on \"", "\""),
        What::OpenUp => Frame("failed to modify permissions on \"", "\""),
        What::NoOwner => Frame("uid 4294967295 (-1) is impossible to set on \"", "\""),
        What::NoGroup => Frame("gid 4294967295 (-1) is impossible to set on \"", "\""),
        What::SetTimes => Frame("failed to set times on \"", "\""),
        What::OpenMissing => Frame("gen_entry_copy_xattrs: openat(\"", "\") failed"),
        What::ReachMissing => Frame("gen_entry_copy_xattrs: secure open of \"", "\" failed"),
        What::GetXattr => Frame("get_xattr_data: lgetxattr(\"", ") failed"),
        What::ListXattr => Frame("get_xattr_names: llistxattr(\"", "\",1024) failed"),
        What::SetXattr => Frame("rsync_xal_set: fsetxattr(\"", "\") failed"),
        What::RemoveXattr => Frame("rsync_xal_set: fremovexattr(\"", "\") failed"),
        What::GetAcl => Frame("get_acl: sys_acl_get_file(", ")"),
        What::SetAcl => Frame("set_acl: xacl_set(", ")"),
        What::DefaultAcl => Frame("default_perms_for_dir: sys_acl_get_file(", ", ACL_TYPE_DEFAULT)"),
        What::ReadFake => Frame("failed to read xattr user.rsync.%stat for \"", "\""),
        What::WriteFake => Frame("failed to write xattr user.rsync.%stat for \"", "\""),
        What::EmptyLink => Frame("skipping symlink with 0-length value: \"", "\""),
        What::Unlink => Frame("delete_file: unlink(", ") failed"),
        What::Rmdir => Frame("delete_file: rmdir(", ") failed"),
        What::RemoveBehindLink => Frame("sender failed to secure-open-parent ", ""),
        What::RemoveSource => Frame("sender failed to remove ", ""),
        What::RemoveChanged => Frame("ERROR: Skipping sender remove for changed file: ", ""),
        What::RemoveDestination => Frame("ERROR: Skipping sender remove of destination file: ", ""),
        What::BackupUnlink => Frame("unlink \"", "\""),
        What::BackupMkdir => Frame("backup mkdir ", " failed"),
        What::BackupWay => Frame("could not make way for backup directory: ", ""),
        What::KeepBackup => Frame("keep_backup failed: \"", "\""),
        What::MakeBackup => Frame("delete_file: make_backup(", ") failed"),
        What::MakeWay(_) | What::MakeWayAgain => Frame("could not make way for new ", ""),
        What::ConvertName => Frame("cannot convert filename: ", ""),
        What::ConvertText => Frame("cannot convert symlink data for: \"", "\""),
        What::NoReferent => Frame("symlink has no referent: \"", "\""),
    }
}

/// What ended a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended<'a> {
    /// It came to its end; single files failed.
    Late,
    /// It was refused before it began.
    Early(&'a Fatal),
    /// The other side did so.
    There,
    /// It broke off.
    Broken(&'a Fatal),
}

/// The last line of a run that does not end well.
///
/// The place in brackets is where rsync 3.5.0 says so: scripts compare whole lines.
pub(super) fn last_line(code: u8, ended: Ended<'_>) -> String {
    let word = if code == Exit::Vanished.code() { "warning" } else { "error" };
    let (place, role) = match ended {
        Ended::Late => ("main.c(1394)", "sender"),
        Ended::Early(fatal) => place_early(fatal),
        Ended::There => ("io.c(1892)", "sender"),
        Ended::Broken(fatal) => place_broken(fatal),
    };
    format!("rsync {word}: {} (code {code}) at {place} [{role}={RSYNC_VERSION}]", text(code))
}

fn place_early(fatal: &Fatal) -> (&'static str, &'static str) {
    match (fatal.exit, fatal.side, &fatal.cause) {
        (_, _, Cause::Batch { fault, .. }) => place_of_batch(fault),
        (_, _, Cause::CopyAs(CopyAs::User(_))) => ("main.c(270)", "sender"),
        (_, _, Cause::CopyAs(CopyAs::Group(_))) => ("main.c(276)", "sender"),
        (_, _, Cause::CopyAs(CopyAs::Call { name: "getpwuid", .. })) => ("main.c(282)", "sender"),
        (_, _, Cause::CopyAs(CopyAs::Call { name: "setgid", .. })) => ("main.c(289)", "sender"),
        (_, _, Cause::CopyAs(CopyAs::Call { name: "setgroups", .. })) => ("main.c(294)", "sender"),
        (_, _, Cause::ListIsDirectory) => ("io.c(340)", "sender"),
        (_, _, Cause::ModernRules(Side::Receiver)) => ("io.c(285)", "sender"),
        (_, _, Cause::ModernRules(_)) => ("exclude.c(1926)", "sender"),
        (_, _, Cause::ManyOntoFile) => ("main.c(777)", "Receiver"),
        (_, _, Cause::DirOntoFile) => ("main.c(783)", "Receiver"),
        (_, _, Cause::NoTarget { step: TargetStep::Enter, .. }) => ("main.c(768)", "Receiver"),
        (_, _, Cause::NoTarget { step: TargetStep::EnterAbove, .. }) => ("main.c(855)", "Receiver"),
        (_, _, Cause::NoCwd(_)) => ("util1.c(1226)", "Receiver"),
        (Exit::Unsupported, _, Cause::Charset(_)) => ("rsync.c(134)", "sender"),
        (_, _, Cause::Charset(_)) => ("io.c(285)", "sender"),
        (Exit::Syntax, Side::Sender, _) => ("flist.c(2905)", "sender"),
        (Exit::Syntax, Side::Receiver, _) => ("main.c(1056)", "Receiver"),
        (Exit::FileSelection, Side::Sender, _) => ("flist.c(2791)", "sender"),
        (Exit::FileSelection, _, _) => ("main.c(789)", "Receiver"),
        (Exit::FileIo, Side::Receiver, _) => ("main.c(808)", "Receiver"),
        _ => ("main.c(1886)", "client"),
    }
}

fn place_of_batch(fault: &BatchFault) -> (&'static str, &'static str) {
    match fault {
        BatchFault::Script(_) => ("batch.c(257)", "Receiver"),
        BatchFault::Open(_) => ("batch.c(271)", "Receiver"),
        BatchFault::Special => ("batch.c(281)", "Receiver"),
        BatchFault::NewProtocol { .. } => ("compat.c(614)", "Receiver"),
        BatchFault::NoProtocol => ("compat.c(625)", "Receiver"),
        BatchFault::Options => ("compat.c(785)", "Receiver"),
        BatchFault::Rule => ("main.c(1056)", "Receiver"),
        BatchFault::Dup(_) => ("main.c(808)", "Receiver"),
        BatchFault::Nothing
        | BatchFault::Foreign
        | BatchFault::Newer { .. }
        | BatchFault::Damaged
        | BatchFault::Write(_) => ("main.c(1886)", "client"),
    }
}

fn place_broken(fatal: &Fatal) -> (&'static str, &'static str) {
    match (fatal.exit, fatal.side) {
        (Exit::FileIo, Side::Receiver) => ("receiver.c(657)", "receiver"),
        (Exit::Protocol, Side::Receiver) => ("flist.c(1206)", "Receiver"),
        (Exit::FileIo, side) => ("xattrs.c(1257)", side.tag()),
        (Exit::Ipc, Side::Sender) => ("pipe.c(127)", "sender"),
        (Exit::SignalUser, _) => ("main.c(1660)", "sender"),
        (Exit::Signal, _) => ("rsync.c(874)", "sender"),
        (Exit::Timeout, _) => ("io.c(927)", "sender"),
        (_, side) => ("main.c(1394)", side.tag()),
    }
}

fn text(code: u8) -> &'static str {
    const NAMED: [Exit; 23] = [
        Exit::Success,
        Exit::Syntax,
        Exit::Protocol,
        Exit::FileSelection,
        Exit::Unsupported,
        Exit::StartClient,
        Exit::LogFileAppend,
        Exit::SocketIo,
        Exit::FileIo,
        Exit::StreamIo,
        Exit::Message,
        Exit::Ipc,
        Exit::Crashed,
        Exit::Terminated,
        Exit::SignalUser,
        Exit::Signal,
        Exit::WaitChild,
        Exit::OutOfMemory,
        Exit::Partial,
        Exit::Vanished,
        Exit::MaxDelete,
        Exit::Timeout,
        Exit::ConnectTimeout,
    ];
    NAMED.into_iter().find(|exit| exit.code() == code).map_or("unexplained error", Exit::text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_read_as_rsync_words_them() {
        let failure =
            |side, what, errno| Failure { errno, ..Failure::without_errno(side, what, b"/d/x".to_vec()) };
        let cases = [
            (
                failure(Side::Sender, What::LinkStat, Some(2)),
                "rsync: [sender] link_stat \"/d/x\" failed: No such file or directory (2)",
            ),
            (
                failure(Side::Generator, What::Unlink, Some(1)),
                "rsync: [generator] delete_file: unlink(/d/x) failed: Operation not permitted (1)",
            ),
            (failure(Side::Sender, What::Vanished, Some(2)), "file has vanished: \"/d/x\""),
            (
                failure(Side::Generator, What::MakeWay("regular file"), None),
                "could not make way for new regular file: /d/x",
            ),
            (
                failure(Side::Receiver, What::Write, Some(28)),
                "rsync: [receiver] write failed on \"/d/x\": No space left on device (28)",
            ),
        ];
        for (failure, wanted) in cases {
            assert_eq!(String::from_utf8_lossy(&lines(&failure)[0]), wanted);
        }
    }

    #[test]
    fn last_lines_are_rsyncs() {
        let fatal = Fatal::told(Side::Receiver, Exit::FileIo);
        assert_eq!(
            last_line(23, Ended::Late),
            "rsync error: some files/attrs were not transferred (see previous errors) (code 23) at main.c(1394) \
             [sender=3.5.0]"
        );
        assert_eq!(
            last_line(24, Ended::Late),
            "rsync warning: some files vanished before they could be transferred (code 24) at main.c(1394) \
             [sender=3.5.0]"
        );
        assert_eq!(
            last_line(11, Ended::Broken(&fatal)),
            "rsync error: error in file IO (code 11) at receiver.c(657) [receiver=3.5.0]"
        );
    }
}
