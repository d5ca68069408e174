//! One race each, held open: a system call waits while somebody who owns a directory swaps names in it, again and
//! again. Nothing of others' comes under their names, nothing of others' becomes theirs (docs/security.md).

#![allow(clippy::disallowed_methods, reason = "plays the attacker")]

use compat_tests::alone::{Alone, Ran};
use compat_tests::background::with_background;
use compat_tests::mounted::Mounted;
use compat_tests::program::{Mode, Programs};
use compat_tests::*;
use rustix::fs::{CWD, FileType, RenameFlags};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Whom the attacked directories belong to.
const MALLORY: u32 = 4242;
/// How many names are attacked at once.
const NAMES: u64 = 12;
/// What only root, or who runs the program, may read.
const PRIVATE: &str = "private!";

/// Runs ours while `attack` goes on, and each of these calls waits for a while first.
fn run(alone: &Alone, calls: &str, command: &str, mode: Mode, attack: impl Fn(&Path) + Sync) -> Ran {
    let through = format!("strace -f -o /dev/null -e trace={calls} -e inject={calls}:delay_enter=20000");
    let attack = |stop: &AtomicBool| {
        while !stop.load(Ordering::Relaxed) {
            attack(alone.dir());
            std::thread::sleep(Duration::from_millis(7));
        }
    };
    let ran = with_background(attack, || alone.ours(mode, &through, command));
    assert!([0, 23, 24].contains(&ran.outcome.code), "{command}: {:?}", ran.comparable);
    ran
}

fn exchange(dir: &Path, one: &str, two: &str) {
    let _ = rustix::fs::renameat_with(CWD, dir.join(one), CWD, dir.join(two), RenameFlags::EXCHANGE);
}

fn hers(entry: Entry) -> Entry {
    entry.owner(MALLORY, MALLORY).mtime(1_400_000_000)
}

fn roots(entry: Entry) -> Entry {
    entry.owner(0, 0).mtime(1_400_000_000)
}

fn modes() -> Vec<Mode> {
    if Programs::of_this_run().are_the_same() { Vec::new() } else { Mode::of_this_run() }
}

/// `-H`: of two names of one file, one lies where she may put another file in its place before the second is linked to
/// it. The second is root's, and stays so.
#[test]
fn a_name_that_others_are_linked_to() {
    for mode in modes() {
        let both = |n| {
            let first = roots(file(format!("s/root/f{n}"), random(n, 5000)));
            [first, hard(format!("s/x/f{n}"), format!("s/root/f{n}"))]
        };
        let world = tree((0..NAMES).flat_map(both))
            .with((0..NAMES).map(|n| hers(file(format!("d/x/excluded{n}"), "evil"))))
            .with([hers(dir("s/x")), hers(dir("d/x")), roots(dir("d/root"))]);
        let alone = Alone::new(&world, None);
        run(&alone, "linkat", "-aH --exclude=excluded* s/ d/", mode, |dir| {
            for n in 0..NAMES {
                exchange(dir, &format!("d/x/f{n}"), &format!("d/x/excluded{n}"));
            }
        });
        for n in 0..NAMES {
            let name = alone.dir().join(format!("d/root/f{n}"));
            let was =
                std::fs::read(alone.dir().join(format!("s/root/f{n}"))).expect("the source holds still");
            assert_eq!(std::fs::metadata(&name).expect("a copy").uid(), 0, "{mode:?}: {name:?} is hers");
            assert!(std::fs::read(&name).expect("a copy") == was, "{mode:?}: {name:?} is not the source's");
        }
    }
}

/// `--link-dest`: the alternate file is root's when it is looked at, and hers when it is linked.
#[test]
fn an_alternate_file() {
    for mode in modes() {
        for options in ["-a", "-aH"] {
            let world = tree((0..NAMES).flat_map(|n| {
                let same = |top: &str| roots(file(format!("{top}/x/f{n}"), "same"));
                [same("s"), same("alt"), hers(file(format!("alt/x/evil{n}"), "evil")).mtime(5)]
            }))
            .with([hers(dir("alt/x")), dir("d")]);
            let alone = Alone::new(&world, None);
            run(&alone, "linkat", &format!("{options} --link-dest=../alt s/ d/"), mode, |dir| {
                for n in 0..NAMES {
                    exchange(dir, &format!("alt/x/f{n}"), &format!("alt/x/evil{n}"));
                }
            });
            for n in 0..NAMES {
                let name = alone.dir().join(format!("d/x/f{n}"));
                assert_eq!(std::fs::read(&name).expect("a copy"), b"same", "{options} {mode:?}: {name:?}");
                assert_eq!(
                    std::fs::metadata(&name).expect("a copy").uid(),
                    0,
                    "{options} {mode:?}: {name:?}"
                );
            }
        }
    }
}

/// A directory that only root may enter takes the place of one of hers between looking and opening: what is in it does
/// not come to lie in a copy of hers.
#[test]
fn a_closed_directory_of_the_source() {
    for mode in modes() {
        for options in ["-a", "-aH", "-a --delete-before", "-aX"] {
            let world = tree((0..NAMES).flat_map(|n| {
                [
                    hers(file(format!("s/x/sub{n}/open"), "hers")),
                    hers(dir(format!("s/x/sub{n}"))),
                    roots(file(format!("s/x/closed{n}/secret"), PRIVATE)),
                    roots(dir(format!("s/x/closed{n}"))).mode(0o700),
                ]
            }))
            .with([hers(dir("s/x")), dir("d")]);
            let alone = Alone::new(&world, None);
            run(&alone, "openat", &format!("{options} s/ d/"), mode, |dir| {
                for n in 0..NAMES {
                    exchange(dir, &format!("s/x/sub{n}"), &format!("s/x/closed{n}"));
                }
            });
            for entry in std::fs::read_dir(alone.dir().join("d/x")).expect("a copy").flatten() {
                let meta = entry.metadata().expect("the copy holds still");
                if entry.path().join("secret").exists() {
                    assert_eq!(
                        (meta.uid(), meta.mode() & 0o7777),
                        (0, 0o700),
                        "{options} {mode:?}: {entry:?}"
                    );
                }
            }
        }
    }
}

/// Once the first file is there, her directory passes on its group, or an entry of its default ACL, to those that
/// follow: they are not for her to read all the same.
#[test]
fn what_new_files_inherit() {
    for mode in modes() {
        for acl in [false, true] {
            let closed = |n| roots(file(format!("s/x/f{n:02}"), PRIVATE)).mode(0o640);
            let world = tree((0..NAMES).map(closed)).with([
                hers(dir("s/x")),
                hers(dir("d/x")),
                roots(file("s/x/a", "first")).mode(0o644),
            ]);
            let alone = Alone::new(&world, None);
            run(&alone, "linkat", "-aA s/ d/", mode, |dir| {
                let x = dir.join("d/x");
                if !x.join("a").exists() {
                } else if acl {
                    let entry = format!("u:{MALLORY}:rwx");
                    let setfacl =
                        std::process::Command::new("setfacl").args(["-dm", &entry]).arg(&x).status();
                    assert!(setfacl.is_ok_and(|status| status.success()), "setfacl");
                } else {
                    std::fs::set_permissions(&x, PermissionsExt::from_mode(0o2755)).expect("hers");
                }
            });
            for (path, item) in &alone.snapshot("d/x").items {
                let name = String::from_utf8_lossy(path);
                if name.starts_with('f') {
                    assert_eq!(item.attrs.gid, 0, "{mode:?}: {name}");
                    assert!(item.attrs.acls.is_empty(), "{mode:?}: {name}: {:?}", item.attrs.acls);
                }
            }
        }
    }
}

/// Extended attributes are those of the file that was listed, not of another one under its name.
#[test]
fn extended_attributes_of_another_file() {
    for mode in modes() {
        let world = tree((0..NAMES).flat_map(|n| {
            [
                hers(file(format!("s/x/f{n}"), "same")),
                roots(file(format!("s/x/excluded{n}"), PRIVATE)).mode(0o600).xattr("user.secret", PRIVATE),
                hers(file(format!("d/x/f{n}"), "same")),
            ]
        }))
        .with([hers(dir("s/x")), hers(dir("d/x"))]);
        let alone = Alone::new(&world, None);
        let calls = "listxattr,getxattr,llistxattr,lgetxattr,flistxattr,fgetxattr";
        run(&alone, calls, "-aX --exclude=excluded* s/ d/", mode, |dir| {
            for n in 0..NAMES {
                exchange(dir, &format!("s/x/f{n}"), &format!("s/x/excluded{n}"));
            }
        });
        for (path, item) in &alone.snapshot("d/x").items {
            let name = String::from_utf8_lossy(path);
            assert!(item.attrs.uid == 0 || item.attrs.xattrs.is_empty(), "{mode:?}: {name}");
        }
    }
}

/// Somebody without root's powers, in a directory of hers: what is closed to its owner is opened up by name, and the
/// name leads to a private file by then.
#[test]
fn names_that_are_opened_up() {
    const BOB: u32 = 4343;
    let bobs = |entry: Entry| entry.owner(BOB, BOB);
    for mode in modes() {
        for (options, attacked) in [("-r", "sub"), ("-r --inplace", "file"), ("-r --delete", "gone")] {
            let world = tree((0..NAMES).flat_map(|n| {
                [
                    bobs(file(format!("s/sub{n}/f"), "f")),
                    bobs(file(format!("s/file{n}"), "new")),
                    hers(file(format!("d/file{n}"), "older")).mode(0o077),
                    hers(dir(format!("d/sub{n}"))).mode(0o077),
                    hers(file(format!("d/gone{n}"), "g")).mode(0o077),
                    bobs(file(format!("d/private{n}"), PRIVATE)).mode(0o600),
                ]
            }))
            .with([hers(dir("d")).mode(0o777)]);
            let alone = Alone::new(&world, Some(BOB));
            let calls = "?fchmodat2,?fchmodat,?chmod";
            run(&alone, calls, &format!("{options} --exclude=private* s/ d/"), mode, |dir| {
                for n in 0..NAMES {
                    exchange(dir, &format!("d/{attacked}{n}"), &format!("d/private{n}"));
                }
            });
            for entry in std::fs::read_dir(alone.dir().join("d")).expect("a directory").flatten() {
                let meta = entry.metadata().expect("it holds still");
                let private = meta.uid() == BOB
                    && std::fs::read(entry.path()).is_ok_and(|text| text == PRIVATE.as_bytes());
                assert!(
                    !private || meta.mode() & 0o077 == 0,
                    "{options} {mode:?}: {entry:?} {:o}",
                    meta.mode()
                );
            }
        }
    }
}

/// `--fake-super` gives what was just made as a directory the permissions of one.
#[test]
fn a_directory_that_was_just_made() {
    for mode in modes() {
        let world = tree((0..NAMES).flat_map(|n| {
            [hers(dir(format!("s/x/sub{n}"))), roots(file(format!("d/x/excluded{n}"), PRIVATE)).mode(0o600)]
        }))
        .with([hers(dir("s/x")), hers(dir("d/x"))]);
        let alone = Alone::new(&world, None);
        let calls = "?fchmodat2,?fchmodat,?chmod";
        run(&alone, calls, "-a --fake-super --exclude=excluded* s/ d/", mode, |dir| {
            for n in 0..NAMES {
                exchange(dir, &format!("d/x/sub{n}"), &format!("d/x/excluded{n}"));
            }
        });
        for (path, item) in &alone.snapshot("d/x").items {
            let closed = item.attrs.kind != FileType::RegularFile || item.attrs.mode & 0o077 == 0;
            assert!(closed, "{mode:?}: {}: {:o}", String::from_utf8_lossy(path), item.attrs.mode);
        }
    }
}

/// `--temp-dir` where every file has a name from the beginning (FUSE): it leads to a file of hers before it is moved.
#[test]
fn a_temporary_directory_where_files_have_names() {
    for mode in modes() {
        let fuse = Mounted::fuse();
        let files = (0..NAMES).map(|n| file(format!("s/f{n}"), random(n, 3000)));
        let alone = Alone::new(&tree(files), None);
        let (tmp, copy) = (fuse.point().join("tmp"), fuse.point().join("d"));
        for dir in [&tmp, &copy] {
            std::fs::create_dir(dir).expect("a directory on FUSE");
        }
        std::os::unix::fs::chown(&tmp, Some(MALLORY), Some(MALLORY)).expect("root may");
        let command = format!("-a --temp-dir={} s/ {}/", tmp.display(), copy.display());
        run(&alone, "?renameat2,?renameat,linkat", &command, mode, |_| {
            for entry in std::fs::read_dir(&tmp).into_iter().flatten().flatten() {
                let evil = tmp.join("excluded");
                if std::fs::write(&evil, "evil").is_ok() {
                    let _ = std::fs::rename(evil, entry.path());
                }
            }
        });
        for n in 0..NAMES {
            let copied = std::fs::read(copy.join(format!("f{n}"))).unwrap_or_default();
            assert!(copied != b"evil", "{mode:?}: f{n} is hers");
        }
    }
}

/// `--inplace`: what is hers, and she has open, is replaced rather than given what she may not read or a set-id
/// program.
#[test]
fn files_of_others_are_not_written_in_place() {
    for mode in modes() {
        let world = tree([
            roots(file("s/private", PRIVATE)).mode(0o600),
            roots(file("s/set-id", "#!/bin/true")).mode(0o4755),
            roots(file("s/open", "for all")),
            hers(file("s/hers", "her own")).mode(0o600),
        ]);
        let names = ["private", "set-id", "open", "hers"];
        let world = world.with([hers(dir("s")), hers(dir("d"))]);
        let alone = Alone::new(&world.with(names.map(|name| hers(file(format!("d/{name}"), "old")))), None);
        let held = names.map(|name| std::fs::File::open(alone.dir().join("d").join(name)).expect("made"));
        alone.ours(mode, "", "-aIb --inplace s/ d/").assert_silent();
        let now =
            names.map(|name| std::fs::metadata(alone.dir().join("d").join(name)).expect("copied").ino());
        let stays: Vec<bool> =
            held.iter().zip(now).map(|(held, now)| held.metadata().expect("held").ino() == now).collect();
        assert_eq!(stays, [false, false, true, true], "{mode:?}");
        let read = std::io::read_to_string(&held[0]).expect("text");
        assert_eq!(read, "old", "{mode:?}");
    }
}

/// `--inplace`: a set-id program of root's is none any more before her data comes into it.
#[test]
fn what_is_written_in_place_is_no_set_id_program() {
    for mode in modes() {
        let old = roots(file("d/f", "old")).mode(0o6755);
        let alone = Alone::new(&tree([hers(file("s/f", random(1, 3_000_000))), old]), None);
        let mut child = alone.start(mode, "-aI --inplace --bwlimit=4m s/ d/");
        let mut looks = 0;
        while child.try_wait().expect("our own child").is_none() {
            let now = std::fs::metadata(alone.dir().join("d/f")).expect("it stays");
            if now.uid() == 0 && now.len() > 3 {
                looks += 1;
                assert_eq!(now.mode() & 0o6000, 0, "{mode:?}");
            }
            std::thread::sleep(Duration::from_millis(3));
        }
        assert!(looks > 0, "{mode:?}: it was seen while it was written");
        alone.assert_copy("s", "d", snapshot::Holes::Ignored);
    }
}
