//! Errors as values with a place: which operation, on which side, on what, why, and how bad.

mod fatal;

use std::io;

pub use self::fatal::{BatchFault, Cause, CopyAs, DirFault, DirOption, Fatal, TargetStep};

/// Whose work failed, as rsync tags its messages (rsync(1), EXIT VALUES; semantics as scripts grep them).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Reading the source.
    Sender,
    /// Comparing, making directories and links, deleting.
    Generator,
    /// Writing files.
    Receiver,
    /// Before the sides exist.
    Client,
}

impl Side {
    /// The word between the brackets.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Side::Sender => "sender",
            Side::Generator => "generator",
            Side::Receiver => "receiver",
            Side::Client => "client",
        }
    }
}

/// How bad a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Told, and counted as exit 23.
    Error,
    /// As `Error`, and nothing is deleted any more: a listing is incomplete.
    ListingError,
    /// A file went away between the listing and the copy: exit 24.
    Vanished,
    /// Told; the exit status stays.
    Warning,
    /// As `Error`, but reported already where it happened.
    Reported,
}

/// Marks an error as reported already: a failure made from it is [`Severity::Reported`] and prints nothing more.
#[must_use]
pub fn reported(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), AlreadyReported)
}

#[derive(Debug, thiserror::Error)]
#[error("reported already")]
struct AlreadyReported;

/// Whether an error was reported already.
#[must_use]
pub fn is_reported(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<AlreadyReported>())
}

/// One thing that went wrong, the run going on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Whose work it was.
    pub side: Side,
    /// The operation in rsync's wording, with `%s` where the quoted path goes.
    pub what: What,
    /// The path as messages show it.
    pub path: Vec<u8>,
    /// The reason; `None` when the message needs none.
    pub errno: Option<i32>,
    /// How bad.
    pub severity: Severity,
    /// The place in the list from which on nothing is deleted because of it.
    pub ends_deletions: Option<Vec<u8>>,
    /// Whether it is about a directory itself, which is brought up to date ahead of what is in it.
    pub of_directory: bool,
}

/// Operations that fail, by the words rsync has for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    /// A source operand or name that cannot be looked at.
    LinkStat,
    /// A name in a listing that cannot be looked at.
    ReadlinkStat,
    /// A symbolic link that cannot be read.
    Readlink,
    /// A source directory that cannot be opened.
    Opendir,
    /// A source directory that cannot be listed to its end.
    Readdir,
    /// A source file that cannot be opened.
    OpenSource,
    /// A source file that cannot be read.
    ReadSource,
    /// A source directory that cannot be entered.
    ChangeDir,
    /// A file went away.
    Vanished,
    /// A directory went away.
    VanishedDir,
    /// A destination name that cannot be looked at.
    StatDestination,
    /// An entry of the destination that extended attributes are for.
    StatForXattrs,
    /// A destination directory that cannot be opened or listed.
    OpendirDestination,
    /// A destination directory that cannot be made.
    Mkdir,
    /// A directory that is only a way to deeper names, and cannot be made.
    MakeWayThrough,
    /// A temporary file that cannot be made.
    Mkstemp,
    /// A file that cannot be opened for writing in place.
    OpenDestination,
    /// A directory for partial files that cannot be made, so that a complete file has nowhere to wait.
    PartialDir,
    /// An old file to start from that cannot be read.
    OpenBasis,
    /// A file that cannot share its data with the source.
    Clone,
    /// A file of an alternate destination that lies where none may be taken from.
    OpenOutside,
    /// Data that cannot be written.
    Write,
    /// fsync(2) of a file that was written.
    Fsync,
    /// A file whose data a batch lacks.
    NotInBatch,
    /// What `--append-verify` found to be something else.
    Verify,
    /// What `--verify` read back and found to be something else.
    Unverified,
    /// What was written in place reads back as something else (`--verify`).
    UnverifiedInPlace,
    /// What cannot be read back.
    ReadBack,
    /// A file system that cannot be written out in the end.
    Syncfs,
    /// A finished file that cannot be given its name.
    Rename,
    /// A hard link that cannot be made.
    Link,
    /// A symbolic link that cannot be made.
    Symlink,
    /// A device, FIFO or socket that cannot be made.
    Mknod,
    /// An owner that cannot be set.
    Chown,
    /// A group that cannot be set.
    Chgrp,
    /// Permissions that cannot be set.
    Chmod,
    /// Permissions that a directory has while it is worked on, which cannot be set.
    OpenUp,
    /// An owner that is no owner's number.
    NoOwner,
    /// A group that is no group's number.
    NoGroup,
    /// Times that cannot be set.
    SetTimes,
    /// A directory that a dry run did not make, where it looks for extended attributes.
    OpenMissing,
    /// The same as `OpenMissing`, of a directory below one that the dry run did not make either.
    ReachMissing,
    /// An extended attribute that cannot be read.
    GetXattr,
    /// Reading the names of extended attributes.
    ListXattr,
    /// An extended attribute that cannot be set or removed.
    SetXattr,
    /// An extended attribute could not be removed.
    RemoveXattr,
    /// An ACL that cannot be read.
    GetAcl,
    /// An ACL that cannot be set or removed.
    SetAcl,
    /// A default ACL that cannot be read, so that new files get permissions without it.
    DefaultAcl,
    /// What `--fake-super` keeps cannot be read.
    ReadFake,
    /// What `--fake-super` keeps cannot be written.
    WriteFake,
    /// A symbolic link without a text, as only `--fake-super` has.
    EmptyLink,
    /// An extraneous or obstructing name that cannot be removed.
    Unlink,
    /// An extraneous or obstructing directory that cannot be removed.
    Rmdir,
    /// A source file that cannot be removed after it was sent.
    RemoveSource,
    /// A source file behind a symbolic link, which is not removed.
    RemoveBehindLink,
    /// A source file that was changed since it was sent, and is not removed.
    RemoveChanged,
    /// A source file that is the destination file itself, and is not removed.
    RemoveDestination,
    /// What is in the way of a backup and cannot be removed.
    BackupUnlink,
    /// A backup that cannot be written.
    BackupOpen,
    /// A directory for backups that cannot be made.
    BackupMkdir,
    /// A directory in the way of a backup.
    BackupWay,
    /// A backup that cannot be made, by both names.
    KeepBackup,
    /// A name that is not deleted for want of a backup.
    MakeBackup,
    /// A directory in the way of something else.
    MakeWay(&'static str),
    /// What is in the way of a directory, after removing it was tried once more.
    MakeWayAgain,
    /// A symbolic link to follow that leads nowhere.
    NoReferent,
    /// A name that a character set cannot express (`--iconv`).
    ConvertName,
    /// The text of a symbolic link likewise.
    ConvertText,
}

impl Failure {
    /// A failure that counts as exit 23.
    #[must_use]
    pub fn new(side: Side, what: What, path: Vec<u8>, error: &io::Error) -> Self {
        let severity = if is_reported(error) { Severity::Reported } else { Severity::Error };
        Failure { errno: error.raw_os_error(), severity, ..Failure::without_errno(side, what, path) }
    }

    /// A failure that has no number.
    #[must_use]
    pub fn without_errno(side: Side, what: What, path: Vec<u8>) -> Self {
        Failure {
            side,
            what,
            path,
            errno: None,
            severity: Severity::Error,
            ends_deletions: None,
            of_directory: false,
        }
    }

    /// This failure with another severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}

/// The number of an error; 0 where it has none.
#[must_use]
pub fn errno_of(error: &io::Error) -> i32 {
    error.raw_os_error().unwrap_or(0)
}

/// The reason as strerror(3) puts it: `No such file or directory`.
#[must_use]
pub fn strerror(errno: i32) -> String {
    let text = io::Error::from_raw_os_error(errno).to_string();
    text.rsplit_once(" (os error").map_or(text.as_str(), |(words, _)| words).to_owned()
}

/// The reason with its number: `No such file or directory (2)`.
#[must_use]
pub fn reason(errno: i32) -> String {
    format!("{} ({errno})", strerror(errno))
}

#[cfg(test)]
mod tests {
    #[test]
    fn reason_is_strerror_and_its_number() {
        assert_eq!(super::reason(2), "No such file or directory (2)");
    }
}
