//! Our program alone, under attack: killed, interrupted, without a ring.
#![expect(clippy::disallowed_methods, reason = "tests make and look at trees by path")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

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

fn start(dir: &Path, args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_io-uring-sync"))
        .args(args)
        .current_dir(dir)
        .env("IO_URING_SYNC_DELEGATE", "never")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
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
    big.set_len(64 << 30).unwrap();
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let child = start(&area.0, &["-aS", "--no-sparse", "s/", "d/"]);
        sleep(Duration::from_millis(150));
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
