//! rsync(1), `-D`, `--devices` and `--specials` (semantics 43).

use compat_tests::*;

fn specials() -> Tree {
    tree([
        fifo("s/fifo").mode(0o600),
        socket("s/socket"),
        char_dev("s/null", 1, 3).mode(0o666),
        char_dev("s/big", 250, 70_000),
        block_dev("s/loop", 7, 9).owner(0, 6),
        file("s/f", "x"),
    ])
}

const OPTIONS: [&str; 10] = [
    "-a",
    "-ai",
    "-r",
    "-rv",
    "-rD",
    "-r --devices",
    "-r --specials",
    "-ai --no-D",
    "-ai --no-devices",
    "-ai --no-specials",
];

#[test]
fn s43_as_root() {
    Case::new(specials()).same_each(OPTIONS.map(|options| format!("{options} s/ d/")));
    Case::new(specials()).same_each([
        "-ai s/null s/fifo d/",
        "-ai s/null new",
        "-ain s/ d/",
        "-aq s/ d/",
        "-rq s/ d/",
    ]);
}

#[test]
fn s43_as_an_ordinary_user() {
    Case::new(specials()).as_user().same_each(OPTIONS.map(|options| format!("{options} s/ d/")));
}

#[test]
fn s43_over_existing_ones() {
    let case = Case::new(specials().with([
        fifo("d/fifo").mode(0o644).mtime(5),
        fifo("d/socket"),
        char_dev("d/null", 1, 5).mode(0o666),
        block_dev("d/big", 250, 70_000),
        block_dev("d/loop", 7, 9),
        char_dev("d/extra", 1, 3),
        fifo("d/extra-fifo"),
    ]));
    case.clone().same_each(OPTIONS.map(|options| format!("{options} --delete s/ d/")));
    case.clone().same_each(["-aii s/ d/", "-ain s/ d/", "-ai --force s/ d/", "-rDi s/ d/", "-rDti s/ d/"]);
    case.run("-ai s/ d/").run("-aii s/ d/").check();
}
