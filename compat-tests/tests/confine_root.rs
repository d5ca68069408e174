//! rsync(1), `--confine-root`: where paths that options name may come out, whoever owns the links on the way.

use compat_tests::*;

/// A directory to stay in, one outside of it, and links of root's own that lead there.
fn both() -> Case {
    world([
        file("in/s/f", "a").mtime(5),
        file("in/s/g", "g").mtime(5),
        dir("in/s/D"),
        symlink("in/s/away", "../../out"),
        symlink("in/s/.here", "../rules"),
        symlink("in/s/.away", "../../out/rules"),
        file("in/rules", "- g\n"),
        file("in/plain", "g\n"),
        file("in/list", "f\n"),
        file("in/many", "away/plain\naway\nf\n"),
        file("in/alt/f", "a").mtime(5),
        symlink("in/alternate", "../out/alt"),
        symlink("in/linked", "../out/dest"),
        symlink("in/rules-away", "../out/plain"),
        file("in/d/f", "old"),
        file("out/rules", "- g\n"),
        file("out/plain", "g\n"),
        file("out/list", "f\n"),
        file("out/alt/f", "a").mtime(5),
        dir("out/dest"),
        dir("out/kept"),
    ])
}

fn each(root: &str, operands: &[&str]) {
    both().same_each(operands.iter().map(|operands| format!("-ai {root} {operands}")));
}

#[test]
fn operands_and_files_of_the_command_line_may_lie_anywhere() {
    for root in ["--confine-root=$TWIN/in", "-M--confine-root=$TWIN/in", "--confine-root=/"] {
        each(
            root,
            &[
                "in/s/ in/d/",
                "in/s/ out/dest/",
                "in/s/ out/new/",
                "in/s/ in/linked/",
                "out/ in/d/",
                "--exclude-from=out/plain in/s/ in/d/",
                "--exclude-from=in/rules-away in/s/ in/d/",
                "'--filter=. out/rules' in/s/ in/d/",
            ],
        );
    }
    each("--confine-root=$TWIN/in", &["--files-from=in/list in/s in/d/", "--files-from=out/list in/s in/d/"]);
}

#[test]
fn merge_files_of_directories_come_from_within() {
    for root in [
        "--confine-root=$TWIN/in",
        "-M--confine-root=$TWIN/in",
        "--confine-root=//",
        "--confine-root=/nowhere",
    ] {
        each(
            root,
            &[
                "'--filter=: ../../out/rules' in/s/ in/d/",
                "'--filter=: $TWIN/out/rules' in/s/ in/d/",
                "'--filter=: $TWIN/in/rules' in/s/ in/d/",
                "'--filter=: .here' in/s/ in/d/",
                "'--filter=: .away' in/s/ in/d/",
                "'--filter=: .away' --delete in/s/ in/d/",
                "-F in/s/ in/d/",
            ],
        );
    }
}

#[test]
fn names_of_a_list_lead_nowhere_else() {
    for options in ["", "-r", "--no-R"] {
        each("--confine-root=$TWIN/in", &[&format!("{options} --files-from=in/many in/s in/d/")]);
    }
}

#[test]
fn alternate_directories_lie_within() {
    for root in ["--confine-root=$TWIN/in", "-M--confine-root=$TWIN/in"] {
        for dir in ["../alt", "$TWIN/in/alt", "../../out/alt", "../alternate", "$TWIN/out/alt"] {
            for kind in ["link", "copy", "compare"] {
                each(root, &[&format!("--{kind}-dest={dir} in/s/ in/new/")]);
            }
        }
    }
}

#[test]
fn backups_are_kept_within() {
    for root in ["--confine-root=$TWIN/in", "-M--confine-root=$TWIN/in"] {
        for dir in ["../kept", "kept", "$TWIN/in/kept"] {
            each(root, &[&format!("--backup-dir={dir} in/s/ in/d/")]);
        }
        for dir in ["../../out/kept", "$TWIN/out/new"] {
            let args = format!("-ai {root} --backup-dir={dir} in/s/f in/d/");
            both().known("a backup that is refused").same(&args);
        }
    }
}

#[test]
fn it_has_to_be_absolute_and_to_hold() {
    each(
        "",
        &[
            "--confine-root=in in/s/ in/d/",
            "--confine-root= in/s/ in/d/",
            "-M--confine-root=in in/s/ in/d/",
            "--confine-root=/in --insecure-links in/s/ in/d/",
        ],
    );
}
