//! rsync(1), `--fake-super`: what only root may set, kept in extended attributes (point 69).

use compat_tests::*;

/// One of each kind, with owners and permissions that no ordinary user can give.
fn kinds() -> Tree {
    tree([
        file("s/f", "a").owner(1, 2).mode(0o4751),
        file("s/plain", "p"),
        file("s/none", "x").mode(0),
        file("s/w", "x").mode(0o222),
        symlink("s/l", "f").owner(3, 4),
        fifo("s/p").mode(0o640),
        socket("s/sock").mode(0o755),
        char_dev("s/c", 1, 3).owner(5, 6),
        block_dev("s/b", 7, 300).mode(0o444),
        dir("s/D").owner(7, 8).mode(0o3750),
        file("s/D/g", "g").mode(0o400).owner(0, 8),
        dir("s/E").mode(0),
    ])
}

/// The same, as far as everybody may read it.
fn readable() -> Tree {
    let mut tree = kinds().with([dir("s/D").owner(7, 8).mode(0o2755), file("s/D/g", "g").owner(0, 8)]);
    tree.remove(b"s/E");
    tree.remove(b"s/none");
    tree.with([file("s/w", "x").mode(0o644), file("s/f", "a").owner(1, 2).mode(0o644)])
}

/// Other owners, permissions, texts and numbers.
fn changed() -> Vec<Entry> {
    vec![
        file("s/f", "a").owner(10, 11).mode(0o600),
        symlink("s/l", "elsewhere").owner(3, 4),
        fifo("s/p").mode(0o600),
        char_dev("s/c", 1, 4).owner(5, 6),
        char_dev("s/b", 7, 300).mode(0o444),
        file("s/plain", "longer"),
    ]
}

const THERE: &str = "-M--fake-super";

#[test]
fn s69_there_and_back() {
    let case = Case::new(kinds());
    case.clone()
        .run("-ai -M--fake-super s/ d/")
        .run("-aii -M--fake-super s/ d/")
        .run("-ai --fake-super -M--super d/ e/")
        .run("-aii s/ e/")
        .run("-ani --fake-super -M--super d/ s/")
        .run("-ai --fake-super d/ g/")
        .run("-aii --fake-super d/ g/")
        .check();
    case.clone().run("-a -M--fake-super s/ d/").run("-ri --fake-super -M--super d/ e/").check();
    case.run("-a -M--fake-super s/ d/").run("-aLi --fake-super -M--super d/ e/").check();
}

#[test]
fn s69_as_an_ordinary_user() {
    let case = Case::new(readable()).as_user();
    case.clone().run("-aii --fake-super s/ d/").run("-aii --fake-super s/ d/").check();
    case.clone().run("-a --fake-super s/ d/").run("-ai --fake-super -M--super d/ e/").check();
    case.clone().run("-aHAXi --fake-super s/ d/").run("-aHAXii --fake-super s/ d/").check();
    case.run("-ai -M--fake-super s/ d/").put(changed()).run("-ai --delete -M--fake-super s/ d/").check();
}

#[test]
fn s69_what_changed() {
    let copied = Case::new(kinds()).run("-a -M--fake-super s/ d/").put(changed());
    for options in ["-ani", "-ai", "-aic", "-aiI", "-ai --existing", "-ai --ignore-existing", "-ai --inplace"]
    {
        copied.clone().run(&format!("{options} {THERE} s/ d/")).run(&format!("-aii {THERE} s/ d/")).check();
    }
    let kinds_swapped = [
        file("s/l", "l"),
        symlink("s/c", "x"),
        fifo("s/f").mode(0o644),
        dir("s/p"),
        file("s/sock", "s"),
        file("s/b", "b"),
    ];
    let swapped = Case::new(kinds()).run("-a -M--fake-super s/ d/").put(kinds_swapped);
    swapped.clone().run("-ani -M--fake-super s/ d/").check();
    swapped.run("-ai -M--fake-super s/ d/").run("-aii -M--fake-super s/ d/").check();
}

#[test]
fn s69_over_what_is_really_there() {
    let over = kinds().with([
        file("d/f", "a").owner(9, 9).mode(0o600),
        symlink("d/l", "f"),
        char_dev("d/c", 1, 3),
        fifo("d/p"),
        dir("d/D").owner(9, 9),
    ]);
    Case::new(over).run("-ai -M--fake-super s/ d/").run("-ai -M--fake-super s/ d/").check();
    let inherited = world([dir("d").owner(0, 50).mode(0o2775), dir("s/D/E"), file("s/D/f", "x")]);
    inherited.run("-ai -M--fake-super s/D d/").run("-aii -M--fake-super s/D d/").check();
    // Its group bit goes before anything is made in it.
    let shared = world([dir("d").owner(50, 50).mode(0o2770), file("s/f", "x")]);
    shared.run("-a --fake-super s/ d/").run("-a -M--fake-super s/ d/").check();
    for options in ["-a -M--fake-super", "-a --fake-super"] {
        world([
            char_dev("s/c", 1, 5),
            char_dev("d/c", 1, 5).mtime(5),
            block_dev("d/b", 8, 1),
            block_dev("s/b", 8, 2),
        ])
        .any_order()
        .same(&format!("{options} s/ d/"));
    }
}

#[test]
fn s69_hard_links() {
    let linked =
        kinds().with([hard("s/f2", "s/f"), hard("s/l2", "s/l"), hard("s/p2", "s/p"), hard("s/D/c2", "s/c")]);
    Case::new(linked)
        .run("-aHii -M--fake-super s/ d/")
        .run("-aHii -M--fake-super s/ d/")
        .run("-aHi --fake-super -M--super d/ e/")
        .check();
}

#[test]
fn s69_alternate_destinations() {
    let copied = Case::new(kinds()).run("-a -M--fake-super s/ d/").put(changed());
    for kind in ["link", "copy", "compare"] {
        let args = format!("-aii -M--fake-super --{kind}-dest=../d s/ e/");
        copied.clone().run(&args).run(&args).check();
    }
}

#[test]
fn s69_deleting_and_backups() {
    let copied = Case::new(kinds()).run("-a -M--fake-super s/ d/");
    let all = ["s/f", "s/l", "s/p", "s/c", "s/b", "s/D", "s/sock"];
    copied.clone().remove(all).run("-ai --delete --stats -M--fake-super s/ d/").check();
    for options in ["-ab --delete", "-a --backup-dir=../e --delete", "-a --backup-dir=kept"] {
        let args = format!("{options} -i -M--fake-super s/ d/");
        copied.clone().put(changed()).remove(["s/D", "s/sock"]).run(&args).check();
    }
}

#[test]
fn s69_without_some_attributes() {
    let plain = world([
        file("s/f", "a").mode(0o4751),
        symlink("s/l", "f"),
        fifo("s/p").mode(0o640),
        char_dev("s/c", 1, 3),
    ]);
    // Of what it keeps without an owner, rsync 3.5.0 keeps numbers from nowhere.
    plain
        .run("-rlDti -M--fake-super s/ d/")
        .run("-rlDtEi -M--fake-super s/ d/")
        .run("-rlDtpi -M--fake-super s/ d/")
        .check();
    let case = Case::new(kinds());
    case.clone().same("-rlDtogi -M--fake-super s/ d/");
    let args = "-ai -M--fake-super --chmod=D700,F600,ug+s --chown=20:21 s/ d/";
    case.clone().run(args).run(args).run("-aii -M--fake-super --usermap=0:5 s/ d/").check();
    case.clone()
        .run("-ai -M--fake-super -M--munge-links s/ d/")
        .run("-aii -M--fake-super -M--munge-links s/ d/")
        .check();
    case.same_each([
        "-ai -M--fake-super s/l d",
        "-aRi -M--fake-super s/D/g d",
        "-aR --no-implied-dirs -i -M--fake-super s/D/g d",
        "-ai -M--fake-super --delay-updates s/ d/",
        "-ai -M--fake-super --remove-source-files s/ d/",
        "-ai -M--fake-super --safe-links --out-format=%i,%n,%L,%B,%U,%G s/ d/",
    ]);
}

#[test]
fn s69_listings_show_what_is_kept() {
    let copied = Case::new(kinds()).run("-a -M--fake-super s/ d/");
    for args in ["--fake-super -r d/", "--fake-super -rl d/", "-r d/"] {
        copied.clone().run(args).check();
    }
}

/// Names in every namespace, and ACLs that differ in more than their mask (rsync keeps the mask of another like it).
fn attributed() -> Tree {
    kinds().with([
        file("s/x", "x").xattr("user.u", "1").xattr("trusted.t", "2").xattr("user.rsync.foo", "3"),
        fifo("s/p").mode(0o640).xattr("trusted.f", "4"),
        file("s/acl", "x").acl("u::rw-,u:7:r--,g::r--,m::r--,o::r--"),
        file("s/mask", "x").acl("u::rw-,g::r--,m::rw-,o::---"),
        file("s/both", "x").acl("u::rw-,u:9:-w-,g::rw-,g:3:--x,m::rwx,o::r--"),
        dir("s/dir")
            .acl("u::rwx,u:4:rwx,g::r-x,m::rwx,o::r-x")
            .default_acl("u::rwx,u:9:r-x,g::r-x,m::r-x,o::---"),
    ])
}

#[test]
fn s69_acls_and_other_attributes() {
    let case = Case::new(attributed());
    for options in ["-aA", "-aX", "-aAX"] {
        case.clone()
            .run(&format!("{options}i -M--fake-super s/ d/"))
            .run(&format!("{options}ii -M--fake-super s/ d/"))
            .run(&format!("{options}i --fake-super -M--super --exclude=/x d/ e/"))
            .run(&format!("{options}ii --exclude=/x s/ e/"))
            .check();
    }
    case.clone().same("-aAi -M--fake-super --chmod=g=rwx s/ d/");
    let edits = [
        file("s/acl", "x").acl("u::rw-,u:7:r--,u:8:r--,g::r--,m::r--,o::r--"),
        file("s/mask", "x"),
        dir("s/dir").acl("u::rwx,u:4:rwx,g::r-x,m::r-x,o::r-x"),
    ];
    case.run("-aA -M--fake-super s/ d/")
        .put(edits)
        .run("-aAi -M--fake-super s/ d/")
        .run("-aAi -M--fake-super s/ d/")
        .check();
}

#[test]
fn s69_acls_stay_beside_other_attributes() {
    let acl = "u::rwx,u:4:rwx,g::r-x,m::rwx,o::r-x";
    let case = world([dir("s/dir").acl(acl).xattr("user.u", "1").mtime(5), dir("s").mtime(5)]);
    case.known("ACLs kept of a directory").same("-aAX -M--fake-super s/ d/");
}

#[test]
fn s69_attributes_that_were_there() {
    let names = ["trusted.x", "user.x", "user.rsync.x", "user.rsync.trusted.x", "user.rsync.%x"];
    let rules = ["", "'--filter=-x trusted.x'", "'--filter=-x user.*'"];
    let case = |name: &str, rule: &str| {
        let there = file("d/a", "x").mtime(5).xattr("user.u", "1").xattr(name, "2");
        world([file("s/a", "x").mtime(5).xattr("user.u", "1").xattr("trusted.t", "1"), there])
            .run(&format!("-aXi -M--fake-super {rule} s/ d/"))
            .run(&format!("-aXi -M--fake-super {rule} s/ d/"))
            .run(&format!("-aXi --fake-super -M--super {rule} d/ e/"))
            .run("-aXi s/ d/")
    };
    check_all(names.iter().flat_map(|name| rules.iter().map(move |rule| case(name, rule))));
}

#[test]
fn s69_as_it_was_kept_with_all_attributes() {
    let copied = Case::new(kinds()).run("-a -M--fake-super s/ d/");
    for args in ["-aXXi d/ e/", "-aXi d/ e/", "-aXXi -M--fake-super d/ e/", "-aXXi --fake-super d/ e/"] {
        copied.clone().run(args).check();
    }
}

#[test]
fn the_last_of_super_no_super_and_fake_super_counts() {
    let copied = Case::new(kinds()).run("-a -M--fake-super s/ d/");
    for args in [
        "-ai --fake-super --super d/ e/",
        "-ai --super --fake-super d/ e/",
        "-ai --no-super --fake-super d/ e/",
        "-ai --fake-super --no-super d/ e/",
        "-ai -M--super --fake-super d/ e/",
        "-aXi --no-super s/ e/",
        "-ai -M--no-super s/ e/",
    ] {
        copied.clone().run(args).check();
    }
}

#[test]
fn what_is_kept_is_read_as_scanf_reads() {
    let texts = [
        "100644 0,0 1:2 extra",
        "   100600   0,0   1:2",
        "60644 300,70000 1:1",
        "140600 0,0 1:2",
        "10600 5,6 1:2",
        "100600 5,6 1:2",
        "120600 0,0 1:2",
        "100600 0,0 99999999999:2",
    ];
    let source = |text: &str| {
        world([file("d/f", "hello").xattr("user.rsync.%stat", text)]).run("-ai --fake-super -M--super d/ e/")
    };
    let target = |text: &str| {
        let there = file("d/f", "hello").mtime(5).xattr("user.rsync.%stat", text);
        world([file("s/f", "hello").mtime(5), there]).run("-ai -M--fake-super s/ d/")
    };
    check_all(texts.iter().flat_map(|text| [source(text), target(text)]));
    let corrupt = |text: &str| world([file("s/f", "x"), file("d/f", "x").xattr("user.rsync.%stat", text)]);
    corrupt("junk").same("-ai -M--fake-super s/f d/f");
    corrupt("100644 0,0").same("-ai -M--fake-super s/f d/f");
}

#[test]
fn links_without_a_text_are_left_out() {
    let case = world([
        file("d/empty", "").xattr("user.rsync.%stat", "120777 0,0 3:4"),
        file("d/nul", "a\0b").xattr("user.rsync.%stat", "120777 0,0 3:4"),
    ]);
    case.same_each(["-ai --fake-super -M--super d/ e/", "--fake-super -rl d/", "-ai --fake-super d/ e/"]);
}

/// What a file that is up to date really has is kept apart from now on.
#[test]
fn files_that_stay_are_kept_apart_too() {
    let both = |top: &str| {
        [
            file(format!("{top}/f"), "1").mode(0o444),
            file(format!("{top}/x/y/g"), "1").owner(0, 7),
            file(format!("{top}/x/s"), "1").mode(0o4755),
            file(format!("{top}/x/plain"), "1"),
        ]
    };
    let case = world(both("s")).also(both("d"));
    case.clone().run("-ai --fake-super s/ d").run("-ai --fake-super s/ d").check();
    case.same_each(["-ain --fake-super s/ d", "-ai -M--fake-super s/ d"]);
}

/// A FIFO's or device's stand-in gets its own permissions also where what it stands for is right.
#[test]
fn s69_stand_ins_are_mended_in_silence() {
    let case = world([fifo("s/p"), char_dev("s/c", 1, 3), symlink("s/l", "x")])
        .also([file("d/p", "").mode(0o711).xattr("user.rsync.%stat", "10644 0,0 0:0")])
        .also([file("d/c", "").mode(0o600).owner(4, 5).xattr("user.rsync.%stat", "20644 1,3 0:0")]);
    for options in ["-a", "-aJ", "-aX", "-rlD"] {
        case.clone().same_each([
            format!("{options}i --fake-super s/ d/"),
            format!("{options}ni --fake-super s/ d/"),
            format!("{options}i -M--fake-super s/ d/"),
        ]);
    }
}

/// A file that stands for a link gets the link's time, when it is made, in spite of `-J`.
#[test]
fn s69_times_of_what_stands_for_links() {
    let case = world([symlink("s/l", "x"), symlink("s/m", "y")])
        .also([file("d/m", "other").mtime(7).xattr("user.rsync.%stat", "120777 0,0 0:0")]);
    for options in ["-aJ", "-aOJ", "-rlJ", "-rltJ"] {
        let commands = ["--fake-super", "-M--fake-super"].map(|fake| format!("{options}i {fake} s/ d/"));
        case.clone().same_each(&commands);
        case.clone()
            .run(&commands[1])
            .run(&commands[1])
            .put([symlink("s/l", "z").mtime(9)])
            .run(&commands[1])
            .check();
    }
}

/// Owners and groups that are not kept are root's to whoever is told of them, and that is kept of every file.
#[test]
fn owners_that_are_not_kept() {
    let kept = |mode: &str| format!("{mode} 0,0 3:4");
    let case = world([
        file("s/f", "x").mode(0o640),
        file("s/g", "y"),
        dir("s/sub"),
        symlink("s/l", "t"),
        fifo("s/p"),
        file("d/g", "y").xattr("user.rsync.%stat", kept("100644")),
        dir("d/sub").xattr("user.rsync.%stat", kept("40700")),
        dir("d"),
    ]);
    for options in ["-r", "-rl", "-rlp", "-rlt", "-rlo", "-rlg", "-rlog", "-rlDi", "-rlDpi", "-rH --no-W"] {
        for options in [format!("{options} --fake-super"), format!("{options} -M--fake-super")] {
            let run =
                |case: Case| case.run(&format!("{options} s/ d/")).run(&format!("{options} s/ d/")).check();
            run(case.clone());
            run(case.clone().as_user());
            case.clone().as_user().same(&format!("{options} s/ new"));
        }
    }
}
