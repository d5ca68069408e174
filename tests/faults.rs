//! Our program alone, under attack: killed, interrupted, without a ring.
#![expect(clippy::disallowed_methods, reason = "tests make and look at trees by path")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A directory of the test's own, removed in the end.
struct Area(PathBuf);

impl Area {
    fn new(name: &str) -> Area {
        let path = std::env::temp_dir().join(format!("io-uring-sync-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Area(path)
    }
}

impl Drop for Area {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_io-uring-sync"));
    command.args(args).current_dir(dir).env("IO_URING_SYNC_DELEGATE", "never");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn start(dir: &Path, args: &[&str]) -> Child {
    command(dir, args).spawn().unwrap()
}

/// Waits until a process has a file open.
fn wait_until_open(process: u32, path: &Path) {
    let path = fs::canonicalize(path).unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    let handles = PathBuf::from(format!("/proc/{process}/fd"));
    let is_open = || {
        let entries = fs::read_dir(&handles).into_iter().flatten().flatten();
        entries.into_iter().any(|entry| fs::read_link(entry.path()).is_ok_and(|target| target == path))
    };
    while !is_open() {
        assert!(Instant::now() < deadline, "{} is never opened", path.display());
        sleep(Duration::from_millis(1));
    }
}

/// Six hundred small files and three large ones, all with the letter as contents.
fn fill(root: &Path, letter: u8) {
    for number in 0..600_usize {
        let dir = root.join(format!("dir{}", number % 7));
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join(format!("file{number}")), vec![letter; 100 + number * 13]).unwrap();
    }
    for number in 0..3 {
        fs::write(root.join(format!("large{number}")), vec![letter; 12 << 20]).unwrap();
    }
}

fn files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// Every file of the destination is whole: that of the source, or the old one of the same length plus one.
fn assert_whole(source: &Path, destination: &Path) {
    // Killed outright, a run leaves hidden names behind: those between linkat and rename.
    let is_final = |path: &PathBuf| !path.file_name().unwrap().as_encoded_bytes().starts_with(b".");
    for path in files(destination).into_iter().filter(is_final) {
        let new = source.join(path.strip_prefix(destination).unwrap());
        let have = fs::read(&path).unwrap();
        let whole = fs::read(&new).is_ok_and(|want| want == have);
        let old = have.iter().all(|&byte| byte == b'o') && have.len() == 7;
        assert!(whole || old, "{} is partial", path.display());
    }
}

#[test]
fn killed_at_any_moment_no_final_name_is_partial() {
    let area = Area::new("kill");
    let (source, destination) = (area.0.join("s"), area.0.join("d"));
    fill(&source, b'n');
    for round in 0..50_u64 {
        if round % 10 == 0 {
            let _ = fs::remove_dir_all(&destination);
            for path in files(&source) {
                let old = destination.join(path.strip_prefix(&source).unwrap());
                fs::create_dir_all(old.parent().unwrap()).unwrap();
                if round % 20 == 0 {
                    fs::write(old, "ooooooo").unwrap();
                }
            }
        }
        let mut child = start(&area.0, &["-a", "s/", "d/"]);
        sleep(Duration::from_micros(300 + round * 977 % 40_000));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_whole(&source, &destination);
    }
    assert!(start(&area.0, &["-a", "s/", "d/"]).wait().unwrap().success());
    for path in files(&source) {
        let copy = destination.join(path.strip_prefix(&source).unwrap());
        assert_eq!(fs::read(&path).unwrap(), fs::read(&copy).unwrap(), "{}", copy.display());
    }
}

#[test]
fn interrupted_it_exits_20_and_leaves_no_temporary_file() {
    let area = Area::new("signal");
    let (source, destination) = (area.0.join("s"), area.0.join("d"));
    fs::create_dir_all(&source).unwrap();
    fs::create_dir_all(&destination).unwrap();
    fs::write(destination.join("big"), "old").unwrap();
    let big = fs::File::create(source.join("big")).unwrap();
    // Slow, not huge: its room is set aside at once, and other tests need some.
    big.set_len(256 << 20).unwrap();
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let child = start(&area.0, &["-a", "--bwlimit=20m", "s/", "d/"]);
        wait_until_open(child.id(), &source.join("big"));
        kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
        let ended = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(20), "{signal}: {told}");
        assert!(told.contains("received SIGINT, SIGTERM, or SIGHUP (code 20)"), "{told}");
        assert_eq!(files(&destination), [destination.join("big")]);
        assert_eq!(fs::read(destination.join("big")).unwrap(), b"old");
    }
}

#[test]
fn every_back_end_leaves_the_same_tree() {
    let area = Area::new("backends");
    fill(&area.0.join("s"), b'n');
    for io in ["--io=auto", "--io=ring", "--io=syscalls"] {
        let destination = area.0.join("d");
        let _ = fs::remove_dir_all(&destination);
        assert!(start(&area.0, &["-a", io, "s/", "d/"]).wait().unwrap().success(), "{io}");
        assert_whole(&area.0.join("s"), &destination);
        assert_eq!(files(&destination).len(), 603, "{io}");
    }
}

#[test]
fn remote_operands_are_refused_when_handing_over_is_forbidden() {
    let area = Area::new("remote");
    let ended = start(&area.0, &["-a", "host:s/", "d/"]).wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("IO_URING_SYNC_DELEGATE=never"));
}

fn number(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).unwrap())
}

/// Its caught or ignored signals, by the mask that the kernel shows.
fn has(child: &Child, mask: &str, signal: Signal) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(mask));
    let bits = line.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok());
    bits.is_some_and(|bits| bits >> (signal as i32 - 1) & 1 == 1)
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..5000 {
        if is_so() {
            return;
        }
        sleep(Duration::from_millis(1));
    }
    panic!("waited in vain: {what}");
}

#[test]
fn a_signal_before_the_run_began_exits_20_too() {
    let area = Area::new("early");
    fill(&area.0.join("s"), b'n');
    // It waits for a list that nobody writes.
    nix::unistd::mkfifo(&area.0.join("list"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    let hold = fs::OpenOptions::new().read(true).write(true).open(area.0.join("list")).unwrap();
    let mut command = command(&area.0, &["-a", "--files-from=-", "s/", "d/"]);
    let child = command.stdin(hold).spawn().unwrap();
    wait_until("it catches signals", || has(&child, "SigCgt:", Signal::SIGTERM));
    kill(number(&child), Signal::SIGTERM).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(20));
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(told.contains("received SIGINT, SIGTERM, or SIGHUP (code 20)"), "{told}");
    assert!(!area.0.join("d").exists());
}

#[test]
fn interrupted_many_small_files_are_whole_or_not_there() {
    let area = Area::new("small");
    let (source, destination) = (area.0.join("s"), area.0.join("d"));
    fill(&source, b'n');
    for round in 0..20_u64 {
        let _ = fs::remove_dir_all(&destination);
        fs::create_dir_all(destination.join("dir0")).unwrap();
        for file in files(&source.join("dir0")) {
            fs::write(destination.join("dir0").join(file.file_name().unwrap()), "ooooooo").unwrap();
        }
        let child = start(&area.0, &["-a", "--partial", "s/", "d/"]);
        wait_until("it catches signals", || has(&child, "SigCgt:", Signal::SIGINT));
        sleep(Duration::from_micros(round * 700));
        // Once more, as an impatient user does.
        for _ in 0..2 {
            kill(number(&child), Signal::SIGINT).unwrap();
        }
        let ended = child.wait_with_output().unwrap();
        assert!(matches!(ended.status.code(), Some(0 | 20)), "{:?}", ended.status);
        for path in files(&destination).iter().filter(|path| path.parent() != Some(&destination)) {
            let have = fs::read(path).unwrap();
            let want = fs::read(source.join(path.strip_prefix(&destination).unwrap())).unwrap();
            assert!(have == want || have == b"ooooooo", "{} is partial", path.display());
        }
    }
}

#[test]
fn a_source_that_becomes_shorter_is_told_and_read_again() {
    let area = Area::new("shrink");
    for (options, arrives) in [("-a", true), ("-aS", true), ("-a --inplace", false)] {
        let (source, copy) = (area.0.join("s/big"), area.0.join("d/big"));
        let _ = fs::remove_dir_all(area.0.join("d"));
        fs::create_dir_all(area.0.join("s")).unwrap();
        fs::write(&source, vec![b'n'; 3 << 20]).unwrap();
        let args = [options.split(' ').collect(), vec!["--bwlimit=2m", "s/", "d/"]].concat();
        let child = start(&area.0, &args);
        wait_until_open(child.id(), &source);
        sleep(Duration::from_millis(200));
        fs::File::options().write(true).open(&source).unwrap().set_len(1 << 20).unwrap();
        let ended = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(23), "{options}: {told}");
        assert!(told.contains("read errors mapping") && told.contains("No data available (61)"), "{told}");
        if arrives {
            assert_eq!(fs::metadata(&copy).unwrap().len(), 1 << 20, "{options}");
        }
        let again = start(&area.0, &[options.split(' ').collect(), vec!["s/", "d/"]].concat());
        assert!(again.wait_with_output().unwrap().status.success());
        assert_eq!(fs::read(&copy).unwrap(), fs::read(&source).unwrap(), "{options}");
    }
}

#[test]
fn a_list_that_comes_slowly_is_waited_for() {
    let area = Area::new("slow");
    fill(&area.0.join("s"), b'n');
    for (option, text) in [("--files-from=-", "large1\n"), ("--include-from=-", "+ large1\n- *\n")] {
        let destination = area.0.join("d");
        let _ = fs::remove_dir_all(&destination);
        let mut command = command(&area.0, &["-a", option, "s/", "d/"]);
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut list = child.stdin.take().unwrap();
        sleep(Duration::from_millis(150));
        list.write_all(text.as_bytes()).unwrap();
        sleep(Duration::from_millis(50));
        drop(list);
        assert!(child.wait_with_output().unwrap().status.success(), "{option}");
        assert_eq!(files(&destination), [destination.join("large1")], "{option}");
    }
}
