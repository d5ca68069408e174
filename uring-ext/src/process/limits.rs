//! What the process may use at most, getrlimit(2).

use rustix::process::{Resource, Rlimit};

/// How many bytes of addresses this process may use (`RLIMIT_AS`); `u64::MAX` for no limit. A thread takes many more of
/// them than it has memory.
///
/// ```
/// assert!(uring_ext::process::address_space_max() > 0);
/// ```
#[must_use]
pub fn address_space_max() -> u64 {
    rustix::process::getrlimit(Resource::As).current.unwrap_or(u64::MAX)
}

/// Has all threads share one heap, where addresses are limited: glibc reserves 64 MiB of them for each heap more. For
/// the beginning, before there are threads.
pub fn spare_addresses() {
    #[cfg(target_env = "gnu")]
    if address_space_max() < u64::MAX {
        // SAFETY: it only sets a number that later allocations go by, mallopt(3).
        unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) };
    }
}

/// How many descriptors this process may have open now; `u64::MAX` for no limit.
#[must_use]
pub fn open_files_max() -> u64 {
    rustix::process::getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// Raises the limit on open descriptors to the hard limit, as far as that goes, and returns what holds then.
pub fn raise_open_files() -> u64 {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    // Where that is refused, the old limit holds, which is returned.
    let _ = rustix::process::setrlimit(Resource::Nofile, raised);
    open_files_max()
}
