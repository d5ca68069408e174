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

/// A directory that the user may write to but not read or search at the destination is opened up and stays so, though
/// nothing can be copied into it from a source as closed.
#[test]
fn s44_directories_that_are_closed_in_the_source() {
    let modes = [0o644, 0o311, 0o200, 0o600, 0o000, 0o444];
    let case =
        world(modes.map(|mode| dir(format!("s/m{mode:03o}")).mode(mode))).also([dir("d/m644")]).as_user();
    case.same_each(["-ai s/ d/", "-ri s/ d/", "-ai s/ e/", "-ai --no-p s/ d/"]);
}

/// Directories of others at the destination, closed to the user or not: what is in them is looked at as far as that
/// goes, and only a deletion has to list them.
#[test]
fn s44_directories_of_others() {
    let case = |mode: u32| {
        world([
            file("s/x/f", "a"),
            symlink("s/x/l", "f"),
            fifo("s/x/p"),
            file("s/x/sub/g", "g"),
            dir("s/x/e"),
        ])
        .also([dir("d/x").mode(mode).owner(0, 0), dir("d/x/sub"), file("d/x/gone", "y")])
        .as_user()
    };
    for mode in [0o750, 0o754, 0o751, 0o755] {
        let forms =
            ["-ai", "-ri", "-ain", "-a --no-p --no-t -i", "-avv --stats", "-ai --delete", "-a --inplace"];
        case(mode).same_each(forms.map(|form| format!("{form} s/ d/")));
    }
    let empty = world([dir("s/empty"), dir("d/empty").mode(0o700).owner(0, 0)]).as_user();
    empty.same_each(["-r s/ d/", "-a s/ d/", "-r --delete s/ d/"]);
}

/// Directories of others that are closed to their owner are not opened up, which is told.
#[test]
fn s44_directories_that_others_closed() {
    let modes = [0o555, 0o500, 0o655, 0o355, 0o055, 0o777];
    let case = world(modes.map(|mode| dir(format!("d/m{mode:03o}")).mode(mode).owner(0, 0)))
        .also(modes.map(|mode| dir(format!("s/m{mode:03o}"))))
        .also([file("s/m555/f", "x"), file("s/m500/f", "y")])
        .as_user();
    let forms = ["-r", "-a", "-rp", "-rn", "-rp --chmod=u-w"];
    case.same_each(forms.map(|form| format!("{form} s/ d/")));
    let top = world([dir("s/a"), file("s/b", "x"), dir("d").mode(0o555).owner(0, 0)]).as_user();
    top.same_each(["-r s/ d/", "-a s/ d/", "-r s/a d/", "-r s/b d"]);
}

#[test]
fn s73_a_top_that_is_closed_in_the_source_has_its_letters() {
    let case = world([dir("s").mode(0o300).mtime(5), dir("d").mode(0o700).mtime(5)]).as_user();
    case.same_each(["-ai s/ d/", "-av s/ d/", "-ri s/ d/"]);
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

/// A closed destination that is no part of the transfer is not opened up for names of hard-link groups.
#[test]
fn s44_a_closed_destination_beside_a_group() {
    let case = world([file("s/a", "a").mtime(OLD), hard("s/b", "s/a"), dir("d").mode(0o555).mtime(OLD)]);
    case.as_user().same_each(["-H s/b d/", "-aH s/a s/b d/", "-a s/a d/", "-aH s/a d/"]);
}

/// A directory that stands alone, and takes the destination's name, is not opened up for its user.
#[test]
fn a_closed_directory_that_is_alone() {
    let case =
        world([0o300, 0o200, 0o600, 0o500, 0o000].map(|mode| dir(format!("s/m{mode:03o}")).mode(mode)));
    for name in ["m300", "m200", "m600", "m500", "m000"] {
        let options = ["-a", "-r", "-ai", "-d", "-ap --no-t", "-ain"];
        case.clone().as_user().same_each(options.map(|options| format!("{options} s/{name} new")));
        case.clone().as_user().same_each(options.map(|options| format!("{options} s/{name}/ new")));
    }
}

/// With `--insecure-links` it is no error that a directory of others cannot be opened up.
#[test]
fn directories_of_others_that_stay_closed() {
    for mode in [0o500, 0o555, 0o755] {
        let case = world([
            file("s/x/f", "f"),
            dir("s/w"),
            dir("d/x").mode(mode).owner(4242, 4242),
            dir("d/w").mode(mode).owner(4242, 4242),
            dir("d"),
        ]);
        let options = ["-r", "-rt", "-a", "-rn", "-rtO"];
        let both = options
            .iter()
            .flat_map(|options| ["", "--insecure-links"].map(|more| format!("{options} {more}")));
        case.as_user().same_each(both.map(|options| format!("{options} s/ d/")));
    }
    let top = world([dir("s").mode(0o600), file("s/f", "f"), dir("s/b")]);
    let options = ["-a", "-a --insecure-links", "-rlt --insecure-links"];
    top.clone().same_each(options.map(|options| format!("{options} --copy-as=nobody s/ d")));
    top.as_user().same_each(options.map(|options| format!("{options} s/ d")));
}

/// A destination is made where names can be put, but none be listed.
#[test]
fn destinations_in_a_directory_that_cannot_be_listed() {
    for mode in [0o300, 0o333, 0o100, 0o500] {
        let case = world([file("s/f", "f"), file("s/sub/g", "g"), file("d/f", "old"), dir("d").mode(mode)]);
        let case = case.as_user();
        let operands = ["s/ d/x", "s/ d/x/", "s/f d/x", "s/f d/x/", "s d", "s/f d/f", "s/ d/x/y/"];
        let options = ["-rlti", "-rltin", "-rlti --mkpath"];
        case.same_each(options.iter().flat_map(|options| operands.map(|names| format!("{options} {names}"))));
    }
}

/// What the destination has in a directory that nobody may search is not known to be missing: `--existing` tries.
#[test]
fn s31_existing_below_what_cannot_be_searched() {
    let inside = || {
        [
            file("s/c/f", "f"),
            symlink("s/c/l", "f"),
            fifo("s/c/p"),
            file("s/c/sub/f", "f"),
            fifo("s/c/sub/p"),
            symlink("s/c/sub/l", "f"),
        ]
    };
    let options =
        ["-r", "-rl", "-rD", "-rlD", "-rlDi", "-rlDn", "-rlDv", "-rlD --delete", "-rlDH", "-rlD --info=skip"];
    let commands = options.map(|options| format!("{options} --existing s/ d/"));
    let both = options.map(|options| format!("{options} --existing --ignore-existing s/ d/"));
    let closed = world(inside()).also([dir("d/c").owner(0, 0).mode(0o750)]).as_user();
    closed.clone().same_each(commands.clone());
    closed.same_each(both.clone());
    let in_the_way = world(inside()).also([file("d/c", "in the way")]);
    in_the_way.clone().same_each(both);
    in_the_way.same_each(commands);
}

/// Directories of others that are to be closed are told of where they would be opened up.
#[test]
fn closed_directories_of_others() {
    let case =
        world([dir("s/x").mode(0o300), dir("s/y").mode(0o700), dir("d/x").owner(0, 0)])
            .also([dir("d/y").mode(0o555).owner(0, 0)]);
    let options = ["-a", "-a --super", "-rp --super", "-a --fake-super", "-r --fake-super", "-r"];
    case.as_user().same_each(options.map(|options| format!("{options} s/ d/")));
}

/// With --insecure-links a directory is listed as the kernel lets it, and what is in it cannot be looked at.
#[test]
fn directories_that_may_only_be_listed() {
    let inside = [file("s/e/f", "f"), symlink("s/e/l", ".."), dir("s/k").mode(0o600), dir("s/e").mode(0o666)];
    let case = world(inside).also([dir("d"), file("d/e/g", "g")]).as_user();
    let operands = ["s/ d", "s/e d", "s/e/ d", "s/k d", "-R s/k s/e/f d"];
    for options in ["-a", "-ai --delete", "-r --existing", "-a --exclude=f"] {
        let commands = operands.map(|operands| format!("{options} --insecure-links {operands}"));
        case.clone().same_each(commands);
    }
}
