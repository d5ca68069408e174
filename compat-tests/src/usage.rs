//! What a running process holds: memory and descriptors.

/// What a process holds at a moment, or the most of it over some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Resident memory.
    pub memory_bytes: u64,
    /// Open descriptors.
    pub descriptors: usize,
}

impl Usage {
    /// What this process holds now.
    pub fn now(process: u32) -> Usage {
        Usage { memory_bytes: status_bytes(process, "VmRSS:"), descriptors: descriptors(process) }
    }

    /// The most memory that this process held so far, and the descriptors that it has now.
    ///
    /// `getrusage` would count what its parent had before `exec`.
    pub fn so_far(process: u32) -> Usage {
        Usage { memory_bytes: status_bytes(process, "VmHWM:"), descriptors: descriptors(process) }
    }

    /// The larger of each.
    #[must_use]
    pub fn max(self, other: Usage) -> Usage {
        Usage {
            memory_bytes: self.memory_bytes.max(other.memory_bytes),
            descriptors: self.descriptors.max(other.descriptors),
        }
    }
}

/// A process that is no more holds nothing.
fn status_bytes(process: u32, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|text| text.trim().strip_suffix(" kB")?.parse::<u64>().ok()).map_or(0, |kib| kib * 1024)
}

fn descriptors(process: u32) -> usize {
    std::fs::read_dir(format!("/proc/{process}/fd")).map_or(0, Iterator::count)
}
