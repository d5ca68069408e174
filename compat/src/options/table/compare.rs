//! Options that say when a file is up to date.

use super::super::conflicts::sized;
use super::super::draft::{count, flag, text};
use super::{Category, Row, State, Value};
use crate::size::{BLOCK, OLD_BLOCK};

#[cfg(test)]
use super::tests::{Case, Expect};

const FLAG: Row = Row::flag(Category::Compare);

/// Why options of the delta algorithm and of the wire change nothing.
const NO_WIRE: &str = "nothing is sent over a wire";

pub(super) static ROWS: &[Row] = &[
    Row {
        long: "checksum",
        short: Some(b'c'),
        no: &["no-checksum", "no-c"],
        help: "compare contents, not modification times",
        about: "Files of equal size are read on both sides; equal contents count as up to date whatever their times.",
        set: |draft, item| flag(&mut draft.options.compare.checksum, item),
        ..FLAG
    },
    Row {
        long: "ignore-times",
        short: Some(b'I'),
        help: "copy files even if size and time agree",
        about: "Turns the quick check off: every file is copied again.",
        set: |draft, item| flag(&mut draft.options.compare.ignore_times, item),
        ..FLAG
    },
    Row {
        long: "size-only",
        help: "files of equal size are up to date",
        about: "Times are not compared, though still set when \\fB-t\\fR asks for it.",
        set: |draft, item| flag(&mut draft.options.compare.size_only, item),
        ..FLAG
    },
    Row {
        long: "modify-window",
        short: Some(b'@'),
        value: Value::Number("NUM"),
        help: "times that differ by up to NUM seconds are equal",
        about: "For file systems with coarse times, such as FAT. The default, 0, compares whole seconds; a negative number compares nanoseconds.",
        set: |draft, item| {
            draft.options.compare.modify_window = i64::from(item.number());
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "update",
        short: Some(b'u'),
        help: "skip files that are newer at the destination",
        about: "Only regular files are skipped; an entry of another type is replaced whatever its time.",
        set: |draft, item| flag(&mut draft.options.compare.update, item),
        ..FLAG
    },
    Row {
        long: "existing",
        alias: &["ignore-non-existing"],
        help: "create nothing that is not there yet",
        lines: &[("--ignore-non-existing", "same as --existing")],
        about: "Only entries that exist at the destination are updated; directories are not made either.",
        set: |draft, item| flag(&mut draft.options.compare.existing, item),
        ..FLAG
    },
    Row {
        long: "ignore-existing",
        help: "leave alone what is already there",
        about: "Entries that exist at the destination are not updated. Directories are still entered and their attributes kept in step.",
        set: |draft, item| flag(&mut draft.options.compare.ignore_existing, item),
        ..FLAG
    },
    Row {
        long: "whole-file",
        short: Some(b'W'),
        no: &["no-whole-file", "no-W"],
        help: "copy whole files, not differences (the default)",
        lines: &[("--no-whole-file, --no-W", "look for differences within files")],
        about: "On one machine reading the old file to save writing rarely pays, so whole files are the default, as in rsync.",
        set: |draft, item| flag(&mut draft.whole_file, item),
        ..FLAG
    },
    Row {
        long: "block-size",
        short: Some(b'B'),
        value: Value::Text("SIZE"),
        help: "block size of the delta algorithm",
        about: "For \\fB--no-whole-file\\fR, in bytes, at most 128K. Otherwise it is about the square root of the old file's size, and at least 700.",
        set: |draft, item| {
            // Only a --protocol that comes before it counts.
            let limits = if draft.options.protocol < 30 { &OLD_BLOCK } else { &BLOCK };
            let size = sized(draft, "block-size", item.text(), limits)?;
            draft.options.write.block_size = u32::try_from(size).unwrap_or(u32::MAX);
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "fuzzy",
        short: Some(b'y'),
        no: &["no-fuzzy", "no-y"],
        help: "look for a similar file to start from",
        about: "With \\fB--no-whole-file\\fR a file that is new starts from one of the same directory that has the same size and time, or else the most similar name. Twice, alternate destinations are searched as well.",
        set: |draft, item| count(&mut draft.options.compare.fuzzy, item),
        ..FLAG
    },
    Row {
        long: "checksum-choice",
        alias: &["cc"],
        value: Value::Words("STR", &["auto", "xxh128", "xxh3", "xxh64", "md5", "md4", "sha1", "none"]),
        help: "checksum algorithm (also --cc)",
        about: "The algorithm of \\fB-c\\fR and of \\fB%C\\fR. Two names with a comma between are for transfers and for \\fB-c\\fR.",
        set: |draft, item| text(&mut draft.checksum_choice, item),
        ..FLAG
    },
    Row {
        long: "checksum-seed",
        value: Value::Number("NUM"),
        help: "seed of the checksums",
        about: "Any number is accepted.",
        state: State::NoEffect(NO_WIRE),
        ..FLAG
    },
    Row {
        long: "compress",
        short: Some(b'z'),
        no: &["no-compress", "no-z"],
        help: "compress data on the way",
        about: "The \\fB--no-\\fR form also forgets the algorithm.",
        state: State::NoEffect(NO_WIRE),
        set: |draft, item| {
            // Twice is --new-compress.
            if item.on() && draft.compress {
                draft.compress_choice.get_or_insert_with(|| b"zlibx".to_vec());
            }
            draft.compress = item.on();
            draft.compress_choice.take_if(|_| !item.on());
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "old-compress",
        about: "The same as \\fB--compress-choice=zlib\\fR.",
        state: State::NoEffect(NO_WIRE),
        set: |draft, _| {
            draft.compress_choice = Some(b"zlib".to_vec());
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "new-compress",
        about: "The same as \\fB--compress-choice=zlibx\\fR.",
        state: State::NoEffect(NO_WIRE),
        set: |draft, _| {
            draft.compress_choice = Some(b"zlibx".to_vec());
            Ok(())
        },
        ..FLAG
    },
    Row {
        long: "compress-choice",
        alias: &["zc"],
        value: Value::Words("STR", &["auto", "zstd", "lz4", "zlibx", "zlib", "none"]),
        help: "compression algorithm (also --zc)",
        about: "An unknown name is an error.",
        state: State::NoEffect(NO_WIRE),
        set: |draft, item| text(&mut draft.compress_choice, item),
        ..FLAG
    },
    Row {
        long: "compress-level",
        alias: &["zl"],
        value: Value::Number("NUM"),
        help: "compression level (also --zl)",
        about: "Any number is accepted.",
        state: State::NoEffect(NO_WIRE),
        ..FLAG
    },
    Row {
        long: "compress-threads",
        alias: &["zt"],
        value: Value::Number("NUM"),
        help: "compression threads (also --zt)",
        about: "Any number is accepted.",
        state: State::NoEffect(NO_WIRE),
        ..FLAG
    },
    Row {
        long: "skip-compress",
        value: Value::Text("LIST"),
        help: "do not compress names that end in LIST",
        about: "Suffixes with a slash between them.",
        state: State::NoEffect(NO_WIRE),
        ..FLAG
    },
];

#[cfg(test)]
pub(super) static CASES: &[Case] = &[
    ("--checksum", &["-c"], Expect::On(|o| o.compare.checksum)),
    ("--ignore-times", &["-I"], Expect::On(|o| o.compare.ignore_times)),
    ("--size-only", &["--size-only"], Expect::On(|o| o.compare.size_only)),
    ("--modify-window", &["-@-1"], Expect::On(|o| o.compare.modify_window == -1)),
    ("--update", &["-u"], Expect::On(|o| o.compare.update)),
    ("--existing", &["--ignore-non-existing"], Expect::On(|o| o.compare.existing)),
    ("--ignore-existing", &["--ignore-existing"], Expect::On(|o| o.compare.ignore_existing)),
    ("--whole-file", &["--no-W"], Expect::Off(|o| !o.write.whole_file)),
    ("--block-size", &["-B131072"], Expect::On(|o| o.write.block_size == 131_072)),
    ("--fuzzy", &["-yy"], Expect::On(|o| o.compare.fuzzy == 2)),
    ("--checksum-choice", &["--no-W", "--cc=None,md5"], Expect::On(|o| o.write.whole_file)),
    ("--checksum-seed", &["--checksum-seed=-5"], Expect::Nothing),
    ("--compress", &["-z"], Expect::Nothing),
    ("--old-compress", &["--zc=zlib", "--old-compress"], Expect::Nothing),
    ("--new-compress", &["--zc=zlib", "--new-compress"], Expect::Nothing),
    ("--compress-choice", &["--zc=bogus"], Expect::Error("unknown compress name: bogus")),
    ("--compress-level", &["--zl=99"], Expect::Nothing),
    ("--compress-threads", &["--zt=4"], Expect::Nothing),
    ("--skip-compress", &["--skip-compress=gz/jpg"], Expect::Nothing),
];
