//! Our program alone on what is large: directories, trees, files; right, and in little memory.
//!
//! `BIG_TREES_FILES` sets the number of files in the large directory (300,000); the other sizes follow it. A test
//! prints the peak memory of each run.

use compat_tests::alone::{Alone, Ran};
use compat_tests::attrs;
use compat_tests::mounted::Mounted;
use compat_tests::program::Mode;
use compat_tests::*;
use rustix::fs::{AtFlags, CWD, Mode as Permissions, OFlags, statat};
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::path::Path;

const MIB: u64 = 1 << 20;

fn files_max() -> usize {
    let asked = std::env::var("BIG_TREES_FILES").ok();
    asked.map_or(300_000, |text| text.parse().expect("BIG_TREES_FILES is a number"))
}

/// Plain names, names with a newline, names that are no UTF-8, and names of 255 bytes.
fn name(number: usize) -> Vec<u8> {
    let plain = format!("file-{number}").into_bytes();
    match number % 100 {
        0 => [&plain[..], b"\n", b"line"].concat(),
        1 => [&plain[..], b"\xff\xfe\x80"].concat(),
        2 => [&plain[..], &vec![b'l'; 255 - plain.len()]].concat(),
        _ => plain,
    }
}

/// Makes so many files in a new directory, every tenth with contents.
fn fill(dir: &Path, count: usize) {
    std::fs::create_dir_all(dir).expect("a directory");
    let handle = attrs::open_top(dir).expect("our own directory");
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
    for number in 0..count {
        let name = name(number);
        let file = rustix::fs::openat(&handle, &name[..], flags, Permissions::from_raw_mode(0o644));
        let file = File::from(file.expect("a new file"));
        if number % 10 == 0 {
            file.write_all_at(&name, 0).expect("room in memory");
        }
    }
}

/// Every name of one directory is in the other, the same in mode, size, time and contents.
fn assert_same(one: &Path, two: &Path) -> usize {
    let (one, two) = [one, two].map(|dir| attrs::open_top(dir).expect("a directory")).into();
    let names = attrs::names(&one).expect("a directory that can be read");
    assert!(names == attrs::names(&two).expect("a directory that can be read"), "other names");
    let facts = |dir: &OwnedFd, name: &[u8]| {
        let stat = statat(dir, name, AtFlags::SYMLINK_NOFOLLOW).expect("a name that was listed");
        (stat.st_mode, stat.st_size, stat.st_mtime, stat.st_mtime_nsec)
    };
    for name in &names {
        let wanted = facts(&one, name);
        assert_eq!(wanted, facts(&two, name), "{}", shell::quote(name));
        if wanted.1 > 0 && wanted.0 & 0o170_000 == 0o100_000 {
            assert!(content(&one, name) == content(&two, name), "{}", shell::quote(name));
        }
    }
    names.len()
}

fn content(dir: &OwnedFd, name: &[u8]) -> Vec<u8> {
    let file = rustix::fs::openat(dir, name, OFlags::RDONLY | OFlags::CLOEXEC, Permissions::empty());
    std::io::read_to_string(File::from(file.expect("a file")))
        .map_or_else(|_| b"no text".to_vec(), String::into_bytes)
}

/// Says what a run took, and holds it to a limit.
fn assert_peak(what: &str, ran: &Ran, most_mib: u64) {
    let peak = ran.outcome.held.memory_bytes;
    eprintln!("{what}: peak {:.1} MiB", peak as f64 / MIB as f64);
    assert!(peak > 0 && peak < most_mib * MIB, "{what}: {peak} bytes");
}

#[test]
fn one_large_directory() {
    let count = files_max();
    let alone = Alone::new(&tree([dir("d")]), None);
    let (s, d) = (alone.dir().join("s"), alone.dir().join("d"));
    fill(&s, count);
    let first = alone.ours(Mode::Ring, "", "-aHAXS --delete s/ d/");
    first.assert_silent();
    assert_peak("a large directory, first copy", &first, 96);
    assert_eq!(assert_same(&s, &d), count);
    std::fs::write(d.join("extraneous"), "x").expect("room in memory");
    let again = alone.ours(Mode::Emulated, "", "-aHAXSi --delete s/ d/");
    assert_eq!(again.comparable.loose, ["*deleting   extraneous", ".d..t...... ./"]);
    assert_peak("a large directory, second run", &again, 96);
}

#[test]
fn many_directories() {
    let (count, per_dir) = (files_max() * 2 / 3, 100);
    let alone = Alone::new(&tree([dir("d"), dir("empty")]), None);
    let path =
        |top: &str, number: usize| alone.dir().join(format!("{top}/{}/{}/{number}", number % 10, number % 7));
    for number in 0..count / per_dir {
        fill(&path("s", number), per_dir);
    }
    let first = alone.ours(Mode::Emulated, "", "-aHAXS --delete s/ d/");
    first.assert_silent();
    assert_peak("many directories, first copy", &first, 48);
    for number in 0..count / per_dir {
        assert_eq!(assert_same(&path("s", number), &path("d", number)), per_dir);
    }
    let again = alone.ours(Mode::Ring, "", "-aHAXSi --delete s/ d/");
    again.assert_silent();
    assert_peak("many directories, second run", &again, 48);
    // Lines wait for those of directories that come before, but never for most of the tree.
    for args in ["-aii s/ d/", "-a --info=progress2 s/ e/", "-av s/ f/"] {
        let told = alone.ours(Mode::Ring, "", args);
        assert_eq!((told.outcome.code, told.outcome.stderr.len()), (0, 0), "{args}");
        assert_peak(&format!("many directories, {args}"), &told, 14);
    }
    let gone = alone.ours(Mode::Ring, "", "-a --delete empty/ d/");
    gone.assert_silent();
    assert_peak("many directories, deleted", &gone, 48);
    assert_same(&alone.dir().join("empty"), &alone.dir().join("d"));
}

/// A list takes little for each of its names, and what is missing is found out as fast as what is there.
#[test]
fn a_long_list_of_names() {
    let (dirs, per_dir) = (files_max() / 500, 100);
    let alone = Alone::new(&tree([dir("d")]), None);
    let mut list = Vec::new();
    for number in 0..dirs {
        let dir = format!("{}/{number}", number % 10);
        fill(&alone.dir().join("s").join(&dir), per_dir);
        for number in 0..per_dir {
            list.extend([dir.as_bytes(), b"/", &*name(number), b"\0"].concat());
        }
    }
    std::fs::write(alone.dir().join("list"), &list).expect("room in memory");
    let first = alone.ours(Mode::Ring, "", "-a0 --files-from=list s/ d/");
    first.assert_silent();
    assert_peak("a long list", &first, 40);
    for number in 0..dirs {
        let path = |top: &str| alone.dir().join(format!("{top}/{}/{number}", number % 10));
        assert_eq!(assert_same(&path("s"), &path("d")), per_dir);
    }
    let missing = dirs * per_dir / 2;
    list.extend((0..missing).flat_map(|number| format!("none/{number}\0").into_bytes()));
    std::fs::write(alone.dir().join("list"), &list).expect("room in memory");
    let again = alone.ours(Mode::Emulated, "", "-ai0 --files-from=list s/ d/");
    let told = String::from_utf8_lossy(&again.outcome.stderr).into_owned();
    assert_eq!(again.outcome.code, 23, "{}", told.lines().next().unwrap_or_default());
    assert_eq!(told.lines().filter(|line| line.contains("link_stat")).count(), missing);
    assert_peak("a long list, half of it missing", &again, 48);
}

#[test]
fn a_file_larger_than_the_memory_allowed() {
    const SIZE: u64 = 512 * MIB;
    for mode in Mode::of_this_run() {
        let alone = Alone::new(
            &tree([file("s/large", sparse(SIZE, &[(0, 100), (SIZE / 2, 9 * MIB)])), dir("d")]),
            None,
        );
        for options in ["-a", "-aI --inplace", "-ac"] {
            let ran = alone.ours(mode, "prlimit --as=134217728", &format!("{options} s/ d/"));
            ran.assert_silent();
            assert_peak(&format!("a file of 512 MiB, {options} {mode:?}"), &ran, 32);
        }
        let [s, d] = ["s/large", "d/large"].map(|name| File::open(alone.dir().join(name)).expect("a file"));
        assert_eq!(d.metadata().expect("a file").len(), SIZE);
        assert_same_ranges(&s, &d);
    }
}

/// What the first has in its data segments the second has at the same places.
fn assert_same_ranges(one: &File, two: &File) {
    for (start, end) in attrs::data_segments(one).expect("segments") {
        let read = |file: &File| {
            let mut bytes = vec![0; usize::try_from(end - start).expect("a short segment")];
            file.read_exact_at(&mut bytes, start).map(|()| bytes).expect("a file of that length")
        };
        assert!(read(one) == read(two), "different at {start}");
    }
}

#[test]
fn twenty_gib_of_holes_on_a_small_disk() {
    const SIZE: u64 = 20 << 30;
    let data = [(0, 5000), (SIZE / 3, 3 * MIB), (SIZE - 70, 70)];
    for mode in Mode::of_this_run() {
        let alone = Alone::new(&tree([file("s/holes", sparse(SIZE, &data)), dir("d")]), None);
        let d = alone.dir().join("d");
        let _disk = Mounted::tmpfs(&d, "size=16m,mode=755");
        for options in ["-aS", "-aSI", "-aSI --inplace"] {
            let ran = alone.ours(mode, "", &format!("{options} s/ d/"));
            ran.assert_silent();
            assert_peak(&format!("20 GiB of holes, {options} {mode:?}"), &ran, 32);
            let [one, two] =
                ["s/holes", "d/holes"].map(|name| File::open(alone.dir().join(name)).expect("a file"));
            assert_eq!(
                statat(CWD, d.join("holes"), AtFlags::empty()).expect("the copy").st_size,
                SIZE as i64
            );
            assert_same_ranges(&one, &two);
            assert_same_ranges(&two, &one);
        }
    }
}
