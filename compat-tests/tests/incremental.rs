//! Every option of the first issue alone and in common combinations, on a tree with some of everything: a first copy,
//! a run without changes, a run after random changes with `--delete`, and another that must find nothing.

use compat_tests::rich::{Maker, changed, edits, rich};
use compat_tests::*;

const OPTIONS: [&str; 52] = [
    "-a",
    "-r",
    "-rl",
    "-rt",
    "-rlt",
    "-rlpt",
    "-rlptg",
    "-rlptgo",
    "-rlptD",
    "-r --devices",
    "-r --specials",
    "-rp",
    "-ro",
    "-rg",
    "-rD",
    "-aH",
    "-aA",
    "-aX",
    "-aS",
    "-ax",
    "-aHAX",
    "-aHAXS",
    "-aHAXSx --numeric-ids",
    "-a --numeric-ids",
    "-av",
    "-aq",
    "-ah",
    "-a --stats",
    "-aR",
    "-ac",
    "-aI",
    "-a --size-only",
    "-au",
    "-a --existing",
    "-a --ignore-existing",
    "-aW",
    "-a --inplace",
    "-aS --inplace",
    "-a --partial",
    "-aH --inplace",
    "-a --force",
    "-a --ignore-errors",
    "-a --exclude=*.o",
    "-aF",
    "-a --out-format='%i %n%L'",
    "-a --no-W",
    "-aHAX --delete-excluded --exclude=sub",
    "-aHAX --delete-before",
    "-aHAX --delete-after",
    "-aHAX --delete-delay",
    "-aHAX --link-dest=../alt",
    "-aHAX --copy-dest=../alt",
];

fn matrix(maker: Maker, seed: u64) {
    let source = rich(maker);
    let after = changed(&source, seed, 15);
    let (removed, put) = edits(&source.clone().below("s"), &after.clone().below("s"));
    let alternate = changed(&source, seed + 1, 10).below("alt");
    let cases = OPTIONS.iter().map(|options| {
        let mut world = source.clone().below("s");
        if options.contains("alt") {
            world = world.with(alternate.entries.values().cloned());
        }
        let delete = if options.contains("--delete-") { "" } else { "--delete" };
        let operands = if options.starts_with("-aR") { "s d/" } else { "s/ d/" };
        let case = Case::new(world)
            .run(&format!("{options} -i {operands}"))
            .run(&format!("{options} -i {operands}"));
        let case = case.remove(removed.clone()).put(put.clone());
        let case = case
            .run(&format!("{options} -ni {delete} {operands}"))
            .run(&format!("{options} -i {delete} {operands}"));
        let case = case.run(&format!("{options} -i {delete} {operands}"));
        match maker {
            Maker::User => case.as_user(),
            Maker::Root if options.contains("--copy-dest") => {
                case.known("capabilities").known("xattrs of links")
            }
            Maker::Root => case,
        }
    });
    check_all(cases);
}

#[test]
fn as_root() {
    matrix(Maker::Root, 21);
}

#[test]
fn as_an_ordinary_user() {
    matrix(Maker::User, 22);
}

#[test]
fn from_one_option_set_to_another() {
    let sets = ["-r", "-a", "-aHAX", "-rlt", "-aS --inplace"];
    let source = rich(Maker::Root).below("s");
    let pairs = sets.iter().flat_map(|first| sets.iter().map(move |second| (first, second)));
    check_all(pairs.map(|(first, second)| {
        Case::new(source.clone()).run(&format!("{first} s/ d/")).run(&format!("{second} -i --delete s/ d/"))
    }));
}

/// What is in a directory that is not made is told of only where it has a list of its own.
#[test]
fn names_in_a_destination_that_is_not_made() {
    let case = world([file("s/f", "x"), file("s/sub/g", "y"), dir("s/sub/deep")]);
    for operands in ["s/ d", "s d", "-R s/./sub d", "s/ s/sub d/"] {
        case.clone().same_each(
            ["-rnvv", "-rnvv --no-i-r", "-dnvv", "-rnvvm", "-rnvv --delete-after", "-rnii --no-i-r --stats"]
                .map(|options| format!("{options} --existing {operands}")),
        );
    }
}
