//! The file system that a row runs on: an image in RAM, loop-mounted, new for each row.
//!
//! Everything is mounted in a mount namespace of our own and the image is unlinked at once,
//! so that nothing stays behind, however the harness ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};

use crate::cli::Settings;
use crate::slow;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FsKind {
    Ext4,
    Xfs,
    Btrfs,
    Tmpfs,
}

impl FsKind {
    const NAMES: [(&str, Self); 4] =
        [("ext4", Self::Ext4), ("xfs", Self::Xfs), ("btrfs", Self::Btrfs), ("tmpfs", Self::Tmpfs)];

    pub(crate) fn by_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    pub(crate) fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// A mounted directory, empty at first; unmounted when dropped.
pub(crate) struct Volume {
    pub(crate) dir: PathBuf,
    mounted: bool,
    /// The file that stands for a device with latency.
    slow: Option<PathBuf>,
}

const IMAGE_BYTES_MIN: u64 = 6 << 30;
const INODES_MIN: usize = 400_000;

/// Makes mounts private to this process. Must run before any thread is started.
pub(crate) fn enter_own_mounts(settings: &Settings) -> Result<(), String> {
    if settings.at.is_some() {
        return Ok(());
    }
    let private = MsFlags::MS_PRIVATE | MsFlags::MS_REC;
    unshare(CloneFlags::CLONE_NEWNS)
        .and_then(|()| mount(None::<&str>, "/", None::<&str>, private, None::<&str>))
        .map_err(|error| format!("mounting needs root ({error}); --at DIR measures in a directory instead"))
}

impl Volume {
    /// A new volume with room for `files` files twice.
    pub(crate) fn new(settings: &Settings, files: usize) -> Result<Self, String> {
        let base = settings.at.as_ref().unwrap_or(&settings.ram);
        let mut volume = Self::apart(base)?;
        if settings.at.is_none() {
            volume.mount(settings.fs, files)?;
        }
        Ok(volume)
    }

    /// A directory of its own within `base`, where nothing is mounted.
    pub(crate) fn apart(base: &Path) -> Result<Self, String> {
        let dir = base.join(format!("io-uring-sync-bench-{}", std::process::id()));
        fs::create_dir(&dir).map_err(|error| format!("cannot make {}: {error}", dir.display()))?;
        Ok(Self { dir, mounted: false, slow: None })
    }

    /// A volume for the source alone, on a device whose reads take so long.
    pub(crate) fn slow(settings: &Settings, files: usize, delay: Duration) -> Result<Self, String> {
        let dir = settings.ram.join(format!("io-uring-sync-bench-{}-slow", std::process::id()));
        fs::create_dir(&dir).map_err(|error| format!("cannot make {}: {error}", dir.display()))?;
        let mut volume = Self { dir, mounted: false, slow: None };
        let (image, inodes) = (volume.dir.with_extension("img"), (files * 5 / 4).max(INODES_MIN));
        let made = fs::File::create_new(&image).and_then(|file| file.set_len(IMAGE_BYTES_MIN));
        made.map_err(|error| format!("cannot make {}: {error}", image.display()))?;
        let looped = make_fs(settings.fs, &image.display().to_string(), inodes);
        let looped = looped.and_then(|()| slow::device(&image, delay));
        let _ = fs::remove_file(&image);
        volume.slow = Some(image.with_extension("slow"));
        let device = looped?.display().to_string();
        let mounted = tool("mount", &[&device, &volume.dir.display().to_string()]);
        // It goes as soon as nothing is mounted from it.
        tool("losetup", &["--detach", &device])?;
        mounted?;
        volume.mounted = true;
        Ok(volume)
    }

    fn mount(&mut self, kind: FsKind, files: usize) -> Result<(), String> {
        let inodes = (files * 5 / 2).max(INODES_MIN);
        let bytes = IMAGE_BYTES_MIN.max(inodes as u64 * 6144);
        let dir = self.dir.display().to_string();
        if kind == FsKind::Tmpfs {
            let size = format!("size={bytes},nr_inodes={inodes}");
            tool("mount", &["-t", "tmpfs", "-o", &size, "none", &dir])?;
        } else {
            let image = format!("{dir}.img");
            let made = fs::File::create_new(&image).and_then(|file| file.set_len(bytes));
            made.map_err(|error| format!("cannot make {image}: {error}"))?;
            let mounted =
                make_fs(kind, &image, inodes).and_then(|()| tool("mount", &["-o", "loop", &image, &dir]));
            let _ = fs::remove_file(&image);
            mounted?;
        }
        self.mounted = true;
        Ok(())
    }
}

fn make_fs(kind: FsKind, image: &str, inodes: usize) -> Result<(), String> {
    match kind {
        FsKind::Ext4 => {
            // All of it made now: the kernel's lazy initialisation would run beside the measurements.
            let eager = "lazy_itable_init=0,lazy_journal_init=0";
            tool("mkfs.ext4", &["-q", "-F", "-E", eager, "-N", &inodes.to_string(), image])
        }
        FsKind::Xfs => tool("mkfs.xfs", &["-q", image]),
        FsKind::Btrfs => tool("mkfs.btrfs", &["-q", image]),
        FsKind::Tmpfs => Ok(()),
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        if self.mounted {
            let gone = if self.slow.is_some() { MntFlags::empty() } else { MntFlags::MNT_DETACH };
            let _ = umount2(&self.dir, gone);
            let _ = fs::remove_dir(&self.dir);
        } else {
            let _ = fs::remove_dir_all(&self.dir);
        }
        if let Some(served) = &self.slow {
            let _ = umount2(served, MntFlags::MNT_DETACH);
            let _ = fs::remove_file(served);
        }
    }
}

/// Runs a helper program; what it says is shown only when it fails.
pub(crate) fn tool(program: &str, args: &[&str]) -> Result<(), String> {
    tool_in(Path::new("/"), program, args).map(drop)
}

/// The same, and what it says.
pub(crate) fn tool_says(program: &str, args: &[&str]) -> Result<String, String> {
    tool_in(Path::new("/"), program, args)
}

pub(crate) fn tool_in(dir: &Path, program: &str, args: &[&str]) -> Result<String, String> {
    let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
    let output = Command::new(program).args(args).current_dir(dir).env("PATH", path).output();
    let output = output.map_err(|error| format!("cannot start {program}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{program} {} failed: {}", args.join(" "), String::from_utf8_lossy(&output.stderr)))
}

/// Drops clean caches: data, directory entries and inodes.
pub(crate) fn drop_caches() -> Result<(), String> {
    nix::unistd::sync();
    fs::write("/proc/sys/vm/drop_caches", "3\n").map_err(|error| format!("cannot drop caches: {error}"))
}
