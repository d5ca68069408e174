//! Command lines that are refused: what was understood until then, and what a log file has of it.

use super::draft::Draft;
use super::error::UsageError;
use super::parse::parse;
use super::resolve::Facts;
use super::{Bytes, Options};

/// The options before the one that was not understood.
#[must_use]
pub fn understood(argv: &[Bytes], facts: &Facts) -> Options {
    let mut draft = Draft::new(facts.numerals);
    for item in &parse(argv, facts).items {
        if (item.row.set)(&mut draft, item).is_err() {
            break;
        }
    }
    draft.options
}

/// Whether a command line is refused with the help text since it names nothing at all: rsync has opened the list of
/// `--files-from` by then.
#[must_use]
pub fn names_nothing(argv: &[Bytes], facts: &Facts, error: &UsageError) -> bool {
    error.shows_help && parse(argv, facts).operands.is_empty()
}

/// The lines for a log file, which is this side's: what the other one says by itself is not in it, and whoever was to
/// read the source counts what it sent.
#[must_use]
pub fn logged(error: &UsageError) -> Vec<&[u8]> {
    let is_far = |line: &&Bytes| line.ends_with(b"[Receiver=3.5.0]");
    let is_near = |line: &&Bytes| line.ends_with(b"[sender=3.5.0]");
    let said = match error.lines.iter().rposition(|line| is_far(&line)) {
        Some(at) if at + 1 < error.lines.len() => &error.lines[at + 1..],
        _ => error.lines.as_slice(),
    };
    let mut lines: Vec<&[u8]> = said.iter().map(Vec::as_slice).collect();
    if said.last().is_some_and(|line| is_near(&line)) {
        lines.insert(lines.len() - 1, b"sent 0 bytes  received 0 bytes  total size 0");
    }
    lines
}
