//! The text of `--stats` and the closing lines of `-v` (rsync(1), --stats, --verbose).

use super::number::{Numbers, push_decimal, push_number};

/// Counts of items by kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Regular files.
    pub files: u64,
    /// Directories.
    pub directories: u64,
    /// Symbolic links.
    pub symlinks: u64,
    /// Character and block devices.
    pub devices: u64,
    /// Fifos and sockets.
    pub specials: u64,
}

impl Counts {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.files + self.directories + self.symlinks + self.devices + self.specials
    }
}

/// What `--stats` shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stats {
    /// Items in the file list.
    pub listed: Counts,
    /// Items that were not there before, where anybody counts them.
    pub created: Option<Counts>,
    /// Items deleted, likewise.
    pub deleted: Option<Counts>,
    /// Regular files whose data was transferred.
    pub transferred_files: u64,
    /// The sizes of all files and symlinks in the list.
    pub total_bytes: i64,
    /// The sizes of the transferred files.
    pub transferred_bytes: i64,
    /// Data sent as such.
    pub literal_bytes: i64,
    /// Data taken from the basis file.
    pub matched_bytes: i64,
    /// The size of the file list; 0 when it is sent piecemeal.
    pub list_bytes: i64,
    /// Time to make the list, in milliseconds.
    pub list_generation_ms: u64,
    /// Time to send the list, in milliseconds.
    pub list_transfer_ms: u64,
    /// Bytes sent and received.
    pub traffic: Traffic,
}

/// What the closing lines of `-v` are made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes sent.
    pub sent_bytes: i64,
    /// Bytes received.
    pub received_bytes: i64,
    /// The run's duration in whole seconds.
    pub elapsed_s: u64,
}

/// What the last line adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunKind {
    /// Nothing.
    Real,
    /// ` (DRY RUN)`.
    DryRun,
    /// ` (BATCH ONLY)`.
    BatchOnly,
}

/// Appends the `--stats` block, which starts with an empty line.
pub fn push_stats(out: &mut Vec<u8>, stats: &Stats, numbers: Numbers) {
    out.push(b'\n');
    push_counts(out, "Number of files: ", &stats.listed, numbers);
    if let Some(created) = &stats.created {
        push_counts(out, "Number of created files: ", created, numbers);
    }
    if let Some(deleted) = &stats.deleted {
        push_counts(out, "Number of deleted files: ", deleted, numbers);
    }
    // Counts of items are only ever grouped, not scaled.
    push_line(
        out,
        "Number of regular files transferred: ",
        stats.transferred_files as i64,
        numbers.grouped(),
        "",
    );
    push_line(out, "Total file size: ", stats.total_bytes, numbers, " bytes");
    push_line(out, "Total transferred file size: ", stats.transferred_bytes, numbers, " bytes");
    push_line(out, "Literal data: ", stats.literal_bytes, numbers, " bytes");
    push_line(out, "Matched data: ", stats.matched_bytes, numbers, " bytes");
    push_line(out, "File list size: ", stats.list_bytes, numbers, "");
    push_seconds(out, "File list generation time: ", stats.list_generation_ms, numbers);
    push_seconds(out, "File list transfer time: ", stats.list_transfer_ms, numbers);
    push_line(out, "Total bytes sent: ", stats.traffic.sent_bytes, numbers, "");
    push_line(out, "Total bytes received: ", stats.traffic.received_bytes, numbers, "");
}

/// Appends `sent … received …` and `total size is …`, after an empty line.
pub fn push_summary(out: &mut Vec<u8>, traffic: &Traffic, total_bytes: i64, run: RunKind, numbers: Numbers) {
    let moved = (traffic.sent_bytes + traffic.received_bytes) as f64;
    out.extend_from_slice(b"\nsent ");
    push_number(out, traffic.sent_bytes, numbers);
    out.extend_from_slice(b" bytes  received ");
    push_number(out, traffic.received_bytes, numbers);
    out.extend_from_slice(b" bytes  ");
    push_decimal(out, moved / (0.5 + traffic.elapsed_s as f64), 2, numbers);
    out.extend_from_slice(b" bytes/sec\ntotal size is ");
    push_number(out, total_bytes, numbers);
    out.extend_from_slice(b"  speedup is ");
    push_decimal(out, total_bytes as f64 / moved, 2, numbers.grouped());
    out.extend_from_slice(match run {
        RunKind::Real => b"".as_slice(),
        RunKind::DryRun => b" (DRY RUN)",
        RunKind::BatchOnly => b" (BATCH ONLY)",
    });
    out.push(b'\n');
}

/// The log file's last line: numbers are never made human there.
pub fn push_log_summary(out: &mut Vec<u8>, traffic: &Traffic, total_bytes: i64) {
    let Traffic { sent_bytes, received_bytes, .. } = traffic;
    let line = format!("sent {sent_bytes} bytes  received {received_bytes} bytes  total size {total_bytes}");
    out.extend_from_slice(line.as_bytes());
}

fn push_counts(out: &mut Vec<u8>, label: &str, counts: &Counts, numbers: Numbers) {
    out.extend_from_slice(label.as_bytes());
    push_number(out, counts.total() as i64, numbers.grouped());
    let kinds = [
        ("reg: ", counts.files),
        ("dir: ", counts.directories),
        ("link: ", counts.symlinks),
        ("dev: ", counts.devices),
        ("special: ", counts.specials),
    ];
    let mut before = " (";
    for (name, count) in kinds.into_iter().filter(|(_, count)| *count > 0) {
        out.extend_from_slice(before.as_bytes());
        out.extend_from_slice(name.as_bytes());
        push_number(out, count as i64, numbers.grouped());
        before = ", ";
    }
    out.extend_from_slice(if counts.total() > 0 { b")\n" } else { b"\n" });
}

fn push_line(out: &mut Vec<u8>, label: &str, value: i64, numbers: Numbers, unit: &str) {
    out.extend_from_slice(label.as_bytes());
    push_number(out, value, numbers);
    out.extend_from_slice(unit.as_bytes());
    out.push(b'\n');
}

fn push_seconds(out: &mut Vec<u8>, label: &str, milliseconds: u64, numbers: Numbers) {
    out.extend_from_slice(label.as_bytes());
    out.extend_from_slice(&numbers.numerals.fixed(milliseconds as f64 / 1000.0, 3));
    out.extend_from_slice(b" seconds\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::number::Human;

    const NONE: Counts = Counts { files: 0, directories: 0, symlinks: 0, devices: 0, specials: 0 };

    fn stats() -> Stats {
        Stats {
            listed: Counts { files: 17, directories: 1, symlinks: 1, devices: 0, specials: 1 },
            created: Some(Counts { files: 1200, ..NONE }),
            deleted: Some(NONE),
            transferred_files: 17,
            total_bytes: 27_445_662,
            transferred_bytes: 27_445_659,
            literal_bytes: 27_445_659,
            matched_bytes: 0,
            list_bytes: 0,
            list_generation_ms: 1,
            list_transfer_ms: 0,
            traffic: Traffic { sent_bytes: 27_453_463, received_bytes: 373, elapsed_s: 1 },
        }
    }

    const DECIMAL: &str = "
Number of files: 20 (reg: 17, dir: 1, link: 1, special: 1)
Number of created files: 1,200 (reg: 1,200)
Number of deleted files: 0
Number of regular files transferred: 17
Total file size: 27.45M bytes
Total transferred file size: 27.45M bytes
Literal data: 27.45M bytes
Matched data: 0 bytes
File list size: 0
File list generation time: 0.001 seconds
File list transfer time: 0.000 seconds
Total bytes sent: 27.45M
Total bytes received: 373
";

    #[test]
    fn the_stats_block() {
        let mut out = Vec::new();
        push_stats(&mut out, &stats(), Human::Decimal.into());
        assert_eq!(String::from_utf8(out).unwrap(), DECIMAL);
    }

    #[test]
    fn the_closing_lines() {
        let mut out = Vec::new();
        let stats = stats();
        push_summary(&mut out, &stats.traffic, stats.total_bytes, RunKind::Real, Human::Grouped.into());
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "\nsent 27,453,463 bytes  received 373 bytes  18,302,557.33 bytes/sec\n\
             total size is 27,445,662  speedup is 1.00\n"
        );
        let mut out = Vec::new();
        let traffic = Traffic { sent_bytes: 19_324, received_bytes: 3_619, elapsed_s: 0 };
        push_summary(&mut out, &traffic, 1_234_567_890, RunKind::DryRun, Human::Decimal.into());
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "\nsent 19.32K bytes  received 3.62K bytes  45.89K bytes/sec\n\
             total size is 1.23G  speedup is 53,810.22 (DRY RUN)\n"
        );
    }
}
