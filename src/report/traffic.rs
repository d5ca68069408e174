//! The traffic that rsync would have had between its processes (rsync(1), --stats, --verbose).
//!
//! Measured with rsync 3.5.0, black box, and the same as there for small trees. How rsync cuts it in parts depends on
//! time, and each part has four bytes in front of it.

use std::time::Duration;

use rsync_compat::delta::SUMS_HEAD_BYTES;
use rsync_compat::options::DeleteWhen;
use rsync_compat::output::stats::Traffic;

use super::lines::signed;
use super::settings::Levels;
use crate::summary::Summary;

/// What stands in front of each part, and of each message.
pub(super) const HEAD_BYTES: u64 = 4;
/// An entry that changes is named in both directions.
const CHANGE_BYTES: u64 = 3;

/// What went in both directions; `said_bytes` is what the destination side said, for the source side to print.
pub(super) fn traffic(summary: &Summary, levels: &Levels, said_bytes: u64, elapsed: Duration) -> Traffic {
    let wire = &summary.wire;
    let changes = changes(summary, levels);
    // What changes goes with the end of a list that is sent as a whole, and of one with nothing but directories.
    let dirs = summary.created.dirs + wire.retouched_dirs;
    let apart = levels.incremental && (changes > CHANGE_BYTES * dirs || summary.sent > 0);
    let sent = list(summary, levels) + changes + data(summary) + unopened(wire.unopened);
    let sums = SUMS_HEAD_BYTES * (summary.sent + wire.unopened) + wire.sums_bytes;
    let received = answers(summary, levels, said_bytes) + changes + sums;
    // What changes in the first list does not wait for what is transferred of others.
    let goes_first = levels.incremental && summary.sent > 0 && wire.changed_first && wire.sent_below;
    let head = HEAD_BYTES * (u64::from(apart) + u64::from(goes_first));
    Traffic {
        sent_bytes: signed(sent + head + heads(sent - wire.large_bytes) + HEAD_BYTES * wire.large_parts),
        received_bytes: signed(received + head + heads(received)),
        elapsed_s: elapsed.as_secs(),
    }
}

/// That so many files will not be sent: a message instead of a name, and its parts.
fn unopened(files: u64) -> u64 {
    const MESSAGE_BYTES: u64 = 5;
    const PARTS_BYTES: u64 = 3 * HEAD_BYTES;
    if files == 0 { 0 } else { MESSAGE_BYTES * files + PARTS_BYTES }
}

/// What stands in front of the parts of so many bytes.
fn heads(bytes: u64) -> u64 {
    const PART_BYTES: u64 = 64 << 10;
    HEAD_BYTES * (bytes / PART_BYTES)
}

/// What names the entries that change, or are told of.
fn changes(summary: &Summary, levels: &Levels) -> u64 {
    let updated = summary.transferred.saturating_sub(summary.created.files);
    let changed = summary.created.total() + updated + summary.wire.retouched;
    let same = summary.listed.total().saturating_sub(changed);
    // What --link-dest links takes a byte more, which says where it was found.
    let told = if levels.tells_unchanged { CHANGE_BYTES * same + summary.linked } else { 0 };
    CHANGE_BYTES * changed + told + summary.wire.leader_bytes
}

/// The lists, and the end of all phases. One sent piecemeal has lists for the directories behind the first one, which
/// are a part of their own where that has more than one entry. One with nothing in it is shorter.
fn list(summary: &Summary, levels: &Levels) -> u64 {
    const START_BYTES: u64 = 21;
    const EOF_BYTES: u64 = 2;
    const LIST_BYTES: u64 = 5;
    const LISTS_END_BYTES: u64 = 4;
    const NOTHING_BYTES: u64 = 17;
    let end = if levels.incremental { EOF_BYTES } else { 0 };
    if summary.listed.total() == 0 {
        return NOTHING_BYTES + end + levels.owner_names_bytes;
    }
    let lists = summary.wire.lists;
    let apart = lists > 1 || summary.listed.dirs > lists;
    let behind = match lists {
        0 => 0,
        _ => LIST_BYTES * lists + LISTS_END_BYTES + HEAD_BYTES * u64::from(apart),
    };
    START_BYTES + end + levels.owner_names_bytes + levels.start_bytes + summary.wire.list_bytes + behind
}

/// The data of files, each with its sums, its length and its checksum.
fn data(summary: &Summary) -> u64 {
    const FILE_BYTES: u64 = 36;
    const TOKEN_BYTES: u64 = 4;
    summary.literal_bytes + FILE_BYTES * summary.sent + TOKEN_BYTES * summary.tokens
}

/// What comes back beside that: the end of each list and phase, messages, and what was deleted.
fn answers(summary: &Summary, levels: &Levels, said_bytes: u64) -> u64 {
    const START_BYTES: u64 = 12;
    const DELETED_BYTES: u64 = 7;
    const ARRIVAL_BYTES: u64 = 24;
    const LATE: u64 = 1;
    let wire = &summary.wire;
    // Late deletions come after the totals.
    let (ends, deletions) = match levels.deletes {
        Some(DeleteWhen::Before | DeleteWhen::During) => (0, DELETED_BYTES + wire.deletion_bytes),
        Some(DeleteWhen::Delay | DeleteWhen::After) => (LATE, 0),
        None => (0, 0),
    };
    START_BYTES - ends + wire.lists + said_bytes + deletions + ARRIVAL_BYTES * wire.arrivals
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::{ByKind, Wire};
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
            start_bytes: 2,
            owner_names_bytes: 0,
            logs_there: false,
            charsets: 0,
            tells_unchanged: false,
            doubles: false,
            leaves_out: false,
            counts_deleted: true,
            deletes: None,
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
            wire: Wire { list_bytes: 8137, ..Wire::default() },
            ..Summary::default()
        };
        let traffic = traffic(&summary, &levels(), 0, Duration::ZERO);
        assert!((61_100..61_300).contains(&traffic.sent_bytes), "{traffic:?}");
        assert!((19_000..19_040).contains(&traffic.received_bytes), "{traffic:?}");
    }
}
