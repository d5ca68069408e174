//! Options that delete.

use super::super::DeleteWhen;
use super::super::draft::flag;
use super::{Category, Row, Value};

#[cfg(test)]
use super::tests::{Case, Expect};

const FLAG: Row = Row::flag(Category::Delete);

pub(super) static ROWS: &[Row] = &[
    Row {
        long: "delete",
        help: "delete at the destination what the source lacks",
        about: "Only in directories that are copied with their contents, so it needs \\fB-r\\fR or \\fB-d\\fR. Excluded files are kept. After an error while reading the source nothing more is deleted.",
        set: |draft, _| {
            draft.delete.plain = true;
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "del",
        help: "same as --delete-during",
        about: "Short for \\fB--delete-during\\fR.",
        set: |draft, _| {
            draft.delete.during = Some(DeleteWhen::During);
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "delete-before",
        help: "delete everything before copying",
        about: "Makes room first. The source is scanned as a whole beforehand.",
        set: |draft, _| {
            draft.delete.before = true;
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "delete-during",
        help: "delete in each directory before its files are copied",
        about: "This is what \\fB--delete\\fR does.",
        set: |draft, _| {
            draft.delete.during = Some(DeleteWhen::During);
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "delete-delay",
        help: "find during, delete after",
        about: "What is to go is found as with \\fB--delete-during\\fR and goes at the end.",
        set: |draft, _| {
            draft.delete.during = Some(DeleteWhen::Delay);
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "delete-after",
        help: "delete everything after copying",
        about: "Filter files that were just copied are in force already.",
        set: |draft, _| {
            draft.delete.after = true;
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "delete-excluded",
        help: "also delete what filter rules leave out",
        about: "Plain exclude rules no longer protect; \\fBprotect\\fR rules still do. Implies \\fB--delete\\fR.",
        set: |draft, item| flag(&mut draft.options.delete.excluded, item),
        ..FLAG
    },
    Row {
        long: "ignore-errors",
        no: &["no-ignore-errors"],
        help: "delete even after read errors",
        about: "Dangerous: a directory that could not be read looks empty.",
        set: |draft, item| flag(&mut draft.options.delete.ignore_errors, item),
        ..FLAG
    },
    Row {
        long: "force",
        no: &["no-force"],
        help: "a directory with contents may make way for something else",
        about: "Implied by every kind of \\fB--delete\\fR.",
        set: |draft, item| flag(&mut draft.options.delete.force, item),
        ..FLAG
    },
    Row {
        long: "max-delete",
        value: Value::Number("NUM"),
        help: "delete no more than NUM entries",
        about: "The rest is counted and the exit value is 25. Negative numbers are 0.",
        set: |draft, item| {
            let unlimited = item.number() == i32::MIN;
            draft.options.delete.max = (!unlimited).then(|| u64::try_from(item.number()).unwrap_or(0));
            Ok(())
        },
        ..FLAG
    },
];

#[cfg(test)]
pub(super) static CASES: &[Case] = &[
    (
        "--delete",
        &["-r", "--delete"],
        Expect::On(|o| o.delete.when == Some(DeleteWhen::During) && o.delete.force),
    ),
    ("--del", &["-r", "--del"], Expect::On(|o| o.delete.when == Some(DeleteWhen::During))),
    (
        "--delete-before",
        &["-r", "--delete-before"],
        Expect::On(|o| o.delete.when == Some(DeleteWhen::Before) && !o.select.incremental),
    ),
    (
        "--delete-during",
        &["-r", "--delete-delay", "--delete-during"],
        Expect::On(|o| o.delete.when == Some(DeleteWhen::During)),
    ),
    (
        "--delete-delay",
        &["-r", "--delete-during", "--delete-delay"],
        Expect::On(|o| o.delete.when == Some(DeleteWhen::Delay)),
    ),
    (
        "--delete-after",
        &["-r", "--delete-after"],
        Expect::On(|o| o.delete.when == Some(DeleteWhen::After) && !o.select.incremental),
    ),
    (
        "--delete-excluded",
        &["-r", "--delete-excluded"],
        Expect::On(|o| o.delete.excluded && o.delete.when == Some(DeleteWhen::During)),
    ),
    ("--ignore-errors", &["--ignore-errors"], Expect::On(|o| o.delete.ignore_errors)),
    ("--force", &["--force"], Expect::On(|o| o.delete.force)),
    ("--max-delete", &["--max-delete=-1"], Expect::On(|o| o.delete.max == Some(0))),
];
