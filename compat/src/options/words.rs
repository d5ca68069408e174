//! The words of `--info` and `--debug`, and what `-v` makes of them.

use super::error::{Role, UsageError};
use super::{Debug, Info};
use crate::exit::Exit;

/// Which of the two options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    Info,
    Debug,
}

/// One word: its name, the highest level with a meaning, what it is about, and its level at each `-v`.
struct Word {
    name: &'static str,
    about: &'static str,
    /// Levels at verbosity 0, 1, 2, 3, 4, 5.
    by_verbose: [u8; 6],
}

const fn word(name: &'static str, by_verbose: [u8; 6], about: &'static str) -> Word {
    Word { name, about, by_verbose }
}

static INFO: [Word; 13] = [
    word("BACKUP", [0, 0, 1, 1, 1, 1], "files that were kept as backups"),
    word("COPY", [0, 1, 1, 1, 1, 1], "files copied from an alternate destination"),
    word("DEL", [0, 1, 1, 1, 1, 1], "what was deleted at the destination"),
    word("FLIST", [0, 1, 1, 1, 1, 1], "the start of the scan; 2: how many files it found"),
    word("MISC", [0, 1, 2, 2, 2, 2], "all sorts of things, in two levels"),
    word("MOUNT", [0, 0, 1, 1, 1, 1], "mount points met or left out"),
    word("NAME", [0, 1, 2, 2, 2, 2], "names that were updated; 2: those that were not, too"),
    word("NONREG", [1, 1, 1, 1, 1, 1], "entries skipped for not being regular files (on; 0 turns it off)"),
    word(
        "PROGRESS",
        [0, 0, 0, 0, 0, 0],
        "progress of each file; 2: of the whole run; 3: as --bar on a terminal",
    ),
    word("REMOVE", [0, 0, 1, 1, 1, 1], "files removed from the source"),
    word("SKIP", [0, 0, 1, 1, 1, 1], "files left alone because an option says so; 2: and why"),
    word("STATS", [0, 1, 1, 1, 1, 1], "totals at the end; 2: those of --stats; 3: more"),
    word("SYMSAFE", [0, 1, 1, 1, 1, 1], "symbolic links that point outside"),
];

static DEBUG: [Word; 24] = [
    word("ACL", [0, 0, 0, 1, 1, 1], "access control lists"),
    word("BACKUP", [0, 0, 0, 1, 1, 1], "backups being made (levels 1-2)"),
    word("BIND", [0, 0, 1, 1, 1, 1], "binding of sockets"),
    word("CHDIR", [0, 0, 0, 0, 0, 1], "changes of the working directory"),
    word("CONNECT", [0, 0, 1, 2, 2, 2], "connections (levels 1-2)"),
    word("CMD", [0, 0, 1, 1, 2, 2], "commands that are started (levels 1-2)"),
    word("DEL", [0, 0, 1, 2, 3, 3], "deletions (levels 1-3)"),
    word("DELTASUM", [0, 0, 1, 2, 3, 4], "checksums of blocks (levels 1-4)"),
    word("DUP", [0, 0, 1, 1, 1, 1], "names that occurred twice"),
    word("EXIT", [0, 0, 0, 1, 2, 2], "the end of the run (levels 1-3)"),
    word("FILTER", [0, 0, 1, 2, 2, 2], "filter rules at work (levels 1-3)"),
    word("FLIST", [0, 0, 1, 2, 3, 4], "the scan (levels 1-4)"),
    word("FUZZY", [0, 0, 0, 1, 1, 2], "the search for similar files (levels 1-2)"),
    word("GENR", [0, 0, 0, 1, 1, 1], "comparison of source and destination"),
    word("HASH", [0, 0, 0, 0, 0, 1], "hash tables"),
    word("HLINK", [0, 0, 0, 0, 0, 1], "hard links (levels 1-3)"),
    word("ICONV", [0, 0, 1, 1, 2, 2], "conversion of names (levels 1-2)"),
    word("IO", [0, 0, 0, 0, 0, 0], "input and output (levels 1-4)"),
    word("NSTR", [0, 0, 0, 0, 0, 0], "negotiation of algorithms"),
    word("OWN", [0, 0, 0, 1, 2, 2], "owners and groups (levels 1-2)"),
    word("PROTO", [0, 0, 0, 0, 1, 1], "the protocol"),
    word("RECV", [0, 0, 0, 1, 1, 1], "the receiving side"),
    word("SEND", [0, 0, 0, 1, 1, 1], "the sending side"),
    word("TIME", [0, 0, 0, 1, 2, 2], "setting of times (levels 1-2)"),
];

/// Highest verbosity that still adds words, per topic.
const HIGHEST_INFO: usize = 2;
const HIGHEST_DEBUG: usize = 5;

impl Topic {
    fn words(self) -> &'static [Word] {
        match self {
            Topic::Info => &INFO,
            Topic::Debug => &DEBUG,
        }
    }

    fn option(self) -> &'static str {
        match self {
            Topic::Info => "--info",
            Topic::Debug => "--debug",
        }
    }

    /// All names, for completions.
    #[cfg(feature = "completions")]
    pub(crate) fn names(self) -> impl Iterator<Item = &'static str> {
        self.words().iter().map(|word| word.name)
    }
}

/// What the user asked for, word by word; `None` leaves it to `-v`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Levels {
    topic: Topic,
    asked: Vec<Option<u8>>,
}

/// What came of a list of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    Levels,
    Help,
}

impl Levels {
    pub(crate) fn new(topic: Topic) -> Levels {
        Levels { topic, asked: vec![None; topic.words().len()] }
    }

    /// Takes a list such as `name2,stats0`.
    pub(crate) fn listen(&mut self, list: &[u8]) -> Result<Heard, UsageError> {
        for typed in list.split(|&byte| byte == b',').filter(|word| !word.is_empty()) {
            let (name, digits) = word_and_level(typed);
            let level = level(digits);
            match name.to_ascii_uppercase().as_slice() {
                b"HELP" => return Ok(Heard::Help),
                b"NONE" => self.asked.fill(Some(0)),
                b"ALL" => self.asked.fill(Some(level)),
                upper => {
                    let index = self.topic.words().iter().position(|word| word.name.as_bytes() == upper);
                    let index = index.ok_or_else(|| self.unknown(name))?;
                    self.asked[index] = Some(level);
                }
            }
        }
        Ok(Heard::Levels)
    }

    fn unknown(&self, typed: &[u8]) -> UsageError {
        let line = [b"Unknown ", self.topic.option().as_bytes(), b" item: \"", typed, b"\""].concat();
        UsageError::at(line, Exit::Syntax, "options.c(487)", Role::Client)
    }

    /// Sets a word that the user left open.
    pub(crate) fn default_to(&mut self, name: &str, level: u8) {
        if let Some(index) = self.topic.words().iter().position(|word| word.name == name) {
            self.asked[index].get_or_insert(level);
        }
    }

    fn at(&self, name: &str, verbose: u8) -> u8 {
        let index = self.topic.words().iter().position(|word| word.name == name);
        index.map_or(0, |index| {
            let by_verbose = self.topic.words()[index].by_verbose;
            self.asked[index].unwrap_or(by_verbose[usize::from(verbose).min(by_verbose.len() - 1)])
        })
    }

    /// The levels in force for `--info`.
    pub(crate) fn info(&self, verbose: u8) -> Info {
        let at = |name| self.at(name, verbose);
        Info {
            backup: at("BACKUP"),
            copy: at("COPY"),
            del: at("DEL"),
            flist: at("FLIST"),
            misc: at("MISC"),
            mount: at("MOUNT"),
            name: at("NAME"),
            nonreg: at("NONREG"),
            progress: at("PROGRESS"),
            remove: at("REMOVE"),
            skip: at("SKIP"),
            stats: at("STATS"),
            symsafe: at("SYMSAFE"),
        }
    }

    /// The levels in force for `--debug`.
    pub(crate) fn debug(&self, verbose: u8) -> Debug {
        let at = |name| self.at(name, verbose);
        Debug {
            acl: at("ACL"),
            backup: at("BACKUP"),
            del: at("DEL"),
            deltasum: at("DELTASUM"),
            dup: at("DUP"),
            exit: at("EXIT"),
            filter: at("FILTER"),
            flist: at("FLIST"),
            fuzzy: at("FUZZY"),
            genr: at("GENR"),
            hlink: at("HLINK"),
            iconv: at("ICONV"),
            io: at("IO"),
            nstr: at("NSTR"),
            own: at("OWN"),
            recv: at("RECV"),
            send: at("SEND"),
            time: at("TIME"),
        }
    }
}

/// `name2` in its two parts; what has no such form is all name.
fn word_and_level(typed: &[u8]) -> (&[u8], &[u8]) {
    let end = typed.iter().position(u8::is_ascii_digit).unwrap_or(typed.len());
    let (name, digits) = typed.split_at(end);
    match name.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        true => (typed, b""),
        false => (name, digits),
    }
}

/// No digits are level 1; more than a byte holds is as high as it goes.
fn level(digits: &[u8]) -> u8 {
    if digits.is_empty() {
        return 1;
    }
    std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).unwrap_or(u8::MAX)
}

/// The text of `--info=help` and `--debug=help`.
pub(crate) fn help(topic: Topic) -> Vec<u8> {
    let option = topic.option();
    let (highest, lowest) = match topic {
        Topic::Info => (HIGHEST_INFO, 0),
        Topic::Debug => (HIGHEST_DEBUG, 2),
    };
    let mut text =
        String::from("WORD or WORD1 asks for level 1, WORD2 for level 2 and so on; WORD0 turns it off.\n\n");
    for word in topic.words() {
        text += &format!("{:<10} {}\n", word.name, word.about);
    }
    text += &format!("\n{:<10} every word of {option}, such as all4\n", "ALL");
    text += &format!("{:<10} no word of {option}, the same as all0\n", "NONE");
    text += &format!("{:<10} this text\n\nWords that each -v adds:\n", "HELP");
    for verbose in lowest..=highest {
        text += &format!("{verbose}) {}\n", added_at(topic, verbose).join(","));
    }
    text.into_bytes()
}

fn added_at(topic: Topic, verbose: usize) -> Vec<String> {
    let added = topic.words().iter().filter_map(|word| {
        let level = word.by_verbose[verbose];
        let before = verbose.checked_sub(1).map_or(0, |before| word.by_verbose[before]);
        let number = if level > 1 { level.to_string() } else { String::new() };
        (level > before).then(|| format!("{}{number}", word.name))
    });
    added.collect()
}

#[cfg(test)]
mod tests {
    use super::{Heard, Levels, Topic, help};

    #[test]
    fn words_override_what_v_implies() {
        let mut levels = Levels::new(Topic::Info);
        assert_eq!(levels.listen(b"name2,,Stats0,"), Ok(Heard::Levels));
        let info = levels.info(1);
        assert_eq!((info.name, info.stats, info.del, info.nonreg, info.skip), (2, 0, 1, 1, 0));
        assert_eq!(levels.info(2).skip, 1);
        assert_eq!(levels.listen(b"none9"), Ok(Heard::Levels));
        assert_eq!(levels.info(3).nonreg, 0);
        assert_eq!(levels.listen(b"name,help2"), Ok(Heard::Help));
    }

    #[test]
    fn unknown_words_are_refused_in_rsync_s_words() {
        let cases = [
            ("bogus", "bogus"),
            ("na", "na"),
            ("name2x", "name2x"),
            ("4", "4"),
            ("D755", "D"),
            ("0x10", "0x10"),
            ("-1", "-"),
        ];
        for (typed, told) in cases {
            let error = Levels::new(Topic::Info).listen(typed.as_bytes()).unwrap_err();
            let want = format!(
                "Unknown --info item: \"{told}\"\nrsync error: syntax or usage error (code 1) at options.c(487) [client=3.5.0]\n"
            );
            assert_eq!(String::from_utf8(error.text()).unwrap(), want);
        }
    }

    #[test]
    fn help_lists_the_words_that_rsync_lists() {
        let text = String::from_utf8(help(Topic::Info)).unwrap();
        let tail =
            "0) NONREG\n1) COPY,DEL,FLIST,MISC,NAME,STATS,SYMSAFE\n2) BACKUP,MISC2,MOUNT,NAME2,REMOVE,SKIP\n";
        assert!(text.ends_with(tail), "{text}");
        let text = String::from_utf8(help(Topic::Debug)).unwrap();
        let tail = "2) BIND,CONNECT,CMD,DEL,DELTASUM,DUP,FILTER,FLIST,ICONV\n\
            3) ACL,BACKUP,CONNECT2,DEL2,DELTASUM2,EXIT,FILTER2,FLIST2,FUZZY,GENR,OWN,RECV,SEND,TIME\n\
            4) CMD2,DEL3,DELTASUM3,EXIT2,FLIST3,ICONV2,OWN2,PROTO,TIME2\n\
            5) CHDIR,DELTASUM4,FLIST4,FUZZY2,HASH,HLINK\n";
        assert!(text.ends_with(tail), "{text}");
    }
}
