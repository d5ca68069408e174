//! `cargo xtask dist`: what a release consists of; `publish-test`: whether the libraries could be published.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Step, cargo, has_program, output_of, root, run};
use crate::sbom;

/// Files of the tarball besides the program, from the workspace's root.
const FILES: [&str; 8] =
    ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE", "man", "completions", "docs", "packaging"];

/// Builds everything into `target/dist`.
pub(crate) fn dist(args: &[String]) -> Step {
    let dist = fresh(&root().join("target/dist"))?;
    let program = build(&root().join("target"))?;
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {}
        ["--twice"] => compare(&program, &build(&root().join("target/dist-again"))?)?,
        _ => return Err(format!("dist takes only --twice, not {args:?}")),
    }
    tarball(&dist, &program)?;
    sbom::write(&dist)?;
    package(&dist)?;
    sums(&dist)
}

/// The version of the workspace.
pub(crate) fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

fn fresh(dir: &Path) -> Result<PathBuf, String> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(dir, &error)),
        _ => {}
    }
    fs::create_dir_all(dir).map_err(|error| failed(dir, &error))?;
    Ok(dir.to_owned())
}

fn failed(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// The program in release mode. No path of this machine gets into it, so that others can build the same bytes.
fn build(target: &Path) -> Result<PathBuf, String> {
    let home = output_of("cargo", &["--version"]).map(|_| cargo_home()).unwrap_or_default();
    let flags = format!("--remap-path-prefix={}=/build --remap-path-prefix={home}=/cargo", root().display());
    let mut command = cargo(&["build", "--release", "--locked", "--bin", "io-uring-sync"]);
    run(command.env("RUSTFLAGS", flags).env("CARGO_TARGET_DIR", target))?;
    Ok(target.join("release/io-uring-sync"))
}

fn cargo_home() -> String {
    let home = std::env::var("HOME").unwrap_or_default();
    std::env::var("CARGO_HOME").unwrap_or_else(|_| format!("{home}/.cargo"))
}

fn compare(one: &Path, other: &Path) -> Step {
    let read = |path: &Path| fs::read(path).map_err(|error| failed(path, &error));
    if read(one)? == read(other)? {
        println!("- both builds are the same");
        return Ok(());
    }
    Err(format!("{} and {} differ: the build is not reproducible", one.display(), other.display()))
}

/// The time of the last commit, for everything that has a time.
fn epoch() -> String {
    std::env::var("SOURCE_DATE_EPOCH")
        .ok()
        .or_else(|| {
            let args = ["-C", env!("CARGO_MANIFEST_DIR"), "log", "-1", "--format=%ct"];
            output_of("git", &args).map(|time| time.trim().to_owned())
        })
        .unwrap_or_else(|| "0".to_owned())
}

fn tarball(dist: &Path, program: &Path) -> Step {
    let name = format!("io-uring-sync-{}-{}-linux", version(), std::env::consts::ARCH);
    let tree = fresh(&dist.join(&name))?;
    fs::create_dir(tree.join("bin")).map_err(|error| failed(&tree, &error))?;
    fs::copy(program, tree.join("bin/io-uring-sync")).map_err(|error| failed(program, &error))?;
    let mut strip = Command::new("strip");
    run(strip.arg("--strip-debug").arg(tree.join("bin/io-uring-sync")))?;
    let mut copy = Command::new("cp");
    run(copy.current_dir(root()).arg("-a").args(FILES).arg(&tree))?;
    let mut tar = Command::new("tar");
    tar.current_dir(dist)
        .args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner"])
        .arg(format!("--mtime=@{}", epoch()))
        .args(["--use-compress-program=gzip -9n", "-cf", &format!("{name}.tar.gz"), &name]);
    run(&mut tar)?;
    fs::remove_dir_all(&tree).map_err(|error| failed(&tree, &error))
}

/// The Debian package, where cargo-deb is installed.
fn package(dist: &Path) -> Step {
    if !has_program("cargo-deb") {
        println!("- cargo-deb is not installed: no Debian package was made (cargo install cargo-deb)");
        return Ok(());
    }
    let mut deb = cargo(&["deb", "--no-build", "--strip", "--locked", "--output"]);
    run(deb.arg(dist).env("SOURCE_DATE_EPOCH", epoch()))
}

fn sums(dist: &Path) -> Step {
    let names = fs::read_dir(dist).map_err(|error| failed(dist, &error))?;
    let mut names: Vec<String> =
        names.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    let output = Command::new("sha256sum").current_dir(dist).args(&names).output();
    let output = output.map_err(|error| format!("sha256sum: {error}"))?;
    fs::write(dist.join("SHA256SUMS"), output.stdout).map_err(|error| failed(dist, &error))?;
    names.iter().for_each(|name| println!("target/dist/{name}"));
    run(Command::new("sha256sum").current_dir(dist).args(["--check", "--quiet", "SHA256SUMS"]))
}

/// Packs both libraries as for crates.io, and builds and tests what would be uploaded.
pub(crate) fn publish_test() -> Step {
    for package in ["uring-ext", "rsync-compat"] {
        run(&mut cargo(&["publish", "--dry-run", "--locked", "--allow-dirty", "--package", package]))?;
    }
    Ok(())
}
