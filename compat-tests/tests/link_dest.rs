//! rsync(1), `--link-dest` (points 59, 61 and 63): what cannot be linked is told, and groups of hard links and the top
//! beside several alternate destinations.

use compat_tests::*;

const OLD: i64 = 1_400_000_000;

/// A file of others may not be linked to where the kernel protects hard links: `-v` says why it is copied.
#[test]
fn s59_what_cannot_be_linked_is_told() {
    let case = world([file("s/f", "hello").mtime(5), symlink("s/l", "a").mtime(5), fifo("s/p").mtime(5)])
        .also([file("alt/f", "hello").mtime(5).owner(0, 0), symlink("alt/l", "a").mtime(5).owner(0, 0)])
        .also([fifo("alt/p").mtime(5).owner(0, 0)])
        .as_user();
    let forms = ["-rt", "-rtv", "-rlt --specials -vv", "-rti"];
    case.clone().same_each(forms.map(|form| format!("{form} --link-dest=../alt s/ d/")));
    case.same("-rtv --link-dest=../alt/ s/ d/");
}

/// That a file of an alternate destination cannot be linked is told with the names (`--info=name`).
#[test]
fn s61_what_cannot_be_linked_is_told_with_the_names() {
    let case = world([file("s/f", "f").mtime(OLD), file("alt/f", "f").mtime(OLD).owner(0, 0)]).as_user();
    let options = [
        "",
        "-v",
        "-i",
        "-q",
        "--progress",
        "--info=name",
        "--info=copy",
        "--info=none -v",
        "-v --info=name0",
        "--stats",
        "-i --progress",
        "-iP -v",
        "--progress --out-format=%n",
        "-i --info=name",
        "--info=progress2",
    ];
    case.same_each(options.map(|options| format!("-rt {options} --link-dest=../alt s/ d/")));
}

/// The transfer's top is told against the alternate destination that is just like it, be it not the first.
#[test]
fn s59_the_top_beside_several_alternates() {
    let at = |path: &str, mtime: i64, mode: u32| dir(path).mtime(mtime).mode(mode);
    let case = world([
        at("s", OLD, 0o750),
        dir("s/e").mtime(OLD),
        at("a", OLD + 5, 0o750),
        at("b", OLD, 0o750),
        at("c", OLD, 0o700),
        dir("c/e").mtime(OLD),
    ]);
    for alternates in ["a b", "c b", "a c", "c a b", "nope b", "a"] {
        let alternates: String =
            alternates.split(' ').map(|name| format!(" --link-dest=../{name}")).collect();
        let options = ["-ai", "-aii", "-avv", "-rti", "-ri", "-aiO", "-ain"];
        case.clone().same_each(options.map(|options| format!("{options}{alternates} s/ d/")));
    }
}

/// A name stands for its group where any of several alternate destinations has it linked to the one that leads.
#[test]
fn s63_groups_beside_several_alternates() {
    let case = world([
        file("s/a", "x").mtime(OLD),
        hard("s/b/c", "s/a"),
        hard("s/z", "s/a"),
        file("s/one", "1").mtime(OLD),
        hard("s/two", "s/one"),
        file("old/b/c", "x").mtime(OLD),
        file("old/one", "1").mtime(OLD),
        hard("old/two", "old/one"),
        file("new/a", "x").mtime(OLD),
        hard("new/b/c", "new/a"),
        hard("new/one", "old/one"),
        file("mix/a", "x").mtime(OLD),
        hard("mix/z", "new/a"),
        file("mix/two", "1").mtime(OLD),
    ]);
    for alternates in ["old new", "new old", "old mix", "mix old new", "new mix"] {
        for kind in ["link", "copy"] {
            let alternates: String =
                alternates.split(' ').map(|name| format!(" --{kind}-dest=../{name}")).collect();
            let options = ["-aHv", "-aHi", "-aHii", "-rtHvv", "-aHin"];
            case.clone().same_each(options.map(|options| format!("{options}{alternates} s/ d/")));
        }
    }
}

/// Names of a link, a device or a FIFO follow the first as new in a dry run, unless that is there.
#[test]
fn dry_runs_link_no_special_files() {
    let group = |name: &str| {
        [
            symlink(format!("{name}/l"), "x").mtime(1_300_000_000),
            hard(format!("{name}/l2"), format!("{name}/l")),
            char_dev(format!("{name}/null"), 1, 3).mtime(1_300_000_000),
            hard(format!("{name}/null2"), format!("{name}/null")),
            fifo(format!("{name}/p")).mtime(1_300_000_000),
            hard(format!("{name}/sub/p2"), format!("{name}/p")),
            file(format!("{name}/f"), "f").mtime(1_300_000_000),
            hard(format!("{name}/f2"), format!("{name}/f")),
        ]
    };
    let case = world(group("s").into_iter().chain(group("alt")));
    let there = ["l", "null", "p"].map(|name| hard(format!("d/{name}"), format!("alt/{name}")));
    let others = [symlink("d/l", "y"), char_dev("d/null", 1, 5), file("d/p", "no pipe")];
    for options in ["-naHi", "-naHii", "-aHii", "-naHi --no-i-r"] {
        let commands =
            ["--link-dest=../alt", "--copy-dest=../alt"].map(|alt| format!("{options} {alt} s/ d/"));
        case.clone().same_each(commands.clone());
        case.clone().also(there.clone()).same_each(commands.clone());
        case.clone().also(others.clone()).same_each(commands);
    }
}

/// A dry run comes upon the alternate file of a group's first name again in later directories.
#[test]
fn dry_runs_name_the_alternate_file_that_a_group_is_linked_to() {
    let names = ["s/b", "s/c", "s/d", "s/q/x", "s/q/y", "s/r/z"];
    let group = names.map(|name| hard(name, "s/a"));
    let case = world(group.into_iter().chain([
        file("s/a", "a"),
        file("one/a", "a"),
        file("two/c", "a"),
        hard("three/d", "three/c"),
        file("three/c", "a"),
        file("four/q/x", "a"),
    ]));
    let options = ["-naHi", "-naHii", "-naHi --no-i-r", "-aHi"];
    let each = |options: &str| {
        ["one", "two", "three", "four"].map(|alt| format!("{options} --link-dest=../{alt} s/ d/"))
    };
    case.clone().same_each(options.into_iter().flat_map(each));
    case.same("-naHi --copy-dest=../two s/ d/");
}

/// Without `-t` further names of a file that stands in for another one get the time of the moment, and say so.
#[test]
fn s61_times_of_further_names() {
    let of = |dir: &str| {
        let path = |name| format!("{dir}/{name}");
        [file(path("a"), "x").mtime(5), hard(path("b"), path("a")), hard(path("c"), path("a"))]
    };
    let apart = ["a", "b", "c"].map(|name| file(format!("alt/{name}"), "x").mtime(5).mode(0o600));
    for old in [of("alt"), apart] {
        let kinds = ["--copy-dest", "--link-dest", "--compare-dest"];
        let options = ["-rHi", "-rHii", "-rHin", "-rpHi", "-rpHin", "-rtHi"];
        let commands = kinds.iter().flat_map(|kind| options.map(|one| format!("{one} {kind}=../alt s/ d/")));
        world(of("s")).also(old).same_each(commands);
    }
}
