//! rsync(1), `--fake-super` (point 69): which permissions a file really has, and which are only kept.

use compat_tests::*;

const OLD: i64 = 1_400_000_000;

/// Where data moves, a file's own permissions are the model, not those that it stands for.
#[test]
fn permissions_of_what_stands_for_others() {
    let stands = |path: &str, what: &str| file(path, "old").mtime(OLD).xattr("user.rsync.%stat", what);
    let case = world([
        file("s/less", "new"),
        stands("d/less", "100640 0,0 1001:1002"),
        file("s/set", "new"),
        stands("d/set", "104755 0,0 1001:1002"),
        stands("s/both", "104755 0,0 1001:0"),
        stands("d/both", "100600 0,0 1003:0"),
        file("alt/less", "older"),
        stands("alt/less", "100600 0,0 1:1"),
    ]);
    let options = [
        "-r --fake-super",
        "-rt --fake-super",
        "-rI --fake-super",
        "-rE --fake-super",
        "-rX --fake-super",
        "-ri -M--fake-super",
        "-ai --no-p -M--fake-super",
        "-a --fake-super",
        "-rt --fake-super --compare-dest=../alt",
    ];
    let all = options.map(|options| format!("{options} s/ d/"));
    case.clone().same_each(all.clone());
    case.as_user().same_each(all);
}

/// What others own keeps its permissions under `--fake-super`; what it is to have is kept beside it all the same.
#[test]
fn permissions_of_others_that_are_only_kept() {
    for mode in [0o666, 0o777, 0o1777, 0o2666] {
        for wanted in [0o644, 0o777, 0o1777] {
            let case = world([file("s/f", "new").mode(wanted), file("d/f", "older").mode(mode).owner(0, 0)]);
            let options = ["-ai --inplace", "-ri --inplace", "-rpi --inplace", "-rpi"];
            case.as_user().same_each(options.map(|options| format!("{options} --fake-super s/ d/")));
        }
    }
}

/// A directory of the destination that is closed to its owner is opened, and gets what belongs there.
#[test]
fn what_is_kept_of_a_closed_directory() {
    let case = world([file("s/closed/f", "x"), dir("d/closed").mode(0)]).as_user();
    let case = case.known("a closed directory under --fake-super: words");
    let case = case.known("a closed directory under --fake-super: directory");
    for options in ["-a --fake-super", "-a -M--fake-super", "-r --fake-super"] {
        case.clone().same(&format!("{options} s/ d/"));
    }
}

/// What cannot be read of a file is told once, also where the source is gone through twice.
#[test]
fn a_closed_source_is_told_of_once() {
    let case = world([file("s/sub/f", "x").mode(0), file("s/g", "y")]).as_user();
    for options in ["-am", "-amX", "-a --delete-before", "-aX --no-i-r --delete", "-amR --stats"] {
        case.clone().same(&format!("{options} --fake-super s/. d/"));
    }
}

/// What its owner cannot read is opened up, and its own permissions are kept, though that it was closed is told.
#[test]
fn files_that_their_owner_cannot_read() {
    for mode in [0, 0o111, 0o200, 0o222, 0o333] {
        for source in [0o600, mode] {
            let case = world([file("s/f", "x").mode(source).mtime(1_400_000_000)])
                .also([file("d/f", "x").mode(mode).mtime(1_400_000_000)]);
            case.as_user().same_each([
                "-a --fake-super s/ d/",
                "-aiM--fake-super s/ d/",
                "-rt --fake-super s/ d/",
            ]);
        }
    }
}
