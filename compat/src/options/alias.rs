//! Aliases of popt: lines `rsync alias --name words…`, or with a pattern such as `*` for the program, in `/etc/popt`, `/etc/popt.d/*` and `~/.popt`.
//!
//! `rsync exec --name program` lines are left out: a config file does not start programs for us.

use super::Bytes;
use crate::filter::{NameKind, Pattern, Scope};

/// One alias: a name and the words it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alias {
    name: Bytes,
    /// What it expands to.
    pub(crate) words: Vec<Bytes>,
}

/// The name that an option word asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name<'a> {
    /// Without its two dashes.
    Long(&'a [u8]),
    /// One letter.
    Letter(u8),
}

impl Alias {
    /// This alias is called so.
    pub(crate) fn is(&self, name: Name<'_>) -> bool {
        match (self.name.as_slice(), name) {
            ([b'-', b'-', long @ ..], Name::Long(name)) => long == name,
            ([b'-', letter], Name::Letter(name)) => *letter == name,
            _ => false,
        }
    }
}

/// The aliases in one file's content.
pub(crate) fn parse(content: &[u8]) -> Vec<Alias> {
    logical_lines(content).iter().filter_map(|line| alias(line)).collect()
}

/// Lines, where a backslash at the end joins the next one.
fn logical_lines(content: &[u8]) -> Vec<Bytes> {
    let mut lines = vec![Bytes::new()];
    for line in content.split(|&byte| byte == b'\n') {
        let (text, goes_on) = match line.strip_suffix(b"\\") {
            Some(text) => (text, true),
            None => (line, false),
        };
        if let Some(last) = lines.last_mut() {
            last.extend_from_slice(text);
        }
        if !goes_on {
            lines.push(Bytes::new());
        }
    }
    lines
}

fn alias(line: &[u8]) -> Option<Alias> {
    let line = line.trim_ascii_start();
    let (program, told) = line.split_at(line.iter().position(u8::is_ascii_whitespace)?);
    if !is_for_rsync(program) {
        return None;
    }
    match words(told).as_slice() {
        [kind, name, rest @ ..] if kind == b"alias" && name.len() > 1 => {
            let told = rest
                .iter()
                .filter(|word| !word.starts_with(b"--POPTdesc=") && !word.starts_with(b"--POPTargs="));
            Some(Alias { name: name.clone(), words: told.cloned().collect() })
        }
        _ => None,
    }
}

/// Whether a line is for rsync: its first word, which has no quotes, is the name or a pattern that the name matches.
fn is_for_rsync(program: &[u8]) -> bool {
    let is_pattern = program.iter().any(|byte| b"*?[".contains(byte));
    program == b"rsync"
        || is_pattern && Pattern::new(program, Scope::Transfer).matches(b"rsync", NameKind::Other)
}

/// Words of a line, quoted as in a shell, less its expansions; a comment has none.
fn words(line: &[u8]) -> Vec<Bytes> {
    let mut words = Vec::new();
    let mut word: Option<Bytes> = None;
    let mut quote = None;
    let mut bytes = line.trim_ascii_start().iter().copied();
    if line.trim_ascii_start().starts_with(b"#") {
        return words;
    }
    while let Some(byte) = bytes.next() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (None, b'"' | b'\'') => {
                quote = Some(byte);
                word.get_or_insert_default();
            }
            (None | Some(b'"'), b'\\') => word.get_or_insert_default().extend(bytes.next()),
            (None, _) if byte.is_ascii_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(byte),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::{Name, parse};

    #[test]
    fn lines_become_aliases() {
        let content = b"# c\nrsync alias --bk -a --delete \\\n -i\n rsync  alias -Z -r --exclude='a b'\nother alias --x -v\nrsync exec --y /bin/echo\n";
        let aliases = parse(content);
        assert_eq!(aliases.len(), 2);
        assert!(aliases[0].is(Name::Long(b"bk")));
        assert_eq!(aliases[0].words, [b"-a".to_vec(), b"--delete".to_vec(), b"-i".to_vec()]);
        assert!(aliases[1].is(Name::Letter(b'Z')));
        assert_eq!(aliases[1].words, [b"-r".to_vec(), b"--exclude=a b".to_vec()]);
    }
}
