//! [`Draft`]: the wishes as they stand while the command line is read, before implications are applied.

use super::error::UsageError;
use super::help::VersionForm;
use super::parse::Item;
use super::words::{Levels, Topic};
use super::{
    Append, BasisKind, Batch, Bytes, Claim, Compare, Confine, CopyMethod, Delete, Engine, Info, Io, Links,
    MissingArgs, OneFileSystem, Options, Output, Preserve, Progress, Recursion, Reflink, Relative,
    RemoveSources, Select, Sparse, Telling, Write,
};
use crate::output::number::Numerals;

/// `-r` given, or only implied by `-a`, which `--files-from` takes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recurse {
    Off,
    Implied,
    Asked,
}

/// When deletion was asked for, before one time is settled on.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct DeleteWishes {
    pub(crate) plain: bool,
    pub(crate) before: bool,
    /// `--delete-during` or `--delete-delay`, whichever came last.
    pub(crate) during: Option<super::DeleteWhen>,
    pub(crate) after: bool,
}

/// `-b` and its relatives.
#[derive(Debug, Clone, Default)]
pub(crate) struct BackupWishes {
    pub(crate) asked: bool,
    pub(crate) dir: Option<Bytes>,
    pub(crate) suffix: Option<Bytes>,
}

/// Which option named the users and groups: only one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    Nobody,
    ByChown,
    ByMap,
}

/// Whether the old and the new way of passing arguments to a remote shell were asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ArgStyle {
    pub(crate) old: Option<bool>,
    pub(crate) secluded: Option<bool>,
}

/// What was asked of batches.
#[derive(Debug, Clone, Default)]
pub(crate) struct BatchWishes {
    /// The last file named.
    pub(crate) file: Option<Bytes>,
    pub(crate) reads: bool,
    pub(crate) writes: bool,
    pub(crate) writes_only: bool,
}

/// What to print instead of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Print {
    Help,
    Words(Topic),
    Version(VersionForm),
}

/// The wishes so far. What no implication touches is already in its place in `options`.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) options: Options,
    pub(crate) recurse: Recurse,
    pub(crate) dirs: Option<bool>,
    pub(crate) old_dirs: bool,
    pub(crate) relative: Option<bool>,
    pub(crate) implied_dirs: bool,
    pub(crate) incremental: bool,
    /// `--qsort`: the list is sorted, and so made, as a whole.
    pub(crate) sorts_whole: bool,
    pub(crate) rsync_filters: u8,
    pub(crate) whole_file: Option<bool>,
    pub(crate) delete: DeleteWishes,
    pub(crate) backup: BackupWishes,
    pub(crate) users_named: Named,
    pub(crate) groups_named: Named,
    pub(crate) basis: Vec<(BasisKind, Bytes)>,
    pub(crate) verbose: u8,
    pub(crate) itemize: u8,
    pub(crate) info: Levels,
    pub(crate) debug: Levels,
    pub(crate) drop_nodes: bool,
    pub(crate) progress: bool,
    pub(crate) versions: u8,
    /// `--doctor`: look at the system instead of copying.
    pub(crate) doctor: bool,
    /// Something to print instead of a run; the first one wins.
    pub(crate) print: Option<Print>,
    pub(crate) outbuf: Option<Bytes>,
    pub(crate) max_alloc: Option<Bytes>,
    pub(crate) checksum_choice: Option<Bytes>,
    pub(crate) compress_choice: Option<Bytes>,
    pub(crate) confine_root: Option<Bytes>,
    pub(crate) password_file: bool,
    /// `--contimeout`, in seconds.
    pub(crate) connect_timeout: i32,
    pub(crate) batch: BatchWishes,
    pub(crate) compress: bool,
    /// `--iconv`; `-` stands for its `--no-` form.
    pub(crate) iconv: Option<Bytes>,
    pub(crate) args: ArgStyle,
    /// What the receiving side alone is told (`-M`), as typed.
    pub(crate) remote: Vec<Bytes>,
}

impl Draft {
    /// Nothing asked for yet: rsync's defaults.
    pub(crate) fn new(numerals: Numerals) -> Draft {
        Draft {
            options: plain_options(numerals),
            recurse: Recurse::Off,
            dirs: None,
            old_dirs: false,
            relative: None,
            implied_dirs: true,
            incremental: true,
            sorts_whole: false,
            rsync_filters: 0,
            whole_file: None,
            delete: DeleteWishes::default(),
            backup: BackupWishes::default(),
            users_named: Named::Nobody,
            groups_named: Named::Nobody,
            basis: Vec::new(),
            verbose: 0,
            itemize: 0,
            info: Levels::new(Topic::Info),
            debug: Levels::new(Topic::Debug),
            drop_nodes: false,
            progress: false,
            versions: 0,
            doctor: false,
            print: None,
            outbuf: None,
            max_alloc: None,
            checksum_choice: None,
            compress_choice: None,
            confine_root: None,
            password_file: false,
            connect_timeout: 0,
            batch: BatchWishes::default(),
            compress: false,
            iconv: None,
            args: ArgStyle::default(),
            remote: Vec::new(),
        }
    }
}

/// Sets a flag, or a wish that may also not have been uttered, to whether the option or its `--no-` form was given.
pub(crate) fn flag<Wish: From<bool>>(slot: &mut Wish, item: &Item) -> Result<(), UsageError> {
    *slot = item.on().into();
    Ok(())
}

/// Counts how often the option was given; its `--no-` form starts over.
pub(crate) fn count(slot: &mut u8, item: &Item) -> Result<(), UsageError> {
    *slot = if item.on() { slot.saturating_add(1) } else { 0 };
    Ok(())
}

/// Keeps the text given; the `--no-` form forgets it.
pub(crate) fn text(slot: &mut Option<Bytes>, item: &Item) -> Result<(), UsageError> {
    *slot = item.on().then(|| item.text().to_vec());
    Ok(())
}

fn plain_options(numerals: Numerals) -> Options {
    Options {
        operands: Vec::new(),
        select: plain_select(),
        compare: Compare {
            checksum: false,
            ignore_times: false,
            size_only: false,
            modify_window: 0,
            update: false,
            existing: false,
            ignore_existing: false,
            fuzzy: 0,
        },
        write: plain_write(),
        preserve: plain_preserve(),
        links: Links {
            keep: false,
            copy: false,
            copy_unsafe: false,
            safe: false,
            unmunge: false,
            munge: false,
            copy_dirlinks: false,
            keep_dirlinks: false,
            insecure: false,
        },
        confine: Confine::default(),
        charsets: None,
        protocol: 32,
        delete: Delete { when: None, excluded: false, max: None, force: false, ignore_errors: false },
        backup: None,
        basis: None,
        output: plain_output(numerals),
        batch: Batch::None,
        receiving: None,
        engine: Engine { workers: None, pin: true, io: Io::Auto },
        telling: Telling { summary: false, json: false, bar: false },
    }
}

fn plain_select() -> Select {
    Select {
        recursion: Recursion::None,
        relative: Relative::Off,
        one_file_system: OneFileSystem::Off,
        filters: Vec::new(),
        cvs_exclude: false,
        files_from: None,
        from0: false,
        prune_empty_dirs: false,
        max_size: None,
        min_size: None,
        missing_args: MissingArgs::Error,
        incremental: false,
    }
}

fn plain_write() -> Write {
    Write {
        dry_run: false,
        whole_file: true,
        inplace: false,
        append: Append::Off,
        partial: false,
        partial_dir: None,
        delay_updates: false,
        temp_dir: None,
        sparse: Sparse::Off,
        reflink: Reflink::Auto,
        method: CopyMethod::Auto,
        drop_cache: false,
        preallocate: false,
        fsync: false,
        syncfs: false,
        verify: false,
        block_size: 0,
        remove_source_files: RemoveSources::None,
        mkpath: false,
        bwlimit: 0,
        stop: None,
        timeout: 0,
        copy_devices: false,
        write_devices: false,
    }
}

fn plain_preserve() -> Preserve {
    Preserve {
        perms: false,
        executability: false,
        acls: false,
        xattrs: 0,
        owner: false,
        group: false,
        devices: false,
        specials: false,
        times: false,
        atimes: 0,
        open_noatime: false,
        omit_dir_times: false,
        omit_link_times: false,
        hard_links: false,
        numeric_ids: false,
        chmod: Vec::new(),
        usermap: None,
        groupmap: None,
        sender_claim: Claim::ByUser,
        receiver_claim: Claim::ByUser,
        copy_as: None,
    }
}

fn plain_output(numerals: Numerals) -> Output {
    Output {
        verbose: 0,
        quiet: false,
        info: Info::default(),
        names_there: false,
        debug: super::Debug::default(),
        itemize: 0,
        out_format: None,
        log_file: None,
        log_file_format: None,
        stats: false,
        human: 1,
        numerals,
        progress: Progress::Off,
        eight_bit: false,
        list_only: false,
        sum: crate::digest::Algorithm::Xxh128,
        outbuf: None,
        stderr: super::Stderr::Errors,
    }
}
