//! Starting programs: each command is shown before it runs, and a failure names it.

use std::io::IsTerminal;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

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

/// Like [`run`], and where nobody watches ends it with all that it started once it has taken longer than `limit`.
///
/// At a terminal it stays in our process group, so that Ctrl-C reaches all of it; there is no limit then.
pub(crate) fn run_within(command: &mut Command, limit: Duration) -> Step {
    if std::io::stdin().is_terminal() {
        return run(command);
    }
    let shown = describe(command);
    println!("+ {shown}");
    let mut child = command
        .stdin(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(|error| format!("cannot start {shown}: {error}"))?;
    match wait_until(&mut child, Instant::now() + limit) {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(format!("failed ({status}): {shown}")),
        None => Err(format!("ended after {} minutes without an end: {shown}", limit.as_secs() / 60)),
    }
}

/// The child's exit status; at the deadline its whole process group is killed, and there is none.
fn wait_until(child: &mut Child, deadline: Instant) -> Option<ExitStatus> {
    while Instant::now() < deadline {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let group = format!("-{}", child.id());
    let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
    let _ = child.wait();
    None
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
