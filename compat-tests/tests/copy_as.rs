//! rsync(1), `--copy-as`: source and destination with another user's rights.

use compat_tests::alone::Alone;
use compat_tests::program::Mode;
use compat_tests::twin::USER;
use compat_tests::*;

/// A destination where everybody may write, and a source that not everybody may read.
fn shared() -> Tree {
    tree([
        file("s/f", "a").owner(1, 2).xattr("user.u", "1"),
        file("s/private", "p").mode(0o600),
        file("s/theirs", "t").mode(0o600).owner(USER, USER),
        symlink("s/l", "f"),
        fifo("s/p"),
        char_dev("s/c", 1, 3),
        dir("s/D"),
        dir("d").mode(0o777),
    ])
}

#[test]
fn as_another_user() {
    let case = Case::new(shared());
    let users = [
        "nobody",
        "nobody:daemon",
        "65534",
        "65534:1",
        "99999:99998",
        "root",
        "root:daemon",
        "daemon --copy-as=nobody",
    ];
    for user in users {
        let args = |to: &str| format!("-ai --copy-as={user} s/ {to}");
        case.clone().run(&args("d/")).run(&args("d/")).run(&args("d/D/new/")).check();
    }
}

#[test]
fn whoever_that_is_can_do_what_they_can() {
    let options =
        ["--super", "--fake-super", "--chown=1:1", "-AXH", "-c", "--inplace --delete", "--delay-updates"];
    let case = Case::new(shared());
    case.clone().same_each(options.map(|options| format!("-ai --copy-as=nobody {options} s/ d/")));
    case.clone().same_each(
        ["--fake-super", "--no-super --chown=1:1"]
            .map(|options| format!("-ai --copy-as=root {options} s/ d/")),
    );
    case.clone().same("-ani --copy-as=nobody s/ d/");
    case.clone().same("-r --copy-as=nobody s/");
    case.same("-ai --copy-as=nobody nosuch d/");
}

#[test]
fn what_names_files_is_read_before() {
    let case = Case::new(shared()).also([
        file("rules", "f\n").mode(0o600),
        file("s/.rules", "- theirs\n").mode(0o600),
        file("closed/x", "").mode(0o600),
        dir("closed").mode(0o700),
    ]);
    case.same_each([
        "-ai --copy-as=nobody --exclude-from=rules s/ d/",
        "-ai --copy-as=nobody --files-from=rules s/ d/",
        "-ai --copy-as=nobody '--filter=: .rules' s/ d/",
        "-ai --copy-as=nobody --log-file=rsync.log s/f d/f",
        "-ai --copy-as=nobody --link-dest=../closed s/ d/",
    ]);
}

#[test]
fn their_links_are_trusted_in_typed_paths() {
    let linked = |owner: u32| Case::new(shared()).also([symlink("link", "d").owner(owner, owner)]);
    linked(USER).same("-ai --copy-as=nobody s/ link/");
    linked(1).same("-ai --copy-as=nobody s/ link/");
    linked(1).same("-ai --copy-as=daemon s/ link/");
}

/// Both of rsync's processes complain, if the first leaves the other the time.
#[test]
fn who_does_not_exist_or_may_not_ends_the_run() {
    let errors = |alone: &Alone, mode: Option<Mode>, args: &str| {
        let ran = match mode {
            None => alone.rsync("", args),
            Some(mode) => alone.ours(mode, "", args),
        };
        let mut lines = ran.comparable.errors;
        lines.retain(|line| !line.contains("SIGUSR1"));
        lines.dedup();
        (ran.comparable.code, lines)
    };
    let commands = ["nosuch", "nobody:nosuch", ":daemon", "nobody:", "99999", "''", "nosuch s/ nosuch/"];
    let root = Alone::new(&shared(), None);
    for mode in Mode::of_this_run() {
        for user in commands {
            let args = format!("-ai --copy-as={user} s/ d/");
            assert_eq!(errors(&root, Some(mode), &args), errors(&root, None, &args), "{args}");
        }
    }
    let user = Alone::new(&shared(), Some(USER));
    for mode in Mode::of_this_run() {
        for args in ["-ai --copy-as=nobody s/ d/", "-ai --copy-as=root s/ d/"] {
            assert_eq!(errors(&user, Some(mode), args), errors(&user, None, args), "{args}");
        }
    }
}

/// What was sent until then is logged: nothing.
#[test]
fn a_user_that_is_refused_is_logged() {
    let case = world([file("s/f", "x")]);
    for user in ["nosuch", "nobody:nosuch"] {
        case.clone().same(&format!("-a --log-file=rsync.log --copy-as={user} s/ d/"));
    }
    case.as_user().same_each(
        ["", "-v", "-n"].map(|option| format!("-a {option} --log-file=rsync.log --copy-as=nobody s/ d/")),
    );
}
