//! What rsync refuses to combine, and values that are no values, in its words.

use super::draft::Draft;
use super::error::{Role, UsageError};
use super::stop::{self, Stop, StopAt};
use super::{Append, Claim, CopyMethod, OutBuf, Reflink, RemoveSources, Sparse, Stderr};
use crate::digest::Algorithm;
use crate::exit::Exit;
use crate::size::{ALLOCATION, Limits, parse_size};

/// As long as the name of a batch may be.
const BATCH_NAME_BYTES_MAX: usize = 256;

/// What rsync notices before it looks at `--delete`, in its order.
pub(crate) fn early(draft: &Draft) -> Result<(), UsageError> {
    if let Some(size) = &draft.max_alloc {
        sized(draft, "max-alloc", size, &ALLOCATION)?;
    }
    if draft.args.old == Some(true) && draft.args.secluded == Some(true) {
        return Err(UsageError::option("--secluded-args conflicts with --old-args."));
    }
    sum(draft)?;
    draft.compress_choice.as_deref().map_or(Ok(()), compression)?;
    draft.outbuf.as_deref().map_or(Ok(()), |word| outbuf(word).map(|_| ()))?;
    if draft.options.preserve.xattrs > 1 {
        fakes_and_copies_all(draft)?;
    }
    if draft.batch.reads && draft.options.select.files_from.is_some() {
        return Err(UsageError::option("--read-batch cannot be used with --files-from"));
    }
    if draft.batch.reads {
        reads_no_source(draft.options.write.remove_source_files)?;
    }
    if draft.batch.reads && draft.batch.writes {
        return Err(UsageError::option("--write-batch and --read-batch can not be used together"));
    }
    if draft.batch.file.as_ref().is_some_and(|file| file.len() > BATCH_NAME_BYTES_MAX) {
        return Err(UsageError::option("the batch-file name must be 256 characters or less."));
    }
    let times = [draft.delete.before, draft.delete.during.is_some(), draft.delete.after];
    if times.iter().filter(|&&asked| asked).count() > 1 {
        return Err(UsageError::option("You may not combine multiple --delete-WHEN options."));
    }
    Ok(())
}

/// What rsync notices after it, in its order.
pub(crate) fn late(draft: &Draft) -> Result<(), UsageError> {
    if let Some(dir) = &draft.confine_root {
        if !dir.starts_with(b"/") {
            return Err(UsageError::option("--confine-root must be an absolute path"));
        }
        if draft.options.links.insecure {
            return Err(UsageError::option("--insecure-links cannot be combined with --confine-root"));
        }
    }
    let write = &draft.options.write;
    let kept_apart = if write.delay_updates { "--delay-updates" } else { "--partial-dir" };
    let apart = write.delay_updates || write.partial_dir.is_some();
    if write.append != Append::Off {
        if draft.whole_file == Some(true) || has_no_checksum(draft) {
            return Err(UsageError::option("--append cannot be used with --whole-file"));
        }
        if apart {
            return Err(UsageError::option(format!("--append cannot be used with {kept_apart}")));
        }
    }
    let named = match write.method {
        CopyMethod::Auto => None,
        CopyMethod::Reflink => {
            (write.reflink == Reflink::Never).then_some("never cannot be used with --copy-method=reflink")
        }
        CopyMethod::CopyFileRange => (write.reflink != Reflink::Auto)
            .then_some("WHEN cannot be used with --copy-method=copy_file_range"),
        CopyMethod::ReadWrite => (write.reflink == Reflink::Always)
            .then_some("always cannot be used with --copy-method=read_write"),
        CopyMethod::Direct => {
            (write.reflink == Reflink::Always).then_some("always cannot be used with --copy-method=direct")
        }
    };
    if let Some(words) = named {
        return Err(UsageError::option(format!("--reflink={words}")));
    }
    if write.reflink == Reflink::Always {
        let patches = write.inplace || write.write_devices || write.append != Append::Off;
        if patches || draft.whole_file == Some(false) {
            let line = "--reflink=always cannot be used with --inplace or --no-whole-file";
            return Err(UsageError::option(line));
        }
        if matches!(write.sparse, Sparse::Zeros | Sparse::Never) {
            let line = "--reflink=always cannot be used with --sparse=always or --sparse=never";
            return Err(UsageError::option(line));
        }
    }
    if apart && (write.inplace || write.write_devices) {
        return Err(UsageError::option(format!("--inplace cannot be used with {kept_apart}")));
    }
    Ok(())
}

/// What is read from a batch has no source that could go.
fn reads_no_source(goes: RemoveSources) -> Result<(), UsageError> {
    match goes {
        RemoveSources::None => Ok(()),
        RemoveSources::Sent => {
            Err(UsageError::option("--read-batch cannot be used with --remove-sent-files"))
        }
        RemoveSources::All => {
            Err(UsageError::option("--read-batch cannot be used with --remove-source-files"))
        }
    }
}

/// Copies of what `--fake-super` keeps would get into its way.
fn fakes_and_copies_all(draft: &Draft) -> Result<(), UsageError> {
    if draft.options.preserve.sender_claim == Claim::Fake {
        return Err(UsageError::option("--fake-super conflicts with -XX"));
    }
    Ok(())
}

/// Transfers without a checksum are transfers of whole files, whatever else was said.
pub(crate) fn has_no_checksum(draft: &Draft) -> bool {
    let first = draft.checksum_choice.as_deref().and_then(|choice| choice.split(|&byte| byte == b',').next());
    first.is_some_and(|name| name.eq_ignore_ascii_case(b"none"))
}

/// `--stop-after`.
pub(crate) fn stop_after(text: &[u8]) -> Result<Stop, UsageError> {
    let minutes = stop::parse_minutes(text);
    let refused = || UsageError::option([b"invalid --stop-after value: ", text].concat());
    minutes.map(Stop::After).ok_or_else(refused)
}

/// `--stop-at`.
pub(crate) fn stop_at(text: &[u8]) -> Result<Stop, UsageError> {
    let at = StopAt::parse(text);
    let refused = || UsageError::option([b"invalid --stop-at format: ", text].concat());
    at.map(|at| Stop::At(at, text.to_vec())).ok_or_else(refused)
}

/// The value of an option that takes a size.
pub(crate) fn sized(draft: &Draft, option: &str, text: &[u8], limits: &Limits) -> Result<u64, UsageError> {
    let numerals = draft.options.output.numerals;
    match parse_size(text, limits, numerals) {
        Ok(size) => Ok(u64::try_from(size).unwrap_or(0)),
        Err(error) => Err(UsageError::at(
            error.message(option, text, numerals),
            Exit::Syntax,
            "main.c(1886)",
            Role::Client,
        )),
    }
}

/// `--outbuf`: the first letter counts.
pub(crate) fn outbuf(word: &[u8]) -> Result<OutBuf, UsageError> {
    match word.first().map(u8::to_ascii_uppercase) {
        Some(b'N' | b'U') => Ok(OutBuf::None),
        Some(b'L') => Ok(OutBuf::Line),
        Some(b'B' | b'F') => Ok(OutBuf::Block),
        _ => Err(UsageError::option("Invalid --outbuf setting -- specify N, L, or B.")),
    }
}

/// `--stderr`: a beginning of one of the words; true means that everything goes there.
pub(crate) fn stderr_mode(word: &[u8]) -> Result<Stderr, UsageError> {
    let modes = [("errors", Stderr::Errors), ("all", Stderr::All), ("client", Stderr::Client)];
    let known = modes.into_iter().find(|(known, _)| known.as_bytes().starts_with(word));
    match known.filter(|_| !word.is_empty()) {
        Some((_, mode)) => Ok(mode),
        None => {
            let line = [b"--stderr mode \"", word, b"\" is not one of errors, all, or client"].concat();
            Err(UsageError::option(line))
        }
    }
}

/// `--checksum-choice=TRANSFER[,FILE]`, of which the second may be left out: the one that `%C` shows.
pub(crate) fn sum(draft: &Draft) -> Result<Algorithm, UsageError> {
    let choice = draft.checksum_choice.as_deref().unwrap_or(b"auto");
    let mut shown = Algorithm::Xxh128;
    for (index, name) in choice.splitn(2, |&byte| byte == b',').enumerate() {
        let is_auto = |name: &[u8]| name.eq_ignore_ascii_case(b"auto");
        let Some(algorithm) = Algorithm::named(name) else {
            // The first is told with what comes behind it.
            let told = if index == 0 { choice } else { name };
            let line = [b"unknown checksum name: ", told].concat();
            return Err(UsageError::at(line, Exit::Unsupported, "checksum.c(157)", Role::Client));
        };
        // Measured: beside another name nothing is negotiated.
        let alone = choice.split(|&byte| byte == b',').all(is_auto);
        let algorithm = if is_auto(name) && !alone { Algorithm::Md5 } else { algorithm };
        if index == 0 || draft.options.compare.checksum {
            shown = algorithm;
        }
    }
    if shown == Algorithm::None && draft.options.compare.checksum {
        let line = b"Invalid checksum-choice for --checksum: none (0)".to_vec();
        return Err(UsageError::at(line, Exit::Unsupported, "checksum.c(551)", Role::Client));
    }
    Ok(shown)
}

pub(crate) fn compression(name: &[u8]) -> Result<(), UsageError> {
    const KNOWN: [&[u8]; 6] = [b"auto", b"zstd", b"lz4", b"zlibx", b"zlib", b"none"];
    if KNOWN.contains(&name.to_ascii_lowercase().as_slice()) {
        return Ok(());
    }
    let line = [b"unknown compress name: ", name].concat();
    Err(UsageError::at(line, Exit::Unsupported, "compat.c(190)", Role::Client))
}

/// Those that rsync cannot speak, and what an old one lacks, are refused as it does; else they change little here.
pub(crate) fn protocol(draft: &Draft) -> Result<(), UsageError> {
    let number = draft.options.protocol;
    if (33..=40).contains(&number) {
        return Err(by_both(|side| {
            (format!("--protocol must be no more than 32 on the {side}."), "compat.c(639)")
        }));
    }
    if !(20..=40).contains(&number) {
        let words =
            "protocol version mismatch -- is your shell clean?\n(see the rsync manpage for an explanation)";
        return Err(by_both(|_| (words.to_owned(), "compat.c(625)")));
    }
    let asked = [
        ("--fuzzy", draft.options.compare.fuzzy > 0),
        ("--prune-empty-dirs", draft.options.select.prune_empty_dirs),
    ];
    match asked.into_iter().find(|(_, asked)| number < 29 && *asked) {
        None => Ok(()),
        Some((option, _)) => Err(by_both(|_| {
            (format!("{option} requires protocol 29 or higher (negotiated {number})."), "compat.c(719)")
        })),
    }
}

/// What each of the sides says and dies of.
fn by_both(words: impl Fn(&str) -> (String, &'static str)) -> UsageError {
    let mut lines = Vec::new();
    for (side, role) in [("Server", Role::Receiver), ("Client", Role::Sender)] {
        let (line, place) = words(side);
        lines.extend(UsageError::at(line.into_bytes(), Exit::Protocol, place, role).lines);
    }
    UsageError { lines, exit: Exit::Protocol, shows_help: false }
}
