//! rsync(1), `--remove-source-files` (point 55).

use compat_tests::alone::Alone;
use compat_tests::program::Mode;
use compat_tests::*;

const OLD: i64 = 1_400_000_000;

fn mixed() -> Case {
    world([
        file("s/new", "1"),
        file("s/same", "2").mtime(5),
        file("d/same", "2").mtime(5),
        file("s/older", "3").mtime(5),
        file("d/older", "33").mtime(500),
        file("s/sub/big", "0123456789"),
        hard("s/sub/again", "s/new"),
        symlink("s/link", "new"),
        symlink("s/up", "../../outside"),
        fifo("s/sub/fifo"),
        file("s/skip.o", "4"),
        dir("s/empty"),
        file("d/extra", "5"),
    ])
}

#[test]
fn s55_what_arrived_or_was_there_goes() {
    mixed().same_each([
        "-ai --remove-source-files s/ d",
        "-ai --remove-sent-files s/ d",
        "-aHi --remove-source-files s/ d",
        "-rti --remove-source-files s/ d",
        "-aLi --remove-source-files --exclude=up s/ d",
        "-ai --remove-source-files --safe-links s/ d",
        "-ai --remove-source-files --delete s/ d",
        "-a --remove-source-files --info=remove s/ d",
        "-a --remove-source-files --info=remove2,name s/ d",
        "-ai --remove-source-files --inplace s/ d",
    ]);
    mixed().as_user().same_each(["-ai --remove-source-files s/ d"]);
}

#[test]
fn s55_what_was_left_alone_stays() {
    mixed().same_each([
        "-aiu --remove-source-files s/ d",
        "-ai --remove-source-files --ignore-existing s/ d",
        "-ai --remove-source-files --existing s/ d",
        "-ai --remove-source-files --max-size=5 s/ d",
        "-ai --remove-source-files --exclude=*.o s/ d",
        "-ain --remove-source-files s/ d",
    ]);
}

#[test]
fn s55_beside_alternates() {
    let case = mixed().also([file("alt/new", "1"), file("alt/sub/big", "0123456789")]);
    case.same_each([
        "-ai --remove-source-files --link-dest=../alt s/ d",
        "-rli --size-only --remove-source-files --compare-dest=../alt s/ d",
        "-ai --remove-source-files --copy-dest=../alt s/ d",
    ]);
}

#[test]
fn s55_the_destination_itself_stays() {
    mixed().same_each(["-ai --remove-source-files d/same d/same", "-ai --remove-source-files d/ d/"]);
}

#[test]
fn s55_a_source_that_cannot_be_removed_is_told() {
    world([dir("s/locked").mode(0o555), file("s/locked/f", "1"), file("s/g", "2")])
        .as_user()
        .same_each(["-ai --remove-source-files s/ d"]);
}

/// Without times, since those of the directories above are not the test's own.
#[test]
fn s55_absolute_paths_are_told_as_such() {
    mixed().same_each([
        "-rlR --remove-source-files --info=remove $TWIN/s d/",
        "-rlR --remove-source-files --info=remove $TWIN/./s d/",
        "-rlR --remove-source-files -vv $TWIN/s/sub s/new d/",
    ]);
    world([file("s/f", "1")]).same("-rR --remove-source-files $TWIN/s /");
    world([dir("s/locked").mode(0o555), file("s/locked/f", "1"), dir("d").mode(0o777)])
        .as_user()
        .same("-rlR --remove-source-files $TWIN/s d/");
}

#[test]
fn s55_what_was_removed_is_not_deleted_at_the_destination() {
    let case = mixed().also([file("d/extra", "1"), file("d/sub/extra", "2")]);
    case.same_each([
        "-ai --remove-source-files --delete-after s/ d",
        "-aiH --remove-source-files --delete-after s/ d",
        "-ai --remove-source-files --delete-after s d",
        "-aiR --remove-source-files --delete-after s/new s/sub/ d",
        "-ai --remove-source-files --delete-delay s/ d",
        "-ai --remove-source-files --delete-before s/ d",
        "-ai --remove-source-files --delete s/ d",
    ]);
}

/// What an alternate destination has did not arrive, but for regular files.
#[test]
fn s55_links_and_devices_of_alternates_stay() {
    let both = |top: &str| {
        [file(format!("{top}/f"), "1"), symlink(format!("{top}/l"), "f"), fifo(format!("{top}/p"))]
    };
    world(both("s")).also(both("alt")).same_each([
        "-ai --remove-source-files --link-dest=../alt s/ d",
        "-ai --remove-source-files --copy-dest=../alt s/ d",
        "-ai --remove-source-files --compare-dest=../alt s/ d",
        "-aiH --remove-source-files --link-dest=../alt s/ d",
    ]);
}

/// What `-L` and its like lead to goes only where no link on the way leads up.
#[test]
fn s55_nothing_is_removed_behind_links_that_lead_up() {
    let linked = world([
        file("out/f", "1"),
        file("out/od/g", "2"),
        file("s/dir/h", "3"),
        symlink("s/up", "../out"),
        symlink("s/gone", "nowhere"),
        symlink("s/file", "dir/h"),
        symlink("s/outer", "../out/f"),
        file("list", "up/f\n"),
        file("longer", "s/up/f\n"),
    ]);
    let all =
        ["-a -L s/ d/", "-a --copy-unsafe-links s/ d/", "-ak s/ d/", "-aL s d/", "-aL s/up d", "-aLR s d/"];
    let hidden = ["-aL --exclude=/dir s/ d/", "-ak --exclude=/dir s/ d/"];
    let ways = [
        "-aR s/up/f d/",
        "-rR s/./up/f d/",
        "-aR s/way/h d/",
        "-aR s/up/od/ d/",
        "-a s/up/f d/",
        "-a s/up/ d/",
    ];
    let listed = ["-a --files-from=list s d/", "-a --files-from=longer . d/", "-aL --files-from=list s d/"];
    for command in all.into_iter().chain(hidden).chain(ways).chain(listed) {
        linked.clone().any_order().same(&format!("--remove-source-files {command}"));
    }
    world([file("s/dir/h", "3"), symlink("s/in", "dir"), symlink("s/way", "in")])
        .same_each(["-aR --remove-source-files s/way/h d/", "-aL --remove-source-files s/way/ d/"]);
    world([file("s/dir/h", "3"), symlink("s/sub/aside", "../dir")])
        .same_each(["-aL --remove-source-files --exclude=/dir s/ d/", "-aL --remove-source-files s/sub/ d"]);
}

/// Two names of one file are the source that is the destination itself.
#[test]
fn s55_another_name_of_the_destination_stays() {
    let one = || world([file("s/f", "1"), hard("d/f", "s/f")]);
    one().same_each(["-a --remove-source-files s/ d/", "-aI --remove-source-files s/ d/"]);
    one().also([hard("s/g", "s/f")]).any_order().same("-aH --remove-source-files s/ d/");
    one().same_each(["-a --remove-source-files s/f d/g", "-ac --chmod=u+x --remove-source-files s/ d/"]);
    world([file("s/f", "1")]).same("-a --link-dest=../s --remove-source-files s/ d/");
    world([fifo("s/p"), hard("d/p", "s/p")]).same("-a --remove-source-files s/ d/");
    world([file("s/x/f", "1"), symlink("s/l", "x/f"), hard("d/l", "s/x/f")])
        .same("-aL --remove-source-files s/ d/");
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

/// Where links are followed, a link and what it leads to go in the order of the list: what comes late finds the link's
/// file gone.
#[test]
fn links_go_before_what_they_lead_to() {
    let late = || [file("s/a", "a"), file("s/sub/deep/in", "in"), file("s/z", "z")];
    let links = [
        symlink("s/0", "a"),
        symlink("s/y", "z"),
        symlink("s/in", "sub/deep/in"),
        symlink("s/sub/up", "deep/in"),
    ];
    let case = world(links.into_iter().chain(late())).in_order();
    for command in [
        "-aL --remove-source-files s/ d/",
        "-aL --remove-source-files --info=remove s/ d/",
        "-rtLi --remove-source-files s/in s/sub d/",
    ] {
        case.clone().put(late()).same(command);
    }
}

/// What a link leads to that comes later in the list is there as long as that link is copied. With rsync it depends on
/// the moment.
#[test]
fn what_links_lead_to_goes_last() {
    for mode in Mode::of_this_run() {
        let alone = Alone::new(&tree([file("s/z", "z"), symlink("s/x/y", "../z")]), None);
        assert_eq!(alone.ours(mode, "", "-aL --remove-source-files s/ d/").outcome.code, 0);
        assert_eq!(std::fs::read(alone.dir().join("d/x/y")).expect("a copy"), b"z");
        assert!(!alone.dir().join("s/z").exists());
    }
}
