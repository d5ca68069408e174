//! What `-vv` and `--debug=filter` say about a match (rsync(1), SIMPLE INCLUDE/EXCLUDE RULES).

use super::chain::Match;
use super::pattern::NameKind;
use super::rule::{Action, Home, Origin, Rule, Side};

/// The pattern as rsync shows it: the text of a rule that was read from a file stays hidden.
#[must_use]
pub fn pattern_shown(rule: &Rule) -> &[u8] {
    match rule.origin {
        Origin::CommandLine => rule.pattern.text(),
        Origin::File => b"<rule from a file read earlier>",
    }
}

/// `[sender] hiding file b.o because of pattern *.o`, without a newline.
#[must_use]
pub fn match_line(found: &Match<'_>, side: Side, path: &[u8], kind: NameKind) -> Vec<u8> {
    let verb = match (side, found.action()) {
        (Side::Sender, Action::Exclude) => "[sender] hiding ",
        (Side::Sender, Action::Include) => "[sender] showing ",
        (Side::Receiver, Action::Exclude) => "[generator] protecting ",
        (Side::Receiver, Action::Include) => "[generator] risking ",
    };
    let noun = match kind {
        NameKind::Directory => "directory ",
        NameKind::Other => "file ",
    };
    let mut line = [verb.as_bytes(), noun.as_bytes(), path, b" because of pattern "].concat();
    line.extend_from_slice(pattern_shown(found.rule));
    if let Some(merge) = found.per_directory {
        line.extend_from_slice(b" [per-dir ");
        line.extend_from_slice(&merge.label);
        line.push(b']');
    } else if found.rule.home == Home::Cvs {
        line.extend_from_slice(b" [global CVS]");
    }
    line
}
