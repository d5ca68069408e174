//! One row: its tree once, then every program in turn, round after round.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use crate::age;
use crate::cli::Settings;
use crate::make::Tree;
use crate::measure::{Sample, sample};
use crate::programs::{Places, Program, Tools};
use crate::rows::{Cache, Metric, Row, Start};
use crate::strace;
use crate::volume::{Volume, drop_caches, tool};

/// What a row gave: the samples of each program, or its system calls per file.
pub(crate) struct RowResult {
    pub(crate) row: &'static Row,
    pub(crate) files: usize,
    pub(crate) samples: BTreeMap<Program, Vec<Sample>>,
    pub(crate) calls: BTreeMap<Program, strace::Calls>,
}

struct Bench<'a> {
    row: &'static Row,
    tree: Tree,
    settings: &'a Settings,
    tools: &'a Tools,
    places: Places,
}

pub(crate) fn run_row(row: &'static Row, settings: &Settings, tools: &Tools) -> Result<RowResult, String> {
    eprintln!("# {}: {}", row.name, row.about);
    let tree = row.tree.scaled(settings.scale, settings.memory_files);
    let volume = Volume::new(settings, tree.files())?;
    let at = |name: &str| volume.dir.join(name);
    let apart = match (settings.latency, &settings.source) {
        (Some(delay), _) => Some(Volume::slow(settings, tree.files(), delay)?),
        (None, Some(dir)) => Some(Volume::apart(dir)?),
        (None, None) => None,
    };
    let source = apart.as_ref().map_or_else(|| at("source"), |volume| volume.dir.join("source"));
    let places = Places { source, destination: at("destination"), previous: at("previous") };
    let bench = Bench { row, tree, settings, tools, places };
    bench.prepare()?;
    let mut result = RowResult { row, files: tree.files(), samples: BTreeMap::new(), calls: BTreeMap::new() };
    match row.metric {
        Metric::Time | Metric::Memory => bench.rounds(&mut result)?,
        Metric::Calls => bench.count_calls(&mut result)?,
    }
    Ok(result)
}

impl Bench<'_> {
    /// The source, and the copy that the destination starts from.
    fn prepare(&self) -> Result<(), String> {
        self.tree.make(&self.places.source)?;
        match self.row.start {
            Start::Absent => Ok(()),
            Start::Synced | Start::Aged | Start::Crowded => self.copy_to(&self.places.destination),
            Start::LinkDest => self.copy_to(&self.places.previous),
        }
    }

    fn copy_to(&self, to: &Path) -> Result<(), String> {
        let from = format!("{}/", self.places.source.display());
        let rsync = self.settings.rsync.display().to_string();
        tool(&rsync, &["-aHAX", &from, &to.display().to_string()])
    }

    fn programs(&self) -> Vec<Program> {
        // The floor copies by copy_file_range alone, which stays on one file system.
        let crosses = self.settings.source.is_some() || self.settings.latency.is_some();
        let able = |program: &Program| program.does(self.row) && !(crosses && *program == Program::Floor);
        self.settings.programs.iter().copied().filter(able).collect()
    }

    /// Each round runs every program once and starts with another one, so that none always comes first.
    fn rounds(&self, result: &mut RowResult) -> Result<(), String> {
        let warm_up = usize::from(self.row.cache == Cache::Warm && self.row.metric == Metric::Time);
        let counted = if self.row.metric == Metric::Memory { 1 } else { self.settings.repeats };
        let mut programs = self.programs();
        for round in 0..warm_up + counted {
            for &program in &programs {
                let sample = self.one_run(program)?;
                let kept = if round < warm_up { "(not counted)" } else { "" };
                eprintln!(
                    "  {:<6}{:8.3} s wall {:8.3} s CPU {:7.1} MiB {kept}",
                    program.name(),
                    sample.wall_s,
                    sample.cpu_s,
                    sample.peak_mib
                );
                if round >= warm_up {
                    result.samples.entry(program).or_default().push(sample);
                }
                if round == 0 {
                    self.verify(program)?;
                }
            }
            programs.rotate_left(1);
        }
        Ok(())
    }

    fn one_run(&self, program: Program) -> Result<Sample, String> {
        self.set_up().map_err(|error| format!("cannot set up the destination: {error}"))?;
        nix::unistd::sync();
        if self.row.cache == Cache::Cold {
            drop_caches()?;
            self.tools.version(program)?;
        }
        sample(&self.tools.command(program, self.row, &self.places))
    }

    /// Brings the destination to the row's start, outside the timed window.
    fn set_up(&self) -> Result<(), String> {
        let destination = &self.places.destination;
        let told = |error: io::Error| format!("{}: {error}", destination.display());
        match self.row.start {
            Start::Synced => Ok(()),
            Start::Absent | Start::LinkDest if destination.exists() => {
                fs::remove_dir_all(destination).map_err(told)
            }
            Start::Absent | Start::LinkDest => Ok(()),
            Start::Aged => age::age(destination, self.tree).map_err(told),
            Start::Crowded => age::crowd(destination, self.settings.scale),
        }
    }

    /// A fast wrong copy is no result: entries and bytes must be those of the source.
    fn verify(&self, program: Program) -> Result<(), String> {
        let count =
            |path: &Path| census(path).map_err(|error| format!("cannot look at {}: {error}", path.display()));
        let (wanted, got) = (count(&self.places.source)?, count(&self.places.destination)?);
        if wanted == got {
            return Ok(());
        }
        Err(format!("{} left {got:?}, but the source is {wanted:?}", program.name()))
    }

    fn count_calls(&self, result: &mut RowResult) -> Result<(), String> {
        for program in self.programs() {
            self.set_up()?;
            let log = self.places.source.with_extension("strace");
            let calls = strace::count(&self.tools.command(program, self.row, &self.places), &log)?;
            eprintln!("  {:<6}{} calls, {} through a ring", program.name(), calls.plain, calls.ring);
            self.verify(program)?;
            result.calls.insert(program, calls);
        }
        Ok(())
    }
}

/// What a tree holds, as far as a quick look tells.
#[derive(Debug, Default, PartialEq, Eq)]
struct Census {
    directories: usize,
    others: usize,
    bytes: u64,
}

fn census(root: &Path) -> io::Result<Census> {
    let mut census = Census::default();
    let mut dirs = vec![root.to_owned()];
    while let Some(dir) = dirs.pop() {
        census.directories += 1;
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                dirs.push(entry.path());
            } else {
                census.others += 1;
                census.bytes += entry.metadata()?.len();
            }
        }
    }
    Ok(census)
}
