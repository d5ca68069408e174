//! rsync(1), `--stats`: the bytes that rsync's processes exchange, which ours reckons. How rsync cuts them in parts
//! depends on time, so they need only be close.

use compat_tests::alone::{Alone, Ran};
use compat_tests::program::Mode;
use compat_tests::*;

/// The figures of `--stats`: size of the list, bytes sent and received.
fn figures(ran: &Ran) -> [u64; 3] {
    let text = String::from_utf8_lossy(&ran.outcome.stdout).replace(',', "");
    ["File list size: ", "Total bytes sent: ", "Total bytes received: "].map(|label| {
        let line = text.lines().find_map(|line| line.strip_prefix(label)).expect("a line of --stats");
        line.parse().expect("a number")
    })
}

/// Runs both once where there is nothing to copy, and compares the figures, which do not depend on time then.
fn nothing(args: &str) {
    let tree = tree([dir("s").mtime(1_000_000_000), dir("d")]);
    let (rsync, ours) = (Alone::new(&tree, None), Alone::new(&tree, None));
    let args = format!("{args} --stats");
    let expected = figures(&rsync.rsync("", &args));
    assert_eq!(expected, figures(&ours.ours(Mode::of_this_run()[0], "", &args)), "{args}");
}

/// Runs both twice, for a first copy and one without changes, and compares the figures.
fn close(tree: &Tree, options: &str) {
    within(tree, &format!("{options} --stats s/ d/"), |expected| 40 + expected / 50);
}

/// The same for a small tree, where little depends on time: no more than two parts more or less.
fn equal(tree: &Tree, args: &str) {
    within(tree, &format!("{args} --stats"), |_| 2 * 4);
}

fn within(tree: &Tree, args: &str, slack: impl Fn(u64) -> u64) {
    compare(&Both::of(tree, None), args, slack);
}

/// rsync's world and ours.
struct Both {
    rsync: Alone,
    ours: Alone,
}

impl Both {
    fn of(tree: &Tree, user: Option<u32>) -> Both {
        Both { rsync: Alone::new(tree, user), ours: Alone::new(tree, user) }
    }
}

fn compare(both: &Both, args: &str, slack: impl Fn(u64) -> u64) {
    let Both { rsync, ours } = both;
    for run in 1..=2 {
        let expected = figures(&rsync.rsync("", args));
        let found = figures(&ours.ours(Mode::of_this_run()[0], "", args));
        for (figure, (expected, found)) in expected.into_iter().zip(found).enumerate() {
            assert!(
                found.abs_diff(expected) <= slack(expected),
                "{args}, run {run}, figure {figure}: rsync {expected}, ours {found}"
            );
        }
    }
}

fn files(count: usize, make: impl Fn(usize) -> Entry) -> Tree {
    tree((0..count).map(make).chain([dir("s").mtime(1_000_000_000)]))
}

#[test]
fn s76_bytes_of_lists_and_files() {
    let plain = |number: usize| file(format!("s/{number:04}"), "").mtime(1_000_000_000);
    let many = files(500, plain);
    for options in ["-a", "-a --no-i-r", "-rt", "-an", "-a --list-only", "-aH"] {
        close(&many, options);
    }
    close(&files(1, plain), "-a");
    let seconds = |number| 1_000_000_000 + i64::try_from(number).expect("few");
    close(&files(300, |number| file(format!("s/{number:04}"), "x").mtime(seconds(number))), "-a");
    close(&files(300, |number| file(format!("s/name-in-front-{number:04}"), "some data")), "-a");
    close(&files(300, |number| file(format!("s/{number:04}-and-behind"), random(number as u64, 300))), "-a");
    close(&files(20, |number| file(format!("s/{number:04}"), random(number as u64, 90_000))), "-a");
    close(&files(300, |number| symlink(format!("s/{number:04}"), "somewhere")), "-a");
    close(&files(400, |number| file(format!("s/d{:02}/{number:04}", number % 20), "x")), "-a");
    close(&files(200, |number| dir(format!("s/{number:04}"))), "-a");
}

/// With `-ii` rsync's processes tell each other of what stays as it is, too (rsync(1), `--itemize-changes`).
#[test]
fn s76_bytes_of_what_is_told() {
    let one = |number: usize, way: &str| file(format!("{way}/{number:04}"), "x").mtime(1_000_000_000);
    let many = files(300, |number| one(number, "s"));
    let both = files(600, |number| one(number / 2, if number % 2 == 0 { "s" } else { "other" }));
    close(&many, "-aii");
    close(&many, "-anii");
    close(&both, "-aii --link-dest=../other");
    close(&both, "-aii --copy-dest=../other");
}

/// What changes nothing but attributes is told of in both directions, and `-c` puts checksums in the list.
#[test]
fn s76_bytes_of_attributes_and_checksums() {
    let one = |number: usize, way: &str, mode| {
        file(format!("{way}/{number:04}"), "x").mtime(1_000_000_000).mode(mode)
    };
    let both =
        files(
            600,
            |number| {
                if number % 2 == 0 { one(number / 2, "s", 0o644) } else { one(number / 2, "d", 0o600) }
            },
        );
    for options in ["-a", "-ai", "-an", "-rt", "-ac", "-aH --numeric-ids", "-ac --checksum-choice=xxh64"] {
        close(&both, options);
    }
}

/// What comes back besides: what is deleted, skipped, up to date or may go at the source.
#[test]
fn s76_bytes_of_messages() {
    let old = |name: &str| file(format!("d/{name}"), "old").mtime(1_000_000_000);
    let gone = tree([dir("s").mtime(1_000_000_000), dir("d/sub"), old("sub/deep"), old("one"), old("other")]);
    for options in
        ["-a --delete", "-rt --delete-before", "-a --delete-delay", "-a --delete-after", "-an --delete"]
    {
        equal(&gone, &format!("{options} s/ d/"));
    }
    let links = files(12, |number| symlink(format!("s/{number:04}"), "somewhere"));
    equal(&links, "-r s/ d/");
    let few = files(20, |number| file(format!("s/{number:04}"), "x").mtime(1_000_000_000));
    for options in ["-avv", "-a --remove-source-files", "-a --exclude=*7 --delete"] {
        equal(&few, &format!("{options} s/ d/"));
    }
}

/// Files that cannot be opened were asked for.
#[test]
fn s76_bytes_of_what_cannot_be_opened() {
    for closed in [1, 2, 3] {
        let some = files(12, |number| {
            let mode = if number < closed { 0o000 } else { 0o644 };
            file(format!("s/{number:04}"), "x").mtime(1_000_000_000).mode(mode)
        });
        compare(&Both::of(&some, Some(65534)), "-rt --stats s/ d/", |_| 2 * 4);
    }
}

/// What `-m` prunes was sent before the receiving side knew.
#[test]
fn s76_bytes_of_pruned_directories() {
    let some = files(600, |number| {
        let name = format!("s/d{:02}/{number:04}", number % 20);
        if number % 3 == 0 { file(name, "x").mtime(1_000_000_000) } else { dir(name + "/within") }
    });
    for options in ["-am", "-amn", "-rtm --exclude=*7", "-aHm"] {
        close(&some, options);
    }
}

/// Lists of directories, owners with their names, devices, and names of one file.
#[test]
fn s76_bytes_of_kinds() {
    let below = files(12, |number| file(format!("s/{}/{number:04}", number % 3), "x").mtime(1_000_000_000));
    for args in ["-a s/ d/", "-a s d/", "-a s/0 s/1 d/", "-a --no-i-r s/ d/", "-ac s/0/0000 s/1/0001 d/"] {
        equal(&below, args);
    }
    let owned = files(9, |number| {
        let id = u32::try_from(number % 3).expect("few");
        file(format!("s/{number:04}"), "x").mtime(1_000_000_000).owner(id, 2 - id)
    });
    for options in ["-a", "-a --numeric-ids", "-a --no-i-r", "-aAX"] {
        equal(&owned, &format!("{options} s/ d/"));
    }
    let large = files(2, |number| file(format!("s/{number:04}"), random(number as u64, 700_000)));
    equal(&large, "-a s/ d/");
    let linked = |number| match number {
        0 => file("s/0000", "linked").mtime(1_000_000_000),
        _ => hard(format!("s/{number:04}"), "s/0000"),
    };
    close(&files(60, linked), "-aH");
}

#[test]
fn s76_bytes_of_empty_lists() {
    for options in ["", "-r", "-a", "-aHAX", "-a --no-i-r", "-g --no-i-r", "-a --no-i-r --numeric-ids"] {
        nothing(&format!("{options} missing d/"));
        nothing(&format!("{options} --exclude=s s d/"));
    }
    nothing("-a --delete missing d/");
}
