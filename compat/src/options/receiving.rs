//! What the receiving side alone is told (`-M`, `--remote-option`): a second reading of the wishes, of which that
//! side's part counts.

use super::draft::{Draft, Print};
use super::error::UsageError;
use super::parse::{self, End};
use super::resolve::{self, Facts};
use super::{Bytes, Compare, Confine, Links, Options, Preserve, Receiving, Stderr, Write};

/// The wishes as the receiving side has them before it reads its own: those of both, of which some have been settled.
pub(crate) fn start(draft: &Draft) -> Draft {
    let mut far = draft.clone();
    // Measured: `--backup-dir` there does not take back the suffix, nor `--append` what a local copy does.
    if far.backup.suffix.is_none() {
        far.backup.suffix = Some(if far.backup.dir.is_some() { Bytes::new() } else { b"~".to_vec() });
    }
    if far.whole_file.is_none() {
        far.whole_file = Some(far.batch.file.is_none());
    }
    far.args.old.get_or_insert(true);
    far
}

/// Reads what that side is told, and puts its part in the place of what both would do.
///
/// # Errors
/// What rsync's receiving side would refuse, and what would keep the sides from understanding each other.
pub(crate) fn settle(
    near: &mut Options,
    draft: &Draft,
    mut far: Draft,
    facts: &Facts,
) -> Result<(), UsageError> {
    read(&mut far, &draft.remote, facts)?;
    let told = far.clone();
    resolve::settle(&mut far, facts).map_err(|error| error.refused_there())?;
    if let Some(name) = disagreement(near, draft, &told) {
        return Err(UsageError::unsupported(&format!("{name} for the receiving side alone (-M)")));
    }
    let (charsets, batch) = (super::charsets::settle(draft, &told), &far.batch);
    let ignored = |option: &str| format!("ignoring {option} option sent to server").into_bytes();
    let mut warnings = Vec::new();
    // Even that of the sending side is sent along, but for `--only-write-batch`.
    if batch.writes && !draft.batch.writes_only {
        warnings.push(ignored("--write-batch"));
    }
    if !draft.batch.reads && batch.reads {
        warnings.push(ignored("--read-batch"));
    }
    take(near, far, warnings);
    near.charsets = charsets;
    Ok(())
}

fn read(far: &mut Draft, remote: &[Bytes], facts: &Facts) -> Result<(), UsageError> {
    for word in remote {
        let args = parse::plain(std::slice::from_ref(word));
        for item in &args.items {
            let set = item.row.far.unwrap_or(item.row.set);
            set(far, item).map_err(|error| error.refused_there())?;
            if item.row.long == "version" && item.on() {
                far.print = Some(Print::Version(super::help::VersionForm::Text));
            }
            if let Some(print) = far.print {
                return Err(UsageError::printed_there(&resolve::printed(far, print, facts)));
            }
        }
        if let End::Failed(error) = &args.end {
            return Err(error.on_the_remote_machine().refused_there());
        }
    }
    Ok(())
}

/// An option that the sides would have to agree on, and do not.
fn disagreement(near: &Options, draft: &Draft, far: &Draft) -> Option<&'static str> {
    let (here, there) = (&draft.options, &far.options);
    let (one, two) = (&here.preserve, &there.preserve);
    let all = [
        ("--checksum", here.compare.checksum != there.compare.checksum),
        ("--checksum-choice", draft.checksum_choice != far.checksum_choice),
        ("--compress", draft.compress != far.compress),
        ("--compress-choice", draft.compress_choice != far.compress_choice),
        ("--links", here.links.keep != there.links.keep),
        ("--owner", one.owner != two.owner),
        ("--group", one.group != two.group),
        ("--devices", one.devices != two.devices),
        ("--acls", one.acls != two.acls),
        ("--xattrs", (one.xattrs > 0) != (two.xattrs > 0)),
        ("--atimes", (one.atimes > 0) != (two.atimes > 0)),
        ("--append", here.write.append != there.write.append),
        ("--copy-devices", here.write.copy_devices != there.write.copy_devices),
        ("--dry-run", near.write.dry_run != there.write.dry_run && !near.batch.is_only()),
        ("--only-write-batch", !draft.batch.writes_only && far.batch.writes_only),
        ("--copy-as", one.copy_as != two.copy_as),
        ("--stderr", here.output.stderr != there.output.stderr && there.output.stderr == Stderr::All),
        ("--log-file", here.output.log_file.is_some() && here.output.log_file != there.output.log_file),
    ];
    all.into_iter().find(|(_, differs)| *differs).map(|(name, _)| name)
}

/// The receiving side's part.
fn take(near: &mut Options, far: Draft, warnings: Vec<Bytes>) {
    let tells_all = far.itemize > 1 || far.options.output.info.name > 1;
    let far = far.options;
    near.receiving = Some(Receiving {
        filters: far.select.filters,
        cvs_exclude: far.select.cvs_exclude,
        chmod: far.preserve.chmod,
        info: far.output.info,
        listing: far.output.debug.flist,
        tells_all,
        times_here: near.preserve.times,
        log_file: far.output.log_file.filter(|_| near.output.log_file.is_none()),
        // The sending side keeps its own to itself.
        log_file_format: far
            .output
            .log_file_format
            .filter(|format| near.output.log_file_format.as_ref() != Some(format)),
        warnings,
    });
    near.select.max_size = far.select.max_size;
    near.select.min_size = far.select.min_size;
    near.select.prune_empty_dirs = far.select.prune_empty_dirs;
    // A list that one side needs as a whole is made so.
    near.select.incremental &= far.select.incremental;
    near.compare = Compare { checksum: near.compare.checksum, ..far.compare };
    near.write = Write {
        stop: near.write.stop.take().or(far.write.stop),
        bwlimit: near.write.bwlimit,
        dry_run: near.write.dry_run,
        remove_source_files: near.write.remove_source_files,
        copy_devices: near.write.copy_devices,
        ..far.write
    };
    near.preserve = Preserve {
        open_noatime: near.preserve.open_noatime,
        atimes: near.preserve.atimes,
        xattrs: near.preserve.xattrs,
        hard_links: near.preserve.hard_links && far.preserve.hard_links,
        chmod: std::mem::take(&mut near.preserve.chmod),
        sender_claim: near.preserve.sender_claim,
        receiver_claim: far.preserve.receiver_claim,
        ..far.preserve
    };
    near.links = Links {
        safe: far.links.safe,
        munge: far.links.munge,
        keep_dirlinks: far.links.keep_dirlinks,
        ..near.links
    };
    near.confine = Confine { sender: near.confine.sender.take(), receiver: far.confine.receiver };
    near.delete = far.delete;
    near.backup = far.backup;
    near.basis = far.basis;
    near.output.names_there |= far.output.names_there;
    near.output.list_only |= far.output.list_only;
}
