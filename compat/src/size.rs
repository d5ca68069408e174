//! Sizes with units: `--max-size`, `--min-size`, `--bwlimit`, `--max-alloc`, `--block-size` (rsync(1), --max-size).

use crate::output::number::{Human, Numbers, Numerals, number};

/// What a size option allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The unit of a number without letters.
    pub default_unit: Unit,
    /// The smallest value beside 0, which then means "unlimited".
    pub min_bytes: Option<i64>,
    /// The largest value.
    pub max_bytes: Option<i64>,
}

/// A unit that can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// 1024 bytes.
    Kibibytes,
}

/// `--max-size` and `--min-size`.
pub const FILE_SIZE: Limits = Limits { default_unit: Unit::Bytes, min_bytes: None, max_bytes: None };
/// `--bwlimit`.
pub const BANDWIDTH: Limits = Limits { default_unit: Unit::Kibibytes, min_bytes: Some(512), max_bytes: None };
/// `--max-alloc`.
pub const ALLOCATION: Limits =
    Limits { default_unit: Unit::Bytes, min_bytes: Some(1 << 20), max_bytes: None };
/// `--block-size`.
pub const BLOCK: Limits = Limits { default_unit: Unit::Bytes, min_bytes: None, max_bytes: Some(128 << 10) };
/// The same before protocol 30.
pub const OLD_BLOCK: Limits = Limits { max_bytes: Some(512 << 20), ..BLOCK };

/// Why a size is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeError {
    /// It is not a size.
    Invalid,
    /// It is above the maximum, negative, or beyond 63 bits.
    TooLarge {
        /// The option's own maximum.
        max_bytes: Option<i64>,
    },
    /// It is below the minimum, and not 0.
    TooSmall {
        /// The minimum.
        min_bytes: i64,
    },
}

impl SizeError {
    /// rsync's line for `--option=text`, without newline; `option` comes without dashes.
    #[must_use]
    pub fn message(&self, option: &str, text: &[u8], numerals: Numerals) -> Vec<u8> {
        let numbers = Numbers { human: Human::Binary, numerals };
        let shown = |bytes| String::from_utf8_lossy(&number(bytes, numbers)).into_owned();
        let fault = match self {
            SizeError::Invalid => " is invalid".to_owned(),
            SizeError::TooLarge { max_bytes: None } => " is too large".to_owned(),
            SizeError::TooLarge { max_bytes: Some(max) } => format!(" is too large (max: {})", shown(*max)),
            SizeError::TooSmall { min_bytes } => {
                format!(" is too small (min: {} or 0 for unlimited)", shown(*min_bytes))
            }
        };
        [b"rsync: --", option.as_bytes(), b"=", text, fault.as_bytes()].concat()
    }
}

/// Parses a size into bytes. No digits at all are 0, as rsync has it. Where the locale's decimal point is none, rsync
/// reads over decimals behind a point, and over those behind a comma that is not the locale's.
///
/// # Errors
/// What rsync refuses. A value out of range is told before bytes that make no sense.
pub fn parse_size(text: &[u8], limits: &Limits, numerals: Numerals) -> Result<i64, SizeError> {
    let too_large = SizeError::TooLarge { max_bytes: limits.max_bytes };
    if text.first() == Some(&b'-') && text.get(1..).is_some_and(|rest| number_prefix(rest, numerals).0 > 0.0)
    {
        return Err(too_large);
    }
    let (value, rest) = number_prefix(text, numerals);
    let (multiplier, rest) = take_unit(rest, limits.default_unit);
    let (offset, rest) = match rest {
        b"+1" if rest.len() < text.len() => (1, b"".as_slice()),
        b"-1" if rest.len() < text.len() => (-1, b"".as_slice()),
        _ => (0, rest),
    };
    // A unit beyond the maximum is too large whatever stands before it.
    if limits.max_bytes.is_some_and(|max| multiplier > max as f64) {
        return Err(too_large);
    }
    let scaled = value * multiplier;
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    if scaled >= BEYOND {
        return Err(too_large);
    }
    let bytes = (scaled as i64).saturating_add(offset);
    if bytes < 0 || limits.max_bytes.is_some_and(|max| bytes > max) {
        return Err(too_large);
    }
    if !rest.is_empty() {
        return Err(SizeError::Invalid);
    }
    match limits.min_bytes {
        Some(min_bytes) if bytes != 0 && bytes < min_bytes => Err(SizeError::TooSmall { min_bytes }),
        Some(_) | None => Ok(bytes),
    }
}

/// Digits with at most one point, and what follows.
fn number_prefix(text: &[u8], numerals: Numerals) -> (f64, &[u8]) {
    let is_point = |byte: u8| byte == b'.' || byte == b',' && numerals.point() != b".";
    let count = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = count(text);
    let (digits, rest) = match text[whole..].split_first() {
        Some((&byte, decimals)) if is_point(byte) => {
            let read = if numerals.point() == [byte] { count(decimals) } else { 0 };
            let digits = [&text[..whole], b".", &decimals[..read]].concat();
            (digits, &decimals[count(decimals)..])
        }
        _ => (text[..whole].to_vec(), &text[whole..]),
    };
    // Only "" and "." do not parse; both are 0.
    (std::str::from_utf8(&digits).unwrap_or("").parse().unwrap_or(0.0), rest)
}

/// The unit's factor, and what follows: one letter or `KiB` count by 1024, `KB` by 1000.
fn take_unit(text: &[u8], default: Unit) -> (f64, &[u8]) {
    const LETTERS: &[u8] = b"bkmgtp";
    let power =
        text.first().and_then(|byte| LETTERS.iter().position(|letter| *letter == byte.to_ascii_lowercase()));
    let Some(power) = power else {
        return match default {
            Unit::Bytes => (1.0, text),
            Unit::Kibibytes => (1024.0, text),
        };
    };
    let (step, rest): (f64, _) = match &text[1..] {
        [b'b' | b'B', rest @ ..] => (1000.0, rest),
        [b'i' | b'I', b'b' | b'B', rest @ ..] => (1024.0, rest),
        rest => (1024.0, rest),
    };
    (step.powi(power as i32), rest)
}

/// A bandwidth in bytes a second as rsync keeps it: whole KiB, rounded.
#[must_use]
pub fn bandwidth_kib(bytes: i64) -> i64 {
    bytes.saturating_add(512) / 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checked with files of these sizes against rsync 3.5.0.
    #[test]
    fn sizes() {
        let cases: &[(&str, i64)] = &[
            ("1.5k", 1536),
            ("1.5kb", 1500),
            ("1K", 1024),
            ("1KiB", 1024),
            ("1k-1", 1023),
            ("1k+1", 1025),
            ("5-1", 4),
            ("1.0001k", 1024),
            ("1.4999k", 1535),
            (".0049k", 5),
            ("", 0),
            ("k", 0),
            (".", 0),
            ("5.9", 5),
            ("1bb", 1),
            ("1.499kb", 1499),
            ("1g", 1 << 30),
        ];
        for (text, wanted) in cases {
            assert_eq!(parse_size(text.as_bytes(), &FILE_SIZE, Numerals::C), Ok(*wanted), "{text}");
        }
    }

    /// Checked likewise in the locales de_DE and ps_AF.
    #[test]
    fn sizes_in_other_locales() {
        let cases: &[(&str, &str, i64)] = &[
            ("1,5k", ",", 1536),
            ("1.5k", ",", 1024),
            ("1,5kb", ",", 1500),
            ("1,5k-1", ",", 1535),
            (",5k", ",", 512),
            ("1,5k", "\u{66b}", 1024),
            ("1.5kib", "\u{66b}", 1024),
        ];
        for (text, point, wanted) in cases {
            let numerals = Numerals::of_point(point.as_bytes());
            assert_eq!(parse_size(text.as_bytes(), &FILE_SIZE, numerals), Ok(*wanted), "{text} {point}");
        }
    }

    /// What `--max-size`, `--bwlimit`, `--max-alloc` and `--block-size` of rsync 3.5.0 say.
    #[test]
    fn refusals() {
        let max_size = |text: &str| parse_size(text.as_bytes(), &FILE_SIZE, Numerals::C);
        for text in [
            "abc", "1ki", "1e", "+1", "1k+2", "1,000", "1.5.5", "1 k", "0x10", "1k ", "-0", "+5", "1ib",
            "1e3", "--1",
        ] {
            assert_eq!(max_size(text), Err(SizeError::Invalid), "{text}");
        }
        for text in
            ["-1", "-5", "-1k", "-1-1", "0-1", ".-1", "k-1", "8192p", "8192p-1", "9223372036854775807"]
        {
            assert_eq!(max_size(text), Err(SizeError::TooLarge { max_bytes: None }), "{text}");
        }
        let cases: &[(&str, &str, &Limits, &str)] = &[
            ("block-size", "1m-2", &BLOCK, "rsync: --block-size=1m-2 is too large (max: 128.00K)"),
            (
                "bwlimit",
                "1.5b",
                &BANDWIDTH,
                "rsync: --bwlimit=1.5b is too small (min: 512 or 0 for unlimited)",
            ),
            (
                "max-alloc",
                "1k",
                &ALLOCATION,
                "rsync: --max-alloc=1k is too small (min: 1.00M or 0 for unlimited)",
            ),
            ("block-size", "0.05m", &BLOCK, "rsync: --block-size=0.05m is too large (max: 128.00K)"),
            ("min-size", "q", &FILE_SIZE, "rsync: --min-size=q is invalid"),
        ];
        for (option, text, limits, wanted) in cases {
            let error = parse_size(text.as_bytes(), limits, Numerals::C).unwrap_err();
            assert_eq!(
                String::from_utf8_lossy(&error.message(option, text.as_bytes(), Numerals::C)),
                *wanted
            );
        }
        assert_eq!(parse_size(b"0.5", &BANDWIDTH, Numerals::C), Ok(512));
        assert_eq!(parse_size(b"128k", &BLOCK, Numerals::C), Ok(131_072));
    }
}
