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
    /// The lines are the help text: the number of operands is wrong.
    pub shows_help: bool,
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
        UsageError { lines: vec![line, last_line(exit, place, role).into_bytes()], exit, shows_help: false }
    }

    /// An option that this release does not act on: better no run than one that does something else.
    pub(crate) fn unsupported(name: &str) -> UsageError {
        let line = format!("rsync: {name} is not supported by io-uring-sync");
        UsageError::at(line.into_bytes(), Exit::Unsupported, "options", Role::Client)
    }

    /// A complaint about a word that the receiving side does not know.
    pub(crate) fn on_the_remote_machine(&self) -> UsageError {
        let Some(words) = self.lines.first().and_then(|line| line.strip_prefix(b"rsync: ")) else {
            return self.clone();
        };
        let line = [b"rsync: on remote machine: ", words].concat();
        UsageError::at(line, Exit::Syntax, "pipe.c(148)", Role::Receiver)
    }

    /// What only the receiving side refuses, and how the other then finds it gone.
    pub(crate) fn refused_there(&self) -> UsageError {
        let mut lines = self.lines.clone();
        lines.pop();
        lines.push(last_line(Exit::Syntax, "pipe.c(148)", Role::Receiver).into_bytes());
        UsageError::gone(lines)
    }

    /// What the receiving side prints instead of a run.
    pub(crate) fn printed_there(text: &[u8]) -> UsageError {
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        UsageError::gone(text.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect())
    }

    /// The receiving side is gone after it said this.
    fn gone(mut lines: Vec<Bytes>) -> UsageError {
        lines.push(b"rsync: connection unexpectedly closed (0 bytes received so far) [sender]".to_vec());
        lines.push(last_line(Exit::StreamIo, "io.c(285)", Role::Sender).into_bytes());
        UsageError { lines, exit: Exit::StreamIo, shows_help: false }
    }

    /// The whole help text and exit 1: the number of operands is wrong.
    pub(crate) fn usage(help: &[u8], place: &str, role: Role) -> UsageError {
        let mut lines: Vec<Bytes> = help.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
        lines.pop();
        lines.push(last_line(Exit::Syntax, place, role).into_bytes());
        UsageError { lines, exit: Exit::Syntax, shows_help: true }
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
