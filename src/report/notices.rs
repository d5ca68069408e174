//! The words of notices on standard output, and the levels at which they are said (rsync(1), --info, --verbose).

use rsync_compat::filter::{NameKind, Side, match_line};

use super::event::Notice;
use super::overtaking::Pace;
use super::settings::{Levels, Lines};
use crate::entry::Kind;
use crate::failure::reason;

/// Whether a notice is said at these levels.
pub(super) fn is_said(notice: &Notice<'_>, levels: &Levels, lines: &Lines) -> bool {
    let info = match origin(notice) {
        Origin::Source => &levels.info,
        Origin::Entry | Origin::Destination => &levels.far,
    };
    match notice {
        Notice::Missing(_) | Notice::AlreadyRemoved(_) => true,
        Notice::NonRegular(_) | Notice::NoBackup(_) => info.nonreg > 0,
        Notice::SkippingBatched(_) => true,
        Notice::SkippingDirectory(_) | Notice::CannotDeleteNonEmpty(_) | Notice::IoErrorSkipsDeletion => true,
        Notice::Cleaning(_) => levels.cleaning > 0,
        Notice::Newer(_)
        | Notice::Exists { .. }
        | Notice::NotCreating { .. }
        | Notice::OverMaxSize(_)
        | Notice::UnderMinSize(_) => info.skip > 0,
        // Against the manual, measured: symlinks.rs, s52_unsafe_links_are_told_with_names.
        Notice::UnsafeSymlink { .. } => info.name > 0,
        Notice::CopyingUnsafeSymlink { .. } | Notice::UnsafeBackup { .. } => info.symsafe > 0,
        Notice::CreatedDirectory(_) | Notice::CreatedDirectories { .. } => {
            levels.names_there && info.name > 0 || lines.itemizes && !lines.quiet
        }
        Notice::NotLinked { .. } => levels.names_there && info.name > 0,
        Notice::BackupDir { .. } | Notice::BackedUp { .. } => info.backup > 0,
        Notice::RemovedSource(_) => info.remove > 0,
        Notice::Matched { .. } | Notice::Protected { .. } => levels.filters > 0,
        Notice::MountPoint(_) => info.mount > 0,
    }
}

/// Whether it says that an entry was left alone by an option or for its kind.
pub(super) fn is_skip(notice: &Notice<'_>) -> bool {
    origin(notice) == Origin::Entry || matches!(notice, Notice::SkippingDirectory(_))
}

/// Which side says it, as far as it matters for the characters of names (`--iconv`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// The source side.
    Source,
    /// The destination side, of an entry that it leaves alone: in the source's characters all the same.
    Entry,
    /// The destination side, in its own characters.
    Destination,
}

/// Which side says a notice.
pub(super) fn origin(notice: &Notice<'_>) -> Origin {
    match notice {
        Notice::Missing(_)
        | Notice::SkippingBatched(_)
        | Notice::SkippingDirectory(_)
        | Notice::CopyingUnsafeSymlink { .. }
        | Notice::RemovedSource(_)
        | Notice::AlreadyRemoved(_)
        | Notice::Matched { .. }
        | Notice::MountPoint(_)
        | Notice::IoErrorSkipsDeletion => Origin::Source,
        Notice::NonRegular(_)
        | Notice::Newer(_)
        | Notice::Exists { .. }
        | Notice::NotCreating { .. }
        | Notice::OverMaxSize(_)
        | Notice::UnderMinSize(_)
        | Notice::UnsafeSymlink { .. } => Origin::Entry,
        Notice::CannotDeleteNonEmpty(_)
        | Notice::Cleaning(_)
        | Notice::CreatedDirectory(_)
        | Notice::CreatedDirectories { .. }
        | Notice::NotLinked { .. }
        | Notice::BackupDir { .. }
        | Notice::BackedUp { .. }
        | Notice::UnsafeBackup { .. }
        | Notice::NoBackup(_)
        | Notice::Protected { .. } => Origin::Destination,
    }
}

/// When a notice is said among what else is.
pub(super) fn pace(notice: &Notice<'_>) -> Pace {
    let in_turn = matches!(
        notice,
        Notice::Missing(_)
            | Notice::SkippingBatched(_)
            | Notice::RemovedSource(_)
            | Notice::AlreadyRemoved(_)
    );
    match origin(notice) {
        _ if in_turn => Pace::InTurn,
        // Found by the side that deletes.
        Origin::Source if matches!(notice, Notice::IoErrorSkipsDeletion) => Pace::Overtaking,
        Origin::Source => Pace::AtOnce,
        Origin::Entry | Origin::Destination => Pace::Overtaking,
    }
}

/// Appends its words.
pub(super) fn words(notice: &Notice<'_>, out: &mut Vec<u8>) {
    match *notice {
        Notice::Missing(rel) => join(out, &[format!("{:<46}", "*missing").as_bytes(), rel]),
        Notice::NonRegular(rel) => join(out, &[b"skipping non-regular file \"", rel, b"\""]),
        Notice::NoBackup(rel) => join(out, &[b"make_bak: skipping non-regular file ", rel]),
        Notice::SkippingDirectory(rel) => join(out, &[b"skipping directory ", rel]),
        Notice::CannotDeleteNonEmpty(rel) => join(out, &[b"cannot delete non-empty directory: ", rel]),
        Notice::Cleaning(rel) => join(out, &[b"deleting in ", rel]),
        Notice::IoErrorSkipsDeletion => join(out, &[b"IO error encountered -- skipping file deletion"]),
        Notice::Newer(rel) => join(out, &[rel, b" is newer"]),
        Notice::Exists { rel, otherwise } => join(out, &[rel, b" exists", otherwise.as_bytes()]),
        Notice::NotCreating { kind, rel } => {
            let noun: &[u8] = if kind == Kind::Dir { b"directory" } else { b"file" };
            join(out, &[b"not creating new ", noun, b" \"", rel, b"\""]);
        }
        Notice::NotLinked { path, to, errno } => {
            let why = format!(" failed: {}", reason(errno));
            join(out, &[b"rsync: [generator] link \"", path, b"\" => ", to, why.as_bytes()]);
        }
        Notice::SkippingBatched(rel) => join(out, &[b"(Skipping batched update for \"", rel, b"\")"]),
        Notice::OverMaxSize(rel) => join(out, &[rel, b" is over max-size"]),
        Notice::UnderMinSize(rel) => join(out, &[rel, b" is under min-size"]),
        Notice::UnsafeSymlink { rel, target } => {
            join(out, &[b"ignoring unsafe symlink \"", rel, b"\" -> \"", target, b"\""]);
        }
        Notice::CopyingUnsafeSymlink { rel, target } => {
            join(out, &[b"copying unsafe symlink \"", rel, b"\" -> \"", target, b"\""]);
        }
        Notice::CreatedDirectory(path) => {
            join(out, &[b"created directory ", path]);
        }
        Notice::CreatedDirectories { count, path } => {
            let noun = if count == 1 { "directory" } else { "directories" };
            let words = format!("created {count} {noun} for ");
            join(out, &[words.as_bytes(), path]);
        }
        Notice::BackupDir { path, exists } => {
            let new: &[u8] = if exists { b"" } else { b"(new) " };
            join(out, &[new, b"backup_dir is ", path.strip_suffix(b"/").unwrap_or(path)]);
        }
        Notice::UnsafeBackup { rel, target } => {
            join(out, &[b"not backing up unsafe symlink \"", rel, b"\" -> \"", target, b"\""]);
        }
        Notice::BackedUp { rel, to } => join(out, &[b"backed up ", rel, b" to ", to]),
        Notice::RemovedSource(rel) => join(out, &[b"sender removed ", rel]),
        Notice::AlreadyRemoved(rel) => join(out, &[b"sender file already removed: ", rel]),
        Notice::Matched { kind, rel, found } => {
            out.extend(match_line(found, Side::Sender, rel, name_kind(kind)))
        }
        Notice::Protected { kind, rel, found } => {
            out.extend(match_line(found, Side::Receiver, rel, name_kind(kind)));
        }
        Notice::MountPoint(rel) => join(out, &[b"[sender] skipping mount-point dir ", rel]),
    }
}

fn join(out: &mut Vec<u8>, parts: &[&[u8]]) {
    for part in parts {
        out.extend_from_slice(part);
    }
}

fn name_kind(kind: Kind) -> NameKind {
    match kind {
        Kind::Dir => NameKind::Directory,
        Kind::File | Kind::Symlink | Kind::Char | Kind::Block | Kind::Fifo | Kind::Socket => NameKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_rsyncs() {
        let cases: &[(Notice<'_>, &str)] = &[
            (Notice::NonRegular(b"sub/up"), "skipping non-regular file \"sub/up\""),
            (Notice::NotCreating { kind: Kind::Dir, rel: b"exd" }, "not creating new directory \"exd\""),
            (Notice::CreatedDirectory(b"e"), "created directory e"),
            (Notice::CreatedDirectories { count: 1, path: b"e" }, "created 1 directory for e"),
            (Notice::CreatedDirectories { count: 3, path: b"e/f/g" }, "created 3 directories for e/f/g"),
            (Notice::BackedUp { rel: b"old", to: b"BK/old" }, "backed up old to BK/old"),
            (
                Notice::UnsafeSymlink { rel: b"abs", target: b"/etc/hostname" },
                "ignoring unsafe symlink \"abs\" -> \"/etc/hostname\"",
            ),
        ];
        for (notice, wanted) in cases {
            let mut out = Vec::new();
            words(notice, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), *wanted);
        }
    }
}
