//! docs/differences.md and docs/compatibility.md: what differs from rsync, and which tests show what does not.

mod points;
mod tests_read;

use std::fmt::Write;

use compat_tests::known::KNOWN;
use rsync_compat::options::table::{Category, Row, State, rows};

use points::POINTS;
use tests_read::Test;

/// How many tests a row shows.
const SHOWN_MAX: usize = 3;

/// The known differences, each with its reason.
pub(crate) fn differences() -> String {
    let mut text = String::from(
        "# Known differences from rsync 3.5.0\n\nEach is expected by a test, which fails when the difference goes away. Written by `cargo xtask generate` from `compat-tests/src/known.rs`.\n\n| difference | shows in lines with | why it stays |\n|---|---|---|\n",
    );
    for known in KNOWN {
        let _ = writeln!(text, "| {} | `{}` | {} |", known.name, known.line, cell(known.reason));
    }
    text
}

/// Every option with its tests and state, every point of rsync's behaviour with its tests.
pub(crate) fn compatibility() -> String {
    let tests = tests_read::all();
    let mut text = String::from(
        "# Compatibility with rsync 3.5.0\n\nWhich tests run which option with rsync and with ours, the ones with the fewest other options first. Written by `cargo xtask generate` from the table of options and the tests; a test fails when an option or a point has none.\n",
    );
    for category in Category::ALL {
        let _ = writeln!(text, "\n## {}\n\n| option | state | tests |\n|---|---|---|", category.heading());
        for row in rows().filter(|row| row.category == category) {
            let names = [row.spellings(), row.no.iter().map(|no| format!("--{no}")).collect()].concat();
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            let _ =
                writeln!(text, "| {} | {} | {} |", names.join(" "), state(row), shown(&of_row(&tests, row)));
        }
    }
    text += "\n## Behaviour, point by point\n\n| point | what | tests |\n|---|---|---|\n";
    for (index, what) in POINTS.iter().enumerate() {
        let _ = writeln!(text, "| {} | {} | {} |", index + 1, what, shown(&of_point(&tests, index + 1)));
    }
    text
}

fn state(row: &Row) -> String {
    match row.state {
        State::Works => "works".to_owned(),
        State::NoEffect(why) => format!("accepted without effect: {}", cell(why)),
        State::Remote => "accepted; for other machines only".to_owned(),
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace("\\fB", "").replace("\\fR", "").replace("\\fI", "").replace("\\-", "-")
}

fn of_row<'a>(tests: &'a [Test], row: &Row) -> Vec<&'a Test> {
    let name = row.name();
    let mut found: Vec<&Test> = tests.iter().filter(|test| test.options.contains(&name)).collect();
    found.sort_by_key(|test| (test.alone, test.options.len(), &test.file, &test.name));
    found
}

fn of_point(tests: &[Test], point: usize) -> Vec<&Test> {
    tests.iter().filter(|test| test.points.contains(&point)).collect()
}

fn shown(tests: &[&Test]) -> String {
    let names: Vec<String> =
        tests.iter().take(SHOWN_MAX).map(|test| format!("{}: {}", test.file, test.name)).collect();
    if names.is_empty() { "**none**".to_owned() } else { names.join("; ") }
}

/// Options and points that no test mentions.
#[cfg(test)]
fn untested() -> Vec<String> {
    let tests = tests_read::all();
    let counts = |row: &&Row| row.category != Category::Ours;
    let options = rows().filter(counts).filter(|row| of_row(&tests, row).is_empty()).map(Row::name);
    let points = (1..=POINTS.len()).filter(|point| of_point(&tests, *point).is_empty());
    options.chain(points.map(|point| format!("s{point}: {}", POINTS[point - 1]))).collect()
}

#[test]
fn every_option_and_every_point_has_a_test() {
    let untested = untested();
    assert!(untested.is_empty(), "without a test that names them: {untested:#?}");
}
