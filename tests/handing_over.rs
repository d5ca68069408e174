//! What is meant for another machine goes to the next rsync on PATH that is not this program, under whatever name or
//! script it hides.

#![allow(clippy::disallowed_methods, reason = "tests make files and start programs")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const OURS: &str = env!("CARGO_BIN_EXE_io-uring-sync");

/// Directories for PATH.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Place {
        let dir = std::env::temp_dir().join(format!("io-uring-sync-handing-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        Place(dir)
    }

    fn dir(&self, name: &str) -> PathBuf {
        let dir = self.0.join(name);
        fs::create_dir_all(&dir).unwrap();
        dir
    }

    /// A link to this program, called rsync.
    fn link(&self, name: &str) -> PathBuf {
        let dir = self.dir(name);
        symlink(OURS, dir.join("rsync")).unwrap();
        dir
    }

    /// A script called rsync.
    fn script(&self, name: &str, text: &str) -> PathBuf {
        let dir = self.dir(name);
        let path = dir.join("rsync");
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        dir
    }

    fn real(&self) -> PathBuf {
        self.script("real", "echo \"real $RSYNC_RSH $*\"; exit 7")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs the first rsync of these directories.
fn run(path: &[PathBuf], args: &[&str], env: &[(&str, &str)]) -> Output {
    let joined = path.iter().map(|dir| dir.display().to_string()).collect::<Vec<_>>().join(":");
    let program = if path.first().is_some_and(|dir| dir.join("rsync").exists()) {
        path[0].join("rsync")
    } else {
        Path::new(OURS).to_path_buf()
    };
    let mut command = Command::new(program);
    command.args(args).env_clear().env("PATH", joined).env("RSYNC_RSH", "myssh -p 1");
    command.envs(env.iter().copied()).output().unwrap()
}

fn reaches_real(path: &[PathBuf], args: &[&str]) {
    let output = run(path, args, &[]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(said, format!("real myssh -p 1 {}\n", args.join(" ")), "{:?} {output:?}", path);
    assert_eq!(output.status.code(), Some(7), "{args:?}");
}

#[test]
fn whatever_is_remote_reaches_rsync() {
    let place = Place::new("forms");
    let path = [place.link("ours"), place.real()];
    for args in [
        &["-a", "host:s/", "d/"][..],
        &["-a", "s/", "user@host:d"],
        &["-n", "host::module/x", "."],
        &["rsync://host/module", "."],
        &["-a", "[::1]:x", "d"],
        &["--daemon", "--no-detach"],
        &["--server", "--sender", "-a", ".", "x"],
        &["--write-batch=B", "-a", "s", "host:d"],
    ] {
        reaches_real(&path, args);
    }
}

#[test]
fn ours_is_passed_over_by_any_name() {
    let place = Place::new("names");
    let real = place.real();
    let calls = format!("exec {OURS} \"$@\"");
    let child = format!("{OURS} \"$@\"");
    let deep = format!("(/bin/sh -c '{OURS} \"$@\"' sh \"$@\")");
    let (link, twice) = (place.link("link"), place.dir("twice"));
    symlink(link.join("rsync"), twice.join("rsync")).unwrap();
    let exec = place.script("exec", &calls);
    let other = place.script("other", &calls);
    let forks = place.script("forks", &child);
    let args = ["-a", "s/", "host:d/"];
    reaches_real(&[link.clone(), twice.clone(), real.clone()], &args);
    reaches_real(&[exec.clone(), real.clone()], &args);
    reaches_real(&[link.clone(), exec.clone(), other.clone(), twice, real.clone()], &args);
    reaches_real(&[exec.clone(), forks.clone(), link.clone(), real.clone()], &args);
    // Where all lead back, there is an end to it.
    let deeper = place.script("deeper", &deep);
    for path in [&[link.clone()][..], &[link.clone(), exec, other], &[link.clone(), forks], &[link, deeper]] {
        let system = [PathBuf::from("/nonexistent")];
        let output = run(&[path, &system].concat(), &args, &[]);
        assert_eq!(output.status.code(), Some(4), "{path:?} {output:?}");
        assert!(
            String::from_utf8_lossy(&output.stderr).starts_with("rsync: remote operands need rsync, and ")
        );
    }
}

#[test]
fn handing_over_can_be_forbidden() {
    let place = Place::new("never");
    let path = [place.link("ours"), place.real()];
    let output = run(&path, &["-a", "s/", "host:d/"], &[("IO_URING_SYNC_DELEGATE", "never")]);
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "rsync: remote operands are not handed over: IO_URING_SYNC_DELEGATE=never\n"
    );
    assert!(output.stdout.is_empty());
}
