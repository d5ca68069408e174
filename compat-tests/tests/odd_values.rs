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
    some().same("-i -T file s/ d/");
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
