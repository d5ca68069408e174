//! `cargo xtask package-test`: the Debian package in a Debian that has nothing else, from installing to removing.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::run::{Step, has_program, root, run};
use crate::{dist, tools};

/// Makes the package if there is none, and tries it.
pub(crate) fn package_test() -> Step {
    tools::ensure_packaging()?;
    if package().is_none() {
        dist::dist(&[])?;
    }
    let package = package().ok_or("there is no Debian package: cargo install cargo-deb")?;
    let base = base()?;
    let chroot = root().join("target/chroot/try");
    run(Command::new("rm").arg("-rf").arg(&chroot))?;
    run(Command::new("cp").arg("-a").arg(&base).arg(&chroot))?;
    fs::copy(&package, chroot.join("tmp/package.deb")).map_err(|error| error.to_string())?;
    fs::write(chroot.join("tmp/try.sh"), include_str!("package_test/try.sh"))
        .map_err(|error| error.to_string())?;
    let mut inside = Command::new("unshare");
    inside.args(["--mount", "--pid", "--fork", "chroot"]).arg(&chroot).args(["/bin/sh", "/tmp/try.sh"]);
    run(inside.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"))?;
    println!("- {} was installed, used and removed in a fresh Debian", package.display());
    run(Command::new("rm").arg("-rf").arg(&chroot))
}

fn package() -> Option<PathBuf> {
    let entries = fs::read_dir(root().join("target/dist")).ok()?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.into_iter().find(|path| path.extension().is_some_and(|kind| kind == "deb"))
}

/// A minimal Debian, made once.
fn base() -> Result<PathBuf, String> {
    let base = root().join("target/chroot/base");
    if base.join("usr/bin/dpkg").exists() && base.join("done").exists() {
        return Ok(base);
    }
    if !has_program("debootstrap") {
        return Err("package-test needs debootstrap".to_owned());
    }
    let _ = fs::remove_dir_all(&base);
    fs::create_dir_all(&base).map_err(|error| error.to_string())?;
    let (suite, mirror) = (suite(), mirror());
    let mut make = Command::new("debootstrap");
    run(make.arg("--variant=minbase").arg(suite).arg(&base).arg(mirror))?;
    fs::write(base.join("done"), "").map_err(|error| error.to_string())?;
    Ok(base)
}

/// The release that this machine runs: a program built here needs its libraries.
fn suite() -> String {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    name.unwrap_or("stable").to_owned()
}

fn mirror() -> String {
    std::env::var("DEBIAN_MIRROR").unwrap_or_else(|_| "http://deb.debian.org/debian".to_owned())
}
