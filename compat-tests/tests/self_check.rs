//! The comparison itself: rsync against rsync shows nothing, a wrapper that misbehaves is caught.

use compat_tests::program::{Mode, Programs};
use compat_tests::rich::{Maker, rich};
use compat_tests::search::{Findings, SHORT, Search};
use compat_tests::*;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

const RSYNC: &str = "/usr/bin/rsync";

/// A shell script in place of rsync, as a subject.
fn wrapper(script: &str) -> Programs {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("compat-wrapper-{}-{number}", std::process::id()));
    std::fs::write(&path, format!("#!/bin/bash\n{script}\n")).expect("a script");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("our own file");
    Programs { reference: PathBuf::from(RSYNC), subject: path }
}

/// What is reported when the subject is this script and the command is `-aHAXSi s/ d/` on a rich tree.
fn report(script: &str) -> Result<(), String> {
    let programs = wrapper(script);
    let case = Case::new(rich(Maker::Root).below("s")).holes().run("-aHAXSi s/ d/").run("-aHAXSi s/ d/");
    let result = case.compare(&programs, &[Mode::Ring]);
    std::fs::remove_file(programs.subject).expect("our own file");
    result
}

/// The script runs rsync, then does this to the destination; the report must contain the text.
fn caught(afterwards: &str, text: &str) {
    let report = report(&format!("{RSYNC} \"$@\"; code=$?; {{ {afterwards}; }} >/dev/null 2>&1; exit $code"));
    let report = report.expect_err(afterwards);
    assert!(report.contains(text), "{afterwards}: expected {text:?} in\n{report}");
}

#[test]
fn rsync_does_not_differ_from_itself() {
    assert_eq!(report(&format!("exec {RSYNC} \"$@\"")), Ok(()));
}

#[test]
fn a_dropped_option_is_caught() {
    for (letter, text) in [("X", "xattr"), ("A", "ACL"), ("H", "hard link"), ("D", "missing"), ("t", "mtime")]
    {
        let script = format!("exec {RSYNC} \"$@\" --no-{letter}");
        let report = report(&script).expect_err(&script);
        assert!(report.contains(text), "--no-{letter}: expected {text:?} in\n{report}");
    }
}

#[test]
fn changes_of_attributes_are_caught() {
    caught("touch -d @$(stat -c %Y d/small) d/small", "small: mtime");
    caught("touch -hd @1 d/link", "link: mtime");
    caught("touch -d @1 d/sub", "sub: mtime");
    caught("touch -d @1 d", "d: mtime");
    caught("chmod g+w d/sub/a", "mode");
    caught("chown 9 d/small", "owner");
    caught("chgrp -h 9 d/link", "group");
    caught("setfattr -n user.extra -v 1 d/small", "user.extra");
    caught("setfattr -hx trusted.link d/foreign-link", "trusted.link");
    caught("setfattr -x security.capability d/cap", "security.capability");
    caught("setfacl -m u:3:r d/acl", "ACL");
    caught("setfacl -k d/acl-dir", "default ACL");
}

#[test]
fn changes_of_contents_and_names_are_caught() {
    caught(
        "printf X | dd of=d/big.bin seek=1000 bs=1 conv=notrunc; touch -r s/big.bin d/big.bin",
        "contents differ",
    );
    caught(": > d/.f.AbCdEf", "should not exist");
    caught("rm d/fifo", "missing");
    caught("ln -sfn other d/link", "symlink target");
    caught("rm d/null; mknod d/null c 1 5", "device number");
    caught("cp -p d/hard1 d/hard1.new; mv d/hard1.new d/hard1", "hard link");
    caught("touch -d @5 s/small", "s/small");
    caught(
        "cp d/holes d/h --sparse=never; cat d/h > d/holes; rm d/h; touch -r s/holes d/holes",
        "data on disk",
    );
    caught("chmod 644 d/empty", "touched");
}

#[test]
fn changes_of_output_are_caught() {
    for (script, text) in [
        (format!("{RSYNC} \"$@\" | grep -v small"), "missing line"),
        (format!("{RSYNC} \"$@\"; echo more"), "extra line"),
        (format!("{RSYNC} \"$@\"; echo more >&2"), "stderr"),
        (format!("{RSYNC} \"$@\"; exit 23"), "exit status"),
        (format!("{RSYNC} \"$@\"; kill -9 $$"), "exit status"),
    ] {
        let report = report(&script).expect_err(&script);
        assert!(report.contains(text), "{script}: expected {text:?} in\n{report}");
    }
}

/// rsync, which then does one thing wrong; the short run must find it. `$d` is the destination.
fn found(what: &str, script: &str) {
    let programs = wrapper(script);
    let modes = [Mode::Ring];
    let findings = Findings::First;
    let search = Search { programs: &programs, modes: &modes, seeds: SHORT, until: None, findings };
    let found = search.run(&|_| {});
    std::fs::remove_file(&programs.subject).expect("our own file");
    assert!(!found.is_empty(), "the short run finds nothing wrong with an rsync that {what}");
}

fn found_afterwards(what: &str, damage: &str) {
    found(
        what,
        &format!("{RSYNC} \"$@\"; code=$?; d=${{@: -1}}; {{ {damage}; }} >/dev/null 2>&1; exit $code"),
    );
}

#[test]
fn rsync_does_not_differ_from_itself_in_a_search() {
    let programs = wrapper(&format!("exec {RSYNC} \"$@\""));
    let (modes, findings) = ([Mode::Ring], Findings::First);
    let search = Search { programs: &programs, modes: &modes, seeds: 1..21, until: None, findings };
    let found = search.run(&|_| {});
    std::fs::remove_file(&programs.subject).expect("our own file");
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_search_finds_dropped_xattrs() {
    let drop = r#"args=(); for a; do case $a in --xattrs) ;; --*) args+=("$a") ;;
        -*) a=${a//X/}; [ "$a" = - ] || args+=("$a") ;; *) args+=("$a") ;; esac; done"#;
    found("drops -X", &format!("{drop}; exec {RSYNC} \"${{args[@]}}\""));
}

#[test]
fn a_search_finds_an_ignored_exclude() {
    let drop = r#"args=(); for a; do case $a in --exclude=*) [ "$seen" ] && args+=("$a"); seen=1 ;;
        *) args+=("$a") ;; esac; done"#;
    found("ignores one exclude", &format!("{drop}; exec {RSYNC} \"${{args[@]}}\""));
}

#[test]
fn a_search_finds_lost_nanoseconds() {
    let damage =
        r#"find "$d" -type f -print0 | while read -rd '' f; do touch -d "@$(stat -c %Y "$f")" "$f"; done"#;
    found_afterwards("loses nanoseconds", damage);
}

#[test]
fn a_search_finds_a_followed_symlink() {
    let damage = r#"l=$(find "$d" -type l -xtype f | head -1); cp -Lp --remove-destination "$l" "$d/.tmp" && mv "$d/.tmp" "$l""#;
    found_afterwards("follows one symbolic link", damage);
}

#[test]
fn a_search_finds_a_hidden_failure() {
    found("exits 0 for 23", &format!("{RSYNC} \"$@\"; code=$?; [ $code = 23 ] && code=0; exit $code"));
}

#[test]
fn a_search_finds_a_broken_hard_link() {
    let damage = r#"l=$(find "$d" -type f -links +1 | head -1); cp -p "$l" "$d/.tmp" && mv "$d/.tmp" "$l""#;
    found_afterwards("leaves one hard link as a copy", damage);
}

#[test]
fn the_order_of_lines_is_compared() {
    let programs = wrapper(&format!("{RSYNC} \"$@\" | sort"));
    let case = world([file("s/d/f", "x"), file("s/z", "x")]).run("-ai s/ d/");
    let report = case.compare(&programs, &[Mode::Ring]).expect_err("sorted output");
    assert!(report.contains("another order"), "{report}");
    std::fs::remove_file(programs.subject).expect("our own file");
}
