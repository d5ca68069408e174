//! rsync(1), OPTIONS: what trying every option in turn found, with values of all kinds.

use compat_tests::*;

fn some() -> Case {
    world([
        file("s/f", "new").mtime(1_400_000_000),
        file("s/sub/g", "g").mtime(1_400_000_000),
        file("d/f", "old").mtime(1_300_000_000),
    ])
}

#[test]
fn words_of_the_daemon() {
    some().same_each([
        "-ai --detach s/ d/",
        "-ai --no-detach s/ d/",
        "-ai --config=x s/ d/",
        "-vi --dparam=x s/ d/",
        "-v4 --config=x s/ d/",
        "--dparam x",
        "--config=x -Mx -v6 s/ d/",
        "--config=x -M",
        "--config=x --port",
        "--config=x --port=x",
        "--config=x --port x",
        "--config=x --bwlimit=1 --no-verbose",
        "--config=x --verbose=3",
        "--config=x -v=3",
        "--config --archive",
        "--config=x -- -a",
        "--config=x - -a",
        "-v --port=3 --config=x s/ d/ -a",
        "--archive=3 --config=x s/ d/",
    ]);
}

#[test]
fn flags_that_may_have_a_value_with_us() {
    some().same_each(["-ai --sparse=1 s/ d/", "-ai --sparse= s/ d/", "-ai --sparse=yes s/ d/"]);
}

#[test]
fn a_list_of_files_that_is_a_directory() {
    some().same_each([
        "-ai --files-from=s s/ d/",
        "-av --files-from=s s/ new/",
        "-av --delete --files-from=d s d",
        "-q --files-from=s s/ d/",
        "-a --files-from=s nope/ d/",
        "-a --files-from=s s/f d/",
    ]);
}

#[test]
fn batches_that_cannot_be_written() {
    some().same_each([
        "-av --write-batch= s/ new/",
        "-av --only-write-batch= s/ new/",
        "-av --write-batch=nope/B s/ new/",
        "-ai --write-batch=d s/missing new/",
        "-av --write-batch=d -f x s/ new/",
        "-av --copy-as=nobody --write-batch=d s/ new/",
        "-av --write-batch=d s/ no/where/",
    ]);
}

#[test]
fn batches_that_are_none() {
    let file_of = |name: &str, version: u8| file(name, [1, 0, 0, 0, version, 0, 0, 0, b'x', b'y'].as_slice());
    let case = some().also([
        file("text", "some text that is no batch\n"),
        file("short", "text"),
        file("empty", ""),
        file_of("new", 33),
        file_of("old", 19),
    ]);
    case.same_each(
        ["d", "/dev/null", "text", "short", "empty", "new", "old"]
            .map(|batch| format!("-av --read-batch={batch} d/")),
    );
}

#[test]
fn rules_end_at_a_zero_byte() {
    let case = some().also([
        file("s/a", "a"),
        file("s/b", "b"),
        file("lines", "- a\0x\n\0- b\n- sub\0\n"),
        file("words", "-_a\0x -_b\0 -_sub\0"),
    ]);
    case.same_each([
        "-ai --exclude-from=lines s/ d/",
        "-ai --include-from=lines s/ d/",
        "-ai -f '.w words' s/ d/",
    ]);
}

/// A changed file, two that the destination has, one of these with another mode there, and other kinds of entries.
fn kinds(other_mode: &str) -> Case {
    let same = ["b", "c"].map(|name| file(format!("d/{name}"), name).mtime(1_400_000_000));
    let same = same.map(|it| if it.path.ends_with(other_mode.as_bytes()) { it.mode(0o600) } else { it });
    world([
        file("s/a", "new").mtime(1_400_000_000),
        file("s/b", "b").mtime(1_400_000_000),
        file("s/c", "c").mtime(1_400_000_000),
        symlink("s/l", "x"),
        fifo("s/p"),
        file("s/q/f", "f"),
        dir("s/q/w"),
        file("d/a", "old").mtime(1_300_000_000),
        file("d/old/z", "z"),
    ])
    .also(same)
}

/// What the receiving side logs by itself is what it does and what fails there.
#[test]
fn a_log_file_of_the_receiving_side() {
    let case = kinds("b");
    for options in [
        "-a",
        "-av",
        "-avv",
        "-aii",
        "-ain",
        "-ai --delete",
        "-a --max-delete=0 --delete",
        "-a --log-file-format=%n",
        "-a -M--log-file-format=%o_%n",
        "-a -M--log-file-format=%i_%o_%n",
        "-aq",
        "-a --progress",
    ] {
        let args = format!("{options} -M--log-file=rsync.log s/ d/");
        let closed = [file("s/unread", "u").mode(0), dir("s/closed").mode(0)];
        case.clone().also(closed).as_user().same(&args);
        case.clone().also([file("d/p/in", "in")]).same(&args.replace("-aq", "-a"));
    }
    case.same("-M--log-file=rsync.log s/q s/a d/");
}

/// Before protocol 30 deletions come before the transfer; before 29 the sender knows of no more than data; before 25
/// both sides complain.
#[test]
fn old_protocols() {
    let case = kinds("c").also([hard("s/b2", "s/b")]);
    for options in [
        "-ai",
        "-ain",
        "-aii",
        "-av",
        "-avi",
        "-avvi",
        "-avO",
        "-rv",
        "-aHi",
        "-aHv",
        "-ai -b",
        "-aci",
        "-ai --link-dest=../s",
        "-ai --copy-dest=../s",
        "-a --out-format=%o_%i_%n_%l_%L",
        "-a --info=name -i",
        "-ai --log-file=rsync.log",
        "-avi --log-file=rsync.log",
        "-ai --delete",
        "-ain --delete",
        "-ai --delete-excluded --exclude=a",
        "-avi --existing",
    ] {
        let all = [28, 29, 25].map(|protocol| format!("{options} --protocol={protocol} s/ d/"));
        case.clone().any_order().same_each(all);
    }
    case.same_each(["-a --protocol=20 s/ d/", "-ai --protocol=24 s/ d/", "-aq --protocol=24 s/ d/"]);
}

#[test]
fn values_with_odd_characters() {
    let odd = |text: &str| -> Vec<std::ffi::OsString> {
        let bytes = text.replace('?', "\u{1}").replace('!', "\t").into_bytes();
        vec![
            std::os::unix::ffi::OsStringExt::from_vec([bytes, vec![0xff]].concat()),
            "s/".into(),
            "d/".into(),
        ]
    };
    for option in [
        "--max-size=?",
        "--stop-after=",
        "--stop-at=x",
        "--bwlimit=?!",
        "--stderr=",
        "--info=",
        "--cc=",
        "--zl=",
        "--suffix=/",
        "--chmod=\\#012",
        "--nonsense",
    ] {
        some().run_args(odd(option)).check();
    }
}

#[test]
fn what_is_sent_to_the_receiving_side_of_batches() {
    some().same_each([
        "-a -M--fake-super --write-batch=$TWIN/../B s/ d/",
        "-av -M--numeric-ids --write-batch=$TWIN/../B s/ d/",
    ]);
}

/// A destination that is its own alternate one: directories are told against what they were made as.
#[test]
fn a_destination_beside_itself() {
    let case = world([
        file("s/n755/k/f", "f"),
        dir("s/n700").mode(0o700),
        dir("s/n750").mode(0o750),
        dir("s/owned").owner(5, 7),
        dir("s/x").xattr("user.a", "1"),
        dir("s/e"),
        dir("d/e"),
        file("d/old/f", "f"),
    ]);
    for basis in ["--link-dest=", "--copy-dest=.", "--compare-dest=../d"] {
        let options = [
            "-ai",
            "-aXi",
            "-rti",
            "-ri",
            "-ai --no-i-r",
            "-ain",
            "-aiO",
            "-ai --stats",
            "-ai --delete",
            "-rpi",
        ];
        case.clone().same_each(options.map(|options| format!("{options} {basis} s/ d/")));
        case.clone().same(&format!("-ai {basis} s d/"));
    }
    case.as_user().same("-ai --link-dest= s/ d/");
}
