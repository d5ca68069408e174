//! A case: a tree and commands, run by rsync and by ours in twin directories, everything compared.

use crate::known::{self, KNOWN};
use crate::make;
use crate::output::{self, Comparable, Order};
use crate::place::Place;
use crate::program::{self, Mode, Programs, Run};
use crate::shell;
use crate::snapshot::{self, Holes, Snapshot};
use crate::tree::{Entry, Tree, tree};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Mutex;
use std::time::SystemTime;

/// The user that [`Case::as_user`] means: `nobody`, in no other group.
pub const USER: u32 = 65534;

/// The file in the working directory that a run may log to; it is compared as output.
const LOG: &str = "rsync.log";

const DIFFERENCES_SHOWN_MAX: usize = 80;

/// A tree and what is done with it.
#[derive(Clone, Debug)]
#[must_use = "a case does nothing until `check` or `same`"]
pub struct Case {
    /// What exists in the working directory at first.
    pub world: Tree,
    /// What happens then.
    pub steps: Vec<Step>,
    pub(crate) user: Option<u32>,
    order: Option<Order>,
    holes: Holes,
    known: Vec<&'static str>,
    env: Vec<(String, String)>,
    stdin: Vec<u8>,
    pub(crate) umask: u32,
}

/// One thing that happens.
#[derive(Clone, Debug)]
pub enum Step {
    /// The program runs with these arguments; afterwards the twins must be the same.
    Run(Vec<OsString>),
    /// Entries are put in place of what has their names.
    Put(Vec<Entry>),
    /// Names are removed, with all below them.
    Remove(Vec<Vec<u8>>),
}

/// A working directory that holds these entries.
pub fn world(entries: impl IntoIterator<Item = Entry>) -> Case {
    Case::new(tree(entries))
}

/// Checks many cases on all processors and reports every failure.
///
/// # Panics
/// When a case fails.
pub fn check_all(cases: impl IntoIterator<Item = Case>) {
    let queue = Mutex::new(cases.into_iter().enumerate().collect::<Vec<_>>());
    let failures = Mutex::new(Vec::new());
    let (programs, modes) = (Programs::of_this_run(), Mode::of_this_run());
    let next = || queue.lock().expect("no panic while locked").pop();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, Into::into) {
            scope.spawn(|| {
                while let Some((index, case)) = next() {
                    if let Err(report) = case.compare(programs, &modes) {
                        failures.lock().expect("no panic while locked").push((index, report));
                    }
                }
            });
        }
    });
    let mut failures = failures.into_inner().expect("no panic while locked");
    failures.sort();
    let reports: Vec<String> = failures.into_iter().map(|(_, report)| report).collect();
    assert!(reports.is_empty(), "{} cases failed\n{}", reports.len(), reports.join("\n"));
}

impl Case {
    /// A case without steps.
    pub fn new(world: Tree) -> Self {
        Case {
            world,
            steps: Vec::new(),
            user: None,
            order: None,
            holes: Holes::Ignored,
            known: Vec::new(),
            env: Vec::new(),
            stdin: Vec::new(),
            umask: 0o022,
        }
    }

    /// The programs run as [`USER`], who owns what the tree gives to nobody else.
    pub fn as_user(mut self) -> Self {
        self.user = Some(USER);
        self
    }

    /// The programs run with this file creation mask.
    pub fn umask(mut self, umask: u32) -> Self {
        self.umask = umask;
        self
    }

    /// An environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// What the programs read on standard input.
    pub fn stdin(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.stdin = bytes.as_ref().to_vec();
        self
    }

    /// Ours may not use more room on disk than rsync does.
    pub fn holes(mut self) -> Self {
        self.holes = Holes::AtLeastAsMany;
        self
    }

    /// Output lines may come in any order.
    pub fn any_order(mut self) -> Self {
        self.order = Some(Order::Any);
        self
    }

    /// Expects a difference of [`crate::known`].
    pub fn known(mut self, name: &'static str) -> Self {
        self.known.push(name);
        self
    }

    /// A run with the arguments in this text: words, and quotes 'as in shell'; `$TWIN` stands for the working
    /// directory's path.
    pub fn run(self, args: &str) -> Self {
        self.run_args(shell::split(args))
    }

    /// A run with these arguments.
    pub fn run_args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.steps.push(Step::Run(args.into_iter().map(Into::into).collect()));
        self
    }

    /// More entries from the start.
    pub fn also(mut self, entries: impl IntoIterator<Item = Entry>) -> Self {
        self.world = self.world.with(entries);
        self
    }

    /// Entries put in place of what has their names; their parents must exist.
    pub fn put(mut self, entries: impl IntoIterator<Item = Entry>) -> Self {
        self.steps.push(Step::Put(entries.into_iter().collect()));
        self
    }

    /// Names removed, with all below them.
    pub fn remove<P: AsRef<[u8]>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        self.steps.push(Step::Remove(paths.into_iter().map(|path| path.as_ref().to_vec()).collect()));
        self
    }

    /// Runs this command, then checks.
    ///
    /// # Panics
    /// When ours differs from rsync.
    pub fn same(self, args: &str) {
        self.run(args).check();
    }

    /// Checks each of these commands on a fresh copy of the tree.
    ///
    /// # Panics
    /// When ours differs from rsync for one of them.
    pub fn same_each<A: AsRef<str>>(self, commands: impl IntoIterator<Item = A>) {
        check_all(commands.into_iter().map(|args| self.clone().run(args.as_ref())));
    }

    /// Plays the case with both programs.
    ///
    /// # Panics
    /// When ours differs from rsync.
    pub fn check(self) {
        if let Err(report) = self.compare(Programs::of_this_run(), &Mode::of_this_run()) {
            panic!("{report}");
        }
    }

    /// Plays the case with both programs, ours once in each mode.
    ///
    /// # Errors
    /// Tree, commands and differences, in words.
    pub fn compare(&self, programs: &Programs, modes: &[Mode]) -> Result<(), String> {
        let place = Place::new();
        let started = seconds_now() - 5;
        let reference = self.play(&programs.reference, &place, Side::Reference, started);
        for mode in modes {
            let subject = self.play(&programs.subject, &place, Side::Subject(*mode), started);
            let (mut differences, mut place_in_case) = (Vec::new(), String::new());
            for (step, (reference, subject)) in reference.iter().zip(&subject).enumerate() {
                differences = diff(reference, subject, self.holes);
                if !differences.is_empty() {
                    place_in_case = format!("after run {} ({mode:?}), rsync's / ours:", step + 1);
                    break;
                }
            }
            if !programs.are_the_same() {
                let expected: Vec<_> = self.known.iter().map(|name| known::named(name, KNOWN)).collect();
                differences = known::judge(differences, &expected);
            }
            if !differences.is_empty() {
                differences.insert(0, place_in_case);
                place.failed();
                return Err(self.report(&differences));
            }
        }
        Ok(())
    }

    fn play(&self, program: &Path, place: &Place, side: Side, started: i64) -> Vec<Played> {
        let (twin, scratch) = place.twin(side.dir(), self.owner());
        let broken =
            |error: std::io::Error| -> ! { panic!("the test itself is broken: {error}\n{}", self.script()) };
        make::make(&self.world, &twin, self.owner()).unwrap_or_else(|error| broken(error));
        make::set_mtime(b".", &twin, (1_200_000_000, 0)).unwrap_or_else(|error| broken(error));
        let take = |earlier: Option<&Snapshot>| {
            snapshot::take(&twin, started, earlier).unwrap_or_else(|error| broken(error))
        };
        let mut before = take(None);
        let mut played = Vec::new();
        for (index, step) in self.steps.iter().enumerate() {
            let Step::Run(args) = step else {
                self.edit(step, &twin, index).unwrap_or_else(|error| broken(error));
                before = take(Some(&before));
                continue;
            };
            let (given, env) = (side.args(program, &in_twin(args, &twin)), side.env(&self.env));
            let mut outcome = program::run(program, &self.command(&given, &twin, &env), &scratch);
            outcome.log = take_log(&twin).unwrap_or_else(|error| broken(error));
            let after = take(Some(&before));
            if outcome.code == program::HUNG && matches!(side, Side::Reference) {
                panic!("rsync itself hangs here; take this case out\n{}", self.script());
            }
            let comparable = output::comparable(&outcome, &twin, self.order_of(args));
            played.push(Played { comparable, snapshot: after.clone().without_place(&twin) });
            before = after;
        }
        played
    }

    fn command<'a>(&'a self, args: &'a [OsString], cwd: &'a Path, env: &'a [(String, String)]) -> Run<'a> {
        let user = if rustix::process::geteuid().is_root() { self.user } else { None };
        Run { args, cwd, user, env, stdin: &self.stdin, umask: self.umask }
    }

    fn owner(&self) -> (u32, u32) {
        let own = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
        if own.0 == 0 { self.user.map_or(own, |user| (user, user)) } else { own }
    }

    fn order_of(&self, args: &[OsString]) -> Order {
        self.order.unwrap_or_else(|| output::order_of(args.iter().map(|arg| arg.as_bytes())))
    }

    /// Applies an edit; the directories it touches get a fixed time, so that the twins stay twins.
    fn edit(&self, step: &Step, twin: &Path, index: usize) -> std::io::Result<()> {
        let mut paths: Vec<&[u8]> = Vec::new();
        match step {
            Step::Run(_) => {}
            Step::Put(entries) => {
                for entry in entries {
                    make::put(entry, twin, self.owner())?;
                    paths.push(&entry.path);
                }
            }
            Step::Remove(removed) => {
                for path in removed {
                    make::remove(path, twin)?;
                    paths.push(path);
                }
            }
        }
        let put_times = |path: &[u8]| match step {
            Step::Put(entries) => {
                entries.iter().rfind(|entry| entry.path == path).map(Entry::mtime_or_default)
            }
            _ => None,
        };
        let later = 1_550_000_000 + 1000 * i64::try_from(index).expect("few steps");
        for path in paths {
            let parent =
                path.iter().rposition(|byte| *byte == b'/').map_or(&b"."[..], |slash| &path[..slash]);
            if twin.join(Path::new(std::ffi::OsStr::from_bytes(parent))).symlink_metadata().is_ok() {
                make::set_mtime(parent, twin, put_times(parent).unwrap_or((later, 0)))?;
            }
        }
        Ok(())
    }

    fn report(&self, differences: &[String]) -> String {
        let more = differences.len().saturating_sub(DIFFERENCES_SHOWN_MAX);
        let differences = &differences[..differences.len() - more];
        let more = if more == 0 { String::new() } else { format!("#   and {more} more\n") };
        format!("\n{}\n# ours differs:\n#   {}\n{more}", self.script(), differences.join("\n#   "))
    }

    /// The case as shell commands.
    pub fn script(&self) -> String {
        let mut lines = vec![shell::script(&self.world)];
        let who =
            if self.user.is_some() { "setpriv --reuid=65534 --regid=65534 --clear-groups " } else { "" };
        if self.user.is_some() {
            lines.insert(0, "# everything below belongs to 65534:65534 unless chown says otherwise".into());
        }
        for (name, value) in &self.env {
            lines.push(format!("export {name}={}", shell::quote(value.as_bytes())));
        }
        if self.umask != 0o022 {
            lines.push(format!("umask {:03o}", self.umask));
        }
        for step in &self.steps {
            lines.push(match step {
                Step::Run(args) => {
                    let args: Vec<String> = args.iter().map(|arg| shell::quote(arg.as_bytes())).collect();
                    let input = if self.stdin.is_empty() {
                        String::new()
                    } else {
                        format!(" <<<{}", shell::quote(&self.stdin))
                    };
                    format!("{who}rsync {}{input}", args.join(" "))
                }
                Step::Put(entries) => {
                    let scripts: Vec<String> = entries.iter().map(shell::entry_script).collect();
                    format!(
                        "rm -rf {}\n{}",
                        names(entries.iter().map(|entry| &entry.path)),
                        scripts.join("\n")
                    )
                }
                Step::Remove(paths) => format!("rm -rf {}", names(paths.iter())),
            });
        }
        lines.join("\n")
    }
}

/// The arguments with the working directory's path where `$TWIN` stands for it.
fn in_twin(args: &[OsString], twin: &Path) -> Vec<OsString> {
    let path = twin.to_str().expect("a plain path");
    args.iter()
        .map(|arg| match arg.to_str() {
            Some(text) if text.contains("$TWIN") => text.replace("$TWIN", path).into(),
            _ => arg.clone(),
        })
        .collect()
}

fn names<'a>(paths: impl Iterator<Item = &'a Vec<u8>>) -> String {
    paths.map(|path| shell::quote(path)).collect::<Vec<_>>().join(" ")
}

struct Played {
    comparable: Comparable,
    snapshot: Snapshot,
}

fn diff(reference: &Played, subject: &Played, holes: Holes) -> Vec<String> {
    let mut lines = output::diff(&reference.comparable, &subject.comparable);
    lines.extend(snapshot::diff(&reference.snapshot, &subject.snapshot, holes));
    lines
}

#[derive(Clone, Copy)]
enum Side {
    Reference,
    Subject(Mode),
}

impl Side {
    /// Equally long, so that nothing printed changes its width.
    fn dir(self) -> &'static str {
        match self {
            Side::Reference => "ref",
            Side::Subject(_) => "our",
        }
    }

    fn args(self, program: &Path, args: &[OsString]) -> Vec<OsString> {
        match self {
            Side::Reference => args.to_vec(),
            Side::Subject(mode) => mode.args(program, args),
        }
    }

    fn env(self, more: &[(String, String)]) -> Vec<(String, String)> {
        let mut env = match self {
            Side::Reference => Vec::new(),
            Side::Subject(mode) => mode.env(),
        };
        env.extend_from_slice(more);
        env
    }
}

fn seconds_now() -> i64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    i64::try_from(now.as_secs()).expect("long before the end of time")
}

/// What the run logged, if it was told to log there; the file is no part of the tree.
fn take_log(twin: &Path) -> std::io::Result<Vec<u8>> {
    let path = twin.join(LOG);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let log = std::fs::read(&path)?;
    std::fs::remove_file(path)?;
    make::set_mtime(b".", twin, (1_200_000_000, 0))?;
    Ok(log)
}
