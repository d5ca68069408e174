//! `--usermap`, `--groupmap` and `--chown` (rsync(1), --usermap, --chown).

use crate::filter::{NameKind, Pattern, Scope};

/// Which of the two maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapKind {
    /// `--usermap`.
    User,
    /// `--groupmap`.
    Group,
}

impl MapKind {
    fn option(self) -> &'static str {
        match self {
            MapKind::User => "--usermap",
            MapKind::Group => "--groupmap",
        }
    }
}

/// Which ids an entry is for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum From {
    /// Ids without a name.
    Nameless,
    /// The ids from low to high.
    Range(u32, u32),
    /// Names that match; `*` alone matches ids without a name too.
    Wild(Pattern),
    /// This name.
    Name(Box<[u8]>),
}

/// A parsed map: the first entry that matches counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdMap {
    entries: Vec<(From, u32)>,
    warnings: Vec<Vec<u8>>,
}

/// A map that rsync refuses, with exit 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdMapError {
    /// rsync's line, without newline.
    pub message: Vec<u8>,
    /// Lines that rsync prints before it.
    pub warnings: Vec<Vec<u8>>,
}

/// Finds the id of a name on the receiving side.
pub type Resolve<'a> = dyn FnMut(&[u8]) -> Option<u32> + 'a;

impl IdMap {
    /// Parses `FROM:TO,…`. An unknown TO is only a warning: its entry is left out.
    ///
    /// # Errors
    /// A malformed entry; rsync reads entries from the last to the first, and stops at the first such.
    pub fn parse(kind: MapKind, text: &[u8], resolve: &mut Resolve<'_>) -> Result<IdMap, IdMapError> {
        let mut entries = Vec::new();
        let mut warnings = Vec::new();
        for entry in text.rsplit(|&byte| byte == b',') {
            match parse_entry(kind, entry, resolve) {
                Ok(Parsed::Entry(from, to)) => entries.push((from, to)),
                Ok(Parsed::UnknownName(warning)) => warnings.push(warning),
                Err(message) => return Err(IdMapError { message, warnings }),
            }
        }
        entries.reverse();
        Ok(IdMap { entries, warnings })
    }

    /// Lines for stderr about names that do not exist.
    #[must_use]
    pub fn warnings(&self) -> &[Vec<u8>] {
        &self.warnings
    }

    /// The same under `--numeric-ids`: nobody has a name.
    #[must_use]
    pub fn by_number(mut self) -> IdMap {
        for (from, _) in &mut self.entries {
            if matches!(from, From::Nameless) {
                *from = From::Range(0, u32::MAX);
            }
        }
        self
    }

    /// The id that `id` becomes. `name` is its name on the sending side, `None` when it has none or under
    /// `--numeric-ids`.
    #[must_use]
    pub fn map(&self, id: u32, name: Option<&[u8]>) -> Option<u32> {
        self.entries.iter().find(|(from, _)| from.matches(id, name)).map(|(_, to)| *to)
    }
}

impl From {
    fn matches(&self, id: u32, name: Option<&[u8]>) -> bool {
        match self {
            // Root's name is not sent, yet its id counts as named.
            From::Nameless => name.is_none() && id != 0,
            From::Range(low, high) => (*low..=*high).contains(&id),
            From::Wild(pattern) => pattern.matches(name.unwrap_or(b""), NameKind::Other),
            From::Name(wanted) => name == Some(wanted),
        }
    }
}

enum Parsed {
    Entry(From, u32),
    UnknownName(Vec<u8>),
}

fn parse_entry(kind: MapKind, entry: &[u8], resolve: &mut Resolve<'_>) -> Result<Parsed, Vec<u8>> {
    let option = kind.option().as_bytes();
    let complaint = |what: &[u8], about: &[u8]| [what, option, b": ", about].concat();
    let Some(colon) = entry.iter().position(|&byte| byte == b':') else {
        return Err(complaint(b"No colon found in ", entry));
    };
    let (from, to) = (&entry[..colon], &entry[colon + 1..]);
    if to.is_empty() {
        return Err(complaint(b"No name found after colon ", entry));
    }
    let from = match from {
        b"" => From::Nameless,
        [b'0'..=b'9', ..] => {
            let bounds = parse_range(from).ok_or_else(|| complaint(b"Invalid number in ", from))?;
            From::Range(parse_id(bounds.0)?, parse_id(bounds.1)?)
        }
        _ if from.iter().any(|byte| matches!(byte, b'*' | b'?' | b'[')) => {
            From::Wild(Pattern::new(from, Scope::Transfer))
        }
        _ => From::Name(from.into()),
    };
    if to.iter().all(u8::is_ascii_digit) {
        return Ok(Parsed::Entry(from, parse_id(to)?));
    }
    Ok(match resolve(to) {
        Some(id) => Parsed::Entry(from, id),
        None => Parsed::UnknownName([b"Unknown ", option, b" name on receiver: ", to].concat()),
    })
}

/// `LOW` or `LOW-HIGH`, digits only.
fn parse_range(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let dash = text.iter().position(|&byte| byte == b'-');
    let (low, high) = dash.map_or((text, text), |at| (&text[..at], &text[at + 1..]));
    let are_numbers = !high.is_empty() && low.iter().chain(high).all(u8::is_ascii_digit);
    are_numbers.then_some((low, high))
}

fn parse_id(digits: &[u8]) -> Result<u32, Vec<u8>> {
    let value = digits
        .iter()
        .try_fold(0_u32, |value, digit| value.checked_mul(10)?.checked_add(u32::from(digit - b'0')));
    value.ok_or_else(|| [b"Invalid ID number: ", digits].concat())
}

/// `--chown=USER:GROUP` as the maps it stands for: for the user, for the group.
#[must_use]
pub fn split_chown(text: &[u8]) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    let colon = text.iter().position(|&byte| byte == b':').unwrap_or(text.len());
    let map_all = |name: &[u8]| (!name.is_empty()).then(|| [b"*:", name].concat());
    (map_all(&text[..colon]), map_all(text.get(colon + 1..).unwrap_or(b"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(name: &[u8]) -> Option<u32> {
        match name {
            b"root" => Some(0),
            b"daemon" => Some(1),
            b"bin" => Some(2),
            b"games" => Some(5),
            _ => None,
        }
    }

    /// The owners that a tree of root, daemon, games and 12345 had after `rsync -a --usermap=…`.
    #[test]
    fn owners_after_a_usermap() {
        let cases: &[(&str, [u32; 4])] = &[
            ("0:5", [5, 1, 5, 12345]),
            ("root:5", [5, 1, 5, 12345]),
            ("*:5", [5, 5, 5, 5]),
            (":5", [0, 1, 5, 5]),
            ("nosuch:5", [0, 1, 5, 12345]),
            ("0-100:bin", [2, 2, 2, 12345]),
            ("g*:7,*:8", [8, 8, 7, 8]),
            ("5-3:9", [0, 1, 5, 12345]),
            ("g?mes:9", [0, 1, 9, 12345]),
            ("?*:5", [5, 5, 5, 12345]),
            ("[a-g]*:9", [0, 9, 9, 12345]),
            ("1:games,games:6", [0, 5, 6, 12345]),
            ("-5:9", [0, 1, 5, 12345]),
            ("games:nosuch,5:6", [0, 1, 6, 12345]),
            ("ga\\mes*:6", [0, 1, 6, 12345]),
            ("\\games:6", [0, 1, 5, 12345]),
            ("0005:0006", [0, 1, 6, 12345]),
        ];
        let ids: [(u32, Option<&[u8]>); 4] =
            [(0, Some(b"root")), (1, Some(b"daemon")), (5, Some(b"games")), (12345, None)];
        for (text, wanted) in cases {
            let map = IdMap::parse(MapKind::User, text.as_bytes(), &mut resolve).unwrap();
            assert_eq!(ids.map(|(id, name)| map.map(id, name).unwrap_or(id)), *wanted, "{text}");
        }
    }

    #[test]
    fn refusals() {
        let cases: &[(&str, &str)] = &[
            ("", "No colon found in --usermap: "),
            (":", "No name found after colon --usermap: :"),
            ("games:", "No name found after colon --usermap: games:"),
            ("games:6,", "No colon found in --usermap: "),
            ("5-:9", "Invalid number in --usermap: 5-"),
            ("5x:9", "Invalid number in --usermap: 5x"),
            ("0-5-7:2", "Invalid number in --usermap: 0-5-7"),
            ("12*:5", "Invalid number in --usermap: 12*"),
            ("12345:99999999999", "Invalid ID number: 99999999999"),
        ];
        for (text, wanted) in cases {
            let error = IdMap::parse(MapKind::User, text.as_bytes(), &mut resolve).unwrap_err();
            assert_eq!(String::from_utf8_lossy(&error.message), *wanted);
        }
        let error = IdMap::parse(MapKind::User, b"a,b:c", &mut resolve).unwrap_err();
        assert_eq!(error.warnings, [b"Unknown --usermap name on receiver: c".to_vec()]);
    }

    #[test]
    fn chown_is_two_maps() {
        let map = |text: &[u8]| Some(text.to_vec());
        assert_eq!(split_chown(b"5"), (map(b"*:5"), None));
        assert_eq!(split_chown(b"5:"), (map(b"*:5"), None));
        assert_eq!(split_chown(b":5"), (None, map(b"*:5")));
        assert_eq!(split_chown(b"a:b:c"), (map(b"*:a"), map(b"*:b:c")));
        assert_eq!(split_chown(b":"), (None, None));
    }
}
