//! rsync(1), `--sparse` and `--inplace` (points 35 and 42).

use compat_tests::alone::Alone;
use compat_tests::program::Mode;
use compat_tests::*;

/// The last block of a file, which may not be a whole one, is a hole as well where it has only zeros.
#[test]
fn s42_zeros_at_the_end_of_what_was_longer() {
    let zeros = |bytes: usize| "\0".repeat(bytes);
    let full = |bytes: usize| "x".repeat(bytes);
    let case = world([
        file("s/zeros", zeros(300_000).as_str()),
        file("s/one", zeros(1).as_str()),
        file("s/tail", [full(9000), zeros(99_000)].concat().as_str()),
        file("s/full", full(10_000).as_str()),
        file("d/zeros", random(1, 400_000)),
        file("d/one", random(2, 9)),
        file("d/tail", random(3, 400_000)),
        file("d/full", random(4, 20_000)),
    ]);
    case.holes().same_each(["-aS --inplace s/ d", "-rS --inplace --no-W s/ d", "-aS s/ d"]);
}

fn sparse_files() -> Tree {
    let block = 4096;
    tree([
        file("s/holes", sparse(2 << 20, &[(0, block), (1 << 20, 3 * block)])),
        file("s/all-hole", sparse(1 << 20, &[])),
        file("s/ends-in-hole", sparse((1 << 20) + 77, &[(0, 10)])),
        file("s/starts-with-hole", sparse(1 << 19, &[((1 << 19) - 5, 5)])),
        file("s/zeros", Content::Zeros(1 << 20)),
        file("s/odd-zeros", Content::Zeros(100_003)),
        file("s/data", random(4, 100_000)),
        file("s/short", "x"),
        file("s/empty", ""),
        file("s/unaligned", sparse(500_000, &[(1000, 3000), (100_100, 50), (400_000, 99_999)])),
    ])
}

#[test]
fn s42_first_copy() {
    let case = Case::new(sparse_files()).holes();
    case.clone().same_each([
        "-aS s/ d/",
        "-aSi s/ d/",
        "-a --sparse s/ d/",
        "-aS --inplace s/ d/",
        "-aSv s/zeros new",
    ]);
    case.clone().as_user().same_each(["-aSi s/ d/"]);
    case.run("-aSi s/ d/").run("-aSi s/ d/").check();
}

#[test]
fn without_sparse_the_contents_are_the_same() {
    Case::new(sparse_files()).same_each([
        "-ai s/ d/",
        "-ai --inplace s/ d/",
        "-aiW s/ d/",
        "-a --stats s/ d/",
    ]);
}

#[test]
fn s42_holes_over_old_data() {
    let mut tree = sparse_files();
    for name in ["holes", "all-hole", "zeros", "starts-with-hole", "unaligned", "short", "empty"] {
        tree.insert(file(format!("d/{name}"), random(9, 700_000)));
    }
    let case = Case::new(tree).holes();
    case.clone().same_each(["-aSi s/ d/", "-aSi --inplace s/ d/", "-aSi --inplace --no-W s/ d/"]);
    case.same_each(["-ai s/ d/", "-aSi --no-W s/ d/"]);
}

#[test]
fn s35_in_place() {
    let case = world([
        file("s/shrinks", "short"),
        file("d/shrinks", random(1, 50_000)),
        file("s/grows", random(2, 50_000)),
        file("d/grows", "short"),
        file("s/ro", "new").mode(0o444),
        file("d/ro", "older").mode(0o444),
        hard("d/other-name", "d/grows"),
        file("s/new", "n"),
        file("s/equal-size", "abc"),
        file("d/equal-size", "xyz"),
    ]);
    let commands =
        ["-ai --inplace s/ d/", "-ai --inplace --no-W s/ d/", "-ri --inplace s/ d/", "-aiS --inplace s/ d/"];
    case.clone().same_each(commands);
    case.clone().same_each(["-a --inplace --partial s/ d/", "-ai --partial s/ d/", "-ai --inplace -n s/ d/"]);
    case.as_user().same_each(commands);
}

#[test]
fn holes_within_old_data_of_odd_length() {
    let mut case = world([]).holes();
    for (number, old) in [0_u64, 5, 4096, 70_001, 1_000_003, 3 << 20].into_iter().enumerate() {
        let new = sparse((1 << 20) + 77, &[(0, 10), (300_000, 5000), (900_000, 100)]);
        case = case.also([
            file(format!("s/f{number}"), new),
            file(format!("d/f{number}"), random(9, old)),
            file(format!("s/end{number}"), sparse(500_000, &[(0, 200_000)])),
            file(format!("d/end{number}"), random(8, old)),
        ]);
    }
    case.same_each(["-aSi --inplace s/ d/", "-aSi s/ d/", "-aSi --inplace --no-W s/ d/"]);
}

/// A source that has less than its size says, such as one that is cut off meanwhile, has no hole where the rest should
/// be: rsync fails the file.
#[test]
fn what_is_missing_at_the_end_is_no_hole() {
    let short = "/sys/kernel/uevent_seqnum";
    let rsync = Alone::new(&tree([]), None).rsync("", &format!("-aS {short} d/"));
    for mode in Mode::of_this_run() {
        for options in ["-aS", "-aS --io=syscalls", "-aS --inplace", "-a --no-W", "-a --preallocate"] {
            let alone = Alone::new(&tree([]), None);
            let ran = alone.ours(mode, "", &format!("{options} {short} d/"));
            assert_eq!(ran.outcome.code, rsync.outcome.code, "{options}");
            let told = String::from_utf8_lossy(&ran.outcome.stderr).into_owned();
            assert!(
                told.contains(&format!("read errors mapping \"{short}\": No data available (61)")),
                "{told}"
            );
            let kept = alone.dir().join("d/uevent_seqnum");
            assert_eq!(kept.exists(), options.contains("inplace"), "{options}");
            assert!(std::fs::metadata(kept).map_or(0, |kept| kept.len()) < 100, "{options}");
        }
    }
}

/// Zeros that stay where they are become holes in place, be they found in blocks smaller than those of the file system.
#[test]
fn s42_zeros_that_stay_in_place() {
    let zeros = |bytes| "\0".repeat(bytes);
    let full = |bytes| "x".repeat(bytes);
    let mut case = world([]).holes();
    for old in [5000, 70_000, 699_050] {
        let half = [full(40_000), zeros(30_000)].concat();
        case = case.also([
            file(format!("s/zeros{old}"), zeros(699_050)),
            file(format!("d/zeros{old}"), zeros(old)),
            file(format!("s/half{old}"), [half.clone(), full(10), zeros(300_000)].concat()),
            file(format!("d/half{old}"), [half, zeros(old)].concat()),
        ]);
    }
    let blocks = ["", "-B 700", "-B 1000", "-B 4096", "-B 5000"];
    case.same_each(blocks.map(|block| format!("-rSI --inplace --no-W {block} s/ d/")));
}
