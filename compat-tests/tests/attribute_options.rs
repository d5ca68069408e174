//! rsync(1), `--executability`, `--chmod`, `--chown`, `--usermap`, `--groupmap`, `--super`, `--omit-dir-times`,
//! `--omit-link-times`, `--modify-window` (points 28 and 64 to 67).

use compat_tests::*;

fn modes() -> Case {
    let mode = |name: &str, mode: u32| {
        [file(format!("s/{name}"), name).mode(mode), file(format!("d/{name}"), name).mode(0o640).mtime(4)]
    };
    let same = |name: &str, source: u32, there: u32| {
        [
            file(format!("s/{name}"), "x").mode(source).mtime(7),
            file(format!("d/{name}"), "x").mode(there).mtime(7),
        ]
    };
    world([
        dir("s/dir").mode(0o750),
        dir("s/sticky").mode(0o1777),
        dir("d/dir").mode(0o700),
        file("s/new", "n").mode(0o4751),
        file("s/plain", "n").mode(0o604),
        symlink("s/link", "new"),
        fifo("s/fifo").mode(0o600),
    ])
    .also(
        ["a644", "b755", "c600"]
            .into_iter()
            .zip([0o644, 0o755, 0o600])
            .flat_map(|(name, bits)| mode(name, bits)),
    )
    .also(same("gain", 0o755, 0o640))
    .also(same("lose", 0o644, 0o755))
    .also(same("odd", 0o711, 0o604))
}

#[test]
fn s65_executability() {
    modes().same_each([
        "-rlti -E s/ d/",
        "-rltiE s/ n/",
        "-rlt --executability -i s/ d/",
        "-aiE s/ d/",
        "-riE --chmod=F-x s/ d/",
    ]);
    modes().as_user().same_each(["-rltiE s/ d/", "-rltiE s/ n/"]);
}

#[test]
fn s66_chmod() {
    for chmod in [
        "D755,F644",
        "u+w,go-rwx",
        "+w",
        "+r,+X",
        "a+w",
        "g=u",
        "o=g",
        "a+s",
        "u+s",
        "g+s",
        "+t",
        "D+t",
        "755",
        "D2755",
        "F0600",
        "7777",
        "u=rwx,g=,o=",
        "o-rwx,Fu-x",
        "ug=rw,o=r,D+x",
        "a=rX",
        "u+x,g=rX",
        "a-x,g+X",
        "Fg-w,Dg+w",
        "=",
        "+x",
    ] {
        modes().same_each(["-ai", "-rlti"].map(|options| format!("{options} --chmod={chmod} s/ d/")));
    }
    modes().umask(0o077).same_each([
        "-ai --chmod=+w s/ n/",
        "-rlti --chmod=+rwx s/ n/",
        "-ai --chmod=a+rw s/ n/",
    ]);
    modes().same_each([
        "-ai --chmod=u+w --chmod=g-w s/ d/",
        "-ain --chmod=F600 s/ d/",
        "-rli --chmod=F600 --perms s/ d/",
    ]);
}

#[test]
fn s66_bad_chmods() {
    for chmod in ["xyz", "u+q", "9", "88", "u", "D", "D+", "", ",", "u+w,,g-w", "77777", "u-", "+", "ug"] {
        modes().same(&format!("-ai --chmod={chmod} s/ d/"));
    }
}

fn owned() -> Case {
    world([
        file("s/root", "r"),
        file("s/bin", "b").owner(2, 2),
        file("s/nameless", "n").owner(54_321, 54_322),
        file("s/set", "s").owner(7, 7).mode(0o6755),
        dir("s/dir").owner(1001, 1002),
        symlink("s/link", "x").owner(3, 4),
        file("d/bin", "b").owner(1, 1),
        file("d/set", "s").owner(9, 9).mode(0o6755),
    ])
}

#[test]
fn s67_owners_are_mapped() {
    for options in [
        "--usermap=*:5",
        "--usermap=0:9,bin:10",
        "--usermap=1000-2000:3,*:4",
        "--usermap=:77",
        "--usermap=b*:games",
        "--usermap=nosuch:5",
        "--usermap=bin:nosuchuser",
        "--usermap=5",
        "--usermap=x:y:z",
        "--usermap=2:7 --numeric-ids",
        "--usermap=bin:7 --numeric-ids",
        "--groupmap=*:5",
        "--groupmap=2:daemon,:88",
        "--groupmap=bin:nosuchgroup",
        "--usermap=*:1 --groupmap=*:2",
    ] {
        owned().same_each(["-ai", "-rlti"].map(|more| format!("{more} {options} s/ d/")));
    }
}

#[test]
fn s67_one_owner_for_all() {
    for options in [
        "--chown=7:8",
        "--chown=bin:daemon",
        "--chown=:8",
        "--chown=7",
        "--chown=7:",
        "--chown=nosuch:nosuch",
        "--chown=7:8 --usermap=*:5",
        "--groupmap=*:5 --chown=:9",
        "--chown=*:*",
        "--chown=",
    ] {
        owned().same_each(["-ai", "-rlti"].map(|more| format!("{more} {options} s/ d/")));
    }
    owned().as_user().same_each([
        "-ai --chown=7:8 s/ n/",
        "-ai --usermap=*:5 s/ n/",
        "-ai --groupmap=*:5 s/ n/",
    ]);
}

#[test]
fn s67_super() {
    owned().same_each(["-ai --super s/ d/", "-ai --no-super s/ d/", "-aii --super --no-super s/ n/"]);
    let own = || {
        world([
            file("s/f", "f"),
            file("s/x", "x").mode(0o755),
            symlink("s/l", "f"),
            file("d/f", "g").mtime(3),
        ])
        .as_user()
    };
    own().same_each(["-ai --super s/ n/", "-ai --no-super s/ d/", "-rlti --super s/ n/"]);
}

fn aged() -> Case {
    world([
        file("s/f", "x").mtime_ns(1_400_000_000, 5),
        dir("s/dir").mtime(1_400_000_000),
        symlink("s/link", "f").mtime(1_400_000_000),
        symlink("s/other", "f").mtime(1_400_000_000),
        fifo("s/fifo").mtime(1_400_000_000),
        file("d/f", "x").mtime_ns(1_400_000_002, 7),
        dir("d/dir").mtime(1_400_000_002),
        symlink("d/link", "f").mtime(1_400_000_002),
        fifo("d/fifo").mtime(1_400_000_002),
        file("s/near", "x").mtime_ns(1_400_000_000, 999_999_999),
        file("d/near", "x").mtime_ns(1_400_000_000, 1),
    ])
}

#[test]
fn s28_times_within_the_window_are_equal() {
    for window in [
        "--modify-window=0",
        "--modify-window=1",
        "--modify-window=2",
        "-@3",
        "-@ 2",
        "--modify-window=-1",
        "-@-1",
        "-@x",
    ] {
        aged().same_each(["-ai", "-ri", "-aiu", "-aii"].map(|options| format!("{options} {window} s/ d/")));
        aged().run(&format!("-ai {window} s/ d/")).run(&format!("-ai {window} s/ d/")).check();
    }
    let case = Case::new(aged().world.copied("s", "alt"));
    case.same_each([
        "-ai -@2 --link-dest=../alt s/ n/",
        "-ai -@2 --copy-dest=../d s/ n/",
        "-ai -@-1 --compare-dest=../alt s/ n/",
    ]);
}

#[test]
fn times_may_be_omitted() {
    for option in [
        "-O",
        "-J",
        "-OJ",
        "--omit-dir-times",
        "--omit-link-times",
        "-O --no-O",
        "-J --no-J",
        "--no-omit-dir-times",
    ] {
        aged().run(&format!("-ai {option} s/ d/")).run(&format!("-ai {option} s/ d/")).check();
        aged().same(&format!("-ai {option} s/ n/"));
    }
    aged().as_user().same_each(["-aiO s/ n/", "-aiJ s/ n/", "-rltiOJ s/ d/"]);
}

#[test]
fn s67_under_numeric_ids_nobody_has_a_name() {
    let case = owned();
    case.same_each(
        ["--usermap=:9 --groupmap=:8", "--usermap=:9,*:10", "--usermap=root:9,*:7"]
            .map(|map| format!("-ai --numeric-ids {map} s/ d/")),
    );
}

#[test]
fn s25_rules_of_the_receiver_keep_attributes_out() {
    let case = world([
        file("s/f", "a").xattr("user.a", "1").xattr("user.b", "1"),
        file("s/g", "b").mtime(5).xattr("user.a", "1"),
        file("d/g", "b").mtime(5),
        dir("s/D").xattr("user.a", "1"),
    ]);
    let run = |rule: &str| format!("-aXi '--filter={rule}' s/ d/");
    case.run(&run("-xr user.a")).run(&run("-xr user.a")).run(&run("-xs user.b")).run("-aXi s/ d/").check();
}

/// Directories are read without a trace, too.
#[test]
fn open_noatime_of_others() {
    let case = world([
        file("s/f", "a").owner(0, 0),
        file("s/D/g", "b").owner(0, 0),
        dir("s/D").owner(0, 0),
        dir("s").owner(0, 0),
        file("t/f", "a").owner(0, 0),
        file("t/D/g", "b"),
    ]);
    case.as_user().same_each(
        ["s/ d/", "s d/", "s/f d/", "s/D d/", "t/ d/"]
            .map(|operands| format!("-ai --open-noatime {operands}")),
    );
}

/// Where extended attributes change, a time that counts as equal is made exact.
#[test]
fn times_where_extended_attributes_change() {
    let (old, xattr) = (1_000_000_000, "trusted.a");
    let names = ["same", "new", "gone", "other"];
    let each = |side: &str, nanoseconds: u32, value: fn(&str) -> Option<&'static str>| {
        let kinds = |name: &str| {
            let at = |kind: &str| format!("{side}/{kind}-{name}");
            [
                file(at("f"), "x"),
                dir(at("d")),
                symlink(at("l"), "t"),
                fifo(at("p")),
                block_dev(at("b"), 241, 7),
            ]
        };
        let with = |name: &str, entry: Entry| {
            let entry = entry.mtime_ns(old, nanoseconds);
            value(name).into_iter().fold(entry, |entry, value| entry.xattr(xattr, value))
        };
        let entries = names.iter().flat_map(|name| kinds(name).map(|entry| with(name, entry)));
        let top = dir(side).mtime_ns(old, nanoseconds).xattr(xattr, side);
        entries.chain([top]).collect::<Vec<_>>()
    };
    let trees = || {
        let here = each("s", 5, |name| (name != "gone").then_some("1"));
        let there = |name: &str| match name {
            "new" => None,
            "other" => Some("2"),
            _ => Some("1"),
        };
        world(here.into_iter().chain(each("d", 700, there)))
    };
    let options = ["-aX", "-aXJ", "-aXO", "-aXH --no-p", "-aX --no-t", "-aX --modify-window=5", "-aXc", "-a"];
    for options in options {
        trees().run(&format!("{options} -i s/ d/")).run(&format!("{options} -i s/ d/")).check();
    }
}

/// A new owner takes capabilities away; where they are set anew the time is made exact.
#[test]
fn times_where_capabilities_are_set_anew() {
    let (old, able) = (1_000_000_000, || capability(0x2000));
    let trees = || {
        world([
            file("s/cap", "x").owner(1000, 0).mtime_ns(old, 5).xattr("security.capability", able()),
            file("d/cap", "x").owner(1000, 0).mtime_ns(old, 700).xattr("security.capability", able()),
            file("s/own", "x").owner(1001, 0).mtime_ns(old, 5).xattr("security.capability", able()),
            file("d/own", "x").owner(1000, 0).mtime_ns(old, 700).xattr("security.capability", able()),
            file("s/bare", "x").owner(1001, 0).mtime_ns(old, 5).xattr("user.a", "1"),
            file("d/bare", "x").owner(1000, 0).mtime_ns(old, 700).xattr("user.a", "1"),
        ])
    };
    for options in ["-aX", "-aHAX --usermap=1000:1001", "-aX --chown=7:8", "-aX --no-o"] {
        let args = format!("{options} -i s/ d/");
        trees().run(&args).run(&args).check();
    }
}

/// What is made anew has its time when it counts as equal to the present, all but files.
#[test]
fn a_window_that_reaches_to_the_present() {
    let case = world([
        file("s/x/f", "f"),
        file("s/x/g", "g"),
        dir("s/y"),
        symlink("s/l", "x"),
        fifo("s/p"),
        file("d/x/g", "old"),
        file("d/x/h", "h"),
        dir("d/x").mtime(1_200_000_000),
    ]);
    let options = ["-ai", "-ai --inplace", "-ai --fake-super", "-ai --delete", "-aiO", "-aiX"];
    case.same_each(options.map(|options| format!("{options} --modify-window=2000000000 s/ d/")));
}

#[test]
fn s67_an_owner_that_cannot_be() {
    let case = world([file("s/f", "x").owner(7, 8), dir("s/sub"), file("d/f", "x")]);
    case.same_each([
        "-ai --usermap='*:4294967295' s/ d/",
        "-ai --groupmap='*:4294967295' s/ d/",
        "-ai --chown=4294967295:1 s/ d/",
        "-r --chown=1:4294967295 s/ d/",
    ]);
}

/// Before protocol 30 rsync has 32 bits for times, and loses those that take more.
#[test]
fn times_of_old_protocols() {
    let case = world([file("s/f", "f").mtime(-1_000_000), dir("s").mtime(1_400_000_000)]);
    case.clone().known("times of old protocols").same("-a --protocol=29 s/ d/");
    case.same("-a --protocol=30 s/ d/");
}

/// Of several alternate directories the one with the same time is told against, even where `-O` leaves times alone.
#[test]
fn alternates_of_directories_without_times() {
    let old = |path: &str, year: i64| dir(path).mtime(year * 31_556_952);
    let case = world([file("s/sub/f", "f").mtime(5), file("B/sub/f", "f").mtime(5), dir("d")]).also([
        old("s/sub", 31),
        old("A/sub", 33),
        old("B/sub", 31),
    ]);
    for kind in ["compare", "copy", "link"] {
        let alternates = format!("--{kind}-dest=../A --{kind}-dest=../B");
        let options = ["-rtOi", "-aOii", "-ai", "-rOi"];
        case.clone().same_each(options.map(|options| format!("{options} {alternates} s/ d/")));
    }
}

/// A new owner takes set-id bits away, which `-E` does not tell of, since they make nothing executable.
#[test]
fn set_id_bits_under_executability() {
    let modes = [0o2711, 0o4755, 0o6644, 0o755, 0o644];
    let of = |root: &'static str| {
        modes.map(|mode| file(format!("{root}/{mode:o}"), "x").mode(mode).mtime(7).owner(0, 5678))
    };
    let case = world(of("s")).also(of("d"));
    case.clone().same_each(
        ["-rtiE --usermap=*:5", "-rtiEo --usermap=*:5", "-rtiE --chown=5:5", "-rtiEp --usermap=*:5"]
            .map(|o| format!("{o} s/ d/")),
    );
    case.same("-rtiEA --chmod=Fa-x --usermap=*:5 s/ d/");
}
