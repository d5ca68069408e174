//! The two programs, and one run of one of them.

use crate::usage::Usage;
use rustix::process::{Pid, Signal, kill_process_group};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The reference version whose behaviour counts.
pub const VERSION: &str = "3.5.0";
/// A run that takes longer has hung.
const RUN_SECONDS_MAX: u64 = 20;
/// The exit status we give to a run that was ended for that.
pub const HUNG: i32 = -1;

/// Which program is right and which is tested.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The real rsync.
    pub reference: PathBuf,
    /// Ours.
    pub subject: PathBuf,
}

/// How ours runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `--io=ring`: files are read through io_uring on every file system, RAM-backed ones too.
    Ring,
    /// `URING_EXT_EMULATE=all`.
    Emulated,
}

/// One command.
#[derive(Clone, Debug)]
pub struct Run<'a> {
    /// Arguments without the program's name.
    pub args: &'a [OsString],
    /// Working directory.
    pub cwd: &'a Path,
    /// User and group to become, if not ourselves.
    pub user: Option<u32>,
    /// More environment variables.
    pub env: &'a [(String, String)],
    /// Given on standard input.
    pub stdin: &'a [u8],
    /// File creation mask.
    pub umask: u32,
    /// Where standard error goes.
    pub streams: Streams,
}

/// Whether standard output and standard error are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Streams {
    /// Each goes to a file of its own.
    Apart,
    /// Both go to one, as a shell's `2>&1` has it.
    Together,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Exit status, 128 + N for a signal, [`HUNG`] for a run that did not end.
    pub code: i32,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// The log that it was told to write.
    pub log: Vec<u8>,
    /// The most that it held, as far as looking now and then told.
    pub held: Usage,
}

impl Programs {
    /// The two programs of this test run, looked up once.
    ///
    /// # Panics
    /// When one is missing, or the reference is not rsync 3.5.0.
    pub fn of_this_run() -> &'static Programs {
        static PROGRAMS: OnceLock<Programs> = OnceLock::new();
        PROGRAMS.get_or_init(|| {
            let reference = variable("REFERENCE_RSYNC").unwrap_or_else(|| "/usr/bin/rsync".into());
            check_version(&reference);
            let subject = variable("SUBJECT").unwrap_or_else(beside_this_test);
            assert!(
                subject.is_file(),
                "no program to test at {}: run `cargo build -p io-uring-sync --bin io-uring-sync` first, with the same target \
                 directory and profile, or set SUBJECT",
                subject.display()
            );
            Programs { reference, subject }
        })
    }

    /// Whether rsync is compared with itself: then nothing differs, and nobody promises more than rsync does.
    pub fn are_the_same(&self) -> bool {
        let real = |path: &Path| path.canonicalize().ok();
        real(&self.reference) == real(&self.subject)
    }
}

impl Mode {
    /// The modes of this test run.
    pub fn of_this_run() -> Vec<Mode> {
        let wanted = std::env::var("COMPAT_TESTS_MODES").unwrap_or_else(|_| "ring,emulated".into());
        let named = |name: &str| match name {
            "ring" => Mode::Ring,
            "emulated" => Mode::Emulated,
            other => panic!("COMPAT_TESTS_MODES: no mode {other:?}; there are ring and emulated"),
        };
        wanted.split(',').map(named).collect()
    }

    /// The arguments as ours gets them in this mode.
    pub fn args(self, program: &Path, args: &[OsString]) -> Vec<OsString> {
        // In place of ours there may be a script that stands for it.
        let ours = program.file_name().is_some_and(|name| name == "io-uring-sync");
        let forced = (self == Mode::Ring && ours).then(|| OsString::from("--io=ring"));
        forced.into_iter().chain(args.iter().cloned()).collect()
    }

    /// The variables that make ours run this way, and never hand over to rsync.
    pub fn env(self) -> Vec<(String, String)> {
        let mut env = vec![("IO_URING_SYNC_DELEGATE".to_owned(), "never".to_owned())];
        if self == Mode::Emulated {
            env.push(("URING_EXT_EMULATE".to_owned(), "all".to_owned()));
        }
        env
    }
}

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn beside_this_test() -> PathBuf {
    let this = std::env::current_exe().expect("a test knows its own path");
    // Tests lie in target/PROFILE/deps, campaigns beside the program.
    let dir = this.parent().expect("a directory");
    let profile = if dir.ends_with("deps") { dir.parent().expect("target/PROFILE") } else { dir };
    profile.join("io-uring-sync")
}

fn check_version(reference: &Path) {
    let output = Command::new(reference).arg("--version").output();
    let output = output.unwrap_or_else(|error| {
        panic!(
            "cannot run the reference {}: {error}; install rsync or set REFERENCE_RSYNC",
            reference.display()
        )
    });
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let met = text.split_whitespace().nth(2).unwrap_or("none").to_owned();
    // Another version's differences are to be seen as such, not as a missing program.
    let wanted = std::env::var("REFERENCE_VERSION").unwrap_or_else(|_| VERSION.to_owned());
    assert!(met == wanted, "these tests compare with rsync {wanted}; {} is {met}", reference.display());
    eprintln!("reference: {} {met}", reference.display());
}

/// Runs a program to its end; its output goes through files in `scratch`, so that no pipe can fill up.
///
/// # Panics
/// When the program cannot be started.
pub fn run(program: &Path, run: &Run<'_>, scratch: &Path) -> Outcome {
    let (out, err, input) = (scratch.join("stdout"), scratch.join("stderr"), scratch.join("stdin"));
    std::fs::write(&input, run.stdin).expect("a file in the scratch directory");
    // As a shell's here-document: whoever runs the program need not be able to open it again.
    let private = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(&input, private).expect("our own file");
    // A process of the program before this one may still have something to say into its own.
    let open = |path: &Path| {
        let _ = std::fs::remove_file(path);
        File::create(path).expect("a file in the scratch directory")
    };
    let mut command = command(program, run);
    command.stdin(File::open(&input).expect("just written")).stdout(open(&out)).stderr(open(&err));
    if run.streams == Streams::Together {
        let both = open(&out);
        command.stderr(both.try_clone().expect("a descriptor more")).stdout(both);
    }
    command.process_group(0);
    let mut child =
        command.spawn().unwrap_or_else(|error| panic!("cannot start {}: {error}", program.display()));
    let (code, held) = wait(&mut child);
    let read = |path: &Path| std::fs::read(path).expect("output that was just written");
    Outcome { code, stdout: read(&out), stderr: read(&err), log: Vec::new(), held }
}

/// What a program says without any files around it, such as its help.
///
/// # Panics
/// When the program cannot be started.
pub fn says(program: &Path, args: &[&str]) -> Outcome {
    let none = Run {
        args: &[],
        cwd: Path::new("/"),
        user: None,
        env: &Mode::Ring.env(),
        stdin: b"",
        umask: 0o022,
        streams: Streams::Apart,
    };
    let output = command(program, &none).args(args).output();
    let output = output.unwrap_or_else(|error| panic!("cannot start {}: {error}", program.display()));
    let held = Usage::default();
    Outcome { code: code(output.status), stdout: output.stdout, stderr: output.stderr, log: Vec::new(), held }
}

pub(crate) fn command(program: &Path, run: &Run<'_>) -> Command {
    let mut command = if run.umask == 0o022 {
        rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
        Command::new(program)
    } else {
        let mut shell = Command::new("/bin/sh");
        shell.arg("-c").arg(format!("umask {:03o}; exec \"$@\"", run.umask)).arg("sh").arg(program);
        shell
    };
    command.args(run.args).current_dir(run.cwd).env_clear();
    command.env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").env("TZ", "UTC").env("HOME", "/nonexistent");
    // A program built with a sanitizer is told what to look for.
    command.envs(std::env::var_os("ASAN_OPTIONS").map(|options| ("ASAN_OPTIONS", options)));
    command.envs(run.env.iter().map(|(name, value)| (OsStr::new(name), OsStr::new(value))));
    command.stdin(Stdio::null());
    if let Some(id) = run.user {
        command.uid(id).gid(id);
    }
    command
}

fn wait(child: &mut Child) -> (i32, Usage) {
    let deadline = Instant::now() + Duration::from_secs(RUN_SECONDS_MAX);
    let (mut nap_us, mut held) = (200, Usage::default());
    loop {
        match child.try_wait().expect("our own child") {
            Some(status) => return (code(status), held),
            None if Instant::now() > deadline => {
                let group = Pid::from_child(child);
                let _ = kill_process_group(group, Signal::KILL);
                let _ = child.wait();
                return (HUNG, held);
            }
            None => held = held.max(Usage::so_far(child.id())),
        }
        std::thread::sleep(Duration::from_micros(nap_us));
        nap_us = (nap_us * 5 / 4).min(5_000);
    }
}

pub(crate) fn code(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}
