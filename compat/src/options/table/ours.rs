//! Options that rsync does not have.

use super::super::draft::{Draft, flag};
use super::super::error::UsageError;
use super::super::parse::Item;
use super::super::{CopyMethod, Io, Reflink};
use super::{Category, Row, Value};

#[cfg(test)]
use super::tests::{Case, Expect};

const FLAG: Row = Row::flag(Category::Ours);

pub(super) static ROWS: &[Row] = &[
    Row {
        long: "workers",
        value: Value::Number("NUM"),
        help: "how many threads work (default: one for each CPU)",
        about: "Each has its own ring. The default respects the affinity mask and the cgroup's quota. Where a device makes every look wait, up to 16 more threads look into directories before their turn, but not with `--workers=1`.",
        set: workers,
        ..FLAG
    },
    Row {
        long: "pin",
        value: Value::Words("on|off", &["on", "off"]),
        help: "keep each thread on its CPU (default: on)",
        about: "Off leaves the threads to the scheduler.",
        set: pin,
        ..FLAG
    },
    Row {
        long: "io",
        value: Value::Words("MODE", &["auto", "ring", "syscalls"]),
        help: "io_uring or plain system calls: auto, ring, syscalls",
        about: "\\fBauto\\fR takes whatever measurement favours, operation by operation; \\fBring\\fR uses io_uring wherever it has the operation; \\fBsyscalls\\fR never does.",
        set: io,
        ..FLAG
    },
    Row {
        long: "reflink",
        no: &["no-reflink"],
        value: Value::Maybe("WHEN", &["always", "auto", "never"]),
        help: "share data with the source: always, auto (default), never",
        about: "As in cp(1): \\fBauto\\fR shares where the file system can and copies elsewhere; \\fBalways\\fR, the same as no WHEN, leaves out files that cannot be shared, each with an error; \\fBnever\\fR copies.",
        set: reflink,
        ..FLAG
    },
    Row {
        long: "copy-method",
        value: Value::Words("METHOD", &["auto", "reflink", "copy_file_range", "read_write", "direct"]),
        help: "auto, reflink, copy_file_range, read_write, direct",
        about: "How the data of whole files is copied. \\fBauto\\fR (default) takes what measured best; the others are tried first for every file, and what they cannot do is read and written.",
        set: method,
        ..FLAG
    },
    Row {
        long: "drop-cache",
        no: &["no-drop-cache"],
        help: "leave the page cache as it was",
        about: "What is read and written leaves memory at once, so that a large copy does not push out what other programs use.",
        set: |draft, item| flag(&mut draft.options.write.drop_cache, item),
        ..FLAG
    },
    Row {
        long: "verify",
        no: &["no-verify"],
        help: "read each written file back and compare it with the source",
        about: "Before a file gets its name its data goes to the device, leaves the page cache where the file system lets it, and is read again, beside the source. What differs is told, and the old file stays (exit value 23); under \\fB--inplace\\fR and \\fB--append\\fR it is only told. Files in memory (tmpfs) are compared as they are.",
        set: |draft, item| flag(&mut draft.options.write.verify, item),
        ..FLAG
    },
    Row {
        long: "syncfs",
        no: &["no-syncfs"],
        help: "have everything on the disk before the end",
        about: "The file system of the destination is written out once, after all changes: cheaper than \\fB--fsync\\fR, which does so for each file before it gets its name, and unlike that it takes directories, deletions and attributes in.",
        set: |draft, item| flag(&mut draft.options.write.syncfs, item),
        ..FLAG
    },
    Row {
        long: "bar",
        no: &["no-bar"],
        help: "a live view of the whole run on a terminal",
        about: "Drawn on standard error, and only when that is a terminal.",
        set: |draft, item| flag(&mut draft.options.telling.bar, item),
        ..FLAG
    },
    Row {
        long: "summary",
        no: &["no-summary"],
        help: "say at the end what was done and where the time went",
        about: "A few lines in words, after those of \\fB--stats\\fR.",
        set: |draft, item| flag(&mut draft.options.telling.summary, item),
        ..FLAG
    },
    Row {
        long: "json",
        no: &["no-json"],
        help: "print a JSON object a line instead of text",
        about: "One for each change, message and error, and totals at the end. Errors go to standard error as text, too.",
        set: |draft, item| flag(&mut draft.options.telling.json, item),
        ..FLAG
    },
    Row {
        long: "doctor",
        help: "say what kernel and file systems allow, and copy nothing",
        about: "Operands may name the places that a copy would be made between; otherwise the current directory is looked at.",
        set: |draft, item| flag(&mut draft.doctor, item),
        ..FLAG
    },
];

fn workers(draft: &mut Draft, item: &Item) -> Result<(), UsageError> {
    match usize::try_from(item.number()) {
        Ok(workers @ 1..) => {
            draft.options.engine.workers = Some(workers);
            Ok(())
        }
        Ok(0) | Err(_) => Err(UsageError::option(format!("invalid --workers value: {}", item.number()))),
    }
}

fn pin(draft: &mut Draft, item: &Item) -> Result<(), UsageError> {
    draft.options.engine.pin = match item.text() {
        b"on" => true,
        b"off" => false,
        _ => return Err(no_such("--pin", item, "on or off")),
    };
    Ok(())
}

fn io(draft: &mut Draft, item: &Item) -> Result<(), UsageError> {
    draft.options.engine.io = match item.text() {
        b"auto" => Io::Auto,
        b"ring" => Io::Ring,
        b"syscalls" => Io::Syscalls,
        _ => return Err(no_such("--io", item, "auto, ring or syscalls")),
    };
    Ok(())
}

fn reflink(draft: &mut Draft, item: &Item) -> Result<(), UsageError> {
    draft.options.write.reflink = match (item.on(), item.text()) {
        (false, _) | (true, b"never") => Reflink::Never,
        (true, b"" | b"always") => Reflink::Always,
        (true, b"auto") => Reflink::Auto,
        (true, _) => return Err(no_such("--reflink", item, "always, auto or never")),
    };
    Ok(())
}

fn method(draft: &mut Draft, item: &Item) -> Result<(), UsageError> {
    draft.options.write.method = match item.text() {
        b"auto" => CopyMethod::Auto,
        b"reflink" => CopyMethod::Reflink,
        b"copy_file_range" => CopyMethod::CopyFileRange,
        b"read_write" => CopyMethod::ReadWrite,
        b"direct" => CopyMethod::Direct,
        _ => {
            return Err(no_such(
                "--copy-method",
                item,
                "auto, reflink, copy_file_range, read_write or direct",
            ));
        }
    };
    Ok(())
}

pub(super) fn no_such(option: &str, item: &Item, words: &str) -> UsageError {
    UsageError::option(
        [option.as_bytes(), b" value \"", item.text(), b"\" is not ", words.as_bytes()].concat(),
    )
}

#[cfg(test)]
pub(super) static CASES: &[Case] = &[
    ("--reflink", &["--reflink"], Expect::On(|o| o.write.reflink == Reflink::Always)),
    ("--reflink", &["--reflink=never"], Expect::Off(|o| o.write.reflink == Reflink::Never)),
    (
        "--reflink",
        &["--reflink=always", "-S"],
        Expect::Error("rsync: --reflink=always cannot be used with --sparse=always or --sparse=never"),
    ),
    (
        "--reflink",
        &["--reflink=always", "--append"],
        Expect::Error("rsync: --reflink=always cannot be used with --inplace or --no-whole-file"),
    ),
    ("--copy-method", &["--copy-method=direct"], Expect::On(|o| o.write.method == CopyMethod::Direct)),
    (
        "--copy-method",
        &["--copy-method=read_write", "--reflink"],
        Expect::Error("rsync: --reflink=always cannot be used with --copy-method=read_write"),
    ),
    (
        "--copy-method",
        &["--copy-method=reflink", "--reflink=never"],
        Expect::Error("rsync: --reflink=never cannot be used with --copy-method=reflink"),
    ),
    ("--drop-cache", &["--drop-cache"], Expect::On(|o| o.write.drop_cache)),
    ("--workers", &["--workers=3"], Expect::On(|o| o.engine.workers == Some(3))),
    ("--pin", &["--pin=off"], Expect::On(|o| !o.engine.pin)),
    ("--io", &["--io=syscalls"], Expect::On(|o| o.engine.io == Io::Syscalls)),
    ("--verify", &["--verify"], Expect::On(|o| o.write.verify)),
    ("--syncfs", &["--syncfs"], Expect::On(|o| o.write.syncfs)),
    ("--bar", &["--bar"], Expect::On(|o| o.telling.bar)),
    ("--summary", &["--summary"], Expect::On(|o| o.telling.summary)),
    ("--json", &["--json"], Expect::On(|o| o.telling.json)),
    ("--doctor", &["--doctor"], Expect::Doctor),
];
