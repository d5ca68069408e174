//! What says that it seeks is read in the order of inodes; the copy and what is told about it are the same.

use compat_tests::alone::Alone;
use compat_tests::mounted::Mounted;
use compat_tests::program::Mode;
use compat_tests::*;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Names whose order is the reverse of that in which they are made.
fn names() -> Vec<String> {
    (0..40).rev().map(|number| format!("file{number:02}")).collect()
}

/// Has the loop device under a file system say whether it rotates.
fn set_rotating(point: &Path, says: &str) {
    let dev = std::fs::metadata(point).expect("a mounted file system").dev();
    let (major, minor) = (rustix::fs::major(dev), rustix::fs::minor(dev));
    std::fs::write(format!("/sys/dev/block/{major}:{minor}/queue/rotational"), says).expect("sysfs, as root");
}

/// The files in the order in which their data was asked for, and what was told about them.
fn read_order(alone: &Alone, place: &Path) -> (Vec<String>, Vec<String>) {
    let _ = std::fs::remove_dir_all(place.join("d"));
    let log = alone.dir().join("log");
    let through = format!("strace -f -qq -e trace=openat -o {}", log.display());
    let args = format!("-ai --io=syscalls --workers=1 {}/s/ {}", place.display(), place.join("d").display());
    let ran = alone.ours(Mode::Emulated, &through, &args).comparable;
    assert_eq!((ran.code, &ran.errors), (0, &Vec::new()));
    let calls = std::fs::read_to_string(log).expect("what strace saw");
    let opened = calls.lines().filter(|line| line.contains("\"file"));
    let order = opened.filter_map(|line| line.split('"').nth(1).map(str::to_owned)).collect();
    (order, ran.ordered.clone())
}

#[test]
fn a_device_that_seeks_is_read_in_its_own_order() {
    let mounted = Mounted::image("ext4", 100 << 20);
    let place = mounted.point();
    std::fs::create_dir(place.join("s")).expect("a directory");
    for name in names() {
        std::fs::write(place.join("s").join(&name), name.as_bytes()).expect("a file");
    }
    std::fs::create_dir(place.join("s/sub")).expect("a directory");
    std::fs::create_dir(place.join("s/another")).expect("a directory");
    let inode = |name: &String| std::fs::metadata(place.join("s").join(name)).expect("a file").ino();
    let mut by_inode = names();
    by_inode.sort_by_key(inode);
    let mut by_name = names();
    by_name.sort();
    assert_ne!(by_inode, by_name, "the file system gives out inodes as files are made");
    let alone = Alone::new(&Tree::default(), None);
    set_rotating(place, "0");
    let (order, told) = read_order(&alone, place);
    assert_eq!(order, by_name);
    set_rotating(place, "1");
    let (order, told_again) = read_order(&alone, place);
    assert_eq!((order, told_again), (by_inode, told));
}
