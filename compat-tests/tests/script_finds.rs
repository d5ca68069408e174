//! What cases found that are drawn like the command lines of backup scripts, each as small as it came out.

use compat_tests::*;

const OLD: i64 = 1_400_000_000;

/// That a file of an alternate destination cannot be linked is told with the names (`--info=name`).
#[test]
fn s61_what_cannot_be_linked_is_told_with_the_names() {
    let case = world([file("s/f", "f").mtime(OLD), file("alt/f", "f").mtime(OLD).owner(0, 0)]).as_user();
    let options = [
        "",
        "-v",
        "-i",
        "-q",
        "--progress",
        "--info=name",
        "--info=copy",
        "--info=none -v",
        "-v --info=name0",
        "--stats",
        "-i --progress",
        "-iP -v",
        "--progress --out-format=%n",
        "-i --info=name",
        "--info=progress2",
    ];
    case.same_each(options.map(|options| format!("-rt {options} --link-dest=../alt s/ d/")));
}

/// A dry run finds a name up to date that is linked to the one which leads, and tells what is to change besides.
#[test]
fn s62_names_that_are_linked_already_to_what_is_to_change() {
    let case = world([
        file("s/a", "one").mtime(OLD),
        hard("s/b", "s/a"),
        hard("s/c", "s/a"),
        file("d/a", "other").mtime(OLD).mode(0o600),
        hard("d/b", "d/a"),
        file("d/c", "third").mtime(OLD),
    ]);
    let options = ["-aHvvn", "-aHvvin", "-aHvn", "-aHn --info=name2", "-aHvvn --out-format=%i%n", "-rHvvn"];
    case.same_each(options.map(|options| format!("{options} s/ d/")));
}

/// An ordinary user's directory that is closed in the end stays open while hard-link groups are worked on in it.
#[test]
fn s44_closed_directories_with_names_of_groups() {
    let closed = |name: &str| dir(format!("s/0/{name}")).mode(0o555).mtime(OLD);
    let case = world([
        closed("A"),
        file("s/0/A/a", "a").mtime(OLD),
        file("s/0/A/b", "b").mtime(OLD),
        hard("s/0/A/c", "s/0/A/b"),
        closed("B"),
        file("s/0/B/a", random(3, 100_000)).mtime(OLD),
        hard("s/0/B/b", "s/0/A/b"),
        hard("s/0/B/c", "s/0/B/a"),
        closed("C"),
        hard("s/0/C/x", "s/0/A/b"),
        hard("s/0/C/y", "s/0/B/a"),
        file("s/0/C/z", "z").mtime(OLD),
        hard("s/1/x", "s/0/A/b"),
    ])
    .as_user();
    let options = ["-aH", "-rH", "-aHX", "-aH --link-dest=../s", "-aH --copy-dest=../alt", "-rltHn"];
    for options in options {
        case.clone().run(&format!("{options} s/ d/")).run(&format!("{options} s/ d/")).check();
        let there = [file("d/0/A/b", "old"), dir("d/0/B").mode(0o500), dir("d/0/A").mode(0o500)];
        case.clone().also(there).same(&format!("{options} s/ d/"));
    }
}

/// A link to a directory above it is followed as often as the kernel follows links; a file behind one more is told.
#[test]
fn s70_files_behind_too_many_links() {
    let case = world([
        symlink("s/round", "."),
        file("s/f", "f").mtime(OLD),
        symlink("s/link", "f"),
        symlink("s/sub/up", "../f"),
    ]);
    case.same_each(["-aL s/ d/", "-aLi s/ d/", "-rLn s/ d/", "-rk s/ d/", "-aL s/round/ d/"]);
}

/// A log whose format has no `%i` leaves out what stays as it is, whatever standard output shows.
#[test]
fn s84_logs_that_do_not_itemize() {
    let case = world([
        file("s/f", "f").mtime(OLD),
        hard("s/g", "s/f"),
        symlink("s/l", "f"),
        file("s/e/new", "new"),
        file("s/perm", "p").mtime(OLD),
        file("d/f", "f").mtime(OLD),
        hard("d/g", "d/f"),
        symlink("d/l", "f"),
        file("d/perm", "p").mtime(OLD).mode(0o600),
    ]);
    for format in ["%o:%n", "%n%L", "%i:%n", "%l"] {
        let options =
            ["-aii", "-aHivv", "-ai --info=name2", "-avvn", "-avv --out-format=%i", "-avv --out-format=%n"];
        case.clone().same_each(options.map(|options| {
            format!("{options} --log-file=$TWIN/rsync.log '--log-file-format={format}' s/ d/")
        }));
    }
}

/// The first name of a group is gone from the source when the others are linked to it.
#[test]
fn s55_groups_of_which_the_source_is_removed() {
    let case = world([
        file("s/a", "a").mtime(OLD).xattr("user.x", "1"),
        hard("s/b", "s/a"),
        hard("s/sub/c", "s/a"),
        file("s/d", "d").mtime(OLD),
        hard("s/e", "s/d"),
        file("alt/a", "a").mtime(OLD).xattr("user.x", "1"),
        file("alt/d", "other").mtime(OLD),
        file("alt/e", "d").mtime(OLD),
    ]);
    // With --compare-dest rsync itself hangs.
    for kind in ["link", "copy"] {
        let options = ["-aHX", "-rHX", "-aHAXi", "-aHi", "-aHXn"];
        case.clone().same_each(
            options.map(|options| format!("{options} --remove-source-files --{kind}-dest=../alt s/ d/")),
        );
    }
}

/// What lies in a directory that is not made has its numbers in the list.
#[test]
fn s79_numbers_behind_directories_that_are_not_made() {
    let case = world([
        file("s/lib/x", "x"),
        file("s/lib/a/y", "y"),
        dir("s/lib/a/b/c"),
        symlink("s/lib/b/l", "nowhere"),
        dir("s/lib2"),
        file("s/mail/f", "f"),
        file("s/mail/g", "g"),
        file("s/zzz", "z"),
        file("d/mail/f", "ff"),
        file("d/mail/g", "gg"),
        file("d/zzz", "zz"),
    ]);
    let options = [
        "-rP",
        "-aHP",
        "-rP --delete",
        "-rvvP",
        "-r --info=progress2 --no-i-r",
        "-rP --delete-after",
        "-rni --stats",
    ];
    case.same_each(options.map(|options| format!("{options} --existing s/ d/")));
}

/// A link that leads round in a circle is no link of somebody else's.
#[test]
fn s71_circles_in_typed_paths() {
    let case = world([
        file("s/f", "f").mtime(OLD),
        dir("s/dir"),
        file("d/f", "old"),
        symlink("loop", "loop"),
        symlink("alt/dir", "dir"),
    ]);
    case.same_each([
        "-a loop/ d/",
        "-a s/ loop/",
        "-a s/ loop/x",
        "-a --link-dest=../loop s/ d/",
        "-a --compare-dest=../loop/x s/ d/",
        "-a --link-dest=../alt s/ new/",
        "-ab --backup-dir=../loop s/ d/",
        "-ab --backup-dir=../loop/x s/ d/",
        "-a --partial-dir=$TWIN/loop s/ d/",
        "-a --files-from=loop s/ d/",
        "-a --exclude-from=loop s/ d/",
        "-a --filter=._loop s/ d/",
        "-a --log-file=loop s/ d/",
    ]);
}

/// The transfer's top is told against the alternate destination that is just like it, be it not the first.
#[test]
fn s59_the_top_beside_several_alternates() {
    let at = |path: &str, mtime: i64, mode: u32| dir(path).mtime(mtime).mode(mode);
    let case = world([
        at("s", OLD, 0o750),
        dir("s/e").mtime(OLD),
        at("a", OLD + 5, 0o750),
        at("b", OLD, 0o750),
        at("c", OLD, 0o700),
        dir("c/e").mtime(OLD),
    ]);
    for alternates in ["a b", "c b", "a c", "c a b", "nope b", "a"] {
        let alternates: String =
            alternates.split(' ').map(|name| format!(" --link-dest=../{name}")).collect();
        let options = ["-ai", "-aii", "-avv", "-rti", "-ri", "-aiO", "-ain"];
        case.clone().same_each(options.map(|options| format!("{options}{alternates} s/ d/")));
    }
}

/// A name stands for its group where any of several alternate destinations has it linked to the one that leads.
#[test]
fn s63_groups_beside_several_alternates() {
    let case = world([
        file("s/a", "x").mtime(OLD),
        hard("s/b/c", "s/a"),
        hard("s/z", "s/a"),
        file("s/one", "1").mtime(OLD),
        hard("s/two", "s/one"),
        file("old/b/c", "x").mtime(OLD),
        file("old/one", "1").mtime(OLD),
        hard("old/two", "old/one"),
        file("new/a", "x").mtime(OLD),
        hard("new/b/c", "new/a"),
        hard("new/one", "old/one"),
        file("mix/a", "x").mtime(OLD),
        hard("mix/z", "new/a"),
        file("mix/two", "1").mtime(OLD),
    ]);
    for alternates in ["old new", "new old", "old mix", "mix old new", "new mix"] {
        for kind in ["link", "copy"] {
            let alternates: String =
                alternates.split(' ').map(|name| format!(" --{kind}-dest=../{name}")).collect();
            let options = ["-aHv", "-aHi", "-aHii", "-rtHvv", "-aHin"];
            case.clone().same_each(options.map(|options| format!("{options}{alternates} s/ d/")));
        }
    }
}

/// Links that are followed to nothing, or hidden, have no numbers in the list, though something was said of them.
#[test]
fn s79_numbers_behind_links_that_lead_out_and_nowhere() {
    let case = world([
        symlink("s/b", "../gone"),
        symlink("s/c", "../out"),
        file("out", "o"),
        symlink("s/sub/d", "../../gone"),
        file("s/f", "f"),
        file("s/sub/g", "g"),
        file("s/h", "h"),
    ]);
    let options = ["-rlvP", "-rvP", "-rlP --info=symsafe", "-rlvP --exclude=c", "-rlvvP", "-rlvPk", "-rlvPL"];
    case.same_each(options.map(|options| format!("{options} --copy-unsafe-links s/ d/")));
}

/// A closed destination that is no part of the transfer is not opened up for names of hard-link groups.
#[test]
fn s44_a_closed_destination_beside_a_group() {
    let case = world([file("s/a", "a").mtime(OLD), hard("s/b", "s/a"), dir("d").mode(0o555).mtime(OLD)]);
    case.as_user().same_each(["-H s/b d/", "-aH s/a s/b d/", "-a s/a d/", "-aH s/a d/"]);
}

/// What is wrong with a rule of a file is told without a letter of it. (Of a file in the source, rsync's processes tell
/// more or less, as it happens.)
#[test]
fn wrong_modifiers_in_files() {
    for rule in ["-!/lib/sub", "-/lib", "-qx y", ":w,x y", "+ ok\n-s,p a", "hide,s x", "Hr a"] {
        let case = world([file("s/f", "f"), dir("d"), file("rules", format!("- a\n{rule}\n"))]);
        case.same_each(["-r -f ._rules s/ d/", "-rn -f merge_rules s/ d/", "-r --filter=-qx s/ d/"]);
    }
}

/// The way to a name is not in the list with `--no-implied-dirs`, nor is it listed.
#[test]
fn lists_without_implied_directories() {
    let case = world([
        dir("s").mtime(OLD),
        dir("s/docs").mtime(OLD),
        dir("s/docs/sub").mtime(OLD),
        file("s/docs/sub/x", "x").mtime(OLD),
        file("list", "s/docs/sub/x\ns/docs\n").mtime(OLD),
    ]);
    let operands = ["s/docs", "s/docs/sub", "s/docs/sub/", "s/docs/sub/x", "--files-from=list ."];
    for options in ["-R", "-rR", "-dR", "-aR", "-R --stats"] {
        case.clone()
            .same_each(operands.map(|operand| format!("{options} --no-implied-dirs --list-only {operand}")));
    }
}

/// A dry run opens nothing to send it, also where that could not be read to compare it.
#[test]
fn dry_runs_of_unreadable_files_with_checksums() {
    let case = world([
        file("s/same", "1").mtime(OLD).mode(0),
        file("d/same", "1").mtime(OLD),
        file("s/other", "1").mtime(OLD).mode(0),
        file("d/other", "2").mtime(OLD + 5),
        file("s/longer", "12").mtime(OLD).mode(0),
        file("d/longer", "2").mtime(OLD + 5),
        file("s/new", "12").mtime(OLD).mode(0),
    ])
    .as_user();
    let options =
        ["-rcni", "-rlcn --delay-updates -i", "-acniv", "-rctn --out-format=%i:%n", "-aci", "-rcin --append"];
    case.clone().same_each(options.map(|options| format!("{options} s/ d/")));
    case.clone().same_each([
        "-acni --link-dest=../d s/ e/",
        "-aci --link-dest=../d s/ e/",
        "-aicn --compare-dest=../d s/ e/",
    ]);
}

/// An operand behind a link that leads to itself.
#[test]
fn operands_behind_links_in_circles() {
    let case = world([symlink("s/loop", "loop"), file("s/f", "f"), file("list", "loop/f\n")]);
    case.clone().same_each(
        ["s/loop/f", "s/loop/", "s/loop/./f", "--files-from=list s", "s/loop/f s/f"]
            .map(|operands| format!("-a {operands} d/")),
    );
    case.clone().same_each(["s/loop/f", "-R s/loop/f", "-r s/loop/"]);
}

/// A dry run looks for alternate destinations beside one that is still to be made, with a slash behind them or not.
#[test]
fn alternate_destinations_around_what_is_still_to_be_made() {
    let case = world([file("s/f", "f").mtime(OLD), file("w/d/f", "f").mtime(OLD)]);
    for dir in ["../", "..", "../.", ".", "./", "../../d", "../../d/", "../../", "../d//", "/"] {
        case.clone().same_each(["-n", ""].map(|dry| format!("-r {dry} -i --link-dest={dir} s/ w/d/new")));
        case.clone().same(&format!("-rin --link-dest={dir} --mkpath s/ w/d/new/newer"));
    }
}

/// Extended attributes of an ordinary user's read-only files are set and removed, where nothing else changes too.
#[test]
fn s68_attributes_of_files_that_are_read_only() {
    for mode in [0o400, 0o444, 0o555, 0o2500] {
        let case = world([
            file("s/new", "x").mode(mode).mtime(OLD).xattr("user.x", "1"),
            file("s/other", "x").mode(mode).mtime(OLD).xattr("user.x", "2"),
            file("s/gone", "x").mode(mode).mtime(OLD),
            file("s/equal", "x").mode(mode).mtime(OLD).xattr("user.x", "1"),
            file("s/opened", "x").mode(0o600).mtime(OLD).xattr("user.x", "1"),
            file("s/closed", "x").mode(mode).mtime(OLD).xattr("user.x", "1"),
            file("s/late", "x").mode(mode).mtime(OLD + 1).xattr("user.x", "1"),
            dir("s/sub").mode(mode | 0o100).mtime(OLD).xattr("user.x", "1"),
            file("d/new", "x").mode(mode).mtime(OLD),
            file("d/other", "x").mode(mode).mtime(OLD).xattr("user.x", "1"),
            file("d/gone", "x").mode(mode).mtime(OLD).xattr("user.x", "1"),
            file("d/equal", "x").mode(mode).mtime(OLD).xattr("user.x", "1"),
            file("d/opened", "x").mode(mode).mtime(OLD),
            file("d/closed", "x").mode(0o600).mtime(OLD),
            file("d/late", "x").mode(mode).mtime(OLD),
            dir("d/sub").mode(mode | 0o100).mtime(OLD),
        ]);
        let options = [
            "-aXi",
            "-rXi",
            "-rXin",
            "-rtXi",
            "-aAXi",
            "-aXIi",
            "-aX --inplace -Ii",
            "-aX --fake-super",
            "-aHX --link-dest=../s",
            "-aX --no-super",
        ];
        case.clone().same_each(options.map(|options| format!("{options} s/ d/")));
        case.as_user().same_each(options.map(|options| format!("{options} s/ d/")));
    }
}
