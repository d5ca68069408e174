//! What was known to differ for a while, each as small as it came out.

use compat_tests::*;

const OLD: i64 = 1_400_000_000;

/// Merge files above a directory that stands in the way protect what is in it, be it the first one that is looked into.
#[test]
fn merge_files_above_what_is_in_the_way() {
    let case = world([
        file("s/ob", "f"),
        file("s/sub/ob", "f"),
        file("s/z", "z"),
        file("d/ob/keep", "k"),
        file("d/ob/gone", "g"),
        file("d/sub/ob/keep", "k"),
        dir("d"),
    ]);
    let rules =
        |at: &[&str]| case.clone().also(at.iter().map(|at| file(format!("{at}.rsync-filter"), "- keep\n")));
    let operands = ["s/ob d/", "s/ob s/z d/", "s/sub/ob d/sub/", "-R s/./sub/ob d/", "s/ob d/ob2"];
    for case in [rules(&["d/"]), rules(&["d/", "s/"]), rules(&[""])] {
        for options in ["-aF --force", "-aF --delete", "-aF --delete-after --force"] {
            case.clone().same_each(operands.map(|operands| format!("{options} {operands}")));
        }
    }
    let missing = world([
        file("s/z", "z"),
        file("d/emp/keep", "k"),
        file("d/emp/gone", "g"),
        file("d/.rsync-filter", "- keep\n"),
    ]);
    for options in ["--force", "--delete", "--delete-after", "--delete-delay", ""] {
        missing.clone().same(&format!("-aiF {options} --delete-missing-args s/emp s/z d/"));
    }
}

/// rsync forgets merge files at times, and deletes what they protect.
#[test]
fn what_merge_files_protect_stays() {
    world([file("s/ob", "f"), file("d/ob/keep", "k"), file("d/.m", "- keep\n")])
        .known("protected in the way")
        .known("protected in the way: status")
        .known("protected in the way: last line")
        .same("-a --force --filter=:_.m s/ d/");
    world([file("s/sub/f", "f"), file("d/sub/.m", "P keep\n"), file("d/sub/in/keep", "k")])
        .known("protected until late")
        .same("-ai --delete-delay --filter=:_.m s/ d/");
    world([
        file("s/h", "h"),
        file("s/sub/f", "f"),
        file("d/.rsync-filter", "- keep\n"),
        file("d/sub/keep", "k"),
    ])
    .known("protected beside a file")
    .same("-aiF --delete-after s/sub s/h d/");
}

/// The root of the backups inherits what its directory is to pass on, and copies have no ACL.
#[test]
fn backups_in_directories_with_default_acls() {
    let acl = "u::rwx,u:7:rwx,g::r-x,m::rwx,o::r-x";
    let trees = |with: Entry| {
        world([
            file("s/f", "new"),
            file("s/sub/g", "new"),
            file("d/f", "older").mtime(OLD),
            file("d/sub/g", "older").mtime(OLD),
            dir("s"),
            dir("d"),
            with,
        ])
    };
    let options = [
        "-aA -b --backup-dir=bak",
        "-aA -b --backup-dir=bak --delete",
        "-rA -b --backup-dir=.bak --delete",
        "-aAX -b --backup-dir=bak/x/y",
        "-aA --no-inc-recursive -b --backup-dir=bak",
        "-aA -b --backup-dir=bak --inplace",
        "-aA -b --inplace",
        "-a -b --backup-dir=bak",
    ];
    for with in [dir("s").default_acl(acl), dir("d").default_acl(acl), dir("d/bak").default_acl(acl)] {
        trees(with).same_each(options.map(|options| format!("{options} s/ d/")));
    }
}

/// Copies that are kept of files written in place change no directory's time.
#[test]
fn times_of_directories_in_which_copies_are_kept() {
    let case = world([
        file("s/f", "new"),
        file("s/sub/g", "new"),
        file("d/f", "older").mtime(OLD),
        file("d/sub/g", "older").mtime(OLD),
        dir("s").mtime(OLD),
        dir("d").mtime(OLD),
    ]);
    let options = ["bak", "x/bak", "sub/bak", "$TWIN/d/bak", "bak --no-inc-recursive", "bak -O"];
    case.same_each(options.map(|options| format!("-ab --inplace --backup-dir={options} s/ d/")));
}

/// Plain names tell of times that are made exact, and not of extended attributes.
#[test]
fn names_of_files_whose_attributes_change() {
    let case = world([
        file("s/half", "x").mtime_ns(OLD, 500_000_000),
        file("d/half", "x").mtime(OLD),
        file("s/same", "x").mtime(OLD),
        file("d/same", "x").mtime(OLD),
        file("s/less", "x").mtime(OLD),
        file("d/less", "x").mtime(OLD).xattr("user.a", "1"),
        file("s/more", "x").mtime(OLD).xattr("user.a", "1"),
        file("d/more", "x").mtime(OLD).mode(0o600),
        file("s/acl", "x").mtime(OLD).acl("u::rw-,u:7:r--,g::r--,m::rwx,o::r--"),
        file("d/acl", "x").mtime(OLD),
        symlink("s/link", "x").mtime_ns(OLD, 500_000_000),
        symlink("d/link", "x").mtime(OLD),
    ]);
    let options = [
        "-rtcvv",
        "-acvv",
        "-rtcii",
        "-rtcvvn",
        "-rtvv",
        "-rcvv",
        "-rtc --info=name2",
        "-rXvv",
        "-rXtvv",
        "-aXvv",
        "-aXvvi",
        "-rXtcvv",
        "-aXvvn",
        "-rX --size-only -vv",
        "-rXt --info=name2",
        "-aXv",
        "-aAXvv",
        "-rtcAvv",
    ];
    case.same_each(options.map(|options| format!("{options} s/ d/")));
}

/// Where data moves, a file's own permissions are the model, not those that it stands for.
#[test]
fn permissions_of_what_stands_for_others() {
    let stands = |path: &str, what: &str| file(path, "old").mtime(OLD).xattr("user.rsync.%stat", what);
    let case = world([
        file("s/less", "new"),
        stands("d/less", "100640 0,0 1001:1002"),
        file("s/set", "new"),
        stands("d/set", "104755 0,0 1001:1002"),
        stands("s/both", "104755 0,0 1001:0"),
        stands("d/both", "100600 0,0 1003:0"),
        file("alt/less", "older"),
        stands("alt/less", "100600 0,0 1:1"),
    ]);
    let options = [
        "-r --fake-super",
        "-rt --fake-super",
        "-rI --fake-super",
        "-rE --fake-super",
        "-rX --fake-super",
        "-ri -M--fake-super",
        "-ai --no-p -M--fake-super",
        "-a --fake-super",
        "-rt --fake-super --compare-dest=../alt",
    ];
    let all = options.map(|options| format!("{options} s/ d/"));
    case.clone().same_each(all.clone());
    case.as_user().same_each(all);
}

/// What joins its group is told with the extended attributes that the file of its name had.
#[test]
fn letters_of_extended_attributes_in_groups() {
    let group = world([
        file("s/a", "x").mtime(OLD).xattr("user.x", "1"),
        hard("s/b", "s/a"),
        hard("s/sub/c", "s/a"),
        fifo("s/p").mtime(OLD),
        hard("s/q", "s/p"),
    ]);
    let apart = group.clone().also([
        file("d/a", "x").mtime(OLD),
        file("d/b", "x").mtime(OLD).xattr("user.x", "1"),
        file("d/sub/c", "x").mtime(OLD).xattr("user.x", "2"),
        fifo("d/p").mtime(OLD),
        fifo("d/q").mtime(OLD).mode(0o600),
    ]);
    let options = ["-aHXi", "-aHX", "-aHXii", "-aHXv", "-aHi", "-rHXi", "-aHXin", "-aHAXi"];
    apart.same_each(options.map(|options| format!("{options} s/ d/")));
    let beside = group.also([
        file("alt/a", "x").mtime(OLD).xattr("user.x", "3"),
        file("alt/b", "x").mtime(OLD),
        file("alt/sub/c", "x").mtime(OLD).mode(0o600),
    ]);
    let options = ["-aHXi --compare-dest", "-aHXii --compare-dest", "-aHXi --copy-dest", "-aHXi --link-dest"];
    beside.same_each(options.map(|options| format!("{options}=../alt s/ new/")));
}

/// Old protocols do not carry all rules.
#[test]
fn rules_that_old_protocols_do_not_carry() {
    let case =
        world([file("s/f", "x"), file("s/sub/g", "y"), file("m", "- g\n"), file("d/f", "old").mtime(OLD)]);
    let rules = [
        "-F",
        "-f -_x",
        "-f P_x",
        "-f -!_x",
        "-f -/_x",
        "-f :_.m",
        "-f ._m",
        "-C",
        "-f -s_x",
        "-f -p_x",
        "-f -C",
        "-f :C",
        "-f -x_x",
        "--delete --exclude=x",
        "-b --delete",
        "--partial-dir=.p",
        "-F --delete",
    ];
    for protocol in [28, 29, 30] {
        case.clone().same_each(rules.map(|rules| format!("-r --protocol={protocol} {rules} s/ d/")));
    }
}

/// Merge files that are links of others are told of once, by the pass that makes the list or by the one that deletes.
#[test]
fn merge_files_that_are_not_followed() {
    for name in [".rsync-filter", ".cvsignore"] {
        let case =
            world([file("s/sub/g", "y"), file("d/sub/e", "e"), file("d/e", "e"), file("rules", "P e\n")]);
        for at in [&["d"][..], &["s"], &["d/sub"], &["s/sub"], &["d", "s"], &["d", "d/sub", "s/sub"]] {
            let links = at.iter().map(|at| symlink(format!("{at}/{name}"), "../rules").owner(1001, 1001));
            let case = case.clone().also(links);
            let option = if name == ".cvsignore" { "-C" } else { "-F" };
            let when =
                ["--delete-before", "--delete-after", "--delete", "--delete-delay", "", "--delete-before -n"];
            case.same_each(when.map(|when| format!("-a {option} {when} s/ d/")));
        }
    }
}

/// A directory keeps what it is made with where its owner cannot be set.
#[test]
fn directories_that_cannot_be_given_away() {
    for mode in [0o600, 0o700, 0o755, 0o705] {
        let case = world([file("s/c/h", "z"), dir("s/a").owner(1001, 1001).mode(mode)]).as_user();
        let options = ["-a --super", "-ai --super", "-r --super", "-rp --super", "-rog --super"];
        case.same_each(options.map(|options| format!("{options} s/ d/")));
    }
}

/// What is pruned has its numbers, with all that is below it.
#[test]
fn numbers_beside_pruned_directories() {
    let case = world([
        dir("s/aa"),
        dir("s/lib/a/deep"),
        dir("s/lib/b"),
        dir("s/lib-x/c"),
        file("s/mail/f", "x"),
        file("s/t", "y"),
        dir("s/z/y/x/w"),
        file("s/z/y/g", "u"),
    ]);
    for options in
        ["-rPm", "-aPm", "-aPmv", "-rPm --no-i-r", "-aHPm", "-rPm -f -_g", "-rPmn", "-am --info=progress2"]
    {
        case.clone()
            .same_each(["s/ d/", "s d/", "s/lib s/mail s/z d/"].map(|names| format!("{options} {names}")));
    }
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

/// rsync gives a kept link the owner that the directory it leads to should get.
#[test]
fn owners_of_directories_behind_kept_links() {
    world([
        dir("real").owner(1001, 1002),
        symlink("s/sub", "../real"),
        dir("d/real2").mtime(OLD),
        symlink("d/sub", "real2"),
    ])
    .known("kept link: owners of the directory")
    .known("kept link: owner of the link")
    .known("kept link: group of the link")
    .same("-aLK --no-t s/ d/");
}

/// Names that operands have twice are told of once where nothing but one directory was listed before.
#[test]
fn doubles_below_a_single_directory() {
    let case = world([file("s/a", "x"), file("s/b/f", "y"), file("t/w", "z"), file("top", "t")]);
    let operands = [
        "s/a s/a",
        "s/a s/b s/a",
        "s/b s/a s/a",
        "./s/a s/a",
        "s/./a s/./a",
        "s/b/f s/b/f",
        "s/b/f s/a s/a",
        "t/w s/a s/a",
        "s/a t/w s/a",
        "top s/a s/a top",
        "s s/a s/a",
        "s/a s/a s/b/f s/b/f",
    ];
    case.clone().same_each(operands.map(|operands| format!("-aRvv {operands} d/")));
    case.same_each(operands.map(|operands| format!("-aRvv --no-i-r {operands} d/")));
}

/// What rsync does with a similar file that is longer, or already linked, it does at the cost of the user.
#[test]
fn similar_files_that_lead_astray() {
    world([file("s/x", "abcd"), file("d/f1", "\0".repeat(33_000).as_str())])
        .known("longer similar file: line")
        .known("longer similar file: what is copied")
        .same("-ai --append -yy s/ d/");
    world([
        file("s/docs/a", random(1, 5000)).mtime(OLD),
        file("s/0/hare", random(2, 5000)).mtime(OLD),
        hard("s/0/hard", "s/docs/a"),
        file("d/1/docs/a", random(1, 5000)).mtime(OLD),
        file("d/1/0/hare", random(2, 5000)).mtime(OLD),
    ])
    .known("similar file beside a link: lines")
    .known("similar file beside a link: the old file")
    .known("similar file beside a link: the new name")
    .known("similar file beside a link: its other name")
    .same("-aHiyy --link-dest=../1 s/ d/2/");
}
