//! What is printed, as the options say it together.

use super::super::draft::Draft;
use super::super::error::UsageError;
use super::super::{Bytes, Debug, Info, Progress, conflicts};
use crate::output::format::Format;
use crate::output::number::Numerals;

/// What is printed: levels, formats, progress, the checksum of lines (rsync(1), `--info`, `--out-format`, `--quiet`).
pub(super) fn output(draft: &mut Draft) -> Result<(), UsageError> {
    let outbuf = draft.outbuf.take().map(|word| conflicts::outbuf(&word)).transpose()?;
    let verbose = draft.verbose;
    let asked_names = draft.info.info(verbose).name > 0;
    if draft.progress {
        draft.info.default_to("FLIST", 2);
        draft.info.default_to("PROGRESS", 1);
        draft.info.default_to("NAME", verbose.clamp(1, 2));
    }
    if draft.options.output.stats {
        draft.info.default_to("STATS", if verbose > 1 { 3 } else { 2 });
    }
    let sum = conflicts::sum(draft)?;
    let output = &mut draft.options.output;
    output.sum = sum;
    output.outbuf = outbuf;
    let (info, debug) = (draft.info.info(verbose), draft.debug.debug(verbose));
    output.stats = info.stats > 1;
    if output.quiet {
        // The far side is told all the same.
        output.names_there = info.name > 0 || draft.itemize > 0;
        // A log file has it all the same.
        output.info = Info { stats: info.stats, remove: info.remove, flist: info.flist, ..output.info };
        output.debug = Debug { deltasum: debug.deltasum, ..output.debug };
        let format = output.out_format.take().or_else(|| default_format(draft.itemize, 0));
        output.itemize = letters(format.as_deref(), draft.itemize, info.name);
        return Ok(());
    }
    output.verbose = verbose;
    // The far side gives names where the line of a file comes late, too.
    let format = output.out_format.as_deref();
    let in_time = format.map_or(draft.itemize > 0, |text| !Format::parse(text, Numerals::C).comes_late());
    output.names_there = asked_names || info.name > 0 && !in_time;
    output.info = info;
    output.debug = debug;
    output.progress = match output.info.progress {
        0 => Progress::Off,
        1 => Progress::PerFile,
        _ => Progress::Overall,
    };
    if output.out_format.is_none() {
        output.out_format = default_format(draft.itemize, output.info.name);
    }
    output.itemize = letters(output.out_format.as_deref(), draft.itemize, output.info.name);
    Ok(())
}

/// Whether a format has letters: 1, and 2 where they tell of unchanged items too.
fn letters(format: Option<&[u8]>, itemize: u8, name: u8) -> u8 {
    let itemizes = format.is_some_and(has_itemize_escape);
    u8::from(itemizes) + u8::from(itemizes && (itemize > 1 || name > 1))
}

fn default_format(itemize: u8, name: u8) -> Option<Bytes> {
    match (itemize, name) {
        (1.., _) => Some(b"%i %n%L".to_vec()),
        (0, 1..) => Some(b"%n%L".to_vec()),
        (0, 0) => None,
    }
}

/// `%i`, perhaps with a width.
fn has_itemize_escape(format: &[u8]) -> bool {
    let mut rest = format;
    while let Some(at) = rest.iter().position(|&byte| byte == b'%') {
        rest = &rest[at + 1..];
        let letter = rest.iter().find(|byte| !byte.is_ascii_digit() && !b"-'".contains(byte));
        match letter {
            Some(b'i') => return true,
            Some(b'%') => rest = &rest[1..],
            _ => {}
        }
    }
    false
}
