//! rsync(1), what `-p -o -g -t -A -X` keep.

use compat_tests::*;

fn each(case: &Case, options: &[&str]) {
    case.clone().same_each(options.iter().map(|options| format!("{options} s/ d/")));
}

fn modes() -> Tree {
    let mut tree = Tree::default();
    for mode in
        [0o000, 0o400, 0o444, 0o600, 0o640, 0o644, 0o666, 0o700, 0o711, 0o755, 0o777, 0o2755, 0o4755, 0o6711]
    {
        tree.insert(file(format!("s/f{mode:04o}"), "x").mode(mode));
    }
    for mode in [0o500, 0o555, 0o700, 0o711, 0o755, 0o777, 0o1777, 0o2755, 0o2775] {
        tree.insert(dir(format!("s/d{mode:04o}")).mode(mode));
        tree.insert(file(format!("s/d{mode:04o}/in"), "x"));
    }
    tree
}

#[test]
fn s64_modes() {
    let case = Case::new(modes());
    each(
        &case,
        &["-a", "-ai", "-ri", "-rpi", "-rti", "-rlti", "-ai --no-p", "-ai --no-perms", "-ai --inplace"],
    );
    for umask in [0o000, 0o027, 0o077] {
        each(&case.clone().umask(umask), &["-ai", "-ri", "-rlti"]);
    }
}

#[test]
fn s64_modes_over_existing_names() {
    let mut tree = modes();
    let existing: Vec<Entry> = tree.entries.values().cloned().collect();
    for mut entry in existing {
        entry.path[0] = b'd';
        entry.mode = Some(if entry.kind == Kind::Dir { 0o750 } else { 0o660 });
        tree.insert(entry);
    }
    let case = Case::new(tree);
    each(&case, &["-ai", "-ri", "-rpi", "-rti", "-aii", "-aIi", "-aci", "-rlptgoi", "-ain"]);
}

#[test]
fn s64_as_an_ordinary_user() {
    let mut tree = modes();
    tree.entries.retain(|path, _| path != b"s/f0000");
    let case = Case::new(tree).as_user();
    each(&case, &["-ai", "-ri", "-rti"]);
    case.run("-ai s/ d/").run("-aii s/ d/").run("-aiI s/ d/").check();
}

#[test]
fn s64_the_destinations_setgid_directory_and_default_acl() {
    let acl = "u::rwx,u:7:rwx,g::r-x,m::rwx,o::---";
    let case = Case::new(modes().with([dir("d").mode(0o2775).owner(0, 50), dir("e").default_acl(acl)]));
    let commands =
        ["-ai s/ d/", "-ri s/ d/", "-ai s d/", "-ri s d/", "-ai s/ e/", "-ri s/ e/", "-ai s e/", "-ri s e/"];
    case.clone().same_each(commands);
    case.same_each(["-aAi s/ e/", "-aAi s e/", "-rAi s e/", "-aXi s e/"]);
}

/// The mode of a directory that exists is set before anything is made in it.
#[test]
fn s64_set_group_id_is_settled_before_it_is_inherited() {
    let set = world([dir("s/sub"), file("s/f", "x"), file("s/sub/f", "x"), dir("s/sub/new")])
        .also([dir("d").mode(0o2775).owner(0, 50), dir("d/sub").mode(0o2755).owner(0, 60)]);
    let unset =
        world([dir("s").mode(0o2755), file("s/f", "x"), dir("s/sub").mode(0o2775), file("s/sub/f", "x")])
            .also([dir("d").owner(0, 50), dir("d/sub").owner(0, 60)]);
    for case in [set, unset] {
        each(
            &case,
            &["-rlpti", "-rpi", "-rlti", "-rptgi", "-ai", "-rpti --chmod=Dg+s", "-rpti --chmod=D755"],
        );
    }
}

fn owners() -> Tree {
    tree([
        file("s/root", "x"),
        file("s/user", "x").owner(1001, 1002),
        file("s/suid", "x").owner(1001, 1002).mode(0o6755),
        symlink("s/link", "x").owner(3, 4),
        dir("s/dir").owner(5, 6).mode(0o700),
        fifo("s/fifo").owner(7, 8),
        file("s/dir/big", "x").owner(4_000_000_000, 3_999_999_999),
    ])
}

#[test]
fn s67_owners_and_groups() {
    let case = Case::new(owners());
    each(
        &case,
        &[
            "-ai",
            "-roi",
            "-rgi",
            "-rogi",
            "-ai --no-o",
            "-ai --no-g",
            "-ai --numeric-ids",
            "-rlpti",
            "-rlogpi",
        ],
    );
    let case = Case::new(owners().with([
        file("d/root", "x").owner(9, 9),
        file("d/user", "x").owner(9, 1002),
        file("d/suid", "x").mode(0o6755),
        symlink("d/link", "x").owner(9, 9),
        dir("d/dir").owner(9, 9),
        fifo("d/fifo").owner(9, 9),
    ]));
    each(&case, &["-ai", "-roi", "-rgi", "-ain", "-aii --numeric-ids", "-ai --size-only", "-ai --inplace"]);
}

#[test]
fn s67_as_an_ordinary_user() {
    each(&Case::new(owners()).as_user(), &["-ai", "-aii --numeric-ids", "-rogi"]);
}

#[test]
fn set_id_bits_and_capabilities_survive_the_change_of_owner() {
    let capable = capability(1 << 13);
    let case = world([
        file("s/cap", "x").owner(1001, 1002).mode(0o4755).xattr("security.capability", &capable),
        file("s/changed", "abc").owner(1001, 1002).xattr("security.capability", &capable),
        file("d/changed", "x").xattr("security.capability", capability(1 << 10)),
        file("s/owner", "x").mtime(5).owner(1001, 1002).mode(0o6755).xattr("security.capability", &capable),
        file("d/owner", "x").mtime(5).mode(0o6755).xattr("security.capability", &capable),
        file("s/without", "x").mtime(5),
        file("d/without", "x").mtime(5).xattr("security.capability", &capable),
    ]);
    each(&case, &["-aXi", "-ai", "-aHAXi", "-aXi --inplace", "-aXii"]);
    case.run("-aHAXi s/ d/").run("-aHAXii s/ d/").check();
}

#[test]
fn times() {
    let tree = tree([
        file("s/ns", "x").mtime_ns(1_400_000_000, 123_456_789),
        file("s/epoch", "x").mtime(0),
        file("s/before", "x").mtime_ns(-1, 999_999_999),
        file("s/far", "x").mtime(4_500_000_000),
        dir("s/dir").mtime_ns(1_300_000_000, 1),
        file("s/dir/x", "x"),
        symlink("s/link", "x").mtime_ns(1_300_000_000, 2),
        fifo("s/fifo").mtime_ns(1_300_000_000, 3),
        dir("s").mtime_ns(1_200_000_000, 4),
    ]);
    let case = Case::new(tree);
    each(&case, &["-a", "-rt", "-rlt", "-r", "-ai --no-t", "-rlDt"]);
    case.clone().run("-ai s/ d/").run("-aii s/ d/").put([file("d/dir/more", "m")]).run("-ai s/ d/").check();
    case.run("-ai s/ d/").put([file("s/dir/new", "n")]).run("-ai --delete s/ d/").run("-ai s/ d/").check();
}

fn xattrs() -> Tree {
    let long = vec![b'v'; 2000];
    tree([
        file("s/user", "x").mtime(5).xattr("user.a", "1").xattr("user.b", b"\x00\xff"),
        file("s/empty", "x").xattr("user.empty", ""),
        file("s/long", "x").xattr("user.long", long),
        dir("s/dir").xattr("user.dir", "d").mtime(5),
        file("s/none", "x").mtime(5),
        file("s/ro", "x").mode(0o444).xattr("user.ro", "1"),
        hard("s/user2", "s/user"),
    ])
}

fn xattrs_over_others() -> Tree {
    xattrs().with([
        file("d/user", "x").mtime(5).xattr("user.a", "2").xattr("user.extra", "e"),
        dir("d/dir").mtime(5).xattr("user.other", "d"),
        file("d/none", "x").mtime(5).xattr("user.extra", "e"),
        file("d/ro", "old").mode(0o444).xattr("user.extra", "e"),
    ])
}

#[test]
fn s68_xattrs() {
    each(&Case::new(xattrs()), &["-aX", "-aXi", "-rXi", "-ai", "-aXHi", "-aXi --inplace", "-rtXi", "-aXin"]);
    each(&Case::new(xattrs()).as_user(), &["-aX", "-aXi", "-ai"]);
    each(
        &Case::new(xattrs_over_others()),
        &["-aXi", "-aXii", "-ai", "-aXi --inplace", "-aXin", "-aXv", "-rXi"],
    );
    each(&Case::new(xattrs_over_others()).as_user(), &["-aXi", "-aXi --inplace"]);
    Case::new(xattrs_over_others()).run("-aXi s/ d/").run("-aXii s/ d/").check();
}

#[test]
fn s68_xattrs_of_root() {
    let tree = tree([
        file("s/trusted", "x").xattr("trusted.t", "t").xattr("security.s", "s").xattr("user.u", "u"),
        symlink("s/link", "x").xattr("trusted.l", "l"),
        fifo("s/fifo").xattr("trusted.f", "f"),
        char_dev("s/dev", 1, 3).xattr("trusted.d", "d"),
        dir("s/dir").xattr("trusted.d", "d"),
    ]);
    let case = Case::new(tree);
    each(&case, &["-aX", "-aXi", "-ai"]);
    case.clone().run("-ai s/ d/").run("-aXi s/ d/").run("-aXii s/ d/").run("-aXi --delete s/ d/").check();
}

#[test]
fn s25_xattr_filters() {
    let case = Case::new(xattrs_over_others());
    each(
        &case,
        &["-aXi -f '-x user.a'", "-aXi -f '-x! user.*'", "-aXi -f '-x user.*'", "-aXi -f '-xs user.a'"],
    );
}

const ACCESS: &str = "u::rw-,u:1000:r--,g::r--,g:5:rw-,m::rw-,o::---";
const OTHER: &str = "u::rw-,u:7:rwx,g::r--,m::rwx,o::r--";
const ON_DIR: &str = "u::rwx,u:7:r-x,g::r-x,m::r-x,o::---";
const DEFAULT: &str = "u::rwx,u:9:rwx,g::r-x,m::rwx,o::---";

fn acls() -> Tree {
    tree([
        file("s/acl", "x").mtime(5).acl(ACCESS),
        file("s/plain", "x").mtime(5),
        dir("s/both").mtime(5).acl(ON_DIR).default_acl(DEFAULT),
        file("s/both/inside", "x"),
        dir("s/both/sub"),
        dir("s/default").default_acl(DEFAULT),
        fifo("s/fifo").acl(ACCESS),
        file("s/masked", "x").acl("u::rw-,u:3:rwx,g::rwx,m::r--,o::---"),
    ])
}

#[test]
fn s68_acls() {
    each(
        &Case::new(acls()),
        &["-aA", "-aAi", "-rAi", "-ai", "-aAXi", "-aAi --no-p", "-a --no-p -Ai", "-aAin"],
    );
    each(&Case::new(acls()).as_user(), &["-aA", "-aAi", "-ai"]);
}

#[test]
fn s68_acls_over_others() {
    let over = acls().with([
        file("d/acl", "x").mtime(5).acl(OTHER),
        file("d/plain", "x").mtime(5).acl(OTHER),
        dir("d/both").mtime(5).default_acl("u::rwx,u:3:r--,g::r-x,m::r-x,o::---"),
        dir("d/default").acl(ON_DIR),
        dir("d").default_acl(DEFAULT),
    ]);
    let case = Case::new(over);
    each(
        &case,
        &["-aAi", "-aAii", "-ai", "-aAXi", "-aAi --delete", "-ri", "-aAi --inplace", "-aAv", "-aAin"],
    );
    case.clone().run("-aAi s/ d/").run("-aAii s/ d/").check();
    case.as_user().same_each(["-aAi s/ d/", "-ai s/ d/"]);
}

/// What the mode says of an ACL is told and set with the mode.
#[test]
fn s68_acls_without_what_the_mode_says() {
    const WIDE: &str = "u::rwx,u:1000:r-x,g::r-x,m::rwx,o::---";
    const MASK_ALONE: &str = "u::rwx,g::r-x,m::r--,o::---";
    let pairs = [
        (WIDE, Some("u::rw-,u:1000:r-x,g::r-x,m::rwx,o::---")),
        (WIDE, Some("u::rwx,u:1000:r-x,g::r-x,m::r-x,o::r--")),
        (WIDE, Some("u::rwx,u:1000:r-x,g::---,m::rwx,o::---")),
        (WIDE, None),
        (MASK_ALONE, Some("u::rwx,g::r-x,m::r-x,o::---")),
        (MASK_ALONE, None),
    ];
    let mut made = tree([dir("s/dir").acl(WIDE), dir("d/dir").acl(ON_DIR), dir("alt")]);
    for (number, (source, target)) in pairs.into_iter().enumerate() {
        let name = |top: &str| format!("{top}/f{number}");
        made.insert(file(name("s"), "x").mtime(5).acl(source));
        for top in ["d", "alt"] {
            let there = file(name(top), "x").mtime(5).mode(0o640);
            made.insert(if let Some(acl) = target { there.acl(acl) } else { there });
        }
    }
    let twice = |options: &str| {
        Case::new(made.clone()).run(&format!("{options} s/ d/")).run(&format!("{options} s/ d/"))
    };
    let options = ["-aAi", "-aAin", "-aAi --no-p", "-aAi --chmod=D2755,F-x", "-rltAi --chmod=Fg-rw", "-aAiI"];
    check_all(options.into_iter().map(twice));
    check_all(["-aAi", "-aAi --chmod=Fg-rw"].into_iter().map(|options| twice(options).as_user()));
    Case::new(made).same_each(["-aAi --link-dest=../alt s/ e/", "-aAi --compare-dest=../alt s/ e/"]);
}

/// What stays and has its extended attributes changed gets the source's mode even so.
#[test]
fn s68_xattrs_without_perms() {
    let (value, other) = (("user.x", "1"), ("user.y", "2"));
    let case = world([
        dir("s").mode(0o711).xattr(value.0, value.1),
        dir("d").mtime(5),
        file("s/changed", "x").mode(0o4755).xattr(value.0, value.1),
        file("d/changed", "x").mode(0o600),
        file("s/removed", "x").mode(0o640),
        file("d/removed", "x").mode(0o4600).xattr(other.0, other.1),
        file("s/same", "x").mode(0o640).xattr(value.0, value.1),
        file("d/same", "x").mode(0o600).xattr(value.0, value.1),
        file("s/sent", "xyz").mode(0o640).xattr(value.0, value.1),
        file("d/sent", "x").mode(0o600),
        dir("s/dir").mode(0o755).xattr(value.0, value.1),
        dir("d/dir").mode(0o3711),
        dir("s/made").mode(0o777).xattr(value.0, value.1),
        file("s/made/new", "x").mode(0o666).xattr(value.0, value.1),
    ]);
    each(&case, &["-rtXi", "-rX", "-rtXEi", "-rtXi --chmod=g-r,D700", "-rtXAi --no-p", "-rtXin"]);
    each(&case.as_user(), &["-rtXi", "-rlX"]);
}

#[test]
fn children_do_not_inherit_what_the_source_lacks() {
    let case = world([
        dir("d").default_acl(DEFAULT),
        file("s/f", "x"),
        dir("s/dir"),
        fifo("s/p"),
        file("s/dir/g", "y"),
    ]);
    case.same_each([
        "-ai s/ d/",
        "-aAi s/ d/",
        "-ri s/ d/",
        "-aAXi s/ d/",
        "-aHAXi s/ d/new/",
        "-a s/f d/f2",
    ]);
}

#[test]
fn s88_directory_times_are_put_back() {
    let case = Case::new(tree([file("s/a/b/f", "x"), file("s/a/g", "x")]).copied("s", "d"))
        .put([file("d/a/b/f", "old")]);
    case.clone().run("-ai s/ d/").check();
    case.run("-ai --no-t s/ d/").check();
}

/// A directory that was opened up for its user gets its own mode in the end, without what it inherited.
#[test]
fn new_directories_below_set_group_id() {
    let case = |mode| world([file("s/a/b/f", "x"), dir("s/a/b").mode(mode), dir("d/a").mode(0o2755)]);
    for mode in [0o555, 0o755, 0o500, 0o700] {
        case(mode).as_user().same_each(["-rlt s/ d", "-r s/ d", "-rp s/ d", "-rE s/ d"]);
        case(mode).same_each(["-rlt s/ d", "-rp s/ d"]);
    }
}

#[test]
fn s44_a_closed_directory_with_extended_attributes() {
    let closed = dir("s/closed").mode(0o555).xattr("user.a", "b");
    let case = world([file("s/closed/f", "x"), closed, dir("d")]).as_user();
    case.known("closed by -X: status")
        .known("closed by -X: words")
        .known("closed by -X: file")
        .same("-aXi s/ d/");
}

/// What is opened up for its user while it is worked on passes no set-gid bit on.
#[test]
fn s44_a_directory_that_is_opened_up_passes_no_group_on() {
    for (top, below) in [(0o2770, 0o555), (0o2755, 0o500), (0o2755, 0o600), (0o2755, 0o755)] {
        world([dir("d").mode(top), dir("s/c").mode(below), file("s/c/g/f", "1"), dir("s/c/g/h")])
            .as_user()
            .same_each(["-r s/ d/", "-rg s/ d/", "-a s/ d/", "-rp s/ d/"]);
    }
}

/// A new directory that is to have no set-gid bit does not pass on the one that it inherited.
#[test]
fn s64_new_directories_pass_on_what_they_keep() {
    let case = world([file("s/a/b/f", "x"), file("s/g", "y"), dir("d").mode(0o2775).owner(0, 50)]);
    for options in ["-ai --no-g", "-rltpi", "-rti -A", "-ai --no-g -H", "-ai", "-rti", "-ai --no-g --no-i-r"]
    {
        for operands in ["s/ d/new/", "s d", "s/ d", "s d/new", "s/a/b/f d/new/", "-R s/a/b d"] {
            case.clone().same(&format!("{options} {operands}"));
        }
    }
    let shared = world([file("s/a/b/f", "x"), dir("d").mode(0o2777).owner(0, 50)]).as_user();
    shared.same_each(["-ai s/ d/new/", "-ai s d", "-rltpi s d", "-rti s d", "-rti s/ d/new/", "-rti s/ d/"]);
}
