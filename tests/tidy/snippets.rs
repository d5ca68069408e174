//! The checker checked: each file in `snippets/` marks the lines that must be found, and no others.
//!
//! Its first line is the path that the snippet pretends to have; `//~ rule` ends a line with a finding.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::check_source;
use crate::source::Source;

type Marks = BTreeSet<(usize, String)>;

#[test]
fn every_snippet_is_judged_as_marked() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tidy/snippets");
    let mut seen = 0;
    for entry in fs::read_dir(dir).expect("the snippets are there") {
        let path = entry.expect("a directory entry can be read").path();
        let text = fs::read_to_string(&path).expect("a snippet is text");
        let (first, rest) = text.split_once('\n').expect("a snippet has a first line");
        let pretended = first.strip_prefix("path: ").expect("the first line is `path: …`");
        let source = Source::parse(pretended, rest.to_owned()).expect("a snippet parses");
        let found: Marks = check_source(&source).into_iter().map(|f| (f.line, f.rule.to_owned())).collect();
        assert_eq!(found, marks(rest), "{} (found left, marked right)", path.display());
        seen += 1;
    }
    assert!(seen >= 8, "only {seen} snippets were found");
}

fn marks(text: &str) -> Marks {
    let lines = text.lines().enumerate();
    let marked = lines.filter_map(|(index, line)| Some((index + 1, line.split_once("//~ ")?.1)));
    marked
        .flat_map(|(line, rules)| rules.split_whitespace().map(move |rule| (line, rule.to_owned())))
        .collect()
}

#[test]
fn sizes_are_counted_without_inline_tests() {
    let body = "    let _ = 1;\n".repeat(69);
    let long = format!("//! Long.\n/// A doc comment.\nfn f() {{\n{body}}}\n");
    assert_eq!(rules_of("src/long.rs", &long), ["function-size"]);
    let fits = long.replacen("    let _ = 1;\n", "", 1);
    assert!(rules_of("src/long.rs", &fits).is_empty());

    let file = format!("//! Long.\n{}", "// x\n".repeat(600));
    assert_eq!(rules_of("src/long.rs", &file), ["file-size"]);
    assert!(rules_of("compat/src/options/table.rs", &file).is_empty());
    let tests = format!("//! Short.\n#[cfg(test)]\nmod tests {{\n{}}}\n", "    // x\n".repeat(700));
    assert!(rules_of("src/short.rs", &tests).is_empty());
}

fn rules_of(path: &str, text: &str) -> Vec<&'static str> {
    let source = Source::parse(path, text.to_owned()).expect("the text parses");
    check_source(&source).into_iter().map(|finding| finding.rule).collect()
}
