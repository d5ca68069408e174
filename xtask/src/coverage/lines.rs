//! What was counted, line by line: per part of the workspace, and the lines that nobody reached.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// How often each line of a file was reached; lines without code are not in it.
pub(super) type Lines = BTreeMap<usize, u64>;

/// Files by their path from the workspace's root.
pub(super) type Measured = BTreeMap<String, Lines>;

/// The parts that are summed up; those that come first win.
const PARTS: [&str; 6] =
    ["uring-ext/src/", "compat/src/", "src/pipeline/", "src/report/", "src/", "compat-tests/src/"];

/// Reads the lcov form. Tests, other people's crates and generators are left out.
pub(super) fn measured(lcov: &str, root: &Path) -> Measured {
    let mut all = Measured::new();
    let mut current = None;
    for line in lcov.lines() {
        if let Some(path) = line.strip_prefix("SF:") {
            let rel = Path::new(path).strip_prefix(root).ok().and_then(Path::to_str);
            current = rel.filter(|rel| is_product(rel)).map(str::to_owned);
        } else if let (Some(rel), Some(count)) = (&current, line.strip_prefix("DA:")) {
            let mut numbers = count.split(',').map(str::parse::<u64>);
            if let (Some(Ok(number)), Some(Ok(count))) = (numbers.next(), numbers.next()) {
                let number = usize::try_from(number).unwrap_or(usize::MAX);
                *all.entry(rel.clone()).or_default().entry(number).or_default() += count;
            }
        }
    }
    for (rel, lines) in &mut all {
        let text = fs::read_to_string(root.join(rel)).unwrap_or_default();
        let end = tests_begin(&text);
        lines.retain(|&number, _| number < end);
    }
    all
}

fn is_product(rel: &str) -> bool {
    PARTS.iter().any(|part| rel.starts_with(part)) && !rel.contains("/tests/") && !rel.ends_with("tests.rs")
}

/// The line on which a file's own tests begin.
fn tests_begin(text: &str) -> usize {
    let mut lines = text.lines();
    lines.position(|line| line == "#[cfg(test)]").map_or(usize::MAX, |at| at + 1)
}

/// A table in Markdown: parts, lines, lines reached.
pub(super) fn summary(measured: &Measured) -> String {
    let mut table = String::from("| part | lines | reached | |\n|---|---|---|---|\n");
    let mut row = |name: &str, lines: Vec<u64>| {
        let reached = lines.iter().filter(|&&count| count > 0).count();
        let share = 1000 * reached / lines.len().max(1);
        table += &format!("| {name} | {} | {reached} | {}.{} % |\n", lines.len(), share / 10, share % 10);
    };
    let part = |rel: &str| PARTS.iter().position(|part| rel.starts_with(part));
    for (index, name) in PARTS.iter().enumerate() {
        let files = measured.iter().filter(|(rel, _)| part(rel) == Some(index));
        row(&format!("`{name}`"), files.flat_map(|(_, lines)| lines.values().copied()).collect());
    }
    row("all", measured.values().flat_map(|lines| lines.values().copied()).collect());
    table
}

/// Each file with its share and the lines that were not reached, the worst first.
pub(super) fn uncovered(measured: &Measured) -> String {
    let mut files: Vec<(usize, String)> = Vec::new();
    for (rel, lines) in measured {
        let missed: Vec<usize> =
            lines.iter().filter(|(_, count)| **count == 0).map(|(line, _)| *line).collect();
        if !missed.is_empty() {
            let words: Vec<String> = missed.iter().map(usize::to_string).collect();
            files.push((
                missed.len(),
                format!("{rel}: {} of {}: {}", missed.len(), lines.len(), words.join(" ")),
            ));
        }
    }
    files.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
    files.iter().map(|(_, line)| format!("{line}\n")).collect()
}
