//! The programs that the tests need, and the Debian packages that bring them.

use std::collections::BTreeSet;
use std::process::Command;

use crate::run::{Step, has_program, output_of, root, run};

/// The version of rsync that every differential test compares with.
const RSYNC_VERSION: &str = "3.5.0";

/// Program, or a file of one, and the Debian package that brings it.
const TOOLS: &[(&str, &str)] = &[
    ("rsync", "rsync"),
    ("setfacl", "acl"),
    ("setfattr", "attr"),
    ("setcap", "libcap2-bin"),
    ("mkfs.ext4", "e2fsprogs"),
    ("mkfs.xfs", "xfsprogs"),
    ("mkfs.btrfs", "btrfs-progs"),
    ("bindfs", "bindfs"),
    ("losetup", "mount"),
    ("mount", "mount"),
    ("unshare", "util-linux"),
    ("setpriv", "util-linux"),
    ("prlimit", "util-linux"),
    ("strace", "strace"),
    ("valgrind", "valgrind"),
    ("cc", "gcc"),
    ("zsh", "zsh"),
    ("fish", "fish"),
    ("tmux", "tmux"),
    ("groff", "groff"),
    ("rsnapshot", "rsnapshot"),
    ("backintime", "backintime-common"),
    ("fpsync", "fpart"),
    ("dirvish", "dirvish"),
    ("rsbackup", "rsbackup"),
    ("backupninja", "backupninja"),
    ("yarsync", "yarsync"),
    ("mrb", "mrb"),
    ("lsyncd", "lsyncd"),
    ("clsync", "clsync"),
    ("opam", "opam"),
    ("git-annex", "git-annex"),
    ("slack", "slack"),
    ("parallel", "parallel"),
    ("jc", "jc"),
    ("/usr/lib/ruby/vendor_ruby/rsync.rb", "ruby-rsync"),
    ("/usr/share/perl5/File/Rsync.pm", "libfile-rsync-perl"),
    (
        "/usr/lib/python3/dist-packages/ansible_collections/ansible/posix/plugins/modules/synchronize.py",
        "ansible",
    ),
    ("man", "man-db"),
    ("/usr/share/i18n/locales/de_DE", "locales"),
];

/// The same for `cargo xtask package-test`.
const PACKAGING: &[(&str, &str)] =
    &[("debootstrap", "debootstrap"), ("unshare", "util-linux"), ("strip", "binutils")];

/// The same for `cargo xtask kernels` and `cargo xtask power-loss`.
const KERNELS: &[(&str, &str)] = &[
    ("qemu-system-x86_64", "qemu-system-x86"),
    ("busybox", "busybox-static"),
    ("cpio", "cpio"),
    ("depmod", "kmod"),
    ("dmsetup", "dmsetup"),
    ("setquota", "quota"),
];

/// Makes sure that virtual machines can be started.
pub(crate) fn ensure_kernels() -> Step {
    install(&missing(KERNELS))
}

/// Makes sure that what makes and tries packages is there.
pub(crate) fn ensure_packaging() -> Step {
    if !is_root() {
        return Err("a chroot takes root".to_owned());
    }
    install(&missing(PACKAGING))
}

/// Makes sure that every tool is there and that rsync is the one we compare with.
pub(crate) fn ensure() -> Step {
    install(&missing(TOOLS))?;
    table_of_mounts()?;
    let left = missing(TOOLS);
    if !left.is_empty() {
        return Err(format!("still missing after the installation: {}", join(&left)));
    }
    if rsync_is_right() {
        return Ok(());
    }
    install(&BTreeSet::from(["rsync"]))?;
    if !rsync_is_right() {
        security_update_of_rsync()?;
    }
    if rsync_is_right() { Ok(()) } else { Err(wrong_rsync()) }
}

/// Back In Time reads /etc/mtab, which systemd makes, and a chroot may not have.
fn table_of_mounts() -> Step {
    let path = std::path::Path::new("/etc/mtab");
    if !is_root() || path.exists() {
        return Ok(());
    }
    std::os::unix::fs::symlink("../proc/self/mounts", path).map_err(|error| format!("/etc/mtab: {error}"))
}

/// A Debian that was made by debootstrap alone knows no security updates, and that version is one. It is taken from
/// there without a change to the lists of sources.
fn security_update_of_rsync() -> Step {
    if !is_root() || !has_program("apt-get") || std::env::var_os("REFERENCE_VERSION").is_some() {
        return Ok(());
    }
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    let Some(name) = name.filter(|_| release.lines().any(|line| line == "ID=debian")) else { return Ok(()) };
    let list = root().join("target/security.list");
    let line = format!("deb http://deb.debian.org/debian-security {name}-security main\n");
    let made = std::fs::create_dir_all(root().join("target")).and_then(|()| std::fs::write(&list, line));
    made.map_err(|error| format!("{}: {error}", list.display()))?;
    let from = format!("Dir::Etc::SourceList={}", list.display());
    let only = ["-o", &from, "-o", "Dir::Etc::SourceParts=/dev/null", "-o", "APT::Get::List-Cleanup=false"];
    run(apt_get(&["update", "-q"]).args(only))?;
    run(apt_get(&["install", "-q", "-y", "--no-install-recommends", "rsync"]).args(only))
}

/// Where programs are built when the source lies where only root may enter: tests become an ordinary user, who then
/// could not start them.
const REACHABLE_TARGET: &str = "/var/cache/io-uring-sync/target";

/// Has a cargo command build where every user may start what comes of it.
pub(crate) fn reachable(mut command: Command) -> Command {
    use std::os::unix::fs::PermissionsExt;
    let is_closed = |dir: &std::path::Path| {
        std::fs::metadata(dir).is_ok_and(|meta| meta.is_dir() && meta.permissions().mode() & 0o001 == 0)
    };
    let is_set = std::env::var_os("CARGO_TARGET_DIR").is_some();
    if !is_set && is_root() && root().ancestors().any(is_closed) {
        command.env("CARGO_TARGET_DIR", REACHABLE_TARGET);
    }
    command
}

fn missing(tools: &[(&str, &'static str)]) -> BTreeSet<&'static str> {
    tools.iter().filter(|(program, _)| !has_program(program)).map(|(_, package)| *package).collect()
}

fn install(packages: &BTreeSet<&str>) -> Step {
    if packages.is_empty() {
        return Ok(());
    }
    if !has_program("apt-get") {
        return Err(format!("the tests need the Debian packages {}, or what they bring", join(packages)));
    }
    if !is_root() {
        return Err(format!("the tests need more: sudo apt-get install {}", join(packages)));
    }
    run(&mut apt_get(&["update", "-q"]))?;
    let install = ["install", "-q", "-y", "--no-install-recommends"];
    run(&mut apt_get(&[&install[..], &packages.iter().copied().collect::<Vec<_>>()].concat()))
}

fn apt_get(args: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").args(args);
    command
}

fn is_root() -> bool {
    output_of("id", &["-u"]).is_some_and(|id| id.trim() == "0")
}

fn rsync_line() -> String {
    let text = output_of("rsync", &["--version"]).unwrap_or_default();
    text.lines().next().unwrap_or("rsync gives no version").to_owned()
}

/// `REFERENCE_VERSION` asks for another one, to see what differs there.
fn rsync_version() -> String {
    std::env::var("REFERENCE_VERSION").unwrap_or_else(|_| RSYNC_VERSION.to_owned())
}

fn rsync_is_right() -> bool {
    rsync_line().split_whitespace().any(|word| word == rsync_version())
}

fn wrong_rsync() -> String {
    format!("the tests compare with rsync {}, but this machine has: {}", rsync_version(), rsync_line())
}

fn join(packages: &BTreeSet<&str>) -> String {
    packages.iter().copied().collect::<Vec<_>>().join(" ")
}
