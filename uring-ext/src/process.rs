//! What this process is and may do: CPUs, limits, identity, capabilities, usage, terminals.

mod accounts;
#[expect(unsafe_code, reason = "mallopt(3), which no crate wraps")]
mod limits;

use std::ffi::{CString, OsString};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::thread::{CapabilitySet, CpuSet};

pub use self::accounts::{Account, account, group_id, group_name, groups_of, run_as, user_id, user_name};
pub use self::limits::{address_space_max, open_files_max, raise_open_files, spare_addresses};

/// The CPUs that this process may run on, by number, lowest first: its affinity mask, cut down to what its control
/// group's quota pays for (rounded up). Never empty.
#[must_use]
pub fn cpus() -> Vec<usize> {
    let mut cpus = affinity();
    if let Some(quota) = quota() {
        cpus.truncate(quota.max(1));
    }
    cpus
}

fn affinity() -> Vec<usize> {
    let Ok(set) = rustix::thread::sched_getaffinity(None) else { return vec![0] };
    let cpus: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|&cpu| set.is_set(cpu)).collect();
    if cpus.is_empty() { vec![0] } else { cpus }
}

/// The least quota of this process's control group and those above it, in whole CPUs, rounded up.
fn quota() -> Option<usize> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    groups.lines().filter_map(|line| quota_of(Path::new("/sys/fs/cgroup"), line)).min()
}

/// The quota of one line of /proc/self/cgroup: `0::/path` is version 2, `4:cpu,cpuacct:/path` version 1.
fn quota_of(root: &Path, line: &str) -> Option<usize> {
    let (_, rest) = line.split_once(':')?;
    let (controllers, path) = rest.split_once(':')?;
    let base = match controllers {
        "" => root.to_path_buf(),
        list if list.split(',').any(|name| name == "cpu") => root.join("cpu"),
        _ => return None,
    };
    let inside = path.trim_start_matches('/');
    let own = if inside.is_empty() { base.clone() } else { base.join(inside) };
    own.ancestors().take_while(|group| group.starts_with(&base)).filter_map(limit_of).min()
}

fn limit_of(group: &Path) -> Option<usize> {
    let read = |name: &str| std::fs::read_to_string(group.join(name)).ok();
    if let Some(text) = read("cpu.max") {
        let (quota, period) = text.trim().split_once(' ')?;
        return whole_cpus(quota, period);
    }
    whole_cpus(read("cpu.cfs_quota_us")?.trim(), read("cpu.cfs_period_us")?.trim())
}

/// `max` and `-1` mean no limit, and are no numbers here.
fn whole_cpus(quota: &str, period: &str) -> Option<usize> {
    let (quota, period): (usize, usize) = (quota.parse().ok()?, period.parse().ok()?);
    (period > 0).then(|| quota.div_ceil(period).max(1))
}

/// Keeps the calling thread on one CPU.
///
/// # Errors
/// Those of sched_setaffinity(2): EINVAL when this process may not use that CPU.
pub fn pin_thread(cpu: usize) -> io::Result<()> {
    if cpu >= CpuSet::MAX_CPU {
        return Err(rustix::io::Errno::INVAL.into());
    }
    let mut set = CpuSet::new();
    set.set(cpu);
    Ok(rustix::thread::sched_setaffinity(None, &set)?)
}

/// How long the least system call takes just now: well below a microsecond, and more than many a device takes where a
/// tracer stops every call.
///
/// ```
/// assert!(uring_ext::process::least_call() < std::time::Duration::from_secs(1));
/// ```
#[must_use]
pub fn least_call() -> Duration {
    let began = Instant::now();
    std::hint::black_box(rustix::process::getppid());
    began.elapsed()
}

/// The umask. There is no call that only asks, except for /proc, so without /proc it is set for an instant: call this
/// before there are threads.
#[must_use]
pub fn umask() -> u32 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("Umask:"));
    line.and_then(|text| u32::from_str_radix(text.trim(), 8).ok()).unwrap_or_else(|| {
        let now = set_umask(0o077);
        set_umask(now);
        now
    })
}

/// Sets the umask of the whole process, and returns what it was.
pub fn set_umask(mask: u32) -> u32 {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(mask)).bits()
}

/// The effective user number.
#[must_use]
pub fn effective_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The effective group number.
#[must_use]
pub fn effective_gid() -> u32 {
    rustix::process::getegid().as_raw()
}

/// The supplementary groups.
///
/// # Errors
/// Those of getgroups(2).
pub fn groups() -> io::Result<Vec<u32>> {
    Ok(rustix::process::getgroups()?.into_iter().map(rustix::process::Gid::as_raw).collect())
}

/// Which of the powers that copying cares about are effective, capabilities(7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Powers {
    /// May give files away (CAP_CHOWN).
    pub chown: bool,
    /// May make device files (CAP_MKNOD).
    pub mknod: bool,
    /// May change what others own (CAP_FOWNER).
    pub fowner: bool,
    /// May read and search everything (CAP_DAC_READ_SEARCH).
    pub dac_read_search: bool,
    /// May read, write and search everything (CAP_DAC_OVERRIDE).
    pub dac_override: bool,
    /// May set `trusted.*` attributes, and more (CAP_SYS_ADMIN).
    pub sys_admin: bool,
    /// May set file capabilities (CAP_SETFCAP).
    pub setfcap: bool,
}

/// The powers of this process.
#[must_use]
pub fn powers() -> Powers {
    let Ok(sets) = rustix::thread::capabilities(None) else { return Powers::default() };
    let has = |one| sets.effective.contains(one);
    Powers {
        chown: has(CapabilitySet::CHOWN),
        mknod: has(CapabilitySet::MKNOD),
        fowner: has(CapabilitySet::FOWNER),
        dac_read_search: has(CapabilitySet::DAC_READ_SEARCH),
        dac_override: has(CapabilitySet::DAC_OVERRIDE),
        sys_admin: has(CapabilitySet::SYS_ADMIN),
        setfcap: has(CapabilitySet::SETFCAP),
    }
}

/// The kernel's release, such as `6.18.2-amd64`, uname(2).
#[must_use]
pub fn kernel_release() -> String {
    rustix::system::uname().release().to_string_lossy().into_owned()
}

/// Gives the calling thread what is left when others are done: the lowest ordinary priority. Returns the thread's id,
/// for [`hurry`].
///
/// # Errors
/// Those of setpriority(2).
pub fn yield_to_others() -> io::Result<i32> {
    // On Linux a priority is a thread's own.
    rustix::process::setpriority_process(None, 19)?;
    Ok(rustix::thread::gettid().as_raw_nonzero().get())
}

/// Gives a thread that yields to others the caller's priority: a process is only over when all its threads had the time
/// to end.
///
/// ```
/// # use uring_ext::process;
/// let thread = std::thread::spawn(|| process::yield_to_others().expect("everybody may")).join().expect("no panic");
/// // It has ended by now.
/// let _ = process::hurry(thread);
/// ```
///
/// # Errors
/// Those of getpriority(2) and setpriority(2): EACCES for an ordinary user, ESRCH when there is no such thread.
pub fn hurry(thread: i32) -> io::Result<()> {
    let own = rustix::process::getpriority_process(None)?;
    Ok(rustix::process::setpriority_process(rustix::process::Pid::from_raw(thread), own)?)
}

/// What this process has used so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// CPU time in its own code.
    pub user: Duration,
    /// CPU time in the kernel, that of its io_uring workers included.
    pub system: Duration,
    /// The most memory it ever had resident, in bytes.
    pub peak_bytes: u64,
}

/// What this process has used so far, getrusage(2).
#[must_use]
pub fn usage() -> Usage {
    let Ok(used) = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_SELF) else {
        return Usage::default();
    };
    let time = |t: nix::sys::time::TimeVal| {
        let micros = u32::try_from(t.tv_usec()).unwrap_or(0);
        Duration::new(u64::try_from(t.tv_sec()).unwrap_or(0), micros * 1000)
    };
    Usage {
        user: time(used.user_time()),
        system: time(used.system_time()),
        peak_bytes: u64::try_from(used.max_rss()).unwrap_or(0) * 1024,
    }
}

/// Whether a descriptor is a terminal, isatty(3).
pub fn is_terminal(fd: impl AsFd) -> bool {
    rustix::termios::isatty(fd)
}

/// How large a terminal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalSize {
    /// Characters in a line.
    pub columns: u16,
    /// Lines on the screen.
    pub rows: u16,
}

/// The terminal's size, TIOCGWINSZ of ioctl_tty(2); `None` when it is none, or does not know.
pub fn terminal_size(fd: impl AsFd) -> Option<TerminalSize> {
    let size = rustix::termios::tcgetwinsize(fd).ok()?;
    let known = size.ws_col > 0 && size.ws_row > 0;
    known.then_some(TerminalSize { columns: size.ws_col, rows: size.ws_row })
}

/// The current directory, getcwd(2).
///
/// # Errors
/// Those of getcwd(2): ENOENT when it was removed.
pub fn current_dir() -> io::Result<PathBuf> {
    let path: CString = rustix::process::getcwd(Vec::new())?;
    Ok(OsString::from_vec(path.into_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "reads files")]
    fn the_least_quota_on_the_way_up_counts() {
        let root = tempfile::tempdir().unwrap();
        let group = root.path().join("outer/inner");
        std::fs::create_dir_all(&group).unwrap();
        std::fs::write(group.join("cpu.max"), "max 100000\n").unwrap();
        std::fs::write(root.path().join("outer/cpu.max"), "150000 100000\n").unwrap();
        assert_eq!(quota_of(root.path(), "0::/outer/inner"), Some(2));
        assert_eq!(quota_of(root.path(), "0::/"), None);
        let old = root.path().join("cpu/box");
        std::fs::create_dir_all(&old).unwrap();
        std::fs::write(old.join("cpu.cfs_quota_us"), "50000\n").unwrap();
        std::fs::write(old.join("cpu.cfs_period_us"), "100000\n").unwrap();
        assert_eq!(quota_of(root.path(), "4:cpu,cpuacct:/box"), Some(1));
        assert_eq!(quota_of(root.path(), "3:memory:/box"), None);
    }

    #[test]
    #[cfg_attr(miri, ignore = "makes system calls")]
    fn the_process_knows_itself() {
        assert!(!cpus().is_empty());
        pin_thread(cpus()[0]).unwrap();
        assert_eq!(cpus().len(), 1);
        assert!(pin_thread(usize::MAX).is_err());
        assert_eq!(user_id("root"), Some(0));
        assert_eq!(group_name(0).as_deref(), Some("root"));
        assert_eq!(user_name(4_000_000_001), None);
        let now = umask();
        assert_eq!(set_umask(now), now);
        assert!(raise_open_files() >= 64);
        assert!(usage().peak_bytes > 0);
        assert_eq!(powers().chown, effective_uid() == 0);
        assert!(current_dir().unwrap().is_absolute());
    }

    #[test]
    #[cfg_attr(miri, ignore = "makes system calls")]
    fn who_yields_may_be_hurried() {
        let own = rustix::process::getpriority_process(None).unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let yielding = std::thread::spawn(move || {
            tell.send(yield_to_others().unwrap()).unwrap();
            let _ = ended.recv();
        });
        let thread = told.recv().unwrap();
        let priority =
            || rustix::process::getpriority_process(rustix::process::Pid::from_raw(thread)).unwrap();
        assert_eq!(priority(), 19);
        assert_eq!(hurry(thread).is_ok(), priority() == own);
        assert!(priority() == own || effective_uid() != 0);
        drop(end);
        yielding.join().unwrap();
    }
}
