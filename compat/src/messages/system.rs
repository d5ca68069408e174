//! Errors of the system, `rsync: [role] what "path" failed: reason (errno)`.

use super::Role;

/// What failed, on what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failing<'a> {
    /// A source argument that cannot be looked at; full path.
    LinkStat(&'a [u8]),
    /// An entry of a source directory that cannot be looked at; full path.
    ReadlinkStat(&'a [u8]),
    /// A source directory given with a trailing slash; full path.
    ChangeDir(&'a [u8]),
    /// The parent of the destination; full path.
    ChangeDirToParent(&'a [u8]),
    /// A source directory that cannot be opened; full path.
    OpenDir(&'a [u8]),
    /// A source directory that cannot be read to its end; full path.
    ReadDir(&'a [u8]),
    /// A source file that cannot be opened; full path.
    OpenSource(&'a [u8]),
    /// A source file that cannot be read; full path.
    ReadSource(&'a [u8]),
    /// The temporary file; full path.
    MakeTemp(&'a [u8]),
    /// The destination file of `--inplace`; full path.
    OpenInPlace(&'a [u8]),
    /// Data of a destination file; full path of the final name.
    Write(&'a [u8]),
    /// The temporary file to its final name.
    Rename {
        /// Full path.
        from: &'a [u8],
        /// Name.
        to: &'a [u8],
    },
    /// The destination directory itself; full path.
    MakeDestination(&'a [u8]),
    /// A directory in the transfer; full path.
    MakeDir(&'a [u8]),
    /// A symlink.
    MakeSymlink {
        /// Full path.
        path: &'a [u8],
        /// Its text.
        target: &'a [u8],
    },
    /// A hard link.
    MakeLink {
        /// Full path of the new name.
        path: &'a [u8],
        /// Name of the existing one.
        leader: &'a [u8],
    },
    /// A device, fifo or socket; full path.
    MakeNode(&'a [u8]),
    /// The owner, or owner and group; full path.
    Chown(&'a [u8]),
    /// The group alone; full path.
    Chgrp(&'a [u8]),
    /// Permissions; full path.
    SetPermissions(&'a [u8]),
    /// Times; full path.
    SetTimes(&'a [u8]),
    /// An extended attribute.
    SetXattr {
        /// Full path.
        path: &'a [u8],
        /// The attribute.
        attribute: &'a [u8],
    },
    /// An access ACL; name.
    SetAccessAcl(&'a [u8]),
    /// A default ACL; name.
    SetDefaultAcl(&'a [u8]),
    /// A deletion of a file; name.
    Unlink(&'a [u8]),
    /// A deletion of a directory; name.
    RemoveDir(&'a [u8]),
    /// A removal at the source (`--remove-source-files`); name.
    RemoveSource(&'a [u8]),
    /// A backup of the old file.
    KeepBackup {
        /// Full path.
        path: &'a [u8],
        /// Full path of the backup.
        backup: &'a [u8],
    },
    /// The log file, as typed.
    OpenLog(&'a [u8]),
    /// The destination argument; full path.
    StatDestination(&'a [u8]),
}

/// A failure with its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SystemError<'a> {
    /// Who met it.
    pub role: Role,
    /// What failed.
    pub failing: Failing<'a>,
    /// The error number.
    pub errno: i32,
    /// The system's words for it.
    pub reason: &'a str,
}

impl SystemError<'_> {
    /// The line for stderr.
    #[must_use]
    pub fn line(&self) -> Vec<u8> {
        let mut line = format!("rsync: [{}] ", self.role.word()).into_bytes();
        for part in self.failing.parts() {
            line.extend_from_slice(part);
        }
        line.extend_from_slice(format!(": {} ({})", self.reason, self.errno).as_bytes());
        line
    }
}

impl<'a> Failing<'a> {
    /// Text before, first name, text between, second name, text after.
    fn parts(&self) -> [&'a [u8]; 5] {
        let one =
            |before: &'static [u8], name: &'a [u8], after: &'static [u8]| [before, name, after, b"", b""];
        match *self {
            Failing::LinkStat(path) => one(b"link_stat \"", path, b"\" failed"),
            Failing::ReadlinkStat(path) => one(b"readlink_stat(\"", path, b"\") failed"),
            Failing::ChangeDir(path) => one(b"change_dir \"", path, b"\" failed"),
            Failing::ChangeDirToParent(path) => one(b"change_dir#3 \"", path, b"\" failed"),
            Failing::OpenDir(path) => one(b"opendir \"", path, b"\" failed"),
            Failing::ReadDir(path) => one(b"readdir(\"", path, b"\")"),
            Failing::OpenSource(path) => one(b"send_files failed to open \"", path, b"\""),
            Failing::ReadSource(path) => one(b"read errors mapping \"", path, b"\""),
            Failing::MakeTemp(path) => one(b"mkstemp \"", path, b"\" failed"),
            Failing::OpenInPlace(path) => one(b"open \"", path, b"\" failed"),
            Failing::Write(path) => one(b"write failed on \"", path, b"\""),
            Failing::Rename { from, to } => [b"rename \"", from, b"\" -> \"", to, b"\""],
            Failing::MakeDestination(path) => one(b"mkdir \"", path, b"\" failed"),
            Failing::MakeDir(path) => one(b"recv_generator: mkdir \"", path, b"\" failed"),
            Failing::MakeSymlink { path, target } => [b"symlink \"", path, b"\" -> \"", target, b"\" failed"],
            Failing::MakeLink { path, leader } => [b"link \"", path, b"\" => ", leader, b" failed"],
            Failing::MakeNode(path) => one(b"mknod \"", path, b"\" failed"),
            Failing::Chown(path) => one(b"chown \"", path, b"\" failed"),
            Failing::Chgrp(path) => one(b"chgrp \"", path, b"\" failed"),
            Failing::SetPermissions(path) => one(b"failed to set permissions on \"", path, b"\""),
            Failing::SetTimes(path) => one(b"failed to set times on \"", path, b"\""),
            Failing::SetXattr { path, attribute } => {
                [b"rsync_xal_set: fsetxattr(\"", path, b"\",\"", attribute, b"\") failed"]
            }
            Failing::SetAccessAcl(name) => one(b"set_acl: xacl_set(", name, b", ACL_TYPE_ACCESS)"),
            Failing::SetDefaultAcl(name) => one(b"set_acl: xacl_set(", name, b", ACL_TYPE_DEFAULT)"),
            Failing::Unlink(name) => one(b"delete_file: unlink(", name, b") failed"),
            Failing::RemoveDir(name) => one(b"delete_file: rmdir(", name, b") failed"),
            Failing::RemoveSource(name) => one(b"sender failed to remove ", name, b""),
            Failing::KeepBackup { path, backup } => {
                [b"keep_backup failed: \"", path, b"\" -> \"", backup, b"\""]
            }
            Failing::OpenLog(path) => one(b"failed to open log-file ", path, b""),
            Failing::StatDestination(path) => one(b"ERROR: cannot stat destination \"", path, b"\""),
        }
    }
}
