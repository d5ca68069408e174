//! The options that a batch brings along: whoever reads it gets them set as they were when it was written.

use super::wire::Malformed;

/// One option that has to be the same for writing and reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    bit: u32,
    name: &'static str,
}

const fn known(bit: u32, name: &'static str) -> Known {
    Known { bit, name }
}

/// In the order in which rsync tells of them.
static KNOWN: [Known; 14] = [
    known(Flags::RECURSION, "--recurse (-r)"),
    known(Flags::OWNER, "--owner (-o)"),
    known(Flags::GROUP, "--group (-g)"),
    known(Flags::LINKS, "--links (-l)"),
    known(Flags::DEVICES, "--devices (-D)"),
    known(Flags::HARD_LINKS, "--hard-links (-H)"),
    known(Flags::CHECKSUM, "--checksum (-c)"),
    known(Flags::DIRS, "--dirs (-d)"),
    known(Flags::COMPRESS, "--compress (-z)"),
    known(Flags::ACLS, "--acls (-A)"),
    known(Flags::XATTRS, "--xattrs (-X)"),
    known(Flags::INPLACE, "--inplace"),
    known(Flags::APPEND, "--append"),
    known(Flags::APPEND_VERIFY, "--append-verify"),
];

/// A set of options.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Flags(u32);

impl Flags {
    /// `-r`.
    pub const RECURSION: u32 = 1;
    /// `-o`.
    pub const OWNER: u32 = 1 << 1;
    /// `-g`.
    pub const GROUP: u32 = 1 << 2;
    /// `-l`.
    pub const LINKS: u32 = 1 << 3;
    /// `--devices`.
    pub const DEVICES: u32 = 1 << 4;
    /// `-H`.
    pub const HARD_LINKS: u32 = 1 << 5;
    /// `-c`.
    pub const CHECKSUM: u32 = 1 << 6;
    /// `-d`, which `-r` implies.
    pub const DIRS: u32 = 1 << 7;
    /// `-z`.
    pub const COMPRESS: u32 = 1 << 8;
    /// `-A`.
    pub const ACLS: u32 = 1 << 9;
    /// `-X`.
    pub const XATTRS: u32 = 1 << 10;
    /// `--inplace`.
    pub const INPLACE: u32 = 1 << 11;
    /// `--append`.
    pub const APPEND: u32 = 1 << 12;
    /// `--append-verify`.
    pub const APPEND_VERIFY: u32 = 1 << 13;
    /// The list was made as the run went on, which the reader must be able to as well. Nothing is told of it.
    pub const INCREMENTAL: u32 = 1 << 14;

    const ALL: u32 = (1 << 15) - 1;

    /// The set with `bit` as well, when `on`.
    #[must_use]
    pub const fn with(self, bit: u32, on: On) -> Flags {
        match on {
            On::Yes => Flags(self.0 | bit),
            On::No => self,
        }
    }

    /// Whether an option is in the set.
    #[must_use]
    pub const fn has(self, bit: u32) -> bool {
        self.0 & bit != 0
    }

    /// The set as a number.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The set of this number.
    ///
    /// # Errors
    /// A number with bits that mean nothing.
    pub const fn from_bits(bits: u32) -> Result<Flags, Malformed> {
        if bits & !Flags::ALL == 0 { Ok(Flags(bits)) } else { Err(Malformed) }
    }
}

/// Whether an option is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// It is.
    Yes,
    /// It is not.
    No,
}

impl From<bool> for On {
    fn from(on: bool) -> On {
        if on { On::Yes } else { On::No }
    }
}

/// What whoever reads a batch has asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Asked {
    /// The options given, or implied by others.
    pub given: Flags,
    /// Those given by their own name where `-a` would have done: rsync takes them for different from what it reads,
    /// and says that it sets them.
    pub by_name: Flags,
}

impl Asked {
    /// Whether a batch that was written with these flags can be replayed: the list of an incremental run comes piece
    /// by piece, which some options have no use for.
    #[must_use]
    pub const fn suits(&self, batch: Flags) -> bool {
        self.given.has(Flags::INCREMENTAL) || !batch.has(Flags::INCREMENTAL)
    }

    /// What is said of options that are set or cleared to match the batch.
    #[must_use]
    pub fn lines(&self, batch: Flags) -> Vec<String> {
        let line = |known: &Known| {
            let (wanted, asked) = (batch.has(known.bit), self.given.has(known.bit));
            let differs = wanted != asked || wanted && self.by_name.has(known.bit);
            let verb = if wanted { "Setting" } else { "Clearing" };
            differs.then(|| format!("{verb} the {} option to match the batchfile.", known.name))
        };
        KNOWN.iter().filter_map(line).collect()
    }
}
