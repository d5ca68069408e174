//! rsync(1), `--compare-dest`, `--copy-dest` and `--link-dest` (points 59 to 63).

use compat_tests::alone::Alone;
use compat_tests::program::Mode;
use compat_tests::rich::{Maker, changed, edits, rich};
use compat_tests::snapshot::Holes;
use compat_tests::*;

const KINDS: [&str; 3] = ["--link-dest", "--copy-dest", "--compare-dest"];

/// A source and an alternate tree that relate in every way, one name each.
fn related() -> Tree {
    let old = 1_400_000_000;
    tree([
        file("s/same", "x"),
        file("s/attr", "x").mode(0o600),
        file("s/data", "abc"),
        file("s/time", "abc"),
        file("s/new", "n"),
        symlink("s/link", "same"),
        fifo("s/fifo"),
        file("s/sub/same", "y"),
        file("s/sub/data", "abc"),
        dir("s/empty"),
        file("s/type", "x"),
        file("s/zhard", "h"),
        hard("s/zhard2", "s/zhard"),
        file("s/xattr", "x").xattr("user.a", "1"),
    ])
    .copied("s", "alt")
    .with([
        file("alt/attr", "x").mtime(old).mode(0o644),
        file("s/attr", "x").mtime(old).mode(0o600),
        file("alt/data", "other"),
        file("alt/sub/data", "other"),
        file("alt/time", "abc").mtime(old),
        file("alt/gone", "g"),
        symlink("alt/type", "x"),
        file("alt/xattr", "x").mtime(old),
        file("s/xattr", "x").mtime(old).xattr("user.a", "1"),
    ])
}

fn each_kind(options: &[&str], case: &Case) {
    let runs = |kind: &str| {
        options.iter().map(move |more| format!("{more} {kind}=../alt s/ d/")).collect::<Vec<_>>()
    };
    case.clone().same_each(KINDS.iter().flat_map(|kind| runs(kind)));
}

#[test]
fn s59_a_fresh_destination() {
    let case = Case::new(related());
    each_kind(&["-a", "-ai", "-aii", "-avv", "-a --stats", "-ain", "-aHi", "-aHAXi", "-ri", "-rti"], &case);
}

#[test]
fn s59_as_an_ordinary_user() {
    each_kind(&["-ai", "-aHii"], &Case::new(related()).as_user());
}

#[test]
fn s59_with_other_options() {
    let case = Case::new(related());
    each_kind(
        &[
            "-aic",
            "-aiI",
            "-ai --size-only",
            "-aiu",
            "-ai --existing",
            "-ai --ignore-existing",
            "-ai --delete",
        ],
        &case,
    );
    each_kind(
        &["-ai --no-W", "-ai --inplace", "-ai --exclude=sub", "-aiS", "-ai --no-p", "-ai --no-t"],
        &case,
    );
}

#[test]
fn s60_an_existing_destination() {
    let case = Case::new(related().copied("s", "d").with([file("d/data", "old"), file("d/extra", "e")]));
    each_kind(&["-ai", "-aii", "-aHi", "-ai --delete", "-ain"], &case);
}

#[test]
fn s59_several_alternates_and_the_best_match() {
    let old = 1_400_000_000;
    let case = world([
        file("s/exact2", "x").mtime(old),
        file("p1/exact2", "x").mtime(old).mode(0o600),
        file("p2/exact2", "x").mtime(old),
        file("s/data1", "abcd").mtime(old),
        file("p1/data1", "x").mtime(old),
        file("p2/data1", "abcd").mtime(old).mode(0o600),
        file("s/both", "b").mtime(old),
        file("p1/both", "b").mtime(old),
        file("p2/both", "b").mtime(old),
    ]);
    case.same_each(KINDS.iter().flat_map(|kind| {
        [format!("-ai {kind}=../p1 {kind}=../p2 s/ d/"), format!("-aii {kind}=../p2 {kind}=../p1 s/ d/")]
    }));
}

#[test]
fn s59_errors() {
    let case = Case::new(related());
    case.clone().same_each(KINDS.map(|kind| format!("-ai {kind}=../nope s/ d/")));
    case.clone()
        .same_each(["-ai --link-dest=../alt --copy-dest=../alt s/ d/", "-ai --link-dest=../alt/same s/ d/"]);
    let many = (0..21).map(|n| format!("--link-dest=../alt{n}")).collect::<Vec<_>>().join(" ");
    case.same(&format!("-a {many} s/ d/"));
}

#[test]
fn without_trailing_slash_and_for_one_file() {
    let case = Case::new(related().copied("s", "alt2/s"));
    case.clone().same_each([
        "-ai --link-dest=../alt2 s d/",
        "-ai --link-dest=../alt s/same d/",
        "-aRi --link-dest=../alt2 s d/",
    ]);
}

/// A single file that gets another name is looked for under that.
#[test]
fn one_file_under_a_new_name() {
    let case = Case::new(related()).also([file("alt/new", "same").mtime(1_300_000_000)]);
    let case = case.also([file("s/one", "same").mtime(1_300_000_000)]);
    case.same_each([
        "-ai --link-dest=alt s/same new",
        "-ai --link-dest=alt s/one new",
        "-aii --copy-dest=alt s/one new",
        "-ai --compare-dest=alt s/one new",
        "-ai --no-W --copy-dest=alt s/same new",
        "-avv --link-dest=alt s/one same",
    ]);
}

/// A file that is linked is not transferred, so the one before it gets no backup.
#[test]
fn linked_files_leave_no_backup() {
    let mut entries =
        vec![file("d/e", "old"), file("d/c/in", "old"), symlink("d/b", "x"), fifo("d/p"), hard("s/h", "s/e")];
    entries.push(hard("alt/h", "alt/e"));
    entries.push(file("d/h", "old"));
    for name in ["e", "b", "c", "p", "sub/f"] {
        entries.push(file(format!("s/{name}"), "new").mtime(1_300_000_000));
        entries.push(file(format!("alt/{name}"), "new").mtime(1_300_000_000));
    }
    entries.push(file("d/sub/f", "old"));
    let case = world(entries);
    case.same_each([
        "-ai -b --link-dest=../alt s/ d",
        "-ai -b --link-dest=../alt --force s/ d",
        "-aiH -b --link-dest=../alt --delete s/ d",
        "-ai --backup-dir=../bak --link-dest=../alt --delete s/ d",
        "-ai -b --copy-dest=../alt --delete s/ d",
        "-ai -b --compare-dest=../alt --delete s/ d",
        "-ai --compare-dest=../alt s/ d",
        "-ain -b --compare-dest=../alt s/ d",
        "-aib --backup-dir=../bak --compare-dest=../alt --force s/ d",
    ]);
}

#[test]
fn s63_a_rotation_of_snapshots() {
    let source = rich(Maker::Root);
    let after = changed(&source, 11, 12);
    let (removed, put) = edits(&source.clone().below("s"), &after.clone().below("s"));
    let case = Case::new(source.below("s")).run("-aHAXi s/ day1/");
    let case = case.run("-aHAXi --link-dest=../day1 s/ day2/").remove(removed).put(put);
    case.known("xattrs of links")
        .run("-aHAXi --delete --link-dest=../day2 s/ day3/")
        .run("-aHAXii --link-dest=../day2 s/ day3/")
        .check();
}

/// A file that is sent though an alternate destination has one of its name is told against that, and without `-p` it
/// takes its permissions from it.
#[test]
fn s59_without_perms_the_alternate_file_gives_them() {
    let case = world([
        file("s/touched", "x").mode(0o640).mtime(5),
        file("alt/touched", "x").mode(0o755).mtime(6),
        file("s/longer", "xyz").mode(0o640).mtime(5),
        file("alt/longer", "x").mode(0o4711).mtime(5),
        file("s/same", "x").mode(0o640).mtime(5),
        file("alt/same", "x").mode(0o755).mtime(5),
        file("s/both", "x").mode(0o640).mtime(5),
        file("alt/both", "x").mode(0o755).mtime(6),
        file("d/both", "x").mode(0o600).mtime(7),
        file("s/dir-there", "x").mode(0o640),
        dir("alt/dir-there"),
    ]);
    for kind in ["compare", "copy", "link"] {
        let options = ["-ri", "-rti", "-rtEi", "-rti --inplace", "-ai"];
        case.clone().same_each(options.map(|options| format!("{options} --{kind}-dest=../alt s/ d/")));
    }
}

/// Directories are told by their times even where `-O` leaves these alone; links whose text differs likewise.
#[test]
fn times_that_are_left_alone_are_told_beside_alternates() {
    let mut entries = Vec::new();
    for (top, at) in [("s", 1_400_000_000), ("alt", 1_300_000_000)] {
        entries.extend(["x", "x/y", "w"].map(|name| dir(format!("{top}/{name}")).mtime(at)));
        entries.push(dir(format!("{top}/same")).mtime(1_000_000_000));
        entries.push(symlink(format!("{top}/l"), top).mtime(at));
        entries.push(symlink(format!("{top}/m"), top).mtime(1_000_000_000));
        entries.push(symlink(format!("{top}/n"), "n").mtime(at));
    }
    let commands =
        ["-ai -O", "-ai -b", "-aii -O", "-ain -O", "-av -O", "-aiJ", "-rli", "-aic -OJ", "-rlii -O"];
    let alternates = ["link", "copy", "compare"];
    let all = commands
        .iter()
        .flat_map(|command| alternates.map(|kind| format!("{command} --{kind}-dest=../alt s/ d")));
    world(entries).same_each(all.collect::<Vec<_>>());
}

/// What `--copy-dest` copies is the alternate file, even where nobody looked whether it has the same data.
#[test]
fn copies_are_those_of_the_alternate_file() {
    let at = |path: &str, text: &str| file(path, text).mtime(1_300_000_000);
    let case =
        world([at("s/x", "one"), at("alt/x", "two"), at("s/y", "one"), at("alt/y", "two").mode(0o600)]);
    case.same_each([
        "-ai --copy-dest=../alt s/ d",
        "-ai --link-dest=../alt s/ d",
        "-ai --inplace --copy-dest=../alt s/ d",
        "-ai --no-W --copy-dest=../alt s/ d",
        "-aiS --delay-updates --copy-dest=../alt s/ d",
        "-aic --copy-dest=../alt s/ d",
        "-ai --remove-source-files --copy-dest=../alt s/ d",
    ]);
}

/// A dry run fails for each directory that it would make and give extended attributes.
#[test]
fn s59_a_dry_run_wants_attributes_of_what_it_did_not_make() {
    let case = world([file("s/a/f", "x"), dir("s/a/b/c"), dir("s/e"), dir("s/new"), symlink("s/a/l", "f")])
        .also([file("alt/a/f", "x"), dir("alt/a/b/c"), dir("alt/e"), dir("d/a"), file("d/e", "x")]);
    let forms = [
        "-aXin --link-dest=../alt s/ d/",
        "-aXin --copy-dest=../alt s/ d2",
        "-aXin --compare-dest=../alt s d",
    ];
    case.clone().same_each(forms);
    case.same_each([
        "-aAin --link-dest=../alt s/ d/",
        "-aXi --link-dest=../alt s/ d/",
        "-aXinR --link-dest=../alt s/./a d",
    ]);
}

#[test]
fn s59_what_is_copied_with_another_time_is_up_to_date() {
    let case = world([file("s/f", "x").mtime(5), file("s/g", "x").mtime(5), symlink("s/l", "f").mtime(5)])
        .also([
            file("alt/f", "x").mtime(5),
            file("alt/g", "x").mtime(5).mode(0o600),
            symlink("alt/l", "f").mtime(5),
        ]);
    case.same_each(
        ["-rvv", "-rlvv", "-rtvv", "-rpvv", "-rv", "-rii", "-r --info=name2", "-rnvv"]
            .map(|form| format!("{form} --copy-dest=../alt s/ d/")),
    );
}

/// A directory whose time is not given changes it with everything else.
#[test]
fn s59_letters_of_directories_made_beside_others() {
    let case = world([dir("s/same").mtime(5), dir("s/other").mode(0o700).mtime(5), dir("s/time").mtime(7)])
        .also([dir("s/note").mtime(5).xattr("user.x", "1"), dir("alt").mode(0o711)])
        .also([
            dir("alt/same").mtime(5),
            dir("alt/other").mtime(5),
            dir("alt/time").mtime(9),
            dir("alt/note").mtime(5),
        ]);
    case.same_each(
        ["-ai", "-ri", "-rpi", "-rti", "-aOi", "-aXi", "-rXi", "-aOXi", "-rlpgoi", "-rOi"]
            .map(|form| format!("{form} --link-dest=../alt s/ d/")),
    );
}

/// A copy of an alternate file takes its permissions, without `-p`, from whatever it replaces.
#[test]
fn s64_permissions_of_a_copy_that_replaces_another_kind() {
    let old = [
        symlink("d/f", "x"),
        fifo("d/f").mode(0o600),
        char_dev("d/f", 1, 3).mode(0o620),
        dir("d/f").mode(0o711),
    ];
    let commands =
        ["-rti --copy-dest=../alt s/ d/", "-rtiE --copy-dest=../alt s/ d/", "-ai --copy-dest=../alt s/ d/"];
    for there in old {
        for mode in [0o644, 0o4755, 0o600] {
            let files = [file("s/f", "x").mtime(5).mode(mode), file("alt/f", "x").mtime(5), there.clone()];
            world(files.clone()).same_each(commands);
            world(files).as_user().same(commands[0]);
        }
    }
}

/// The very file of the destination is one to compare with, too: it goes.
#[test]
fn s60_the_destination_beside_itself() {
    let case = world([
        file("s/a", "x").mtime(5),
        file("s/p/b", "y").mtime(5),
        file("d/a", "x").mtime(5),
        hard("d/h", "d/a"),
        file("d/p/b", "y").mtime(5),
        file("d/c", "z"),
        file("alt/a", "x").mtime(5),
    ]);
    case.clone().same_each([
        "-ai --compare-dest=. s/ d/",
        "-aii --compare-dest=../d s/ d/",
        "-ai --link-dest=. s/ d/",
    ]);
    let linked = case.also([hard("d/a", "alt/a")]);
    linked.same_each(["-ai --compare-dest=../alt s/ d/", "-ai --link-dest=../alt s/ d/"]);
}

#[test]
fn s59_a_slash_behind_a_missing_alternate_destination() {
    let case = world([file("s/a", "x"), dir("d"), file("f", "x")]);
    case.same_each([
        "-a --link-dest=../no/ s/ d/",
        "-a --compare-dest=/no/ s/ d/",
        "-a --copy-dest=../f/ s/ d/",
    ]);
}

/// A link in the place of a directory there is followed as in a typed path: those of others are not.
#[test]
fn s59_s71_links_to_directories_in_alternate_destinations() {
    let case = world([
        file("s/l/f", "x").mtime(5),
        file("s/l/in/g", "y").mtime(5),
        file("s/q/f", "x").mtime(5),
        file("alt/real/f", "x").mtime(5),
        file("alt/real/in/g", "y").mtime(5),
        symlink("alt/l", "real"),
        dir("d"),
    ]);
    let commands =
        ["-ai --link-dest=../alt s/ d/", "-ai --copy-dest=../alt s/ d/", "-ai --compare-dest=../alt s/ d/"];
    case.clone().same_each(commands);
    case.clone().same_each(["-aHi --link-dest=../alt s/ d/", "-ain --link-dest=../alt s/ d/"]);
    case.clone().as_user().same_each(commands);
    case.also([symlink("alt/q", "real").owner(7, 7)]).same_each(commands);
}

/// None leads out of the alternate destination, where a backup may have kept a link of somebody else's choice.
#[test]
fn s59_links_out_of_alternate_destinations() {
    for option in ["--link-dest", "--copy-dest", "--compare-dest"] {
        for mode in Mode::of_this_run() {
            let alone = Alone::new(
                &tree([
                    file("s/out/f", "guess!").mtime(5),
                    symlink("alt/out", "../elsewhere"),
                    file("elsewhere/f", "secret").mtime(5),
                ]),
                None,
            );
            alone.ours(mode, "", &format!("-rlt {option}=../alt s/ d/")).assert_silent();
            alone.assert_copy("s", "d", Holes::Ignored);
        }
    }
}

/// The same where the source's directory is behind a link that is followed.
#[test]
fn s59_followed_links_beside_alternate_destinations() {
    let case = world([
        file("s/real/f", "x").mtime(5),
        symlink("s/l", "real"),
        file("alt/real/f", "x").mtime(5),
        symlink("alt/l", "real"),
        dir("d"),
    ]);
    case.same_each([
        "-aik --link-dest=../alt s/ d/",
        "-rik --copy-dest=../alt s/ d/",
        "-aiL --compare-dest=../alt s/ d/",
    ]);
}
