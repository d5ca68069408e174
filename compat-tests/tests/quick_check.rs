//! rsync(1), "DESCRIPTION" and the options that change the quick check.

use compat_tests::*;

const OLD: i64 = 1_400_000_000;

/// Pairs of source and destination that differ in one respect each.
fn pairs() -> Case {
    let (old, new) = (1_400_000_000, 1_500_000_000);
    world([
        file("s/same", "x").mtime(old),
        file("d/same", "x").mtime(old),
        file("s/ns", "x").mtime_ns(old, 5),
        file("d/ns", "x").mtime_ns(old, 999_999_999),
        file("s/time", "x").mtime(new),
        file("d/time", "x").mtime(old),
        file("s/older", "xyz").mtime(old),
        file("d/older", "abc").mtime(new),
        file("s/second", "x").mtime(old + 1),
        file("d/second", "x").mtime(old),
        file("s/size", "longer").mtime(old),
        file("d/size", "x").mtime(old),
        file("s/content", "abc").mtime(old),
        file("d/content", "xyz").mtime(old),
        file("s/both", "abcd").mtime(new),
        file("d/both", "xyz").mtime(old),
        file("s/mode", "x").mtime(old).mode(0o600),
        file("d/mode", "x").mtime(old),
        file("s/new", "x"),
        file("d/extra", "x"),
        symlink("s/link", "a").mtime(old),
        symlink("d/link", "a").mtime(new),
        symlink("s/link2", "a").mtime(old),
        symlink("d/link2", "b").mtime(old),
        dir("s/dir").mtime(old),
        dir("d/dir").mtime(new),
        dir("s/dirns").mtime_ns(old, 5),
        dir("d/dirns").mtime_ns(old, 6),
        fifo("s/fifo").mtime(old),
        fifo("d/fifo").mtime(new),
        dir("s/newdir"),
    ])
}

#[test]
fn s27_size_and_whole_seconds_decide() {
    pairs().same_each(["-ai s/ d/", "-aii s/ d/", "-avv s/ d/", "-a s/ d/", "-ain s/ d/"]);
}

#[test]
fn s27_without_times_unequal_times_are_copied_each_time() {
    pairs().run("-rlpgoDi s/ d/").run("-rlpgoDi s/ d/").check();
    pairs().same_each(["-rli s/ d/", "-ri s/ d/", "-rtvi s/ d/", "-rlti s/ d/"]);
}

#[test]
fn s29_checksum() {
    pairs().same_each([
        "-aic s/ d/",
        "-aiic s/ d/",
        "-ric s/ d/",
        "-ainc s/ d/",
        "-rlpic s/ d/",
        "-avc s/ d/",
    ]);
    pairs().run("-aci s/ d/").run("-aciv s/ d/").check();
}

#[test]
fn s29_size_only() {
    pairs().same_each(["-ai --size-only s/ d/", "-rli --size-only s/ d/", "-aii --size-only s/ d/"]);
}

#[test]
fn s29_ignore_times() {
    pairs().same_each(["-aiI s/ d/", "-riI s/ d/", "-aiIc s/ d/", "-aiI --size-only s/ d/", "-avI s/ d/"]);
}

#[test]
fn s30_update_skips_what_is_newer() {
    pairs().same_each([
        "-aiu s/ d/",
        "-aiiu s/ d/",
        "-auvv s/ d/",
        "-riu s/ d/",
        "-aiuc s/ d/",
        "-aiun s/ d/",
    ]);
}

#[test]
fn s30_update_never_skips_another_type() {
    let (old, new) = (1_400_000_000, 1_500_000_000);
    world([
        file("s/f", "x").mtime(old),
        symlink("d/f", "newer").mtime(new),
        symlink("s/l", "x").mtime(old),
        file("d/l", "newer").mtime(new),
        file("s/d", "x").mtime(old),
        dir("d/d").mtime(new),
        symlink("s/l2", "x").mtime(old),
        symlink("d/l2", "y").mtime(new),
    ])
    .same_each(["-aiu s/ d/", "-avvu s/ d/"]);
}

#[test]
fn s31_existing_and_ignore_existing() {
    for option in ["--existing", "--ignore-existing", "--existing --ignore-existing"] {
        pairs().same_each(
            ["-ai", "-aii", "-avv", "-ai --delete", "-ain", "-rlti", "-aiu", "-aic"]
                .map(|more| format!("{more} {option} s/ d/")),
        );
    }
    pairs().same_each(["-ai --ignore-non-existing s/ d/"]);
}

#[test]
fn s91_whole_file_or_not_the_result_is_the_same() {
    let base: Vec<u8> = (0..200_000_u32).map(|n| (n / 7 % 251) as u8).collect();
    let mut new = base.clone();
    new[100_000] ^= 1;
    new.extend_from_slice(b"more");
    let case =
        world([file("s/f", &new[..]), file("d/f", &base[..]), file("s/g", "small"), file("d/g", "other")]);
    case.same_each(["-aiW s/ d/", "-ai --whole-file s/ d/", "-ai --no-whole-file s/ d/", "-ai --no-W s/ d/"]);
}

#[test]
fn s30_update_within_the_window() {
    let times = [0, 1, 2, 3, 4].map(|n| file(format!("s/{n}"), "new").mtime(1_000_000_000 + n));
    let case =
        world(times).also([0, 1, 2, 3, 4].map(|n| file(format!("d/{n}"), "older").mtime(1_000_000_002)));
    case.same_each([0, 1, 2, 3, -1].map(|window| format!("-aiu --modify-window={window} s/ d/")));
}

#[test]
fn s29_what_nobody_may_read_has_no_checksum() {
    let case = world([file("s/both", "x").mode(0), file("s/source", "x").mode(0), file("s/there", "x")])
        .also([file("d/both", "y").mode(0), file("d/source", "y"), file("d/there", "y").mode(0)]);
    case.as_user().same_each(["-aic s/ d/", "-rptic s/ d/"]);
}

/// A dry run opens nothing to send it, also where that could not be read to compare it.
#[test]
fn dry_runs_of_unreadable_files_with_checksums() {
    let case = world([
        file("s/same", "1").mtime(OLD).mode(0),
        file("d/same", "1").mtime(OLD),
        file("s/other", "1").mtime(OLD).mode(0),
        file("d/other", "2").mtime(OLD + 5),
        file("s/longer", "12").mtime(OLD).mode(0),
        file("d/longer", "2").mtime(OLD + 5),
        file("s/new", "12").mtime(OLD).mode(0),
    ])
    .as_user();
    let options =
        ["-rcni", "-rlcn --delay-updates -i", "-acniv", "-rctn --out-format=%i:%n", "-aci", "-rcin --append"];
    case.clone().same_each(options.map(|options| format!("{options} s/ d/")));
    case.clone().same_each([
        "-acni --link-dest=../d s/ e/",
        "-aci --link-dest=../d s/ e/",
        "-aicn --compare-dest=../d s/ e/",
    ]);
}

/// A source that cannot be read to compare it counts as another one, which then cannot be sent.
#[test]
fn s29_checksums_of_what_cannot_be_read() {
    let case = world([
        file("s/f", "1").owner(0, 0).mode(0o600),
        file("s/g", "2").mtime(5),
        file("s/h", "3").mode(0),
        file("d/f", "1"),
        file("d/g", "4").mtime(5),
        file("d/h", "3"),
        file("alt/f", "1"),
    ])
    .as_user();
    let options = [
        "-rc",
        "-rci",
        "-rcin",
        "-rc --info=name2",
        "-rcb",
        "-rc --inplace",
        "-rc --remove-source-files",
        "-rcH",
        "-rc --progress",
        "-rc --link-dest=../alt",
        "-rc --no-W",
    ];
    case.clone().same_each(options.map(|options| format!("{options} --stats s/ d/")));
    case.same("-rc --progress s/ d/");
}

/// A name of a hard-link group that is newer is linked all the same where it stands behind one that leads.
#[test]
fn s30_update_of_linked_names_that_are_newer() {
    // Same, older, newer, missing.
    let groups = [
        "SN", "NS", "NN", "ON", "MN", "NM", "SSN", "SNS", "NSN", "NON", "MNM", "SMN", "MSNN", "MNSN", "ONM",
        "NSNM",
    ];
    let options = ["-aHi", "-rH", "-aHvv", "-aHni", "-aHb", "-aHi --delete", "-aHi --link-dest=../alt"];
    let mut case = world([dir("alt")]);
    for group in groups {
        for (at, kind) in group.chars().enumerate() {
            // The last one lies in a directory behind the others.
            let name = if at + 1 == group.len() { format!("{group}/x/z") } else { format!("{group}/{at}") };
            let source = format!("s/{name}");
            let first = format!("s/{group}/0");
            let there = format!("d/{name}");
            case = case.also([if at == 0 { file(source, "same").mtime(1000) } else { hard(source, first) }]);
            match kind {
                'S' => case = case.also([file(there, "same").mtime(1000)]),
                'O' => case = case.also([file(there, "older").mtime(10)]),
                'N' => case = case.also([file(there, "newer").mtime(2000)]),
                _ => case = case.also([file(format!("alt/{name}"), "same").mtime(1000)]),
            }
        }
    }
    case.same_each(options.map(|options| format!("{options} -u s/ d/")));
}
