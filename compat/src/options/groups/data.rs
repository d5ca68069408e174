//! How data is compared and written.

use crate::options::{Bytes, stop};

/// When an existing file counts as up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compare {
    /// `-c`.
    pub checksum: bool,
    /// `-I`.
    pub ignore_times: bool,
    /// `--size-only`.
    pub size_only: bool,
    /// `--modify-window` in seconds; negative compares nanoseconds.
    pub modify_window: i64,
    /// `-u`.
    pub update: bool,
    /// `--existing`.
    pub existing: bool,
    /// `--ignore-existing`.
    pub ignore_existing: bool,
    /// `-y` given this many times.
    pub fuzzy: u8,
}

/// How data is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// `-n`.
    pub dry_run: bool,
    /// `-W` is in force (the default on one machine).
    pub whole_file: bool,
    /// `--inplace`.
    pub inplace: bool,
    /// `--append`, `--append-verify`.
    pub append: Append,
    /// `--partial`.
    pub partial: bool,
    /// `--partial-dir=DIR`.
    pub partial_dir: Option<Bytes>,
    /// `--delay-updates`.
    pub delay_updates: bool,
    /// `-T DIR`.
    pub temp_dir: Option<Bytes>,
    /// `-S`, `--sparse=WHEN`.
    pub sparse: Sparse,
    /// `--reflink=WHEN`.
    pub reflink: Reflink,
    /// `--copy-method=METHOD`.
    pub method: CopyMethod,
    /// `--drop-cache`.
    pub drop_cache: bool,
    /// `--preallocate`.
    pub preallocate: bool,
    /// `--fsync`.
    pub fsync: bool,
    /// `--syncfs`.
    pub syncfs: bool,
    /// `--verify`.
    pub verify: bool,
    /// `-B`, bytes; 0 when not given.
    pub block_size: u32,
    /// `--remove-source-files`, `--remove-sent-files`.
    pub remove_source_files: RemoveSources,
    /// `--mkpath`.
    pub mkpath: bool,
    /// `--bwlimit`, bytes a second; 0 is no limit.
    pub bwlimit: u64,
    /// `--stop-after`, `--stop-at`; the last one counts.
    pub stop: Option<stop::Stop>,
    /// `--timeout`, seconds; 0 is none.
    pub timeout: u32,
    /// `--copy-devices`.
    pub copy_devices: bool,
    /// `--write-devices`.
    pub write_devices: bool,
}

/// Where files have holes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sparse {
    /// As it comes: rsync makes none of its own.
    Off,
    /// `-S`, `--sparse`, `--sparse=always`: wherever there are only zeros.
    Zeros,
    /// `--sparse=auto`: where the source has some.
    Holes,
    /// `--sparse=never`: nowhere.
    Never,
}

/// Whether files share their data with the source (`--reflink`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reflink {
    /// Where the file system can.
    Auto,
    /// `--reflink`, `--reflink=always`: or else they are not copied.
    Always,
    /// `--reflink=never`.
    Never,
}

/// How the data of whole files is copied (`--copy-method`). What a method cannot do is read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyMethod {
    /// By what measured best.
    Auto,
    /// FICLONE, however small the file.
    Reflink,
    /// copy_file_range(2), however small the file.
    CopyFileRange,
    /// read(2) and write(2) by way of the page cache.
    ReadWrite,
    /// Large files by read(2) and write(2) past the page cache.
    Direct,
}

/// What goes from the source once the destination has it; never directories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoveSources {
    /// Nothing.
    None,
    /// `--remove-sent-files`: regular files whose data was sent.
    Sent,
    /// `--remove-source-files`: also what was there already.
    All,
}

/// `--append` and `--append-verify`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Append {
    /// Neither.
    Off,
    /// `--append`.
    Tail,
    /// `--append-verify`.
    Verify,
}
