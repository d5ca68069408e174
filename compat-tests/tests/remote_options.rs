//! rsync(1), `--remote-option`: on one machine the other side is the receiving one.

use compat_tests::*;

/// Something to change, to make, to keep and to delete.
fn trees() -> Case {
    world([
        file("s/changed", "new contents"),
        file("s/new", "new").mode(0o600).owner(7, 8),
        file("s/same", "same"),
        file("s/older", "older"),
        file("s/sub/set", "x").mode(0o4755),
        file("s/sub/more", "more"),
        dir("s/empty/inner"),
        symlink("s/safe", "same"),
        symlink("s/unsafe", "/etc"),
        fifo("s/pipe"),
        hard("s/changed2", "s/changed"),
        file("s/.rsync-filter", "P kept\n"),
        file("d/changed", "old"),
        file("d/same", "same"),
        file("d/older", "newer").mtime(1_500_000_000),
        file("d/extra", "extra"),
        file("d/kept", "kept"),
        file("d/sub/extra", "extra"),
        dir("d/gone"),
        file("alt/new", "new").mode(0o600).owner(7, 8),
        file("rules", "- extra\n"),
    ])
}

fn each(options: &str, told: &[&str]) {
    trees().same_each(told.iter().map(|told| format!("{options} {told} s/ d/")));
}

#[test]
fn what_is_kept_and_written_there() {
    let told = [
        "-M--no-p",
        "-M--no-t",
        "-M-b",
        "-M--backup-dir=kept",
        "-M--backup-dir=kept -M--suffix=.x",
        "-M-u",
        "-M--safe-links",
        "-M--munge-links",
        "-M--chmod=F600",
        "-M--drop-D",
        "-M-O",
        "-M-J",
        "-M--no-super",
        "-M--existing",
        "-M--ignore-existing",
        "-M--max-size=4",
        "-M--min-size=4",
        "-M-I",
        "-M--size-only",
        "-M-@20000000",
        "-M--inplace",
        "-M--no-W",
        "-M--fuzzy",
        "-M--fsync",
        "-M-S",
        "-M--preallocate",
        "-M--delay-updates",
        "-M--partial-dir=kept",
        "-M-T$TWIN/alt",
        "-M-Tnope",
        "-M--compare-dest=../alt",
        "-M--copy-dest=../alt",
        "-M--link-dest=../alt",
        "-M--link-dest=nope",
        "-M--no-H",
        "-M--no-specials",
        "-M--numeric-ids",
        "-M--timeout=10",
        "-M--bwlimit=10",
        "-M--stop-after=10",
    ];
    each("-aHi", &told);
    each("-rlti", &["-M-p", "-M-E", "-M--specials", "-M--chmod=F600"]);
    each("-ai", &["-M--usermap=*:9", "-M--groupmap=*:9", "-M--chown=9:10", "-M--chown=nobody"]);
    trees().same_each([
        "-ai -M--mkpath s/new d/a/b/",
        "-ai -M--suffix=.x -b s/ d/",
        "-ai --backup-dir=one -M--backup-dir=two s/ d/",
        "-rti --chmod=u=g,g=o -M--chmod=o+x s/ d/",
        "-ani -M--delete -M-b s/ d/",
    ]);
    each("-rpti --chmod=F640,u=g", &["-M--chmod=g=o", "-M--chmod=Fu+x"]);
}

#[test]
fn what_is_deleted_there() {
    let told = [
        "-M--del",
        "-M--delete",
        "-M--delete-before",
        "-M--delete-delay",
        "-M--delete-after",
        "-M--delete-excluded",
        "-M--delete -M--max-delete=1",
        "-M--delete -M--exclude=extra",
        "-M--delete -M--exclude-from=rules",
        "-M--delete -M--filter=P_extra",
        "-M--delete -M--filter=H_extra",
        "-M--delete -M--exclude=extra -M--delete-excluded",
        "-M--delete -M-F",
        "-M--force",
        "-M--ignore-errors",
        "-M--delete-missing-args",
        "-M--remove-source-files",
    ];
    each("-ai", &told);
    each("-ai --delete --exclude=extra", &["-M--include=extra", "-M--filter=!", "-M--delete-excluded"]);
    each("-ai --delete --include=extra", &["-M--exclude=extra", "-M-C"]);
}

#[test]
fn directories_are_pruned_there() {
    let case =
        world([dir("s/a/b/c"), dir("s/e"), file("s/f/g/h", "x"), dir("s/f/i/j"), file("s/f/x.o", "x")]);
    let case = case.also([dir("d/e"), dir("d/a/b")]);
    case.same_each(["-ai -M-m s/ d/", "-ai -M-m --exclude=*.o s d/", "-ai -M-m -M--delete s/ d/"]);
}

#[test]
fn what_only_the_source_looks_at_means_nothing_there() {
    each(
        "-ai",
        &[
            "-M-r -M-R -M-x -M-L -M-k",
            "-M--no-i-r -M--no-implied-dirs",
            "-M--files-from=/dev/null",
            "-M--copy-unsafe-links",
            "-M--ignore-missing-args -M-0",
            "-M-e=ssh -M--rsync-path=x -M--protocol=32 -M--trust-sender",
            "-M--stats -M-8 -M-hh -M--progress -M--outbuf=L -M--out-format=x%n",
            "-M--password-file=x -M--contimeout=10 -M--server",
            "-M-M-n",
        ],
    );
}

#[test]
fn messages_of_that_side() {
    let levels = ["-M-v", "-M--info=name", "-M--info=name2", "-M--info=skip", "-M--info=backup", "-M-q"];
    let levels = [&levels[..], &["-M--info=none", "-M-i", "-M--no-i", "-M--info=nonreg0"]].concat();
    for options in ["-a --no-D --delete -b --safe-links -u", "-ai --no-D --delete -b -u", "-aii -u"] {
        each(options, &levels);
    }
    let case = trees();
    for options in ["-av --no-D --delete -b --safe-links -u", "-avv -b -u", "-a"] {
        // From the third on, rsync tells what its processes go through.
        let told = levels.iter().filter(|told| !options.contains("vv") || **told != "-M-v");
        for told in told {
            case.clone().any_order().run(&format!("{options} {told} s/ d/")).check();
        }
    }
    case.same_each([
        "-a -M-v s/new d/e/",
        "-av -M-q s/new d/e/",
        "-a -M--info=flist2 s/ e",
        "-a -M-vv s/ d/",
    ]);
}

/// The first line tells which list it is.
#[test]
fn what_that_side_needs_of_the_list() {
    let told = ["-M--delete-before", "-M--delete-after", "-M--delete-delay", "-M--delay-updates", "-M-m"];
    let told = [&told[..], &["-M--no-i-r", "-M--qsort", "-M--no-r", "-M-d", "-M--delete"]].concat();
    each("-av --delete-excluded", &["-M--no-i-r", "-M--qsort"]);
    each("-av --no-D", &told);
    trees().same_each(["-avP -M-m s/nope d/", "-ai -v --qsort s/ d/"]);
}

#[test]
fn a_log_of_that_side() {
    each("-a", &["-M--log-file=rsync.log", "-M--log-file=rsync.log -M--log-file-format=%n_%l"]);
    each("-av --delete", &["-M--log-file=rsync.log"]);
}

#[test]
fn a_list_of_what_that_side_was_sent() {
    each("-a", &["-M--list-only"]);
    trees().same_each(["-av -M--list-only s/ d/", "-ai -M--list-only s/new e/"]);
}

#[test]
fn what_that_side_refuses() {
    each(
        "-a",
        &[
            "-M--bogus",
            "-Mx",
            "-M--append",
            "-M--inplace --partial-dir=x",
            "-M-N",
            "-M-s",
            "-M--bwlimit=x",
            "-M--max-size=x",
            "-M--chmod=bogus",
            "-M--usermap=*:5 -M--chown=6",
            "--usermap=*:5 -M--usermap=*:6",
            "-M--suffix=/",
            "-M--confine-root=x",
            "--link-dest=x -M--copy-dest=y",
            "-M-f.",
            "-M--usermap=bogus",
            "-M--delete-before --delete-after",
            "-M--detach",
            "-M--write-batch=x",
            "-M--read-batch=x",
            "-M--stop-after=-1",
            "-XX -M--fake-super",
        ],
    );
    trees().same("-t -M--delete s/new d/");
}
