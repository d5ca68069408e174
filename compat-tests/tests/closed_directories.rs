//! Directories of the destination, of backups and of alternates that an ordinary user may not write to or look into.

use compat_tests::*;

const OLD: i64 = 1_400_000_000;

/// What an alternate destination has can neither be linked nor copied there: it is sent, which fails too.
#[test]
fn alternates_beside_a_directory_that_may_not_be_written_to() {
    let in_both = |path: &str, at: fn(String) -> Entry| {
        ["s", "alt"].map(|top| at(format!("{top}/sub/{path}")).mtime(OLD))
    };
    let bare = world(in_both("f", |path| file(path, "a")))
        .also(in_both("h", |path| file(path, "same")))
        .also(in_both("l", |path| symlink(path, "x")))
        .also(in_both("p", fifo))
        .also([file("s/sub/g", "b").mtime(OLD), file("alt/sub/g", "c").mtime(OLD + 5), dir("d/sub")]);
    let full = bare.clone().also([
        file("d/sub/f", "a").mtime(OLD + 7),
        file("d/sub/g", "zz").mtime(OLD + 7),
        symlink("d/sub/l", "old").mtime(OLD + 7),
    ]);
    for case in [bare, full] {
        for closed in [dir("d/sub").mode(0o500), dir("d/sub").owner(0, 0)] {
            let case = case.clone().also([closed]).as_user();
            for options in ["-a", "-r", "-rt", "-ai", "-aii", "-av"] {
                let alternates = ["--link-dest", "--copy-dest", "--compare-dest"];
                case.clone().same_each(alternates.map(|kind| format!("{options} {kind}=../alt s/ d/")));
            }
        }
    }
}

/// Backups go where names can be made, be it a directory that may not be listed.
#[test]
fn backup_directories_that_are_closed() {
    let same_each = |case: &Case, options: &[&str]| {
        let all = options.iter().map(|options| format!("{options} -b --backup-dir=../bak s/ d/"));
        case.clone().same_each(all);
    };
    for (below, closed) in [("", "bak"), ("sub/", "bak/sub")] {
        let case = world([
            file(format!("s/{below}f"), "new"),
            file(format!("d/{below}f"), "old").mtime(OLD),
            file(format!("d/{below}e"), "e"),
            dir("bak/sub"),
        ]);
        for mode in [0o600, 0o400, 0o500, 0o000, 0o300, 0o100] {
            let case = case.clone().also([dir(closed).mode(mode)]).as_user();
            let options = ["-av --existing --delete-after", "-ai --delete", "-ai --delete --inplace"];
            same_each(&case, if mode == 0o300 { &options[..2] } else { &options[2..] });
            let case = case.also([file(format!("s/{below}f"), "old").mtime(OLD)]);
            same_each(&case, &["-av --delete-after", "-ai --delete"]);
        }
    }
}

/// rsync replaces a link that it could not keep.
#[test]
fn a_link_whose_backup_cannot_be_made() {
    let case = world([symlink("s/l", "new"), symlink("d/l", "old"), dir("bak").mode(0o500)]).as_user();
    case.known("a link without its backup: words")
        .known("a link without its backup: the new one")
        .same("-a -b --backup-dir=../bak s/ d/");
}
