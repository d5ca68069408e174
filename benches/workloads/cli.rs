//! The harness's own command line.

use std::path::PathBuf;
use std::time::Duration;

use crate::programs::{Program, Rival};
use crate::rows::{ROWS, Row};
use crate::volume::FsKind;

const HELP: &str = "\
usage: cargo xtask bench [OPTIONS]

  --rows A,B          only these rows (see below)
  --scale F           number of files, as a factor (default 1)
  --memory-files N    files of the memory rows (default 100000; the goal is stated for 1000000)
  --repeats N         timed rounds of each row (default 5); rows with a warm cache get one more, not counted
  --fs KIND           ext4 (default), xfs, btrfs: an image in RAM, loop-mounted; tmpfs
  --at DIR            work in DIR, on whatever file system it is, and mount nothing
  --source DIR        keep the source in DIR, such as on a real device, and only the rest in RAM
  --latency-ms N      keep the source on a device whose every read takes N ms, any number of them at once
  --ram DIR           where images lie (default /dev/shm)
  --programs A,B      of ours, rsync, cp, floor (default: all of these); ring and syscalls are ours with --io;
                      tar, fpsync, rclone, xcp and rcp for rows that begin without a destination
  --rival NAME=CMD    one more program, by a command in which {source} and {destination} stand for the trees;
                      after --programs
  --subject PATH      the program under test (default: this workspace's, built in release mode)
  --subject-arg ARG   one more argument for it, such as --io=syscalls; may be repeated
  --rsync PATH        the rsync to compare with (default: the one on PATH)

rows:
";

/// What a person asked for.
pub(crate) enum Asked {
    Text(String),
    Run(Box<Settings>),
}

pub(crate) struct Settings {
    pub(crate) rows: Vec<&'static Row>,
    pub(crate) scale: f64,
    pub(crate) memory_files: usize,
    pub(crate) repeats: usize,
    pub(crate) fs: FsKind,
    pub(crate) at: Option<PathBuf>,
    pub(crate) source: Option<PathBuf>,
    pub(crate) latency: Option<Duration>,
    pub(crate) ram: PathBuf,
    pub(crate) programs: Vec<Program>,
    pub(crate) subject: PathBuf,
    pub(crate) subject_args: Vec<String>,
    pub(crate) rsync: PathBuf,
    /// The options as typed, to be shown beside the numbers.
    pub(crate) typed: String,
}

/// Cargo says `--bench` when it means to measure; `cargo test --benches` does not.
pub(crate) fn parse(args: &[String]) -> Result<Asked, String> {
    let Some(at) = args.iter().position(|arg| arg == "--bench") else {
        return Ok(Asked::Text("not measuring: run `cargo xtask bench`\n".to_owned()));
    };
    let args = [&args[..at], &args[at + 1..]].concat();
    if args.iter().any(|arg| arg == "--help") {
        return Ok(Asked::Text(help()));
    }
    let mut settings = defaults(args.join(" "));
    let mut left = args.iter();
    while let Some(arg) = left.next() {
        let (name, value) = match arg.split_once('=') {
            Some((name, value)) => (name, value.to_owned()),
            None => (arg.as_str(), left.next().ok_or(format!("{arg} needs a value, or is unknown"))?.clone()),
        };
        set(&mut settings, name, value)?;
    }
    Ok(Asked::Run(Box::new(settings)))
}

fn help() -> String {
    let rows = ROWS.iter().map(|row| format!("  {:<16}{}\n", row.name, row.about));
    std::iter::once(HELP.to_owned()).chain(rows).collect()
}

fn defaults(typed: String) -> Settings {
    Settings {
        rows: ROWS.iter().collect(),
        scale: 1.0,
        memory_files: 100_000,
        repeats: 5,
        fs: FsKind::Ext4,
        at: None,
        source: None,
        latency: None,
        ram: "/dev/shm".into(),
        programs: Program::USUAL.to_vec(),
        subject: env!("CARGO_BIN_EXE_io-uring-sync").into(),
        subject_args: Vec::new(),
        rsync: "rsync".into(),
        typed,
    }
}

fn set(settings: &mut Settings, name: &str, value: String) -> Result<(), String> {
    match name {
        "--rows" => settings.rows = list(&value, |name| ROWS.iter().find(|row| row.name == name))?,
        "--scale" => settings.scale = number(name, &value)?,
        "--memory-files" => settings.memory_files = number(name, &value)?,
        "--repeats" => settings.repeats = number::<usize>(name, &value)?.max(1),
        "--fs" => settings.fs = FsKind::by_name(&value).ok_or(format!("no file system {value}"))?,
        "--at" => settings.at = Some(value.into()),
        "--source" => settings.source = Some(value.into()),
        "--latency-ms" => {
            settings.latency = Some(Duration::from_secs_f64(number::<f64>(name, &value)? / 1e3))
        }
        "--ram" => settings.ram = value.into(),
        "--programs" => settings.programs = list(&value, Program::by_name)?,
        "--rival" => settings.programs.push(rival(&value)?),
        "--subject" => settings.subject = value.into(),
        "--subject-arg" => settings.subject_args.push(value),
        "--rsync" => settings.rsync = value.into(),
        _ => return Err(format!("unknown option {name} (see --help)")),
    }
    Ok(())
}

/// A program by its command, which lives as long as the process.
fn rival(words: &str) -> Result<Program, String> {
    let (name, command) = words.split_once('=').ok_or("--rival takes NAME=COMMAND")?;
    let kept = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    Ok(Program::Rival(Box::leak(Box::new(Rival {
        name: kept(name),
        command: kept(command),
        version: kept(&format!("{} --version", command.split(' ').next().unwrap_or_default())),
    }))))
}

fn list<T>(names: &str, find: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, String> {
    names.split(',').map(|name| find(name).ok_or(format!("unknown name {name} (see --help)"))).collect()
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{name} takes a number, not {value}"))
}
