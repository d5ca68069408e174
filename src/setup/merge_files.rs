//! A wrong rule in a merge file of a directory that operands mean ends the run before there is a destination.

use rsync_compat::exit::Exit;
use rsync_compat::filter::{Chain, FilterError, Side as RuleSide};
use uring_ext::plain::CWD;

use super::Inputs;
use super::rules::{Rules, enters};
use crate::entry::join;
use crate::failure::{Cause, Fatal, Side};
use crate::operands::resolve::Resolver;
use crate::operands::roots::Sources;
use crate::operands::tree::{OperandTree, Rank};
use crate::whole_files::read_merge_file;

/// Reads the merge files of the directories that are listed along with the operands. What else there is to say of these
/// files is said as the walk comes by.
///
/// # Errors
/// A rule that is refused.
pub(super) fn check(inputs: Inputs<'_>, sending: &Rules, sources: &Sources) -> Result<(), Fatal> {
    // An operand that is missing was told of before.
    if sending.top.is_static() || !sources.failures.is_empty() {
        return Ok(());
    }
    let resolver = Resolver::new(inputs.options);
    let check = Check { inputs, resolver: &resolver, sending, sources };
    check.below(b"", &sources.top, &sending.top).map_err(|error| refused(&error))
}

pub(super) fn refused(error: &FilterError) -> Fatal {
    let exit: Exit = error.exit();
    Fatal { side: Side::Sender, cause: Cause::Refused(error.message()), exit }
}

struct Check<'a> {
    inputs: Inputs<'a>,
    resolver: &'a Resolver,
    sending: &'a Rules,
    sources: &'a Sources,
}

impl Check<'_> {
    /// Enters a directory that is read, and those on the way to others.
    fn below(&self, rel: &[u8], operand: &OperandTree, above: &Chain) -> Result<(), FilterError> {
        if !enters(self.inputs.options, operand) {
            return Ok(());
        }
        // What only leads to the operands is not in the transfer.
        let entered = match rel.is_empty() && operand.rank != Rank::Contents {
            true => above.clone(),
            false => self.entered(rel, operand, above)?,
        };
        for (name, operand) in operand.children.iter() {
            let rel = join(rel, name);
            self.below(&rel, operand, self.sending.of_first(&rel).unwrap_or(&entered))?;
        }
        Ok(())
    }

    fn entered(&self, rel: &[u8], operand: &OperandTree, above: &Chain) -> Result<Chain, FilterError> {
        let root = operand.sources.first().and_then(|source| self.sources.roots.get(usize::from(*source)));
        let dir = root.map(|root| join(&root.display, rel)).unwrap_or_default();
        let mut read = |name: &[u8]| {
            let path = if name.starts_with(b"/") { name.to_vec() } else { join(&dir, name) };
            read_merge_file(self.resolver, RuleSide::Sender, CWD, &path)
        };
        above.enter(rel, &mut read)
    }
}
