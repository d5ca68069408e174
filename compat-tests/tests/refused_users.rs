//! What becomes of places that an ordinary user may not search, change or read (points 44, 48 and 83).

use compat_tests::*;

const OLD: i64 = 1_400_000_000;

const ALL: u32 = 0o777;

fn tree_to_copy() -> Case {
    world([
        file("s/f", "1"),
        file("s/x/g", "2"),
        symlink("s/l", "f"),
        fifo("s/p"),
        dir("s").mode(ALL),
        file("d/gone", "x"),
    ])
    .as_user()
}

/// Without the right to search it, the top can neither be opened up again nor be copied into.
#[test]
fn s44_a_destination_that_chmod_closes() {
    let modes = ["D077", "D277", "D477", "D677", "D000", "D177", "D377", "D577"];
    let commands = modes.iter().flat_map(|mode| {
        ["-ai --chmod=MODE s/ d/", "-r --chmod=MODE s/ new/", "-ai --delete --chmod=MODE s/ d/"]
            .map(|command| command.replace("MODE", mode))
    });
    let commands: Vec<String> = commands.collect();
    tree_to_copy().same_each(commands);
    tree_to_copy().same_each(["-ain --chmod=D077 s/ d/", "-ai --delete-before --chmod=D077 s/ d/"]);
}

fn directories_of_others() -> Case {
    let modes = [0o070, 0o700, 0o500, 0o755, 0o300, 0o711, 0o744];
    let entries = modes.into_iter().flat_map(|mode| {
        let name = format!("m{mode:03o}");
        [
            file(format!("s/{name}/f"), "x"),
            file(format!("s/{name}/sub/g"), "y"),
            symlink(format!("s/{name}/l"), "f"),
            dir(format!("d/{name}")).owner(0, 0).mode(mode),
            dir(format!("s/empty{mode:03o}")),
            dir(format!("d/empty{mode:03o}")).owner(0, 0).mode(mode),
        ]
    });
    world(entries).as_user()
}

#[test]
fn s83_directories_of_others_at_the_destination() {
    directories_of_others().same_each(["-r s/ d/", "-ri s/ d/", "-rlv s/ d/", "-rlO s/ d/", "-ai s/ d/"]);
}

#[test]
fn s48_the_first_that_cannot_be_listed_stops_deletions() {
    directories_of_others().also([file("d/gone", "x")]).same_each(["-ri --delete s/ d/"]);
}

#[test]
fn s52_what_is_in_the_way_and_cannot_go() {
    let case = world([
        file("s/file", "x"),
        file("s/from-dir", "x"),
        symlink("s/link", "x"),
        dir("s/in/sub"),
        dir("s/over-file"),
        dir("d").owner(1000, 1000),
        fifo("d/file"),
        dir("d/from-dir"),
        dir("d/link"),
        fifo("d/in"),
        file("d/over-file", "y"),
    ]);
    case.as_user().same_each(["-rlv s/ d/", "-rltOi s/ d/", "-rlv --inplace s/ d/", "-rlnv s/ d/"]);
}

#[test]
fn s35_a_new_file_in_place_where_none_can_be() {
    let case = world([file("s/f", "x"), dir("d").owner(0, 0), file("e/f", "y").owner(0, 0)]).as_user();
    case.same_each(["-r --inplace s/ d/", "-r --append s/f d/", "-r --inplace s/ e/"]);
}

/// A file whose extended attributes cannot be read is not in the list, which stops deletions.
#[test]
fn s48_s62_extended_attributes_that_cannot_be_read() {
    let case = world([
        file("s/secret", "x").mode(0).xattr("user.a", "1"),
        file("s/sub/secret", "x").mode(0o200).xattr("user.a", "1"),
        file("s/plain", "x").mode(0),
        file("s/closed/f", "x"),
        dir("s/closed").mode(0).xattr("user.a", "1"),
        file("s/z", "x").xattr("user.a", "1"),
        file("d/gone", "x"),
        file("d/sub/gone", "x"),
    ])
    .as_user();
    case.same_each([
        "-aXi --delete s/ d/",
        "-aXi --delete-after s/ d/",
        "-rX s/ d/",
        "-rX s d/",
        "-aAX s/ d/",
        "-aXin s/ d/",
        "-X s/secret s/z d/",
        "-rXR s/sub d/",
        "-aXi --exclude=nothing -f '-x user.a' s/ d/",
    ]);
}

#[test]
fn s62_extended_attributes_at_the_destination_that_cannot_be_read() {
    let there = file("d/f", "x").mtime(5).mode(0o200).xattr("user.a", "1");
    world([file("s/f", "x").mtime(5), there]).as_user().same_each(["-rtX s/ d/", "-rtXi s/ d/"]);
}

/// Without `-p` a file that may not be read is no model for the permissions of the one that replaces it.
#[test]
fn s61_files_that_may_not_be_read_give_no_permissions() {
    let modes = [0o000, 0o200, 0o400, 0o100, 0o444];
    let entries = modes
        .into_iter()
        .flat_map(|mode| [file(format!("s/{mode}"), "new"), file(format!("d/{mode}"), "older").mode(mode)]);
    world(entries).as_user().same_each([
        "-ri s/ d/",
        "-rt s/ d/",
        "-ri --inplace s/ d/",
        "-rb s/ d/",
        "-rE s/ d/",
        "-ri --no-W s/ d/",
    ]);
}

/// An alternate file that may not be read is told where its data is needed, and gives no permissions either.
#[test]
fn s56_alternate_files_that_may_not_be_read() {
    let case = world([
        file("s/same", "1").mtime(5),
        file("alt/same", "1").mtime(5).owner(0, 0).mode(0o600),
        file("s/other", "2"),
        file("alt/other", "33").owner(0, 0).mode(0o600),
        dir("d"),
    ]);
    case.as_user().same_each([
        "-r --link-dest=../alt s/ d/",
        "-a --link-dest=../alt s/ d/",
        "-ri --copy-dest=../alt s/ d/",
        "-rt --compare-dest=../alt s/ d/",
        "-rt --link-dest=../alt --no-W s/ d/",
        "-rtin --link-dest=../alt s/ d/",
    ]);
}

/// The sending side has made its list by the time that the receiving one refuses.
#[test]
fn what_the_sending_side_notices_before_a_run_is_refused() {
    let case = world([
        file("s/f", "x"),
        dir("s/closed/q"),
        dir("s/closed").mode(0),
        symlink("s/l", "nope"),
        dir("d"),
    ]);
    case.as_user().same_each([
        "-rL s/ new/deep/x",
        "-r s/ s/nope new/deep/x",
        "-r s/ d -T nosuch",
        "s/ d -T nosuch",
        "s s/f d -T nosuch",
        "-v s/ d/new/deep",
        "--compare-dest=nosuch -T nosuch s/f d",
    ]);
}

#[test]
fn s79_files_that_were_not_sent_count_in_progress() {
    let entries =
        [file("s/a", "1").mode(0), file("s/b", "2"), file("s/c/d", "3").mode(0), file("s/c/e", "4")];
    world(entries).as_user().same_each(["-r --progress s/ d", "-rP s/ d"]);
}

#[test]
fn s52_directories_in_the_way_that_may_not_be_read() {
    let case = world([
        file("s/empty", "1"),
        file("s/full", "2"),
        file("s/closed", "3"),
        dir("d/empty").mode(0o311),
        file("d/full/k", "x"),
        dir("d/full").mode(0o311),
        dir("d/closed/q"),
        dir("d/closed").mode(0),
    ]);
    case.as_user().same_each(["-r s/ d/", "-r --force s/ d/", "-rb s/ d/"]);
}

/// Root opens directories up, too, when it does not count as the super-user.
#[test]
fn s44_closed_directories_without_super() {
    let case = world([file("s/x/f", "1"), dir("s/x").mode(0o311), dir("s/y").mode(0o644)]);
    case.same_each(["-r --no-super s/ d", "-a --no-super s/ d", "-r s/ d", "-r --super s/ d"]);
}

#[test]
fn s48_s62_directories_that_may_be_searched_and_not_be_read() {
    let case = world([file("s/sub/f", "x"), dir("s/sub").mode(0o311), file("list", "sub/f\n")]).as_user();
    case.same_each(["-aXi --files-from=list s/ d/", "-aAXi --files-from=list s/ d/", "-aXRi s/./sub/f d/"]);
}

/// A directory whose owner was refused is not asked for it again when links that come late change it once more.
#[test]
fn s44_the_owner_of_a_directory_is_refused_once() {
    world([
        file("s/sub/a", "a"),
        hard("s/sub/deep/b", "s/sub/a"),
        hard("s/z/c", "s/sub/a"),
        file("t/sub/x", "x"),
        hard("t/z/y", "t/sub/x"),
    ])
    .as_user()
    .same_each([
        "-aH --super --usermap=*:5 s/ d/",
        "-aH --super --usermap=*:5 --link-dest=../t s/sub s/z d/",
    ]);
}

/// Extended attributes of an ordinary user's read-only files are set and removed, where nothing else changes too.
#[test]
fn s68_attributes_of_files_that_are_read_only() {
    for mode in [0o400, 0o444, 0o555, 0o2500] {
        let case = world([
            file("s/new", "x").mode(mode).mtime(OLD).xattr("user.x", "1"),
            file("s/other", "x").mode(mode).mtime(OLD).xattr("user.x", "2"),
            file("s/gone", "x").mode(mode).mtime(OLD),
            file("s/equal", "x").mode(mode).mtime(OLD).xattr("user.x", "1"),
            file("s/opened", "x").mode(0o600).mtime(OLD).xattr("user.x", "1"),
            file("s/closed", "x").mode(mode).mtime(OLD).xattr("user.x", "1"),
            file("s/late", "x").mode(mode).mtime(OLD + 1).xattr("user.x", "1"),
            dir("s/sub").mode(mode | 0o100).mtime(OLD).xattr("user.x", "1"),
            file("d/new", "x").mode(mode).mtime(OLD),
            file("d/other", "x").mode(mode).mtime(OLD).xattr("user.x", "1"),
            file("d/gone", "x").mode(mode).mtime(OLD).xattr("user.x", "1"),
            file("d/equal", "x").mode(mode).mtime(OLD).xattr("user.x", "1"),
            file("d/opened", "x").mode(mode).mtime(OLD),
            file("d/closed", "x").mode(0o600).mtime(OLD),
            file("d/late", "x").mode(mode).mtime(OLD),
            dir("d/sub").mode(mode | 0o100).mtime(OLD),
        ]);
        let options = [
            "-aXi",
            "-rXi",
            "-rXin",
            "-rtXi",
            "-aAXi",
            "-aXIi",
            "-aX --inplace -Ii",
            "-aX --fake-super",
            "-aHX --link-dest=../s",
            "-aX --no-super",
        ];
        case.clone().same_each(options.map(|options| format!("{options} s/ d/")));
        case.as_user().same_each(options.map(|options| format!("{options} s/ d/")));
    }
}

/// A set-id file of others keeps its bits where its group cannot be changed, which is told as it is.
#[test]
fn set_id_files_of_others() {
    let files = [0o4755, 0o2755, 0o6711, 0o755].map(|mode| (mode, format!("f{mode:o}")));
    let entries = files.iter().flat_map(|(mode, name)| {
        [
            file(format!("s/{name}"), "x").mtime(1_400_000_000),
            file(format!("d/{name}"), "x").mtime(1_400_000_000).owner(4242, 4242).mode(*mode),
        ]
    });
    let case = world(entries.chain([dir("d")]));
    let options = ["-ai", "-ain", "-aii", "-rtgi", "-rtpi", "-aiH"];
    case.clone().as_user().same_each(options.map(|options| format!("{options} s/ d/")));
    case.same_each(options.map(|options| format!("{options} s/ d/")));
}

/// A copy that is made in place on this side cannot be made, and says so with the reason.
#[test]
fn copies_in_place_where_nothing_may_be_made() {
    let case = world([
        file("s/f", "hello").mtime(OLD),
        file("alt/f", "hello").mtime(OLD),
        file("s/g", "hello"),
        file("alt/g", "helloo"),
        dir("d").owner(0, 0),
    ])
    .as_user();
    for data in ["--inplace", "--append", "--append-verify"] {
        let kinds = ["--link-dest=../alt", "--copy-dest=../alt", "--compare-dest=../alt", ""];
        case.clone().same_each(kinds.map(|kind| format!("-ai {data} {kind} s/ d/")));
    }
}

/// Whoever may write to somebody else's file may do so in place, and no more.
#[test]
fn in_place_into_files_of_others() {
    let modes = [0o000, 0o044, 0o222, 0o444, 0o446, 0o600, 0o666, 0o4666, 0o2676];
    let old = modes.map(|mode| file(format!("d/m{mode:04o}"), "older").owner(0, 0).mode(mode));
    let new = modes.map(|mode| file(format!("s/m{mode:04o}"), "new"));
    let case = world(new).also(old).as_user();
    for options in ["-ri", "-rpi", "-rti", "-rgi", "-ai", "-ri --append"] {
        case.clone().same(&format!("{options} --inplace s/ d/"));
    }
    let case = world([file("s/f", "new").owner(1, 1), file("d/f", "older"), file("s/g", "new").owner(1, 1)]);
    case.as_user().same("-rogi --super --inplace s/ d/");
}
