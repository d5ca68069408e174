//! One run from end to end on each file system: what ours does differently there must not show.
//!
//! Images are mounted from RAM, which needs root and loop devices; where that is impossible the test fails and says
//! so. `COMPAT_TESTS_DIR` sends the whole suite to one file system of your choice.

use compat_tests::rich::{Maker, changed, edits, rich};
use compat_tests::*;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A mounted image that goes away when dropped.
struct Mounted(PathBuf);

impl Mounted {
    fn new(kind: &str) -> Self {
        let base = PathBuf::from(format!("/dev/shm/compat-{kind}-{}", std::process::id()));
        let image = base.with_extension("img");
        std::fs::create_dir(&base).expect("a mount point in /dev/shm");
        let file = std::fs::File::create(&image).expect("an image in /dev/shm");
        file.set_len(400 << 20).expect("a sparse image");
        let mounted = Mounted(base);
        must(
            Command::new(format!("mkfs.{kind}")).arg("-q").arg(&image),
            "make a file system: install its mkfs",
        );
        must(
            Command::new("mount").args(["-o", "loop"]).arg(&image).arg(&mounted.0),
            "mount an image: this test needs root and loop devices",
        );
        mounted
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
        let _ = std::fs::remove_file(self.0.with_extension("img"));
    }
}

fn must(command: &mut Command, what: &str) {
    let output = command.output().unwrap_or_else(|error| panic!("cannot {what}: {command:?}: {error}"));
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "cannot {what}: {command:?}: {error}");
}

fn cases() -> Vec<Case> {
    let source = rich(Maker::Root)
        .with([file("large", random(9, 1_500_000)), file("hole", sparse(12 << 20, &[(9 << 20, 5000)]))]);
    let after = changed(&source, 5, 20);
    let (removed, put) = edits(&source.clone().below("s"), &after.clone().below("s"));
    let case = |options: &str| {
        let case = Case::new(source.clone().below("s"))
            .run(&format!("{options} s/ d/"))
            .run(&format!("{options} s/ d/"));
        let case = case.remove(removed.clone()).put(put.clone());
        case.run(&format!("{options} --delete s/ d/")).run(&format!("{options} --link-dest=../d s/ e/"))
    };
    // As a user not with -X: btrfs lists trusted attributes to everybody, over which rsync stumbles and leaves the
    // file out with exit status 23.
    vec![case("-aHAXi"), case("-aHAXSi"), case("-ai --inplace"), case("-rti"), case("-ai").as_user()]
}

/// One test, because where twins are built is settled once per process.
#[test]
fn ext4_xfs_btrfs_tmpfs() {
    if let Some(kind) = std::env::var_os("FILE_SYSTEM_UNDER_TEST") {
        eprintln!("on {}", kind.display());
        return check_all(cases());
    }
    for kind in ["ext4", "xfs", "btrfs", "tmpfs"] {
        let mounted = (kind != "tmpfs").then(|| Mounted::new(kind));
        let place = mounted.as_ref().map_or(Path::new("/dev/shm"), |mounted| &mounted.0);
        let this = std::env::current_exe().expect("a test knows its own path");
        let mut again = Command::new(this);
        again.env("FILE_SYSTEM_UNDER_TEST", kind).env("COMPAT_TESTS_DIR", place);
        must(again.arg("--nocapture"), &format!("pass on {kind}"));
    }
}
