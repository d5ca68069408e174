//! rsync(1), `--remove-source-files` (semantic 55).

use compat_tests::*;

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
