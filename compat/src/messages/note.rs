//! Lines that are no error of the system: notes, warnings, and what `-v` tells.

use super::Newcomer;

/// Which stream a line belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// Why an item is not brought up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// `--update`: the destination is newer.
    Newer,
    /// `--ignore-existing`, with what `--info=skip2` adds.
    Exists(SkipDetail),
    /// `--max-size`.
    OverMaxSize,
    /// `--min-size`.
    UnderMinSize,
    /// `--existing`, a file.
    NewFile,
    /// `--existing`, a directory.
    NewDirectory,
}

/// What `--info=skip2` adds to "exists".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkipDetail {
    /// Nothing: `--info=skip1`.
    None,
    /// It would not have changed.
    UpToDate,
    /// Its data would have changed.
    FileChange,
    /// Its attributes would have changed.
    AttributeChange,
    /// It would have become another kind of item.
    TypeChange,
}

/// A line about names in the transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note<'a> {
    /// No `-r`, no `-d`.
    SkippingDirectory(&'a [u8]),
    /// A kind of item that the options don't copy.
    SkippingNonRegular(&'a [u8]),
    /// `--safe-links`.
    UnsafeSymlink {
        /// The link.
        name: &'a [u8],
        /// Its text.
        target: &'a [u8],
    },
    /// `-L`; full path.
    NoReferent(&'a [u8]),
    /// Gone between listing and reading; full path.
    Vanished(&'a [u8]),
    /// A directory that holds protected items.
    CannotDeleteNonEmpty(&'a [u8]),
    /// The item itself is an error when that directory is in the way of this.
    CouldNotMakeWay {
        /// The item.
        name: &'a [u8],
        /// What it is.
        newcomer: Newcomer,
    },
    /// After a directory that could not be made.
    SkippingContents,
    /// After an error in the source.
    IoErrorNoDeletion,
    /// `--max-delete` was reached, so many deletions were left out.
    DeletionsStopped(u64),
    /// `-v` without a format.
    Deleting(&'a [u8]),
    /// `-vv`.
    UpToDate(&'a [u8]),
    /// Something was skipped.
    Skipped(&'a [u8], Skip),
    /// `--remove-source-files`.
    SenderRemoved(&'a [u8]),
    /// `--remove-source-files` when source and destination are one file.
    SkippingSenderRemove(&'a [u8]),
    /// `--backup`.
    BackedUp {
        /// The item.
        name: &'a [u8],
        /// The backup.
        backup: &'a [u8],
    },
    /// The destination directory was made.
    CreatedDirectory(&'a [u8]),
    /// `--mkpath` made several.
    CreatedDirectories(&'a [u8], u32),
    /// An alternate destination that is not there: option name, full path.
    AlternateMissing(&'a [u8], &'a [u8]),
    /// Several items to something that is no directory.
    DestinationNotDirectory,
    /// Before the first name.
    SendingIncremental,
    /// The same when the whole list is made first.
    BuildingList,
    /// `-vv`.
    DeltaDisabled,
    /// `-vv`: so many bytes of data.
    Totals(u64),
    /// The log file cannot be opened.
    IgnoringLogFile,
}

impl Note<'_> {
    /// The stream rsync prints it on.
    #[must_use]
    pub fn stream(&self) -> Stream {
        match self {
            Note::NoReferent(_)
            | Note::Vanished(_)
            | Note::CouldNotMakeWay { .. }
            | Note::SkippingContents
            | Note::DeletionsStopped(_)
            | Note::SkippingSenderRemove(_)
            | Note::AlternateMissing(..)
            | Note::DestinationNotDirectory
            | Note::IgnoringLogFile => Stream::Error,
            Note::SkippingDirectory(_)
            | Note::SkippingNonRegular(_)
            | Note::UnsafeSymlink { .. }
            | Note::CannotDeleteNonEmpty(_)
            | Note::IoErrorNoDeletion
            | Note::Deleting(_)
            | Note::UpToDate(_)
            | Note::Skipped(..)
            | Note::SenderRemoved(_)
            | Note::BackedUp { .. }
            | Note::CreatedDirectory(_)
            | Note::CreatedDirectories(..)
            | Note::SendingIncremental
            | Note::BuildingList
            | Note::DeltaDisabled
            | Note::Totals(_) => Stream::Output,
        }
    }

    /// The line.
    #[must_use]
    pub fn line(&self) -> Vec<u8> {
        match *self {
            Note::SkippingDirectory(name) => [b"skipping directory ", name].concat(),
            Note::SkippingNonRegular(name) => [b"skipping non-regular file \"", name, b"\""].concat(),
            Note::UnsafeSymlink { name, target } => {
                [b"ignoring unsafe symlink \"", name, b"\" -> \"", target, b"\""].concat()
            }
            Note::NoReferent(path) => [b"symlink has no referent: \"", path, b"\""].concat(),
            Note::Vanished(path) => [b"file has vanished: \"", path, b"\""].concat(),
            Note::CannotDeleteNonEmpty(name) => [b"cannot delete non-empty directory: ", name].concat(),
            Note::CouldNotMakeWay { name, newcomer } => {
                [b"could not make way for new ", newcomer.words(), b": ", name].concat()
            }
            Note::SkippingContents => b"*** Skipping any contents from this failed directory ***".to_vec(),
            Note::IoErrorNoDeletion => b"IO error encountered -- skipping file deletion".to_vec(),
            Note::DeletionsStopped(count) => {
                format!("Deletions stopped due to --max-delete limit ({count} skipped)").into_bytes()
            }
            Note::Deleting(name) => [b"deleting ", name].concat(),
            Note::UpToDate(name) => [name, b" is uptodate"].concat(),
            Note::Skipped(name, skip) => skip_line(name, skip),
            Note::SenderRemoved(name) => [b"sender removed ", name].concat(),
            Note::SkippingSenderRemove(name) => {
                [b"ERROR: Skipping sender remove of destination file: ", name].concat()
            }
            Note::BackedUp { name, backup } => [b"backed up ", name, b" to ", backup].concat(),
            Note::CreatedDirectory(name) => [b"created directory ", name].concat(),
            Note::CreatedDirectories(name, count) => {
                let noun = if count == 1 { "directory" } else { "directories" };
                [format!("created {count} {noun} for ").as_bytes(), name].concat()
            }
            Note::AlternateMissing(option, path) => [option, b" arg does not exist: ", path].concat(),
            Note::DestinationNotDirectory => {
                b"ERROR: destination must be a directory when copying more than 1 file".to_vec()
            }
            Note::SendingIncremental => b"sending incremental file list".to_vec(),
            Note::BuildingList => b"building file list ... done".to_vec(),
            Note::DeltaDisabled => b"delta-transmission disabled for local transfer or --whole-file".to_vec(),
            Note::Totals(data) => {
                format!("total: matches=0  hash_hits=0  false_alarms=0 data={data}").into_bytes()
            }
            Note::IgnoringLogFile => b"Ignoring \"log file\" setting.".to_vec(),
        }
    }
}

fn skip_line(name: &[u8], skip: Skip) -> Vec<u8> {
    match skip {
        Skip::Newer => [name, b" is newer"].concat(),
        Skip::OverMaxSize => [name, b" is over max-size"].concat(),
        Skip::UnderMinSize => [name, b" is under min-size"].concat(),
        Skip::NewFile => [b"not creating new file \"", name, b"\""].concat(),
        Skip::NewDirectory => [b"not creating new directory \"", name, b"\""].concat(),
        Skip::Exists(detail) => {
            let detail: &[u8] = match detail {
                SkipDetail::None => b"",
                SkipDetail::UpToDate => b" (uptodate)",
                SkipDetail::FileChange => b" (file change)",
                SkipDetail::AttributeChange => b" (attr change)",
                SkipDetail::TypeChange => b" (type change)",
            };
            [name, b" exists", detail].concat()
        }
    }
}
