//! Operands: how many there must be, and which of them are on another machine.

use super::Bytes;
use super::conflicts;
use super::draft::Draft;
use super::error::{Role, UsageError};
use super::help;
use super::parse::Args;
use super::resolve::Facts;
use crate::exit::Exit;

/// Where the operands are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// All on this machine.
    Here,
    /// At least one is not.
    Elsewhere,
}

/// `host:path`, `host::module` or `rsync://…`; a slash before the colon makes it a local name.
#[must_use]
pub(crate) fn is_remote(operand: &[u8]) -> bool {
    match operand.iter().find(|byte| b":/".contains(byte)) {
        Some(b':') => true,
        Some(_) | None => false,
    }
}

/// Counts the operands and says where they are.
pub(crate) fn check(draft: &Draft, args: &Args, facts: &Facts) -> Result<Place, UsageError> {
    let operands = args.operands.as_slice();
    let from_list = draft.options.select.files_from.as_deref();
    let usage = |place, role| Err(UsageError::usage(&help::help_text(facts.called_as), place, role));
    match (operands.len(), from_list) {
        (0, None) if args.typed.is_empty() => return usage("main.c(1871)", Role::Client),
        (0, None) => return usage("main.c(1941)", Role::Receiver),
        (0 | 1 | 3.., Some(_)) => return usage("options.c(2621)", Role::Client),
        _ => {}
    }
    match operands {
        [first, .., last] if !is_remote(first) && !is_remote(last) => remote_between(operands)?,
        _ if operands.iter().any(|operand| is_remote(operand)) => return Ok(Place::Elsewhere),
        _ => {}
    }
    Ok(Place::Here)
}

/// What is refused of operands that are all on this machine: files of a batch are open by then.
pub(crate) fn check_here(draft: &Draft, args: &Args) -> Result<(), UsageError> {
    let (operands, from_list) = (args.operands.as_slice(), draft.options.select.files_from.as_deref());
    if draft.password_file {
        let line = b"The --password-file option may only be used when accessing an rsync daemon.".to_vec();
        return Err(UsageError::at(line, Exit::Syntax, "main.c(1602)", Role::Sender));
    }
    if draft.connect_timeout != 0 {
        let line = b"The --contimeout option may only be used when connecting to an rsync daemon.".to_vec();
        return Err(UsageError::at(line, Exit::Syntax, "main.c(1608)", Role::Sender));
    }
    if from_list.is_some_and(is_remote) {
        let line = b"--files-from cannot be remote when the transfer is local".to_vec();
        return Err(UsageError::at(line, Exit::Syntax, "main.c(1510)", Role::Sender));
    }
    let (last, sources) = match operands {
        [.., last] if draft.batch.reads => (Some(last), [].as_slice()),
        [one] => (None, std::slice::from_ref(one)),
        [sources @ .., last] => (Some(last), sources),
        [] => (None, operands),
    };
    if sources.iter().any(Vec::is_empty) {
        let line = b"Empty source arg specified.".to_vec();
        return Err(UsageError::at(line, Exit::Syntax, "main.c(1551)", Role::Sender));
    }
    if last.is_some_and(Vec::is_empty) && draft.args.old != Some(true) {
        let line = b"Empty destination arg specified (use \".\" or see --old-args).".to_vec();
        return Err(UsageError::at(line, Exit::Syntax, "main.c(685)", Role::Sender));
    }
    conflicts::protocol(draft)
}

/// The operands as the sides get them: a destination must not look like an option to the other one.
pub(crate) fn passed(draft: &Draft, operands: &[Bytes]) -> Vec<Bytes> {
    let mut operands = operands.to_vec();
    let has_destination = operands.len() > 1 || draft.batch.reads;
    if let Some(last) = operands.last_mut().filter(|last| has_destination && last.starts_with(b"-")) {
        last.splice(0..0, *b"./");
    }
    operands
}

/// Between local operands a remote one is a mistake, or a local name with a colon that lacks a `./`.
fn remote_between(operands: &[Vec<u8>]) -> Result<(), UsageError> {
    match operands.iter().find(|operand| operand.is_empty() || is_remote(operand)) {
        Some(operand) if !operand.is_empty() => {
            let line = [b"Unexpected remote arg: ", operand.as_slice()].concat();
            Err(UsageError::at(line, Exit::Syntax, "main.c(1555)", Role::Sender))
        }
        _ => Ok(()),
    }
}
