//! rsync(1), "SYMBOLIC LINKS" (points 70 and 71); links that lead nowhere are in `lost_links.rs`.

use compat_tests::*;

fn links() -> Tree {
    tree([
        file("s/f", "x"),
        file("s/dir/g", "y"),
        symlink("s/rel", "f"),
        symlink("s/abs", "/etc/hostname"),
        symlink("s/up", "../outside/f"),
        symlink("s/dangling", "nowhere"),
        symlink("s/to-dir", "dir"),
        symlink("s/dir/back", ".."),
        symlink("s/loop", "loop"),
        symlink("s/long", "x".repeat(4000)),
        symlink(b"s/odd\n\xff", b"target\n\xff"),
        symlink("s/slash", "dir/"),
        file("outside/f", "o"),
    ])
}

#[test]
fn s70_with_and_without_links() {
    let case = Case::new(links());
    case.clone().same_each([
        "-ai s/ d/",
        "-ri s/ d/",
        "-rli s/ d/",
        "-rlti s/ d/",
        "-rv s/ d/",
        "-r s/ d/",
        "-ain s/ d/",
    ]);
    case.clone().same_each(["-ai --no-l s/ d/", "-ai --no-links s/ d/", "-ai s/rel d/", "-ai s/to-dir d/"]);
    case.clone().same_each([
        "-ai s/to-dir/ d/",
        "-ai s/dangling d/",
        "-ri s/rel d",
        "-ai s/rel new",
        "-aRi s/to-dir/g d/",
    ]);
    case.as_user().same_each(["-ai s/ d/", "-rli s/ d/"]);
}

#[test]
fn s70_existing_links() {
    let case = Case::new(links().copied("s", "d").with([
        symlink("d/rel", "other"),
        symlink("d/abs", "/etc/hostname").mtime(5),
        symlink("d/to-dir", "../outside"),
        file("d/dangling", "a file"),
        symlink("d/extra", "gone"),
    ]));
    case.clone().same_each([
        "-ai s/ d/",
        "-aii s/ d/",
        "-ai --delete s/ d/",
        "-rli s/ d/",
        "-rlpi s/ d/",
        "-avn s/ d/",
    ]);
    case.run("-ai s/ d/").run("-aii s/ d/").check();
}

#[test]
fn a_symlink_where_a_directory_should_be_is_replaced_not_followed() {
    let case = world([file("s/dir/f", "x"), symlink("d/dir", "../outside"), file("outside/precious", "p")]);
    case.same_each(["-ai s/ d/", "-ai --delete s/ d/", "-ri s/ d/", "-ai s/dir d/", "-aRi s/./dir/f d/"]);
}

#[test]
fn a_symlink_where_a_file_should_be_is_replaced_not_followed() {
    let case = world([file("s/f", "x"), symlink("d/f", "../outside"), file("outside", "precious")]);
    case.same_each([
        "-ai s/ d/",
        "-ai --inplace s/ d/",
        "-ri s/ d/",
        "-aiu s/ d/",
        "-ai --size-only s/ d/",
        "-aS s/ d/",
    ]);
}

#[test]
fn s71_the_destination_itself_may_be_a_symlink() {
    let case = world([
        file("s/f", "x"),
        dir("real"),
        symlink("d", "real"),
        symlink("e", "nowhere"),
        symlink("sl", "s"),
    ]);
    case.same_each([
        "-ai s/ d/",
        "-ai s/ d",
        "-ai s d",
        "-ai s/f d",
        "-ai s/ e/",
        "-ai s/f e",
        "-ai sl d",
        "-ai sl/ real",
    ]);
}

#[test]
fn munged_links() {
    let links = || {
        world([
            symlink("s/absolute", "/etc/passwd"),
            symlink("s/relative", "file"),
            symlink("s/munged", "/rsyncd-munged//etc"),
            symlink("s/only", "/rsyncd-munged/"),
            file("s/file", "a"),
            symlink("d/munged", "/rsyncd-munged//etc"),
            symlink("d/relative", "/rsyncd-munged/file"),
        ])
    };
    for munge in [
        "--munge-links",
        "-M--munge-links",
        "--munge-links -M--munge-links",
        "--munge-links --no-munge-links",
    ] {
        links().same_each(
            [
                "-ai",
                "-ain",
                "-rli",
                "-aHi",
                "-ai --delete",
                "-avv",
                "-ai --safe-links",
                "-ai --copy-unsafe-links",
                "-aiL",
            ]
            .map(|form| format!("{form} {munge} s/ d")),
        );
        links()
            .same_each([format!("-a --list-only {munge} s/"), format!("-ai {munge} --link-dest=../d s/ e/")]);
    }
    links().same_each(["-ai -M--bogus s/ d", "-ai -Mbogus s/ d", "-ai -M--drop-D s/ d"]);
}

#[test]
fn s71_links_of_others_are_not_followed_in_typed_paths() {
    let planted = || {
        world([
            file("s/f", "new"),
            file("d/f", "old one").mtime(5),
            file("real/f", "new"),
            dir("real/sub"),
            symlink("foreign", "real").owner(1234, 1234),
            symlink("chain", "foreign"),
            symlink("own", "real"),
            file("list", "f\n"),
            symlink("listlink", "list").owner(1234, 1234),
            file("rules", "- x\n"),
            symlink("ruleslink", "rules").owner(1234, 1234),
            symlink("s/.rf", "../ruleslink"),
        ])
    };
    for place in ["foreign/new", "foreign/new/"] {
        let known = planted()
            .known("made through an untrusted link: line")
            .known("made through an untrusted link: directory");
        known.run(&format!("-ai s/ {place}")).check();
    }
    for place in ["foreign", "foreign/", "foreign/sub", "chain/", "own", "own/x/"] {
        planted().same_each([
            format!("-ai s/ {place}"),
            format!("-ain s/ {place}"),
            format!("-i s/f {place}"),
        ]);
        planted().same_each([format!("-ai --insecure-links s/ {place}")]);
    }
    planted().same_each([
        "-ai --link-dest=../foreign s/ e",
        "-ai --copy-dest=../chain s/ e",
        "-ai --compare-dest=../own s/ e",
        "-ai --log-file=foreign/log s/ e",
        "-ai --files-from=listlink s e",
        "-ai --exclude-from=ruleslink s/ e",
        "-ai '--filter=. ruleslink' s/ e",
        "-ai '--filter=: .rf' s/ e",
        "-ai foreign/ e",
        "-ai -T ../own s/ d",
        "-ab --backup-dir=../own s/ d",
        "-ab --backup-dir=../foreign --insecure-links s/ d",
        "-ai --insecure-links --no-insecure-links s/ foreign",
        "-ai --confine-root=/ s/ d",
        "-ai --confine-root=x s/ d",
        "-ai --confine-root=/x --insecure-links s/ d",
    ]);
}

#[test]
fn links_that_are_copied_because_they_lead_out_are_told() {
    let mut tree = links();
    tree.remove(b"s/dir/back");
    Case::new(tree).same_each(
        ["-av", "-avk", "-avL", "-anv --exclude=abs*", "-a --info=symsafe", "-av --safe-links"]
            .map(|form| format!("{form} --copy-unsafe-links s/ d")),
    );
}

#[test]
fn s52_unsafe_links_are_told_with_names() {
    let case = world([symlink("s/abs", "/etc"), symlink("s/up", "../x"), file("s/f", "x")]);
    let told = [
        "--info=symsafe",
        "--info=name",
        "--info=name2,symsafe0",
        "-i",
        "-v --info=name0",
        "--out-format=%n",
    ];
    case.same_each(told.map(|told| format!("-a --safe-links {told} s/ d")));
}

/// A link that leads elsewhere now is told to get the source's time, though with `-J` it does not.
#[test]
fn omitted_times_of_changed_links() {
    let links = |there: i64| {
        world([symlink("s/l", "new").mtime(1000), symlink("d/l", "old").mtime(there), dir("s/sub")])
    };
    for there in [1000, 2000] {
        links(there).same_each(["-aiJ s/ d/", "-aiJO s/ d/", "-rliJ s/ d/", "-rlti s/ d/", "-rltiJ s/ d/"]);
    }
}

fn kept_link(target: &str) -> Case {
    world([
        file("s/sub/f", "1"),
        file("s/sub/x/g", "2"),
        file("d/real/old", "o"),
        dir("d/deep"),
        symlink("d/other", "real"),
        symlink("d/sub", target),
        file("outside/old", "o"),
    ])
}

const KEPT: &str = "--exclude=/real --exclude=/deep --exclude=/other s/ d/";

#[test]
fn s70_kept_links_to_directories_do_not_lead_out() {
    for target in ["../d/real", "../outside", "/usr", "nowhere"] {
        let led_out = || match target {
            "nowhere" => kept_link(target),
            _ => kept_link(target).known("kept link: link"),
        };
        led_out().same_each(["-aKi", "-aKi --delay-updates"].map(|form| format!("{form} {KEPT}")));
    }
}

#[test]
fn s70_links_to_directories_are_kept() {
    for target in ["real", "./real", "other", "deep/../real"] {
        kept_link(target).same(&format!("-aKin {KEPT}"));
        kept_link(target).known("kept link: directory").known("kept link: link").same_each(
            ["-aKi", "-aKi --delete", "-aKi --delete-before", "-aHKi --delete-after", "-aKi --delay-updates"]
                .map(|form| format!("{form} {KEPT}")),
        );
    }
}

#[test]
fn j_links_without_times_are_told_as_if_they_got_them() {
    let case = world([
        symlink("s/other", "a"),
        symlink("d/other", "b"),
        symlink("s/same", "a").mtime(5),
        symlink("d/same", "a").mtime(7),
        symlink("s/new", "a"),
    ]);
    case.same_each(["-aJi s/ d/", "-aJni s/ d/", "-rlJi s/ d/", "-rltOJi s/ d/"]);
}

/// A link that is followed is a directory with all it holds, as a new destination is concerned.
#[test]
fn s2_what_a_followed_link_holds_makes_a_directory() {
    let commands = [
        "-aL s/up d",
        "-ak s/up d",
        "-a --copy-unsafe-links s/up d",
        "-a s/up d",
        "-dL s/up d",
        "-ai --copy-unsafe-links s/up d --exclude=f",
    ];
    world([file("q/f", "1"), symlink("s/up", "../q")]).same_each(commands);
    world([dir("q"), symlink("s/up", "../q")]).same_each(commands);
    world([file("q", "1"), symlink("s/up", "../q")]).same_each(commands);
}

/// A link that leads out makes its directory, empty, also without `-r` and `-d`.
#[test]
fn s11_unsafe_links_to_directories_without_recursion() {
    let case = world([
        file("out/f", "1"),
        symlink("s/up", "../out"),
        file("s/x/g", "2"),
        symlink("s/in", "x"),
        dir("d"),
    ]);
    case.same_each([
        "-i --copy-unsafe-links s/up s/x d/",
        "-t --copy-unsafe-links s/up s/in d/",
        "-ti --copy-unsafe-links s/up new",
        "-i --copy-unsafe-links s/up/ d/",
        "-iR --copy-unsafe-links s/up d/",
        "-i --copy-unsafe-links -k s/up d/",
        "-iL --copy-unsafe-links s/up new",
        "-in --copy-unsafe-links s/up d/",
    ]);
}

/// Links that are followed count as what they lead to where several sources have a name; those that lead nowhere take
/// nobody's place, and each is told.
#[test]
fn s6_followed_links_of_several_sources() {
    let case = world([
        symlink("s/a", "nowhere"),
        symlink("s2/a", "nowhere"),
        symlink("s/b", "nowhere"),
        file("s2/b", "from s2"),
        file("s/c", "c"),
        symlink("s2/c", "dir"),
        file("s2/dir/f", "x"),
        symlink("s/e", "dd"),
        dir("s/dd"),
        file("s2/e", "y"),
        symlink("s/i", "c"),
        dir("s2/i"),
        dir("d/x"),
    ]);
    case.same_each([
        "-rL s/ s2/ d",
        "-aiL --delete s2/ s/ d",
        "-aiL --stats s/ s2/ d",
        "-aik s/ s2/ d",
        "-ai s/ s2/ d",
        "-aiL s s2 d",
        "-aiL --exclude=b s/ s2/ d",
        "-rLn s/ s2/ d",
    ]);
}

#[test]
fn links_that_cannot_be_followed_are_told_each_in_its_way() {
    let mut tree = links();
    tree.remove(b"s/dir/back");
    let tree = tree.with([file("d/extra", "x")]);
    Case::new(tree).same_each(["-aL s/ d", "-aL --delete-before s/ d", "-aL s/loop s/dangling s/f d"]);
}

/// What leads up at the end of a link's text, or behind a `.`, does not count as its beginning.
#[test]
fn s70_links_that_lead_up_in_other_words() {
    let texts = [
        "..", "../", "../.", "../..", "../../", "../../.", "./..", "./../x", "..//..", "..//../", "..//../x",
        ".././", ".././..", "x/..", "x/../", "x/../y", ".", "./", ".//..", "../x..", "../x/..", "../...",
    ];
    let links = texts.iter().enumerate().map(|(at, text)| symlink(format!("s/c/d/l{at:02}"), *text));
    let case = world(links).also([file("s/c/x", "x"), dir("s/c/e"), symlink("s/up", ".."), dir("top")]);
    for options in ["-rlv --safe-links", "-rlv --safe-links -n"] {
        case.clone().same_each(["s/", "s", "s/c", "-R s/c"].map(|sources| format!("{options} {sources} d/")));
    }
    let files = world([
        symlink("s/c/a", "./../x"),
        symlink("s/c/b", ".././c/y"),
        file("s/x", "x"),
        file("s/c/y", "y"),
    ]);
    files.same("-rlvv --copy-unsafe-links s/ d/");
}

/// A link that is not munged is another one than any that the receiving side munges.
#[test]
fn links_that_were_not_munged() {
    let case = world([
        symlink("s/x", "../out/f"),
        symlink("s/y", "/abs"),
        symlink("s/z", "q"),
        symlink("d/s/x", "../out/f"),
        symlink("d/s/y", "/abs"),
        symlink("d/s/z", "/rsyncd-munged/q"),
    ]);
    let options = ["-rltii -M", "-rl -M", "-rltin -M", "-rlti ", "-rltii --link-dest=../d -M"];
    case.same_each(options.map(|options| format!("{options}--munge-links s d/")));
}
