//! rsync(1), `--copy-devices`, `--write-devices`, `--drop-D`; `--open-noatime`.

use compat_tests::*;

fn nodes() -> Case {
    world([
        char_dev("s/null", 1, 3).mtime(9),
        char_dev("s/zero", 1, 5),
        file("s/file", "a"),
        file("s/null2", "b").mtime(9),
        char_dev("d/null2", 1, 3).mtime(9),
        file("s/same", ""),
        char_dev("d/same", 1, 5),
        fifo("s/fifo"),
        fifo("d/file"),
    ])
}

const FORMS: [&str; 7] = ["-ai", "-rti", "-ri", "-ain", "-avi --stats", "-aHi", "-aciX"];

#[test]
fn devices_are_read_like_files() {
    nodes().same_each(FORMS.map(|form| format!("{form} --copy-devices s/ d")));
    nodes().same_each([
        "-i --copy-devices s/null d/x",
        "-a --copy-devices --list-only s/",
        "-ai --copy-devices --inplace s/ d",
        "-ai --copy-devices --max-size=1 s/ d",
        "-a --copy-devices '--out-format=%i %C %l %n' s/ d",
    ]);
}

#[test]
fn devices_are_written_like_files() {
    nodes().same_each(FORMS.map(|form| format!("{form} --write-devices s/ d")));
    nodes().same_each([
        "-ai --write-devices --copy-devices s/ d",
        "-aiI --write-devices --copy-devices s/ d",
        "-ai --write-devices --no-write-devices s/ d",
        "-ai --write-devices --delete s/ d",
        "-ai --write-devices --partial-dir=.p s/ d",
    ]);
    // That cannot be synced, which ends the run.
    world([file("s/null", "x"), char_dev("d/null", 1, 3)]).same("-ri --write-devices --fsync s/ d");
}

#[test]
fn devices_may_be_refused() {
    nodes().same_each(FORMS.map(|form| format!("{form} --drop-D s/ d")));
    nodes().same_each([
        "-ai --drop-D --delete s/ d",
        "-ai --drop-D --no-drop-D s/ d",
        "-ri --drop-D -D s/ d",
    ]);
}

#[test]
fn access_times_stay() {
    let old = || world([file("s/a", "1"), file("s/sub/b", "2")]);
    old().same_each(["-ai --open-noatime s/ d", "-aiUU s/ d", "-rUi --open-noatime s/ d"]);
    // A file of somebody else's is not opened.
    old().also([file("s/root", "3").owner(0, 0)]).as_user().same_each(["-rti --open-noatime s/ d"]);
}

/// No letter tells of a link's access time; reading it has changed it.
#[test]
fn access_times_of_links_are_kept() {
    let old =
        world([file("s/f", "1"), symlink("s/new", "f"), symlink("s/old", "f"), symlink("s/other", "f")])
            .also([
                symlink("d/old", "f"),
                symlink("d/other", "g"),
                symlink("s/same", "f"),
                symlink("d/same", "f").mtime(7),
            ])
            .access_times();
    old.same_each(["-aiU s/ d/", "-rliU s/ d/", "-aiU s/ e/", "-aiUJ s/ d/"]);
}

/// A device that is copied as a file loses the bits that only programs and directories have.
#[test]
fn set_id_bits_of_copied_devices() {
    let mut entries = Vec::new();
    for mode in [0o1644, 0o4755, 0o2755, 0o755] {
        entries.push(char_dev(format!("s/new{mode:o}"), 1, 3).mode(mode));
        entries.push(char_dev(format!("s/old{mode:o}"), 1, 3).mode(mode));
        entries.push(file(format!("d/old{mode:o}"), "x").mode(mode));
    }
    let options = ["-ai", "-ri", "-ai --chmod=F+s", "-ai --fake-super", "-aiE --no-p"];
    world(entries).same_each(options.map(|options| format!("{options} --copy-devices s/ d/")));
}
