//! The checked-in completions, in the shells that they are for; the man page, by groff.
#![expect(clippy::disallowed_methods, reason = "tests make and look at files by path")]

use std::fs;
use std::process::Command;

use tempfile::TempDir;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A directory with something to name.
fn place() -> TempDir {
    let place = TempDir::new().unwrap();
    fs::create_dir(place.path().join("photos")).unwrap();
    fs::write(place.path().join("phone.txt"), "").unwrap();
    place
}

fn output(place: &TempDir, program: &str, args: &[&str]) -> Vec<String> {
    let output =
        Command::new(program).args(args).current_dir(place.path()).env("HOME", place.path()).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}; `cargo xtask test` installs it"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{program}: {said}{}", String::from_utf8_lossy(&output.stderr));
    said.lines().map(|line| line.split('\t').next().unwrap_or(line).trim_end().to_owned()).collect()
}

fn has(offered: &[String], wanted: &[&str], shell: &str) {
    for word in wanted {
        assert!(offered.iter().any(|offer| offer == word), "{shell} does not offer {word}: {offered:?}");
    }
}

/// What bash offers for the last of these words.
fn bash(words: &[&str]) -> Vec<String> {
    let list: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let script = format!(
        "source {ROOT}/completions/io-uring-sync.bash
         COMP_WORDS=(io-uring-sync {words}); COMP_CWORD={count}
         function=$(complete -p io-uring-sync | sed 's/.*-F \\([^ ]*\\).*/\\1/')
         compopt() {{ :; }}
         $function io-uring-sync \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words = list.join(" "),
        count = words.len(),
    );
    output(&place(), "bash", &["--norc", "-c", &script])
}

#[test]
fn bash_completes() {
    has(&bash(&["--del"]), &["--delete", "--delete-before", "--delete-excluded"], "bash");
    has(&bash(&["-a", "--io", "=", ""]), &["auto", "ring", "syscalls"], "bash");
    has(&bash(&["--info", "=", "p"]), &["progress"], "bash");
    has(&bash(&["-a", "--checksum-choice", "x"]), &["xxh128", "xxh3", "xxh64"], "bash");
    // For operands bash falls back on the names of files.
    assert_eq!(bash(&["-a", "--delete", "pho"]), [""]);
    let script = format!("source {ROOT}/completions/io-uring-sync.bash; complete -p io-uring-sync");
    let registered = output(&place(), "bash", &["--norc", "-c", &script]).concat();
    assert!(registered.contains("-o default"), "{registered}");
}

/// What a bash that somebody types into makes of a line when Tab is pressed.
fn typed_into_bash(line: &str) -> String {
    let place = place();
    fs::write(place.path().join("rc"), format!("PS1='READY '; source {ROOT}/completions/io-uring-sync.bash"))
        .unwrap();
    let script = format!(
        "zmodload zsh/zpty; zpty b env TERM=dumb bash --noprofile --rcfile rc -i
         zpty -r -m b said '*READY*'; zpty -w -n b $'{line}\\t\\x01echo SAID \\nexit\\n'
         while zpty -r b said; do print -r -- \"$said\"; done; zpty -d b"
    );
    output(&place, "zsh", &["-f", "-c", &script]).join("\n")
}

#[test]
fn bash_completes_what_is_typed() {
    for (line, whole) in [
        ("io-uring-sync --delete-b", "--delete-before"),
        ("io-uring-sync -a --info=prog", "--info=progress"),
        ("io-uring-sync -a --link-dest=pho", "--link-dest=photos/"),
        ("io-uring-sync -a --exclude-from=phone", "--exclude-from=phone.txt"),
        ("io-uring-sync -a phone", " phone.txt"),
        ("io-uring-sync -a photo", " photos/"),
    ] {
        let said = typed_into_bash(line);
        assert!(
            said.lines().any(|said| said.trim_start().starts_with("SAID") && said.contains(whole)),
            "{line}: {said:?}"
        );
    }
}

#[test]
fn fish_completes() {
    let fish = |line: &str| {
        let script = format!("source {ROOT}/completions/io-uring-sync.fish; complete -C '{line}'");
        output(&place(), "fish", &["--no-config", "-c", &script])
    };
    has(&fish("io-uring-sync --del"), &["--delete", "--delete-before"], "fish");
    has(&fish("io-uring-sync -a --io="), &["--io=auto", "--io=ring"], "fish");
    has(&fish("io-uring-sync --info=p"), &["--info=progress"], "fish");
    has(&fish("io-uring-sync --link-dest=pho"), &["--link-dest=photos/"], "fish");
    has(&fish("io-uring-sync -a pho"), &["photos/", "phone.txt"], "fish");
}

/// zsh completes only on a terminal: one of its own, by zpty, with the words listed one in a line.
fn zsh(line: &str) -> Vec<String> {
    let place = place();
    let inner = format!(
        "PROMPT=; fpath=({ROOT}/completions $fpath); autoload -U compinit; compinit -u -d zcompdump
         bindkey '^I' complete-word; zstyle ':completion:*' list-separator ' '
         zstyle ':completion:*' verbose no
         compadd() {{ builtin compadd -O found \"$@\"; (( $#found )) && print -rl -- '<'$^found'>'; }}
         print READY"
    );
    fs::write(place.path().join(".zshrc"), inner).unwrap();
    let script = format!(
        "zmodload zsh/zpty; zpty z env ZDOTDIR=$PWD HOME=$PWD TERM=dumb zsh -i
         zpty -r -m z line '*READY*'; zpty -w -n z $'{line}\\t'; sleep 2
         while zpty -r -t z line; do print -r -- \"$line\"; done; zpty -d z"
    );
    let said = output(&place, "zsh", &["-f", "-c", &script]).join("\n");
    said.split('<').filter_map(|part| part.split_once('>')).map(|(word, _)| word.to_owned()).collect()
}

#[test]
fn zsh_completes() {
    has(&zsh("io-uring-sync --del"), &["--delete", "--delete-before"], "zsh");
    has(&zsh("io-uring-sync -a --io="), &["auto", "ring", "syscalls"], "zsh");
    has(&zsh("io-uring-sync --info=p"), &["progress"], "zsh");
    has(&zsh("io-uring-sync --exclude-from=pho"), &["phone.txt"], "zsh");
    has(&zsh("io-uring-sync -a pho"), &["phone.txt"], "zsh");
}

#[test]
fn the_man_page_renders_without_a_warning() {
    let page = format!("{ROOT}/man/io-uring-sync.1");
    let readers: [(&str, &[&str]); 2] =
        [("groff", &["-man", "-ww", "-Tutf8"]), ("man", &["--warnings", "-E", "UTF-8", "-l", "-Tutf8"])];
    for (program, args) in readers {
        let output = Command::new(program).args(args).arg(&page).output();
        let output =
            output.unwrap_or_else(|error| panic!("{program}: {error}; `cargo xtask test` installs it"));
        assert!(output.status.success(), "{program}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{program}");
        assert!(output.stdout.len() > 50_000, "{program}");
    }
}

/// A variable that the program looks at and nobody tells about would be a trap.
#[test]
fn the_man_page_names_every_variable_of_the_environment() {
    let page = fs::read_to_string(format!("{ROOT}/man/io-uring-sync.1")).unwrap();
    let source = fs::read_to_string(format!("{ROOT}/src/main.rs")).unwrap();
    let quoted = source.split('"').skip(1).step_by(2);
    let is_variable =
        |word: &&str| word.len() > 1 && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    let variables: Vec<&str> = quoted.filter(is_variable).collect();
    assert!(variables.len() > 5, "{variables:?}");
    for variable in variables {
        assert!(page.contains(&format!("\\fB{variable}\\fR")), "{variable}");
    }
}
