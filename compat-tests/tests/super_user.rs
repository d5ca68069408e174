//! rsync(1), `--super`, `--no-super`: who tries what only root may do.

use compat_tests::*;

fn owned() -> Tree {
    tree([
        file("s/f", "a").owner(1, 2).xattr("user.u", "1"),
        symlink("s/l", "f").owner(3, 4),
        fifo("s/p").mode(0o640).owner(3, 4),
        char_dev("s/c", 1, 3),
        dir("s/D").owner(7, 8).mode(0o2755),
        file("s/D/g", "g").owner(0, 8),
    ])
}

#[test]
fn an_ordinary_user_tries_and_what_fails_stays_closed() {
    let case = Case::new(owned()).as_user();
    case.same_each([
        "-ai --super s/ d/",
        "-ai --super --inplace s/ d/",
        "-ai --super --no-D s/ d/",
        "-aXi --super s/ d/",
        "-rlti --super s/ d/",
        "-ai --no-super s/ d/",
        "-ani --super s/ d/",
    ]);
}

#[test]
fn root_leaves_it() {
    let case = Case::new(owned());
    case.clone().same_each([
        "-ai --no-super s/ d/",
        "-aXi --no-super s/ d/",
        "-aHAXi --no-super s/ d/",
        "-ai -M--no-super s/ d/",
    ]);
    case.run("-a s/ d/").put([file("s/f", "a").owner(9, 9)]).run("-ai --no-super s/ d/").check();
}

/// Directories are not opened up for a user who tries what only root may.
#[test]
fn super_as_a_user_opens_nothing_up() {
    let new = || [file("s/f", "1"), file("s/c/f", "2"), dir("s/c/g")];
    let closed_top = world(new()).also([dir("d").mode(0o555)]);
    let closed_below = world(new()).also([dir("d/c").mode(0o555), file("d/c/x/f", "goes")]);
    let closed_source = world(new()).also([dir("s/c").mode(0o555), dir("d")]);
    for case in [closed_top, closed_below, closed_source] {
        for command in [
            "-r --super s/ d/",
            "-a --super s/ d/",
            "-r -M--super --delete s/ d/",
            "-a --super --delete s/ d/",
        ] {
            case.clone().as_user().any_order().same(command);
        }
    }
}

/// A directory of one's own that cannot be listed gets its times and permissions all the same.
#[test]
fn s44_super_and_directories_that_cannot_be_listed() {
    let case =
        world([dir("s/b").mode(0o300).mtime(5), dir("s/c/d"), dir("s/c").mode(0o300).mtime(6), dir("d")]);
    case.as_user().same_each(["-rt --super s/ d/", "-a --super s/ d/", "-rt s/ d/"]);
}

/// A directory keeps what it is made with where its owner cannot be set.
#[test]
fn directories_that_cannot_be_given_away() {
    for mode in [0o600, 0o700, 0o755, 0o705] {
        let case = world([file("s/c/h", "z"), dir("s/a").owner(1001, 1001).mode(mode)]).as_user();
        let options = ["-a --super", "-ai --super", "-r --super", "-rp --super", "-rog --super"];
        case.same_each(options.map(|options| format!("{options} s/ d/")));
    }
}

/// Root who acts as an ordinary user can open directories that belong to others.
#[test]
fn directories_of_others_are_opened() {
    let modes = [0o644, 0o444, 0o200, 0, 0o600];
    let source = modes.map(|mode| file(format!("s/{mode:o}/f"), "x"));
    let there = modes.map(|mode| dir(format!("d/{mode:o}")).mode(mode).owner(12, 13));
    let case = world(source).also(there).also(modes.map(|mode| dir(format!("s/{mode:o}")).mode(mode)));
    case.same_each(
        ["-r", "-a", "-rp", "-rt --chmod=D0600", "-a --no-p"].map(|o| format!("{o} --no-super s/ d/")),
    );
}
