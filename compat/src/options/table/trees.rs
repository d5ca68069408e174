//! Backups and alternate destinations.

use super::super::BasisKind;
use super::super::draft::{Draft, flag, text};
use super::super::error::UsageError;
use super::super::parse::Item;
use super::{Category, Row, Value};

#[cfg(test)]
use super::tests::{Case, Expect};

const FLAG: Row = Row::flag(Category::Trees);

/// How many alternate destinations there may be.
const BASIS_DIRS_MAX: usize = 20;

pub(super) static ROWS: &[Row] = &[
    Row {
        long: "backup",
        short: Some(b'b'),
        no: &["no-backup"],
        help: "keep what is replaced or deleted",
        about: "The old file gets a suffix or goes to \\fB--backup-dir\\fR. Without a directory \\fB-O\\fR is implied and backups are safe from \\fB--delete\\fR.",
        set: |draft, item| flag(&mut draft.backup.asked, item),
        ..FLAG
    },
    Row {
        long: "backup-dir",
        value: Value::Dir("DIR"),
        help: "keep it below DIR (implies --backup)",
        about: "DIR is relative to the destination. Inside the destination it needs a protect rule or the next \\fB--delete\\fR moves it too.",
        set: |draft, item| text(&mut draft.backup.dir, item),
        ..FLAG
    },
    Row {
        long: "suffix",
        value: Value::Text("SUFFIX"),
        help: "suffix of backups (default ~, none with --backup-dir)",
        about: "May not hold a slash, nor be empty without a directory.",
        set: |draft, item| text(&mut draft.backup.suffix, item),
        ..FLAG
    },
    Row {
        long: "compare-dest",
        value: Value::Dir("DIR"),
        help: "leave out what DIR has unchanged",
        about: "What is the same in DIR is not written to the destination, which so becomes a sparse backup. A relative DIR is below the destination; up to 20 may be given, all of one kind.",
        set: |draft, item| alternate(draft, item, BasisKind::Compare),
        ..FLAG
    },
    Row {
        long: "copy-dest",
        value: Value::Dir("DIR"),
        help: "copy what DIR has unchanged from there",
        about: "As \\fB--compare-dest\\fR, but the destination gets copies of what is the same.",
        set: |draft, item| alternate(draft, item, BasisKind::Copy),
        ..FLAG
    },
    Row {
        long: "link-dest",
        value: Value::Dir("DIR"),
        help: "hard-link what DIR has unchanged",
        about: "As \\fB--compare-dest\\fR, but the destination gets hard links: snapshots that share what did not change. All attributes that are kept must agree.",
        set: |draft, item| alternate(draft, item, BasisKind::Link),
        ..FLAG
    },
];

fn alternate(draft: &mut Draft, item: &Item, kind: BasisKind) -> Result<(), UsageError> {
    let own = option_name(kind);
    match draft.basis.first() {
        Some((other, _)) if *other != kind => {
            let other = option_name(*other);
            let message = format!("ERROR: the {own} option conflicts with the {other} option");
            return Err(UsageError::option(message));
        }
        Some(_) if draft.basis.len() == BASIS_DIRS_MAX => {
            return Err(UsageError::option(format!(
                "ERROR: at most {BASIS_DIRS_MAX} {own} args may be specified"
            )));
        }
        Some(_) | None => {}
    }
    draft.basis.push((kind, item.text().to_vec()));
    Ok(())
}

fn option_name(kind: BasisKind) -> &'static str {
    match kind {
        BasisKind::Compare => "--compare-dest",
        BasisKind::Copy => "--copy-dest",
        BasisKind::Link => "--link-dest",
    }
}

#[cfg(test)]
pub(super) static CASES: &[Case] = &[
    (
        "--backup",
        &["-b"],
        Expect::On(|o| {
            o.preserve.omit_dir_times && o.backup.as_ref().is_some_and(|backup| backup.suffix == b"~")
        }),
    ),
    (
        "--backup-dir",
        &["--backup-dir=x"],
        Expect::On(|o| {
            o.backup
                .as_ref()
                .is_some_and(|backup| backup.dir.as_deref() == Some(b"x") && backup.suffix == b"")
        }),
    ),
    (
        "--suffix",
        &["-b", "--suffix=.o"],
        Expect::On(|o| {
            o.backup.as_ref().is_some_and(|backup| backup.dir.is_none() && backup.suffix == b".o")
        }),
    ),
    (
        "--compare-dest",
        &["--compare-dest=x"],
        Expect::On(|o| {
            o.basis.as_ref().is_some_and(|basis| basis.kind == BasisKind::Compare && basis.dirs == [b"x"])
        }),
    ),
    (
        "--copy-dest",
        &["--copy-dest=x"],
        Expect::On(|o| {
            o.basis.as_ref().is_some_and(|basis| basis.kind == BasisKind::Copy && basis.dirs == [b"x"])
        }),
    ),
    (
        "--link-dest",
        &["--link-dest=x"],
        Expect::On(|o| {
            o.basis.as_ref().is_some_and(|basis| basis.kind == BasisKind::Link && basis.dirs == [b"x"])
        }),
    ),
];
