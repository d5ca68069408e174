//! rsync(1), BATCH MODE, `--write-batch`, `--only-write-batch`, `--read-batch` (point 87). Each program writes a
//! batch in a format of its own, outside of the compared tree, and reads it back.

#![allow(clippy::disallowed_methods, reason = "looks at the files of a batch")]

use compat_tests::program::{self, Mode, Outcome, Programs, Run, Streams};
use compat_tests::*;
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A source, a destination that is older, and two that are the same as that.
fn aged() -> Case {
    let old = |name: &str| {
        vec![
            file(format!("{name}/f"), "old").mtime(5),
            file(format!("{name}/same"), "same").mtime(9),
            file(format!("{name}/longer"), "123456789").mtime(5),
            file(format!("{name}/ex/deep/y"), "y"),
            symlink(format!("{name}/link"), "elsewhere"),
            file(format!("{name}/mode"), "m").mode(0o600).mtime(9),
        ]
    };
    world(
        [
            file("s/f", "hello\n"),
            file("s/same", "same").mtime(9),
            file("s/longer", "1").mtime(7),
            file("s/big", random(3, 200_000)),
            file("s/sub/g", random(4, 66_000)),
            file("s/empty file", ""),
            file("s/mode", "m").mode(0o640).mtime(9),
            symlink("s/link", "f"),
            symlink("s/dangling", "nowhere"),
            dir("s/empty"),
            dir("e"),
        ]
        .into_iter()
        .chain(old("d"))
        .chain(old("d2")),
    )
}

/// Writes with the options, then reads with them, or others.
fn round(case: Case, write: &str, read: &str) -> Case {
    case.run(&format!("{write} --write-batch=../B s/ d/")).run(&format!("{read} --read-batch=../B d2/"))
}

#[test]
fn s87_what_was_written_is_read() {
    let options = [
        "-a",
        "-ai",
        "-av",
        "-rt",
        "-r -i",
        "-rlt -i",
        "-aic",
        "-ai --delete",
        "-av --delete --stats",
        "-ai --delete-before",
        "-ai --delete-delay",
        "-ai --delete-after",
        "-ab",
        "-abi --suffix=.old",
        "-ai --inplace",
        "-aiI",
        "-ai --size-only",
        "-aiu",
        "-ai --existing",
        "-ai --ignore-existing",
        "-aiW",
        "-aiz",
        "-aiS",
        "-ai --chmod=F600,D700",
        "-ai --max-size=1k",
        "-ai --exclude=f --delete",
        "-q",
        "-aq",
        "-ai --no-i-r",
        "-ai --append",
        "-a --out-format='%o %i %n %l %f'",
        "-a --partial-dir=.p",
        "-ai --delay-updates",
        "-d -i",
        "-a --progress",
        "-aii",
        "-a --log-file=rsync.log",
        "-ai -m",
        "-ai --numeric-ids",
        "-aiJO",
        "-aiU",
    ];
    check_all(options.map(|options| round(aged(), options, options)));
}

#[test]
fn s87_all_kinds_of_entries_and_attributes() {
    let case = world([
        file("s/a", random(1, 5000)),
        hard("s/sub/b", "s/a"),
        hard("s/z", "s/a"),
        fifo("s/fifo"),
        socket("s/sock"),
        char_dev("s/null", 1, 3),
        block_dev("s/loop", 7, 0),
        file("s/owned", "o").owner(4242, 4343).mode(0o4755),
        file("s/x", "x").xattr("user.a", "1").acl("u::rw-,u:7:r--,g::r--,m::r--,o::---"),
        dir("s/acl").default_acl("u::rwx,g::r-x,o::---").xattr("user.d", "2"),
        file("s/sparse", sparse(9_000_000, &[(4_000_000, 100_000)])),
        file("s/time", "t").mtime_ns(1_300_000_000, 123_456_789),
        symlink("s/l", "a").owner(7, 8),
        hard("s/l2", "s/l"),
        dir("d"),
        dir("d2"),
    ]);
    round(case.clone(), "-aHAXi", "-aHAXi").any_order().check();
    round(case.clone(), "-aHAXS", "-aHAXS").any_order().holes().check();
    round(case.clone(), "-aAX --numeric-ids -i", "-aAX --numeric-ids -i").check();
    round(case.clone(), "-aAX --usermap=7:20 -i", "-aAX --usermap=7:20 -i").check();
    round(case, "-a --chown=12:34 -i", "-a --chown=12:34 -i").check();
}

#[test]
fn s87_reading_sets_options_to_match() {
    let pairs = [
        ("-a", "-rv"),
        ("-rl", "-av"),
        ("-r", "-rv"),
        ("-aHAXc", "-rv"),
        ("-a", "-aHAXcvz"),
        ("-az", "-av"),
        ("-a", "-ai --no-o"),
        ("-a --inplace", "-av"),
        ("-d", "-rv"),
        ("-d", "-dv"),
        ("-a", "-avq"),
        ("-rt", "-rti"),
        ("-rlt", "-rt -i"),
        ("-ai --delete", "-ai"),
        ("-ai", "-ai --delete"),
        ("-ai --exclude=ex --delete", "-ai --delete"),
        ("-aR", "-avR"),
        ("-a", "-an"),
        ("-a", "-av --stats"),
        ("-ai", "-ai --existing"),
        ("-ai", "-ai --ignore-existing"),
        ("-ai", "-aiu"),
        ("-ai", "-aib"),
        ("-ai", "-aiI"),
        ("-ai", "-ai --chmod=F600"),
    ];
    check_all(pairs.map(|(write, read)| round(aged(), write, read)));
    round(aged(), "-a", "-a --list-only").any_order().check();
}

#[test]
fn s87_what_does_not_go_together() {
    let pairs = [
        ("-a", "-v"),
        ("-a", "-a --no-i-r"),
        ("-a", "-a --delete-before --delete"),
        ("-a", "-am"),
        ("-a", "-a --delay-updates"),
        ("-a", "-a --files-from=f"),
        ("-a", "-a --remove-source-files"),
        ("-a", "-a --write-batch=../B2"),
        ("-a", "-a --delete --no-r"),
    ];
    check_all(pairs.map(|(write, read)| round(aged(), write, read)));
    aged().same_each([
        "-a --read-batch=../nope d/",
        "-a --write-batch=../no/B s/ d/",
        "-a --write-batch=e s/ d/",
        "-n --write-batch=../nope/B -ai s/ d/",
        "-ai --only-write-batch=../nope/B -n s/ d/",
    ]);
    aged().run(&format!("-a --write-batch={} s/ d/", "x".repeat(257))).check();
}

/// A second time there is nothing left to do, and that is told.
#[test]
fn s87_skipped_updates() {
    for options in ["-ai --delete", "-av", "-aHi", "-aii", "-a --info=skip2"] {
        round(aged(), options, options).run(&format!("{options} --read-batch=../B d2/")).any_order().check();
    }
    round(aged(), "-ai", "-ai").run("-ai --read-batch=../B e").check();
}

#[test]
fn s87_destinations() {
    let written = || aged().run("-a --write-batch=../B s/ d/");
    written().run("-ai --read-batch=../B new").check();
    written().run("-ai --read-batch=../B new/").check();
    written().run("-ai --read-batch=../B no/such/new").check();
    written().run("-ai --mkpath --read-batch=../B a/new").check();
    written().run("-ai --read-batch=../B s d2").check();
    written().run("-ai --read-batch=../B d2/f").check();
    let single = || aged().run("-a --write-batch=../B s/f d/");
    single().run("-ai --read-batch=../B new").check();
    single().run("-ai --read-batch=../B new/").check();
    single().run("-ai --read-batch=../B d2/same").check();
    let named = || aged().run("-a --write-batch=../B s/sub s/f d/");
    named().run("-ai --delete --read-batch=../B d2/").check();
    named().run("-ai --read-batch=../B new").check();
    aged()
        .run("-aR --delete --write-batch=../B s/sub/g d/")
        .run("-aiR --delete --read-batch=../B d2/")
        .check();
    let listed = aged().stdin("sub/g\nf\n");
    listed.run("-a --files-from=- --write-batch=../B s/ d/").run("-aiR --read-batch=../B d2/").check();
}

/// `--only-write-batch` leaves the destination alone.
#[test]
fn s87_only_the_batch() {
    for options in ["-a", "-ai --delete", "-av --stats", "-aHv", "-avb", "-aic"] {
        let case = aged().run(&format!("{options} --only-write-batch=../B s/ d/"));
        case.run(&format!("{options} --read-batch=../B d2/")).check();
    }
    aged().run("-ai --only-write-batch=../B s/ new/").run("-ai --read-batch=../B other/").check();
    aged()
        .run("-ai --only-write-batch=../B1 --write-batch=../B s/ d/")
        .run("-ai --read-batch=../B d2/")
        .check();
    aged()
        .run("-ai --write-batch=../B1 --only-write-batch=../B s/ d/")
        .run("-ai --read-batch=../B d2/")
        .check();
}

/// What went wrong with the source goes wrong again.
#[test]
fn s87_errors_of_the_source() {
    let case = world([
        file("s/open", "1"),
        dir("s/closed").mode(0o000),
        file("s/secret", "2").mode(0o000),
        file("d/extra", "3"),
        file("d2/extra", "3"),
        file("d2/z/extra", "3"),
        file("s/z/new", "4"),
    ])
    .as_user();

    // Outside of the tree, and where that user may write.
    let batch = std::env::temp_dir().join(format!("compat-batch-of-user-{}", std::process::id()));
    let batch = batch.display();
    case.run(&format!("-rt --delete --write-batch={batch} s/ d/"))
        .run(&format!("-rti --delete --read-batch={batch} d2/"))
        .check();
    for name in [format!("{batch}"), format!("{batch}.sh")] {
        let _ = std::fs::remove_file(name);
    }
    aged().run("-a --delete --write-batch=../B nope s/ d/").run("-ai --delete --read-batch=../B d2/").check();
}

fn ran(program: &Path, dir: &Path, args: &[&str], stdin: &[u8]) -> Outcome {
    let args: Vec<OsString> = args.iter().map(Into::into).collect();
    let env = Mode::Ring.env();
    let run =
        Run { args: &args, cwd: dir, user: None, env: &env, stdin, umask: 0o022, streams: Streams::Apart };
    let scratch = dir.join("scratch");
    std::fs::create_dir_all(&scratch).unwrap();
    program::run(program, &run, &scratch)
}

fn place(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("compat-batches-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(dir.join("s/sub")).unwrap();
    std::fs::create_dir_all(dir.join("d")).unwrap();
    std::fs::write(dir.join("s/f"), "hello\n").unwrap();
    std::fs::write(dir.join("s/sub/g"), [7; 70_000]).unwrap();
    std::fs::write(dir.join("rules"), "+ keep\n- *.o\n# no rule\n").unwrap();
    std::fs::write(dir.join("list"), "f\n").unwrap();
    dir
}

/// The script has rsync's form, with the name of the program that can read the batch.
#[test]
fn s87_the_script() {
    let programs = Programs::of_this_run();
    let dir = place("script");
    for args in [
        &["-aHi", "--delete", "--write-batch=B", "s/", "d/"][..],
        &["-a", "--only-write-batch", "B", "s/", "d/"],
        &["--exclude=a b", "-f", "H it's", "-a", "--write-batch=B", "s/", "d/"],
        &["-aF", "--filter=. rules", "-C", "--write-batch=B", "s/", "d it's"],
        &["-0a", "--exclude=x", "--write-batch=B", "s/", "d/"],
        &["-ab", "--delete", "--partial-dir=.p", "--write-batch=B", "s/", "d/"],
        &["-aB", "700", "--suffix=~ a", "-e", "ssh", "--files-from", "list", "--write-batch=B", "s", "d"],
        &["s/", "-a", "--write-batch", "B", "d/", "-v", "-M--munge-links"],
        &["-a", "--exclude=new\nline", "--write-batch=B", "s/", "d/"],
        &["-a", "--write-batch=B", "--", "s/", "d/"],
        &["-a", "-f:C", "-f-C", "--exclude-from=rules", "--delete-excluded", "--write-batch=B", "s/", "d/"],
        &["-a", "-f-_x", "--copy-as=nosuch", "--write-batch=B", "s/", "d/"],
        &["-a", "--exclude=x", "-zz", "--write-batch=B", "s/", "d/"],
        &["-a", "--write-batch=B", "s/", "nope/d/"],
        &["-a", "--contimeout=5", "--write-batch=B", "s/", "d/"],
    ] {
        let script = |program: &Path| {
            for name in ["B", "B.sh"] {
                let _ = std::fs::remove_file(dir.join(name));
            }
            let code = ran(program, &dir, args, b"").code;
            let modes = ["B", "B.sh"].map(|name| {
                std::fs::metadata(dir.join(name)).ok().map(|meta| meta.permissions().mode() & 0o7777)
            });
            let text = std::fs::read_to_string(dir.join("B.sh")).unwrap_or_default();
            (code, modes, text.replace(&*program.to_string_lossy(), "PROGRAM"))
        };
        let (theirs, ours) = (script(&programs.reference), script(&programs.subject));
        assert_eq!(ours.0, theirs.0, "{args:?}");
        // rsync leaves the beginning of a script that it cannot write.
        if !args.contains(&"--exclude=new\nline") {
            assert_eq!((ours.1, &ours.2), (theirs.1, &theirs.2), "{args:?}");
        }
    }
    let _ = std::fs::remove_dir_all(&dir);
}

/// Run through the script, into another directory if one is named.
#[test]
fn s87_the_script_runs() {
    let programs = Programs::of_this_run();
    let dir = place("runs");
    let args = ["-a", "--exclude=none", "--delete", "--write-batch=B", "s/", "d/"];
    assert_eq!(ran(&programs.subject, &dir, &args, b"").code, 0);
    std::fs::create_dir(dir.join("other")).unwrap();
    std::fs::write(dir.join("other/extra"), "x").unwrap();
    let outcome = ran(Path::new("/bin/sh"), &dir, &["B.sh", "other/"], b"");
    assert_eq!((outcome.code, outcome.stderr.as_slice()), (0, &b""[..]));
    assert_eq!(std::fs::read(dir.join("other/sub/g")).unwrap(), [7; 70_000]);
    assert!(!dir.join("other/extra").exists());
    // What is to be replayed may come in on standard input.
    let batch = std::fs::read(dir.join("B")).unwrap();

    let outcome = ran(&programs.subject, &dir, &["-a", "--read-batch=-", "third"], &batch);
    assert_eq!(outcome.code, 0);
    assert_eq!(std::fs::read(dir.join("third/f")).unwrap(), b"hello\n");
    let _ = std::fs::remove_dir_all(&dir);
}

/// Nothing is done with a batch that is not whole, or not ours; rsync's exit values tell.
#[test]
fn s87_damaged_batches() {
    let programs = Programs::of_this_run();
    let dir = place("damaged");
    assert_eq!(ran(&programs.subject, &dir, &["-a", "--write-batch=B", "s/", "d/"], b"").code, 0);
    assert_eq!(ran(&programs.reference, &dir, &["-a", "--write-batch=R", "s/", "t/"], b"").code, 0);
    let whole = std::fs::read(dir.join("B")).unwrap();
    let try_it = |bytes: &[u8], code: i32, words: &str| {
        std::fs::write(dir.join("T"), bytes).unwrap();
        let outcome = ran(&programs.subject, &dir, &["-ai", "--read-batch=T", "new/"], b"");
        let said = String::from_utf8_lossy(&outcome.stderr).into_owned();
        assert_eq!(outcome.code, code, "{said}");
        assert!(said.contains(words), "{said}");
        assert!(!dir.join("new").exists(), "something was done");
    };
    try_it(b"", 12, "connection unexpectedly closed");
    for cut in [1, 7, 11, 12, 40, whole.len() / 2, whole.len() - 1] {
        try_it(&whole[..cut], 12, "is incomplete or damaged");
    }
    for place in (12..whole.len()).step_by(997) {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x10;
        std::fs::write(dir.join("T"), &bytes).unwrap();
        let outcome = ran(&programs.subject, &dir, &["-ai", "--read-batch=T", "new/"], b"");
        // Room between a record and a large file's data says nothing.
        if outcome.code == 0 {
            std::fs::remove_dir_all(dir.join("new")).unwrap();
        } else {
            assert_eq!(outcome.code, 12, "byte {place}");
        }
    }
    try_it(&std::fs::read(dir.join("R")).unwrap(), 2, "was not written by io-uring-sync");
    try_it(b"some text that is no batch\n", 2, "too new (2019914784 > 32)");
    let mut newer = whole.clone();
    newer[8] = 9;
    try_it(&newer, 2, "is too new (format 9 > 1)");
    let _ = std::fs::remove_dir_all(&dir);
}

#[test]
fn s87_a_batch_that_is_not_there_has_no_list() {
    world([dir("d")]).same_each([
        "-av --read-batch=nope d",
        "-avv --read-batch=nope d",
        "-a --read-batch=nope d",
    ]);
}
