//! The decision: what is to be done about one entry, given both sides (rsync(1), DESCRIPTION of the quick check and
//! the options on transfer rules). Pure.

use rsync_compat::options::{Compare, Options};
use uring_ext::plain::Time;

use crate::entry::{Kind, Meta};
use crate::pipeline::attributes::same_time;
use crate::pipeline::handles::contents::Contents;
use crate::plan::Identity;

/// What is to be done about an entry that nothing leaves alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Same contents; attributes may differ.
    Same,
    /// Same kind, other contents.
    Update,
    /// Nothing of that name, or something of another kind.
    Create,
}

/// Why an entry is left alone: nothing is done about it, not even about its attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Not a kind that is copied (`-l`, `--devices`, `--specials`).
    NotRegular,
    /// `--existing`, and it does not.
    NotCreating,
    /// `--ignore-existing`, and it does.
    Exists,
    /// `--max-size`.
    OverMaxSize,
    /// `--min-size`.
    UnderMinSize,
    /// `-u`, and the destination is newer.
    Newer,
}

/// Which kinds are copied at all.
#[must_use]
pub fn is_copied(options: &Options, kind: Kind, identity: &Identity) -> bool {
    match kind {
        Kind::File | Kind::Dir => true,
        Kind::Symlink => options.links.keep,
        Kind::Char | Kind::Block => options.preserve.devices && identity.receiver.is_super(),
        Kind::Fifo | Kind::Socket => options.preserve.specials,
    }
}

/// The rules that leave an entry alone before anything is compared.
#[must_use]
pub fn skip(
    options: &Options,
    identity: &Identity,
    entry: &Meta,
    there: Option<&Meta>,
    is_missing: impl FnOnce() -> bool,
) -> Option<Why> {
    let kind = entry.kind();
    let compare = &options.compare;
    if there.is_none() && compare.existing && is_missing() {
        return Some(Why::NotCreating);
    }
    if there.is_some() && compare.ignore_existing && kind != Kind::Dir {
        return Some(Why::Exists);
    }
    if !is_copied(options, kind, identity) {
        return Some(Why::NotRegular);
    }
    if kind != Kind::File {
        return None;
    }
    if options.select.max_size.is_some_and(|max| entry.size > max) {
        return Some(Why::OverMaxSize);
    }
    if options.select.min_size.is_some_and(|min| entry.size < min) {
        return Some(Why::UnderMinSize);
    }
    let newer = |there: &Meta| there.kind() == Kind::File && time_newer(compare, there.mtime, entry.mtime);
    (compare.update && there.is_some_and(newer)).then_some(Why::Newer)
}

/// What to do once nothing speaks for leaving the entry alone.
#[must_use]
pub fn decide(compare: &Compare, entry: &Meta, there: Option<&Meta>, contents: Contents) -> Decision {
    let Some(there) = there else { return Decision::Create };
    // rsync tells devices apart by their number alone.
    if there.kind() != entry.kind() && !(there.kind().is_device() && entry.kind().is_device()) {
        return Decision::Create;
    }
    let same = match entry.kind() {
        Kind::File => quick_check(compare, entry, there, contents),
        Kind::Symlink => contents == Contents::Equal,
        Kind::Char | Kind::Block => entry.rdev == there.rdev,
        Kind::Dir | Kind::Fifo | Kind::Socket => true,
    };
    if same { Decision::Same } else { Decision::Update }
}

/// Whether `-c` has to read both files before anything can be decided.
#[must_use]
pub fn needs_contents(compare: &Compare, entry: &Meta, there: &Meta) -> bool {
    compare.checksum && entry.kind() == Kind::File && there.kind() == Kind::File && entry.size == there.size
}

/// Whether no data has to move.
#[must_use]
pub fn quick_check(compare: &Compare, entry: &Meta, there: &Meta, contents: Contents) -> bool {
    if entry.size != there.size {
        return false;
    }
    if compare.checksum {
        return contents == Contents::Equal;
    }
    if compare.size_only {
        return true;
    }
    !compare.ignore_times && same_time(compare, entry.mtime, there.mtime)
}

fn time_newer(compare: &Compare, there: Time, entry: Time) -> bool {
    // Within the window, equal times count as newer too.
    entry.sec.saturating_sub(there.sec) < compare.modify_window
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Compare = Compare {
        checksum: false,
        ignore_times: false,
        size_only: false,
        modify_window: 0,
        update: false,
        existing: false,
        ignore_existing: false,
        fuzzy: 0,
    };

    fn file(size: u64, sec: i64, nsec: u32) -> Meta {
        Meta {
            mode: 0o100_644,
            uid: 0,
            gid: 0,
            nlink: 1,
            size,
            ino: 1,
            dev: 1,
            rdev: 0,
            blocks: 8,
            mtime: Time { sec, nsec },
            atime: Time { sec, nsec },
        }
    }

    #[test]
    fn whole_seconds_decide_unless_the_window_is_negative() {
        let (a, b) = (file(1, 5, 1), file(1, 5, 2));
        assert_eq!(decide(&PLAIN, &a, Some(&b), Contents::Unknown), Decision::Same);
        let exact = Compare { modify_window: -1, ..PLAIN };
        assert_eq!(decide(&exact, &a, Some(&b), Contents::Unknown), Decision::Update);
        let wide = Compare { modify_window: 2, ..PLAIN };
        assert_eq!(decide(&wide, &a, Some(&file(1, 7, 0)), Contents::Unknown), Decision::Same);
        assert_eq!(decide(&wide, &a, Some(&file(1, 8, 0)), Contents::Unknown), Decision::Update);
    }

    #[test]
    fn checksum_asks_for_contents_only_at_equal_size() {
        let sum = Compare { checksum: true, ..PLAIN };
        assert!(needs_contents(&sum, &file(3, 1, 0), &file(3, 2, 0)));
        assert!(!needs_contents(&sum, &file(3, 1, 0), &file(4, 1, 0)));
        assert_eq!(decide(&sum, &file(3, 1, 0), Some(&file(3, 2, 0)), Contents::Equal), Decision::Same);
        assert_eq!(decide(&sum, &file(3, 1, 0), Some(&file(3, 1, 0)), Contents::Differ), Decision::Update);
    }

    #[test]
    fn another_kind_is_made_anew() {
        let dir = Meta { mode: 0o040_755, ..file(0, 1, 0) };
        assert_eq!(decide(&PLAIN, &file(1, 1, 0), Some(&dir), Contents::Unknown), Decision::Create);
        assert_eq!(decide(&PLAIN, &file(1, 1, 0), None, Contents::Unknown), Decision::Create);
    }
}
