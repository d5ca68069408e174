//! What to do next, for people: one more line below rsync's own, on terminals only, so that scripts read what they
//! would read from rsync.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use rsync_compat::options::suggest::nearest;

/// Words that a message has, all of them, and what helps; the first that fits is given.
const HINTS: [(&[&str], &str); 33] = [
    (&["No space left on device"], "make room and run it again: what is there already is not copied twice"),
    (&["Disk quota exceeded"], "make room and run it again: what is there already is not copied twice"),
    (
        &["Read-only file system"],
        "the destination is mounted read-only; after disk errors the kernel does that by itself, see dmesg",
    ),
    (
        &["Operation not supported"],
        "the destination's file system has no such attributes: leave out -A or -X; --doctor tells more",
    ),
    (&["link_stat", "/\u{2013}", "No such file"], LONG_DASH),
    (&["link_stat", "/\u{2014}", "No such file"], LONG_DASH),
    (&["link_stat", "No such file"], NO_SOURCE),
    (&["[sender] change_dir", "No such file"], NO_SOURCE),
    (&["[sender] change_dir", "Not a directory"], "this source is a file: leave out the slash behind it"),
    (
        &["cannot stat destination", "Not a directory"],
        "the destination is a file: leave out the slash behind it",
    ),
    (&["change_dir#3", "No such file"], MAKE_PATH),
    (&["mkdir", "No such file"], MAKE_PATH),
    (
        &["skipping directory"],
        "-r copies directories with what is in them, -a keeps their attributes as well",
    ),
    (
        &["[Receiver]", "Permission denied"],
        "you may not write there: choose another place, or run it as root",
    ),
    (
        &["[generator]", "Permission denied"],
        "you may not write there: choose another place, or run it as root",
    ),
    (
        &["[receiver]", "Permission denied"],
        "you may not write there: choose another place, or run it as root",
    ),
    (
        &["Permission denied"],
        "only the owner or root may do that: run it as root, or leave such files out with --exclude",
    ),
    (&["Operation not permitted"], "only root may do that: leave out -o, -g, -D or -X, or run it as root"),
    (
        &["--delete does not work without"],
        "add -r or -a: only directories that are copied lose what the source lacks",
    ),
    (&["destination must be a directory"], "several sources need a directory to go to, which this is not"),
    (&["remote operands need rsync"], "install rsync, or write ./name:with-colon for a local name"),
    (&["is not supported by io-uring-sync yet"], "use rsync for this command"),
    (&["arg does not exist"], "relative directories of --link-dest and its kind start at the destination"),
    (&["untrusted user"], "name the real path, or add --insecure-links if you trust who made the link"),
    (&["skipping file deletion"], "mend what the errors above tell, or add --ignore-errors if you are sure"),
    (&["Deletions stopped"], "look whether the whole source is there; if so, raise --max-delete"),
    (
        &["failed to open", "No such file"],
        "such files are looked for in the current directory: name the full path",
    ),
    (&["Unknown --info item"], "--info=help lists them"),
    (&["Unknown --debug item"], "--debug=help lists them"),
    (&["Unknown filter rule"], "a rule is a sign, a space and a pattern, in quotes: --filter='- *.o'"),
    (&["passed to --chmod"], "for example --chmod=D755,F644 or --chmod=go-w"),
    (&["--", " is invalid"], "a size is a number, with K, M or G behind it if you like: 500K, 1.5G"),
    (&["unknown option"], "--help lists all options"),
];

const NO_SOURCE: &str = "this source does not exist: look at the spelling, at mounts, and at quotes around wildcards; \
    the destination comes last";
const LONG_DASH: &str =
    "this begins with a long dash, as pages and letters show it: options begin with a plain - or --";
const MAKE_PATH: &str = "--mkpath makes the directories that are missing above the destination";

/// Below the help that a command line without operands gets.
const NO_OPERANDS: &str = "name what to copy and then where to: -a SOURCE/ DESTINATION/";
/// Below a listing that looks like a forgotten destination.
pub(super) const LISTED: &str = "one operand alone is only listed: to copy it, name a destination behind it";
/// Above a run whose destination lies within a source.
pub(super) const NESTED: &str = "the destination lies in the source, so the next run copies this copy too: choose another place, or --exclude it";

/// Gives each hint once.
#[derive(Debug, Default)]
pub(super) struct Hints {
    given: Mutex<BTreeSet<&'static str>>,
    late: Mutex<Vec<String>>,
}

impl Hints {
    /// The line below this one, if there is something to say that was not said before.
    pub(super) fn below(&self, line: &[u8]) -> Option<String> {
        let line = String::from_utf8_lossy(line);
        if let Some(hint) = typo(&line) {
            return Some(hint);
        }
        let (_, hint) = HINTS.iter().find(|(words, _)| words.iter().all(|word| line.contains(word)))?;
        self.once(hint)
    }

    /// This hint, if it was not given before.
    pub(super) fn once(&self, hint: &'static str) -> Option<String> {
        let new = self.given.lock().unwrap_or_else(PoisonError::into_inner).insert(hint);
        new.then(|| format!("hint: {hint}"))
    }

    /// What helps with a command line that was refused with this text.
    pub(super) fn refused(&self, text: &[u8]) -> Option<String> {
        let text = String::from_utf8_lossy(text);
        match text.contains("\nUsage: ") {
            true => self.once(NO_OPERANDS),
            false => self.below(text.lines().next()?.as_bytes()),
        }
    }

    /// Keeps a hint for the end: what it belongs to is on standard output and waits for its turn.
    pub(super) fn later(&self, hint: Option<String>) {
        self.late.lock().unwrap_or_else(PoisonError::into_inner).extend(hint);
    }

    /// What was kept.
    pub(super) fn take_late(&self) -> Vec<String> {
        std::mem::take(&mut self.late.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A near name for an option that nobody knows.
fn typo(line: &str) -> Option<String> {
    let (before, _) = line.split_once(": unknown option")?;
    let typed = before.rsplit_once("rsync: ").map_or(before, |(_, typed)| typed);
    let Some(name) = typed.strip_prefix("--") else {
        let (letters, name) = typed.split_once("--")?;
        return Some(format!("hint: put a space between {letters} and --{name}"));
    };
    let near = nearest(name.split('=').next()?)?;
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
        let joined = below("rsync: -av--delete: unknown option").unwrap();
        assert_eq!(joined, "hint: put a space between -av and --delete");
        for far in ["rsync: --zzzzzz: unknown option", "rsync: -aj: unknown option"] {
            assert_eq!(below(far).unwrap(), "hint: --help lists all options");
        }
    }

    /// Messages that a new user meets, and a word of the hint.
    #[test]
    fn what_new_users_meet_has_a_hint() {
        let cases = [
            (
                "rsync: [sender] change_dir \"/no\" failed: No such file or directory (2)",
                "destination comes last",
            ),
            ("rsync: [sender] link_stat \"/d/\u{2013}av\" failed: No such file or directory (2)", "plain -"),
            ("rsync: [sender] change_dir \"/d/a\" failed: Not a directory (20)", "leave out the slash"),
            ("rsync: [sender] change_dir \"/d\" failed: Permission denied (13)", "leave such files out"),
            ("rsync: [Receiver] mkdir \"/x/y\" failed: Permission denied (13)", "may not write there"),
            ("rsync: [Receiver] mkdir \"/x/y\" failed: No such file or directory (2)", "--mkpath"),
            ("rsync: [generator] chown \"/x\" failed: Operation not permitted (1)", "-o, -g"),
            ("rsync: [Receiver] ERROR: cannot stat destination \"/f/\": Not a directory (20)", "is a file"),
            ("rsync: failed to open files-from file none: No such file or directory", "full path"),
            ("rsync: --bwlimit=abc is invalid", "500K"),
            ("Unknown --info item: \"progres\"", "--info=help"),
            ("Unknown filter rule: bogus", "--filter='- *.o'"),
        ];
        for (line, word) in cases {
            let hint = Hints::default().below(line.as_bytes()).unwrap_or_default();
            assert!(hint.contains(word), "{line}: {hint:?}");
        }
        let help = b"rsync  version\n\nUsage: x [OPTION]... SRC\nrsync error: syntax";
        assert!(Hints::default().refused(help).unwrap().contains("SOURCE/ DESTINATION/"));
    }
}
