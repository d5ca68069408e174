//! Where twins live: one directory per case, below one per process.

use rustix::fs::{Gid, Uid};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

static BASE: LazyLock<PathBuf> = LazyLock::new(|| {
    let parent =
        std::env::var_os("COMPAT_TESTS_DIR").map_or_else(|| PathBuf::from("/dev/shm"), PathBuf::from);
    parent
        .canonicalize()
        .expect("COMPAT_TESTS_DIR exists")
        .join(format!("compat-tests.{}", std::process::id()))
});
static COUNT: AtomicUsize = AtomicUsize::new(1000);

/// A directory for one case, removed in the end.
pub(crate) struct Place(PathBuf);

impl Place {
    pub(crate) fn new() -> Self {
        let place = BASE.join(COUNT.fetch_add(1, Ordering::Relaxed).to_string());
        std::fs::create_dir_all(&place).expect("a directory for the twins");
        Place(place)
    }

    /// An empty twin directory and one for what the program prints.
    pub(crate) fn twin(&self, name: &str, owner: (u32, u32)) -> (PathBuf, PathBuf) {
        let (twin, scratch) = (self.0.join(name), self.0.join("scratch"));
        remove(&twin);
        std::fs::create_dir(&twin).expect("a twin directory");
        std::fs::create_dir_all(&scratch).expect("a scratch directory");
        std::fs::set_permissions(&twin, PermissionsExt::from_mode(0o755)).expect("our own directory");
        let ids = (Uid::from_raw(owner.0), Gid::from_raw(owner.1));
        rustix::fs::chown(&twin, Some(ids.0), Some(ids.1)).expect("our own directory");
        (twin, scratch)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let keep = std::env::var_os("COMPAT_TESTS_KEEP").is_some();
        if !keep {
            remove(&self.0);
            let _ = std::fs::remove_dir(&*BASE);
        }
    }
}

/// By rm, which takes trees of any depth.
fn remove(path: &Path) {
    if path.exists() {
        let _ = Command::new("rm").arg("-rf").arg(path).status();
    }
}
