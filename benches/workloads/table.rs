//! The results as Markdown: the machine, the medians, and each goal beside what was reached.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::process::Command;

use crate::cli::Settings;
use crate::measure::Sample;
use crate::programs::{Program, Tools};
use crate::rows::Metric;
use crate::run::RowResult;

/// Our wall time in that of the better engine, at most, where both were measured.
const ENGINE_MOST: f64 = 1.05;

type Medians = BTreeMap<Program, Sample>;

pub(crate) fn markdown(settings: &Settings, tools: &Tools, results: &[RowResult]) -> String {
    let mut out = head(settings, tools);
    let measured: Vec<_> = results.iter().filter(|result| result.row.metric != Metric::Calls).collect();
    if !measured.is_empty() {
        out += "| work | program | wall s | from–to | CPU s | peak MiB | wall ÷ ours | CPU ÷ ours |\n";
        out += "|---|---|--:|--:|--:|--:|--:|--:|\n";
        out.extend(measured.iter().map(|result| times(settings, result)));
        out += "\n| work | rsync ÷ ours | cp ÷ ours | ours ÷ floor | CPU below rsync's | goal |\n";
        out += "|---|--:|--:|--:|---|---|\n";
        out.extend(measured.iter().map(|result| goals(settings, result)));
    }
    for result in results.iter().filter(|result| result.row.metric == Metric::Calls) {
        out += &calls(result);
    }
    out
}

fn head(settings: &Settings, tools: &Tools) -> String {
    let where_run = match &settings.at {
        Some(dir) => format!("in {}", dir.display()),
        None => format!("on {} in RAM", settings.fs.name()),
    };
    let source = settings.source.as_ref().map(|dir| format!(", the source in {}", dir.display()));
    let slow = settings.latency.map(|delay| format!(", the source on a device whose reads take {delay:?}"));
    let where_run = where_run + &source.unwrap_or_default() + &slow.unwrap_or_default();
    let mut out = format!("`cargo xtask bench {}` at {}\n\n", settings.typed, commit());
    let _ = write!(out, "{}, kernel {}, {where_run}, {} rounds", machine(), kernel(), settings.repeats);
    for &program in &settings.programs {
        if program != Program::Floor {
            let version = tools.version(program).unwrap_or_default();
            let _ = write!(out, "; {}: {version}", program.name());
            if let Program::Rival(rival) = program {
                let _ = write!(out, " (`{}`)", rival.command);
            }
        }
    }
    out + "\n\n"
}

/// The row, and what makes it another one.
fn work(settings: &Settings, result: &RowResult) -> String {
    let slow = settings.latency.map(|delay| format!(", {delay:?} a read")).unwrap_or_default();
    result.row.name.to_owned() + &slow
}

fn times(settings: &Settings, result: &RowResult) -> String {
    let medians = medians(result);
    let ours = medians.get(&Program::Ours);
    let mut out = String::new();
    for (program, samples) in &result.samples {
        let is = medians[program];
        let walls = sorted(samples, |sample| sample.wall_s);
        let _ = writeln!(
            out,
            "| {} ({} files) | {} | {:.3} | {:.3}–{:.3} | {:.3} | {:.1} | {} | {} |",
            work(settings, result),
            result.files,
            program.name(),
            is.wall_s,
            walls[0],
            walls[walls.len() - 1],
            is.cpu_s,
            is.peak_mib,
            ratio(Some(is.wall_s), ours.map(|ours| ours.wall_s)),
            ratio(Some(is.cpu_s), ours.map(|ours| ours.cpu_s)),
        );
    }
    out
}

fn goals(settings: &Settings, result: &RowResult) -> String {
    let medians = medians(result);
    let wall = |program| medians.get(&program).map(|sample| sample.wall_s);
    let cpu = |program| medians.get(&program).map(|sample| sample.cpu_s);
    let (ours, rsync, cp, floor) =
        (wall(Program::Ours), wall(Program::Rsync), wall(Program::Cp), wall(Program::Floor));
    // Whoever does not choose gets the better engine, or nearly.
    let engine = wall(Program::Ring).zip(wall(Program::Syscalls)).map(|(ring, plain)| ring.min(plain));
    let peak = medians.get(&Program::Ours).map(|sample| sample.peak_mib);
    let goal = &result.row.goal;
    let checks = [
        goal.rsync.map(|least| (format!("rsync ≥ {least}"), over(rsync, ours).map(|is| is >= least))),
        goal.cp.map(|least| (format!("cp ≥ {least}"), over(cp, ours).map(|is| is >= least))),
        goal.floor.map(|most| (format!("floor ≤ {most}"), over(ours, floor).map(|is| is <= most))),
        engine.map(|best| {
            (format!("better engine ≤ {ENGINE_MOST}"), over(ours, Some(best)).map(|is| is <= ENGINE_MOST))
        }),
        goal.peak_mib.map(|most| (format!("peak ≤ {most} MiB"), peak.map(|is| is <= most))),
    ];
    let told = checks.into_iter().flatten().map(|(text, met)| format!("{text}: {}", verdict(met)));
    let cheaper = cpu(Program::Ours).zip(cpu(Program::Rsync)).map(|(ours, rsync)| ours < rsync);
    format!(
        "| {} | {} | {} | {} | {} | {} |\n",
        work(settings, result),
        ratio(rsync, ours),
        ratio(cp, ours),
        ratio(ours, floor),
        verdict(cheaper),
        told.collect::<Vec<_>>().join("; "),
    )
}

fn calls(result: &RowResult) -> String {
    let mut out = format!(
        "\n| system calls per file: {} | plain | through a ring | together | goal |\n",
        result.row.about
    );
    out += "|---|--:|--:|--:|---|\n";
    for (program, calls) in &result.calls {
        let per_file = |count: u64| count as f64 / result.files as f64;
        let (plain, ring) = (per_file(calls.plain), per_file(calls.ring));
        let goal = result.row.goal.calls.filter(|_| *program == Program::Ours);
        let told =
            goal.map(|most| format!("≤ {most}: {}", verdict(Some(plain + ring <= most)))).unwrap_or_default();
        let _ =
            writeln!(out, "| {} | {plain:.1} | {ring:.1} | {:.1} | {told} |", program.name(), plain + ring);
    }
    out
}

fn verdict(met: Option<bool>) -> &'static str {
    match met {
        Some(true) => "yes",
        Some(false) => "**no**",
        None => "not measured",
    }
}

fn over(above: Option<f64>, below: Option<f64>) -> Option<f64> {
    Some(above? / below?)
}

fn ratio(above: Option<f64>, below: Option<f64>) -> String {
    over(above, below).map_or("–".to_owned(), |ratio| format!("{ratio:.2}"))
}

fn medians(result: &RowResult) -> Medians {
    let of = |samples: &Vec<Sample>| Sample {
        wall_s: median(samples, |sample| sample.wall_s),
        cpu_s: median(samples, |sample| sample.cpu_s),
        peak_mib: median(samples, |sample| sample.peak_mib),
    };
    result.samples.iter().map(|(program, samples)| (*program, of(samples))).collect()
}

fn median(samples: &[Sample], of: impl Fn(&Sample) -> f64) -> f64 {
    let values = sorted(samples, of);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
}

fn sorted(samples: &[Sample], of: impl Fn(&Sample) -> f64) -> Vec<f64> {
    let mut values: Vec<_> = samples.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values
}

fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown processor", |(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(0, |count| count.get());
    format!("{model}, {cores} CPUs")
}

fn kernel() -> String {
    fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned()
}

fn commit() -> String {
    let asked = Command::new("git").args(["describe", "--always", "--dirty"]).output();
    let name =
        asked.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    if name.is_empty() { "no commit".to_owned() } else { name }
}
