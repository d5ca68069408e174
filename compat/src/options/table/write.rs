//! Options that say how data is written.

use super::super::conflicts::{sized, stop_after, stop_at};
use super::super::draft::{Draft, flag, text};
use super::super::error::UsageError;
use super::super::parse::Item;
use super::super::{Append, RemoveSources, Sparse};
use super::{Category, Row, State, Value};
use crate::size::BANDWIDTH;

#[cfg(test)]
use super::tests::{Case, Expect};

const FLAG: Row = Row::flag(Category::Write);

pub(super) static ROWS: &[Row] = &[
    Row {
        long: "dry-run",
        short: Some(b'n'),
        help: "change nothing, only say what would be done",
        about: "With \\fB-i\\fR or \\fB-v\\fR the lines are those of the real run.",
        set: |draft, item| flag(&mut draft.options.write.dry_run, item),
        ..FLAG
    },
    Row {
        long: "inplace",
        no: &["no-inplace"],
        help: "write into existing files",
        about: "Keeps the file's inode and so its other hard links, at the price that an interruption leaves it half written. Without it a file is written beside the old one, which it replaces when it is complete.",
        set: |draft, item| flag(&mut draft.options.write.inplace, item),
        ..FLAG
    },
    Row {
        long: "append",
        no: &["no-append"],
        help: "add what is missing at the end of shorter files",
        about: "What is there is taken for right and not read. Files that are as long or longer are skipped. Implies \\fB--inplace\\fR.",
        set: |draft, item| append(draft, item, Append::Tail),
        ..FLAG
    },
    Row {
        long: "append-verify",
        help: "as --append, then check the whole file",
        about: "A file whose beginning turns out to differ is copied again as a whole.",
        set: |draft, item| append(draft, item, Append::Verify),
        ..FLAG
    },
    Row {
        long: "partial",
        no: &["no-partial"],
        help: "keep files that were only copied in part",
        about: "After an interruption the part is kept under the final name, with a modification time of 1970-01-01. \\fBRSYNC_PARTIAL_DIR\\fR names a directory for it instead.",
        set: |draft, item| flag(&mut draft.options.write.partial, item),
        ..FLAG
    },
    Row {
        long: "partial-dir",
        value: Value::Dir("DIR"),
        help: "keep such parts in DIR",
        about: "A relative DIR is made in each directory when needed, and removed when empty.",
        set: |draft, item| text(&mut draft.options.write.partial_dir, item),
        ..FLAG
    },
    Row {
        short: Some(b'P'),
        help: "same as --partial --progress",
        about: "Short for \\fB--partial --progress\\fR.",
        set: |draft, _| {
            draft.options.write.partial = true;
            draft.progress = true;
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "delay-updates",
        no: &["no-delay-updates"],
        help: "put all updated files in place at the end",
        about: "New contents wait in \\fB.~tmp~\\fR in each directory until all are there.",
        set: |draft, item| flag(&mut draft.options.write.delay_updates, item),
        ..FLAG
    },
    Row {
        long: "temp-dir",
        short: Some(b'T'),
        value: Value::Dir("DIR"),
        help: "write new files in DIR first",
        about: "On another file system the finished file is copied into place, which is not atomic.",
        set: |draft, item| text(&mut draft.options.write.temp_dir, item),
        ..FLAG
    },
    Row {
        long: "sparse",
        short: Some(b'S'),
        no: &["no-sparse", "no-S"],
        value: Value::Maybe("WHEN", &["always", "auto", "never"]),
        help: "make holes where there are only zeros",
        lines: &[("--sparse=WHEN", "where to make holes: always (as -S), auto (as in the source), never")],
        about: "Runs of zeros take no space at the destination. WHEN is not in rsync: \\fBauto\\fR makes holes where the source has some, \\fBnever\\fR nowhere, \\fBalways\\fR is the same as no WHEN.",
        set: sparse,
        ..FLAG
    },
    Row {
        long: "preallocate",
        help: "reserve the space of a file before writing it",
        about: "A full disk shows before the copying starts, and the file system may lay the file out better.",
        set: |draft, item| flag(&mut draft.options.write.preallocate, item),
        ..FLAG
    },
    Row {
        long: "fsync",
        help: "have every written file reach the disk",
        about: "Each file is flushed before it gets its final name.",
        set: |draft, item| flag(&mut draft.options.write.fsync, item),
        ..FLAG
    },
    Row {
        long: "mkpath",
        no: &["no-mkpath"],
        help: "make the destination with all directories above it",
        about: "Otherwise only the last part of the destination's path is made.",
        set: |draft, item| flag(&mut draft.options.write.mkpath, item),
        ..FLAG
    },
    Row {
        long: "remove-source-files",
        help: "remove what was copied from the source (no directories)",
        about: "Everything but directories goes once it is at the destination, also what already was there unchanged; what an option skipped stays.",
        set: |draft, _| remove_sources(draft, RemoveSources::All),
        ..FLAG
    },
    Row {
        long: "remove-sent-files",
        about: "The older form of \\fB--remove-source-files\\fR: only regular files whose data was copied go.",
        set: |draft, _| remove_sources(draft, RemoveSources::Sent),
        ..FLAG
    },
    Row {
        long: "copy-devices",
        help: "copy a device's contents into a file",
        about: "Block devices are read to their end; others give an empty file.",
        set: |draft, item| flag(&mut draft.options.write.copy_devices, item),
        ..FLAG
    },
    Row {
        long: "write-devices",
        no: &["no-write-devices"],
        help: "write into devices as if they were files (implies --inplace)",
        about: "For copying an image onto a device.",
        set: |draft, item| flag(&mut draft.options.write.write_devices, item),
        ..FLAG
    },
    Row {
        long: "bwlimit",
        no: &["no-bwlimit"],
        value: Value::Text("RATE"),
        help: "write no more than RATE a second",
        about: "In KiB unless a unit says otherwise; 0 is no limit.",
        set: bwlimit,
        ..FLAG
    },
    Row {
        long: "stop-after",
        alias: &["time-limit"],
        value: Value::Text("MINS"),
        help: "stop after MINS minutes",
        about: "The run ends with exit value 30.",
        set: |draft, item| {
            draft.options.write.stop = Some(stop_after(item.text())?);
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "stop-at",
        value: Value::Text("y-m-dTh:m"),
        help: "stop at this time",
        about: "Parts may be left out from the left or, of the time, from the right.",
        set: |draft, item| {
            draft.options.write.stop = Some(stop_at(item.text())?);
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "timeout",
        no: &["no-timeout"],
        value: Value::Number("SECONDS"),
        help: "give up when nothing moves for so long",
        about: "The run ends with exit value 30. 0 is no limit.",
        set: |draft, item| {
            let seconds = if item.on() { item.number() } else { 0 };
            draft.options.write.timeout = u32::try_from(seconds).unwrap_or(0);
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "max-alloc",
        value: Value::Text("SIZE"),
        help: "limit of one memory allocation",
        about: "At least 1M; 0 is no limit.",
        state: State::NoEffect("memory is bounded by the engine's own budgets"),
        set: |draft, item| text(&mut draft.max_alloc, item),
        ..FLAG
    },
    Row {
        long: "qsort",
        about: "Chooses a sorting algorithm in rsync, which does not document it. The list is made as a whole for it.",
        set: |draft, _| {
            draft.sorts_whole = true;
            Ok(())
        },
        ..FLAG
    },
];

fn append(draft: &mut Draft, item: &Item, how: Append) -> Result<(), UsageError> {
    draft.options.write.append = if item.on() { how } else { Append::Off };
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of a row's action")]
fn remove_sources(draft: &mut Draft, what: RemoveSources) -> Result<(), UsageError> {
    draft.options.write.remove_source_files = what;
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of a row's action")]
fn sparse(draft: &mut Draft, item: &Item) -> Result<(), UsageError> {
    draft.options.write.sparse = match (item.on(), item.text()) {
        (false, _) => Sparse::Off,
        (true, b"" | b"always") => Sparse::Zeros,
        (true, b"auto") => Sparse::Holes,
        (true, _) => Sparse::Never,
    };
    Ok(())
}

/// Rounded to KiB, as rsync does.
fn bwlimit(draft: &mut Draft, item: &Item) -> Result<(), UsageError> {
    draft.options.write.bwlimit = 0;
    if item.on() {
        draft.options.write.bwlimit = (sized(draft, "bwlimit", item.text(), &BANDWIDTH)? + 512) / 1024 * 1024;
    }
    Ok(())
}

#[cfg(test)]
pub(super) static CASES: &[Case] = &[
    ("--dry-run", &["-n"], Expect::On(|o| o.write.dry_run)),
    ("--inplace", &["--inplace"], Expect::On(|o| o.write.inplace && o.write.partial)),
    (
        "--append",
        &["--append"],
        Expect::On(|o| o.write.append == Append::Tail && o.write.inplace && !o.write.whole_file),
    ),
    ("--append-verify", &["--append-verify"], Expect::On(|o| o.write.append == Append::Verify)),
    ("--partial", &["--partial"], Expect::On(|o| o.write.partial)),
    (
        "--partial-dir",
        &["--partial-dir=p"],
        Expect::On(|o| o.write.partial && o.write.partial_dir.as_deref() == Some(b"p")),
    ),
    ("-P", &["-P"], Expect::On(|o| o.write.partial && o.output.info.progress == 1)),
    (
        "--delay-updates",
        &["-r", "--delay-updates"],
        Expect::On(|o| o.write.partial_dir.as_deref() == Some(b".~tmp~") && !o.select.incremental),
    ),
    ("--temp-dir", &["-T=/tmp"], Expect::On(|o| o.write.temp_dir.as_deref() == Some(b"/tmp"))),
    ("--sparse", &["-S"], Expect::On(|o| o.write.sparse == Sparse::Zeros)),
    ("--sparse", &["-S", "--sparse=auto"], Expect::On(|o| o.write.sparse == Sparse::Holes)),
    ("--sparse", &["--sparse=never"], Expect::On(|o| o.write.sparse == Sparse::Never)),
    ("--sparse", &["--sparse=no"], Expect::Error("rsync: --sparse=no: option does not take an argument")),
    ("--sparse", &["--sparse="], Expect::Error("rsync: --sparse=: option does not take an argument")),
    ("--sparse", &["-S=auto"], Expect::Error("rsync: -S=auto: option does not take an argument")),
    ("--preallocate", &["--preallocate"], Expect::On(|o| o.write.preallocate)),
    ("--fsync", &["--fsync"], Expect::On(|o| o.write.fsync)),
    ("--mkpath", &["--mkpath"], Expect::On(|o| o.write.mkpath)),
    (
        "--remove-source-files",
        &["--remove-source-files"],
        Expect::On(|o| o.write.remove_source_files == RemoveSources::All),
    ),
    (
        "--remove-sent-files",
        &["--remove-sent-files"],
        Expect::On(|o| o.write.remove_source_files == RemoveSources::Sent),
    ),
    ("--copy-devices", &["--copy-devices"], Expect::On(|o| o.write.copy_devices)),
    ("--write-devices", &["--write-devices"], Expect::On(|o| o.write.write_devices && o.write.inplace)),
    ("--bwlimit", &["--bwlimit=1.5"], Expect::On(|o| o.write.bwlimit == 2048)),
    ("--stop-after", &["--time-limit=0"], Expect::Error("rsync: invalid --stop-after value: 0")),
    ("--stop-at", &["--stop-at=x"], Expect::Error("rsync: invalid --stop-at format: x")),
    ("--timeout", &["--timeout=-3"], Expect::Nothing),
    (
        "--max-alloc",
        &["--max-alloc=1"],
        Expect::Error("rsync: --max-alloc=1 is too small (min: 1.00M or 0 for unlimited)"),
    ),
    ("--qsort", &["-r", "--qsort"], Expect::On(|o| !o.select.incremental)),
];
