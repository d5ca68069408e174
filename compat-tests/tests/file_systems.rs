//! One run from end to end on each file system: what ours does differently there must not show.
//!
//! Images are mounted from RAM, which needs root and loop devices; where that is impossible the test fails and says
//! so. `COMPAT_TESTS_DIR` sends the whole suite to one file system of your choice.

use compat_tests::mounted::{Mounted, must};
use compat_tests::rich::{Maker, changed, edits, rich};
use compat_tests::*;
use std::path::Path;
use std::process::Command;

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
        let mounted = (kind != "tmpfs").then(|| Mounted::image(kind, 400 << 20));
        let place = mounted.as_ref().map_or(Path::new("/dev/shm"), Mounted::point);
        let this = std::env::current_exe().expect("a test knows its own path");
        let mut again = Command::new(this);
        again.env("FILE_SYSTEM_UNDER_TEST", kind).env("COMPAT_TESTS_DIR", place);
        must(again.arg("--nocapture"), &format!("pass on {kind}"));
    }
}
