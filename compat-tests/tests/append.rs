//! rsync(1), `--append`, `--append-verify` (point 36).

use compat_tests::alone::Alone;
use compat_tests::program::Mode;
use compat_tests::*;

fn grown() -> Case {
    world([
        file("s/grow", "hello world").mode(0o600),
        file("d/grow", "hello").mtime(7),
        file("s/same", "hello world").mode(0o600),
        file("d/same", "hello world").mtime(7),
        file("s/longer", "hello world"),
        file("d/longer", "hello world and more").mtime(7),
        file("s/bad", "hello world").mode(0o600),
        file("d/bad", "HELLO").mtime(7),
        file("s/new", "new"),
        file("s/other", "hello world"),
        file("d/other", "hellX world").mtime(7),
        file("s/empty", "xx"),
        file("d/empty", "").mtime(7),
        file("s/sub/big", random(1, 700_000)),
        file("d/sub/big", random(1, 300_000)).mtime(7),
        file("s/kind", "file"),
        dir("d/kind"),
        file("s/link", "file"),
        symlink("d/link", "grow"),
    ])
}

/// Without `-S`, under which rsync 3.5.0 leaves files behind that are neither the old nor the new ones.
const FORMS: [&str; 8] = ["-ai", "-aii", "-avi --stats", "-ain", "-rii", "-aici", "-aiI", "-ai --size-only"];

#[test]
fn s36_ends_are_appended() {
    grown().same_each(FORMS.map(|form| format!("{form} --append --force s/ d")));
    grown().same_each([
        "-ai --append -u --force s/ d",
        "-ai --append --existing s/ d",
        "-ai --append --ignore-existing s/ d",
        "-ai --append --delete s/ d",
        "-ai --append s/ d",
        "-vv -a --append --force s/ d",
        "-a --append --force '--out-format=%n %l %b' s/ d",
        "-ai --append --remove-source-files --force s/ d",
        "-ab --append -i --force s/ d",
        "-ai --append --no-append --force s/ d",
        "-ai --append --progress --force s/ d",
    ]);
    grown().as_user().same_each(["-rti --append --force s/ d"]);
}

#[test]
fn s36_beginnings_are_verified() {
    // The lines of the second pass come when rsync finds the time for it.
    let mended = || grown().any_order();
    mended().same_each(FORMS.map(|form| format!("{form} --append-verify --force s/ d")));
    mended().same_each([
        "-vv -a --append-verify --force s/ d",
        "-ai --append-verify --remove-source-files --force s/ d",
        "-ai --append-verify s/bad s/grow d",
    ]);
}

#[test]
fn s36_what_appending_does_not_go_with() {
    grown().same_each([
        "-ai --append -W s/ d",
        "-ai --append --cc=none s/ d",
        "-ai --append --partial-dir=.p s/ d",
    ]);
}

/// The warning is for those who see names.
#[test]
fn s36_the_warning_goes_with_names() {
    grown().any_order().same_each([
        "-a --append-verify s/ d",
        "-aq --append-verify s/ d",
        "-aqi --append-verify s/ d",
        "-aqv --append-verify s/ d",
        "-aq --append-verify --out-format=%n s/ d",
        "-a --append-verify --out-format=%n s/ d",
        "-a --append-verify --out-format=%i s/ d",
        "-a --append-verify --info=name s/ d",
        "-av --append-verify --info=name0 s/ d",
        "-a --append-verify --stats s/ d",
    ]);
}

/// What is as long as the source already is nothing that the other names of a group are linked to.
#[test]
fn s36_other_names_of_what_is_long_enough() {
    let group = || [file("s/a", "aaaa"), hard("s/b", "s/a"), hard("s/c", "s/a")];
    let long = |name: &str| file(name, "older").mtime(5);
    let old = [
        vec![long("d/a")],
        vec![long("d/b")],
        vec![long("d/a"), hard("d/b", "d/a")],
        vec![long("d/b"), file("d/c", "aa").mtime(5)],
        vec![long("d/b"), file("d/c", "aaaa").mtime(5)],
        vec![file("d/b", "aaaa").mtime(5)],
    ];
    for there in old {
        world(group()).also(there).same_each([
            "-aHi --append s/ d/",
            "-aHi --append-verify s/ d/",
            "-rHi --append s/ d/",
        ]);
    }
}

/// What is written once more is told after all others, in the order of the list.
#[test]
fn s36_mended_files_come_last() {
    let mut nodes = vec![file("s/e", "e").mtime(1_400_000_000), file("s/x/f", "f").mtime(1_400_000_000)];
    for (seed, name) in ["a", "b", "x/c", "x/d", "y/m", "y/z/n"].into_iter().enumerate() {
        let whole = ["a", "x/d"].contains(&name);
        nodes.push(file(format!("s/{name}"), format!("{seed}").repeat(3000)).mtime(1_400_000_000));
        let there = if whole { format!("{seed}").repeat(1000) } else { "other".to_owned() };
        nodes.push(file(format!("d/{name}"), there).mtime(5));
    }
    let case = world(nodes);
    for options in ["-ai", "-av", "-rt --out-format=%n:%l", "-ai --delete-after", "-ai --delay-updates"] {
        for _ in 0..3 {
            case.clone().same(&format!("{options} --no-inc-recursive --append-verify s/ d/"));
        }
    }
}

/// `--append` takes a long enough file of an alternate destination for complete, as it does the destination's own.
#[test]
fn s36_append_beside_an_alternate_destination() {
    let case = world([
        file("s/shorter", "y").mtime(5),
        file("alt/shorter", "longer text").mtime(6),
        file("s/same", "x").mtime(5),
        file("alt/same", "x").mtime(5),
    ]);
    for kind in ["link", "copy", "compare"] {
        let options = ["-rlt", "-a", "-ai"];
        case.clone()
            .same_each(options.map(|options| format!("{options} --append --{kind}-dest=../alt s/ d/")));
    }
}

/// rsync destroys what it should append to, where that is to have holes.
#[test]
fn s36_append_keeps_what_is_there() {
    let source = "a backup of yesterday, ".repeat(3_000);
    let tree = tree([
        file("s/part", source.clone()).mtime(1_400_000_000),
        file("d/part", source[..20_000].to_owned()).mtime(5),
        file("d/other", "kept").mtime(5),
    ]);
    let case = Case::new(tree.clone());
    for options in ["-r --append -S", "-r --append --inplace --sparse"] {
        case.clone().known("appended with holes").same(&format!("{options} s/ d/"));
    }
    case.clone()
        .known("appended with holes: warning")
        .known("appended with holes: line")
        .same("-ri --append-verify -S s/ d/");
    for mode in Mode::of_this_run() {
        let ours = Alone::new(&tree, None);
        ours.ours(mode, "", "-r --append -S s/ d/");
        let appended = std::fs::read(ours.dir().join("d/part")).expect("what was appended to");
        assert_eq!(appended, source.as_bytes());
    }
}
