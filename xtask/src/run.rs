//! Starting programs: each command is shown before it runs, and a failure names it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The outcome of a step; the error is the message to show.
pub(crate) type Step = Result<(), String>;

/// The workspace's root directory.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").to_owned()
}

/// A cargo command in the workspace's root.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(args);
    command
}

/// Shows a command, runs it with our own output, and turns a bad status into a message.
pub(crate) fn run(command: &mut Command) -> Step {
    let shown = describe(command);
    println!("+ {shown}");
    let status =
        command.stdin(Stdio::null()).status().map_err(|error| format!("cannot start {shown}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("failed ({status}): {shown}")) }
}

/// What a command prints on its standard output, if it can be started and succeeds.
pub(crate) fn output_of(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program is on PATH, or in the system directories that a user's PATH may lack.
pub(crate) fn has_program(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(system).any(|dir| dir.join(name).is_file())
}

fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let line = words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    let program = command.get_program().to_string_lossy();
    match Path::new(program.as_ref()).file_name() {
        Some(name) => line.replacen(program.as_ref(), &name.to_string_lossy(), 1),
        None => line,
    }
}
