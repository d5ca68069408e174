//! Every operation of every scenario fails once with each error number it can have (cargo feature `faults`): no panic,
//! no hang, no temporary file left, a message with the reason, every file old and whole or new and whole, and a clean
//! second run completes the work. `FAULTS=full` takes every call instead of the first, one in the middle and the last.
#![expect(clippy::disallowed_methods, reason = "tests make and look at trees by path")]
#![expect(clippy::disallowed_macros, reason = "a campaign says how many injections it made")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A run that takes longer has hung.
const RUN_SECONDS_MAX: u64 = 20;

const ENOENT: i32 = 2;
const EINTR: i32 = 4;
const EIO: i32 = 5;
const EAGAIN: i32 = 11;
const ENOMEM: i32 = 12;
const EACCES: i32 = 13;
const EXDEV: i32 = 18;
const EMFILE: i32 = 24;
const ENOSPC: i32 = 28;
const EROFS: i32 = 30;
const EMLINK: i32 = 31;
const EOPNOTSUPP: i32 = 95;
const EDQUOT: i32 = 122;

/// What is copied, and how.
struct Scenario {
    name: &'static str,
    args: &'static str,
    old: Old,
}

/// What the destination has before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Old {
    Nothing,
    Tree,
}

const SCENARIOS: [Scenario; 9] = [
    Scenario { name: "fresh", args: "-aHAX s/ d/", old: Old::Nothing },
    Scenario { name: "update", args: "-aHAX --delete s/ d/", old: Old::Tree },
    Scenario { name: "ring", args: "-a --io=ring --delete-after s/ d/", old: Old::Tree },
    Scenario { name: "calls", args: "-aS --io=syscalls --delete-delay s/ d/", old: Old::Tree },
    Scenario { name: "backup", args: "-ab --backup-dir=../b --delete s/ d/", old: Old::Tree },
    Scenario { name: "delayed", args: "-a --delay-updates --delete-before s/ d/", old: Old::Tree },
    Scenario { name: "linked", args: "-a --link-dest=../alt s/ d/", old: Old::Nothing },
    Scenario { name: "checksum", args: "-ac --fsync s/ d/", old: Old::Tree },
    Scenario { name: "elsewhere", args: "-a --temp-dir=TMP --partial-dir=.part s/ d/", old: Old::Tree },
];

/// The error numbers that an operation can have, by the file it lies in.
fn errors(operation: &str) -> &'static [i32] {
    match operation {
        "openat2" => &[EACCES, EIO, EMFILE, ENOMEM, ENOSPC, EINTR, EAGAIN, ENOENT],
        "read" | "getdents" => &[EIO, EINTR, ENOMEM],
        "write" => &[EIO, ENOSPC, EDQUOT, EINTR, ENOMEM],
        "fallocate" | "ficlone" | "copy_file_range" => &[ENOSPC, EOPNOTSUPP, EIO],
        "renameat2" => &[EIO, ENOSPC, EACCES, EROFS, EXDEV],
        "linkat" => &[EMLINK, EIO, ENOSPC, EACCES, EXDEV],
        "mkdirat" | "symlinkat" | "mknodat" => &[EIO, ENOSPC, EACCES, EROFS, EDQUOT],
        "setxattr" | "removexattr" => &[EOPNOTSUPP, ENOSPC, EIO, EACCES],
        "getxattr" | "listxattr" => &[EIO, ENOMEM, EACCES],
        _ => &[EIO, EACCES, ENOMEM, EINTR],
    }
}

/// A directory with a source, and all that scenarios need beside it.
struct Area(TempDir);

impl Area {
    fn new() -> Area {
        let area = Area(TempDir::with_prefix("faults-").unwrap());
        for (name, size) in files() {
            area.write("s", &name, &contents(b'n', size), 1_500_000_000);
            area.write("keep", &name, b"old", 1_400_000_000);
            if !name.ends_with('1') {
                area.write("alt", &name, &contents(b'n', size), 1_500_000_000);
            }
        }
        fs::hard_link(area.path("s/b/f1"), area.path("s/c/linked")).unwrap();
        symlink("f0", area.path("s/a/symbolic")).unwrap();
        nix::unistd::mkfifo(&area.path("s/a/fifo"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        area.write("keep", "a/gone", b"old", 1_400_000_000);
        area.write("keep", "gone/too", b"old", 1_400_000_000);
        let set = ["-n", "user.test", "-v", "value"];
        assert!(Command::new("setfattr").args(set).arg(area.path("s/a/f0")).status().unwrap().success());
        area
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, top: &str, name: &str, data: &[u8], mtime: i64) {
        let path = self.path(top).join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, data).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let time = std::time::UNIX_EPOCH + Duration::from_secs(mtime.cast_unsigned());
        fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    }

    /// Puts everything back as it was.
    fn reset(&self, old: Old) {
        for name in ["d", "b", "tmp", "log"] {
            let path = self.path(name);
            let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
        fs::create_dir(self.path("tmp")).unwrap();
        if old == Old::Tree {
            let copied = Command::new("cp").arg("-a").args([self.path("keep"), self.path("d")]).status();
            assert!(copied.unwrap().success());
        }
    }

    fn run(&self, scenario: &Scenario, faults: &str) -> Output {
        let temporary = self.path("tmp").display().to_string();
        let args = scenario.args.replace("TMP", &temporary);
        let mut command = Command::new(env!("CARGO_BIN_EXE_io-uring-sync"));
        command.args(args.split(' ')).arg("--workers=1").current_dir(self.0.path());
        command.env("IO_URING_SYNC_DELEGATE", "never").env("URING_EXT_FAULTS", faults);
        command.env("URING_EXT_FAULTS_LOG", self.path("log"));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let deadline = Instant::now() + Duration::from_secs(RUN_SECONDS_MAX);
        while child.try_wait().unwrap().is_none() {
            if Instant::now() > deadline {
                child.kill().unwrap();
                panic!("{} {faults}: hung", scenario.name);
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        child.wait_with_output().unwrap()
    }

    /// The calls that a run without faults makes.
    fn calls(&self, scenario: &Scenario) -> BTreeMap<String, u64> {
        self.reset(scenario.old);
        let output = self.run(scenario, "");
        assert!(output.status.success(), "{}: {output:?}", scenario.name);
        let mut calls = BTreeMap::new();
        for line in fs::read_to_string(self.path("log")).unwrap().lines() {
            *calls.entry(line.to_owned()).or_insert(0) += 1;
        }
        calls
    }
}

fn files() -> Vec<(String, usize)> {
    let small =
        (0..9).map(|number| (format!("{}/f{number}", ["a", "b", "c"][number % 3]), 100 + number * 900));
    small.chain([("large".to_owned(), 3 << 20), ("b/middle".to_owned(), 200_000)]).collect()
}

fn contents(letter: u8, size: usize) -> Vec<u8> {
    (0..size).map(|at| if at % 7 == 0 { letter } else { at.to_le_bytes()[1] }).collect()
}

fn entries(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root).into_iter().flatten() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(entries(&entry.path()));
        }
        found.push(entry.path());
    }
    found
}

fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let cut = name.rsplit_once('.').is_some_and(|(before, end)| !before.is_empty() && end.len() == 6);
    name.starts_with('.') && cut
}

/// What is wrong after a run that met a fault.
fn wrong(area: &Area, output: &Output, errno: i32) -> Result<(), String> {
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let code = output.status.code();
    if told.contains("panicked") || !matches!(code, Some(0 | 3 | 11 | 12 | 14 | 20 | 22 | 23 | 24)) {
        return Err(format!("exit {code:?}: {told}"));
    }
    // rsync's own words for a partial directory that cannot be made name the file, and no reason.
    let without_reason = told.contains("Unable to create partial-dir for ");
    let failed = code != Some(0) && errno != ENOENT && !without_reason;
    if failed && !told.contains(&format!("({errno})")) {
        return Err(format!("exit {code:?} without the reason {errno}: {told}"));
    }
    if failed && !names_a_path(&told, errno) {
        return Err(format!("exit {code:?} without a path beside the reason {errno}: {told}"));
    }
    for top in ["d", "b", "tmp"] {
        for path in entries(&area.path(top)) {
            if is_temporary(&path) {
                return Err(format!("{} is left: {told}", path.display()));
            }
            if path.is_file() && !fs::symlink_metadata(&path).unwrap().is_symlink() {
                whole(area, top, &path).map_err(|why| format!("{why}: {told}"))?;
            }
        }
    }
    if code == Some(0) { complete(area).map_err(|why| format!("exit 0, but {why}: {told}")) } else { Ok(()) }
}

/// What comes before the reason, in which "Input/output" is no path.
fn before_reason(line: &str) -> &str {
    line.rsplit_once(": ").map_or("", |(before, _)| before)
}

/// Some line tells what failed, on what, and why: words, a path, and the number.
fn names_a_path(told: &str, errno: i32) -> bool {
    told.lines().any(|line| {
        let words =
            line.split(['"', ',', '(']).next().unwrap_or_default().trim_start_matches("rsync: ").len();
        words > 3
            && line.contains(&format!("({errno})"))
            && (line.contains(['"', ','])
                || before_reason(line).contains('/')
                || line.matches('(').count() > 1)
    })
}

/// A file is the old one or the new one.
fn whole(area: &Area, top: &str, path: &Path) -> Result<(), String> {
    let rel = path.strip_prefix(area.path(top)).unwrap();
    let parts = rel.iter().filter(|part| *part != ".~tmp~" && *part != ".part");
    let have = fs::read(path).unwrap();
    let new = fs::read(area.path("s").join(parts.collect::<PathBuf>())).ok();
    let waits = rel.iter().any(|part| part == ".~tmp~" || part == ".part");
    if have == b"old" || Some(&have) == new.as_ref() || waits {
        Ok(())
    } else {
        Err(format!("{} is neither old nor new, {} bytes", path.display(), have.len()))
    }
}

/// The destination is the source.
fn complete(area: &Area) -> Result<(), String> {
    let (source, copy) = (area.path("s"), area.path("d"));
    for path in entries(&source) {
        let rel = path.strip_prefix(&source).unwrap();
        let there = copy.join(rel);
        let want = fs::symlink_metadata(&path).unwrap();
        let Ok(have) = fs::symlink_metadata(&there) else { return Err(format!("{} lacks", rel.display())) };
        let same = (want.mode(), want.uid(), want.mtime()) == (have.mode(), have.uid(), have.mtime());
        if !same || want.is_file() && fs::read(&path).unwrap() != fs::read(&there).unwrap() {
            return Err(format!("{} differs", rel.display()));
        }
    }
    Ok(())
}

/// Which calls are struck.
fn chosen(count: u64) -> Vec<u64> {
    if std::env::var("FAULTS").is_ok_and(|value| value == "full") {
        return (1..=count).collect();
    }
    let mut chosen = vec![1, count / 2 + 1, count];
    chosen.dedup();
    chosen
}

/// Strikes every operation of a scenario, and returns how often, and what was wrong.
fn campaign(scenario: &Scenario) -> (usize, Vec<String>) {
    let area = Area::new();
    let (mut injections, mut findings) = (0, Vec::new());
    for (operation, count) in area.calls(scenario) {
        for &errno in errors(&operation) {
            for nth in chosen(count) {
                let faults = format!("{operation}:{errno}@{nth}");
                area.reset(scenario.old);
                let output = area.run(scenario, &faults);
                let mut why = wrong(&area, &output, errno);
                if why.is_ok() {
                    let again = area.run(scenario, "seed=1,none:5@1");
                    let ended = (again.status.code() == Some(0)).then_some(());
                    why = ended
                        .ok_or_else(|| format!("the second run: {again:?}"))
                        .and_then(|()| complete(&area));
                }
                injections += 1;
                if let Err(why) = why {
                    findings.push(format!("{} {faults}: {why}", scenario.name));
                }
            }
        }
    }
    (injections, findings)
}

#[test]
fn every_operation_fails_once_with_each_error() {
    let (mut injections, mut findings) = (0, Vec::new());
    std::thread::scope(|scope| {
        let all: Vec<_> = SCENARIOS.iter().map(|scenario| scope.spawn(|| campaign(scenario))).collect();
        for one in all {
            let (count, found) = one.join().unwrap();
            injections += count;
            findings.extend(found);
        }
    });
    eprintln!("{injections} injections, {} findings", findings.len());
    assert!(injections > 500, "{injections} injections: are the faults built in?");
    assert!(findings.is_empty(), "{}", findings.join("\n\n"));
}

/// Failures by the hundred, with few descriptors: each that was not closed would be missed.
#[test]
fn failures_leave_no_descriptor_open() {
    let area = Area::new();
    for number in 0..1500 {
        area.write("s", &format!("many{}/f{number}", number % 20), b"new", 1_500_000_000);
    }
    let some = "openat2:13%100,read:5%100,fchownat:1%100,fchmodat:1%100,utimensat:1%100,linkat:5%200,renameat2:5%200,\
                getdents:5%100,statx:5%50,setxattr:5%300,getxattr:5%100,listxattr:5%100,mkdirat:5%200,symlinkat:5%300";
    for args in ["-aHAX s/ d/", "-aX --io=ring --delete s/ d/", "-a --no-o --chown=1:1 --io=syscalls s/ d/"] {
        let mut most = 0;
        for seed in 1..=5 {
            area.reset(Old::Tree);
            let mut command = Command::new("prlimit");
            command.arg("--nofile=48").arg("--").arg(env!("CARGO_BIN_EXE_io-uring-sync"));
            command.args(args.split(' ')).current_dir(area.0.path()).env("IO_URING_SYNC_DELEGATE", "never");
            command.env("URING_EXT_FAULTS", format!("seed={seed},{some}"));
            let output = command.output().unwrap();
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!told.contains("(24)") && !told.contains("panicked"), "{args}: {told}");
            most = most.max(told.lines().count());
        }
        // Where a top could not even be opened, there was nothing else that could fail.
        assert!(most > 100, "{args}: {most} lines at most");
    }
}

/// A device that writes a bit wrong: nobody notices but `--verify`, which keeps the old file.
#[test]
fn a_wrong_bit_is_found_by_reading_back() {
    let area = Area::new();
    let run = |args, faults: &str| area.run(&Scenario { name: "verify", args, old: Old::Tree }, faults);
    for args in ["-a s/ d/", "-a --io=syscalls s/ d/"] {
        area.reset(Old::Tree);
        assert_eq!(run(args, "write:flip@1").status.code(), Some(0));
        assert!(complete(&area).is_err(), "{args}: no bit was flipped");
    }
    for (args, word) in [
        ("-a --verify s/ d/", "discarded"),
        ("-a --verify --io=syscalls s/ d/", "discarded"),
        ("-a --verify --delay-updates s/ d/", "discarded"),
    ] {
        area.reset(Old::Tree);
        let output = run(args, "write:flip@1");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(23), "{args}: {told}");
        assert!(told.contains(&format!(" failed verification -- update {word}.")), "{args}: {told}");
        if word == "discarded" {
            wrong(&area, &output, ENOENT).unwrap_or_else(|why| panic!("{args}: {why}"));
        }
        let again = run(args, "");
        assert_eq!(again.status.code(), Some(0), "{args}: {again:?}");
        complete(&area).unwrap_or_else(|why| panic!("{args}: {why}"));
    }
}

/// Reads and writes of one byte, interrupted calls, and pauses, at random: nothing but time is lost.
#[test]
fn short_moves_interrupts_and_pauses_change_nothing() {
    for scenario in &SCENARIOS {
        let area = Area::new();
        for seed in 1..4 {
            area.reset(scenario.old);
            let faults = format!(
                "seed={seed},read:short%200,write:short%200,*:4%100,*:12%5,*:delay=300%20,openat2:24%10"
            );
            let output = area.run(scenario, &faults);
            assert_eq!(output.status.code(), Some(0), "{} {faults}: {output:?}", scenario.name);
            complete(&area).unwrap_or_else(|why| panic!("{} {faults}: {why}", scenario.name));
        }
    }
}
