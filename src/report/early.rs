//! What is said where there is no report, or none any more, and to whom.

use std::io;

use rsync_compat::exit::Exit;
use rsync_compat::options::Options;
use rsync_compat::output::quote::{EightBit, quote_into};
use uring_ext::plain;

use super::clock::Clock;
use super::errors::{self, Ended};
use super::hints::Hints;
use super::settings::locale;
use super::{formatter, opening};
use crate::failure::{Fatal, Side};
use crate::operands::resolve::Resolver;

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
    broken_off(&Fatal::told(Side::Sender, exit))
}

fn broken_off(fatal: &Fatal) -> Vec<u8> {
    [errors::last_line(fatal.exit.code(), Ended::Broken(fatal)).as_bytes(), b"\n"].concat()
}

/// Says why a run ends whose standard output nobody reads, and returns the exit status.
pub(super) fn abandon(fatal: &Fatal) -> u8 {
    let mut message = fatal.cause.words();
    if !message.is_empty() {
        message.push(b'\n');
    }
    // Nobody listens: nothing to be done about it.
    let _ = plain::write_all(io::stderr(), &[message, broken_off(fatal)].concat());
    fatal.exit.code()
}

/// Writes to standard output before there is a report: help and versions.
pub fn print(text: &[u8]) {
    // Nobody listens: nothing to be done about it.
    let _ = plain::write_all(io::stdout(), text);
}

/// Adds to the log file what refused a command line. Where there is none, that has nothing to do with why.
pub fn log_refused(resolver: &Resolver, options: &Options, lines: &[&[u8]]) {
    let path = options.output.log_file.as_deref().filter(|path| !path.is_empty());
    // The umask is still that of the process.
    let Some(Ok(log)) = path.map(|path| opening::open_log(resolver, path, 0)) else { return };
    let (clock, pid) = (Clock::default(), std::process::id());
    let mut text = Vec::new();
    lines.iter().for_each(|line| formatter::push_logged(&mut text, &clock, pid, line));
    // A full disk under the log file is nothing to add to that.
    let _ = plain::write_all(&log, &text);
}

/// Writes to standard error before there is a report: a refused command line. People are told what may help.
pub fn complain(text: &[u8], charset: &[u8], eight_bit: EightBit) {
    let (mut quoted, locale) = (Vec::new(), locale(charset).of_single_bytes());
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let (line, end) = line.strip_suffix(b"\n").map_or((line, b"".as_slice()), |line| (line, b"\n"));
        quote_into(&mut quoted, line, locale, eight_bit);
        quoted.extend_from_slice(end);
    }
    let text = quoted.as_slice();
    let hint = complains_to_terminal().then(|| Hints::default().refused(text)).flatten();
    let hint = hint.map(|hint| format!("{hint}\n")).unwrap_or_default();
    // Nobody listens: nothing to be done about it.
    let _ = plain::write_all(io::stderr(), &[text, hint.as_bytes()].concat());
}
