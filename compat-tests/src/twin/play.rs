//! Playing a case: its steps by rsync and by ours, in directories of their own, and what differs afterwards.

use super::{Case, Progress, Step};
use crate::known::{self, KNOWN};
use crate::make;
use crate::output::{self, Comparable, Order};
use crate::place::Place;
use crate::program::{self, Mode, Programs, Run, Streams};
use crate::snapshot::{self, Beyond, Snapshot};
use crate::tree::{Entry, Owner};
use crate::usage::Usage;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::SystemTime;

/// The file in the working directory that a run may log to; it is compared as output.
const LOG: &str = "rsync.log";

/// How often rsync is asked again where ours did otherwise.
const REFERENCE_AGAIN_MAX: usize = 3;
/// How often ours may run where the order of all lines is compared.
const EXACT_RUNS_MAX: usize = 3;

impl Case {
    /// Plays the case with both programs, ours once in each mode.
    ///
    /// # Errors
    /// Tree, commands and differences, in words.
    pub fn compare(&self, programs: &Programs, modes: &[Mode]) -> Result<(), String> {
        self.compare_watched(programs, modes, &mut |_| {})
    }

    /// The same; `watch` hears what each run of ours held.
    ///
    /// # Errors
    /// As for [`Case::compare`].
    pub fn compare_watched(
        &self,
        programs: &Programs,
        modes: &[Mode],
        watch: &mut dyn FnMut(Usage),
    ) -> Result<(), String> {
        let place = Place::new();
        let started = seconds_now() - 5;
        let reference = self.play(&programs.reference, &place, Side::Reference, started);
        // On a busy machine a run may take longer than it gathers what is to be put in order.
        let chances =
            if matches!(self.order, Some(Order::Exact | Order::Together)) { EXACT_RUNS_MAX } else { 1 };
        for mode in modes {
            let mut differences = Vec::new();
            for _ in 0..chances {
                let subject = self.play(&programs.subject, &place, Side::Subject(*mode), started);
                subject.iter().for_each(|played| watch(played.held));
                let again = || self.play(&programs.reference, &place, Side::Reference, started);
                differences = self.settled(programs, &reference, &subject, *mode, again);
                if differences.is_empty() {
                    break;
                }
            }
            if !differences.is_empty() {
                place.failed();
                return Err(self.report(&differences));
            }
        }
        Ok(())
    }

    /// What differs for certain. What rsync does at one time and not at another is no difference: its processes race for
    /// their last words, and some of what it writes is whatever its memory holds. `once_more` asks it again.
    fn settled(
        &self,
        programs: &Programs,
        reference: &[Played],
        subject: &[Played],
        mode: Mode,
        once_more: impl Fn() -> Vec<Played>,
    ) -> Vec<String> {
        let mut again = Vec::new();
        let mut differences = self.judged(programs, Pair { reference, subject, again: &[] }, mode);
        while !differences.is_empty() && again.len() < REFERENCE_AGAIN_MAX {
            let once_more = once_more();
            if self.judged(programs, Pair { reference: &once_more, subject, again: &[] }, mode).is_empty() {
                return Vec::new();
            }
            again.push(once_more);
            differences = self.judged(programs, Pair { reference, subject, again: &again }, mode);
        }
        differences
    }

    /// What differs after the first run that shows any difference, without what is known; first, where that is.
    fn judged(&self, programs: &Programs, played: Pair<'_>, mode: Mode) -> Vec<String> {
        let pairs = played.reference.iter().zip(played.subject).enumerate();
        let mut differ = pairs.map(|(step, (reference, subject))| {
            let again = played.again.iter().filter_map(|runs| runs.get(step));
            let wavering: Vec<String> = again.flat_map(|run| diff(reference, run, self.beyond)).collect();
            let mut lines = diff(reference, subject, self.beyond);
            lines.retain(|line| !wavering.iter().any(|other| of_what(other) == of_what(line)));
            (step, lines)
        });
        let (step, mut differences) = differ.find(|(_, lines)| !lines.is_empty()).unwrap_or_default();
        if !programs.are_the_same() {
            let expected: Vec<_> = self.known.iter().map(|name| known::named(name, KNOWN)).collect();
            differences = known::judge(differences, &expected);
        }
        if !differences.is_empty() {
            differences.insert(0, format!("after run {} ({mode:?}), rsync's / ours:", step + 1));
        }
        differences
    }

    fn play(&self, program: &Path, place: &Place, side: Side, started: i64) -> Vec<Played> {
        let (twin, scratch) = place.twin(side.dir(), self.owner());
        let broken =
            |error: std::io::Error| -> ! { panic!("the test itself is broken: {error}\n{}", self.script()) };
        make::make(&self.world, &twin, self.owner()).unwrap_or_else(|error| broken(error));
        make::set_mtime(b".", &twin, 1_200_000_000).unwrap_or_else(|error| broken(error));
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
            let mut comparable = output::comparable(&outcome, &twin, self.order_of(args));
            if self.progress == Progress::AtTheEnd && args.iter().any(|arg| arg == "--info=progress2") {
                comparable.drop_overall_progress();
            }
            let snapshot = after.clone().without_place(&twin);
            played.push(Played { comparable, snapshot, held: outcome.held });
            before = after;
        }
        played
    }

    fn command<'a>(&'a self, args: &'a [OsString], cwd: &'a Path, env: &'a [(String, String)]) -> Run<'a> {
        let user = if rustix::process::geteuid().is_root() { self.user } else { None };
        let streams = if self.order == Some(Order::Together) { Streams::Together } else { Streams::Apart };
        Run { args, cwd, user, env, stdin: &self.stdin, umask: self.umask, streams }
    }

    fn owner(&self) -> Owner {
        let (uid, gid) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
        self.user.filter(|_| uid == 0).map_or(Owner { uid, gid }, Owner::of)
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
                make::set_mtime(parent, twin, put_times(parent).unwrap_or(later.into()))?;
            }
        }
        Ok(())
    }
}

/// What a line of differences is about: a name and what of it, or a line of output, whoever printed it.
fn of_what(line: &str) -> String {
    for way in ["missing line: ", "extra line: "] {
        if let Some((stream, told)) = line.split_once(way) {
            return format!("{stream}{told}");
        }
    }
    line.rsplit_once(": ").map_or(line, |(what, _)| what).to_owned()
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

struct Played {
    comparable: Comparable,
    snapshot: Snapshot,
    held: Usage,
}

fn diff(reference: &Played, subject: &Played, beyond: Beyond) -> Vec<String> {
    let mut lines = output::diff(&reference.comparable, &subject.comparable);
    lines.extend(snapshot::diff(&reference.snapshot, &subject.snapshot, beyond));
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

/// What the two programs came to, run by run.
#[derive(Clone, Copy)]
struct Pair<'a> {
    reference: &'a [Played],
    subject: &'a [Played],
    /// What rsync did when it was asked again.
    again: &'a [Vec<Played>],
}

/// What the run logged, if it was told to log there; the file is no part of the tree.
fn take_log(twin: &Path) -> std::io::Result<Vec<u8>> {
    let path = twin.join(LOG);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let log = std::fs::read(&path)?;
    std::fs::remove_file(path)?;
    make::set_mtime(b".", twin, 1_200_000_000)?;
    Ok(log)
}
