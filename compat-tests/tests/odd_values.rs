//! rsync(1), OPTIONS: values that say nothing, or not what was meant, and what the log has of runs that are refused.

use compat_tests::*;

fn some() -> Case {
    world([
        file("s/f", "new").mtime(1_400_000_000),
        file("s/sub/g", "g").mtime(1_400_000_000),
        file("d/f", "old").mtime(1_300_000_000),
        file("d/file", "no directory"),
        dir("d/closed").mode(0o300),
    ])
}

#[test]
fn a_temporary_directory_that_is_none() {
    for dir in ["''", "file", "file/x", "nope"] {
        some().same_each([format!("-ai -T {dir} s/ d/"), format!("-ain -T {dir} s/ d/")]);
        some().as_user().same(&format!("-ai -T {dir} s/ d/"));
    }
    // What may not be listed may be written to.
    some().as_user().same("-ai --inplace -T closed s/ d/");
}

#[test]
fn lists_without_a_name() {
    some().same_each([
        "-ai --exclude-from= s/ d/",
        "-ai --include-from= --exclude=f s/ d/",
        "-ai --files-from= s/ d/",
        "-ai --insecure-links --files-from= s/ d/",
        "-ai --read-batch= d/",
        "-ai --write-batch= s/ d/",
        "-ai --log-file=rsync.log --read-batch=nope d/",
    ]);
}

#[test]
fn a_destination_that_begins_like_an_option() {
    some().same_each(["-ai -- s/ -new", "-ai -- s/f -new", "-ain -- s/ --new", "-ai --mkpath -- s/ -new/er"]);
}

#[test]
fn existing_makes_no_destination_in_a_dry_run() {
    some().same_each([
        "-ain --existing s/ new",
        "-anv --existing s/ new/",
        "-anvv --existing s/ new/",
        "-ain --existing --stats --delete s/ new/",
        "-ain --existing s new/",
        "-ain --existing --ignore-existing s/ new/",
    ]);
}

#[test]
fn protocols_of_another_kind() {
    some().same_each(["-ai --protocol=41 s/ d/", "-ai --protocol=99 s/ d/"]);
}

#[test]
fn the_log_has_what_refused_a_run() {
    some().same_each([
        "-a --log-file=rsync.log --nonsense s/ d/",
        "-a --nonsense --log-file=rsync.log s/ d/",
        "-aq --log-file=rsync.log --nonsense s/ d/",
        "-a --log-file=none --log-file=rsync.log --nonsense s/ d/",
        "-a --log-file=rsync.log --log-file= --nonsense s/ d/",
        "-a --log-file=nope/log --nonsense s/ d/",
        "-a --log-file=rsync.log --max-size=x s/ d/",
        "-a --max-size=x --log-file=rsync.log s/ d/",
        "-a --log-file=rsync.log --info=nonsense s/ d/",
        "-a --log-file=rsync.log --chmod=nonsense s/ d/",
        "-a --log-file=rsync.log --crtimes s/ d/",
        "-a --log-file=rsync.log --inplace --delay-updates s/ d/",
        "-a --log-file=rsync.log --compress-choice=x s/ d/",
        "-a --log-file=rsync.log --password-file=x s/ d/",
        "-a --log-file=rsync.log '' d/",
        "-a --log-file=rsync.log -M--nonsense s/ d/",
        "--log-file=rsync.log --delete s/ d/",
    ]);
}

#[test]
fn moments_to_stop_at() {
    let moments = "T23:59 2099-12-31T 28t 1/1/1 01-1-1 25-12-31 2000-1-1 99999-1-1 9999-12-31 :1:30 ::1 T:5 1T1 2100-2-29 2099-2-31 99/4/31 2099-2-32 4-31";
    some().same_each(moments.split(' ').map(|moment| format!("-ain --stop-at={moment} s/ d/")));
    some().same("-ai --contimeout=-1 s/ d/");
}

#[test]
fn names_in_lists_end_at_a_nul() {
    for list in ["f\0sub/g\0", "f\0sub/g\n", "f\nsub/g\0", "\0f\n", "f\0\nsub/g"] {
        some().stdin(list).same("-ai --files-from=- s/ new");
        some().stdin(list).same("-ai --files-from=- -0 s/ new");
    }
}

#[test]
fn only_what_goes_counts_against_max_delete() {
    let case = world([
        file("s/a", "x"),
        dir("s/s"),
        file("d/a", "x"),
        file("d/g/x", "x"),
        file("d/g/y/z", "z"),
        file("d/e", "e"),
        file("d/s/m", "m"),
    ]);
    for most in 0..7 {
        case.clone().same_each(
            ["-ab", "-a", "-a -f 'P z'", "-ab --suffix=.b"]
                .map(|options| format!("{options} --max-delete={most} -i --delete s/ d/")),
        );
    }
}
