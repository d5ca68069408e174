//! rsync(1), `-D`, `--devices` and `--specials` (point 43).

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

/// Without `-p`, a new device, FIFO or socket that has extended attributes gets the source's mode all the same.
#[test]
fn modes_of_nodes_with_extended_attributes() {
    let nodes = |side: &str, major: u32| {
        let at = |name: &str| format!("{side}/{name}");
        let marked =
            [fifo(at("p")), socket(at("k")), char_dev(at("c"), major, 1), block_dev(at("b"), major, 2)];
        let bare =
            [fifo(at("p2")), socket(at("k2")), char_dev(at("c2"), major, 3), block_dev(at("b2"), major, 4)];
        marked
            .map(|node| node.xattr("trusted.a", "1").mode(0o666))
            .into_iter()
            .chain(bare.map(|node| node.mode(0o666)))
    };
    let files = ["p", "k", "c", "b", "b2"].map(|name| file(format!("d/{name}"), "f").mode(0o600));
    let links = ["p", "k", "c", "b2"].map(|name| symlink(format!("d/{name}"), "t"));
    let there: [Vec<Entry>; 4] =
        [vec![], files.to_vec(), links.to_vec(), nodes("d", 242).map(|node| node.mode(0o600)).collect()];
    for options in ["-aX --no-p", "-rDX", "-rDXE", "-aAXH --no-p", "-aX --no-p --chmod=o=", "-aX"] {
        for there in &there {
            let args = format!("{options} -i s/ d/");
            world(nodes("s", 241).chain(there.clone())).run(&args).run(&args).check();
        }
    }
}

/// A device, FIFO or socket takes its permissions, without `-p`, from whatever has its name but a directory.
#[test]
fn s61_nodes_take_permissions_from_what_they_replace() {
    let make: [fn(String) -> Entry; 5] = [
        |path| fifo(path),
        |path| socket(path),
        |path| char_dev(path, 1, 3),
        |path| file(path, "x"),
        |path| symlink(path, "x"),
    ];
    let pairs = (0..5).flat_map(|from| (0..5).map(move |to| (from, to)));
    let entries = pairs.flat_map(|(from, to)| {
        let name = format!("{from}{to}");
        [make[from](format!("s/{name}")), make[to](format!("d/{name}")).mode(0o711)]
    });
    world(entries).same_each(["-rlDi s/ d/", "-rlDE s/ d/", "-a --no-p s/ d/", "-aX --no-p s/ d/"]);
}

/// What would become of a device that is there already is not known where devices are not kept.
#[test]
fn s31_devices_that_are_there() {
    let both = ["s", "d"].map(|side| {
        [char_dev(format!("{side}/c"), 1, 3), block_dev(format!("{side}/b"), 7, 0), fifo(format!("{side}/p"))]
    });
    let other = [char_dev("s/e", 1, 3), char_dev("d/e", 1, 5)];
    let case = world(both.into_iter().flatten()).also(other);
    let options = ["-r", "-rD", "-r --devices", "-r --specials", "-rc", "-rDc", "-rDt", "-rD --size-only"];
    case.same_each(options.map(|options| format!("{options} --ignore-existing --info=skip2 s/ d/")));
}

/// Beside an alternate destination, FIFOs and sockets are told as changes of each other, and so are devices.
#[test]
fn s61_other_kinds_at_alternate_destinations() {
    let case = world([
        socket("s/socket"),
        fifo("alt/socket"),
        fifo("s/fifo"),
        socket("alt/fifo"),
        char_dev("s/number", 1, 3),
        char_dev("alt/number", 1, 5),
        block_dev("s/block", 7, 3),
        char_dev("alt/block", 7, 3),
        fifo("s/same").mode(0o600),
        fifo("alt/same").mode(0o600),
        fifo("s/mode").mode(0o600),
        fifo("alt/mode").mode(0o644),
        fifo("s/no-file"),
        file("alt/no-file", "x"),
        dir("d"),
    ]);
    let commands =
        ["-ai --link-dest", "-aii --copy-dest", "-ai --compare-dest", "-rDi --link-dest", "-ain --link-dest"];
    case.same_each(commands.map(|options| format!("{options}=../alt s/ d/")));
}
