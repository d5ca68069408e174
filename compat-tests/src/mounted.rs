//! File systems of the tests' own, mounted from RAM: that needs root and loop devices, and fails with words without.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A mounted file system that goes away when dropped.
pub struct Mounted {
    point: PathBuf,
    image: Option<PathBuf>,
}

impl Mounted {
    /// A new file system of this kind (`ext4`, `xfs`, `btrfs`) on an image of so many bytes, at a directory of its own.
    ///
    /// # Panics
    /// When it cannot be made or mounted.
    pub fn image(kind: &str, size_bytes: u64) -> Mounted {
        Mounted::image_with(kind, size_bytes, &[])
    }

    /// The same, with options for its mkfs.
    ///
    /// # Panics
    /// When it cannot be made or mounted.
    pub fn image_with(kind: &str, size_bytes: u64, options: &[&str]) -> Mounted {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let point = PathBuf::from(format!("/dev/shm/compat-{kind}-{}-{number}", std::process::id()));
        let image = point.with_extension("img");
        std::fs::create_dir(&point).expect("a mount point in /dev/shm");
        let file = std::fs::File::create(&image).expect("an image in /dev/shm");
        file.set_len(size_bytes).expect("a sparse image");
        let mounted = Mounted { point, image: Some(image.clone()) };
        must(
            Command::new(format!("mkfs.{kind}")).arg("-q").args(options).arg(&image),
            "make a file system: install its mkfs",
        );
        must(
            Command::new("mount").args(["-o", "loop"]).arg(&image).arg(&mounted.point),
            "mount an image: this test needs root and loop devices",
        );
        mounted
    }

    /// A copy of an image that has a file system of this kind, which is recovered if it was not unmounted.
    ///
    /// # Panics
    /// When it cannot be copied or mounted.
    pub fn copy_of(kind: &str, image: &Path) -> Mounted {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let point = PathBuf::from(format!("/dev/shm/compat-copy-{}-{number}", std::process::id()));
        let copy = point.with_extension("img");
        std::fs::create_dir(&point).expect("a mount point in /dev/shm");
        must(Command::new("cp").arg("--sparse=always").arg(image).arg(&copy), "copy an image");
        let mounted = Mounted { point, image: Some(copy.clone()) };
        // XFS mounts no two file systems of one identity.
        let options = if kind == "xfs" { "loop,nouuid" } else { "loop" };
        must(
            Command::new("mount").args(["-o", options, "-t", kind]).arg(copy).arg(&mounted.point),
            "mount an image: this needs root and loop devices",
        );
        mounted
    }

    /// A tmpfs with these options at an existing directory.
    ///
    /// # Panics
    /// When it cannot be mounted.
    pub fn tmpfs(point: &Path, options: &str) -> Mounted {
        Mounted::from_memory("tmpfs", point, options)
    }

    /// A ramfs, which has no extended attributes, at an existing directory.
    ///
    /// # Panics
    /// When it cannot be mounted.
    pub fn ramfs(point: &Path) -> Mounted {
        Mounted::from_memory("ramfs", point, "rw")
    }

    /// A FUSE file system, which has no files without a name (`O_TMPFILE`), over a directory in memory.
    ///
    /// # Panics
    /// When it cannot be mounted.
    pub fn fuse() -> Mounted {
        Mounted::fuse_with("dev,suid,attr_timeout=0,entry_timeout=0")
    }

    /// The same with other options of bindfs.
    ///
    /// # Panics
    /// When it cannot be mounted.
    pub fn fuse_with(options: &str) -> Mounted {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let point = PathBuf::from(format!("/dev/shm/compat-fuse-{}-{number}", std::process::id()));
        let below = point.with_extension("img");
        std::fs::create_dir(&point).expect("a mount point in /dev/shm");
        std::fs::create_dir(&below).expect("a directory in /dev/shm");
        let mounted = Mounted { point, image: Some(below.clone()) };
        must(
            Command::new("bindfs").args(["-o", options]).arg(&below).arg(&mounted.point),
            "mount over FUSE: this test needs root, bindfs and /dev/fuse",
        );
        mounted
    }

    fn from_memory(kind: &str, point: &Path, options: &str) -> Mounted {
        let mounted = Mounted { point: point.to_owned(), image: None };
        must(
            Command::new("mount").args(["-t", kind, "-o", options, kind]).arg(point),
            "mount a file system in memory: this test needs root",
        );
        mounted
    }

    /// Mounts it again with other options.
    ///
    /// # Panics
    /// When that fails.
    pub fn remount(&self, options: &str) {
        must(
            Command::new("mount").args(["-o", &format!("remount,{options}")]).arg(&self.point),
            "mount it again",
        );
    }

    /// Unmounts the image and mounts it anew, as after a reboot.
    ///
    /// # Panics
    /// When that fails.
    pub fn again(&mut self) {
        self.again_after(|_| ());
    }

    /// The same; the image is changed while it is not mounted.
    ///
    /// # Panics
    /// When that fails.
    pub fn again_after(&mut self, change: impl FnOnce(&Path)) {
        let image = self.image.as_ref().expect("a file system on an image");
        must(Command::new("umount").arg(&self.point), "unmount an image");
        change(image);
        must(Command::new("mount").args(["-o", "loop"]).arg(image).arg(&self.point), "mount an image again");
    }

    /// Where it is mounted.
    pub fn point(&self) -> &Path {
        &self.point
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.point).status();
        if let Some(image) = &self.image {
            let _ = std::fs::remove_dir(&self.point);
            let _ = std::fs::remove_file(image).or_else(|_| std::fs::remove_dir_all(image));
        }
    }
}

/// Runs a command that has to succeed.
///
/// # Panics
/// When it does not.
pub fn must(command: &mut Command, what: &str) {
    let output = command.output().unwrap_or_else(|error| panic!("cannot {what}: {command:?}: {error}"));
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "cannot {what}: {command:?}: {error}");
}

/// The space in use on the file system of a path, in bytes, once all that was written is there.
///
/// # Panics
/// When there is no such path.
#[must_use]
pub fn used_bytes(place: &Path) -> u64 {
    rustix::fs::sync();
    let st = rustix::fs::statvfs(place).expect("a mounted file system");
    (st.f_blocks - st.f_bfree) * st.f_frsize
}
