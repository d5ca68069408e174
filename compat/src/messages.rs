//! rsync's wording of errors, warnings and notes (rsync(1), DIAGNOSTICS, --info).
//!
//! Every name comes already quoted, see [`quote_into`](crate::output::quote::quote_into). Lines have no newline.
//! A full path is absolute, as rsync shows it; a name is relative to the transfer root.

mod note;
mod system;

pub use note::{Note, Skip, SkipDetail, Stream};
pub use system::{Failing, SystemError};

use crate::exit::Exit;

/// The version whose wording this is.
pub const VERSION: &str = "3.5.0";

/// Who speaks, in brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Before anything is started: options and rule files.
    Client,
    /// What reads the source.
    Sender,
    /// What compares, makes directories and links, and deletes.
    Generator,
    /// What writes files.
    Receiver,
    /// The receiving side before it has split in two.
    ReceiverSetup,
}

impl Role {
    /// The word in the brackets.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Role::Client => "client",
            Role::Sender => "sender",
            Role::Generator => "generator",
            Role::Receiver => "receiver",
            Role::ReceiverSetup => "Receiver",
        }
    }
}

/// Where rsync 3.5.0 ends a run, for the last line. Scripts match the text and the code, not the place.
#[must_use]
pub fn usual_place(exit: Exit) -> (&'static str, Role) {
    match exit {
        Exit::Syntax => ("main.c(1886)", Role::Client),
        Exit::FileSelection => ("main.c(777)", Role::ReceiverSetup),
        Exit::FileIo => ("receiver.c(657)", Role::Receiver),
        Exit::Signal => ("rsync.c(874)", Role::Sender),
        Exit::SignalUser => ("main.c(1660)", Role::Sender),
        Exit::Message => ("log.c(553)", Role::Sender),
        Exit::StreamIo | Exit::Timeout => ("io.c(285)", Role::Sender),
        Exit::Success
        | Exit::Protocol
        | Exit::Unsupported
        | Exit::StartClient
        | Exit::LogFileAppend
        | Exit::SocketIo
        | Exit::Ipc
        | Exit::Crashed
        | Exit::Terminated
        | Exit::WaitChild
        | Exit::OutOfMemory
        | Exit::Partial
        | Exit::Vanished
        | Exit::MaxDelete
        | Exit::ConnectTimeout => ("main.c(1394)", Role::Sender),
    }
}

/// The last line of a run that did not end well.
///
/// ```
/// use rsync_compat::{exit::Exit, messages::{Role, final_line}};
/// let line = final_line(Exit::Vanished, "main.c(1394)", Role::Sender);
/// assert!(line.ends_with(b"transferred (code 24) at main.c(1394) [sender=3.5.0]"));
/// ```
#[must_use]
pub fn final_line(exit: Exit, place: &str, role: Role) -> Vec<u8> {
    let kind = if exit == Exit::Vanished { "warning" } else { "error" };
    let (text, code, word) = (exit.text(), exit.code(), role.word());
    format!("rsync {kind}: {text} (code {code}) at {place} [{word}={VERSION}]").into_bytes()
}

/// What stands in the way and could not be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Newcomer {
    /// `regular file`.
    File,
    /// `directory`.
    Directory,
    /// `symlink`.
    Symlink,
    /// `device file`.
    Device,
    /// `special file`.
    Special,
}

impl Newcomer {
    fn words(self) -> &'static [u8] {
        match self {
            Newcomer::File => b"regular file",
            Newcomer::Directory => b"directory",
            Newcomer::Symlink => b"symlink",
            Newcomer::Device => b"device file",
            Newcomer::Special => b"special file",
        }
    }
}

#[cfg(test)]
mod tests;
