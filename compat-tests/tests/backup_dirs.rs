//! rsync(1), `--backup-dir` (point 58): backups that come to lie among what is copied, and what their directories get.

use compat_tests::*;

const OLD: i64 = 1_400_000_000;

/// A backup that comes to lie where the source has a file of that name is kept in its turn, and not lost.
#[test]
fn backups_among_what_is_copied() {
    let case = world([
        file("s/a", "new"),
        file("s/b", "new b"),
        file("s/sub/a", "sub a"),
        file("s/sub/b", "sub b"),
        file("d/a", "old"),
        file("d/b", "old b"),
        file("d/sub/c", "c"),
    ]);
    for options in ["-a --backup-dir=sub", "-a --backup-dir=./sub/", "-aS --backup-dir=sub --suffix=~"] {
        case.clone().same(&format!("{options} s/ d/"));
    }
}

/// A backup directory that is the destination by another path makes every file its own backup, of which nothing is
/// left.
#[test]
fn files_that_are_their_own_backups() {
    let case = world([
        file("s/l", "new"),
        file("s/sub/a", "new a"),
        symlink("s/k", "l"),
        file("d/l", "old"),
        file("d/sub/a", "a"),
        file("d/sub/ext", "ext"),
        symlink("d/k", "x"),
    ]);
    let options = ["-ai", "-ain", "-avv", "-ai --delay-updates", "-ai --delete", "-ai --suffix=~", "-rl"];
    for dir in ["../d", "../d/sub/..", "sub/../../d", "$TWIN/d"] {
        case.clone().same_each(options.map(|options| format!("{options} --backup-dir={dir} s/ d")));
    }
}

/// The root of the backups inherits what its directory is to pass on, and copies have no ACL.
#[test]
fn backups_in_directories_with_default_acls() {
    let acl = "u::rwx,u:7:rwx,g::r-x,m::rwx,o::r-x";
    let trees = |with: Entry| {
        world([
            file("s/f", "new"),
            file("s/sub/g", "new"),
            file("d/f", "older").mtime(OLD),
            file("d/sub/g", "older").mtime(OLD),
            dir("s"),
            dir("d"),
            with,
        ])
    };
    let options = [
        "-aA -b --backup-dir=bak",
        "-aA -b --backup-dir=bak --delete",
        "-rA -b --backup-dir=.bak --delete",
        "-aAX -b --backup-dir=bak/x/y",
        "-aA --no-inc-recursive -b --backup-dir=bak",
        "-aA -b --backup-dir=bak --inplace",
        "-aA -b --inplace",
        "-a -b --backup-dir=bak",
    ];
    for with in [dir("s").default_acl(acl), dir("d").default_acl(acl), dir("d/bak").default_acl(acl)] {
        trees(with).same_each(options.map(|options| format!("{options} s/ d/")));
    }
}

/// Copies that are kept of files written in place change no directory's time.
#[test]
fn times_of_directories_in_which_copies_are_kept() {
    let case = world([
        file("s/f", "new"),
        file("s/sub/g", "new"),
        file("d/f", "older").mtime(OLD),
        file("d/sub/g", "older").mtime(OLD),
        dir("s").mtime(OLD),
        dir("d").mtime(OLD),
    ]);
    let options = ["bak", "x/bak", "sub/bak", "$TWIN/d/bak", "bak --no-inc-recursive", "bak -O"];
    case.same_each(options.map(|options| format!("-ab --inplace --backup-dir={options} s/ d/")));
}

/// Backups that come to lie where a directory of the transfer has files: those of a large file, too, come before the
/// new one that has the name there, which is not lost.
#[test]
fn backups_among_files_of_the_transfer() {
    let large = ["a", "b", "c"].map(|name| file(format!("s/{name}"), random(1, 24_000_000)));
    let small = ["a", "b", "c"].map(|name| file(format!("s/sub/{name}"), format!("new {name}").as_str()));
    let old = ["a", "b", "c"].map(|name| file(format!("d/{name}"), "old").mtime(1_400_000_000));
    let case = world(large.into_iter().chain(small).chain(old));
    case.clone().same_each(["-a", "-a --fsync"].map(|options| format!("{options} --backup-dir=sub s/ d/")));
    let empty = ["a", "b", "c"].map(|name| file(format!("s/sub/{name}"), ""));
    let some = ["a", "b", "c"].map(|name| file(format!("s/{name}"), random(1, 70_000)));
    case.also(empty).also(some).same("-a --backup-dir=sub s/ d/");
}

/// The source has files of the names that backups get: each backup comes before the file that is copied to its name.
#[test]
fn files_with_names_of_backups() {
    let names = || (0..8).map(|number| format!("f{number}"));
    let large = names().map(|name| file(format!("s/{name}"), random(1, 60_000)));
    let small = names().map(|name| file(format!("s/{name}~"), format!("new {name}~").as_str()));
    let old = names().flat_map(|name| [name.clone(), format!("{name}~")]);
    let old = old.map(|name| file(format!("d/{name}"), "old").mtime(1_400_000_000));
    let case = world(large.chain(small).chain(old));
    case.clone().same_each(["-ab s/ d/", "-ab --fsync s/ d/", "-ab --delay-updates s/ d/", "-abc s/ d/"]);
    case.same("-ab --backup-dir=. --suffix=~ s/ d/");
}
