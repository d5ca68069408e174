//! rsync(1), `--no-whole-file`, `--block-size`, `--fuzzy`, and what updates start from (points 38, 61, 91): the
//! same files, the same statistics.

use compat_tests::*;

const OLD: i64 = 1_400_000_000;

/// Bytes that do not repeat.
fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut rng = rng::Rng::new(seed);
    (0..bytes).map(|_| rng.below(256) as u8).collect()
}

fn bytes(content: Vec<u8>) -> Content {
    Content::Bytes(content)
}

/// Old and new contents: what was put in, left out, moved, repeated.
fn edits() -> Vec<(&'static str, Vec<u8>, Vec<u8>)> {
    let a = noise(1, 70_000);
    let big = noise(2, 700_000);
    let x = noise(3, 700);
    let changed = |at: usize, with: &[u8]| [&big[..at], with, &big[at + with.len()..]].concat();
    vec![
        ("same", a.clone(), a.clone()),
        ("block-before", a.clone(), [&x[..], &a].concat()),
        ("bytes-between", a.clone(), [&a[..35_000], b"zz", &a[35_000..]].concat()),
        ("bytes-less", a.clone(), a[100..].to_vec()),
        ("halves", a.clone(), [&a[35_000..], &a[..35_000]].concat()),
        ("twice", a.clone(), [&a[..], &a].concat()),
        ("changed", big.clone(), changed(300_000, b"0123456789")),
        ("changed-at-ends", big.clone(), [b"q", &changed(1, b"q")[1..699_999], b"q"].concat()),
        ("other", a.clone(), noise(4, 100_000)),
        ("zeros", vec![0; 500_000], [&vec![0; 300_000][..], &a, &[0; 200_000]].concat()),
        ("longer", a[..30_000].to_vec(), a.clone()),
        ("shorter", a.clone(), a[..30_000].to_vec()),
        ("tiny", a.clone(), a[..300].to_vec()),
        ("empty", a.clone(), Vec::new()),
        ("from-empty", Vec::new(), a.clone()),
        ("short-end", a[..701].to_vec(), [&x[..], &a[700..701]].concat()),
    ]
}

fn updates() -> Case {
    world(edits().into_iter().flat_map(|(name, old, new)| {
        [file(format!("s/{name}"), bytes(new)), file(format!("d/{name}"), bytes(old)).mtime(5)]
    }))
}

/// With the counters and sizes that rsync prints for each file.
const TOLD: &str = "--stats -v --debug=deltasum '--out-format=%i %n %l %b %c'";

#[test]
fn what_is_there_is_found() {
    let forms =
        ["", "--inplace", "-S", "-S --inplace", "-b", "--inplace -b", "-B 500", "--inplace -B 2K", "-W"];
    updates().same_each(forms.map(|form| format!("-a --no-W {TOLD} {form} s/ d/")));
    updates().same_each([
        "-ai --no-whole-file s/ d/",
        "-ain --no-W --stats s/ d/",
        "-rci --no-W --stats s/ d/",
    ]);
    updates()
        .same_each(["-a --no-W -I --backup-dir=../bak --stats s/ d/", "-ah --no-W --stats s/same s/other d"]);
    // Small blocks, of which many look alike.
    updates()
        .same_each(["-ai --no-W -B 8 --stats s/ d/", "-ai --no-W -B 1 --stats --inplace s/tiny s/longer d"]);
}

#[test]
fn blocks_are_limited_in_size() {
    updates().same_each([
        "-a --no-W -B 131073 s/ d/",
        "-a -B 1000000 s/ d/",
        "-a --no-W -B 131072 --stats s/ d/",
    ]);
    // Before protocol 30 they may be larger.
    updates().same_each(
        ["--protocol=29 -B 1m", "-B 1m --protocol=29", "--protocol=29 -B 512m+1", "--protocol=29 -B 131073"]
            .map(|options| format!("-a --no-W {options} s/ d/")),
    );
}

#[test]
fn holes_stay_holes() {
    let case = world([
        file("s/hole", sparse(3 << 20, &[(1 << 20, 5000), (2 << 20, 70_000)])),
        file("d/hole", sparse(3 << 20, &[(1 << 20, 5000), (2 << 20, 60_000)])).mtime(5),
        file("s/cut", sparse(2 << 20, &[(0, 5000)])),
        file("d/cut", random(5, 2 << 20)).mtime(5),
        file("s/zeros", Content::Zeros(1 << 20)),
        file("d/zeros", random(6, 1 << 20)).mtime(5),
    ]);
    case.holes().same_each(["-aSi --no-W --stats s/ d/", "-aSi --no-W --inplace --stats s/ d/"]);
}

#[test]
fn in_place_other_names_see_the_change() {
    let case = updates().also([hard("d/more-changed", "d/changed"), hard("d/more-same", "d/same")]);
    case.clone().same_each([
        "-ai --no-W --inplace s/ d/",
        "-ai --no-W s/ d/",
        "-aHi --no-W --inplace --stats s/ d/",
    ]);
    case.run("-ai --no-W --inplace s/ d/").run("-ai --no-W -I --inplace --stats s/ d/").check();
}

/// What an earlier run left, and alternate destinations, beside or instead of the destination's own file.
fn bases() -> Case {
    let a = noise(1, 70_000);
    let new = [&noise(3, 700)[..], &a].concat();
    world([
        file("s/old", bytes(new.clone())),
        file("d/old", bytes(a[..35_000].to_vec())).mtime(5),
        file("s/new", bytes(new.clone())),
        file("s/sub/new", bytes(new.clone())),
        file("alt/old", bytes(a.clone())).mtime(6),
        file("alt/new", bytes(a.clone())).mtime(6),
        file("alt/sub/new", bytes(a.clone())).mtime(6),
        file("d/.p/old", bytes(new[..40_000].to_vec())).mtime(7),
        file("d/.p/new", bytes(a.clone())).mtime(7),
        file("d/sub/.p/new", bytes(new)).mtime(7),
        file("d/.~tmp~/new", bytes(a[..7000].to_vec())).mtime(8),
        dir("d/.p/sub"),
    ])
}

#[test]
fn s38_partial_files_are_continued() {
    bases().same_each(
        ["--partial-dir=.p", "--delay-updates", "--partial-dir=../alt", "--partial-dir=.p -b"]
            .map(|form| format!("-a --no-W {TOLD} {form} s/ d/")),
    );
    bases().same_each(["-ain --no-W --partial-dir=.p s/ d/", "-ai --no-W --partial s/ d/"]);
    bases().env("RSYNC_PARTIAL_DIR", ".p").same("-ai --partial --no-W --stats s/ d/");
    let kinds = bases().also([dir("d/.p/old"), symlink("d/.p/new", "../../s/new"), file("d/sub/.p/new", "")]);
    kinds.same("-ai --no-W --stats --partial-dir=.p s/ d/");
}

#[test]
fn s61_updates_start_from_alternate_destinations() {
    for kind in ["compare", "copy", "link"] {
        bases().same_each(["", "--inplace", "--partial-dir=.p", "-c", "-W"].map(|form| {
            format!("-a --no-W {TOLD} {form} --exclude=.p --exclude=.~tmp~ --{kind}-dest=../alt s/ d/")
        }));
    }
}

#[test]
fn without_permission_nothing_is_compared() {
    let case = world([
        file("s/g", "new"),
        file("d/g", "older").mode(0),
        file("s/h", "new"),
        file("alt/h", "older").mode(0),
        file("s/i", "new and more"),
        file("d/i", "new").mode(0),
        file("s/j", "new"),
        file("d/.p/j", "older").mode(0),
    ]);
    case.as_user().same_each([
        "-ai --no-W --stats s/ d/",
        "-ain --no-W s/ d/",
        "-ai --no-W --inplace s/ d/",
        "-ai --no-W --copy-dest=../alt s/ d/",
        "-ai --no-W --link-dest=../alt --partial-dir=.p s/ d/",
        "-ai --append s/ d/",
        "-ai --append-verify s/ d/",
        "-ai -W --copy-dest=../alt s/ d/",
    ]);
}

/// Missing files, and others that may be older versions of them.
fn renamed() -> Case {
    let a = noise(1, 70_000);
    let part = |parts: usize| bytes(a[..parts * 700].to_vec());
    let wanted = ["report-2024.txt", "a.tar.gz", "notes", "moved", ".hidden", "sub/x.c", "kept"];
    let mut case = world(wanted.map(|name| file(format!("s/{name}"), bytes(a.clone())).mtime(1_400_000_000)));
    let names = [
        "report-2023.txt",
        "report-2022.txt",
        "report.txt",
        "eport-2024.txt",
        ".report-2024.txt",
        "a.tar.bz2",
        "b.tar.gz",
        "notes.txt",
        "notes~",
        "note.bak",
        "hidden",
        "sub/x.c~",
        "sub/x.h",
        "kept",
        "totally different",
        "sub/y.c.orig",
        "alike/report-2024.txt",
    ];
    for (index, name) in names.iter().enumerate() {
        case = case.also([file(format!("d/{name}"), part(index + 3)).mtime(9)]);
        case = case.also([file(format!("alt/{name}1"), part(index + 30)).mtime(9)]);
    }
    case.also([
        file("d/some-name", bytes(a.clone())).mtime(1_400_000_000),
        file("d/empty-report-2024.txt", ""),
        dir("d/reports-2024.txt"),
        symlink("d/rep0rt-2024.txt", "report.txt"),
    ])
}

#[test]
fn similar_files_are_found() {
    renamed().same_each(
        [
            "",
            "-y",
            "-y -y --copy-dest=../alt",
            "-y --inplace",
            "-y -@3",
            "-y -I",
            "-y --no-y",
            "-y --delete-after",
        ]
        .map(|form| format!("-a --no-W -y {form} {TOLD} s/ d/")),
    );
    renamed().same_each([
        "-ai --no-W -y --delete --stats s/ d/",
        "-ai --no-W --fuzzy --delete-delay --stats s/ d/",
        "-ai --no-W -yy --link-dest=../alt --stats s/ d/",
        "-ain --no-W -y s/ d/",
        "-ai --no-W -y --stats s/ new/",
        "-ai --no-W -y --partial-dir=.p --stats s/report-2024.txt d/sub/",
        "-ai --no-W -y --stats s/report-2024.txt d/report-2025.txt",
    ]);
}

#[test]
fn s61_a_new_file_has_the_mode_of_a_similar_one_without_p() {
    let case = world([file("s/abc.txt", "new").mode(0o444), file("d/abd.txt", "other").mode(0o4777)]);
    case.same_each([
        "-ai -y s/ d/",
        "-ai -y --no-W s/ d/",
        "-rlti -y s/ d/",
        "-rlti -yy --no-W s/ d/",
        "-ry --out-format='%b %n' s/ d/",
        "-ryE s/ d/",
    ]);
}

#[test]
fn beginnings_that_differ_are_mended_block_by_block() {
    let a = noise(1, 70_000);
    let case = world([
        file("s/bad", bytes(a.clone())),
        file("d/bad", bytes([b"xxx", &a[3..35_000]].concat())).mtime(7),
        file("s/good", bytes(a.clone())),
        file("d/good", bytes(a[..35_000].to_vec())).mtime(7),
    ]);
    case.any_order().same_each([
        "-a --append-verify --stats -v --debug=deltasum s/ d/",
        "-ai --append-verify -b --stats s/ d/",
        "-ai --append --stats -v --debug=deltasum s/ d/",
        "-ai --append-verify -B 1000 --stats s/ d/",
    ]);
}

/// What rsync does with a similar file that is longer, or that stands beside another name of an old file, it does at the
/// cost of the user.
#[test]
fn similar_files_that_lead_astray() {
    world([file("s/x", "abcd"), file("d/f1", "\0".repeat(33_000).as_str())])
        .known("longer similar file: line")
        .known("longer similar file: what is copied")
        .same("-ai --append -yy s/ d/");
    // A new name of an old file beside which a similar one stands: it is sent anew, and no link to the old one.
    world([
        file("s/docs/a", random(1, 5000)).mtime(OLD),
        file("s/0/hare", random(2, 5000)).mtime(OLD),
        hard("s/0/hard", "s/docs/a"),
        file("d/1/docs/a", random(1, 5000)).mtime(OLD),
        file("d/1/0/hare", random(2, 5000)).mtime(OLD),
    ])
    .same("-aHiyy --link-dest=../1 s/ d/2/");
}

/// A similar file is one whose name is like the source's, also where the file gets another name.
#[test]
fn files_that_are_similar_to_the_name_of_the_source() {
    let case =
        world([file("s/file.txt", "new"), file("d/c", "c").mode(0o777), file("d/file.txu", "u").mode(0o700)]);
    let names = ["d/sub", "d/file.tx1", "d/", "d/c2"];
    case.clone().same_each(names.map(|name| format!("-yi s/file.txt {name}")));
    case.same_each(names.map(|name| format!("-yi --no-W s/file.txt {name}")));
}
