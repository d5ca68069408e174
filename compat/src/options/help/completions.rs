//! Completions for bash, zsh and fish. clap only describes the options here; it parses nothing.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command, ValueHint};
use clap_complete::Shell as Generator;

use super::super::Bytes;
use super::super::table::{Row, Value, rows};
use super::super::words::Topic;

/// A shell that can complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// bash.
    Bash,
    /// zsh.
    Zsh,
    /// fish.
    Fish,
}

/// The script that completes the options of io-uring-sync in a shell.
#[must_use]
pub fn completions(shell: Shell) -> Bytes {
    let generator = match shell {
        Shell::Bash => Generator::Bash,
        Shell::Zsh => Generator::Zsh,
        Shell::Fish => Generator::Fish,
    };
    let mut script = Bytes::new();
    clap_complete::generate(generator, &mut command(), "io-uring-sync", &mut script);
    match shell {
        Shell::Bash => with_equal_signs(&script),
        Shell::Zsh | Shell::Fish => script,
    }
}

/// bash makes three words of `--io=ring`, which clap's script does not expect.
fn with_equal_signs(script: &[u8]) -> Bytes {
    const BEFORE: &str = "    prev=\"$3\"\n";
    const ADDED: &str = r#"    if [[ "${prev}" == "=" && ${COMP_CWORD} -ge 2 ]]; then
        prev="${COMP_WORDS[COMP_CWORD-2]}"
    elif [[ "${cur}" == "=" ]]; then
        cur=""
    fi
"#;
    String::from_utf8_lossy(script).replacen(BEFORE, &format!("{BEFORE}{ADDED}"), 1).into_bytes()
}

fn command() -> Command {
    let operands = Arg::new("OPERAND").action(ArgAction::Append).value_hint(ValueHint::AnyPath);
    Command::new("io-uring-sync")
        .disable_help_flag(true)
        .disable_version_flag(true)
        .args(
            rows()
                .filter(|row| is_offered(row))
                .flat_map(|row| [Some(plain(row)), negation(row)].into_iter().flatten()),
        )
        .arg(operands)
}

/// What only rsync itself passes on is not worth offering.
fn is_offered(row: &Row) -> bool {
    !row.help.is_empty() || !row.lines.is_empty()
}

fn plain(row: &'static Row) -> Arg {
    let mut arg = Arg::new(row.name()).help(summary(row)).visible_aliases(row.alias.iter().copied());
    if !row.long.is_empty() {
        arg = arg.long(row.long);
    }
    if let Some(letter) = row.short {
        arg = arg.short(char::from(letter));
    }
    valued(arg, row)
}

fn valued(arg: Arg, row: &Row) -> Arg {
    let arg = match row.value {
        Value::None => return arg.action(ArgAction::SetTrue),
        Value::File(_) => arg.value_hint(ValueHint::FilePath),
        Value::Dir(_) => arg.value_hint(ValueHint::DirPath),
        Value::Words(_, words) => arg.value_parser(PossibleValuesParser::new(words)),
        Value::Maybe(_, words) => {
            arg.value_parser(PossibleValuesParser::new(words)).num_args(0..=1).require_equals(true)
        }
        Value::Number(_) | Value::Text(_) => words_of(arg, row),
    };
    arg.action(ArgAction::Append)
}

fn words_of(arg: Arg, row: &Row) -> Arg {
    let topic = match row.long {
        "info" => Topic::Info,
        "debug" => Topic::Debug,
        _ => return arg.value_hint(ValueHint::Other),
    };
    let words = topic.names().map(str::to_ascii_lowercase).chain([
        "all".to_owned(),
        "none".to_owned(),
        "help".to_owned(),
    ]);
    arg.value_parser(PossibleValuesParser::new(words))
}

/// The first, longest way to turn it off.
fn negation(row: &'static Row) -> Option<Arg> {
    let name = row.no.first()?;
    Some(Arg::new(*name).long(*name).help(format!("turn off {}", row.name())).action(ArgAction::SetTrue))
}

fn summary(row: &Row) -> &'static str {
    let first = row.lines.first().map_or("", |(_, text)| text);
    if row.help.is_empty() { first } else { row.help }
}

#[cfg(test)]
mod tests {
    use super::{Shell, completions};

    #[test]
    fn scripts_know_the_options() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let script = String::from_utf8(completions(shell)).unwrap();
            for name in ["link-dest", "no-recursive", "workers", "syscalls", "progress"] {
                assert!(script.contains(name), "{shell:?} lacks {name}");
            }
            assert_eq!(script.contains("COMP_CWORD-2"), shell == Shell::Bash);
        }
    }
}
