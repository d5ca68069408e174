//! A long case that differs, made as short as it can be while the same difference shows: whole runs of steps, entries
//! and options are left out, halves first.

use crate::program::{Mode, Programs};
use crate::tree::{Entry, Kind, tree};
use crate::twin::{Case, Step};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// What is not small by then stays as it is.
const TIME_MAX: Duration = Duration::from_secs(240);

/// The case that was made small, and what differs in it.
pub fn shrunk(case: &Case, report: &str, programs: &Programs, modes: &[Mode]) -> (Case, String) {
    let mut shrinking = Shrinking {
        case: case.clone(),
        report: report.to_owned(),
        wanted: differences(report).map(str::to_owned).collect(),
        programs,
        modes,
        until: Instant::now() + TIME_MAX,
    };
    shrinking.without_later_steps();
    for _ in 0..2 {
        shrinking.steps();
        shrinking.put();
        shrinking.world();
        shrinking.words();
    }
    (shrinking.case, shrinking.report)
}

/// The lines of a report that say what differs.
fn differences(report: &str) -> impl Iterator<Item = &str> {
    report.lines().filter(|line| line.starts_with("#   ") && !line.starts_with("#   after run "))
}

struct Shrinking<'a> {
    /// The smallest that still differs.
    case: Case,
    report: String,
    /// Differences, one of which must stay.
    wanted: Vec<String>,
    programs: &'a Programs,
    modes: &'a [Mode],
    until: Instant,
}

impl Shrinking<'_> {
    /// Plays a smaller case, and goes on with it if it differs likewise.
    fn take(&mut self, case: Case) -> bool {
        if Instant::now() > self.until {
            return false;
        }
        // What was left out may have been what another name is a link to; then the case cannot be made.
        let played = catch_unwind(AssertUnwindSafe(|| case.compare(self.programs, self.modes)));
        let Ok(Err(report)) = played else { return false };
        let alike = differences(&report).any(|line| self.wanted.iter().any(|wanted| wanted == line));
        if alike {
            (self.case, self.report) = (case, report);
        }
        alike
    }

    /// What comes after the run that differs.
    fn without_later_steps(&mut self) {
        let told = self.report.split_once("#   after run ").and_then(|(_, rest)| rest.split_once(' '));
        let Some(run) = told.and_then(|(number, _)| number.parse::<usize>().ok()) else { return };
        let mut runs = self.case.steps.iter().enumerate().filter(|(_, step)| matches!(step, Step::Run(_)));
        let Some((last, _)) = runs.nth(run.saturating_sub(1)) else { return };
        let mut case = self.case.clone();
        case.steps.truncate(last + 1);
        self.take(case);
    }

    /// Leaves out what can be left out of the parts `0..count`: halves, quarters, single ones.
    fn leave_out(&mut self, count: usize, without: impl Fn(&Case, std::ops::Range<usize>) -> Case) {
        let mut count = count;
        let mut size = count.div_ceil(2);
        while size > 0 {
            let mut end = count;
            while end > 0 {
                let part = end.saturating_sub(size)..end;
                end = part.start;
                if self.take(without(&self.case, part.clone())) {
                    count -= part.len();
                }
            }
            size = if size == 1 { 0 } else { size.div_ceil(2) };
        }
    }

    fn steps(&mut self) {
        self.leave_out(self.case.steps.len().saturating_sub(1), |case, part| {
            let mut case = case.clone();
            case.steps.drain(part);
            case
        });
    }

    /// Directories with all below them, then halves of what is left, down to single names.
    fn world(&mut self) {
        let mut dirs: Vec<Vec<u8>> = (self.case.world.entries.values())
            .filter(|entry| entry.kind == Kind::Dir)
            .map(|entry| entry.path.clone())
            .collect();
        dirs.sort_by_key(|path| path.iter().filter(|byte| **byte == b'/').count());
        for path in dirs {
            if self.case.world.entries.contains_key(&path) {
                let mut case = self.case.clone();
                case.world.remove(&path);
                self.take(case);
            }
        }
        self.leave_out(self.case.world.entries.len(), |case, part| {
            let mut case = case.clone();
            let paths: Vec<_> = case.world.entries.keys().cloned().collect();
            // A directory stays for as long as anything in it does.
            let rest = case.world.entries.values().enumerate().filter(|(at, _)| !part.contains(at));
            let mut less = tree(rest.map(|(_, entry)| entry.clone()));
            for path in paths {
                let of_gone = |entry: &Entry| matches!(&entry.kind, Kind::HardLink(of) if *of == path);
                if !less.entries.contains_key(&path) {
                    less.entries.retain(|_, entry| !of_gone(entry));
                }
            }
            case.world = less;
            case
        });
    }

    /// What is put and removed between runs.
    fn put(&mut self) {
        for step in 0..self.case.steps.len() {
            let count = match &self.case.steps[step] {
                Step::Put(entries) => entries.len(),
                Step::Remove(paths) => paths.len(),
                Step::Run(_) => 0,
            };
            self.leave_out(count, |case, part| {
                let mut case = case.clone();
                match &mut case.steps[step] {
                    Step::Put(entries) => drop(entries.drain(part)),
                    Step::Remove(paths) => drop(paths.drain(part)),
                    Step::Run(_) => {}
                }
                case
            });
        }
    }

    /// Options and operands.
    fn words(&mut self) {
        for step in 0..self.case.steps.len() {
            let Step::Run(words) = &self.case.steps[step] else { continue };
            self.leave_out(words.len(), |case, part| {
                let mut case = case.clone();
                if let Step::Run(words) = &mut case.steps[step] {
                    words.drain(part);
                }
                case
            });
        }
    }
}
