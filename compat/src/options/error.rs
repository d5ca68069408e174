//! [`UsageError`]: why a command line is refused, in rsync's words.

use crate::exit::Exit;

use super::Bytes;

/// The version whose messages are reproduced.
pub const RSYNC_VERSION: &str = "3.5.0";

/// A refused command line: what to write to standard error, and how to exit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageError {
    /// Lines for standard error, without their newlines.
    pub lines: Vec<Bytes>,
    /// How the process ends.
    pub exit: Exit,
}

/// Which of rsync's processes would have printed the last line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Still one process.
    Client,
    /// The process that reads the source.
    Sender,
    /// The process that writes the destination.
    Receiver,
}

impl Role {
    fn tag(self) -> &'static str {
        match self {
            Role::Client => "client",
            Role::Sender => "sender",
            Role::Receiver => "Receiver",
        }
    }
}

impl UsageError {
    /// The commonest kind: `rsync: MESSAGE` and exit 1.
    pub(crate) fn option(message: impl AsRef<[u8]>) -> UsageError {
        let line = [b"rsync: ", message.as_ref()].concat();
        UsageError::at(line, Exit::Syntax, "main.c(1886)", Role::Client)
    }

    /// A message without the `rsync: ` in front, with the place that rsync names behind it.
    pub(crate) fn at(line: Bytes, exit: Exit, place: &str, role: Role) -> UsageError {
        UsageError { lines: vec![line, last_line(exit, place, role).into_bytes()], exit }
    }

    /// An option that this release does not act on: better no run than one that does something else.
    pub(crate) fn unsupported(name: &str) -> UsageError {
        let line = format!("rsync: {name} is not supported by io-uring-sync yet");
        UsageError::at(line.into_bytes(), Exit::Unsupported, "options", Role::Client)
    }

    /// The same, as rsync tells it of an option that only the receiving side is given.
    pub(crate) fn of_the_far_side(&self) -> UsageError {
        let words = self.lines.first().map(|line| line.strip_prefix(b"rsync: ").unwrap_or(line));
        let line = [b"rsync: on remote machine: ", words.unwrap_or_default()].concat();
        UsageError::at(line, Exit::StreamIo, "io.c(285)", Role::Sender)
    }

    /// The whole help text and exit 1: the number of operands is wrong.
    pub(crate) fn usage(help: &[u8], place: &str, role: Role) -> UsageError {
        let mut lines: Vec<Bytes> = help.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
        lines.pop();
        lines.push(last_line(Exit::Syntax, place, role).into_bytes());
        UsageError { lines, exit: Exit::Syntax }
    }

    /// The lines as they are written, each with its newline.
    #[must_use]
    pub fn text(&self) -> Bytes {
        self.lines.iter().flat_map(|line| line.iter().copied().chain([b'\n'])).collect()
    }
}

fn last_line(exit: Exit, place: &str, role: Role) -> String {
    let (words, code, tag) = (exit.text(), exit.code(), role.tag());
    format!("rsync error: {words} (code {code}) at {place} [{tag}={RSYNC_VERSION}]")
}
