//! The style that a machine can check: sizes, signatures, layers, leftovers, documents.
//!
//! The rules and their numbers stand in CONTRIBUTING.md; each finding names file, line, rule and reason.

#![allow(clippy::disallowed_methods, reason = "a test may read files and print")]
#![allow(clippy::disallowed_macros, reason = "a test may read files and print")]

#[path = "tidy/bans.rs"]
mod bans;
#[path = "tidy/discarded.rs"]
mod discarded;
#[path = "tidy/documents.rs"]
mod documents;
#[path = "tidy/layers.rs"]
mod layers;
#[path = "tidy/manifests.rs"]
mod manifests;
#[path = "tidy/modules.rs"]
mod modules;
#[path = "tidy/paths.rs"]
mod paths;
#[path = "tidy/signatures.rs"]
mod signatures;
#[path = "tidy/sizes.rs"]
mod sizes;
#[path = "tidy/snippets.rs"]
mod snippets;
#[path = "tidy/source.rs"]
mod source;
#[path = "tidy/workspace.rs"]
mod workspace;

use source::{Finding, Source};

/// Every rule that looks at one Rust file alone.
fn check_source(source: &Source) -> Vec<Finding> {
    let checks = [sizes::check, signatures::check, layers::check, bans::check, discarded::check];
    checks.iter().flat_map(|check| check(source)).collect()
}

#[test]
fn the_workspace_is_tidy() {
    let files = workspace::files();
    let (sources, mut findings) = workspace::parse(&files);
    findings.extend(sources.iter().flat_map(check_source));
    findings.extend(sizes::check_spread(&sources));
    findings.extend(modules::check(&sources));
    findings.extend(manifests::check(&files));
    findings.extend(documents::check(&files));
    findings.sort();
    let shown = findings.iter().map(|finding| format!("  {finding}\n")).collect::<String>();
    assert!(findings.is_empty(), "{} findings:\n{shown}", findings.len());
}
