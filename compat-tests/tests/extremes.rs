//! The ends of what the system can express: sizes, times, names of one file.

use compat_tests::alone::Alone;
use compat_tests::program::Mode;
use compat_tests::snapshot::Holes;
use compat_tests::*;

/// rsync reads such a file to its end, which nobody lives to see.
#[test]
fn a_file_as_long_as_files_can_be() {
    let bytes = i64::MAX.cast_unsigned();
    for mode in Mode::of_this_run() {
        for options in ["-a", "-aS", "-a --inplace -S"] {
            let alone = Alone::new(&tree([dir("s"), dir("d")]), None);
            let huge = std::fs::File::create(alone.dir().join("s/huge")).expect("a new file");
            huge.set_len(bytes).expect("a file system in memory has no limit of its own");
            let options = if options == "-a" { "-a --dry-run" } else { options };
            let ran = alone.ours(mode, "", &format!("{options} s/ d/"));
            assert_eq!(ran.outcome.code, 0, "{options}: {:?}", ran.comparable);
            let copied = std::fs::metadata(alone.dir().join("d/huge")).map(|copy| copy.len());
            assert_eq!(copied.ok(), Some(bytes).filter(|_| !options.contains("dry")), "{options}");
        }
    }
}

/// Before 1970, after 2038, after ext4's 2446, and years of five digits.
#[test]
fn times_far_away() {
    let times = [-62_135_596_800, -2_147_483_649, -1, 0, 4_294_967_296, 15_032_385_536, 253_402_300_800];
    let files = times.iter().map(|time| file(format!("s/f{time}"), "x").mtime_ns(*time, 999_999_999));
    let dirs = times.iter().map(|time| dir(format!("s/d{time}")).mtime(*time));
    let links = times.iter().map(|time| symlink(format!("s/l{time}"), "x").mtime(*time));
    let world = world(files.chain(dirs).chain(links).chain([dir("d")]));
    world.clone().run("-a s/ d/").run("-ai s/ d/").run("-aiu s/ d/").same("-ai --modify-window=-1 s/ d/");
    world.same_each(["--list-only -r s/", "-ai --out-format=%M:%n s/ d/", "-ain s/ d/"]);
}

/// One file of many names, in many directories: memory follows the names, and the group arrives whole.
#[test]
fn a_file_of_thousands_of_names() {
    let names = 12_000;
    for mode in Mode::of_this_run() {
        let links = (0..names).map(|n| hard(format!("s/{}/{}/f{n}", n % 7, n % 13), "s/first"));
        let alone = Alone::new(&tree([file("s/first", random(1, 5000)), dir("d")]).with(links), None);
        alone.ours(mode, "", "-aH s/ d/").assert_silent();
        alone.assert_copy("s", "d", Holes::Ignored);
        let again = alone.ours(mode, "", "-aHi s/ d/");
        again.assert_silent();
        let peak = again.outcome.held.memory_bytes;
        assert!(peak < 64 << 20, "{peak} bytes");
    }
}
