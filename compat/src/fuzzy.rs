//! Which file of a directory looks like an older version of a missing one (rsync(1), `--fuzzy`).
//!
//! The measure was learnt from what rsync 3.5.0 prints with `--debug=fuzzy2`: the number of single changes that lead
//! from one name to the other, and among equal numbers how far apart the characters are; suffixes weigh ten times.

/// One change; what characters differ by is below it.
const CHANGE: u32 = 1 << 16;
/// Names that are further away than this are not related.
const DISTANCE_MAX: u32 = 25 * CHANGE;
/// How much more the suffix counts.
const SUFFIX_WEIGHT: u32 = 10;

/// The best so far.
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    distance: u32,
}

impl Choice {
    /// None so far.
    #[must_use]
    pub const fn new() -> Choice {
        Choice { distance: DISTANCE_MAX }
    }

    /// Whether a name is as close to the wanted one as the best before, which is forgotten then.
    pub fn improves(&mut self, wanted: &[u8], name: &[u8]) -> bool {
        let Some(distance) = distance(wanted, name, self.distance) else { return false };
        if distance > self.distance {
            return false;
        }
        self.distance = distance;
        true
    }
}

impl Default for Choice {
    fn default() -> Choice {
        Choice::new()
    }
}

/// How far apart two names are; `None` when their lengths alone differ by more than `limit`.
fn distance(wanted: &[u8], name: &[u8], limit: u32) -> Option<u32> {
    let changes = u32::try_from(wanted.len().abs_diff(name.len())).unwrap_or(u32::MAX);
    if changes.saturating_mul(CHANGE) > limit {
        return None;
    }
    let of_suffixes = edits(suffix(wanted), suffix(name));
    Some(edits(wanted, name).saturating_add(of_suffixes.saturating_mul(SUFFIX_WEIGHT)))
}

/// The least sum of changes: a character that is exchanged adds the difference of both, one that is left out or put
/// in adds itself, unless that is at the very beginning.
fn edits(one: &[u8], two: &[u8]) -> u32 {
    if one.is_empty() || two.is_empty() {
        return one.iter().chain(two).map(|&byte| CHANGE + u32::from(byte)).sum();
    }
    let mut row: Vec<u32> = (0..=two.len()).map(|changes| changes as u32 * CHANGE).collect();
    for (above, &left) in one.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], (above as u32 + 1) * CHANGE);
        for (at, &top) in two.iter().enumerate() {
            let exchanged =
                if left == top { diagonal } else { diagonal + CHANGE + u32::from(left.abs_diff(top)) };
            let left_out = row[at + 1] + CHANGE + u32::from(left);
            let put_in = row[at] + CHANGE + u32::from(top);
            diagonal = std::mem::replace(&mut row[at + 1], exchanged.min(left_out).min(put_in));
        }
    }
    row[two.len()]
}

/// The last suffix of a name, its dot included: not the mark of an older version at the very end, and a number only
/// where there is nothing else. Dots in front start no suffix.
fn suffix(name: &[u8]) -> &[u8] {
    let start = name.iter().take_while(|&&byte| byte == b'.').count();
    let mut end = name.len();
    let mut number: &[u8] = b"";
    if let Some(last) = last_suffix(&name[start..])
        && is_old_version(last)
    {
        end -= last.len();
    } else if name.ends_with(b"~") {
        end -= 1;
    }
    while let Some(suffix) = name.get(start..end).and_then(last_suffix) {
        if suffix.len() == 1 || !suffix[1..].iter().all(u8::is_ascii_digit) {
            return suffix;
        }
        number = suffix;
        end -= suffix.len();
    }
    number
}

fn last_suffix(name: &[u8]) -> Option<&[u8]> {
    name.iter().rposition(|&byte| byte == b'.').map(|dot| &name[dot..])
}

fn is_old_version(suffix: &[u8]) -> bool {
    matches!(suffix, b".bak" | b".old" | b".orig" | [b'.', b'~', b'0'..=b'9', b'~'])
}

#[cfg(test)]
mod tests {
    use super::{CHANGE, Choice, DISTANCE_MAX, distance};

    /// As `--debug=fuzzy2` prints it.
    fn shown(wanted: &str, name: &str) -> String {
        let distance = distance(wanted.as_bytes(), name.as_bytes(), DISTANCE_MAX);
        distance.map_or("none".to_owned(), |far| format!("{}.{:05}", far / CHANGE, far % CHANGE))
    }

    /// wanted, candidate, distance: printed by rsync 3.5.0.
    const CASES: [(&str, &str, &str); 34] = [
        ("abc", "abd", "1.00001"),
        ("abc", "ab", "1.00099"),
        ("abc", "abcd", "1.00100"),
        ("abc", "xbc", "1.00023"),
        ("abc", "a", "2.00197"),
        ("abc", "zzz", "3.00072"),
        ("report.txt", "report.txt~", "1.00126"),
        ("report.txt", "report.txt.bak", "4.00348"),
        ("report.txt", "report.txt.orig", "5.00479"),
        ("report.txt", "report.txt.1", "2.00095"),
        ("report.txt", "report.txt.2024", "5.00246"),
        ("report.txt", "report.txt.rej", "34.00677"),
        ("report.txt", "report.txt.gz", "33.01581"),
        ("report.txt", "report.bak", "43.04030"),
        ("report.txt", "report", "44.04378"),
        ("report.txt", "report~", "44.04264"),
        ("report.txt", ".report.txt", "1.00000"),
        ("report.txt", "report.txt.tmp", "24.00533"),
        ("report.txt", "report.tx", "11.01276"),
        ("report.txt", "zzz", "50.03994"),
        ("a.tar.gz", "a.tar.bz2", "22.00605"),
        ("a.tar.gz", "a.zip", "36.01611"),
        ("a.tar.gz", "a.tar", "33.01451"),
        ("a.tar.gz", "a.gz", "4.00114"),
        ("file1", "file10", "1.00048"),
        (".hidden", ".hidde", "1.00110"),
        (".hidden", ".x", "6.00520"),
        (".hidden", "hidden", "1.00000"),
        ("nosuffix", "nosuffix.txt", "44.04378"),
        ("nosuffix", "nosuffi.x", "21.01706"),
        ("n.x", "n.y", "11.00011"),
        ("n.x", "n", "22.01826"),
        ("report.txt", "abcdefghijklmnopqrstuvwxyreport.txt", "25.00000"),
        ("report.txt", "abcdefghijklmnopqrstuvwxyzreport.txt", "none"),
    ];

    #[test]
    fn distances_are_rsyncs() {
        for (wanted, name, expected) in CASES {
            assert_eq!(shown(wanted, name), expected, "{wanted} {name}");
        }
    }

    /// name, suffix: what the distances to a name without suffix show.
    #[test]
    fn suffixes_are_rsyncs() {
        let cases = [
            ("x.txt", ".txt"),
            ("x.", "."),
            ("x.txt.", "."),
            ("..x", ""),
            (".x.y", ".y"),
            ("x.bak", ""),
            ("x.bak~", ".bak"),
            ("x.txt~", ".txt"),
            ("x.txt~~", ".txt~"),
            ("x.txt.~1~", ".txt"),
            ("x.txt.~22~", ".~22"),
            ("x.~1~.1", ".~1~"),
            ("x.txt.old.bak", ".old"),
            ("x.txt.BAK", ".BAK"),
            ("x.1", ".1"),
            ("x.1.22", ".1"),
            ("x.txt.1.22~", ".txt"),
            ("x.1.22.bak", ".1"),
            ("a.b..bak", "."),
            ("..a.bak", ""),
        ];
        for (name, expected) in cases {
            let found = super::suffix(name.as_bytes());
            assert_eq!(std::str::from_utf8(found), Ok(expected), "{name}");
        }
    }

    #[test]
    fn the_last_of_equally_close_names_is_taken() {
        let mut choice = Choice::new();
        let names = [".report-2024.txt", "REPORT-2024.TXT", "eport-2024.txt", "report-2023.txt", "report"];
        let taken = names.map(|name| choice.improves(b"report-2024.txt", name.as_bytes()));
        assert_eq!(taken, [true, false, true, false, false]);
        assert!(!Choice::default().improves(b"file", b"a name that is much too long to be that"));
    }
}
