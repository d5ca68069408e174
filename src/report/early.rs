//! What is said before there is a report, and to whom.

use std::io;

use rsync_compat::exit::Exit;
use uring_ext::plain;

use super::errors::{self, Ended};
use super::hints::Hints;
use crate::failure::{Fatal, Side};

/// Whether standard output is a terminal.
#[must_use]
pub fn to_terminal() -> bool {
    uring_ext::process::is_terminal(std::io::stdout())
}

/// Whether standard error is a terminal.
#[must_use]
pub fn complains_to_terminal() -> bool {
    uring_ext::process::is_terminal(std::io::stderr())
}

/// What a run says that a signal ends at once, before it began.
#[must_use]
pub fn interrupted(exit: Exit) -> Vec<u8> {
    let fatal = Fatal { side: Side::Sender, message: Vec::new(), code: exit.code() };
    [errors::last_line(fatal.code, Ended::Broken(&fatal)).as_bytes(), b"\n"].concat()
}

/// Writes to standard output before there is a report: help and versions.
pub fn print(text: &[u8]) {
    // Nobody listens: nothing to be done about it.
    let _ = plain::write_all(io::stdout(), text);
}

/// Writes to standard error before there is a report: a refused command line. People are told what may help.
pub fn complain(text: &[u8]) {
    let hint = complains_to_terminal().then(|| Hints::default().refused(text)).flatten();
    let hint = hint.map(|hint| format!("{hint}\n")).unwrap_or_default();
    // Nobody listens: nothing to be done about it.
    let _ = plain::write_all(io::stderr(), &[text, hint.as_bytes()].concat());
}
