//! Where twins live: one directory per case, below one per process.

use crate::tree::Owner;
use rustix::fs::{Gid, Uid};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

const PREFIX: &str = "compat-tests.";
const KEPT: &str = "compat-tests-kept";

static BASE: LazyLock<PathBuf> = LazyLock::new(|| {
    let parent =
        std::env::var_os("COMPAT_TESTS_DIR").map_or_else(|| PathBuf::from("/dev/shm"), PathBuf::from);
    let parent = parent.canonicalize().expect("COMPAT_TESTS_DIR exists");
    remove_leftovers(&parent);
    parent.join(format!("{PREFIX}{}", std::process::id()))
});
static COUNT: AtomicUsize = AtomicUsize::new(1000);

/// A directory for one case, removed in the end.
pub(crate) struct Place(PathBuf);

impl Place {
    pub(crate) fn new() -> Self {
        let place = BASE.join(COUNT.fetch_add(1, Ordering::Relaxed).to_string());
        // Another thread may remove the empty base between the two steps of making both.
        while std::fs::create_dir_all(&place).is_err_and(|error| error.kind() == ErrorKind::NotFound) {}
        Place(place)
    }

    /// Puts the twins of a failed case aside, if `COMPAT_TESTS_KEEP` asks for it.
    pub(crate) fn failed(&self) {
        if std::env::var_os("COMPAT_TESTS_KEEP").is_some() {
            let number = self.0.file_name().expect("a number").to_string_lossy();
            let kept = BASE.with_file_name(format!("{KEPT}.{}.{number}", std::process::id()));
            std::fs::rename(&self.0, &kept).expect("a name nobody has");
            eprintln!("kept: {}", kept.display());
        }
    }

    /// An empty twin directory and one for what the program prints.
    pub(crate) fn twin(&self, name: &str, owner: Owner) -> (PathBuf, PathBuf) {
        let (twin, scratch) = (self.0.join(name), self.0.join("scratch"));
        remove(&twin);
        std::fs::create_dir(&twin).expect("a twin directory");
        std::fs::create_dir_all(&scratch).expect("a scratch directory");
        std::fs::set_permissions(&twin, PermissionsExt::from_mode(0o755)).expect("our own directory");
        let (uid, gid) = (Uid::from_raw(owner.uid), Gid::from_raw(owner.gid));
        rustix::fs::chown(&twin, Some(uid), Some(gid)).expect("our own directory");
        (twin, scratch)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        remove(&self.0);
        let _ = std::fs::remove_dir(&*BASE);
    }
}

/// By rm, which takes trees of any depth. A test that failed may have left something mounted there.
fn remove(path: &Path) {
    if path.exists() {
        let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        let points = mounts.lines().rev().filter_map(|line| line.split(' ').nth(1));
        for point in points.filter(|point| Path::new(point).starts_with(path)) {
            let _ = Command::new("umount").arg(point).status();
        }
        let _ = Command::new("rm").arg("-rf").arg(path).status();
    }
}

/// Removes what test processes that are no more have left.
fn remove_leftovers(parent: &Path) {
    for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let process = name.strip_prefix(PREFIX).and_then(|id| id.parse::<u32>().ok());
        if process.is_some_and(|id| !Path::new("/proc").join(id.to_string()).exists()) {
            remove(&entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mounted::Mounted;

    #[test]
    fn what_a_test_left_mounted_goes_too() {
        let place = Place::new();
        let (twin, _) = place.twin("our", Owner::ROOT);
        let point = twin.join("m");
        std::fs::create_dir(&point).unwrap();
        std::mem::forget(Mounted::tmpfs(&point, "mode=755"));
        drop(place);
        assert!(!twin.exists());
    }
}
