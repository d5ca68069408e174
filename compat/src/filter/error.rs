//! What can be wrong with filter rules, in rsync's words.

use crate::exit::Exit;

/// Why a rule file could not be read; the caller of the parser fills it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// The system's error number.
    pub errno: i32,
    /// The system's words for it.
    pub text: Vec<u8>,
}

impl ReadError {
    /// Whether it is a directory (EISDIR), which rsync reads as an empty file unless it was typed with a slash.
    #[must_use]
    pub fn is_directory(&self) -> bool {
        const EISDIR: i32 = 21;
        self.errno == EISDIR
    }

    /// Whether the file is simply not there (ENOENT), which is no error for a dir-merge file.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        const ENOENT: i32 = 2;
        self.errno == ENOENT
    }
}

/// A filter rule that rsync refuses. Each rule is shown as typed, or by its place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilterError {
    /// No rule starts like this.
    UnknownRule(Vec<u8>),
    /// The pattern or file name is missing.
    UnexpectedEnd(Vec<u8>),
    /// A letter that this rule cannot have.
    InvalidModifier {
        /// The letter and its place in the rule, unless that is a file's.
        letter: Option<(u8, usize)>,
        /// The rule.
        rule: Vec<u8>,
    },
    /// `!` with something behind it.
    TrailingAfterClear(Vec<u8>),
    /// A rule with a side in a merge file with a side.
    SidedInSided(Vec<u8>),
    /// A merge file or list that cannot be read.
    Open {
        /// What rsync calls it: an exclude file, or an include file.
        list: &'static str,
        /// The file, as typed.
        path: Vec<u8>,
        /// Why.
        error: ReadError,
    },
    /// A merge file named inside another file that cannot be read: shown by its place, without a reason.
    OpenNested(Vec<u8>),
    /// Merge files that include each other without end.
    TooDeep(Vec<u8>),
}

impl FilterError {
    /// The same, about a file of `--include-from`.
    pub(super) fn of_include_list(self) -> FilterError {
        match self {
            FilterError::Open { path, error, .. } => FilterError::Open { list: "include", path, error },
            other => other,
        }
    }

    /// The line rsync prints, without its newline.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        match self {
            FilterError::UnknownRule(rule) => [b"Unknown filter rule: ", rule.as_slice()].concat(),
            FilterError::UnexpectedEnd(rule) => {
                [b"unexpected end of filter rule: ", rule.as_slice()].concat()
            }
            FilterError::InvalidModifier { letter: Some((letter, position)), rule } => [
                b"invalid modifier '".as_slice(),
                &[*letter],
                format!("' at position {position} in filter rule: ").as_bytes(),
                rule,
            ]
            .concat(),
            FilterError::InvalidModifier { letter: None, rule } => {
                [b"invalid modifier in filter rule: ", rule.as_slice()].concat()
            }
            FilterError::TrailingAfterClear(rule) => {
                [b"'!' rule has trailing characters: ", rule.as_slice()].concat()
            }
            FilterError::SidedInSided(rule) => {
                [b"specified-side merge file contains specified-side filter: ", rule.as_slice()].concat()
            }
            FilterError::Open { list, path, error } => [
                format!("rsync: [client] failed to open {list} file ").as_bytes(),
                path,
                b": ",
                &error.text,
                format!(" ({})", error.errno).as_bytes(),
            ]
            .concat(),
            FilterError::OpenNested(rule) => [b"failed to open exclude file ", rule.as_slice()].concat(),
            FilterError::TooDeep(rule) => {
                [b"[client] merge-file include depth limit (32) exceeded at ", rule.as_slice()].concat()
            }
        }
    }

    /// The value rsync exits with.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            FilterError::Open { .. } | FilterError::OpenNested(_) | FilterError::TooDeep(_) => Exit::FileIo,
            FilterError::UnknownRule(_)
            | FilterError::UnexpectedEnd(_)
            | FilterError::InvalidModifier { .. }
            | FilterError::TrailingAfterClear(_)
            | FilterError::SidedInSided(_) => Exit::Syntax,
        }
    }
}
