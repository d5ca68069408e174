//! The crate lines in the manifests: which crate may not depend on which.

use crate::source::Finding;
use crate::workspace::TextFile;

/// Manifest, dependencies it may not have, reason.
const RULES: &[(&str, &[&str], &str)] = &[
    ("Cargo.toml", &["libc", "rustix", "io-uring"], "only uring-ext talks to the kernel"),
    (
        "compat/Cargo.toml",
        &["io-uring-sync", "uring-ext", "libc", "nix", "rustix", "io-uring", "tokio"],
        "compat is pure and knows nothing above or beside it",
    ),
    ("uring-ext/Cargo.toml", &["io-uring-sync", "rsync-compat"], "uring-ext knows nothing of rsync"),
];

pub(crate) fn check(files: &[TextFile]) -> Vec<Finding> {
    let manifests = files.iter().filter_map(|file| {
        let (_, banned, reason) = RULES.iter().find(|(path, ..)| *path == file.path)?;
        Some(check_one(file, banned, reason))
    });
    manifests.flatten().collect()
}

fn check_one(file: &TextFile, banned: &[&str], reason: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut section = "";
    for (index, line) in file.text.lines().enumerate() {
        if line.starts_with('[') {
            section = line;
        }
        let name = line.split(['=', '.']).next().unwrap_or_default().trim();
        if section.ends_with("dependencies]") && !section.contains("dev-") && banned.contains(&name) {
            findings.push(Finding::new(&file.path, index + 1, "manifest", format!("`{name}`: {reason}")));
        }
    }
    findings
}

#[test]
fn a_dependency_that_crosses_a_crate_line_is_found() {
    let text =
        "[dependencies]\nmemchr = \"2\"\nuring-ext.workspace = true\n[dev-dependencies]\nnix = \"1\"\n";
    let found = check(&[TextFile { path: "compat/Cargo.toml".to_owned(), text: text.to_owned() }]);
    assert_eq!(found.iter().map(|finding| finding.line).collect::<Vec<_>>(), [3]);
}
