//! Readers that leave, Ctrl-C twice, leases on files, blobs that make no sense: what comes at a run from outside.

use compat_tests::alone::Alone;
use compat_tests::program::{Mode, Programs};
use compat_tests::snapshot::Holes;
use compat_tests::*;
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

fn start(program: &Path, dir: &Path, args: &[OsString]) -> Child {
    let mut command = Command::new(program);
    command.args(args).current_dir(dir).env("IO_URING_SYNC_DELEGATE", "never");
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a program to test")
}

/// Exit status, errors, and how many names were copied, of a run whose reader takes one line and leaves.
fn read_one_line(program: &Path, mode: Option<Mode>, args: &str) -> (Option<i32>, usize, usize) {
    let alone = Alone::new(&tree((0..300).map(|n| file(format!("s/f{n}"), random(n, 20_000)))), None);
    let args = shell::split(args);
    let args = mode.map_or_else(|| args.clone(), |mode| mode.args(program, &args));
    let mut child = start(program, alone.dir(), &args);
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a first line");
    let output = child.wait_with_output().expect("our own child");
    let names = alone.snapshot("d").items;
    assert!(names.keys().all(|name| !name.starts_with(b".") || name == b"."), "hidden names stay");
    (output.status.code(), output.stderr.len(), names.len())
}

/// `rsync -av … | head -1`: everything is copied, as by rsync.
#[test]
fn a_reader_that_leaves_stops_nothing() {
    let programs = Programs::of_this_run();
    for args in ["-av s/ d/", "-av --outbuf=L --bwlimit=20m s/ d/", "-a --progress s/ d/"] {
        let wanted = read_one_line(&programs.reference, None, args);
        for mode in Mode::of_this_run() {
            assert_eq!(read_one_line(&programs.subject, Some(mode), args), wanted, "{args} {mode:?}");
        }
    }
}

/// Twice at once, twice in a row, and both keys: exit 20 within a moment, the old file in place, no hidden names.
#[test]
fn s37_interrupted_twice() {
    if Programs::of_this_run().are_the_same() {
        return;
    }
    let world = tree([file("s/big", random(1, 8_000_000)), file("d/big", "old").mtime(5)]);
    for (pause, second) in [(0, Signal::INT), (3, Signal::INT), (50, Signal::INT), (0, Signal::TERM)] {
        for mode in Mode::of_this_run() {
            let alone = Alone::new(&world, None);
            let mut child = alone.start(mode, "-a --bwlimit=1000 s/ d/");
            alone.wait_until_open(&child, "s/big");
            let (pid, started) = (Pid::from_child(&child), Instant::now());
            kill_process(pid, Signal::INT).expect("our own child");
            std::thread::sleep(Duration::from_millis(pause));
            // It may be over by now.
            let _ = kill_process(pid, second);
            let status = child.wait().expect("our own child");
            assert_eq!(status.code(), Some(20), "{mode:?} after {pause} ms: {}", alone.told());
            assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
            let left = alone.snapshot("d").items;
            assert_eq!(left.keys().map(Vec::as_slice).collect::<Vec<_>>(), [&b"."[..], b"big"]);
            assert_eq!(std::fs::read(alone.dir().join("d/big")).expect("the old file"), b"old");
        }
    }
}

/// What is no file goes when its successor has come, not before, and not for one that never comes.
#[test]
fn s37_an_interrupted_run_leaves_what_is_in_the_way() {
    let programs = Programs::of_this_run();
    if programs.are_the_same() {
        return;
    }
    let world = tree([file("s/big", random(1, 8_000_000)), symlink("d/big", "elsewhere")]);
    for mode in Mode::of_this_run() {
        let alone = Alone::new(&world, None);
        let mut child = alone.start(mode, "-a --bwlimit=1000 s/ d/");
        alone.wait_until_open(&child, "s/big");
        kill_process(Pid::from_child(&child), Signal::INT).expect("our own child");
        assert_eq!(child.wait().expect("our own child").code(), Some(20), "{mode:?}: {}", alone.told());
        let left = std::fs::read_link(alone.dir().join("d/big")).expect("the link");
        assert_eq!(left, Path::new("elsewhere"), "{mode:?}");
    }
}

/// What `--append` has to its end is never looked at again, so it has its attributes by the time others are begun,
/// also where `--bwlimit` has all of them wait.
#[test]
fn what_an_interrupted_append_has_whole_has_its_attributes() {
    if Programs::of_this_run().are_the_same() {
        return;
    }
    let world = tree((0..60).map(|n| file(format!("s/f{n:02}"), random(n, 20_000)).mode(0o640).mtime(5)));
    for args in ["-a --append --bwlimit=200 s/ d/", "-aS --append --bwlimit=200 s/ d/"] {
        for mode in Mode::of_this_run() {
            let alone = Alone::new(&world, None);
            let mut child = alone.start(mode, args);
            let has_come =
                |name: &str| alone.dir().join(name).metadata().is_ok_and(|meta| meta.len() == 20_000);
            alone.wait_until("a few files are there", || has_come("d/f05"));
            kill_process(Pid::from_child(&child), Signal::INT).expect("our own child");
            assert_eq!(
                child.wait().expect("our own child").code(),
                Some(20),
                "{args} {mode:?}: {}",
                alone.told()
            );
            let whole: Vec<_> = (0..60).map(|n| format!("d/f{n:02}")).filter(|name| has_come(name)).collect();
            assert!((6..60).contains(&whole.len()), "{args} {mode:?}: {whole:?}");
            for name in &whole {
                let meta = alone.dir().join(name).metadata().expect("a file");
                assert_eq!((meta.mode() & 0o7777, meta.mtime()), (0o640, 5), "{args} {mode:?}: {name}");
            }
        }
    }
}

/// Of many files whose turn has not come when a run is interrupted, none is begun: it ends at once, and the old ones
/// stay.
#[test]
fn an_interrupted_run_begins_no_file() {
    if Programs::of_this_run().are_the_same() {
        return;
    }
    let world = tree((0..60).flat_map(|n| {
        let (new, old) = (file(format!("s/f{n:02}"), random(n, 100_000)), file(format!("d/f{n:02}"), "old"));
        [new.mtime(5), old.mtime(6)]
    }));
    for args in ["-a", "-a --partial", "-a --partial-dir=.p", "-a --inplace", "-aH --delay-updates"] {
        for mode in Mode::of_this_run() {
            let alone = Alone::new(&world, None);
            let mut child = alone.start(mode, &format!("{args} --bwlimit=1000 s/ d/"));
            alone.wait_until_open(&child, "s/f30");
            kill_process(Pid::from_child(&child), Signal::INT).expect("our own child");
            assert_eq!(
                child.wait().expect("our own child").code(),
                Some(20),
                "{args} {mode:?}: {}",
                alone.told()
            );
            let is_new =
                |path: &Path| path.metadata().is_ok_and(|meta| meta.is_file() && meta.len() == 100_000);
            let begun = |dir: &str| {
                let names = std::fs::read_dir(alone.dir().join(dir)).into_iter().flatten().flatten();
                names.filter(|name| is_new(&name.path())).count()
            };
            let begun = ["d", "d/.p", "d/.~tmp~"].map(begun).iter().sum::<usize>();
            assert!(begun < 50, "{args} {mode:?}: {begun} of 60 files");
        }
    }
}

/// Standard output that nobody reads holds up the run, as it does rsync, but not its end.
#[test]
fn a_reader_that_reads_nothing_stops_no_signal() {
    let name = |n| format!("s/{}{n}", "long".repeat(40));
    let world = tree((0..1500).map(|n| file(name(n), "x")));
    for mode in Mode::of_this_run() {
        let alone = Alone::new(&world, None);
        let program = &Programs::of_this_run().subject;
        let mut child = start(program, alone.dir(), &mode.args(program, &shell::split("-av s/ d/")));
        std::thread::sleep(Duration::from_secs(2));
        assert!(child.try_wait().expect("our own child").is_none(), "a pipe holds less than all these names");
        let (pid, started) = (Pid::from_child(&child), Instant::now());
        for _ in 0..2 {
            let _ = kill_process(pid, Signal::INT);
            std::thread::sleep(Duration::from_millis(100));
        }
        while child.try_wait().expect("our own child").is_none() {
            assert!(started.elapsed() < Duration::from_secs(10), "{mode:?} goes on");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Holds a write lease on a file, and gives it back a second after somebody wants to read.
const HOLDER: &str = r#"
import fcntl, os, signal, sys, time
fd = os.open(sys.argv[1], os.O_RDWR)
signal.signal(signal.SIGIO, lambda *_: None)
fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
print("held", flush=True)
signal.pause()
time.sleep(1)
fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
print("given back", flush=True)
"#;

/// A lease is waited for, also where the file is opened without waiting: the rest goes on meanwhile.
#[test]
fn a_lease_on_a_source_file_is_waited_for() {
    for mode in Mode::of_this_run() {
        let alone = Alone::new(&tree((0..20).map(|n| file(format!("s/f{n}"), random(n, 5000)))), None);
        let leased = alone.dir().join("s/f7").into_os_string();
        let mut holder =
            start(Path::new("/usr/bin/python3"), alone.dir(), &["-c".into(), HOLDER.into(), leased]);
        let mut told = BufReader::new(holder.stdout.take().expect("piped"));
        let mut line = String::new();
        told.read_line(&mut line).expect("a line of the holder");
        assert_eq!(line, "held\n");
        let started = Instant::now();
        alone.ours(mode, "", "-a s/ d/").assert_silent();
        let took = started.elapsed();
        assert!(took > Duration::from_millis(800) && took < Duration::from_secs(15), "{mode:?}: {took:?}");
        told.read_to_string(&mut line).expect("what the holder says");
        assert_eq!(line, "held\ngiven back\n");
        holder.wait().expect("our own child");
        alone.assert_copy("s", "d", Holes::Ignored);
    }
}

/// What `--fake-super` reads was written by whoever owns the files.
#[test]
fn s33_blobs_of_fake_super_that_make_no_sense() {
    let stats = [
        "",
        "x",
        "100644",
        "100644 0,0",
        "100644 0,0 1",
        "100644 0,0 1:2 3",
        "-1 0,0 1:2",
        "100644 0,0 4294967296:1",
        "777777777777 0,0 1:2",
        "170000 0,0 1:2",
        "020666 999999,999999 1:2",
        "060600 4294967295,4294967295 0:0",
        "\0\u{1}",
        "100644  0,0  1:2",
        "106755 0,0 0:0",
    ];
    check_all(stats.iter().flat_map(|stat| {
        let case =
            world([dir("d").mtime(5), dir("s").mtime(5), file("s/f", "x").xattr("user.rsync.%stat", stat)]);
        ["-ai --fake-super s/ d/", "-aiX --fake-super s/ d/", "-ai -M--fake-super s/ d/"]
            .map(|command| case.clone().run(command))
    }));
}

/// rsync leaves such a file out without a word, with exit 23. Ours tells why, and copies it without; bits that mean
/// nothing are dropped.
#[test]
fn s33_acls_of_fake_super_that_make_no_sense() {
    if Programs::of_this_run().are_the_same() {
        return;
    }
    let acls: [&[u8]; 6] = [
        b"x",
        b"\xff\xff\xff\xff",
        &[0xff; 16],
        &[0x80, 0, 0, 0, 0x80, 0, 0, 0, 7, 0, 0, 0, 0x80, 0, 0, 0, 1],
        &[7; 24],
        &[0; 64],
    ];
    for acl in acls {
        let with = |name: &str| {
            [file("s/f", "x").xattr(name, acl), dir("s/D").xattr(name, acl), file("s/plain", "x"), dir("d")]
        };
        let makes_sense = acl.len() >= 16 && acl.len().is_multiple_of(8);
        for name in ["user.rsync.%aacl", "user.rsync.%dacl"] {
            for mode in Mode::of_this_run() {
                let alone = Alone::new(&tree(with(name)), None);
                let ran = alone.ours(mode, "", "-aA --fake-super s/ d/").comparable;
                let told = ran.errors.iter().any(|line| line.contains("get_acl: ") && line.contains("(22)"));
                assert_eq!((ran.code, told), if makes_sense { (0, false) } else { (23, true) }, "{ran:?}");
                ["d/plain", "d/f"].iter().for_each(|name| assert!(alone.dir().join(name).exists(), "{name}"));
            }
        }
    }
}
