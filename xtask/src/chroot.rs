//! Running something out of a mere chroot, where the kernel allows no user namespaces.

use std::process::{Command, Stdio};

use crate::run::root;

/// What makes the root of a chroot the root of a mount namespace.
const SCRIPT: &str = "xtask/src/root_of_its_own.pl";

/// The same command, in a chroot with a root of its own, where root may make one.
pub(crate) fn with_a_root_of_its_own(command: Command) -> Command {
    if succeeds(Command::new("unshare").args(["--user", "true"])) || !succeeds(through().arg("true")) {
        return command;
    }
    let mut inside = through();
    inside.arg(command.get_program()).args(command.get_args());
    if let Some(dir) = command.get_current_dir() {
        inside.current_dir(dir);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => inside.env(name, value),
            None => inside.env_remove(name),
        };
    }
    inside
}

/// Stays the same process: what waits for it or ends it reaches the command.
fn through() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "unchanged", "perl"]).arg(root().join(SCRIPT));
    command
}

fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
