//! What happens to files that cannot be read, written or changed, as an ordinary user (points 48 and 82 to 83).

use compat_tests::*;

const OPTIONS: [&str; 6] = ["-a", "-ai", "-av", "-ai --delete", "-ri", "-ain"];

fn each(case: Case) {
    case.as_user().same_each(OPTIONS.map(|options| format!("{options} s/ d/")));
}

#[test]
fn a_dry_run_looks_into_closed_directories_as_far_as_it_may() {
    for mode in [0, 0o100, 0o200, 0o300, 0o400, 0o500] {
        let case = world([file("s/x/y/f", "new"), file("d/x/y/f", "old"), dir("d/x").mode(mode)]).as_user();
        case.clone().same_each(["-ain s/ d/", "-avn s/ d/"]);
        let beside = [file("s/x/z", "new"), symlink("s/x/l", "z"), file("d/x/z", "old")];
        case.also(beside).same_each(["-ain s/ d/", "-rlvn s/ d/", "-ai s/ d/"]);
    }
}

#[test]
fn an_unreadable_file_is_reported_and_the_rest_copied() {
    each(world([
        file("s/a", "x"),
        file("s/secret", "x").mode(0),
        file("s/foreign", "x").owner(0, 0).mode(0o600),
        file("s/z", "x"),
        file("d/secret", "old copy"),
        file("d/gone", "g"),
    ]));
}

#[test]
fn s48_an_unreadable_directory_stops_deleting() {
    let case = world([
        file("s/a", "x"),
        file("s/closed/inside", "x"),
        dir("s/closed").mode(0),
        file("s/open/f", "x"),
        file("d/closed/inside", "x"),
        file("d/closed/extra", "x"),
        file("d/open/extra", "x"),
        file("d/gone", "g"),
    ]);
    each(case.clone());
    case.as_user().same_each([
        "-ai --delete-before s/ d/",
        "-ai --delete-after s/ d/",
        "-ai --delete --ignore-errors s/ d/",
        "-ai --delete-after --ignore-errors s/ d/",
        "-ai --delete-delay s/ d/",
        "-ai --delete-excluded s/ d/",
        "-ai --delete --max-delete=0 s/ d/",
    ]);
}

#[test]
fn s48_directories_before_the_unreadable_one_are_cleaned() {
    let names = ["", "aa/", "bb/", "bb/sub/", "closed/", "mm/", "zz/", "zz/sub/"];
    let sources = names.map(|name| file(format!("s/{name}f"), "x"));
    let extra = names.map(|name| file(format!("d/{name}extra"), "x"));
    let case = world(sources).also(extra).also([dir("s/closed").mode(0)]).as_user();
    case.same_each([
        "-ai --delete s/ d/",
        "-ai --delete-delay s/ d/",
        "-aHi --delete s/ d/",
        "-ai --delete --no-inc-recursive s/ d/",
        "-ai --delete --ignore-errors s/ d/",
        "-ain --delete s/ d/",
    ]);
}

/// Also where links are followed, and each name in it is told.
#[test]
fn s48_a_directory_that_may_be_listed_but_not_searched_is_not_cleaned() {
    let names = ["", "aa/", "closed/", "zz/"];
    let case = world(names.map(|name| file(format!("s/{name}f"), "x")))
        .also(names.map(|name| file(format!("d/{name}extra"), "x")))
        .also([
            dir("s/closed").mode(0o444),
            symlink("s/link", "aa"),
            dir("s/empty").mode(0o444),
            file("d/empty/x", "x"),
        ])
        .as_user();
    let follow = ["", " -L", " -k", " --copy-unsafe-links", " -LH", " -n"];
    let when =
        ["--delete", "--delete-before", "--delete-delay", "--delete-after", "--delete --ignore-errors"];
    check_all(when.iter().flat_map(|when| {
        let case = &case;
        follow.map(move |follow| case.clone().run(&format!("-ai {when}{follow} s/ d/")).any_order())
    }));
}

#[test]
fn s48_only_of_directories_that_are_there_it_is_said_that_they_are_not_cleaned() {
    let source = || world([dir("s/sub").mode(0), file("s/f", "x"), dir("d")]).as_user();
    let cases = [
        source(),
        source().also(["d/sub", "d/gone", "d/zz"].map(dir)),
        source().also(["d/s/sub", "s/zz"].map(dir)),
    ];
    let commands = ["", " -n", " --list-only"].into_iter().flat_map(|how| {
        ["--delete", "--delete-before", "--delete-delay", "--delete-after"]
            .into_iter()
            .flat_map(move |when| ["s/ d/", "s d/"].map(|operands| format!("-ri{how} {when} {operands}")))
    });
    let commands: Vec<String> = commands.collect();
    check_all(cases.iter().flat_map(|case| commands.iter().map(|command| case.clone().run(command))));
}

#[test]
fn a_directory_that_lists_but_does_not_open() {
    each(world([file("s/dir/f", "x"), file("s/dir/sub/g", "x"), dir("s/dir").mode(0o400), file("s/z", "x")]));
    each(world([file("s/dir/f", "x"), dir("s/dir").mode(0o100), file("s/z", "x")]));
}

#[test]
fn s44_read_only_directories_are_copied() {
    let case = world([
        file("s/ro/f", "x"),
        file("s/ro/sub/g", "x"),
        dir("s/ro").mode(0o555),
        dir("s/ro/sub").mode(0o500),
    ]);
    each(case.clone());
    case.clone().as_user().run("-ai s/ d/").run("-aii s/ d/").check();
    each(case.also([file("d/ro/f", "old"), file("d/ro/extra", "e"), dir("d/ro").mode(0o555)]));
}

#[test]
fn an_unwritable_destination_directory() {
    each(world([file("s/f", "x"), file("s/sub/g", "x"), dir("d").owner(0, 0)]));
    each(world([file("s/f", "x"), file("s/sub/g", "x"), file("d/sub/h", "h"), dir("d/sub").owner(0, 0)]));
    each(world([file("s/f", "x"), dir("s/new/sub"), symlink("s/l", "x"), fifo("s/p"), dir("d").owner(0, 0)]));
    world([file("s/f", "x"), dir("up").owner(0, 0)]).as_user().same_each([
        "-ai s/ up/d/",
        "-ai s/f up/d",
        "-ai s/f up/",
    ]);
}

#[test]
fn files_of_others_at_the_destination() {
    let old = 1_400_000_000;
    each(world([
        file("s/mode", "x").mtime(old).mode(0o600),
        file("d/mode", "x").mtime(old).owner(0, 0),
        file("s/time", "x").mtime(old),
        file("d/time", "x").mtime(old + 9).owner(0, 0),
        file("s/data", "new"),
        file("d/data", "older").owner(0, 0),
        dir("s/dir").mode(0o700),
        dir("d/dir").owner(0, 0).mode(0o777),
        symlink("s/link", "x").mtime(old),
        symlink("d/link", "x").mtime(old + 9).owner(0, 0),
    ]));
}

#[test]
fn a_full_run_into_anothers_sticky_directory() {
    each(world([file("s/f", "x"), dir("d").owner(0, 0).mode(0o1777), file("d/f", "of root").owner(0, 0)]));
}

#[test]
fn sources_of_others_that_can_be_read() {
    each(world([
        file("s/f", "x").owner(1001, 1002),
        file("s/suid", "x").owner(1001, 1002).mode(0o4755),
        file("s/sgid", "x").owner(1001, USER_GROUP).mode(0o2755),
        dir("s/dir").owner(1001, 1002).mode(0o2775),
        file("s/dir/f", "x").owner(1001, 1002).mode(0o444),
        symlink("s/l", "x").owner(1001, 1002),
        fifo("s/p").owner(1001, 1002),
    ]));
}

const USER_GROUP: u32 = compat_tests::twin::USER;

#[test]
fn deletions_that_fail() {
    let case = world([
        dir("s/keep"),
        file("d/locked/f", "x"),
        dir("d/locked").owner(0, 0),
        file("d/ok", "x"),
        file("d/zz/f", "x"),
    ]);
    case.as_user().same_each([
        "-ai --delete s/ d/",
        "-ai --delete-after s/ d/",
        "-ai --delete-before s/ d/",
        "-av --delete s/ d/",
    ]);
}

#[test]
fn in_place_without_permission() {
    let case = world([
        file("s/f", "new"),
        file("d/f", "older").owner(0, 0),
        file("s/g", "new"),
        file("d/g", "older").mode(0),
    ]);
    let case = case.as_user();
    case.same_each(["-ai --inplace s/ d/", "-aiS --inplace s/ d/", "-ai --inplace --no-W s/ d/"]);
}

/// Without `-p`, a directory that has to be opened up stays so when it could be written to.
#[test]
fn s44_directories_that_are_closed_at_the_destination() {
    let modes = [0o000, 0o200, 0o500, 0o100, 0o400, 0o444, 0o044, 0o600, 0o300];
    let entries = modes.into_iter().flat_map(|mode| {
        let name = format!("m{mode:03o}");
        let (source, target) = (format!("s/{name}/f"), dir(format!("d/{name}")).mode(mode));
        [file(source, "x"), target]
    });
    let case = world(entries).as_user();
    case.same_each(["-ri s/ d/", "-ri --delete s/ d/", "-ai --no-p s/ d/", "-ai s/ d/"]);
}

fn closed_at_the_destination() -> Case {
    let modes = [0o755, 0o555, 0o355, 0o655, 0o055, 0o155];
    let entries = modes.into_iter().flat_map(|mode| {
        let name = format!("d/m{mode:03o}");
        [dir(&name).mode(mode), file(format!("{name}/f"), "x"), file(format!("{name}/keep"), "x")]
    });
    world(entries).also([dir("s"), dir("d/empty").mode(0o355), file("d/zz", "x")])
}

/// What is to go and cannot be read is told, and goes if it is empty.
#[test]
fn closed_directories_that_go() {
    let runs = [
        "-ai --delete s/ d/",
        "-ai --delete -f P_keep s/ d/",
        "-ain --delete -f P_keep s/ d/",
        "-ai --delete --max-delete=0 s/ d/",
        "-ai --delete -b s/ d/",
        "-ai --delete -b --backup-dir=../bak s/ d/",
    ];
    closed_at_the_destination().same_each(runs);
    closed_at_the_destination().as_user().same_each(runs);
}

#[test]
fn s48_a_closed_directory_that_goes_stops_later_deletions() {
    let case = world([file("s/aa/sub/f", "x"), file("d/aa/sub/gone", "x"), file("d/aa/gone", "x")])
        .also([file("d/aa/closed/f", "x"), dir("d/aa/closed").mode(0o355)])
        .as_user();
    case.same_each(["-ai --delete-after s/ d/", "-ai --delete-before s/ d/", "-ai --delete s/ d/"]);
}

/// A file that goes is made writable before; it shows in its other names.
#[test]
fn what_goes_is_made_writable() {
    let case = world([
        file("s/dir-now/f", "x"),
        file("s/f", "new"),
        file("d/f", "old").mode(0o444),
        file("d/dir-now", "x").mode(0o444),
        file("d/gone", "x").mode(0o055),
        fifo("d/gone-fifo").mode(0o400),
        file("d/gone-dir/x", "x").mode(0o500),
    ])
    .also(
        ["f", "dir-now", "gone", "gone-fifo", "gone-dir/x"]
            .map(|name| hard(format!("other-{}", name.replace('/', "-")), format!("d/{name}"))),
    );
    let runs = ["-ai", "-ai --delete", "-ain --delete", "-ai --delete --max-delete=1", "-ai --delete -b"];
    let runs = runs.map(|options| format!("{options} s/ d/"));
    case.clone().same_each(&runs);
    case.as_user().same_each(&runs);
}

#[test]
fn a_directory_that_may_not_be_searched_is_told_in_rsyncs_way() {
    let case = world([file("s/a", "x"), file("s/unsearchable/b", "x"), dir("s/unsearchable").mode(0o444)]);
    case.as_user()
        .same_each(["", "-L", "-k", "--copy-unsafe-links"].map(|follow| format!("-ai {follow} s/ d/")));
}

/// Whoever may write to a directory of somebody else's cannot give it back its time, and is not asked to.
#[test]
fn times_and_permissions_of_others() {
    let others = |mtime: i64, mode: u32| {
        world([
            file("s/f", "a"),
            dir("s").mtime(mtime).owner(0, 0),
            dir("d").mtime(5).mode(mode).owner(0, 0),
            file("s/D/g", "g"),
            dir("s/D").mtime(mtime),
            dir("d/D").mtime(5).mode(mode).owner(0, 0),
            file("s/there", "t").mtime(mtime),
            file("d/there", "t").mtime(5).mode(0o666).owner(0, 0),
        ])
        .as_user()
    };
    for (mtime, mode) in [(5, 0o777), (7, 0o777), (7, 0o757)] {
        let case = others(mtime, mode);
        case.same_each([
            "-ai s/ d/",
            "-ai --size-only s/ d/",
            "-rti --size-only s/ d/",
            "-ai --delay-updates s/ d/",
        ]);
    }
}

#[test]
fn the_top_of_the_source_is_closed() {
    for mode in [0o700, 0o711, 0o744, 0o755] {
        let case =
            world([file("s/f", "a").owner(0, 0), dir("s/D").owner(0, 0), dir("s").owner(0, 0).mode(mode)]);
        case.as_user().same_each(["-ai s/ d/", "-ai s d/", "-ai s/. d/", "-ai s/f d/", "-ai --delete s/ d/"]);
    }
}

/// What was found before a run is refused is told first.
#[test]
fn refusals_come_after_what_was_found() {
    world([file("s/f", "x"), file("s/g", "y"), dir("tmp")]).same_each([
        "-av s/nope s/ x/y/z/",
        "-a s/nope x/y/z",
        "-a s/nope s/f x/y/z",
        "-aR s/nope s/f x/y/z/",
        "-av --temp-dir=nope s/ new",
        "-av --temp-dir=nope s/ s/nope new",
        "-an --temp-dir=nope s/ new",
        "-av --temp-dir=nope s/f new",
        "-av --backup --backup-dir=../s/f s/ new",
        "-av -T $TWIN/tmp s/ new",
        "-av -T ../tmp s/ s/nope new",
    ]);
}

/// What is read is known to be unreadable by the time of deletions afterwards.
#[test]
fn s48_an_unreadable_file_stops_deletions_afterwards() {
    let case =
        world([file("s/f", "x").mode(0), file("s/sub/g", "x"), file("d/sub/gone", "x"), file("d/gone", "x")]);
    case.as_user().same_each(
        ["before", "during", "delay", "after", "after --ignore-errors"]
            .map(|when| format!("-ai --delete-{when} s/ d/")),
    );
}

/// Way is made before anybody knows whether what is to come can be read.
#[test]
fn s52_what_was_in_the_way_of_a_file_that_does_not_come_is_gone() {
    let case = world([file("s/a", "x").mode(0), file("s/b", "x").mode(0), file("s/c", "x").mode(0)])
        .also([symlink("d/a", "nope"), fifo("d/b"), dir("d/c"), file("s/e", "x").mode(0), file("d/e", "old")])
        .as_user();
    case.same_each([
        "-ai s/ d/",
        "-ain s/ d/",
        "-rlti -b s/ d/",
        "-ai --inplace s/ d/",
        "-ai --delay-updates s/ d/",
    ]);
}

/// A directory with contents is in the way, however closed the one around it is.
#[test]
fn s52_in_the_way_in_anothers_directory() {
    let case =
        world([file("s/f", "x"), dir("d").owner(0, 0), file("d/f/g", "y"), symlink("s/l", "f"), dir("d/l")]);
    case.as_user().same_each(["-rlti s/ d/", "-rltin s/ d/"]);
}

/// Names in a destination that may not be listed are there all the same; one that may not be searched is none.
#[test]
fn s44_destinations_that_are_closed() {
    for mode in [0o000, 0o100, 0o200, 0o300, 0o400, 0o500] {
        let case = world([
            dir("d").mode(mode),
            file("d/h", "old"),
            file("d/extra", "x"),
            file("d/gone/z", "z"),
            file("s/h", "three"),
            file("s/w/g", "two"),
            file("s/ro/f", "one"),
            dir("s/ro").mode(0o555),
        ]);
        case.as_user().same_each([
            "-ai s/ d",
            "-ai s/h d",
            "-ai --delete s/ d",
            "-ain --delete s/ d/",
            "-ain s/ d",
            "-ai s/h d/h",
            "-rin --delete s/ d/",
            "-ri s/h d/x",
            "-ri --inplace s/h d",
            "-aiR s/w/g d",
            "-ai --delete s/w d",
        ]);
    }
}
