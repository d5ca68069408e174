//! One run from end to end on each file system: what ours does differently there must not show.
//!
//! Images are mounted from RAM, which needs root and loop devices; where that is impossible the test fails and says
//! so. `COMPAT_TESTS_DIR` sends the whole suite to one file system of your choice.

use compat_tests::alone::Alone;
use compat_tests::mounted::{Mounted, must};
use compat_tests::program::Mode;
use compat_tests::rich::{Maker, changed, edits, rich};
use compat_tests::snapshot::Holes;
use compat_tests::*;
use std::path::Path;
use std::process::Command;

fn cases() -> Vec<Case> {
    let source = rich(Maker::Root)
        .with([file("large", random(9, 1_500_000)), file("hole", sparse(12 << 20, &[(9 << 20, 5000)]))]);
    let after = changed(&source, 5, 20);
    let (removed, put) = edits(&source.clone().below("s"), &after.clone().below("s"));
    let case = |options: &str| {
        let case = Case::new(source.clone().below("s"))
            .run(&format!("{options} s/ d/"))
            .run(&format!("{options} s/ d/"));
        let case = case.remove(removed.clone()).put(put.clone());
        case.run(&format!("{options} --delete s/ d/")).run(&format!("{options} --link-dest=../d s/ e/"))
    };
    // As a user not with -X: btrfs lists trusted attributes to everybody, over which rsync stumbles and leaves the
    // file out with exit status 23.
    vec![case("-aHAXi"), case("-aHAXSi"), case("-ai --inplace"), case("-rti"), case("-ai").as_user()]
}

/// One test, because where twins are built is settled once per process.
#[test]
fn ext4_xfs_btrfs_tmpfs() {
    if let Some(kind) = std::env::var_os("FILE_SYSTEM_UNDER_TEST") {
        eprintln!("on {}", kind.display());
        return check_all(cases());
    }
    for kind in ["ext4", "xfs", "btrfs", "tmpfs"] {
        let mounted = (kind != "tmpfs").then(|| Mounted::image(kind, 400 << 20));
        let place = mounted.as_ref().map_or(Path::new("/dev/shm"), Mounted::point);
        let this = std::env::current_exe().expect("a test knows its own path");
        let mut again = Command::new(this);
        again.env("FILE_SYSTEM_UNDER_TEST", kind).env("COMPAT_TESTS_DIR", place);
        must(again.args(["ext4_xfs_btrfs_tmpfs", "--nocapture"]), &format!("pass on {kind}"));
    }
}

/// FUSE: files have a hidden name until they are complete, since none can be without a name. What it makes of ACLs and
/// of times below microseconds is its own business.
#[test]
fn where_no_file_is_without_a_name() {
    if std::env::var_os("FILE_SYSTEM_UNDER_TEST").is_some() {
        let source = rich(Maker::User).with([file("large", random(9, 1_500_000))]);
        let (removed, put) = edits(&source.clone().below("s"), &changed(&source, 5, 20).below("s"));
        let world = source.below("s").with([dir("b")]);
        let case = |options: &str| {
            let twice =
                Case::new(world.clone()).run(&format!("{options} s/ d/")).run(&format!("{options} s/ d/"));
            twice.remove(removed.clone()).put(put.clone()).run(&format!("{options} --delete s/ d/"))
        };
        let options = [
            "-rlpti",
            "-rltHi",
            "-rlti --temp-dir=$TWIN/b",
            "-rlti --delay-updates",
            "-rlti -b",
            "-rlti --backup-dir=../b",
            "-rlti --inplace",
            "-rlti --fsync",
            "-rltci --no-whole-file",
            "-rltSi",
        ];
        // Each of the destination's own directories gets backups of what lies above it, which are kept in their turn.
        let files = ["a", "b", "sub/a", "sub/b", "sub/sub/a"];
        let among = tree(files.map(|name| file(format!("s/{name}"), format!("new {name}").as_str())))
            .with(["d/a", "d/b"].map(|name| file(name, "old").mtime(1_400_000_000)));
        let among = ["-rlti --backup-dir=sub", "-rlti --backup-dir=sub --temp-dir=$TWIN/s"]
            .map(|options| Case::new(among.clone()).run(&format!("{options} s/ d/")));
        return check_all(options.map(case).into_iter().chain(among));
    }
    let mounted = Mounted::fuse();
    let this = std::env::current_exe().expect("a test knows its own path");
    let mut again = Command::new(this);
    again.env("FILE_SYSTEM_UNDER_TEST", "fuse").env("COMPAT_TESTS_DIR", mounted.point());
    must(again.args(["where_no_file_is_without_a_name", "--nocapture"]), "pass on FUSE");
}

/// From one file system to another, as rsync does it: nothing can be shared, renamed or linked between the two.
#[test]
fn from_ext4_to_xfs() {
    let (ext4, xfs) = (Mounted::image("ext4", 200 << 20), Mounted::image("xfs", 400 << 20));
    let large = [file("large", random(9, 1_500_000)), file("hole", sparse(12 << 20, &[(9 << 20, 5000)]))];
    let source = rich(Maker::Root).with(large);
    make::make(&source, ext4.point(), Owner::ROOT).expect("a tree on ext4");
    let past = |dir: &Path, day: i64| {
        make::set_mtime(b".", dir, 1_200_000_000 + day * 86_400).expect("our own directory");
    };
    past(ext4.point(), 2);
    let after = changed(&source, 5, 20);
    let (removed, put) = edits(&source, &after);
    let alone = Alone::new(&Tree::default(), None);
    let mut ran = Vec::new();
    let command = |mode: Option<Mode>, options: &str| {
        let name = mode.map_or("rsync".to_owned(), |mode| format!("{mode:?}"));
        let to = xfs.point().join(name);
        if std::fs::create_dir(&to).is_ok() {
            past(&to, 1);
        }
        // xfs shows ACLs once more as trusted attributes, which rsync deletes, and the ACLs with them.
        let rules = "--exclude=/lost+found '--filter=-x trusted.SGI_*'";
        let args = format!("{options} {rules} {}/ {}/", ext4.point().display(), to.display());
        let ran = match mode {
            None => alone.rsync("", &args),
            Some(mode) => alone.ours(mode, "", &args),
        };
        (ran.comparable, snapshot::take(&to, 1_600_000_000, None).expect("a tree that can be read"))
    };
    for options in ["-aHAXSi", "-aHAXSxi --numeric-ids --delete", "-aHAXSi --delete"] {
        let (said, left) = command(None, options);
        for mode in Mode::of_this_run() {
            let (ours, tree) = command(Some(mode), options);
            let mut differences = output::diff(&said, &ours);
            differences.extend(snapshot::diff(&left, &tree, Holes::AtLeastAsMany));
            assert!(differences.is_empty(), "{options} {mode:?}: {differences:#?}");
        }
        ran.push(said);
        if ran.len() == 2 {
            removed.iter().for_each(|path| make::remove(path, ext4.point()).expect("a name to remove"));
            put.iter()
                .for_each(|entry| make::put(entry, ext4.point(), Owner::ROOT).expect("an entry to put"));
            past(ext4.point(), 3);
        }
    }
    let lines = |run: usize| ran[run].loose.len();
    assert!(
        lines(0) > 60 && lines(1) == 0 && lines(2) > 10,
        "a first run, one without changes, one with some"
    );
}

/// What XFS lists of an ACL as a trusted attribute is not extraneous: a second run finds nothing to do, and the ACLs
/// stay.
#[test]
fn s68_acls_on_xfs() {
    let xfs = Mounted::image("xfs", 400 << 20);
    let acl = "u::rw-,u:7:r--,g::r--,m::r--,o::r--";
    let source = tree([
        file("s/f", "a").acl(acl).xattr("user.u", "1"),
        dir("s/D").default_acl("u::rwx,u:7:r--,g::r-x,m::r-x,o::r-x"),
        dir("s"),
    ]);
    let alone = Alone::new(&source, None);
    let twice = |run: &dyn Fn(&str) -> alone::Ran, name: &str| {
        let to = xfs.point().join(name);
        std::fs::create_dir(&to).expect("a directory on xfs");
        let args = format!("-aAXi s/ {}/", to.display());
        (0..2).for_each(|_| assert_eq!(run(&args).outcome.code, 0));
        (run(&args), snapshot::take(&to, i64::MAX, None).expect("a tree that can be read"))
    };
    let expected = [known::named("ACLs on XFS", known::KNOWN)];
    // One run more, so that rsync has put them back, and two, so that they are gone.
    let (_, left) = twice(&|args| alone.rsync("", args), "rsync");
    let _ = alone.rsync("", &format!("-aAX s/ {}/", xfs.point().join("rsync").display()));
    let gone = snapshot::take(&xfs.point().join("rsync"), i64::MAX, None).expect("a tree that can be read");
    for mode in Mode::of_this_run() {
        let (third, tree) = twice(&|args| alone.ours(mode, "", args), &format!("{mode:?}"));
        third.assert_silent();
        let differences = [&left, &gone].map(|rsyncs| snapshot::diff(rsyncs, &tree, Holes::Ignored)).concat();
        assert_eq!(known::judge(differences, &expected), Vec::<String>::new());
    }
}

/// Where a file system has no extended attributes, each is told of that is missing.
#[test]
fn s68_a_file_system_without_attributes() {
    let acl = "u::rw-,u:7:r--,g::r--,m::r--,o::r--";
    let source = tree([
        file("s/f", "a").owner(1, 2).xattr("user.u", "1").xattr("user.v", "1").acl(acl),
        dir("s/D").xattr("user.u", "1").acl("u::rwx,u:7:r--,g::r-x,m::r-x,o::r-x"),
        file("s/p", "plain"),
        symlink("s/l", "f"),
        fifo("s/q"),
        dir("m"),
    ]);
    let alone = Alone::new(&source, None);
    let mounted = Mounted::ramfs(&alone.dir().join("m"));
    let run = |mode: Option<Mode>, number: usize, args: &str| {
        let to = mounted
            .point()
            .join(mode.map_or("rsync".to_owned(), |mode| format!("{mode:?}")))
            .join(number.to_string());
        std::fs::create_dir_all(&to).expect("a directory");
        std::fs::create_dir_all(to.join("there")).expect("a directory");
        std::fs::write(to.join("there/p"), "plain").expect("a file");
        ["there/p", "there", "."].iter().for_each(|name| {
            make::set_mtime(name.as_bytes(), &to, 5).expect("our own file");
        });
        let args = args.replace("TO", to.to_str().expect("a name of ours"));
        let ran = match mode {
            None => alone.rsync("", &args),
            Some(mode) => alone.ours(mode, "", &args),
        };
        let shown = ran.comparable.errors.iter().chain(&ran.comparable.ordered);
        let place = to.to_str().expect("a name of ours");
        let shown: Vec<String> = shown.map(|line| line.replace(place, "TO")).collect();
        let twin = format!("/m/{}/", to.parent().and_then(Path::file_name).expect("a name").display());
        (ran.comparable.code, shown.iter().map(|line| line.replace(&twin, "/m/")).collect::<Vec<String>>())
    };
    let commands = [
        "-rtXi s/ TO/d",
        "-rtAi s/ TO/d",
        "-rtAXi --exclude=/D s/ TO/there",
        "-rtXi --inplace s/ TO/d",
        "-rtogi -M--fake-super s/ TO/there",
        "-rltDi -M--fake-super s/ TO/d",
        "-rti s/ TO/d",
        "-rtAXni s/ TO/d",
    ];
    for (number, args) in commands.into_iter().enumerate() {
        let said = run(None, number, args);
        for mode in Mode::of_this_run() {
            assert_eq!(run(Some(mode), number, args), said, "{args} {mode:?}");
        }
    }
}

/// Where many attributes cannot be kept, rsync's words stand for the first, and the rest are counted.
#[test]
fn attributes_that_a_file_system_cannot_keep_are_told_once() {
    const FILES: usize = 500;
    let acl = "u::rw-,u:7:r--,g::r--,m::r--,o::r--";
    let name = |n: usize| format!("s/{}/f{n:05}", n % 20);
    let source = tree((0..FILES).map(|n| file(name(n), "a").xattr("user.u", "1").acl(acl)));
    let alone = Alone::new(&source.with([dir("m")]), None);
    let fuse = Mounted::fuse_with("dev,suid,xattr-none");
    let ramfs = Mounted::ramfs(&alone.dir().join("m"));
    for place in [ramfs.point(), fuse.point()] {
        for (options, kinds) in [("-aX", 1), ("-aA", 1), ("-aAX --inplace", 2)] {
            let to = place.join(options.replace([' ', '-'], ""));
            let args = format!("{options} s/ {}/", to.display());
            let all = alone.rsync("", &args).comparable;
            assert_eq!(
                (all.code, all.errors.len()),
                (23, kinds * FILES + 1),
                "{args}: {:?}",
                all.errors.first()
            );
            for mode in Mode::of_this_run() {
                std::fs::remove_dir_all(&to).expect("what a run left");
                let told = alone.ours(mode, "", &args).comparable;
                assert_eq!(told.code, 23, "{args} {mode:?}");
                let (rsyncs, ours): (Vec<&String>, Vec<&String>) =
                    told.errors.iter().partition(|line| all.errors.contains(line));
                assert!((kinds + 1..50).contains(&rsyncs.len()), "{args} {mode:?}: {rsyncs:#?}");
                assert_eq!(ours.len(), kinds, "{args} {mode:?}: {ours:#?}");
                let counted: usize = ours.iter().filter_map(|line| number_in(line)).sum();
                assert_eq!(counted + rsyncs.len() - 1, kinds * FILES, "{args} {mode:?}: {ours:?}");
            }
            std::fs::remove_dir_all(&to).expect("what a run left");
        }
    }
}

/// The first number in a line.
fn number_in(line: &str) -> Option<usize> {
    line.split(' ').find_map(|word| word.parse().ok())
}

/// Under --no-whole-file a file that replaces another shares what both have, where the file system can.
#[test]
fn what_both_have_is_shared() {
    const BYTES: usize = 40 << 20;
    for kind in ["btrfs", "xfs", "ext4"] {
        let mounted = Mounted::image(kind, 400 << 20);
        let mut data = vec![0; BYTES];
        rng::Rng::new(1).fill(&mut data);
        let mut changed = data.clone();
        changed[20 << 20..(20 << 20) + 10].copy_from_slice(b"0123456789");
        let source = tree([file("f", Content::Bytes(changed.clone()))]);
        let kept = tree([file("d/f", Content::Bytes(data)).mtime(5), hard("d/g", "d/f")]);
        let alone = Alone::new(&source, None);
        make::make(&kept, mounted.point(), Owner::ROOT).expect("a tree on the image");
        rustix::fs::sync();
        let before = mounted::used_bytes(mounted.point());
        let args = format!("-a --no-W --stats ./ {}/d/", mounted.point().display());
        let ran = alone.ours(Mode::of_this_run()[0], "", &args);
        assert_eq!(ran.comparable.code, 0, "{kind}: {:?}", ran.comparable);
        assert_eq!(std::fs::read(mounted.point().join("d/f")).expect("a copy"), changed, "{kind}");
        rustix::fs::sync();
        let grown = mounted::used_bytes(mounted.point()).saturating_sub(before);
        match kind {
            "ext4" => assert!(grown >= BYTES as u64, "{kind}: {grown}"),
            _ => assert!(grown < 8 << 20, "{kind}: {grown}"),
        }
    }
}
