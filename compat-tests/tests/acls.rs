//! rsync(1), `--acls`: which differences are the ACL's, and which those of the permission bits (points 64, 68).

use compat_tests::alone::Alone;
use compat_tests::program::Mode;
use compat_tests::snapshot::Holes;
use compat_tests::*;

const OLD: i64 = 1_400_000_000;

const NAMED: &str = "u::rw-,u:7:r--,g::r--,m::rwx,o::r--";

/// The same names, each with another ACL, on both sides.
fn pairs() -> Case {
    world([
        file("s/mask", "x").mtime(5).acl("u::rw-,u:7:r--,g::r--,m::---,o::---"),
        file("d/mask", "x").mtime(5).acl(NAMED),
        file("s/onlymask", "x").mtime(5).acl("u::rw-,g::r--,m::r--,o::---"),
        file("d/onlymask", "x").mtime(5).acl("u::rw-,g::r--,m::rwx,o::r--"),
        file("s/nomask", "x").mtime(5),
        file("d/nomask", "x").mtime(5).acl("u::rw-,g::r--,m::rwx,o::r--"),
        file("s/group", "x").mtime(5).acl("u::rw-,u:7:r--,g::rw-,m::rwx,o::r--"),
        file("d/group", "x").mtime(5).acl(NAMED),
        file("s/owner", "x").mtime(5).mode(0o700).acl("u::rwx,u:7:r--,g::r--,m::rwx,o::---"),
        file("d/owner", "x").mtime(5).mode(0o4755).acl("u::rwx,u:7:r--,g::r--,m::r-x,o::r-x"),
        file("s/gone", "x").mtime(5).acl(NAMED),
        dir("s/default").mtime(5).default_acl("u::rwx,u:7:rwx,g::r-x,m::r--,o::r-x"),
        dir("d/default").mtime(5).default_acl("u::rwx,u:7:rwx,g::r-x,m::rw-,o::r-x"),
    ])
}

#[test]
fn s68_the_mask_is_the_groups_permission_bits() {
    pairs().same_each([
        "-aAii s/ d/",
        "-aAni s/ d/",
        "-rlDtA --no-p -ii s/ d/",
        "-aAcii s/ d/",
        "-aAIi s/ d/",
    ]);
    pairs().run("-aA s/ d/").run("-aAii s/ d/").check();
    pairs().same_each(["-aAii --link-dest=../d s/ e/", "-aAii --copy-dest=../d s/ e/"]);
}

#[test]
fn s68_what_is_given_without_perms_follows_the_umask() {
    for umask in [0o022, 0o077] {
        let case = pairs().umask(umask);
        case.run("-rlDtA --no-p -ii s/ e/").run("-rlDtA --no-p -ii s/ e/").run("-aAii s/ e/").check();
    }
}

#[test]
fn s68_chmod_moves_the_mask_and_not_the_groups_entry() {
    let chmod = |value: &str| pairs().run(&format!("-aAi --chmod={value} s/ e/"));
    for value in ["g=rwx", "g=", "F640", "D700"] {
        chmod(value).run(&format!("-aAi --chmod={value} s/ e/")).run("-aAii s/ e/").check();
    }
}

/// Whoever becomes the owner. What ends up in another order is made anew by each run: rsync compares before it sorts.
#[test]
fn s68_users_and_groups_in_acls_are_mapped() {
    let many = "u::rw-,u:3:r-x,u:7:r--,u:1000:rwx,g::r--,g:4:r--,g:5:rwx,m::rwx,o::r--";
    let case = world([
        file("s/f", "x").acl(many),
        file("s/changed", random(1, 300_000)).acl(many),
        file("d/changed", "old").mtime(5),
        file("s/owner", "x").mtime(5).owner(7, 4).acl(NAMED),
        file("d/owner", "x").mtime(5).owner(7, 4).acl(NAMED),
        dir("s/D")
            .acl("u::rwx,u:7:r-x,g::r-x,m::r-x,o::---")
            .default_acl("u::rwx,u:3:r--,u:7:rwx,g::r-x,m::rwx,o::---"),
        fifo("s/p").acl(NAMED),
    ]);
    let maps = [
        "--chown=12:13",
        "--usermap=7:20",
        "--usermap=7:3 --groupmap=4:77",
        "--usermap=lp:1,1000-2000:2",
        "--usermap=:20",
        "--usermap=7:20 --numeric-ids",
        "--usermap=7:20 --numeric-ids --no-inc-recursive",
        "--chown=12:13 --numeric-ids --delete-before",
        "--usermap=7:20 --no-o --no-p",
        "--usermap=7:20 --inplace",
        "--usermap=7:20,3:9 -M--fake-super",
        "--usermap=7:20 --copy-dest=../s",
        "--usermap=7:20 -n",
        "--usermap=7:20 --chmod=g=",
    ];
    check_all(maps.map(|map| {
        let command = format!("-aAi {map} s/ d/");
        case.clone().run(&command).run(&command).run("-aAi s/ d/")
    }));
}

/// Who may search the directory above one that cannot be listed can read its attributes; one whose attributes change
/// is not opened up in the end.
#[test]
fn s68_directories_that_cannot_be_listed() {
    let acl = |user: &str| format!("u::{user},u:5:r--,g::r--,m::r--,o::---");
    let commands = [
        "-rAX s/ d/",
        "-aAX s/ d/",
        "-rX s/ d/",
        "-aX s/ d/",
        "-aA s/ d/",
        "-a s/ d/",
        "-a --fake-super -X s/ d/",
    ];
    for bits in ["rw-", "r--", "-wx", "-w-", "---", "r-x"] {
        let closed = || dir("s/g").acl(&acl(bits)).xattr("user.a", "1");
        world([closed(), dir("d")]).as_user().same_each(commands);
        world([closed(), dir("d/g")]).as_user().same_each(commands);
        world([closed(), dir("d/g").xattr("user.a", "1")]).as_user().same_each(commands);
    }
    for mode in [0o640, 0o400, 0o300, 0o200] {
        world([dir("s/g").mode(mode)]).as_user().same("-a --fake-super s/ d/");
    }
}

/// Rules on names of extended attributes let ACLs through as such; who may not set what is not the user's keeps it
/// apart.
#[test]
fn s25_rules_on_names_make_attributes_of_acls() {
    let acl = "u::rw-,u:5:rw-,g::r--,m::rw-,o::---";
    let default = "u::rwx,u:6:r-x,g::r-x,m::r-x,o::---";
    let new = || {
        [
            file("s/f", "x").acl(acl).xattr("user.a", "1").xattr("trusted.t", "2").xattr("user.rsync.q", "3"),
            dir("s/dir").acl(acl).default_acl(default).xattr("user.a", "1").xattr("security.x", "4"),
            fifo("s/p").acl(acl),
        ]
    };
    let old = [
        file("d/f", "x").acl(acl).xattr("user.z", "1").xattr("trusted.r", "2").mtime(5),
        dir("d/dir").acl("u::rwx,u:7:rw-,g::r--,m::rwx,o::r-x").default_acl(default),
    ];
    let options = [
        "-aX --filter='-x user.a'",
        "-aX --filter='-xr user.b'",
        "-rX --filter='-xs user.b'",
        "-rX --filter='-x system.*'",
        "-aX --filter='+x *'",
        "-aX --filter='-x! user.*'",
        "-aX --filter='-x user.b' --no-super",
        "-aX -M--no-super",
        "-aX --filter='-xr user.b' -M--fake-super",
        "-aAX --filter='-xr user.b' --fake-super",
    ];
    for args in options.map(|options| format!("{options} s/ d/")) {
        for case in [world(new()).also([dir("d")]), world(new()).also(old.clone())] {
            case.clone().run(&args).run(&args).check();
            case.as_user().run(&args).run(&args).check();
        }
    }
    world(new()).also(old).same_each(["-aAX --filter='-x user.a' s/ d/"]);
}

/// NFS lists the names of attributes only to who may read the file; ACLs are known by theirs. strace stands in for it.
#[test]
fn s68_where_names_of_attributes_cannot_be_listed() {
    let tree = tree([
        dir("s/listed").acl("u::rwx,u:7:r-x,g::r-x,m::rwx,o::r-x"),
        dir("s/inherited").default_acl("u::rwx,u:7:rwx,g::r-x,m::r--,o::r-x"),
        dir("d"),
    ]);
    let through = "strace -f -qq -o /dev/null -e inject=listxattr,llistxattr,flistxattr:error=EACCES";
    let rsync = Alone::new(&tree, None);
    let expected = rsync.rsync(through, "-aA s/ d/").comparable;
    for mode in Mode::of_this_run() {
        let alone = Alone::new(&tree, None);
        assert_eq!(alone.ours(mode, through, "-aA s/ d/").comparable, expected);
        alone.assert_copy("s", "d", Holes::Ignored);
        let told =
            String::from_utf8_lossy(&alone.ours(mode, through, "-aX s/ d/").outcome.stderr).into_owned();
        let line = "/s/listed\",1024) failed: Permission denied (13)";
        assert!(told.contains("[sender] get_xattr_names: llistxattr(\"") && told.contains(line), "{told}");
    }
}

/// Behind a link that is followed the ACLs of what it leads to are kept, and the extended attributes of the link.
#[test]
fn what_is_kept_behind_a_followed_link() {
    let acl = "u::rw-,u:7:r--,g::r--,m::r--,o::r--";
    let dirs = "u::rwx,u:7:r-x,g::r-x,m::r-x,o::r-x";
    let trees = || {
        world([
            file("s/f", "f").acl(acl).xattr("user.f", "1"),
            symlink("s/inside", "f"),
            symlink("s/marked", "f").xattr("trusted.link", "2"),
            symlink("s/out", "../far/g").xattr("trusted.out", "3"),
            symlink("s/dir", "../far").xattr("trusted.dir", "4"),
            file("far/g", "g").acl(acl).xattr("user.g", "5"),
            dir("far").acl(dirs).default_acl(dirs).xattr("user.far", "6"),
        ])
    };
    let options = ["-aLAX", "-aLA", "-aLX", "-akAX", "-aAX --copy-unsafe-links", "-aLAXH", "-aLAX --inplace"];
    for options in options {
        for names in ["s/ d/", "s/dir s/out d/", "s/dir/ d/"] {
            let args = format!("{options} -i {names}");
            trees().run(&args).run(&args).check();
        }
        let args = format!("{options} -i --link-dest=../prev s/ d/");
        trees().run(&format!("{options} s/ prev/")).run(&args).check();
    }
    trees().as_user().run("-aLAXi s/ d/").run("-aLAXi s/ d/").check();
    // A directory that an operand leads through is followed without any option.
    for args in ["-aRAXi s/dir/g d/", "-aRAi s/./dir/g s/./f d/", "-aRAXi --no-implied-dirs s/dir/g d/"] {
        trees().run(args).run(args).check();
    }
}

#[test]
fn s64_a_default_acl_counts_for_the_way_to_the_destination() {
    let acl = "u::rwx,u:1:rw-,g::rwx,m::rwx,o::---";
    let case = world([file("s/a/b/f", "x"), dir("d").default_acl(acl)]);
    case.same_each(["-r --mkpath s/ d/x/y/z/", "-r s/ d/x/", "-rR --no-implied-dirs s/a/b/f d/"]);
}

/// The attributes of a directory come from the first source that has it, also where another one brings the links.
#[test]
fn s68_attributes_of_a_top_that_two_sources_have() {
    let case =
        world([dir("s").acl("u::rwx,u:1000:r--,g::r-x,m::r-x,o::r-x").xattr("user.a", "1"), dir("s2")])
            .also([file("s2/f", "x"), hard("s2/g", "s2/f"), file("s/y", "y"), hard("s/z", "s/y")]);
    case.same_each(["-rHA s/ s2/ d/", "-aHAX s/ s2/ d/", "-aHAX s2/ s/ d", "-aAX s/ s2/ d/"]);
}

#[test]
fn s61_a_default_acl_takes_the_place_of_the_umask() {
    let case = world([
        file("s/a", "1"),
        file("s/x/b", "2"),
        file("d/a", "55"),
        file("d/x/b", "66"),
        dir("d").default_acl("u::rwx,g::r-x,o::---"),
    ]);
    case.umask(0o077).same_each([
        "-rb --backup-dir=sub s/ d/",
        "-r s/ d/new/",
        "-rR --no-implied-dirs s/x/b d",
        "--mkpath s/a d/1/2/3",
    ]);
}

/// A name that is linked is told without what its file had of an ACL, but in a dry run; `-vv` knows of attributes that
/// differ where nothing is done about it.
#[test]
fn s62_acls_of_files_that_are_replaced_by_links() {
    let acl = "u::rw-,u:5:rw-,g::r--,m::rw-,o::---";
    let group = |side: &str| {
        let path = |name: &str| format!("{side}/{name}");
        [file(path("a"), "x").mtime(OLD).xattr("user.x", side), fifo(path("p")).mtime(OLD)]
    };
    let linked = [hard("s/b", "s/a"), hard("s/q", "s/p")];
    let apart = [file("d/b", "x").mtime(OLD), fifo("d/q").mtime(OLD)];
    let [file_there, fifo_there] = group("s");
    let case = world([file_there.acl(acl), fifo_there.acl(acl)]).also(linked).also(group("d")).also(apart);
    let equal = case.clone().also([file("d/a", "x").mtime(OLD).acl(acl).xattr("user.x", "s")]);
    let moved = case.clone().also([file("d/a", "xyz").mtime(OLD)]);
    for case in [case, equal, moved] {
        case.clone().same_each(
            [
                "-aHAi",
                "-aHAXi",
                "-aHAin",
                "-rHAi",
                "-aHAXi --no-p",
                "-aHA --log-file=$TWIN/rsync.log",
                "-aHAXn --log-file=$TWIN/rsync.log",
            ]
            .map(|options| format!("{options} s/ d/")),
        );
        let existing = ["-aX", "-aA", "-aAX", "-a", "-rn"];
        case.same_each(existing.map(|options| format!("{options} --ignore-existing -vv s/ d/")));
    }
}

/// A default ACL that keeps the owner out of new directories does not keep an ordinary user from filling them.
#[test]
fn s44_new_directories_that_a_default_acl_closes() {
    let from = [file("s/in/y", "y").mtime(OLD), file("s/in/deep/z", "z").mtime(OLD), symlink("s/in/l", "y")];
    for default in [
        "u::rw-,u:7:rwx,g::r--,m::rwx,o::---",
        "u::r--,g::r--,o::r--",
        "u::---,g::---,o::---",
        "u::-wx,g::r--,o::---",
    ] {
        let case = world(from.clone()).also([dir("d").default_acl(default)]);
        let options = ["-rp", "-a", "-aAi", "-aX", "-aH", "-a --delete"];
        case.clone().same_each(options.map(|options| format!("{options} s/ d/")));
        case.clone().as_user().same_each(options.map(|options| format!("{options} s/ d/")));
        case.as_user().same_each(["-aR s/in d/", "-a s/in d/", "-a s d/"]);
    }
}

/// What is kept of a directory that cannot be listed is read all the same, also where it is the transfer's top.
#[test]
fn acls_of_an_operand_that_cannot_be_listed() {
    let acls = "u::rwx,u:3:rwx,g::r-x,m::rwx,o::r-x";
    let case = world([file("s/x/f", "f"), dir("d")]).also([dir("s/x").mode(0o300).default_acl(acls)]);
    let options = ["-rAi s/x/ d/", "-aAi s/x/ d/", "-aAi s/x/ new/", "-aAin s/x/ d/", "-aAi s/x d/"];
    case.as_user().same_each(options);
}
