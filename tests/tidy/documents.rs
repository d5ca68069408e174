//! Documents describe the product as it is: plans, audits and status belong in issues.

use crate::source::Finding;
use crate::workspace::TextFile;

const WORK_NAMES: &[&str] =
    &["plan", "status", "todo", "roadmap", "audit", "summary", "report", "progress", "notes"];
const CHECKBOXES: &[&str] = &["- [ ]", "- [x]", "* [ ]", "* [x]"];

pub(crate) fn check(files: &[TextFile]) -> Vec<Finding> {
    files.iter().filter(|file| file.path.ends_with(".md")).flat_map(check_one).collect()
}

fn check_one(file: &TextFile) -> Vec<Finding> {
    let name = file.path.rsplit('/').next().unwrap_or_default().to_lowercase();
    let mut findings = Vec::new();
    let mut words = name.trim_end_matches(".md").split(|c: char| !c.is_alphanumeric());
    if words.any(|word| WORK_NAMES.contains(&word)) {
        let reason = "named after work, not after a part of the product";
        findings.push(Finding::new(&file.path, 1, "document", reason));
    }
    for (index, line) in file.text.lines().enumerate() {
        if CHECKBOXES.iter().any(|mark| line.trim_start().starts_with(mark)) {
            findings.push(Finding::new(
                &file.path,
                index + 1,
                "document",
                "a list of work belongs in an issue",
            ));
        }
    }
    findings
}

#[test]
fn a_document_about_work_is_found() {
    let file = |path: &str, text: &str| TextFile { path: path.to_owned(), text: text.to_owned() };
    let files = [
        file("docs/PERF_AUDIT.md", "Fast."),
        file("docs/planets.md", "Round.\n  - [ ] Mars\n"),
        file("docs/performance.md", "- [a link](x)\n"),
    ];
    let found = check(&files).into_iter().map(|finding| (finding.path, finding.line)).collect::<Vec<_>>();
    assert_eq!(found, [("docs/PERF_AUDIT.md".to_owned(), 1), ("docs/planets.md".to_owned(), 2)]);
}
