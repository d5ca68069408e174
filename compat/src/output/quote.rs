//! Names as rsync prints them: bytes a terminal should not see become `\#ooo` (rsync(1), --8-bit-output).

/// What the locale says about bytes from 0x80 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locale {
    /// Valid UTF-8 sequences are printable.
    Utf8,
    /// Each of these bytes is a character, and printable (ISO 8859 and others).
    Bytes(HighBytes),
    /// No byte from 0x80 on is printable (`C`, `POSIX`).
    C,
    /// Nobody set one: 0x7f is not printable either.
    Unset,
}

impl Locale {
    /// What is printable for who has not asked for the character set: what the library's functions on single bytes say.
    #[must_use]
    pub fn of_single_bytes(self) -> Locale {
        match self {
            Locale::Utf8 | Locale::C | Locale::Unset => Locale::Unset,
            single @ Locale::Bytes(_) => single,
        }
    }
}

/// Some of the bytes from 0x80 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HighBytes(u128);

impl HighBytes {
    /// Those of which that is true.
    #[must_use]
    pub fn that(mut is_one: impl FnMut(u8) -> bool) -> HighBytes {
        let bits = (0x80..=0xff).filter(|&byte| is_one(byte)).map(|byte: u8| 1 << (byte & 0x7f));
        HighBytes(bits.fold(0, |all: u128, bit: u128| all | bit))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn contains(self, byte: u8) -> bool {
        byte >= 0x80 && self.0 >> (byte & 0x7f) & 1 == 1
    }
}

/// Whether bytes from 0x80 on are printed as they are (`-8`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EightBit {
    /// The locale decides.
    Escape,
    /// They are never escaped.
    Keep,
}

/// Appends `name` as rsync prints it on standard output and in messages.
pub fn quote_into(out: &mut Vec<u8>, name: &[u8], locale: Locale, eight_bit: EightBit) {
    let mut rest = name;
    while let Some(&byte) = rest.first() {
        let kept = match (byte, eight_bit, locale) {
            (0x80.., EightBit::Keep, _) => 1,
            (0x80.., EightBit::Escape, Locale::Utf8) => utf8_length(rest),
            (0x80.., EightBit::Escape, Locale::Bytes(printable)) => usize::from(printable.contains(byte)),
            (0x80.., EightBit::Escape, Locale::C | Locale::Unset)
            | (0x7f, EightBit::Escape, Locale::Unset) => 0,
            _ => usize::from(is_plain_ascii(rest)),
        };
        let taken = kept.max(1);
        match kept {
            0 => push_octal(out, byte),
            _ => out.extend_from_slice(&rest[..taken]),
        }
        rest = &rest[taken..];
    }
}

/// Appends `name` as the log file has it: C0 and 0x80–0x9f are escaped whatever the locale.
pub fn quote_for_log(out: &mut Vec<u8>, name: &[u8]) {
    for (at, &byte) in name.iter().enumerate() {
        if matches!(byte, 0x80..=0x9f) || !is_plain_ascii(&name[at..]) {
            push_octal(out, byte);
        } else {
            out.push(byte);
        }
    }
}

/// Whether the first byte, if below 0x80, stands for itself.
fn is_plain_ascii(rest: &[u8]) -> bool {
    match rest {
        [b'\t', ..] => true,
        [0..=0x1f, ..] => false,
        // What looks like an escape is escaped, so that output can be read back.
        [b'\\', b'#', a, b, c, ..] => ![a, b, c].iter().all(|byte| byte.is_ascii_digit()),
        _ => true,
    }
}

/// Appends a byte as `\#ooo`.
pub fn push_octal(out: &mut Vec<u8>, byte: u8) {
    out.extend_from_slice(&[b'\\', b'#', b'0' + (byte >> 6), b'0' + (byte >> 3 & 7), b'0' + (byte & 7)]);
}

/// The length of the sequence that starts here, as the C library decodes UTF-8: up to six bytes, no overlong form,
/// no surrogate; 0 when there is none.
fn utf8_length(rest: &[u8]) -> usize {
    let first = rest[0];
    let length = match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf7 => 4,
        0xf8..=0xfb => 5,
        0xfc..=0xfd => 6,
        _ => return 0,
    };
    let Some(tail) = rest.get(1..length) else { return 0 };
    if tail.iter().any(|byte| byte & 0xc0 != 0x80) {
        return 0;
    }
    let is_refused = match first {
        0xe0 => tail[0] < 0xa0,
        0xed => tail[0] >= 0xa0,
        0xf0 => tail[0] < 0x90,
        0xf8 => tail[0] < 0x88,
        0xfc => tail[0] < 0x84,
        _ => false,
    };
    if is_refused { 0 } else { length }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(name: &[u8], locale: Locale, eight_bit: EightBit) -> Vec<u8> {
        let mut out = Vec::new();
        quote_into(&mut out, name, locale, eight_bit);
        out
    }

    /// name, C locale, UTF-8 locale: printed by rsync 3.5.0.
    const CASES: &[(&[u8], &[u8], &[u8])] = &[
        (b"tab\tx", b"tab\tx", b"tab\tx"),
        (b"esc\x1b", b"esc\\#033", b"esc\\#033"),
        (b"del\x7f", b"del\x7f", b"del\x7f"),
        (b"back\\slash", b"back\\slash", b"back\\slash"),
        (b"b\\#123", b"b\\#134#123", b"b\\#134#123"),
        (b"b\\#12", b"b\\#12", b"b\\#12"),
        (b"b\\#x1", b"b\\#x1", b"b\\#x1"),
        (b"b\\#789", b"b\\#134#789", b"b\\#134#789"),
        (b"\\\\#123", b"\\\\#134#123", b"\\\\#134#123"),
        (b"hi\xff", b"hi\\#377", b"hi\\#377"),
        (b"u\xc3\xa9", b"u\\#303\\#251", b"u\xc3\xa9"),
        (b"e\xc3\xc3\xa9", b"e\\#303\\#303\\#251", b"e\\#303\xc3\xa9"),
        (b"c1\xc2\x85", b"c1\\#302\\#205", b"c1\xc2\x85"),
        (b"trunc\xc3", b"trunc\\#303", b"trunc\\#303"),
        (b"sur\xed\xa0\x80", b"sur\\#355\\#240\\#200", b"sur\\#355\\#240\\#200"),
        (b"over\xc0\xaf", b"over\\#300\\#257", b"over\\#300\\#257"),
        (b"\xe0\x80\x80o", b"\\#340\\#200\\#200o", b"\\#340\\#200\\#200o"),
        (b"\xe2\x82bad", b"\\#342\\#202bad", b"\\#342\\#202bad"),
        (b"\xf8\x88\x80\x80\x80five", b"\\#370\\#210\\#200\\#200\\#200five", b"\xf8\x88\x80\x80\x80five"),
    ];

    #[test]
    fn names_are_printed_as_rsync_prints_them() {
        for (name, in_c, in_utf8) in CASES {
            assert_eq!(&quoted(name, Locale::C, EightBit::Escape), in_c);
            assert_eq!(&quoted(name, Locale::Utf8, EightBit::Escape), in_utf8);
        }
        assert_eq!(quoted(b"hi\xff\x1b", Locale::C, EightBit::Keep), b"hi\xff\\#033");
    }

    #[test]
    fn the_log_file_keeps_bytes_from_0xa0() {
        let mut out = Vec::new();
        quote_for_log(&mut out, b"c\x80\x9f\xa0\xc2\x85\n\t\\#123");
        assert_eq!(out, b"c\\#200\\#237\xa0\xc2\\#205\\#012\t\\#134#123");
    }
}
