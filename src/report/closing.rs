//! What is said at the end: `--stats`, the two lines of `-v`, and the log file's last line.

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
pub(super) fn closing(settings: &Settings, summary: &Summary, traffic: Traffic, exit: u8) -> Closing {
    let levels = &settings.levels;
    let mut stats = stats(summary, levels, traffic);
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
    let reading_failed = summary.reading_failed && !summary.first_list_failed;
    if summary.deletions_skipped > 0 && !reading_failed && !summary.failed_receiving {
        Exit::MaxDelete
    } else if summary.failed {
        Exit::Partial
    } else if summary.vanished {
        Exit::Vanished
    } else {
        Exit::Success
    }
}

fn stats(summary: &Summary, levels: &Levels, traffic: Traffic) -> Stats {
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
        traffic,
    }
}

/// What a list that is sent as a whole takes, as far as it does not wait in a buffer; rsync counts no other.
fn list_bytes(summary: &Summary, levels: &Levels) -> u64 {
    const BUFFER_BYTES: u64 = 1 << 16;
    if levels.incremental { 0 } else { summary.wire.list_bytes / BUFFER_BYTES * BUFFER_BYTES }
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

    #[test]
    fn refused_deletions_outweigh_failures() {
        let summary = Summary { failed: true, vanished: true, ..Summary::default() };
        assert_eq!(exit(&summary), Exit::Partial);
        assert_eq!(exit(&Summary { deletions_skipped: 1, ..summary }), Exit::MaxDelete);
        let receiving = Summary { failed: true, failed_receiving: true, ..Summary::default() };
        assert_eq!(exit(&Summary { deletions_skipped: 1, ..receiving }), Exit::Partial);
        let reading =
            Summary { failed: true, reading_failed: true, deletions_skipped: 1, ..Summary::default() };
        assert_eq!(exit(&reading), Exit::Partial);
        assert_eq!(exit(&Summary { first_list_failed: true, ..reading }), Exit::MaxDelete);
        assert_eq!(exit(&Summary { vanished: true, ..Summary::default() }), Exit::Vanished);
    }
}
