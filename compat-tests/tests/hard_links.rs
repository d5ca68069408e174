//! rsync(1), `--hard-links`.

use compat_tests::*;

const OLD: i64 = 1_400_000_000;

/// Groups within one directory, across directories, of every type, and one with a name outside the transfer.
fn groups() -> Tree {
    tree([
        file("s/b", random(1, 20_000)),
        hard("s/m", "s/b"),
        hard("s/z", "s/b"),
        file("s/pair", "pair"),
        hard("s/sub/pair2", "s/pair"),
        hard("s/a/early", "s/pair"),
        symlink("s/l1", "b"),
        hard("s/l2", "s/l1"),
        fifo("s/p1"),
        hard("s/sub/p2", "s/p1"),
        socket("s/s1"),
        hard("s/s2", "s/s1"),
        file("outside", "o"),
        hard("s/inside", "outside"),
        file("s/single", "1"),
        file("s/empty1", ""),
        hard("s/empty2", "s/empty1"),
    ])
}

fn each(case: &Case, options: &[&str]) {
    case.clone().same_each(options.iter().map(|options| format!("{options} s/ d/")));
}

#[test]
fn s62_new_groups() {
    let case = Case::new(groups());
    each(
        &case,
        &["-aH", "-aHi", "-aHii", "-aHv", "-aHAX", "-rHi", "-aH --stats", "-aHn", "-aHni", "-a --hard-links"],
    );
    each(
        &case,
        &["-aHi --inplace", "-aHic", "-aHi --exclude=m", "-aHi --exclude=z", "-aHi --no-p", "-rltH", "-aHS"],
    );
}

#[test]
fn s62_as_an_ordinary_user() {
    each(&Case::new(groups()).as_user(), &["-aH", "-aHi", "-aHi --delete"]);
}

#[test]
fn devices_are_linked_too() {
    let case =
        world([char_dev("s/n1", 1, 3), hard("s/n2", "s/n1"), block_dev("s/b1", 7, 9), hard("s/b2", "s/b1")]);
    case.same_each(["-aHi s/ d/", "-rHi s/ d/"]);
}

#[test]
fn s62_an_existing_destination() {
    let unlinked = world([
        file("s/b", "x").mtime(1_400_000_000),
        hard("s/m", "s/b"),
        hard("s/z", "s/b"),
        file("d/b", "x").mtime(1_400_000_000),
        file("d/m", "x").mtime(1_400_000_000),
        file("d/z", "different"),
        file("s/one", "1").mtime(1_400_000_000),
        file("d/one", "1").mtime(1_400_000_000),
        hard("d/extra", "d/one"),
        file("s/p", "now apart").mtime(1_400_000_000),
        file("s/q", "now apart").mtime(1_400_000_000),
        file("d/p", "now apart").mtime(1_400_000_000),
        hard("d/q", "d/p"),
    ]);
    each(&unlinked, &["-aHi", "-aHii", "-aHi --delete", "-aHv", "-aHin", "-aH --stats", "-ai --delete"]);
    each(&unlinked, &["-aHi --ignore-existing", "-aHi --existing", "-aHic", "-aHi --size-only"]);
}

#[test]
fn a_second_run_does_nothing() {
    let case = Case::new(groups()).run("-aHi s/ d/").run("-aHi s/ d/").run("-aHii s/ d/");
    case.run("-aHv --delete s/ d/").check();
}

#[test]
fn changes_to_a_group() {
    let case = || Case::new(groups()).run("-aHi s/ d/");
    let new = file("s/b", random(2, 9_000)).mtime(1_600_000_000);
    case().put([new.clone()]).run("-aHi --delete s/ d/").run("-aHi s/ d/").check();
    case().remove(["s/b", "s/m"]).run("-aHi --delete s/ d/").check();
    case().put([new, hard("s/m", "s/b"), hard("s/z", "s/b")]).run("-aHi --delete s/ d/").check();
    case().put([hard("s/late", "s/single")]).run("-aHi --delete s/ d/").check();
    case().put([file("s/m", "apart")]).run("-aHi s/ d/").check();
}

#[test]
fn the_default_update_does_not_write_through_a_hard_link() {
    let case = world([
        file("s/f", "new"),
        file("d/f", "old"),
        hard("snapshot/f", "d/f"),
        file("s/attr", "a").mtime(5),
        file("d/attr", "a").mtime(5).mode(0o600),
        hard("snapshot/attr", "d/attr"),
    ]);
    each(&case, &["-ai", "-ai --inplace", "-aHi", "-aHi --inplace"]);
}

#[test]
fn s63_with_alternate_destinations() {
    let case = Case::new(groups().copied("s", "alt").with([file("alt/pair", "pair"), file("alt/z", "zz")]));
    // Not --compare-dest: rsync 3.5.0 hangs on this tree.
    for kind in ["--link-dest", "--copy-dest"] {
        case.clone().same_each([format!("-aHi {kind}=../alt s/ d/"), format!("-aHii {kind}=../alt s/ d/")]);
    }
}

/// As Back In Time asks for it.
#[test]
fn s63_what_is_linked_as_before_has_no_line() {
    let case = world([file("s/deep/a/one", "x"), hard("s/deep/a/b/two", "s/deep/a/one"), file("s/f", "y")]);
    let case = Case::new(case.world.copied("s", "alt"));
    case.same_each(
        ["", "--info=progress2", "--progress", "--stats", "-v", "-ii", "-vv"]
            .map(|more| format!("-aHi {more} --link-dest=../alt s/ d/")),
    );
}

#[test]
fn s63_names_that_an_alternate_destination_has_unlinked_are_told() {
    let groups = [file("s/f", "x"), hard("s/hard", "s/f"), hard("s/sub/hard2", "s/f")];
    let alternates: [[Entry; 3]; 4] = [
        [file("alt/f", "x"), file("alt/hard", "x"), file("alt/sub/hard2", "x")],
        [file("alt/f", "x"), hard("alt/hard", "alt/f"), file("alt/sub/hard2", "x")],
        [file("alt/f", "x"), file("alt/hard", "x"), hard("alt/sub/hard2", "alt/hard")],
        [file("alt/f", "x"), hard("alt/hard", "alt/f"), hard("alt/sub/hard2", "alt/f")],
    ];
    for alternate in alternates {
        let dated = |entry: Entry| match entry.kind {
            Kind::File(_) => entry.mtime(1_400_000_000),
            _ => entry,
        };
        world(groups.clone().map(dated)).also(alternate.map(dated)).same_each([
            "-aHi --link-dest=../alt s/ d/",
            "-aHii --link-dest=../alt s/ d/",
            "-aHi --copy-dest=../alt s/ d/",
        ]);
    }
}

#[test]
fn across_several_sources() {
    let case =
        world([file("s1/a", "x"), hard("s2/b", "s1/a"), hard("s2/sub/c", "s1/a"), hard("one", "s1/a")]);
    case.same_each([
        "-aHi s1 s2 d/",
        "-aHi s1/ s2/ d/",
        "-aHi s2/ s1/ one d/",
        "-aHRi s1 s2 d/",
        "-aHi one s1/a d/",
    ]);
}

#[test]
fn names_met_on_several_ways() {
    let case = world([
        file("s/real/a", "1"),
        hard("s/real/b", "s/real/a"),
        symlink("s/link", "real"),
        file("out/x", "2"),
        hard("out/y", "out/x"),
        symlink("s/ext", "../out"),
    ]);
    each(&case, &["-aHLi", "-aHki", "-aHi --copy-unsafe-links"]);
    case.same_each([
        "-aHRi s/link/a s/real d/",
        "-aHRi s/link/ s/real/ d/",
        "-aHi s/ s/real/ d/",
        "-aHi s s/real d/",
        "-aHi s s/real/a d/",
    ]);
}

#[test]
fn through_a_link_that_stands_for_a_directory() {
    let case = world([
        file("s/sub/a", "new"),
        hard("s/sub/b", "s/sub/a"),
        file("d/real/a", "older"),
        file("d/real/gone", "g"),
        symlink("d/sub", "real"),
    ]);
    // Without the times of directories: rsync forgets that of the one which the link leads to.
    each(&case, &["-aHKOi", "-aHKOi --no-W", "-aKOi --delay-updates", "-aHKOi --link-dest=../d/real"]);
}

#[test]
fn another_name_leads_where_one_fails() {
    let names = ["s/mm/m", "s/ok/b", "s/ro/a", "s/zz/c"];
    let group = |locked: &[&str]| {
        let case = world(names.map(|name| hard(name, "s/first/f"))).also([file("s/first/f", "1")]);
        let dirs = ["first", "mm", "ok", "ro", "zz"].map(|name| dir(format!("d/{name}")));
        let locked = locked.iter().map(|name| dir(format!("d/{name}")).owner(0, 0));
        case.also(dirs).also(locked).as_user()
    };
    for locked in [&["zz"][..], &["zz", "ro"], &["zz", "mm"], &["first"], &["first", "mm", "ok", "ro", "zz"]]
    {
        group(locked).same("-aHOi s/ d/");
    }
    let unreadable = group(&[]).also([file("s/first/f", "1").mode(0)]);
    unreadable.same_each(["-aHi s/ d/", "-aH --link-dest=../d s/ e/"]);
}

/// A name that joins its group is told with its time where that is not kept.
#[test]
fn s62_times_that_are_not_kept_are_told() {
    let source = [
        file("s/a", "1"),
        hard("s/b", "s/a"),
        hard("s/c", "s/a"),
        symlink("s/l", "a"),
        hard("s/m", "s/l"),
        fifo("s/p"),
        hard("s/q", "s/p"),
    ];
    let apart =
        [file("d/a", "1"), file("d/b", "22"), file("d/c", "1"), symlink("d/l", "a"), symlink("d/m", "a")];
    world(source).also(apart).also([fifo("d/p"), fifo("d/q")]).same_each([
        "-aiH --no-t s/ d",
        "-rHi s/ d",
        "-aHii --no-t s/ d",
        "-aHiJ s/ d",
        "-aHi --size-only --no-t s/ d",
        "-rlHi s/ d",
        "-aiHn --no-t s/ d",
        "-aHi s/ d",
    ]);
}

/// A dry run has not given the one inode what all of its names are to have.
#[test]
fn s62_dry_runs_tell_every_name() {
    let group = |top: &str, text: &str, at| {
        let first = format!("{top}/a");
        [file(&first, text).mtime(at), hard(format!("{top}/b"), &first), hard(format!("{top}/c"), &first)]
    };
    let commands = [
        "-avHn s/ d",
        "-aiHn s/ d",
        "-aHiin s/ d",
        "-avH s/ d",
        "-aHinc s/ d",
        "-aHinI s/ d",
        "-rHvn s/ d",
        "-aHvn --inplace s/ d",
        "-aHin --size-only s/ d",
        "-aHin --no-t s/ d",
        "-aHn --stats s/ d",
    ];
    world(group("s", "1", 9)).also(group("d", "1", 8)).same_each(commands);
    world(group("s", "1", 9)).also(group("d", "22", 9)).same_each(commands);
    let lacks = world(group("s", "1", 9)).also(group("d", "1", 8)).remove(["d/b"]);
    check_all(commands.map(|args| lacks.clone().run(args)));
}

/// A further name of what is no file is told with what differs from whatever has that name; its owner only where it is
/// to be kept.
#[test]
fn s62_further_names_in_the_place_of_something_else() {
    let there = [
        file("d/b", "x").mode(0o600),
        file("d/b", "q").mode(0o777).owner(5, 6),
        fifo("d/b"),
        symlink("d/b", "q").owner(5, 6),
        dir("d/b"),
    ];
    for there in there {
        for name in [symlink("s/a", "x"), fifo("s/a")] {
            let case = world([name, hard("s/b", "s/a"), hard("s/c", "s/a"), there.clone()]);
            case.same_each(["-aHi s/ d/", "-rlHi --specials s/ d/", "-aHin s/ d/", "-aH --stats s/ d/"]);
        }
    }
}

/// What a new directory inherits stays when names in it are linked afterwards.
#[test]
fn s64_new_directories_with_links_inherit_the_set_group_id_bit() {
    let case = world([
        file("s/a", "x"),
        hard("s/sub/b", "s/a"),
        file("s/sub/c", "y"),
        hard("s/d", "s/sub/c"),
        dir("d").mode(0o2755).owner(0, 7),
    ]);
    case.same_each(["-rH s d", "-aH --no-p s d", "-aH s d", "-rH s/ d/new"]);
}

/// Groups that are led in one directory take turns there: it has its own time after the last of them.
#[test]
fn s88_directories_that_several_groups_are_led_in() {
    let old = 1_400_000_000;
    let case = world([
        file("s/a", random(1, 110_000)).mtime(old),
        file("s/q/a", random(2, 150_000)).mtime(old),
        file("s/q/b/p", "x").mtime(old),
        dir("s/q/c").mtime(old),
        hard("s/q/c/z", "s/q/a"),
        hard("s/q/c/y", "s/q/b/p"),
    ]);
    for _ in 0..4 {
        each(&case, &["-aH", "-rtH", "-rltHi", "-aHX"]);
    }
}

/// Directories in which hard-link groups are put together in the end keep their owner, in the first run too.
#[test]
fn owners_of_directories_with_hard_links_under_fake_super() {
    let trees = || {
        world([
            file("s/h", "x").owner(1000, 1001),
            hard("s/sub/h", "s/h"),
            hard("s/sub/deep/h", "s/h"),
            file("s/sub/k", "y"),
            hard("s/t/k", "s/sub/k"),
            dir("s/sub").owner(1000, 1001).mode(0o2770),
            dir("s/sub/deep").owner(0, 1001).mode(0o711).xattr("user.a", "b"),
            dir("s/t").owner(1000, 0).mode(0o555),
        ])
    };
    for options in
        ["-aH --fake-super", "-aHAX --fake-super", "-aH -M--fake-super", "-aH --fake-super --no-i-r", "-aH"]
    {
        for sources in ["s/", "s/sub", "s/sub/", "s/t s/sub"] {
            let args = format!("{options} -i {sources} d/");
            trees().run(&args).run(&args).check();
        }
    }
}

/// A dry run finds a name up to date that is linked to the one which leads, and tells what is to change besides.
#[test]
fn s62_names_that_are_linked_already_to_what_is_to_change() {
    let case = world([
        file("s/a", "one").mtime(OLD),
        hard("s/b", "s/a"),
        hard("s/c", "s/a"),
        file("d/a", "other").mtime(OLD).mode(0o600),
        hard("d/b", "d/a"),
        file("d/c", "third").mtime(OLD),
    ]);
    let options = ["-aHvvn", "-aHvvin", "-aHvn", "-aHn --info=name2", "-aHvvn --out-format=%i%n", "-rHvvn"];
    case.same_each(options.map(|options| format!("{options} s/ d/")));
}

/// A file that joins the one in front of it is told against whatever has its name; one that waits for it is new.
#[test]
fn links_in_the_place_of_other_things() {
    let mut entries = Vec::new();
    for group in 1..=7 {
        entries.push(file(format!("s/a{group}"), "abcdef").mtime(1_400_000_000));
        entries.extend(["b", "c"].map(|name| hard(format!("s/{name}{group}"), format!("s/a{group}"))));
    }
    let case = world(entries).also([
        symlink("d/a1", "zz"),
        fifo("d/b2"),
        char_dev("d/c3", 1, 3),
        symlink("d/a4", "a1"),
        symlink("d/b4", "zz"),
        dir("d/b5"),
        file("d/a6", "old"),
        symlink("d/b6", "q"),
        file("d/a7", "abcdef").mtime(1_400_000_000),
        symlink("d/c7", "abcdef").mtime(1_400_000_000),
    ]);
    let options =
        ["-aHi", "-rHi", "-rltHi", "-aHi --no-i-r", "-aHi --link-dest=../s", "-aHin", "-aHXi", "-aHii"];
    case.same_each(options.map(|options| format!("{options} s/ d/")));
}

/// A name that has a similar file at the destination leads (`--fuzzy`), as one that is there does.
#[test]
fn s17_a_name_with_a_similar_file_leads() {
    let names = ["a/one", "b/file2", "b/file3"].map(|name| hard(format!("s/{name}"), "s/a/file1"));
    let case = world([file("s/a/file1", "xyzxyz"), file("s/b/other", "q")]).also(names);
    for similar in ["d/a/file0", "d/b/file0", "d/b/unlike"] {
        let case = case.clone().also([file(similar, "xyzxyy")]);
        case.same_each(["-rHtyi s/ d/", "-rHyi s/ d/", "-rHyi --no-W s/ d/"]);
    }
}
