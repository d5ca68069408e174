//! Options that no batch goes with, and what is refused before the files of a batch are opened (point 87).

use compat_tests::*;

/// A batch can have one checksum and one compression; others are refused once its files are there.
#[test]
fn algorithms_that_no_batch_can_have() {
    let case = world([file("s/f", "x"), dir("d")]);
    let algorithms =
        ["md4", "md5", "sha1", "xxh64", "xxhash", "none", "auto", "auto,md5", "none,md5", "MD5,md5"];
    let algorithms = algorithms.map(|name| format!("--cc={name}")).into_iter();
    let compressions = ["zstd", "lz4", "zlib", "zlibx", "none", "auto"].map(|name| format!("--zc={name}"));
    let more =
        ["-zz", "--zc=lz4 --no-z", "-z", "--cc=xxh64 -n", "--protocol=29 --cc=md5", "--protocol=29 --cc=md4"];
    for asked in algorithms.chain(compressions).chain(more.map(str::to_owned)) {
        case.clone().same(&format!("-a {asked} --write-batch=../B s/ d/"));
        case.clone().same(&format!("-a {asked} --only-write-batch=nope/B s/ d/"));
    }
    for list in ["sha1", "md5", "xxh64 md5"] {
        let case = case.clone().env("RSYNC_CHECKSUM_LIST", list);
        case.same("-a --out-format=%C --write-batch=../B s/ d/");
    }
}

/// The files of a batch are opened before operands are looked at, and after the options were understood.
#[test]
fn what_comes_before_a_batch_is_opened() {
    let case = world([file("s/f", "x"), file("pw", "x")]);
    let refused = [
        "--password-file=pw",
        "--contimeout=3",
        "--files-from=a:b",
        "--iconv=bogus",
        "--stop-at=2001-01-01",
        "--confine-root=x",
        "--stop-at=2001-01-01 --confine-root=x",
        "-f bogus",
        "--exclude-from=nope",
    ];
    for options in refused {
        for batch in ["--write-batch=nope/B", "--only-write-batch=nope/B", "--read-batch=nope/B"] {
            case.clone().same(&format!("-a {options} {batch} s/ d"));
        }
    }
    case.clone().same_each(["--read-batch=s s/ d", "--password-file=- --read-batch=nope d"]);
    let removing =
        ["--remove-source-files", "--remove-sent-files", "--remove-sent-files --remove-source-files"];
    case.clone().same_each(removing.map(|options| format!("-a {options} --read-batch=nope d")));
    case.same_each(["--stop-at=2001-1-1 --bogus s/ d", "-f bogus --bogus s/ d"]);
}

/// What counts as created or transferred is what was so when the batch was written.
#[test]
fn numbers_are_those_of_the_first_run() {
    let old = |name: &str| file(name, "x").mtime(1_500_000_000);
    let case = world([old("s/same"), old("d2/same"), file("s/new", "y"), symlink("s/l", "a"), dir("s/sub")])
        .also([symlink("d2/l", "a"), dir("d2/sub"), old("s/old"), old("d/old"), old("d2/old")]);
    for options in ["-a", "-rl", "-ai", "-aii"] {
        let case = case.clone().run(&format!("{options} --stats --write-batch=../B s/ d/"));
        case.run(&format!("{options} --stats --read-batch=../B d2/")).check();
    }
    let case = world([dir("s"), dir("d2")]).run("-ri --stats --write-batch=../B s/ d/");
    case.run("-ri --stats --read-batch=../B d2/").run("-ri --stats --read-batch=../B d3/").check();
}

/// A batch tells that its list lacks something, also where that is in a directory that was left out.
#[test]
fn a_link_without_referent_in_a_pruned_directory() {
    let case = world([symlink("s/sub/l", "/nonexistent"), file("d2/extra", "x"), file("s/f", "y")]);
    for options in ["-am --copy-unsafe-links", "-a --copy-unsafe-links", "-amL"] {
        let case = case.clone().run(&format!("{options} --write-batch=../B s/ d/"));
        case.run(&format!("{options} --delete --read-batch=../B d2/")).check();
    }
}

/// Sources cannot go where there are none, by either name.
#[test]
fn sources_cannot_go_as_a_batch_is_read() {
    let case = world([file("s/f", "x"), dir("d2")]).run("-a --write-batch=../B s/ d/");
    for option in
        ["--remove-sent-files", "--remove-source-files", "--remove-sent-files --remove-source-files"]
    {
        case.clone().same(&format!("-a {option} --read-batch=../B d2/"));
    }
}
