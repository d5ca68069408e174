//! What a destination is to be, from what there is to copy. Pure.

use crate::failure::Cause;
use crate::operands::count::{Count, Single};

/// What becomes of a destination that is no directory.
#[derive(Debug)]
pub(super) enum Onto {
    /// The single entry takes its name.
    Taken,
    /// More entries or a directory cannot.
    Refused(Cause),
}

/// What comes onto something that is no directory; `single` is asked where there is a single entry.
pub(super) fn onto_file(count: Count, single: impl FnOnce() -> Single) -> Onto {
    match count {
        Count::Many => Onto::Refused(Cause::ManyOntoFile),
        Count::None | Count::One => match single() {
            Single::Top | Single::Directory => Onto::Refused(Cause::DirOntoFile),
            Single::Other => Onto::Taken,
        },
    }
}

/// What a destination is to be that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A directory that names come into.
    Directory,
    /// The name that the single entry gets.
    Name,
    /// The directory whose contents are copied, which is the single entry.
    Becomes,
    /// Nothing: there is nothing to copy.
    Unused,
}

/// What such a destination is to be.
pub(super) fn of_missing(path: &[u8], count: Count, single: impl FnOnce() -> Single) -> Role {
    match count {
        _ if path.ends_with(b"/") => Role::Directory,
        Count::Many => Role::Directory,
        Count::None => Role::Unused,
        Count::One => match single() {
            Single::Top => Role::Becomes,
            Single::Directory | Single::Other => Role::Name,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_destination_is_a_directory_for_many_entries_or_with_a_slash() {
        for single in [Single::Top, Single::Directory, Single::Other] {
            assert_eq!(of_missing(b"d", Count::Many, || single), Role::Directory);
            for count in [Count::None, Count::One, Count::Many] {
                assert_eq!(of_missing(b"d/", count, || single), Role::Directory);
            }
            assert_eq!(of_missing(b"d", Count::None, || single), Role::Unused);
        }
    }

    #[test]
    fn a_single_entry_gets_the_name_of_a_missing_destination() {
        assert_eq!(of_missing(b"d", Count::One, || Single::Other), Role::Name);
        assert_eq!(of_missing(b"d", Count::One, || Single::Directory), Role::Name);
        assert_eq!(of_missing(b"d", Count::One, || Single::Top), Role::Becomes);
    }

    #[test]
    fn only_a_single_file_goes_onto_a_file() {
        let taken = |count, single| matches!(onto_file(count, || single), Onto::Taken);
        assert!(taken(Count::One, Single::Other) && taken(Count::None, Single::Other));
        assert!(!taken(Count::One, Single::Directory) && !taken(Count::One, Single::Top));
        assert!(!taken(Count::Many, Single::Other));
    }
}
