//! The workspace's files, found by walking it: no git needed, build directories left out.

use std::fs;
use std::path::Path;

use crate::source::{Finding, Source};

/// A file's path from the workspace's root, with `/`, and its text.
pub(crate) struct TextFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Every Rust file, manifest and document.
pub(crate) fn files() -> Vec<TextFile> {
    let mut found = Vec::new();
    walk(Path::new(env!("CARGO_MANIFEST_DIR")), "", &mut found);
    assert!(found.iter().any(|file| file.path == "src/main.rs"), "the walk did not find the workspace");
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Parses the Rust files; one that does not parse is a finding.
pub(crate) fn parse(files: &[TextFile]) -> (Vec<Source>, Vec<Finding>) {
    let (mut sources, mut findings) = (Vec::new(), Vec::new());
    for file in files.iter().filter(|file| file.path.ends_with(".rs")) {
        match Source::parse(&file.path, file.text.clone()) {
            Ok(source) => sources.push(source),
            Err(finding) => findings.push(finding),
        }
    }
    (sources, findings)
}

fn walk(dir: &Path, prefix: &str, found: &mut Vec<TextFile>) {
    for entry in fs::read_dir(dir).expect("a directory of the workspace can be read") {
        let entry = entry.expect("a directory entry can be read");
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let kind = entry.file_type().expect("a directory entry has a type");
        if kind.is_dir() && !name.starts_with("target") && !name.starts_with('.') {
            walk(&entry.path(), &format!("{path}/"), found);
        } else if kind.is_file() && [".rs", ".toml", ".md"].iter().any(|end| name.ends_with(end)) {
            let text = fs::read_to_string(entry.path()).expect("a source file is readable text");
            found.push(TextFile { path, text });
        }
    }
}
