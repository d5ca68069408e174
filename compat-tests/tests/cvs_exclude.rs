//! rsync(1), `--cvs-exclude` (point 24).

use compat_tests::*;

const NAMES: [&str; 22] = [
    "a.o",
    "b.c",
    "RCS/x",
    "CVS/y",
    "core",
    "#work",
    ".#lock",
    "tags",
    "TAGS",
    "x.bak",
    "x.old",
    "y.orig",
    "z~",
    "_$x",
    ".git/c",
    ".svn/d",
    "lib.so",
    "m.obj",
    "keep",
    "sub/own",
    "sub/a.o",
    "sub/deep/own",
];

fn sources() -> Case {
    let there = NAMES.iter().map(|name| file(format!("d/{name}"), "d").mtime(5));
    world(NAMES.iter().map(|name| file(format!("s/{name}"), *name)))
        .also([file("s/sub/.cvsignore", "own *.c\n"), file("home/.cvsignore", "keep\n"), file("d/gone", "g")])
        .also(there)
}

#[test]
fn s24_the_list_and_the_file_of_each_directory() {
    sources().same_each([
        "-aiC s/ n/",
        "-ai --cvs-exclude s/ d/",
        "-aiC --delete s/ d/",
        "-aiC --delete --delete-excluded s/ d/",
        "-aiCC s/ n/",
        "-aC -i s/sub n/",
    ]);
}

#[test]
fn s24_own_rules_come_first() {
    sources().same_each([
        "-aiC --include=*.o --include=core s/ n/",
        "-aiC --exclude=keep s/ n/",
        "-aiC -f '+ own' s/ n/",
        "-ai -f :C s/ n/",
        "-ai -f -C s/ n/",
        "-ai -f '+ a.o' -f -C -f :C s/ n/",
        "-ai -f :C --include=*.o -f -C s/ n/",
    ]);
}

#[test]
fn s24_what_the_user_ignores() {
    sources().env("HOME", "home").same_each(["-aiC s/ n/", "-ai -f -C s/ n/", "-aiC --include=keep s/ n/"]);
    sources().env("CVSIGNORE", "b.c  own").same_each(["-aiC s/ n/", "-ai -f -C s/ n/"]);
    sources().env("CVSIGNORE", "! b.c").same_each(["-aiC s/ n/", "-ai -f -C s/ n/"]);
    let cleared = || sources().put([file("home/.cvsignore", "!\nlib.so\n")]).env("HOME", "home");
    for command in ["-aiC s/ n/", "-ai -f -C s/ n/"] {
        cleared().run(command).check();
    }
    let cleared = || sources().put([file("s/sub/.cvsignore", "x ! own\n")]);
    for command in ["-aiC s/ n/", "-ai -f :C s/ n/", "-ai0C s/ n/"] {
        cleared().run(command).check();
    }
}
