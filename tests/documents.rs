//! The documents: their commands are real, those marked `sh run` run, links lead somewhere, no message is forgotten.
#![expect(clippy::disallowed_methods, reason = "tests make and look at files by path")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rsync_compat::options::help::CalledAs;
use rsync_compat::options::resolve::{self, Facts};
use tempfile::TempDir;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn documents() -> Vec<(PathBuf, String)> {
    let docs = fs::read_dir(Path::new(ROOT).join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages = docs.filter(|path| path.extension().is_some_and(|kind| kind == "md"));
    let all: Vec<PathBuf> = pages.chain([Path::new(ROOT).join("README.md")]).collect();
    assert!(all.len() > 8, "{all:?}");
    all.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// Blocks of a document with what stands behind the backticks.
fn blocks(text: &str) -> Vec<(&str, &str)> {
    let fenced = text.split("\n```").skip(1).step_by(2);
    fenced.map(|block| block.split_once('\n').unwrap_or((block, ""))).collect()
}

fn shell_blocks() -> Vec<(PathBuf, String, bool)> {
    let mut found = Vec::new();
    for (path, text) in documents() {
        for (kind, block) in blocks(&text) {
            if kind == "sh" || kind == "sh run" {
                found.push((path.clone(), block.to_owned(), kind == "sh run"));
            }
        }
    }
    found
}

#[test]
fn commands_are_shell() {
    for (path, block, _) in shell_blocks() {
        let output = Command::new("bash").args(["-n", "-c", &block]).output().unwrap();
        assert!(output.status.success(), "{}: {}\n{block}", path.display(), text(&output.stderr));
    }
}

#[test]
fn options_in_commands_exist() {
    let facts = Facts::bare(CalledAs::Own);
    let mut seen = 0;
    for (path, block, _) in shell_blocks() {
        for line in block.replace("\\\n", " ").lines() {
            let Some((_, args)) = line.split_once("io-uring-sync ") else { continue };
            let args = args.split(" | ").next().unwrap_or(args);
            let args = args.split(" || ").next().unwrap_or(args).split(" && ").next().unwrap_or(args);
            // What a variable holds is the shell's to know.
            let typed = args.split_whitespace().filter(|word| !word.starts_with("--") || !word.contains('$'));
            let words: Vec<Vec<u8>> = typed.map(|word| word.replace(['\'', '"'], "").into_bytes()).collect();
            seen += 1;
            if let Err(error) = resolve::read(&words, &facts) {
                panic!("{}: {line}\n{}", path.display(), text(&error.text()));
            }
        }
    }
    assert!(seen > 20, "only {seen} commands were found");
}

/// A place with a tree `src`, and the program and the example scripts on PATH.
fn place() -> TempDir {
    let place = TempDir::new().unwrap();
    let src = place.path().join("src");
    fs::create_dir_all(src.join("cache")).unwrap();
    for (name, contents) in [("a.txt", "one"), ("b.jpg", "two"), ("c.tmp", "three"), ("cache/d", "four")] {
        fs::write(src.join(name), contents).unwrap();
    }
    fs::create_dir(place.path().join("old")).unwrap();
    place
}

#[test]
fn commands_that_should_run_do() {
    let program = Path::new(env!("CARGO_BIN_EXE_io-uring-sync"));
    let path = format!(
        "{}:{ROOT}/docs/examples:{}",
        program.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let mut pages: Vec<PathBuf> = Vec::new();
    let mut shared = place();
    for (page, block, runs) in shell_blocks() {
        if !runs {
            continue;
        }
        // The blocks of a page follow each other.
        if pages.last() != Some(&page) {
            shared = place();
            pages.push(page.clone());
        }
        let output = Command::new("bash")
            .args(["-e", "-c", &block])
            .current_dir(shared.path())
            .env("PATH", &path)
            .env("IO_URING_SYNC_DELEGATE", "never")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}: {}\n{block}\n{}{}",
            page.display(),
            output.status,
            text(&output.stdout),
            text(&output.stderr)
        );
    }
    assert!(pages.len() >= 6, "{pages:?}");
}

#[test]
fn snapshots_of_the_nightly_backup_share_what_did_not_change() {
    let place = place();
    let backup = place.path().join("backup");
    fs::create_dir(&backup).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_io-uring-sync")).parent().unwrap();
    let night = |date: &str| {
        let output = Command::new(format!("{ROOT}/docs/examples/nightly-backup"))
            .args(["src", "backup", "2"])
            .current_dir(place.path())
            .env("DATE", date)
            .env("PATH", format!("{}:{}", program.display(), std::env::var("PATH").unwrap()))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
    };
    night("2026-01-01");
    fs::write(place.path().join("src/a.txt"), "changed").unwrap();
    night("2026-01-02");
    let inode = |path: &str| {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(backup.join(path)).unwrap().ino()
    };
    assert_eq!(inode("2026-01-01/b.jpg"), inode("2026-01-02/b.jpg"));
    assert_ne!(inode("2026-01-01/a.txt"), inode("2026-01-02/a.txt"));
    night("2026-01-03");
    assert!(!backup.join("2026-01-01").exists());
    assert_eq!(fs::read_link(backup.join("latest")).unwrap(), Path::new("2026-01-03"));
}

#[test]
fn the_sandbox_of_the_service_allows_the_ring() {
    let service = fs::read_to_string(format!("{ROOT}/docs/examples/nightly-backup.service")).unwrap();
    assert!(
        service.contains("SystemCallFilter=@system-service\n") && !service.contains("\nRestrictSUIDSGID=")
    );
    let Ok(output) = Command::new("systemd-analyze").args(["syscall-filter", "@aio"]).output() else {
        // Machines without systemd have no use for the unit either.
        return;
    };
    for call in ["io_uring_setup", "io_uring_enter", "io_uring_register"] {
        assert!(text(&output.stdout).contains(call), "{call} is not in @aio, which @system-service has");
    }
    let groups =
        Command::new("systemd-analyze").args(["syscall-filter", "@system-service"]).output().unwrap();
    assert!(text(&groups.stdout).contains("@aio"));
}

#[test]
fn links_lead_somewhere() {
    for (page, contents) in documents() {
        for link in contents.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link)
        {
            let file = link.split('#').next().unwrap_or(link);
            if file.is_empty() || file.contains("://") {
                continue;
            }
            assert!(page.parent().unwrap().join(file).exists(), "{}: {link}", page.display());
        }
    }
}

/// The words of failures, from the one place that has them.
#[test]
fn troubleshooting_knows_every_message() {
    let page = fs::read_to_string(format!("{ROOT}/docs/troubleshooting.md")).unwrap();
    let source = fs::read_to_string(format!("{ROOT}/src/report/errors.rs")).unwrap();
    let mut seen = 0;
    for frame in source.split("=> Frame(\"").skip(1) {
        let (before, rest) = frame.split_once("\", \"").unwrap();
        let after = rest.split_once("\"),").unwrap().0;
        let words = |text: &str| text.replace("\\\"", "\"");
        for part in [words(before), words(after)] {
            let part = part.trim_matches(['"', ' ', ')', '(', ':']).to_owned();
            seen += usize::from(part.len() > 6);
            assert!(part.len() <= 6 || page.contains(&part), "{part:?} is not in docs/troubleshooting.md");
        }
    }
    assert!(seen > 25, "only {seen} messages were found");
}

/// Where the words are with which a run is refused or ended.
const REFUSING: [&str; 16] = [
    "compat/src/chmod.rs",
    "compat/src/filter/error.rs",
    "compat/src/idmap.rs",
    "compat/src/options/conflicts.rs",
    "compat/src/options/error.rs",
    "compat/src/options/operands.rs",
    "compat/src/options/resolve.rs",
    "compat/src/options/variables.rs",
    "compat/src/size.rs",
    "src/batch/begin.rs",
    "src/batch/read.rs",
    "src/control.rs",
    "src/copy_as.rs",
    "src/delegate.rs",
    "src/setup.rs",
    "src/target.rs",
];
/// The page names these messages by what they have in common.
const ALIKE: [&str; 5] = [
    " cannot be used with ",
    " conflicts with ",
    " cannot be combined with ",
    " can not be used together",
    " cannot be empty",
];

#[test]
fn troubleshooting_knows_every_refusal() {
    let page = fs::read_to_string(format!("{ROOT}/docs/troubleshooting.md")).unwrap();
    let (mut seen, mut missing) = (0, Vec::new());
    for file in REFUSING {
        let source = fs::read_to_string(Path::new(ROOT).join(file)).unwrap();
        let code = source.split("#[cfg(test)]").next().unwrap();
        let mut literals = Vec::new();
        push_literals(code.parse().unwrap(), &mut literals);
        for literal in
            literals.iter().filter(|text| text.trim().contains(' ') && !text.starts_with("rsync error"))
        {
            let known = ALIKE.iter().find(|words| literal.contains(**words)).copied();
            let words = known.unwrap_or_else(|| longest_part(literal));
            seen += usize::from(words.len() > 11);
            if words.len() > 11 && !page.contains(words) {
                missing.push(format!("{file}: {words:?} of {literal:?}"));
            }
        }
    }
    assert!(missing.is_empty(), "not in docs/troubleshooting.md:\n{}", missing.join("\n"));
    assert!(seen > 60, "only {seen} messages were found");
}

/// Texts in code, without attributes, which comments are as well.
fn push_literals(tokens: proc_macro2::TokenStream, found: &mut Vec<String>) {
    use proc_macro2::TokenTree;
    let mut after_hash = false;
    for token in tokens {
        match token {
            TokenTree::Group(group) if !after_hash => push_literals(group.stream(), found),
            TokenTree::Literal(literal) => match syn::Lit::new(literal) {
                syn::Lit::Str(text) => found.push(text.value()),
                syn::Lit::ByteStr(bytes) => found.push(text(&bytes.value())),
                _ => {}
            },
            TokenTree::Group(_) | TokenTree::Ident(_) | TokenTree::Punct(_) => {
                let word = token.to_string();
                after_hash = word == "#" || after_hash && word == "!";
                continue;
            }
        }
        after_hash = false;
    }
}

/// What stays the same of a message, the longest piece of it.
fn longest_part(message: &str) -> &str {
    let parts = message.split(['"', '{', '}', '\n']);
    let longest = parts.max_by_key(|part| part.len()).unwrap_or_default();
    let bare = ["rsync: ", "[sender] ", "[client] ", "[Receiver] ", "ERROR: "];
    let stripped = bare.iter().fold(longest, |part, prefix| part.strip_prefix(prefix).unwrap_or(part));
    stripped.trim_matches([' ', ':', '(', ')', '\''])
}

#[test]
fn every_exit_value_has_its_row() {
    use rsync_compat::exit::Exit;
    let page = fs::read_to_string(format!("{ROOT}/docs/exit-codes.md")).unwrap();
    for exit in [
        Exit::Syntax,
        Exit::Protocol,
        Exit::FileSelection,
        Exit::Unsupported,
        Exit::FileIo,
        Exit::Ipc,
        Exit::Crashed,
        Exit::SignalUser,
        Exit::Signal,
        Exit::OutOfMemory,
        Exit::Partial,
        Exit::Vanished,
        Exit::MaxDelete,
        Exit::Timeout,
    ] {
        assert!(page.contains(&format!("| {} | {} |", exit.code(), exit.text())), "{}", exit.code());
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
