//! rsync(1), `--backup`, `--backup-dir`, `--suffix` (points 57, 58).

use compat_tests::alone::Alone;
use compat_tests::mounted::Mounted;
use compat_tests::program::Mode;
use compat_tests::snapshot::{self, Holes, Snapshot};
use compat_tests::*;

/// A file to be replaced, and something else under the name of its backup.
fn in_the_way(of: &str, more: impl IntoIterator<Item = Entry>) -> Case {
    world([file("s/f", "new"), file("d/f", "older").mtime(5), dir("b")])
        .also([file(format!("{of}/a/b"), "x"), file(format!("{of}/q"), "x")])
        .also(more)
}

/// The backups are on another file system, where what is no file has to be made anew.
#[test]
fn s58_kinds_that_are_not_copied_get_no_backup_elsewhere() {
    let elsewhere = std::env::temp_dir().join(format!("backups-of-{}", std::process::id()));
    let nodes = [char_dev("d/e", 1, 7), fifo("d/fifo"), symlink("d/link", "q"), char_dev("d/sub/e", 1, 7)];
    let case = world([dir("s"), file("d/gone", "x")]).also(nodes);
    for options in ["-r", "-rl", "-rl --specials", "-rl --devices", "-r --info=nonreg0", "-rn"] {
        let place = elsewhere.display();
        case.clone().same(&format!("{options} -b --backup-dir={place}$TWIN --delete -i s/ d/"));
    }
    std::fs::remove_dir_all(elsewhere).expect("what was backed up");
}

#[test]
fn what_has_the_name_of_a_backup_goes() {
    in_the_way("d/f~", []).same_each([
        "-aib s/ d/",
        "-avvib s/ d/",
        "-avvib --delete s/ d/",
        "-avvibn s/ d/",
        "-avvib --delay-updates s/ d/",
    ]);
    in_the_way("d/f~", [])
        .known("a backup that fails")
        .same_each(["-avvib --delete --exclude=q s/ d/", "-avvib --delete --max-delete=0 s/ d/"]);
    let replaced = [world([symlink("s/f", "x")]), world([file("s/f/in", "x")]), world([file("s/g", "x")])];
    for case in replaced {
        case.also([file("d/f", "older"), file("d/f~/a/b", "x"), file("d/f~/q", "x")])
            .same_each(["-aib s/ d/", "-aib --delete s/ d/"]);
    }
    in_the_way("b/f", []).same_each(["-avib --backup-dir=../b s/ d/", "-avib --backup-dir=$TWIN/b s/ d/"]);
    for entry in [file("b/sub", "no directory"), symlink("b/sub", "nowhere"), symlink("b/sub", "../d")] {
        world([file("s/sub/f", "new"), file("d/sub/f", "older").mtime(5), entry])
            .same_each(["-avib --backup-dir=../b s/ d/", "-aib --delete --backup-dir=../b empty/ d/"]);
    }
}

#[test]
fn a_dry_run_names_the_backups_of_what_it_would_delete() {
    world([file("s/f", "new"), file("d/f", "older"), file("d/g", "goes"), file("d/sub/h~", "goes")])
        .same_each([
            "-avvbn --delete s/ d/",
            "-avvbn --delete --suffix=.x s/ d/",
            "-avvbn --delete --backup-dir=../b s/ d/",
        ]);
}

#[test]
fn s55_no_file_is_replaced_without_its_backup() {
    let long = "n".repeat(255);
    let (here, there) = (format!("s/{long}"), format!("d/{long}"));
    let old = || file(&there, "older").mtime(5);
    let file_there = || world([file(&here, "new"), old()]);
    file_there()
        .known("a backup that fails")
        .same_each(["-ab s/ d/", "-ab --suffix=.x --backup-dir=../b s/ d/"]);
    file_there().same("-ab --delay-updates s/ d/");
    world([symlink(&here, "x"), old()]).same("-ab s/ d/");
    world([dir(&here), old()]).same("-ab s/ d/");
    world([file("s/g", "x"), old()]).same("-aib --delete s/ d/");
    let closed = || dir("b").owner(0, 0);
    let commands = ["-aib --backup-dir=../b s/ d/", "-aib --delete --backup-dir=../b s/ d/"];
    let one_file = world([file("s/f", "new"), file("d/f", "older").mtime(5), closed()]);
    one_file.as_user().known("a backup that fails").same_each(commands);
    world([dir("s"), file("d/f", "goes"), closed()]).as_user().same_each(&commands[1..]);
    world([symlink("s/f", "x"), file("d/f", "older"), closed()]).as_user().same_each(commands);
    world([file("s/sub/f", "new"), file("d/sub/f", "older").mtime(5), closed()])
        .as_user()
        .known("a backup that fails")
        .same_each(commands);
}

fn aged() -> Case {
    world([
        file("s/new", "1"),
        file("s/changed", "22").mtime(50),
        file("d/changed", "2").mtime(5),
        file("s/touched", "same").mtime(50),
        file("d/touched", "same").mtime(5),
        file("s/mode", "same").mtime(5).mode(0o600),
        file("d/mode", "same").mtime(5),
        file("s/sub/deep/changed", "33").mtime(50),
        file("d/sub/deep/changed", "3").mtime(5),
        dir("d/sub").mode(0o711).owner(5, 6).mtime(77),
        dir("d/sub/deep").mode(0o2751),
        file("d/sub/extra", "4"),
        file("d/gone/a", "5"),
        file("d/gone/b", "6"),
        dir("d/gone").mode(0o700),
        symlink("s/link", "new"),
        symlink("d/link", "old"),
        symlink("d/changed~", "stale"),
        fifo("d/pipe"),
        file("s/pipe", "p"),
        file("s/dir-now", "f"),
        file("d/dir-now/x", "x"),
        dir("s/was-file"),
        file("d/was-file", "w"),
        hard("d/other-name", "d/changed"),
    ])
}

#[test]
fn s57_beside_the_file() {
    aged().same_each([
        "-abi s/ d",
        "-abvvi s/ d",
        "-rbi s/ d",
        "-abi --suffix=.old s/ d",
        "-abi --delete s/ d",
        "-abi --delete --suffix=.bak s/ d",
        "-abi --delete-excluded s/ d",
        "-abin --delete s/ d",
        "-abi --inplace s/ d",
        "-abHi --delete s/ d",
        "-ab --force -i s/ d",
        "-ab --info=backup s/ d",
        "-abi s/changed d/changed",
        "-a --backup --no-backup -i s/ d",
    ]);
}

#[test]
fn s58_in_a_directory() {
    aged().same_each([
        "-abi --backup-dir=bak s/ d",
        "-abi --backup-dir=../bak s/ d",
        "-abi --backup-dir=../bak/x/y --delete s/ d",
        "-rbi --backup-dir=../bak --delete s/ d",
        "-abi --backup-dir=../bak --suffix=.old --delete s/ d",
        "-abvv --backup-dir=../bak s/ d",
        "-ai --backup-dir=../bak s/ d",
        "-abi --backup-dir=bak --delete s/ d",
        "-abi --backup-dir=bak --inplace s/ d",
        "-abi --backup-dir=../bak --delay-updates --delete s/ d",
        "-abi --backup-dir=../bak --delete-after s/ d",
        "-abi --backup-dir=../bak --delete --max-delete=2 s/ d",
        "-abin --backup-dir=../bak --delete s/ d",
    ]);
    aged().umask(0o077).same_each(["-rbi --backup-dir=../bak --delete s/ d"]);
}

/// Directories that were brought up to date keep their times when backups are made in them afterwards.
#[test]
fn s58_in_a_directory_that_is_finished() {
    let case = world([file("s/a/f", "x"), file("s/b/f", "new"), file("d/b/f", "old"), file("d/b/gone", "x")])
        .also([file("d/c/gone", "x")]);
    let whens = [
        "--delete-during",
        "--delete-delay",
        "--delete-after",
        "--delete-before",
        "--delay-updates",
        "--no-i-r",
    ];
    for dir in ["bak", "../bak", "$TWIN/d/bak"] {
        case.clone().same_each(whens.map(|when| format!("-ab --backup-dir={dir} --suffix=~ {when} s/ d")));
    }
    case.same_each(whens[4..].iter().map(|when| format!("-ab --backup-dir=a/bak {when} s/ d")));
}

#[test]
fn s58_twice() {
    let case = aged().run("-abi --backup-dir=bak --delete s/ d");
    case.put([file("s/changed", "444").mtime(90), file("s/sub/deep/changed", "5").mtime(90)])
        .run("-abi --backup-dir=bak --delete s/ d")
        .run("-abi --backup-dir=bak --delete s/ d")
        .check();
}

#[test]
fn s57_suffixes_that_are_refused() {
    aged().same_each([
        "-ab --suffix= s/ d",
        "-ab --suffix=a/b s/ d",
        "-ab --suffix= --backup-dir=. s/ d",
        "-ab --suffix= --backup-dir=bak s/ d",
    ]);
}

/// Its directories look like those whose files they keep, as far as that is kept at all; only their times are new.
#[test]
fn s58_directories_of_the_backup() {
    let (named, inherited) = ("u::rwx,u:3:r-x,g::r-x,m::r-x,o::---", "u::rwx,u:9:rwx,g::r-x,m::rwx,o::---");
    let mut case = world([
        file("s/c/d/f", "new"),
        dir("s/c").mode(0o2755).owner(12, 13).acl(named),
        dir("s/c/d").mode(0o750).owner(5, 6).default_acl(inherited).xattr("user.x", "1"),
        file("d/c/d/f", "old"),
        dir("d/c").mode(0o2711).owner(7, 8),
        dir("d/c/d").mode(0o755),
        file("d/x/f", "x"),
        dir("d/x").mode(0o2711).owner(5, 6).acl(named),
        file("d/x/y/f", "x"),
        dir("d/x/y").mode(0o500),
    ]);
    let options = ["-a", "-r", "-rp", "-ro", "-rg", "-aA", "-aAX", "-r --chown=4:5"];
    let runs = options.map(|options| format!("{options} --delete -b --backup-dir=../bak s/ d/"));
    case.clone().same_each(&runs);
    case.world.entries.values_mut().for_each(|entry| entry.owner = None);
    case.as_user().same_each(&runs[..3]);
}

#[test]
fn a_backup_directory_has_to_be_one() {
    aged().same_each(["-a --backup-dir=was-file s/ d/", "-an --delete --backup-dir=was-file s/ d/"]);
}

/// An old file of somebody else's, which a copy stands for.
fn set_id(mode: u32) -> Case {
    let old = file("d/f", "old").mtime(5).owner(1000, 1001).mode(mode);
    world([file("s/f", "new").mtime(50), old.xattr("user.x", "1")])
}

#[test]
fn s57_the_copy_that_is_kept_of_a_file_written_in_place() {
    let each = ["-a", "-r", "-rp", "-ro", "-rg", "-aX", "-aAX", "-r --chown=4:5"];
    let commands = |more: &str| each.map(|options| format!("{options} -b --inplace{more} s/ d/"));
    set_id(0o640).same_each(commands(""));
    set_id(0o640).same_each(commands(" --backup-dir=bak"));
    set_id(0o6755).same_each(&commands("")[5..7]);
    let mut ours = set_id(0o6755);
    ours.world.entries.values_mut().for_each(|entry| entry.owner = None);
    ours.as_user().same_each(&commands("")[..5]);
}

/// Without `-o` the copy is ours: rsync makes a set-id program of whatever its owner had put there.
#[test]
fn set_id_bits_of_others_are_not_kept_in_a_copy() {
    for command in ["-r -b --inplace s/ d/", "-rp -b --inplace s/ d/"] {
        set_id(0o6755).known("set-id bits of a copy").same(command);
    }
}

/// What a run leaves in `d`, whose backup directory is a file system of its own, and what it says.
fn elsewhere(world: &Tree, mode: Option<Mode>, command: &str) -> (output::Comparable, Snapshot) {
    let alone = Alone::new(&world.clone().with([dir("d/bak")]), None);
    let mounted = Mounted::tmpfs(&alone.dir().join("d/bak"), "mode=755");
    let ran = match mode {
        Some(mode) => alone.ours(mode, "", command),
        None => alone.rsync("", command),
    };
    let read = |name: &str| snapshot::take(&alone.dir().join(name), 1_600_000_000, None).expect("a tree");
    let left = (ran.comparable, read("d"));
    drop(mounted);
    left
}

#[test]
fn s58_on_another_file_system() {
    let mut world = aged().world.with([
        file("d/owned", "o").owner(5, 6).mode(0o4750).xattr("user.x", "1").mtime(7),
        symlink("d/link-gone", "target").owner(7, 8),
        char_dev("d/device", 1, 3).owner(5, 5).mode(0o640),
        file("d/large", random(1, 3_000_000)).mode(0o600),
        file("s/large", random(2, 2_000_000)).mtime(50),
    ]);
    world.entries.values_mut().for_each(|entry| entry.mtime = entry.mtime.or(Some(1_400_000_000.into())));
    for options in
        ["-a", "-aX", "-a --inplace", "-a --suffix=.old", "-a --delay-updates", "-a --delete-after"]
    {
        let command = format!("{options} -b --backup-dir=bak --delete s/ d/");
        let wanted = elsewhere(&world, None, &command);
        for mode in Mode::of_this_run() {
            let ours = elsewhere(&world, Some(mode), &command);
            let mut differences = output::diff(&wanted.0, &ours.0);
            differences.extend(snapshot::diff(&wanted.1, &ours.1, Holes::Ignored));
            assert!(differences.is_empty(), "{command} {mode:?}: {differences:#?}");
        }
    }
}

/// Then it is not written, nor told as if it were.
#[test]
fn s57_a_file_written_in_place_that_cannot_be_kept() {
    let case =
        world([file("s/h", "new"), file("d/h", "older").mtime(5), file("s/w/g", "g"), dir("d/w")]).as_user();
    let closed = case.clone().also([dir("d").mode(0o500)]);
    closed.same_each(["-aib --inplace s/h d/", "-aib --inplace --no-W s/h d/"]);
    case.clone().also([dir("d/h~").mode(0o500)]).same("-aib --inplace s/ d/");
    case.clone().also([file("d/h~/x", "x")]).same("-aib --inplace --remove-source-files s/ d/");
    case.clone().also([dir("d/b").mode(0o500)]).same("-aib --inplace --backup-dir=b s/ d/");
    case.clone().also([file("d/h", "older").mtime(5).mode(0)]).same("-aib --inplace s/ d/");
    case.also([file("d/b", "no directory")])
        .same_each(["-aib --backup-dir=b s/h d/", "-aib --backup-dir=b/c s/h d/"]);
}

#[test]
fn a_backup_directory_that_is_the_destination() {
    let case = world([
        file("s/a", "new").mtime(1_400_000_000),
        file("s/sub/b", "new").mtime(1_400_000_000),
        dir("s/sub").mtime(1_300_000_000),
        dir("s").mtime(1_300_000_001),
        file("d/a", "old"),
        file("d/sub/b", "old"),
        file("d/sub/gone", "gone"),
    ]);
    for dir in [".", "./"] {
        let options = format!("-ai --backup-dir={dir} --suffix=.b --delete s/ d/");
        case.clone().run(&options).put([file("s/a", "newer")]).run(&options).check();
        case.clone().same(&format!("-ai --backup-dir={dir} s/ d/"));
    }
    // One that is in the source as well keeps its time.
    case.same_each(["-ab --backup-dir=sub s/ d/", "-ab --backup-dir=$TWIN/d/sub s/ d/"]);
}

/// Without its backup no file is replaced, and that is told.
#[test]
fn s57_a_backup_directory_that_cannot_be_entered() {
    // What comes first changes the directory's time, which no failed file of ours does.
    let first = file("s/a", "a");
    let case = world([first, file("s/h", "new"), file("d/h", "older").mtime(5), file("closed/x", "x")]);
    let case = case.as_user().also([dir("closed").mode(0)]);
    case.clone().same_each([
        "-ai --inplace -b --backup-dir=../closed s/ d/",
        "-ai --inplace -b --backup-dir=../closed/in s/ d/",
        "-aiO -b --backup-dir=../closed s/ d/",
        "-aiO -b --backup-dir=../closed --delay-updates s/ d/",
    ]);
    case.also([dir("empty")]).same("-rib --backup-dir=../closed --delete empty/ d/");
}

/// What has the name of a backup itself gets none when it makes way for a file or a directory.
#[test]
fn s57_backups_of_another_kind_have_no_backup() {
    let new =
        [file("s/x~", "new"), symlink("s/x~", "new"), fifo("s/x~"), dir("s/x~"), char_dev("s/x~", 1, 3)];
    let old = [file("d/x~", "old"), symlink("d/x~", "old"), fifo("d/x~"), char_dev("d/x~", 1, 5)];
    let commands =
        ["-aib s/ d/", "-aib --suffix=x~ s/ d/", "-aib --suffix=.y s/ d/", "-aib --delay-updates s/ d/"];
    for entry in new {
        for there in &old {
            world([entry.clone(), there.clone()]).same_each(commands);
        }
    }
}

/// With `--safe-links`, links that lead out are not kept.
#[test]
fn s57_unsafe_links_have_no_backup() {
    let new = [file("s/x", "new"), symlink("s/x", "new"), fifo("s/x"), dir("s/x"), file("s/other", "")];
    let old = [symlink("d/x", "../../old"), symlink("d/x", "old"), symlink("d/x", "/old")];
    let commands = [
        "-avvib --delete --safe-links s/ d/",
        "-avib --delete --safe-links --backup-dir=../b s/ d/",
        "-rib --delete --safe-links s/ d/",
        "-aib --delete-delay --safe-links --info=symsafe0 s/ d/",
    ];
    for entry in new {
        for there in &old {
            world([entry.clone(), there.clone()]).any_order().same_each(commands);
        }
    }
}

/// What others own and is no file cannot be linked to: its backup is another one, of ours.
#[test]
fn s57_nodes_of_others_are_made_anew() {
    let new = [symlink("s/f", "new"), fifo("s/f"), file("s/f", "new"), file("s/other", "")];
    let old = [symlink("d/f", "old"), fifo("d/f"), fifo("d/f").mode(0o666), char_dev("d/f", 1, 3)];
    let commands = ["-aib s/ d/", "-aib --backup-dir=../b s/ d/", "-aib --delete s/ d/", "-rlDtib s/ d/"];
    for entry in new {
        for there in &old {
            world([entry.clone(), there.clone().owner(5, 6)]).as_user().same_each(commands);
        }
    }
}

/// The time of a directory that backups go into comes back only where it is in the transfer.
#[test]
fn s58_times_of_directories_beside_the_transfer() {
    let old = |name: &str| file(name, "older").mtime(5);
    let case =
        world([file("s/f", "new"), dir("d/x"), old("d/s/f"), old("d/s/gone"), old("d/f"), old("d/gone")]);
    for options in ["-a --delay-updates", "-a --delete-delay", "-a --delete"] {
        for (dir, operands) in
            [("bak", "s d/"), ("bak", "s/ d/"), ("s/bak", "s d/"), ("s/bak", "s/ d/"), ("bak", "s/f d/")]
        {
            case.clone().any_order().same(&format!("{options} -b --backup-dir={dir} {operands}"));
        }
    }
}
