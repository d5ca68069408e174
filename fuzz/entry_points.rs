//! What reads text of others: one function each, for fuzzing and for the mutations in tests/mutations.rs. Nothing may
//! panic, and what comes out keeps the promises that are asserted here.

use io_uring_sync::operands::files_from;
use rsync_compat::chmod::{Chmod, ModeKind};
use rsync_compat::filter::{
    Chain, Deletion, FilterArg, LineEnd, NameKind, ReadError, RuleList, Settings, Side,
};
use rsync_compat::options::help::CalledAs;
use rsync_compat::options::resolve::{self, Facts};
use rsync_compat::output::format::{Checksum, Format, Group, Item, LeadsTo, Operation};
use rsync_compat::output::itemize::{Changes, ItemKind, Update, itemize};
use rsync_compat::output::number::Numerals;
use rsync_compat::output::time::utc;
use rsync_compat::size::{ALLOCATION, BANDWIDTH, BLOCK, FILE_SIZE, parse_size};

/// A function that takes any bytes.
pub(crate) type EntryPoint = fn(&[u8]);

/// All of them by name.
pub(crate) const ALL: [(&str, EntryPoint); 8] = [
    ("arguments", arguments),
    ("rules", rules),
    ("matcher", matcher),
    ("merge_file", merge_file),
    ("list", list),
    ("chmod", chmod),
    ("size", size),
    ("format", format),
];

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
}

/// A command line, one argument in each line.
pub(crate) fn arguments(text: &[u8]) {
    let argv: Vec<Vec<u8>> = lines(text).map(<[u8]>::to_vec).collect();
    for called_as in [CalledAs::Rsync, CalledAs::Own] {
        if let Err(error) = resolve::read(&argv, &Facts::bare(called_as)) {
            assert!(!error.text().is_empty(), "an error without words");
        }
    }
}

/// Rules of `--filter`, one in each line, asked about some names.
pub(crate) fn rules(text: &[u8]) {
    let args: Vec<FilterArg<'_>> = lines(text).map(FilterArg::Filter).collect();
    ask(&args, b"");
}

/// A pattern in the first line, names in the others: what is excluded and then included is excluded.
pub(crate) fn matcher(text: &[u8]) {
    let mut lines = lines(text);
    let pattern = lines.next().unwrap_or_default();
    let args =
        [FilterArg::Filter(b"- /nothing/at/all"), FilterArg::Exclude(pattern), FilterArg::Include(pattern)];
    let mut no_files = |_: &[u8]| Err(ReadError { errno: 2, text: b"none".to_vec() });
    let Ok(list) = RuleList::parse(&args, Settings::plain(), &mut no_files) else { return };
    let chain = Chain::root(&list, Side::Sender, b"/root");
    for path in lines.filter(|path| !path.is_empty() && path.len() < 200) {
        for kind in [NameKind::Directory, NameKind::Other] {
            let (first, second) =
                (chain.check(path, kind, Deletion::None), chain.check(path, kind, Deletion::None));
            assert_eq!(first.map(|found| found.action()), second.map(|found| found.action()));
        }
    }
}

/// The contents of a merge file, read as one, per directory, for exclude, and by words.
pub(crate) fn merge_file(text: &[u8]) {
    for rule in [&b". file"[..], b": file", b".- file", b":n+ file", b":w file", b".eC file"] {
        ask(&[FilterArg::Filter(rule)], text);
    }
    ask(&[FilterArg::ExcludeFrom(b"file"), FilterArg::IncludeFrom(b"file")], text);
}

/// Parses the arguments and asks about some names; every file that they mention holds `text`.
fn ask(args: &[FilterArg<'_>], text: &[u8]) {
    let mut depth = 0;
    let mut read = |_: &[u8]| {
        depth += 1;
        // A file that merges itself would go on for ever.
        if depth > 20 { Err(ReadError { errno: 2, text: b"none".to_vec() }) } else { Ok(text.to_vec()) }
    };
    for line_end in [LineEnd::Newline, LineEnd::Nul] {
        let settings = Settings { line_end, ..Settings::plain() };
        let list = match RuleList::parse(args, settings, &mut read) {
            Ok(list) => list,
            Err(error) => {
                assert!(!error.message().is_empty(), "an error without words");
                continue;
            }
        };
        for side in [Side::Sender, Side::Receiver] {
            let root = Chain::root(&list, side, b"/root");
            let inner = root.enter(b"", &mut read).and_then(|chain| chain.enter(b"sub", &mut read));
            for chain in [Some(root), inner.ok()].into_iter().flatten() {
                for path in [&b"f"[..], b"sub/x.o", b"sub/deep/a b", b"\xff\n"] {
                    let _ = chain.check(path, NameKind::Other, Deletion::None);
                    let _ = chain.check(path, NameKind::Directory, Deletion::Doomed);
                }
            }
        }
    }
}

/// A list for `--files-from`: no entry leads above the directory that it is relative to.
pub(crate) fn list(text: &[u8]) {
    for end in [LineEnd::Newline, LineEnd::Nul] {
        for name in files_from::names(text, end) {
            let entry = files_from::entry(name);
            for path in [&entry.dir, &entry.below] {
                assert!(!path.starts_with(b"/"), "an absolute path");
                let parts = || path.split(|byte| *byte == b'/');
                assert!(
                    path.is_empty() || parts().all(|part| !matches!(part, b"" | b"." | b"..")),
                    "a way up"
                );
            }
        }
    }
}

/// `--chmod`: no bit that is no permission, and the same twice.
pub(crate) fn chmod(text: &[u8]) {
    let Ok(chmod) = Chmod::parse(text) else { return };
    for mode in [0, 0o644, 0o755, 0o4711, 0o7777] {
        for kind in [ModeKind::Directory, ModeKind::Other] {
            let once = chmod.apply(mode, kind, 0o022);
            assert_eq!(once & !0o7777, 0);
            assert_eq!(once, chmod.apply(mode, kind, 0o022));
        }
    }
}

/// A size: never negative, and within its limits.
pub(crate) fn size(text: &[u8]) {
    for limits in [&FILE_SIZE, &BANDWIDTH, &ALLOCATION, &BLOCK] {
        match parse_size(text, limits, Numerals::C) {
            Ok(bytes) => {
                assert!(bytes >= 0, "{bytes}");
                assert!(limits.max_bytes.is_none_or(|max| bytes <= max), "{bytes}");
            }
            Err(error) => assert!(!error.message("x", text, Numerals::C).is_empty()),
        }
    }
}

/// `--out-format`: a width does not make a line without end.
pub(crate) fn format(text: &[u8]) {
    let item = Item {
        name: b"a name\n",
        long_name: b"s/a name\n",
        leads_to: LeadsTo::Symlink(b"away"),
        letters: itemize(Update::Local, ItemKind::Symlink, Changes::NEW),
        size_bytes: 1_234_567,
        mode: 0o120_777,
        uid: 7,
        group: Group::Id(8),
        mtime: utc(0),
        now: utc(1),
        pid: 9,
        operation: Operation::Send,
        sent_bytes: 10,
        basis_sums_bytes: 11,
        checksum: Checksum::Unknown { digits: 32 },
    };
    let mut out = Vec::new();
    let parsed = Format::parse(text, Numerals::C);
    parsed.render(&item, &mut out);
    assert!(out.len() <= text.len() * 10_000 + 100, "{} bytes", out.len());
    let _ = (parsed.needs_transfer_end(), parsed.needs_checksum(), parsed.describes_deletions());
}
