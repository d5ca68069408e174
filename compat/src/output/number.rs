//! Numbers for people (rsync(1), --human-readable), as the locale writes them (locale(7), LC_NUMERIC).

/// How numbers are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Human {
    /// Digits only (`--no-h`).
    Plain,
    /// Digits in groups of three, the default.
    Grouped,
    /// Units of 1000 (`-h`).
    Decimal,
    /// Units of 1024 (`-hh`).
    Binary,
}

impl Human {
    /// The level for that many `-h`, counted as rsync does: 0 is `--no-h`, 1 the default.
    #[must_use]
    pub fn from_level(level: u32) -> Human {
        match level {
            0 => Human::Plain,
            1 => Human::Grouped,
            2 => Human::Decimal,
            _ => Human::Binary,
        }
    }
}

/// How the locale writes numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numerals {
    /// What stands before decimals, filled up with NUL.
    point: [u8; POINT_BYTES],
}

/// The longest decimal point of any locale, in bytes.
const POINT_BYTES: usize = 4;

impl Numerals {
    /// Those of the locale `C`.
    pub const C: Numerals = Numerals { point: [b'.', 0, 0, 0] };

    /// Those of a locale with this decimal point (nl_langinfo(3), RADIXCHAR); of `C` where there is none.
    #[must_use]
    pub fn of_point(point: &[u8]) -> Numerals {
        let mut numerals = Numerals { point: [0; POINT_BYTES] };
        match numerals.point.get_mut(..point.len()) {
            Some(room) if !point.is_empty() => room.copy_from_slice(point),
            _ => return Numerals::C,
        }
        numerals
    }

    /// What stands before decimals.
    #[must_use]
    pub fn point(&self) -> &[u8] {
        let length = self.point.iter().position(|&byte| byte == 0).unwrap_or(POINT_BYTES);
        &self.point[..length]
    }

    /// What stands between groups of three digits. rsync doesn't ask the locale: it takes what is no decimal point.
    #[must_use]
    pub fn separator(&self) -> u8 {
        if self.point() == b"." { b',' } else { b'.' }
    }

    /// A number with so many decimals.
    #[must_use]
    pub fn fixed(&self, value: f64, decimals: usize) -> Vec<u8> {
        self.written(format!("{value:.decimals$}").as_bytes())
    }

    /// A number that was written as in `C`.
    #[must_use]
    pub fn written(&self, text: &[u8]) -> Vec<u8> {
        match text.iter().position(|&byte| byte == b'.') {
            Some(at) => [&text[..at], self.point(), &text[at + 1..]].concat(),
            None => text.to_vec(),
        }
    }
}

/// How numbers are shown, and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// How they are shown.
    pub human: Human,
    /// How they are written.
    pub numerals: Numerals,
}

impl From<Human> for Numbers {
    fn from(human: Human) -> Numbers {
        Numbers { human, numerals: Numerals::C }
    }
}

impl Numbers {
    /// The same without units: numbers that count no bytes are grouped at most.
    #[must_use]
    pub fn grouped(self) -> Numbers {
        Numbers { human: self.human.min(Human::Grouped), ..self }
    }
}

/// Appends a whole number.
pub fn push_number(out: &mut Vec<u8>, value: i64, numbers: Numbers) {
    if !push_scaled(out, value as f64, numbers) {
        push_grouped(out, value.to_string().as_bytes(), numbers);
    }
}

/// Appends a number with `decimals` decimals, such as a rate.
pub fn push_decimal(out: &mut Vec<u8>, value: f64, decimals: usize, numbers: Numbers) {
    if push_scaled(out, value, numbers) {
        return;
    }
    let text = format!("{value:.decimals$}");
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    push_grouped(out, whole.as_bytes(), numbers);
    out.extend_from_slice(&numbers.numerals.written(fraction.as_bytes()));
}

/// `1.23M`, when the level has units and the value reaches the first; tells whether it wrote.
fn push_scaled(out: &mut Vec<u8>, value: f64, numbers: Numbers) -> bool {
    let unit = match numbers.human {
        Human::Plain | Human::Grouped => return false,
        Human::Decimal => 1000.0,
        Human::Binary => 1024.0,
    };
    let mut scaled = value / unit;
    if scaled.abs() < 1.0 {
        return false;
    }
    let mut suffix = b'K';
    for next in *b"MGTP" {
        if scaled.abs() < unit {
            break;
        }
        scaled /= unit;
        suffix = next;
    }
    out.extend_from_slice(&numbers.numerals.fixed(scaled, 2));
    out.push(suffix);
    true
}

/// The whole part, in groups of three unless plain.
fn push_grouped(out: &mut Vec<u8>, whole: &[u8], numbers: Numbers) {
    let digits = whole.strip_prefix(b"-").unwrap_or(whole);
    out.extend_from_slice(&whole[..whole.len() - digits.len()]);
    for (at, digit) in digits.iter().enumerate() {
        if numbers.human != Human::Plain && at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(numbers.numerals.separator());
        }
        out.push(*digit);
    }
}

/// The number as bytes.
#[must_use]
pub fn number(value: i64, numbers: Numbers) -> Vec<u8> {
    let mut out = Vec::new();
    push_number(&mut out, value, numbers);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// value and its forms at the four levels, printed by rsync 3.5.0 with `%l %'l %''l %'''l`.
    const CASES: &[(i64, &str)] = &[
        (0, "0 0 0 0"),
        (999, "999 999 999 999"),
        (1000, "1000 1,000 1.00K 1,000"),
        (1023, "1023 1,023 1.02K 1,023"),
        (1024, "1024 1,024 1.02K 1.00K"),
        (9999, "9999 9,999 10.00K 9.76K"),
        (99_999, "99999 99,999 100.00K 97.66K"),
        (999_949, "999949 999,949 999.95K 976.51K"),
        (999_999, "999999 999,999 1000.00K 976.56K"),
        (1_000_000, "1000000 1,000,000 1.00M 976.56K"),
        (1_048_575, "1048575 1,048,575 1.05M 1024.00K"),
        (1_048_576, "1048576 1,048,576 1.05M 1.00M"),
        (1_234_567, "1234567 1,234,567 1.23M 1.18M"),
        (9_995_000, "9995000 9,995,000 9.99M 9.53M"),
        (999_999_999, "999999999 999,999,999 1000.00M 953.67M"),
        (5_000_000_000, "5000000000 5,000,000,000 5.00G 4.66G"),
        (1_500_000_000_000, "1500000000000 1,500,000,000,000 1.50T 1.36T"),
    ];

    #[test]
    fn numbers_are_printed_as_rsync_prints_them() {
        for (value, wanted) in CASES {
            let forms: Vec<_> = [Human::Plain, Human::Grouped, Human::Decimal, Human::Binary]
                .map(|human| String::from_utf8(number(*value, human.into())).unwrap())
                .into();
            assert_eq!(forms.join(" "), *wanted);
        }
    }

    #[test]
    fn rates_have_decimals() {
        let mut out = Vec::new();
        push_decimal(&mut out, 18_302_557.333, 2, Human::Grouped.into());
        assert_eq!(out, b"18,302,557.33");
    }

    /// What rsync 3.5.0 prints in the locales de_DE, ps_AF, de_CH and C.
    #[test]
    fn the_locale_writes_numbers() {
        let cases: &[(&str, &str)] = &[
            (",", "1.234.567,25 1,23M"),
            ("\u{66b}", "1.234.567\u{66b}25 1\u{66b}23M"),
            (".", "1,234,567.25 1.23M"),
            ("", "1,234,567.25 1.23M"),
        ];
        for (point, wanted) in cases {
            let numerals = Numerals::of_point(point.as_bytes());
            let mut out = Vec::new();
            push_decimal(&mut out, 1_234_567.25, 2, Numbers { human: Human::Grouped, numerals });
            out.push(b' ');
            push_number(&mut out, 1_234_567, Numbers { human: Human::Decimal, numerals });
            assert_eq!(String::from_utf8(out).unwrap(), *wanted);
        }
    }
}
