//! A case: a tree and commands, run by rsync and by ours in twin directories, everything compared.

mod play;

use crate::output::Order;
use crate::program::{Mode, Programs};
use crate::shell;
use crate::snapshot::{Access, Beyond, Holes};
use crate::tree::{Entry, Tree, tree};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::sync::Mutex;

/// The user that [`Case::as_user`] means: `nobody`, in no other group.
pub const USER: u32 = 65534;

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
    beyond: Beyond,
    progress: Progress,
    known: Vec<&'static str>,
    env: Vec<(String, String)>,
    stdin: Vec<u8>,
    pub(crate) umask: u32,
}

/// What is compared of `--info=progress2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Compared,
    AtTheEnd,
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
            beyond: Holes::Ignored.into(),
            progress: Progress::Compared,
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
        self.beyond.holes = Holes::AtLeastAsMany;
        self
    }

    /// Access times of files and links must agree.
    pub fn access_times(mut self) -> Self {
        self.beyond.access_times = Access::Compared;
        self
    }

    /// Output lines may come in any order.
    pub fn any_order(mut self) -> Self {
        self.order = Some(Order::Any);
        self
    }

    /// Output lines come in rsync's order, where that is not sure in general: of a few small files it is.
    pub fn in_order(mut self) -> Self {
        self.order = Some(Order::AsRsync);
        self
    }

    /// Every line comes in its place, also of those that rsync's processes say beside each other: for cases in which they
    /// have one after all.
    pub fn in_exact_order(mut self) -> Self {
        self.order = Some(Order::Exact);
        self
    }

    /// The same of standard output and standard error in one file.
    pub fn in_one_stream(mut self) -> Self {
        self.order = Some(Order::Together);
        self
    }

    /// Of `--info=progress2` only the end is compared: when it is drawn before is a race.
    pub fn progress_at_the_end(mut self) -> Self {
        self.progress = Progress::AtTheEnd;
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

fn names<'a>(paths: impl Iterator<Item = &'a Vec<u8>>) -> String {
    paths.map(|path| shell::quote(path)).collect::<Vec<_>>().join(" ")
}
