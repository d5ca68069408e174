//! What is said at the end: `--stats`, the two lines of `-v`, and the log file's last line.

use std::time::Duration;

use rsync_compat::delta::SUMS_HEAD_BYTES;
use rsync_compat::exit::Exit;
use rsync_compat::output::stats::{Counts, Stats, Traffic, push_log_summary, push_stats, push_summary};

use super::lines::signed;
use super::progress::Totals;
use super::settings::{Levels, Settings};
use crate::summary::{ByKind, Summary};

/// The lines at the end.
#[derive(Debug, Default)]
pub(super) struct Closing {
    /// For standard output.
    pub(super) out: Vec<u8>,
    /// For the log file, undated.
    pub(super) log: Vec<Vec<u8>>,
}

/// Makes the lines of the end; `exit` decides whether the log file has its short form too.
pub(super) fn closing(settings: &Settings, summary: &Summary, elapsed: Duration, exit: u8) -> Closing {
    let levels = &settings.levels;
    let mut stats = stats(summary, levels, elapsed);
    if levels.receives {
        std::mem::swap(&mut stats.traffic.sent_bytes, &mut stats.traffic.received_bytes);
    }
    let mut closing = Closing::default();
    if levels.deltas > 0 && !levels.receives {
        let Summary { matches, hash_hits, false_alarms, literal_bytes, .. } = summary;
        let counts = format!("matches={matches}  hash_hits={hash_hits}  false_alarms={false_alarms}");
        let line = format!("total: {counts} data={literal_bytes}\n");
        closing.out.extend_from_slice(line.as_bytes());
    }
    let is_shown = is_shown(levels);
    if levels.stats || levels.info.stats > 1 {
        push_stats(&mut closing.out, &stats, settings.numbers);
    }
    if is_shown {
        push_summary(&mut closing.out, &stats.traffic, stats.total_bytes, settings.run, settings.numbers);
    }
    let lines = closing.out.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    closing.log = lines.map(<[u8]>::to_vec).collect();
    if levels.logs_there {
        closing.log.clear();
        std::mem::swap(&mut stats.traffic.sent_bytes, &mut stats.traffic.received_bytes);
    }
    let is_logged = if levels.logs_there { exit == 0 } else { !is_shown || exit != 0 };
    if is_logged {
        let mut line = Vec::new();
        push_log_summary(&mut line, &stats.traffic, stats.total_bytes);
        closing.log.push(line);
    }
    closing
}

/// Whether there are totals at the end.
pub(super) fn is_shown(levels: &Levels) -> bool {
    levels.stats || levels.info.stats > 0
}

/// The log's line where only the list was sent, about 13 bytes for an entry.
pub(super) fn refused(listed: Totals) -> Vec<u8> {
    const START_BYTES: u64 = 22;
    const ENTRY_BYTES: u64 = 13;
    let sent_bytes = signed(START_BYTES + ENTRY_BYTES * listed.entries);
    let mut line = Vec::new();
    push_log_summary(
        &mut line,
        &Traffic { sent_bytes, received_bytes: 8, elapsed_s: 0 },
        signed(listed.bytes),
    );
    line
}

/// The exit status of a run that came to its end. What deletions were refused outweighs what failed: rsync 3.5.0
/// says 25 then, against its manual.
pub(super) fn exit(summary: &Summary) -> Exit {
    if summary.deletions_skipped > 0 && !summary.listing_failed && !summary.failed_receiving {
        Exit::MaxDelete
    } else if summary.failed {
        Exit::Partial
    } else if summary.vanished {
        Exit::Vanished
    } else {
        Exit::Success
    }
}

fn stats(summary: &Summary, levels: &Levels, elapsed: Duration) -> Stats {
    Stats {
        listed: counts(&summary.listed),
        // Older protocols do not carry them.
        created: (levels.protocol >= 29).then(|| counts(&summary.created)),
        deleted: (levels.protocol >= 31)
            .then(|| counts(if levels.counts_deleted { &summary.deleted } else { &NONE })),
        transferred_files: summary.transferred,
        total_bytes: signed(summary.total_bytes),
        transferred_bytes: signed(summary.transferred_bytes),
        literal_bytes: signed(summary.literal_bytes),
        matched_bytes: signed(summary.matched_bytes),
        list_bytes: signed(list_bytes(summary, levels)),
        list_generation_ms: 1,
        list_transfer_ms: 0,
        traffic: traffic(summary, levels, elapsed),
    }
}

/// The traffic that rsync would have had between its processes, within a few bytes for a list of some directories.
///
/// Measured with rsync 3.5.0: what lists take is counted as they are read (`pipeline/walk/traffic.rs`); one sent
/// piecemeal takes 5 bytes more for each directory, and one back. Each change takes 3 bytes in both directions, and so
/// does with `-ii` what stays as it is; a transferred file 36 bytes more, and 4 for each piece of its data or block
/// found; its answer takes 16, and the sums of its old blocks. A listing comes back line by line. All of it is cut in
/// parts, with 4 bytes in front of each.
fn traffic(summary: &Summary, levels: &Levels, elapsed: Duration) -> Traffic {
    const START_BYTES: u64 = 23;
    const START_ANSWER_BYTES: u64 = 12;
    const CHANGE_BYTES: u64 = 3;
    const FILE_BYTES: u64 = 36;
    const TOKEN_BYTES: u64 = 4;
    const LINE_BYTES: u64 = 51;
    let updated = summary.transferred.saturating_sub(summary.created.files);
    let changed = summary.created.total() + updated + summary.retouched;
    let same = summary.listed.total().saturating_sub(changed);
    // What --link-dest links takes a byte more, which says where it was found.
    let told = if levels.tells_unchanged { CHANGE_BYTES * same + summary.linked } else { 0 };
    let changes = CHANGE_BYTES * changed + told;
    let lists = if levels.incremental { summary.listed.dirs.saturating_sub(1) } else { 0 };
    let start = START_BYTES + levels.owners_bytes + u64::from(levels.incremental);
    let list = start + summary.list_bytes + 5 * lists;
    let data = summary.literal_bytes + FILE_BYTES * summary.sent + TOKEN_BYTES * summary.tokens;
    let sums = SUMS_HEAD_BYTES * summary.sent + summary.sums_bytes;
    let lines = if levels.list_only { LINE_BYTES * summary.listed.total() + summary.path_bytes } else { 0 };
    let answers = START_ANSWER_BYTES + lists + lines;
    Traffic {
        sent_bytes: signed(in_parts(list, changes + data)),
        received_bytes: signed(in_parts(answers, changes + sums)),
        elapsed_s: elapsed.as_secs(),
    }
}

/// With what stands in front of each part.
fn in_parts(list: u64, transfer: u64) -> u64 {
    const PART_BYTES: u64 = 40 << 10;
    let bytes = list + transfer;
    bytes + 4 * (bytes / PART_BYTES + u64::from(transfer > 0))
}

/// What a list that is sent as a whole takes, as far as it does not wait in a buffer; rsync counts no other.
fn list_bytes(summary: &Summary, levels: &Levels) -> u64 {
    const BUFFER_BYTES: u64 = 1 << 16;
    if levels.incremental { 0 } else { summary.list_bytes / BUFFER_BYTES * BUFFER_BYTES }
}

/// Without `--delete` and `--force` nobody counts what `--delete-missing-args` deletes.
const NONE: ByKind = ByKind { files: 0, dirs: 0, symlinks: 0, devices: 0, specials: 0 };

fn counts(by_kind: &ByKind) -> Counts {
    Counts {
        files: by_kind.files,
        directories: by_kind.dirs,
        symlinks: by_kind.symlinks,
        devices: by_kind.devices,
        specials: by_kind.specials,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::ByKind;
    use rsync_compat::options::Info;

    fn levels() -> Levels {
        Levels {
            listing: 0,
            info: Info::default(),
            far: Info::default(),
            filters: 0,
            list_tells: false,
            cleaning: 0,
            deltas: 0,
            whole_file: true,
            stats: true,
            scans: true,
            incremental: true,
            list_only: false,
            lists_whole_tree: false,
            receives: false,
            owners_bytes: 13,
            logs_there: false,
            charsets: 0,
            tells_unchanged: false,
            doubles: false,
            counts_deleted: true,
            names_there: false,
            protocol: 32,
        }
    }

    /// rsync 3.5.0 sent 61,167 and received 19,019 bytes for a thousand files of 10 bytes.
    #[test]
    fn traffic_is_near_rsyncs() {
        let files = ByKind { files: 1000, dirs: 1, ..ByKind::default() };
        let summary = Summary {
            listed: files,
            created: ByKind { files: 1000, dirs: 1, ..ByKind::default() },
            transferred: 1000,
            transferred_bytes: 10_000,
            literal_bytes: 10_000,
            sent: 1000,
            tokens: 1000,
            list_bytes: 8127,
            ..Summary::default()
        };
        let traffic = traffic(&summary, &levels(), Duration::ZERO);
        assert!((61_100..61_300).contains(&traffic.sent_bytes), "{traffic:?}");
        assert!((19_000..19_040).contains(&traffic.received_bytes), "{traffic:?}");
    }

    #[test]
    fn refused_deletions_outweigh_failures() {
        let summary = Summary { failed: true, vanished: true, ..Summary::default() };
        assert_eq!(exit(&summary), Exit::Partial);
        assert_eq!(exit(&Summary { deletions_skipped: 1, ..summary }), Exit::MaxDelete);
        let receiving = Summary { failed: true, failed_receiving: true, ..Summary::default() };
        assert_eq!(exit(&Summary { deletions_skipped: 1, ..receiving }), Exit::Partial);
        assert_eq!(exit(&Summary { vanished: true, ..Summary::default() }), Exit::Vanished);
    }
}
