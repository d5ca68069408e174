//! The tests as text: their names, and the options in the commands that they run.
//!
//! rustfmt puts every item at the beginning of a line, so no parser is needed. A test's commands are the string
//! literals in it, and in the constants and functions of its file that it mentions.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rsync_compat::options::table::{Row, Value, find_long, find_short};

use crate::run::root;

/// Where tests lie, from the root of the workspace on.
const DIRS: [&str; 2] = ["compat-tests/tests", ALONE];
const ALONE: &str = "tests";

/// One test.
#[derive(Debug)]
pub(super) struct Test {
    /// The file's name without its ending.
    pub(super) file: String,
    /// The function.
    pub(super) name: String,
    /// Whether it starts our program alone, instead of comparing with rsync.
    pub(super) alone: bool,
    /// Options in its commands, by the name of their row.
    pub(super) options: BTreeSet<String>,
    /// The points that its name begins with: `s7_s8_…`.
    pub(super) points: BTreeSet<usize>,
}

/// Something at the beginning of a line that ends before the next such thing.
struct Item<'a> {
    name: &'a str,
    text: String,
    is_test: bool,
}

/// All tests that compare with rsync or start the program.
pub(super) fn all() -> Vec<Test> {
    let mut tests = Vec::new();
    for dir in DIRS {
        let entries = fs::read_dir(root().join(dir)).into_iter().flatten().flatten();
        let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths.iter().filter(|path| path.extension().is_some_and(|ending| ending == "rs")) {
            tests.extend(of_file(path).into_iter().map(|test| Test { alone: dir == ALONE, ..test }));
        }
    }
    tests
}

fn of_file(path: &Path) -> Vec<Test> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let file = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let items = items(&text);
    let tests = items.iter().filter(|item| item.is_test);
    tests
        .map(|test| Test {
            file: file.clone(),
            name: test.name.to_owned(),
            alone: false,
            options: options(test, &items),
            points: points(test.name),
        })
        .collect()
}

fn items(text: &str) -> Vec<Item<'_>> {
    let mut items: Vec<Item<'_>> = Vec::new();
    let mut is_test = false;
    for line in text.lines() {
        is_test |= line == "#[test]";
        let words: Vec<&str> =
            line.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
        let keyword = words.iter().position(|word| matches!(*word, "fn" | "const" | "static"));
        if let Some(at) = keyword.filter(|_| !line.starts_with([' ', '/', '#', '}'])) {
            let name = words.get(at + 1).copied().unwrap_or_default();
            items.push(Item { name, text: String::new(), is_test });
            is_test = false;
        }
        if let Some(item) = items.last_mut().filter(|_| !line.trim_start().starts_with("//")) {
            item.text += line;
            item.text += "\n";
        }
    }
    items
}

/// The options of a test and of what it mentions.
fn options(test: &Item<'_>, items: &[Item<'_>]) -> BTreeSet<String> {
    let (mut options, mut seen, mut waiting) = (BTreeSet::new(), BTreeSet::new(), vec![test]);
    while let Some(item) = waiting.pop() {
        if !seen.insert(item.name) {
            continue;
        }
        let mut code = String::new();
        for (index, part) in item.text.replace("\\\"", " ").split('"').enumerate() {
            if index % 2 == 1 {
                part.split_whitespace().for_each(|word| options.extend(in_word(word)));
            } else {
                code += part;
            }
        }
        let words: BTreeSet<&str> =
            code.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
        waiting.extend(items.iter().filter(|item| !item.is_test && words.contains(item.name)));
    }
    options
}

/// The rows that a word of a command line names.
fn in_word(word: &str) -> Vec<String> {
    if let Some(long) = word.strip_prefix("--") {
        let name = long.split('=').next().unwrap_or_default();
        return find_long(name.as_bytes()).map(|(row, _)| row.name()).into_iter().collect();
    }
    let mut found = Vec::new();
    for letter in word.strip_prefix('-').unwrap_or_default().bytes() {
        let Some(row) = find_short(letter) else { return Vec::new() };
        found.push(Row::name(row));
        if row.value != Value::None {
            break;
        }
    }
    found
}

fn points(name: &str) -> BTreeSet<usize> {
    let numbers = name.split('_').map_while(|part| part.strip_prefix('s')?.parse().ok());
    numbers.collect()
}

#[test]
fn a_test_has_the_options_of_what_it_mentions() {
    let text = "const MORE: [&str; 1] = [\"--del -e ssh\"];\n\nfn case() {}\n\n#[test]\nfn s7_s8_some() {\n    case(MORE, \"-aBH x --no-r\");\n}\n";
    let items = items(text);
    let test = items.iter().find(|item| item.is_test).expect("one test");
    let options: Vec<String> = options(test, &items).into_iter().collect();
    assert_eq!(options, ["--archive", "--block-size", "--del", "--recursive", "--rsh"]);
    assert_eq!(points(test.name).into_iter().collect::<Vec<_>>(), [7, 8]);
}
