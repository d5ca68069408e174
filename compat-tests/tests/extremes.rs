//! The ends of what the system can express: sizes, times, names of one file.

use compat_tests::alone::Alone;
use compat_tests::mounted::Mounted;
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

/// ext4 gives a file 65,000 names. An alternate file that has them all is copied, as by rsync, and its copy is linked.
#[test]
fn s63_an_alternate_file_with_all_the_names_it_can_have() {
    const NAMES_MAX: usize = 65_000;
    let ext4 = Mounted::image("ext4", 600 << 20);
    let at = |name: &str| ext4.point().join(name);
    let alternate = tree([dir("many"), file("alt/f", "same").mtime(5), file("alt/g", "g").mtime(5)]);
    make::make(&alternate, ext4.point(), Owner::ROOT).expect("a tree on ext4");
    for number in 1..NAMES_MAX {
        std::fs::hard_link(at("alt/f"), at(&format!("many/{number}"))).expect("one more name");
    }
    std::fs::hard_link(at("alt/f"), at("one-more")).expect_err("ext4 takes no more");
    let source = tree([
        file("s/f", "same").mtime(5),
        hard("s/again", "s/f"),
        file("s/g", "g").mtime(5),
        dir("s").mtime(5),
    ]);
    for options in ["-ai", "-aHi", "-ai --inplace", "-aHi --delete"] {
        let run = |mode: Option<Mode>| {
            let alone = Alone::new(&source, None);
            let to = at(&format!("{}-{mode:?}", options.replace(' ', "")));
            std::fs::create_dir(&to).expect("a directory on ext4");
            make::set_mtime(b".", &to, 5).expect("our own directory");
            let args = format!("{options} --link-dest={} s/ {}/", at("alt").display(), to.display());
            let ran =
                mode.map_or_else(|| alone.rsync("", &args), |mode| alone.ours(mode, "", &args)).comparable;
            assert_eq!((ran.code, &ran.errors), (0, &Vec::new()), "{options} {mode:?}");
            let left = snapshot::take(&to, i64::MAX, None).expect("a tree that can be read");
            assert_eq!(std::fs::read(to.join("f")).expect("a copy"), b"same");
            (ran.ordered, left)
        };
        let (said, left) = run(None);
        for mode in Mode::of_this_run() {
            let (ours, tree) = run(Some(mode));
            assert_eq!(ours, said, "{options} {mode:?}");
            let mut differences = snapshot::diff(&left, &tree, Holes::Ignored);
            // Each run gives `alt/g` one name more.
            differences.retain(|line| !line.starts_with("g: number of hard links"));
            assert_eq!(differences, Vec::<String>::new(), "{options} {mode:?}");
        }
    }
}

/// A group of more names than a file can have on ext4: the last ones are told, as by rsync.
#[test]
fn a_group_with_more_names_than_a_file_can_have() {
    const NAMES: usize = 65_004;
    let ext4 = Mounted::image("ext4", 600 << 20);
    let alone = Alone::new(&tree([file("s/first", "same").mtime(5)]), None);
    for number in 1..NAMES {
        let name = alone.dir().join(format!("s/{number}"));
        std::fs::hard_link(alone.dir().join("s/first"), name).expect("tmpfs takes any number");
    }
    let run = |mode: Option<Mode>| {
        let to = ext4.point().join("d");
        std::fs::create_dir(&to).expect("a directory on ext4");
        let args = format!("-aH s/ {}/", to.display());
        let ran = mode.map_or_else(|| alone.rsync("", &args), |mode| alone.ours(mode, "", &args)).comparable;
        let names = std::fs::read_dir(&to).expect("a copy").count();
        std::fs::remove_dir_all(&to).expect("our own directory");
        (ran.code, ran.errors, names)
    };
    let wanted = run(None);
    assert_eq!((wanted.0, wanted.2), (23, 65_000), "{:?}", wanted.1);
    for mode in Mode::of_this_run() {
        assert_eq!(run(Some(mode)), wanted, "{mode:?}");
    }
}
