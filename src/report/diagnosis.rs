//! The words of `--doctor`: what was found, and what it means for copying.

use indicatif::{BinaryBytes, HumanCount};
use uring_ext::RingState;
use uring_ext::mode::errno::{ENOSYS, EPERM};
use uring_ext::mode::{BTRFS_MAGIC, EXT4_MAGIC, F2FS_MAGIC, OVERLAYFS_MAGIC, TMPFS_MAGIC, XFS_MAGIC};

use crate::doctor::{Findings, Found, Place, Role, Trial, Tried};
use crate::failure::strerror;

/// The screen.
#[must_use]
pub fn diagnosis(found: &Findings) -> Vec<u8> {
    let mut lines = vec![
        format!(
            "io-uring-sync {} on Linux {}, {} CPUs, {} open files, as {}",
            env!("CARGO_PKG_VERSION"),
            found.kernel,
            found.cpus,
            HumanCount(found.open_files),
            if found.uid == 0 { "root".to_owned() } else { format!("user {}", found.uid) }
        ),
        String::new(),
    ];
    lines.extend(ring(found));
    lines.extend(rights(found));
    for place in &found.places {
        lines.push(String::new());
        lines.extend(self::place(place));
    }
    lines.extend(between(&found.places));
    let mut text = lines.join("\n");
    text.push('\n');
    text.into_bytes()
}

fn row(name: &str, text: &str) -> String {
    format!("{name:<15} {text}")
}

fn ring(found: &Findings) -> Vec<String> {
    let (native, emulated): (Vec<_>, Vec<_>) = found.operations.iter().partition(|(_, native)| *native);
    let names =
        |list: Vec<&(&'static str, bool)>| list.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" ");
    let mut lines = match &found.ring {
        RingState::Native(options) => {
            vec![
                row("io_uring", "works: small files are read through it"),
                row("  set up", &options.join(" ")),
            ]
        }
        RingState::Unused | RingState::Forced => {
            vec![row("io_uring", "not used, because URING_EXT_EMULATE says so"), row("", NO_RING)]
        }
        RingState::Refused(errno) => vec![row("io_uring", &refused(found, *errno)), row("", NO_RING)],
    };
    if matches!(found.ring, RingState::Native(_)) {
        lines.push(row("  can", &names(native)));
        if !emulated.is_empty() {
            lines.push(row(
                "  cannot",
                &format!("{} (a newer kernel could; plain calls do it)", names(emulated)),
            ));
        }
    }
    lines
}

const NO_RING: &str =
    "plain calls with read-ahead do the same work; many small files on a slow disk take longer";

fn refused(found: &Findings, errno: i32) -> String {
    match (errno, found.switch) {
        (EPERM, Some(2)) => "is switched off for all: sysctl kernel.io_uring_disabled is 2".to_owned(),
        (EPERM, Some(1)) if found.uid != 0 => {
            "is for the group in kernel.io_uring_group alone: kernel.io_uring_disabled is 1".to_owned()
        }
        (EPERM | ENOSYS, _) if found.filtered => {
            format!("is forbidden by a seccomp filter ({}), as container engines set one up", strerror(errno))
        }
        (ENOSYS, _) => "does not exist in this kernel".to_owned(),
        (other, _) => format!("is refused: {}", strerror(other)),
    }
}

fn rights(found: &Findings) -> Vec<String> {
    let powers = &found.powers;
    let all = [
        (powers.chown, "owners"),
        (powers.mknod, "devices"),
        (powers.dac_read_search || powers.dac_override, "files that others may not read"),
        (powers.sys_admin, "trusted attributes"),
        (powers.setfcap, "file capabilities"),
    ];
    let words = |have: bool| {
        let named = all.iter().filter(|(has, _)| *has == have).map(|(_, name)| *name);
        named.collect::<Vec<_>>().join(", ")
    };
    let mut lines = Vec::new();
    if all.iter().any(|(has, _)| *has) {
        lines.push(row("may copy", &words(true)));
    }
    if all.iter().any(|(has, _)| !*has) {
        lines.push(row("may not copy", &words(false)));
    }
    lines
}

fn place(place: &Place) -> Vec<String> {
    let typed = String::from_utf8_lossy(&place.typed);
    let role = match place.role {
        Role::Source => "from",
        Role::Destination => "to",
        Role::Here => "in",
    };
    match &place.found {
        Err(errno) => vec![row(role, &format!("{typed}: cannot be opened: {}", strerror(*errno)))],
        Ok(found) => {
            let mut lines = vec![row(role, &format!("{typed}: {}", file_system(found)))];
            if !rings_win(found.fs.magic) && place.role != Role::Destination {
                lines.push(row(
                    "",
                    "files are read by plain calls here, which are faster than the ring on this kind",
                ));
            }
            lines.extend(found.trial.as_ref().map(trial).unwrap_or_default());
            lines
        }
    }
}

fn rings_win(magic: u32) -> bool {
    !matches!(magic, TMPFS_MAGIC | OVERLAYFS_MAGIC | FUSE_MAGIC)
}

const FUSE_MAGIC: u32 = 0x6573_5546;

fn file_system(found: &Found) -> String {
    const NAMES: [(u32, &str); 13] = [
        (EXT4_MAGIC, "ext4"),
        (XFS_MAGIC, "xfs"),
        (BTRFS_MAGIC, "btrfs"),
        (F2FS_MAGIC, "f2fs"),
        (TMPFS_MAGIC, "tmpfs"),
        (OVERLAYFS_MAGIC, "overlayfs"),
        (FUSE_MAGIC, "FUSE"),
        (0x2fc1_2fc1, "zfs"),
        (0xca45_1a4e, "bcachefs"),
        (0x6969, "NFS"),
        (0xff53_4d42, "CIFS"),
        (0x4d44, "FAT"),
        (0x7366_746e, "NTFS"),
    ];
    let fs = &found.fs;
    let name = NAMES.iter().find(|(magic, _)| *magic == fs.magic);
    let name = name.map_or_else(|| format!("file system {:#x}", fs.magic), |(_, name)| (*name).to_owned());
    let free = BinaryBytes(fs.blocks_available.saturating_mul(fs.block_bytes));
    match fs.inodes {
        0 => format!("{name}, {free} free"),
        _ => format!("{name}, {free} and {} files free", HumanCount(fs.inodes_free)),
    }
}

fn trial(trial: &Trial) -> Vec<String> {
    if let Err(errno) = trial.file {
        return vec![row("  writing", &format!("fails: {}", strerror(errno)))];
    }
    let said = |name: &str, tried: &Tried, yes: &str, no: &str| match tried {
        Ok(()) => row(name, yes),
        Err(errno) => row(name, &format!("{no} ({})", strerror(*errno))),
    };
    vec![
        said(
            "  new files",
            &trial.unnamed,
            "have no name until they are complete (O_TMPFILE)",
            "are written under hidden names, which a crash leaves behind",
        ),
        said("  reflink", &trial.reflink, "files can share their data", "no: data is copied"),
        said(
            "  attributes",
            &trial.user_xattr,
            "of users can be kept (-X)",
            "of users cannot be kept: -X fails",
        ),
        said(
            "  of root",
            &trial.trusted_xattr,
            "trusted attributes can be kept",
            "trusted attributes cannot be kept",
        ),
        said("  ACLs", &trial.acl, "can be kept (-A)", "cannot be kept: -A fails"),
        said("  holes", &trial.hole, "can be kept (-S)", "are not known: -S saves nothing"),
    ]
}

fn between(places: &[Place]) -> Vec<String> {
    let [sources @ .., Place { found: Ok(to), .. }] = places else { return Vec::new() };
    let known: Vec<&Found> = sources.iter().filter_map(|place| place.found.as_ref().ok()).collect();
    if known.is_empty() {
        return Vec::new();
    }
    let shares = to.trial.as_ref().is_some_and(|trial| trial.reflink.is_ok());
    let text = match (known.iter().all(|from| from.dev == to.dev), shares) {
        (true, true) => "one file system: large files are shared by reflink, no data moves",
        (true, false) => "one file system, without reflink: all data is read and written",
        (false, _) => "two file systems: all data is read and written",
    };
    vec![String::new(), row("between", text)]
}

#[cfg(test)]
mod tests {
    use uring_ext::plain::StatFs;
    use uring_ext::process::Powers;

    use super::*;

    fn findings(ring: RingState, switch: Option<u8>) -> Findings {
        Findings {
            kernel: "6.18.0".to_owned(),
            switch,
            filtered: false,
            ring,
            operations: vec![("openat2", true), ("ftruncate", false)],
            cpus: 2,
            open_files: 1024,
            uid: 1000,
            powers: Powers::default(),
            places: Vec::new(),
        }
    }

    fn text(found: &Findings) -> String {
        String::from_utf8(diagnosis(found)).unwrap()
    }

    #[test]
    fn a_refused_ring_is_explained() {
        assert!(
            text(&findings(RingState::Refused(EPERM), Some(2))).contains("kernel.io_uring_disabled is 2")
        );
        assert!(text(&findings(RingState::Refused(ENOSYS), None)).contains("does not exist in this kernel"));
        let filtered = Findings { filtered: true, ..findings(RingState::Refused(EPERM), Some(0)) };
        assert!(text(&filtered).contains("seccomp"));
        let works = text(&findings(RingState::Native(vec!["submit_all"]), Some(0)));
        assert!(works.contains("  can           openat2\n  cannot        ftruncate"), "{works}");
        assert!(works.contains("may not copy    owners, devices"), "{works}");
    }

    #[test]
    fn pairs_of_places_are_judged() {
        let fs = StatFs {
            magic: XFS_MAGIC,
            block_bytes: 4096,
            blocks: 10,
            blocks_available: 10,
            inodes: 0,
            inodes_free: 0,
        };
        let trial = Trial {
            unnamed: Err(95),
            file: Ok(()),
            reflink: Ok(()),
            user_xattr: Ok(()),
            trusted_xattr: Err(EPERM),
            acl: Ok(()),
            hole: Ok(()),
        };
        let at = |typed: &str, role, dev, trial| Place {
            typed: typed.as_bytes().to_vec(),
            role,
            found: Ok(Found { dev, fs, trial }),
        };
        let places = vec![at("s", Role::Source, 1, None), at("d", Role::Destination, 1, Some(trial))];
        let found = Findings { places, ..findings(RingState::Forced, None) };
        let said = text(&found);
        for words in [
            "from            s: xfs, 40.00 KiB free",
            "hidden names",
            "shared by reflink",
            "Operation not permitted",
        ] {
            assert!(said.contains(words), "{words} is not in\n{said}");
        }
        assert!(said.lines().count() <= 24, "more than a screen:\n{said}");
    }
}
