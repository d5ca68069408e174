//! What to do next, for people: one more line below rsync's own, on terminals only, so that scripts read what they
//! would read from rsync.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use rsync_compat::options::suggest::nearest;

/// Words of a message, and what helps.
const HINTS: [(&str, &str); 16] = [
    ("No space left on device", "make room and run it again: what is there already is not copied twice"),
    ("Disk quota exceeded", "make room and run it again: what is there already is not copied twice"),
    (
        "Read-only file system",
        "the destination is mounted read-only; after disk errors the kernel does that by itself, see dmesg",
    ),
    (
        "Operation not supported",
        "the destination's file system has no such attributes: leave out -A or -X; --doctor tells more",
    ),
    (
        "link_stat",
        "this source does not exist: look at the spelling, at mounts, and at quotes around wildcards",
    ),
    ("change_dir#3", "--mkpath makes the directories that are missing above the destination"),
    ("mkdir", "--mkpath makes the directories that are missing above the destination"),
    ("skipping directory", "-r copies directories with what is in them, -a keeps their attributes as well"),
    (
        "Permission denied",
        "only the owner or root may do that: run it as root, or leave such files out with --exclude",
    ),
    ("Operation not permitted", "only root may do that: leave out -o, -g, -D or -X, or run it as root"),
    (
        "--delete does not work without",
        "add -r or -a: only directories that are copied lose what the source lacks",
    ),
    ("destination must be a directory", "several sources need a directory to go to, which this is not"),
    ("remote operands need rsync", "install rsync, or write ./name:with-colon for a local name"),
    ("is not supported by io-uring-sync yet", "use rsync for this command"),
    ("arg does not exist", "relative directories of --link-dest and its kind start at the destination"),
    ("untrusted user", "name the real path, or add --insecure-links if you trust who made the link"),
];

/// Gives each hint once.
#[derive(Debug, Default)]
pub(super) struct Hints {
    given: Mutex<BTreeSet<&'static str>>,
}

impl Hints {
    /// The line below this one, if there is something to say that was not said before.
    pub(super) fn below(&self, line: &[u8]) -> Option<String> {
        let line = String::from_utf8_lossy(line);
        if let Some(hint) = typo(&line) {
            return Some(hint);
        }
        let (_, hint) = HINTS.iter().find(|(words, _)| line.contains(words))?;
        let new = self.given.lock().unwrap_or_else(PoisonError::into_inner).insert(hint);
        new.then(|| format!("hint: {hint}"))
    }
}

/// A near name for an option that nobody knows.
fn typo(line: &str) -> Option<String> {
    let (before, _) = line.split_once(": unknown option")?;
    let typed = before.rsplit_once("rsync: ").map_or(before, |(_, typed)| typed);
    let near = nearest(typed.strip_prefix("--")?.split('=').next()?)?;
    Some(format!("hint: did you mean --{near}?"))
}

#[cfg(test)]
mod tests {
    use super::Hints;

    #[test]
    fn each_hint_comes_once() {
        let hints = Hints::default();
        let line = b"rsync: [sender] link_stat \"/x\" failed: No such file or directory (2)";
        assert!(hints.below(line).unwrap().starts_with("hint: this source does not exist"));
        assert_eq!(hints.below(line), None);
        assert_eq!(hints.below(b"file has vanished: \"/x\""), None);
    }

    #[test]
    fn a_near_option_is_named() {
        let below = |line: &str| Hints::default().below(line.as_bytes());
        assert_eq!(below("rsync: --delte: unknown option").unwrap(), "hint: did you mean --delete?");
        assert_eq!(below("rsync: --exlude=x: unknown option").unwrap(), "hint: did you mean --exclude?");
        assert_eq!(below("rsync: --zzzzzz: unknown option"), None);
        assert_eq!(below("rsync: -aj: unknown option"), None);
    }
}
