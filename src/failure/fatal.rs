//! What ends a run: whose work it was, why, and with which exit status. The words are rsync's, and stand here alone.

use std::io;

use rsync_compat::exit::Exit;

use super::{Side, errno_of, reason, strerror};

/// What ends the run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", String::from_utf8_lossy(&.cause.words()))]
pub struct Fatal {
    /// Whose work it was.
    pub side: Side,
    /// Why it ends.
    pub cause: Cause,
    /// The exit status.
    pub exit: Exit,
}

impl Fatal {
    /// The run ends for what was told already, or without a word but the last line.
    #[must_use]
    pub const fn told(side: Side, exit: Exit) -> Fatal {
        Fatal { side, cause: Cause::Told, exit }
    }

    /// There is not even one thread to work on, which rsync says as it would of a process.
    #[must_use]
    pub fn no_thread(error: &io::Error) -> Fatal {
        Fatal { side: Side::Sender, cause: Cause::NoThread(errno_of(error)), exit: Exit::Ipc }
    }
}

/// Why a run ends. Paths are as messages show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// It was told already, or nothing is said.
    Told,
    /// What was typed is refused, in the words of whoever parsed it.
    Refused(Vec<u8>),
    /// A source operand is empty.
    EmptySource,
    /// A `..` within a `--relative` path.
    DotDot(Vec<u8>),
    /// The directory that a list of names is relative to cannot be entered.
    NoListRoot {
        /// Its path.
        path: Vec<u8>,
        /// Why not.
        errno: i32,
    },
    /// A list of names cannot be opened (`--files-from`).
    NoList {
        /// Its path.
        path: Vec<u8>,
        /// Why not, in words.
        why: Vec<u8>,
    },
    /// A list of names is a directory, which shows when it is read.
    ListIsDirectory,
    /// Filter rules that an old protocol does not carry (`--protocol`), which this side finds out.
    ModernRules(Side),
    /// The time to stop at is over, as it was typed (`--stop-at`).
    StopIsPast(Vec<u8>),
    /// A character set that nobody knows (`--iconv`).
    Charset(Vec<u8>),
    /// A user or group to run as that nobody knows, or cannot be (`--copy-as`).
    CopyAs(CopyAs),
    /// The current directory has no path.
    NoCwd(i32),
    /// Several entries are to be copied to what is no directory.
    ManyOntoFile,
    /// A directory is to be copied to what is no directory.
    DirOntoFile,
    /// The destination cannot be looked at.
    UnseenTarget {
        /// Its path.
        path: Vec<u8>,
        /// Why not.
        errno: i32,
    },
    /// The destination cannot be entered or made.
    NoTarget {
        /// What fails.
        step: TargetStep,
        /// Of which path.
        path: Vec<u8>,
        /// Why.
        errno: i32,
    },
    /// A directory that an option names cannot be one.
    OptionDir {
        /// The option.
        option: DirOption,
        /// Its path.
        path: Vec<u8>,
        /// What is wrong with it.
        fault: DirFault,
    },
    /// A batch cannot be read, written or used.
    Batch {
        /// Its path.
        path: Vec<u8>,
        /// What is wrong with it.
        fault: BatchFault,
    },
    /// There is not even one thread to work on.
    NoThread(i32),
    /// A ring that no longer works.
    Ring(String),
    /// What `--fake-super` keeps of a file makes no sense.
    CorruptStat {
        /// The file's path.
        path: Vec<u8>,
        /// What is kept.
        text: Vec<u8>,
    },
    /// A mode that is no type's.
    NoType {
        /// The mode.
        mode: u32,
        /// Path from the transfer root.
        rel: Vec<u8>,
    },
    /// The time is over (`--stop-after`, `--stop-at`).
    Stops,
    /// Nothing happened for so many seconds (`--timeout`).
    Stalled(u32),
}

/// What is wrong with `--copy-as`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyAs {
    /// No such user.
    User(Vec<u8>),
    /// No such group.
    Group(Vec<u8>),
    /// A call that fails.
    Call {
        /// Its name.
        name: &'static str,
        /// Why.
        errno: i32,
    },
}

/// How far it is to the destination. rsync numbers the places where it changes directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetStep {
    /// Entering it.
    Enter,
    /// Entering it after it was made.
    EnterMade,
    /// Entering the directory above a single file.
    EnterAbove,
    /// Making it.
    Make,
}

/// An option that names a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirOption {
    /// `--backup-dir`.
    Backup,
    /// `--temp-dir`.
    Temp,
}

/// What is wrong with a directory that an option names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirFault {
    /// It cannot be looked at.
    Unseen(i32),
    /// It is something else.
    NoDirectory,
    /// It is not there.
    Missing,
}

/// What is wrong with a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchFault {
    /// Its script cannot be made.
    Script(i32),
    /// It cannot be opened, or written to for the first time.
    Open(i32),
    /// It is neither a file nor a FIFO.
    Special,
    /// It is nobody's batch.
    Nothing,
    /// It may be rsync's, of a protocol that is too new.
    NewProtocol {
        /// The protocol.
        version: i32,
        /// The newest that is known.
        max: i32,
    },
    /// It may be rsync's, of a protocol that never was.
    NoProtocol,
    /// It is rsync's.
    Foreign,
    /// It is of a newer format of ours.
    Newer {
        /// The format.
        version: u32,
        /// The one that we know.
        max: u32,
    },
    /// It ends too early, or was changed.
    Damaged,
    /// It cannot be held open twice.
    Dup(i32),
    /// It cannot be written any more.
    Write(i32),
    /// The options don't suit it.
    Options,
    /// A filter rule that has no place in its script.
    Rule,
}

impl Cause {
    /// The lines for standard error, without the final `rsync error:` line; may be none.
    #[must_use]
    pub fn words(&self) -> Vec<u8> {
        match self {
            Cause::Told => Vec::new(),
            Cause::Refused(words) => words.clone(),
            Cause::EmptySource => b"Empty source arg specified.".to_vec(),
            Cause::DotDot(path) => said(&[b"found \"..\" dir in relative path: ", path]),
            Cause::NoListRoot { path, errno } => failed("sender", "change_dir", path, *errno),
            Cause::NoList { path, why } => {
                said(&[b"rsync: failed to open files-from file ", path, b": ", why])
            }
            Cause::ListIsDirectory => {
                let why = reason(uring_ext::mode::errno::EISDIR);
                format!("rsync: [sender] safe_read failed to read 1 bytes: {why}").into_bytes()
            }
            Cause::ModernRules(found) => {
                let words = "filter rules are too modern for remote rsync.";
                let there = match found {
                    Side::Receiver => {
                        "\nrsync error: protocol incompatibility (code 2) at exclude.c(1926) [Receiver=3.5.0]\n\
                         rsync: connection unexpectedly closed (137 bytes received so far) [sender]"
                    }
                    Side::Sender | Side::Generator | Side::Client => "",
                };
                [words, there].concat().into_bytes()
            }
            Cause::StopIsPast(typed) => said(&[b"rsync: --stop-at time is not in the future: ", typed]),
            Cause::Charset(name) => said(&[b"iconv_open(\"UTF-8\", \"", name, b"\") failed"]),
            Cause::CopyAs(fault) => fault.words(),
            Cause::NoCwd(errno) => format!("rsync: [Receiver] getcwd(): {}", reason(*errno)).into_bytes(),
            Cause::ManyOntoFile => {
                b"ERROR: destination must be a directory when copying more than 1 file".to_vec()
            }
            Cause::DirOntoFile => b"ERROR: cannot overwrite non-directory with a directory".to_vec(),
            Cause::UnseenTarget { path, errno } => said(&[
                b"rsync: [Receiver] ERROR: cannot stat destination \"",
                path,
                b"\": ",
                reason(*errno).as_bytes(),
            ]),
            Cause::NoTarget { step, path, errno } => failed("Receiver", step.call(), path, *errno),
            Cause::OptionDir { option, path, fault } => fault.words(*option, path),
            Cause::Batch { path, fault } => fault.words(path),
            Cause::NoThread(errno) => format!("rsync: [sender] fork: {}", reason(*errno)).into_bytes(),
            Cause::Ring(error) => format!("the ring is broken: {error}").into_bytes(),
            Cause::CorruptStat { path, text } => {
                said(&[b"Corrupt user.rsync.%stat xattr attached to \"", path, b"\": \"", text, b"\""])
            }
            Cause::NoType { mode, rel } => {
                said(&[format!("invalid file mode 0{mode:o} for ").as_bytes(), rel, b" [Receiver]"])
            }
            Cause::Stops => b"stopping at requested limit".to_vec(),
            Cause::Stalled(seconds) => {
                format!("[sender] io timeout after {seconds} seconds -- exiting").into_bytes()
            }
        }
    }
}

impl CopyAs {
    fn words(&self) -> Vec<u8> {
        match self {
            CopyAs::User(name) => said(&[b"Invalid copy-as user: ", name]),
            CopyAs::Group(name) => said(&[b"Invalid copy-as group: ", name]),
            CopyAs::Call { name, errno } => {
                format!("rsync: [sender] {name} failed: {}", reason(*errno)).into_bytes()
            }
        }
    }
}

impl TargetStep {
    const fn call(self) -> &'static str {
        match self {
            TargetStep::Enter => "change_dir#1",
            TargetStep::EnterMade => "change_dir#2",
            TargetStep::EnterAbove => "change_dir#3",
            TargetStep::Make => "mkdir",
        }
    }
}

impl DirFault {
    fn words(self, option: DirOption, path: &[u8]) -> Vec<u8> {
        let name = match option {
            DirOption::Backup => "backup-dir",
            DirOption::Temp => "temp-dir",
        };
        match (self, option) {
            (DirFault::Unseen(errno), DirOption::Backup) => {
                said(&[b"Failed to stat ", path, b": ", strerror(errno).as_bytes()])
            }
            (DirFault::Unseen(errno), DirOption::Temp) => {
                said(&[b"Failed to stat temp-dir ", path, b": ", strerror(errno).as_bytes()])
            }
            (DirFault::NoDirectory, _) => {
                said(&[format!("The {name} is not a directory: ").as_bytes(), path])
            }
            (DirFault::Missing, _) => said(&[format!("The {name} does not exist: ").as_bytes(), path]),
        }
    }
}

impl BatchFault {
    fn words(&self, path: &[u8]) -> Vec<u8> {
        let about = |words: &str| said(&[b"rsync: [Receiver] Batch file \"", path, b"\"", words.as_bytes()]);
        match self {
            BatchFault::Script(errno) | BatchFault::Open(errno) => {
                about(&format!(" open error: {}", reason(*errno)))
            }
            BatchFault::Special => {
                said(&[b"Batch file \"", path, b"\" is neither a regular file nor a FIFO"])
            }
            BatchFault::Nothing => {
                b"rsync: connection unexpectedly closed (0 bytes received so far) [Receiver]".to_vec()
            }
            BatchFault::NewProtocol { version, max } => {
                format!("The protocol version in the batch file is too new ({version} > {max}).").into_bytes()
            }
            BatchFault::NoProtocol => {
                b"protocol version mismatch -- is your shell clean?\n(see the rsync manpage for an explanation)"
                    .to_vec()
            }
            BatchFault::Foreign => {
                about(" was not written by io-uring-sync: only the program that wrote a batch can read it")
            }
            BatchFault::Newer { version, max } => about(&format!(" is too new (format {version} > {max})")),
            BatchFault::Damaged => about(" is incomplete or damaged"),
            BatchFault::Dup(errno) => format!("rsync: [Receiver] dup: {}", reason(*errno)).into_bytes(),
            BatchFault::Write(errno) => failed("sender", "write to batch file", path, *errno),
            BatchFault::Options => {
                b"Incompatible options specified for inc-recursive batch file.".to_vec()
            }
            BatchFault::Rule => {
                b"cannot write a filter rule containing a newline to the batch replay script".to_vec()
            }
        }
    }
}

fn said(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

fn failed(role: &str, call: &str, path: &[u8], errno: i32) -> Vec<u8> {
    said(&[format!("rsync: [{role}] {call} \"").as_bytes(), path, b"\" failed: ", reason(errno).as_bytes()])
}
