//! Who may reach for what: crates know only those below them, stages don't know each other.

use std::collections::BTreeSet;

use crate::paths::{Named, named};
use crate::source::{Area, Finding, Source};

use Area::{Compat, Program, UringExt};

/// A path that may not be named in some areas, but for a few files that are its home.
struct Ban {
    paths: &'static [&'static str],
    areas: &'static [Area],
    homes: &'static [&'static str],
    reason: &'static str,
}

const BANS: &[Ban] = &[
    Ban { paths: &["uring_ext"], areas: &[Compat], homes: &[], reason: "compat knows nothing of uring-ext" },
    Ban {
        paths: &["io_uring_sync"],
        areas: &[Compat, UringExt],
        homes: &[],
        reason: "a library knows nothing of the program",
    },
    Ban {
        paths: &["rsync_compat"],
        areas: &[UringExt],
        homes: &[],
        reason: "uring-ext knows nothing of rsync",
    },
    Ban {
        paths: &["std::fs", "tokio::fs", "std::os::unix::fs", "libc", "nix", "rustix", "io_uring"],
        areas: &[Program, Compat],
        homes: &[],
        reason: "only uring-ext talks to the kernel",
    },
    Ban {
        paths: &["std::env"],
        areas: &[Program, Compat, UringExt],
        homes: &["src/main.rs", "uring-ext/src/probe.rs"],
        reason: "only main.rs reads arguments and environment",
    },
    Ban {
        paths: &["std::process::exit", "std::process::abort", "std::process::ExitCode"],
        areas: &[Program, Compat, UringExt],
        homes: &["src/main.rs"],
        reason: "only main.rs ends the process",
    },
    Ban {
        paths: &["std::io::stdout", "std::io::stderr", "std::io::Stdout", "std::io::Stderr"],
        areas: &[Program, Compat, UringExt],
        homes: &["src/report/"],
        reason: "only report/ writes to standard output and error",
    },
    Ban {
        paths: &["print!", "println!", "eprint!", "eprintln!", "tokio::io::stdout", "tokio::io::stderr"],
        areas: &[Program, Compat, UringExt],
        homes: &["src/report/"],
        reason: "only report/ writes to standard output and error",
    },
    Ban {
        paths: &["std::process", "std::net", "std::thread", "std::io::stdin", "tokio"],
        areas: &[Compat],
        homes: &[],
        reason: "compat is pure: bytes in, values and bytes out",
    },
];

/// Types of `nix` that may stand in signatures of the program.
const NIX_TYPES: &[&str] =
    &["nix::sys::stat::Mode", "nix::unistd::Uid", "nix::unistd::Gid", "nix::errno::Errno"];
/// The stages, a folder each; none knows another.
const STAGES: &[&str] = &["walk", "compare", "apply"];
/// What joins stages, known only to each other: the passes of a run, and the entries of a directory.
const ORDERS: &[&str] = &["run", "entries"];
/// Who else may know stages: the order of work in one directory, and the jobs that travel.
const JOINERS: &[&str] = &["mod", "engine/jobs"];
/// Stages that decide from values alone, and the values of uring-ext that they may see.
const PURE: &[&str] =
    &["src/pipeline/walk/filter.rs", "src/pipeline/compare/decide.rs", "src/pipeline/compare/directory.rs"];
const PURE_TYPES: &[&str] = &["uring_ext::plain::Time", "uring_ext::mode::errno"];

pub(crate) fn check(source: &Source) -> Vec<Finding> {
    if !source.area.is_shipped() {
        return Vec::new();
    }
    let broken = named(source).into_iter().filter(|named| !named.in_test).filter_map(|named| {
        let reason = judge(source, &named.path)?;
        // The import itself is the finding, not each use of it.
        let told = named.import.as_ref().is_some_and(|import| judge(source, import).is_some());
        (!told).then(|| describe(&named, &reason))
    });
    let unique: BTreeSet<(usize, String)> = broken.collect();
    unique.into_iter().map(|(line, reason)| source.finding(line, "layer", reason)).collect()
}

fn describe(named: &Named, reason: &str) -> (usize, String) {
    (named.line, format!("`{}`: {reason}", named.path.join("::")))
}

fn judge(source: &Source, path: &[String]) -> Option<String> {
    let banned = BANS.iter().find(|ban| ban.applies(source, path)).map(|ban| ban.reason.to_owned());
    banned.or_else(|| impure(source, path)).or_else(|| crosses_stages(source, path))
}

impl Ban {
    fn applies(&self, source: &Source, path: &[String]) -> bool {
        self.areas.contains(&source.area)
            && !self.homes.iter().any(|home| source.path.starts_with(home))
            && self.paths.iter().any(|banned| starts_with(path, banned))
            && !NIX_TYPES.iter().any(|allowed| starts_with(path, allowed))
    }
}

fn starts_with(path: &[String], prefix: &str) -> bool {
    let count = prefix.split("::").count();
    path.len() >= count && path.iter().zip(prefix.split("::")).all(|(is, wanted)| is == wanted)
}

fn impure(source: &Source, path: &[String]) -> Option<String> {
    let reaches = ["uring_ext", "tokio"].iter().any(|outside| starts_with(path, outside))
        && !PURE_TYPES.iter().any(|value| starts_with(path, value));
    (PURE.contains(&source.path.as_str()) && reaches)
        .then(|| "this stage decides from values alone".to_owned())
}

fn crosses_stages(source: &Source, path: &[String]) -> Option<String> {
    let file = source.path.strip_prefix("src/pipeline/")?.trim_end_matches(".rs");
    let own = file.split('/').next()?;
    let [root, pipeline, other, ..] = path else { return None };
    if root != "crate" || pipeline != "pipeline" || other == own || !is_module(other) {
        return None;
    }
    let joined = STAGES.contains(&other.as_str()) || ORDERS.contains(&other.as_str());
    let may = !joined || ORDERS.contains(&own) || JOINERS.contains(&file);
    (!may).then(|| format!("`{file}` does not know `{other}`; pipeline/mod.rs and entries/ join stages"))
}

fn is_module(name: &str) -> bool {
    name.starts_with(|first: char| first.is_lowercase())
}
