//! Every type in place of every other type, both ways, as rsync does it (points 30, 34, 44 and 52).

use compat_tests::*;

#[derive(Clone, Copy, PartialEq)]
enum Who {
    Root,
    User,
}

type Make = fn(&str) -> Vec<Entry>;

/// What may stand at one name; directories empty and full, symlinks to a file, a directory and nothing.
const KINDS: [(&str, Make); 11] = [
    ("file", |path| vec![file(path, path)]),
    ("emptydir", |path| vec![dir(path)]),
    ("fulldir", |path| vec![file(format!("{path}/sub/inside"), "x"), file(format!("{path}/inside"), "y")]),
    ("link", |path| vec![symlink(path, "file-to-file")]),
    ("dirlink", |path| vec![symlink(path, "../outside")]),
    ("dangling", |path| vec![symlink(path, "nowhere")]),
    ("fifo", |path| vec![fifo(path)]),
    ("socket", |path| vec![socket(path)]),
    ("char", |path| vec![char_dev(path, 1, 3)]),
    ("char2", |path| vec![char_dev(path, 1, 5)]),
    ("block", |path| vec![block_dev(path, 7, 11)]),
];

fn kinds(who: Who) -> impl Iterator<Item = (&'static str, Make)> + Clone {
    let possible =
        move |(name, _): &(&str, Make)| who == Who::Root || !matches!(*name, "char" | "char2" | "block");
    KINDS.into_iter().filter(possible)
}

/// Names like `fifo-over-file`: one for each pair.
fn all_pairs(who: Who) -> Case {
    let pairs = kinds(who).flat_map(|new| kinds(who).map(move |old| (new, old)));
    let entries = pairs.flat_map(|((new, make_new), (old, make_old))| {
        let name = format!("{old}-to-{new}");
        [make_new(&format!("s/{name}")), make_old(&format!("d/{name}"))].concat()
    });
    let case = world(entries).also([file("outside/precious", "p"), symlink("outside/l", "precious")]);
    if who == Who::User { case.as_user() } else { case }
}

const OPTIONS: [&str; 13] = [
    "-ai",
    "-ai --delete",
    "-ai --force",
    "-av",
    "-aiu",
    "-ain --delete",
    "-ri",
    "-ai --delete-after",
    "-ai --delete-before",
    "-ai --existing --delete",
    "-ai --inplace --force",
    "-ai --ignore-existing",
    "-rin --ignore-existing",
];

#[test]
fn as_root() {
    all_pairs(Who::Root).same_each(OPTIONS.map(|options| format!("{options} s/ d/")));
    all_pairs(Who::Root).same("-ain --ignore-existing --delete s/ d/");
}

#[test]
fn as_an_ordinary_user() {
    all_pairs(Who::User).same_each(OPTIONS.map(|options| format!("{options} s/ d/")));
}

#[test]
fn a_second_run_finds_nothing_to_do() {
    all_pairs(Who::Root).run("-ai --delete s/ d/").run("-ai --delete s/ d/").check();
    all_pairs(Who::User).run("-ai --delete s/ d/").run("-aii --delete s/ d/").check();
}

#[test]
fn one_pair_at_a_time() {
    let pairs = kinds(Who::Root).flat_map(|new| kinds(Who::Root).map(move |old| (new, old)));
    let cases = pairs.filter(|((new, _), (old, _))| new != old).map(|((_, make_new), (_, make_old))| {
        let case = world([make_new("s/x"), make_old("d/x")].concat());
        case.also([file("outside/precious", "p")]).run("-ai s/ d/")
    });
    check_all(cases);
}

#[test]
fn a_single_operand() {
    let cases = kinds(Who::Root).flat_map(|(_, make_new)| {
        kinds(Who::Root).map(move |(_, make_old)| {
            let case = world([make_new("x"), make_old("y")].concat()).also([file("outside/precious", "p")]);
            case.run("-ai x y")
        })
    });
    check_all(cases);
}

#[test]
fn what_takes_the_place_of_another_kind_is_created() {
    all_pairs(Who::Root).same_each([
        "-a --force --stats s/ d",
        "-aH --force --stats s/ d",
        "-an --force --stats s/ d",
    ]);
}

#[test]
fn s31_below_what_stays_where_a_directory_should_be() {
    let below = |path: &str| {
        let at = |name: &str| format!("s/{path}/{name}");
        [file(at("f"), "x"), symlink(at("l"), "f"), fifo(at("p")), dir(at("empty")), file(at("sub/h"), "y")]
    };
    let case = world(
        ["file", "fifo", "nowhere", "around", "to-file", "to-dir", "within"].map(below).into_iter().flatten(),
    )
    .also([file("d/file", "x"), fifo("d/fifo"), file("other/f", "z"), file("f", "z")])
    .also([
        symlink("d/nowhere", "nope"),
        symlink("d/around", "around"),
        symlink("d/to-file", "../f"),
        symlink("d/to-dir", "../other"),
        symlink("d/within", "real"),
        file("d/real/f", "z"),
    ]);
    let forms = [
        "-ri",
        "-ai",
        "-avv",
        "-rin",
        "-ain --delete",
        "-ai --delete",
        "-ai --delete-before",
        "-ri --inplace",
    ];
    case.clone().same_each(forms.map(|form| format!("{form} --ignore-existing s/ d/")));
    case.as_user().same_each(forms.map(|form| format!("{form} --ignore-existing s/ d/")));
}

#[test]
fn s31_what_stays_where_a_directory_should_be() {
    let case = world([dir("s/e").mtime(5), dir("s/l").mtime(6), dir("s/p").mtime(7), dir("s/z").mtime(8)])
        .also([file("d/e", "x"), symlink("d/l", "nope"), fifo("d/p"), file("d/z", "y"), file("d/a", "gone")]);
    case.same_each(
        ["-ai", "-avv", "-ri", "-aOi", "-ain", "-ai --delete", "-ai --delete-before", "-a --info=skip2"]
            .map(|form| format!("{form} --ignore-existing s/ d/")),
    );
}

/// Below what stays where a directory should be, `--existing` does not take names to be missing.
#[test]
fn s31_directories_below_what_stays() {
    for there in [file("d/x", "1"), fifo("d/x")] {
        world([file("s/x/y/f", "1"), file("s/x/f", "2"), dir("s/z"), file("d/gone", "3"), there])
            .any_order()
            .same_each([
                "-r --existing --ignore-existing s/ d/",
                "-a --existing --ignore-existing --delete-after s/ d/",
                "-an --existing --ignore-existing s/ d/",
            ]);
    }
}

/// A directory that a file replaces is made writable first, even if it stays in the end; no other kind is.
#[test]
fn s52_a_closed_directory_in_the_way() {
    let case = world([file("s/x", "a"), symlink("s/z", "q"), fifo("s/v")])
        .also([file("d/x/f", "b"), dir("d/x").mode(0o555), file("d/z/f", "g"), dir("d/z").mode(0o500)])
        .also([file("d/v/y", "c"), dir("d/v").mode(0o577)]);
    case.as_user().same_each(["-ri s/ d/", "-a s/ d/", "-a --force s/ d/", "-a --delete s/ d/"]);
}

/// What is in the way of something else is looked into, and what cannot be looked at is told; to a dry run it is
/// nothing.
#[test]
fn directories_in_the_way_that_are_closed() {
    for mode in [0o600, 0o300, 0o500, 0o000] {
        let case = world([
            symlink("s/link", "."),
            symlink("s/empty", "."),
            file("s/file", "f"),
            fifo("s/fifo"),
            file("d/link/b", "b"),
            file("d/link/a", "a"),
            file("d/file/in", "in"),
            dir("d/file/sub"),
            dir("d/empty").mode(mode),
            dir("d/fifo").mode(mode),
            dir("d/link").mode(mode),
            dir("d/file").mode(mode),
        ]);
        let options = ["-a", "-ai", "-ain", "-ai --force", "-ain --force", "-ai -f P_a", "-rlt", "-aiu"];
        case.as_user().same_each(options.map(|options| format!("{options} s/ d/")));
    }
}

/// Where directories get their times at the end of many lists, what was in the way of one is tried anew.
#[test]
fn what_stays_in_the_way_of_a_directory_is_told_again() {
    let case = world([
        file("s/a/x", "x"),
        dir("s/b/c"),
        dir("s/e"),
        file("d/a", "a").owner(0, 0),
        fifo("d/b/c").owner(0, 0),
        dir("d/b").owner(0, 0),
        dir("d").owner(0, 0),
    ]);
    let options = ["-a", "-r", "-rt", "-rtO", "-rt --no-i-r", "-rtn", "-rt --delete", "-rtm"];
    case.clone().as_user().same_each(options.map(|options| format!("{options} s/ d/")));
    case.same("-rlt --copy-as=nobody s/ d/");
}

/// What is in the way of a name that is linked is told as being in that of a file, whatever the group is.
#[test]
fn obstacles_of_linked_names() {
    for (first, second) in [("a", "b"), ("b", "c")] {
        let kinds = [
            symlink(format!("s/{first}"), "x"),
            fifo(format!("s/{first}")),
            char_dev(format!("s/{first}"), 1, 3),
        ];
        for kind in kinds {
            let last = format!("s/{second}");
            let case = world([kind, hard(&last, format!("s/{first}")), file(format!("d/{second}/f"), "x")]);
            case.same_each(["-aH s/ d/", "-aHn s/ d/"]);
        }
    }
}

/// What is in the way of entries counts, in the order of the list.
#[test]
fn s52_the_first_that_are_in_the_way_go() {
    let names = ["a", "b", "c", "e", "f", "g"];
    let new = names.map(|name| file(format!("s/{name}/x"), "new"));
    let old = names.map(|name| file(format!("d/{name}/x/in"), "old"));
    world(new.into_iter().chain(old)).same_each(["-r --force --max-delete=5 s/ d/"; 6]);
}
