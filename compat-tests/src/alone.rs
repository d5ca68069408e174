//! Our program alone, where rsync gives up or takes too long: a tree, a command, and a copy that must be the tree.

use crate::make;
use crate::output::{self, Comparable, Order};
use crate::place::Place;
use crate::program::{self, HUNG, Mode, Outcome, Programs, Run, Streams};
use crate::shell;
use crate::snapshot::{self, Holes, Snapshot};
use crate::tree::{Owner, Tree};
use crate::usage::Usage;
use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

/// A run that takes longer has hung.
const RUN_SECONDS_MAX: u64 = 240;

/// A working directory for one program.
pub struct Alone {
    dir: PathBuf,
    scratch: PathBuf,
    owner: Owner,
    _place: Place,
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Ran {
    /// Exit status and output.
    pub outcome: Outcome,
    /// What can be compared with another program's run.
    pub comparable: Comparable,
}

impl Alone {
    /// A working directory that holds this tree; who owns what it does not say is `user`.
    ///
    /// # Panics
    /// When the tree cannot be made.
    pub fn new(tree: &Tree, user: Option<u32>) -> Alone {
        let place = Place::new();
        let owner = user.map_or(Owner::ROOT, Owner::of);
        let (dir, scratch) = place.twin("our", owner);
        make::make(tree, &dir, owner).unwrap_or_else(|error| panic!("the test itself is broken: {error}"));
        Alone { dir, scratch, owner, _place: place }
    }

    /// The working directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Runs ours with these arguments, started by `through` (`prlimit --nofile=64`, or nothing).
    pub fn ours(&self, mode: Mode, through: &str, args: &str) -> Ran {
        let program = &Programs::of_this_run().subject;
        self.run(program, &mode.env(), through, mode.args(program, &shell::split(args)))
    }

    /// Runs rsync likewise.
    pub fn rsync(&self, through: &str, args: &str) -> Ran {
        self.run(&Programs::of_this_run().reference, &[], through, shell::split(args))
    }

    /// Starts ours with these arguments; what it tells goes where [`Alone::told`] finds it.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(&self, mode: Mode, args: &str) -> Child {
        let program = &Programs::of_this_run().subject;
        self.spawn(program, &mode.env(), "", mode.args(program, &shell::split(args)))
    }

    /// Waits until a program that was started has this file open: it is in the middle of its work.
    ///
    /// # Panics
    /// When it never does.
    pub fn wait_until_open(&self, child: &Child, name: &str) {
        let path = std::fs::canonicalize(self.dir.join(name)).expect("a file of the tree");
        let handles = PathBuf::from(format!("/proc/{}/fd", child.id()));
        let is_open = || {
            let entries = std::fs::read_dir(&handles).into_iter().flatten().flatten();
            entries.into_iter().any(|entry| std::fs::read_link(entry.path()).is_ok_and(|to| to == path))
        };
        self.wait_until(&format!("{name} is open"), is_open);
    }

    /// Waits until something is so that a run brings about.
    ///
    /// # Panics
    /// When it takes longer than any run may.
    pub fn wait_until(&self, what: &str, is_so: impl Fn() -> bool) {
        let started = Instant::now();
        while !is_so() {
            assert!(
                started.elapsed() < Duration::from_secs(RUN_SECONDS_MAX),
                "never: {what}: {}",
                self.told()
            );
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// What the run that was started last said on standard error.
    ///
    /// # Panics
    /// When none was.
    pub fn told(&self) -> String {
        let told = std::fs::read(self.scratch.join("stderr")).expect("a run was started");
        String::from_utf8_lossy(&told).into_owned()
    }

    fn run(&self, program: &Path, env: &[(String, String)], through: &str, args: Vec<OsString>) -> Ran {
        let mut child = self.spawn(program, env, through, args);
        let (code, held) = wait(&mut child);
        let read = |name: &str| std::fs::read(self.scratch.join(name)).expect("output that was just written");
        let outcome = Outcome { code, stdout: read("stdout"), stderr: read("stderr"), log: Vec::new(), held };
        let comparable = output::comparable(&outcome, &self.dir, Order::Any);
        Ran { outcome, comparable }
    }

    fn spawn(&self, program: &Path, env: &[(String, String)], through: &str, args: Vec<OsString>) -> Child {
        let mut words = shell::split(through);
        words.push(program.as_os_str().to_owned());
        words.extend(args);
        let (first, rest): (&OsString, &[OsString]) = words.split_first().expect("a program at least");
        let user = Some(self.owner.uid).filter(|user| *user != 0);
        let run =
            Run { args: rest, cwd: &self.dir, user, env, stdin: b"", umask: 0o022, streams: Streams::Apart };
        let open =
            |name: &str| File::create(self.scratch.join(name)).expect("a file in the scratch directory");
        let mut command = program::command(Path::new(first), &run);
        command.stdout(open("stdout")).stderr(open("stderr"));
        command.spawn().unwrap_or_else(|error| panic!("cannot start {first:?}: {error}"))
    }

    /// What there is below a name.
    ///
    /// # Panics
    /// When it cannot be read.
    pub fn snapshot(&self, name: &str) -> Snapshot {
        self.read(name, None)
    }

    /// The same, which tells what changed since.
    ///
    /// # Panics
    /// When it cannot be read.
    pub fn snapshot_since(&self, name: &str, earlier: &Snapshot) -> Snapshot {
        self.read(name, Some(earlier))
    }

    fn read(&self, name: &str, earlier: Option<&Snapshot>) -> Snapshot {
        snapshot::take(&self.dir.join(name), i64::MAX, earlier)
            .unwrap_or_else(|error| panic!("cannot read {name}: {error}"))
    }

    /// Asserts that one tree is a copy of the other in every attribute.
    ///
    /// # Panics
    /// When it is not.
    pub fn assert_copy(&self, of: &str, copy: &str, holes: Holes) {
        let differences = snapshot::diff(&self.snapshot(of), &self.snapshot(copy), holes);
        let shown = differences.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
        assert!(differences.is_empty(), "{} differences between {of} and {copy}\n{shown}", differences.len());
    }
}

impl Ran {
    /// Asserts that the run went well and said nothing.
    ///
    /// # Panics
    /// When it did not.
    pub fn assert_silent(&self) {
        let said = [&self.outcome.stdout[..], &self.outcome.stderr].concat();
        let said: String = String::from_utf8_lossy(&said).chars().take(2000).collect();
        assert_eq!((self.outcome.code, said.as_str()), (0, ""));
    }
}

fn wait(child: &mut Child) -> (i32, Usage) {
    let deadline = Instant::now() + Duration::from_secs(RUN_SECONDS_MAX);
    let mut held = Usage::default();
    loop {
        match child.try_wait().expect("our own child") {
            Some(status) => return (program::code(status), held),
            None if Instant::now() > deadline => {
                let _ = child.kill();
                let _ = child.wait();
                return (HUNG, held);
            }
            None => held = held.max(Usage::so_far(child.id())),
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}
